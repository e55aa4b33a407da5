// SPDX-License-Identifier: Apache-2.0
#include "models/waiting/variant.hpp"

#include <gtest/gtest.h>

#include "models/waiting/chains.hpp"

namespace latchkey::waiting_model {
namespace {

TEST(Variants, EveryFaultIsNoticed) {
    for (const Variant& variant : broken_variants()) {
        EXPECT_FALSE(first_to_notice(variant).empty()) << variant.name;
    }
}

TEST(Variants, TheSpecificationIsNot) {
    EXPECT_EQ(first_to_notice(Variant{}), "");
}

}  // namespace
}  // namespace latchkey::waiting_model
