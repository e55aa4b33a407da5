// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPaymaster, PackedUserOperation} from "../../src/paymaster/EntryPoint.sol";
import {Paymaster} from "../../src/paymaster/Paymaster.sol";
import {EntryPoints, IWholeEntryPoint, OpenAccount} from "../support/EntryPoints.sol";
import {Test} from "../support/Test.sol";
import {Vm} from "../support/Vm.sol";

/// Operations through a real EntryPoint, and the tests that every paymaster passes.
abstract contract PaymasterTest is Test {
    uint48 internal constant DAY = 1 days;
    /// Noon of a day.
    uint48 internal constant NOW = 20_000 * DAY + DAY / 2;

    uint128 internal constant CALL_GAS = 100_000;
    uint128 internal constant VALIDATION_GAS = 250_000;
    uint256 internal constant FEE = 2 gwei;

    IWholeEntryPoint internal entryPoint;
    Paymaster internal paymaster;
    OpenAccount internal account;
    address internal owner;
    address internal signer;
    uint256 internal signerKey;
    address internal bundler;
    address payable internal beneficiary;
    uint128 internal postOpGas;

    /// The data behind the first 52 bytes, as the signer makes it.
    function approvalOf(
        PackedUserOperation memory operation,
        uint48 validAfter,
        uint48 validUntil,
        uint256 key
    ) internal view virtual returns (bytes memory);

    /// What was counted for the account in the present period.
    function counted() internal view virtual returns (uint256 bySender, uint256 total);

    /// Gives a sender what it needs beside an approval.
    function endow(address sender) internal virtual {}

    function prepare() internal {
        vm.warp(NOW);
        vm.fee(1 gwei);
        (owner,) = makeAccount("owner");
        (signer, signerKey) = makeAccount("signer");
        (bundler,) = makeAccount("bundler");
        (address payee,) = makeAccount("beneficiary");
        beneficiary = payable(payee);
        entryPoint = deployEntryPoint();
        account = new OpenAccount();
        vm.deal(bundler, 100 ether);
        vm.deal(owner, 100 ether);
    }

    /// Of the version that the environment names: `./dev test evm` runs these tests with each.
    function deployEntryPoint() internal returns (IWholeEntryPoint) {
        return EntryPoints.deploy(vm.envOr("ENTRY_POINT", string("0.8")));
    }

    function startPaymaster(Paymaster made) internal {
        paymaster = made;
        vm.prank(owner);
        made.setSigner(signer);
        vm.deal(address(this), 100 ether);
        made.deposit{value: 50 ether}();
    }

    // --- the tests of every paymaster ------------------------------------------------------------------------

    /// Every field of the operation, of the approval and of what is around them is bound.
    function test_approval_binds_the_operation() external {
        PackedUserOperation memory operation = approvedOperation();
        uint256 id = vm.snapshotState();
        vm.assertEq(failure(operation), "");
        vm.assertTrue(vm.revertToState(id));

        PackedUserOperation memory changed = copy(operation);
        changed.sender = address(new OpenAccount());
        refused(changed, "AA34 signature error");
        changed = copy(operation);
        changed.nonce = uint256(1) << 64;
        refused(changed, "AA34 signature error");
        changed = copy(operation);
        changed.callData = abi.encodeCall(OpenAccount.burn, (5));
        refused(changed, "AA34 signature error");
        changed = copy(operation);
        changed.accountGasLimits = bytes32(uint256(changed.accountGasLimits) + 1);
        refused(changed, "AA34 signature error");
        changed = copy(operation);
        changed.accountGasLimits = bytes32(uint256(changed.accountGasLimits) + (1 << 128));
        refused(changed, "AA34 signature error");
        changed = copy(operation);
        changed.preVerificationGas += 1;
        refused(changed, "AA34 signature error");
        changed = copy(operation);
        changed.gasFees = bytes32(uint256(changed.gasFees) + 1);
        refused(changed, "AA34 signature error");
        changed = copy(operation);
        changed.gasFees = bytes32(uint256(changed.gasFees) + (1 << 128));
        refused(changed, "AA34 signature error");
        // The account's signature is not bound: it is made last.
        changed = copy(operation);
        changed.signature = "another";
        vm.assertEq(failure(changed), "");
    }

    /// Every byte of the paymaster's gas limits and data.
    function test_approval_binds_its_data() external {
        PackedUserOperation memory operation = approvedOperation();
        for (uint256 place = 20; place < operation.paymasterAndData.length; place++) {
            PackedUserOperation memory changed = copy(operation);
            changed.paymasterAndData[place] ^= 0x01;
            vm.assertTrue(bytes(failure(changed)).length > 0, vm.toString(place));
        }
        vm.assertEq(failure(operation), "");
    }

    /// The account is made in the operation: initCode cannot be exchanged.
    function test_approval_binds_init_code() external {
        AccountMaker maker = new AccountMaker();
        PackedUserOperation memory operation = operationOf("");
        operation.sender = maker.addressOf(7);
        operation.initCode = abi.encodePacked(maker, abi.encodeCall(AccountMaker.make, (7, "")));
        endow(operation.sender);
        approve(operation);
        PackedUserOperation memory changed = copy(operation);
        changed.initCode = abi.encodePacked(maker, abi.encodeCall(AccountMaker.make, (7, "other")));
        refused(changed, "AA34 signature error");
        vm.assertEq(failure(operation), "");
        vm.assertTrue(operation.sender.code.length > 0);
    }

    function test_approval_of_another_chain() external {
        PackedUserOperation memory operation = approvedOperation();
        vm.chainId(8453);
        refused(operation, "AA34 signature error");
    }

    function test_replay() external {
        PackedUserOperation memory operation = approvedOperation();
        vm.assertEq(failure(operation), "");
        refused(operation, "AA25 invalid account nonce");
    }

    function test_wrong_signers() external {
        PackedUserOperation memory operation = operationOf("");
        (, uint256 other) = makeAccount("other");
        setData(operation, approvalOf(operation, NOW - 10, NOW + 10, other));
        refused(operation, "AA34 signature error");
        // The other signature (r, -s), which ecrecover takes as well.
        approve(operation);
        bytes memory data = operation.paymasterAndData;
        uint256 size = data.length;
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        PackedUserOperation memory changed = copy(operation);
        setWord(changed.paymasterAndData, size - 33, order - getWord(data, size - 33));
        changed.paymasterAndData[size - 1] = data[size - 1] == 0x1b ? bytes1(0x1c) : bytes1(0x1b);
        refused(changed, "AA34 signature error");
        // What ecrecover answers zero to.
        changed = copy(operation);
        setWord(changed.paymasterAndData, size - 65, 0);
        refused(changed, "AA34 signature error");
        changed = copy(operation);
        changed.paymasterAndData[size - 1] = 0x00;
        refused(changed, "AA34 signature error");
    }

    function test_times() external {
        PackedUserOperation memory operation = operationOf("");
        approve(operation, NOW - 10, NOW - 1);
        refused(operation, "AA32 paymaster expired or not due");
        approve(operation, NOW + 1, NOW + 10);
        refused(operation, "AA32 paymaster expired or not due");
        approve(operation, NOW - 1, NOW);
        vm.assertEq(failure(operation), "");
    }

    /// Approvals that do not say in which period they count.
    function test_times_that_name_no_period() external {
        uint48 today = NOW / DAY * DAY;
        uint48 block47 = uint48(1) << 47;
        uint48[2][8] memory times = [
            [NOW - 10, 0],
            [uint48(0), 0],
            [today - 1, NOW + 10],
            [NOW - 10, today + DAY],
            [NOW + 10, NOW - 10],
            // Numbers of blocks, to the EntryPoint 0.9.
            [block47 + 1, block47 + 1_000],
            [block47, type(uint48).max],
            [NOW - 10, type(uint48).max]
        ];
        PackedUserOperation memory operation = operationOf("");
        for (uint256 i = 0; i < times.length; i++) {
            approve(operation, times[i][0], times[i][1]);
            refusedWith(operation, Paymaster.MalformedTimes.selector);
        }
        approve(operation, today, today + DAY - 1);
        vm.assertEq(failure(operation), "");
    }

    function test_data_of_another_size() external {
        PackedUserOperation memory operation = approvedOperation();
        bytes memory whole = operation.paymasterAndData;
        for (uint256 size = 52; size < whole.length + 40; size++) {
            if (size == whole.length) continue;
            bytes memory data = new bytes(size);
            for (uint256 i = 0; i < size && i < whole.length; i++) {
                data[i] = whole[i];
            }
            operation.paymasterAndData = data;
            refusedWith(operation, Paymaster.MalformedData.selector);
        }
    }

    /// Too short for a paymaster, or the address zero: not ours to pay, whatever follows.
    function test_no_paymaster() external {
        PackedUserOperation memory operation = approvedOperation();
        bytes memory whole = operation.paymasterAndData;
        uint256 before = entryPoint.balanceOf(address(paymaster));
        for (uint256 size = 1; size < 52; size += 10) {
            bytes memory data = new bytes(size);
            for (uint256 i = 0; i < size; i++) {
                data[i] = whole[i];
            }
            operation.paymasterAndData = data;
            vm.assertTrue(bytes(failure(operation)).length > 0);
        }
        for (uint256 i = 0; i < 20; i++) {
            whole[i] = 0;
        }
        operation.paymasterAndData = whole;
        vm.assertTrue(bytes(failure(operation)).length > 0);
        vm.assertEq(entryPoint.balanceOf(address(paymaster)), before);
    }

    function test_stopped() external {
        PackedUserOperation memory operation = approvedOperation();
        vm.prank(owner);
        paymaster.setSigner(address(0));
        refusedWith(operation, Paymaster.Stopped.selector);
        // What ecrecover answers zero to is nobody's approval.
        setWord(operation.paymasterAndData, operation.paymasterAndData.length - 65, 0);
        refusedWith(operation, Paymaster.Stopped.selector);
        vm.startPrank(owner);
        paymaster.withdraw(payable(owner), entryPoint.balanceOf(address(paymaster)));
        vm.stopPrank();
        vm.assertEq(entryPoint.balanceOf(address(paymaster)), 0);
    }

    function test_least_gas_for_post_op() external {
        PackedUserOperation memory operation = operationOf("");
        uint128 least = postOpGas;
        postOpGas = least - 1;
        operation = approvedOperation();
        refusedWith(operation, Paymaster.PostOpGasTooLow.selector);
        postOpGas = least;
        operation = approvedOperation();
        vm.assertEq(failure(operation), "");
        assertPostOpRan();
    }

    function test_only_the_entry_point() external {
        PackedUserOperation memory operation = approvedOperation();
        vm.expectRevert(Paymaster.NotEntryPoint.selector);
        paymaster.validatePaymasterUserOp(operation, 0, 1);
        vm.expectRevert(Paymaster.NotEntryPoint.selector);
        paymaster.postOp(IPaymaster.PostOpMode.opSucceeded, "", 1, 1);
        // Another EntryPoint, with the same code, is another.
        IWholeEntryPoint other = deployEntryPoint();
        other.depositTo{value: 1 ether}(address(paymaster));
        entryPoint = other;
        refusedWith(operation, Paymaster.NotEntryPoint.selector);
    }

    function test_only_the_owner() external {
        vm.expectRevert(Paymaster.NotOwner.selector);
        paymaster.setSigner(address(this));
        vm.expectRevert(Paymaster.NotOwner.selector);
        paymaster.nameOwner(address(this));
        vm.expectRevert(Paymaster.NotOwner.selector);
        paymaster.acceptOwnership();
        vm.expectRevert(Paymaster.NotOwner.selector);
        paymaster.withdraw(payable(address(this)), 1);
        vm.expectRevert(Paymaster.NotOwner.selector);
        paymaster.addStake{value: 1}(1);
        vm.expectRevert(Paymaster.NotOwner.selector);
        paymaster.unlockStake();
        vm.expectRevert(Paymaster.NotOwner.selector);
        paymaster.withdrawStake(payable(address(this)));
        // The signer is not the owner.
        vm.prank(signer);
        vm.expectRevert(Paymaster.NotOwner.selector);
        paymaster.withdraw(payable(signer), 1);
    }

    function test_next_owner() external {
        (address next,) = makeAccount("next");
        vm.prank(owner);
        paymaster.nameOwner(next);
        vm.assertEq(paymaster.owner(), owner);
        vm.prank(next);
        paymaster.acceptOwnership();
        vm.assertEq(paymaster.owner(), next);
        vm.assertEq(paymaster.namedOwner(), address(0));
        vm.prank(owner);
        vm.expectRevert(Paymaster.NotOwner.selector);
        paymaster.setSigner(owner);
        vm.prank(next);
        vm.expectRevert(Paymaster.NotOwner.selector);
        paymaster.acceptOwnership();
    }

    function test_stake() external {
        (address treasury,) = makeAccount("treasury");
        vm.startPrank(owner);
        paymaster.addStake{value: 1 ether}(100);
        paymaster.unlockStake();
        vm.warp(NOW + 100);
        paymaster.withdrawStake(payable(treasury));
        paymaster.withdraw(payable(treasury), 2 ether);
        vm.stopPrank();
        vm.assertEq(treasury.balance, 3 ether);
    }

    /// The code has no instruction that validation must not execute (ERC-7562, OP-011 and OP-020), and asks for
    /// its gas only to call (OP-012), except in postOp.
    function test_instructions() external view {
        bytes memory code = address(paymaster).code;
        uint256 gasElsewhere;
        for (uint256 i = 0; i < code.length; i++) {
            uint8 instruction = uint8(code[i]);
            if (instruction >= 0x60 && instruction <= 0x7f) {
                i += instruction - 0x5f;
                continue;
            }
            for (uint256 j = 0; j < bytes(BANNED).length; j++) {
                vm.assertTrue(code[i] != bytes(BANNED)[j], vm.toString(uint256(instruction)));
            }
            if (instruction == 0x5a) {
                bytes1 next = code[i + 1];
                if (next != 0xf1 && next != 0xfa) gasElsewhere += 1;
            }
        }
        vm.assertEq(gasElsewhere, gasInPostOp());
    }

    /// BALANCE ORIGIN GASPRICE BLOCKHASH COINBASE TIMESTAMP NUMBER PREVRANDAO GASLIMIT SELFBALANCE BASEFEE BLOBHASH
    /// BLOBBASEFEE CREATE CALLCODE DELEGATECALL CREATE2 INVALID SELFDESTRUCT.
    bytes internal constant BANNED = hex"31323a40414243444547484a49f0f2f4f5feff";

    /// How many GAS instructions of postOp stand elsewhere than before a call.
    function gasInPostOp() internal pure virtual returns (uint256) {
        return 0;
    }

    /// However the operation ends and whatever gas costs: what is counted is at least what was taken.
    function testFuzz_counts_what_was_taken(
        uint256 kind,
        uint256 callGas,
        uint256 extraPostOpGas,
        uint256 baseFee,
        uint256 fee,
        uint256 priority
    ) external {
        baseFee = bound(baseFee, 1, 10_000 gwei);
        fee = bound(fee, 1 gwei, 1_000 gwei);
        priority = bound(priority, 0, fee);
        vm.fee(baseFee);
        postOpGas += uint128(bound(extraPostOpGas, 0, 300_000));
        callGas = bound(callGas, 0, 1_000_000);
        PackedUserOperation memory operation = operationOf("");
        kind %= 4;
        if (kind == 1) operation.callData = abi.encodeCall(OpenAccount.burn, (0));
        if (kind == 2) operation.callData = abi.encodeCall(OpenAccount.burn, (50_000));
        if (kind == 3) operation.callData = abi.encodeCall(OpenAccount.fail, ());
        operation.accountGasLimits = bytes32(uint256(VALIDATION_GAS) << 128 | callGas);
        operation.gasFees = bytes32(priority << 128 | fee);
        approve(operation);
        uint256 taken = takenBy(operation);
        (uint256 bySender, uint256 total) = counted();
        vm.assertGe(bySender, taken);
        vm.assertGe(total, taken);
        vm.assertLe(bySender, maxCostOf(operation));
        assertPostOpRan();
    }

    // --- operations --------------------------------------------------------------------------------------------

    function operationOf(bytes memory callData)
        internal
        view
        returns (PackedUserOperation memory operation)
    {
        operation.sender = address(account);
        operation.nonce = entryPoint.getNonce(address(account), 0);
        operation.callData = callData;
        operation.accountGasLimits = bytes32(uint256(VALIDATION_GAS) << 128 | CALL_GAS);
        operation.preVerificationGas = 50_000;
        operation.gasFees = bytes32(uint256(1 gwei) << 128 | FEE);
        operation.paymasterAndData = abi.encodePacked(paymaster, VALIDATION_GAS, postOpGas);
        operation.signature = "signature";
    }

    function approvedOperation() internal view returns (PackedUserOperation memory operation) {
        operation = operationOf("");
        approve(operation);
    }

    function approve(PackedUserOperation memory operation) internal view {
        approve(operation, NOW - 10, NOW + 10);
    }

    function approve(PackedUserOperation memory operation, uint48 validAfter, uint48 validUntil)
        internal
        view
    {
        setData(operation, approvalOf(operation, validAfter, validUntil, signerKey));
    }

    function setData(PackedUserOperation memory operation, bytes memory data) internal view {
        operation.paymasterAndData = abi.encodePacked(paymaster, VALIDATION_GAS, postOpGas, data);
    }

    /// The most that the operation can cost, as the EntryPoint reckons.
    function maxCostOf(PackedUserOperation memory operation) internal view returns (uint256) {
        uint256 limits = uint256(operation.accountGasLimits);
        uint256 gasMax = (limits >> 128) + uint128(limits) + VALIDATION_GAS + postOpGas
            + operation.preVerificationGas;
        return gasMax * uint128(uint256(operation.gasFees));
    }

    /// Carries the operation out and returns what the EntryPoint took from the paymaster for it.
    function takenBy(PackedUserOperation memory operation) internal returns (uint256) {
        uint256 before = entryPoint.balanceOf(address(paymaster));
        vm.assertEq(failure(operation), "");
        return before - entryPoint.balanceOf(address(paymaster));
    }

    /// The reason why the EntryPoint refused the operation, empty if it carried it out.
    function failure(PackedUserOperation memory operation) internal returns (string memory reason) {
        (reason,) = outcome(one(operation));
    }

    function one(PackedUserOperation memory operation)
        internal
        pure
        returns (PackedUserOperation[] memory operations)
    {
        operations = new PackedUserOperation[](1);
        operations[0] = operation;
    }

    /// The EntryPoint's reason and what the paymaster reverted with.
    function outcome(PackedUserOperation[] memory operations)
        internal
        returns (string memory reason, bytes memory inner)
    {
        vm.recordLogs();
        vm.prank(bundler, bundler);
        try entryPoint.handleOps(operations, beneficiary) {
            return ("", "");
        } catch (bytes memory answer) {
            bytes4 selector = bytes4(answer);
            bytes memory arguments = new bytes(answer.length - 4);
            for (uint256 i = 0; i < arguments.length; i++) {
                arguments[i] = answer[i + 4];
            }
            if (selector == IWholeEntryPoint.FailedOp.selector) {
                (, reason) = abi.decode(arguments, (uint256, string));
            } else if (selector == IWholeEntryPoint.FailedOpWithRevert.selector) {
                (, reason, inner) = abi.decode(arguments, (uint256, string, bytes));
            } else {
                reason = "another error";
            }
        }
    }

    function refused(PackedUserOperation memory operation, string memory reason) internal {
        (uint256 bySender, uint256 total) = counted();
        vm.assertEq(failure(operation), reason);
        (uint256 bySenderAfter, uint256 totalAfter) = counted();
        vm.assertEq(bySenderAfter, bySender);
        vm.assertEq(totalAfter, total);
    }

    function refusedWith(PackedUserOperation memory operation, bytes4 selector) internal {
        refusedWith(one(operation), selector);
    }

    function refusedWith(PackedUserOperation[] memory operations, bytes4 selector) internal {
        (string memory reason, bytes memory inner) = outcome(operations);
        vm.assertEq(reason, "AA33 reverted");
        vm.assertEq(bytes32(bytes4(inner)), bytes32(selector));
    }

    /// In the last operation postOp did not revert.
    function assertPostOpRan() internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        bytes32 topic = keccak256("PostOpRevertReason(bytes32,address,uint256,bytes)");
        bytes32 tooLow = keccak256("UserOperationPrefundTooLow(bytes32,address,uint256)");
        for (uint256 i = 0; i < logs.length; i++) {
            vm.assertTrue(logs[i].topics[0] != topic, "postOp reverted");
            vm.assertTrue(logs[i].topics[0] != tooLow, "prefund too low");
        }
    }

    function copy(PackedUserOperation memory operation)
        internal
        pure
        returns (PackedUserOperation memory)
    {
        return abi.decode(abi.encode(operation), (PackedUserOperation));
    }

    function signatureOf(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function setWord(bytes memory data, uint256 place, uint256 value) internal pure {
        assembly ("memory-safe") {
            mstore(add(add(data, 0x20), place), value)
        }
    }

    function getWord(bytes memory data, uint256 place) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(add(data, 0x20), place))
        }
    }
}

/// Makes an account where its number says, and does not look at the note.
contract AccountMaker {
    function make(uint256 number, bytes calldata) external returns (address) {
        return address(new OpenAccount{salt: bytes32(number)}());
    }

    function addressOf(uint256 number) external view returns (address) {
        bytes32 code = keccak256(type(OpenAccount).creationCode);
        bytes32 hash = keccak256(abi.encodePacked(hex"ff", address(this), bytes32(number), code));
        return address(uint160(uint256(hash)));
    }
}
