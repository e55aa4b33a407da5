// SPDX-License-Identifier: Apache-2.0
#include "core/base/bytes.hpp"

#include <gtest/gtest.h>

#include <type_traits>
#include <unordered_set>

#include "core/base/result_testing.hpp"
#include "core/base/secret.hpp"

namespace latchkey::core {
namespace {

using Apple = FixedBytes<4, struct AppleTag>;
using Pear = FixedBytes<4, struct PearTag>;

static_assert(!std::is_convertible_v<Apple, Pear> && !std::is_constructible_v<Apple, Pear>,
              "equal length must not make two kinds of bytes one type");
static_assert(!std::is_copy_constructible_v<SecretBytes> &&
              !std::is_copy_assignable_v<SecretBytes>);
static_assert(!std::is_copy_constructible_v<Secret<32>> &&
              std::is_move_constructible_v<Secret<32>>);

template <typename T>
concept Comparable = requires(const T& a, const T& b) { a == b; };
static_assert(Comparable<Apple> && !Comparable<SecretBytes> && !Comparable<Secret<32>>,
              "secrets have no ==");

TEST(FixedBytes, takes_exactly_its_length) {
    const Bytes five = {1, 2, 3, 4, 5};
    EXPECT_ERROR(ErrorCode::kInvalidLength, Apple::from(ByteView(five)));
    EXPECT_ERROR(ErrorCode::kInvalidLength, Apple::from(ByteView(five).first(3)));
    EXPECT_ERROR(ErrorCode::kInvalidLength, Apple::from(ByteView()));
    const auto apple = Apple::from(ByteView(five).first(4));
    ASSERT_OK(apple);
    EXPECT_EQ(*apple, Apple({1, 2, 3, 4}));
}

TEST(FixedBytes, orders_by_first_byte_first) {
    EXPECT_LT(Apple({0, 255, 255, 255}), Apple({1, 0, 0, 0}));
    EXPECT_LT(Apple({1, 0, 0, 0}), Apple({1, 0, 0, 1}));
    EXPECT_TRUE(Apple().is_zero());
    EXPECT_FALSE(Apple({0, 0, 0, 1}).is_zero());
}

TEST(FixedBytes, works_as_a_key) {
    const std::unordered_set<Apple> apples = {Apple({1, 2, 3, 4}), Apple({4, 3, 2, 1})};
    EXPECT_TRUE(apples.contains(Apple({4, 3, 2, 1})));
    EXPECT_FALSE(apples.contains(Apple()));
}

TEST(Bytes, concat_keeps_order) {
    EXPECT_EQ(concat(as_bytes("ab"), Bytes{}, Apple({1, 2, 3, 4}).view()),
              (Bytes{'a', 'b', 1, 2, 3, 4}));
    EXPECT_EQ(concat(), Bytes{});
}

TEST(Bytes, equal_compares_length_and_content) {
    EXPECT_TRUE(equal(as_bytes("ab"), as_bytes("ab")));
    EXPECT_FALSE(equal(as_bytes("ab"), as_bytes("abc")));
    EXPECT_FALSE(equal(as_bytes("ab"), as_bytes("ac")));
}

TEST(Secret, moves_and_empties_the_source) {
    Bytes source = {1, 2, 3};
    SecretBytes first = SecretBytes::take(source);
    EXPECT_EQ(source, (Bytes{0, 0, 0})) << "take wipes its source";
    SecretBytes second = std::move(first);
    EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): the contract under test
    EXPECT_EQ(to_bytes(second.expose()), (Bytes{1, 2, 3}));
    second = SecretBytes::copy_of(as_bytes("xy"));
    EXPECT_EQ(as_text(second.expose()), "xy");
}

TEST(Secret, truncate_keeps_the_front) {
    SecretBytes secret = SecretBytes::copy_of(as_bytes("abcdef"));
    secret.truncate(2);
    EXPECT_EQ(as_text(secret.expose()), "ab");
    secret.truncate(0);
    EXPECT_TRUE(secret.empty());
}

TEST(Secret, fixed_length_is_checked) {
    EXPECT_ERROR(ErrorCode::kInvalidLength, Secret<32>::copy_of(as_bytes("short")));
    const auto secret = Secret<5>::copy_of(as_bytes("short"));
    ASSERT_OK(secret);
    EXPECT_EQ(as_text(secret->expose()), "short");
}

// The bytes sit at the end of their page, so that one step too far hits the guard page.
TEST(SecretDeathTest, reading_past_the_end_stops_the_process) {
    const SecretBytes secret(16);
    const volatile std::uint8_t* past = secret.expose().data() + 16;
    EXPECT_DEATH({ [[maybe_unused]] const std::uint8_t stolen = *past; }, "");
}

TEST(Secret, constant_time_equal_is_equality) {
    EXPECT_TRUE(constant_time_equal(as_bytes(""), as_bytes("")));
    EXPECT_TRUE(constant_time_equal(as_bytes("abc"), as_bytes("abc")));
    EXPECT_FALSE(constant_time_equal(as_bytes("abc"), as_bytes("abd")));
    EXPECT_FALSE(constant_time_equal(as_bytes("abc"), as_bytes("ab")));
}

}  // namespace
}  // namespace latchkey::core
