// SPDX-License-Identifier: Apache-2.0
#include "models/waiting/presets.hpp"

#include <algorithm>

namespace latchkey::waiting_model {

namespace {

void add_recovery(Configuration& to, const Options& options) {
    const auto freezes = options.guardian_freezes ? kMayFreeze : Rights{0};
    to.recovery.push_back({kGuardian, 1, static_cast<Rights>(kMayRecover | kMayCancel | freezes),
                           options.days(options.delay_days), options.tie_recovery});
    if (options.heir_delay_days != 0) {
        to.recovery.push_back({kHeir, 1, kMayRecover | kMayCancel,
                               options.days(options.heir_delay_days), options.heir_tie_recovery});
    }
    to.guard = options.days(options.guard_days);
    to.commitment = kFirstRecovery;
}

std::vector<Rule> operational(Parties all, Parties payers) {
    return {
        {payers, 1, kMayExecute, 0, false},
        {all, 2, kMayChange | kMayCancel | kMayFreeze, 0, false},
        {all, 1, kMayChange, 0, false},
        {all, 1, kMayCancel | kMayFreeze, 0, false},
    };
}

// The commitment names guard and delays, so other ones are another commitment.
uint8_t weakened(uint8_t commitment, uint8_t how) {
    if (commitment == kNoRecovery) {
        return kNoRecovery;
    }
    const int before = commitment < kWeakenedRecovery ? 0 : commitment - kWeakenedRecovery + 1;
    return static_cast<uint8_t>(kWeakenedRecovery + (before | how) - 1);
}

// Fresh keys, or the malicious guardian's, in the places of a configuration's own.
Configuration recovered(const Configuration& first, const Configuration& current, Parties one,
                        Parties two) {
    Configuration after = current;
    after.shared = with_parties(first.shared, {{kPhone, one}, {kLaptop, two}, {kPaper, two}});
    for (Rule& rule : after.shared) {
        // Where there was one key, one takes its place.
        rule.threshold = static_cast<uint8_t>(std::min<int>(rule.threshold, party_count(rule.who)));
    }
    return after;
}

}  // namespace

Configuration three_parties(const Options& options) {
    Configuration made{"three parties",
                       operational(kPhone | kLaptop | kPaper, kPhone | kLaptop),
                       {},
                       0,
                       kNoRecovery};
    add_recovery(made, options);
    return made;
}

Configuration three_parties_in_one_rule(const Options& options) {
    Configuration made = three_parties(options);
    made.shared = {{kPhone | kLaptop, 1, kMayExecute, 0, false},
                   {kPhone | kLaptop | kPaper, 1, kMayChange | kMayCancel | kMayFreeze, 0, false}};
    return made;
}

Configuration delayed_two_parties(const Options& options, int delay_days) {
    Configuration made = three_parties(options);
    made.shared = {
        {kPhone | kLaptop | kPaper, 2, kMayChange, options.days(delay_days), options.tie_recovery},
        {kPhone | kLaptop | kPaper, 1, kMayCancel, 0, false}};
    return made;
}

Configuration two_parties(const Options& options) {
    Configuration made{"two parties",
                       {{kPhone, 1, kMayExecute, 0, false},
                        {kPhone, 1, kMayChange, 0, false},
                        {kPhone, 1, kMayCancel | kMayFreeze, 0, false}},
                       {},
                       0,
                       kNoRecovery};
    add_recovery(made, options);
    return made;
}

Configuration guarded(const Options& options) {
    Configuration made = three_parties(options);
    made.name = "guarded";
    made.shared = operational(kPhone | kLaptop, kPhone | kLaptop);
    made.shared[0].delay = options.days(1);
    return made;
}

Configuration one_party() {
    return {"one party",
            {{kPhone, 1, kMayExecute | kMayChange | kMayCancel, 0, false}},
            {},
            0,
            kNoRecovery};
}

Configuration with_operator(const Options& options) {
    Configuration made{"phone, laptop, operator",
                       operational(kPhone | kLaptop, kPhone | kLaptop),
                       {},
                       0,
                       kNoRecovery};
    made.shared[1].who = kPhone | kLaptop | kGuardian;
    add_recovery(made, options);
    return made;
}

std::vector<Change> changes_of_thief(const Options& options, Parties stolen, bool is_thorough) {
    std::vector<Change> all{
        {"become two parties", Action::kPolicy, true,
         [stolen](const Configuration& now) {
             Configuration after = now;
             after.shared =
                 with_parties(now.shared, {{stolen, static_cast<Parties>(stolen | kThiefDevice)}});
             return after;
         }},
        {"remove the recovery", Action::kPolicy, true,
         [](const Configuration& now) {
             Configuration after = now;
             after.recovery.clear();
             after.guard = 0;
             after.commitment = kNoRecovery;
             return after;
         }},
    };
    if (!is_thorough) {
        return all;
    }
    all.push_back({"lower the guard", Action::kPolicy, true, [](const Configuration& now) {
                       Configuration after = now;
                       after.guard = 0;
                       after.commitment = weakened(after.commitment, 1);
                       return after;
                   }});
    const Ticks slow = options.days(60);
    all.push_back(
        {"slow the recovery down", Action::kPolicy, true, [slow](const Configuration& now) {
             Configuration after = now;
             for (Rule& rule : after.recovery) {
                 rule.delay = slow;
             }
             after.commitment = weakened(after.commitment, 2);
             return after;
         }});
    return all;
}

Change honest_recovery(const Configuration& first) {
    return {"recover to fresh keys", Action::kRecover, false, [first](const Configuration& now) {
                return recovered(first, now, kFreshPhone, kFreshLaptop);
            }};
}

Change hostile_recovery(const Configuration& first) {
    return {"recover to the guardian's keys", Action::kRecover, true,
            [first](const Configuration& now) {
                return recovered(first, now, kThiefDevice, kThiefSecondDevice);
            }};
}

Change replace_stolen(Parties stolen) {
    return {"replace the stolen key", Action::kPolicy, false, [stolen](const Configuration& now) {
                Configuration after = now;
                after.shared = with_parties(now.shared, {{stolen, kFreshPhone}});
                return after;
            }};
}

Change replace_guardian() {
    return {"replace the guardian", Action::kPolicy, false, [](const Configuration& now) {
                Configuration after = now;
                after.shared = with_parties(now.shared, {{kGuardian, kSecondGuardian}});
                after.recovery = with_parties(
                    now.recovery, {{kGuardian, kSecondGuardian}, {kHeir, kSecondGuardian}});
                after.commitment = after.recovery.empty() ? kNoRecovery : kSecondRecovery;
                return after;
            }};
}

Change large_payment() {
    return {"a large payment", Action::kExecute, true, {}};
}

}  // namespace latchkey::waiting_model
