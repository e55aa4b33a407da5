// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A user operation as ERC-4337's EntryPoint passes it since version 0.7.
struct PackedUserOperation {
    address sender;
    uint256 nonce;
    bytes initCode;
    bytes callData;
    /// Gas for validateUserOp (16 bytes) and for the call (16 bytes).
    bytes32 accountGasLimits;
    uint256 preVerificationGas;
    /// maxPriorityFeePerGas (16 bytes) and maxFeePerGas (16 bytes), in wei.
    bytes32 gasFees;
    /// Paymaster (20 bytes), gas for its validation (16), gas for its postOp (16), its own data.
    bytes paymasterAndData;
    bytes signature;
}

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
