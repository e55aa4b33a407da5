// SPDX-License-Identifier: Apache-2.0
// Changes, recoveries and cancels that reach the chains in any order, and old approvals.
#include "models/waiting/chains.hpp"
#include "models/waiting/presets.hpp"

namespace latchkey::waiting_model {

namespace {

constexpr uint8_t kAddPaper = 0;
constexpr uint8_t kReplacePhone = 1;
constexpr uint8_t kRecoverOnce = 2;
constexpr uint8_t kRecoverAgain = 3;
constexpr uint8_t kNewGuardian = 4;
constexpr uint8_t kOldGuardian = 5;

constexpr RuleName kTwoRule = 0;
constexpr RuleName kCancelRule = 1;

// The order of things matters here, not their length: everything lasts a tick or two.
Times short_times() {
    Times times;
    times.margin = 1;
    times.expiry = 1;
    times.cancel_window = 3;
    times.freeze_length = 1;
    times.freeze_interval = 2;
    return times;
}

Configuration wallet() {
    return {"phone, laptop, guardian",
            {{kPhone | kLaptop, 2, kMayChange | kMayCancel, 0, false},
             {kPhone | kLaptop, 1, kMayCancel, 0, false}},
            {{kGuardian, 1, kMayRecover | kMayCancel | kMayFreeze, 1, false}},
            2,
            kFirstRecovery};
}

Change with_shared(std::string name, Action action,
                   const std::vector<std::pair<Parties, Parties>>& replaced) {
    return {std::move(name), action, false, [replaced, action](const Configuration& now) {
                Configuration after = now;
                after.shared = with_parties(
                    action == Action::kRecover ? wallet().shared : now.shared, replaced);
                return after;
            }};
}

Change with_commitment(std::string name, uint8_t commitment) {
    return {std::move(name), Action::kPolicy, false, [commitment](const Configuration& now) {
                Configuration after = now;
                after.commitment = commitment;
                return after;
            }};
}

std::vector<Change> all_changes(uint8_t restored) {
    return {with_shared("add the paper key", Action::kPolicy, {{kLaptop, kLaptop | kPaper}}),
            with_shared("replace the phone", Action::kPolicy, {{kPhone, kFreshPhone}}),
            with_shared("recover", Action::kRecover, {{kPhone, kFreshPhone}}),
            with_shared("recover again", Action::kRecover,
                        {{kPhone, kThiefDevice}, {kLaptop, kFreshLaptop}}),
            with_commitment("another guardian", kSecondRecovery),
            with_commitment("the first guardian again", restored)};
}

ChainsGame make_chains(const Variant& variant, uint8_t chains, uint8_t restored) {
    ChainsGame game;
    game.setup = make_setup(short_times(), variant, wallet(), all_changes(restored));
    game.setup.has_epochs = true;
    game.chain_count = chains;
    return game;
}

Approval policy(const ChainsGame& game, uint8_t change, const std::vector<uint8_t>& parents,
                uint8_t epoch) {
    return {"two parties: " + game.setup.changes[change].name,
            MoveKind::kApprove,
            kTwoRule,
            kPhone | kLaptop | kFreshPhone,
            change,
            0,
            game.config_id(parents),
            epoch};
}

Approval recovery(const ChainsGame& game, uint8_t change, uint8_t epoch) {
    return {"guardian: " + game.setup.changes[change].name + ", epoch " + std::to_string(epoch),
            MoveKind::kApprove,
            kRecoveryRule,
            kGuardian,
            change,
            0,
            kFirstRecovery,
            epoch};
}

Approval withdrawal(uint8_t epoch) {
    return {"guardian withdraws epoch " + std::to_string(epoch),
            MoveKind::kCancel,
            kRecoveryRule,
            kGuardian,
            0,
            kRecoveryRule,
            kFirstRecovery,
            epoch};
}

Approval cancellation(const ChainsGame& game, RuleName by, const std::vector<uint8_t>& parents,
                      uint8_t epoch) {
    const bool by_two = by == kTwoRule;
    return {std::string(by_two ? "two parties cancel" : "the phone cancels") + " epoch " +
                std::to_string(epoch),
            MoveKind::kCancel,
            by,
            by_two ? Parties{kPhone | kLaptop} : kPhone,
            0,
            kRecoveryRule,
            game.config_id(parents),
            epoch};
}

Approval freezing(uint8_t epoch) {
    return {"guardian freezes, epoch " + std::to_string(epoch),
            MoveKind::kFreeze,
            kRecoveryRule,
            kGuardian,
            0,
            0,
            kFirstRecovery,
            epoch};
}

// The chains applied the same recovery last.
bool have_recovered(const ChainsGame& game, const ChainsState& state) {
    const Chain& first = state.chains[0];
    for (size_t i = 0; i < game.chain_count; ++i) {
        if (state.chains[i].last_change != kRecoverOnce + 1 &&
            state.chains[i].last_change != kRecoverAgain + 1) {
            return false;
        }
        if (state.chains[i].last_change != first.last_change) {
            return false;
        }
    }
    return true;
}

template <class Member>
bool differ(const ChainsGame& game, const ChainsState& state, Member of) {
    for (size_t i = 1; i < game.chain_count; ++i) {
        if (of(state.chains[i]) != of(state.chains[0])) {
            return true;
        }
    }
    return false;
}

bool disagree_on_keys(const ChainsGame& game, const ChainsState& state) {
    return have_recovered(game, state) &&
           differ(game, state, [](const Chain& chain) { return chain.wallet.configuration; });
}

bool disagree_on_id(const ChainsGame& game, const ChainsState& state) {
    return have_recovered(game, state) &&
           differ(game, state, [](const Chain& chain) { return chain.config_id; });
}

bool have_changed_since(const ChainsGame& game, const ChainsState& state) {
    for (size_t i = 0; i < game.chain_count; ++i) {
        if (state.chains[i].last_change != kAddPaper + 1 ||
            state.chains[i].last_recovery != kRecoverOnce + 1) {
            return false;
        }
    }
    return true;
}

bool disagree_after_change(const ChainsGame& game, const ChainsState& state) {
    return have_changed_since(game, state) &&
           differ(game, state, [](const Chain& chain) { return chain.config_id; });
}

std::vector<ChainsClaim> all_claims() {
    return {{"all chains can apply the same recovery", true, have_recovered},
            {"chains that applied the same recovery last have other keys", false, disagree_on_keys},
            {"or another configId", false, disagree_on_id}};
}

ChainsStory any_order(const Variant& variant, const Scale& scale) {
    ChainsGame game = make_chains(variant, 2, kFirstRecovery);
    game.approvals = {policy(game, kAddPaper, {}, 0), recovery(game, kRecoverOnce, 0),
                      recovery(game, kRecoverAgain, 1), cancellation(game, kCancelRule, {}, 0),
                      withdrawal(0)};
    if (scale.is_thorough) {
        game.approvals.push_back(policy(game, kReplacePhone, {kAddPaper}, 0));
        game.approvals.push_back(cancellation(game, kTwoRule, {}, 0));
        game.approvals.push_back(cancellation(game, kCancelRule, {kAddPaper}, 0));
    }
    std::vector<ChainsClaim> claims = all_claims();
    claims.push_back({"a withdrawal reaches a chain that never saw the proposal", true,
                      [](const ChainsGame&, const ChainsState& state) {
                          return (state.chains[0].accepted & 0x12) == 0x10;
                      }});
    return {"two chains, changes, recoveries and cancels in any order", game, claims};
}

// One chain saw a change before the recovery, the other did not; then one change for both.
ChainsStory change_after_recovery(const Variant& variant) {
    ChainsGame game = make_chains(variant, 2, kFirstRecovery);
    game.approvals = {policy(game, kAddPaper, {}, 0), recovery(game, kRecoverOnce, 0),
                      policy(game, kAddPaper, {kRecoverOnce}, 0)};
    game.approvals[2].parties = kFreshPhone | kLaptop;
    std::vector<ChainsClaim> claims = all_claims();
    claims.push_back({"one approval changes both afterwards", true, have_changed_since});
    claims.push_back({"and they drift apart again", false, disagree_after_change});
    return {"two chains with other pasts, a recovery and a change after it", game, claims};
}

ChainsStory three_chains(const Variant& variant, const Scale& scale) {
    ChainsGame game = make_chains(variant, 3, kFirstRecovery);
    game.approvals = {policy(game, kAddPaper, {}, 0), recovery(game, kRecoverOnce, 0)};
    if (scale.is_thorough) {
        game.approvals.push_back(cancellation(game, kTwoRule, {}, 0));
        game.approvals.push_back(recovery(game, kRecoverAgain, 1));
    }
    return {"three chains, one of them late", game, all_claims()};
}

ChainsStory one_chain(const Variant& variant) {
    ChainsGame game = make_chains(variant, 1, kFirstRecovery);
    game.approvals = {policy(game, kAddPaper, {}, 0),
                      policy(game, kReplacePhone, {kAddPaper}, 0),
                      recovery(game, kRecoverOnce, 0),
                      recovery(game, kRecoverAgain, 1),
                      recovery(game, kRecoverOnce, 2),
                      cancellation(game, kCancelRule, {}, 0),
                      cancellation(game, kCancelRule, {kAddPaper}, 0),
                      cancellation(game, kTwoRule, {}, 0),
                      cancellation(game, kTwoRule, {}, 1),
                      withdrawal(0),
                      withdrawal(1),
                      freezing(0),
                      freezing(1),
                      freezing(2)};
    return {"one chain, every approval at any time", game, {}};
}

}  // namespace

ChainsStory returning_recovery(const Variant& variant, bool has_fresh_salt) {
    // The same recovery part with another salt is another commitment.
    constexpr uint8_t kSaltedAnew = 7;
    ChainsGame game = make_chains(variant, 1, has_fresh_salt ? kSaltedAnew : kFirstRecovery);
    game.approvals = {policy(game, kNewGuardian, {}, 0),
                      policy(game, kOldGuardian, {kNewGuardian}, 0),
                      recovery(game, kRecoverOnce, 0),
                      withdrawal(0),
                      freezing(0),
                      freezing(1)};
    return {has_fresh_salt ? "the recovery part comes back with a fresh salt"
                           : "the recovery commitment comes back",
            game,
            {}};
}

std::vector<ChainsStory> chains_stories(const Variant& variant, const Scale& scale) {
    return {one_chain(variant),
            any_order(variant, scale),
            change_after_recovery(variant),
            three_chains(variant, scale),
            returning_recovery(variant, true),
            returning_recovery(variant, false)};
}

}  // namespace latchkey::waiting_model
