// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEntryPoint, PackedUserOperation} from "../../src/paymaster/EntryPoint.sol";
import {Paymaster} from "../../src/paymaster/Paymaster.sol";
import {SpendWindows} from "../../src/paymaster/SpendWindow.sol";
import {VerifyingPaymaster} from "../../src/paymaster/VerifyingPaymaster.sol";
import {OpenAccount} from "../support/EntryPoints.sol";
import {PaymasterTest} from "./PaymasterTest.sol";

contract VerifyingPaymasterTest is PaymasterTest {
    VerifyingPaymaster internal verifying;

    function setUp() external {
        prepare();
        postOpGas = 15_000;
        verifying = new VerifyingPaymaster(entryPoint, DAY, owner);
        startPaymaster(verifying);
        limit(100 ether, 1_000 ether);
    }

    function approvalOf(
        PackedUserOperation memory operation,
        uint48 validAfter,
        uint48 validUntil,
        uint256 key
    ) internal view override returns (bytes memory) {
        bytes32 digest = verifying.sponsorshipDigest(operation, validAfter, validUntil);
        return abi.encodePacked(validAfter, validUntil, signatureOf(key, digest));
    }

    function counted() internal view override returns (uint256 bySender, uint256 total) {
        return verifying.spentIn(uint48(block.timestamp) / DAY, address(account));
    }

    function limit(uint256 perSender, uint256 total) internal {
        vm.prank(owner);
        verifying.setLimits(VerifyingPaymaster.Limits(uint128(perSender), uint128(total)));
    }

    // --- who pays ----------------------------------------------------------------------------------------------

    function test_the_sponsor_pays() external {
        PackedUserOperation memory operation = approvedOperation();
        uint256 taken = takenBy(operation);
        assertPostOpRan();
        vm.assertGt(taken, 0);
        vm.assertEq(beneficiary.balance, taken);
        vm.assertEq(entryPoint.balanceOf(address(account)), 0);
        (uint256 bySender, uint256 total) = counted();
        vm.assertEq(bySender, total);
        vm.assertGe(bySender, taken);
        // Not much more than it was: a tenth of the call's gas, postOp's gas and a constant.
        vm.assertLe(bySender, taken + (CALL_GAS / 10 + 2 * postOpGas + 10_000) * FEE);
    }

    /// The digest is EIP-712's of the documented types: reckoned here from the text of the types alone.
    function test_digest() external view {
        PackedUserOperation memory operation = operationOf("data");
        operation.initCode = "code";
        bytes32 operationHash = keccak256(
            abi.encode(
                keccak256(
                    "Operation(address entryPoint,address sender,uint256 nonce,"
                    "bytes initCode,bytes callData,bytes32 accountGasLimits,"
                    "uint256 preVerificationGas,bytes32 gasFees,bytes32 paymasterGasLimits)"
                ),
                entryPoint,
                account,
                operation.nonce,
                keccak256("code"),
                keccak256("data"),
                operation.accountGasLimits,
                operation.preVerificationGas,
                operation.gasFees,
                bytes32(abi.encodePacked(VALIDATION_GAS, postOpGas))
            )
        );
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "Sponsorship(Operation operation,uint48 validAfter,"
                    "uint48 validUntil)Operation(address entryPoint,address sender,"
                    "uint256 nonce,bytes initCode,bytes callData,bytes32 accountGasLimits,"
                    "uint256 preVerificationGas,bytes32 gasFees,bytes32 paymasterGasLimits)"
                ),
                operationHash,
                5,
                6
            )
        );
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("Latchkey VerifyingPaymaster"),
                keccak256("1"),
                block.chainid,
                verifying
            )
        );
        vm.assertEq(
            verifying.sponsorshipDigest(operation, 5, 6),
            keccak256(abi.encodePacked(hex"1901", domain, structHash))
        );
    }

    function test_approval_of_another_paymaster() external {
        PackedUserOperation memory operation = approvedOperation();
        startPaymaster(new VerifyingPaymaster(entryPoint, DAY, owner));
        vm.prank(owner);
        VerifyingPaymaster(address(paymaster))
            .setLimits(VerifyingPaymaster.Limits(1 ether, 1 ether));
        bytes memory other = abi.encodePacked(paymaster);
        for (uint256 i = 0; i < 20; i++) {
            operation.paymasterAndData[i] = other[i];
        }
        refused(operation, "AA34 signature error");
        approve(operation);
        refused(operation, "AA34 signature error");
    }

    // --- limits ------------------------------------------------------------------------------------------------

    function test_limit_of_the_sender() external {
        PackedUserOperation memory operation = approvedOperation();
        uint256 most = maxCostOf(operation);
        limit(most - 1, 1 ether);
        refusedWith(operation, SpendWindows.LimitReached.selector);
        limit(most, 1 ether);
        vm.assertEq(failure(operation), "");
        // What was not spent is free again, the rest is gone.
        operation = approvedOperation();
        refusedWith(operation, SpendWindows.LimitReached.selector);
        (uint256 spent,) = counted();
        limit(spent + most - 1, 1 ether);
        refusedWith(operation, SpendWindows.LimitReached.selector);
        limit(spent + most, 1 ether);
        vm.assertEq(failure(operation), "");
        // Another sender has a limit of its own.
        account = new OpenAccount();
        operation = approvedOperation();
        vm.assertEq(failure(operation), "");
    }

    function test_limit_in_total() external {
        PackedUserOperation memory operation = approvedOperation();
        uint256 most = maxCostOf(operation);
        limit(1 ether, most - 1);
        refusedWith(operation, SpendWindows.LimitReached.selector);
        limit(1 ether, most);
        vm.assertEq(failure(operation), "");
        account = new OpenAccount();
        operation = approvedOperation();
        refusedWith(operation, SpendWindows.LimitReached.selector);
    }

    function test_limit_of_zero() external {
        limit(0, 1 ether);
        refusedWith(approvedOperation(), SpendWindows.LimitReached.selector);
        limit(1 ether, 0);
        refusedWith(approvedOperation(), SpendWindows.LimitReached.selector);
    }

    /// Operations of one bundle are all validated before the first runs: the most of each counts.
    function test_limits_across_a_bundle() external {
        PackedUserOperation[] memory operations = new PackedUserOperation[](3);
        for (uint192 i = 0; i < 3; i++) {
            operations[i] = operationOf("");
            operations[i].nonce = entryPoint.getNonce(address(account), i);
            approve(operations[i]);
        }
        uint256 most = maxCostOf(operations[0]);
        limit(3 * most - 1, 1 ether);
        refusedWith(operations, SpendWindows.LimitReached.selector);
        limit(1 ether, 3 * most - 1);
        refusedWith(operations, SpendWindows.LimitReached.selector);
        limit(3 * most, 3 * most);
        uint256 before = entryPoint.balanceOf(address(paymaster));
        (string memory reason,) = outcome(operations);
        vm.assertEq(reason, "");
        uint256 taken = before - entryPoint.balanceOf(address(paymaster));
        (uint256 bySender, uint256 total) = counted();
        vm.assertGe(bySender, taken);
        vm.assertEq(total, bySender);
        vm.assertLt(bySender, 3 * most);
    }

    function test_next_period() external {
        PackedUserOperation memory operation = approvedOperation();
        limit(maxCostOf(operation), 1 ether);
        vm.assertEq(failure(operation), "");
        operation = approvedOperation();
        refusedWith(operation, SpendWindows.LimitReached.selector);
        // The last second of this period, then the first of the next.
        uint48 tomorrow = (NOW / DAY + 1) * DAY;
        vm.warp(tomorrow - 1);
        approve(operation, tomorrow - 10, tomorrow - 1);
        refusedWith(operation, SpendWindows.LimitReached.selector);
        vm.warp(tomorrow + 1);
        approve(operation, tomorrow, tomorrow + 10);
        vm.assertEq(failure(operation), "");
        // An approval of the period before is late for the EntryPoint, and cannot free its count.
        operation = operationOf("");
        approve(operation, tomorrow - 10, tomorrow - 1);
        refusedWith(operation, SpendWindows.PeriodOver.selector);
    }

    /// Limits that are lowered below what was spent hold at once.
    function test_lowered_limit() external {
        vm.assertEq(failure(approvedOperation()), "");
        limit(1, 1);
        refusedWith(approvedOperation(), SpendWindows.LimitReached.selector);
    }

    function test_only_the_owner_sets_limits() external {
        vm.expectRevert(Paymaster.NotOwner.selector);
        verifying.setLimits(VerifyingPaymaster.Limits(1, 1));
    }

    // --- how operations end ------------------------------------------------------------------------------------

    function test_failed_operations_count() external {
        PackedUserOperation memory operation = operationOf(abi.encodeCall(OpenAccount.fail, ()));
        approve(operation);
        uint256 taken = takenBy(operation);
        assertPostOpRan();
        (uint256 bySender,) = counted();
        vm.assertGe(bySender, taken);
        vm.assertLt(bySender, maxCostOf(operation));
    }

    /// If postOp does not come to an end, the account's call is undone and the most remains counted.
    function test_post_op_out_of_gas() external {
        PackedUserOperation memory operation = approvedOperation();
        vm.mockCallRevert(
            address(paymaster), abi.encodeWithSelector(Paymaster(paymaster).postOp.selector), ""
        );
        uint256 taken = takenBy(operation);
        vm.clearMockedCalls();
        (uint256 bySender, uint256 total) = counted();
        vm.assertEq(bySender, maxCostOf(operation));
        vm.assertEq(total, bySender);
        vm.assertLe(taken, bySender);
    }

    /// A base fee far above maxFeePerGas is the bundler's loss.
    function test_gas_price_spike() external {
        PackedUserOperation memory operation = approvedOperation();
        vm.fee(5_000 gwei);
        vm.txGasPrice(5_000 gwei);
        uint256 taken = takenBy(operation);
        vm.assertLe(taken, maxCostOf(operation));
        (uint256 bySender,) = counted();
        vm.assertGe(bySender, taken);
    }

    function test_deposit_too_low() external {
        PackedUserOperation memory operation = approvedOperation();
        uint256 most = maxCostOf(operation);
        uint256 balance = entryPoint.balanceOf(address(paymaster));
        vm.prank(owner);
        paymaster.withdraw(payable(owner), balance - most + 1);
        refused(operation, "AA31 paymaster deposit too low");
        paymaster.deposit{value: 1}();
        vm.assertEq(failure(operation), "");
    }

    /// The owner's own operation stops the paymaster in the middle: postOp still counts.
    function test_stopped_in_between() external {
        vm.prank(owner);
        paymaster.nameOwner(address(account));
        account.execute(address(paymaster), abi.encodeCall(Paymaster.acceptOwnership, ()));
        PackedUserOperation memory operation = operationOf(
            abi.encodeCall(
                OpenAccount.execute,
                (address(paymaster), abi.encodeCall(Paymaster.setSigner, (address(0))))
            )
        );
        approve(operation);
        uint256 taken = takenBy(operation);
        assertPostOpRan();
        (uint256 bySender,) = counted();
        vm.assertGe(bySender, taken);
        vm.assertLt(bySender, maxCostOf(operation));
        refusedWith(approvedOperation(), Paymaster.Stopped.selector);
    }

    function test_constructor() external {
        vm.expectRevert(Paymaster.Zero.selector);
        new VerifyingPaymaster(IEntryPoint(address(0)), DAY, owner);
        vm.expectRevert(Paymaster.Zero.selector);
        new VerifyingPaymaster(entryPoint, 0, owner);
        vm.expectRevert(Paymaster.Zero.selector);
        new VerifyingPaymaster(entryPoint, DAY, address(0));
    }
}
