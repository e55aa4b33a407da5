// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Costs} from "../src/paymaster/Costs.sol";

contract CostsProof {
    /// Whatever is taken, at most maxCost and at most the cost so far and what may be added to it, the bound covers
    /// it; and it is no more than what was reserved.
    function bound(
        uint256 taken,
        uint256 maxCost,
        uint256 costSoFar,
        uint256 added,
        uint256 laterCost
    ) external pure {
        require(added <= laterCost);
        require(taken <= maxCost && taken <= costSoFar + added);
        uint256 most = Costs.bound(maxCost, costSoFar, laterCost);
        assert(most >= taken);
        assert(most <= maxCost);
    }

    /// The price covers the amount at its rate, by less than one unit more.
    function price(uint128 amount, uint128 rate) external pure {
        uint256 tokens = Costs.price(amount, rate);
        uint256 exact = uint256(amount) * rate;
        assert(tokens * 1 ether >= exact);
        assert(tokens * 1 ether < exact + 1 ether);
    }
}

