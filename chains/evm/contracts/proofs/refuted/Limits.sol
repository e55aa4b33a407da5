// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Steps} from "../../src/Steps.sol";

/// A counter that opens a window again when the clock steps back.
contract LimitsRefuted {
    uint64 internal immutable PER_CALL;
    uint64 internal immutable PER_PERIOD;
    uint64 internal immutable WATCHED;

    uint256 internal window;
    uint256 internal spent;
    uint256 internal total;

    constructor(uint64 perCall, uint64 perPeriod, uint64 watched) {
        PER_CALL = perCall;
        PER_PERIOD = perPeriod;
        WATCHED = watched;
    }

    function book(uint64 clock, uint248 outflow) external {
        if (clock < window) {
            window = clock;
            spent = 0;
        }
        (window, spent) = Steps.spend(window, spent, clock, outflow, PER_CALL, PER_PERIOD);
        if (window == WATCHED) total += outflow;
    }

    function limited() external view {
        assert(total <= PER_PERIOD);
    }
}

/// Bounds that are one too tight.
contract BoundsRefuted {
    function spend(uint64 window, uint64 clock, uint64 spent, uint64 outflow, uint64 most)
        external
        pure
    {
        (, uint256 sum) = Steps.spend(window, spent, clock, outflow, most, most);
        assert(sum < most);
    }

    function unitsOf(uint64 amount) external pure {
        assert(Steps.unitsOf(amount, 1000) * 1000 == amount);
    }

    function windowAt(uint64 time) external pure {
        (, uint256 opens) = Steps.windowAt(time, 0, 3600);
        assert(time < opens + 3599);
    }

    function narrow(uint64 from, uint64 until, uint64 opens, uint64 time) external pure {
        (, uint256 last) = Steps.narrow(from, until, opens, 3600);
        require(time <= last);
        assert(time < uint256(opens) + 3599);
    }
}
