// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Encode} from "../support/Encode.sol";
import {Forms} from "../support/Forms.sol";
import {
    Account,
    Action,
    CANCEL,
    Configuration,
    EIP191,
    EIP712,
    EXECUTE,
    POLICY,
    RECOVERY_RULE,
    RecoveryPart,
    Rule,
    Session,
    Signer
} from "../support/Model.sol";
import {WaitingTestBase} from "../support/WaitingTest.sol";

/// Policy changes, the guard, recoveries and freezing.
contract RecoveryTest is WaitingTestBase {
    event Configured(
        bytes32 indexed configuration, bytes32 indexed wallet, uint32 number, bytes shared
    );
    event Frozen(uint8 indexed rule, uint32 epoch, uint40 until);
    event Unfrozen(uint8 indexed rule, uint32 epoch);

    bytes32[] internal none;

    function other(Account memory account) internal pure returns (Account memory) {
        Configuration memory config = next(account);
        config.signers[1] = signer(EIP712, "new paper");
        return changed(account, config);
    }

    // --- the guard -----------------------------------------------------------------------------------------------

    function test_two_parties_change_at_once() external {
        Account memory account = house();
        Account memory later = other(account);
        bytes memory data = Forms.change(by(account, DAILY, 3), 4, 0, later.source);
        vm.expectEmit(account.wallet);
        emit Configured(later.configId, later.walletId, 1, later.source);
        send(account, data);
        vm.assertEq(configIdOf(account), later.configId);
        vm.assertEq(epochOf(later, DAILY), 0);
        refused(account, data, 302);
        send(later, Forms.short(by(later, DAILY, 2, pay(1))));
        refused(account, Forms.short(by(account, DAILY, 2, pay(1))), 507);
        refused(account, Forms.execute(by(account, DAILY, 2, pay(1))), 302);
    }

    function test_one_party_waits_for_the_guard() external {
        Account memory account = house();
        Account memory later = other(account);
        Action memory action = by(account, DAILY, 1);
        bytes memory data = Forms.change(action, 4, 0, later.source);
        send(account, data);
        vm.assertEq(waits(account, DAILY), 4);
        vm.assertEq(earliest(account, DAILY), NOW + 96 hours);
        vm.assertEq(recordOf(account, DAILY) >> 48 & 3, 2);
        refused(account, data, 906);
        bytes memory applying = Forms.apply_(action, 4, Forms.changeBody(0, later.source));
        vm.warp(NOW + 96 hours - 1);
        refused(account, applying, 903);
        vm.warp(NOW + 96 hours);
        send(account, applying);
        vm.assertEq(configIdOf(account), later.configId);
    }

    function test_a_change_ends_other_changes_that_wait() external {
        Account memory account = house();
        Account memory later = other(account);
        send(account, Forms.change(by(account, DAILY, 1), 4, 0, later.source));
        // Another change by two parties that keeps rule 0's signers, so the same ruleId.
        Configuration memory config = next(account);
        config.rules[2].wait = uint32(DELAY - 1);
        Account memory faster = changed(account, config);
        send(account, Forms.change(by(account, DAILY, 3), 4, 1, faster.source));
        vm.assertEq(waits(faster, DAILY), 0);
        vm.assertEq(epochOf(faster, DAILY), 1);
        vm.warp(NOW + 96 hours);
        refused(
            faster, Forms.apply_(by(faster, DAILY, 1), 4, Forms.changeBody(0, later.source)), 901
        );
    }

    function test_a_bad_configuration_is_refused_at_once() external {
        Account memory account = house();
        Configuration memory config = next(account);
        config.rules = list(rule(EXECUTE, 1, 3));
        bytes memory shared = Encode.bytesOf(config);
        refused(account, Forms.change(by(account, DAILY, 1), 4, 0, shared), 216);
        refused(account, Forms.change(by(account, DAILY, 3), 4, 0, shared), 216);
        config.lockdown = true;
        send(account, Forms.change(by(account, DAILY, 3), 4, 0, Encode.bytesOf(config)));
    }

    // --- recover ---------------------------------------------------------------------------------------------------

    function test_two_guardians_recover_at_once() external {
        Account memory account = house();
        Session memory session =
            granted(account, DAILY, signer(EIP712, "session"), rule(EXECUTE, 1, 1));
        send(account, Forms.short(by(account, session, pay(1))));
        Account memory later = recovered(account, GUARDIANS, 0, newSigners());
        bytes memory data = recover(account, GUARDIANS, 3, 0);
        vm.expectEmit(account.wallet);
        emit Configured(later.configId, later.walletId, 1, later.source);
        send(account, data);
        vm.assertEq(configIdOf(account), later.configId);
        vm.assertEq(epochOf(later, GUARDIANS), 1);
        refused(later, Forms.short(by(later, session, pay(1))), 219);
        vm.assertEq(hot(later) >> 176 & 0xff, 0);
        send(later, Forms.short(by(later, 0, 1, pay(1))));
        send(later, Forms.execute(by(later, 0, 1, pay(1))));
        // From here a policy change goes on as ever.
        Configuration memory config = next(later);
        Account memory home = changed(later, config);
        send(later, Forms.change(by(later, 0, 1), 4, 0, home.source));
        vm.warp(NOW + 96 hours);
        send(later, Forms.apply_(by(later, 0, 1), 4, Forms.changeBody(0, home.source)));
        send(home, Forms.short(by(home, DAILY, 2, pay(1))));
        // The epoch moved on: what was signed then is void, and the next one is good.
        refused(home, recover(home, GUARDIANS, 3, 0), 906);
        later = recovered(home, GUARDIANS, 1, newSigners());
        send(home, recover(home, GUARDIANS, 3, 1));
        vm.assertEq(configIdOf(home), later.configId);
    }

    /// Also those of a rule that the recovery restores as it was.
    function test_a_recovery_ends_all_sessions() external {
        RecoveryPart memory part = guardians();
        Account memory account =
            create(genesis(list(signer(EIP712, "phone")), part.after_), part, GUARD);
        Session memory session = granted(account, 0, signer(EIP712, "session"), rule(EXECUTE, 1, 1));
        Signer[] memory same = list(signer(EIP712, "phone"));
        bytes memory data = Forms.change(by(account, GUARDIANS, 3), 14, 0, Encode.signers(same));
        send(account, data);
        Account memory later = recovered(account, GUARDIANS, 0, same);
        vm.assertEq(Encode.ruleId(later.configuration, 0), session.ruleId);
        refused(later, Forms.short(by(later, session, pay(1))), 219);
        vm.assertEq((hot(later) >> 176) & 0xff, 0);
        send(later, Forms.short(by(later, 0, 1, pay(1))));
        granted(later, 0, signer(EIP712, "session"), rule(EXECUTE, 1, 1));
    }

    function test_a_guardian_recovers_after_the_delay() external {
        Account memory account = house();
        send(account, recover(account, GUARDIAN, 1, 0));
        vm.assertEq(waits(account, GUARDIAN), 14);
        vm.assertEq(hot(account) >> 184, 1);
        bytes memory body = Forms.changeBody(0, Encode.signers(newSigners()));
        bytes memory applying = Forms.apply_(by(account, GUARDIAN, 1), 14, body);
        vm.warp(NOW + RECOVERY_DELAY - 1);
        refused(account, applying, 903);
        vm.warp(NOW + RECOVERY_DELAY);
        send(account, applying);
        Account memory later = recovered(account, GUARDIAN, 0, newSigners());
        vm.assertEq(configIdOf(account), later.configId);
        vm.assertEq(epochOf(later, GUARDIAN), 1);
        send(later, Forms.short(by(later, 0, 1, pay(1))));
    }

    /// The same recovery leads to the same configuration from wherever the wallet had drifted.
    function test_a_recovery_is_the_same_whatever_was_before() external {
        Account memory account = house();
        uint256 before = vm.snapshotState();
        send(account, recover(account, GUARDIANS, 3, 0));
        bytes32 id = configIdOf(account);
        vm.revertToState(before);
        Account memory later = other(account);
        send(account, Forms.change(by(account, DAILY, 3), 4, 0, later.source));
        bytes memory same = recover(account, GUARDIANS, 3, 0);
        refused(later, same, 302);
        send(later, recover(later, GUARDIANS, 3, 0));
        vm.assertEq(configIdOf(later), id);
    }

    function test_only_the_part_that_was_committed_to() external {
        Account memory account = house();
        account.recovery.salt = bytes16(keccak256("another"));
        refused(account, recover(account, GUARDIANS, 3, 0), 308);
        Account memory simple = alone(EIP712);
        simple.recovery = guardians();
        refused(simple, recover(simple, GUARDIANS, 3, 0), 308);
    }

    function test_rules_among_the_signers() external {
        Account memory account = house();
        // A rule among the signers would take the place of the real one, which then stands where the
        // guard is; a second signer would, too.
        bytes memory content = abi.encodePacked(Encode.signers(newSigners()), uint8(1), uint8(0));
        refused(account, Forms.change(by(account, GUARDIANS, 3), 14, 0, content), 215);
        content = Encode.signers(list(signer(EIP712, "one"), signer(EIP712, "two")));
        refused(account, Forms.change(by(account, GUARDIANS, 3), 14, 0, content), 202);
    }

    function test_recovery_rules_have_their_own_actions() external {
        Account memory account = house();
        refused(account, Forms.execute(by(account, GUARDIANS, 3, pay(1))), 502);
        refused(account, Forms.change(by(account, GUARDIANS, 3), 4, 0, other(account).source), 502);
        refused(
            account, Forms.change(by(account, DAILY, 3), 14, 0, Encode.signers(newSigners())), 502
        );
        refused(account, Forms.small(by(account, GUARDIANS, 3), 11, 0, DAILY), 908);
        refused(account, Forms.small(by(account, GUARDIANS, 3), 11, 0, GUARDIAN), 908);
        refused(account, recover(account, RECOVERY_RULE | 2, 3, 0), 501);
        send(account, Forms.small(by(account, GUARDIANS, 3), 11, 0, GUARDIANS));
        vm.assertEq(epochOf(account, GUARDIANS), 1);
    }

    // --- recovery under way ------------------------------------------------------------------------------------------

    function test_a_recovery_is_not_outrun() external {
        Account memory account = house();
        Account memory later = other(account);
        // Two days before the guard is over a guardian proposes.
        send(account, Forms.change(by(account, DAILY, 1), 4, 0, later.source));
        bytes memory applying =
            Forms.apply_(by(account, DAILY, 1), 4, Forms.changeBody(0, later.source));
        vm.warp(NOW + 48 hours);
        send(account, recover(account, GUARDIAN, 1, 0));
        uint256 due = NOW + 48 hours + RECOVERY_DELAY;
        vm.warp(NOW + 96 hours);
        refused(account, applying, 912);
        // One party's cancel does not help the thief.
        send(account, cancel(account, 1, 0, GUARDIAN));
        vm.assertEq(waits(account, GUARDIAN), 0);
        refused(account, applying, 912);
        vm.warp(due + 2 days - 1);
        refused(account, applying, 912);
        uint256 before = vm.snapshotState();
        vm.warp(due + 2 days);
        send(account, applying);
        vm.revertToState(before);
        // Two parties change when they like.
        Configuration memory config = next(account);
        config.rules[2].wait = uint32(DELAY - 1);
        send(account, Forms.change(by(account, DAILY, 3), 4, 1, Encode.bytesOf(config)));
    }

    function test_two_parties_end_a_recovery() external {
        Account memory account = house();
        Account memory later = other(account);
        send(account, Forms.change(by(account, DAILY, 1), 4, 0, later.source));
        send(account, recover(account, GUARDIAN, 1, 0));
        send(account, cancel(account, 3, 0, GUARDIAN));
        vm.assertEq(earliest(account, GUARDIAN), 0);
        vm.warp(NOW + 96 hours);
        send(account, Forms.apply_(by(account, DAILY, 1), 4, Forms.changeBody(0, later.source)));
    }

    function test_a_guardian_withdraws() external {
        Account memory account = house();
        send(account, recover(account, GUARDIAN, 1, 0));
        send(account, Forms.small(by(account, GUARDIAN, 2), 11, 0, GUARDIAN));
        vm.assertEq(waits(account, GUARDIAN), 0);
        vm.assertEq(earliest(account, GUARDIAN), 0);
    }

    /// With another commitment what was approved under the old one is void, also when that comes back.
    function test_epochs_of_the_recovery_part() external {
        Account memory account = house();
        send(account, recover(account, GUARDIAN, 1, 0));
        Configuration memory config = next(account);
        RecoveryPart memory part = guardians();
        part.salt = bytes16(keccak256("second"));
        config.recovery = Encode.commitment(part, GUARD);
        Account memory later = changed(account, config);
        send(account, Forms.change(by(account, DAILY, 3), 4, 0, later.source));
        vm.assertEq(waits(later, GUARDIAN), 0);
        vm.assertEq(earliest(later, GUARDIAN), 0);
        vm.assertEq(epochOf(later, GUARDIAN), 2);
        vm.assertEq(epochOf(later, GUARDIANS), 0);
        // Back again.
        Account memory back = changed(later, next(account));
        send(later, Forms.change(by(later, DAILY, 3), 4, 0, back.source));
        vm.assertEq(epochOf(back, GUARDIAN), 3);
        refused(back, recover(back, GUARDIAN, 1, 1), 906);
        send(back, recover(back, GUARDIAN, 1, 3));
    }

    function test_a_commitment_that_stays_keeps_its_records() external {
        Account memory account = house();
        send(account, recover(account, GUARDIAN, 1, 0));
        Account memory later = other(account);
        send(account, Forms.change(by(account, DAILY, 3), 4, 0, later.source));
        vm.assertEq(waits(later, GUARDIAN), 14);
        vm.warp(NOW + RECOVERY_DELAY);
        bytes memory body = Forms.changeBody(0, Encode.signers(newSigners()));
        send(later, Forms.apply_(by(later, GUARDIAN, 1), 14, body));
        vm.assertEq(configIdOf(later), recovered(account, GUARDIAN, 0, newSigners()).configId);
    }

    // --- freezing -------------------------------------------------------------------------------------------------------

    function test_a_freeze_stops_what_it_stops_for_seven_days() external {
        Account memory account = house();
        Session memory session =
            granted(account, DAILY, signer(EIP712, "session"), rule(EXECUTE, 1, 1));
        bytes memory applying = proposed(account, SLOW, 3);
        bytes memory data = freeze(account, 2, 0, 0);
        vm.expectEmit(account.wallet);
        emit Frozen(DAILY, 1, uint40(NOW + 7 days));
        send(account, data);
        refused(account, data, 906);
        vm.warp(NOW + 7 days - 1);
        stopped(account, session, applying, 909);
        vm.warp(NOW + 7 days);
        stopped(account, session, applying, 0);
    }

    function stopped(
        Account memory account,
        Session memory session,
        bytes memory applying,
        uint256 verdict
    ) internal {
        refused(account, Forms.short(by(account, DAILY, 1, pay(1))), verdict);
        refused(account, Forms.execute(by(account, DAILY, 1, pay(1))), verdict);
        refused(account, Forms.short(by(account, session, pay(1))), verdict);
        refused(account, Forms.execute(by(account, session, pay(1))), verdict);
        bytes memory localRule = Encode.localRule(list(signer(EIP712, "x")), rule(EXECUTE, 1, 1));
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = session.id;
        refused(account, Forms.grant(by(account, DAILY, 1), ids, localRule), verdict);
        refused(account, applying, verdict);
        bytes memory shared = other(account).source;
        refused(account, Forms.change(by(account, DAILY, 3), 4, 1, shared), verdict);
    }

    function test_what_a_freeze_does_not_stop() external {
        Account memory account = house();
        Session memory session =
            granted(account, DAILY, signer(EIP712, "session"), rule(EXECUTE, 1, 1));
        send(account, freeze(account, 2, 0, 0));
        proposed(account, SLOW, 3);
        send(account, cancel(account, 2, 0, SLOW));
        send(account, Forms.revoke(by(account, DAILY, 1), session));
        send(account, Forms.change(by(account, DAILY, 1), 4, 1, other(account).source));
        send(account, recover(account, GUARDIANS, 3, 0));
        Account memory later = recovered(account, GUARDIANS, 0, newSigners());
        // The rule that froze is gone, and its freeze with it.
        send(later, Forms.short(by(later, 0, 1, pay(1))));
    }

    function test_once_in_thirty_days() external {
        Account memory account = house();
        send(account, freeze(account, 2, 0, 0));
        vm.warp(NOW + 30 days - 1);
        refused(account, freeze(account, 2, 1, 0), 910);
        vm.warp(NOW + 30 days);
        send(account, freeze(account, 2, 1, 0));
        vm.assertEq(frozenUntil(account), NOW + 37 days);
    }

    function test_two_parties_lift_a_freeze() external {
        Account memory account = house();
        send(account, freeze(account, 2, 0, 0));
        refused(account, freeze(account, 1, 1, 1), 911);
        refused(account, freeze(account, 3, 1, 2), 108);
        bytes memory data = freeze(account, 3, 1, 1);
        vm.expectEmit(account.wallet);
        emit Unfrozen(DAILY, 2);
        send(account, data);
        send(account, Forms.short(by(account, DAILY, 1, pay(1))));
        refused(account, freeze(account, 2, 2, 0), 910);
    }

    /// A freeze by a rule of the recovery part outlives a recovery, and so does one of a rule that stays.
    function test_freezes_of_rules_that_stay() external {
        Account memory account = house();
        send(account, Forms.small(by(account, GUARDIAN, 1), 13, 0, 0));
        refused(account, Forms.short(by(account, DAILY, 1, pay(1))), 909);
        send(account, recover(account, GUARDIANS, 3, 0));
        Account memory later = recovered(account, GUARDIANS, 0, newSigners());
        refused(later, Forms.short(by(later, 0, 1, pay(1))), 909);
        vm.warp(NOW + 7 days);
        send(later, Forms.short(by(later, 0, 1, pay(1))));
    }
}
