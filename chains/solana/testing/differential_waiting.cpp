// SPDX-License-Identifier: Apache-2.0
// What waits: rules with delays, recovery parts, changes that mean the same on every chain, and the
// clocks that let them ripen.
#include <algorithm>
#include <stdexcept>

#include "chains/solana/testing/differential_game.hpp"
#include "chains/solana/testing/differential_world.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::solana::testing {

namespace {

constexpr std::size_t kPartsMax = 6;
constexpr std::size_t kApplicationsMax = 24;
constexpr std::size_t kSharedPartsMax = 8;

/// Whether this is what waits under one of the records.
const RuleRecord* record_of(const StateAccount& state, const Application& application) {
    const auto found =
        std::find_if(state.records.begin(), state.records.end(), [&](const RuleRecord& record) {
            return record.action != 0 && record.digest == application.digest;
        });
    return found == state.records.end() ? nullptr : &*found;
}

bool can_wait(const Body& body) {
    return std::holds_alternative<ExecuteBody>(body) || std::holds_alternative<GrantBody>(body) ||
           std::holds_alternative<PolicyBody>(body) || std::holds_alternative<RecoverBody>(body) ||
           std::holds_alternative<UpgradeBody>(body);
}

}  // namespace

// Configurations.

core::Wait Game::make_wait() {
    constexpr std::uint32_t kDelays[] = {
        core::kHour,     60, core::kDay,     3 * core::kDay, 7 * core::kDay,
        20 * core::kDay, 1,  31 * core::kDay};
    core::Wait wait;
    wait.delay_seconds = kDelays[choices_.below(8)];
    if (choices_.chance(2)) {
        wait.delay_seconds = choices_.chance(50) ? 0 : core::kMaximumDelay + 1;
    }
    wait.tie = choices_.chance(60) ? core::Tie::kRecovery : core::Tie::kOwner;
    return wait;
}

/// Makes changes by one party slower than what they could undo.
void Game::settle_waits(core::Configuration& configuration) {
    std::uint64_t longest = 0;
    for (const core::Rule& rule : configuration.rules) {
        if ((rule.actions & core::kActionPolicy) == 0 && rule.wait) {
            longest = std::max<std::uint64_t>(longest, rule.wait->delay_seconds);
        }
    }
    if (longest == 0) {
        return;
    }
    const std::uint64_t needed = longest + core::kMargin - (choices_.chance(3) ? 1 : 0);
    if (configuration.recovery) {
        const auto hours = static_cast<std::uint16_t>((needed + core::kHour - 1) / core::kHour);
        std::uint16_t& guard = configuration.recovery->guard_hours;
        guard = std::max(guard, hours);
        return;
    }
    for (core::Rule& rule : configuration.rules) {
        const bool is_quick = !rule.wait || rule.wait->delay_seconds < needed;
        if ((rule.actions & core::kActionPolicy) != 0 && rule.threshold == 1 && is_quick) {
            rule.actions &= static_cast<std::uint8_t>(~core::kActionMessage);
            rule.wait = core::Wait{static_cast<std::uint32_t>(needed), core::Tie::kOwner};
        }
    }
}

core::RecoveryCommitment Game::make_recovery() {
    constexpr std::uint16_t kGuards[] = {0, 1, 24, 72, 9 * 24, 2160, 2161};
    const std::uint64_t guards = !has_waits() ? 2 : choices_.chance(3) ? 7 : 6;
    const std::uint16_t guard = kGuards[choices_.below(guards)];
    if (choices_.chance(6)) {
        // Of a part that nobody has.
        return {.guard_hours = guard};
    }
    const bool is_old = !parts_.empty() && choices_.chance(50);
    const KnownPart& known = is_old ? parts_[choices_.below(parts_.size())] : make_part();
    return core::commitment_of(known.bytes, guard);
}

core::RecoveryPart Game::try_part() {
    core::RecoveryPart part;
    part.signers = pick_signers(1 + static_cast<unsigned>(choices_.below(3)));
    const auto all = static_cast<std::uint16_t>((1U << part.signers.size()) - 1);
    constexpr std::uint8_t kKinds[] = {
        core::kActionRecover, core::kActionRecover | core::kActionCancel,
        core::kActionRecover | core::kActionCancel | core::kActionFreeze,
        core::kActionCancel | core::kActionFreeze, core::kActionFreeze};
    const std::uint64_t rules = 1 + choices_.below(3);
    for (std::uint64_t i = 0; i < rules; ++i) {
        core::Rule rule;
        rule.actions = kKinds[choices_.below(i == 0 ? 3 : 5)];
        rule.mask = i == 0 ? all : static_cast<std::uint16_t>(choices_.below(all) + 1);
        const unsigned parties = std::max(1U, parties_of(part.signers, rule.mask));
        rule.threshold = static_cast<std::uint8_t>(1 + choices_.below(std::min(parties, 2U)));
        if (!choices_.chance(15)) {
            rule.wait = make_wait();
        }
        if (choices_.chance(10)) {
            rule.times = core::Times{world_.now() - choices_.below(1000) + 100,
                                     world_.now() + core::kDay * (1 + choices_.below(300))};
        }
        part.rules.push_back(rule);
    }
    part.after.signers = 1 + choices_.below(3);
    const auto after = static_cast<std::uint16_t>((1U << part.after.signers) - 1);
    part.after.rules = {make_rule(after, 1, true)};
    if (choices_.chance(40)) {
        part.after.rules.push_back(
            make_rule(static_cast<std::uint16_t>(choices_.below(after) + 1), 1, false));
    }
    part.salt[0] = static_cast<std::uint8_t>(choices_.below(256));
    part.salt[15] = static_cast<std::uint8_t>(choices_.below(256));
    return part;
}

const Game::KnownPart& Game::make_part() {
    if (parts_.size() == kPartsMax) {
        return parts_[choices_.below(kPartsMax)];
    }
    for (unsigned i = 0; i < 4; ++i) {
        core::RecoveryPart part = try_part();
        if (const auto bytes = core::encode(part)) {
            return parts_.emplace_back(KnownPart{std::move(part), *bytes});
        }
    }
    core::RecoveryPart simple;
    simple.signers = {cast::session_signers()[0].entry()};
    simple.rules = {core::Rule{.actions = core::kActionRecover, .wait = core::Wait{core::kHour}}};
    simple.after.rules = {make_rule(1, 1, true)};
    return parts_.emplace_back(KnownPart{simple, core::encode_unchecked(simple)});
}

// Rules.

const Game::KnownPart* Game::part_of(const StateAccount& state) const {
    const auto commitment = core::commitment_in(state.shared);
    const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const KnownPart& known) {
        return commitment &&
               core::commitment_of(known.bytes, commitment->guard_hours) == *commitment;
    });
    return found == parts_.end() ? nullptr : &*found;
}

/// A rule of the recovery part, mostly of the right one and with the right.
std::optional<RuleReference> Game::pick_recovery_rule(const StateAccount& state,
                                                      std::uint8_t right) {
    const KnownPart* known = part_of(state);
    if ((known == nullptr || choices_.chance(3)) && !parts_.empty()) {
        known = &parts_[choices_.below(parts_.size())];
    }
    if (known == nullptr) {
        return std::nullopt;
    }
    RuleReference out{false, 0, known->bytes};
    for (unsigned i = 0; i < 4; ++i) {
        out.index = static_cast<std::uint8_t>(choices_.below(known->part.rules.size()));
        if ((known->part.rules[out.index].actions & right) != 0) {
            break;
        }
    }
    if (choices_.chance(2)) {
        out.index = static_cast<std::uint8_t>(choices_.below(16));
    }
    if (choices_.chance(2)) {
        out.recovery_part->back() ^= 1U;
    }
    return out;
}

/// Who recovers and who cancels go on until one of them has to stop.
std::optional<RuleReference> Game::go_on_with_siege(Draft& draft, const StateAccount& state) {
    const KnownPart* const known = part_of(state);
    for (const RuleRecord& record : state.records) {
        if (known == nullptr || record.cancels == 0 || (record.rule & kRuleRecovery) == 0) {
            continue;
        }
        draft.from_genesis = false;
        if (record.action != 0) {
            draft.body = CancelBody{};
            return std::nullopt;
        }
        draft.body = RecoverBody{};
        return RuleReference{false, static_cast<std::uint8_t>(record.rule & 0x0fU), known->bytes};
    }
    return std::nullopt;
}

/// What is done, and under which rule if that is one of the recovery part.
std::optional<RuleReference> Game::choose_kind(Draft& draft,
                                               const std::optional<StateAccount>& state) {
    static const std::vector<Body> kBodies = {ExecuteBody{}, GrantBody{},   RevokeBody{},
                                              PolicyBody{},  MessageBody{}, CancelBody{},
                                              FreezeBody{},  RecoverBody{}, UpgradeBody{}};
    constexpr std::uint64_t kWeights[][9] = {{58, 12, 5, 10, 7, 3, 2, 1, 2},
                                             {38, 8, 3, 17, 4, 13, 6, 6, 5},
                                             {22, 4, 2, 12, 4, 26, 9, 20, 1},
                                             {66, 20, 4, 5, 5, 0, 0, 0, 0}};
    if (state && choices_.chance(theme_ == Theme::kRecovery ? 60 : 25)) {
        if (std::optional<RuleReference> rule = go_on_with_siege(draft, *state)) {
            return rule;
        }
        if (std::holds_alternative<CancelBody>(draft.body)) {
            return std::nullopt;
        }
    }
    std::uint64_t left = choices_.below(100);
    std::size_t kind = 0;
    while (left >= kWeights[static_cast<std::size_t>(theme_)][kind]) {
        left -= kWeights[static_cast<std::size_t>(theme_)][kind++];
    }
    draft.body = kBodies[kind];
    if (!state) {
        // Nothing else can be had from a genesis.
        draft.body = choices_.chance(12) ? Body(MessageBody{}) : Body(ExecuteBody{});
        return std::nullopt;
    }
    const bool is_recover = std::holds_alternative<RecoverBody>(draft.body);
    if (is_recover && part_of(*state) == nullptr && !choices_.chance(10)) {
        draft.body = ExecuteBody{};
        return std::nullopt;
    }
    if (!std::holds_alternative<ExecuteBody>(draft.body)) {
        draft.from_genesis = choices_.chance(2);
    }
    const bool may_recover = std::holds_alternative<CancelBody>(draft.body) ||
                             std::holds_alternative<FreezeBody>(draft.body);
    if (is_recover || (may_recover && choices_.chance(25))) {
        return pick_recovery_rule(*state, is_recover ? core::kActionRecover
                                          : std::holds_alternative<CancelBody>(draft.body)
                                              ? core::kActionCancel
                                              : core::kActionFreeze);
    }
    return std::nullopt;
}

// Bodies.

std::uint32_t Game::epoch_for(const Draft& draft, const StateAccount& state) {
    const RuleRecord* const record = find_record(state, record_name(draft.rule));
    const std::uint32_t epoch = record == nullptr ? 0 : record->epoch;
    return choices_.chance(4) ? epoch + (choices_.chance(50) ? 1U : ~0U) : epoch;
}

void Game::make_change(Draft& draft, const StateAccount& state) {
    if (std::holds_alternative<PolicyBody>(draft.body)) {
        make_policy(draft, state);
    } else if (std::holds_alternative<CancelBody>(draft.body)) {
        make_cancel(draft, state);
    } else if (std::holds_alternative<RecoverBody>(draft.body)) {
        make_recover(draft, state);
    } else {
        draft.body =
            FreezeBody{epoch_for(draft, state), choices_.chance(state.was_frozen ? 60 : 12)};
    }
}

void Game::make_policy(Draft& draft, const StateAccount& state) {
    if (shared_parts_.empty()) {
        shared_parts_.push_back(state.shared);
    }
    core::Configuration next = make_configuration();
    const auto present = core::decode_shared(state.shared);
    if (present && choices_.chance(60)) {
        next = alter(*present);
    }
    if (choices_.chance(16)) {
        spoil(next);
    }
    Bytes shared = core::encode_unchecked(next);
    if (choices_.chance(2)) {
        shared[0] ^= static_cast<std::uint8_t>(1U << choices_.below(8));
    }
    if (choices_.chance(10)) {
        // Back to what once was.
        shared = shared_parts_[choices_.below(shared_parts_.size())];
    }
    if (shared_parts_.size() < kSharedPartsMax) {
        shared_parts_.push_back(shared);
    }
    draft.body = PolicyBody{epoch_for(draft, state), std::move(shared)};
}

/// Something that no configuration may say.
void Game::spoil(core::Configuration& next) {
    core::Signer& signer = next.signers[choices_.below(next.signers.size())];
    core::Rule& rule = next.rules[choices_.below(next.rules.size())];
    switch (choices_.below(10)) {
        case 0:
            signer.key.assign(signer.key.size(), 0);
            break;
        case 1:
            next.signers.front().same_party = true;
            break;
        case 2:
            next.signers.push_back(signer);
            break;
        case 3:
            rule.threshold = 9;
            break;
        case 4:
            rule.actions &= static_cast<std::uint8_t>(~core::kActionMessage);
            rule.times = core::Times{world_.now() + 1, world_.now() + 1};
            break;
        case 5:
            rule.actions = core::kActionExecute;
            rule.wait.reset();
            rule.scope = {{core::Hash32{}, {}}, {core::Hash32{}, {}}};
            break;
        case 6:
            rule.actions = core::kActionExecute;
            rule.wait.reset();
            rule.scope = {{core::Hash32{}, {}}};
            rule.limits = {{core::Hash32{}, 2, 1, 0}};
            break;
        case 7:
            rule.mask = 0;
            break;
        case 8:
            rule.actions = core::kActionRecover;
            break;
        default:
            rule.wait = core::Wait{0};
            rule.actions &= static_cast<std::uint8_t>(~core::kActionMessage);
            break;
    }
}

/// A part of the old one stays, so that counters, sessions and records go on.
core::Configuration Game::alter(core::Configuration next) {
    const auto mask = static_cast<std::uint16_t>((1U << next.signers.size()) - 1);
    const unsigned parties = parties_of(next.signers, mask);
    const auto at = static_cast<std::ptrdiff_t>(choices_.below(next.rules.size()));
    if (choices_.chance(15)) {
        next.rules[static_cast<std::size_t>(at)].wait = make_wait();
    } else if (next.rules.size() < 5 && choices_.chance(60)) {
        next.rules.insert(next.rules.begin() + at, make_rule(mask, parties, false));
    } else if (next.rules.size() > 1) {
        next.rules.erase(next.rules.begin() + at);
    }
    if (choices_.chance(20)) {
        next.signers.push_back(cast::session_signers()[choices_.below(3)].entry());
    }
    if (has_waits() && choices_.chance(25)) {
        next.recovery = choices_.chance(25)
                            ? std::nullopt
                            : std::optional<core::RecoveryCommitment>(make_recovery());
    }
    if (!choices_.chance(10)) {
        settle_waits(next);
    }
    return next;
}

void Game::make_cancel(Draft& draft, const StateAccount& state) {
    CancelBody body;
    const std::uint8_t own = record_name(draft.rule);
    const bool may_cancel_others = !draft.rule.recovery_part || choices_.chance(15);
    std::vector<const RuleRecord*> waiting;
    for (const RuleRecord& record : state.records) {
        if (record.action != 0 && (may_cancel_others || record.rule == own)) {
            waiting.push_back(&record);
        }
    }
    if (!waiting.empty() && !choices_.chance(20)) {
        const RuleRecord& record = *choices_.one_of(waiting);
        body = {record.epoch - 1, record.rule};
    } else {
        body.target = own;
        if (may_cancel_others && choices_.chance(70)) {
            const std::uint64_t index = choices_.below((state.shared[1] >> 4U) + 1U);
            body.target = static_cast<std::uint8_t>(
                choices_.chance(40) ? kRuleRecovery | choices_.below(3) : index);
        }
        const RuleRecord* const record = find_record(state, body.target);
        body.epoch = record == nullptr ? 0 : record->epoch;
    }
    if (choices_.chance(3)) {
        body.target = static_cast<std::uint8_t>(choices_.below(256));
    }
    if (choices_.chance(4)) {
        body.epoch += choices_.chance(50) ? 1U : ~0U;
    }
    draft.body = body;
}

void Game::make_recover(Draft& draft, const StateAccount& state) {
    std::size_t count = 1 + choices_.below(3);
    if (draft.rule.recovery_part) {
        const auto part = core::decode_recovery_part(*draft.rule.recovery_part);
        if (part && !choices_.chance(4)) {
            count = part->after.signers;
        }
    }
    std::vector<core::Signer> signers;
    for (unsigned i = 0; i < 4 && signers.size() != count; ++i) {
        signers = pick_signers(static_cast<unsigned>(count));
    }
    if (choices_.chance(4)) {
        signers.back().same_party = true;
    }
    draft.body = RecoverBody{epoch_for(draft, state), core::encode_unchecked(signers)};
}

/// Nothing here can be upgraded: either the wallet refuses, or the loader does.
void Game::make_upgrade(Draft& draft) {
    const Address buffer = choices_.chance(10) ? cast::recipient(0) : cast::nonce_account();
    UpgradeBody body;
    const NativeAccount* const account = world_.chain().find_account(buffer);
    if (account != nullptr && account->data.size() > 37 && !choices_.chance(15)) {
        body.code_hash = core::crypto::keccak256(ByteView(account->data).subspan(37));
    }
    body.call.program_index =
        place(draft, readonly(choices_.chance(10) ? world_.script() : kUpgradeableLoader));
    for (const AccountMeta& meta :
         {writable(cast::recipient(0)), writable(cast::other_tokens(0)), writable(buffer),
          writable(cast::recipient(1)), readonly(cast::mint(0)), readonly(cast::mint(1))}) {
        body.call.metas.push_back({place(draft, meta), meta.is_writable, false});
    }
    body.call.metas.push_back({1, false, true});
    if (choices_.chance(5)) {
        body.call.metas.pop_back();
    }
    if (choices_.chance(4)) {
        body.call.metas[2].account_index = 63;
    }
    body.call.data = {static_cast<std::uint8_t>(choices_.chance(8) ? 5 : 3), 0, 0, 0};
    if (choices_.chance(4)) {
        body.call.data.push_back(0);
    }
    effects_.push_back({CallEffect::Kind::kFails, {}, {}, 0});
    draft.body = std::move(body);
}

// Application.

std::optional<Application> Game::application_of(const Draft& draft, const Forged& forged) const {
    if (draft.from_genesis || draft.rule.is_local || !can_wait(draft.body)) {
        return std::nullopt;
    }
    Application out;
    out.action = {static_cast<std::uint8_t>(draft.nonce.index()), draft.rule, draft.body};
    out.accounts = forged.instructions.back().accounts;
    const auto* const execute = std::get_if<ExecuteBody>(&draft.body);
    core::WaitingAction waiting;
    waiting.cluster = local_cluster();
    waiting.action = static_cast<std::uint8_t>(action_number(draft.body));
    waiting.has_caps = execute != nullptr && execute->caps.has_value();
    waiting.has_lane = std::holds_alternative<LaneNonce>(draft.nonce);
    waiting.wallet_id = forge_->wallet().wallet_id;
    waiting.body = encode_body(draft.body).value();
    for (std::size_t i = 0; i < out.accounts.size(); ++i) {
        out.accounts[i].is_signer = false;
        if (i >= (std::holds_alternative<LaneNonce>(draft.nonce) ? 4U : 2U)) {
            waiting.account_keys.emplace_back(out.accounts[i].address.array());
        }
    }
    out.digest = core::waiting_digest_of(waiting).value();
    return out;
}

void Game::remember_application(const Attempt& attempt) {
    const auto state = world_.state_of(*forge_);
    if (!attempt.application || !state || record_of(*state, *attempt.application) == nullptr) {
        return;
    }
    applications_.push_back(*attempt.application);
    if (applications_.size() > kApplicationsMax) {
        applications_.pop_front();
    }
}

/// How likely the next step applies something, in percent.
unsigned Game::urge_to_apply() const {
    const auto state = world_.state_of(*forge_);
    if (!state || applications_.empty()) {
        return 0;
    }
    unsigned urge = 2;
    for (const Application& application : applications_) {
        if (const RuleRecord* const record = record_of(*state, application)) {
            const bool is_over = world_.now() > record->earliest + core::kProposalLife;
            const bool is_ripe = world_.now() >= record->earliest && !is_over;
            urge = std::max(urge, is_ripe ? 60U : is_over ? 4U : 8U);
        }
    }
    return urge;
}

/// Something else than what waits.
void Game::change_application(Application& application) {
    ApplyAction& action = application.action;
    const std::size_t fixed = action.nonce_kind == kNonceLane ? 4 : 2;
    switch (choices_.below(6)) {
        case 5:
            action.nonce_kind = action.nonce_kind == kNonceLane ? 0 : 1;
            break;
        case 0:
            if (application.accounts.size() > fixed) {
                application.accounts[fixed].address = cast::recipient(1);
            } else {
                application.accounts.push_back(readonly(cast::recipient(1)));
            }
            break;
        case 1:
            action.rule.index = static_cast<std::uint8_t>(choices_.below(3));
            break;
        case 2:
            application.accounts[0].is_writable = false;
            break;
        default:
            if (auto* const execute = std::get_if<ExecuteBody>(&action.body);
                execute != nullptr && !execute->calls.empty()) {
                execute->calls.pop_back();
            } else if (auto* const policy = std::get_if<PolicyBody>(&action.body)) {
                ++policy->epoch;
            } else if (auto* const recover = std::get_if<RecoverBody>(&action.body)) {
                ++recover->epoch;
            } else {
                action.body = ExecuteBody{};
            }
            break;
    }
}

Attempt Game::make_application() {
    const auto state = world_.state_of(*forge_);
    std::vector<const Application*> waiting;
    std::vector<const Application*> ripe;
    for (const Application& application : applications_) {
        if (const RuleRecord* const record = record_of(*state, application)) {
            waiting.push_back(&application);
            if (world_.now() >= record->earliest) {
                ripe.push_back(&application);
            }
        }
    }
    Application chosen = applications_[choices_.below(applications_.size())];
    if (!waiting.empty() && !choices_.chance(6)) {
        chosen = *choices_.one_of(ripe.empty() || choices_.chance(10) ? waiting : ripe);
    }
    if (choices_.chance(12)) {
        change_application(chosen);
    }
    for (AccountMeta& account : chosen.accounts) {
        // Calls may ask for signatures of others.
        const bool may_sign = account.address == world_.payer().address() ||
                              account.address == cast::fresh_key().address();
        account.is_signer = may_sign && choices_.chance(70);
    }
    const auto data = encode_instruction(chosen.action);
    if (!data.has_value()) {
        throw std::logic_error(data.error().to_string());
    }
    Attempt attempt;
    attempt.instructions = {{world_.program(), chosen.accounts, *data}};
    attempt.action = "apply";
    attempt.description = "apply action " + std::to_string((*data)[1]) + " of rule " +
                          std::to_string(record_name(chosen.action.rule));
    return choices_.chance(4) ? wrap(std::move(attempt)) : attempt;
}

// Clocks.

/// Times at which something begins or ends.
std::vector<std::uint64_t> Game::events() const {
    std::vector<std::uint64_t> out;
    const auto state = world_.state_of(*forge_);
    if (!state) {
        return out;
    }
    const auto add = [&](std::uint64_t begin, std::uint64_t length) {
        if (begin != 0 && begin + length + 1 >= world_.now()) {
            out.push_back(begin + length);
        }
    };
    for (const RuleRecord& record : state->records) {
        if (record.action != 0) {
            // Often, so that more is applied than expires.
            for (unsigned i = 0; i < 4; ++i) {
                add(record.earliest, 0);
            }
            add(record.earliest, core::kProposalLife);
        }
        if ((record.rule & kRuleRecovery) != 0) {
            add(record.earliest, core::kMargin);
        }
        if (record.cancels == core::kCancelBudget) {
            add(record.cancels_since, core::kCancelWindow);
        }
        add(record.frozen_at, core::kFreezeLength);
        add(record.frozen_at, core::kFreezeInterval);
    }
    return out;
}

bool Game::jump_to_event() {
    const std::vector<std::uint64_t> all = events();
    if (all.empty()) {
        return false;
    }
    std::uint64_t time = choices_.one_of(all);
    switch (choices_.below(6)) {
        case 0:
            --time;
            break;
        case 1:
            ++time;
            break;
        case 2:
            time += choices_.below(10'000);
            break;
        default:
            break;
    }
    world_.chain().set_time(static_cast<std::int64_t>(time));
    return true;
}

void Game::move_clock() {
    if (choices_.chance(has_waits() ? 20 : 4) && jump_to_event()) {
        return;
    }
    if (has_waits() && choices_.chance(3)) {
        constexpr std::uint64_t kDays[] = {1, 2, 7, 15, 31, 90};
        world_.advance(core::kDay * kDays[choices_.below(6)]);
        return;
    }
    const std::uint64_t way = choices_.below(100);
    if (way < 50) {
        return;
    }
    if (way < 88) {
        world_.advance(choices_.below(120));
    } else if (way < 97) {
        world_.advance(choices_.below(2000));
    } else if (way < 98) {
        world_.advance(choices_.below(100'000));
    } else {
        // The cluster's clock may step back.
        world_.chain().set_time(world_.chain().time() -
                                static_cast<std::int64_t>(choices_.below(600)));
    }
}

}  // namespace latchkey::solana::testing
