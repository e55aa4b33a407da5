// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Encode} from "../support/Encode.sol";
import {IAccount, IEntryPoint, PackedUserOperation} from "../support/EntryPoint.sol";
import {Forms} from "../support/Forms.sol";
import {Account, Action, Call, EIP712, EXECUTE, PASSKEY, Rule, Session} from "../support/Model.sol";
import {WalletTest} from "../support/WalletTest.sol";

/// The same through every EntryPoint that the wallet knows, each in its place.
contract EntryPointsTest is WalletTest {
    address payable internal constant BUNDLER = payable(address(0xb0b0));

    address[3] internal places = [
        0x0000000071727De22E5E9d8BAf0edAc6f37da032,
        0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108,
        0x433709009B8330FDa32311DF1C2AFA402eD8D009
    ];

    function setUp() public override {
        super.setUp();
        string[3] memory versions = ["0.7", "0.8", "0.9"];
        for (uint256 i = 0; i < 3; ++i) {
            string memory path = string.concat(
                "node_modules/entry-point-", versions[i], "/artifacts/EntryPoint.json"
            );
            // Its constructor, run in its place.
            vm.etch(places[i], vm.parseJsonBytes(vm.readFile(path), ".bytecode"));
            (bool ok, bytes memory code) = places[i].call("");
            vm.assertTrue(ok);
            vm.etch(places[i], code);
        }
        vm.fee(1 gwei);
    }

    function operation(IEntryPoint entryPoint, Account memory account, Call[] memory calls)
        internal
        view
        returns (PackedUserOperation memory made)
    {
        made.sender = account.wallet;
        made.nonce = entryPoint.getNonce(account.wallet, 0);
        made.callData = Forms.run(calls);
        made.accountGasLimits = bytes32((uint256(300_000) << 128) | 100_000);
        made.preVerificationGas = 50_000;
        made.gasFees = bytes32((uint256(1 gwei) << 128) | 1 gwei);
    }

    function handle(IEntryPoint entryPoint, PackedUserOperation memory one)
        internal
        returns (bool ok)
    {
        PackedUserOperation[] memory batch = new PackedUserOperation[](1);
        batch[0] = one;
        vm.prank(BUNDLER, BUNDLER);
        (ok,) = address(entryPoint).call(abi.encodeCall(IEntryPoint.handleOps, (batch, BUNDLER)));
    }

    function long(IEntryPoint entryPoint, Action memory action, PackedUserOperation memory one)
        internal
        view
        returns (bytes memory)
    {
        bytes32 hash = entryPoint.getUserOpHash(one);
        return Forms.operation(action, address(entryPoint), uint40(block.timestamp), hash);
    }

    function test_both_forms_through_every_version() external {
        for (uint256 i = 0; i < 3; ++i) {
            IEntryPoint entryPoint = IEntryPoint(places[i]);
            Account memory account = alone(PASSKEY);
            Action memory action = by(account, 0, 1);
            PackedUserOperation memory one = operation(entryPoint, account, list(transfer(2)));
            one.signature = Forms.shortOperation(action, places[i], entryPoint.getUserOpHash(one));
            vm.assertTrue(handle(entryPoint, one));
            vm.assertFalse(handle(entryPoint, one));
            one = operation(entryPoint, account, list(transfer(3)));
            one.signature = long(entryPoint, action, one);
            // An operation of one version is none of another.
            vm.assertFalse(handle(IEntryPoint(places[(i + 1) % 3]), one));
            vm.assertTrue(handle(entryPoint, one));
        }
        vm.assertEq(token.balanceOf(BOB), 15);
    }

    function limitedSession(Account memory account) internal returns (Session memory) {
        Rule memory limited = rule(EXECUTE, 1, 1);
        limited.scope = Encode.scope(BOB, "");
        limited.limits = Encode.limits(Encode.limit(address(0), 12, 500, 1_000, 1 days));
        return granted(account, 0, signer(EIP712, "session"), limited);
    }

    function test_a_session_pays_for_its_gas_in_every_version() external {
        for (uint256 i = 0; i < 3; ++i) {
            IEntryPoint entryPoint = IEntryPoint(places[i]);
            Account memory account = alone(uint8(2 + i));
            Session memory session = limitedSession(account);
            Action memory action = by(account, session, pay(1));
            // 450,000 gas at 1 gwei are 450 units; a third time there is no room.
            for (uint256 times = 0; times < 3; ++times) {
                PackedUserOperation memory one = operation(entryPoint, account, list(pay(1)));
                one.signature = long(entryPoint, action, one);
                vm.assertEq(handle(entryPoint, one), times < 2);
            }
        }
    }

    /// Version 0.7 takes the zero address for no paymaster, and the wallet pays.
    function test_a_zero_paymaster_in_every_version() external {
        for (uint256 i = 0; i < 3; ++i) {
            IEntryPoint entryPoint = IEntryPoint(places[i]);
            Account memory account = alone(uint8(2 + i));
            Session memory session = limitedSession(account);
            PackedUserOperation memory one = operation(entryPoint, account, list(pay(1)));
            one.gasFees = bytes32((uint256(1_000 gwei) << 128) | 1_000 gwei);
            one.paymasterAndData = new bytes(52);
            one.signature = long(entryPoint, by(account, session, pay(1)), one);
            vm.fee(1_000 gwei);
            vm.assertFalse(handle(entryPoint, one));
            vm.fee(1 gwei);
            vm.assertEq(account.wallet.balance, 100 ether);
        }
    }

    /// ERC-7562: what validation says depends neither on the clock nor on the block, and it touches no storage
    /// but the wallet's own.
    function test_storage_rules_of_4337() external {
        Account memory account = alone(PASSKEY);
        Session memory session = limitedSession(account);
        bytes32 hash = keccak256("operation");
        PackedUserOperation memory one;
        one.callData = Forms.run(list(pay(1)));
        one.signature = Forms.operation(by(account, session, pay(1)), places[1], uint40(NOW), hash);
        PackedUserOperation memory short;
        short.signature = Forms.shortOperation(by(account, 0, 1), places[1], hash);
        uint256 before = vm.snapshotState();
        uint256 wanted = validate(account, one, hash);
        uint256 wantedShort = validate(account, short, hash);
        for (uint256 i = 0; i < 4; ++i) {
            vm.revertToState(before);
            before = vm.snapshotState();
            vm.warp(i == 0 ? 1 : NOW + (i * 400 days));
            vm.roll(1_000_000 * i);
            vm.record();
            vm.assertEq(validate(account, one, hash), wanted);
            vm.assertEq(validate(account, short, hash), wantedShort);
            (, bytes32[] memory writes) = vm.accesses(account.wallet);
            vm.assertEq(writes.length, 1);
            address[4] memory others =
                [factory, actions, standards, vm.computeCreateAddress(factory, 1)];
            for (uint256 j = 0; j < 4; ++j) {
                (bytes32[] memory reads, bytes32[] memory written) = vm.accesses(others[j]);
                vm.assertEq(reads.length + written.length, 0);
            }
        }
    }

    function validate(Account memory account, PackedUserOperation memory one, bytes32 hash)
        internal
        returns (uint256)
    {
        vm.prank(places[1]);
        return IAccount(account.wallet).validateUserOp(one, hash, 0);
    }
}
