// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "chains/solana/layout/holed_genesis.hpp"
#include "chains/solana/layout/instruction_layout.hpp"
#include "core/base/bytes.hpp"
#include "core/wallet/tree.hpp"

/// The wallet program's instruction data (docs/spec/solana.md, section 4) as values. Every struct
/// here has exactly one encoding and every encoding one struct: decode_instruction accepts what
/// encode_instruction makes and nothing else. What the bytes mean on chain (does the signer exist,
/// does the rule allow this) is decided elsewhere.
namespace latchkey::solana {

/// Form 0: everything is in the next slot of the signer's precompile.
struct SlotEvidence {
    friend bool operator==(const SlotEvidence&, const SlotEvidence&) = default;
};
/// Form 1: the account that signs.
struct AccountEvidence {
    std::uint8_t account_index = 0;
    friend bool operator==(const AccountEvidence&, const AccountEvidence&) = default;
};
/// Form 2: clientDataJSON ends `","origin":"https://` host `","crossOrigin":false}`.
struct HostEvidence {
    std::string host;
    friend bool operator==(const HostEvidence&, const HostEvidence&) = default;
};
/// Form 3: clientDataJSON after the challenge, beginning with its closing quote.
struct ClientDataEvidence {
    std::string rest;
    friend bool operator==(const ClientDataEvidence&, const ClientDataEvidence&) = default;
};
/// Form 4: clientDataJSON ends as that of the WebAuthn approval before.
struct SameClientDataEvidence {
    friend bool operator==(const SameClientDataEvidence&, const SameClientDataEvidence&) = default;
};
/// Form 5: r, s and the recovery id for the recover syscall.
struct RecoverEvidence {
    std::array<std::uint8_t, 65> signature{};
    friend bool operator==(const RecoverEvidence&, const RecoverEvidence&) = default;
};

/// In the order of their form numbers.
using Evidence = std::variant<SlotEvidence, AccountEvidence, HostEvidence, ClientDataEvidence,
                              SameClientDataEvidence, RecoverEvidence>;

/// One signer's word, as far as the instruction itself carries it.
struct Approval {
    /// Index among the configuration's (or the local rule's) signers.
    std::uint8_t signer = 0;
    Evidence evidence;
    friend bool operator==(const Approval&, const Approval&) = default;
};

using core::TreeProof;

/// Ties an action without another nonce to one configuration.
using Binding = std::array<std::uint8_t, 16>;

/// Kind 0: the Solana transaction, or the shared change's parent. The binding says which
/// configuration (and local rule) is meant; with GENESIS there is none, the genesis says it.
struct TransactionNonce {
    std::optional<Binding> binding;
    friend bool operator==(const TransactionNonce&, const TransactionNonce&) = default;
};
/// Kind 1: one bit of a lane's window W.
struct LaneNonce {
    /// 0..2047.
    std::uint16_t bit = 0;
    /// W mod 2.
    bool odd_window = false;
    /// 0..15: the deadline is W * 256 + 16 * sixteenth + 15 seconds.
    std::uint8_t sixteenth = 0;
    friend bool operator==(const LaneNonce&, const LaneNonce&) = default;
};
/// Kind 2: one of the state's four sequences.
struct StateNonce {
    /// 0..3.
    std::uint8_t key = 0;
    std::uint64_t sequence = 0;
    friend bool operator==(const StateNonce&, const StateNonce&) = default;
};
/// Where the action's nonce lives, in the order of the nonce kinds in the first byte.
using Nonce = std::variant<TransactionNonce, LaneNonce, StateNonce>;

/// An account of an inner call, with the privileges its approvers declared.
struct CallMeta {
    /// Among the accounts of the wallet's instruction, fixed ones included: 0..63.
    std::uint8_t account_index = 0;
    bool is_writable = false;
    bool is_signer = false;
    friend bool operator==(const CallMeta&, const CallMeta&) = default;
};

/// One inner call; accounts are positions among those of the wallet's instruction.
struct CompactCall {
    /// After the fixed accounts.
    std::uint8_t program_index = 0;
    std::vector<CallMeta> metas;
    Bytes data;
    friend bool operator==(const CompactCall&, const CompactCall&) = default;
};

/// What the approvers demand of one account over the whole action, checked after the calls.
struct Cap {
    std::uint8_t account_index = 0;
    std::uint64_t maximum_outflow = 0;
    std::uint64_t minimum_inflow = 0;
    friend bool operator==(const Cap&, const Cap&) = default;
};
/// At least one of the two is there.
struct Caps {
    /// Owners, delegates, close authorities and mints must be the same after the calls.
    bool no_new_authority = false;
    std::vector<Cap> caps;
    friend bool operator==(const Caps&, const Caps&) = default;
};

/// Calls, in order.
struct ExecuteBody {
    std::optional<Caps> caps;
    /// None: only the nonce is used up.
    std::vector<CompactCall> calls;
    friend bool operator==(const ExecuteBody&, const ExecuteBody&) = default;
};
/// A new session.
struct GrantBody {
    /// Canonical bytes of the local rule.
    Bytes local_rule;
    friend bool operator==(const GrantBody&, const GrantBody&) = default;
};
/// The end of a session.
struct RevokeBody {
    core::Hash32 local_rule_id;
    friend bool operator==(const RevokeBody&, const RevokeBody&) = default;
};
/// The next configuration.
struct PolicyBody {
    /// Of the approving rule.
    std::uint32_t epoch = 0;
    /// Canonical bytes of the whole new shared part.
    Bytes shared;
    friend bool operator==(const PolicyBody&, const PolicyBody&) = default;
};
/// The wallet vouches for a hash.
struct MessageBody {
    core::Hash32 message_hash;
    friend bool operator==(const MessageBody&, const MessageBody&) = default;
};
/// The end of a proposal, or of one that was not made yet.
struct CancelBody {
    /// That the proposal was made with.
    std::uint32_t epoch = 0;
    /// Index of the rule whose proposal it is; of the recovery part with kRuleRecovery.
    std::uint8_t target = 0;
    friend bool operator==(const CancelBody&, const CancelBody&) = default;
};
/// Seven days in which the wallet does nothing, or the end of them.
struct FreezeBody {
    /// Of the approving rule.
    std::uint32_t epoch = 0;
    bool lift = false;
    friend bool operator==(const FreezeBody&, const FreezeBody&) = default;
};
/// New signers for the rules that the recovery part put down.
struct RecoverBody {
    /// Of the approving rule.
    std::uint32_t epoch = 0;
    /// One after the other, as a shared part has them.
    Bytes signers;
    friend bool operator==(const RecoverBody&, const RecoverBody&) = default;
};
/// A program of the vault gets other code.
struct UpgradeBody {
    /// keccak of the buffer's bytes behind its head.
    core::Hash32 code_hash;
    /// The upgradeable loader's Upgrade.
    CompactCall call;
    friend bool operator==(const UpgradeBody&, const UpgradeBody&) = default;
};
/// In the order of ActionNumber 1 to 5, 11 and 13 to 15.
using Body = std::variant<ExecuteBody, GrantBody, RevokeBody, PolicyBody, MessageBody, CancelBody,
                          FreezeBody, RecoverBody, UpgradeBody>;

/// The rule an action names: of the shared part, of a slot of the local section, or of the recovery
/// part that comes along.
struct RuleReference {
    bool is_local = false;
    /// 0..15.
    std::uint8_t index = 0;
    /// Canonical bytes of the recovery part whose rule it is; at most 65,535. Only for recover,
    /// cancel and freeze.
    std::optional<Bytes> recovery_part{};
    friend bool operator==(const RuleReference&, const RuleReference&) = default;
};

/// The end of an action's data, which its leaf commits to.
struct SignedPart {
    RuleReference rule;
    Nonce nonce;
    /// Unix seconds; never with a lane nonce, which has its own.
    std::optional<std::uint64_t> deadline;
    Body body;
    friend bool operator==(const SignedPart&, const SignedPart&) = default;
};

/// Actions 1 to 5, 11 and 13 to 15.
struct ApprovedAction {
    std::vector<Approval> approvals;
    std::optional<TreeProof> tree;
    /// Present in genesis mode.
    std::optional<HoledGenesis> genesis;
    SignedPart signed_part;
    friend bool operator==(const ApprovedAction&, const ApprovedAction&) = default;
};

/// The genesis goes into the state account.
struct CreateState {
    /// Nothing left out.
    Bytes genesis;
    friend bool operator==(const CreateState&, const CreateState&) = default;
};
/// A new lane: `["lane", owner, index, bump]` are the seeds of its address.
struct OpenLane {
    std::uint8_t index = 0;
    std::uint8_t bump = 0;
    friend bool operator==(const OpenLane&, const OpenLane&) = default;
};
/// The lane's lamports go back.
struct CloseLane {
    friend bool operator==(const CloseLane&, const CloseLane&) = default;
};
/// Another fee payer signs the lane's uses.
struct SetLaneOperator {
    friend bool operator==(const SetLaneOperator&, const SetLaneOperator&) = default;
};

/// What waits under a rule is done. Anybody may, and nobody signs.
struct ApplyAction {
    /// As the proposal had it, with its accounts: 0 transaction, 1 lane, 2 state sequence.
    std::uint8_t nonce_kind = 0;
    /// A shared rule or one of the recovery part.
    RuleReference rule;
    /// The proposal's: execute, grant, policy, recover or upgrade.
    Body body;
    friend bool operator==(const ApplyAction&, const ApplyAction&) = default;
};

/// Everything that the program understands.
using WalletInstruction =
    std::variant<ApprovedAction, CreateState, OpenLane, CloseLane, SetLaneOperator, ApplyAction>;

ActionNumber action_number(const WalletInstruction& instruction);
ActionNumber action_number(const Body& body);
/// A rule of the shared or of the recovery part among a state's records: its index, with
/// kRuleRecovery.
std::uint8_t record_name(const RuleReference& rule);
/// The second that a lane nonce means when it names window `window`.
std::uint64_t lane_deadline(const LaneNonce& nonce, std::uint64_t window);
/// First 16 bytes of configId, XOR those of localRuleId when the rule is local. For a rule of the
/// recovery part: of the recovery commitment.
Binding make_binding(const core::Hash32& config_id,
                     const std::optional<core::Hash32>& local_rule_id);

/// What the leaf and the instruction both contain. Errors: those of encode_instruction.
Result<Bytes> encode_signed(const SignedPart& signed_part);
/// What the digest of an action that waits covers of it, and what its application repeats. Errors:
/// as above.
Result<Bytes> encode_body(const Body& body);

/// Errors: kOutOfRange (an index, a count or a length beyond its field), kInvalidOrder (approvals),
/// kInvalidArgument (fields that the format does not allow together, such as a deadline beside a
/// lane nonce, or caps that say nothing).
Result<Bytes> encode_instruction(const WalletInstruction& instruction);

/// Needs nothing but the bytes: every length is in them. Errors: kUnexpectedEnd, kTrailingBytes,
/// kNonCanonical, kUnsupported (unknown actions, evidence forms, configuration versions and set
/// reserved bits), and those of encode_instruction.
Result<WalletInstruction> decode_instruction(ByteView data);

}  // namespace latchkey::solana
