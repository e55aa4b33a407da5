// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/authorization/leaf.hpp"
#include "core/authorization/verdict.hpp"
#include "core/freestanding/memory.hpp"

/// The configuration's canonical bytes (docs/spec/authorization.md, section 1), read in place.
///
/// Two kinds of reader: `validate_*` checks every rule of the format and is run once, when a
/// configuration is accepted; `find_*`, `rule_at` and the views trust bytes that were validated or
/// whose hash is known, and only stay inside them.
namespace latchkey::core {

inline constexpr uint64_t kMaximumSigners = 16;
inline constexpr uint64_t kMaximumRules = 16;
inline constexpr uint64_t kMaximumLocalRules = 16;
inline constexpr uint64_t kMaximumTargets = 16;
inline constexpr uint64_t kMaximumPrefix = 16;
inline constexpr uint64_t kMaximumLimits = 8;
inline constexpr uint64_t kMaximumGenesis = 480;
/// A shared part fits the u16 of the state account and one transaction; a local rule likewise.
inline constexpr uint64_t kMaximumShared = 4096;

inline constexpr uint64_t kVersionNibble = 0x10;
inline constexpr uint64_t kHeaderRecovery = 0x01;
inline constexpr uint64_t kHeaderLongSalt = 0x02;
inline constexpr uint64_t kHeaderLockdown = 0x04;

enum SignerKind : uint64_t {
    kSignerEd25519 = 1,
    kSignerSecp256k1Eip712 = 2,
    kSignerSecp256k1Eip191 = 3,
    kSignerP256 = 4,
    kSignerWebauthn = 5,
    kSignerProgram = 6,
    kSignerContract = 7,
};
inline constexpr uint64_t kSignerKindMask = 0x0f;
inline constexpr uint64_t kSignerSameParty = 0x10;
inline constexpr uint64_t kSignerOption = 0x20;

inline constexpr uint64_t kActionExecute = 0x01;
inline constexpr uint64_t kActionGrant = 0x02;
inline constexpr uint64_t kActionPolicy = 0x04;
inline constexpr uint64_t kActionMessage = 0x08;
inline constexpr uint64_t kActionRecover = 0x10;
inline constexpr uint64_t kActionUpgrade = 0x20;
inline constexpr uint64_t kActionCancel = 0x40;
inline constexpr uint64_t kActionFreeze = 0x80;
/// What rules of each part may allow.
inline constexpr uint64_t kSharedActions = 0xff & ~kActionRecover;
inline constexpr uint64_t kLocalActions = kActionExecute;
inline constexpr uint64_t kRecoveryActions = kActionRecover | kActionCancel | kActionFreeze;

inline constexpr uint64_t kQuorumThresholdMask = 0x0f;
inline constexpr uint64_t kQuorumTimes = 0x10;
inline constexpr uint64_t kQuorumScope = 0x20;
inline constexpr uint64_t kQuorumLimits = 0x40;
inline constexpr uint64_t kQuorumWait = 0x80;

inline constexpr uint64_t kTimesSize = 16;
inline constexpr uint64_t kLimitSize = 52;
inline constexpr uint64_t kTargetHead = 33;
inline constexpr uint64_t kWaitSize = 4;
/// In a WAIT block: who proposes wins against one party that cancels.
inline constexpr uint64_t kWaitTieShift = 31;
inline constexpr uint64_t kWaitDelayMask = 0x7fffffff;

// Seconds, unless they say otherwise.
inline constexpr uint64_t kHour = 3'600;
inline constexpr uint64_t kDay = 24 * kHour;
inline constexpr uint64_t kMaximumDelay = 365 * kDay;
/// A WAIT block with TIE: a longer delay would outlive the window in which cancels are counted.
inline constexpr uint64_t kMaximumTieDelay = 30 * kDay;
inline constexpr uint64_t kMaximumTie = (uint64_t{1} << kWaitTieShift) + kMaximumTieDelay;
/// Of a `policy` rule that shall keep a configuration from being a lockout.
inline constexpr uint64_t kMaximumPolicyDelay = 90 * kDay;
inline constexpr uint64_t kMaximumGuardHours = 90 * 24;
/// What a delay or a guard must be longer than what it protects: the time to notice.
inline constexpr uint64_t kMargin = 2 * kDay;
/// How long a proposal can be applied.
inline constexpr uint64_t kProposalLife = 14 * kDay;
/// Cancels by one party, and their window.
inline constexpr uint64_t kCancelBudget = 2;
inline constexpr uint64_t kCancelWindow = 90 * kDay;
inline constexpr uint64_t kFreezeLength = 7 * kDay;
inline constexpr uint64_t kFreezeInterval = 30 * kDay;

/// guard(u16 hours), then the start of the recovery part's keccak.
inline constexpr uint64_t kRecoverySize = 32;
inline constexpr uint64_t kRecoveryGuardSize = 2;
inline constexpr uint64_t kRecoverySaltSize = 16;
/// A recovery part travels in an instruction.
inline constexpr uint64_t kMaximumRecoveryPart = 1024;
inline constexpr uint64_t kNever = ~uint64_t{0};

/// One byte per kind: 0, 32, 20, 20, 33, 65, 64, 28.
inline constexpr uint64_t kSignerKeySizes = 0x1c40412114142000;

/// Key bytes of a signer kind that is known to be 1..7.
LATCHKEY_INLINE constexpr uint64_t valid_signer_key_size(uint64_t kind) {
    return (kSignerKeySizes >> (kind * 8)) & 0x7f;
}

/// Key bytes of a signer kind 1..7; 0 for any other.
LATCHKEY_INLINE constexpr uint64_t signer_key_size(uint64_t kind) {
    return kind > kSignerContract ? 0 : valid_signer_key_size(kind);
}

/// First byte behind the signer at `entry`, whose kind is known to be 1..7.
LATCHKEY_COLD inline const uint8_t* next_signer(const uint8_t* entry) {
    return entry + 1 + valid_signer_key_size(*entry & kSignerKindMask);
}

LATCHKEY_INLINE bool is_p256_family(uint64_t kind) {
    return kind == kSignerP256 || kind == kSignerWebauthn;
}

/// A rule's fields, read from validated bytes. Integers are in host order.
struct RuleView {
    uint64_t actions;
    uint64_t quorum;
    uint64_t mask;
    /// TIMES, SCOPE and LIMITS blocks, each null when absent; scope and limits point at their
    /// count.
    const uint8_t* times;
    const uint8_t* scope;
    const uint8_t* limits;
    /// First byte after the rule.
    const uint8_t* end;
};

LATCHKEY_INLINE uint64_t threshold_of(uint64_t quorum) {
    return (quorum & kQuorumThresholdMask) + 1;
}

LATCHKEY_INLINE const uint8_t* skip_scope(const uint8_t* at) {
    uint64_t count = *at++;
    while (count-- != 0) {
        at += kTargetHead + at[32];
    }
    return at;
}

/// Reads the rule at `at`, written for `signers` signers.
LATCHKEY_INLINE void read_rule(const uint8_t* at, uint64_t signers, RuleView* rule) {
    rule->actions = at[0];
    const uint64_t quorum = at[1];
    rule->quorum = quorum;
    at += 2;
    if (signers == 1) {
        rule->mask = 1;
    } else if (signers <= 8) {
        rule->mask = *at++;
    } else {
        rule->mask = load16_big_endian(at);
        at += 2;
    }
    rule->times = nullptr;
    rule->scope = nullptr;
    rule->limits = nullptr;
    if (quorum & (kQuorumTimes | kQuorumScope | kQuorumLimits | kQuorumWait)) {
        if (quorum & kQuorumTimes) {
            rule->times = at;
            at += kTimesSize;
        }
        if (quorum & kQuorumScope) {
            rule->scope = at;
            at = skip_scope(at);
        }
        if (quorum & kQuorumLimits) {
            rule->limits = at;
            at += 1 + *at * kLimitSize;
        }
        if (quorum >= kQuorumWait) {
            at += kWaitSize;
        }
    }
    rule->end = at;
}

/// The WAIT block: delay in seconds and TIE; 0 without one.
LATCHKEY_INLINE uint64_t wait_of(const RuleView& rule) {
    return rule.quorum < kQuorumWait ? 0 : load32_big_endian<-4>(rule.end);
}

/// read_rule without trusting the bytes: false when the rule does not end within `size` of them. At
/// most 32 bytes more are read. For code that is small rather than fast.
LATCHKEY_COLD inline Truth read_rule_within(const uint8_t* at, uint64_t size, uint64_t signers,
                                            RuleView* rule) {
    const uint8_t* const end = at + size;
    const uint64_t quorum = at[1];
    rule->actions = at[0];
    rule->quorum = quorum;
    rule->mask = 1;
    at += 2;
    if (signers > 8) {
        rule->mask = load16_big_endian(at);
        at += 2;
    } else if (signers > 1) {
        rule->mask = *at++;
    }
    rule->times = nullptr;
    rule->scope = nullptr;
    rule->limits = nullptr;
    if ((quorum & kQuorumTimes) != 0) {
        rule->times = at;
        at += kTimesSize;
    }
    if ((quorum & kQuorumScope) != 0) {
        rule->scope = at;
        uint64_t count = *at++;
        while (count-- != 0) {
            at += kTargetHead;
            if (at > end) {
                return false;
            }
            at += at[-1];
        }
    }
    if ((quorum & kQuorumLimits) != 0) {
        if (at >= end) {
            return false;
        }
        rule->limits = at;
        at += 1 + *at * kLimitSize;
    }
    at += (quorum & kQuorumWait) / (kQuorumWait / kWaitSize);
    rule->end = at;
    return at <= end;
}

/// read_rule as a call, for code that is small rather than fast: validated bytes end in time.
LATCHKEY_COLD inline void read_rule_cold(const uint8_t* at, uint64_t signers, RuleView* rule) {
    read_rule_within(at, kMaximumShared, signers, rule);
}

/// The rule's times against the clock.
LATCHKEY_INLINE Verdict check_times(const RuleView& rule, uint64_t now) {
    if (rule.times == nullptr) {
        return Verdict::kAccepted;
    }
    if (now < load64_big_endian<0>(rule.times)) {
        return reject(Verdict::kRuleNotYetValid);
    }
    if (now >= load64_big_endian<8>(rule.times)) {
        return reject(Verdict::kRuleExpired);
    }
    return Verdict::kAccepted;
}

/// Start of the rule's spending windows.
LATCHKEY_INLINE uint64_t window_start(const RuleView& rule) {
    return rule.times == nullptr ? 0 : load64_big_endian<0>(rule.times);
}

/// True when a target of the scope has this address and a prefix of this data.
LATCHKEY_NOINLINE inline Truth scope_allows(const uint8_t* scope, const uint8_t* address,
                                            const uint8_t* data, uint64_t data_length) {
    uint64_t count = *scope++;
    while (count-- != 0) {
        const uint64_t prefix = scope[32];
        if (equal32(scope, address) && prefix <= data_length &&
            equal_bytes(scope + kTargetHead, data, prefix)) {
            return true;
        }
        scope += kTargetHead + prefix;
    }
    return false;
}

/// Whether bytes of a curve point can be a key of this kind, as far as the platform can tell: an
/// ed25519 key is on its curve and of an order that does not divide 8, the address of a program
/// signer (behind the program's id) is off it, a P-256 point is on its curve; others are keys. The
/// Solana program asks the VM, hosts ask their libraries. Null: any bytes.
using KeyChecker = Truth (*)(uint64_t kind, const uint8_t* key);

namespace configuration_detail {

LATCHKEY_COLD inline Verdict validate_key(uint64_t kind, const uint8_t* key, KeyChecker checker) {
    // Secp256k1 addresses; of the others at least the first words are not zero.
    uint64_t good = load64<0>(key) | load64<8>(key) | load32<16>(key);
    if (kind == kSignerContract) {
        good = load64<0>(key) != 0 && (load64<8>(key) | load64<16>(key) | load32<24>(key)) != 0;
    } else if (is_p256_family(kind)) {
        good = (key[0] | 1) == 3;
    }
    return good != 0 && (checker == nullptr || checker(kind, key)) ? Verdict::kAccepted
                                                                   : Verdict::kSignerKey;
}

/// One byte per kind: how much of a key must differ. Kinds with the same number share a key space:
/// 2 and 3, and 4 and 5, of which the rpIdHash is not compared.
inline constexpr uint64_t kDistinctSizes = 0x1c40212114142000;

LATCHKEY_COLD inline Verdict check_distinct(const uint8_t* first, const uint8_t* entry) {
    const uint64_t size = kDistinctSizes >> (*entry & kSignerKindMask) * 8 & 0xff;
    for (const uint8_t* other = first; other < entry; other = next_signer(other)) {
        if ((kDistinctSizes >> (*other & kSignerKindMask) * 8 & 0xff) == size &&
            same_bytes(other + 1, entry + 1, size)) {
            return Verdict::kSignerDuplicate;
        }
    }
    return Verdict::kAccepted;
}

/// Validates `count` signers at *at; on success *at is behind them.
LATCHKEY_INLINE Verdict validate_signers(const uint8_t** at, const uint8_t* end, uint64_t count,
                                         KeyChecker checker) {
    const uint8_t* const first = *at;
    const uint8_t* entry = first;
    for (uint64_t i = 0; i < count; ++i) {
        if (entry == end) {
            return Verdict::kConfigurationTruncated;
        }
        const uint64_t head = *entry;
        const uint64_t kind = head & kSignerKindMask;
        const uint64_t size = signer_key_size(kind);
        if (size == 0) {
            return Verdict::kSignerKind;
        }
        const bool has_option = kind == kSignerEd25519 || kind == kSignerWebauthn;
        if ((head & 0xc0) != 0 || ((head & kSignerOption) != 0 && !has_option) ||
            ((head & kSignerSameParty) != 0 && i == 0)) {
            return Verdict::kSignerFlags;
        }
        if (static_cast<uint64_t>(end - entry) < 1 + size) {
            return Verdict::kConfigurationTruncated;
        }
        if (const Verdict bad = validate_key(kind, entry + 1, checker); bad != Verdict::kAccepted) {
            return bad;
        }
        if (const Verdict bad = check_distinct(first, entry); bad != Verdict::kAccepted) {
            return bad;
        }
        entry += 1 + size;
    }
    *at = entry;
    return Verdict::kAccepted;
}

/// Targets and limits of a rule that was read: strictly ascending, and not too many.
LATCHKEY_COLD inline Verdict validate_scope(const uint8_t* at) {
    uint64_t count = *at++;
    if (count - 1 >= kMaximumTargets) {
        return Verdict::kRuleScope;
    }
    const uint8_t* previous = nullptr;
    do {
        const uint64_t prefix = at[32];
        if (prefix > kMaximumPrefix) {
            return Verdict::kRuleScope;
        }
        if (previous != nullptr) {
            // Equal up to the shorter one means equal lengths as well: the length is compared
            // first.
            const uint64_t shorter = previous[32] < prefix ? previous[32] : prefix;
            if (compare_bytes(previous, at, kTargetHead + shorter) >= 0) {
                return Verdict::kRuleScope;
            }
        }
        previous = at;
        at += kTargetHead + prefix;
    } while (--count != 0);
    return Verdict::kAccepted;
}

LATCHKEY_COLD inline Verdict validate_limits(const uint8_t* at) {
    const uint64_t count = *at++;
    if (count - 1 >= kMaximumLimits) {
        return Verdict::kRuleLimits;
    }
    for (uint64_t i = 0; i < count; ++i, at += kLimitSize) {
        if ((i != 0 && compare_bytes(at - kLimitSize, at, 32) >= 0) ||
            load64_big_endian<32>(at) > load64_big_endian<40>(at)) {
            return Verdict::kRuleLimits;
        }
    }
    return Verdict::kAccepted;
}

/// Number of parties among the signers of `mask` that are not of kind `without`.
LATCHKEY_COLD inline uint64_t count_parties(const uint8_t* signers, uint64_t count, uint64_t mask,
                                            uint64_t without) {
    uint64_t parties = 0;
    uint64_t is_counted = 0;
    for (uint64_t i = 0; i < count; ++i) {
        const uint64_t head = *signers;
        if ((head & kSignerSameParty) == 0) {
            is_counted = 0;
        }
        if ((mask >> i & 1) != 0 && (head & kSignerKindMask) != without) {
            parties += 1 - is_counted;
            is_counted = 1;
        }
        signers = next_signer(signers);
    }
    return parties;
}

/// What a part's rules may be, and what is known of those that were validated.
struct RuleSummary {
    /// Actions that a rule of this part may allow.
    uint64_t allowed;
    /// A rule can change the configuration on Solana at any time, in 90 days at most.
    uint64_t secures;
    /// The longest delay of a rule without `policy`.
    uint64_t longest_delay;
    /// The shortest one of a rule with `policy` that one party can satisfy.
    uint64_t soonest_change;
};

LATCHKEY_INLINE Verdict check_actions(uint64_t actions, uint64_t quorum, uint64_t allowed) {
    if (actions == 0 || (actions & ~allowed) != 0 ||
        (actions & (kActionGrant | kActionExecute)) == kActionGrant) {
        return Verdict::kRuleActions;
    }
    if ((actions & kActionMessage) != 0 && quorum > kQuorumThresholdMask) {
        return Verdict::kRuleActions;
    }
    if ((quorum & kQuorumScope) != 0 && (actions & ~(kActionExecute | kActionGrant)) != 0) {
        return Verdict::kRuleScope;
    }
    if ((quorum & kQuorumLimits) != 0 &&
        ((quorum & kQuorumScope) == 0 || actions != kActionExecute)) {
        return Verdict::kRuleLimits;
    }
    return Verdict::kAccepted;
}

/// Validates the rule at *at, for which `size` bytes are left; then *at is behind it.
LATCHKEY_INLINE Verdict validate_rule(const uint8_t** at, uint64_t size, const uint8_t* signers,
                                      uint64_t signer_count, RuleSummary* summary) {
    RuleView rule;
    if (!read_rule_within(*at, size, signer_count, &rule)) {
        return Verdict::kConfigurationTruncated;
    }
    *at = rule.end;
    const uint64_t actions = rule.actions;
    if (const Verdict bad = check_actions(actions, rule.quorum, summary->allowed);
        bad != Verdict::kAccepted) {
        return bad;
    }
    if (rule.mask == 0 || rule.mask >> signer_count != 0) {
        return Verdict::kRuleMask;
    }
    const uint64_t threshold = threshold_of(rule.quorum);
    if (count_parties(signers, signer_count, rule.mask, 0) < threshold) {
        return Verdict::kRuleThreshold;
    }
    if (rule.times != nullptr) {
        const uint64_t not_before = load64_big_endian<0>(rule.times);
        const uint64_t expires_at = load64_big_endian<8>(rule.times);
        if (not_before >= expires_at || (not_before == 0 && expires_at == kNever)) {
            return Verdict::kRuleTimes;
        }
    }
    if (rule.scope != nullptr) {
        if (const Verdict bad = validate_scope(rule.scope); bad != Verdict::kAccepted) {
            return bad;
        }
    }
    if (rule.limits != nullptr) {
        if (const Verdict bad = validate_limits(rule.limits); bad != Verdict::kAccepted) {
            return bad;
        }
    }
    const uint64_t delay = wait_of(rule) & kWaitDelayMask;
    if (rule.quorum >= kQuorumWait &&
        (delay - 1 >= kMaximumDelay || summary->allowed == kLocalActions ||
         wait_of(rule) > kMaximumTie)) {
        return Verdict::kRuleWait;
    }
    if ((actions & kActionPolicy) != 0) {
        if (threshold == 1 && delay < summary->soonest_change) {
            summary->soonest_change = delay;
        }
        if (rule.times == nullptr && delay <= kMaximumPolicyDelay &&
            count_parties(signers, signer_count, rule.mask, kSignerContract) >= threshold) {
            summary->secures = 1;
        }
    } else if (delay > summary->longest_delay) {
        summary->longest_delay = delay;
    }
    return Verdict::kAccepted;
}

/// Validates signers and rules behind the counts at *at; then *at is behind them.
LATCHKEY_COLD inline Verdict validate_rules(const uint8_t** at, const uint8_t* end,
                                            KeyChecker checker, RuleSummary* summary) {
    const uint8_t* const counts = *at;
    const uint64_t signer_count = (*counts & 0x0f) + 1U;
    const uint64_t rule_count = (*counts >> 4) + 1U;
    const uint8_t* p = counts + 1;
    if (const Verdict bad = validate_signers(&p, end, signer_count, checker);
        bad != Verdict::kAccepted) {
        return bad;
    }
    summary->secures = 0;
    summary->longest_delay = 0;
    summary->soonest_change = kNever;
    const uint8_t* starts[kMaximumRules];
    for (uint64_t i = 0; i < rule_count; ++i) {
        starts[i] = p;
        if (const Verdict bad = validate_rule(&p, static_cast<uint64_t>(end - p), counts + 1,
                                              signer_count, summary);
            bad != Verdict::kAccepted) {
            return bad;
        }
        // The same rule twice would be one ruleId with two budgets. A rule tells where it ends, so
        // none is the beginning of another.
        for (uint64_t j = 0; j < i; ++j) {
            if (same_bytes(starts[j], starts[i], static_cast<uint64_t>(p - starts[i]))) {
                return Verdict::kRuleDuplicate;
            }
        }
    }
    *at = p;
    return Verdict::kAccepted;
}

}  // namespace configuration_detail

// The validators read at most 32 bytes behind what they are given.

/// Validates a shared part that must fill `bytes` exactly; in a genesis the salt follows it. On
/// success *length is where the shared part ends.
LATCHKEY_NOINLINE inline Verdict validate_shared(const uint8_t* bytes, uint64_t size,
                                                 bool is_genesis, KeyChecker checker,
                                                 uint64_t* length) {
    using namespace configuration_detail;
    if (size > (is_genesis ? kMaximumGenesis : kMaximumShared)) {
        return Verdict::kConfigurationTooLong;
    }
    if (size < 2) {
        return Verdict::kConfigurationTruncated;
    }
    const uint64_t header = bytes[0];
    const uint64_t known = kHeaderRecovery | kHeaderLockdown | (is_genesis ? kHeaderLongSalt : 0);
    if ((header & ~known) != kVersionNibble) {
        return Verdict::kConfigurationVersion;
    }
    const uint8_t* const end = bytes + size;
    const uint8_t* at = bytes + 1;
    RuleSummary summary;
    summary.allowed = kSharedActions;
    if (const Verdict bad = validate_rules(&at, end, checker, &summary);
        bad != Verdict::kAccepted) {
        return bad;
    }
    if ((header & kHeaderRecovery) != 0) {
        const uint64_t guard = load16_big_endian(at);
        at += kRecoverySize;
        if (at > end) {
            return Verdict::kConfigurationTruncated;
        }
        if (guard > kMaximumGuardHours) {
            return Verdict::kRuleWait;
        }
        if (summary.soonest_change < guard * kHour) {
            summary.soonest_change = guard * kHour;
        }
    }
    // What a delay holds back must not be had sooner by removing the delay.
    if (summary.longest_delay != 0 && summary.soonest_change < summary.longest_delay + kMargin) {
        return Verdict::kRuleWait;
    }
    if (summary.secures == 0 && (header & kHeaderLockdown) == 0) {
        return Verdict::kLockout;
    }
    *length = static_cast<uint64_t>(at - bytes);
    const auto left = static_cast<uint64_t>(end - at);
    const uint64_t salt = !is_genesis ? 0 : (header & kHeaderLongSalt) != 0 ? 16 : 1;
    return left < salt   ? Verdict::kConfigurationTruncated
           : left > salt ? Verdict::kConfigurationTrailing
                         : Verdict::kAccepted;
}

/// Validates a whole genesis: shared part and salt. On success *shared_length is where the salt
/// begins.
LATCHKEY_INLINE Verdict validate_genesis(const uint8_t* bytes, uint64_t size, KeyChecker checker,
                                         uint64_t* shared_length) {
    return validate_shared(bytes, size, true, checker, shared_length);
}

/// Validates a local rule that must fill `bytes` exactly.
LATCHKEY_INLINE Verdict validate_local_rule(const uint8_t* bytes, uint64_t size,
                                            KeyChecker checker) {
    using namespace configuration_detail;
    if (size > kMaximumShared) {
        return Verdict::kConfigurationTooLong;
    }
    if (size < 1) {
        return Verdict::kConfigurationTruncated;
    }
    if ((bytes[0] & 0xf0) != 0) {
        return Verdict::kNonCanonical;
    }
    const uint8_t* const end = bytes + size;
    RuleSummary summary;
    summary.allowed = kLocalActions;
    if (const Verdict bad = validate_rules(&bytes, end, checker, &summary);
        bad != Verdict::kAccepted) {
        return bad;
    }
    return bytes == end ? Verdict::kAccepted : Verdict::kConfigurationTrailing;
}

/// Validates a recovery part, except the rules of `after`, which are judged with the signers that
/// a recovery names. On success *after is at their counts; they end kRecoverySaltSize before the
/// part does.
LATCHKEY_INLINE Verdict validate_recovery_part(const uint8_t* bytes, uint64_t size,
                                               KeyChecker checker, const uint8_t** after) {
    using namespace configuration_detail;
    if (size > kMaximumRecoveryPart) {
        return Verdict::kConfigurationTooLong;
    }
    if (size < 2 + kRecoverySaltSize) {
        return Verdict::kConfigurationTruncated;
    }
    if (bytes[0] != kVersionNibble) {
        return Verdict::kConfigurationVersion;
    }
    const uint8_t* const end = bytes + size - kRecoverySaltSize;
    const uint8_t* at = bytes + 1;
    RuleSummary summary;
    summary.allowed = kRecoveryActions;
    if (const Verdict bad = validate_rules(&at, end, checker, &summary);
        bad != Verdict::kAccepted) {
        return bad;
    }
    *after = at;
    return at < end ? Verdict::kAccepted : Verdict::kConfigurationTruncated;
}

/// First byte after `count` signers of validated bytes.
LATCHKEY_COLD inline const uint8_t* skip_signers(const uint8_t* at, uint64_t count) {
    while (count-- != 0) {
        at = next_signer(at);
    }
    return at;
}

/// ruleId of the rule at `rule_at` of a validated configuration whose signers start at `signers`,
/// and the rule.
LATCHKEY_INLINE void rule_id(const uint8_t* signers, uint64_t signer_count, const uint8_t* rule_at,
                             RuleView* rule, uint8_t* out) {
    read_rule_cold(rule_at, signer_count, rule);
    // The signers' first bytes as the rule sees them: SAME_PARTY says whether the signer of the
    // mask before this one is of the same party, whoever stands between them.
    uint8_t heads[kMaximumSigners + 1];
    uint8_t* head = heads;
    *head = static_cast<uint8_t>(threshold_of(rule->quorum));
    Slice parts[2 * kMaximumSigners + 4];
    Slice* to = parts;
    *to++ = {kRuleTag, 32};
    *to++ = {head, 1};
    uint64_t same_party = 0;
    for (uint64_t mask = rule->mask; mask != 0; mask >>= 1) {
        const uint8_t* const entry = signers;
        signers = next_signer(entry);
        same_party &= *entry;
        if ((mask & 1) != 0) {
            *++head = static_cast<uint8_t>((*entry & ~kSignerSameParty) | same_party);
            *to++ = {head, 1};
            *to++ = {entry + 1, static_cast<uint64_t>(signers - entry) - 1};
            same_party = kSignerSameParty;
        }
    }
    // Actions and quorum, then the blocks: the mask between them is an index, not an identity.
    *to++ = {rule_at, 2};
    const uint8_t* const blocks = rule_at + (signer_count == 1 ? 2 : signer_count <= 8 ? 3 : 4);
    *to++ = {blocks, static_cast<uint64_t>(rule->end - blocks)};
    keccak256_slices(parts, static_cast<uint64_t>(to - parts), out);
}

/// Whether `local` (a rule without wider rights than `granting`) may be granted by it.
LATCHKEY_INLINE Verdict check_grant(const RuleView& granting, const RuleView& local) {
    if (granting.times != nullptr) {
        if (local.times == nullptr ||
            load64_big_endian<0>(local.times) < load64_big_endian<0>(granting.times) ||
            load64_big_endian<8>(local.times) > load64_big_endian<8>(granting.times)) {
            return Verdict::kLocalRuleTooBroad;
        }
    }
    if (granting.scope == nullptr) {
        return Verdict::kAccepted;
    }
    if (local.scope == nullptr) {
        return Verdict::kLocalRuleTooBroad;
    }
    const uint8_t* target = local.scope + 1;
    for (uint64_t i = 0; i < *local.scope; ++i) {
        if (!scope_allows(granting.scope, target, target + kTargetHead, target[32])) {
            return Verdict::kLocalRuleTooBroad;
        }
        target += kTargetHead + target[32];
    }
    return Verdict::kAccepted;
}

}  // namespace latchkey::core
