// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/history.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "chains/evm/wallet/judge.hpp"
#include "chains/evm/wallet/wire.hpp"
#include "core/base/result_testing.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::evm::wallet {
namespace {

using core::ErrorCode;
using core::testing::filled;

constexpr std::uint64_t kChain = 137;

core::Signer signer(std::uint8_t byte) {
    return core::Signer::secp256k1_eip712(filled<Address>(byte));
}

core::Rule rule(std::uint8_t actions, std::uint16_t mask = 1) {
    core::Rule out;
    out.actions = actions;
    out.mask = mask;
    return out;
}

Bytes recovery_part() {
    core::RecoveryPart part;
    part.signers = {signer(9)};
    core::Rule recover = rule(core::kActionRecover);
    recover.wait = core::Wait{core::kDay, core::Tie::kOwner};
    part.rules = {recover, recover};
    part.rules[1].wait->delay_seconds *= 2;
    part.after.rules = {rule(core::kActionExecute | core::kActionPolicy)};
    part.salt[0] = 1;
    return core::encode(part).value();
}

/// Two rules that grant; the second one is of the second signer.
core::Configuration configuration(std::uint8_t first = 1, std::uint8_t second = 2) {
    core::Configuration out;
    out.signers = {signer(first), signer(second)};
    out.rules = {rule(core::kActionExecute | core::kActionGrant | core::kActionPolicy),
                 rule(core::kActionExecute | core::kActionGrant, 2)};
    out.recovery = core::commitment_of(recovery_part(), 72);
    return out;
}
Bytes shared_of(const core::Configuration& one) {
    return core::encode(one).value();
}

Bytes local_rule(std::uint8_t byte) {
    core::LocalRule out;
    out.signers = {signer(byte)};
    out.rule = rule(core::kActionExecute);
    out.rule.times = core::Times{0, 1000};
    return core::encode(out).value();
}

Deployment deployment() {
    Deployment out;
    out.program = filled<Hash32>(0x50);
    out.factory = filled<Address>(0x11);
    out.wallet = filled<Address>(0x22);
    return out;
}

WalletHandle handle() {
    const auto made = core::find_salt(configuration(), deployment().program).value();
    return WalletHandle::from_genesis(made.genesis, deployment(), kChain).value();
}

/// What contracts would emit and store.
class Life {
  public:
    WalletHandle wallet = handle();
    std::vector<WalletEvent> events;
    StoredState stored;
    /// The lists that are stored, by the rules of the present configuration.
    std::map<core::RuleId, std::vector<core::LocalRuleId>> lists;

    Life() { stored.config_id = core::first_config_id(wallet.id()); }

    void change(const Bytes& shared) {
        configure(core::next_config_id(wallet.id(), stored.config_id, shared), shared);
    }
    void recover(std::uint8_t by, std::uint32_t epoch, const Bytes& shared) {
        stored.recovery_records = {
            {.rule = static_cast<std::uint8_t>(core::kRecoveryRule | by), .epoch = epoch + 1}};
        end_lists({});
        configure(
            core::recovered_config_id(wallet.id(), *configuration().recovery, by, epoch, shared),
            shared);
    }
    core::LocalRuleId grant(const Bytes& shared, std::size_t by, const Bytes& local) {
        const core::RuleId granting = core::rule_id_of(shared, by).value();
        const std::uint32_t version = ++stored.hot.local_version;
        const auto id = core::local_rule_id_of(wallet.id(), stored.config_id, version, local);
        add(Granted{id, granting, version, local});
        lists[granting].push_back(id);
        ++stored.hot.local_rules;
        return id;
    }
    void revoke(const Bytes& shared, std::size_t by, const core::LocalRuleId& id) {
        const core::RuleId granting = core::rule_id_of(shared, by).value();
        add(Revoked{id, granting});
        std::erase(lists[granting], id);
        ++stored.hot.local_version;
        --stored.hot.local_rules;
    }
    void add(Event event) {
        const auto number = static_cast<std::uint8_t>(events.size() + 1);
        events.push_back({std::move(event), filled<Hash32>(number)});
    }
    /// Lists of rules that are not among these end.
    void end_lists(const std::vector<core::RuleId>& kept) {
        for (auto& [of, list] : lists) {
            if (std::find(kept.begin(), kept.end(), of) == kept.end()) {
                stored.hot.local_version += static_cast<std::uint32_t>(list.size());
                stored.hot.local_rules -= static_cast<std::uint8_t>(list.size());
                list.clear();
            }
        }
    }

    Result<History> replayed() const { return replay(wallet, events, stored); }

  private:
    void configure(const core::ConfigId& id, const Bytes& shared) {
        std::vector<core::RuleId> kept;
        for (std::size_t i = 0; core::rule_id_of(shared, i); ++i) {
            kept.push_back(*core::rule_id_of(shared, i));
        }
        end_lists(kept);
        stored.config_id = id;
        ++stored.hot.number;
        stored.hot.is_configured = true;
        add(Configured{id, wallet.id(), stored.hot.number, shared});
    }
};

const Bytes kSecond = shared_of(configuration(1, 3));

/// Sessions of both rules, a change that ends the second rule's, one more session, a recovery, and
/// a change.
Life long_life() {
    Life out;
    const Bytes first = core::to_bytes(out.wallet.genesis_shared());
    out.grant(first, 0, local_rule(20));
    out.grant(first, 1, local_rule(21));
    const auto ended = out.grant(first, 0, local_rule(22));
    out.revoke(first, 0, ended);
    out.grant(first, 0, local_rule(23));
    out.change(kSecond);
    out.grant(kSecond, 1, local_rule(24));
    out.recover(1, 2, kSecond);
    out.change(first);
    out.grant(first, 1, local_rule(25));
    out.grant(first, 1, local_rule(26));
    return out;
}

TEST(WalletHandle, IsWhatTheGenesisSays) {
    const WalletHandle wallet = handle();
    EXPECT_EQ(wallet.address(), wallet_address(deployment(), wallet.id()));
    EXPECT_EQ(wallet.id(), core::wallet_id_of(wallet.genesis(), deployment().program));
    EXPECT_EQ(wallet.chain(), kChain);
    EXPECT_EQ(core::to_bytes(wallet.genesis_shared()), shared_of(configuration()));
    EXPECT_EQ(wallet.genesis_configuration(), configuration());
    Bytes genesis = wallet.genesis();
    genesis.push_back(0);
    EXPECT_ERROR(ErrorCode::kRefusedByModel,
                 WalletHandle::from_genesis(genesis, deployment(), kChain));
    // The smallest salt that works: if there are smaller ones, they do not.
    genesis = wallet.genesis();
    while (core::identity_of(genesis, deployment().program)) {
        ++genesis.back();
    }
    EXPECT_ERROR(ErrorCode::kIdentityOnCurve,
                 WalletHandle::from_genesis(genesis, deployment(), kChain));
}

TEST(WalletHandle, StandsInItsGenesis) {
    const WalletHandle wallet = handle();
    const WalletSnapshot found = in_genesis(wallet);
    EXPECT_FALSE(found.is_made);
    EXPECT_EQ(Hash32(found.config_id.array()), Hash32(wallet.id().array()));
    EXPECT_EQ(found.source, Source(GenesisSource{wallet.genesis()}));
    EXPECT_EQ(found.configuration, configuration());
    EXPECT_EQ(found.counters.size(), 2U);
    ASSERT_EQ(found.past.size(), 1U);
    EXPECT_EQ(found.past[0].source, found.source);
}

TEST(History, BeginsWithTheGenesis) {
    const Life life;
    const auto found = life.replayed();
    ASSERT_OK(found);
    EXPECT_EQ(found->past.size(), 1U);
    EXPECT_TRUE(found->granted.empty());
}

TEST(History, LeadsToWhatIsStored) {
    const Life life = long_life();
    const auto found = life.replayed();
    ASSERT_OK(found);
    const Bytes first = shared_of(configuration());
    EXPECT_EQ(found->shared, first);
    ASSERT_EQ(found->past.size(), 4U);
    EXPECT_EQ(found->past[1].source, Source(PolicySource{kSecond, life.wallet.id(),
                                                         core::first_config_id(life.wallet.id())}));
    EXPECT_EQ(
        found->past[2].source,
        Source(RecoverySource{kSecond, life.wallet.id(), configuration().recovery->bytes(), 1, 2}));
    EXPECT_EQ(found->past[3].source,
              Source(PolicySource{first, life.wallet.id(), found->past[2].id}));
    EXPECT_EQ(found->past[3].id, life.stored.config_id);
    EXPECT_EQ(found->past[3].configuration, configuration());
    EXPECT_EQ(found->past[1].transaction, life.events[5].transaction);
}

TEST(History, KnowsTheSessions) {
    const Life life = long_life();
    const auto found = life.replayed();
    ASSERT_OK(found);
    for (std::uint8_t by = 0; by < 2; ++by) {
        const auto granting = core::rule_id_of(found->shared, by).value();
        const auto& ids = life.lists.at(granting);
        EXPECT_EQ(ids.size(), by == 0 ? 0U : 2U);
        const auto sessions = sessions_of(life.wallet, *found, by, local_list_word(ids));
        ASSERT_OK(sessions);
        ASSERT_EQ(sessions->size(), ids.size());
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const Session& one = (*sessions)[i];
            EXPECT_EQ(one.id, ids[i]);
            EXPECT_EQ(one.granting_rule, by);
            EXPECT_EQ(one.source.place, i);
            EXPECT_EQ(one.source.others, std::vector{ids[1 - i]});
            EXPECT_EQ(one.source.config_id, life.stored.config_id);
            EXPECT_EQ(Hash32(one.id.array()), *parent_of({one.source, 0, {}}, life.wallet.id()));
            EXPECT_EQ(one.source.local_rule, local_rule(static_cast<std::uint8_t>(25 + i)));
        }
        const auto other = local_list_word(std::vector{core::LocalRuleId()});
        EXPECT_ERROR(ErrorCode::kNodeMalformed, sessions_of(life.wallet, *found, by, other));
    }
    EXPECT_ERROR(ErrorCode::kRefusedByModel, sessions_of(life.wallet, *found, 2, Hash32()));
}

TEST(History, MissesNothing) {
    const Life life = long_life();
    for (std::size_t i = 0; i < life.events.size(); ++i) {
        Life other = life;
        other.events.erase(other.events.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_ERROR(ErrorCode::kNodeMalformed, other.replayed()) << "without " << i;
        other = life;
        other.events.insert(other.events.begin() + static_cast<std::ptrdiff_t>(i), life.events[i]);
        EXPECT_ERROR(ErrorCode::kNodeMalformed, other.replayed()) << "twice " << i;
        if (i != 0) {
            other = life;
            std::swap(other.events[i - 1], other.events[i]);
            EXPECT_ERROR(ErrorCode::kNodeMalformed, other.replayed()) << "swapped " << i;
        }
    }
}

TEST(History, CannotBeMadeUp) {
    const Life life = long_life();
    const auto forge = [&](const std::function<bool(Event&)>& change) {
        for (std::size_t i = 0; i < life.events.size(); ++i) {
            Life other = life;
            if (change(other.events[i].event)) {
                EXPECT_ERROR(ErrorCode::kNodeMalformed, other.replayed()) << i;
            }
        }
    };
    const auto configured = [&](const std::function<void(Configured&)>& change) {
        forge([&](Event& event) {
            auto* one = std::get_if<Configured>(&event);
            return one != nullptr && (change(*one), true);
        });
    };
    configured([](Configured& one) { one.shared = shared_of(configuration(1, 99)); });
    configured([](Configured& one) { one.shared.push_back(0); });
    configured([](Configured& one) { one.configuration[0] ^= 1; });
    configured([](Configured& one) { one.wallet[0] ^= 1; });
    configured([](Configured& one) { ++one.number; });
    configured([](Configured& one) { --one.number; });
    const auto granted = [&](const std::function<void(Granted&)>& change) {
        forge([&](Event& event) {
            auto* one = std::get_if<Granted>(&event);
            return one != nullptr && (change(*one), true);
        });
    };
    granted([](Granted& one) { one.local_rule = local_rule(99); });
    granted([](Granted& one) { one.local_rule_id[0] ^= 1; });
    granted([](Granted& one) { ++one.version; });
    forge([](Event& event) {
        auto* one = std::get_if<Revoked>(&event);
        return one != nullptr && (one->local_rule_id[0] ^= 1, true);
    });
    // Whose session it is no id says, but the lists do.
    Life other = long_life();
    std::get<Granted>(other.events.back().event).rule_id = core::rule_id_of(kSecond, 0).value();
    const auto found = other.replayed();
    ASSERT_OK(found);
    const auto& ids = other.lists.at(core::rule_id_of(found->shared, 1).value());
    EXPECT_ERROR(ErrorCode::kNodeMalformed,
                 sessions_of(other.wallet, *found, 1, local_list_word(ids)));
}

TEST(History, MustFitWhatIsStored) {
    const auto refuses = [](const std::function<void(StoredState&)>& change) {
        Life life = long_life();
        change(life.stored);
        EXPECT_ERROR(ErrorCode::kNodeMalformed, life.replayed());
    };
    refuses([](StoredState& stored) { stored.config_id[0] ^= 1; });
    refuses([](StoredState& stored) { ++stored.hot.number; });
    refuses([](StoredState& stored) { ++stored.hot.local_version; });
    refuses([](StoredState& stored) { --stored.hot.local_rules; });
    // A recovery by a rule that has used up no epoch, or by another one.
    refuses([](StoredState& stored) { stored.recovery_records.clear(); });
    refuses([](StoredState& stored) { stored.recovery_records[0].epoch = 2; });
    refuses([](StoredState& stored) { stored.recovery_records[0].rule = core::kRecoveryRule; });
    // Epochs go on after a recovery.
    Life life = long_life();
    life.stored.recovery_records[0].epoch = 9;
    EXPECT_OK(life.replayed());
}

/// The hashes fit, and yet no wallet accepts these bytes.
TEST(History, HasNoConfigurationThatIsRefused) {
    Life life;
    core::Configuration locked = configuration();
    locked.rules.erase(locked.rules.begin());
    life.change(core::encode_unchecked(locked));
    EXPECT_ERROR(ErrorCode::kRefusedByModel, life.replayed());
}

ApprovedAction change(Body body, std::optional<Bytes> part = std::nullopt) {
    ApprovedAction out;
    out.authority.recovery_part = std::move(part);
    out.body = std::move(body);
    return out;
}

TEST(History, KnowsTheChangeThatLedToAConfiguration) {
    const Bytes signers = core::encode_unchecked(std::vector{signer(4)});
    const Bytes recovered =
        recovered_shared(recovery_part(), *configuration().recovery, signers, kChain).value();
    Life life;
    life.change(kSecond);
    life.recover(0, 0, recovered);
    const auto found = life.replayed();
    ASSERT_OK(found);
    const auto& past = found->past;
    const auto leads = [](const ApprovedAction& action, const PastConfiguration& to) {
        return leads_to(action, to, kChain);
    };
    EXPECT_TRUE(leads(change(Policy{7, kSecond}), past[1]));
    EXPECT_FALSE(leads(change(Policy{7, recovered}), past[1]));
    EXPECT_TRUE(leads(change(Recover{0, signers}, recovery_part()), past[2]));
    // To a configuration of the other kind.
    EXPECT_FALSE(leads(change(Policy{7, recovered}), past[2]));
    EXPECT_FALSE(leads(change(Recover{0, signers}, recovery_part()), past[1]));
    const Bytes others = core::encode_unchecked(std::vector{signer(5)});
    EXPECT_FALSE(leads(change(Recover{0, others}, recovery_part()), past[2]));
    EXPECT_FALSE(leads(change(Recover{0, signers}), past[2]));
    EXPECT_FALSE(leads(change(Recover{0, signers}, Bytes()), past[2]));
    Bytes other_part = recovery_part();
    other_part.back() ^= 1;
    EXPECT_FALSE(leads(change(Recover{0, signers}, other_part), past[2]));
    // Changes that lead nowhere.
    EXPECT_FALSE(leads(change(Freeze{0, 0}), past[1]));
    EXPECT_FALSE(leads(change(Cancel{0, 0}), past[2]));
    EXPECT_FALSE(leads(change(Execute{}), past[1]));
}

std::vector<Body> waiting_bodies() {
    return {Execute{{{filled<Address>(1), Uint256(5), {1, 2}}, {filled<Address>(2), {}, {}}}, {}},
            Grant{{}, local_rule(20)}, Policy{3, kSecond},
            Recover{4, core::encode_unchecked(std::vector{signer(4)})},
            Upgrade{filled<Address>(3), filled<Hash32>(4)}};
}

TEST(History, FindsWhatWaits) {
    const WalletHandle wallet = handle();
    std::vector<WalletEvent> events;
    std::vector<core::model::Record> records;
    for (const Body& body : waiting_bodies()) {
        const Hash32 digest = waiting_digest(body, kChain, wallet.address());
        core::model::Record record;
        record.action = action_number(body);
        record.digest = digest;
        records.push_back(record);
        events.push_back(
            {Proposed{0, record.action, 1, 1000, digest, waiting_body(body)}, Hash32()});
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
        EXPECT_EQ(find_proposed(wallet, events, records[i]), waiting_bodies()[i]);
        core::model::Record other = records[i];
        other.digest[0] ^= 1;
        EXPECT_EQ(find_proposed(wallet, events, other), std::nullopt);
        // The bytes must be those of the digest.
        std::vector<WalletEvent> forged = events;
        std::get<Proposed>(forged[i].event).body = waiting_body(Execute());
        EXPECT_EQ(find_proposed(wallet, forged, records[i]), std::nullopt);
        forged = events;
        std::get<Proposed>(forged[i].event).body.push_back(0);
        EXPECT_EQ(find_proposed(wallet, forged, records[i]), std::nullopt);
    }
}

TEST(Waiting, BodiesAreReadAsTheyAreWritten) {
    for (const Body& body : waiting_bodies()) {
        const std::uint8_t number = action_number(body);
        Bytes written = waiting_body(body);
        EXPECT_EQ(decode_waiting_body(number, written), body);
        written.push_back(0);
        EXPECT_ERROR(ErrorCode::kTrailingBytes, decode_waiting_body(number, written));
        written.resize(written.size() - 2);
        EXPECT_ERROR(ErrorCode::kUnexpectedEnd, decode_waiting_body(number, written));
    }
    for (const int number : {0, 3, 5, 11, 13, 16}) {
        EXPECT_ERROR(ErrorCode::kUnsupported,
                     decode_waiting_body(static_cast<std::uint8_t>(number), Bytes(8)));
    }
}

}  // namespace
}  // namespace latchkey::evm::wallet
