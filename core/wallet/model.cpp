// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/model.hpp"

#include <algorithm>

#include "core/authorization/limits.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/wallet/key_checker.hpp"
#include "core/wallet/model_steps.hpp"

namespace latchkey::core::model {

namespace {

constexpr std::size_t kCallsMax = 16;
/// u32 3, by which the loader knows an upgrade.
const Bytes kUpgradeData = {3, 0, 0, 0};

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

std::size_t signer_count(ByteView shared) {
    return (shared[1] & 0x0fU) + 1U;
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

bool stops_when_frozen(const Body& body) {
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
    if (stops_when_frozen(body) && is_frozen(world, occasion.now, occasion.state_writable)) {
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
        return run_cancel(world, chosen, *cancel, occasion.now);
    }
    if (const auto* freeze = std::get_if<Freeze>(&body)) {
        return run_freeze(world, chosen, *freeze, occasion.now);
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
