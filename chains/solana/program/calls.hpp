// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/counting.hpp"

/// Running the calls of an action with the vault's signature where, and only where, it was
/// declared.
namespace latchkey::solana::program {

namespace detail {

LATCHKEY_INLINE bool is_loader(const uint8_t* key) {
    return equals(key, kUpgradeableLoader) || equals(key, kLoaderV4) || equals(key, kLoader2) ||
           equals(key, kLoader1) || equals(key, kNativeLoader);
}

/// The program may be called with this data.
LATCHKEY_INLINE Verdict check_target(const Input& input, const Authorized& out,
                                     const uint8_t* program, const uint8_t* data, uint64_t length) {
    if (core::equal32(program, input.program_id)) {
        return Verdict::kTargetReserved;
    }
    if (out.rule.scope != nullptr) {
        return core::scope_allows(out.rule.scope, program, data, length)
                   ? Verdict::kAccepted
                   : Verdict::kTargetNotAllowed;
    }
    return is_loader(program) ? Verdict::kTargetReserved : Verdict::kAccepted;
}

/// Another signature of the transaction may be passed on: never the lane operator's, and never the
/// fee payer's, which is always writable and never empty.
LATCHKEY_NOINLINE inline bool may_forward(const uint8_t* account, const Authorized& out) {
    if (!is_signer(account) || account == out.operator_account) {
        return false;
    }
    return !is_writable(account) || (lamports_of(account) == 0 && is_plain(account));
}

}  // namespace detail

/// Runs the calls from *at to the end of the instruction. `ledger` is null when nothing is counted.
LATCHKEY_INLINE Verdict run_calls(const Input& input, const Authorized& out, const uint8_t* at,
                                  Ledger* ledger) {
    uint8_t* const vault = input.accounts[1];
    static constexpr uint8_t kVaultSeed[5] = {'v', 'a', 'u', 'l', 't'};
    const SolSignerSeed seeds[2] = {{kVaultSeed, 5}, {out.wallet_id, 32}};
    const SolSignerSeeds signer = {seeds, 2};
    auto* const metas = reinterpret_cast<SolAccountMeta*>(scratch(kScratchMetas));
    auto* const infos = reinterpret_cast<SolAccountInfo*>(scratch(kScratchInfos));
    uint64_t calls = 0;
    while (at != input.end) {
        if (calls++ == kMaximumCalls) {
            return Verdict::kTooManyCalls;
        }
        const uint64_t program_index = at[0];
        const uint64_t meta_count = at[1];
        const uint8_t* meta = at + 2;
        const uint8_t* const meta_end = meta + meta_count;
        if (meta_end >= input.end) {
            return Verdict::kDataTooShort;
        }
        const uint8_t* data = meta_end + 1;
        uint64_t length = *meta_end;
        if ((length & 0x80) != 0) {
            length = (length & 0x7f) << 8 | *data++;
            if (length < 0x80) {
                return Verdict::kNonCanonical;
            }
        }
        at = data + length;
        if (at > input.end) {
            return Verdict::kDataTooShort;
        }
        if (program_index >= input.account_count || program_index < out.first_account) {
            return Verdict::kAccountIndex;
        }
        const uint8_t* const program = key_of(input.accounts[program_index]);
        if (const Verdict bad = detail::check_target(input, out, program, data, length);
            bad != Verdict::kAccepted) {
            return bad;
        }
        SolAccountMeta* to = metas;
        SolAccountInfo* info = infos;
        uint64_t seen = 0;
        uint64_t info_count = 0;
        bool touches_vault = false;
        for (; meta != meta_end; ++meta, ++to) {
            const uint64_t declared = *meta;
            const uint64_t index = declared & kMetaIndexMask;
            // Lane and operator are not in the leaf under their own keys: a call that means one of
            // them passes it again.
            if (index >= input.account_count || (index < out.first_account && index > 1)) {
                return Verdict::kAccountIndex;
            }
            uint8_t* const account = input.accounts[index];
            if (account == vault) {
                touches_vault |= (declared & kMetaWritable) != 0;
            } else if ((declared & kMetaSigner) != 0 && !detail::may_forward(account, out)) {
                return Verdict::kSignerForwarded;
            }
            to->address = key_of(account);
            // is_writable and is_signer, next to each other.
            core::store16<8>(reinterpret_cast<uint8_t*>(to), (declared >> 6 & 1) | (declared >> 7)
                                                                                       << 8);
            if ((seen >> index & 1) == 0) {
                seen |= uint64_t{1} << index;
                describe(account, info++);
                ++info_count;
            }
        }
        const SolInstruction instruction = {program, metas, meta_count, data, length};
        sol_invoke_signed_c(&instruction, infos, info_count, &signer, 1);
        if (touches_vault && !is_plain(vault)) {
            return Verdict::kVaultChanged;
        }
        if (ledger != nullptr) {
            if (const Verdict bad = settle_ledger(ledger); bad != Verdict::kAccepted) {
                return bad;
            }
        }
    }
    return Verdict::kAccepted;
}

}  // namespace latchkey::solana::program
