// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Action, ActionReader} from "./Action.sol";
import {Configuration, Rule} from "./Configuration.sol";
import {startOf} from "./Memory.sol";
import {Verdict, require_} from "./Verdicts.sol";

struct Call {
    address to;
    uint256 value;
    bytes data;
}

/// What leaves the wallet: reading, hashing, checking targets, running.
library Calls {
    using ActionReader for Action;

    uint256 private constant MAXIMUM = 16;
    bytes32 private constant CALL_TYPE = keccak256("Call(address to,uint256 value,bytes data)");

    /// count(u8), then each: to(20), u8 size, value(size), u24 size, data.
    function read(Action memory action) internal pure returns (Call[] memory calls) {
        unchecked {
            uint256 count = action.take(1);
            require_(count <= MAXIMUM, Verdict.TOO_MANY_CALLS);
            calls = new Call[](count);
            for (uint256 i = 0; i < count; ++i) {
                Call memory call = calls[i];
                call.to = address(uint160(action.take(20)));
                uint256 size = action.take(1);
                require_(size <= 32, Verdict.NON_CANONICAL);
                if (size != 0) {
                    call.value = action.take(size);
                    require_(call.value >> ((size - 1) << 3) != 0, Verdict.NON_CANONICAL);
                }
                size = action.take(3);
                uint256 position = action.position;
                require_(position + size <= action.end, Verdict.DATA_TOO_SHORT);
                bytes memory data = new bytes(size);
                assembly ("memory-safe") {
                    calldatacopy(add(data, 0x20), position, size)
                }
                call.data = data;
                action.position = position + size;
            }
        }
    }

    /// EIP-712 hash of Call[].
    function hash(Call[] memory calls) internal pure returns (bytes32) {
        unchecked {
            bytes32[] memory hashes = new bytes32[](calls.length);
            for (uint256 i = 0; i < calls.length; ++i) {
                Call memory call = calls[i];
                hashes[i] =
                    keccak256(abi.encode(CALL_TYPE, call.to, call.value, keccak256(call.data)));
            }
            return keccak256(abi.encodePacked(hashes));
        }
    }

    /// No call goes to the wallet itself or to nobody, and each has a target of the rule's scope.
    function checkTargets(Call[] memory calls, Rule memory rule) internal view {
        unchecked {
            for (uint256 i = 0; i < calls.length; ++i) {
                Call memory call = calls[i];
                require_(call.to != address(this) && call.to != address(0), Verdict.TARGET_RESERVED);
                require_(
                    rule.scope == 0
                        || Configuration.scopeAllows(
                            rule.scope, uint160(call.to), startOf(call.data), call.data.length
                        ),
                    Verdict.TARGET_NOT_ALLOWED
                );
            }
        }
    }

    /// All or none: what one of them answers when it fails is the answer.
    function run(Call[] memory calls) internal {
        unchecked {
            for (uint256 i = 0; i < calls.length; ++i) {
                Call memory call = calls[i];
                (address to, uint256 value, bytes memory data) = (call.to, call.value, call.data);
                assembly ("memory-safe") {
                    if iszero(call(gas(), to, value, add(data, 0x20), mload(data), 0, 0)) {
                        let free := mload(0x40)
                        returndatacopy(free, 0, returndatasize())
                        revert(free, returndatasize())
                    }
                }
            }
        }
    }
}
