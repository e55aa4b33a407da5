// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/counting.hpp"

/// Running the calls of an action with the vault's signature where, and only where, it was
/// declared.
namespace latchkey::solana::program {

/// What every call of one action shares.
struct CallFrame {
    const Input* input;
    /// The seeds that sign for the vault.
    const uint8_t* wallet_id;
    /// The lane's operator, null without a lane.
    const uint8_t* operator_account;
    /// Bit i: a call may refer to account i.
    uint64_t referable;
    /// The rule's SCOPE, null when any call is allowed.
    const uint8_t* scope;
    /// Null when nothing is counted.
    Ledger* ledger;
};

/// Calls refer to the accounts after the fixed ones, and to state and vault.
LATCHKEY_INLINE uint64_t referable_accounts(const Input& input, uint64_t first_account) {
    const uint64_t all = (uint64_t{1} << input.account_count) - 1;
    // Lane and operator are not in the leaf under their own keys: a call that means one of them
    // passes it again.
    return first_account == 2 ? all : all & ~uint64_t{0x0c};
}

namespace detail {

LATCHKEY_INLINE bool is_loader(const uint8_t* key) {
    return equals(key, kUpgradeableLoader) || equals(key, kLoaderV4) || equals(key, kLoader2) ||
           equals(key, kLoader1) || equals(key, kNativeLoader);
}

/// Another signature of the transaction may be passed on: never the lane operator's, and never the
/// fee payer's, which is always writable and never empty.
LATCHKEY_COLD inline bool may_forward(const uint8_t* account, const uint8_t* operator_account) {
    if (!is_signer(account) || account == operator_account) {
        return false;
    }
    return !is_writable(account) || (lamports_of(account) == 0 && is_plain(account));
}

/// Writes the metas and infos of one call to scratch memory. Returns the vault's declared bits
/// joined, in the low byte, or a Verdict above it.
LATCHKEY_NOINLINE inline uint64_t write_metas(const Input* input, uint64_t referable,
                                              const uint8_t* operator_account, const uint8_t* meta,
                                              const uint8_t* meta_end) {
    auto* to = reinterpret_cast<SolAccountMeta*>(scratch(kScratchMetas));
    auto* info = reinterpret_cast<SolAccountInfo*>(scratch(kScratchInfos));
    uint64_t vault_bits = 0;
    for (; meta != meta_end; ++meta, ++to, ++info) {
        const uint64_t declared = *meta;
        const uint64_t index = declared & kMetaIndexMask;
        if ((referable >> index & 1) == 0) {
            return static_cast<uint64_t>(Verdict::kAccountIndex) << 8;
        }
        uint8_t* const account = input->accounts[index];
        if (account == input->accounts[1]) {
            vault_bits |= declared;
        } else if (declared >= kMetaSigner && !may_forward(account, operator_account)) {
            return static_cast<uint64_t>(Verdict::kSignerForwarded) << 8;
        }
        to->address = key_of(account);
        // is_writable and is_signer, next to each other.
        core::store16<8>(reinterpret_cast<uint8_t*>(to), (declared >> 6 | declared << 1) & 0x101);
        describe(account, info);
    }
    return vault_bits;
}

}  // namespace detail

/// Runs the calls from `at` to the end of the instruction. `kPlain`: neither SCOPE nor counting.
template <bool kPlain>
LATCHKEY_NOINLINE inline Verdict run_calls(const CallFrame& frame, const uint8_t* at) {
    const Input& input = *frame.input;
    static constexpr uint8_t kVaultSeed[5] = {'v', 'a', 'u', 'l', 't'};
    const SolSignerSeed seeds[2] = {{kVaultSeed, 5}, {frame.wallet_id, 32}};
    const SolSignerSeeds signer = {seeds, 2};
    uint64_t calls = 0;
    while (at != input.end) {
        if (calls++ == kMaximumCalls) {
            return Verdict::kTooManyCalls;
        }
        const uint64_t program_index = at[0];
        const uint64_t meta_count = at[1];
        const uint8_t* const meta = at + 2;
        const uint8_t* const meta_end = meta + meta_count;
        if (meta_end >= input.end) {
            return Verdict::kDataTooShort;
        }
        const uint8_t* data = meta_end + 1;
        uint64_t length = *meta_end;
        if (length >= 0x80) {
            length = (length & 0x7f) << 8 | *data++;
            if (length < 0x80) {
                return Verdict::kNonCanonical;
            }
        }
        at = data + length;
        if (at > input.end) {
            return Verdict::kDataTooShort;
        }
        // State and vault are no programs.
        if (program_index > kMetaIndexMask ||
            ((frame.referable & ~uint64_t{3}) >> program_index & 1) == 0) {
            return Verdict::kAccountIndex;
        }
        const uint8_t* const program = key_of(input.accounts[program_index]);
        if (core::equal32(program, input.program_id)) {
            return Verdict::kTargetReserved;
        }
        if (!kPlain && frame.scope != nullptr) {
            if (!core::scope_allows(frame.scope, program, data, length)) {
                return Verdict::kTargetNotAllowed;
            }
        } else if (detail::is_loader(program)) {
            return Verdict::kTargetReserved;
        }
        const uint64_t written =
            detail::write_metas(&input, frame.referable, frame.operator_account, meta, meta_end);
        if (written > 0xff) {
            return static_cast<Verdict>(written >> 8);
        }
        const SolInstruction instruction = {
            program, reinterpret_cast<SolAccountMeta*>(scratch(kScratchMetas)), meta_count, data,
            length};
        sol_invoke_signed_c(&instruction, reinterpret_cast<SolAccountInfo*>(scratch(kScratchInfos)),
                            meta_count, &signer, 1);
        if ((written & kMetaWritable) != 0 && !is_plain(input.accounts[1])) {
            return Verdict::kVaultChanged;
        }
        if (!kPlain && frame.ledger != nullptr) {
            if (const Verdict bad = settle_ledger(frame.ledger); bad != Verdict::kAccepted) {
                return bad;
            }
        }
    }
    return Verdict::kAccepted;
}

}  // namespace latchkey::solana::program
