// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/quorum.hpp"

#include <gtest/gtest.h>

namespace latchkey::core {
namespace {

using Indexes = std::vector<std::uint8_t>;

Signer p256(std::uint8_t value, bool same_party = false) {
    Signer out;
    out.kind = kSignerP256;
    out.key.assign(33, value);
    out.same_party = same_party;
    return out;
}

/// Parties {0, 1}, {2} and {3, 4}.
std::vector<Signer> three_parties() {
    return {p256(0), p256(1, true), p256(2), p256(3), p256(4, true)};
}

TEST(Quorum, of_each_party_the_first_key_at_hand_is_chosen) {
    const auto all = three_parties();
    EXPECT_EQ(choose_parties(all, 0b11111, all, 3), (Indexes{0, 2, 3}));
    EXPECT_EQ(choose_parties(all, 0b11111, all, 2), (Indexes{0, 2}));
    EXPECT_EQ(choose_parties(all, 0b11110, all, 3), (Indexes{1, 2, 3}));
    EXPECT_EQ(choose_parties(all, 0b11111, std::vector{all[4], all[1]}, 3), (Indexes{1, 4}));
    EXPECT_EQ(choose_parties(all, 0b00001, std::vector{all[2]}, 3), Indexes{});
}

TEST(Quorum, options_do_not_make_another_key) {
    Signer other = p256(2);
    other.option = true;
    EXPECT_TRUE(is_same_key(p256(2, true), other));
    EXPECT_FALSE(is_same_key(p256(2), p256(3)));
}

}  // namespace
}  // namespace latchkey::core
