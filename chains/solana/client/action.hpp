// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "chains/solana/client/transaction.hpp"
#include "chains/solana/client/wallet.hpp"

/// What a wallet is asked to do, before accounts become indexes.
namespace latchkey::solana {

/// What the approvers demand of an account over all calls: the vault (lamports) or a token account
/// of it (amount).
struct AddressedCap {
    Address account;
    std::uint64_t maximum_outflow = 0;
    std::uint64_t minimum_inflow = 0;
    friend bool operator==(const AddressedCap&, const AddressedCap&) = default;
};

/// Calls made by the vault. In each instruction the accounts' writable and signer bits are what the
/// approvers declare; the program gives no more.
struct ExecuteAction {
    RuleReference rule;
    std::vector<Instruction> calls{};
    /// Accounts besides the vault whose signatures may be passed on to calls, such as a new mint's.
    std::vector<Address> forwarded_signers{};
    std::vector<AddressedCap> caps{};
    bool no_new_authority = false;
};
/// A new session; `rule` grants it.
struct GrantAction {
    RuleReference rule;
    core::LocalRule local_rule;
};
/// The end of a session.
struct RevokeAction {
    RuleReference rule;
    core::LocalRuleId local_rule_id;
};
/// The next configuration, whole.
struct PolicyAction {
    RuleReference rule;
    core::Configuration next;
    /// Of the rule; absent: as the snapshot has it.
    std::optional<std::uint32_t> epoch{};
};
/// The wallet vouches for a hash; changes nothing.
struct MessageAction {
    RuleReference rule;
    core::Hash32 message_hash;
};
/// The end of what another rule (or this one) proposed, or of what it has not proposed yet.
struct CancelAction {
    RuleReference rule;
    /// As record_name() writes it.
    std::uint8_t target = 0;
    /// That the proposal was made with; absent: that of what waits, else the target's present one.
    std::optional<std::uint32_t> epoch{};
};
/// Seven days in which the wallet does nothing, or the end of them.
struct FreezeAction {
    RuleReference rule;
    bool lift = false;
    /// Of the rule; absent: as the snapshot has it.
    std::optional<std::uint32_t> epoch{};
};
/// New signers for the rules that the recovery part restores; `rule` is one of the recovery part.
struct RecoverAction {
    RuleReference rule;
    std::vector<core::Signer> signers{};
    /// Of the rule; absent: as the snapshot has it.
    std::optional<std::uint32_t> epoch{};
};
/// New code for a program whose upgrade authority is the vault.
struct UpgradeAction {
    RuleReference rule;
    Address program;
    /// Holds the new code, with the vault as its authority.
    Address buffer;
    /// Gets the buffer's lamports.
    Address spill;
    /// keccak of the buffer's data behind its head; see loader::code_hash.
    core::Hash32 code_hash;
};
/// What a rule can approve.
using ActionBody =
    std::variant<ExecuteAction, GrantAction, RevokeAction, PolicyAction, MessageAction,
                 CancelAction, FreezeAction, RecoverAction, UpgradeAction>;

/// The bit of a rule's actions that allows it.
std::uint8_t right_of(const ActionBody& body);
/// Policy, cancel, freeze and recover: their leaf is the same on every chain.
bool is_change(const ActionBody& body);
/// Those and message: no lane and no state nonce.
bool is_repeatable(const ActionBody& body);
const RuleReference& rule_of(const ActionBody& body);

/// The transaction itself, for transaction signers; also for what is_repeatable.
struct UseTransaction {};
/// One bit of a lane.
struct UseLane {
    Address lane;
    /// Signs the transaction.
    Address operator_address;
    /// Number of the 256-second window.
    std::uint64_t window = 0;
    /// 0..2047.
    std::uint16_t bit = 0;
    /// 0..15: the deadline is window * 256 + 16 * sixteenth + 15.
    std::uint8_t sixteenth = 15;
    friend bool operator==(const UseLane&, const UseLane&) = default;
};
/// The state's nonce `key`, which must have this sequence when the action executes.
struct UseStateNonce {
    std::uint8_t key = 0;
    std::uint64_t sequence = 0;
};
/// Where the action's nonce lives.
using NonceChoice = std::variant<UseTransaction, UseLane, UseStateNonce>;

/// One action of one wallet.
struct Action {
    ActionBody body;
    NonceChoice nonce;
    /// Unix seconds; not with a lane, whose nonce has one, and not for what is_change.
    std::optional<std::uint64_t> deadline;
};

/// How a signer of the kind approves, where its kind leaves a choice.
enum class ApprovalMethod : std::uint8_t {
    /// ed25519: transaction signature. Others have one way only.
    kDefault,
    /// ed25519: Solana's off-chain message. Works over any distance and with any nonce but the
    /// transaction.
    kOffchainMessage,
};

/// Who is going to approve, and how.
struct Approver {
    /// Index among the rule's signers.
    std::uint8_t signer = 0;
    ApprovalMethod method = ApprovalMethod::kDefault;
    friend bool operator==(const Approver&, const Approver&) = default;
};

/// Whether the approval takes an account of the instruction, which the leaf commits to: then the
/// approver must be known before anybody signs.
bool takes_account(const core::Signer& signer, ApprovalMethod method);
/// The account that approves for an ed25519 or program signer.
Address approving_account(const core::Signer& signer);

}  // namespace latchkey::solana
