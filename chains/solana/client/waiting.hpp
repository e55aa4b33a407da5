// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "chains/solana/client/plan.hpp"
#include "chains/solana/client/wallet.hpp"
#include "core/wallet/waiting.hpp"

/// What waits in a wallet, and how it ends (docs/spec/authorization.md, section 8).
namespace latchkey::solana {

/// Distinct parties among these signers of the rule.
std::size_t count_parties(const ResolvedRule& rule, std::span<const std::uint8_t> signers);

/// How long what these parties approve under the rule waits; 0: it is done at once.
/// `action`: its number.
std::uint64_t wait_seconds(const core::Configuration& configuration, const core::Rule& rule,
                           ActionNumber action, std::size_t parties);
/// The same for a planned action; parties that were not named when planning count as far as the
/// threshold asks for them.
std::uint64_t wait_seconds(const WalletSnapshot& wallet, const ActionPlan& plan);

/// Bytes of the state account after the action, with the record that it may need; 0 when it does
/// not grow. `waits`: it becomes a proposal. Errors: kRefusedByModel (StateMissing), and those of
/// the encoders.
Result<std::size_t> state_size_after(const WalletSnapshot& wallet, const ActionBody& body,
                                     bool waits);
/// The same for the application of what waits; 0 when it does not grow.
Result<std::size_t> state_size_after_apply(const WalletSnapshot& wallet, const RuleReference& rule,
                                           const Body& body);

/// The digest that a record keeps of what waits. `keys`: of the accounts after the fixed ones;
/// `has_lane`: those are four.
/// Errors: those of encode_body and waiting_digest_of.
Result<core::Hash32> waiting_digest(const WalletHandle& wallet, const Body& body, bool has_lane,
                                    std::span<const Address> keys);
/// Of a planned action.
Result<core::Hash32> waiting_digest(const WalletHandle& wallet, const ActionPlan& plan);

using CancelWay = core::CancelWay;

/// A proposal as the state has it. Times are unix seconds.
struct PendingAction : core::PendingTimes {
    RuleRecord record;
};
/// In the order of the state's records.
std::vector<PendingAction> pending_actions(const WalletSnapshot& wallet, std::uint64_t now);

/// Until when a freeze holds; absent when none does.
std::optional<std::uint64_t> frozen_until(const WalletSnapshot& wallet, std::uint64_t now);

/// What a recovery with these signers leads to. `recovery_part`: valid, and of this commitment.
/// Errors: kRefusedByModel as recovered_shared refuses.
Result<core::Configuration> recovered_configuration(ByteView recovery_part,
                                                    const core::RecoveryCommitment& commitment,
                                                    ByteView signers);
/// The signers that a `recover` names, whatever its wallet is. Errors as above.
Result<std::vector<core::Signer>> recovered_signers(ByteView recovery_part, ByteView signers);

/// "2" for a shared rule, "recovery:0" for one of the recovery part.
std::string record_text(std::uint8_t record_name);
/// "2.5": proposal 5 of rule 2.
std::string proposal_text(const RuleRecord& record);

/// An instruction that may have proposed something, read from a transaction.
struct Proposal {
    std::uint8_t nonce_kind = 0;
    RuleReference rule;
    Body body;
    /// As passed, the fixed ones first; at least as many as those.
    std::vector<Address> accounts;
    std::size_t fixed_accounts = 2;
};
/// Any approved action that is not under a local rule: whether it became a proposal only the
/// record's digest tells. Absent for other instructions, and without the fixed accounts.
std::optional<Proposal> read_proposal(const Instruction& instruction);
/// Errors: those of waiting_digest.
Result<core::Hash32> waiting_digest(const WalletHandle& wallet, const Proposal& proposal);
/// Does it. The proposal has at least `fixed_accounts` accounts, as from read_proposal. Signers
/// among the accounts are those whose signatures its calls pass on. Errors: those of
/// encode_instruction.
Result<Instruction> apply_instruction(const WalletHandle& wallet, const Proposal& proposal);

}  // namespace latchkey::solana
