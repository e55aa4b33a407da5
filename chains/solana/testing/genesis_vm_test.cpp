// SPDX-License-Identifier: Apache-2.0
// Law 7 on the real VM while a wallet has no state: its genesis is known by hash only, so whatever
// is wrong with it is found by the action that carries it.
#include "chains/solana/layout/instruction_layout.hpp"
#include "chains/solana/testing/forge.hpp"
#include "chains/solana/testing/laws_testing.hpp"

namespace latchkey::solana::testing {
namespace {

class GenesisMode : public Laws {
  protected:
    // Head, approval, account of the signature, genesis: header, counts, a signer without its key,
    // a signer with it, actions, quorum, mask, recovery hash, salt.
    static constexpr std::size_t kGenesisAt = 3;
    static constexpr std::size_t kRuleAt = kGenesisAt + 2 + 1 + 33 + 3 + 32 + 1;

    void SetUp() override {
        Laws::SetUp();
        wallet_.emplace(chain(), std::vector<TestSigner>{key(900), key(901)},
                        std::vector<core::Rule>{plain_rule(kEverything, 3)});
        wallet_->fund(100 * kSol);
    }
    Attempt good() { return transfer(*wallet_, UseTransaction{}); }
    SendResult good_but(const std::function<void(Bytes&)>& change) {
        Attempt attempt = good();
        change(attempt.data());
        return chain().send(attempt);
    }

    /// An action of a wallet whose genesis no client makes; its addresses belong to these bytes.
    static SendResult of_genesis(const Bytes& genesis, const Body& body) {
        Keyring keyring;
        keyring.add(TestSigner::ed25519(902));
        const core::Hash32 program = to_hash(chain().deployment().program);
        const core::WalletId id = core::wallet_id_of(genesis, program);
        const Forge forge({chain().deployment().program, chain().deployment().cluster, genesis, id,
                           to_address(core::vault_of(id, program))},
                          keyring);
        Draft draft;
        draft.body = body;
        return chain().send(forge.build(draft).instructions);
    }
    static Bytes genesis_of(const core::Rule& rule) {
        core::Configuration configuration;
        configuration.signers = {key(902).entry()};
        configuration.rules = {rule};
        return core::encode_unchecked(core::Genesis{configuration, {7}});
    }

    std::optional<WalletUnderTest> wallet_;
};

TEST_F(GenesisMode, EveryPrefixIsTooShort) {
    const Attempt whole = good();
    ASSERT_EQ(whole.instructions[0].data.at(kRuleAt), 0);
    const auto prefix = [&](std::size_t size) {
        Attempt attempt = whole;
        attempt.data().resize(size);
        return chain().send(attempt);
    };
    for (std::size_t size = 0; size <= kGenesisAt; ++size) {
        EXPECT_REFUSED(kDataTooShort, prefix(size)) << size;
    }
    // Header, counts and the first signer's kind say how to read on.
    for (std::size_t size = kGenesisAt + 1; size < kGenesisAt + 3; ++size) {
        EXPECT_FALSE(prefix(size).ok) << size;
    }
    for (std::size_t size = kGenesisAt + 3; size <= kRuleAt; ++size) {
        EXPECT_REFUSED(kConfigurationTruncated, prefix(size)) << size;
    }
    expect_untouched(*wallet_);
    EXPECT_ACCEPTED(chain().send(whole));
}

TEST_F(GenesisMode, LengthsThatLeadBeyondTheEnd) {
    // A passkey's client data of 65,535 bytes.
    EXPECT_REFUSED(kDataTooShort, good_but([](Bytes& b) {
                       b[1] = 0x70;
                       b[2] = b[3] = 0xff;
                   }));
    // Sixteen signers, sixteen rules.
    EXPECT_REFUSED(kConfigurationTruncated, good_but([](Bytes& b) { b[kGenesisAt + 1] = 0x0f; }));
    EXPECT_REFUSED(kConfigurationTruncated, good_but([](Bytes& b) { b[kGenesisAt + 1] = 0xf1; }));
    EXPECT_ACCEPTED(chain().send(good()));
}

TEST_F(GenesisMode, FieldsThatSayWhatTheGenesisDoesNot) {
    for (const std::uint8_t bits : Bytes{0x08, 0x20, 0x30, 0x80}) {
        EXPECT_REFUSED(kConfigurationVersion, good_but([=](Bytes& b) { b[kGenesisAt] ^= bits; }));
    }
    EXPECT_REFUSED(kUnknownRule, good_but([](Bytes& b) { b[kRuleAt] = 1; }));
    EXPECT_REFUSED(kUnknownRule, good_but([](Bytes& b) { b[kRuleAt] = 0x1f; }));
    // Signers that it does not have; then no key is left out.
    const Bytes own_key = TestSigner::ed25519(900).entry().key;
    for (const std::uint8_t signer : Bytes{2, 15}) {
        EXPECT_REFUSED(kSignerNotInRule, good_but([&](Bytes& b) {
                           b[1] = static_cast<std::uint8_t>(0x30 | signer);
                           b.insert(b.begin() + kGenesisAt + 3, own_key.begin(), own_key.end());
                       }));
    }
    // A rule that waits.
    EXPECT_REFUSED(kStateNeeded, good_but([](Bytes& b) {
                       b[kGenesisAt + 2 + 1 + 33 + 1] |= core::kQuorumWait;
                       b.insert(b.begin() + kGenesisAt + 2 + 1 + 33 + 3, 4, 1);
                   }));
    // Only the state knows a recovery part.
    EXPECT_REFUSED(kReservedBits, good_but([](Bytes& b) { b[kRuleAt] |= kRuleRecovery; }));
    // Any other byte of it makes another wallet.
    EXPECT_REFUSED(kStateAddress, good_but([](Bytes& b) { b[kRuleAt - 1] ^= 1; }));
    EXPECT_REFUSED(kStateAddress, good_but([](Bytes& b) { b[kRuleAt - 2] ^= 1; }));
    expect_untouched(*wallet_);
    EXPECT_ACCEPTED(chain().send(good()));
}

TEST_F(GenesisMode, ALaneIsNoUninitialisedState) {
    Attempt bad = good();
    bad.wallet_instruction().accounts[0].address = chain().lane();
    EXPECT_REFUSED(kAccountType, chain().send(bad));
    EXPECT_ACCEPTED(chain().send(good()));
}

TEST_F(GenesisMode, RulesThatNoStateWouldHold) {
    // Messages are for rules without conditions.
    core::Rule timed = plain_rule(kEverything, 1);
    timed.times = core::Times{0, chain().now() + 5};
    EXPECT_REFUSED(kActionNotAllowed, of_genesis(genesis_of(timed), MessageBody{}));
    EXPECT_ACCEPTED(of_genesis(genesis_of(timed), ExecuteBody{}));
    core::Rule scoped = plain_rule(kEverything, 1);
    scoped.scope = {{core::Hash32(), {}}};
    EXPECT_REFUSED(kActionNotAllowed, of_genesis(genesis_of(scoped), MessageBody{}));
    EXPECT_ACCEPTED(of_genesis(genesis_of(scoped), ExecuteBody{}));
    EXPECT_ACCEPTED(of_genesis(genesis_of(plain_rule(kEverything, 1)), MessageBody{}));
}

}  // namespace
}  // namespace latchkey::solana::testing
