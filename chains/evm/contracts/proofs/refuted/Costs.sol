// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Costs} from "../../src/paymaster/Costs.sol";

contract CostsRefuted {
    /// Rounding up costs more than nothing.
    function price(uint128 amount, uint128 rate) external pure {
        assert(Costs.price(amount, rate) * 1 ether == uint256(amount) * rate);
    }

    /// The bound may be less than the cost so far.
    function bound(uint256 maxCost, uint256 costSoFar, uint256 laterCost) external pure {
        assert(Costs.bound(maxCost, costSoFar, laterCost) >= costSoFar);
    }
}
