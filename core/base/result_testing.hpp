// SPDX-License-Identifier: Apache-2.0
#pragma once

// For tests only: assertions on Result<T> that print the error they met.
#include <gtest/gtest.h>

#include <string>

#include "core/base/result.hpp"

namespace latchkey::core::testing {

template <typename T>
::testing::AssertionResult is_ok(const Result<T>& result) {
    if (result.has_value()) {
        return ::testing::AssertionSuccess();
    }
    return ::testing::AssertionFailure() << result.error().to_string();
}

template <typename T>
::testing::AssertionResult fails_with(const Result<T>& result, ErrorCode code) {
    if (result.has_value()) {
        return ::testing::AssertionFailure() << "no error, expected " << error_name(code);
    }
    if (result.error().code != code) {
        return ::testing::AssertionFailure()
               << result.error().to_string() << ", expected " << error_name(code);
    }
    return ::testing::AssertionSuccess();
}

}  // namespace latchkey::core::testing

#define EXPECT_OK(...) EXPECT_TRUE(::latchkey::core::testing::is_ok(__VA_ARGS__))
#define ASSERT_OK(...) ASSERT_TRUE(::latchkey::core::testing::is_ok(__VA_ARGS__))
/// The exact code matters: a refusal for another reason is a failure.
#define EXPECT_ERROR(expected_code, ...) \
    EXPECT_TRUE(::latchkey::core::testing::fails_with(__VA_ARGS__, expected_code))
