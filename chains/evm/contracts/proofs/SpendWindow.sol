// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SpendWindows} from "../src/paymaster/SpendWindow.sol";

/// A window that anybody reserves from and releases to, in any order and any period: what it counts is never
/// above its limit. The storage is written out here, since the prover knows nothing of storage that is passed
/// to a function.
contract SpendWindowProof {
    uint48 internal present;
    uint256 internal spent;
    uint128 internal immutable LIMIT;

    constructor(uint128 limit) {
        LIMIT = limit;
    }

    function reserve(uint48 period, uint256 amount) external {
        uint256 before = present == period ? spent : 0;
        uint256 sum = SpendWindows.sumAfter(present, spent, period, amount, LIMIT);
        assert(sum <= LIMIT);
        assert(sum == before + amount);
        assert(period >= present);
        present = period;
        spent = sum;
    }

    function release(uint48 period, uint256 amount) external {
        if (present == period) spent -= amount;
    }

    function limited() external view {
        assert(spent <= LIMIT);
    }
}
