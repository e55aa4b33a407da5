// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "core/authorization/lane.hpp"
#include "core/wallet/leaf.hpp"

/// A wallet on Solana as a state machine on values: what is accepted, what is refused with which
/// verdict, and what the next state is (docs/spec/authorization.md and docs/spec/solana.md). There
/// are no bytes of instructions or accounts here and no cryptography: whether a signature is good
/// and what a call does are inputs. The Solana program is compared with this model on random
/// actions; the checks on configurations, times, scopes, limits and lanes are the ones it runs.
namespace latchkey::core::model {

/// How much of one limit is spent.
struct Counter {
    std::uint64_t window = 0;
    std::uint64_t spent = 0;

    friend bool operator==(const Counter&, const Counter&) = default;
};

/// A local rule that was granted and neither revoked nor ended.
struct Slot {
    /// Index of the shared rule that granted it, in the current shared part.
    std::uint8_t granting_rule = 0;
    /// Count of local changes after the grant.
    std::uint32_t version = 0;
    LocalRuleId id{};
    /// Canonical bytes.
    Bytes local_rule{};
    std::vector<Counter> counters{};

    friend bool operator==(const Slot&, const Slot&) = default;
};

/// What waits under a rule, and what the rule did before. Times are unix seconds. The accounts'
/// layout has a struct of its own with the same fields: what it decodes is compared with this, and
/// the model knows no bytes of accounts.
struct Record {
    /// Index of the rule; of the recovery part with kRecoveryRule.
    std::uint8_t rule = 0;
    /// Number of the action that waits; 0 if none does.
    std::uint8_t action = 0;
    /// Cancels by one party in the window.
    std::uint8_t cancels = 0;
    /// The rule's TIE, when it last proposed.
    bool tie = false;
    /// One party alone approved what waits, and there is a guard.
    bool guarded = false;
    std::uint32_t epoch = 0;
    std::uint32_t earliest = 0;
    std::uint32_t cancels_since = 0;
    std::uint32_t frozen_at = 0;
    /// Of what was proposed last.
    Hash32 digest{};

    friend bool operator==(const Record&, const Record&) = default;
};

/// An initialised state account.
struct State {
    /// It was frozen, and nothing has run since that is over.
    bool was_frozen = false;
    std::uint32_t sequence = 0;
    std::uint32_t local_version = 0;
    ConfigId config_id{};
    std::array<std::uint64_t, 4> nonces{};
    /// Canonical bytes.
    Bytes shared{};
    /// One for each limit of the shared part, in order.
    std::vector<Counter> counters{};
    /// In the order in which they came.
    std::vector<Record> records{};
    /// A revoked or ended slot is empty and may be used again; at most 16.
    std::vector<std::optional<Slot>> slots{};

    friend bool operator==(const State&, const State&) = default;
};

/// An open nonce lane.
struct Lane {
    Hash32 owner{};
    Hash32 operator_address{};
    /// As the account holds it; only the base window and the maps are meant.
    std::array<std::uint8_t, kLaneSize> data{};

    friend bool operator==(const Lane&, const Lane&) = default;
};

/// One wallet, the lanes it may use and the cluster around it.
struct World {
    Hash32 program_id{};
    /// Loaders: only a scope that names one of them allows calls to it.
    std::vector<Hash32> reserved_targets{};
    /// The one that upgrades programs.
    Hash32 upgradeable_loader{};
    /// Valid.
    Bytes genesis{};
    WalletId wallet_id{};
    std::optional<State> state{};
    std::map<Hash32, Lane> lanes{};
    /// An upgrade is one of the wallet's own code, which could change anything: the guard holds it
    /// back as it does a change of the configuration.
    bool guards_upgrades = false;

    friend bool operator==(const World&, const World&) = default;
};

/// How it is proved that a signer approves.
enum class EvidenceKind : std::uint8_t {
    /// The signature of the Solana transaction itself; ed25519 signers.
    kTransaction,
    /// A signature over the digest; ed25519, secp256k1, p256 and webauthn signers.
    kDigest,
    /// The account signs because its program called; program signers.
    kProgram,
};

/// One signer's approval, and whether it is good.
struct Approval {
    /// Index among the signers of the configuration or local rule.
    std::uint8_t signer = 0;
    EvidenceKind evidence = EvidenceKind::kTransaction;
    /// For an account as evidence: the runtime's flags.
    bool account_signed = true;
    bool account_writable = false;
    /// kAccepted, or why the evidence does not prove that this signer approved this action, such
    /// as kKeyMismatch or kDigestMismatch.
    Verdict flaw = Verdict::kAccepted;
};

/// Kind 0. `binding` is absent with a genesis.
struct TransactionNonce {
    std::optional<std::array<std::uint8_t, 16>> binding{};
};
/// Kind 1.
struct LaneNonce {
    Hash32 lane{};
    /// The account in the operator's place, and whether it signed.
    Hash32 operator_address{};
    bool operator_signed = true;
    /// As in the instruction: bit, parity of the window, sixteenth.
    std::uint16_t nonce = 0;
};
/// Kind 2.
struct StateNonce {
    /// 0 to 3.
    std::uint8_t key = 0;
    std::uint64_t sequence = 0;
};

/// What a call took from one account that is counted.
struct Outflow {
    Hash32 asset{};
    std::uint64_t amount = 0;
};

/// One call of another program, and what it does.
struct Call {
    Hash32 program{};
    Bytes data{};
    /// It asks for a signature that must not be passed on.
    bool forwards_signer = false;
    /// What running it does, in the order in which accounts are looked at.
    std::vector<Outflow> outflows{};
    bool changes_vault = false;
    bool changes_authority = false;
};

/// One signed cap, and the account's value before the first and after the last call.
struct Cap {
    std::uint64_t maximum_outflow = 0;
    std::uint64_t minimum_inflow = 0;
    std::uint64_t before = 0;
    std::uint64_t after = 0;
};

/// Calls and what the approvers demand of their result.
struct Execute {
    std::vector<Call> calls{};
    std::vector<Cap> caps{};
    bool no_new_authority = false;
    /// An account was passed whose value cannot be counted.
    bool passes_uncountable = false;
};
/// `local_rule`: canonical bytes if it is to be accepted.
struct Grant {
    Bytes local_rule{};
};
/// Ends a session.
struct Revoke {
    LocalRuleId id{};
};
/// `shared`: the whole new shared part.
struct Policy {
    Bytes shared{};
    std::uint32_t epoch = 0;
};
/// Vouches for a hash; changes nothing.
struct Message {};
/// `target`: the rule whose proposal it is, named as its record is.
struct Cancel {
    std::uint32_t epoch = 0;
    std::uint8_t target = 0;
};
/// `lift`: 0 freezes, 1 ends a freeze.
struct Freeze {
    std::uint32_t epoch = 0;
    std::uint8_t lift = 0;
};
/// `signers`: those of the configuration that is restored, one after the other.
struct Recover {
    Bytes signers{};
    std::uint32_t epoch = 0;
};
/// One call of the loader. `holds_code`: it is an upgrade, to the code that was approved.
struct Upgrade {
    Call call{};
    bool holds_code = true;
};

using Body =
    std::variant<Execute, Grant, Revoke, Policy, Message, Cancel, Freeze, Recover, Upgrade>;

/// As a record has it.
std::uint8_t action_number(const Body& body);

/// Actions 1 to 5, 11 and 13 to 15.
struct ApprovedAction {
    /// The rule stands in the genesis bytes that come along.
    bool from_genesis = false;
    /// With from_genesis: the bytes hash to the wallet id.
    bool genesis_matches = true;
    bool rule_is_local = false;
    /// Index of the shared rule, the local slot or the rule of the recovery part.
    std::uint8_t rule = 0;
    /// Set when the rule is one of this recovery part.
    std::optional<Bytes> recovery_part{};
    std::vector<Approval> approvals{};
    std::variant<TransactionNonce, LaneNonce, StateNonce> nonce{};
    std::optional<std::uint64_t> deadline{};
    /// The instruction stands in the transaction itself, not in a call.
    bool is_top_level = true;
    /// The state account may be written.
    bool state_writable = true;
    /// What the chain keeps of the action if it must wait.
    Hash32 waiting_digest{};
    Body body{};
};

/// What waits under a rule is done; anybody may.
struct ApplyProposal {
    bool rule_is_local = false;
    std::uint8_t rule = 0;
    std::optional<Bytes> recovery_part{};
    bool state_writable = true;
    Hash32 waiting_digest{};
    /// The action once more.
    Body body{};
};

/// Puts the genesis into the state account; anybody may.
struct CreateState {
    Bytes genesis{};
};
/// `lane`: the address that belongs to the owner and an index.
struct OpenLane {
    Hash32 lane{};
    Hash32 owner{};
    Hash32 operator_address{};
    bool owner_signed = true;
};
/// The lane is gone afterwards and may be opened again.
struct CloseLane {
    Hash32 lane{};
    /// The account in the owner's place, and whether it signed.
    Hash32 owner{};
    bool owner_signed = true;
};
/// Hands the lane to another fee payer.
struct SetLaneOperator {
    Hash32 lane{};
    Hash32 owner{};
    bool owner_signed = true;
    Hash32 operator_address{};
};

using Action =
    std::variant<ApprovedAction, CreateState, OpenLane, CloseLane, SetLaneOperator, ApplyProposal>;

/// A wallet that nobody has used yet. `genesis` must be valid.
World make_world(const Hash32& program_id, Bytes genesis);

/// The first 16 bytes of the current configId (under a rule of the recovery part, of the
/// commitment), mixed with those of a local rule's id.
std::array<std::uint8_t, 16> binding_of(const ConfigId& config_id,
                                        const std::optional<LocalRuleId>& local_rule_id);

/// Runs one action at `now` (unix seconds). Anything but kAccepted leaves the world as it was. The
/// verdict is that of the first failing check, in the order of the program: genesis or state, rule,
/// right, times, nonce, approvals (of what is applied: the proposal), epoch, the new configuration,
/// waiting, freeze, body.
Verdict apply(World& world, const Action& action, std::uint64_t now);

}  // namespace latchkey::core::model
