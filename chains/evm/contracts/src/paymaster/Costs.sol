// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What an operation costs, in wei and in tokens. proofs/Costs.sol proves that neither is too
/// little.
library Costs {
    /// 10^18 wei, what a rate refers to.
    uint256 internal constant ETHER = 1 ether;

    /// At least what the EntryPoint takes in the end, and at most maxCost, all in wei: the cost so
    /// far and the most that may be added to it.
    function bound(uint256 maxCost, uint256 costSoFar, uint256 laterCost)
        internal
        pure
        returns (uint256 most)
    {
        most = costSoFar + laterCost;
        if (most > maxCost) most = maxCost;
    }

    /// The price of an amount of wei at a rate in tokens' smallest units per 10^18 wei, rounded up.
    /// Reverts if their product is above 2^256, which it is not for two numbers below 2^128.
    function price(uint256 amount, uint256 rate) internal pure returns (uint256) {
        return (amount * rate + ETHER - 1) / ETHER;
    }
}
