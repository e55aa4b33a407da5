// SPDX-License-Identifier: Apache-2.0
#include "cli/rule_text.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "chains/solana/client/wallet.hpp"
#include "cli/keys.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::cli {
namespace {

// 2 G of P-256 and the address of the ed25519 seed 01..01, as core/wallet/testing.hpp has them.
const std::string kP256 = "p256:037cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978";
std::string ed25519_text() {
    return "ed25519:" + solana::to_base58(solana::Address(core::testing::ed25519_key().array()));
}

TEST(RuleText, limits) {
    const auto limit = parse_limit("SOL=0.1/1/1d");
    ASSERT_TRUE(limit);
    EXPECT_EQ(*limit, (core::Limit{{}, 100'000'000, 1'000'000'000, 86400}));
    const auto token = parse_limit("So11111111111111111111111111111111111111112=5/9/ever");
    ASSERT_TRUE(token);
    EXPECT_EQ(token->asset, solana::to_hash(solana::kNativeMint));
    EXPECT_EQ(token->period_seconds, 0U);
    EXPECT_EQ(asset_text(token->asset), "So11111111111111111111111111111111111111112");
    EXPECT_EQ(asset_amount({}, 1), "0.000000001 SOL");
    for (const char* wrong : {"", "SOL", "SOL=1", "SOL=1/2", "SOL=1/2/", "SOL=x/2/1d", "X=1/2/1d",
                              "SOL=1/2/9999w", "=1/2/1d", "SOL=1/2/3/4"}) {
        EXPECT_FALSE(parse_limit(wrong)) << wrong;
    }
}

TEST(RuleText, targets_and_actions) {
    EXPECT_EQ(parse_target("SOL"), parse_target("11111111111111111111111111111111:02000000"));
    EXPECT_TRUE(parse_target("11111111111111111111111111111111")->prefix.empty());
    EXPECT_FALSE(parse_target("11111111111111111111111111111111:0"));
    EXPECT_FALSE(parse_target("11111111111111111111111111111111:"));
    EXPECT_FALSE(parse_target("sol"));
    EXPECT_EQ(parse_actions("execute,message"), core::kActionExecute | core::kActionMessage);
    EXPECT_FALSE(parse_actions(""));
    EXPECT_FALSE(parse_actions("execute,"));
    EXPECT_FALSE(parse_actions("everything"));
}

TEST(RuleText, limits_and_targets_on_evm_chains) {
    const std::string token = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045";
    const auto coin = parse_limit("ETH=0.1/1.5/1d");
    ASSERT_TRUE(coin);
    EXPECT_EQ(coin->per_call, 100'000'000U);
    EXPECT_EQ(coin->per_period, 1'500'000'000U);
    EXPECT_EQ(asset_text(coin->asset), "ETH");
    EXPECT_EQ(asset_amount(coin->asset, coin->per_call), "0.1 ETH");
    const auto units = parse_limit(token + "=5/9/ever");
    ASSERT_TRUE(units);
    EXPECT_EQ(asset_text(units->asset), token);
    const auto scaled = parse_limit(token + ":12=5/9/ever");
    ASSERT_TRUE(scaled);
    EXPECT_EQ(asset_text(scaled->asset), token + ":12");
    EXPECT_NE(scaled->asset, units->asset);
    EXPECT_NE(coin->asset, core::Hash32());
    for (const std::string& wrong :
         {std::string("ETH=0.0000000001/1/1d"), std::string("ETH=1/99999999999/1d"),
          std::string("eth=1/1/1d"), token + ":58=1/1/1d", token + ":=1/1/1d", token + ":x=1/1/1d",
          token + "=1.5/2/1d", std::string("0x=1/1/1d"),
          std::string("0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96046=1/1/1d"),
          // Would be SOL.
          std::string("0x0000000000000000000000000000000000000000=1/1/1d")}) {
        EXPECT_FALSE(parse_limit(wrong)) << wrong;
    }
    const auto target = parse_target(token + ":a9059cbb");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->prefix, (core::Bytes{0xa9, 0x05, 0x9c, 0xbb}));
    EXPECT_EQ(core::encode_hex(target->address.view()).substr(0, 24), std::string(24, '0'));
    EXPECT_FALSE(parse_target("0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96046"));
    EXPECT_FALSE(parse_target(token + ":"));
    EXPECT_FALSE(parse_target("ETH"));
    // The model refuses limits without a scope, so there is no word for one.
    EXPECT_EQ(parse_scope({}, {})->size(), 1U);
    EXPECT_FALSE(parse_scope({}, {*coin}));
    EXPECT_FALSE(parse_scope({"any"}, {*coin}));
    EXPECT_EQ(parse_scope({token}, {*coin})->size(), 1U);
}

TEST(RuleText, signers) {
    core::Names names;
    const auto ed25519 = parse_signer(ed25519_text() + ",self-paid", names);
    ASSERT_TRUE(ed25519);
    EXPECT_EQ(*ed25519, core::Signer::ed25519(core::testing::ed25519_key(), true));
    EXPECT_EQ(signer_text(*ed25519), ed25519_text() + ",self-paid");
    const auto second = parse_signer("+" + kP256, names);
    ASSERT_TRUE(second);
    EXPECT_TRUE(second->same_party);
    EXPECT_EQ(signer_text(*second), kP256);
    const auto passkey = parse_signer("webauthn:" + kP256.substr(5) + "@example.com", names);
    ASSERT_TRUE(passkey);
    EXPECT_EQ(*passkey, core::Signer::webauthn(core::testing::p256_key(2),
                                               core::testing::example_rp_id_hash(), false));
    EXPECT_EQ(names.relying_parties, std::vector<std::string>{"example.com"});
    EXPECT_TRUE(
        parse_signer("webauthn:" + kP256.substr(5) + "@example.com,user-verification", names)
            ->option);
    const auto ethereum =
        parse_signer("secp256k1-eip191:0x00000000000000000000000000000000000000ff", names);
    ASSERT_TRUE(ethereum);
    EXPECT_EQ(ethereum->kind, core::kSignerSecp256k1Eip191);
    for (const std::string& wrong :
         {std::string("p256:00"), std::string("ed25519:x"), std::string("secp256k1:00"),
          std::string("webauthn:") + kP256.substr(5), std::string("program:1/1"),
          std::string("no-such-file"), kP256 + ",self-paid", std::string("+")}) {
        EXPECT_FALSE(parse_signer(wrong, names)) << wrong;
    }
}

Result<core::Configuration> configuration(const std::string& text) {
    core::Names names;
    return parse_configuration(boost::json::parse(text).as_object(), "it", names);
}

TEST(RuleText, configurations) {
    const std::string signers = R"("signers": [")" + kP256 + R"(", ")" + ed25519_text() + R"("])";
    const auto parsed = configuration("{" + signers +
                                      R"(, "rules": [{"actions": "execute,policy", "threshold": 2},
            {"actions": "execute", "signers": [1], "scope": ["SOL"], "limits": ["SOL=1/2/1h"],
             "expires_at": 2000000000}], "lockdown": false})");
    ASSERT_TRUE(parsed) << parsed.error().to_string();
    EXPECT_EQ(parsed->rules[0].mask, 0b11);
    EXPECT_EQ(parsed->rules[1].mask, 0b10);
    EXPECT_EQ(parsed->rules[1].times, (core::Times{0, 2000000000}));
    EXPECT_TRUE(core::encode(*parsed));
    for (const char* wrong :
         {R"("rules": [{"actions": "execute", "signers": [2]}])", R"("rules": [1])",
          R"("rules": 1)", R"("rules": [{"threshold": 1}])",
          R"("rules": [{"actions": "execute", "threshold": 0}])",
          R"("rules": [{"actions": "execute", "colour": 1}])", R"("rules": [], "lockdown": 1)",
          R"("rules": [{"actions": "execute", "scope": "SOL"}])"}) {
        EXPECT_FALSE(configuration("{" + signers + ", " + wrong + "}")) << wrong;
    }
    EXPECT_FALSE(configuration(R"({"signers": [], "rules": []})"));
}

}  // namespace
}  // namespace latchkey::cli
