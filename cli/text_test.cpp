// SPDX-License-Identifier: Apache-2.0
#include "cli/text.hpp"

#include <gtest/gtest.h>

#include "core/base/result_testing.hpp"

namespace latchkey::cli {
namespace {

using core::ErrorCode;

TEST(Text, amounts) {
    EXPECT_EQ(parse_sol("1.5"), 1'500'000'000U);
    EXPECT_EQ(parse_sol("1.5 SOL"), 1'500'000'000U);
    EXPECT_EQ(parse_sol("0.000000001"), 1U);
    EXPECT_EQ(parse_sol("7 lamports"), 7U);
    EXPECT_EQ(parse_sol("18446744073.709551615"), UINT64_MAX);
    EXPECT_EQ(parse_amount("25", 6), 25'000'000U);
    EXPECT_EQ(parse_amount("25 units", 6), 25U);
    EXPECT_EQ(parse_amount("3", 0), 3U);
    for (const char* wrong :
         {"", "-1", "+1", ".5", "1.", "1,5", "1e9", "0x10", "1.0000000001", " 1", "SOL", "1.5.5",
          "18446744073.709551616", "99999999999999999999999", "1 sol", "1.5 lamports"}) {
        const auto parsed = parse_sol(wrong);
        ASSERT_FALSE(parsed) << wrong;
        EXPECT_EQ(parsed.error().code, ErrorCode::kCommandInput) << wrong;
    }
}

TEST(Text, durations) {
    EXPECT_EQ(parse_duration("90s"), 90U);
    EXPECT_EQ(parse_duration("15m"), 900U);
    EXPECT_EQ(parse_duration("12h"), 43'200U);
    EXPECT_EQ(parse_duration("30d"), 2'592'000U);
    EXPECT_EQ(parse_duration("2w"), 1'209'600U);
    for (const char* wrong : {"", "s", "0s", "1", "1y", "-1s", "1.5h", "99999999999999999999d"}) {
        EXPECT_FALSE(parse_duration(wrong)) << wrong;
    }
}

TEST(Text, addresses_and_numbers) {
    EXPECT_EQ(parse_address_argument("11111111111111111111111111111111", "it"),
              solana::kSystemProgram);
    const auto wrong = parse_address_argument("not an address\n", "the recipient");
    ASSERT_FALSE(wrong);
    // What was typed is shown without anything that could move the cursor.
    EXPECT_EQ(wrong.error().context,
              R"(the recipient must be a Solana address in base58, not "not an address\x0a")");
    EXPECT_EQ(parse_number("15", 15, "it"), 15U);
    EXPECT_FALSE(parse_number("16", 15, "it"));
    EXPECT_FALSE(parse_number("1 5", 15, "it"));
    EXPECT_EQ(format_count(0), "0");
    EXPECT_EQ(format_count(999), "999");
    EXPECT_EQ(format_count(1'234'567), "1,234,567");
    EXPECT_EQ(format_sol(100'000'000), "0.1 SOL");
    EXPECT_EQ(shorten("11111111111111111111111111111112"), "1111…1112");
    EXPECT_EQ(shorten("short"), "short");
}

}  // namespace
}  // namespace latchkey::cli
