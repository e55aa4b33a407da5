// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// ERC-4337, from EntryPoint 0.7 on.
struct PackedUserOperation {
    address sender;
    uint256 nonce;
    bytes initCode;
    bytes callData;
    bytes32 accountGasLimits;
    uint256 preVerificationGas;
    bytes32 gasFees;
    bytes paymasterAndData;
    bytes signature;
}
