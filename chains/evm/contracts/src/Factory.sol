// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Wallet} from "./Wallet.sol";

/// Makes wallets. Calldata: walletId(32), nothing else. Returns the wallet's address (32 bytes),
/// whether it was there before or not: who is overtaken by somebody else's deployment is not
/// stopped by it.
///
/// The address is that of CREATE2 with walletId as the salt. The deterministic deployer puts the
/// factory itself at one address on every chain.
contract Factory {
    address private immutable WALLET;

    /// For the CREATE2 below: 32,000, the clone's 49 bytes at 200 each, and the steps around them.
    uint256 private constant CREATE_GAS = 42_300;

    /// `program`: the Solana program of which wallet ids are derived addresses.
    constructor(bytes32 program, address actions, address standards) {
        WALLET = address(new Wallet(program, actions, standards));
    }

    fallback() external {
        address wallet = WALLET;
        assembly {
            // The clone takes ether without data and delegates everything else:
            // PUSH1 49 DUP1 PUSH1 9 PUSH0 CODECOPY PUSH0 RETURN
            // 5f5f 36 15 602f 57  36 5f5f 37  36 5f 73<wallet> 5a f4  3d 5f5f 3e  5f 3d 91 602f 57
            // fd 5b f3
            mstore(
                0x00,
                or(shl(184, 0x60318060095f395ff3), shl(72, 0x5f5f3615602f57365f5f37365f73))
            )
            mstore(0x17, shl(96, wallet))
            mstore(0x2b, shl(136, 0x5af43d5f5f3e5f3d91602f57fd5bf3))
            let salt := calldataload(0)
            if eq(caller(), address()) {
                mstore(0x40, create2(0, 0x00, 58, salt))
                return(0x40, 0x20)
            }
            if xor(calldatasize(), 0x20) { revert(0, 0) }
            // CREATE2 onto an existing contract burns all the gas it gets, so it runs in a bounded
            // call to this contract itself. Looking first would cost every deployment 2,600 more.
            mstore(0x60, salt)
            let done := call(CREATE_GAS, address(), 0, 0x60, 0x20, 0x60, 0x20)
            if iszero(and(done, iszero(iszero(mload(0x60))))) {
                let hash := keccak256(0x00, 58)
                mstore(0x00, or(0xff0000000000000000000000000000000000000000, address()))
                mstore(0x20, salt)
                mstore(0x40, hash)
                let clone := and(keccak256(11, 85), 0xffffffffffffffffffffffffffffffffffffffff)
                if iszero(extcodesize(clone)) {
                    // A chain with other prices: once more, without the bound.
                    mstore(0x60, salt)
                    pop(call(gas(), address(), 0, 0x60, 0x20, 0x60, 0x20))
                    if xor(mload(0x60), clone) { revert(0, 0) }
                }
                mstore(0x60, clone)
            }
            return(0x60, 0x20)
        }
    }
}
