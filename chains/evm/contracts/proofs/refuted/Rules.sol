// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Steps} from "../../src/Steps.sol";

/// Each check left out, or one off.
contract RulesRefuted {
    function right(bool isRight, bool other) external pure {
        Steps.requireRight((isRight ? 1 : 0) + (other ? 2 : 0), 3);
        assert(isRight);
    }

    /// Mask and approvers in each other's place.
    function mask(bool isInMask, bool approves) external pure {
        Steps.requireInRule(isInMask ? 1 : 0, approves ? 1 : 0);
        assert(isInMask || !approves);
    }

    function threshold(uint256 parties) external pure {
        Steps.requireThreshold(parties, 0x81);
        assert(parties > 2);
    }

    function expiry(uint64 time, uint64 start, uint64 end) external pure {
        Steps.requireTimes(time, start, end);
        assert(uint256(time) + 1 < end);
    }

    function claimed(uint64 claim, uint64 start, uint64 end, uint64 time) external pure {
        Steps.requireTimes(claim, start, end);
        // The end itself is not in the interval.
        require(start <= time && time <= end);
        assert(time < end);
    }
}

/// Keys that are counted instead of parties.
contract PartiesRefuted {
    function next(uint8 before, bool approved, bool isSameParty, bool approves) external pure {
        uint256 count = uint256(before) + (approved ? 1 : 0);
        uint256 first = isSameParty ? before : count;
        bool now_ = approves || (isSameParty && approved);
        (count,) = Steps.countParty(count, false, isSameParty, approves);
        assert(count == first + (now_ ? 1 : 0));
    }
}
