// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "chains/solana/client/plan.hpp"
#include "chains/solana/client/precompiles.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::solana {

using core::ErrorCode;
using core::fail;
using core::to_error;
using core::Verdict;

namespace {

constexpr std::size_t kHostSizeMax = 0xff;
constexpr std::size_t kP256KeySize = 33;

tl::unexpected<core::Error> refused(Verdict verdict) {
    return tl::unexpected(to_error(verdict));
}

/// What an approval of the instruction is made from: an answer, or an account of the plan.
struct Source {
    std::uint8_t signer = 0;
    /// Null for a signer whose account signs the transaction or whose program calls.
    const core::Evidence* evidence = nullptr;
};

/// Answers and the approvals that the plan's accounts give, by ascending signer.
Result<std::vector<Source>> merge_approvals(const ActionPlan& plan,
                                            std::span<const CollectedApproval> approvals) {
    std::vector<Source> out;
    for (const CollectedApproval& approval : approvals) {
        if (approval.signer >= plan.rule.signers.size()) {
            return refused(Verdict::kSignerNotInRule);
        }
        out.push_back({approval.signer, &approval.evidence});
    }
    for (const Approver& approver : plan.approvers) {
        const core::Signer& signer = plan.rule.signers[approver.signer];
        if (takes_account(signer, approver.method)) {
            out.push_back({approver.signer, nullptr});
        }
    }
    std::sort(out.begin(), out.end(),
              [](const Source& a, const Source& b) { return a.signer < b.signer; });
    if (out.empty()) {
        return refused(Verdict::kThresholdNotMet);
    }
    return out;
}

Result<std::uint8_t> account_index(const ActionPlan& plan, const Address& address) {
    for (std::size_t i = plan.fixed_accounts; i < plan.accounts.size(); ++i) {
        if (plan.accounts[i].address == address) {
            return static_cast<std::uint8_t>(i);
        }
    }
    return fail(ErrorCode::kInvalidArgument,
                to_base58(address) + " is not among the plan's accounts; name the approver when " +
                    "planning");
}

/// Turns what signers answered into what the instruction carries, and collects the precompiles'
/// slots.
class EvidenceBuilder {
  public:
    EvidenceBuilder(const ActionPlan& plan, const core::ApprovalHash& hash)
        : plan_(plan), digest_(core::digest_of(hash)) {}

    Result<Approval> build(const Source& approval) {
        signer_ = &plan_.rule.signers[approval.signer];
        if (approval.evidence == nullptr) {
            LATCHKEY_TRY(const std::uint8_t index,
                         account_index(plan_, approving_account(*signer_)));
            return Approval{approval.signer, AccountEvidence{index}};
        }
        LATCHKEY_TRY(Evidence evidence, std::visit(*this, *approval.evidence));
        return Approval{approval.signer, std::move(evidence)};
    }

    Result<Evidence> operator()(const core::webauthn::Assertion& assertion) {
        LATCHKEY_TRY(const auto key, core::crypto::P256PublicKey::from(key_bytes(kP256KeySize)));
        LATCHKEY_TRY(const auto parts,
                     core::webauthn::split_client_data(assertion.client_data_json));
        const core::Hash32 client_hash =
            core::crypto::sha256(core::as_bytes(assertion.client_data_json));
        secp256r1_.push_back(
            {key, assertion.signature, core::concat(assertion.authenticator_data, client_hash)});
        if (parts.rest == last_rest_) {
            return SameClientDataEvidence{};
        }
        last_rest_ = parts.rest;
        const auto host = core::webauthn::host_of_standard_rest(parts.rest);
        if (host && host->size() <= kHostSizeMax) {
            return HostEvidence{std::string(*host)};
        }
        return ClientDataEvidence{std::string(parts.rest)};
    }
    Result<Evidence> operator()(const core::crypto::P256Signature& signature) {
        LATCHKEY_TRY(const auto key, core::crypto::P256PublicKey::from(key_bytes(kP256KeySize)));
        secp256r1_.push_back({key, signature, core::to_bytes(digest_.view())});
        return SlotEvidence{};
    }
    Result<Evidence> operator()(const core::crypto::Ed25519Signature& signature) {
        LATCHKEY_TRY(const auto key,
                     core::crypto::Ed25519PublicKey::from(key_bytes(Address::kSize)));
        ed25519_.push_back({key, signature, core::offchain_message(key, digest_)});
        return SlotEvidence{};
    }
    Result<Evidence> operator()(const core::crypto::RecoverableSignature& made) {
        RecoverEvidence evidence;
        std::copy(made.signature.begin(), made.signature.end(), evidence.signature.begin());
        evidence.signature.back() = made.recovery_id;
        return evidence;
    }

    /// In the order that the program expects.
    Result<std::vector<Instruction>> precompile_instructions() const {
        std::vector<Instruction> out;
        if (!ed25519_.empty()) {
            LATCHKEY_TRY(Instruction one, precompiles::ed25519(ed25519_));
            out.push_back(std::move(one));
        }
        if (!secp256r1_.empty()) {
            LATCHKEY_TRY(Instruction one, precompiles::secp256r1(secp256r1_));
            out.push_back(std::move(one));
        }
        return out;
    }

  private:
    /// The first bytes of the signer's key; all of them if there are fewer.
    [[nodiscard]] ByteView key_bytes(std::size_t size) const {
        return ByteView(signer_->key).first(std::min(size, signer_->key.size()));
    }

    const ActionPlan& plan_;
    core::Digest digest_;
    const core::Signer* signer_ = nullptr;
    /// Points into the answers.
    std::string_view last_rest_;
    std::vector<precompiles::Ed25519Entry> ed25519_;
    std::vector<precompiles::Secp256r1Entry> secp256r1_;
};

Result<void> verify_all(const ActionPlan& plan, const core::ApprovalHash& hash,
                        std::span<const Source> approvals) {
    std::vector<std::uint8_t> signers;
    const bool repeats = is_repeatable(plan.action.body);
    for (const Source& approval : approvals) {
        signers.push_back(approval.signer);
        if (approval.evidence == nullptr) {
            continue;
        }
        const core::Signer& signer = plan.rule.signers[approval.signer];
        if (auto good = core::verify_evidence(signer, hash, *approval.evidence); !good) {
            return fail("signer " + std::to_string(approval.signer), good.error());
        }
        if (!repeats && std::holds_alternative<UseTransaction>(plan.action.nonce)) {
            return refused(Verdict::kNonceRequired);
        }
    }
    return check_quorum(plan.rule, signers);
}

}  // namespace

Result<void> check_quorum(const ResolvedRule& rule, std::span<const std::uint8_t> signers) {
    std::size_t parties = 0;
    int last_signer = -1;
    std::size_t last_party = rule.signers.size();
    for (const std::uint8_t signer : signers) {
        if (signer <= last_signer) {
            return refused(Verdict::kApprovalOrder);
        }
        last_signer = signer;
        if (signer >= rule.signers.size() || (rule.rule.mask >> signer & 1) == 0) {
            return refused(Verdict::kSignerNotInRule);
        }
        std::size_t party = signer;
        while (rule.signers[party].same_party && party > 0) {
            --party;
        }
        parties += party == last_party ? 0 : 1;
        last_party = party;
    }
    if (parties < rule.rule.threshold) {
        return refused(Verdict::kThresholdNotMet);
    }
    return {};
}

Result<AssembledAction> assemble(const ActionPlan& plan,
                                 std::span<const CollectedApproval> approvals,
                                 const AssembleOptions& options) {
    LATCHKEY_TRY(const std::vector<Source> all, merge_approvals(plan, approvals));
    if (options.verifies && options.tree && approvals.empty()) {
        return fail(ErrorCode::kInvalidArgument,
                    "nobody approved a digest, so there is no tree to prove");
    }
    core::ApprovalHash hash = core::approval_hash_of(plan.leaf);
    if (options.tree) {
        LATCHKEY_TRY(hash, core::to_result(core::approval_hash_of(plan.leaf, *options.tree)));
    }
    if (options.verifies) {
        LATCHKEY_CHECK(verify_all(plan, hash, all));
    }
    AssembledAction out;
    out.program = plan.deployment.program;
    out.accounts = plan.accounts;
    out.approved.tree = options.tree;
    out.approved.signed_part = plan.signed_part;
    EvidenceBuilder builder(plan, hash);
    std::vector<std::uint8_t> signers;
    for (const Source& approval : all) {
        LATCHKEY_TRY(Approval built, builder.build(approval));
        out.approved.approvals.push_back(std::move(built));
        signers.push_back(approval.signer);
    }
    if (plan.genesis) {
        LATCHKEY_TRY(out.approved.genesis, make_holed_genesis(*plan.genesis, signers));
    }
    LATCHKEY_TRY(out.precompiles, builder.precompile_instructions());
    return out;
}

Result<std::vector<Instruction>> AssembledAction::instructions() const {
    LATCHKEY_TRY(Bytes data, encode_instruction(approved));
    std::vector<Instruction> out = precompiles;
    out.push_back({program, accounts, std::move(data)});
    return out;
}

}  // namespace latchkey::solana
