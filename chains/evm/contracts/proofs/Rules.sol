// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Steps} from "../src/Steps.sol";

/// What every action passes before it is done or proposed.
contract RulesProof {
    /// An action that got through has the right.
    function right(uint8 actions, uint8 right_) external pure {
        Steps.requireRight(actions, right_);
        assert(actions & right_ != 0);
    }

    /// All that approved are of the mask.
    function inRule(uint16 mask, uint16 approvers) external pure {
        Steps.requireInRule(approvers, mask);
        assert(approvers & ~uint256(mask) == 0);
    }

    /// There are enough parties.
    function threshold(uint256 parties, uint8 quorum) external pure {
        Steps.requireThreshold(parties, quorum);
        assert(parties >= uint256(quorum & 0x0f) + 1);
    }

    /// Its time is now.
    function times(uint64 start, uint64 expiry) external view {
        Steps.requireTimes(block.timestamp, start, expiry);
        assert(start <= block.timestamp && block.timestamp < expiry);
    }

    /// What is true of a time that is claimed is true of every time in the interval that is told.
    function claimed(uint64 claim, uint64 start, uint64 expiry, uint64 time) external pure {
        Steps.requireTimes(claim, start, expiry);
        uint256 validUntil = uint256(expiry) - 1;
        require(start <= time && time <= validUntil);
        Steps.requireTimes(time, start, expiry);
        assert(time >= start);
        assert(time < expiry);
        assert(start <= claim && claim <= validUntil);
    }
}

/// One bit of the approvers, any, and the bit of the mask at the same place.
contract MaskProof {
    function signer(bool isInMask, bool approves) external pure {
        Steps.requireInRule(approves ? 1 : 0, isInMask ? 1 : 0);
        assert(isInMask || !approves);
    }
}

/// The signers are gone through in their order: a party counts once if one of its signers approves, however
/// many do, and not at all if none does. One step of the induction over the signers: `before` is the count
/// before the party of the present signer, `approved` whether a signer of that party approved.
contract PartiesProof {
    function next(uint8 before, bool approved, bool isCounted, bool isSameParty, bool approves)
        external
        pure
    {
        require(isCounted == approved);
        uint256 count = uint256(before) + (approved ? 1 : 0);
        uint256 first = isSameParty ? before : count;
        bool now_ = approves || (isSameParty && approved);
        (count, isCounted) = Steps.countParty(count, isCounted, isSameParty, approves);
        assert(isCounted == now_);
        assert(count == first + (now_ ? 1 : 0));
    }
}
