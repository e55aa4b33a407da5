// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace latchkey::waiting_model {

/// Which rules are in force. The default is the specification; every other value is a variant that
/// was considered, or a fault that the laws and stories have to notice.
struct Variant {
    std::string name = "specification";

    // Faults when false.
    bool has_guard = true;
    bool has_outrun_block = true;
    bool block_outlives_weak_cancel = true;
    bool has_cancel_budget = true;
    bool waits = true;
    bool expires = true;
    bool cancel_ends = true;
    bool own_cancel_needs_no_budget = true;
    bool strong_cancel_needs_no_budget = true;
    bool one_proposal_per_rule = true;
    bool proposals_end_with_their_rule = true;
    bool policy_proposals_end_with_their_parent = true;
    bool recover_keeps_recovery_part = true;
    bool freeze_spares_recovery = true;
    bool freeze_spares_cancel = true;
    bool freeze_stops_apply = true;
    bool freeze_ends = true;
    bool has_freeze_interval = true;
    bool lift_keeps_interval = true;
    bool lift_needs_two = true;
    bool counts_parties = true;
    bool tie_is_kept = true;
    bool epoch_grows = true;
    bool epoch_is_checked = true;
    bool parent_is_checked = true;
    bool strong_cancel_reaches_ahead = true;
    // Records of the recovery part stay when the commitment changes; without their proposals, and
    // their epochs grow by one.
    bool epochs_outlive_commitment = true;
    // After a recovery the configId depends on the recovery alone, not on what it replaced.
    bool recover_joins_chains = true;
    // Otherwise the configId names how many changes this chain has seen.
    bool config_id_is_without_number = true;

    // Considered for the window of weak cancels; the specification begins it with the first.
    bool window_begins_with_last_cancel = false;
    // Considered for the design and left out: a proposal after cancels waits twice as long each
    // time; a rule whose proposal was cancelled may not propose for a while, twice as long each
    // time.
    bool doubles_after_cancel = false;
    bool mutes_after_cancel = false;
};

/// Every fault, alone in an otherwise correct variant.
std::vector<Variant> broken_variants();

}  // namespace latchkey::waiting_model
