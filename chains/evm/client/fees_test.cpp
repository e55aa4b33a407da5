// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/fees.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base/result_testing.hpp"

namespace latchkey::evm {
namespace {

using core::ErrorCode;

/// Blocks with these priority fees, half full; the next base fee is `base`.
FeeHistory history(std::uint64_t base, const std::vector<std::uint64_t>& priority_fees) {
    FeeHistory out;
    for (const std::uint64_t fee : priority_fees) {
        out.base_fees.emplace_back(1);
        out.gas_used_ratios.push_back(0.5);
        out.priority_fees.push_back({Uint256(fee)});
    }
    out.base_fees.emplace_back(base);
    return out;
}

Fees fees(std::uint64_t priority, std::uint64_t max) {
    return {Uint256(priority), Uint256(max)};
}

TEST(Fees, median_priority_fee_and_room_for_the_base_fee) {
    EXPECT_EQ(estimate_fees(history(100, {9, 1, 5}), {}).value(), fees(5, 205));
    EXPECT_EQ(estimate_fees(history(100, {7}), {}).value(), fees(7, 207));
    FeeOptions options;
    options.base_fee_percent = 125;
    EXPECT_EQ(estimate_fees(history(101, {0}), options).value(), fees(0, 127));
    options.base_fee_percent = 1;
    EXPECT_EQ(estimate_fees(history(100, {0}), options).value(), fees(0, 100));
    options.priority_fee_min = Uint256(50);
    EXPECT_EQ(estimate_fees(history(100, {1, 2, 3}), options).value(), fees(50, 150));
}

TEST(Fees, empty_blocks_say_nothing) {
    FeeHistory some = history(100, {0, 0, 0, 6});
    some.gas_used_ratios = {0, 0, 0, 1};
    EXPECT_EQ(estimate_fees(some, {}).value(), fees(6, 206));
    some.gas_used_ratios = {0, 0, 0, 0};
    EXPECT_EQ(estimate_fees(some, {}).value(), fees(0, 200));
}

TEST(Fees, the_cap_takes_the_room_first) {
    FeeOptions options;
    options.max_fee_cap = Uint256(150);
    EXPECT_EQ(estimate_fees(history(100, {5}), options).value(), fees(5, 150));
    options.max_fee_cap = Uint256(105);
    EXPECT_EQ(estimate_fees(history(100, {5}), options).value(), fees(5, 105));
    options.max_fee_cap = Uint256(104);
    EXPECT_ERROR(ErrorCode::kFeeCapExceeded, estimate_fees(history(100, {5}), options));
}

TEST(Fees, histories_that_say_too_little_are_refused) {
    EXPECT_ERROR(ErrorCode::kInvalidArgument, estimate_fees(FeeHistory(), {}));
    EXPECT_ERROR(ErrorCode::kInvalidArgument, estimate_fees(history(1, {}), {}));
    FeeHistory wrong = history(1, {1});
    wrong.priority_fees[0].clear();
    EXPECT_ERROR(ErrorCode::kInvalidArgument, estimate_fees(wrong, {}));
    wrong = history(1, {1});
    wrong.gas_used_ratios.clear();
    EXPECT_ERROR(ErrorCode::kInvalidArgument, estimate_fees(wrong, {}));
    wrong = history(1, {1});
    wrong.base_fees.back() = Uint256::max();
    EXPECT_ERROR(ErrorCode::kOverflow, estimate_fees(wrong, {}));
}

TEST(Fees, replacements_offer_more_of_both) {
    EXPECT_EQ(bump_fees(fees(8, 80), fees(0, 0), {}).value(), fees(9, 90));
    EXPECT_EQ(bump_fees(fees(0, 0), fees(0, 0), {}).value(), fees(1, 1));
    EXPECT_EQ(bump_fees(fees(1, 1), fees(0, 0), {}).value(), fees(2, 2));
    EXPECT_EQ(bump_fees(fees(8, 80), fees(20, 70), {}).value(), fees(20, 90));
    EXPECT_EQ(bump_fees(fees(8, 80), fees(1, 200), {}).value(), fees(9, 200));
    EXPECT_EQ(bump_fees(fees(8, 80), fees(300, 200), {}).value(), fees(300, 300));
    FeeOptions options;
    options.bump_permille = 100;
    EXPECT_EQ(bump_fees(fees(10, 101), fees(0, 0), options).value(), fees(11, 112));
    options.bump_permille = 99;
    EXPECT_ERROR(ErrorCode::kInvalidArgument, bump_fees(fees(10, 100), fees(0, 0), options));
    EXPECT_ERROR(ErrorCode::kOverflow,
                 bump_fees({Uint256(), Uint256::max()}, fees(0, 0), FeeOptions()));
}

TEST(Fees, replacements_respect_the_cap) {
    FeeOptions options;
    options.max_fee_cap = Uint256(90);
    EXPECT_EQ(bump_fees(fees(8, 80), fees(0, 0), options).value(), fees(9, 90));
    EXPECT_EQ(bump_fees(fees(8, 80), fees(100, 500), options).value(), fees(90, 90));
    EXPECT_ERROR(ErrorCode::kFeeCapExceeded, bump_fees(fees(8, 81), fees(0, 0), options));
}

RC_GTEST_PROP(Fees, every_replacement_is_one_that_nodes_take,
              (std::uint64_t priority, std::uint64_t more)) {
    const Fees previous{Uint256(priority), add(Uint256(priority), Uint256(more)).value()};
    const Fees next = bump_fees(previous, fees(0, 0), {}).value();
    // go-ethereum core/txpool/legacypool/list.go: new * 100 >= old * 110, and more than before.
    for (const auto field : {&Fees::max_priority_fee_per_gas, &Fees::max_fee_per_gas}) {
        const Uint256& before = previous.*field;
        const Uint256& after = next.*field;
        RC_ASSERT(after > before);
        RC_ASSERT(multiply(after, Uint256(100)).value() >= multiply(before, Uint256(110)).value());
    }
    RC_ASSERT(next.max_fee_per_gas >= next.max_priority_fee_per_gas);
}

}  // namespace
}  // namespace latchkey::evm
