// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEntryPoint, PackedUserOperation} from "../../src/paymaster/EntryPoint.sol";
import {Vm} from "./Vm.sol";

/// More of the EntryPoint than a paymaster uses.
interface IWholeEntryPoint is IEntryPoint {
    error FailedOp(uint256 opIndex, string reason);
    error FailedOpWithRevert(uint256 opIndex, string reason, bytes inner);

    event UserOperationEvent(
        bytes32 indexed userOpHash,
        address indexed sender,
        address indexed paymaster,
        uint256 nonce,
        bool success,
        uint256 actualGasCost,
        uint256 actualGasUsed
    );

    function handleOps(PackedUserOperation[] calldata operations, address payable beneficiary)
        external;
    function getUserOpHash(PackedUserOperation calldata operation) external view returns (bytes32);
    function balanceOf(address account) external view returns (uint256);
    function getNonce(address sender, uint192 key) external view returns (uint256);
}

/// The EntryPoints as their authors compiled them.
library EntryPoints {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// version: "0.7", "0.8" or "0.9".
    function deploy(string memory version) internal returns (IWholeEntryPoint entryPoint) {
        string memory path =
            string.concat("node_modules/entry-point-", version, "/artifacts/EntryPoint.json");
        bytes memory code = vm.parseJsonBytes(vm.readFile(path), ".bytecode");
        assembly ("memory-safe") {
            entryPoint := create(0, add(code, 0x20), mload(code))
        }
        vm.assertTrue(address(entryPoint) != address(0), "the EntryPoint was not deployed");
    }
}

/// The smallest account of ERC-4337: it approves everything and does what it is told.
contract OpenAccount {
    function validateUserOp(PackedUserOperation calldata, bytes32, uint256 missing)
        external
        returns (uint256)
    {
        if (missing > 0) {
            (bool ok,) = msg.sender.call{value: missing}("");
            require(ok);
        }
        return 0;
    }

    function execute(address to, bytes calldata data) external {
        (bool ok,) = to.call(data);
        require(ok, "call failed");
    }

    /// Uses all the gas there is but about so much.
    function burn(uint256 rest) external view {
        while (gasleft() > rest + 1_000) {}
    }

    function fail() external pure {
        revert("failed");
    }

    receive() external payable {}
}
