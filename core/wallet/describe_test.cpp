// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/describe.hpp"

#include <gtest/gtest.h>

#include "core/wallet/testing.hpp"

namespace latchkey::core {
namespace {

using testing::ed25519_key;
using testing::example_rp_id_hash;
using testing::filled;
using testing::p256_key;

TEST(Describe, PartiesRightsAndConditions) {
    const Configuration configuration{
        .signers = {Signer::webauthn(p256_key(), example_rp_id_hash(), true),
                    Signer::ed25519(ed25519_key(), true).with_same_party(),
                    Signer::secp256k1_eip191(filled<crypto::EthereumAddress>(0x11))},
        .rules = {Rule{.actions = kActionExecute | kActionGrant | kActionPolicy | kActionMessage,
                       .threshold = 2,
                       .mask = 0b111,
                       .times = {},
                       .scope = {},
                       .limits = {}},
                  Rule{.actions = kActionExecute,
                       .threshold = 1,
                       .mask = 0b100,
                       .times = Times{1700000000, 1800000000},
                       .scope = {Target{Hash32(), {0x02, 0, 0, 0}}},
                       .limits = {Limit{Hash32(), 5, 10, 86400}}}},
        .recovery = {},
        .lockdown = true};
    ASSERT_TRUE(encode(configuration).has_value());
    // 1700000000 and 1800000000 by `date -u -d @1700000000`; base58 of the key by the encoder,
    // which has its own vectors.
    EXPECT_EQ(
        describe(configuration, Names{.relying_parties = {"example.org", "example.com"}}),
        "2 of 2 parties {passkey example.com "
        "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296 (verifies its user) or "
        "ed25519 AKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ9 (may pay fees); "
        "secp256k1 0x1111111111111111111111111111111111111111 (personal message)} may: "
        "execute any call, grant sessions, change the configuration, sign messages\n"
        "1 of 1 party {secp256k1 0x1111111111111111111111111111111111111111 (personal message)} "
        "may: execute calls to {11111111111111111111111111111111 with data beginning 02000000}; "
        "spending only native asset: at most 5 at once and 10 in 86400 seconds; "
        "from 2023-11-14 22:13:20 UTC; until 2027-01-15 08:00:00 UTC\n"
        "Lockdown: this configuration may be impossible to change, for ever\n");
}

TEST(Describe, UnknownRelyingPartyIsItsHash) {
    EXPECT_EQ(describe(Signer::webauthn(p256_key(), filled<Hash32>(0xab), false)),
              "passkey of the relying party with hash "
              "abababababababababababababababababababababababababababababababab "
              "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
}

TEST(Describe, SurvivesMalformedValues) {
    Signer signer = Signer::ed25519(ed25519_key());
    signer.key.clear();
    EXPECT_EQ(describe(signer), "a signer with a malformed key");
    signer.kind = static_cast<SignerKind>(9);
    EXPECT_EQ(describe(signer), "a signer of an unknown kind");
    const Rule rule{.actions = 1,
                    .threshold = 3,
                    .mask = 0xffff,
                    .times = Times{1, kNever - 1},
                    .scope = {},
                    .limits = {}};
    EXPECT_EQ(describe(rule, {}),
              "3 of 0 parties {} may: execute any call; from 1970-01-01 00:00:01 UTC; until unix "
              "time 18446744073709551614");
}

}  // namespace
}  // namespace latchkey::core
