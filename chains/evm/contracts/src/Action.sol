// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Part, Rule} from "./Configuration.sol";
import {Verdict, refuse} from "./Verdicts.sol";

/// Numbers of actions, as in leaves, records and events.
library ActionNumber {
    uint256 internal constant USER_OPERATION = 0;
    uint256 internal constant EXECUTE = 1;
    uint256 internal constant GRANT = 2;
    uint256 internal constant REVOKE = 3;
    uint256 internal constant POLICY = 4;
    uint256 internal constant MESSAGE = 5;
    uint256 internal constant CANCEL = 11;
    uint256 internal constant APPLY = 12;
    uint256 internal constant FREEZE = 13;
    uint256 internal constant RECOVER = 14;
    uint256 internal constant UPGRADE = 15;
}

/// One action as far as it has been read (docs/spec/evm.md, long form), and what was found.
struct Action {
    uint256 number;
    uint256 flags;
    /// Unread calldata.
    uint256 position;
    uint256 end;
    /// Unix seconds by which rules are judged. In a user operation, which must not look at the
    /// clock, what its author claims; `validAfter` and `validUntil` say when that is true.
    uint256 time;
    uint256 validAfter;
    uint256 validUntil;
    uint256 hot;
    /// As the leaf names it: 0 to 15, or 0x80 and the index in the recovery part.
    uint256 ruleName;
    bool isLocal;
    bytes32 walletId;
    /// configId; under a local rule its id, under one of the recovery part the commitment.
    bytes32 parent;
    /// The shared part: absent under a local rule.
    Part shared;
    uint256 sharedStart;
    uint256 sharedEnd;
    /// The 32 bytes of the recovery commitment, or 0.
    bytes32 commitment;
    /// The recovery part, if the rule is one of it, and where the counts of `after` stand.
    Part recovery;
    uint256 recoveryAfter;
    uint256 recoveryEnd;
    /// What the rule is one of.
    Part part;
    Rule rule;
    /// Bit i: signer i approves.
    uint256 approvers;
    uint256 parties;
    /// 2^40 - 1: none.
    uint256 deadline;
    /// Gas that must be left before the first call.
    uint256 gasFloor;
    uint256 nonceKey;
    /// A signature by another key is not refused but told.
    bool isTolerant;
    bool isForeign;
}

library ActionReader {
    uint256 internal constant FLAG_TREE = 0x01;
    uint256 internal constant FLAG_EXECUTOR = 0x02;
    uint256 internal constant FLAG_DEADLINE = 0x04;
    uint256 internal constant FLAG_KEY = 0x08;
    uint256 internal constant FLAG_GAS = 0x10;

    uint256 internal constant NO_DEADLINE = 0xffffffffff;

    // Reading goes on behind the end and finds whatever is there; `close` refuses what was read
    // then.
    // Nothing lasts before it.

    /// The next `size` bytes as a number, 1 to 32.
    function take(Action memory action, uint256 size) internal pure returns (uint256 value) {
        unchecked {
            uint256 position = action.position;
            assembly ("memory-safe") {
                value := shr(sub(256, shl(3, size)), calldataload(position))
            }
            action.position = position + size;
        }
    }

    /// The next `size` bytes, at most 65,535, copied; 32 zero bytes follow them. Returns their
    /// address.
    function takeBytes(Action memory action, uint256 size) internal pure returns (uint256 copy) {
        unchecked {
            uint256 position = action.position;
            assembly ("memory-safe") {
                copy := mload(0x40)
                calldatacopy(copy, position, size)
                mstore(add(copy, size), 0)
                mstore(0x40, and(add(add(copy, size), 0x3f), not(0x1f)))
            }
            action.position = position + size;
        }
    }

    /// All of it was read, and no more.
    function close(Action memory action) internal pure {
        uint256 position = action.position;
        if (position != action.end) {
            refuse(position > action.end ? Verdict.DATA_TOO_SHORT : Verdict.TRAILING_BYTES);
        }
    }

    function has(Action memory action, uint256 flag) internal pure returns (bool) {
        return action.flags & flag != 0;
    }
}
