// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/configuration.hpp"

#include <algorithm>
#include <tuple>

#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/wallet/key_checker.hpp"

namespace latchkey::core {

namespace {

Signer make_signer(SignerKind kind, Bytes key, bool option = false) {
    return Signer{.kind = kind, .key = std::move(key), .same_party = false, .option = option};
}

void write_signer(ByteWriter& out, const Signer& signer) {
    const std::uint64_t head = signer.kind | (signer.same_party ? kSignerSameParty : 0) |
                               (signer.option ? kSignerOption : 0);
    out.write_u8(static_cast<std::uint8_t>(head)).write(signer.key);
}

void write_scope(ByteWriter& out, const std::vector<Target>& scope) {
    out.write_u8(static_cast<std::uint8_t>(scope.size()));
    for (const Target& target : scope) {
        out.write(target.address);
        out.write_u8(static_cast<std::uint8_t>(target.prefix.size())).write(target.prefix);
    }
}

void write_limits(ByteWriter& out, const std::vector<Limit>& limits) {
    out.write_u8(static_cast<std::uint8_t>(limits.size()));
    for (const Limit& limit : limits) {
        out.write(limit.asset);
        out.write_u64_be(limit.per_call).write_u64_be(limit.per_period);
        out.write_u32_be(limit.period_seconds);
    }
}

void write_rule(ByteWriter& out, const Rule& rule, std::size_t signers) {
    const std::uint64_t quorum =
        ((rule.threshold - 1U) & kQuorumThresholdMask) | (rule.times ? kQuorumTimes : 0) |
        (rule.scope.empty() ? 0 : kQuorumScope) | (rule.limits.empty() ? 0 : kQuorumLimits) |
        (rule.wait ? kQuorumWait : 0);
    out.write_u8(rule.actions).write_u8(static_cast<std::uint8_t>(quorum));
    if (signers > 8) {
        out.write_u16_be(rule.mask);
    } else if (signers > 1) {
        out.write_u8(static_cast<std::uint8_t>(rule.mask));
    }
    if (rule.times) {
        out.write_u64_be(rule.times->not_before).write_u64_be(rule.times->expires_at);
    }
    if (!rule.scope.empty()) {
        write_scope(out, rule.scope);
    }
    if (!rule.limits.empty()) {
        write_limits(out, rule.limits);
    }
    if (rule.wait) {
        out.write_u32_be((rule.wait->delay_seconds & std::uint32_t{kWaitDelayMask}) |
                         std::uint32_t{static_cast<std::uint8_t>(rule.wait->tie)} << kWaitTieShift);
    }
}

std::uint8_t counts_of(std::size_t signers, std::size_t rules) {
    return static_cast<std::uint8_t>(((signers - 1) & 0x0f) | ((rules - 1) & 0x0f) << 4);
}

void write_rules(ByteWriter& out, const std::vector<Rule>& rules, std::size_t signers) {
    for (const Rule& rule : rules) {
        write_rule(out, rule, signers);
    }
}

void write_shared(ByteWriter& out, const Configuration& configuration, bool long_salt) {
    const std::uint64_t header = kVersionNibble | (configuration.recovery ? kHeaderRecovery : 0) |
                                 (long_salt ? kHeaderLongSalt : 0) |
                                 (configuration.lockdown ? kHeaderLockdown : 0);
    out.write_u8(static_cast<std::uint8_t>(header));
    out.write_u8(counts_of(configuration.signers.size(), configuration.rules.size()));
    out.write(encode_unchecked(configuration.signers));
    write_rules(out, configuration.rules, configuration.signers.size());
    if (configuration.recovery) {
        out.write(configuration.recovery->bytes());
    }
}

/// What the byte form cannot say at all, so that the judge of bytes could not see it.
Verdict check_expressible(const std::vector<Signer>& signers) {
    if (signers.empty() || signers.size() > kMaximumSigners) {
        return Verdict::kNonCanonical;
    }
    for (const Signer& signer : signers) {
        const std::uint64_t size = signer_key_size(signer.kind);
        if (size == 0) {
            return Verdict::kSignerKind;
        }
        if (signer.key.size() != size) {
            return Verdict::kSignerKey;
        }
    }
    return Verdict::kAccepted;
}

Verdict check_expressible(const Rule& rule, std::size_t signers) {
    if (rule.threshold < 1 || rule.threshold > kMaximumSigners) {
        return Verdict::kRuleThreshold;
    }
    if (rule.mask == 0 || (rule.mask >> std::min<std::size_t>(signers, 16)) != 0) {
        return Verdict::kRuleMask;
    }
    if (rule.limits.size() > kMaximumLimits) {
        return Verdict::kRuleLimits;
    }
    const bool long_prefix = std::any_of(rule.scope.begin(), rule.scope.end(), [](const Target& t) {
        return t.prefix.size() > kMaximumPrefix;
    });
    if (long_prefix || rule.scope.size() > kMaximumTargets) {
        return Verdict::kRuleScope;
    }
    const bool long_delay = rule.wait && rule.wait->delay_seconds > kWaitDelayMask;
    return long_delay ? Verdict::kRuleWait : Verdict::kAccepted;
}

Verdict check_expressible(const std::vector<Rule>& rules, std::size_t signers) {
    if (rules.empty() || rules.size() > kMaximumRules || signers == 0 ||
        signers > kMaximumSigners) {
        return Verdict::kNonCanonical;
    }
    for (const Rule& rule : rules) {
        if (const Verdict bad = check_expressible(rule, signers); bad != Verdict::kAccepted) {
            return bad;
        }
    }
    return Verdict::kAccepted;
}

Verdict check_expressible(const Configuration& configuration) {
    const Verdict bad = check_expressible(configuration.signers);
    return bad != Verdict::kAccepted
               ? bad
               : check_expressible(configuration.rules, configuration.signers.size());
}

Verdict check_expressible(const RecoveryPart& part) {
    Verdict bad = check_expressible(part.signers);
    if (bad == Verdict::kAccepted) {
        bad = check_expressible(part.rules, part.signers.size());
    }
    return bad != Verdict::kAccepted ? bad
                                     : check_expressible(part.after.rules, part.after.signers);
}

/// What validators read behind what they are given.
constexpr std::size_t kBehind = 32;

/// The bytes with as many behind them as a validator may read.
class Readable {
  public:
    explicit Readable(ByteView bytes) : bytes_(to_bytes(bytes)), size_(bytes.size()) {
        bytes_.resize(size_ + kBehind);
    }
    const std::uint8_t* data() const { return bytes_.data(); }
    std::uint64_t size() const { return size_; }

  private:
    Bytes bytes_;
    std::uint64_t size_;
};

// The readers below see validated bytes only.

Signer read_signer(const std::uint8_t*& at) {
    const std::uint8_t head = *at;
    const auto kind = static_cast<SignerKind>(head & kSignerKindMask);
    const std::uint64_t size = signer_key_size(kind);
    Signer signer{.kind = kind,
                  .key = Bytes(at + 1, at + 1 + size),
                  .same_party = (head & kSignerSameParty) != 0,
                  .option = (head & kSignerOption) != 0};
    at += 1 + size;
    return signer;
}

std::vector<Signer> read_signers(const std::uint8_t*& at, std::size_t count) {
    std::vector<Signer> signers;
    signers.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        signers.push_back(read_signer(at));
    }
    return signers;
}

Hash32 read_hash(const std::uint8_t* at) {
    return Hash32::from(std::span<const std::uint8_t, 32>(at, 32));
}

Rule read_rule_value(const std::uint8_t*& at, std::size_t signers) {
    RuleView view;
    read_rule(at, signers, &view);
    at = view.end;
    Rule rule;
    rule.actions = static_cast<std::uint8_t>(view.actions);
    rule.threshold = static_cast<std::uint8_t>(threshold_of(view.quorum));
    rule.mask = static_cast<std::uint16_t>(view.mask);
    if (view.times != nullptr) {
        rule.times =
            Times{load_be<std::uint64_t>(view.times), load_be<std::uint64_t>(view.times + 8)};
    }
    if (view.scope != nullptr) {
        const std::uint8_t* target = view.scope + 1;
        for (std::size_t i = 0; i < view.scope[0]; ++i) {
            const std::uint8_t* const prefix = target + kTargetHead;
            rule.scope.push_back(Target{read_hash(target), Bytes(prefix, prefix + target[32])});
            target = prefix + target[32];
        }
    }
    if (view.limits != nullptr) {
        const std::uint8_t* limit = view.limits + 1;
        for (std::size_t i = 0; i < view.limits[0]; ++i, limit += kLimitSize) {
            rule.limits.push_back(Limit{read_hash(limit), load_be<std::uint64_t>(limit + 32),
                                        load_be<std::uint64_t>(limit + 40),
                                        load_be<std::uint32_t>(limit + 48)});
        }
    }
    if ((view.quorum & kQuorumWait) != 0) {
        const std::uint64_t wait = wait_of(view);
        rule.wait = Wait{static_cast<std::uint32_t>(wait & kWaitDelayMask),
                         static_cast<Tie>(wait >> kWaitTieShift)};
    }
    return rule;
}

std::size_t signers_in(std::uint8_t counts) {
    return (counts & 0x0fU) + 1U;
}

std::size_t rules_in(std::uint8_t counts) {
    return (counts >> 4U) + 1U;
}

std::vector<Rule> read_rules(const std::uint8_t*& at, std::size_t count, std::size_t signers) {
    std::vector<Rule> rules;
    for (std::size_t i = 0; i < count; ++i) {
        rules.push_back(read_rule_value(at, signers));
    }
    return rules;
}

Configuration read_shared(const std::uint8_t* at) {
    const std::uint8_t header = at[0];
    const std::uint8_t counts = at[1];
    at += 2;
    Configuration out;
    out.lockdown = (header & kHeaderLockdown) != 0;
    out.signers = read_signers(at, signers_in(counts));
    out.rules = read_rules(at, rules_in(counts), out.signers.size());
    if ((header & kHeaderRecovery) != 0) {
        out.recovery = RecoveryCommitment::from(read_hash(at));
    }
    return out;
}

/// Where the counts of `after` stand in a part that was judged.
Judged<std::size_t> find_after(ByteView part, KeyChecker checker) {
    const Readable readable(part);
    const std::uint8_t* after = nullptr;
    const Verdict verdict =
        validate_recovery_part(readable.data(), readable.size(), checker, &after);
    if (verdict != Verdict::kAccepted) {
        return refuse(verdict);
    }
    return static_cast<std::size_t>(after - readable.data());
}

/// As many signers as `after` asks for, each a party of its own: enough to judge its rules.
Bytes stand_in_signers(std::size_t count) {
    ByteWriter out(33 * count);
    for (std::size_t i = 0; i < count; ++i) {
        out.write_u8(kSignerEd25519).write(Bytes(32, static_cast<std::uint8_t>(i + 1)));
    }
    return out.take();
}

/// Whether a part whose `after` begins at this place could recover anything.
Verdict judge_after(ByteView part, std::size_t after, const RecoveryCommitment& commitment) {
    const Bytes signers = stand_in_signers(signers_in(part[after]));
    const Judged<Bytes> shared = recovered_shared(part, commitment, signers, kAnyKey);
    return shared ? Verdict::kAccepted : shared.error();
}

/// Where the counts of `after` stand in a part that can recover something under the longest guard.
Judged<std::size_t> find_sound_after(ByteView part) {
    Judged<std::size_t> after = find_after(part, is_host_key);
    if (after) {
        const RecoveryCommitment longest = commitment_of(part, std::uint16_t{kMaximumGuardHours});
        if (const Verdict bad = judge_after(part, *after, longest); bad != Verdict::kAccepted) {
            return refuse(bad);
        }
    }
    return after;
}

/// The rule at `index` of validated bytes whose counts stand at counts[0].
Judged<RuleView> find_rule_behind(const std::uint8_t* counts, std::size_t index) {
    const std::size_t signers = signers_in(counts[0]);
    if (index >= rules_in(counts[0])) {
        return refuse(Verdict::kUnknownRule);
    }
    RuleView view;
    read_rule(skip_signers(counts + 1, signers), signers, &view);
    for (std::size_t i = 0; i < index; ++i) {
        read_rule(view.end, signers, &view);
    }
    return view;
}

}  // namespace

Signer Signer::ed25519(const crypto::Ed25519PublicKey& key, bool may_pay_fees) {
    return make_signer(kSignerEd25519, to_bytes(key), may_pay_fees);
}

Signer Signer::secp256k1_eip712(const crypto::EthereumAddress& address) {
    return make_signer(kSignerSecp256k1Eip712, to_bytes(address));
}

Signer Signer::secp256k1_eip191(const crypto::EthereumAddress& address) {
    return make_signer(kSignerSecp256k1Eip191, to_bytes(address));
}

Signer Signer::p256(const crypto::P256PublicKey& key) {
    return make_signer(kSignerP256, to_bytes(key));
}

Signer Signer::webauthn(const crypto::P256PublicKey& key, const Hash32& rp_id_hash,
                        bool user_verification_required) {
    return make_signer(kSignerWebauthn, concat(key, rp_id_hash), user_verification_required);
}

Signer Signer::program(const Hash32& program_id, const Hash32& derived) {
    return make_signer(kSignerProgram, concat(program_id, derived));
}

Signer Signer::contract(std::uint64_t chain_id, const crypto::EthereumAddress& address) {
    return make_signer(kSignerContract,
                       ByteWriter(28).write_u64_be(chain_id).write(address).take());
}

Signer Signer::with_same_party() const {
    Signer signer = *this;
    signer.same_party = true;
    return signer;
}

void normalize(Rule& rule) {
    std::sort(rule.scope.begin(), rule.scope.end(), [](const Target& a, const Target& b) {
        return std::forward_as_tuple(a.address, a.prefix.size(), a.prefix) <
               std::forward_as_tuple(b.address, b.prefix.size(), b.prefix);
    });
    std::sort(rule.limits.begin(), rule.limits.end(),
              [](const Limit& a, const Limit& b) { return a.asset < b.asset; });
}

Bytes encode_unchecked(const Configuration& configuration) {
    ByteWriter out(256);
    write_shared(out, configuration, /*long_salt=*/false);
    return out.take();
}

Bytes encode_unchecked(const Genesis& genesis) {
    ByteWriter out(256);
    write_shared(out, genesis.configuration, genesis.salt.size() == 16);
    out.write(genesis.salt);
    return out.take();
}

Bytes encode_unchecked(const LocalRule& local_rule) {
    ByteWriter out(256);
    out.write_u8(counts_of(local_rule.signers.size(), 1));
    out.write(encode_unchecked(local_rule.signers));
    write_rule(out, local_rule.rule, local_rule.signers.size());
    return out.take();
}

Bytes encode_unchecked(const RecoveryPart& part) {
    ByteWriter out(256);
    out.write_u8(kVersionNibble).write_u8(counts_of(part.signers.size(), part.rules.size()));
    out.write(encode_unchecked(part.signers));
    write_rules(out, part.rules, part.signers.size());
    out.write_u8(counts_of(part.after.signers, part.after.rules.size()));
    write_rules(out, part.after.rules, part.after.signers);
    out.write(part.salt);
    return out.take();
}

Bytes encode_unchecked(const std::vector<Signer>& signers) {
    ByteWriter out(68 * signers.size());
    for (const Signer& signer : signers) {
        write_signer(out, signer);
    }
    return out.take();
}

Judged<Bytes> encode(const Configuration& configuration) {
    Verdict verdict = check_expressible(configuration);
    if (verdict != Verdict::kAccepted) {
        return refuse(verdict);
    }
    Bytes bytes = encode_unchecked(configuration);
    verdict = judge_shared(bytes);
    if (verdict != Verdict::kAccepted) {
        return refuse(verdict);
    }
    return bytes;
}

Judged<Bytes> encode(const Genesis& genesis) {
    Verdict verdict = check_expressible(genesis.configuration);
    if (verdict != Verdict::kAccepted) {
        return refuse(verdict);
    }
    Bytes bytes = encode_unchecked(genesis);
    verdict = judge_genesis(bytes);
    if (verdict != Verdict::kAccepted) {
        return refuse(verdict);
    }
    return bytes;
}

Judged<Bytes> encode(const LocalRule& local_rule) {
    Verdict verdict = check_expressible(local_rule.signers);
    if (verdict == Verdict::kAccepted) {
        verdict = check_expressible(local_rule.rule, local_rule.signers.size());
    }
    if (verdict != Verdict::kAccepted) {
        return refuse(verdict);
    }
    Bytes bytes = encode_unchecked(local_rule);
    verdict = judge_local_rule(bytes);
    if (verdict != Verdict::kAccepted) {
        return refuse(verdict);
    }
    return bytes;
}

Judged<Bytes> encode(const RecoveryPart& part) {
    if (const Verdict bad = check_expressible(part); bad != Verdict::kAccepted) {
        return refuse(bad);
    }
    Bytes bytes = encode_unchecked(part);
    if (const Judged<std::size_t> after = find_sound_after(bytes); !after) {
        return refuse(after.error());
    }
    return bytes;
}

Verdict judge_shared(ByteView bytes, KeyChecker checker) {
    const Readable readable(bytes);
    std::uint64_t length = 0;
    return validate_shared(readable.data(), readable.size(), /*is_genesis=*/false, checker,
                           &length);
}

Verdict judge_genesis(ByteView bytes, KeyChecker checker, std::size_t* shared_length) {
    const Readable readable(bytes);
    std::uint64_t length = 0;
    const Verdict verdict = validate_genesis(readable.data(), readable.size(), checker, &length);
    *shared_length = length;
    return verdict;
}

Verdict judge_local_rule(ByteView bytes, KeyChecker checker) {
    const Readable readable(bytes);
    return validate_local_rule(readable.data(), readable.size(), checker);
}

Verdict judge_recovery_part(ByteView bytes, KeyChecker checker) {
    const Judged<std::size_t> after = find_after(bytes, checker);
    return after ? Verdict::kAccepted : after.error();
}

Verdict judge_shared(ByteView bytes) {
    return judge_shared(bytes, is_host_key);
}

Verdict judge_genesis(ByteView bytes) {
    std::size_t shared_length = 0;
    return judge_genesis(bytes, is_host_key, &shared_length);
}

Verdict judge_local_rule(ByteView bytes) {
    return judge_local_rule(bytes, is_host_key);
}

Verdict judge_recovery_part(ByteView bytes) {
    return judge_recovery_part(bytes, is_host_key);
}

Judged<Configuration> decode_shared(ByteView bytes) {
    return decode_shared(bytes, is_host_key);
}

Judged<Configuration> decode_shared(ByteView bytes, KeyChecker checker) {
    if (const Verdict bad = judge_shared(bytes, checker); bad != Verdict::kAccepted) {
        return refuse(bad);
    }
    return read_shared(bytes.data());
}

Judged<Genesis> decode_genesis(ByteView bytes) {
    std::size_t shared_length = 0;
    if (const Verdict bad = judge_genesis(bytes, is_host_key, &shared_length);
        bad != Verdict::kAccepted) {
        return refuse(bad);
    }
    return Genesis{read_shared(bytes.data()), to_bytes(bytes.subspan(shared_length))};
}

Judged<LocalRule> decode_local_rule(ByteView bytes) {
    return decode_local_rule(bytes, is_host_key);
}

Judged<LocalRule> decode_local_rule(ByteView bytes, KeyChecker checker) {
    if (const Verdict bad = judge_local_rule(bytes, checker); bad != Verdict::kAccepted) {
        return refuse(bad);
    }
    const std::uint8_t* at = bytes.data() + 1;
    LocalRule out;
    out.signers = read_signers(at, signers_in(bytes[0]));
    out.rule = read_rule_value(at, out.signers.size());
    return out;
}

Judged<RecoveryPart> decode_recovery_part(ByteView bytes) {
    if (const Judged<std::size_t> after = find_sound_after(bytes); !after) {
        return refuse(after.error());
    }
    const std::uint8_t* at = bytes.data() + 2;
    RecoveryPart out;
    out.signers = read_signers(at, signers_in(bytes[1]));
    out.rules = read_rules(at, rules_in(bytes[1]), out.signers.size());
    const std::uint8_t counts = *at++;
    out.after.signers = signers_in(counts);
    out.after.rules = read_rules(at, rules_in(counts), out.after.signers);
    out.salt = RecoveryPart::Salt::from(
        std::span<const std::uint8_t, kRecoverySaltSize>(at, kRecoverySaltSize));
    return out;
}

Hash32 RecoveryCommitment::bytes() const {
    Hash32 out;
    store_be(out.data(), guard_hours);
    std::copy(hash.begin(), hash.end(), out.begin() + kRecoveryGuardSize);
    return out;
}

RecoveryCommitment RecoveryCommitment::from(const Hash32& bytes) {
    RecoveryCommitment out;
    out.guard_hours = load_be<std::uint16_t>(bytes.data());
    std::copy(bytes.begin() + kRecoveryGuardSize, bytes.end(), out.hash.begin());
    return out;
}

RecoveryCommitment commitment_of(ByteView recovery_part, std::uint16_t guard_hours) {
    const Hash32 hash = crypto::keccak256(recovery_part);
    RecoveryCommitment out{.guard_hours = guard_hours, .hash = {}};
    std::copy_n(hash.begin(), out.hash.size(), out.hash.begin());
    return out;
}

Verdict judge_recovery(ByteView recovery_part, const RecoveryCommitment& commitment) {
    if (commitment_of(recovery_part, commitment.guard_hours) != commitment) {
        return Verdict::kRecoveryPart;
    }
    const Judged<std::size_t> after = find_after(recovery_part, is_host_key);
    return after ? judge_after(recovery_part, *after, commitment) : after.error();
}

Judged<Bytes> recovered_shared(ByteView recovery_part, const RecoveryCommitment& commitment,
                               ByteView signers) {
    return recovered_shared(recovery_part, commitment, signers, is_host_key);
}

Judged<Bytes> recovered_shared(ByteView recovery_part, const RecoveryCommitment& commitment,
                               ByteView signers, KeyChecker checker) {
    if (signers.size() > kMaximumShared) {
        return refuse(Verdict::kConfigurationTooLong);
    }
    const Judged<std::size_t> after = find_after(recovery_part, kAnyKey);
    if (!after) {
        return refuse(after.error());
    }
    const ByteView restored = recovery_part.subspan(*after);
    const ByteView rules = restored.subspan(1, restored.size() - 1 - kRecoverySaltSize);
    ByteWriter out(256);
    out.write_u8(kVersionNibble | kHeaderRecovery).write_u8(restored[0]);
    out.write(signers).write(rules).write(commitment.bytes());
    Bytes shared = out.take();
    if (const Verdict bad = judge_shared(shared, checker); bad != Verdict::kAccepted) {
        return refuse(bad);
    }
    // Rules that were slipped in among the signers must not take the place of the real ones.
    const std::uint8_t* const first_rule = skip_signers(shared.data() + 2, signers_in(restored[0]));
    if (first_rule != shared.data() + 2 + signers.size()) {
        return refuse(Verdict::kConfigurationTrailing);
    }
    return shared;
}

Judged<RuleView> find_rule(ByteView shared, std::size_t index) {
    return find_rule_behind(shared.data() + 1, index);
}

Judged<RuleView> find_recovery_rule(ByteView recovery_part, std::size_t index) {
    return find_rule_behind(recovery_part.data() + 1, index);
}

std::uint64_t guard_seconds(const std::optional<RecoveryCommitment>& commitment) {
    return commitment ? commitment->guard_hours * kHour : 0;
}

std::optional<RecoveryCommitment> commitment_in(ByteView shared) {
    if ((shared[0] & kHeaderRecovery) == 0) {
        return std::nullopt;
    }
    return RecoveryCommitment::from(*Hash32::from(shared.last(kRecoverySize)));
}

RuleView local_rule_view(ByteView local_rule) {
    const std::size_t signers = (local_rule[0] & 0x0fU) + 1U;
    RuleView view;
    read_rule(skip_signers(local_rule.data() + 1, signers), signers, &view);
    return view;
}

Verdict judge_grant(ByteView shared, std::size_t granting_rule, ByteView local_rule) {
    const Judged<RuleView> granting = find_rule(shared, granting_rule);
    if (!granting) {
        return granting.error();
    }
    if ((granting->actions & kActionGrant) == 0) {
        return Verdict::kActionNotAllowed;
    }
    return check_grant(*granting, local_rule_view(local_rule));
}

}  // namespace latchkey::core
