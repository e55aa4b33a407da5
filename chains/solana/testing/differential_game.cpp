// SPDX-License-Identifier: Apache-2.0
// What is tried: configurations, transactions and clocks.
#include "chains/solana/testing/differential_game.hpp"

#include <algorithm>
#include <stdexcept>

#include "chains/solana/testing/differential_world.hpp"
#include "chains/solana/testing/native_addresses.hpp"
#include "chains/solana/testing/script.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/wallet/verdict_text.hpp"

namespace latchkey::solana::testing {

namespace {

constexpr std::uint8_t kEverything =
    core::kActionExecute | core::kActionGrant | core::kActionPolicy | core::kActionMessage;
constexpr std::uint64_t kBigState = 8192;

core::Hash32 to_hash(const Address& address) {
    return core::Hash32(address.array());
}

Bytes transfer_prefix() {
    return {2, 0, 0, 0};
}

/// By their places in Body.
constexpr std::string_view kNames[] = {"execute", "grant",  "revoke",  "policy", "message",
                                       "cancel",  "freeze", "recover", "upgrade"};
constexpr std::uint8_t kRights[] = {
    core::kActionExecute, core::kActionGrant,   core::kActionGrant,
    core::kActionPolicy,  core::kActionMessage, core::kActionCancel,
    core::kActionFreeze,  core::kActionRecover, core::kActionUpgrade};

std::uint8_t right_of(const Body& body) {
    return kRights[body.index()];
}

/// The same on every chain.
bool is_change(const Body& body) {
    return std::holds_alternative<PolicyBody>(body) || std::holds_alternative<CancelBody>(body) ||
           std::holds_alternative<FreezeBody>(body) || std::holds_alternative<RecoverBody>(body);
}

bool needs_digest(const core::Signer& signer, const ForgedApproval& approval) {
    return signer.kind != core::kSignerProgram &&
           (signer.kind != core::kSignerEd25519 || approval.form == kFormNone);
}

Bytes system_transfer_data(std::uint64_t lamports) {
    core::ByteWriter data;
    data.write_u32_le(2).write_u64_le(lamports);
    return data.take();
}

/// Whether the rule lets its signers call this, going by the target alone.
bool allows(const core::Rule& rule, const Address& program, ByteView data) {
    return rule.scope.empty() ||
           std::any_of(rule.scope.begin(), rule.scope.end(), [&](const core::Target& target) {
               return target.address == to_hash(program) && target.prefix.size() <= data.size() &&
                      std::equal(target.prefix.begin(), target.prefix.end(), data.begin());
           });
}

}  // namespace

unsigned Game::parties_of(const std::vector<core::Signer>& signers, std::uint16_t mask) {
    unsigned parties = 0;
    unsigned party = 0;
    unsigned last = 0;
    for (std::size_t i = 0; i < signers.size(); ++i) {
        party += signers[i].same_party ? 0 : 1;
        if ((mask >> i & 1U) != 0 && party != last) {
            last = party;
            ++parties;
        }
    }
    return parties;
}

std::uint8_t Game::place(Draft& draft, const AccountMeta& meta) {
    const std::size_t fixed = std::holds_alternative<LaneNonce>(draft.nonce) ? 4 : 2;
    auto found = std::find_if(draft.accounts.begin(), draft.accounts.end(),
                              [&](const AccountMeta& it) { return it.address == meta.address; });
    if (found == draft.accounts.end()) {
        found = draft.accounts.insert(draft.accounts.end(), meta);
    }
    found->is_signer |= meta.is_signer;
    found->is_writable |= meta.is_writable;
    return static_cast<std::uint8_t>(fixed +
                                     static_cast<std::size_t>(found - draft.accounts.begin()));
}

Game::Game(Choices choices, const GameOptions& options, GameTwin* twin)
    : choices_(choices),
      options_(options),
      twin_(twin),
      world_({.verifies_precompiles = options.verifies_signatures},
             {.signs = options.verifies_signatures}, options.program) {
    if (!options_.is_sole) {
        theme_ = static_cast<Theme>(choices_.below(4));
    }
    forge_.emplace(world_.make_wallet(make_configuration()));
    cast::populate(world_, forge_->wallet().vault);
    model_.emplace(*forge_, local_cluster());
    lanes_ = {world_.lane(), find_lane(world_.program(), world_.payer().address(), 1),
              find_lane(world_.program(), cast::lane_owner().address(), 0)};
    model_->know_lane(lanes_[0], world_.payer().address());
    model_->know_lane(lanes_[1], world_.payer().address());
    model_->know_lane(lanes_[2], cast::lane_owner().address());
    if (theme_ != Theme::kPlain && !choices_.chance(30)) {
        world_.create_state(*forge_);
        if (theme_ == Theme::kSessions && choices_.chance(25)) {
            fill_slots();
        }
    } else if (!choices_.chance(40)) {
        world_.fund_state(*forge_, kBigState);
    }
    world_.put(lanes_[1].address, world_.chain().minimum_balance(core::kLaneSize));
    model_->resync(world_.chain());
    if (twin_ != nullptr) {
        twin_->begin(world_.chain());
    }
}

// Configurations.

std::vector<core::Signer> Game::pick_signers(unsigned count) {
    std::vector<core::Signer> out;
    const bool are_passkeys = choices_.chance(20);
    const std::vector<TestSigner>& all = are_passkeys ? cast::passkeys() : cast::signers();
    const std::size_t first = choices_.below(all.size());
    for (unsigned i = 0; i < count; ++i) {
        core::Signer signer = all[(first + i * 3) % all.size()].entry();
        if (choices_.chance(8)) {
            signer = choices_.chance(20) ? cast::contract_signer() : cast::program_signer();
        }
        signer.same_party = i != 0 && choices_.chance(25);
        const bool is_there = std::any_of(out.begin(), out.end(), [&](const core::Signer& other) {
            return other.key == signer.key;
        });
        if (!is_there) {
            out.push_back(std::move(signer));
        }
    }
    return out;
}

void Game::narrow(core::Rule& rule) {
    const std::vector<core::Target> targets = {{to_hash(kSystemProgram), transfer_prefix()},
                                               {to_hash(kTokenProgram), {}},
                                               {to_hash(script_program_address()), {}}};
    const std::uint64_t which = 1 + choices_.below(7);
    for (std::size_t i = 0; i < targets.size(); ++i) {
        if ((which >> i & 1) != 0) {
            rule.scope.push_back(targets[i]);
        }
    }
    if (rule.actions != core::kActionExecute || choices_.chance(15)) {
        core::normalize(rule);
        return;
    }
    const std::vector<core::Hash32> assets = {core::Hash32{}, to_hash(cast::mint(0)),
                                              to_hash(cast::mint(1))};
    const std::uint64_t limited = 1 + choices_.below(7);
    for (std::size_t i = 0; i < assets.size(); ++i) {
        if ((limited >> i & 1) == 0) {
            continue;
        }
        const std::uint64_t per_call = choices_.below(20) * 100;
        const std::uint32_t periods[] = {0, 3600, 60};
        rule.limits.push_back(
            {assets[i], per_call, per_call + choices_.below(4) * 100, periods[choices_.below(3)]});
    }
    core::normalize(rule);
}

core::Rule Game::make_rule(std::uint16_t mask, unsigned parties, bool is_first) {
    core::Rule rule;
    rule.mask = mask;
    rule.threshold =
        static_cast<std::uint8_t>(1 + choices_.below(std::max(1U, std::min(parties, 3U))));
    const bool is_plain = !has_waits();
    if (is_first) {
        rule.actions = kEverything;
        if (!options_.is_sole && choices_.chance(is_plain ? 20 : 80)) {
            rule.actions |= core::kActionCancel | core::kActionFreeze | core::kActionUpgrade;
        }
        return rule;
    }
    constexpr std::uint64_t kKinds[] = {core::kActionExecute,
                                        core::kActionExecute | core::kActionGrant,
                                        kEverything,
                                        core::kActionMessage,
                                        core::kActionPolicy,
                                        core::kActionCancel | core::kActionFreeze,
                                        core::kActionExecute | core::kActionUpgrade,
                                        core::kActionPolicy | core::kActionCancel,
                                        core::kActionExecute | core::kActionFreeze};
    rule.actions = static_cast<std::uint8_t>(kKinds[choices_.below(is_plain ? 6 : 9)]);
    const bool may_be_narrow = (rule.actions & ~(core::kActionExecute | core::kActionGrant)) == 0;
    const bool is_message = (rule.actions & core::kActionMessage) != 0;
    if (choices_.chance(25) && !is_message) {
        rule.times = core::Times{world_.now() - choices_.below(1000) + 100,
                                 world_.now() + 200 + choices_.below(20'000)};
        if (!is_plain) {
            rule.times->expires_at += core::kDay * (1 + choices_.below(100));
        }
    }
    if (may_be_narrow && choices_.chance(70)) {
        narrow(rule);
    }
    if (!is_message && choices_.chance(is_plain ? 5 : 50)) {
        rule.wait = make_wait();
    }
    return rule;
}

core::Configuration Game::make_configuration() {
    if (options_.is_sole) {
        core::Configuration sole;
        sole.signers = {cast::signers()[choices_.below(3)].entry()};
        sole.rules = {make_rule(1, 1, true)};
        return sole;
    }
    for (unsigned attempt = 0; attempt < 4; ++attempt) {
        core::Configuration out = attempt < 2 ? try_configuration(5, 4) : try_configuration(2, 2);
        if (core::encode(core::Genesis{out, Bytes(16)})) {
            return out;
        }
    }
    core::Configuration simple;
    simple.signers = {cast::signers()[0].entry()};
    simple.rules = {make_rule(1, 1, true)};
    return simple;
}

core::Configuration Game::try_configuration(unsigned signers_max, unsigned rules_max) {
    core::Configuration out;
    out.signers = pick_signers(1 + static_cast<unsigned>(choices_.below(signers_max)));
    const auto all = static_cast<std::uint16_t>((1U << out.signers.size()) - 1);
    const std::uint64_t rules = 1 + choices_.below(rules_max);
    for (std::uint64_t i = 0; i < rules; ++i) {
        auto mask = static_cast<std::uint16_t>(choices_.below(all) + 1);
        if (i == 0 || mask == 0) {
            mask = all;
        }
        out.rules.push_back(make_rule(mask, parties_of(out.signers, mask), i == 0));
    }
    constexpr unsigned kRecovers[] = {20, 50, 95, 5};
    if (choices_.chance(kRecovers[static_cast<std::size_t>(theme_)])) {
        out.recovery = make_recovery();
    }
    if (!choices_.chance(4)) {
        settle_waits(out);
    }
    out.lockdown = choices_.chance(5);
    return out;
}

// Transactions.

Attempt Game::next() {
    move_clock();
    if (!recent_.empty() && choices_.chance(6)) {
        Attempt again = recent_[choices_.below(recent_.size())];
        again.description = "again: " + again.description;
        return again;
    }
    if (!changes_.empty() && choices_.chance(3)) {
        Attempt again = changes_[choices_.below(changes_.size())];
        again.description = "again, later: " + again.description;
        return again;
    }
    Attempt attempt = make_attempt();
    if (options_.mutates && !attempt.inner && choices_.chance(20)) {
        mutate(attempt);
    }
    if (!attempt.is_mutated && attempt.is_change) {
        changes_.push_back(attempt);
    }
    recent_.push_back(attempt);
    if (recent_.size() > 8) {
        recent_.pop_front();
    }
    return attempt;
}

Attempt Game::make_attempt() {
    const bool has_state = model_->world().state.has_value();
    if (!options_.is_sole && choices_.chance(has_state ? 2 : 15)) {
        return make_create_state();
    }
    if (choices_.chance(has_waits() ? 4 : 10)) {
        return make_lane_attempt();
    }
    const unsigned urge = urge_to_apply();
    const bool applies = urge != 0 && choices_.chance(urge);
    for (unsigned i = 0; i < 8; ++i) {
        try {
            return applies ? make_application() : make_approved();
        } catch (const std::logic_error&) {
            // Fields that no instruction can carry; or not in this transaction.
        }
    }
    return options_.is_sole ? make_lane_attempt() : make_create_state();
}

/// Sessions that were granted before, so that hardly any slot is left.
void Game::fill_slots() {
    StateAccount state = *world_.state_of(*forge_);
    core::LocalRule local;
    local.signers = {cast::session_signers()[0].entry()};
    local.rule.actions = core::kActionExecute;
    const Bytes bytes = core::encode_unchecked(local);
    for (std::size_t i = 2; i < core::kMaximumLocalRules; ++i) {
        const std::uint32_t version = ++state.local_version;
        const core::LocalRuleId id = core::local_rule_id_of(
            forge_->wallet().wallet_id, core::ConfigId(state.config_id.array()), version, bytes);
        state.slots.push_back(LocalSlot{0, version, core::Hash32(id.array()), {}, bytes});
    }
    world_.put(forge_->wallet().state(), world_.chain().minimum_balance(kBigState),
               world_.program(), encode_state(state).value());
}

Attempt Game::make_create_state() {
    Attempt attempt;
    attempt.description = attempt.action = "create state";
    Instruction create = forge_->create_state();
    if (choices_.chance(50)) {
        // Paid for in the same transaction.
        const Instruction pay = {
            kSystemProgram,
            {writable_signer(world_.payer().address()), writable(forge_->wallet().state())},
            system_transfer_data(world_.chain().minimum_balance(kBigState))};
        book_.add(pay, {CallEffect::Kind::kLamports, world_.payer().address(),
                        forge_->wallet().state(), world_.chain().minimum_balance(kBigState)});
        attempt.instructions.push_back(pay);
    }
    if (choices_.chance(10)) {
        create.accounts[0].is_writable = false;
    }
    if (choices_.chance(3)) {
        create.data.resize(create.data.size() + core::kMaximumGenesis);
    }
    attempt.instructions.push_back(std::move(create));
    attempt.wallet_index = attempt.instructions.size() - 1;
    return attempt;
}

Attempt Game::make_lane_attempt() {
    const std::size_t which = 1 + choices_.below(lanes_.size() - 1);
    const ForgedLane& lane = choices_.chance(5) ? lanes_[0] : lanes_[which];
    const Address owner =
        lane.address == lanes_[2].address ? cast::lane_owner().address() : world_.payer().address();
    const Address operator_address =
        choices_.chance(30) ? cast::lane_owner().address() : world_.payer().address();
    Attempt attempt;
    Instruction instruction;
    switch (choices_.below(4)) {
        case 0:
        case 1: {
            instruction = open_lane(world_.program(), lane, owner, operator_address);
            const std::uint64_t rent = world_.chain().minimum_balance(core::kLaneSize);
            if (world_.chain().lamports(lane.address) < rent && !choices_.chance(20)) {
                const Instruction pay = {
                    kSystemProgram,
                    {writable_signer(world_.payer().address()), writable(lane.address)},
                    system_transfer_data(rent)};
                book_.add(pay, {CallEffect::Kind::kLamports, world_.payer().address(), lane.address,
                                rent});
                attempt.instructions.push_back(pay);
            }
            attempt.description = attempt.action = "open lane";
            break;
        }
        case 2: {
            const Address to = choices_.chance(10) ? lane.address : cast::recipient(1);
            instruction = close_lane(world_.program(), lane.address, owner, to);
            attempt.description = attempt.action = "close lane";
            break;
        }
        default:
            instruction =
                set_lane_operator(world_.program(), lane.address, owner, operator_address);
            attempt.description = attempt.action = "set lane operator";
            break;
    }
    if (choices_.chance(8)) {
        instruction.accounts[1].is_signer = false;
    }
    if (choices_.chance(5)) {
        instruction.accounts[1].address = cast::recipient(0);
    }
    if (choices_.chance(4)) {
        instruction.accounts[0].is_writable = false;
    }
    attempt.instructions.push_back(std::move(instruction));
    attempt.wallet_index = attempt.instructions.size() - 1;
    return attempt;
}

std::optional<Game::RuleInUse> Game::rule_of(const Draft& draft,
                                             const std::optional<StateAccount>& state) {
    RuleInUse use;
    use.signers = forge_->signers_of(draft, state);
    if (draft.from_genesis || !state) {
        const auto genesis = core::decode_genesis(forge_->wallet().genesis);
        if (!genesis || draft.rule.index >= genesis->configuration.rules.size()) {
            return std::nullopt;
        }
        use.rule = genesis->configuration.rules[draft.rule.index];
    } else if (draft.rule.recovery_part) {
        const auto part = core::decode_recovery_part(*draft.rule.recovery_part);
        if (!part || draft.rule.index >= part->rules.size()) {
            return std::nullopt;
        }
        use.rule = part->rules[draft.rule.index];
    } else if (draft.rule.is_local) {
        if (draft.rule.index >= state->slots.size() || !state->slots[draft.rule.index]) {
            return std::nullopt;
        }
        // A session whose key is no point exists, but nobody can use it.
        const auto local = core::decode_local_rule(state->slots[draft.rule.index]->local_rule);
        if (!local) {
            return std::nullopt;
        }
        use.rule = local->rule;
    } else {
        const auto shared = core::decode_shared(state->shared);
        if (!shared || draft.rule.index >= shared->rules.size()) {
            return std::nullopt;
        }
        use.rule = shared->rules[draft.rule.index];
    }
    return use;
}

RuleReference Game::pick_rule(const std::optional<StateAccount>& state, std::uint8_t right) {
    if (choices_.chance(3)) {
        return {choices_.chance(50), static_cast<std::uint8_t>(choices_.below(16)), std::nullopt};
    }
    if (state && right == core::kActionExecute && !state->slots.empty() && choices_.chance(40)) {
        // The first one most often, so that its budget is used up.
        const std::uint64_t slot = choices_.chance(50) ? choices_.below(state->slots.size()) : 0;
        return {true, static_cast<std::uint8_t>(slot), std::nullopt};
    }
    const Bytes& shared = state ? state->shared : forge_->wallet().genesis;
    const std::uint64_t rules = (shared[1] >> 4U) + 1U;
    // One with the right, mostly.
    for (unsigned i = 0; i < 4; ++i) {
        Draft probe;
        probe.from_genesis = !state;
        probe.rule.index = static_cast<std::uint8_t>(choices_.below(rules));
        const auto use = rule_of(probe, state);
        if (use && ((use->rule.actions & right) != 0 || choices_.chance(3))) {
            return probe.rule;
        }
    }
    return {};
}

ForgedApproval Game::make_approval(std::uint8_t index, const core::Signer& signer,
                                   bool has_client_data) {
    ForgedApproval out;
    out.signer = index;
    if (choices_.chance(2)) {
        out.form = choices_.below(6);
        return out;
    }
    switch (signer.kind) {
        case core::kSignerEd25519:
            if (choices_.chance(30)) {
                out.form = kFormNone;
            }
            break;
        case core::kSignerWebauthn: {
            const std::uint64_t way = choices_.below(10);
            if (way >= 8 && has_client_data) {
                out.form = kFormSameRest;
            } else if (way >= 6) {
                out.form = kFormRest;
                if (way == 7) {
                    out.answer.rest = R"(","origin":"https://b.example","other":1})";
                }
            }
            if (choices_.chance(3)) {
                out.answer.relying_party_id_hash = core::Hash32{};
            }
            if (choices_.chance(4)) {
                out.answer.flags = static_cast<std::uint8_t>(choices_.below(256));
            }
            break;
        }
        default:
            break;
    }
    return out;
}

void Game::approve(Draft& draft, const RuleInUse& use) {
    draft.approvals.clear();
    std::vector<std::uint8_t> members;
    for (std::size_t i = 0; i < use.signers.size(); ++i) {
        const bool is_outsider = choices_.chance(1);
        if ((use.rule.mask >> i & 1U) != 0 || is_outsider) {
            members.push_back(static_cast<std::uint8_t>(i));
        }
    }
    // Where two parties may do more than one.
    const bool counts = std::holds_alternative<PolicyBody>(draft.body) ||
                        std::holds_alternative<CancelBody>(draft.body) ||
                        std::holds_alternative<FreezeBody>(draft.body);
    const unsigned more = counts ? 40 : 15;
    std::uint16_t chosen = 0;
    const bool stops_early = choices_.chance(4);
    const std::size_t start = choices_.below(std::max<std::size_t>(members.size(), 1));
    for (std::size_t i = 0; i < members.size(); ++i) {
        const std::uint8_t index = members[(start + i) % members.size()];
        if (use.signers[index].kind == core::kSignerContract && !choices_.chance(3)) {
            continue;
        }
        chosen = static_cast<std::uint16_t>(chosen | 1U << index);
        const bool is_enough = parties_of(use.signers, chosen) >= use.rule.threshold;
        if (stops_early || (is_enough && !choices_.chance(more))) {
            break;
        }
    }
    bool has_client_data = false;
    for (std::size_t i = 0; i < use.signers.size(); ++i) {
        if ((chosen >> i & 1U) != 0) {
            draft.approvals.push_back(
                make_approval(static_cast<std::uint8_t>(i), use.signers[i], has_client_data));
            has_client_data |= use.signers[i].kind == core::kSignerWebauthn;
        }
    }
    if (choices_.chance(1) || draft.approvals.empty()) {
        draft.approvals.push_back(
            {static_cast<std::uint8_t>(std::min<std::size_t>(use.signers.size(), 15)), {}, {}});
    }
}

void Game::choose_nonce(Draft& draft, bool has_digest, const std::optional<StateAccount>& state) {
    const bool is_repeatable =
        is_change(draft.body) || std::holds_alternative<MessageBody>(draft.body);
    std::uint64_t kind = 0;
    if (!is_repeatable && (has_digest || choices_.chance(25))) {
        const bool may_count = state && !draft.from_genesis && !draft.rule.is_local;
        kind = may_count && choices_.chance(40) ? 2 : 1;
    }
    if (!is_repeatable && choices_.chance(3)) {
        kind = choices_.below(3);
    }
    if (kind == 1) {
        LaneNonce nonce;
        nonce.bit = choices_.chance(15) ? static_cast<std::uint16_t>(choices_.below(16))
                                        : static_cast<std::uint16_t>(16 + next_bit_++ % 2032);
        const std::uint64_t window = world_.now() / core::kLaneWindowSeconds;
        nonce.odd_window = ((window + (choices_.chance(25) ? 1 : 0)) & 1) != 0;
        nonce.sixteenth = choices_.chance(15) ? static_cast<std::uint8_t>(choices_.below(16)) : 15;
        draft.nonce = nonce;
        const std::size_t which = choices_.chance(12) ? choices_.below(lanes_.size()) : 0;
        draft.lane = choices_.chance(2) ? cast::recipient(0) : lanes_[which].address;
        draft.lane_operator = choices_.chance(3) ? cast::recipient(1) : world_.payer().address();
        draft.operator_signs = !choices_.chance(3);
        return;
    }
    if (kind == 2) {
        StateNonce nonce;
        nonce.key = static_cast<std::uint8_t>(choices_.below(4));
        nonce.sequence = (state ? state->nonces[nonce.key] : 0) + (choices_.chance(6) ? 1 : 0);
        draft.nonce = nonce;
    } else if (!draft.from_genesis && choices_.chance(3)) {
        draft.nonce = TransactionNonce{Binding{1}};
    }
    if (choices_.chance(20) && !is_change(draft.body)) {
        draft.deadline = world_.now() + choices_.below(600) - (choices_.chance(20) ? 300 : 0);
    }
}

Attempt Game::make_approved() {
    const auto state = world_.state_of(*forge_);
    Draft draft;
    draft.from_genesis = !state || choices_.chance(4);
    const std::optional<RuleReference> rule = choose_kind(draft, state);
    draft.rule =
        rule ? *rule : pick_rule(draft.from_genesis ? std::nullopt : state, right_of(draft.body));
    const auto found = rule_of(draft, state);
    const RuleInUse use = found.value_or(RuleInUse{forge_->signers_of(draft, state), core::Rule{}});
    approve(draft, use);
    bool has_digest = false;
    bool has_program = false;
    for (const ForgedApproval& approval : draft.approvals) {
        if (approval.signer < use.signers.size()) {
            has_digest |= needs_digest(use.signers[approval.signer], approval);
            has_program |= use.signers[approval.signer].kind == core::kSignerProgram;
        }
    }
    choose_nonce(draft, has_digest, state);
    effects_.clear();
    make_body(draft, use, state);
    if (choices_.chance(has_digest ? 15 : 1)) {
        draft.tree_height = static_cast<std::uint8_t>(1 + choices_.below(8));
        draft.tree_index =
            static_cast<std::uint8_t>(choices_.below(std::uint64_t{1} << draft.tree_height));
    }
    draft.state_writable = !choices_.chance(2);
    draft.vault_writable = !choices_.chance(2);

    const Forged forged = world_.forge(*forge_, draft);
    Attempt attempt;
    attempt.instructions = forged.instructions;
    if (choices_.chance(1)) {
        // Somebody did not sign after all.
        attempt.instructions.back().accounts.back().is_signer = false;
    }
    attempt.wallet_index = forged.instructions.size() - 1;
    attempt.action = kNames[draft.body.index()];
    attempt.is_change = is_change(draft.body);
    attempt.application = application_of(draft, forged);
    attempt.description = attempt.action + " by rule " +
                          (draft.rule.is_local        ? "local "
                           : draft.rule.recovery_part ? "recovery "
                                                      : "") +
                          std::to_string(draft.rule.index) + ", nonce kind " +
                          std::to_string(draft.nonce.index()) + ", " +
                          std::to_string(draft.approvals.size()) + " approvals" +
                          (draft.from_genesis ? ", genesis" : "");
    remember_calls(draft);
    return choices_.chance(has_program ? 90 : 2) ? wrap(std::move(attempt)) : attempt;
}

void Game::remember_calls(const Draft& draft) {
    std::vector<CompactCall> calls;
    if (const auto* const execute = std::get_if<ExecuteBody>(&draft.body)) {
        calls = execute->calls;
    } else if (const auto* const upgrade = std::get_if<UpgradeBody>(&draft.body)) {
        calls = {upgrade->call};
    }
    const std::size_t fixed = std::holds_alternative<LaneNonce>(draft.nonce) ? 4 : 2;
    const auto address_of = [&](std::size_t index) {
        if (index < 2) {
            return index == 0 ? forge_->wallet().state() : forge_->wallet().vault;
        }
        return draft.accounts[index - fixed].address;
    };
    for (std::size_t i = 0; i < calls.size(); ++i) {
        const CompactCall& call = calls[i];
        Instruction resolved{address_of(call.program_index), {}, call.data};
        for (const CallMeta& meta : call.metas) {
            resolved.accounts.push_back(
                {address_of(meta.account_index), meta.is_signer, meta.is_writable});
        }
        book_.add(resolved, effects_[i]);
    }
}

Attempt Game::wrap(Attempt attempt) const {
    const Instruction& inner = attempt.instructions[attempt.wallet_index];
    constexpr std::size_t kScriptMetasMax = 24;
    if (inner.accounts.size() > kScriptMetasMax) {
        return attempt;
    }
    const Address signer = Address::from(ByteView(cast::program_signer().key).subspan<32, 32>());
    Instruction outer{script_program_address(), {readonly(inner.program)}, {}};
    std::vector<ScriptMeta> metas;
    for (const AccountMeta& meta : inner.accounts) {
        outer.accounts.push_back(
            {meta.address, meta.is_signer && meta.address != signer, meta.is_writable});
        metas.push_back(
            {static_cast<std::uint8_t>(metas.size() + 1), meta.is_signer, meta.is_writable});
    }
    outer.data = ScriptBuilder().call(0, metas, inner.data, {cast::program_seed()}).take();
    attempt.inner = inner;
    attempt.instructions[attempt.wallet_index] = std::move(outer);
    attempt.description += ", called by a program";
    return attempt;
}

// Bodies.

void Game::make_body(Draft& draft, const RuleInUse& use, const std::optional<StateAccount>& state) {
    if (std::holds_alternative<ExecuteBody>(draft.body)) {
        make_execute(draft, use.rule);
    } else if (std::holds_alternative<GrantBody>(draft.body)) {
        make_grant(draft, use.rule);
    } else if (auto* const revoke = std::get_if<RevokeBody>(&draft.body)) {
        if (state && !state->slots.empty()) {
            const auto& slot = state->slots[choices_.below(state->slots.size())];
            revoke->local_rule_id = slot ? slot->local_rule_id : core::Hash32{};
        }
    } else if (auto* const message = std::get_if<MessageBody>(&draft.body)) {
        message->message_hash = to_hash(test_address(160));
    } else if (std::holds_alternative<UpgradeBody>(draft.body)) {
        make_upgrade(draft);
    } else {
        StateAccount present;
        present.shared = core::to_bytes(ByteView(forge_->wallet().genesis));
        make_change(draft, state ? *state : present);
    }
}

void Game::add_call(Draft& draft, ExecuteBody& body, const core::Rule& rule) {
    const std::uint64_t way = choices_.below(100);
    std::uint64_t amount = choices_.below(12) * 100;
    if (!rule.limits.empty() && choices_.chance(60)) {
        // So much that a budget is soon used up.
        amount = rule.limits[choices_.below(rule.limits.size())].per_call;
    } else if (choices_.chance(6)) {
        amount = choices_.below(2) * 20'000'000'000 + 1'000'000'000;
    }
    const std::uint64_t which = choices_.below(2);
    const auto add = [&](const Address& program, std::vector<CallMeta> metas, Bytes data,
                         const CallEffect& effect) {
        // Something else than the rule allows, now and then.
        if (!allows(rule, program, data) && !choices_.chance(5)) {
            return;
        }
        const std::uint8_t at = place(draft, readonly(program));
        body.calls.push_back({at, std::move(metas), std::move(data)});
        effects_.push_back(effect);
    };
    if (way < 70) {
        add_payment(draft, {way, which, amount}, add);
    } else if (way < 83) {
        add_other_call(draft, {way, which, amount}, add);
    } else {
        add_refused_call(draft, way, add);
    }
}

void Game::add_payment(Draft& draft, const ChosenCall& chosen, const AddCall& add) {
    using Kind = CallEffect::Kind;
    const auto& [way, which, amount] = chosen;
    const Address vault = forge_->wallet().vault;
    if (way < 34) {
        const Address to = cast::recipient(which);
        add(kSystemProgram, {{1, true, true}, {place(draft, writable(to)), true, false}},
            system_transfer_data(amount), {Kind::kLamports, vault, to, amount});
    } else if (way < 62) {
        const Address from = cast::vault_tokens(which);
        const Address to = cast::other_tokens(which);
        core::ByteWriter data;
        data.write_u8(3).write_u64_le(amount);
        add(kTokenProgram,
            {{place(draft, writable(from)), true, false},
             {place(draft, writable(to)), true, false},
             {1, false, true}},
            data.take(), {Kind::kTokens, from, to, amount});
    } else {
        // Takes more than one would think.
        const Address to = cast::recipient(which);
        const std::uint8_t system = place(draft, readonly(kSystemProgram));
        const std::uint8_t target = place(draft, writable(to));
        add(world_.script(), {{1, true, true}, {target, true, false}, {system, false, false}},
            ScriptBuilder()
                .call(2, {{0, true, true}, {1, false, true}}, system_transfer_data(amount))
                .take(),
            {Kind::kLamports, vault, to, amount});
    }
}

void Game::add_other_call(Draft& draft, const ChosenCall& chosen, const AddCall& add) {
    using Kind = CallEffect::Kind;
    const auto& [way, which, amount] = chosen;
    const Address script = world_.script();
    if (way < 76) {
        add(script, {}, ScriptBuilder().give_back(Bytes{1, 2, 3}).take(), {});
    } else if (way < 79) {
        add(script, {}, ScriptBuilder().fail(9001).take(), {Kind::kFails, {}, {}, 0});
    } else {
        const Address from = cast::vault_tokens(which);
        core::ByteWriter data;
        data.write_u8(4).write_u64_le(amount + 1);
        add(kTokenProgram,
            {{place(draft, writable(from)), true, false},
             {place(draft, readonly(cast::recipient(which))), false, false},
             {1, false, true}},
            data.take(), {Kind::kAuthority, from, cast::recipient(which), amount + 1});
    }
}

void Game::add_refused_call(Draft& draft, std::uint64_t way, const AddCall& add) {
    using Kind = CallEffect::Kind;
    const Address script = world_.script();
    if (way < 86) {
        const Address reserved[] = {world_.program(),
                                    "BPFLoaderUpgradeab1e11111111111111111111111"_address,
                                    "BPFLoader2111111111111111111111111111111111"_address};
        add(reserved[choices_.below(3)], {}, Bytes{0}, {Kind::kFails, {}, {}, 0});
    } else if (way < 90) {
        const Address signer =
            choices_.chance(50) ? world_.payer().address() : cast::fresh_key().address();
        const AccountMeta meta = {signer, true, choices_.chance(50)};
        add(script, {{place(draft, meta), false, true}}, ScriptBuilder().give_back(Bytes{1}).take(),
            {});
    } else if (way < 93) {
        // System Allocate for the vault: u32 8, u64 size.
        core::ByteWriter data;
        data.write_u32_le(8).write_u64_le(1);
        const std::uint8_t system = place(draft, readonly(kSystemProgram));
        add(script, {{1, true, true}, {system, false, false}},
            ScriptBuilder().call(1, {{0, true, true}}, data.take()).take(),
            {Kind::kVault, {}, {}, 0});
    } else if (way < 96) {
        place(draft, writable(cast::nonce_account()));
    } else {
        // The state belongs to the program: nobody else can write it.
        add(script, {{0, true, false}}, ScriptBuilder().write(0, 0, 9).take(),
            {Kind::kFails, {}, {}, 0});
    }
}

void Game::make_execute(Draft& draft, const core::Rule& rule) {
    ExecuteBody body;
    std::uint64_t calls = choices_.below(4);
    if (choices_.chance(1)) {
        calls = 17;
    }
    for (std::uint64_t i = 0; i < calls; ++i) {
        add_call(draft, body, rule);
    }
    if (choices_.chance(15)) {
        Caps caps;
        caps.no_new_authority = choices_.chance(40);
        const std::uint64_t count = choices_.below(3);
        for (std::uint64_t i = 0; i < count || (!caps.no_new_authority && i == 0); ++i) {
            Cap cap;
            if (choices_.chance(40)) {
                cap.account_index = place(draft, writable(cast::vault_tokens(i % 2)));
            } else if (choices_.chance(8)) {
                cap.account_index =
                    place(draft, readonly(choices_.chance(50) ? cast::other_tokens(0)
                                                              : cast::fresh_key().address()));
            } else {
                cap.account_index = 1;
            }
            cap.maximum_outflow = choices_.below(20) * 100;
            cap.minimum_inflow = choices_.chance(8) ? 1 + choices_.below(100) : 0;
            caps.caps.push_back(cap);
        }
        body.caps = std::move(caps);
    }
    draft.body = std::move(body);
}

void Game::make_grant(Draft& draft, const core::Rule& rule) {
    core::LocalRule local;
    const std::vector<TestSigner>& keys = cast::session_signers();
    const std::uint64_t first = choices_.below(keys.size());
    local.signers.push_back(keys[first].entry());
    if (choices_.chance(25)) {
        local.signers.push_back(keys[(first + 1) % keys.size()].entry());
    }
    local.rule.actions = core::kActionExecute;
    local.rule.mask = static_cast<std::uint16_t>((1U << local.signers.size()) - 1);
    local.rule.threshold = static_cast<std::uint8_t>(1 + choices_.below(local.signers.size()));
    if (!choices_.chance(25)) {
        narrow(local.rule);
    }
    if (!rule.scope.empty() && !choices_.chance(15)) {
        local.rule.scope = {rule.scope[choices_.below(rule.scope.size())]};
    }
    if (rule.times && !choices_.chance(10)) {
        local.rule.times = rule.times;
    } else if (choices_.chance(30)) {
        local.rule.times = core::Times{world_.now() - 10, world_.now() + choices_.below(4000) + 1};
    }
    Bytes bytes = core::encode_unchecked(local);
    if (choices_.chance(3)) {
        bytes[0] |= 0x10;
    }
    draft.body = GrantBody{std::move(bytes)};
}

}  // namespace latchkey::solana::testing
