// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>

#include "chains/evm/wallet/action.hpp"
#include "chains/evm/wallet/deployment.hpp"
#include "core/wallet/model.hpp"

/// A wallet on an EVM chain as a state machine on values: what the contracts accept, what they
/// refuse with which verdict, and what the next state is (docs/spec/evm.md). State, proposals,
/// records, freezing and changes of the configuration are those of core/wallet/model.hpp; what is
/// said here is in the order of the long form, and differs where the chains differ. The contracts
/// are compared with it.
namespace latchkey::evm::wallet::model {

/// One wallet. Its state is there from the start: nothing need be stored for it.
struct World {
    /// EIP-155.
    std::uint64_t chain = 0;
    Address address{};
    core::model::World wallet{};
    /// Of nonce lane 0.
    std::uint64_t sequence = 0;
    /// Of the others; absent: 0.
    std::map<std::uint64_t, std::uint64_t> lanes{};
    /// Of local rules, also of those that are over.
    std::map<core::LocalRuleId, std::uint64_t> sessions{};
    /// The account's key has adopted the genesis (EIP-7702); its id is that of the wallet then.
    bool is_adopted = false;
    /// After an upgrade other code decides.
    std::optional<Address> implementation{};

    friend bool operator==(const World&, const World&) = default;
};

/// What the chain knows beside the wallet.
struct Chain {
    /// Unix seconds.
    std::uint64_t now = 0;
    /// msg.sender.
    Address sender{};
    /// Hash of the code at an address if it answers proxiableUUID() with the implementation's slot,
    /// else nothing. Absent: there is none anywhere.
    std::function<std::optional<Hash32>(const Address&)> code_hash{};
    /// What a contract signer answers to (digest, bytes). Absent: no.
    std::function<bool(const Address&, const core::Digest&, ByteView)> is_valid{};
};

/// A wallet that nobody has used yet. `genesis` must be one that can be read; the chain asks no
/// more of it. Error: kUnexpectedEnd.
Result<World> make_world(const Deployment& deployment, std::uint64_t chain, ByteView genesis);

/// An externally owned account that delegates to the wallet's code and has adopted nothing yet
/// (EIP-7702).
World make_account(const Deployment& deployment, std::uint64_t chain, const Address& account);

/// What the action's nonce will be: the next number of its lane or session.
std::uint64_t sequence_of(const World& world, const Authority& authority, const Terms& terms);
/// The local rules that this rule granted and that live, in order.
std::vector<core::LocalRuleId> local_list(const World& world, const core::RuleId& rule);

/// Runs one action. Anything but kAccepted leaves the world as it was. The verdict is that of the
/// first failing check of the long form; whether the calls themselves succeed, and whether there is
/// gas enough, is not its business. RunAction: kUnknownAction.
core::Verdict apply(World& world, const Action& action, const Chain& chain);

/// Whether the wallet vouches for `hash` (ERC-1271) by the leaf Message. Other forms:
/// kUnknownAction.
core::Verdict judge_message(const World& world, const MessageSignature& signature,
                            const Hash32& hash, const Chain& chain);

/// A user operation (ERC-4337) as validateUserOp is given it.
struct UserOperation {
    UserOperationSignature signature{};
    Hash32 hash{};
    /// One that the wallet knows.
    Address entry_point{};
    std::vector<Call> calls{};
    /// Wei that its gas can cost at most; 0 with a paymaster.
    Uint256 fee{};
};

/// When an operation may be included, and whether it is another key's.
struct Validation {
    /// SIG_VALIDATION_FAILED.
    bool is_foreign = false;
    /// Unix seconds, both inclusive; kNever: no end.
    std::uint64_t valid_after = 0;
    std::uint64_t valid_until = core::kNever;

    friend bool operator==(const Validation&, const Validation&) = default;
};

/// validateUserOp; what it spends is booked unless it is refused. Who calls is the entry point, and
/// the clock is looked at only to see whether a freeze is over.
core::Judged<Validation> validate(World& world, const UserOperation& operation, const Chain& chain);

}  // namespace latchkey::evm::wallet::model
