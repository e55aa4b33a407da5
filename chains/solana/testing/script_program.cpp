// SPDX-License-Identifier: Apache-2.0
// A program that does what its instruction data says, for tests that need a caller or a hostile
// callee: it reassigns, writes, steals and calls as far as the runtime lets it. Built for the VM
// (script_program.so) and, as `script_entrypoint`, for the native runtime. ScriptBuilder in
// script.hpp writes its data.
#include "chains/solana/program/accounts.hpp"
#include "chains/solana/testing/script_layout.hpp"

#if defined(__bpf__)
#define LATCHKEY_SCRIPT_ENTRYPOINT entrypoint
#else
#define LATCHKEY_SCRIPT_ENTRYPOINT script_entrypoint
#endif

namespace latchkey::solana::testing {
namespace {

constexpr uint64_t kAccountsMax = 64;
constexpr uint64_t kMetasMax = 24;
constexpr uint64_t kSeedsMax = 4;

struct Script {
    uint8_t* accounts[kAccountsMax];
    uint64_t account_count;
    const uint8_t* at;
    const uint8_t* end;
};

uint64_t next_byte(Script* script) {
    return script->at < script->end ? *script->at++ : 0;
}

uint64_t next_integer(Script* script, uint64_t bytes) {
    uint64_t value = 0;
    for (uint64_t i = 0; i < bytes; ++i) {
        value |= next_byte(script) << (8 * i);
    }
    return value;
}

/// Null when there is no such account.
uint8_t* next_account(Script* script) {
    const uint64_t index = next_byte(script);
    return index < script->account_count ? script->accounts[index] : nullptr;
}

LATCHKEY_NOINLINE bool read_accounts(uint8_t* input, Script* script) {
    script->account_count = core::load64(input);
    if (script->account_count > kAccountsMax) {
        return false;
    }
    uint8_t* entry = input + 8;
    for (uint64_t i = 0; i < script->account_count; ++i) {
        if (*entry != 0xff) {
            script->accounts[i] = script->accounts[*entry];
            entry += 8;
            continue;
        }
        script->accounts[i] = entry;
        entry +=
            (program::data_length_of(entry) + 88 + program::kMaximumGrowth + 15) & ~uint64_t{7};
    }
    return true;
}

LATCHKEY_NOINLINE uint64_t call(Script* script) {
    SolAccountMeta metas[kMetasMax];
    SolAccountInfo infos[kMetasMax];
    SolSignerSeed seeds[kSeedsMax];
    const uint8_t* const program = next_account(script);
    const uint64_t count = next_byte(script);
    if (program == nullptr || count > kMetasMax) {
        return kScriptMalformed;
    }
    for (uint64_t i = 0; i < count; ++i) {
        const uint64_t flags = next_byte(script);
        uint8_t* const account = next_account(script);
        if (account == nullptr) {
            return kScriptMalformed;
        }
        metas[i] = {program::key_of(account), static_cast<uint8_t>(flags >> 1 & 1),
                    static_cast<uint8_t>(flags & 1)};
        program::describe(account, &infos[i]);
    }
    const uint64_t length = next_integer(script, 2);
    const uint8_t* const data = script->at;
    if (length > static_cast<uint64_t>(script->end - script->at)) {
        return kScriptMalformed;
    }
    script->at += length;
    const uint64_t seed_count = next_byte(script);
    if (seed_count > kSeedsMax) {
        return kScriptMalformed;
    }
    for (uint64_t i = 0; i < seed_count; ++i) {
        const uint64_t seed_length = next_byte(script);
        if (seed_length > static_cast<uint64_t>(script->end - script->at)) {
            return kScriptMalformed;
        }
        seeds[i] = {script->at, seed_length};
        script->at += seed_length;
    }
    const SolInstruction instruction = {program::key_of(program), metas, count, data, length};
    const SolSignerSeeds signer = {seeds, seed_count};
    sol_invoke_signed_c(&instruction, infos, count, &signer, seed_count == 0 ? 0 : 1);
    return 0;
}

LATCHKEY_NOINLINE uint64_t change(Script* script, uint64_t operation) {
    uint8_t* const account = next_account(script);
    if (account == nullptr) {
        return kScriptMalformed;
    }
    if (operation == kScriptMove) {
        uint8_t* const to = next_account(script);
        const uint64_t amount = next_integer(script, 8);
        if (to == nullptr) {
            return kScriptMalformed;
        }
        core::store64<72>(account, program::lamports_of(account) - amount);
        core::store64<72>(to, program::lamports_of(to) + amount);
        return 0;
    }
    if (operation == kScriptAssign) {
        const uint8_t* const owner = next_account(script);
        if (owner == nullptr) {
            return kScriptMalformed;
        }
        core::copy32(program::owner_of(account), program::key_of(owner));
        return 0;
    }
    if (operation == kScriptResize) {
        core::store64<80>(account, next_integer(script, 4));
        return 0;
    }
    const uint64_t offset = next_integer(script, 2);
    const uint64_t value = next_byte(script);
    if (offset >= program::data_length_of(account)) {
        return kScriptMalformed;
    }
    program::data_of(account)[offset] = static_cast<uint8_t>(value);
    return 0;
}

uint64_t run(Script* script) {
    while (script->at < script->end) {
        const uint64_t operation = next_byte(script);
        uint64_t answer = 0;
        if (operation == kScriptCall) {
            answer = call(script);
        } else if (operation == kScriptFail) {
            answer = next_integer(script, 4);
        } else if (operation == kScriptReturn) {
            const uint64_t length = next_byte(script);
            if (length > static_cast<uint64_t>(script->end - script->at)) {
                return kScriptMalformed;
            }
            sol_set_return_data(script->at, length);
            script->at += length;
        } else {
            answer = change(script, operation);
        }
        if (answer != 0) {
            return answer;
        }
    }
    return 0;
}

}  // namespace
}  // namespace latchkey::solana::testing

extern "C" uint64_t LATCHKEY_SCRIPT_ENTRYPOINT(uint8_t* input, const uint8_t* data) {
    using namespace latchkey::solana::testing;
    Script script;
    if (!read_accounts(input, &script)) {
        return kScriptMalformed;
    }
    script.at = data;
    script.end = data + latchkey::core::load64(data - 8);
    return run(&script);
}
