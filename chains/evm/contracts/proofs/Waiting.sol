// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Steps} from "../src/Steps.sol";

/// The record of one rule, and the earliest time of one rule of the recovery part, at any time and in any
/// order. The steps are those of the wallet; that they are called as here is what Waiting.sol says and what
/// test/Steps.t.sol compares. Times are below 2^39, waits below 2^31: those of a record have 40 bits.
contract WaitingProof {
    uint256 internal action;
    uint256 internal earliest;
    uint256 internal digest;
    bool internal tie;
    bool internal guarded;
    uint256 internal cancels;
    uint256 internal since;

    /// The earliest time of a rule of the recovery part; 0 if it never proposed or that was forgotten.
    uint256 internal recovery;

    /// What was proposed last, when, how long it had to wait, whether by one party under a guard, and whether
    /// it was cancelled or applied since.
    uint256 internal proposed;
    uint256 internal proposedDigest;
    uint256 internal proposedAt;
    uint256 internal delayed;
    uint256 internal held;
    bool internal isOver = true;

    /// When the last recovery could be applied at the earliest, unless that was forgotten.
    uint256 internal recoverable;

    function propose(uint8 number, uint256 body, uint32 delay, uint32 guard, bool isTie) external {
        uint256 time = _time();
        require(number != 0 && delay < 1 << 31 && guard < 1 << 31);
        Steps.requireFree(action, earliest, time);
        // What still could be applied is not replaced.
        assert(isOver || time > proposedAt + delayed + 14 days);
        assert(isOver || time > proposedAt + held + 14 days);
        action = number;
        tie = isTie;
        guarded = guard != 0;
        earliest = Steps.earliestAfter(time, delay, guard);
        digest = body;

        proposed = number;
        proposedDigest = body;
        proposedAt = time;
        delayed = delay;
        held = guard;
        isOver = false;
    }

    function take(uint8 number, uint256 body) external {
        uint256 time = _time();
        require(number != 0);
        Steps.requireDue(action, number, digest, body, earliest, time);
        if (guarded && recovery != 0) {
            Steps.requireMargin(recovery, time);
        }
        action = 0;

        // It is what was proposed last, neither cancelled nor applied before.
        assert(!isOver);
        assert(number == proposed && body == proposedDigest);
        // Not early, neither for the delay nor for the guard, and not late.
        assert(time >= proposedAt + delayed);
        assert(time >= proposedAt + held);
        assert(time <= proposedAt + (delayed > held ? delayed : held) + 14 days);
        // What one party approved does not outrun a recovery.
        assert(held == 0 || recoverable == 0 || time >= recoverable + 2 days);
        isOver = true;
    }

    function cancel(bool isStrong) external {
        uint256 time = _time();
        if (action == 0) require(isStrong);
        action = 0;
        if (isStrong || !tie) {
            earliest = 0;
        } else {
            (cancels, since) = Steps.countCancel(cancels, since, time);
            assert(cancels <= 2);
        }
        isOver = true;
    }

    /// A change of the shared part that leaves the rule, but not what waits under it.
    function carry() external {
        action = 0;
        earliest = 0;
        isOver = true;
    }

    /// A change without the rule.
    function clear() external {
        action = 0;
        earliest = 0;
        digest = 0;
        tie = false;
        guarded = false;
        cancels = 0;
        since = 0;
        isOver = true;
    }

    function proposeRecovery(uint32 delay) external {
        uint256 time = _time();
        require(delay < 1 << 31);
        recovery = Steps.earliestAfter(time, delay, 0);
        recoverable = time + delay;
    }

    /// A cancel by two parties, by the proposer or against TIE 0, or another commitment.
    function forgetRecovery() external {
        recovery = 0;
        recoverable = 0;
    }

    function _time() private view returns (uint256) {
        require(block.timestamp < 1 << 39);
        return block.timestamp;
    }
}

/// Cancels by one party against TIE 1 at times that do not step back: two in 90 days.
contract CancelBudgetProof {
    uint256 internal cancels;
    uint256 internal since;
    uint256 internal last;

    function cancel(uint256 time) external {
        require(time != 0 && time >= last && time < 1 << 39);
        last = time;
        uint256 before = since;
        (cancels, since) = Steps.countCancel(cancels, since, time);
        // At most two in the 90 days that begin with the first of them.
        assert(since == before || since == time);
        assert(cancels == 1 || cancels == 2);
        assert(cancels == 1 || time <= since + 90 days);
        assert(cancels == 2 || since == time);
    }
}

/// One rule freezes once in 30 days.
contract FreezeProof {
    uint256 internal frozenAt;
    uint256 internal last;

    function freeze() external {
        require(block.timestamp != 0 && block.timestamp < 1 << 39);
        Steps.requireFreeze(frozenAt, block.timestamp);
        assert(last == 0 || block.timestamp >= last + 30 days);
        frozenAt = block.timestamp;
        last = block.timestamp;
    }
}
