// SPDX-License-Identifier: Apache-2.0
// execute, from genesis and from state, with every signer kind, form of evidence and nonce.
#include "chains/solana/program/authorization.hpp"
#include "chains/solana/program/program_testing.hpp"

namespace latchkey::solana::testing {
namespace {

class ExecuteTest : public ProgramTest {
  protected:
    /// `signer` alone moves 1 SOL out of a wallet of its own, and the same again is refused.
    void expect_moves(const core::Signer& signer, const ForgedApproval& approval,
                      const Nonce& nonce, bool has_state) {
        core::Configuration configuration = open_configuration({signer});
        if (has_state) {
            // Another wallet than the one before.
            configuration.recovery.emplace();
            configuration.recovery->hash.span()[0] = ++wallets_;
        }
        const Forge forge = world_.make_wallet(configuration);
        if (has_state) {
            ASSERT_ACCEPTED(world_.create_state(forge));
        }
        Draft draft = approved_by(transfer(kLamports, nonce), {approval});
        draft.from_genesis = !has_state;
        const std::uint64_t before = world_.vault_lamports(forge);
        const std::uint64_t received = world_.chain().lamports(to_);
        const Forged forged = world_.forge(forge, draft);
        ASSERT_ACCEPTED(world_.send(forged.instructions));
        EXPECT_EQ(world_.vault_lamports(forge), before - kLamports);
        EXPECT_EQ(world_.chain().lamports(to_), received + kLamports);
        if (std::holds_alternative<LaneNonce>(nonce)) {
            EXPECT_REFUSED(kNonceUsed, world_.send(forged.instructions));
        } else if (std::holds_alternative<StateNonce>(nonce)) {
            EXPECT_REFUSED(kStateNonce, world_.send(forged.instructions));
        }
    }
    void expect_moves_everywhere(const TestSigner& signer, const ForgedApproval& approval) {
        const core::Signer entry = world_.add(signer);
        expect_moves(entry, approval, world_.lane_nonce(), false);
        expect_moves(entry, approval, world_.lane_nonce(), true);
        expect_moves(entry, approval, StateNonce{0, 0}, true);
        expect_moves(entry, approval, StateNonce{3, 0}, true);
    }

    static constexpr std::uint64_t kLamports = 1'000'000'000;
    std::uint8_t wallets_ = 0;
};

ForgedApproval form(std::uint64_t number) {
    return {0, number, {}};
}

TEST_F(ExecuteTest, ClusterIsTheBuilds) {
    EXPECT_EQ(Bytes(program::latchkey_cluster, program::latchkey_cluster + 32),
              core::to_bytes(local_cluster().view()));
}

TEST_F(ExecuteTest, TransactionSignature) {
    expect_moves_everywhere(ed25519_, form(kFormAccount));
    expect_moves(ed25519_.entry(), {}, TransactionNonce{}, false);
    expect_moves(ed25519_.entry(), {}, TransactionNonce{}, true);
}

TEST_F(ExecuteTest, OffchainMessage) {
    expect_moves_everywhere(ed25519_, form(kFormNone));
}

TEST_F(ExecuteTest, P256) {
    expect_moves_everywhere(p256_, form(kFormNone));
}

TEST_F(ExecuteTest, Passkey) {
    expect_moves_everywhere(passkey_, form(kFormHost));
    expect_moves_everywhere(passkey_, form(kFormRest));
    ForgedApproval android = form(kFormRest);
    android.answer.rest = R"(","origin":"android:apk-key-hash:abc","androidPackageName":"x"})";
    expect_moves_everywhere(passkey_, android);
}

TEST_F(ExecuteTest, RecoveredSignature) {
    expect_moves_everywhere(eip712_, form(kFormRecover));
    expect_moves_everywhere(eip191_, form(kFormRecover));
}

TEST_F(ExecuteTest, PasskeyThatMustVerifyItsUser) {
    const TestSigner strict = TestSigner::passkey(9, "example.com", true);
    expect_moves_everywhere(strict, form(kFormHost));
}

TEST_F(ExecuteTest, FeePayerAsSigner) {
    const Forge forge = world_.make_wallet(open_configuration({world_.payer().entry()}));
    Draft draft = transfer(1);
    EXPECT_ACCEPTED(world_.send(forge, draft));
}

TEST_F(ExecuteTest, AllKindsTogether) {
    const std::vector<core::Signer> signers = {world_.add(ed25519_), world_.add(p256_),
                                               world_.add(passkey_), world_.add(eip712_),
                                               world_.add(eip191_)};
    core::Configuration configuration = open_configuration(signers);
    configuration.rules[0].threshold = 5;
    const Forge forge = world_.make_wallet(configuration);
    ASSERT_ACCEPTED(world_.create_state(forge));
    for (const bool has_state : {false, true}) {
        for (const std::uint64_t ed25519_form : {kFormNone, kFormAccount}) {
            Draft draft = approved_by(
                transfer(1, world_.lane_nonce()),
                {{0, ed25519_form, {}}, {1, {}, {}}, {2, {}, {}}, {3, {}, {}}, {4, {}, {}}});
            draft.from_genesis = !has_state;
            EXPECT_ACCEPTED(world_.send(forge, draft));
            draft.approvals.pop_back();
            draft.nonce = world_.lane_nonce();
            EXPECT_REFUSED(kThresholdNotMet, world_.send(forge, draft));
        }
    }
}

TEST_F(ExecuteTest, TwoPasskeysWithTheSameRest) {
    const std::vector<core::Signer> signers = {world_.add(passkey_),
                                               world_.add(TestSigner::passkey(10))};
    core::Configuration configuration = open_configuration(signers);
    configuration.rules[0].threshold = 2;
    const Forge forge = world_.make_wallet(configuration);
    Draft draft =
        approved_by(transfer(1, world_.lane_nonce()), {{0, kFormHost, {}}, {1, kFormSameRest, {}}});
    EXPECT_ACCEPTED(world_.send(forge, draft));
    draft.nonce = world_.lane_nonce();
    draft.approvals[0].form = kFormRest;
    EXPECT_ACCEPTED(world_.send(forge, draft));
    // Nothing before it to be the same as.
    draft.nonce = world_.lane_nonce();
    draft.approvals[0].form = kFormHost;
    expect_only_change_refused(forge, draft, Verdict::kClientData, [](Forged& bad) {
        bad.data()[1] = kFormSameRest << kApprovalFormShift;
        bad.data().erase(bad.data().begin() + 2, bad.data().begin() + 2 + 1 + 11);
    });
}

TEST_F(ExecuteTest, KeysOfOnePartyCountOnce) {
    std::vector<core::Signer> signers = {world_.add(ed25519_), world_.add(p256_).with_same_party(),
                                         world_.add(passkey_)};
    core::Configuration configuration = open_configuration(signers);
    configuration.rules[0].threshold = 2;
    const Forge forge = world_.make_wallet(configuration);
    ASSERT_ACCEPTED(world_.create_state(forge));
    for (const bool has_state : {false, true}) {
        Draft draft = transfer(1, world_.lane_nonce());
        draft.from_genesis = !has_state;
        EXPECT_REFUSED(kThresholdNotMet,
                       world_.send(forge, approved_by(draft, {{0, {}, {}}, {1, {}, {}}})));
        EXPECT_ACCEPTED(world_.send(forge, approved_by(draft, {{0, {}, {}}, {2, {}, {}}})));
        draft.nonce = world_.lane_nonce();
        EXPECT_ACCEPTED(world_.send(forge, approved_by(draft, {{1, {}, {}}, {2, {}, {}}})));
        draft.nonce = world_.lane_nonce();
        EXPECT_ACCEPTED(
            world_.send(forge, approved_by(draft, {{0, {}, {}}, {1, {}, {}}, {2, {}, {}}})));
    }
}

TEST_F(ExecuteTest, Trees) {
    const Forge forge = world_.make_wallet(open_configuration({world_.add(p256_)}));
    for (std::uint8_t height = 1; height <= core::kMaximumTreeHeight; ++height) {
        for (const unsigned index : {0U, 1U, (1U << height) - 1}) {
            Draft draft = transfer(1, world_.lane_nonce());
            draft.tree_height = height;
            draft.tree_index = static_cast<std::uint8_t>(index);
            SCOPED_TRACE(std::to_string(height) + " " + std::to_string(index));
            EXPECT_ACCEPTED(world_.send(forge, draft));
        }
    }
    Draft draft = transfer(1, world_.lane_nonce());
    draft.tree_height = 3;
    draft.tree_index = 5;
    expect_only_change_refused(forge, draft, Verdict::kApprovalTree,
                               [](Forged& bad) { bad.data()[3] = 8; });
}

TEST_F(ExecuteTest, Deadline) {
    const Forge forge = world_.make_wallet(open_configuration({world_.add(ed25519_)}));
    Draft draft = transfer(1);
    draft.deadline = world_.now();
    EXPECT_ACCEPTED(world_.send(forge, draft));
    draft.deadline = world_.now() - 1;
    EXPECT_REFUSED(kDeadlinePassed, world_.send(forge, draft));
    ASSERT_ACCEPTED(world_.create_state(forge));
    draft = from_state(transfer(1, StateNonce{1, 0}));
    draft.deadline = world_.now() - 1;
    EXPECT_REFUSED(kDeadlinePassed, world_.send(forge, draft));
    draft.deadline = world_.now() + 5;
    EXPECT_ACCEPTED(world_.send(forge, draft));
}

TEST_F(ExecuteTest, RecoveryAndLongSalt) {
    core::Configuration configuration = open_configuration({world_.add(ed25519_)});
    configuration.recovery.emplace();
    const Forge forge = world_.make_wallet(configuration);
    EXPECT_ACCEPTED(world_.send(forge, transfer(1)));
    ASSERT_ACCEPTED(world_.create_state(forge));
    EXPECT_ACCEPTED(world_.send(forge, from_state(transfer(1))));

    const std::array<std::uint8_t, 15> entropy = {1, 2, 3};
    const auto made =
        core::find_salt(configuration, core::Hash32(world_.program().array()), entropy);
    ASSERT_TRUE(made.has_value());
    const ForgedWallet wallet = {world_.program(), local_cluster(), made->genesis,
                                 made->identity.wallet_id, Address(made->identity.vault.array())};
    const Forge salted(wallet, world_.keyring());
    world_.put(wallet.vault, 5'000'000'000);
    EXPECT_ACCEPTED(world_.send(salted, transfer(1)));
    ASSERT_ACCEPTED(world_.create_state(salted));
    EXPECT_ACCEPTED(world_.send(salted, from_state(transfer(1))));
}

}  // namespace
}  // namespace latchkey::solana::testing
