// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Steps} from "../../src/Steps.sol";

/// A cancel that leaves what waits.
contract CancelRefuted {
    uint256 internal action;
    bool internal isOver = true;

    function propose(uint8 number) external {
        require(number != 0);
        Steps.requireFree(action, 0, block.timestamp);
        action = number;
        isOver = false;
    }

    function take(uint8 number) external {
        require(number != 0 && block.timestamp < 14 days);
        Steps.requireDue(action, number, 0, 0, 0, block.timestamp);
        action = 0;
        assert(!isOver);
    }

    function cancel() external {
        isOver = true;
    }
}

/// A wait that knows no guard.
contract GuardRefuted {
    uint256 internal action;
    uint256 internal earliest;
    uint256 internal digest;
    uint256 internal proposedAt;
    uint256 internal held;

    function propose(uint8 number, uint256 body, uint32 delay, uint32 guard) external {
        require(number != 0 && block.timestamp < 1 << 39);
        Steps.requireFree(action, earliest, block.timestamp);
        action = number;
        earliest = Steps.earliestAfter(block.timestamp, delay, 0);
        digest = body;
        proposedAt = block.timestamp;
        held = guard;
    }

    function take(uint8 number, uint256 body) external {
        require(number != 0 && block.timestamp < 1 << 39);
        Steps.requireDue(action, number, digest, body, earliest, block.timestamp);
        action = 0;
        assert(block.timestamp >= proposedAt + held);
    }
}

/// Bounds that are one too tight, and checks left out.
contract DueRefuted {
    function early(uint256 action, uint256 digest, uint40 earliest, uint40 time) external pure {
        Steps.requireDue(action, action, digest, digest, earliest, time);
        assert(time > earliest);
    }

    function late(uint256 action, uint256 digest, uint40 earliest, uint40 time) external pure {
        Steps.requireDue(action, action, digest, digest, earliest, time);
        assert(time < uint256(earliest) + 14 days);
    }

    /// It does not ask what else is under way.
    function outrun(uint256 digest, uint40 earliest, uint40 recovery, uint40 time) external pure {
        Steps.requireDue(1, 1, digest, digest, earliest, time);
        assert(time >= uint256(recovery) + 2 days);
    }

    function replaced(uint256 action, uint40 earliest, uint40 time) external pure {
        Steps.requireFree(action, earliest, time);
        assert(time > uint256(earliest) + 14 days);
    }

    function freeze(uint40 frozenAt, uint40 time) external pure {
        Steps.requireFreeze(frozenAt, time);
        assert(time > uint256(frozenAt) + 30 days);
    }

    function cancels(uint40 since, uint40 time) external pure {
        (uint256 cancels_,) = Steps.countCancel(1, since, time);
        assert(cancels_ == 1);
    }
}
