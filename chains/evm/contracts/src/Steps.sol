// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Verdict, require_} from "./Verdicts.sol";

/// The steps of what a wallet checks, counts and keeps, on numbers alone: without memory, storage and
/// assembly, so that they can be proved (proofs/README.md). Times are unix seconds.
library Steps {
    uint256 internal constant THRESHOLD_MASK = 0x0f;
    uint256 internal constant PROPOSAL_LIFE = 14 days;
    uint256 internal constant MARGIN = 2 days;
    uint256 internal constant CANCEL_BUDGET = 2;
    uint256 internal constant CANCEL_WINDOW = 90 days;
    uint256 internal constant FREEZE_INTERVAL = 30 days;

    // rules

    function requireRight(uint256 actions, uint256 right) internal pure {
        require_(actions & right != 0, Verdict.ACTION_NOT_ALLOWED);
    }

    function requireTimes(uint256 time, uint256 start, uint256 expiry) internal pure {
        require_(time >= start, Verdict.RULE_NOT_YET_VALID);
        require_(time < expiry, Verdict.RULE_EXPIRED);
    }

    function requireInRule(uint256 approvers, uint256 mask) internal pure {
        require_(approvers & ~mask == 0, Verdict.SIGNER_NOT_IN_RULE);
    }

    function requireThreshold(uint256 parties, uint256 quorum) internal pure {
        require_(parties > quorum & THRESHOLD_MASK, Verdict.THRESHOLD_NOT_MET);
    }

    /// The parties after one signer more, and whether the signer's is among them.
    function countParty(uint256 count, bool isCounted, bool isSameParty, bool approves)
        internal
        pure
        returns (uint256, bool)
    {
        unchecked {
            if (!isSameParty) {
                isCounted = false;
            }
            if (approves) {
                if (!isCounted) {
                    ++count;
                }
                isCounted = true;
            }
            return (count, isCounted);
        }
    }

    // limits

    /// Rounded up: dust counts as one.
    function unitsOf(uint256 amount, uint256 unit) internal pure returns (uint256) {
        unchecked {
            return (amount + unit - 1) / unit;
        }
    }

    /// The window of a time, and when it opens. The time is not before the start.
    function windowAt(uint256 time, uint256 start, uint256 period)
        internal
        pure
        returns (uint256 window, uint256 opens)
    {
        unchecked {
            window = (time - start) / period;
            opens = start + window * period;
        }
    }

    /// The part of an interval of times, both included, that is in the window.
    function narrow(uint256 from, uint256 until, uint256 opens, uint256 period)
        internal
        pure
        returns (uint256, uint256)
    {
        unchecked {
            uint256 closes = opens + period - 1;
            return (opens > from ? opens : from, closes < until ? closes : until);
        }
    }

    /// The counter (window, spent) after an outflow in a window.
    function spend(
        uint256 stored,
        uint256 spent,
        uint256 window,
        uint256 outflow,
        uint256 perCall,
        uint256 perPeriod
    ) internal pure returns (uint256, uint256) {
        unchecked {
            require_(outflow <= perCall, Verdict.LIMIT_PER_CALL);
            // A clock that steps back must not open a window again.
            if (stored < window) {
                stored = window;
                spent = 0;
            }
            spent += outflow;
            require_(spent <= perPeriod, Verdict.LIMIT_PER_PERIOD);
            return (stored, spent);
        }
    }

    // nonces

    /// The number that a sequence gives, and the sequence after it.
    function useSequence(uint256 sequence) internal pure returns (uint256 nonce, uint256 next) {
        unchecked {
            return (sequence, sequence + 1);
        }
    }

    // waiting

    /// Nothing waits that could still be applied.
    function requireFree(uint256 action, uint256 earliest, uint256 time) internal pure {
        unchecked {
            require_(action == 0 || time > earliest + PROPOSAL_LIFE, Verdict.ALREADY_WAITS);
        }
    }

    function earliestAfter(uint256 time, uint256 delay, uint256 guard)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            return time + (delay > guard ? delay : guard);
        }
    }

    /// What waits is this action, and its time is now.
    function requireDue(
        uint256 action,
        uint256 number,
        uint256 kept,
        uint256 digest,
        uint256 earliest,
        uint256 time
    ) internal pure {
        unchecked {
            require_(action == number, Verdict.NOTHING_WAITS);
            require_(kept == digest, Verdict.OTHER_PROPOSAL);
            require_(time >= earliest, Verdict.TOO_EARLY);
            require_(time <= earliest + PROPOSAL_LIFE, Verdict.PROPOSAL_EXPIRED);
        }
    }

    /// The recovery that may be applied from `earliest` is not outrun.
    function requireMargin(uint256 earliest, uint256 time) internal pure {
        unchecked {
            require_(time >= earliest + MARGIN, Verdict.RECOVERY_UNDER_WAY);
        }
    }

    function requireEpoch(uint256 present, uint256 named) internal pure {
        require_(present == named, Verdict.EPOCH);
    }

    /// The cancels by one party, and since when they are counted, after one more.
    function countCancel(uint256 cancels, uint256 since, uint256 time)
        internal
        pure
        returns (uint256, uint256)
    {
        unchecked {
            if (cancels == 0 || time > since + CANCEL_WINDOW) {
                cancels = 0;
                since = time;
            }
            require_(cancels != CANCEL_BUDGET, Verdict.CANCEL_BUDGET);
            return (cancels + 1, since);
        }
    }

    function requireFreeze(uint256 frozenAt, uint256 time) internal pure {
        unchecked {
            require_(frozenAt == 0 || time >= frozenAt + FREEZE_INTERVAL, Verdict.FREEZE_BUDGET);
        }
    }
}
