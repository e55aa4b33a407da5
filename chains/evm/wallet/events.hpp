// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "chains/evm/client/rpc_types.hpp"
#include "core/wallet/identity.hpp"

/// What wallets emit (docs/spec/evm.md, section 8).
namespace latchkey::evm::wallet {

/// A configuration has become the present one.
struct Configured {
    core::ConfigId configuration{};
    core::WalletId wallet{};
    /// How many there were after the first.
    std::uint32_t number = 0;
    Bytes shared{};

    friend bool operator==(const Configured&, const Configured&) = default;
};
/// A session begins; `rule_id`: of the rule that granted it.
struct Granted {
    core::LocalRuleId local_rule_id{};
    core::RuleId rule_id{};
    std::uint32_t version = 0;
    Bytes local_rule{};

    friend bool operator==(const Granted&, const Granted&) = default;
};
/// A session was ended. Those that end with their rule have no event.
struct Revoked {
    core::LocalRuleId local_rule_id{};
    core::RuleId rule_id{};

    friend bool operator==(const Revoked&, const Revoked&) = default;
};
/// `epoch` is the rule's after it, here and below; `body` as waiting_body() writes it.
struct Proposed {
    std::uint8_t rule = 0;
    std::uint8_t action = 0;
    std::uint32_t epoch = 0;
    /// Unix seconds.
    std::uint64_t earliest = 0;
    Hash32 digest{};
    Bytes body{};

    friend bool operator==(const Proposed&, const Proposed&) = default;
};
/// What waited has been done.
struct Applied {
    std::uint8_t rule = 0;
    std::uint8_t action = 0;
    std::uint32_t epoch = 0;

    friend bool operator==(const Applied&, const Applied&) = default;
};
/// `rule`: whose proposal it was.
struct Cancelled {
    std::uint8_t rule = 0;
    std::uint32_t epoch = 0;

    friend bool operator==(const Cancelled&, const Cancelled&) = default;
};
/// A rule has stopped the wallet for a time.
struct Frozen {
    std::uint8_t rule = 0;
    std::uint32_t epoch = 0;
    /// Unix seconds.
    std::uint64_t until = 0;

    friend bool operator==(const Frozen&, const Frozen&) = default;
};
/// Two parties have lifted the freeze.
struct Unfrozen {
    std::uint8_t rule = 0;
    std::uint32_t epoch = 0;

    friend bool operator==(const Unfrozen&, const Unfrozen&) = default;
};
/// Other code runs in the wallet's place; what it emits is its own business.
struct Upgraded {
    Address implementation{};

    friend bool operator==(const Upgraded&, const Upgraded&) = default;
};
/// An account has become the wallet `wallet` (EIP-7702).
struct Adopted {
    core::WalletId wallet{};
    Bytes genesis{};

    friend bool operator==(const Adopted&, const Adopted&) = default;
};

using Event = std::variant<Configured, Granted, Revoked, Proposed, Applied, Cancelled, Frozen,
                           Unfrozen, Upgraded, Adopted>;

/// The first topic of each event, by their places in Event.
const std::vector<Hash32>& event_topics();
/// Those of some of them: `topics_of<Configured, Granted>()`.
template <typename... Events>
std::vector<Hash32> topics_of() {
    return {event_topics()[Event(Events()).index()]...};
}

/// Nothing when the first topic is none of ours: who emitted it is not asked here. Errors:
/// kNodeMalformed (another number of topics), and those of abi::decode.
Result<std::optional<Event>> decode_event(const Log& log);

}  // namespace latchkey::evm::wallet
