// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PackedUserOperation} from "../../src/UserOperation.sol";

/// The real one, as far as tests call it.
interface IEntryPoint {
    event UserOperationEvent(
        bytes32 indexed userOpHash,
        address indexed sender,
        address indexed paymaster,
        uint256 nonce,
        bool success,
        uint256 actualGasCost,
        uint256 actualGasUsed
    );

    error FailedOp(uint256 index, string reason);
    error FailedOpWithRevert(uint256 index, string reason, bytes inner);

    function handleOps(PackedUserOperation[] calldata operations, address payable beneficiary)
        external;
    function getUserOpHash(PackedUserOperation calldata operation) external view returns (bytes32);
    function getNonce(address sender, uint192 key) external view returns (uint256);
    function depositTo(address account) external payable;
    function balanceOf(address account) external view returns (uint256);
}

interface IAccount {
    function validateUserOp(
        PackedUserOperation calldata operation,
        bytes32 userOpHash,
        uint256 missing
    ) external payable returns (uint256);
}
