// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/leaf.hpp"

#include <gtest/gtest.h>

#include "chains/evm/wallet/cases_testing.hpp"
#include "core/base/result_testing.hpp"

namespace latchkey::evm::wallet {
namespace {

using namespace testing;

Binding binding_of(const json::value& message) {
    return {number(message.at("chain")), fixed<Address>(message.at("wallet")),
            fixed<Hash32>(message.at("configuration")),
            static_cast<std::uint8_t>(number(message.at("rule")))};
}

Occasion occasion_of(const json::value& message) {
    const Hash32 nonce = amount(message.at("nonce")).to_word();
    Occasion out;
    for (std::size_t i = 0; i < 8; ++i) {
        out.lane = out.lane << 8 | nonce[16 + i];
        out.sequence = out.sequence << 8 | nonce[24 + i];
    }
    out.deadline = number(message.at("deadline"));
    out.executor = fixed<Address>(message.at("executor"));
    return out;
}

std::vector<Call> calls_of(const json::value& message) {
    std::vector<Call> out;
    for (const json::value& call : message.at("calls").as_array()) {
        out.push_back(
            {fixed<Address>(call.at("to")), amount(call.at("value")), bytes(call.at("data"))});
    }
    return out;
}

EvmLeaf change_of(const json::value& one) {
    const json::value& message = one.at("message");
    core::ChangeLeaf out;
    out.wallet_id = fixed<core::WalletId>(message.at("wallet"));
    out.parent = fixed<Hash32>(message.at("parent"));
    out.action = static_cast<core::ChangeAction>(number(message.at("action")));
    out.rule = static_cast<std::uint8_t>(number(message.at("rule")));
    out.epoch = static_cast<std::uint32_t>(number(message.at("epoch")));
    out.content = bytes(one.at("content"));
    return out;
}

EvmLeaf leaf_in(const json::value& one) {
    const std::string_view type = text(one.at("type"));
    const json::value& message = one.at("message");
    if (type == "Execute") {
        return ExecuteLeaf{binding_of(message), occasion_of(message), calls_of(message), {}};
    }
    if (type == "ExecuteWithGas") {
        return ExecuteLeaf{binding_of(message), occasion_of(message), calls_of(message),
                           static_cast<std::uint32_t>(number(message.at("gas")))};
    }
    if (type == "Grant") {
        return GrantLeaf{binding_of(message), occasion_of(message), bytes(message.at("localRule"))};
    }
    if (type == "Revoke") {
        return RevokeLeaf{binding_of(message), occasion_of(message),
                          fixed<core::LocalRuleId>(message.at("localRuleId"))};
    }
    if (type == "Upgrade") {
        return UpgradeLeaf{binding_of(message), occasion_of(message),
                           fixed<Address>(message.at("implementation")),
                           fixed<Hash32>(message.at("codeHash"))};
    }
    if (type == "Message") {
        return MessageLeaf{binding_of(message), fixed<Hash32>(message.at("hash"))};
    }
    if (type == "UserOperation") {
        return UserOperationLeaf{binding_of(message), number(message.at("deadline")),
                                 fixed<Address>(message.at("entryPoint")),
                                 fixed<Hash32>(message.at("userOpHash"))};
    }
    if (type == "Adopt") {
        return AdoptLeaf{number(message.at("chain")), fixed<Address>(message.at("wallet")),
                         fixed<core::WalletId>(message.at("walletId"))};
    }
    return change_of(one);
}

TEST(EvmLeaf, HashesAsViemDoes) {
    std::size_t count = 0;
    for (const json::value& one : cases().at("leaves").as_array()) {
        const auto leaf = leaf_of(leaf_in(one));
        ASSERT_OK(leaf);
        EXPECT_EQ(core::encode_hex_prefixed(*leaf), text(one.at("leaf"))) << text(one.at("type"));
        EXPECT_EQ(core::encode_hex_prefixed(core::digest_of(*leaf)), text(one.at("digest")));
        ++count;
    }
    EXPECT_EQ(count, 72U);
}

TEST(EvmLeaf, ChangeIsTheLeafOfTheModel) {
    for (const json::value& one : cases().at("leaves").as_array()) {
        const EvmLeaf leaf = leaf_in(one);
        if (const auto* change = std::get_if<core::ChangeLeaf>(&leaf)) {
            EXPECT_EQ(*leaf_of(leaf), core::leaf_of(*change));
        }
    }
}

TEST(EvmLeaf, IsShownFieldByField) {
    for (const json::value& one : cases().at("leaves").as_array()) {
        const json::value shown = json::parse(typed_data_json(leaf_in(one)));
        EXPECT_EQ(shown.at("primaryType"), one.at("type"));
        EXPECT_EQ(shown.at("message"), one.at("message"));
        EXPECT_EQ(shown.at("domain"), json::value({{"name", "Latchkey"}, {"version", "1"}}));
        const auto& fields = shown.at("types").at(text(one.at("type"))).as_array();
        EXPECT_EQ(fields.size(), one.at("message").as_object().size());
        EXPECT_EQ(shown.at("types").as_object().contains("Call"),
                  one.at("message").as_object().contains("calls"));
    }
}

TEST(EvmLeaf, TreeIsShownByItsRoot) {
    const std::vector<core::Leaf> leaves(3);
    const auto tree = core::ApprovalTree::build(leaves);
    const json::value shown = json::parse(typed_data_json(*tree));
    EXPECT_EQ(shown.at("primaryType"), "Approval4");
    EXPECT_EQ(text(shown.at("message").at("root")), core::encode_hex_prefixed(tree->root()));
}

TEST(EvmLeaf, RefusesADeadlineOfMoreThanFortyBits) {
    Occasion occasion;
    EXPECT_OK(leaf_of(RevokeLeaf{{}, occasion, {}}));
    occasion.deadline = kNoDeadline + 1;
    EXPECT_FALSE(leaf_of(RevokeLeaf{{}, occasion, {}}).has_value());
}

TEST(EvmLeaf, EveryFieldCounts) {
    const ExecuteLeaf leaf;
    const auto hash = *leaf_of(leaf);
    const auto differs = [&](auto change) {
        ExecuteLeaf other = leaf;
        change(other);
        return *leaf_of(other) != hash;
    };
    EXPECT_TRUE(differs([](auto& one) { one.binding.chain = 1; }));
    EXPECT_TRUE(differs([](auto& one) { one.binding.wallet[0] = 1; }));
    EXPECT_TRUE(differs([](auto& one) { one.binding.configuration[0] = 1; }));
    EXPECT_TRUE(differs([](auto& one) { one.binding.rule = 1; }));
    EXPECT_TRUE(differs([](auto& one) { one.occasion.lane = 1; }));
    EXPECT_TRUE(differs([](auto& one) { one.occasion.sequence = 1; }));
    EXPECT_TRUE(differs([](auto& one) { one.occasion.deadline = 1; }));
    EXPECT_TRUE(differs([](auto& one) { one.occasion.executor[0] = 1; }));
    EXPECT_TRUE(differs([](auto& one) { one.calls.emplace_back(); }));
    EXPECT_TRUE(differs([](auto& one) { one.gas = 0; }));
}

}  // namespace
}  // namespace latchkey::evm::wallet
