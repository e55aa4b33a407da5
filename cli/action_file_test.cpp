// SPDX-License-Identifier: Apache-2.0
#include "cli/action_file.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/wallet_reader.hpp"
#include "cli/keys.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::cli {
namespace {

namespace json = boost::json;

const solana::Deployment kDeployment{solana::Address({7}), core::Hash32({9})};

core::Configuration two_signers() {
    core::Configuration out;
    out.signers = {core::Signer::p256(core::testing::p256_key(1)),
                   core::Signer::ed25519(core::testing::ed25519_key())};
    core::Rule rule;
    rule.actions = 0x0f;
    rule.mask = 0b11;
    out.rules = {rule};
    return out;
}

solana::WalletSnapshot wallet() {
    const auto handle = solana::WalletHandle::create(two_signers(), kDeployment);
    return solana::snapshot_after_creation(*handle).value();
}

std::vector<solana::Action> actions() {
    const solana::WalletSnapshot snapshot = wallet();
    solana::ExecuteAction execute;
    execute.calls = {solana::system::transfer(snapshot.wallet().vault(), solana::Address({3}), 5)};
    core::LocalRule session;
    session.signers = {core::Signer::p256(core::testing::p256_key(2))};
    session.rule.actions = core::kActionExecute;
    solana::PolicyAction policy{{}, two_signers()};
    policy.next.lockdown = true;
    const solana::UseStateNonce nonce{1, 0};
    const solana::UseLane lane{solana::Address({4}), solana::Address({5}), 7'000'000, 12, 3};
    return {{execute, nonce, 2'000'000'000},
            {execute, lane, std::nullopt},
            {solana::GrantAction{{}, session}, nonce, std::nullopt},
            {solana::RevokeAction{{}, core::LocalRuleId({1})}, nonce, std::nullopt},
            {policy, solana::UseTransaction{}, std::nullopt},
            {solana::MessageAction{{}, core::Hash32({2})}, solana::UseTransaction{}, 17}};
}

TEST(ActionFile, requests_survive_the_journey) {
    for (const solana::Action& action : actions()) {
        const auto made = make_request(wallet(), action, {{"example.com"}});
        ASSERT_TRUE(made) << made.error().to_string();
        const json::object file = encode_request(*made, {"words"});
        const auto read = decode_request(file, "it");
        ASSERT_TRUE(read) << read.error().to_string();
        EXPECT_EQ(read->digest(), made->digest());
        EXPECT_EQ(read->names.relying_parties, made->names.relying_parties);
        EXPECT_EQ(encode_request(*read, {"words"}), file);
    }
}

TEST(ActionFile, a_request_that_was_changed_is_refused) {
    const auto made = make_request(wallet(), actions().front());
    const json::object file = encode_request(*made, {});
    json::object changed = file;
    json::object& call = changed["action"].as_object()["calls"].as_array()[0].as_object();
    // Another recipient.
    call["accounts"].as_array()[1].as_object()["address"] =
        solana::to_base58(solana::Address({200}));
    const auto read = decode_request(changed, "it");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().context,
              "it asks to sign something else than it describes; do not sign it");
    for (const char* member : {"format", "wallet", "action", "digest", "relying_parties"}) {
        json::object missing = file;
        missing.erase(member);
        EXPECT_FALSE(decode_request(missing, "it")) << member;
    }
}

TEST(ActionFile, answers_and_messages) {
    core::webauthn::Assertion assertion;
    assertion.authenticator_data = {1, 2};
    assertion.client_data_json = "{}";
    const ApprovalAnswers answers{core::Digest({1}),
                                  core::TreeProof{1, 1, {core::Hash32({7})}},
                                  {{0, core::Evidence(core::crypto::Ed25519Signature({1}))},
                                   {1, core::Evidence(core::crypto::P256Signature({2}))},
                                   {2, core::Evidence(core::crypto::RecoverableSignature{
                                           core::crypto::Secp256k1Signature({3}), 1})},
                                   {3, core::Evidence(assertion)}}};
    const json::object file = encode_answers({answers, {core::Digest({2}), {}, {}}});
    const auto read = decode_answers(file, "it");
    ASSERT_TRUE(read) << read.error().to_string();
    ASSERT_EQ(read->size(), 2U);
    EXPECT_EQ(read->front().digest, answers.digest);
    EXPECT_EQ(read->front().tree, answers.tree);
    EXPECT_EQ(encode_answers(*read), file);
    json::object wrong = file;
    json::object& first = wrong["requests"].as_array()[0].as_object();
    first["approvals"].as_array()[0].as_object()["signer"] = 16;
    EXPECT_FALSE(decode_answers(wrong, "it"));
    wrong = file;
    wrong["requests"].as_array()[0].as_object()["tree"] = json::object{{"height", 1}};
    EXPECT_FALSE(decode_answers(wrong, "it"));
    wrong["requests"] = json::array{};
    EXPECT_FALSE(decode_answers(wrong, "it"));

    solana::MessageApproval approval;
    approval.uses_genesis = true;
    approval.deadline = 5;
    approval.approvals = answers.approvals;
    const auto message = encode_message_approval(wallet().wallet(), core::Hash32({8}), approval);
    const auto back = decode_message_approval(message, "it");
    ASSERT_TRUE(back) << back.error().to_string();
    EXPECT_EQ(encode_message_approval(back->wallet, back->hash, back->approval), message);
}

}  // namespace
}  // namespace latchkey::cli
