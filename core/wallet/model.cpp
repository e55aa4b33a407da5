// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/model.hpp"

#include <algorithm>

#include "core/authorization/limits.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/wallet/key_checker.hpp"

namespace latchkey::core::model {

namespace {

constexpr std::size_t kCallsMax = 16;
constexpr std::uint8_t kPolicyNumber = 4;
/// u32 3, by which the loader knows an upgrade.
const Bytes kUpgradeData = {3, 0, 0, 0};

/// The rule that an action names, and what it is read from.
struct Chosen {
    RuleView rule{};
    /// Among the shared rules, the slots, or those of the recovery part.
    std::uint8_t index = 0;
    /// Heads (kind and flags) of all signers.
    std::vector<std::uint8_t> signers;
    /// Under a rule of the recovery part, the commitment.
    ConfigId config_id;
    std::optional<LocalRuleId> local_rule_id;
    /// The recovery part whose rule it is; else null.
    const Bytes* recovery_part = nullptr;
    /// Counters of the rule's limits; null with a genesis.
    Counter* counters = nullptr;
    /// How many approved.
    std::size_t parties = 0;
};

/// How an action names its rule.
struct RuleName {
    bool is_local;
    std::uint8_t index;
    const std::optional<Bytes>& recovery_part;
};

std::vector<std::uint8_t> signer_heads(const std::uint8_t* at, std::size_t count) {
    std::vector<std::uint8_t> heads;
    for (std::size_t i = 0; i < count; ++i) {
        heads.push_back(*at);
        at += 1 + signer_key_size(*at & kSignerKindMask);
    }
    return heads;
}

/// Whether evidence of this kind is one that the signer can give.
bool fits(const Approval& approval, std::uint8_t head) {
    if (approval.flaw == Verdict::kSignerNotUsable) {
        return false;
    }
    const std::uint64_t kind = head & kSignerKindMask;
    switch (approval.evidence) {
        case EvidenceKind::kTransaction:
            return kind == kSignerEd25519;
        case EvidenceKind::kProgram:
            return kind == kSignerProgram;
        default:
            return kind != kSignerProgram && kind != kSignerContract;
    }
}

/// Each approving signer exists and can approve with what it shows.
Verdict check_signers(const std::vector<Approval>& approvals,
                      const std::vector<std::uint8_t>& signers) {
    for (const Approval& approval : approvals) {
        if (approval.signer >= signers.size()) {
            return Verdict::kSignerNotInRule;
        }
        if (!fits(approval, signers[approval.signer])) {
            return Verdict::kSignerNotUsable;
        }
    }
    return Verdict::kAccepted;
}

std::size_t limits_of(const RuleView& rule) {
    return rule.limits == nullptr ? 0 : rule.limits[0];
}

std::size_t rule_count(ByteView shared) {
    return (shared[1] >> 4U) + 1U;
}

std::size_t signer_count(ByteView shared) {
    return (shared[1] & 0x0fU) + 1U;
}

/// Position of the rule's first counter among all of the shared part.
std::size_t first_counter(ByteView shared, std::size_t rule) {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < rule; ++i) {
        sum += limits_of(*find_rule(shared, i));
    }
    return sum;
}

/// Only execute and message need no state.
bool needs_state(const Body& body) {
    return !std::holds_alternative<Execute>(body) && !std::holds_alternative<Message>(body);
}

Judged<Chosen> choose_from_genesis(const World& world, const ApprovedAction& action) {
    if (needs_state(action.body)) {
        return refuse(Verdict::kStateNeeded);
    }
    if (world.state && world.state->was_frozen) {
        return refuse(Verdict::kStateNeeded);
    }
    if (world.state && world.state->sequence != 0) {
        return refuse(Verdict::kGenesisSuperseded);
    }
    Chosen chosen;
    chosen.signers = signer_heads(world.genesis.data() + 2, signer_count(world.genesis));
    if (const Verdict bad = check_signers(action.approvals, chosen.signers);
        bad != Verdict::kAccepted) {
        return refuse(bad);
    }
    if (action.rule_is_local) {
        return refuse(Verdict::kUnknownRule);
    }
    const Judged<RuleView> rule = find_rule(world.genesis, action.rule);
    if (!rule) {
        return refuse(rule.error());
    }
    if (rule->limits != nullptr || wait_of(*rule) != 0) {
        return refuse(Verdict::kStateNeeded);
    }
    if (action.recovery_part) {
        return refuse(Verdict::kReservedBits);
    }
    chosen.rule = *rule;
    chosen.index = action.rule;
    chosen.config_id = first_config_id(world.wallet_id);
    return chosen;
}

Judged<Chosen> choose_from_recovery(const State& state, const RuleName& name) {
    const Bytes& part = *name.recovery_part;
    if (name.is_local) {
        return refuse(Verdict::kUnknownRule);
    }
    const std::optional<RecoveryCommitment> commitment = commitment_in(state.shared);
    if (!commitment || commitment_of(part, commitment->guard_hours) != *commitment) {
        return refuse(Verdict::kRecoveryPart);
    }
    // The commitment proves that the owner chose the keys, so no curve is asked.
    if (const Verdict bad = judge_recovery_part(part, kAnyKey); bad != Verdict::kAccepted) {
        return refuse(bad);
    }
    const Judged<RuleView> rule = find_recovery_rule(part, name.index);
    if (!rule) {
        return refuse(rule.error());
    }
    Chosen chosen;
    chosen.rule = *rule;
    chosen.index = name.index;
    chosen.signers = signer_heads(part.data() + 2, signer_count(part));
    chosen.config_id = ConfigId(commitment->bytes().array());
    chosen.recovery_part = &part;
    return chosen;
}

Judged<Chosen> choose_local(State& state, std::uint8_t index) {
    if (index >= state.slots.size() || !state.slots[index]) {
        return refuse(Verdict::kUnknownRule);
    }
    Slot& slot = *state.slots[index];
    Chosen chosen;
    chosen.index = index;
    chosen.config_id = state.config_id;
    chosen.local_rule_id = slot.id;
    chosen.rule = local_rule_view(slot.local_rule);
    // A local rule begins with its counts, a shared part with its header.
    const std::size_t signers = (slot.local_rule[0] & 0x0fU) + 1U;
    chosen.signers = signer_heads(slot.local_rule.data() + 1, signers);
    chosen.counters = slot.counters.data();
    return chosen;
}

Judged<Chosen> choose_from_state(World& world, const RuleName& name) {
    if (!world.state) {
        return refuse(Verdict::kStateMissing);
    }
    State& state = *world.state;
    if (name.recovery_part) {
        return choose_from_recovery(state, name);
    }
    if (name.is_local) {
        return choose_local(state, name.index);
    }
    const Judged<RuleView> rule = find_rule(state.shared, name.index);
    if (!rule) {
        return refuse(rule.error());
    }
    Chosen chosen;
    chosen.rule = *rule;
    chosen.index = name.index;
    chosen.config_id = state.config_id;
    chosen.signers = signer_heads(state.shared.data() + 2, signer_count(state.shared));
    chosen.counters = state.counters.data() + first_counter(state.shared, name.index);
    return chosen;
}

Judged<Chosen> choose(World& world, const ApprovedAction& action) {
    if (action.from_genesis) {
        return choose_from_genesis(world, action);
    }
    Judged<Chosen> chosen =
        choose_from_state(world, RuleName{action.rule_is_local, action.rule, action.recovery_part});
    if (chosen) {
        if (const Verdict bad = check_signers(action.approvals, chosen->signers);
            bad != Verdict::kAccepted) {
            return refuse(bad);
        }
    }
    return chosen;
}

/// By their places in Body.
constexpr std::uint64_t kRights[] = {kActionExecute, kActionGrant,   kActionGrant,
                                     kActionPolicy,  kActionMessage, kActionCancel,
                                     kActionFreeze,  kActionRecover, kActionUpgrade};
constexpr std::uint8_t kNumbers[] = {1, 2, 3, 4, 5, 11, 13, 14, 15};
static_assert(std::size(kRights) == std::variant_size_v<Body> &&
              std::size(kNumbers) == std::variant_size_v<Body>);

/// The chain-agnostic actions, which have an epoch.
bool is_change(const Body& body) {
    return std::holds_alternative<Policy>(body) || std::holds_alternative<Cancel>(body) ||
           std::holds_alternative<Freeze>(body) || std::holds_alternative<Recover>(body);
}

/// Harmless to repeat, or it has an epoch.
bool is_repeatable(const Body& body) {
    return is_change(body) || std::holds_alternative<Message>(body);
}

/// Under a rule with a delay it becomes a proposal.
bool can_wait(const Body& body) {
    return std::holds_alternative<Execute>(body) || std::holds_alternative<Grant>(body) ||
           std::holds_alternative<Policy>(body) || std::holds_alternative<Recover>(body) ||
           std::holds_alternative<Upgrade>(body);
}

/// A freeze stops it.
bool can_freeze(const Body& body) {
    return std::holds_alternative<Message>(body) ||
           (can_wait(body) && !std::holds_alternative<Recover>(body));
}

/// The rule has the right, and holds now.
Verdict check_rule(const Chosen& chosen, const Body& body, std::uint64_t now) {
    if ((chosen.rule.actions & kRights[body.index()]) == 0) {
        return Verdict::kActionNotAllowed;
    }
    return check_times(chosen.rule, now);
}

Verdict use_lane_nonce(World& world, const LaneNonce& nonce, bool has_deadline, std::uint64_t now) {
    const auto lane = world.lanes.find(nonce.lane);
    if (lane == world.lanes.end()) {
        return Verdict::kAccountType;
    }
    if (!nonce.operator_signed || nonce.operator_address != lane->second.operator_address) {
        return Verdict::kLaneOperator;
    }
    if (has_deadline) {
        return Verdict::kNonCanonical;
    }
    return use_lane(lane->second.data.data(), nonce.nonce, now);
}

Verdict use_state_nonce(World& world, const ApprovedAction& action, const StateNonce& nonce) {
    if (action.from_genesis) {
        return Verdict::kStateNeeded;
    }
    if (nonce.key >= world.state->nonces.size()) {
        return Verdict::kNonCanonical;
    }
    if (action.rule_is_local) {
        return Verdict::kActionNotAllowed;
    }
    std::uint64_t& sequence = world.state->nonces[nonce.key];
    if (nonce.sequence != sequence || sequence == kNever) {
        return Verdict::kStateNonce;
    }
    ++sequence;
    return Verdict::kAccepted;
}

Verdict use_nonce(World& world, const ApprovedAction& action, const Chosen& chosen,
                  std::uint64_t now) {
    if (const auto* lane = std::get_if<LaneNonce>(&action.nonce)) {
        return use_lane_nonce(world, *lane, action.deadline.has_value(), now);
    }
    if (const auto* state = std::get_if<StateNonce>(&action.nonce)) {
        if (const Verdict bad = use_state_nonce(world, action, *state); bad != Verdict::kAccepted) {
            return bad;
        }
    } else if (!action.from_genesis) {
        const auto& binding = std::get<TransactionNonce>(action.nonce).binding;
        if (binding != binding_of(chosen.config_id, chosen.local_rule_id)) {
            return Verdict::kConfigurationChanged;
        }
    }
    if (!action.deadline) {
        return Verdict::kAccepted;
    }
    if (is_change(action.body)) {
        return Verdict::kNonCanonical;
    }
    return now > *action.deadline ? Verdict::kDeadlinePassed : Verdict::kAccepted;
}

bool is_secp256k1(std::uint64_t kind) {
    return kind == kSignerSecp256k1Eip712 || kind == kSignerSecp256k1Eip191;
}

/// What the account that stands for a signer settles at once.
Verdict check_account_evidence(const Approval& approval, std::uint8_t head) {
    const std::uint64_t kind = head & kSignerKindMask;
    if (!approval.account_signed) {
        return Verdict::kTransactionSignature;
    }
    if (kind == kSignerEd25519 && approval.account_writable && (head & kSignerOption) == 0) {
        return Verdict::kSignerPaysFees;
    }
    return approval.flaw;
}

Verdict check_approvals(const ApprovedAction& action, Chosen& chosen) {
    std::vector<std::size_t> party_of;
    std::size_t party = 0;
    for (const std::uint8_t head : chosen.signers) {
        party += (head & kSignerSameParty) == 0 ? 1 : 0;
        party_of.push_back(party);
    }
    std::size_t last_party = 0;
    for (const Approval& approval : action.approvals) {
        if ((chosen.rule.mask >> approval.signer & 1) == 0) {
            return Verdict::kSignerNotInRule;
        }
        // Ascending signers make ascending parties.
        if (party_of[approval.signer] != last_party) {
            last_party = party_of[approval.signer];
            ++chosen.parties;
        }
    }
    if (chosen.parties < threshold_of(chosen.rule.quorum)) {
        return Verdict::kThresholdNotMet;
    }
    bool has_digest = false;
    bool needs_top_level = false;
    bool has_precompile_before = false;
    for (const Approval& approval : action.approvals) {
        const std::uint8_t head = chosen.signers[approval.signer];
        if (approval.evidence == EvidenceKind::kDigest) {
            const std::uint64_t kind = head & kSignerKindMask;
            has_digest = true;
            needs_top_level |= is_secp256k1(kind);
            has_precompile_before |= !is_secp256k1(kind);
            continue;
        }
        if (const Verdict bad = check_account_evidence(approval, head); bad != Verdict::kAccepted) {
            return bad;
        }
        needs_top_level |= approval.evidence == EvidenceKind::kTransaction;
    }
    // The operator's signature counts at the top level only, which a precompile before proves too.
    needs_top_level |= std::holds_alternative<LaneNonce>(action.nonce) && !has_precompile_before;
    if (needs_top_level && !action.is_top_level) {
        return Verdict::kNotTopLevel;
    }
    if (has_digest && std::holds_alternative<TransactionNonce>(action.nonce) &&
        !is_repeatable(action.body)) {
        return Verdict::kNonceRequired;
    }
    if (has_precompile_before && !action.is_top_level) {
        return Verdict::kPrecompileMissing;
    }
    for (const Approval& approval : action.approvals) {
        if (approval.flaw != Verdict::kAccepted) {
            return approval.flaw;
        }
    }
    return action.from_genesis && !action.genesis_matches ? Verdict::kStateAddress
                                                          : Verdict::kAccepted;
}

Verdict check_target(const World& world, const RuleView& rule, const Call& call) {
    if (call.program == world.program_id) {
        return Verdict::kTargetReserved;
    }
    if (rule.scope != nullptr) {
        return scope_allows(rule.scope, call.program.data(), call.data.data(), call.data.size())
                   ? Verdict::kAccepted
                   : Verdict::kTargetNotAllowed;
    }
    const auto& reserved = world.reserved_targets;
    return std::find(reserved.begin(), reserved.end(), call.program) == reserved.end()
               ? Verdict::kAccepted
               : Verdict::kTargetReserved;
}

/// Adds up what one call took; saturates, as more than 2^64 - 1 is above every limit anyway.
Verdict add_outflows(const RuleView& rule, const Call& call, std::vector<std::uint64_t>& sums) {
    for (const Outflow& outflow : call.outflows) {
        if (outflow.amount == 0) {
            continue;
        }
        const std::size_t index = find_limit(rule.limits, outflow.asset.data());
        if (index == sums.size()) {
            return Verdict::kAssetNotListed;
        }
        const std::uint64_t room = kNever - sums[index];
        sums[index] += std::min(outflow.amount, room);
    }
    return Verdict::kAccepted;
}

Verdict book(const RuleView& rule, const std::vector<std::uint64_t>& sums, Counter* counters,
             std::uint64_t now) {
    for (std::size_t i = 0; i < sums.size(); ++i) {
        if (sums[i] == 0) {
            continue;
        }
        std::array<std::uint8_t, kCounterSize> bytes;
        store_le(bytes.data(), counters[i].window);
        store_le(bytes.data() + 8, counters[i].spent);
        if (const Verdict bad = book_outflow(rule.limits + 1 + i * kLimitSize, bytes.data(),
                                             window_start(rule), now, sums[i]);
            bad != Verdict::kAccepted) {
            return bad;
        }
        counters[i] = {load_le<std::uint64_t>(bytes.data()),
                       load_le<std::uint64_t>(bytes.data() + 8)};
    }
    return Verdict::kAccepted;
}

Verdict check_caps(const std::vector<Cap>& caps) {
    for (const Cap& cap : caps) {
        if (cap.before > cap.after && cap.before - cap.after > cap.maximum_outflow) {
            return Verdict::kCapOutflow;
        }
        const bool came_in =
            cap.after >= cap.before && cap.after - cap.before >= cap.minimum_inflow;
        if (cap.minimum_inflow != 0 && !came_in) {
            return Verdict::kCapInflow;
        }
    }
    return Verdict::kAccepted;
}

Verdict run_call(const World& world, const Chosen& chosen, const Execute& execute, const Call& call,
                 std::vector<std::uint64_t>& sums) {
    if (const Verdict bad = check_target(world, chosen.rule, call); bad != Verdict::kAccepted) {
        return bad;
    }
    if (call.forwards_signer) {
        return Verdict::kSignerForwarded;
    }
    if (call.changes_vault) {
        return Verdict::kVaultChanged;
    }
    const bool is_limited = chosen.rule.limits != nullptr;
    if (call.changes_authority && (is_limited || execute.no_new_authority)) {
        return Verdict::kAuthorityChanged;
    }
    return is_limited ? add_outflows(chosen.rule, call, sums) : Verdict::kAccepted;
}

Verdict run(const World& world, const Chosen& chosen, const Execute& execute, std::uint64_t now) {
    if (chosen.rule.limits != nullptr && execute.passes_uncountable) {
        return Verdict::kUncountable;
    }
    std::vector<std::uint64_t> sums(limits_of(chosen.rule));
    for (std::size_t i = 0; i < execute.calls.size(); ++i) {
        if (i == kCallsMax) {
            return Verdict::kTooManyCalls;
        }
        if (const Verdict bad = run_call(world, chosen, execute, execute.calls[i], sums);
            bad != Verdict::kAccepted) {
            return bad;
        }
    }
    if (const Verdict bad = book(chosen.rule, sums, chosen.counters, now);
        bad != Verdict::kAccepted) {
        return bad;
    }
    return check_caps(execute.caps);
}

Verdict run(World& world, const Chosen& chosen, const Grant& grant) {
    const Bytes& bytes = grant.local_rule;
    if (const Verdict bad = judge_local_rule(bytes, is_chain_key); bad != Verdict::kAccepted) {
        return bad;
    }
    const RuleView rule = local_rule_view(bytes);
    if (const Verdict bad = check_grant(chosen.rule, rule); bad != Verdict::kAccepted) {
        return bad;
    }
    State& state = *world.state;
    auto place = std::find(state.slots.begin(), state.slots.end(), std::nullopt);
    if (place == state.slots.end()) {
        if (state.slots.size() == kMaximumLocalRules) {
            return Verdict::kTooManyLocalRules;
        }
        place = state.slots.insert(place, std::nullopt);
    }
    const std::uint32_t version = ++state.local_version;
    *place = Slot{
        .granting_rule = chosen.index,
        .version = version,
        .id = local_rule_id_of(world.wallet_id, state.config_id, version, bytes),
        .local_rule = bytes,
        .counters = std::vector<Counter>(limits_of(rule)),
    };
    return Verdict::kAccepted;
}

Verdict run(World& world, const Revoke& revoke) {
    for (std::optional<Slot>& slot : world.state->slots) {
        if (slot && slot->id == revoke.id) {
            slot.reset();
            ++world.state->local_version;
            return Verdict::kAccepted;
        }
    }
    return Verdict::kUnknownLocalRule;
}

std::vector<RuleId> rule_ids(ByteView shared) {
    std::vector<RuleId> ids;
    for (std::size_t i = 0; i < rule_count(shared); ++i) {
        ids.push_back(*rule_id_of(shared, i));
    }
    return ids;
}

/// The counters of the new shared part: those of unchanged rules go on.
std::vector<Counter> carry_counters(const State& state, ByteView shared,
                                    const std::vector<RuleId>& before,
                                    const std::vector<RuleId>& after) {
    std::vector<Counter> counters;
    for (std::size_t i = 0; i < after.size(); ++i) {
        const std::size_t limits = limits_of(*find_rule(shared, i));
        const auto old = std::find(before.begin(), before.end(), after[i]);
        if (old == before.end()) {
            counters.resize(counters.size() + limits);
            continue;
        }
        const std::size_t first =
            first_counter(state.shared, static_cast<std::size_t>(old - before.begin()));
        for (std::size_t j = 0; j < limits; ++j) {
            counters.push_back(state.counters[first + j]);
        }
    }
    return counters;
}

/// The records that live on: those of unchanged rules, and those of the recovery part for ever.
std::vector<Record> carry_records(const State& state, const std::vector<RuleId>& before,
                                  const std::vector<RuleId>& after, bool keeps_recovery) {
    std::vector<Record> records;
    for (Record record : state.records) {
        bool dies = false;
        if ((record.rule & kRecoveryRule) == 0) {
            const auto found = std::find(after.begin(), after.end(), before[record.rule]);
            if (found == after.end()) {
                continue;
            }
            record.rule = static_cast<std::uint8_t>(found - after.begin());
        } else {
            // The commitment may come back one day, and approvals given under it must not.
            dies = !keeps_recovery;
        }
        if (dies || record.action == kPolicyNumber) {
            record.action = 0;
            record.earliest = 0;
            record.epoch += dies ? 1 : 0;
        }
        records.push_back(record);
    }
    return records;
}

/// A local rule lives as long as the rule that granted it, and none outlives a recovery.
void sort_out_slots(State& state, const std::vector<RuleId>& before,
                    const std::vector<RuleId>& after, bool is_recovery) {
    for (std::optional<Slot>& slot : state.slots) {
        if (!slot) {
            continue;
        }
        const auto granting = std::find(after.begin(), after.end(), before[slot->granting_rule]);
        if (granting == after.end() || is_recovery) {
            slot.reset();
            ++state.local_version;
        } else {
            slot->granting_rule = static_cast<std::uint8_t>(granting - after.begin());
        }
    }
}

/// The new shared part that the action asks for.
Judged<Bytes> read_change(const World& world, const Chosen& chosen, const Body& body) {
    const State& state = *world.state;
    if (chosen.recovery_part != nullptr) {
        return recovered_shared(*chosen.recovery_part, *commitment_in(state.shared),
                                std::get<Recover>(body).signers, is_chain_key);
    }
    const Bytes& shared = std::get<Policy>(body).shared;
    if (const Verdict bad = judge_shared(shared, is_chain_key); bad != Verdict::kAccepted) {
        return refuse(bad);
    }
    return shared;
}

void replace_shared(World& world, const Chosen& chosen, const Body& body, const Bytes& shared) {
    State& state = *world.state;
    const std::vector<RuleId> before = rule_ids(state.shared);
    const std::vector<RuleId> after = rule_ids(shared);
    const std::optional<RecoveryCommitment> commitment = commitment_in(state.shared);
    const bool keeps_recovery = commitment && commitment == commitment_in(shared);
    const auto* recover = std::get_if<Recover>(&body);
    ++state.sequence;
    state.config_id = recover == nullptr
                          ? next_config_id(world.wallet_id, state.config_id, shared)
                          : recovered_config_id(world.wallet_id, *commitment, chosen.index,
                                                recover->epoch, shared);
    std::vector<Counter> counters = carry_counters(state, shared, before, after);
    state.records = carry_records(state, before, after, keeps_recovery);
    sort_out_slots(state, before, after, recover != nullptr);
    state.shared = shared;
    state.counters = std::move(counters);
}

/// How one names the rule among the records.
std::uint8_t record_name(const Chosen& chosen) {
    return static_cast<std::uint8_t>(chosen.index |
                                     (chosen.recovery_part != nullptr ? kRecoveryRule : 0));
}

Record* find_record(State& state, std::uint8_t rule) {
    const auto found = std::find_if(state.records.begin(), state.records.end(),
                                    [&](const Record& record) { return record.rule == rule; });
    return found == state.records.end() ? nullptr : &*found;
}

/// Of a rule under which something may wait; null for the others.
Record* record_of(World& world, const Chosen& chosen) {
    return world.state && !chosen.local_rule_id ? find_record(*world.state, record_name(chosen))
                                                : nullptr;
}

/// Gives the rule a record, if it has none, and uses up its epoch.
Record& bump_epoch(State& state, std::uint8_t rule) {
    Record* record = find_record(state, rule);
    if (record == nullptr) {
        record = &state.records.emplace_back(Record{.rule = rule});
    }
    ++record->epoch;
    return *record;
}

std::uint32_t epoch_of(const Record* record) {
    return record == nullptr ? 0 : record->epoch;
}

/// The time that a guard makes this action wait.
std::uint64_t guard_of(const World& world, const Chosen& chosen, const Body& body) {
    if (!world.state || !std::holds_alternative<Policy>(body) || chosen.parties >= 2) {
        return 0;
    }
    const std::optional<RecoveryCommitment> commitment = commitment_in(world.state->shared);
    return commitment ? std::uint64_t{commitment->guard_hours} * 3600 : 0;
}

/// Keeps the action until it may be applied.
Verdict propose(World& world, const Chosen& chosen, const Body& body, std::uint64_t now,
                const Hash32& digest) {
    const std::uint64_t wait = wait_of(chosen.rule);
    const std::uint64_t guard = guard_of(world, chosen, body);
    const Record* const old = record_of(world, chosen);
    if (old != nullptr && old->action != 0 && now <= old->earliest + kProposalLife) {
        return Verdict::kAlreadyWaits;
    }
    Record& record = bump_epoch(*world.state, record_name(chosen));
    record.action = action_number(body);
    record.tie = wait >> kWaitTieShift != 0;
    record.guarded = guard != 0;
    record.earliest = static_cast<std::uint32_t>(now + std::max(wait & kWaitDelayMask, guard));
    record.digest = digest;
    return Verdict::kAccepted;
}

/// Whether what waits under the rule is this action, and may be done now; it waits no more.
Verdict take_proposal(World& world, const Chosen& chosen, const Body& body, std::uint64_t now,
                      const Hash32& digest) {
    Record* const record = record_of(world, chosen);
    if (record == nullptr || record->action != action_number(body)) {
        return Verdict::kNothingWaits;
    }
    if (record->digest != digest) {
        return Verdict::kOtherProposal;
    }
    if (now < record->earliest) {
        return Verdict::kTooEarly;
    }
    if (now > record->earliest + kProposalLife) {
        return Verdict::kProposalExpired;
    }
    const bool is_recovering = std::any_of(
        world.state->records.begin(), world.state->records.end(), [&](const Record& other) {
            return (other.rule & kRecoveryRule) != 0 && now < other.earliest + kMargin;
        });
    if (record->guarded && is_recovering) {
        return Verdict::kRecoveryUnderWay;
    }
    record->action = 0;
    return Verdict::kAccepted;
}

/// One party alone against a rule that proposes until it wins.
Verdict count_cancel(Record& record, std::uint64_t now) {
    if (record.cancels == 0 || now > record.cancels_since + kCancelWindow) {
        record.cancels = 0;
        record.cancels_since = static_cast<std::uint32_t>(now);
    }
    if (record.cancels == kCancelBudget) {
        return Verdict::kCancelBudget;
    }
    ++record.cancels;
    return Verdict::kAccepted;
}

Verdict run(World& world, const Chosen& chosen, const Cancel& cancel, std::uint64_t now) {
    State& state = *world.state;
    const bool is_own = cancel.target == record_name(chosen);
    if (chosen.recovery_part != nullptr && !is_own) {
        return Verdict::kCancelNotAllowed;
    }
    const std::size_t rules =
        (cancel.target & kRecoveryRule) != 0 ? kMaximumRules : rule_count(state.shared);
    if ((cancel.target & ~kRecoveryRule) >= static_cast<int>(rules)) {
        return Verdict::kUnknownRule;
    }
    const bool is_strong = is_own || chosen.parties > 1;
    Record* record = find_record(state, cancel.target);
    if (record == nullptr || record->action == 0) {
        if (!is_strong) {
            return Verdict::kNothingWaits;
        }
        // So that it never will.
        record = &bump_epoch(state, cancel.target);
    }
    if (record->epoch != cancel.epoch + 1) {
        return Verdict::kEpoch;
    }
    record->action = 0;
    if (is_strong || !record->tie) {
        record->earliest = 0;
        return Verdict::kAccepted;
    }
    return count_cancel(*record, now);
}

Verdict run(World& world, const Chosen& chosen, const Freeze& freeze, std::uint64_t now) {
    State& state = *world.state;
    if (freeze.epoch != epoch_of(record_of(world, chosen))) {
        return Verdict::kEpoch;
    }
    Record& record = bump_epoch(state, record_name(chosen));
    if (freeze.lift > 1) {
        return Verdict::kNonCanonical;
    }
    state.was_frozen = freeze.lift == 0;
    if (freeze.lift != 0) {
        return chosen.parties < 2 ? Verdict::kTwoParties : Verdict::kAccepted;
    }
    if (record.frozen_at != 0 && now < record.frozen_at + kFreezeInterval) {
        return Verdict::kFreezeBudget;
    }
    record.frozen_at = static_cast<std::uint32_t>(now);
    return Verdict::kAccepted;
}

Verdict run(const World& world, const Upgrade& upgrade) {
    if (!upgrade.holds_code) {
        return Verdict::kUpgradeCode;
    }
    if (upgrade.call.program != world.upgradeable_loader || upgrade.call.data != kUpgradeData) {
        return Verdict::kTargetNotAllowed;
    }
    if (upgrade.call.forwards_signer) {
        return Verdict::kSignerForwarded;
    }
    return upgrade.call.changes_vault ? Verdict::kVaultChanged : Verdict::kAccepted;
}

/// Whether a freeze holds. One that is over is forgotten, if the state may be written.
bool is_frozen(World& world, std::uint64_t now, bool state_writable) {
    if (!world.state || !world.state->was_frozen) {
        return false;
    }
    const auto& records = world.state->records;
    if (std::any_of(records.begin(), records.end(),
                    [&](const Record& record) { return now < record.frozen_at + kFreezeLength; })) {
        return true;
    }
    world.state->was_frozen = !state_writable;
    return false;
}

/// What a step is made of, beside the rule and the action.
struct Occasion {
    std::uint64_t now;
    bool state_writable;
    const Hash32& waiting_digest;
    bool is_apply;
};

/// Does the action, whose rule, approvals and time have been checked. `shared`: what policy and
/// recover lead to.
Verdict perform(World& world, const Chosen& chosen, const Body& body, const Bytes& shared,
                const Occasion& occasion) {
    if (can_freeze(body) && is_frozen(world, occasion.now, occasion.state_writable)) {
        return Verdict::kFrozen;
    }
    if (const auto* execute = std::get_if<Execute>(&body)) {
        return run(world, chosen, *execute, occasion.now);
    }
    if (const auto* grant = std::get_if<Grant>(&body)) {
        return run(world, chosen, *grant);
    }
    if (const auto* revoke = std::get_if<Revoke>(&body)) {
        return run(world, *revoke);
    }
    if (const auto* cancel = std::get_if<Cancel>(&body)) {
        return run(world, chosen, *cancel, occasion.now);
    }
    if (const auto* freeze = std::get_if<Freeze>(&body)) {
        return run(world, chosen, *freeze, occasion.now);
    }
    if (const auto* upgrade = std::get_if<Upgrade>(&body)) {
        return run(world, *upgrade);
    }
    if (!std::holds_alternative<Message>(body)) {
        if (std::holds_alternative<Recover>(body) && !occasion.is_apply) {
            bump_epoch(*world.state, record_name(chosen));
        }
        replace_shared(world, chosen, body, shared);
    }
    return Verdict::kAccepted;
}

/// Whether the approval of policy or recover names the rule's epoch.
bool is_epoch(World& world, const Chosen& chosen, const Body& body) {
    const auto* policy = std::get_if<Policy>(&body);
    const std::uint32_t named = policy != nullptr ? policy->epoch : std::get<Recover>(body).epoch;
    return named == epoch_of(record_of(world, chosen));
}

/// From "this rule approved this", or "this waits", on.
Verdict settle(World& world, const Chosen& chosen, const Body& body, const Occasion& occasion) {
    if (occasion.is_apply) {
        if (const Verdict bad =
                take_proposal(world, chosen, body, occasion.now, occasion.waiting_digest);
            bad != Verdict::kAccepted) {
            return bad;
        }
    }
    Bytes shared;
    if (std::holds_alternative<Policy>(body) || std::holds_alternative<Recover>(body)) {
        if (!occasion.is_apply && !is_epoch(world, chosen, body)) {
            return Verdict::kEpoch;
        }
        Judged<Bytes> read = read_change(world, chosen, body);
        if (!read) {
            return read.error();
        }
        shared = *std::move(read);
    }
    const bool waits = wait_of(chosen.rule) != 0 || guard_of(world, chosen, body) != 0;
    if (!occasion.is_apply && can_wait(body) && waits) {
        return propose(world, chosen, body, occasion.now, occasion.waiting_digest);
    }
    return perform(world, chosen, body, shared, occasion);
}

Verdict check_nonce_kind(const ApprovedAction& action) {
    const bool is_transaction = std::holds_alternative<TransactionNonce>(action.nonce);
    return is_repeatable(action.body) && !is_transaction ? Verdict::kReservedBits
                                                         : Verdict::kAccepted;
}

Verdict check_order(const std::vector<Approval>& approvals) {
    const auto unordered =
        std::adjacent_find(approvals.begin(), approvals.end(),
                           [](const auto& a, const auto& b) { return a.signer >= b.signer; });
    return unordered == approvals.end() ? Verdict::kAccepted : Verdict::kApprovalOrder;
}

Verdict run(World& world, const ApprovedAction& action, std::uint64_t now) {
    if (const Verdict bad = check_nonce_kind(action); bad != Verdict::kAccepted) {
        return bad;
    }
    if (const Verdict bad = check_order(action.approvals); bad != Verdict::kAccepted) {
        return bad;
    }
    Judged<Chosen> chosen = choose(world, action);
    if (!chosen) {
        return chosen.error();
    }
    if (const Verdict bad = check_rule(*chosen, action.body, now); bad != Verdict::kAccepted) {
        return bad;
    }
    if (const Verdict bad = use_nonce(world, action, *chosen, now); bad != Verdict::kAccepted) {
        return bad;
    }
    if (const Verdict bad = check_approvals(action, *chosen); bad != Verdict::kAccepted) {
        return bad;
    }
    return settle(world, *chosen, action.body,
                  Occasion{now, action.state_writable, action.waiting_digest, false});
}

Verdict run(World& world, const ApplyProposal& action, std::uint64_t now) {
    const Judged<Chosen> chosen =
        choose_from_state(world, RuleName{action.rule_is_local, action.rule, action.recovery_part});
    if (!chosen) {
        return chosen.error();
    }
    if (const Verdict bad = check_rule(*chosen, action.body, now); bad != Verdict::kAccepted) {
        return bad;
    }
    return settle(world, *chosen, action.body,
                  Occasion{now, action.state_writable, action.waiting_digest, true});
}

std::size_t count_limits(ByteView shared) {
    return first_counter(shared, rule_count(shared));
}

Verdict run(World& world, const CreateState& create, std::uint64_t /*now*/) {
    if (world.state) {
        return Verdict::kStateExists;
    }
    std::size_t shared_length = 0;
    // The address proves that the owner chose the keys, so no curve is asked.
    if (const Verdict bad = judge_genesis(create.genesis, kAnyKey, &shared_length);
        bad != Verdict::kAccepted) {
        return bad;
    }
    if (wallet_id_of(create.genesis, world.program_id) != world.wallet_id) {
        return Verdict::kStateAddress;
    }
    State state;
    state.config_id = first_config_id(world.wallet_id);
    state.shared = to_bytes(ByteView(create.genesis).first(shared_length));
    state.shared[0] &= static_cast<std::uint8_t>(~kHeaderLongSalt);
    state.counters.resize(count_limits(state.shared));
    world.state = std::move(state);
    return Verdict::kAccepted;
}

Verdict run(World& world, const OpenLane& open, std::uint64_t now) {
    if (world.lanes.contains(open.lane)) {
        return Verdict::kStateExists;
    }
    if (!open.owner_signed) {
        return Verdict::kLaneOwner;
    }
    Lane lane{.owner = open.owner, .operator_address = open.operator_address, .data = {}};
    store_le(lane.data.data() + kLaneBaseOffset, static_cast<std::uint32_t>(opening_base(now)));
    world.lanes.emplace(open.lane, lane);
    return Verdict::kAccepted;
}

Judged<std::map<Hash32, Lane>::iterator> find_owned_lane(World& world, const Hash32& address,
                                                         const Hash32& owner, bool owner_signed) {
    const auto lane = world.lanes.find(address);
    if (lane == world.lanes.end()) {
        return refuse(Verdict::kAccountType);
    }
    if (!owner_signed || owner != lane->second.owner) {
        return refuse(Verdict::kLaneOwner);
    }
    return lane;
}

Verdict run(World& world, const CloseLane& close, std::uint64_t /*now*/) {
    const auto lane = find_owned_lane(world, close.lane, close.owner, close.owner_signed);
    if (!lane) {
        return lane.error();
    }
    world.lanes.erase(*lane);
    return Verdict::kAccepted;
}

Verdict run(World& world, const SetLaneOperator& set, std::uint64_t /*now*/) {
    const auto lane = find_owned_lane(world, set.lane, set.owner, set.owner_signed);
    if (!lane) {
        return lane.error();
    }
    (*lane)->second.operator_address = set.operator_address;
    return Verdict::kAccepted;
}

}  // namespace

World make_world(const Hash32& program_id, Bytes genesis) {
    World world;
    world.program_id = program_id;
    world.wallet_id = wallet_id_of(genesis, program_id);
    world.genesis = std::move(genesis);
    return world;
}

std::uint8_t action_number(const Body& body) {
    return kNumbers[body.index()];
}

std::array<std::uint8_t, 16> binding_of(const ConfigId& config_id,
                                        const std::optional<LocalRuleId>& local_rule_id) {
    std::array<std::uint8_t, 16> binding;
    for (std::size_t i = 0; i < binding.size(); ++i) {
        binding[i] = config_id[i];
        if (local_rule_id) {
            binding[i] ^= (*local_rule_id)[i];
        }
    }
    return binding;
}

Verdict apply(World& world, const Action& action, std::uint64_t now) {
    // On a copy: the runtime takes back everything that a refused transaction wrote.
    World next = world;
    const Verdict verdict =
        std::visit([&](const auto& kind) { return run(next, kind, now); }, action);
    if (verdict == Verdict::kAccepted) {
        world = std::move(next);
    }
    return verdict;
}

}  // namespace latchkey::core::model
