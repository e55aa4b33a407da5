// SPDX-License-Identifier: Apache-2.0
// Leaves, trees and digests. Expected values: tools/vectors/independent.mjs.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/authorization/leaf.hpp"
#include "core/base/result_testing.hpp"
#include "core/wallet/testing.hpp"
#include "core/wallet/tree.hpp"

namespace latchkey::core {
namespace {

using testing::ed25519_key;
using testing::filled;
using testing::p256_key;

Hash32 keccak_of(std::string_view text) {
    return crypto::keccak256(as_bytes(text));
}

TEST(LeafConstants, AreTheHashesOfTheirTexts) {
    const Hash32 domain =
        crypto::keccak256({keccak_of("EIP712Domain(string name,string version)").view(),
                           keccak_of("Latchkey").view(), keccak_of("1").view()});
    EXPECT_EQ(encode_hex(kDigestPrefix), "1901" + encode_hex(domain));
    for (unsigned height = 1; height <= 8; ++height) {
        EXPECT_EQ(
            encode_hex(kTreeType[height - 1]),
            encode_hex(keccak_of("Approval" + std::to_string(1U << height) + "(bytes32 root)")));
    }
    EXPECT_EQ(encode_hex(kEmptyLeaf), encode_hex(keccak_of("Latchkey empty leaf 1")));
    EXPECT_EQ(encode_hex(kConfigurationTag), encode_hex(keccak_of("Latchkey configuration 1")));
    EXPECT_EQ(encode_hex(kRuleTag), encode_hex(keccak_of("Latchkey rule 1")));
    EXPECT_EQ(encode_hex(kLocalRuleTag), encode_hex(keccak_of("Latchkey local rule 1")));
    EXPECT_EQ(encode_hex(kChangeType),
              encode_hex(keccak_of("Change(bytes32 wallet,bytes32 parent,uint8 action,uint8 rule,"
                                   "uint32 epoch,bytes32 content)")));
    EXPECT_EQ(encode_hex(kOffchainPrefix), "ff" + encode_hex(as_bytes("solana offchain")) + "00" +
                                               encode_hex(crypto::sha256(as_bytes("Latchkey"))) +
                                               "0001");
    EXPECT_EQ(as_text(ByteView(kOffchainText).subspan(2)), "Latchkey approval 1 is: ");
    EXPECT_EQ(kOffchainText[0] + 256 * kOffchainText[1], 24 + 64);
    EXPECT_EQ(as_text(kPersonalSignPrefix),
              "\x19"
              "Ethereum Signed Message:\n32");
    EXPECT_EQ(as_text(kClientDataPrefix), R"({"type":"webauthn.get","challenge":")");
    EXPECT_EQ(as_text(kClientDataOrigin), R"(","origin":"https://)");
    EXPECT_EQ(as_text(kClientDataEnd), R"(","crossOrigin":false})");
}

SolanaLeaf plain() {
    SolanaLeaf leaf;
    leaf.cluster = filled<Hash32>(0x66);
    leaf.wallet_id = filled<WalletId>(0x44);
    leaf.config_id = filled<ConfigId>(0x55);
    leaf.signed_region = Bytes(20, 0xab);
    return leaf;
}

SolanaLeaf with_everything() {
    SolanaLeaf leaf = plain();
    leaf.nonce_kind = NonceKind::kLane;
    leaf.deadline = 1700000000;
    leaf.local_rule_id = filled<LocalRuleId>(0x88);
    leaf.lane = filled<Hash32>(0x99);
    leaf.signed_region = Bytes(21, 0xcd);
    leaf.account_keys = {filled<Hash32>(1), filled<Hash32>(2)};
    return leaf;
}

TEST(SolanaLeaf, KnownAnswers) {
    EXPECT_EQ(encode_hex(leaf_of(plain()).value()),
              "834b56b7177d7e5e8a99dedda33562d2e19f8bbd363fcd089a83416db4a57250");
    EXPECT_EQ(encode_hex(leaf_of(with_everything()).value()),
              "3c71848735b2129bfba989c7a7695439dcbc524ca73c57d3f3fc56f5bad8da6a");
    const std::pair<SolanaAction, std::string_view> others[] = {
        {SolanaAction::kGrant, "2bebee5b52eb2adbaf1c507a0c2a820c0c59c03d8d6ee34d407c153d7aaa481d"},
        {SolanaAction::kRevoke, "ce530408776ffe045bc592ab3b7021fe30dd8ffaef2ab1cf9b486ee3e410dd78"},
        {SolanaAction::kMessage,
         "95e56ab43322b59cde078e0c8e54686efdf8a12f30162b40af127c5d3c49e260"},
        {SolanaAction::kUpgrade,
         "ed6f72c193cabd3d72c06e7556939510c6d59a3287dbdcde87192b4b298721e5"}};
    for (const auto& [action, expected] : others) {
        SolanaLeaf leaf = plain();
        leaf.action = action;
        EXPECT_EQ(encode_hex(leaf_of(leaf).value()), expected);
    }
}

TEST(SolanaLeaf, EveryFieldChangesIt) {
    using Change = void (*)(SolanaLeaf&);
    const Change changes[] = {
        [](SolanaLeaf& leaf) { leaf.action = SolanaAction::kGrant; },
        [](SolanaLeaf& leaf) { leaf.cluster[31] ^= 1; },
        [](SolanaLeaf& leaf) { leaf.deadline += 1; },
        [](SolanaLeaf& leaf) { leaf.wallet_id[0] ^= 1; },
        [](SolanaLeaf& leaf) { leaf.config_id[0] ^= 1; },
        [](SolanaLeaf& leaf) { (*leaf.local_rule_id)[0] ^= 1; },
        [](SolanaLeaf& leaf) { leaf.local_rule_id.reset(); },
        [](SolanaLeaf& leaf) { (*leaf.lane)[0] ^= 1; },
        [](SolanaLeaf& leaf) {
            leaf.lane.reset();
            leaf.nonce_kind = NonceKind::kTransaction;
        },
        [](SolanaLeaf& leaf) { leaf.signed_region[0] ^= 1; },
        [](SolanaLeaf& leaf) { leaf.signed_region.pop_back(); },
        [](SolanaLeaf& leaf) { std::swap(leaf.account_keys[0], leaf.account_keys[1]); },
        [](SolanaLeaf& leaf) { leaf.account_keys.pop_back(); },
        // The last key moves into the signed region: only the shape tells them apart.
        [](SolanaLeaf& leaf) {
            append(leaf.signed_region, leaf.account_keys[0]);
            leaf.account_keys.erase(leaf.account_keys.begin());
        },
    };
    std::vector<Leaf> seen = {leaf_of(with_everything()).value()};
    for (const Change change : changes) {
        SolanaLeaf leaf = with_everything();
        change(leaf);
        const Leaf hash = leaf_of(leaf).value();
        EXPECT_EQ(std::count(seen.begin(), seen.end(), hash), 0);
        seen.push_back(hash);
    }
}

TEST(SolanaLeaf, RefusesContradictions) {
    SolanaLeaf leaf = plain();
    leaf.lane = filled<Hash32>(1);
    EXPECT_ERROR(ErrorCode::kInvalidArgument, leaf_of(leaf));
    leaf = with_everything();
    leaf.lane.reset();
    EXPECT_ERROR(ErrorCode::kInvalidArgument, leaf_of(leaf));
    leaf = plain();
    leaf.signed_region.resize(0x10000);
    EXPECT_ERROR(ErrorCode::kInputTooLong, leaf_of(leaf));
    leaf = plain();
    leaf.account_keys.resize(65);
    EXPECT_ERROR(ErrorCode::kInputTooLong, leaf_of(leaf));
}

ChangeLeaf change() {
    return ChangeLeaf{.wallet_id = filled<WalletId>(0x44),
                      .parent = filled<Hash32>(0x55),
                      .action = ChangeAction::kRecover,
                      .rule = kRecoveryRule | 2,
                      .epoch = 0x01020304,
                      .content = {1, 2, 3}};
}

TEST(ChangeLeaf, KnownAnswers) {
    EXPECT_EQ(encode_hex(leaf_of(change())),
              "4a9e5a98a9a71939d0483ca17760ec340cdf03e747cd86620e1deb19b688c03b");
    const std::pair<ChangeAction, std::string_view> others[] = {
        {ChangeAction::kPolicy, "c7977ed5d5213d275c060d8990f2c12ff876e581303986d522e1b58a115888c3"},
        {ChangeAction::kCancel, "8b1e4a17e712f69ae52b3782821744244487f8d21e9d5b5288ae7513bbaf90c8"},
        {ChangeAction::kFreeze,
         "2d1103489d6aadf8a032c7abde78dd774656ce8ae4271b98f25664cdc3185400"}};
    for (const auto& [action, expected] : others) {
        ChangeLeaf leaf = change();
        leaf.action = action;
        EXPECT_EQ(encode_hex(leaf_of(leaf)), expected);
    }
}

TEST(ChangeLeaf, EveryFieldChangesIt) {
    using Change = void (*)(ChangeLeaf&);
    const Change changes[] = {
        [](ChangeLeaf& leaf) { leaf.wallet_id[31] ^= 1; },
        [](ChangeLeaf& leaf) { leaf.parent[0] ^= 1; },
        [](ChangeLeaf& leaf) { leaf.action = ChangeAction::kCancel; },
        [](ChangeLeaf& leaf) { leaf.rule ^= kRecoveryRule; },
        [](ChangeLeaf& leaf) { leaf.epoch ^= 0x01000000; },
        [](ChangeLeaf& leaf) { leaf.epoch ^= 1; },
        [](ChangeLeaf& leaf) { leaf.content.pop_back(); },
        [](ChangeLeaf& leaf) { leaf.content[0] ^= 1; },
    };
    std::vector<Leaf> seen = {leaf_of(change())};
    for (const Change apply : changes) {
        ChangeLeaf leaf = change();
        apply(leaf);
        EXPECT_EQ(std::count(seen.begin(), seen.end(), leaf_of(leaf)), 0);
        seen.push_back(leaf_of(leaf));
    }
}

WaitingAction waiting() {
    return WaitingAction{.cluster = filled<Hash32>(0x66),
                         .action = 1,
                         .has_caps = true,
                         .wallet_id = filled<WalletId>(0x44),
                         .body = Bytes(21, 0xcd),
                         .account_keys = {filled<Hash32>(1), filled<Hash32>(2)}};
}

TEST(WaitingDigest, KnownAnswers) {
    EXPECT_EQ(encode_hex(waiting_digest_of(waiting()).value()),
              "42e28e0f9ed52ead35ff65ebbadc432758a815faa2392b63828db5471951c65a");
    WaitingAction bare = waiting();
    bare.action = 14;
    bare.has_caps = false;
    bare.account_keys.clear();
    EXPECT_EQ(encode_hex(waiting_digest_of(bare).value()),
              "7f4a9df692b0096f44e0fb2d142a696145326c8cae218b753b399881aed16197");
}

TEST(WaitingDigest, EveryFieldChangesIt) {
    using Change = void (*)(WaitingAction&);
    const Change changes[] = {
        [](WaitingAction& action) { action.cluster[0] ^= 1; },
        [](WaitingAction& action) { action.action = 2; },
        [](WaitingAction& action) { action.has_caps = false; },
        [](WaitingAction& action) { action.has_lane = true; },
        [](WaitingAction& action) { action.wallet_id[0] ^= 1; },
        [](WaitingAction& action) { action.body[20] ^= 1; },
        [](WaitingAction& action) { action.body.pop_back(); },
        [](WaitingAction& action) { action.account_keys.pop_back(); },
        [](WaitingAction& action) { std::swap(action.account_keys[0], action.account_keys[1]); },
        [](WaitingAction& action) {
            append(action.body, action.account_keys[0]);
            action.account_keys.erase(action.account_keys.begin());
        },
    };
    std::vector<Hash32> seen = {waiting_digest_of(waiting()).value()};
    for (const Change apply : changes) {
        WaitingAction action = waiting();
        apply(action);
        const Hash32 digest = waiting_digest_of(action).value();
        EXPECT_EQ(std::count(seen.begin(), seen.end(), digest), 0);
        seen.push_back(digest);
    }
    WaitingAction large = waiting();
    large.body.resize(0x10000);
    EXPECT_ERROR(ErrorCode::kInputTooLong, waiting_digest_of(large));
    large = waiting();
    large.account_keys.resize(65);
    EXPECT_ERROR(ErrorCode::kInputTooLong, waiting_digest_of(large));
}

TEST(Digest, KnownAnswers) {
    const auto leaf = filled<Leaf>(1);
    const Digest digest = digest_of(leaf);
    EXPECT_EQ(encode_hex(digest),
              "57f66ce72fe89a10dfe4385d0607d06e6a60063afe7fb7b7756b7bf2d0da836e");
    EXPECT_EQ(encode_hex(eip712_message(approval_hash_of(leaf))),
              "1901fdcd8260427745dab63d4602c25c203236683c3f1c36ff6061869d62e0e13143"
              "0101010101010101010101010101010101010101010101010101010101010101");
    EXPECT_EQ(crypto::keccak256(eip712_message(approval_hash_of(leaf))).array(), digest.array());
    EXPECT_EQ(encode_hex(eip191_message(digest)),
              "19457468657265756d205369676e6564204d6573736167653a0a3332"
              "57f66ce72fe89a10dfe4385d0607d06e6a60063afe7fb7b7756b7bf2d0da836e");
    EXPECT_EQ(encode_hex(eip191_digest(digest)),
              "43423ce77d1bc603d5091f93f82ad21b7e82132a21834db0e4024105e06ccfe1");
    EXPECT_EQ(encode_hex(webauthn_challenge(digest)),
              "14f18e08e24134e0c50003461860033c72cb1c61cf34d2061c63073c82803c420d18700e28018a38"
              "f1c714b2c200a0ce");
    EXPECT_EQ(offchain_text(digest),
              "Latchkey approval 1 is: "
              "FPGOCOJBNODFAANGGGADPHLLHGHPNNIGHGMHPIKAPEINGHAOKAGKOPHHFLLCAKDO");
    EXPECT_EQ(encode_hex(offchain_message(ed25519_key(), digest)),
              "ff736f6c616e61206f6666636861696e00ef1d1f0ced68674dd0653dbea4804cfbfeb6d1dc3780ce7"
              "124ba73c71ec0a92700018a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f"
              "6f5c58004c617463686b657920617070726f76616c20312069733a204650474f434f4a424e4f44464"
              "1414e474747414450484c4c484748504e4e494748474d4850494b415045494e4748414f4b41474b4f"
              "504848464c4c43414b444f");
    EXPECT_EQ(offchain_message(ed25519_key(), digest).size(), kOffchainMessageSize);
}

TEST(Digest, EachKindSignsItsOwnMessage) {
    const ApprovalHash hash = approval_hash_of(filled<Leaf>(1));
    const Digest digest = digest_of(hash);
    const auto address = filled<crypto::EthereumAddress>(1);
    EXPECT_EQ(message_to_sign(Signer::ed25519(ed25519_key()), hash).value(),
              offchain_message(ed25519_key(), digest));
    EXPECT_EQ(message_to_sign(Signer::secp256k1_eip712(address), hash).value(),
              eip712_message(hash));
    EXPECT_EQ(message_to_sign(Signer::secp256k1_eip191(address), hash).value(),
              eip191_message(digest));
    EXPECT_EQ(message_to_sign(Signer::p256(p256_key()), hash).value(), to_bytes(digest));
    EXPECT_ERROR(ErrorCode::kUnsupported,
                 message_to_sign(Signer::webauthn(p256_key(), Hash32(), true), hash));
    EXPECT_ERROR(ErrorCode::kUnsupported, message_to_sign(Signer::contract(1, address), hash));
}

std::vector<Leaf> some_leaves(std::size_t count) {
    std::vector<Leaf> leaves;
    for (std::size_t i = 1; i <= count; ++i) {
        leaves.push_back(filled<Leaf>(static_cast<std::uint8_t>(i)));
    }
    return leaves;
}

TEST(ApprovalTree, KnownAnswer) {
    const ApprovalTree tree = ApprovalTree::build(some_leaves(3)).value();
    EXPECT_EQ(tree.height(), 2);
    EXPECT_EQ(encode_hex(tree.root()),
              "5de20c124153509c2a9024301b7cc568de6440985633a1df5864bbba60c27808");
    EXPECT_EQ(encode_hex(tree.approval_hash()),
              "0d14e64b3b07c942d6591ffdec54be54d9cf2539e81c4ddae2cb9e5f6a707778");
    EXPECT_EQ(encode_hex(tree.digest()),
              "f3773ce05069cf3d9ba9bb0ec5111a951984281b59ae99a00666a24bf1d8242b");
}

TEST(ApprovalTree, EveryLeafOfEverySizeProvesItself) {
    constexpr std::size_t kCounts[] = {2, 3, 4, 5, 8, 9, 16, 17, 100, 129, 256};
    for (const std::size_t count : kCounts) {
        const std::vector<Leaf> leaves = some_leaves(count);
        const ApprovalTree tree = ApprovalTree::build(leaves).value();
        for (std::size_t i = 0; i < tree.size(); ++i) {
            TreeProof proof = tree.proof(i).value();
            const Leaf leaf = i < count ? leaves[i] : empty_leaf();
            EXPECT_EQ(approval_hash_of(leaf, proof).value(), tree.approval_hash());
            proof.siblings.back()[0] ^= 1;
            EXPECT_NE(approval_hash_of(leaf, proof).value(), tree.approval_hash());
        }
        EXPECT_ERROR(ErrorCode::kOutOfRange, tree.proof(tree.size()));
    }
}

TEST(ApprovalTree, RefusesSizesAndProofsOutOfRange) {
    EXPECT_ERROR(ErrorCode::kOutOfRange, ApprovalTree::build(some_leaves(0)));
    EXPECT_ERROR(ErrorCode::kOutOfRange, ApprovalTree::build(some_leaves(1)));
    EXPECT_ERROR(ErrorCode::kOutOfRange, ApprovalTree::build(some_leaves(257)));
    const auto leaf = filled<Leaf>(1);
    const auto verdict = [&](const TreeProof& proof) {
        return approval_hash_of(leaf, proof).error();
    };
    EXPECT_EQ(verdict({0, 0, {}}), Verdict::kApprovalTree);
    EXPECT_EQ(verdict({9, 0, std::vector<Hash32>(9)}), Verdict::kApprovalTree);
    EXPECT_EQ(verdict({1, 2, std::vector<Hash32>(1)}), Verdict::kApprovalTree);
    EXPECT_EQ(verdict({2, 0, std::vector<Hash32>(1)}), Verdict::kApprovalTree);
}

// A node inside a tree must not pass for a leaf of a lower tree: the height is part of the hash.
TEST(ApprovalTree, AnInnerNodeIsNoLeaf) {
    const ApprovalTree tree = ApprovalTree::build(some_leaves(4)).value();
    const ApprovalTree left = ApprovalTree::build(some_leaves(2)).value();
    const TreeProof upper{1, 0, {tree.proof(0).value().siblings[1]}};
    EXPECT_NE(approval_hash_of(Leaf(left.root().array()), upper).value(), tree.approval_hash());
    EXPECT_NE(digest_of(Leaf(tree.root().array())), tree.digest());
}

}  // namespace
}  // namespace latchkey::core
