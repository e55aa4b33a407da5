// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/evm/wallet/evidence.hpp"
#include "chains/evm/wallet/leaf.hpp"

/// Actions as values (docs/spec/evm.md, sections 4 to 6): what calldata says, whatever its form.
namespace latchkey::evm::wallet {

/// The configuration is the genesis, which the address proves.
struct GenesisSource {
    Bytes genesis{};

    friend bool operator==(const GenesisSource&, const GenesisSource&) = default;
};
/// A policy change led to it.
struct PolicySource {
    Bytes shared{};
    core::WalletId wallet_id{};
    core::ConfigId parent{};

    friend bool operator==(const PolicySource&, const PolicySource&) = default;
};
/// A recovery led to it, by the rule `rule` (its index) of the recovery part.
struct RecoverySource {
    Bytes shared{};
    core::WalletId wallet_id{};
    Hash32 commitment{};
    std::uint8_t rule = 0;
    std::uint32_t epoch = 0;

    friend bool operator==(const RecoverySource&, const RecoverySource&) = default;
};
/// A local rule, and where it stands among those that its rule granted.
struct LocalSource {
    /// Of the rule that granted it.
    core::RuleId rule_id{};
    core::WalletId wallet_id{};
    /// Under which it was granted.
    core::ConfigId config_id{};
    std::uint32_t version = 0;
    std::uint8_t place = 0;
    /// The others of that rule, in order.
    std::vector<core::LocalRuleId> others{};
    Bytes local_rule{};

    friend bool operator==(const LocalSource&, const LocalSource&) = default;
};
/// Where the rule is read from.
using Source = std::variant<GenesisSource, PolicySource, RecoverySource, LocalSource>;

/// The rule that decides.
struct Authority {
    Source source{};
    /// Index among the shared rules, or among those of the recovery part; 0 with a local rule.
    std::uint8_t rule = 0;
    /// The rule is one of this recovery part.
    std::optional<Bytes> recovery_part{};

    bool is_local() const { return std::holds_alternative<LocalSource>(source); }

    friend bool operator==(const Authority&, const Authority&) = default;
};

/// The rule as leaves, records and events name it.
std::uint8_t rule_name(const Authority& authority);
/// The shared part, or the local rule, of a source.
ByteView part_of(const Source& source);
/// What leaves name beside the rule: configId, localRuleId or, under a rule of the recovery part,
/// the commitment. `wallet_id`: of the wallet, for a genesis. Errors: kUnexpectedEnd (no shared
/// part), kInvalidArgument (a recovery part, and no commitment to one).
Result<Hash32> parent_of(const Authority& authority, const core::WalletId& wallet_id);
/// The signers that the rule's mask counts, as far as bytes that nobody has judged can be read.
/// Errors: kUnexpectedEnd, kUnsupported (a kind that does not exist).
Result<std::vector<core::Signer>> signers_of(const Authority& authority);

/// Calls. `gas`: what must be left before the first one.
struct Execute {
    std::vector<Call> calls{};
    std::optional<std::uint32_t> gas{};

    friend bool operator==(const Execute&, const Execute&) = default;
};
/// A session. `present`: those of the granting rule that live, which nobody signs.
struct Grant {
    std::vector<core::LocalRuleId> present{};
    Bytes local_rule{};

    friend bool operator==(const Grant&, const Grant&) = default;
};
/// The end of a session. Nobody signs whose it is and where it stands.
struct Revoke {
    core::RuleId rule_id{};
    std::uint8_t place = 0;
    std::vector<core::LocalRuleId> others{};
    core::LocalRuleId local_rule_id{};

    friend bool operator==(const Revoke&, const Revoke&) = default;
};
/// Another configuration.
struct Policy {
    std::uint32_t epoch = 0;
    Bytes shared{};

    friend bool operator==(const Policy&, const Policy&) = default;
};
/// New signers.
struct Recover {
    std::uint32_t epoch = 0;
    Bytes signers{};

    friend bool operator==(const Recover&, const Recover&) = default;
};
/// `target`: the name of the rule whose proposal ends.
struct Cancel {
    std::uint32_t epoch = 0;
    std::uint8_t target = 0;

    friend bool operator==(const Cancel&, const Cancel&) = default;
};
/// `lift`: 0 freezes, 1 ends a freeze.
struct Freeze {
    std::uint32_t epoch = 0;
    std::uint8_t lift = 0;

    friend bool operator==(const Freeze&, const Freeze&) = default;
};
/// Other code for the wallet.
struct Upgrade {
    Address implementation{};
    Hash32 code_hash{};

    friend bool operator==(const Upgrade&, const Upgrade&) = default;
};
/// What an action does.
using Body = std::variant<Execute, Grant, Revoke, Policy, Recover, Cancel, Freeze, Upgrade>;

/// Its number in heads, leaves, records and events.
std::uint8_t action_number(const Body& body);

/// What approvers fixed beside the action; policy, recover, cancel and freeze have none of it.
struct Terms {
    /// Unix seconds, inclusive, below kNoDeadline.
    std::optional<std::uint64_t> deadline{};
    /// Who submits it was named.
    bool has_executor = false;
    /// A nonce lane, not 0; nothing: the wallet's sequence, or that of the session.
    std::optional<std::uint64_t> lane{};

    friend bool operator==(const Terms&, const Terms&) = default;
};

/// Who approved, and how that is shown: one Approval for each bit of `approvers`, in order.
struct Approvals {
    std::uint16_t approvers = 0;
    std::optional<core::TreeProof> tree{};
    std::vector<Approval> evidence{};

    friend bool operator==(const Approvals&, const Approvals&) = default;
};

/// An action with the approvals for it.
struct ApprovedAction {
    Authority authority{};
    Terms terms{};
    Body body{};
    Approvals approvals{};

    friend bool operator==(const ApprovedAction&, const ApprovedAction&) = default;
};

/// What waits under a rule is done; anybody may.
struct ApplyAction {
    Authority authority{};
    Body body{};

    friend bool operator==(const ApplyAction&, const ApplyAction&) = default;
};

/// An account becomes a wallet (EIP-7702), by a signature of its key.
struct AdoptAction {
    Bytes genesis{};
    core::crypto::RecoverableSignature signature{};

    friend bool operator==(const AdoptAction&, const AdoptAction&) = default;
};

/// The calls of a user operation that an EntryPoint has had validated.
struct RunAction {
    std::vector<Call> calls{};

    friend bool operator==(const RunAction&, const RunAction&) = default;
};

/// Calldata of a wallet.
using Action = std::variant<ApprovedAction, ApplyAction, AdoptAction, RunAction>;

/// The signature of a user operation (ERC-4337).
struct UserOperationSignature {
    Authority authority{};
    /// What its author takes the time to be, unix seconds.
    std::uint64_t time = 0;
    std::optional<std::uint64_t> deadline{};
    Approvals approvals{};

    friend bool operator==(const UserOperationSignature&, const UserOperationSignature&) = default;
};

/// ERC-7739's way around a hash, which shows a wallet's user what it is of.
struct PersonalSign {
    friend bool operator==(const PersonalSign&, const PersonalSign&) = default;
};
/// The same for typed data of an application.
struct TypedDataSign {
    Hash32 domain{};
    Hash32 contents{};
    std::string description{};

    friend bool operator==(const TypedDataSign&, const TypedDataSign&) = default;
};

/// The signature of a message (ERC-1271); monostate: over the leaf Message.
struct MessageSignature {
    Authority authority{};
    std::variant<std::monostate, PersonalSign, TypedDataSign> form{};
    Approvals approvals{};

    friend bool operator==(const MessageSignature&, const MessageSignature&) = default;
};

/// What the chain adds to an action before it hashes it.
struct Scene {
    /// EIP-155.
    std::uint64_t chain = 0;
    Address wallet{};
    core::WalletId wallet_id{};
    /// The next number of the action's nonce lane or session.
    std::uint64_t sequence = 0;
    /// msg.sender.
    Address sender{};
};

/// The leaf that approvers of the action sign. Errors: those of parent_of.
Result<EvmLeaf> leaf_for(const Authority& authority, const Terms& terms, const Body& body,
                         const Scene& scene);

/// Whether every approval is good but for what contracts answer, and every one is there. Errors:
/// those of signers_of, leaf_for and verify, kRefusedByModel (the tree), kInvalidArgument (another
/// number of approvals than `approvers`). Rule, nonce and time are the model's.
Result<void> verify(const ApprovedAction& action, const Scene& scene);

/// What a record keeps of an action that waits.
Hash32 waiting_digest(const Body& body, std::uint64_t chain, const Address& wallet);

}  // namespace latchkey::evm::wallet
