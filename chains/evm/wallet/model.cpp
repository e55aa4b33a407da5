// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/model.hpp"

#include <algorithm>

#include "chains/evm/wallet/judge.hpp"
#include "chains/evm/wallet/outflow.hpp"
#include "chains/evm/wallet/part.hpp"
#include "chains/evm/wallet/wire.hpp"
#include "core/authorization/limits.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/wallet/key_checker.hpp"
#include "core/wallet/model_steps.hpp"

namespace latchkey::evm::wallet::model {

namespace {

namespace steps = core::model;
using core::Judged;
using core::refuse;
using core::Verdict;

/// The rule that an action names, and where it is found.
struct Opened {
    steps::Chosen chosen{};
    std::vector<core::Signer> signers{};
    /// What leaves name: configId, localRuleId or the commitment.
    Hash32 parent{};
    /// Under a local rule its place in the state's slots.
    std::optional<std::size_t> slot{};
};

bool is_configured(const World& world) {
    return world.wallet.state->sequence != 0;
}

Verdict prove_genesis(const World& world, const Bytes& genesis) {
    if (is_configured(world)) {
        return Verdict::kGenesisSuperseded;
    }
    const core::WalletId id = world.is_adopted
                                  ? account_wallet_id(world.address, genesis)
                                  : core::wallet_id_of(genesis, world.wallet.program_id);
    return id == world.wallet.wallet_id ? Verdict::kAccepted : Verdict::kStateAddress;
}

/// The source is the present configuration.
Verdict prove_shared(const World& world, const Source& source) {
    if (const auto* genesis = std::get_if<GenesisSource>(&source)) {
        return prove_genesis(world, genesis->genesis);
    }
    const auto id = parent_of(Authority{source, 0, {}}, world.wallet.wallet_id);
    const bool is_present =
        id && is_configured(world) && *id == Hash32(world.wallet.state->config_id.array());
    return is_present ? Verdict::kAccepted : Verdict::kConfigurationChanged;
}

std::vector<std::uint8_t> heads_of(const std::vector<core::Signer>& signers) {
    std::vector<std::uint8_t> heads;
    for (const core::Signer& signer : signers) {
        heads.push_back(static_cast<std::uint8_t>(
            signer.kind | (signer.same_party ? core::kSignerSameParty : 0)));
    }
    return heads;
}

Judged<Opened> open_local(World& world, const LocalSource& source) {
    const core::LocalRuleId id = core::local_rule_id_of(source.wallet_id, source.config_id,
                                                        source.version, source.local_rule);
    std::vector<core::LocalRuleId> ids = source.others;
    if (source.place > ids.size()) {
        return refuse(Verdict::kUnknownLocalRule);
    }
    ids.insert(ids.begin() + source.place, id);
    if (ids != local_list(world, source.rule_id)) {
        return refuse(Verdict::kUnknownLocalRule);
    }
    auto& slots = world.wallet.state->slots;
    const auto found = std::find_if(slots.begin(), slots.end(),
                                    [&](const auto& slot) { return slot && slot->id == id; });
    Opened out;
    out.slot = static_cast<std::size_t>(found - slots.begin());
    out.chosen.rule = core::local_rule_view((*found)->local_rule);
    out.chosen.local_rule_id = id;
    out.chosen.config_id = world.wallet.state->config_id;
    out.chosen.counters = (*found)->counters.data();
    out.parent = Hash32(id.array());
    return out;
}

Judged<Opened> open_recovery(const World& world, const Authority& authority) {
    const auto commitment = core::commitment_in(world.wallet.state->shared);
    const Bytes& part = *authority.recovery_part;
    if (!commitment || core::commitment_of(part, commitment->guard_hours) != *commitment) {
        return refuse(Verdict::kRecoveryPart);
    }
    if (const Verdict bad = core::judge_recovery_part(part, core::kAnyKey);
        bad != Verdict::kAccepted) {
        return refuse(bad);
    }
    const Judged<core::RuleView> rule = core::find_recovery_rule(part, authority.rule);
    if (!rule) {
        return refuse(rule.error());
    }
    Opened out;
    out.chosen.rule = *rule;
    out.chosen.recovery_part = &part;
    out.parent = commitment->bytes();
    out.chosen.config_id = core::ConfigId(out.parent.array());
    return out;
}

Judged<Opened> open_shared(World& world, const Authority& authority) {
    if (const Verdict bad = prove_shared(world, authority.source); bad != Verdict::kAccepted) {
        return refuse(bad);
    }
    if (authority.recovery_part) {
        return open_recovery(world, authority);
    }
    steps::State& state = *world.wallet.state;
    const Judged<core::RuleView> rule = core::find_rule(state.shared, authority.rule);
    if (!rule) {
        return refuse(rule.error());
    }
    Opened out;
    out.chosen.rule = *rule;
    out.chosen.config_id = state.config_id;
    out.chosen.counters =
        state.counters.data() + steps::first_counter(state.shared, authority.rule);
    out.parent = Hash32(state.config_id.array());
    return out;
}

Judged<Opened> open(World& world, const Authority& authority) {
    const auto* local = std::get_if<LocalSource>(&authority.source);
    Judged<Opened> out =
        local != nullptr ? open_local(world, *local) : open_shared(world, authority);
    if (out) {
        out->chosen.index = authority.rule;
        out->signers = *signers_of(authority);
        out->chosen.signers = heads_of(out->signers);
    }
    return out;
}

/// By their places in Body.
constexpr std::uint64_t kRights[] = {
    core::kActionExecute, core::kActionGrant,  core::kActionGrant,  core::kActionPolicy,
    core::kActionRecover, core::kActionCancel, core::kActionFreeze, core::kActionUpgrade};
static_assert(std::size(kRights) == std::variant_size_v<Body>);

Verdict check_rule(const Opened& opened, std::uint64_t right, std::uint64_t now) {
    return (opened.chosen.rule.actions & right) == 0 ? Verdict::kActionNotAllowed
                                                     : core::check_times(opened.chosen.rule, now);
}

Verdict check_quorum(Opened& opened, std::uint16_t approvers) {
    if ((approvers & ~opened.chosen.rule.mask) != 0) {
        return Verdict::kSignerNotInRule;
    }
    bool is_counted = false;
    for (std::size_t i = 0; i < opened.signers.size(); ++i) {
        is_counted = is_counted && opened.signers[i].same_party;
        if ((approvers >> i & 1U) != 0 && !is_counted) {
            ++opened.chosen.parties;
            is_counted = true;
        }
    }
    return opened.chosen.parties < core::threshold_of(opened.chosen.rule.quorum)
               ? Verdict::kThresholdNotMet
               : Verdict::kAccepted;
}

Verdict judge_contract(const core::Signer& signer, const core::ApprovalHash& hash,
                       const Approval& approval, const Chain& chain) {
    const auto* made = std::get_if<ContractApproval>(&approval);
    if (made == nullptr) {
        return Verdict::kAccepted;
    }
    const Address address = *Address::from(ByteView(signer.key).subspan(8));
    return chain.is_valid && chain.is_valid(address, core::digest_of(hash), made->bytes)
               ? Verdict::kAccepted
               : Verdict::kKeyMismatch;
}

Verdict check_evidence(const World& world, const Opened& opened, const core::Leaf& leaf,
                       const Approvals& approvals, const Chain& chain) {
    core::ApprovalHash hash = core::approval_hash_of(leaf);
    if (approvals.tree) {
        const auto climbed = core::approval_hash_of(leaf, *approvals.tree);
        if (!climbed) {
            return climbed.error();
        }
        hash = *climbed;
    }
    auto evidence = approvals.evidence.begin();
    for (std::size_t i = 0; i < opened.signers.size(); ++i) {
        if ((approvals.approvers >> i & 1U) == 0) {
            continue;
        }
        if (evidence == approvals.evidence.end()) {
            return Verdict::kDataTooShort;
        }
        const Approval& approval = *evidence++;
        if (const Verdict bad = judge_evidence(opened.signers[i], hash, approval, world.chain);
            bad != Verdict::kAccepted) {
            return bad;
        }
        if (const Verdict bad = judge_contract(opened.signers[i], hash, approval, chain);
            bad != Verdict::kAccepted) {
            return bad;
        }
    }
    return evidence == approvals.evidence.end() ? Verdict::kAccepted : Verdict::kTrailingBytes;
}

/// Policy is for rules of the shared part, recover for those of the recovery part.
Verdict check_part(const Opened& opened, const Body& body) {
    const bool is_recovery_rule = opened.chosen.recovery_part != nullptr;
    const bool is_misplaced = (std::holds_alternative<Policy>(body) && is_recovery_rule) ||
                              (std::holds_alternative<Recover>(body) && !is_recovery_rule);
    return is_misplaced ? Verdict::kActionNotAllowed : Verdict::kAccepted;
}

Verdict find_revoked(const World& world, const Revoke& revoke) {
    std::vector<core::LocalRuleId> ids = revoke.others;
    if (revoke.place > ids.size() || revoke.local_rule_id.is_zero()) {
        return Verdict::kUnknownLocalRule;
    }
    ids.insert(ids.begin() + revoke.place, revoke.local_rule_id);
    return ids == local_list(world, revoke.rule_id) ? Verdict::kAccepted
                                                    : Verdict::kUnknownLocalRule;
}

/// The same action for the steps of the model; of calls they need to know nothing.
steps::Body step_of(const Body& body) {
    if (const auto* grant = std::get_if<Grant>(&body)) {
        return steps::Grant{grant->local_rule};
    }
    if (const auto* revoke = std::get_if<Revoke>(&body)) {
        return steps::Revoke{revoke->local_rule_id};
    }
    if (const auto* policy = std::get_if<Policy>(&body)) {
        return steps::Policy{policy->shared, policy->epoch};
    }
    if (const auto* recover = std::get_if<Recover>(&body)) {
        return steps::Recover{recover->signers, recover->epoch};
    }
    if (const auto* cancel = std::get_if<Cancel>(&body)) {
        return steps::Cancel{cancel->epoch, cancel->target};
    }
    if (const auto* freeze = std::get_if<Freeze>(&body)) {
        return steps::Freeze{freeze->epoch, freeze->lift};
    }
    if (std::holds_alternative<Upgrade>(body)) {
        return steps::Upgrade{};
    }
    return steps::Execute{};
}

std::vector<core::Limit> limits_of(const core::RuleView& rule) {
    std::vector<core::Limit> out;
    for (std::size_t i = 0; i < steps::limits_of(rule); ++i) {
        const std::uint8_t* const at = rule.limits + 1 + i * core::kLimitSize;
        out.push_back({Hash32::from(std::span<const std::uint8_t, 32>(at, 32)),
                       core::load_be<std::uint64_t>(at + 32), core::load_be<std::uint64_t>(at + 40),
                       core::load_be<std::uint32_t>(at + 48)});
    }
    return out;
}

Verdict book(const Opened& opened, std::size_t index, const Uint256& sum, std::uint64_t now) {
    const auto outflow = sum.to_u64();
    if (!outflow) {
        return Verdict::kLimitPerCall;
    }
    if (*outflow == 0) {
        return Verdict::kAccepted;
    }
    const core::RuleView& rule = opened.chosen.rule;
    steps::Counter& counter = opened.chosen.counters[index];
    std::array<std::uint8_t, core::kCounterSize> bytes;
    core::store_le(bytes.data(), counter.window);
    core::store_le(bytes.data() + 8, counter.spent);
    const Verdict verdict =
        core::book_outflow(rule.limits + 1 + index * core::kLimitSize, bytes.data(),
                           core::window_start(rule), now, *outflow);
    counter = {core::load_le<std::uint64_t>(bytes.data()),
               core::load_le<std::uint64_t>(bytes.data() + 8)};
    return verdict;
}

bool is_frozen(World& world, std::uint64_t now) {
    return steps::is_frozen(world.wallet, now, true);
}

Verdict check_targets(const World& world, const core::RuleView& rule,
                      const std::vector<Call>& calls) {
    for (const Call& call : calls) {
        if (call.to == world.address || call.to.is_zero()) {
            return Verdict::kTargetReserved;
        }
        const Bytes target = core::concat(Bytes(12), call.to);
        if (rule.scope != nullptr &&
            !core::scope_allows(rule.scope, target.data(), call.data.data(), call.data.size())) {
            return Verdict::kTargetNotAllowed;
        }
    }
    return Verdict::kAccepted;
}

/// `on_booked` hears of each limit that something was taken from.
Verdict spend(const World& world, const Opened& opened, const std::vector<Call>& calls,
              const Uint256& fee, std::uint64_t time,
              const std::function<void(const core::Limit&)>& on_booked = {}) {
    if (opened.chosen.rule.limits == nullptr) {
        return Verdict::kAccepted;
    }
    const std::vector<core::Limit> limits = limits_of(opened.chosen.rule);
    const auto sums = outflows_of(world.address, limits, calls, fee);
    if (!sums) {
        return sums.error();
    }
    for (std::size_t i = 0; i < sums->size(); ++i) {
        if (const Verdict bad = book(opened, i, (*sums)[i], time); bad != Verdict::kAccepted) {
            return bad;
        }
        if (on_booked && !(*sums)[i].is_zero()) {
            on_booked(limits[i]);
        }
    }
    return Verdict::kAccepted;
}

Verdict run_calls(World& world, const Opened& opened, const std::vector<Call>& calls,
                  std::uint64_t now) {
    if (is_frozen(world, now)) {
        return Verdict::kFrozen;
    }
    if (const Verdict bad = check_targets(world, opened.chosen.rule, calls);
        bad != Verdict::kAccepted) {
        return bad;
    }
    return spend(world, opened, calls, {}, now);
}

Verdict run_grant(World& world, const Opened& opened, const Grant& grant, std::uint64_t now) {
    if (is_frozen(world, now)) {
        return Verdict::kFrozen;
    }
    if (const Verdict bad = core::judge_local_rule(grant.local_rule, core::kAnyKey);
        bad != Verdict::kAccepted) {
        return bad;
    }
    const core::RuleView rule = core::local_rule_view(grant.local_rule);
    if (const Verdict bad = core::check_grant(opened.chosen.rule, rule);
        bad != Verdict::kAccepted) {
        return bad;
    }
    steps::State& state = *world.wallet.state;
    const core::RuleId granting = *core::rule_id_of(state.shared, opened.chosen.index);
    if (grant.present != local_list(world, granting)) {
        return Verdict::kUnknownLocalRule;
    }
    const auto live = std::count_if(state.slots.begin(), state.slots.end(),
                                    [](const auto& slot) { return slot.has_value(); });
    if (live >= static_cast<std::ptrdiff_t>(core::kMaximumLocalRules)) {
        return Verdict::kTooManyLocalRules;
    }
    auto place = std::find(state.slots.begin(), state.slots.end(), std::nullopt);
    if (place == state.slots.end()) {
        place = state.slots.insert(place, std::nullopt);
    }
    const std::uint32_t version = ++state.local_version;
    *place = steps::Slot{
        .granting_rule = opened.chosen.index,
        .version = version,
        .id = core::local_rule_id_of(world.wallet.wallet_id, state.config_id, version,
                                     grant.local_rule),
        .local_rule = grant.local_rule,
        .counters = std::vector<steps::Counter>(steps::limits_of(rule)),
    };
    return Verdict::kAccepted;
}

Verdict run_revoke(World& world, const Revoke& revoke) {
    for (auto& slot : world.wallet.state->slots) {
        if (slot && slot->id == revoke.local_rule_id) {
            slot.reset();
            ++world.wallet.state->local_version;
        }
    }
    return Verdict::kAccepted;
}

Verdict run_upgrade(World& world, const Upgrade& upgrade, const Chain& chain) {
    if (is_frozen(world, chain.now)) {
        return Verdict::kFrozen;
    }
    const auto code = chain.code_hash ? chain.code_hash(upgrade.implementation) : std::nullopt;
    if (code != upgrade.code_hash) {
        return Verdict::kUpgradeCode;
    }
    world.implementation = upgrade.implementation;
    return Verdict::kAccepted;
}

/// The new shared part that policy or recover asks for.
Judged<Bytes> read_change(const World& world, const Opened& opened, const Body& body) {
    if (const auto* policy = std::get_if<Policy>(&body)) {
        const Verdict verdict = judge_shared(policy->shared, world.chain);
        return verdict == Verdict::kAccepted ? Judged<Bytes>(policy->shared) : refuse(verdict);
    }
    return recovered_shared(*opened.chosen.recovery_part,
                            *core::commitment_in(world.wallet.state->shared),
                            std::get<Recover>(body).signers, world.chain);
}

Verdict run_change(World& world, const Opened& opened, const Body& body, const Bytes& shared,
                   std::uint64_t now) {
    if (std::holds_alternative<Policy>(body) && is_frozen(world, now)) {
        return Verdict::kFrozen;
    }
    steps::replace_shared(world.wallet, opened.chosen, step_of(body), shared);
    return Verdict::kAccepted;
}

/// Does what need not wait, or what has waited.
Verdict perform(World& world, const Opened& opened, const Body& body, const Bytes& shared,
                const Chain& chain) {
    if (const auto* execute = std::get_if<Execute>(&body)) {
        return run_calls(world, opened, execute->calls, chain.now);
    }
    if (const auto* grant = std::get_if<Grant>(&body)) {
        return run_grant(world, opened, *grant, chain.now);
    }
    if (const auto* revoke = std::get_if<Revoke>(&body)) {
        return run_revoke(world, *revoke);
    }
    if (const auto* cancel = std::get_if<Cancel>(&body)) {
        return steps::run_cancel(world.wallet, opened.chosen, {cancel->epoch, cancel->target},
                                 chain.now);
    }
    if (const auto* freeze = std::get_if<Freeze>(&body)) {
        return steps::run_freeze(world.wallet, opened.chosen, {freeze->epoch, freeze->lift},
                                 chain.now);
    }
    if (const auto* upgrade = std::get_if<Upgrade>(&body)) {
        return run_upgrade(world, *upgrade, chain);
    }
    return run_change(world, opened, body, shared, chain.now);
}

bool is_new_configuration(const Body& body) {
    return std::holds_alternative<Policy>(body) || std::holds_alternative<Recover>(body);
}

bool can_wait(const Body& body) {
    return is_new_configuration(body) || std::holds_alternative<Execute>(body) ||
           std::holds_alternative<Grant>(body) || std::holds_alternative<Upgrade>(body);
}

bool has_nonce(const Body& body) {
    const std::uint8_t number = action_number(body);
    return number <= 3 || number == 15;
}

std::uint64_t& sequence_in(World& world, const Opened& opened, const Terms& terms) {
    if (opened.chosen.local_rule_id) {
        return world.sessions[*opened.chosen.local_rule_id];
    }
    return terms.lane ? world.lanes[*terms.lane] : world.sequence;
}

/// Rule, time, quorum and signatures.
Verdict check_approved(World& world, Opened& opened, const ApprovedAction& action,
                       const Chain& chain) {
    const Body& body = action.body;
    if (action.terms.lane && opened.chosen.local_rule_id) {
        return Verdict::kActionNotAllowed;
    }
    if (const Verdict bad = check_rule(opened, kRights[body.index()], chain.now);
        bad != Verdict::kAccepted) {
        return bad;
    }
    if (chain.now > action.terms.deadline.value_or(kNoDeadline)) {
        return Verdict::kDeadlinePassed;
    }
    if (const Verdict bad = check_quorum(opened, action.approvals.approvers);
        bad != Verdict::kAccepted) {
        return bad;
    }
    if (const Verdict bad = check_part(opened, body); bad != Verdict::kAccepted) {
        return bad;
    }
    if (const auto* revoke = std::get_if<Revoke>(&body)) {
        if (const Verdict bad = find_revoked(world, *revoke); bad != Verdict::kAccepted) {
            return bad;
        }
    }
    Scene scene{world.chain, world.address, world.wallet.wallet_id, 0, chain.sender};
    if (has_nonce(body)) {
        scene.sequence = sequence_in(world, opened, action.terms)++;
    }
    const auto typed = leaf_for(action.authority, action.terms, body, scene);
    if (!typed) {
        return Verdict::kDataTooShort;
    }
    return check_evidence(world, opened, *leaf_of(*typed), action.approvals, chain);
}

std::uint32_t epoch_named(const Body& body) {
    const auto* policy = std::get_if<Policy>(&body);
    return policy != nullptr ? policy->epoch : std::get<Recover>(body).epoch;
}

/// Keeps the action.
Verdict propose(World& world, const Opened& opened, const Body& body, const Chain& chain) {
    const Verdict verdict = steps::propose(world.wallet, opened.chosen, step_of(body), chain.now,
                                           waiting_digest(body, world.chain, world.address));
    if (verdict != Verdict::kAccepted) {
        return verdict;
    }
    if (const auto* execute = std::get_if<Execute>(&body); execute != nullptr && execute->gas) {
        // Whoever applies it chooses the gas.
        return Verdict::kActionNotAllowed;
    }
    return verdict;
}

Verdict run(World& world, const ApprovedAction& action, const Chain& chain) {
    Judged<Opened> opened = open(world, action.authority);
    if (!opened) {
        return opened.error();
    }
    if (const Verdict bad = check_approved(world, *opened, action, chain);
        bad != Verdict::kAccepted) {
        return bad;
    }
    const Body& body = action.body;
    Bytes shared;
    if (is_new_configuration(body)) {
        if (epoch_named(body) != steps::epoch_of(steps::record_of(world.wallet, opened->chosen))) {
            return Verdict::kEpoch;
        }
        Judged<Bytes> read = read_change(world, *opened, body);
        if (!read) {
            return read.error();
        }
        shared = *std::move(read);
    }
    const steps::Body step = step_of(body);
    const bool has_wait = core::wait_of(opened->chosen.rule) != 0;
    if (std::holds_alternative<Upgrade>(body) && !has_wait) {
        return Verdict::kActionNotAllowed;
    }
    if (can_wait(body) && (has_wait || steps::guard_of(world.wallet, opened->chosen, step) != 0)) {
        return propose(world, *opened, body, chain);
    }
    if (std::holds_alternative<Recover>(body)) {
        steps::bump_epoch(*world.wallet.state, steps::record_name(opened->chosen));
    }
    return perform(world, *opened, body, shared, chain);
}

Verdict run(World& world, const ApplyAction& action, const Chain& chain) {
    Judged<Opened> opened = open(world, action.authority);
    if (!opened) {
        return opened.error();
    }
    const Body& body = action.body;
    if (opened->chosen.local_rule_id) {
        return Verdict::kNothingWaits;
    }
    if (const Verdict bad = check_rule(*opened, kRights[body.index()], chain.now);
        bad != Verdict::kAccepted) {
        return bad;
    }
    if (!can_wait(body)) {
        return Verdict::kNothingWaits;
    }
    if (const Verdict bad = check_part(*opened, body); bad != Verdict::kAccepted) {
        return bad;
    }
    if (const Verdict bad =
            steps::take_proposal(world.wallet, opened->chosen, step_of(body), chain.now,
                                 waiting_digest(body, world.chain, world.address));
        bad != Verdict::kAccepted) {
        return bad;
    }
    Bytes shared;
    if (is_new_configuration(body)) {
        Judged<Bytes> read = read_change(world, *opened, body);
        if (!read) {
            return read.error();
        }
        shared = *std::move(read);
    }
    return perform(world, *opened, body, shared, chain);
}

/// The state of a wallet whose configuration is this genesis. Error: kUnexpectedEnd.
Result<steps::State> first_state(const core::WalletId& id, ByteView genesis) {
    if (genesis.empty()) {
        return core::fail(core::ErrorCode::kUnexpectedEnd, "a genesis");
    }
    LATCHKEY_TRY(const PartShape part, read_part(genesis.subspan(1)));
    const std::size_t commitment =
        (genesis[0] & core::kHeaderRecovery) != 0 ? core::kRecoverySize : 0;
    const std::size_t size = 1 + part.end + commitment;
    if (size > genesis.size()) {
        return core::fail(core::ErrorCode::kUnexpectedEnd, "the recovery commitment");
    }
    steps::State state;
    state.config_id = core::first_config_id(id);
    state.shared = core::to_bytes(genesis.first(size));
    state.shared[0] &= static_cast<std::uint8_t>(~core::kHeaderLongSalt);
    state.counters.resize(steps::first_counter(state.shared, steps::rule_count(state.shared)));
    return state;
}

Verdict run(World& world, const AdoptAction& action, const Chain& /*chain*/) {
    if (world.is_adopted || is_configured(world)) {
        return Verdict::kStateExists;
    }
    if (const Verdict bad = judge_genesis(action.genesis, world.chain); bad != Verdict::kAccepted) {
        return bad;
    }
    const core::WalletId id = account_wallet_id(world.address, action.genesis);
    const auto leaf = leaf_of(AdoptLeaf{world.chain, world.address, id});
    // The account's key signs as an eip712 signer does.
    const core::Signer account = core::Signer::secp256k1_eip712(world.address);
    if (const Verdict bad = judge_evidence(account, core::approval_hash_of(*leaf),
                                           Secp256k1Approval{action.signature}, world.chain);
        bad != Verdict::kAccepted) {
        return bad;
    }
    world.is_adopted = true;
    world.wallet.wallet_id = id;
    world.wallet.genesis = action.genesis;
    world.wallet.state = *first_state(id, action.genesis);
    return Verdict::kAccepted;
}

Verdict run(World& /*world*/, const RunAction& /*action*/, const Chain& /*chain*/) {
    return Verdict::kUnknownAction;
}

/// The times of the rule.
void narrow_to_rule(const core::RuleView& rule, Validation& out) {
    if (rule.times != nullptr) {
        out.valid_after = core::load_be<std::uint64_t>(rule.times);
        out.valid_until = core::load_be<std::uint64_t>(rule.times + 8) - 1;
    }
}

/// The window of a limit in which it is at `time`.
void narrow_to_window(const core::RuleView& rule, const core::Limit& limit, std::uint64_t time,
                      Validation& out) {
    if (limit.period_seconds != 0) {
        const std::uint64_t start = core::window_start(rule);
        const std::uint64_t opens =
            start + (time - start) / limit.period_seconds * limit.period_seconds;
        out.valid_after = std::max(out.valid_after, opens);
        out.valid_until = std::min(out.valid_until, opens + limit.period_seconds - 1);
    }
}

/// When a freeze that holds is over; 0 without one.
std::uint64_t thaw_of(World& world, std::uint64_t now) {
    if (!is_frozen(world, now)) {
        return 0;
    }
    std::uint64_t last = 0;
    for (const steps::Record& record : world.wallet.state->records) {
        last = std::max<std::uint64_t>(last, record.frozen_at);
    }
    return last + core::kFreezeLength;
}

/// Rule, quorum and signatures; a signature by another key is told.
Verdict check_operation(World& world, Opened& opened, const UserOperation& operation,
                        const Chain& chain, Validation& out) {
    const UserOperationSignature& signature = operation.signature;
    if (const Verdict bad = check_rule(opened, core::kActionExecute, signature.time);
        bad != Verdict::kAccepted) {
        return bad;
    }
    if (core::wait_of(opened.chosen.rule) != 0) {
        return Verdict::kActionNotAllowed;
    }
    if (const Verdict bad = check_quorum(opened, signature.approvals.approvers);
        bad != Verdict::kAccepted) {
        return bad;
    }
    const auto leaf = leaf_of(UserOperationLeaf{
        {world.chain, world.address, opened.parent, rule_name(signature.authority)},
        signature.deadline.value_or(kNoDeadline),
        operation.entry_point,
        operation.hash});
    if (!leaf) {
        return Verdict::kDataTooShort;
    }
    const Verdict verdict = check_evidence(world, opened, *leaf, signature.approvals, chain);
    out.is_foreign = verdict == Verdict::kKeyMismatch;
    return out.is_foreign ? Verdict::kAccepted : verdict;
}

Verdict run(World& world, const UserOperation& operation, const Chain& chain, Validation& out) {
    Judged<Opened> opened = open(world, operation.signature.authority);
    if (!opened) {
        return opened.error();
    }
    if (const Verdict bad = check_operation(world, *opened, operation, chain, out);
        bad != Verdict::kAccepted) {
        return bad;
    }
    const core::RuleView& rule = opened->chosen.rule;
    narrow_to_rule(rule, out);
    out.valid_after = std::max(out.valid_after, thaw_of(world, chain.now));
    out.valid_until = std::min(out.valid_until, operation.signature.deadline.value_or(kNoDeadline));
    if (out.valid_until == 0) {
        return Verdict::kDeadlinePassed;
    }
    if (const Verdict bad = check_targets(world, rule, operation.calls);
        bad != Verdict::kAccepted) {
        return bad;
    }
    if (rule.scope != nullptr && rule.limits == nullptr && operation.fee != Uint256{}) {
        // A scope does not name whom gas is paid to.
        return Verdict::kAssetNotListed;
    }
    const std::uint64_t time = operation.signature.time;
    const Verdict verdict =
        spend(world, *opened, operation.calls, operation.fee, time,
              [&](const core::Limit& limit) { narrow_to_window(rule, limit, time, out); });
    if (verdict != Verdict::kAccepted) {
        return verdict;
    }
    // To the EntryPoint 0 says for ever.
    return out.valid_until == 0 ? Verdict::kRuleExpired : Verdict::kAccepted;
}

}  // namespace

Result<World> make_world(const Deployment& deployment, std::uint64_t chain, ByteView genesis) {
    World out;
    out.chain = chain;
    out.wallet = core::model::make_world(deployment.program, core::to_bytes(genesis));
    out.wallet.guards_upgrades = true;
    out.address = wallet_address(deployment, out.wallet.wallet_id);
    LATCHKEY_TRY(out.wallet.state, first_state(out.wallet.wallet_id, genesis));
    return out;
}

World make_account(const Deployment& deployment, std::uint64_t chain, const Address& account) {
    World out;
    out.chain = chain;
    out.address = account;
    out.wallet.program_id = deployment.program;
    out.wallet.guards_upgrades = true;
    out.wallet.state = steps::State();
    return out;
}

std::uint64_t sequence_of(const World& world, const Authority& authority, const Terms& terms) {
    if (const auto* local = std::get_if<LocalSource>(&authority.source)) {
        const auto found = world.sessions.find(core::local_rule_id_of(
            local->wallet_id, local->config_id, local->version, local->local_rule));
        return found == world.sessions.end() ? 0 : found->second;
    }
    if (!terms.lane) {
        return world.sequence;
    }
    const auto found = world.lanes.find(*terms.lane);
    return found == world.lanes.end() ? 0 : found->second;
}

std::vector<core::LocalRuleId> local_list(const World& world, const core::RuleId& rule) {
    const steps::State& state = *world.wallet.state;
    std::map<std::uint32_t, core::LocalRuleId> by_version;
    for (const auto& slot : state.slots) {
        if (slot && core::rule_id_of(state.shared, slot->granting_rule) == rule) {
            by_version.emplace(slot->version, slot->id);
        }
    }
    std::vector<core::LocalRuleId> out;
    for (const auto& [version, id] : by_version) {
        out.push_back(id);
    }
    return out;
}

core::Verdict apply(World& world, const Action& action, const Chain& chain) {
    World next = world;
    const Verdict verdict =
        std::visit([&](const auto& kind) { return run(next, kind, chain); }, action);
    if (verdict == Verdict::kAccepted) {
        world = std::move(next);
    }
    return verdict;
}

core::Verdict judge_message(const World& world, const MessageSignature& signature,
                            const Hash32& hash, const Chain& chain) {
    World next = world;
    Judged<Opened> opened = open(next, signature.authority);
    if (!opened) {
        return opened.error();
    }
    if (const Verdict bad = check_rule(*opened, core::kActionMessage, chain.now);
        bad != Verdict::kAccepted) {
        return bad;
    }
    if (is_frozen(next, chain.now)) {
        return Verdict::kFrozen;
    }
    if (const Verdict bad = check_quorum(*opened, signature.approvals.approvers);
        bad != Verdict::kAccepted) {
        return bad;
    }
    if (signature.form.index() != 0) {
        return Verdict::kUnknownAction;
    }
    const auto leaf = leaf_of(MessageLeaf{
        {world.chain, world.address, opened->parent, rule_name(signature.authority)}, hash});
    return check_evidence(next, *opened, *leaf, signature.approvals, chain);
}

core::Judged<Validation> validate(World& world, const UserOperation& operation,
                                  const Chain& chain) {
    World next = world;
    Validation out;
    const Verdict verdict = run(next, operation, chain, out);
    if (verdict != Verdict::kAccepted) {
        return refuse(verdict);
    }
    world = std::move(next);
    return out;
}

}  // namespace latchkey::evm::wallet::model
