// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/fees.hpp"

#include <algorithm>

namespace latchkey::evm {

using core::ErrorCode;
using core::fail;

namespace {

constexpr std::uint32_t kBumpPermilleMin = 100;

/// Zero when no block had a transaction.
Result<Uint256> median_priority_fee(const FeeHistory& history) {
    std::vector<Uint256> fees;
    for (std::size_t i = 0; i < history.priority_fees.size(); ++i) {
        if (history.priority_fees[i].size() != 1) {
            return fail(ErrorCode::kInvalidArgument, "the fees of one percentile are needed");
        }
        // An empty block reports zero, which says nothing about the market.
        if (history.gas_used_ratios[i] > 0) {
            fees.push_back(history.priority_fees[i][0]);
        }
    }
    if (fees.empty()) {
        return Uint256();
    }
    std::sort(fees.begin(), fees.end());
    return fees[fees.size() / 2];
}

tl::unexpected<core::Error> above_cap(const Uint256& needed, const Uint256& cap) {
    return fail(ErrorCode::kFeeCapExceeded,
                needed.to_decimal() + " wei for a unit of gas, at most " + cap.to_decimal());
}

}  // namespace

Result<Fees> estimate_fees(const FeeHistory& history, const FeeOptions& options) {
    constexpr std::uint32_t kPercent = 100;
    if (history.base_fees.empty() || history.priority_fees.empty() ||
        history.priority_fees.size() != history.gas_used_ratios.size()) {
        return fail(ErrorCode::kInvalidArgument, "the history has no fees");
    }
    const Uint256& base_fee = history.base_fees.back();
    LATCHKEY_TRY(const Uint256 median, median_priority_fee(history));
    Fees out;
    out.max_priority_fee_per_gas = std::max(median, options.priority_fee_min);
    LATCHKEY_TRY(const Uint256 needed, add(base_fee, out.max_priority_fee_per_gas));
    const std::uint32_t percent = std::max(options.base_fee_percent, kPercent);
    LATCHKEY_TRY(const Uint256 roomy_base_fee, scale_up(base_fee, percent, kPercent));
    LATCHKEY_TRY(out.max_fee_per_gas, add(roomy_base_fee, out.max_priority_fee_per_gas));
    if (options.max_fee_cap && out.max_fee_per_gas > *options.max_fee_cap) {
        if (needed > *options.max_fee_cap) {
            return above_cap(needed, *options.max_fee_cap);
        }
        out.max_fee_per_gas = *options.max_fee_cap;
    }
    return out;
}

Result<Fees> bump_fees(const Fees& previous, const Fees& current, const FeeOptions& options) {
    constexpr std::uint32_t kPermille = 1000;
    constexpr std::uint32_t kBumpPermilleMax = 100 * kPermille;
    if (options.bump_permille < kBumpPermilleMin || options.bump_permille > kBumpPermilleMax) {
        return fail(ErrorCode::kInvalidArgument, "a replacement raises fees by a tenth or more");
    }
    const auto raised = [&](const Uint256& fee) -> Result<Uint256> {
        LATCHKEY_TRY(const Uint256 more,
                     scale_up(fee, kPermille + options.bump_permille, kPermille));
        return more > fee ? Result<Uint256>(more) : add(fee, Uint256(1));
    };
    Fees out;
    LATCHKEY_TRY(const Uint256 priority_fee, raised(previous.max_priority_fee_per_gas));
    out.max_priority_fee_per_gas = std::max(priority_fee, current.max_priority_fee_per_gas);
    LATCHKEY_TRY(const Uint256 fee, raised(previous.max_fee_per_gas));
    out.max_fee_per_gas = std::max({fee, current.max_fee_per_gas, out.max_priority_fee_per_gas});
    if (options.max_fee_cap && out.max_fee_per_gas > *options.max_fee_cap) {
        // What is current may be more than the replacement needs.
        const Uint256 needed = std::max(fee, priority_fee);
        if (needed > *options.max_fee_cap) {
            return above_cap(needed, *options.max_fee_cap);
        }
        out.max_fee_per_gas = *options.max_fee_cap;
        out.max_priority_fee_per_gas = std::min(out.max_priority_fee_per_gas, out.max_fee_per_gas);
    }
    return out;
}

Task<Result<Fees>> fetch_fees(RpcClient& rpc, FeeOptions options) {
    std::vector<double> percentiles{options.percentile};
    LATCHKEY_CO_TRY(const FeeHistory history,
                    co_await rpc.get_fee_history(options.blocks, std::move(percentiles)));
    co_return estimate_fees(history, options);
}

Task<Result<Fees>> fetch_bumped_fees(RpcClient& rpc, Fees previous, FeeOptions options) {
    // The cap is for the outcome; a current price above it does not forbid a replacement below.
    FeeOptions uncapped = options;
    uncapped.max_fee_cap.reset();
    LATCHKEY_CO_TRY(const Fees current, co_await fetch_fees(rpc, uncapped));
    co_return bump_fees(previous, current, options);
}

}  // namespace latchkey::evm
