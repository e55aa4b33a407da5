// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Vm} from "./Vm.sol";

/// What a test contract inherits: the cheatcodes as `vm` (assertions are `vm.assertEq(...)`), and the lists
/// that forge reads for invariant tests.
abstract contract Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// The contract that deploys with CREATE2 on every chain (calldata: salt, init code).
    address internal constant CREATE2_DEPLOYER = 0x4e59b44847b379578588920cA78FbF26c0B4956C;

    /// Where EIP-7951 and RIP-7212 put P-256 verification.
    address internal constant P256_PRECOMPILE = address(0x100);

    address[] private _targets;
    FuzzSelector[] private _selectors;

    /// Invariant tests call this contract and, once one is named, no other.
    function targetContract(address target) internal {
        _targets.push(target);
    }

    /// Invariant tests call these functions and, of this contract, no others.
    function targetSelector(FuzzSelector memory selector) internal {
        _selectors.push(selector);
    }

    function targetContracts() public view returns (address[] memory) {
        return _targets;
    }

    function targetSelectors() public view returns (FuzzSelector[] memory) {
        return _selectors;
    }

    /// A number in [min, max] made from a fuzzed one; numbers that lie there stay as they are.
    function bound(uint256 value, uint256 min, uint256 max) internal pure returns (uint256) {
        if (value >= min && value <= max) return value;
        uint256 span = max - min;
        if (span == type(uint256).max) return value;
        return min + value % (span + 1);
    }

    /// An account of this name: its address and key, the same in every run.
    function makeAccount(string memory name) internal returns (address account, uint256 key) {
        key = uint256(keccak256(bytes(name)));
        account = vm.addr(key);
        vm.label(account, name);
    }

    /// Deploys by the CREATE2 deployer, where it will be on every chain.
    function deployDeterministically(bytes32 salt, bytes memory initCode)
        internal
        returns (address)
    {
        (bool ok, bytes memory deployed) = CREATE2_DEPLOYER.call(abi.encodePacked(salt, initCode));
        vm.assertTrue(ok, "the CREATE2 deployer failed");
        return address(bytes20(deployed));
    }
}
