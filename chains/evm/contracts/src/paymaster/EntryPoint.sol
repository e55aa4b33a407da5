// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PackedUserOperation} from "../UserOperation.sol";

/// What a paymaster uses of the EntryPoint.
interface IEntryPoint {
    function depositTo(address account) external payable;
    function withdrawTo(address payable to, uint256 amount) external;
    function addStake(uint32 unstakeDelaySeconds) external payable;
    function unlockStake() external;
    function withdrawStake(address payable to) external;
}

/// What the EntryPoint calls (ERC-4337).
interface IPaymaster {
    /// Whether the account's call succeeded. The EntryPoint never passes the third.
    enum PostOpMode {
        opSucceeded,
        opReverted,
        postOpReverted
    }

    /// maxCost is what the EntryPoint takes from the paymaster's deposit before anything runs; it
    /// gives back
    /// what was not spent. The second answer is 1 for a wrong signature, with validUntil from bit
    /// 160 and
    /// validAfter from bit 208.
    function validatePaymasterUserOp(
        PackedUserOperation calldata operation,
        bytes32 operationHash,
        uint256 maxCost
    ) external returns (bytes memory context, uint256 validationData);

    /// Called after the account's call if the context is not empty. If it reverts, so does the
    /// account's call,
    /// and the paymaster pays for both.
    function postOp(
        PostOpMode mode,
        bytes calldata context,
        uint256 actualGasCost,
        uint256 actualUserOpFeePerGas
    ) external;
}
