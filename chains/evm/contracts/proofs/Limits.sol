// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Steps} from "../src/Steps.sol";

/// One counter, booked any number of times, whatever the clock does. WATCHED is any window.
contract LimitsProof {
    uint64 internal immutable PER_CALL;
    uint64 internal immutable PER_PERIOD;
    uint64 internal immutable WATCHED;

    uint256 internal window;
    uint256 internal spent;

    /// All that was ever booked in the watched window, and whether it is over.
    uint256 internal total;
    bool internal isOver;

    constructor(uint64 perCall, uint64 perPeriod, uint64 watched) {
        PER_CALL = perCall;
        PER_PERIOD = perPeriod;
        WATCHED = watched;
    }

    function book(uint64 clock, uint248 outflow) external {
        (uint256 next, uint256 sum) =
            Steps.spend(window, spent, clock, outflow, PER_CALL, PER_PERIOD);
        assert(outflow <= PER_CALL);
        assert(sum <= PER_PERIOD);
        // A clock that steps back opens nothing, and takes nothing back.
        assert(next >= window && next >= clock);
        assert(clock > window || (next == window && sum == spent + outflow));
        assert(clock <= window || (next == clock && sum == outflow));
        window = next;
        spent = sum;
        if (next == WATCHED) {
            assert(!isOver);
            total += outflow;
        } else if (next > WATCHED) {
            isOver = true;
        }
    }

    function limited() external view {
        assert(total <= PER_PERIOD);
    }
}

/// With a clock that does not step back, what was booked while the clock stood in the watched window.
contract ClockProof {
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
        require(clock >= window);
        (window, spent) = Steps.spend(window, spent, clock, outflow, PER_CALL, PER_PERIOD);
        if (clock == WATCHED) total += outflow;
    }

    function limited() external view {
        assert(total <= PER_PERIOD);
    }
}

/// Amounts and times.
contract WindowProof {
    /// The units cover the amount, by less than one unit more. Amounts are at most 2^254, units 10^57.
    function unitsOf(uint256 amount, uint192 unit) external pure {
        require(amount <= 1 << 254 && unit != 0);
        uint256 units = Steps.unitsOf(amount, unit);
        unchecked {
            assert(units * unit >= amount);
            assert(units * unit < amount + unit);
        }
    }

    /// The time is in its window.
    function windowAt(uint64 time, uint64 start, uint32 period) external pure {
        require(period != 0 && time >= start);
        (, uint256 opens) = Steps.windowAt(time, start, period);
        assert(start <= opens && opens <= time);
        assert(time < opens + period);
    }

    /// An interval that was narrowed to a window is in both.
    function narrow(uint64 from, uint256 until, uint64 opens, uint32 period, uint64 time)
        external
        pure
    {
        require(period != 0);
        (uint256 first, uint256 last) = Steps.narrow(from, until, opens, period);
        require(first <= time && time <= last);
        assert(from <= time && time <= until);
        assert(opens <= time && time < uint256(opens) + period);
    }
}
