// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/configuration_change.hpp"

#include <gtest/gtest.h>

#include "chains/solana/client/client_testing.hpp"

namespace latchkey::solana {
namespace {

using core::ErrorCode;
using core::Signer;

Signer ed25519(std::uint8_t value, bool may_pay) {
    Signer out;
    out.kind = core::kSignerEd25519;
    out.key.assign(32, value);
    out.option = may_pay;
    return out;
}

Signer p256(std::uint8_t value) {
    Signer out;
    out.kind = core::kSignerP256;
    out.key.assign(33, value);
    return out;
}

/// One party with two keys, the first of which may pay fees.
core::Configuration two_keys() {
    core::Configuration out;
    out.signers = {ed25519(1, true), ed25519(2, false)};
    out.signers[1].same_party = true;
    out.rules = {testing::rule_for(testing::kOwner, 0b11)};
    return out;
}

TEST(ConfigurationChange, an_ed25519_key_may_pay_as_the_one_before) {
    const core::Configuration before = two_keys();
    const auto first = with_other_key(before, 0, ed25519(3, false));
    ASSERT_TRUE(first) << first.error().context;
    EXPECT_EQ(first->signers[0].key, ed25519(3, false).key);
    EXPECT_TRUE(first->signers[0].option);
    EXPECT_FALSE(first->signers[0].same_party);
    EXPECT_EQ(first->rules, before.rules);
    const auto second = with_other_key(before, 1, ed25519(3, false));
    ASSERT_TRUE(second) << second.error().context;
    EXPECT_FALSE(second->signers[1].option);
    EXPECT_TRUE(second->signers[1].same_party);
    EXPECT_TRUE(with_other_key(before, 1, ed25519(3, true))->signers[1].option);
}

TEST(ConfigurationChange, the_option_of_another_kind_is_not_kept) {
    const auto made = with_other_key(two_keys(), 0, p256(3));
    ASSERT_TRUE(made) << made.error().context;
    EXPECT_FALSE(made->signers[0].option);
}

TEST(ConfigurationChange, a_key_is_there_once) {
    EXPECT_EQ(with_other_key(two_keys(), 0, ed25519(2, false)).error().code, ErrorCode::kDuplicate);
    EXPECT_EQ(with_other_key(two_keys(), 2, ed25519(3, false)).error().code,
              ErrorCode::kOutOfRange);
}

}  // namespace
}  // namespace latchkey::solana
