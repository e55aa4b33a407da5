// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A contract that signs: "for " and the digest is its signature of it.
contract ContractSigner {
    function isValidSignature(bytes32 hash, bytes calldata signature)
        external
        pure
        returns (bytes4)
    {
        bool isGood =
            keccak256(signature) == keccak256(abi.encodePacked("for ", hash));
        return isGood ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}
