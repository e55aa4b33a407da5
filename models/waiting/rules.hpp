// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

/// A model of waiting, cancelling, recovering and freezing (docs/spec/authorization.md, section 8)
/// as an abstract game: parties instead of keys, ticks instead of seconds, no bytes.
namespace latchkey::waiting_model {

/// A duration or an age in ticks. Ages stop growing where they no longer matter.
using Ticks = uint8_t;

inline constexpr Ticks kLongAgo = 255;

/// The constants of the specification in ticks.
struct Times {
    int ticks_per_day = 1;
    Ticks margin = 2;
    Ticks expiry = 14;
    Ticks cancel_window = 90;
    Ticks freeze_length = 7;
    Ticks freeze_interval = 30;
    uint8_t cancel_budget = 2;
};

/// Times for ticks of 24 hours (1) or 12 hours (2).
Times make_times(int ticks_per_day);

/// A set of parties. Thieves bring a second device, recoveries name fresh ones.
using Parties = uint16_t;

inline constexpr Parties kPhone = 1 << 0;
inline constexpr Parties kLaptop = 1 << 1;
inline constexpr Parties kPaper = 1 << 2;
inline constexpr Parties kGuardian = 1 << 3;
inline constexpr Parties kSecondGuardian = 1 << 4;
inline constexpr Parties kHeir = 1 << 5;
inline constexpr Parties kFreshPhone = 1 << 6;
inline constexpr Parties kFreshLaptop = 1 << 7;
inline constexpr Parties kThiefDevice = 1 << 8;
inline constexpr Parties kThiefSecondDevice = 1 << 9;
inline constexpr Parties kFresh = kFreshPhone | kFreshLaptop;
inline constexpr Parties kThiefDevices = kThiefDevice | kThiefSecondDevice;

inline int party_count(Parties parties) {
    return std::popcount(parties);
}

/// Rights of a rule, as bits.
using Rights = uint8_t;

inline constexpr Rights kMayExecute = 0x01;
inline constexpr Rights kMayChange = 0x04;
inline constexpr Rights kMayRecover = 0x10;
inline constexpr Rights kMayCancel = 0x40;
inline constexpr Rights kMayFreeze = 0x80;

/// Who, what, when. Two equal rules are the same rule: this is the ruleId.
struct Rule {
    Parties who = 0;
    uint8_t threshold = 1;
    Rights rights = 0;
    Ticks delay = 0;
    // TIE: who proposes wins, instead of who cancels.
    bool tie_recovery = false;

    bool operator==(const Rule&) const = default;
};

/// How a rule is named: its index, plus kRecoveryRule for a rule of the recovery part.
using RuleName = uint8_t;

inline constexpr RuleName kRecoveryRule = 0x80;

/// A shared part and the recovery part behind its commitment. `commitment` stands for the 32 bytes
/// of the commitment: equal numbers are equal bytes, and 0 is no recovery.
struct Configuration {
    std::string name;
    std::vector<Rule> shared;
    std::vector<Rule> recovery;
    Ticks guard = 0;
    uint8_t commitment = 0;

    const Rule& rule(RuleName named) const {
        return named >= kRecoveryRule ? recovery[named - kRecoveryRule] : shared[named];
    }
    std::vector<RuleName> names() const;
    bool is_same_as(const Configuration& other) const;
};

/// Every rule of a list with some parties replaced by others, one for one.
std::vector<Rule> with_parties(std::vector<Rule> rules,
                               const std::vector<std::pair<Parties, Parties>>& replaced);

/// What can wait. Policy and recover lead to another configuration, execute moves money.
enum class Action : uint8_t { kExecute, kPolicy, kRecover };

/// A change that somebody in the game may want, or a payment. `is_hostile`: the adversary's.
struct Change {
    std::string name;
    Action action = Action::kPolicy;
    bool is_hostile = false;
    std::function<Configuration(const Configuration&)> effect;
};

}  // namespace latchkey::waiting_model
