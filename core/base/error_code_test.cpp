// SPDX-License-Identifier: Apache-2.0
#include "core/base/error_code.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "core/base/result_testing.hpp"

namespace latchkey::core {
namespace {

struct Row {
    ErrorCode code;
    std::uint16_t number;
    std::string_view name;
    std::string_view message;
};

#define X(name, number, message) {ErrorCode::name, number, #name, message},
constexpr Row kRows[] = {
#include "core/base/error_codes/cli.def"
#include "core/base/error_codes/core.def"
#include "core/base/error_codes/database.def"
#include "core/base/error_codes/evm.def"
#include "core/base/error_codes/net.def"
#include "core/base/error_codes/signers.def"
#include "core/base/error_codes/solana.def"
};
#undef X

TEST(ErrorCode, every_row_is_named_and_explained_in_one_sentence) {
    std::set<std::string_view> messages;
    for (const Row& row : kRows) {
        EXPECT_EQ(error_number(row.code), row.number);
        EXPECT_EQ("k" + std::string(error_name(row.code)), row.name);
        EXPECT_EQ(error_message(row.code), row.message);
        EXPECT_TRUE(row.message.ends_with('.')) << row.name;
        EXPECT_TRUE(messages.insert(row.message).second) << "said twice: " << row.message;
    }
}

// Numbers are published. A change of one of these is a broken promise, not a refactoring.
TEST(ErrorCode, published_numbers_do_not_move) {
    EXPECT_EQ(error_number(ErrorCode::kInvalidLength), 1001);
    EXPECT_EQ(error_number(ErrorCode::kInvalidHex), 1101);
    EXPECT_EQ(error_number(ErrorCode::kInvalidPublicKey), 1201);
    EXPECT_EQ(error_number(ErrorCode::kSignatureNotLowS), 1204);
    EXPECT_EQ(error_number(ErrorCode::kMalformedClientData), 1301);
}

TEST(ErrorCode, an_unknown_number_is_not_a_crash) {
    EXPECT_EQ(error_name(static_cast<ErrorCode>(999)), "Unknown");
    EXPECT_FALSE(error_message(static_cast<ErrorCode>(999)).empty());
}

TEST(Error, text_has_number_message_and_context) {
    EXPECT_EQ((Error{ErrorCode::kInvalidLength, "walletId"}).to_string(),
              "LK-1001 The input has the wrong length. (walletId)");
    EXPECT_EQ((Error{ErrorCode::kInvalidLength, {}}).to_string(),
              "LK-1001 The input has the wrong length.");
}

Result<int> half(int value) {
    if (value % 2 != 0) {
        return fail(ErrorCode::kOutOfRange, "odd");
    }
    return value / 2;
}

Result<int> quarter(int value) {
    LATCHKEY_TRY(const int once, half(value));
    LATCHKEY_TRY(const int twice, half(once));
    return twice;
}

Result<void> check_even(int value) {
    LATCHKEY_CHECK(half(value));
    return {};
}

TEST(Result, macros_pass_values_and_errors_on) {
    EXPECT_EQ(quarter(8).value(), 2);
    EXPECT_ERROR(ErrorCode::kOutOfRange, quarter(6));
    EXPECT_ERROR(ErrorCode::kOutOfRange, quarter(3));
    EXPECT_OK(check_even(2));
    EXPECT_ERROR(ErrorCode::kOutOfRange, check_even(1));
}

TEST(Result, a_caller_adds_its_context_in_front) {
    const auto wrapped = fail("genesis", Error{ErrorCode::kOutOfRange, "odd"});
    EXPECT_EQ(wrapped.value().context, "genesis: odd");
    EXPECT_EQ(wrapped.value().code, ErrorCode::kOutOfRange);
}

}  // namespace
}  // namespace latchkey::core
