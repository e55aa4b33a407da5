// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SpendWindows} from "../../src/paymaster/SpendWindow.sol";

contract SpendWindowRefuted {
    /// The limit itself can be reached.
    function reserve(uint48 present, uint256 spent, uint48 period, uint256 amount, uint128 limit)
        external
        pure
    {
        assert(SpendWindows.sumAfter(present, spent, period, amount, limit) < limit);
    }
}
