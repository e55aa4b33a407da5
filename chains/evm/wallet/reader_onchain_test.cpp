// SPDX-License-Identifier: Apache-2.0
// What a reader makes of a node's answers is the model's state, after every action.
#include <gtest/gtest.h>

#include <set>

#include "chains/evm/wallet/events.hpp"
#include "chains/evm/wallet/long_form.hpp"
#include "chains/evm/wallet/onchain_testing.hpp"
#include "chains/evm/wallet/pending.hpp"
#include "chains/evm/wallet/wallet_reader.hpp"
#include "core/base/result_testing.hpp"
#include "core/wallet/key_checker.hpp"
#include "core/wallet/model_steps.hpp"

namespace latchkey::evm::wallet {
namespace {

using core::ErrorCode;
using core::Verdict;

/// How many proposals were compared.
std::size_t waiting_seen = 0;

/// Every record, shared rules first.
std::vector<core::model::Record> sorted(std::vector<core::model::Record> records) {
    std::sort(records.begin(), records.end(),
              [](const auto& a, const auto& b) { return a.rule < b.rule; });
    return records;
}

void compare_sessions(const WalletSnapshot& found, const testing::Author& author) {
    const auto& state = *author.world.wallet.state;
    std::size_t count = 0;
    for (const auto& slot : state.slots) {
        if (!slot) {
            continue;
        }
        ++count;
        const auto one =
            std::find_if(found.sessions.begin(), found.sessions.end(),
                         [&](const Session& session) { return session.id == slot->id; });
        ASSERT_NE(one, found.sessions.end());
        const Authority authority = author.session(slot->granting_rule, one->source.place);
        EXPECT_EQ(one->source, std::get<LocalSource>(authority.source));
        EXPECT_EQ(one->granting_rule, slot->granting_rule);
        EXPECT_EQ(core::encode_unchecked(one->rule), slot->local_rule);
        EXPECT_EQ(one->sequence, model::sequence_of(author.world, authority, {}));
        EXPECT_EQ(one->counters, slot->counters);
    }
    EXPECT_EQ(found.sessions.size(), count);
}

void compare_proposals(const WalletSnapshot& found, const testing::Author& author) {
    std::size_t count = 0;
    for (const core::model::Record& record : found.records) {
        if (record.action == 0) {
            continue;
        }
        ASSERT_LT(count, found.proposals.size());
        const Proposal& one = found.proposals[count++];
        EXPECT_EQ(one.record, record);
        ASSERT_TRUE(one.body.has_value());
        EXPECT_EQ(action_number(*one.body), record.action);
        EXPECT_EQ(waiting_digest(*one.body, author.world.chain, author.world.address),
                  record.digest);
    }
    EXPECT_EQ(found.proposals.size(), count);
}

/// The model applies what waits from the one time to the other.
void compare_times(const WalletSnapshot& found, const testing::Author& author) {
    const std::uint64_t now = author.chain.now;
    core::model::World copy = author.world.wallet;
    EXPECT_EQ(frozen_until(found, now).has_value(), core::model::is_frozen(copy, now, false));
    for (const PendingAction& one : pending_actions(found, now)) {
        const std::uint8_t name = one.proposal.record.rule;
        const bool is_shared = (name & core::kRecoveryRule) == 0;
        const auto rule = static_cast<std::uint8_t>(name & ~core::kRecoveryRule);
        const ApplyAction action{is_shared ? author.shared(rule) : author.recovery(rule),
                                 one.proposal.body.value()};
        const auto at = [&](std::uint64_t time) {
            model::World world = author.world;
            model::Chain chain = author.chain;
            chain.now = time;
            return model::apply(world, action, chain);
        };
        const auto is_early = [&](std::uint64_t time) {
            const Verdict verdict = at(time);
            return verdict == Verdict::kTooEarly || verdict == Verdict::kRecoveryUnderWay;
        };
        // A recovery may last longer than the proposal.
        EXPECT_EQ(is_early(one.earliest - 1), one.earliest - 1 <= one.latest)
            << core::verdict_name(at(one.earliest - 1));
        EXPECT_FALSE(is_early(one.earliest)) << core::verdict_name(at(one.earliest));
        EXPECT_NE(at(one.latest), Verdict::kProposalExpired);
        EXPECT_EQ(at(one.latest + 1), Verdict::kProposalExpired);
        EXPECT_EQ(one.proposed_at.has_value(), is_shared);
        EXPECT_LE(one.proposed_at.value_or(0), now);
        ++waiting_seen;
    }
}

void compare(const WalletSnapshot& found, const testing::Author& author,
             const std::vector<Source>& sources) {
    const auto& state = *author.world.wallet.state;
    EXPECT_TRUE(found.is_made);
    EXPECT_EQ(found.hot.sequence, author.world.sequence);
    EXPECT_EQ(found.hot.number, state.sequence);
    EXPECT_EQ(found.hot.local_version, state.local_version);
    EXPECT_EQ(found.config_id, state.config_id);
    EXPECT_EQ(found.source, author.source);
    EXPECT_EQ(found.shared, state.shared);
    EXPECT_EQ(core::encode_unchecked(found.configuration), state.shared);
    EXPECT_EQ(found.records, sorted(state.records));
    std::vector<core::model::Counter> counters;
    for (const auto& of_rule : found.counters) {
        counters.insert(counters.end(), of_rule.begin(), of_rule.end());
    }
    EXPECT_EQ(counters, state.counters);
    compare_sessions(found, author);
    compare_proposals(found, author);
    compare_times(found, author);
    ASSERT_EQ(found.past.size(), sources.size());
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const PastConfiguration& one = found.past[i];
        EXPECT_EQ(one.number, i);
        EXPECT_EQ(one.source, sources[i]);
        EXPECT_EQ(Hash32(one.id.array()), *parent_of({one.source, 0, {}}, found.wallet.id()));
        EXPECT_EQ(one.transaction.has_value(), i != 0);
    }
}

/// Reads the wallet after every action.
class ReaderStage : public testing::NodeStage {
  public:
    ReaderStage(testing::Node& node, const Deployment& deployment, const Address& sender,
                const Address& token)
        : NodeStage(node, deployment, sender, token),
          wallet_(
              WalletHandle::from_genesis(author.world.wallet.genesis, deployment, testing::kChainId)
                  .value()),
          sources_{author.source} {}

    const WalletHandle& handle() const { return wallet_; }
    Result<WalletSnapshot> read(const ReaderOptions& options) {
        return node().run(fetch_wallet(node().rpc(), wallet_, options));
    }

    /// The past, at the blocks that were the latest.
    void look_back() {
        for (const Moment& moment : moments_) {
            ReaderOptions options;
            options.at = moment.block;
            const auto found = read(options);
            ASSERT_OK(found);
            EXPECT_EQ(found->time, moment.author.chain.now);
            compare(*found, moment.author, moment.sources);
        }
        EXPECT_FALSE(moments_.empty());
    }

  protected:
    void after_step(const Action& action, Verdict verdict) override {
        if (verdict != Verdict::kAccepted) {
            return;
        }
        ASSERT_TRUE(send(encode_long_form(action).value()));
        if (author.source != sources_.back()) {
            sources_.push_back(author.source);
        }
        ReaderOptions options;
        // Ranges of all sizes, and sometimes a node that refuses.
        options.largest_range = std::uint64_t{1} << (++count_ * 7 % 64);
        options.smallest_range = 1;
        node().logs().most = count_ % 3 == 0 ? 5 : ~std::uint64_t{0};
        const auto found = read(options);
        node().logs().most = ~std::uint64_t{0};
        if (author.world.implementation) {
            EXPECT_ERROR(ErrorCode::kUnsupported, found);
            return;
        }
        ASSERT_OK(found);
        compare(*found, author, sources_);
        if (count_ % 8 == 0) {
            moments_.push_back({found->block_number, author, sources_});
        }
        for (const auto& [lane, sequence] : author.world.lanes) {
            EXPECT_EQ(node().run(fetch_sequence(node().rpc(), wallet_, lane)), sequence);
        }
        EXPECT_EQ(node().run(fetch_sequence(node().rpc(), wallet_, 0)), author.world.sequence);
    }

  private:
    struct Moment {
        std::uint64_t block;
        testing::Author author;
        std::vector<Source> sources;
    };

    WalletHandle wallet_;
    /// Of each configuration so far.
    std::vector<Source> sources_;
    std::vector<Moment> moments_{};
    std::uint64_t count_ = 0;
};

using Reader = testing::OnChain;

TEST_F(Reader, SeesAWalletThatIsNotThere) {
    ReaderStage stage(*node, deployment, sender, token);
    const auto found = stage.read({});
    ASSERT_OK(found);
    EXPECT_FALSE(found->is_made);
    EXPECT_EQ(found->shared, stage.author.world.wallet.state->shared);
    EXPECT_NE(found->block_number, 0U);
    open(stage);
    const auto made = stage.read({});
    ASSERT_OK(made);
    compare(*made, stage.author, {stage.author.source});
}

/// A change has no nonce of its own.
TEST_F(Reader, SeesWhatWaitsWhileTheFirstWordIsZero) {
    ReaderStage stage(*node, deployment, sender, token);
    open(stage);
    constexpr std::uint8_t kChange = 4;
    const Policy policy{0, stage.author.world.wallet.state->shared};
    stage.step(stage.author.approve(stage.author.shared(kChange), policy, {3}), Verdict::kAccepted,
               "it waits");
    const auto found = stage.read({});
    ASSERT_OK(found);
    EXPECT_EQ(found->hot, HotWord());
    ASSERT_EQ(found->proposals.size(), 1U);
    EXPECT_EQ(found->proposals[0].body, Body(policy));
}

TEST_F(Reader, FollowsCalls) {
    ReaderStage stage(*node, deployment, sender, token);
    open(stage);
    testing::play_calls(stage);
    stage.look_back();
}

TEST_F(Reader, FollowsChanges) {
    ReaderStage stage(*node, deployment, sender, token);
    open(stage);
    waiting_seen = 0;
    testing::play_changes(stage);
    EXPECT_GT(waiting_seen, 10U);
    stage.look_back();
    // Every event of the contracts is known.
    LogFilter all;
    all.from = std::uint64_t{0};
    all.to = node->run(node->rpc().get_block_number()).value();
    all.addresses = {stage.wallet()};
    const auto logs = node->run(node->rpc().get_logs(all));
    ASSERT_OK(logs);
    std::set<std::size_t> kinds;
    for (const Log& log : *logs) {
        const auto event = decode_event(log);
        ASSERT_OK(event);
        ASSERT_TRUE(event->has_value());
        kinds.insert((*event)->index());
    }
    const std::set<std::size_t> expected{Event(Configured()).index(), Event(Proposed()).index(),
                                         Event(Applied()).index(),    Event(Cancelled()).index(),
                                         Event(Frozen()).index(),     Event(Unfrozen()).index(),
                                         Event(Upgraded()).index()};
    EXPECT_TRUE(std::includes(kinds.begin(), kinds.end(), expected.begin(), expected.end()));
}

/// LATCHKEY_SEED chooses other walks.
TEST_F(Reader, FollowsWhateverHappens) {
    const char* const chosen = std::getenv("LATCHKEY_SEED");
    const auto seed = static_cast<std::uint32_t>(chosen == nullptr ? 2 : std::atoi(chosen));
    ReaderStage stage(*node, deployment, sender, token);
    open(stage);
    testing::play_at_random(stage, seed, 150);
    stage.look_back();
    EXPECT_NE(node->logs().refused, 0U);
}

/// A node that keeps too few logs, and one that gives too few at once.
TEST_F(Reader, SaysWhatIsMissing) {
    ReaderStage stage(*node, deployment, sender, token);
    open(stage);
    testing::play_calls(stage);
    const auto whole = stage.read({});
    ASSERT_OK(whole);
    ASSERT_FALSE(whole->sessions.empty());
    ReaderOptions late;
    late.first_block = ~std::uint64_t{0};
    EXPECT_ERROR(ErrorCode::kNodeMalformed, stage.read(late));
    node->logs().most = 5;
    EXPECT_ERROR(ErrorCode::kNodeRejected, stage.read({}));
}

}  // namespace
}  // namespace latchkey::evm::wallet
