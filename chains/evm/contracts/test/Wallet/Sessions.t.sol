// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Encode} from "../support/Encode.sol";
import {Forms} from "../support/Forms.sol";
import {
    Account,
    Action,
    Call,
    Configuration,
    EIP712,
    EXECUTE,
    GRANT,
    LOCAL_RULE,
    P256_KEY,
    PASSKEY,
    POLICY,
    Rule,
    Session,
    Signer
} from "../support/Model.sol";
import {IToken, WalletTest} from "../support/WalletTest.sol";

/// grant, revoke, and what a session may do.
contract SessionsTest is WalletTest {
    event Granted(bytes32 indexed localRuleId, bytes32 ruleId, uint32 version, bytes localRule);
    event Revoked(bytes32 indexed localRuleId, bytes32 ruleId);

    bytes32[] internal none;

    function both(Action memory action) internal {
        Account memory account = action.account;
        uint256 before = vm.snapshotState();
        send(account, Forms.short(action));
        bytes32 left = effect(action);
        vm.revertToState(before);
        send(account, Forms.execute(action));
        vm.assertEq(effect(action), left, "the forms differ");
    }

    function bothRefused(Action memory action, uint256 verdict) internal {
        refused(action.account, Forms.short(action), verdict);
        refused(action.account, Forms.execute(action), verdict);
    }

    function effect(Action memory action) internal view returns (bytes32) {
        Account memory account = action.account;
        bytes32 word = vm.load(account.wallet, action.session.id);
        return keccak256(
            abi.encode(
                hot(account), word, BOB.balance, token.balanceOf(BOB), account.wallet.balance
            )
        );
    }

    function spent(Action memory action) internal view returns (uint64) {
        return uint64(uint256(vm.load(action.account.wallet, action.session.id)) >> 64);
    }

    /// A session for one token, so much at once and in a period of this many seconds.
    function limited(address asset, uint8 scale, uint64 perCall, uint64 perPeriod, uint32 period)
        internal
        view
        returns (Rule memory made)
    {
        made = rule(EXECUTE, 1, 1);
        address[] memory targets = new address[](2);
        (targets[0], targets[1]) =
            BOB < address(token) ? (BOB, address(token)) : (address(token), BOB);
        made.scope = Encode.scope(targets);
        made.limits = Encode.limits(Encode.limit(asset, scale, perCall, perPeriod, period));
    }

    function test_grant_use_revoke() external {
        Account memory account = alone(PASSKEY);
        Session memory session =
            sessionOf(account, 0, none, list(signer(EIP712, "session")), rule(EXECUTE, 1, 1));
        bytes memory data = Forms.grant(by(account, 0, 1), none, session.localRule);
        vm.expectEmit(account.wallet);
        emit Granted(session.id, session.ruleId, 1, session.localRule);
        send(account, data);
        both(by(account, session, pay(1)));
        both(by(account, session, transfer(2)));
        vm.assertEq(uint64(uint256(vm.load(account.wallet, session.id))), 2);
        data = Forms.revoke(by(account, 0, 1), session);
        vm.expectEmit(account.wallet);
        emit Revoked(session.id, session.ruleId);
        send(account, data);
        bothRefused(by(account, session, pay(1)), 219);
        refused(account, Forms.revoke(by(account, 0, 1), session), 219);
        vm.assertEq(hot(account) >> 176 & 0xff, 0);
        vm.assertEq(uint32(hot(account) >> 96), 2);
    }

    function test_the_short_form_of_a_grant() external {
        for (uint8 kind = 2; kind < 6; ++kind) {
            Account memory account = alone(kind);
            bytes32[] memory ids = none;
            for (uint256 i = 0; i < 4; ++i) {
                Action memory action = by(account, 0, 1);
                if (i == 1) action.siblings = new bytes32[](3);
                if (i == 2) action.executor = address(this);
                if (i == 3) action.host = "wallet.latchkey.example";
                bytes32[] memory more = grantBoth(action, ids, vm.toString(i));
                ids = more;
            }
        }
    }

    /// In both forms, with the same effect.
    function grantBoth(Action memory action, bytes32[] memory ids, string memory name)
        internal
        returns (bytes32[] memory more)
    {
        Account memory account = action.account;
        Session memory session =
            sessionOf(account, 0, ids, list(signer(EIP712, name)), rule(EXECUTE, 1, 1));
        bytes32 slot = keccak256(abi.encode(session.ruleId, HOT + 3));
        uint256 before = vm.snapshotState();
        send(account, Forms.grant(action, ids, session.localRule));
        (uint256 left, bytes32 listed) = (hot(account), vm.load(account.wallet, slot));
        vm.revertToState(before);
        bytes memory data = Forms.shortGrant(action, ids, session.localRule);
        vm.expectEmit(account.wallet);
        emit Granted(session.id, session.ruleId, session.version, session.localRule);
        send(account, data);
        vm.assertEq(hot(account), left);
        vm.assertEq(vm.load(account.wallet, slot), listed);
        refused(account, data, 409);
        both(by(account, session, pay(1)));
        more = new bytes32[](ids.length + 1);
        for (uint256 i = 0; i < ids.length; ++i) {
            more[i] = ids[i];
        }
        more[ids.length] = session.id;
    }

    function test_the_short_form_of_a_grant_after_a_change() external {
        Account memory account = alone(EIP712);
        Account memory later =
            changed(account, genesis(list(signer(PASSKEY, "new")), list(rule(ALL, 1, 1))));
        account.configuration.salt = hex"00";
        send(account, Forms.change(by(account, 0, 1), 4, 0, later.source));
        grantBoth(by(later, 0, 1), none, "one");
    }

    function test_refusals_of_the_short_form_of_a_grant() external {
        Rule memory timed = rule(EXECUTE | GRANT, 1, 1);
        timed.times = Encode.times(uint64(NOW), uint64(NOW + 9));
        Account memory account = create(
            genesis(
                list(signer(EIP712, "alice")),
                list(rule(ALL | 0x80, 1, 1), timed, rule(EXECUTE, 1, 1))
            )
        );
        bytes memory local = Encode.localRule(list(signer(EIP712, "one")), rule(EXECUTE, 1, 1));
        refused(account, Forms.shortGrant(by(account, 1, 1), none, local), 109);
        refused(account, Forms.shortGrant(by(account, 2, 1), none, local), 502);
        refused(account, Forms.shortGrant(by(account, 3, 1), none, local), 501);
        refused(account, Forms.shortGrant(by(account, 0, 0), none, local), 403);
        bytes memory bad = Encode.localRule(list(signer(EIP712, "one")), rule(POLICY, 1, 1));
        refused(account, Forms.shortGrant(by(account, 0, 1), none, bad), 209);
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = keccak256("another");
        refused(account, Forms.shortGrant(by(account, 0, 1), ids, local), 219);
        Action memory action = by(account, 0, 1);
        action.deadline = uint40(NOW - 1);
        refused(account, Forms.shortGrant(action, none, local), 601);
        action.deadline = uint40(NOW);
        action.calls = list(pay(1), pay(2));
        refused(account, Forms.shortGrant(action, none, local), 104);
        action.calls = new Call[](0);
        bytes memory good = Forms.shortGrant(action, none, local);
        refused(account, bytes.concat(good, hex"00"), 102);
        refused(account, Forms.slice(good, 0, good.length - 1), 409);
        uint256 before = vm.snapshotState();
        send(account, Forms.small(by(account, 0, 1), 13, 0, 0));
        refused(account, good, 909);
        vm.revertToState(before);
        send(account, good);
    }

    function test_every_kind_of_signer_in_a_session() external {
        Account memory account = alone(EIP712);
        Session memory session;
        bytes32[] memory ids = none;
        for (uint8 kind = 2; kind < 6; ++kind) {
            session = sessionOf(account, 0, ids, list(signer(kind, "session")), rule(EXECUTE, 1, 1));
            send(account, Forms.grant(by(account, 0, 1), ids, session.localRule));
            both(by(account, session, pay(1)));
            bytes32[] memory more = new bytes32[](ids.length + 1);
            for (uint256 i = 0; i < ids.length; ++i) {
                more[i] = ids[i];
            }
            more[ids.length] = session.id;
            ids = more;
        }
        // The last one, a passkey, with a host; in the middle of the list it is found by its place.
        Action memory action = by(account, session, pay(1));
        action.host = "wallet.latchkey.example";
        both(action);
    }

    function test_a_session_of_two_parties() external {
        Account memory account = alone(EIP712);
        Signer[] memory keys = list(signer(EIP712, "one"), signer(PASSKEY, "two"));
        Session memory session = sessionOf(account, 0, none, keys, rule(EXECUTE, 2, 3));
        send(account, Forms.grant(by(account, 0, 1), none, session.localRule));
        bothRefused(by(account, session, pay(1)), 403);
        Action memory action = by(account, session, pay(1));
        action.approvers = 3;
        both(action);
        action.approvers = 7;
        bothRefused(action, 402);
    }

    function test_sixteen_sessions_and_no_more() external {
        Account memory account = alone(EIP712);
        bytes32[] memory ids = none;
        Session[] memory sessions = new Session[](16);
        Rule memory open = rule(EXECUTE, 1, 1);
        for (uint256 n = 0; n < 16; ++n) {
            sessions[n] = sessionOf(account, 0, ids, list(signer(EIP712, vm.toString(n))), open);
            send(account, Forms.grant(by(account, 0, 1), ids, sessions[n].localRule));
            bytes32[] memory more = new bytes32[](n + 1);
            for (uint256 i = 0; i < n; ++i) {
                more[i] = ids[i];
            }
            more[n] = sessions[n].id;
            ids = more;
        }
        bytes memory localRule = Encode.localRule(list(signer(EIP712, "17")), open);
        refused(account, Forms.grant(by(account, 0, 1), ids, localRule), 218);
        // Each is found by the others and its place.
        for (uint256 n = 0; n < 16; ++n) {
            sessions[n].place = uint8(n);
            sessions[n].others = without(ids, n);
            both(by(account, sessions[n], pay(1)));
        }
        Action memory wrong = by(account, sessions[3], pay(1));
        wrong.session.place = 4;
        bothRefused(wrong, 219);
        wrong.session.place = 16;
        refused(account, Forms.execute(wrong), 219);
        wrong.session.place = 3;
        // One leaves: there is room for another.
        send(account, Forms.revoke(by(account, 0, 1), sessions[5]));
        bothRefused(by(account, sessions[5], pay(1)), 219);
        ids = without(ids, 5);
        send(account, Forms.grant(by(account, 0, 1), ids, localRule));
    }

    function without(bytes32[] memory ids, uint256 place)
        internal
        pure
        returns (bytes32[] memory rest)
    {
        rest = new bytes32[](ids.length - 1);
        for (uint256 i = 0; i < rest.length; ++i) {
            rest[i] = ids[i < place ? i : i + 1];
        }
    }

    /// The list that comes with a grant is proved by what is stored.
    function test_a_grant_names_the_present_sessions() external {
        Account memory account = alone(EIP712);
        Session memory first = granted(account, 0, signer(EIP712, "one"), rule(EXECUTE, 1, 1));
        bytes memory two = Encode.localRule(list(signer(EIP712, "two")), rule(EXECUTE, 1, 1));
        refused(account, Forms.grant(by(account, 0, 1), none, two), 219);
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = keccak256("another");
        refused(account, Forms.grant(by(account, 0, 1), ids, two), 219);
        ids[0] = first.id;
        send(account, Forms.grant(by(account, 0, 1), ids, two));
    }

    // --- what a session may -----------------------------------------------------------------------------------

    function test_a_session_only_executes() external {
        Account memory account = alone(EIP712);
        Session memory session = granted(account, 0, signer(EIP712, "one"), rule(EXECUTE, 1, 1));
        Action memory action = by(account, session, pay(1));
        refused(account, Forms.grant(action, none, session.localRule), 502);
        refused(account, Forms.change(action, 4, 0, account.source), 502);
        refused(account, Forms.small(action, 11, 0, 0), 502);
        refused(account, Forms.small(action, 13, 0, 0), 502);
        refused(account, Forms.upgrade(action, address(token), address(token).codehash), 502);
        action.key = 3;
        refused(account, Forms.execute(action), 502);
    }

    function test_a_session_has_no_other_rights_than_execute() external {
        Account memory account = alone(EIP712);
        uint8[7] memory rights = [2, 4, 8, 0x10, 0x20, 0x40, 0x80];
        for (uint256 i = 0; i < rights.length; ++i) {
            for (uint8 with = 0; with < 2; ++with) {
                bytes memory localRule =
                    Encode.localRule(list(signer(EIP712, "one")), rule(rights[i] | with, 1, 1));
                refused(account, Forms.grant(by(account, 0, 1), none, localRule), 209);
            }
        }
        Rule memory slow = rule(EXECUTE, 1, 1);
        slow.wait = 5;
        bytes memory waiting = Encode.localRule(list(signer(EIP712, "one")), slow);
        refused(account, Forms.grant(by(account, 0, 1), none, waiting), 215);
    }

    function test_times() external {
        Account memory account = alone(EIP712);
        Rule memory timed = rule(EXECUTE, 1, 1);
        timed.times = Encode.times(uint64(NOW + 10), uint64(NOW + 20));
        Action memory action =
            by(account, granted(account, 0, signer(EIP712, "one"), timed), pay(1));
        bothRefused(action, 503);
        vm.warp(NOW + 9);
        bothRefused(action, 503);
        vm.warp(NOW + 10);
        both(action);
        vm.warp(NOW + 19);
        both(action);
        vm.warp(NOW + 20);
        bothRefused(action, 504);
    }

    function test_scope() external {
        Account memory account = alone(EIP712);
        Rule memory narrow = rule(EXECUTE, 1, 1);
        bytes memory prefix = abi.encodePacked(IToken.transfer.selector, bytes12(0));
        narrow.scope = Encode.scope(address(token), prefix);
        Session memory session = granted(account, 0, signer(EIP712, "one"), narrow);
        both(by(account, session, transfer(1)));
        bothRefused(by(account, session, pay(1)), 505);
        bytes memory approve = abi.encodeCall(IToken.approve, (BOB, 1));
        bothRefused(by(account, session, Call(address(token), 0, approve)), 505);
        bytes memory dirty =
            abi.encodePacked(IToken.transfer.selector, uint256(1 << 200), uint256(1));
        bothRefused(by(account, session, Call(address(token), 0, dirty)), 505);
        bytes memory tooShort = Forms.slice(prefix, 0, 15);
        bothRefused(by(account, session, Call(address(token), 0, tooShort)), 505);
        // The second call counts as well.
        Action memory action = by(account, session, transfer(1));
        action.calls = list(transfer(1), pay(1));
        bothRefused(action, 505);
    }

    function test_a_grant_stays_within_its_grantor() external {
        Rule memory narrow = rule(EXECUTE | GRANT, 1, 1);
        narrow.times = Encode.times(uint64(NOW), uint64(NOW + 100));
        narrow.scope = Encode.scope(address(token), abi.encodePacked(IToken.transfer.selector));
        Account memory account =
            create(genesis(list(signer(EIP712, "alice")), list(rule(POLICY, 1, 1), narrow)));
        Rule memory local = rule(EXECUTE, 1, 1);
        local.times = narrow.times;
        local.scope = narrow.scope;
        tryGrant(account, local, 0);
        local.scope = "";
        tryGrant(account, local, 217);
        local.scope = Encode.scope(address(token), hex"a9059c");
        tryGrant(account, local, 217);
        local.scope = Encode.scope(BOB, abi.encodePacked(IToken.transfer.selector));
        tryGrant(account, local, 217);
        local.scope =
            Encode.scope(address(token), abi.encodePacked(IToken.transfer.selector, uint8(0)));
        tryGrant(account, local, 0);
        local.times = "";
        tryGrant(account, local, 217);
        local.times = Encode.times(uint64(NOW - 1), uint64(NOW + 100));
        tryGrant(account, local, 217);
        local.times = Encode.times(uint64(NOW), uint64(NOW + 101));
        tryGrant(account, local, 217);
    }

    function tryGrant(Account memory account, Rule memory local, uint256 verdict) internal {
        uint256 before = vm.snapshotState();
        bytes memory localRule = Encode.localRule(list(signer(EIP712, "one")), local);
        refused(account, Forms.grant(by(account, 1, 1), none, localRule), verdict);
        vm.revertToState(before);
    }

    // --- limits -------------------------------------------------------------------------------------------------

    function test_a_limit_of_a_token() external {
        Account memory account = alone(EIP712);
        Session memory session = granted(
            account, 0, signer(EIP712, "one"), limited(address(token), 0, 100, 250, 1 days)
        );
        both(by(account, session, transfer(100)));
        bothRefused(by(account, session, transfer(101)), 701);
        both(by(account, session, transfer(100)));
        bothRefused(by(account, session, transfer(51)), 702);
        both(by(account, session, transfer(50)));
        bothRefused(by(account, session, transfer(1)), 702);
        both(by(account, session, transfer(0)));
        uint256 next = (block.timestamp / 1 days + 1) * 1 days;
        vm.warp(next - 1);
        bothRefused(by(account, session, transfer(1)), 702);
        vm.warp(next);
        both(by(account, session, transfer(100)));
        vm.assertEq(spent(by(account, session, pay(0))), 100);
        // A clock that steps back opens no window again.
        vm.warp(next - 1);
        both(by(account, session, transfer(100)));
        bothRefused(by(account, session, transfer(51)), 702);
    }

    function test_a_limit_for_ever() external {
        Account memory account = alone(EIP712);
        Session memory session =
            granted(account, 0, signer(EIP712, "one"), limited(address(0), 0, 100, 150, 0));
        both(by(account, session, pay(100)));
        vm.warp(NOW + 5_000 days);
        bothRefused(by(account, session, pay(51)), 702);
        both(by(account, session, pay(50)));
    }

    /// The windows of a rule with times begin with it.
    function test_windows_begin_with_the_rule() external {
        Account memory account = alone(EIP712);
        Rule memory timed = limited(address(token), 0, 100, 100, 1 days);
        timed.times = Encode.times(uint64(NOW - 5), uint64(NOW + 9 days));
        Session memory session = granted(account, 0, signer(EIP712, "one"), timed);
        both(by(account, session, transfer(100)));
        vm.warp(NOW - 6 + 1 days);
        bothRefused(by(account, session, transfer(1)), 702);
        vm.warp(NOW - 5 + 1 days);
        both(by(account, session, transfer(1)));
    }

    /// Amounts count in powers of ten and round up, once for each action.
    function test_scale() external {
        Account memory account = alone(EIP712);
        Session memory session =
            granted(account, 0, signer(EIP712, "one"), limited(address(token), 18, 2, 5, 1 days));
        both(by(account, session, transfer(1)));
        vm.assertEq(spent(by(account, session, pay(0))), 1);
        both(by(account, session, transfer(2 ether)));
        vm.assertEq(spent(by(account, session, pay(0))), 3);
        bothRefused(by(account, session, transfer(2 ether + 1)), 701);
        Action memory action = by(account, session, transfer(1));
        action.calls = list(transfer(0.5 ether), transfer(0.5 ether));
        both(action);
        vm.assertEq(spent(by(account, session, pay(0))), 4);
        bothRefused(by(account, session, transfer(1 ether + 1)), 702);
        both(by(account, session, transfer(1 ether)));
    }

    function test_the_highest_scale_and_amount() external {
        Account memory account = alone(EIP712);
        Session memory session = granted(
            account,
            0,
            signer(EIP712, "one"),
            limited(address(token), 57, type(uint64).max, type(uint64).max, 0)
        );
        bothRefused(by(account, session, transfer(type(uint256).max)), 701);
        bytes memory approve = abi.encodeCall(IToken.approve, (BOB, 10 ** 57 * uint256(5)));
        both(by(account, session, Call(address(token), 0, approve)));
        vm.assertEq(spent(by(account, session, pay(0))), 5);
    }

    /// A limit that names none of this chain's assets allows nothing of any.
    function test_other_chains_assets() external {
        Account memory account = alone(EIP712);
        Rule memory foreign = limited(address(token), 58, 100, 100, 0);
        Session memory session = granted(account, 0, signer(EIP712, "one"), foreign);
        Action memory action = by(account, session, transfer(1));
        refused(account, Forms.short(action), 109);
        refused(account, Forms.execute(action), 703);
    }

    function test_what_counts_of_a_token() external {
        Account memory account = alone(EIP712);
        Session memory session =
            granted(account, 0, signer(EIP712, "one"), limited(address(token), 0, 100, 1_000, 0));
        bytes[3] memory counted;
        counted[0] = abi.encodeCall(IToken.transfer, (BOB, 100));
        counted[1] = abi.encodeCall(IToken.approve, (BOB, 100));
        counted[2] = abi.encodeCall(IToken.transferFrom, (account.wallet, BOB, 100));
        for (uint256 i = 0; i < 2; ++i) {
            both(by(account, session, Call(address(token), 0, counted[i])));
            vm.assertEq(spent(by(account, session, pay(0))), (i + 1) * 100);
        }
        // What only the long form can judge.
        Action memory action = by(account, session, Call(address(token), 0, counted[2]));
        refused(account, Forms.short(action), 109);
        Action memory allow = by(account, 0, 1);
        allow.calls =
            list(Call(address(token), 0, abi.encodeCall(IToken.approve, (account.wallet, 500))));
        send(account, Forms.execute(allow));
        send(account, Forms.execute(action));
        vm.assertEq(spent(by(account, session, pay(0))), 300);
        action.calls[0].data = abi.encodeCall(IToken.transferFrom, (account.wallet, BOB, 101));
        refused(account, Forms.execute(action), 701);
        // Somebody else's tokens are not ours.
        token.mint(address(this), 500);
        token.approve(account.wallet, 500);
        action.calls[0].data = abi.encodeCall(IToken.transferFrom, (address(this), BOB, 500));
        send(account, Forms.execute(action));
        vm.assertEq(spent(by(account, session, pay(0))), 300);
    }

    function test_what_cannot_be_counted() external {
        Account memory account = alone(EIP712);
        Session memory session =
            granted(account, 0, signer(EIP712, "one"), limited(address(token), 0, 100, 1_000, 0));
        bytes[5] memory unknown;
        unknown[0] = "";
        unknown[1] = hex"a9059c";
        unknown[2] = abi.encodePacked(abi.encodeCall(IToken.transfer, (BOB, 1)), uint8(0));
        unknown[3] = abi.encodeWithSignature("burn(uint256)", 1);
        unknown[4] = Forms.slice(abi.encodeCall(IToken.transfer, (BOB, 1)), 0, 67);
        for (uint256 i = 0; i < 5; ++i) {
            Action memory action = by(account, session, Call(address(token), 0, unknown[i]));
            refused(account, Forms.short(action), 109);
            refused(account, Forms.execute(action), 705);
        }
        bothRefused(by(account, session, pay(1)), 703);
        both(by(account, session, pay(0)));
        // A call of a token that no limit names.
        bothRefused(
            by(account, session, Call(BOB, 0, abi.encodeCall(IToken.transfer, (BOB, 1)))), 703
        );
        bothRefused(
            by(account, session, Call(BOB, 0, abi.encodeCall(IToken.transfer, (BOB, 0)))), 703
        );
    }

    function test_permit_counts() external {
        Account memory account = alone(EIP712);
        Session memory session =
            granted(account, 0, signer(EIP712, "one"), limited(BOB, 0, 100, 1_000, 0));
        bytes memory permit = abi.encodeWithSignature(
            "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
            account.wallet,
            BOB,
            100,
            0,
            0,
            0,
            0
        );
        Action memory action = by(account, session, Call(BOB, 0, permit));
        refused(account, Forms.short(action), 109);
        send(account, Forms.execute(action));
        vm.assertEq(spent(action), 100);
        bytes memory increase =
            abi.encodeWithSignature("increaseAllowance(address,uint256)", BOB, 100);
        both(by(account, session, Call(BOB, 0, increase)));
        vm.assertEq(spent(action), 200);
    }

    /// Two limits of one token with different scales: both hold. The short form knows one limit.
    function test_two_limits() external {
        Account memory account = alone(EIP712);
        Rule memory two = limited(address(token), 0, 0, 0, 0);
        two.limits = Encode.limits(
            Encode.limit(address(token), 0, 50, 500, 1 days),
            Encode.limit(address(token), 1, 4, 8, 0)
        );
        Session memory session = granted(account, 0, signer(EIP712, "one"), two);
        Action memory action = by(account, session, transfer(41));
        refused(account, Forms.short(action), 109);
        refused(account, Forms.execute(action), 701);
        send(account, Forms.execute(by(account, session, transfer(40))));
        send(account, Forms.execute(by(account, session, transfer(31))));
        refused(account, Forms.execute(by(account, session, transfer(1))), 702);
        vm.warp(NOW + 2 days);
        refused(account, Forms.execute(by(account, session, transfer(1))), 702);
    }

    /// The fee is a call of the action and counts.
    function test_fees_count() external {
        Account memory account = alone(EIP712);
        Session memory session =
            granted(account, 0, signer(EIP712, "one"), limited(address(token), 0, 100, 1_000, 0));
        Action memory action = by(account, session, pay(0));
        Call memory fee =
            Call(address(token), 0, abi.encodeCall(IToken.transfer, (address(this), 30)));
        action.calls = list(transfer(70), fee);
        action.hasFee = true;
        both(action);
        vm.assertEq(spent(action), 100);
        action.calls[0] = transfer(71);
        bothRefused(action, 701);
    }

    function test_limits_of_a_shared_rule() external {
        Rule memory shared = limited(address(token), 0, 100, 150, 1 days);
        Account memory account = create(
            genesis(list(signer(EIP712, "alice")), list(rule(POLICY | EXECUTE, 1, 1), shared))
        );
        Action memory action = by(account, 1, 1, transfer(100));
        refused(account, Forms.short(action), 109);
        send(account, Forms.execute(action));
        action.calls[0] = transfer(51);
        refused(account, Forms.execute(action), 702);
        // A change that leaves the rule leaves its budget; one that drops it and one that brings it back
        // begin anew.
        Rule[] memory rules = list(shared, rule(POLICY | EXECUTE, 1, 1));
        Account memory next = changed(account, genesis(account.configuration.signers, rules));
        account.configuration.salt = hex"00";
        send(account, Forms.change(by(account, 0, 1), 4, 0, next.source));
        action = by(next, 0, 1, transfer(51));
        refused(next, Forms.execute(action), 702);
        Account memory without_ =
            changed(next, genesis(next.configuration.signers, list(rule(POLICY, 1, 1))));
        send(next, Forms.change(by(next, 1, 1), 4, 0, without_.source));
        Account memory again = changed(without_, genesis(next.configuration.signers, rules));
        send(without_, Forms.change(by(without_, 0, 1), 4, 0, again.source));
        send(again, Forms.execute(by(again, 0, 1, transfer(100))));
    }

    struct Budget {
        uint256 perCall;
        uint256 perPeriod;
        uint256 period;
        uint256 window;
        uint256 used;
    }

    /// The short form and the long one share one counter and one sequence.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_one_budget(uint256 seed) external {
        Account memory account = alone(EIP712);
        Budget memory budget;
        budget.perCall = 1 + seed % 100;
        budget.perPeriod = budget.perCall + (seed >> 8) % 200;
        budget.period = (seed >> 16) % 3 * 1 hours;
        Rule memory made = limited(
            address(token),
            0,
            uint64(budget.perCall),
            uint64(budget.perPeriod),
            uint32(budget.period)
        );
        Session memory session = granted(account, 0, signer(EIP712, "one"), made);
        for (uint256 i = 0; i < 24; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            vm.warp(block.timestamp + (seed >> 32) % 20 minutes);
            spend(
                by(account, session, transfer(seed % 120)),
                budget,
                seed % 120,
                (seed >> 64) % 2 == 0
            );
        }
    }

    function spend(Action memory action, Budget memory budget, uint256 amount, bool isShort)
        internal
    {
        uint256 window = budget.period == 0 ? 0 : block.timestamp / budget.period;
        if (window != budget.window) (budget.used, budget.window) = (0, window);
        uint256 expected = budget.used + amount > budget.perPeriod ? 702 : 0;
        if (amount > budget.perCall) expected = 701;
        refused(action.account, isShort ? Forms.short(action) : Forms.execute(action), expected);
        if (expected == 0) budget.used += amount;
    }
}
