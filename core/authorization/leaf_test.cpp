// SPDX-License-Identifier: Apache-2.0
// Every constant of leaf.hpp from the text it is made of (docs/spec/authorization.md section 4), by
// the hosted hash functions.
#include "core/authorization/leaf.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/crypto/hash.hpp"

namespace latchkey::core {
namespace {

Bytes keccak(std::string_view text) {
    return to_bytes(crypto::keccak256(as_bytes(text)).view());
}
Bytes keccak(const Bytes& bytes) {
    return to_bytes(crypto::keccak256(bytes).view());
}
template <std::size_t N>
Bytes bytes_of(const std::uint8_t (&array)[N]) {
    return Bytes(array, array + N);
}

TEST(LeafTest, Tags) {
    EXPECT_EQ(bytes_of(kEmptyLeaf), keccak("Latchkey empty leaf 1"));
    EXPECT_EQ(bytes_of(kConfigurationTag), keccak("Latchkey configuration 1"));
    EXPECT_EQ(bytes_of(kRuleTag), keccak("Latchkey rule 1"));
    EXPECT_EQ(bytes_of(kLocalRuleTag), keccak("Latchkey local rule 1"));
    EXPECT_EQ(bytes_of(kChangeType),
              keccak("Change(bytes32 wallet,bytes32 parent,uint8 action,uint8 rule,uint32 epoch,"
                     "bytes32 content)"));
}

TEST(LeafTest, Domain) {
    const Bytes domain = keccak(concat(keccak("EIP712Domain(string name,string version)"),
                                       keccak("Latchkey"), keccak("1")));
    EXPECT_EQ(bytes_of(kDigestPrefix), concat(Bytes{0x19, 0x01}, domain));
}

TEST(LeafTest, TreeTypes) {
    for (unsigned height = 1; height <= kMaximumTreeHeight; ++height) {
        EXPECT_EQ(bytes_of(kTreeType[height - 1]),
                  keccak("Approval" + std::to_string(1U << height) + "(bytes32 root)"));
    }
}

TEST(LeafTest, OffchainMessage) {
    const Bytes prefix = concat(Bytes{0xff}, as_bytes("solana offchain"), Bytes{0},
                                crypto::sha256(as_bytes("Latchkey")).view(), Bytes{0, 1});
    EXPECT_EQ(bytes_of(kOffchainPrefix), prefix);
    EXPECT_EQ(bytes_of(kOffchainText), concat(Bytes{88, 0}, as_bytes("Latchkey approval 1 is: ")));
    EXPECT_EQ(kOffchainMessageSize, 173U);
}

TEST(LeafTest, Texts) {
    EXPECT_EQ(as_text(bytes_of(kClientDataPrefix)), R"({"type":"webauthn.get","challenge":")");
    EXPECT_EQ(as_text(bytes_of(kClientDataOrigin)), R"(","origin":"https://)");
    EXPECT_EQ(as_text(bytes_of(kClientDataEnd)), R"(","crossOrigin":false})");
    EXPECT_EQ(as_text(bytes_of(kPersonalSignPrefix)),
              "\x19"
              "Ethereum Signed Message:\n32");
}

TEST(LeafTest, Climb) {
    const Bytes leaf(32, 1);
    const Bytes left(32, 2);
    const Bytes right(32, 3);
    const Bytes proof = concat(left, right);
    Bytes node = leaf;
    // Index 1: the leaf is on the right of the first sibling, on the left of the second.
    ASSERT_EQ(climb_tree(node.data(), proof.data(), 2, 1), Verdict::kAccepted);
    const Bytes root = keccak(concat(keccak(concat(left, leaf)), right));
    EXPECT_EQ(node, keccak(concat(keccak("Approval4(bytes32 root)"), root)));
    for (const auto& [height, index] : {std::pair{0U, 0U}, {9U, 0U}, {2U, 4U}, {255U, 0U}}) {
        EXPECT_EQ(climb_tree(node.data(), proof.data(), height, index), Verdict::kApprovalTree);
    }
}

TEST(LeafTest, DigestAndChange) {
    const Bytes node(32, 9);
    std::uint8_t digest[32];
    digest_of(node.data(), digest);
    EXPECT_EQ(bytes_of(digest), keccak(concat(bytes_of(kDigestPrefix), node)));

    const Bytes wallet(32, 4);
    const Bytes parent(32, 5);
    const Bytes shared = {1, 2, 3};
    std::uint8_t leaf[32];
    const Change change = {.wallet_id = wallet.data(),
                           .parent = parent.data(),
                           .action = 14,
                           .rule = 0x87,
                           .number = 0x01020304,
                           .content = {shared.data(), shared.size()}};
    hash_change(kChangeType, change, leaf);
    Bytes action(32);
    action[31] = 14;
    Bytes rule(32);
    rule[31] = 0x87;
    Bytes epoch(32);
    epoch[28] = 1;
    epoch[29] = 2;
    epoch[30] = 3;
    epoch[31] = 4;
    EXPECT_EQ(bytes_of(leaf), keccak(concat(bytes_of(kChangeType), wallet, parent, action, rule,
                                            epoch, keccak(shared))));
    std::uint8_t next[32];
    hash_change(kConfigurationTag, change, next);
    EXPECT_EQ(bytes_of(next), keccak(concat(bytes_of(kConfigurationTag), wallet, parent, action,
                                            rule, epoch, keccak(shared))));
}

}  // namespace
}  // namespace latchkey::core
