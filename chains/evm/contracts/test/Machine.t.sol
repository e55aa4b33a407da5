// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "./support/Test.sol";
import {TestToken} from "./support/TestToken.sol";

/// The machine that the other tests take for granted.
contract MachineTest is Test {
    /// P256VERIFY answers 1 to a valid signature and nothing to an invalid one.
    function test_p256_precompile() external view {
        bytes32 digest = keccak256("digest");
        (uint256 x, uint256 y) = vm.publicKeyP256(7);
        (bytes32 r, bytes32 s) = vm.signP256(7, digest);
        (bool ok, bytes memory answer) = P256_PRECOMPILE.staticcall(abi.encode(digest, r, s, x, y));
        vm.assertTrue(ok);
        vm.assertEq(answer, abi.encode(1));
        (ok, answer) = P256_PRECOMPILE.staticcall(abi.encode(~digest, r, s, x, y));
        vm.assertTrue(ok);
        vm.assertEq(answer, "");
    }

    /// The deployer is where it is on every chain, and puts code where CREATE2 says.
    function test_create2_deployer() external {
        bytes memory initCode = type(TestToken).creationCode;
        vm.assertEq(
            deployDeterministically(0, initCode),
            vm.computeCreate2Address(0, keccak256(initCode), CREATE2_DEPLOYER)
        );
    }

    function test_transient_storage_and_mcopy() external {
        uint256 loaded;
        uint256 copied;
        assembly ("memory-safe") {
            tstore(5, 6)
            loaded := tload(5)
            mstore(0x00, 7)
            mcopy(0x20, 0x00, 0x20)
            copied := mload(0x20)
        }
        vm.assertEq(loaded, 6);
        vm.assertEq(copied, 7);
    }

    function test_token() external {
        TestToken token = new TestToken();
        (address alice,) = makeAccount("alice");
        token.mint(alice, 5);
        vm.assertEq(token.balanceOf(alice), 5);
    }
}
