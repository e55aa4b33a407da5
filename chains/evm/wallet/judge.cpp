// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/judge.hpp"

#include "chains/evm/wallet/part.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/wallet/key_checker.hpp"

namespace latchkey::evm::wallet {

namespace {

using core::refuse;
using core::Verdict;

/// Parties with a usable signer in the mask.
std::size_t usable_parties(const std::vector<core::Signer>& signers, std::uint64_t mask,
                           std::uint64_t chain) {
    std::size_t parties = 0;
    bool is_counted = false;
    for (std::size_t i = 0; i < signers.size(); ++i) {
        is_counted = is_counted && signers[i].same_party;
        if ((mask >> i & 1) != 0 && is_usable(signers[i], chain) && !is_counted) {
            ++parties;
            is_counted = true;
        }
    }
    return parties;
}

/// A rule can change the configuration on this chain at any time, in 90 days at most. The bytes are
/// valid but for that and for what follows them.
bool is_changeable(ByteView shared, std::uint64_t chain) {
    const auto list = read_signers(shared.subspan(1));
    for (std::size_t i = 0; i < (shared[1] >> 4U) + 1U; ++i) {
        const core::RuleView rule = *core::find_rule(shared, i);
        const std::uint64_t delay = core::wait_of(rule) & core::kWaitDelayMask;
        if ((rule.actions & core::kActionPolicy) != 0 && rule.times == nullptr &&
            delay <= core::kMaximumPolicyDelay &&
            usable_parties(list->signers, rule.mask, chain) >= core::threshold_of(rule.quorum)) {
            return true;
        }
    }
    return false;
}

/// The model's other checks are run by the Solana program too, but its lockout is another chain's.
Bytes with_lockdown(ByteView bytes) {
    Bytes out = core::to_bytes(bytes);
    out[0] |= static_cast<std::uint8_t>(core::kHeaderLockdown);
    return out;
}

Verdict judge_lockout(ByteView bytes, std::uint64_t chain, Verdict otherwise) {
    const bool is_lockdown = (bytes[0] & core::kHeaderLockdown) != 0;
    return is_lockdown || is_changeable(bytes, chain) ? otherwise : Verdict::kLockout;
}

/// Everything is there but all of the salt.
bool lacks_only_salt(ByteView genesis) {
    const std::size_t commitment =
        (genesis[0] & core::kHeaderRecovery) != 0 ? core::kRecoverySize : 0;
    const auto part = read_part(genesis.subspan(1));
    return part && genesis.size() >= 1 + part->end + commitment;
}

/// Above half the order, the highest s.
bool has_high_s(const core::crypto::P256Signature& signature) {
    static const Hash32 kHalf({0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff,
                               0xff, 0xff, 0xff, 0xff, 0xff, 0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b,
                               0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8});
    return Hash32::from(signature.view().last<32>()) > kHalf;
}

Verdict judge_passkey(const core::Signer& signer, const PasskeyApproval& approval) {
    using namespace core::webauthn;
    if ((approval.flags & kFlagUserPresent) == 0) {
        return Verdict::kUserPresence;
    }
    if ((approval.flags & (kFlagAttestedCredential | kFlagExtensions)) != 0) {
        return Verdict::kAuthenticatorData;
    }
    if (signer.option && (approval.flags & kFlagUserVerified) == 0) {
        return Verdict::kUserVerification;
    }
    if (!approval.rest.starts_with('"')) {
        return Verdict::kClientData;
    }
    return has_high_s(approval.signature) ? Verdict::kSignatureMalformed : Verdict::kAccepted;
}

Verdict judge_form(const core::Signer& signer, const Approval& approval) {
    if (const auto* passkey = std::get_if<PasskeyApproval>(&approval)) {
        return judge_passkey(signer, *passkey);
    }
    const auto* p256 = std::get_if<P256Approval>(&approval);
    return p256 != nullptr && has_high_s(p256->signature) ? Verdict::kSignatureMalformed
                                                          : Verdict::kAccepted;
}

}  // namespace

bool is_usable(const core::Signer& signer, std::uint64_t chain) {
    switch (signer.kind) {
        case core::kSignerSecp256k1Eip712:
        case core::kSignerSecp256k1Eip191:
        case core::kSignerP256:
        case core::kSignerWebauthn:
            return true;
        case core::kSignerContract:
            return core::load_be<std::uint64_t>(signer.key.data()) == chain;
        default:
            return false;
    }
}

core::Verdict judge_shared(ByteView shared, std::uint64_t chain) {
    if (shared.empty()) {
        return Verdict::kConfigurationTruncated;
    }
    const Verdict verdict = core::judge_shared(with_lockdown(shared), core::kAnyKey);
    // What follows a shared part is looked at last.
    const bool is_read =
        verdict == Verdict::kAccepted || verdict == Verdict::kConfigurationTrailing;
    return is_read ? judge_lockout(shared, chain, verdict) : verdict;
}

core::Verdict judge_genesis(ByteView genesis, std::uint64_t chain) {
    if (genesis.empty()) {
        return Verdict::kConfigurationTruncated;
    }
    std::size_t length = 0;
    const Verdict verdict = core::judge_genesis(with_lockdown(genesis), core::kAnyKey, &length);
    const bool is_read = verdict == Verdict::kAccepted ||
                         verdict == Verdict::kConfigurationTrailing ||
                         (verdict == Verdict::kConfigurationTruncated && lacks_only_salt(genesis));
    return is_read ? judge_lockout(genesis, chain, verdict) : verdict;
}

core::Judged<Bytes> recovered_shared(ByteView recovery_part,
                                     const core::RecoveryCommitment& commitment, ByteView signers,
                                     std::uint64_t chain) {
    if (signers.size() > core::kMaximumShared) {
        return refuse(Verdict::kConfigurationTooLong);
    }
    const auto part = read_part(recovery_part.subspan(1));
    if (!part) {
        return refuse(Verdict::kConfigurationTruncated);
    }
    // The counts of `after`, its rules, the salt.
    const ByteView after = recovery_part.subspan(1 + part->end);
    const ByteView rules = after.subspan(1, after.size() - 1 - core::kRecoverySaltSize);
    core::ByteWriter out(256);
    out.write_u8(core::kVersionNibble | core::kHeaderRecovery).write_u8(after[0]);
    out.write(signers).write(rules).write(commitment.bytes());
    Bytes shared = out.take();
    if (const Verdict bad = judge_shared(shared, chain); bad != Verdict::kAccepted) {
        return refuse(bad);
    }
    // Rules that were slipped in among the signers must not take the place of the real ones.
    if (read_signers(ByteView(shared).subspan(1))->end != 1 + signers.size()) {
        return refuse(Verdict::kConfigurationTrailing);
    }
    return shared;
}

core::Verdict judge_evidence(const core::Signer& signer, const core::ApprovalHash& hash,
                             const Approval& approval, std::uint64_t chain) {
    if (!is_usable(signer, chain)) {
        return Verdict::kSignerNotUsable;
    }
    if (const Verdict bad = judge_form(signer, approval); bad != Verdict::kAccepted) {
        return bad;
    }
    if (signer.kind == core::kSignerContract) {
        return Verdict::kAccepted;
    }
    const auto good = verify(signer, hash, approval);
    if (good) {
        return Verdict::kAccepted;
    }
    const bool is_recovered = std::holds_alternative<Secp256k1Approval>(approval);
    // Of r and s that are no signature, or a high s, no key can be recovered.
    return is_recovered && good.error().code != core::ErrorCode::kWrongSigner
               ? Verdict::kSignatureMalformed
               : Verdict::kKeyMismatch;
}

}  // namespace latchkey::evm::wallet
