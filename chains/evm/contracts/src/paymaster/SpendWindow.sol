// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// How much has been spent in one period, in one storage slot that every period uses again. What
/// may be spent is reserved before and released after, so that the sum stays under its limit at
/// every moment.
struct SpendWindow {
    uint48 period;
    uint208 spent;
}

library SpendWindows {
    /// More than the limit would be spent in this period.
    error LimitReached(uint256 spent, uint256 amount, uint256 limit);

    /// The period is over: a later one has begun.
    error PeriodOver();

    /// Adds an amount, or reverts if the sum is above the limit.
    function reserve(SpendWindow storage window, uint48 period, uint256 amount, uint128 limit)
        internal
    {
        uint256 sum = sumAfter(window.period, window.spent, period, amount, limit);
        window.period = period;
        // At most the limit, which is below 2^128.
        // forge-lint: disable-next-line(unsafe-typecast)
        window.spent = uint208(sum);
    }

    /// What is spent in a period with an amount more, where `spent` was spent in the period
    /// `present`. At most
    /// the limit (proofs/SpendWindow.sol).
    function sumAfter(uint48 present, uint256 spent, uint48 period, uint256 amount, uint128 limit)
        internal
        pure
        returns (uint256)
    {
        require(present <= period, PeriodOver());
        uint256 before = present == period ? spent : 0;
        // The first comparison keeps the sum from overflowing.
        require(
            amount <= limit && before <= limit && before + amount <= limit,
            LimitReached(before, amount, limit)
        );
        return before + amount;
    }

    /// Takes back what was reserved in the same transaction and not spent.
    function release(SpendWindow storage window, uint48 period, uint256 amount) internal {
        if (window.period != period) return;
        // What was reserved passed through `reserve` above, so it is below 2^128.
        // forge-lint: disable-next-line(unsafe-typecast)
        window.spent -= uint208(amount);
    }

    /// What has been spent in a period.
    function spentIn(SpendWindow storage window, uint48 period) internal view returns (uint256) {
        return window.period == period ? window.spent : 0;
    }
}
