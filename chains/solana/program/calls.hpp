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

LATCHKEY_COLD inline bool is_loader_cold(const uint8_t* key) {
    return is_known(key, kUpgradeableLoader) || is_known(key, kLoaderV4) ||
           is_known(key, kLoader2) || is_known(key, kLoader1) || is_known(key, kNativeLoader);
}

/// Accounts, a bit each, that a call declares as signers beside the vault. In scratch memory,
/// because hardly any call has one and the loop below needs its registers.
LATCHKEY_INLINE uint8_t* forwarded_signers() {
    return scratch(kScratchForwarded);
}

/// Other signatures of the transaction may be passed on: never the lane operator's, and never the
/// fee payer's, whose account is always writable and never empty.
LATCHKEY_COLD inline Verdict check_forwarded(const Input& input, uint64_t first_account) {
    const uint64_t asked = core::load64(forwarded_signers());
    core::store64(forwarded_signers(), 0);
    for (uint64_t i = 0; i < input.account_count; ++i) {
        if ((asked >> i & 1) == 0) {
            continue;
        }
        const uint8_t* const account = input.accounts[i];
        const bool is_operator = first_account == 4 && account == input.accounts[3];
        const bool is_free =
            !is_writable(account) || (lamports_of(account) == 0 && is_plain(account));
        if (!is_signer(account) || is_operator || !is_free) {
            return Verdict::kSignerForwarded;
        }
    }
    return Verdict::kAccepted;
}

/// Writes the metas and infos of one call to scratch memory.
template <bool kLane>
LATCHKEY_NOINLINE inline Verdict write_metas(const Input& input, const uint8_t* meta,
                                             const uint8_t* meta_end) {
    auto* to = reinterpret_cast<SolAccountMeta*>(scratch(kScratchMetas));
    auto* info = reinterpret_cast<SolAccountInfo*>(scratch(kScratchInfos));
    const uint64_t count = input.account_count;
    for (; meta != meta_end; ++meta, ++to, ++info) {
        const uint64_t declared = core::opaque(*meta);
        const uint64_t index = declared & kMetaIndexMask;
        // Lane and operator are not in the leaf under their own keys: a call that means one of them
        // passes it again.
        if (index >= count || (kLane && index >> 1 == 1)) {
            return Verdict::kAccountIndex;
        }
        uint8_t* const account = input.accounts[index];
        if (declared >= kMetaSigner && __builtin_expect(account != input.accounts[1], false)) {
            uint8_t* const asked = forwarded_signers();
            core::store64(asked, core::load64(asked) | uint64_t{1} << index);
        }
        to->address = key_of(account);
        // is_writable and is_signer, next to each other.
        core::store16<8>(reinterpret_cast<uint8_t*>(to), (declared >> 6 | declared << 1) & 0x101);
        describe(account, info);
    }
    return Verdict::kAccepted;
}

}  // namespace detail

/// Runs the calls from `at` to the end of the instruction. `kPlain`: neither SCOPE nor counting;
/// then `scope` and `ledger`, which may be null anyway, are not looked at.
template <bool kPlain>
LATCHKEY_NOINLINE inline Verdict run_calls(const Input& input, const uint8_t* at,
                                           uint64_t first_account, const uint8_t* scope,
                                           Ledger* ledger) {
    static constexpr uint8_t kVaultSeed[5] = {'v', 'a', 'u', 'l', 't'};
    const SolSignerSeed seeds[2] = {{kVaultSeed, 5}, {key_of(input.accounts[0]), 32}};
    const SolSignerSeeds signer = {seeds, 2};
    uint64_t calls = 0;
    while (at != input.end) {
        if (calls++ == kMaximumCalls) {
            return Verdict::kTooManyCalls;
        }
        const uint64_t program_index = core::opaque(at[0]);
        const uint64_t meta_count = at[1];
        const uint8_t* const meta = at + 2;
        const uint8_t* const meta_end = meta + meta_count;
        if (meta_end >= input.end) {
            return Verdict::kDataTooShort;
        }
        const uint8_t* data = meta_end + 1;
        uint64_t length = core::opaque(*meta_end);
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
        if (program_index >= input.account_count) {
            return Verdict::kAccountIndex;
        }
        const uint8_t* const program = key_of(input.accounts[program_index]);
        if (core::equal32(program, input.program_id())) {
            return Verdict::kTargetReserved;
        }
        if (!kPlain && scope != nullptr) {
            if (!core::scope_allows(scope, program, data, length)) {
                return Verdict::kTargetNotAllowed;
            }
        } else if (kPlain ? detail::is_loader(program) : detail::is_loader_cold(program)) {
            return Verdict::kTargetReserved;
        }
        if (const Verdict bad = first_account == 2
                                    ? detail::write_metas<false>(input, meta, meta_end)
                                    : detail::write_metas<true>(input, meta, meta_end);
            bad != Verdict::kAccepted) {
            return bad;
        }
        if (core::load64(detail::forwarded_signers()) != 0) {
            if (const Verdict bad = detail::check_forwarded(input, first_account);
                bad != Verdict::kAccepted) {
                return bad;
            }
        }
        const SolInstruction instruction = {
            program, reinterpret_cast<SolAccountMeta*>(scratch(kScratchMetas)), meta_count, data,
            length};
        sol_invoke_signed_c(&instruction, reinterpret_cast<SolAccountInfo*>(scratch(kScratchInfos)),
                            meta_count, &signer, 1);
        if (!is_plain(input.accounts[1])) {
            return Verdict::kVaultChanged;
        }
        if (!kPlain && ledger != nullptr) {
            if (const Verdict bad = settle_ledger(ledger); bad != Verdict::kAccepted) {
                return bad;
            }
        }
    }
    return Verdict::kAccepted;
}

}  // namespace latchkey::solana::program
