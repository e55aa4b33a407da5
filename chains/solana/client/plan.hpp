// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "chains/solana/client/action.hpp"
#include "core/wallet/evidence.hpp"
#include "core/wallet/tree.hpp"

/// From an action to what its approvers sign, and from their answers to instructions.
namespace latchkey::solana {

/// An action with every account in its place: what is signed can no longer change.
struct ActionPlan {
    Action action;
    Deployment deployment;
    core::WalletId wallet_id;
    ResolvedRule rule;
    std::vector<Approver> approvers;
    /// The configuration's, which changes under a rule of the recovery part are bound to.
    std::optional<core::RecoveryCommitment> recovery;
    /// Set in genesis mode.
    std::optional<Bytes> genesis;
    SignedPart signed_part;
    /// Of the wallet's instruction, the fixed ones first.
    std::vector<AccountMeta> accounts;
    std::size_t fixed_accounts = 2;
    core::Leaf leaf;
};

/// Choices that do not change what the action does.
struct PlanOptions {
    /// Prove the configuration by the genesis although a state with n = 0 exists.
    bool uses_genesis = false;
};

/// Puts the action's accounts in order and computes its leaf. `approvers` names at least those
/// whose approval takes an account (see takes_account); anybody else of the rule may still approve.
/// Errors: kRefusedByModel with the verdict the program would have (UnknownRule, ActionNotAllowed,
/// StateMissing, StateNeeded, SignerNotInRule, SignerForwarded, TooManyCalls, TooManyAccounts,
/// SignerPaysFees, NonceRequired, RecoveryPart, CancelNotAllowed and those of encode() and
/// recovered_shared()), kInvalidArgument, and those of encode_signed.
Result<ActionPlan> plan_action(const WalletSnapshot& wallet, const Action& action,
                               std::span<const Approver> approvers = {},
                               const PlanOptions& options = {});

/// One or several leaves, of this and other chains, under one digest.
class ApprovalBundle {
  public:
    /// Errors: kOutOfRange for no leaf or more than 256.
    static Result<ApprovalBundle> from(std::span<const core::Leaf> leaves);

    const core::ApprovalHash& hash() const { return hash_; }
    core::Digest digest() const { return core::digest_of(hash_); }
    /// Absent for a single leaf. Errors: kOutOfRange.
    Result<std::optional<core::TreeProof>> proof(std::size_t leaf_index) const;

  private:
    ApprovalBundle() = default;

    core::ApprovalHash hash_;
    std::optional<core::ApprovalTree> tree_;
};

/// What one signer is asked for.
struct SignerRequest {
    std::uint8_t signer = 0;
    core::Signer entry;
    ApprovalMethod method = ApprovalMethod::kDefault;
    /// The message as the kind signs it: 66 (eip712) or 60 bytes (eip191) to be hashed with keccak,
    /// the 32 digest bytes (p256, hashed with SHA-256), the off-chain message (ed25519), the
    /// 48-byte challenge (webauthn). Empty if the account signs the transaction instead.
    Bytes message;
};

/// All signers of the plan's rule that can approve on this chain, in order. Where the plan names an
/// approver, its method counts; other ed25519 signers are asked for an off-chain message.
std::vector<SignerRequest> signer_requests(const ActionPlan& plan, const core::ApprovalHash& hash);

using core::CollectedApproval;

/// How answers become instructions.
struct AssembleOptions {
    /// When the digest covers several leaves.
    std::optional<core::TreeProof> tree{};
    /// Off: neither signatures nor the threshold are checked here. For tests.
    bool verifies = true;
};

/// Precompile instructions and the wallet's, which follow each other directly.
struct AssembledAction {
    Address program;
    std::vector<Instruction> precompiles;
    ApprovedAction approved;
    std::vector<AccountMeta> accounts;

    /// Errors: those of encode_instruction.
    [[nodiscard]] Result<std::vector<Instruction>> instructions() const;
};

/// Whether the rule's threshold is met by distinct parties of its mask. Errors: kRefusedByModel
/// (SignerNotInRule, ThresholdNotMet, ApprovalOrder for a signer that is there twice).
Result<void> check_quorum(const ResolvedRule& rule, std::span<const std::uint8_t> signers);

/// Approvers of the plan that sign the transaction or call as a program are added by themselves;
/// `approvals` are the others'. Errors: kRefusedByModel (SignerNotInRule, ThresholdNotMet,
/// ApprovalOrder, NonceRequired), kInvalidArgument (a tree without an approval over its digest),
/// those of core::verify_evidence and of the precompiles' builders.
Result<AssembledAction> assemble(const ActionPlan& plan,
                                 std::span<const CollectedApproval> approvals,
                                 const AssembleOptions& options = {});

}  // namespace latchkey::solana
