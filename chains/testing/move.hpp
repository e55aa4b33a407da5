// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/wallet/model.hpp"

/// Actions in words that every chain understands.
namespace latchkey::chains::testing {

using core::Bytes;
namespace model = core::model;

/// Whom a call goes to. Solana calls programs and the EVM pays accounts, so each has an address of
/// its own for it.
enum class Payee : std::uint8_t {
    /// A transfer to somebody: System's Transfer; ether to an account. In every scope of the game.
    kSomebody,
    /// A call without money to something that no scope names: the script program; another account.
    kOther,
    /// What no rule may call: the wallet program; the wallet itself.
    kReserved,
};

/// Lamports, and wei: the game counts both in units, so that one number is the limit of both.
struct Payment {
    Payee payee = Payee::kSomebody;
    std::uint64_t amount = 0;
};

/// Execute.
struct Pay {
    std::vector<Payment> payments{};
};

using Body = std::variant<Pay, model::Grant, model::Revoke, model::Policy, model::Cancel,
                          model::Freeze, model::Recover>;

/// Which rule is said to approve.
struct RuleName {
    enum class Kind : std::uint8_t { kShared, kRecovery, kSession };
    Kind kind = Kind::kShared;
    /// Of the shared rule, of the rule of the recovery part, or of the session's slot.
    std::uint8_t index = 0;
    Bytes recovery_part{};
};

/// What is wrong with the approvals, beside who gave them.
enum class Flaw : std::uint8_t {
    kNone,
    /// They are signatures of another digest.
    kOtherDigest,
    /// They are for another content of the same action.
    kOtherContent,
    /// The tree is said to have the leaf in another place.
    kOtherPlace,
};

/// One action of the wallet.
struct Move {
    RuleName rule{};
    Body body{};
    /// Indexes of signers, ascending.
    std::vector<std::uint8_t> who{};
    /// Unix seconds, inclusive. Not of changes, nor under a session.
    std::optional<std::uint64_t> deadline{};
    /// 0 to 3: a lane of the EVM, a sequence of Solana's state. Not of changes, nor under a
    /// session.
    std::uint8_t lane = 0;
    Flaw flaw = Flaw::kNone;
};

/// Policy, cancel, freeze and recover: one leaf for all chains.
inline bool is_change(const Body& body) {
    return body.index() >= 3;
}

/// Execute, grant, policy and recover may become proposals.
inline bool can_wait(const Body& body) {
    return std::holds_alternative<Pay>(body) || std::holds_alternative<model::Grant>(body) ||
           std::holds_alternative<model::Policy>(body) ||
           std::holds_alternative<model::Recover>(body);
}

/// What the verdicts on an action depend on beside the action.
struct Aspect {
    /// It means the same on every chain.
    bool is_change = false;
    bool is_apply = false;
    /// By a session, by a rule of the recovery part.
    bool is_session = false;
    bool is_recovery = false;
    /// It was shown before, perhaps when the wallet was another.
    bool is_again = false;
};

}  // namespace latchkey::chains::testing
