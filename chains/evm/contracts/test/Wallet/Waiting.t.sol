// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Encode} from "../support/Encode.sol";
import {Forms} from "../support/Forms.sol";
import {NewCode} from "../support/Mocks.sol";
import {
    Account,
    Action,
    Configuration,
    EIP712,
    EXECUTE,
    Session,
    Signer
} from "../support/Model.sol";
import {WaitingTestBase} from "../support/WaitingTest.sol";

/// Proposing, applying, cancelling and upgrading.
contract WaitingTest is WaitingTestBase {
    event Proposed(
        uint8 indexed rule,
        uint8 indexed action,
        uint32 epoch,
        uint40 earliest,
        bytes32 digest,
        bytes body
    );
    event Applied(uint8 indexed rule, uint8 indexed action, uint32 epoch);
    event Cancelled(uint8 indexed rule, uint32 epoch);
    event Upgraded(address indexed implementation);

    bytes32[] internal none;

    function test_an_execute_waits_and_is_done_once() external {
        Account memory account = house();
        Action memory action = by(account, SLOW, 1, pay(3));
        refused(account, Forms.short(action), 109);
        bytes memory data = Forms.execute(action);
        bytes memory body = Forms.calls(action.calls);
        bytes32 digest = keccak256(
            abi.encode(
                keccak256("Latchkey waiting 1"), block.chainid, account.wallet, 1, keccak256(body)
            )
        );
        vm.expectEmit(account.wallet);
        emit Proposed(SLOW, 1, 1, uint40(NOW + DELAY), digest, body);
        send(account, data);
        vm.assertEq(BOB.balance, 0);
        vm.assertEq(sequence(account), 1);
        vm.assertEq(waits(account, SLOW), 1);
        refused(account, data, 409);

        bytes memory applying = Forms.apply_(action, 1, body);
        vm.warp(NOW + DELAY - 1);
        refused(account, applying, 903);
        vm.warp(NOW + DELAY);
        vm.expectEmit(account.wallet);
        emit Applied(SLOW, 1, 1);
        send(account, applying);
        vm.assertEq(BOB.balance, 3);
        refused(account, applying, 901);
    }

    function test_only_what_was_approved_is_applied() external {
        Account memory account = house();
        proposed(account, SLOW, 3);
        vm.warp(NOW + DELAY);
        Action memory other = by(account, SLOW, 1, pay(4));
        refused(account, Forms.apply_(other, 1, Forms.calls(other.calls)), 905);
        other = by(account, STUBBORN, 1, pay(3));
        refused(account, Forms.apply_(other, 1, Forms.calls(other.calls)), 901);
        other = by(account, SLOW, 1, pay(3));
        bytes memory good = Forms.apply_(other, 1, Forms.calls(other.calls));
        refused(account, bytes.concat(good, hex"00"), 102);
        refused(account, Forms.slice(good, 0, good.length - 1), 101);
        send(account, good);
    }

    function test_fourteen_days_to_apply() external {
        Account memory account = house();
        bytes memory applying = proposed(account, SLOW, 3);
        vm.warp(NOW + DELAY + 14 days + 1);
        refused(account, applying, 904);
        vm.warp(NOW + DELAY + 14 days);
        uint256 before = vm.snapshotState();
        refused(account, Forms.execute(by(account, SLOW, 1, pay(4))), 902);
        send(account, applying);
        vm.revertToState(before);
        vm.warp(NOW + DELAY + 14 days + 1);
        // An expired one may be replaced.
        send(account, Forms.execute(by(account, SLOW, 1, pay(4))));
        vm.assertEq(epochOf(account, SLOW), 2);
    }

    function test_one_waits_for_each_rule() external {
        Account memory account = house();
        bytes memory first = proposed(account, SLOW, 3);
        refused(account, Forms.execute(by(account, SLOW, 1, pay(4))), 902);
        bytes memory second = proposed(account, STUBBORN, 4);
        vm.warp(NOW + DELAY);
        send(account, second);
        send(account, first);
        vm.assertEq(BOB.balance, 7);
    }

    function test_a_grant_waits() external {
        Account memory account = house();
        Signer[] memory keys = list(signer(EIP712, "session"));
        Session memory early = granted(account, DAILY, signer(EIP712, "early"), rule(EXECUTE, 1, 1));
        bytes memory localRule = Encode.localRule(keys, rule(EXECUTE, 1, 1));
        send(account, Forms.grant(by(account, SLOW, 1), none, localRule));
        vm.warp(NOW + DELAY);
        Session memory session = sessionOf(account, SLOW, none, keys, rule(EXECUTE, 1, 1));
        bytes memory body = abi.encodePacked(uint16(localRule.length), localRule);
        refused(
            account,
            Forms.apply_(by(account, SLOW, 1), 2, abi.encodePacked(uint8(1), early.id, body)),
            219
        );
        send(account, Forms.apply_(by(account, SLOW, 1), 2, bytes.concat(hex"00", body)));
        send(account, Forms.short(by(account, session, pay(1))));
        send(account, Forms.short(by(account, early, pay(1))));
    }

    function test_an_upgrade_waits() external {
        Account memory account = house();
        address code = address(new NewCode());
        Action memory action = by(account, DAILY, 1);
        refused(account, Forms.upgrade(action, code, code.codehash), 502);
        action = by(account, SLOW, 3);
        send(account, Forms.upgrade(action, code, code.codehash));
        bytes memory applying = Forms.apply_(action, 15, abi.encodePacked(code, code.codehash));
        refused(account, applying, 903);
        vm.warp(NOW + DELAY);
        vm.expectEmit(account.wallet);
        emit Upgraded(code);
        send(account, applying);
        bytes[4] memory inputs = [
            Forms.short(by(account, DAILY, 1, pay(1))),
            Forms.execute(by(account, DAILY, 1, pay(1))),
            abi.encodeWithSignature("supportsInterface(bytes4)", 0x01ffc9a7),
            abi.encodeWithSignature("onERC721Received(address,address,uint256,bytes)", 0, 0, 0, "")
        ];
        for (uint256 i = 0; i < 4; ++i) {
            (bool ok, bytes memory answer) = account.wallet.call(inputs[i]);
            vm.assertTrue(ok);
            vm.assertEq(answer, abi.encode(hot(account), inputs[i].length));
        }
        // Ether is taken as before.
        (bool taken,) = account.wallet.call{value: 1, gas: 2_300}("");
        vm.assertTrue(taken);
    }

    /// Nobody's code changes without notice.
    function test_no_upgrade_without_a_delay() external {
        Configuration memory config = houseConfiguration();
        config.rules[DAILY].actions |= 0x20;
        Account memory account = create(config, guardians(), GUARD);
        address code = address(new NewCode());
        refused(account, Forms.upgrade(by(account, DAILY, 3), code, code.codehash), 502);
        send(account, Forms.upgrade(by(account, SLOW, 3), code, code.codehash));
    }

    function test_the_code_that_was_approved() external {
        Account memory account = house();
        address code = address(new NewCode());
        Action memory action = by(account, SLOW, 3);
        send(account, Forms.upgrade(action, code, code.codehash));
        bytes memory applying = Forms.apply_(action, 15, abi.encodePacked(code, code.codehash));
        vm.warp(NOW + DELAY);
        bytes memory there = code.code;
        vm.etch(code, hex"00");
        refused(account, applying, 913);
        vm.etch(code, "");
        refused(account, applying, 913);
        vm.etch(code, there);
        send(account, applying);
    }

    /// Code that is not made for it, such as a wallet's own, would forward for ever.
    function test_code_that_is_not_made_for_it() external {
        Account memory account = house();
        address[3] memory codes =
            [vm.computeCreateAddress(factory, 1), address(token), account.wallet];
        for (uint256 i = 0; i < 3; ++i) {
            uint256 before = vm.snapshotState();
            Action memory action = by(account, SLOW, 3);
            bytes memory body = abi.encodePacked(codes[i], codes[i].codehash);
            send(account, Forms.upgrade(action, codes[i], codes[i].codehash));
            vm.warp(NOW + DELAY);
            refused(account, Forms.apply_(action, 15, body), 913);
            vm.revertToState(before);
        }
    }

    /// What the new code finds: the configuration is stored, be it the genesis.
    function test_new_code_finds_the_configuration() external {
        Account memory account = house();
        address code = address(new NewCode());
        Action memory action = by(account, SLOW, 3);
        send(account, Forms.upgrade(action, code, code.codehash));
        vm.warp(NOW + DELAY);
        send(account, Forms.apply_(action, 15, abi.encodePacked(code, code.codehash)));
        vm.assertEq(configIdOf(account), account.walletId);
        vm.assertEq(vm.load(account.wallet, bytes32(HOT + 2)), bytes32(uint256(uint160(code))));
    }

    /// A wallet of nobody's code: the hash of no code does not help.
    function test_no_code() external {
        Account memory account = house();
        Action memory action = by(account, SLOW, 3);
        send(account, Forms.upgrade(action, BOB, keccak256("")));
        vm.warp(NOW + DELAY);
        vm.deal(BOB, 1);
        refused(account, Forms.apply_(action, 15, abi.encodePacked(BOB, keccak256(""))), 913);
    }

    // --- cancel -----------------------------------------------------------------------------------------------

    function test_one_party_cancels_what_its_owner_waits_for() external {
        Account memory account = house();
        bytes memory applying = proposed(account, SLOW, 3);
        refused(account, cancel(account, 2, 1, SLOW), 906);
        bytes memory data = cancel(account, 2, 0, SLOW);
        vm.expectEmit(account.wallet);
        emit Cancelled(SLOW, 1);
        send(account, data);
        vm.assertEq(waits(account, SLOW), 0);
        vm.assertEq(earliest(account, SLOW), 0);
        refused(account, data, 901);
        vm.warp(NOW + DELAY);
        refused(account, applying, 901);
    }

    function test_one_party_has_two_cancels_against_who_wins() external {
        Account memory account = house();
        for (uint32 epoch = 0; epoch < 2; ++epoch) {
            proposed(account, STUBBORN, 3);
            send(account, cancel(account, 2, epoch, STUBBORN));
            vm.assertEq(cancels(account, STUBBORN), epoch + 1);
        }
        proposed(account, STUBBORN, 3);
        refused(account, cancel(account, 2, 2, STUBBORN), 907);
        vm.warp(NOW + 90 days);
        refused(account, cancel(account, 2, 2, STUBBORN), 907);
        uint256 before = vm.snapshotState();
        send(account, cancel(account, 3, 2, STUBBORN));
        vm.revertToState(before);
        vm.warp(NOW + 90 days + 1);
        send(account, cancel(account, 2, 2, STUBBORN));
        vm.assertEq(cancels(account, STUBBORN), 1);
    }

    /// Two parties, or the rule itself, also cancel what was not proposed yet.
    function test_a_cancel_ahead() external {
        Account memory account = house();
        refused(account, cancel(account, 1, 0, SLOW), 901);
        send(account, cancel(account, 3, 0, SLOW));
        vm.assertEq(epochOf(account, SLOW), 1);
        refused(account, cancel(account, 3, 0, SLOW), 906);
        proposed(account, SLOW, 3);
        // While something waits the present epoch names the next one.
        refused(account, cancel(account, 3, 2, SLOW), 906);
        send(account, cancel(account, 3, 1, SLOW));
    }

    function test_targets_of_a_cancel() external {
        Account memory account = house();
        refused(account, cancel(account, 3, 0, 3), 501);
        refused(account, cancel(account, 3, 0, 0x40), 501);
        refused(account, cancel(account, 3, 0, 0x90), 501);
        refused(account, cancel(account, 3, 0, 0xc0), 501);
        send(account, cancel(account, 3, 0, 0x8f));
        vm.assertEq(uint32(recordOf(account, uint8(0x8f))), 1);
        vm.assertEq(hot(account) >> 184, 0x8000);
        refused(account, Forms.small(by(account, SLOW, 3), 11, 0, SLOW), 502);
    }

    // --- what a change keeps -------------------------------------------------------------------------------------

    function test_what_waits_stays_with_its_rule() external {
        Account memory account = house();
        bytes memory body = Forms.calls(list(pay(3)));
        proposed(account, SLOW, 3);
        proposed(account, STUBBORN, 4);
        // SLOW moves to place 2, STUBBORN is dropped. Two parties change at once.
        Configuration memory config = next(account);
        config.rules[2] = config.rules[1];
        config.rules[1] = rule(EXECUTE, 2, 3);
        Account memory later = changed(account, config);
        send(account, Forms.change(by(account, DAILY, 3), 4, 0, later.source));
        vm.assertEq(recordOf(later, Encode.ruleId(account.configuration, STUBBORN)), 0);
        vm.warp(NOW + DELAY);
        refused(later, Forms.apply_(by(later, 1, 1), 1, body), 901);
        refused(later, Forms.apply_(by(account, SLOW, 1), 1, body), 302);
        send(later, Forms.apply_(by(later, 2, 1), 1, body));
        vm.assertEq(BOB.balance, 3);
    }

    function test_the_rules_times_hold_again() external {
        Configuration memory config = houseConfiguration();
        config.rules[SLOW].times = Encode.times(0, uint64(NOW + DELAY + 5));
        Account memory account = create(config, guardians(), GUARD);
        bytes memory applying = proposed(account, SLOW, 3);
        vm.warp(NOW + DELAY + 5);
        refused(account, applying, 504);
        vm.warp(NOW + DELAY + 4);
        send(account, applying);
    }

    function test_limits_hold_when_it_is_applied() external {
        Configuration memory config = houseConfiguration();
        config.rules[SLOW].actions = EXECUTE;
        config.rules[SLOW].scope = Encode.scope(BOB, "");
        config.rules[SLOW].limits = Encode.limits(Encode.limit(address(0), 0, 5, 5, 30 days));
        Account memory account = create(config, guardians(), GUARD);
        bytes memory applying = proposed(account, SLOW, 3);
        vm.warp(NOW + DELAY);
        send(account, applying);
        applying = proposed(account, SLOW, 3);
        vm.warp(NOW + 2 * DELAY);
        refused(account, applying, 702);
    }

    function test_actions_that_do_not_wait_are_not_applied() external {
        Account memory account = house();
        uint8[8] memory numbers = [0, 3, 5, 6, 11, 12, 13, 0xff];
        uint16[8] memory verdicts = [103, 901, 103, 103, 901, 103, 901, 103];
        for (uint256 i = 0; i < 8; ++i) {
            refused(
                account, Forms.apply_(by(account, DAILY, 1), numbers[i], hex"0000"), verdicts[i]
            );
        }
    }
}
