// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/identity.hpp"

#include <gtest/gtest.h>

#include "core/base/result_testing.hpp"
#include "core/wallet/testing.hpp"

// Expected values: tools/vectors/independent.mjs, for example
//   node -e "import('./tools/vectors/independent.mjs').then(l => console.log(l.hex(
//     l.walletId(l.unhex('…'), new Uint8Array(32).fill(0x11)))))"
namespace latchkey::core {
namespace {

using testing::ed25519_key;
using testing::filled;
using testing::unhex;

const auto kProgram = filled<Hash32>(0x11);

Configuration single() {
    return Configuration{.signers = {Signer::ed25519(ed25519_key(), /*may_pay_fees=*/true)},
                         .rules = {Rule{.actions = 0x0f, .times = {}, .scope = {}, .limits = {}}},
                         .recovery = {},
                         .lockdown = false};
}

TEST(Identity, SmallestSaltOffBothCurves) {
    const Result<NewWallet> wallet = find_salt(single(), kProgram);
    ASSERT_OK(wallet);
    // The independent search refuses 0, 5, 6, 7 and 11 for the state, the others for the vault.
    EXPECT_EQ(wallet->genesis.back(), 12);
    EXPECT_EQ(encode_hex(wallet->identity.wallet_id),
              "453f8c54175a19b151ffe2e52526fdf59d975ef825d45b8b314fa4209f344399");
    EXPECT_EQ(encode_hex(wallet->identity.vault),
              "e1fe7a3493655b4ccea4248c3f02120b3f66174fcb578e71c1fcd79ae125f80d");
    EXPECT_EQ(decode_genesis(wallet->genesis).value(), (Genesis{single(), {12}}));
    EXPECT_EQ(identity_of(wallet->genesis, kProgram).value(), wallet->identity);
}

TEST(Identity, SmallerSaltsAreOnACurve) {
    for (std::uint8_t salt = 0; salt < 12; ++salt) {
        const Bytes genesis = encode(Genesis{single(), {salt}}).value();
        EXPECT_ERROR(ErrorCode::kIdentityOnCurve, identity_of(genesis, kProgram));
    }
}

TEST(Identity, LongSaltKeepsItsEntropy) {
    const auto entropy = filled<FixedBytes<15, struct EntropyTag>>(0xa5);
    const Result<NewWallet> wallet = find_salt(single(), kProgram, entropy.view());
    ASSERT_OK(wallet);
    EXPECT_EQ(encode_hex(ByteView(wallet->genesis).last(16)), "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a500");
    EXPECT_EQ(encode_hex(wallet->identity.wallet_id),
              "cf264b57fbba77e6489ff27c6ac7509ffca972a2d6b0a1e6997567056cef62cd");
    EXPECT_EQ(encode_hex(wallet->identity.vault),
              "49bab011dbc4bdc2525ec58a0481dbe474108795ed6db66f3f3ac221c73e6cac");
}

TEST(Identity, RefusedConfigurationHasNoWallet) {
    Configuration bad = single();
    bad.rules[0].actions = kActionExecute;
    const Result<NewWallet> wallet = find_salt(bad, kProgram);
    EXPECT_ERROR(ErrorCode::kRefusedByModel, wallet);
    ASSERT_FALSE(wallet.has_value());
    EXPECT_NE(wallet.error().context.find("216 Lockout"), std::string::npos);
}

// The shared part of configuration_test.cpp.
const Bytes& example_shared() {
    static const Bytes bytes = unhex(
        "111225036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296a379a6f6eeafb9a5"
        "5e378c118034e2751e682fab9f2d30ab13d2125586ce1947018a88e3dd7409f195fd52db2d3cba5d72ca6709"
        "bf1d94121bf3748801b40f6f5c14037cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47"
        "6699780f010701700200000000000003e800000000000007d002222222222222222222222222222222222222"
        "2222222222222222222222222222003333333333333333333333333333333333333333333333333333333333"
        "33333302aabb0100000000000000000000000000000000000000000000000000000000000000000000000000"
        "000005000000000000000a00000e1000d8777777777777777777777777777777777777777777777777777777"
        "777777");
    return bytes;
}

TEST(Identity, ConfigurationChain) {
    const auto wallet_id = filled<WalletId>(0x44);
    const ConfigId first = first_config_id(wallet_id);
    EXPECT_EQ(first.array(), wallet_id.array());
    EXPECT_EQ(encode_hex(next_config_id(wallet_id, first, example_shared())),
              "6d92b28aa2bc72dd81a74f30d4d8d3de7dd625a0882be1aeddd2f40f62274d96");
    // keccak over the commitment, 14, 0x82 and the epoch instead of configId(0), 4, 0 and 0.
    EXPECT_EQ(encode_hex(recovered_config_id(wallet_id, *decode_shared(example_shared())->recovery,
                                             2, 0x01020304, example_shared())),
              "91fdd1fb9c88c325b7a940eb8f587fcc8f86b91d5e784c48651968dab47bc5f5");
}

TEST(Identity, RuleIds) {
    EXPECT_EQ(encode_hex(rule_id_of(example_shared(), 0).value()),
              "84089068a32401f87b62acd6a8260171e9eebadf3c02d929a1a2ba035a54385f");
    EXPECT_EQ(encode_hex(rule_id_of(example_shared(), 1).value()),
              "af828aaedc6d2d6202c5b64c7b3b9c505d8e27b42f4642dc1642c0323e0537e5");
    EXPECT_EQ(rule_id_of(example_shared(), 2).error(), Verdict::kUnknownRule);
}

TEST(Identity, RuleIdDoesNotDependOnOtherSignersOrRules) {
    Configuration configuration = decode_shared(example_shared()).value();
    const RuleId before = rule_id_of(example_shared(), 1).value();
    // The limited rule's only signer moves to the front, and the rule too.
    std::swap(configuration.signers[0], configuration.signers[1]);
    configuration.signers[2].same_party = false;
    std::swap(configuration.rules[0], configuration.rules[1]);
    configuration.rules[0].mask = 0b001;
    const Bytes after = encode(configuration).value();
    EXPECT_EQ(rule_id_of(after, 0).value(), before);
    EXPECT_NE(rule_id_of(after, 1).value(), rule_id_of(example_shared(), 0).value());
}

TEST(Identity, RuleIdKnowsThePartiesOfItsMaskAlone) {
    Configuration configuration{
        .signers = {Signer::ed25519(ed25519_key()), Signer::p256(testing::p256_key(1)),
                    Signer::p256(testing::p256_key(2))},
        .rules = {Rule{.actions = kActionPolicy, .mask = 0b101}}};
    const auto id = [&](bool second, bool third) {
        configuration.signers[1].same_party = second;
        configuration.signers[2].same_party = third;
        return rule_id_of(encode(configuration).value(), 0).value();
    };
    const RuleId two_parties = id(false, false);
    // Whether the signer between them belongs to the first party or to the last.
    EXPECT_EQ(id(true, false), two_parties);
    EXPECT_EQ(id(false, true), two_parties);
    EXPECT_NE(id(true, true), two_parties);
    configuration.rules[0].mask = 0b110;
    EXPECT_EQ(id(true, true), id(false, true));
    EXPECT_EQ(id(true, false), id(false, false));
    EXPECT_NE(id(false, true), id(false, false));
}

TEST(Identity, LocalRuleId) {
    const LocalRule rule{
        .signers = {Signer::ed25519(ed25519_key())},
        .rule =
            Rule{.actions = kActionExecute, .times = Times{1000, 2000}, .scope = {}, .limits = {}}};
    EXPECT_EQ(encode_hex(local_rule_id_of(filled<WalletId>(0x44), filled<ConfigId>(0x55), 7,
                                          encode(rule).value())),
              "f62dca80b81abc6b92b46be356ef258bf07a28f45f116474b371dfdb74db65a7");
}

}  // namespace
}  // namespace latchkey::core
