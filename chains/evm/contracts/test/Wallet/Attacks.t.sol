// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Encode} from "../support/Encode.sol";
import {IAccount, PackedUserOperation} from "../support/EntryPoint.sol";
import {Forms} from "../support/Forms.sol";
import {NewCode} from "../support/Mocks.sol";
import {Account, Action, Call, EIP712, EXECUTE, PASSKEY, Rule, Session} from "../support/Model.sol";
import {WaitingTestBase} from "../support/WaitingTest.sol";

/// Ways in that somebody might look for between the forms, the standards and what waits.
contract AttacksTest is WaitingTestBase {
    address internal constant ENTRY_POINT = 0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108;
    bytes32 internal constant HASH = keccak256("operation");

    bytes32[] internal none;

    // --- upgrades ---------------------------------------------------------------------------------

    function upgraded(Account memory account, address code) internal {
        Action memory action = by(account, SLOW, 3);
        send(account, Forms.upgrade(action, code, code.codehash));
        vm.warp(block.timestamp + DELAY);
        send(account, Forms.apply_(action, 15, abi.encodePacked(code, code.codehash)));
    }

    /// An EntryPoint that comes later is for the new code to judge, as everything is.
    function test_new_code_hears_everybody() external {
        Account memory account = house();
        upgraded(account, address(new NewCode()));
        PackedUserOperation memory one;
        one.signature = Forms.shortOperation(by(account, DAILY, 1), ENTRY_POINT, HASH);
        bytes memory short = abi.encodeCall(IAccount.validateUserOp, (one, HASH, 0));
        one.signature = hex"70";
        bytes memory long = abi.encodeCall(IAccount.validateUserOp, (one, HASH, 0));
        one.signature = "";
        bytes memory bare = abi.encodeCall(IAccount.validateUserOp, (one, HASH, 0));
        bytes[7] memory inputs = [
            short,
            long,
            bare,
            abi.encodePacked(IAccount.validateUserOp.selector),
            hex"6000",
            hex"7000",
            hex"80"
        ];
        address[3] memory callers = [address(this), BOB, ENTRY_POINT];
        for (uint256 i = 0; i < inputs.length; ++i) {
            for (uint256 j = 0; j < callers.length; ++j) {
                vm.prank(callers[j]);
                (bool ok, bytes memory answer) = account.wallet.call(inputs[i]);
                vm.assertTrue(ok);
                vm.assertEq(answer, abi.encode(hot(account), inputs[i].length));
            }
        }
    }

    /// The code of an account that delegates (EIP-7702) is its key's to change at any time, so its
    /// hash says nothing.
    function test_no_upgrade_to_an_account() external {
        Account memory account = house();
        address code = address(new NewCode());
        vm.etch(BOB, abi.encodePacked(hex"ef0100", code));
        Action memory action = by(account, SLOW, 3);
        send(account, Forms.upgrade(action, BOB, BOB.codehash));
        vm.warp(block.timestamp + DELAY);
        refused(account, Forms.apply_(action, 15, abi.encodePacked(BOB, BOB.codehash)), 913);
    }

    /// New code could change anything, so it is had no sooner than a change is.
    function test_one_party_does_not_outrun_a_recovery_by_an_upgrade() external {
        Account memory account = house();
        address code = address(new NewCode());
        Action memory action = by(account, SLOW, 1);
        send(account, Forms.upgrade(action, code, code.codehash));
        bytes memory applying = Forms.apply_(action, 15, abi.encodePacked(code, code.codehash));
        vm.warp(NOW + 96 hours - 1);
        refused(account, applying, 903);
        uint256 before = vm.snapshotState();
        vm.warp(NOW + 96 hours);
        send(account, applying);
        vm.revertToState(before);

        // In the last moment a guardian proposes.
        send(account, recover(account, GUARDIAN, 1, 0));
        vm.warp(block.timestamp + RECOVERY_DELAY);
        refused(account, applying, 912);
        bytes memory signers = Encode.signers(newSigners());
        Action memory recovering = by(account, GUARDIAN, 0);
        send(account, Forms.apply_(recovering, 14, Forms.changeBody(0, signers)));
        refused(account, applying, 302);
    }

    // --- waiting -----------------------------------------------------------------------------------

    /// Whoever applies chooses the gas, so an action that asks for some is not kept.
    function test_what_asks_for_gas_does_not_wait() external {
        Account memory account = house();
        Action memory action = by(account, SLOW, 1, pay(3));
        action.hasGas = true;
        action.gas = 3_000_000;
        refused(account, Forms.execute(action), 502);
    }

    // --- forms --------------------------------------------------------------------------------------

    /// What Wallet hands to WalletActions cannot be handed in from outside.
    function test_the_inner_head_is_not_heard_outside() external {
        Account memory account = alone(EIP712);
        bytes memory local = Encode.localRule(list(signer(EIP712, "thief")), rule(EXECUTE, 1, 1));
        bytes memory data = abi.encodePacked(
            hex"8000",
            account.walletId,
            account.configId,
            uint16(account.source.length),
            account.source,
            uint8(0),
            uint16(local.length),
            local
        );
        refused(account, data, 103);
        refused(account, bytes.concat(data, new bytes(96)), 103);
    }

    /// The calls of an ERC-7821 batch are those that were approved.
    function test_a_batch_of_other_calls() external {
        Account memory account = alone(EIP712);
        Action memory action = by(account, 0, 1, pay(1));
        bytes memory data = Forms.execute(action);
        // opening and evidence without the body
        bytes memory opening = Forms.opening(action, 1);
        uint256 body = Forms.calls(action.calls).length;
        bytes memory opData =
            bytes.concat(opening, Forms.slice(data, opening.length + body, data.length));
        bytes32 mode = bytes32(uint256(0x01000000000078210001) << 176);
        Call[] memory calls = list(pay(1));
        calls[0].value = 2;
        bytes memory bad =
            abi.encodeWithSignature("execute(bytes32,bytes)", mode, abi.encode(calls, opData));
        refused(account, bad, 409);
        bytes memory good = abi.encodeWithSignature(
            "execute(bytes32,bytes)", mode, abi.encode(action.calls, opData)
        );
        send(account, good);
        vm.assertEq(BOB.balance, 1);
        refused(account, good, 409);
        refused(account, data, 409);
    }

    /// A session stands in the list of the rule that granted it and in no other.
    function test_a_session_in_the_list_of_another_rule() external {
        Account memory account = house();
        Session memory session =
            granted(account, DAILY, signer(EIP712, "session"), rule(EXECUTE, 1, 1));
        bytes32 own = session.ruleId;
        session.ruleId = Encode.ruleId(account.configuration, SLOW);
        refused(account, Forms.short(by(account, session, pay(1))), 219);
        refused(account, Forms.execute(by(account, session, pay(1))), 219);
        session.ruleId = own;
        session.others = new bytes32[](1);
        session.others[0] = session.id;
        refused(account, Forms.short(by(account, session, pay(1))), 219);
        refused(account, Forms.execute(by(account, session, pay(1))), 219);
        session.others = none;
        send(account, Forms.short(by(account, session, pay(1))));
        send(account, Forms.execute(by(account, session, pay(1))));
    }

    // --- user operations ------------------------------------------------------------------------------

    /// The time that the author says opens no window twice.
    function test_windows_by_another_clock() external {
        Account memory account = alone(EIP712);
        Rule memory limited = rule(EXECUTE, 1, 1);
        limited.scope = Encode.scope(BOB, "");
        limited.limits = Encode.limits(Encode.limit(address(0), 0, 5, 10, 1 days));
        Session memory session = granted(account, 0, signer(EIP712, "session"), limited);
        uint40[4] memory times =
            [uint40(NOW), uint40(NOW - 1 days), uint40(NOW - 400 days), uint40(NOW)];
        for (uint256 i = 0; i < 4; ++i) {
            Action memory action = by(account, session, pay(5));
            PackedUserOperation memory one;
            one.callData = Forms.run(action.calls);
            one.signature = Forms.operation(action, ENTRY_POINT, times[i], HASH);
            vm.prank(ENTRY_POINT);
            (bool ok, bytes memory answer) =
                account.wallet.call(abi.encodeCall(IAccount.validateUserOp, (one, HASH, 0)));
            vm.assertEq(ok, i < 2);
            if (i == 1) {
                // Good in the window that it names, which is over.
                uint256 until = uint48(abi.decode(answer, (uint256)) >> 160);
                vm.assertLt(until, block.timestamp);
            }
        }
        refused(account, Forms.short(by(account, session, pay(1))), 702);
    }

    /// One operation's prefund goes to an EntryPoint alone.
    function test_nobody_else_takes_a_prefund() external {
        Account memory account = alone(PASSKEY);
        PackedUserOperation memory one;
        one.signature = Forms.shortOperation(by(account, 0, 1), BOB, HASH);
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(Refused.selector, 608));
        IAccount(account.wallet).validateUserOp(one, HASH, 1 ether);
    }
}
