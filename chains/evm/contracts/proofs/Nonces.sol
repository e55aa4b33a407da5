// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Steps} from "../src/Steps.sol";

/// The sequences of a wallet: lane 0, the other lanes and the sessions, used in any order. A sequence gives
/// its number and moves on by one, as in WalletBase._useNonce. LANE, SESSION and NONCE are any.
contract SequencesProof {
    /// A sequence has 64 bits, which are not used up.
    uint256 internal constant LIMIT = 1 << 64;

    uint64 internal immutable LANE;
    bytes32 internal immutable SESSION;
    uint256 internal immutable NONCE;

    uint256 internal sequence;
    mapping(uint64 => uint256) internal lanes;
    mapping(bytes32 => uint256) internal sessions;

    /// How often NONCE was given in lane 0, in LANE and in SESSION.
    uint256 internal given;
    uint256 internal givenInLane;
    uint256 internal givenInSession;

    constructor(uint64 lane, bytes32 session, uint256 nonce) {
        LANE = lane;
        SESSION = session;
        NONCE = nonce;
    }

    function use() external {
        (uint256 nonce, uint256 next) = Steps.useSequence(sequence);
        require(next < LIMIT);
        sequence = next;
        if (nonce == NONCE) ++given;
    }

    function useLane(uint64 lane) external {
        (uint256 nonce, uint256 next) = Steps.useSequence(lanes[lane]);
        require(next < LIMIT);
        lanes[lane] = next;
        if (lane == LANE && nonce == NONCE) ++givenInLane;
    }

    function useSession(bytes32 session) external {
        (uint256 nonce, uint256 next) = Steps.useSequence(sessions[session]);
        require(next < LIMIT);
        sessions[session] = next;
        if (session == SESSION && nonce == NONCE) ++givenInSession;
    }

    function once() external view {
        assert(given <= 1);
        assert(givenInLane <= 1);
        assert(givenInSession <= 1);
    }
}

/// The epoch of a rule, moved on by its proposals, freezes and recoveries, and by cancels of what was not
/// proposed yet. NAMED is any epoch: of all approvals that name it one alone is used.
contract EpochsProof {
    uint256 internal immutable NAMED;
    uint256 internal epoch;
    uint256 internal used;

    constructor(uint256 named) {
        NAMED = named;
    }

    /// A policy or a recovery that waits, a recovery that does not, a freeze or a lift.
    function use(uint256 named) external {
        Steps.requireEpoch(epoch, named);
        ++epoch;
        if (named == NAMED) ++used;
    }

    /// Anything else that moves the epoch on.
    function bump() external {
        ++epoch;
    }

    function once() external view {
        assert(used <= 1);
    }
}

/// Cancels that name an epoch, any, whatever happens between them: one alone does anything. One step of the
/// induction over all that moves the epoch on or ends what waits: `isCancelled` says that a cancel that named
/// `watched` was done.
contract CancelsProof {
    function start() external pure {
        assert(_holds(0, false, false, 0));
    }

    function propose(uint64 epoch, bool waits, bool isCancelled, uint64 watched) external pure {
        require(_holds(epoch, waits, isCancelled, watched));
        assert(_holds(uint256(epoch) + 1, true, isCancelled, watched));
    }

    function bump(uint64 epoch, bool waits, bool isCancelled, uint64 watched) external pure {
        require(_holds(epoch, waits, isCancelled, watched));
        assert(_holds(uint256(epoch) + 1, waits, isCancelled, watched));
    }

    /// Applied, or ended by a change.
    function end(uint64 epoch, bool waits, bool isCancelled, uint64 watched) external pure {
        require(_holds(epoch, waits, isCancelled, watched));
        assert(_holds(epoch, false, isCancelled, watched));
    }

    function cancel(
        uint64 epoch,
        bool waits,
        bool isCancelled,
        uint64 watched,
        uint64 named,
        bool isStrong
    ) external pure {
        require(_holds(epoch, waits, isCancelled, watched));
        uint256 next = epoch;
        if (!waits) {
            require(isStrong);
            ++next;
        }
        Steps.requireEpoch(next, uint256(named) + 1);
        assert(!isCancelled || named != watched);
        assert(_holds(next, false, isCancelled || named == watched, watched));
    }

    /// What is true between the steps.
    function _holds(uint256 epoch, bool waits, bool isCancelled, uint256 watched)
        private
        pure
        returns (bool)
    {
        return !isCancelled || epoch > watched + 1 || (epoch == watched + 1 && !waits);
    }
}
