// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/counting.hpp"

/// Running the calls of an action with the vault's signature where, and only where, it was
/// declared.
namespace latchkey::solana::program {

namespace detail {

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

/// Writes the metas and infos of one call to scratch memory. Bit i of `usable`: account i may be
/// named.
LATCHKEY_INLINE Verdict write_metas(const Input& input, const uint8_t* meta,
                                    const uint8_t* meta_end, uint64_t usable) {
    auto* to = reinterpret_cast<SolAccountMeta*>(scratch(kScratchMetas));
    auto* info = reinterpret_cast<SolAccountInfo*>(scratch(kScratchInfos));
    for (; meta != meta_end; ++meta, ++to, ++info) {
        const uint64_t declared = core::opaque(*meta);
        const uint64_t index = declared & kMetaIndexMask;
        if ((core::opaque(usable >> index) & 1) == 0) {
            return reject(Verdict::kAccountIndex);
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

/// Reads the call at `at` and checks it, except its metas and, under a SCOPE, its target.
LATCHKEY_INLINE Verdict read_call(const Input& input, const uint8_t* at, SolInstruction* call) {
    const uint64_t meta_count = at[1];
    const uint8_t* data = at + 2 + meta_count;
    if (data >= input.end) {
        return reject(Verdict::kDataTooShort);
    }
    uint64_t length = core::opaque(*data++);
    if (length >= 0x80) {
        length = (length & 0x7f) << 8 | *data++;
        if (length < 0x80) {
            return reject(Verdict::kNonCanonical);
        }
    }
    if (data + length > input.end) {
        return reject(Verdict::kDataTooShort);
    }
    const uint64_t program_index = core::opaque(at[0]);
    if (program_index >= input.account_count) {
        return reject(Verdict::kAccountIndex);
    }
    const uint8_t* const program = key_of(input.accounts[program_index]);
    call->program_id = program;
    call->account_count = meta_count;
    call->data = data;
    call->data_length = length;
    return core::equal32(program, input.program_id()) ? Verdict::kTargetReserved
                                                      : Verdict::kAccepted;
}

}  // namespace detail

/// What calls are run under when more is asked of them than of an unlimited rule's.
struct CallRules {
    /// Null where the rule has no SCOPE.
    const uint8_t* scope;
    /// Null where nothing is counted.
    Ledger* ledger;
};

namespace detail {

/// Whether the rule lets a call reach this program. A SCOPE may name a loader.
LATCHKEY_INLINE Verdict check_target(const SolInstruction& call, const CallRules* rules) {
    if (rules != nullptr && rules->scope != nullptr) {
        return core::scope_allows(rules->scope, call.program_id, call.data, call.data_length)
                   ? Verdict::kAccepted
                   : Verdict::kTargetNotAllowed;
    }
    return is_loader(call.program_id) ? reject(Verdict::kTargetReserved) : Verdict::kAccepted;
}

/// After a call: what left, and what the call made the vault's, which must count in the next one.
LATCHKEY_COLD inline Verdict count_call(const Input& input, uint64_t first_account,
                                        const CallRules& rules, const uint8_t* next) {
    if (rules.ledger == nullptr) {
        return Verdict::kAccepted;
    }
    const Verdict bad = settle_ledger(rules.ledger);
    return bad != Verdict::kAccepted || next == input.end
               ? bad
               : remember_holdings(input, first_account, rules.ledger);
}

}  // namespace detail

/// Runs the calls from `at` to the end of the instruction. `rules` is null where there is neither
/// SCOPE nor ledger.
LATCHKEY_COLD inline Verdict run_calls(const Input& input, const uint8_t* at,
                                       uint64_t first_account, const CallRules* rules) {
    // Lane and operator are not in the leaf under their own keys: a call that means one of them
    // passes it again. At most 63 accounts, and the square of 2 or 4 is 1 << first_account.
    const uint64_t usable =
        core::opaque(((uint64_t{1} << input.account_count) - first_account * first_account) | 3);
    const SolSignerSeed seeds[2] = {{kVaultSeed, sizeof kVaultSeed},
                                    {key_of(input.accounts[0]), 32}};
    const SolSignerSeeds signer = {seeds, 2};
    SolInstruction call;
    call.accounts = reinterpret_cast<SolAccountMeta*>(scratch(kScratchMetas));
    // Nobody proves here that account 1 is the vault: the runtime does when its signature is used.
    // But an account that signed from outside, such as the fee payer, must not stand in its place.
    if (is_signer(input.accounts[1])) {
        return reject(Verdict::kSignerForwarded);
    }
    if (at == input.end) {
        return Verdict::kAccepted;
    }
    for (;;) {
        // Neither state nor vault is a program, and lane and operator are not in the leaf.
        if (at[0] < first_account) {
            return reject(Verdict::kAccountIndex);
        }
        if (const Verdict bad = detail::read_call(input, at, &call); bad != Verdict::kAccepted) {
            return bad;
        }
        if (const Verdict bad = detail::check_target(call, rules); bad != Verdict::kAccepted) {
            return bad;
        }
        if (const Verdict bad =
                detail::write_metas(input, at + 2, at + 2 + call.account_count, usable);
            bad != Verdict::kAccepted) {
            return bad;
        }
        if (core::load64(detail::forwarded_signers()) != 0) {
            if (const Verdict bad = detail::check_forwarded(input, first_account);
                bad != Verdict::kAccepted) {
                return bad;
            }
        }
        sol_invoke_signed_c(&call, reinterpret_cast<SolAccountInfo*>(scratch(kScratchInfos)),
                            call.account_count, &signer, 1);
        if (!is_plain(input.accounts[1])) {
            return reject(Verdict::kVaultChanged);
        }
        at = call.data + call.data_length;
        if (rules != nullptr) {
            if (const Verdict bad = detail::count_call(input, first_account, *rules, at);
                bad != Verdict::kAccepted) {
                return bad;
            }
        }
        if (at == input.end) {
            return Verdict::kAccepted;
        }
        // In memory, which is zero at the start, so that one call pays nothing for the count.
        uint8_t* const calls_done = scratch(kScratchCallCount);
        if (core::load64(calls_done) == kMaximumCalls - 1) {
            return reject(Verdict::kTooManyCalls);
        }
        core::store64(calls_done, core::load64(calls_done) + 1);
    }
}

}  // namespace latchkey::solana::program
