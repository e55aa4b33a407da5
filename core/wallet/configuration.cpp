// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/configuration.hpp"

#include <algorithm>
#include <tuple>

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
        (rule.scope.empty() ? 0 : kQuorumScope) | (rule.limits.empty() ? 0 : kQuorumLimits);
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
}

void write_shared(ByteWriter& out, const Configuration& configuration, bool long_salt) {
    const std::uint64_t header =
        kVersionNibble | (configuration.recovery_hash ? kHeaderRecovery : 0) |
        (long_salt ? kHeaderLongSalt : 0) | (configuration.lockdown ? kHeaderLockdown : 0);
    const std::size_t counts = ((configuration.signers.size() - 1) & 0x0f) |
                               ((configuration.rules.size() - 1) & 0x0f) << 4;
    out.write_u8(static_cast<std::uint8_t>(header)).write_u8(static_cast<std::uint8_t>(counts));
    for (const Signer& signer : configuration.signers) {
        write_signer(out, signer);
    }
    for (const Rule& rule : configuration.rules) {
        write_rule(out, rule, configuration.signers.size());
    }
    if (configuration.recovery_hash) {
        out.write(*configuration.recovery_hash);
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
    return long_prefix || rule.scope.size() > kMaximumTargets ? Verdict::kRuleScope
                                                              : Verdict::kAccepted;
}

Verdict check_expressible(const Configuration& configuration) {
    if (const Verdict bad = check_expressible(configuration.signers); bad != Verdict::kAccepted) {
        return bad;
    }
    if (configuration.rules.empty() || configuration.rules.size() > kMaximumRules) {
        return Verdict::kNonCanonical;
    }
    for (const Rule& rule : configuration.rules) {
        if (const Verdict bad = check_expressible(rule, configuration.signers.size());
            bad != Verdict::kAccepted) {
            return bad;
        }
    }
    return Verdict::kAccepted;
}

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
    return rule;
}

Configuration read_shared(const std::uint8_t* at) {
    const std::uint8_t header = at[0];
    const std::size_t signers = (at[1] & 0x0fU) + 1U;
    const std::size_t rules = (at[1] >> 4U) + 1U;
    at += 2;
    Configuration out;
    out.lockdown = (header & kHeaderLockdown) != 0;
    out.signers = read_signers(at, signers);
    for (std::size_t i = 0; i < rules; ++i) {
        out.rules.push_back(read_rule_value(at, signers));
    }
    if ((header & kHeaderRecovery) != 0) {
        out.recovery_hash = read_hash(at);
    }
    return out;
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
    out.write_u8(static_cast<std::uint8_t>((local_rule.signers.size() - 1) & 0x0f));
    for (const Signer& signer : local_rule.signers) {
        write_signer(out, signer);
    }
    write_rule(out, local_rule.rule, local_rule.signers.size());
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

Verdict judge_shared(ByteView bytes) {
    std::uint64_t length = 0;
    return validate_shared(bytes.data(), bytes.size(), /*is_genesis=*/false, host_key_checker(),
                           &length);
}

Verdict judge_genesis(ByteView bytes) {
    std::uint64_t shared_length = 0;
    return validate_genesis(bytes.data(), bytes.size(), host_key_checker(), &shared_length);
}

Verdict judge_local_rule(ByteView bytes) {
    return validate_local_rule(bytes.data(), bytes.size(), host_key_checker());
}

Judged<Configuration> decode_shared(ByteView bytes) {
    if (const Verdict bad = judge_shared(bytes); bad != Verdict::kAccepted) {
        return refuse(bad);
    }
    return read_shared(bytes.data());
}

Judged<Genesis> decode_genesis(ByteView bytes) {
    std::uint64_t shared_length = 0;
    if (const Verdict bad =
            validate_genesis(bytes.data(), bytes.size(), host_key_checker(), &shared_length);
        bad != Verdict::kAccepted) {
        return refuse(bad);
    }
    return Genesis{read_shared(bytes.data()), to_bytes(bytes.subspan(shared_length))};
}

Judged<LocalRule> decode_local_rule(ByteView bytes) {
    if (const Verdict bad = judge_local_rule(bytes); bad != Verdict::kAccepted) {
        return refuse(bad);
    }
    const std::uint8_t* at = bytes.data() + 1;
    LocalRule out;
    out.signers = read_signers(at, bytes[0] + 1U);
    out.rule = read_rule_value(at, out.signers.size());
    return out;
}

Judged<RuleView> find_rule(ByteView shared, std::size_t index) {
    const std::size_t signers = (shared[1] & 0x0fU) + 1U;
    const std::size_t rules = (shared[1] >> 4U) + 1U;
    if (index >= rules) {
        return refuse(Verdict::kUnknownRule);
    }
    const std::uint8_t* at = skip_signers(shared.data() + 2, signers);
    RuleView view;
    read_rule(at, signers, &view);
    for (std::size_t i = 0; i < index; ++i) {
        read_rule(view.end, signers, &view);
    }
    return view;
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
