// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Steps} from "../../src/Steps.sol";

/// A lane that forgets that it was used.
contract SequencesRefuted {
    uint256 internal immutable NONCE;
    uint256 internal sequence;
    uint256 internal given;

    constructor(uint256 nonce) {
        NONCE = nonce;
    }

    function use() external {
        (uint256 nonce,) = Steps.useSequence(sequence);
        if (nonce == NONCE) ++given;
    }

    function once() external view {
        assert(given <= 1);
    }
}

/// A cancel that does not move the epoch on when nothing waits, and a freeze that does not either.
contract EpochsRefuted {
    uint32 internal immutable NAMED;
    uint256 internal epoch;
    bool internal waits;
    uint256 internal used;
    uint256 internal cancelled;

    constructor(uint32 named) {
        NAMED = named;
    }

    function propose(uint32 named) external {
        Steps.requireEpoch(epoch, named);
        waits = true;
        ++epoch;
    }

    function freeze(uint32 named) external {
        Steps.requireEpoch(epoch, named);
        if (named == NAMED) ++used;
    }

    function cancel(uint32 named) external {
        if (waits) Steps.requireEpoch(epoch, uint256(named) + 1);
        else Steps.requireEpoch(epoch, named);
        waits = false;
        if (named == NAMED) ++cancelled;
    }

    function once() external view {
        assert(used <= 1);
        assert(cancelled <= 1);
    }
}
