// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Encode} from "../support/Encode.sol";
import {IAccount, IEntryPoint, PackedUserOperation} from "../support/EntryPoint.sol";
import {Forms} from "../support/Forms.sol";
import {
    Account,
    Action,
    Call,
    Configuration,
    EIP712,
    EXECUTE,
    NO_DEADLINE,
    PASSKEY,
    POLICY,
    Rule,
    Session,
    Signer
} from "../support/Model.sol";
import {IToken, WalletTest} from "../support/WalletTest.sol";

/// User operations through the EntryPoint (ERC-4337).
contract OperationsTest is WalletTest {
    IEntryPoint internal constant ENTRY_POINT =
        IEntryPoint(0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108);
    address internal constant ENTRY_POINT_07 = 0x0000000071727De22E5E9d8BAf0edAc6f37da032;
    address internal constant ENTRY_POINT_09 = 0x433709009B8330FDa32311DF1C2AFA402eD8D009;
    address payable internal constant BUNDLER = payable(address(0xb0b0));
    uint256 internal constant PRICE = 1 gwei;

    function setUp() public override {
        super.setUp();
        string memory artifact =
            vm.readFile("node_modules/entry-point-0.8/artifacts/EntryPoint.json");
        // Its constructor, run in its place.
        vm.etch(address(ENTRY_POINT), vm.parseJsonBytes(artifact, ".bytecode"));
        (bool ok, bytes memory code) = address(ENTRY_POINT).call("");
        vm.assertTrue(ok);
        vm.etch(address(ENTRY_POINT), code);
        vm.fee(PRICE);
    }

    // --- building -----------------------------------------------------------------------------------------------

    function operation(Action memory action)
        internal
        view
        returns (PackedUserOperation memory made)
    {
        made.sender = action.account.wallet;
        made.nonce = ENTRY_POINT.getNonce(made.sender, uint192(action.key));
        made.callData = Forms.run(action.calls);
        made.accountGasLimits = bytes32((uint256(200_000) << 128) | 100_000);
        made.preVerificationGas = 50_000;
        made.gasFees = bytes32((PRICE << 128) | PRICE);
    }

    function signed(Action memory action, PackedUserOperation memory made, uint40 time)
        internal
        view
        returns (PackedUserOperation memory)
    {
        action.key = 0;
        made.signature =
            Forms.operation(action, address(ENTRY_POINT), time, ENTRY_POINT.getUserOpHash(made));
        return made;
    }

    function signed(Action memory action) internal view returns (PackedUserOperation memory) {
        return signed(action, operation(action), uint40(block.timestamp));
    }

    function handle(PackedUserOperation memory one) internal {
        PackedUserOperation[] memory batch = new PackedUserOperation[](1);
        batch[0] = one;
        vm.prank(BUNDLER, BUNDLER);
        ENTRY_POINT.handleOps(batch, BUNDLER);
    }

    function fails(PackedUserOperation memory one, string memory reason) internal {
        PackedUserOperation[] memory batch = new PackedUserOperation[](1);
        batch[0] = one;
        vm.expectRevert(abi.encodeWithSelector(IEntryPoint.FailedOp.selector, 0, reason));
        vm.prank(BUNDLER, BUNDLER);
        ENTRY_POINT.handleOps(batch, BUNDLER);
    }

    function fails(PackedUserOperation memory one, uint256 verdict) internal {
        PackedUserOperation[] memory batch = new PackedUserOperation[](1);
        batch[0] = one;
        vm.expectRevert(
            abi.encodeWithSelector(
                IEntryPoint.FailedOpWithRevert.selector,
                0,
                "AA23 reverted",
                abi.encodeWithSelector(Refused.selector, verdict)
            )
        );
        vm.prank(BUNDLER, BUNDLER);
        ENTRY_POINT.handleOps(batch, BUNDLER);
    }

    // --- through the EntryPoint ---------------------------------------------------------------------------------

    function test_every_kind_of_signer() external {
        for (uint8 kind = 2; kind < 6; ++kind) {
            Account memory account = alone(kind);
            uint256 before = BOB.balance;
            handle(signed(by(account, 0, 1, pay(1))));
            vm.assertEq(BOB.balance, before + 1);
            vm.assertEq(sequence(account), 0);
            Action memory action = by(account, 0, 1, transfer(2));
            action.siblings = new bytes32[](4);
            handle(signed(action));
        }
        vm.assertEq(token.balanceOf(BOB), 8);
    }

    function shortSigned(Action memory action, PackedUserOperation memory made)
        internal
        view
        returns (PackedUserOperation memory)
    {
        action.calls = new Call[](0);
        made.signature =
            Forms.shortOperation(action, address(ENTRY_POINT), ENTRY_POINT.getUserOpHash(made));
        return made;
    }

    function test_the_short_form() external {
        for (uint8 kind = 2; kind < 6; ++kind) {
            Account memory account = alone(kind);
            Action memory action = by(account, 0, 1, transfer(2));
            PackedUserOperation memory one = operation(action);
            action.otherDigest = keccak256("another");
            fails(shortSigned(action, one), "AA24 signature error");
            action.otherDigest = 0;
            handle(shortSigned(action, one));
            fails(one, "AA25 invalid account nonce");
            action = by(account, 0, 1, transfer(2));
            action.siblings = new bytes32[](4);
            action.host = "wallet.latchkey.example";
            one = operation(action);
            handle(shortSigned(action, one));
        }
        vm.assertEq(token.balanceOf(BOB), 16);
    }

    function test_the_short_form_after_changes() external {
        Account memory account = alone(EIP712);
        Account memory later =
            changed(account, genesis(list(signer(PASSKEY, "new")), list(rule(ALL | 0x80, 1, 1))));
        account.configuration.salt = hex"00";
        send(account, Forms.change(by(account, 0, 1), 4, 0, later.source));
        Action memory action = by(later, 0, 1, pay(1));
        PackedUserOperation memory one = operation(action);
        handle(shortSigned(action, one));
        // The clock of a freeze is the long form's.
        send(later, Forms.small(by(later, 0, 1), 13, 0, 0));
        one = operation(by(later, 0, 1, pay(1)));
        fails(shortSigned(action, one), 109);
    }

    function test_refusals_of_the_short_form() external {
        Rule memory narrow = rule(EXECUTE, 1, 1);
        narrow.scope = Encode.scope(BOB, "");
        Account memory account = create(
            genesis(
                list(signer(EIP712, "alice"), signer(EIP712, "bob")),
                list(rule(ALL, 2, 3), narrow, rule(POLICY, 1, 3))
            )
        );
        PackedUserOperation memory one = operation(by(account, 0, 3, pay(1)));
        fails(shortSigned(by(account, 0, 1), one), 403);
        fails(shortSigned(by(account, 1, 1), one), 109);
        fails(shortSigned(by(account, 1, 2), one), 402);
        fails(shortSigned(by(account, 2, 1), one), 502);
        fails(shortSigned(by(account, 3, 1), one), 501);
        Action memory action = by(account, 0, 3);
        action.executor = BUNDLER;
        fails(shortSigned(action, one), 104);
        action.executor = address(0);
        action.calls = new Call[](2);
        one.signature =
            Forms.shortOperation(action, address(ENTRY_POINT), ENTRY_POINT.getUserOpHash(one));
        fails(one, 104);
        bytes memory good = shortSigned(action, one).signature;
        one.signature = bytes.concat(good, hex"00");
        fails(one, 102);
        one.signature = Forms.slice(good, 0, good.length - 1);
        fails(one, 102);
        one.signature = good;
        handle(one);
        Session memory session = granted2(account);
        one = operation(by(account, session, pay(1)));
        fails(shortSigned(by(account, session, pay(1)), one), 103);
    }

    function granted2(Account memory account) internal returns (Session memory session) {
        bytes32[] memory none = new bytes32[](0);
        session = sessionOf(account, 0, none, list(signer(EIP712, "s")), rule(EXECUTE, 1, 1));
        send(account, Forms.shortGrant(by(account, 0, 3), none, session.localRule));
    }

    function test_deadlines_of_the_short_form() external {
        Account memory account = alone(EIP712);
        Action memory action = by(account, 0, 1, pay(1));
        PackedUserOperation memory one = operation(action);
        action.deadline = 0;
        fails(shortSigned(action, one), 601);
        action.deadline = uint40(NOW + 5);
        one = shortSigned(action, one);
        vm.warp(NOW + 6);
        fails(one, "AA22 expired or not due");
        vm.warp(NOW + 5);
        handle(one);
    }

    /// What the EntryPoint runs: nothing of the wallet's own.
    function test_the_short_form_judges_calls_when_they_run() external {
        Account memory account = alone(EIP712);
        uint256 before = account.wallet.balance;
        Action memory action = by(account, 0, 1);
        action.calls = list(pay(5), Call(account.wallet, 0, hex"60"));
        PackedUserOperation memory one = operation(action);
        handle(shortSigned(action, one));
        vm.assertEq(BOB.balance, 0);
        vm.assertLt(account.wallet.balance, before);
        bytes[4] memory bad = [
            Forms.run(list(pay(1), Call(address(0), 0, ""))),
            bytes.concat(Forms.run(list(pay(1))), hex"00"),
            bytes(hex"60"),
            Forms.slice(Forms.run(list(pay(1))), 0, 26)
        ];
        uint16[4] memory verdicts = [506, 102, 102, 102];
        for (uint256 i = 0; i < 4; ++i) {
            vm.prank(address(ENTRY_POINT));
            refused(account, bad[i], verdicts[i]);
        }
    }

    function test_the_first_operation_makes_the_wallet() external {
        Account memory account =
            identify(genesis(list(signer(PASSKEY, "new")), list(rule(ALL, 1, 1))));
        vm.deal(account.wallet, 1 ether);
        Action memory action = by(account, 0, 1, pay(1));
        PackedUserOperation memory one = operation(action);
        one.initCode = abi.encodePacked(factory, account.walletId);
        handle(signed(action, one, uint40(block.timestamp)));
        vm.assertEq(account.wallet.code.length, 49);
        vm.assertEq(BOB.balance, 1);
    }

    function test_several_operations_in_one_bundle() external {
        Account memory account = alone(EIP712);
        PackedUserOperation[] memory batch = new PackedUserOperation[](3);
        for (uint64 i = 0; i < 3; ++i) {
            Action memory action = by(account, 0, 1, pay(1));
            action.key = i;
            batch[i] = operation(action);
            batch[i] = signed(action, batch[i], 0);
        }
        vm.prank(BUNDLER, BUNDLER);
        ENTRY_POINT.handleOps(batch, BUNDLER);
        vm.assertEq(BOB.balance, 3);
    }

    function test_another_key_is_told_and_everything_else_refused() external {
        Account memory account = alone(EIP712);
        Action memory action = by(account, 0, 1, pay(1));
        action.otherDigest = keccak256("another");
        fails(signed(action), "AA24 signature error");
        action.otherDigest = 0;
        PackedUserOperation memory one = signed(action);
        bytes memory good = one.signature;
        one.signature = bytes.concat(good, hex"00");
        fails(one, 102);
        one.signature = Forms.slice(good, 0, good.length - 1);
        fails(one, 101);
        one.signature = hex"71";
        fails(one, 103);
        one.signature = good;
        handle(one);
        fails(one, "AA25 invalid account nonce");
    }

    function test_call_data() external {
        Account memory account = alone(EIP712);
        Action memory action = by(account, 0, 1, pay(1));
        PackedUserOperation memory one = operation(action);
        one.callData = bytes.concat(one.callData, hex"00");
        fails(signed(action, one, 0), 102);
        one.callData = Forms.short(action);
        fails(signed(action, one, 0), 103);
        action.calls[0].to = account.wallet;
        fails(signed(action), 506);
        one.callData = "";
        handle(signed(action, one, 0));
    }

    function test_every_field_is_signed() external {
        Account memory account = alone(EIP712);
        Action memory action = by(account, 0, 1, pay(1));
        bytes memory good = abi.encode(signed(action));
        PackedUserOperation memory one = abi.decode(good, (PackedUserOperation));
        one.callData = Forms.run(list(pay(2)));
        fails(one, "AA24 signature error");
        one = abi.decode(good, (PackedUserOperation));
        one.accountGasLimits = bytes32(uint256(one.accountGasLimits) + 1);
        fails(one, "AA24 signature error");
        one = abi.decode(good, (PackedUserOperation));
        one.preVerificationGas += 1;
        fails(one, "AA24 signature error");
        one = abi.decode(good, (PackedUserOperation));
        one.gasFees = bytes32(uint256(one.gasFees) + 1);
        fails(one, "AA24 signature error");
        handle(abi.decode(good, (PackedUserOperation)));
    }

    // --- time ------------------------------------------------------------------------------------------------------

    function test_deadline() external {
        Account memory account = alone(EIP712);
        Action memory action = by(account, 0, 1, pay(1));
        action.deadline = uint40(NOW + 5);
        PackedUserOperation memory one = signed(action);
        vm.warp(NOW + 6);
        fails(one, "AA22 expired or not due");
        vm.warp(NOW + 5);
        handle(one);
    }

    /// To the EntryPoint validUntil 0 would say for ever.
    function test_deadline_zero_is_past() external {
        Account memory account = alone(EIP712);
        Action memory action = by(account, 0, 1, pay(1));
        action.deadline = 0;
        fails(signed(action), 601);
        action.deadline = 1;
        fails(signed(action), "AA22 expired or not due");
    }

    function test_the_time_that_the_author_says() external {
        Rule memory timed = rule(EXECUTE, 1, 1);
        timed.times = Encode.times(uint64(NOW), uint64(NOW + 10));
        Account memory account =
            create(genesis(list(signer(EIP712, "alice")), list(rule(POLICY, 1, 1), timed)));
        Action memory action = by(account, 1, 1, pay(1));
        PackedUserOperation memory one = operation(action);
        fails(signed(action, one, uint40(NOW - 1)), 503);
        fails(signed(action, one, uint40(NOW + 10)), 504);
        // Another time within the rule's is as good.
        one = signed(action, one, uint40(NOW + 9));
        vm.warp(NOW - 1);
        fails(one, "AA22 expired or not due");
        vm.warp(NOW + 10);
        fails(one, "AA22 expired or not due");
        vm.warp(NOW + 3);
        handle(one);
    }

    function test_a_freeze_holds_operations_back() external {
        Account memory account = create(
            genesis(list(signer(EIP712, "alice")), list(rule(EXECUTE | POLICY | 0x80, 1, 1)))
        );
        send(account, Forms.small(by(account, 0, 1), 13, 0, 0));
        PackedUserOperation memory one = signed(by(account, 0, 1, pay(1)));
        fails(one, "AA22 expired or not due");
        vm.warp(NOW + 7 days - 1);
        fails(one, "AA22 expired or not due");
        // The EntryPoint wants more than validAfter.
        vm.warp(NOW + 7 days + 1);
        handle(one);
    }

    function test_no_operation_under_a_rule_that_waits() external {
        Configuration memory config =
            genesis(list(signer(EIP712, "alice")), list(rule(POLICY, 1, 1), rule(EXECUTE, 1, 1)));
        config.rules[0].wait = 9 days;
        config.rules[1].wait = 1 days;
        Account memory account = create(config);
        fails(signed(by(account, 1, 1, pay(1))), 502);
    }

    // --- sessions and limits --------------------------------------------------------------------------------------

    function limited(uint32 period) internal pure returns (Rule memory made) {
        made = rule(EXECUTE, 1, 1);
        made.scope = Encode.scope(BOB, "");
        // In units of 10^12: an operation of 350,000 gas at 1 gwei costs at most 350 of them.
        made.limits = Encode.limits(Encode.limit(address(0), 12, 400, 1_000, period));
    }

    function spent(Session memory session, Account memory account) internal view returns (uint64) {
        return uint64(uint256(vm.load(account.wallet, session.id)) >> 64);
    }

    function test_gas_counts_against_a_limit() external {
        Account memory account = alone(EIP712);
        Session memory session = granted(account, 0, signer(EIP712, "session"), limited(0));
        handle(signed(by(account, session, pay(50 * 10 ** 12))));
        vm.assertEq(spent(session, account), 400);
        fails(signed(by(account, session, pay(50 * 10 ** 12 + 1))), 701);
        handle(signed(by(account, session, pay(1))));
        vm.assertEq(spent(session, account), 751);
        fails(signed(by(account, session, pay(0))), 702);
        vm.assertEq(BOB.balance, 50 * 10 ** 12 + 1);
    }

    function test_gas_of_a_native_asset_that_is_not_listed() external {
        Account memory account = alone(EIP712);
        Rule memory tokens = rule(EXECUTE, 1, 1);
        tokens.scope = Encode.scope(address(token), "");
        tokens.limits = Encode.limits(Encode.limit(address(token), 0, 400, 1_000, 0));
        Session memory session = granted(account, 0, signer(EIP712, "session"), tokens);
        Action memory action = by(account, session, transfer(1));
        fails(signed(action), 703);
        PackedUserOperation memory one = operation(action);
        one.gasFees = 0;
        handle(signed(action, one, uint40(NOW)));
        vm.assertEq(token.balanceOf(BOB), 1);
    }

    /// Whoever holds the key could be the bundler, and be paid all that there is.
    function test_a_scope_does_not_pay_for_gas() external {
        Account memory account = alone(EIP712);
        Rule memory scoped = rule(EXECUTE, 1, 1);
        scoped.scope = Encode.scope(BOB, "");
        Session memory session = granted(account, 0, signer(EIP712, "session"), scoped);
        Action memory action = by(account, session, pay(1));
        fails(signed(action), 703);
        PackedUserOperation memory one = operation(action);
        one.gasFees = 0;
        handle(signed(action, one, uint40(NOW)));
        vm.assertEq(BOB.balance, 1);
    }

    /// In version 0.7 the zero address in the paymaster's place is no paymaster: the wallet pays.
    function test_no_paymaster_pays_nothing() external {
        Account memory account = alone(EIP712);
        Session memory session = granted(account, 0, signer(EIP712, "session"), limited(0));
        Action memory action = by(account, session, pay(1));
        PackedUserOperation memory one = operation(action);
        one.gasFees = bytes32((PRICE << 128) | (1 ether));
        one.paymasterAndData = new bytes(52);
        bytes32 hash = keccak256("operation");
        one.signature = Forms.operation(action, ENTRY_POINT_07, uint40(NOW), hash);
        vm.prank(ENTRY_POINT_07);
        vm.expectRevert(abi.encodeWithSelector(Refused.selector, 108));
        IAccount(account.wallet).validateUserOp(one, hash, 0);
        one.paymasterAndData[19] = 0x01;
        vm.prank(ENTRY_POINT_07);
        IAccount(account.wallet).validateUserOp(one, hash, 0);
        vm.assertEq(spent(session, account), 1);
    }

    function test_a_window_bounds_when_it_is_good() external {
        Account memory account = alone(EIP712);
        Session memory session = granted(account, 0, signer(EIP712, "session"), limited(1 days));
        uint256 opens = NOW / 1 days * 1 days;
        PackedUserOperation memory one = signed(by(account, session, pay(1)));
        vm.warp(opens - 1);
        fails(one, "AA22 expired or not due");
        vm.warp(opens + 1 days);
        fails(one, "AA22 expired or not due");
        vm.warp(opens + 1 days - 1);
        handle(one);
    }

    /// A window that ends at second 0 must not be good for ever.
    function test_the_very_first_window() external {
        Account memory account = alone(EIP712);
        Session memory session = granted(account, 0, signer(EIP712, "session"), limited(1));
        Action memory action = by(account, session, pay(1));
        fails(signed(action, operation(action), 0), 504);
        fails(signed(action, operation(action), 1), "AA22 expired or not due");
    }

    function test_scope_is_judged_before_anything_is_paid() external {
        Account memory account = alone(EIP712);
        Session memory session = granted(account, 0, signer(EIP712, "session"), limited(0));
        uint256 before = account.wallet.balance;
        fails(signed(by(account, session, transfer(1))), 505);
        vm.assertEq(account.wallet.balance, before);
    }

    // --- who may ask --------------------------------------------------------------------------------------------

    function test_only_an_entry_point() external {
        Account memory account = alone(EIP712);
        Action memory action = by(account, 0, 1, pay(1));
        PackedUserOperation memory one = operation(action);
        bytes32 hash = keccak256("operation");
        refused(account, abi.encodeCall(IAccount.validateUserOp, (one, hash, 0)), 608);
        refused(account, one.callData, 608);
        address[3] memory entryPoints = [ENTRY_POINT_07, address(ENTRY_POINT), ENTRY_POINT_09];
        for (uint256 i = 0; i < 3; ++i) {
            one.signature = Forms.operation(action, entryPoints[i], 0, hash);
            for (uint256 j = 0; j < 3; ++j) {
                vm.prank(entryPoints[j]);
                uint256 answer = IAccount(account.wallet).validateUserOp(one, hash, 0);
                vm.assertEq(answer & 1, i == j ? 0 : 1);
            }
            vm.prank(entryPoints[i]);
            (bool ok,) = account.wallet.call(one.callData);
            vm.assertTrue(ok);
        }
        vm.assertEq(BOB.balance, 3);
    }

    function test_a_call_that_fails_uses_up_the_operation() external {
        Account memory account = alone(EIP712);
        PackedUserOperation memory one = signed(by(account, 0, 1, transfer(1_001 ether)));
        handle(one);
        vm.assertEq(token.balanceOf(BOB), 0);
        fails(one, "AA25 invalid account nonce");
    }
}
