// SPDX-License-Identifier: Apache-2.0
#include "models/waiting/variant.hpp"

#include <utility>

namespace latchkey::waiting_model {

std::vector<Variant> broken_variants() {
    const std::pair<const char*, bool Variant::*> faults[] = {
        {"no guard", &Variant::has_guard},
        {"a recovery can be outrun", &Variant::has_outrun_block},
        {"a weak cancel forgets the recovery", &Variant::block_outlives_weak_cancel},
        {"weak cancels are not counted", &Variant::has_cancel_budget},
        {"apply does not wait", &Variant::waits},
        {"proposals do not expire", &Variant::expires},
        {"a cancel leaves the proposal", &Variant::cancel_ends},
        {"withdrawing has a budget", &Variant::own_cancel_needs_no_budget},
        {"two parties cancel within a budget", &Variant::strong_cancel_needs_no_budget},
        {"a proposal replaces the one that waits", &Variant::one_proposal_per_rule},
        {"proposals outlive their rule", &Variant::proposals_end_with_their_rule},
        {"policy proposals outlive their parent", &Variant::policy_proposals_end_with_their_parent},
        {"recover replaces the recovery part", &Variant::recover_keeps_recovery_part},
        {"freeze stops recovering", &Variant::freeze_spares_recovery},
        {"freeze stops cancelling", &Variant::freeze_spares_cancel},
        {"freeze does not stop apply", &Variant::freeze_stops_apply},
        {"freeze does not end", &Variant::freeze_ends},
        {"freeze as often as one likes", &Variant::has_freeze_interval},
        {"lifting renews the freeze", &Variant::lift_keeps_interval},
        {"one party lifts a freeze", &Variant::lift_needs_two},
        {"one party counts as two", &Variant::counts_parties},
        {"the tie is always the owner's", &Variant::tie_is_kept},
        {"epochs do not grow", &Variant::epoch_grows},
        {"epochs are not compared", &Variant::epoch_is_checked},
        {"parents are not compared", &Variant::parent_is_checked},
        {"no cancel reaches chains without the proposal", &Variant::strong_cancel_reaches_ahead},
        {"epochs begin again with a commitment", &Variant::epochs_outlive_commitment},
        {"a recovery does not join the chains", &Variant::recover_joins_chains},
        {"the configId names the number of changes", &Variant::config_id_is_without_number},
    };
    std::vector<Variant> all;
    for (const auto& [name, member] : faults) {
        Variant variant;
        variant.name = name;
        variant.*member = false;
        all.push_back(variant);
    }
    return all;
}

}  // namespace latchkey::waiting_model
