// SPDX-License-Identifier: Apache-2.0
#include "models/waiting/chains.hpp"

#include <algorithm>

namespace latchkey::waiting_model {

namespace {

uint32_t mix(uint32_t parent, uint32_t content) {
    uint32_t mixed = (parent ^ 0x9e3779b9U) * 0x85ebca6bU + (content + 1) * 0xc2b2ae35U;
    mixed ^= mixed >> 15;
    mixed *= 0x27d4eb2fU;
    return mixed ^ mixed >> 13;
}

constexpr uint32_t kGenesis = 1;

}  // namespace

ChainsState ChainsGame::initial() const {
    ChainsState state;
    for (Chain& chain : state.chains) {
        chain.config_id = kGenesis;
    }
    return state;
}

uint32_t ChainsGame::config_id(const std::vector<uint8_t>& changes) const {
    Chain chain;
    chain.config_id = kGenesis;
    for (const uint8_t change : changes) {
        ++chain.changes;
        chain.config_id = next_id(chain, change);
    }
    return chain.config_id;
}

// The configId after a change, whose number is counted already.
uint32_t ChainsGame::next_id(const Chain& chain, uint8_t change) const {
    const Variant& variant = setup.variant;
    uint32_t parent = chain.config_id;
    if (variant.recover_joins_chains && setup.changes[change].action == Action::kRecover) {
        parent = mix(setup.of(chain.wallet).commitment + 1000U, chain.recovery_epoch);
    } else if (!variant.config_id_is_without_number) {
        parent = mix(parent, chain.changes);
    }
    return mix(parent, change);
}

std::string ChainsGame::describe(const ChainsState&, ChainsMove move) const {
    const std::string on = " on chain " + std::to_string(move.chain);
    switch (move.kind) {
        case MoveKind::kApprove:
            return approvals[move.approval].name + on;
        case MoveKind::kApply:
            return "apply what waits" + on;
        default:
            return "a tick passes";
    }
}

bool ChainsGame::submit(Chain& chain, const Approval& approval, bool* is_done) const {
    const Variant& variant = setup.variant;
    Wallet& wallet = chain.wallet;
    if (setup.find_rule(wallet, approval.rule) == nullptr) {
        return false;
    }
    const uint32_t parent =
        approval.rule >= kRecoveryRule ? setup.of(wallet).commitment : chain.config_id;
    if (approval.parent != parent && variant.parent_is_checked) {
        return false;
    }
    if (approval.kind == MoveKind::kCancel) {
        if (setup.find_rule(wallet, approval.target) == nullptr) {
            return false;
        }
        const Record& record = wallet.record(approval.target);
        if (record.status == Status::kWaits) {
            return (record.epoch == approval.epoch + 1 || !variant.epoch_is_checked) &&
                   cancel(setup, wallet, approval.rule, approval.parties, approval.target);
        }
        return (record.epoch == approval.epoch || !variant.epoch_is_checked) &&
               cancel_ahead(setup, wallet, approval.rule, approval.parties, approval.target);
    }
    if (wallet.record(approval.rule).epoch != approval.epoch && variant.epoch_is_checked) {
        return false;
    }
    if (approval.kind == MoveKind::kFreeze) {
        return freeze(setup, wallet, approval.rule, approval.parties);
    }
    const Answer answer = approve(setup, wallet, approval.rule, approval.parties, approval.change);
    *is_done = answer == Answer::kDone;
    return answer != Answer::kRefused;
}

void ChainsGame::note_change(const Chain& before, Chain& after, uint8_t change,
                             const char** broken) const {
    after.past_ids[after.changes % kIdsMaximum] = before.config_id;
    ++after.changes;
    Chain named = before;
    named.changes = after.changes;
    named.recovery_epoch = after.recovery_epoch;
    after.config_id = next_id(named, change);
    if (std::find(after.past_ids.begin(), after.past_ids.end(), after.config_id) !=
        after.past_ids.end()) {
        *broken = "a configId never comes back";
    }
    after.last_change = static_cast<uint8_t>(change + 1);
    if (setup.changes[change].action == Action::kRecover) {
        after.last_recovery = after.last_change;
    }
}

void ChainsGame::note_approval(const Chain& before, Chain& after, uint8_t index, bool is_done,
                               const char** broken) const {
    const Approval& approval = approvals[index];
    const auto bit = static_cast<uint16_t>(1U << index);
    if ((before.accepted & bit) != 0) {
        *broken = "an approval works once on each chain";
    }
    if ((before.cancelled & bit) != 0) {
        *broken = "what was cancelled is never proposed again";
    }
    const RuleName grown = approval.kind == MoveKind::kCancel ? approval.target : approval.rule;
    if (!is_done && after.wallet.record(grown).epoch < before.wallet.record(grown).epoch) {
        *broken = "epochs never fall";
    }
    after.accepted |= bit;
    if (approval.kind != MoveKind::kCancel) {
        return;
    }
    for (size_t i = 0; i < approvals.size(); ++i) {
        if (approvals[i].kind == MoveKind::kApprove && approvals[i].rule == approval.target &&
            approvals[i].epoch <= approval.epoch &&
            approvals[i].parent == setup.of(before.wallet).commitment) {
            after.cancelled |= static_cast<uint16_t>(1U << i);
        }
    }
}

bool ChainsGame::attempt(Chain& chain, const ChainsMove& move, const char** broken) const {
    const Chain before = chain;
    if (move.kind == MoveKind::kApply) {
        const uint8_t change = chain.wallet.record(move.approval).change;
        if (!apply(setup, chain.wallet, move.approval)) {
            return false;
        }
        note_change(before, chain, change, broken);
        return true;
    }
    const Approval& approval = approvals[move.approval];
    if (approval.kind == MoveKind::kApprove && approval.rule >= kRecoveryRule) {
        chain.recovery_epoch = approval.epoch;
    }
    bool is_done = false;
    if (!submit(chain, approval, &is_done)) {
        chain = before;
        return false;
    }
    if (is_done) {
        note_change(before, chain, approval.change, broken);
    }
    note_approval(before, chain, move.approval, is_done, broken);
    return true;
}

// Whoever can recover can propose with a fresh approval, if need be after withdrawing.
const char* ChainsGame::broken_law(const ChainsState& state) const {
    for (size_t i = 0; i < chain_count; ++i) {
        Wallet wallet = state.chains[i].wallet;
        const Rule* const rule = setup.find_rule(wallet, kRecoveryRule);
        if (rule == nullptr) {
            continue;
        }
        if (wallet.recovery[0].status == Status::kWaits &&
            !cancel(setup, wallet, kRecoveryRule, rule->who, kRecoveryRule)) {
            return "the proposer can always withdraw";
        }
        for (uint8_t change = 0; change < setup.change_count(); ++change) {
            if (setup.changes[change].action == Action::kRecover &&
                approve(setup, wallet, kRecoveryRule, rule->who, change) == Answer::kRefused) {
                return "a recovery can always be proposed anew";
            }
            wallet.recovery[0].status = Status::kNothing;
        }
    }
    return nullptr;
}

StoryResult play(const ChainsStory& story, size_t states_maximum, bool stops_at_violation) {
    Search<ChainsGame, ChainsState, ChainsMove> search(story.game, states_maximum);
    search.run(stops_at_violation);
    StoryResult result{
        search.state_count(), search.step_count(), !search.is_too_large(), search.violations(), {}};
    for (const ChainsClaim& claim : story.claims) {
        ClaimResult found;
        size_t where = 0;
        found.days = search.earliest(
            [&](const ChainsState& state) { return claim.predicate(story.game, state); }, &where);
        found.holds = (found.days != kNever) == claim.is_possible;
        if (where != 0) {
            found.trace = search.trace(where);
        }
        result.claims.push_back(found);
    }
    return result;
}

}  // namespace latchkey::waiting_model
