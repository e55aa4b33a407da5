// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/layout/instruction_layout.hpp"
#include "chains/solana/program/syscalls.hpp"
#include "core/authorization/verdict.hpp"
#include "core/freestanding/memory.hpp"

/// The accounts of the instruction, as the loader lays them out in the program's input.
namespace latchkey::solana::program {

using core::reject;
using core::Slice;
using core::Verdict;

/// One account: a pointer to its entry in the input. The same account passed twice is the same
/// pointer.
using Account = uint8_t*;

LATCHKEY_INLINE bool is_signer(const uint8_t* account) {
    return account[1] != 0;
}
LATCHKEY_INLINE bool is_writable(const uint8_t* account) {
    return account[2] != 0;
}
LATCHKEY_INLINE const uint8_t* key_of(const uint8_t* account) {
    return account + 8;
}
LATCHKEY_INLINE uint8_t* owner_of(uint8_t* account) {
    return account + 40;
}
LATCHKEY_INLINE const uint8_t* owner_of(const uint8_t* account) {
    return account + 40;
}
LATCHKEY_INLINE uint64_t lamports_of(const uint8_t* account) {
    return core::load64<72>(account);
}
LATCHKEY_INLINE uint64_t data_length_of(const uint8_t* account) {
    return core::load64<80>(account);
}
LATCHKEY_INLINE uint8_t* data_of(uint8_t* account) {
    return account + 88;
}
LATCHKEY_INLINE const uint8_t* data_of(const uint8_t* account) {
    return account + 88;
}

/// Room the loader leaves behind an account's data for growth within one instruction.
inline constexpr uint64_t kMaximumGrowth = 10240;

/// The instruction as the entry point receives it.
struct Input {
    Account accounts[kMaximumAccounts];
    uint64_t account_count;
    const uint8_t* data;
    /// Behind the data, where the loader puts the program's own id.
    const uint8_t* end;

    LATCHKEY_INLINE const uint8_t* program_id() const { return end; }
};

/// Finds every account's entry in `raw`, the program's input. A function of its own because then
/// the loop has all registers.
LATCHKEY_COLD inline void find_accounts(uint8_t* raw, uint64_t count, Account* accounts) {
    uint8_t* entry = raw + 8;
    Account* to = accounts;
    Account* const last = to + count;
    do {
        const uint64_t marker = *entry;
        if (__builtin_expect(marker == 0xff, true)) {
            *to = entry;
            // Entry head, data, growth room, padding to 8, rent epoch.
            entry += (data_length_of(entry) + 88 + kMaximumGrowth + 8 + 7) & ~uint64_t{7};
        } else {
            *to = accounts[marker];
            entry += 8;
        }
        ++to;
        // Two pointers; the compiler would rather keep an offset and add the base each time.
        asm("" : "+r"(to));
    } while (to != last);
}

/// `data` is the instruction data in `raw`.
LATCHKEY_INLINE Verdict read_input(uint8_t* raw, const uint8_t* data, Input* input) {
    const uint64_t count = core::load64(raw);
    input->account_count = count;
    input->data = data;
    input->end = data + core::load64(data - 8);
    // Every action has two accounts at least.
    if (count - 2 > kMaximumAccounts - 2) {
        return count < 2 ? Verdict::kAccountIndex : Verdict::kTooManyAccounts;
    }
    find_accounts(raw, count, input->accounts);
    return Verdict::kAccepted;
}

/// Owned by this program. Half of the address is compared: to deploy another program with the same
/// 16 bytes takes 2^128 attempts, as many as to find a key.
LATCHKEY_INLINE bool is_ours(const Input& input, const uint8_t* account) {
    const uint8_t* const owner = owner_of(account);
    const uint8_t* const id = input.program_id();
    return core::load64<0>(owner) == core::load64<0>(id) &&
           core::load64<8>(owner) == core::load64<8>(id);
}

/// is_ours as a call, for code that is small rather than fast.
LATCHKEY_NOINLINE inline core::Truth is_ours_cold(const Input& input, const uint8_t* account) {
    return core::same32(owner_of(account), input.program_id());
}

/// Owned by the System program, whose address is zero, and without data.
LATCHKEY_INLINE bool is_plain(const uint8_t* account) {
    const uint8_t* const owner = owner_of(account);
    return (core::load64<0>(owner) | core::load64<8>(owner) | core::load64<16>(owner) |
            core::load64<24>(owner) | data_length_of(account)) == 0;
}

/// What the VM needs to know of an account that is passed on. It takes privileges from the metas,
/// so the flags (and the rent epoch) stay zero. One pointer that walks on costs an instruction a
/// step; the compiler would rather add every offset to the base anew.
LATCHKEY_COLD inline void describe(uint8_t* account, SolAccountInfo* info) {
    info->data_length = data_length_of(account);
    const uint8_t* at = account + 8;
    info->address = at;
    asm("" : "+r"(at));
    at += 32;
    info->owner = at;
    asm("" : "+r"(at));
    at += 32;
    info->lamports = at;
    asm("" : "+r"(at));
    at += 16;
    info->data = at;
}

/// Scratch memory: the VM's 32 KiB heap, which costs nothing and is zero at the start.
#if defined(__bpf__)
LATCHKEY_INLINE uint8_t* scratch(uint64_t offset) {
    return reinterpret_cast<uint8_t*>(0x300000000 + offset);
}
#else
uint8_t* scratch(uint64_t offset);
#endif

// While approvals are checked:
inline constexpr uint64_t kScratchSecp256r1 = 0;     // at most 2 + 8 * 180
inline constexpr uint64_t kScratchEd25519 = 2048;    // at most 2 + 16 * 283
inline constexpr uint64_t kScratchAddresses = 8192;  // 16 * 128
// While calls run, or a configuration is replaced:
inline constexpr uint64_t kScratchShared = 0;         // 4096 + 1024 + 34
inline constexpr uint64_t kScratchMetas = 0;          // 255 * 16
inline constexpr uint64_t kScratchInfos = 4096;       // 255 * 56
inline constexpr uint64_t kScratchTracked = 18432;    // 64 * 216
inline constexpr uint64_t kScratchLedger = 32512;     // 96
inline constexpr uint64_t kScratchCallCount = 32752;  // 8
inline constexpr uint64_t kScratchForwarded = 32760;  // 8
inline constexpr uint64_t kScratchSize = 32768;

}  // namespace latchkey::solana::program
