// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// How much has been spent in one period, in one storage slot that every period uses again. What may be
/// spent is reserved before and released after, so that the sum stays under its limit at every moment.
struct SpendWindow {
    uint48 period;
    uint208 spent;
}

library SpendWindows {
    /// More than the limit would be spent in this period.
    error LimitReached(uint256 spent, uint256 limit);

    /// The period is over: a later one has begun.
    error PeriodOver();

    /// Adds an amount, or reverts if the sum is above the limit. A limit is below 2^128.
    function reserve(SpendWindow storage window, uint48 period, uint256 amount, uint128 limit)
        internal
    {
        uint256 spent = 0;
        uint48 present = window.period;
        if (present > period) revert PeriodOver();
        if (present == period) spent = window.spent;
        // The first comparison keeps the sum from overflowing.
        if (amount > limit || spent + amount > limit) revert LimitReached(spent + amount, limit);
        window.period = period;
        // At most the limit, which is below 2^128.
        // forge-lint: disable-next-line(unsafe-typecast)
        window.spent = uint208(spent + amount);
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
