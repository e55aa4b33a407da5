// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Encode} from "../support/Encode.sol";
import {IAccount, PackedUserOperation} from "../support/EntryPoint.sol";
import {Forms} from "../support/Forms.sol";
import {Leaf} from "../support/Leaf.sol";
import {NewCode, Reenterer, ReturnBomb} from "../support/Mocks.sol";
import {
    Account,
    Action,
    CONTRACT,
    Call,
    Configuration,
    EIP191,
    EIP712,
    EXECUTE,
    GRANT,
    MESSAGE,
    P256_KEY,
    PASSKEY,
    POLICY,
    Rule,
    Session,
    Signer
} from "../support/Model.sol";
import {Sign} from "../support/Sign.sol";
import {WaitingTestBase} from "../support/WaitingTest.sol";
import {IToken} from "../support/WalletTest.sol";

/// The ways in which other accounts have failed, one test each.
contract FailureClassesTest is WaitingTestBase {
    address internal constant ENTRY_POINT = 0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108;
    bytes32 internal constant HASH = keccak256("message");
    bytes32[] internal none;

    function isValid(Account memory account, bytes32 hash, bytes memory signature)
        internal
        view
        returns (bool)
    {
        bytes memory input =
            abi.encodeWithSignature("isValidSignature(bytes32,bytes)", hash, signature);
        (bool ok, bytes memory answer) = account.wallet.staticcall(input);
        return ok && bytes32(answer) == bytes32(bytes4(0x1626ba7e));
    }

    /// Two wallets of one key: they differ in their salt alone.
    function twins(uint8 kind) internal returns (Account memory left, Account memory right) {
        Configuration memory config =
            genesis(list(signer(kind, "alice")), list(rule(ALL | 0x80, 1, 1)));
        left = create(config);
        Configuration memory other =
            genesis(list(signer(kind, "alice")), list(rule(ALL | 0x80, 1, 1)));
        other.salt = hex"01";
        right = create(other);
    }

    // --- replay ---------------------------------------------------------------------------------------------------

    function test_cross_account_1271_replay() external {
        for (uint8 kind = 2; kind < 6; ++kind) {
            (Account memory left, Account memory right) = twins(kind);
            Action memory action = by(left, 0, 1);
            // Also when the claim about the configuration is that of the other wallet.
            bytes memory signature = Forms.message(action, 0, HASH, "");
            vm.assertTrue(isValid(left, HASH, signature));
            vm.assertFalse(isValid(right, HASH, signature));
            Action memory mixed = by(right, 0, 1);
            mixed.otherDigest = Sign.digestOf(Leaf.message(action, HASH));
            vm.assertFalse(isValid(right, HASH, Forms.message(mixed, 0, HASH, "")));
        }
    }

    function test_cross_chain_1271_replay() external {
        Account memory account = alone(PASSKEY);
        bytes memory signature = Forms.message(by(account, 0, 1), 0, HASH, "");
        vm.assertTrue(isValid(account, HASH, signature));
        vm.chainId(137);
        vm.assertFalse(isValid(account, HASH, signature));
    }

    function test_a_login_or_raw_hash_is_no_message() external {
        Account memory account = alone(EIP712);
        Action memory action = by(account, 0, 1);
        action.otherDigest = HASH;
        for (uint8 form = 0; form < 2; ++form) {
            vm.assertFalse(isValid(account, HASH, Forms.message(action, form, HASH, "")));
        }
    }

    function test_cross_wallet_session_replay() external {
        (Account memory left, Account memory right) = twins(EIP712);
        Session memory session = granted(left, 0, signer(EIP712, "one"), rule(EXECUTE, 1, 1));
        Session memory other = granted(right, 0, signer(EIP712, "one"), rule(EXECUTE, 1, 1));
        vm.assertNotEq(session.id, other.id);
        Action memory action = by(left, session, pay(1));
        bytes memory short = Forms.short(action);
        refused(right, short, 219);
        Action memory mixed = by(right, other, pay(1));
        mixed.otherDigest = Sign.digestOf(Leaf.execute(action, 0));
        refused(right, Forms.short(mixed), 409);
        send(left, short);
        refused(left, short, 409);
    }

    function test_cross_account_and_cross_chain_replay_of_an_execute() external {
        (Account memory left, Account memory right) = twins(PASSKEY);
        bytes memory short = Forms.short(by(left, 0, 1, pay(1)));
        bytes memory long = Forms.execute(by(left, 0, 1, pay(1)));
        refused(right, short, 301);
        refused(right, long, 301);
        vm.chainId(137);
        refused(left, short, 409);
        refused(left, long, 409);
        vm.chainId(31_337);
        send(left, short);
        refused(left, long, 409);
    }

    /// Changes are for every chain: they name what they replace, not a place in a list that may have drifted.
    function test_cross_chain_replay_with_drifting_state() external {
        Account memory account = house();
        Configuration memory config = next(account);
        config.signers[1] = signer(EIP712, "new paper");
        Account memory later = changed(account, config);
        bytes memory first = Forms.change(by(account, DAILY, 3), 4, 0, later.source);
        config = next(account);
        config.signers[0] = signer(EIP712, "new phone");
        bytes memory second =
            Forms.change(by(account, DAILY, 3), 4, 0, changed(account, config).source);
        uint256 before = vm.snapshotState();
        // Here the one, there the other: neither is good where the wallet has moved on.
        send(account, first);
        refused(account, second, 302);
        vm.revertToState(before);
        vm.chainId(137);
        send(account, second);
        refused(account, first, 302);
    }

    function test_config_rollback() external {
        Account memory account = house();
        Configuration memory config = next(account);
        config.signers[1] = signer(EIP712, "new paper");
        Account memory later = changed(account, config);
        bytes memory forth = Forms.change(by(account, DAILY, 3), 4, 0, later.source);
        send(account, forth);
        // What the old keys may sign is worth nothing, in whatever form the old configuration comes.
        Action memory old = by(account, DAILY, 2, pay(1));
        refused(account, Forms.short(old), 507);
        refused(account, Forms.execute(old), 302);
        old.account.kind = 1;
        old.account.parent = old.account.walletId;
        refused(account, Forms.execute(old), 507);
        account.kind = 0;
        // Nor does the way back make an old approval good again.
        Account memory back = changed(later, next(account));
        send(later, Forms.change(by(later, DAILY, 3), 4, 0, back.source));
        vm.assertNotEq(back.configId, account.configId);
        refused(back, forth, 302);
        refused(back, Forms.change(by(account, DAILY, 3), 4, 0, later.source), 302);
    }

    function test_partial_replay_after_a_revert() external {
        Account memory account = alone(EIP712);
        Action memory action = by(account, 0, 1);
        action.calls = list(pay(1), transfer(1_001 ether));
        bytes memory data = Forms.short(action);
        (bool ok,) = account.wallet.call(data);
        vm.assertFalse(ok);
        // The approval of both is none of one of them.
        Action memory part = by(account, 0, 1, pay(1));
        part.otherDigest = Sign.digestOf(Leaf.execute(action, 0));
        refused(account, Forms.short(part), 409);
        refused(account, Forms.execute(part), 409);
        vm.assertEq(BOB.balance, 0);
        token.mint(account.wallet, 1 ether);
        send(account, data);
        refused(account, data, 409);
    }

    // --- thresholds ----------------------------------------------------------------------------------------------

    function test_threshold_bypass_by_one_key_twice() external {
        Account memory account = house();
        for (uint8 kind = 2; kind < 4; ++kind) {
            Configuration memory config = next(account);
            config.signers[0] = signer(kind, "paper");
            bytes memory shared = Encode.bytesOf(config);
            refused(account, Forms.change(by(account, DAILY, 3), 4, 0, shared), 207);
        }
        Configuration memory points = next(account);
        points.signers = list(signer(P256_KEY, "same"), signer(PASSKEY, "same"));
        bytes memory both = Encode.bytesOf(points);
        refused(account, Forms.change(by(account, DAILY, 3), 4, 0, both), 207);
    }

    function test_threshold_bypass_by_one_signature_twice() external {
        Account memory account = create(
            genesis(list(signer(EIP712, "alice"), signer(EIP712, "bob")), list(rule(ALL, 2, 3)))
        );
        // alice signs in bob's place as well.
        Action memory action = by(account, 0, 3, pay(1));
        bytes memory data = Forms.execute(action);
        for (uint256 i = 0; i < 64; ++i) {
            data[data.length - 64 + i] = data[data.length - 128 + i];
        }
        refused(account, data, 409);
    }

    function test_threshold_of_zero_does_not_exist() external {
        Account memory account = alone(EIP712);
        refused(account, Forms.short(by(account, 0, 0, pay(1))), 403);
        refused(account, Forms.execute(by(account, 0, 0, pay(1))), 403);
        Session memory session = granted(account, 0, signer(EIP712, "one"), rule(EXECUTE, 1, 1));
        Action memory action = by(account, session, pay(1));
        action.approvers = 0;
        refused(account, Forms.short(action), 403);
        refused(account, Forms.execute(action), 403);
    }

    function test_removal_below_the_threshold_or_of_the_last_owner() external {
        Account memory account = house();
        Configuration memory config = next(account);
        // A threshold that cannot be met, and a configuration that only Solana's keys can change.
        config.rules = list(rule(ALL, 3, 3));
        bytes memory shared = Encode.bytesOf(config);
        refused(account, Forms.change(by(account, DAILY, 3), 4, 0, shared), 210);
        config.signers = list(signer(1, "solana"));
        config.rules = list(rule(ALL, 1, 1));
        shared = Encode.bytesOf(config);
        refused(account, Forms.change(by(account, DAILY, 3), 4, 0, shared), 216);
        Signer memory elsewhere = contractSigner(BOB);
        elsewhere.chain = 137;
        config.signers = list(elsewhere);
        shared = Encode.bytesOf(config);
        refused(account, Forms.change(by(account, DAILY, 3), 4, 0, shared), 216);
    }

    function test_ecrecover_of_zero() external {
        Account memory account = alone(EIP712);
        // The zero address is no signer,
        bytes memory zero = abi.encodePacked(hex"100002", address(0), hex"0f00");
        refused(account, Forms.change(by(account, 0, 1), 4, 0, zero), 208);
        // and a signature that recovers nothing is malformed.
        bytes memory data = Forms.short(by(account, 0, 1, pay(1)));
        for (uint256 i = 0; i < 32; ++i) {
            data[data.length - 64 + i] = 0xff;
        }
        refused(account, data, 416);
        bytes memory long = Forms.execute(by(account, 0, 1, pay(1)));
        for (uint256 i = 0; i < 64; ++i) {
            long[long.length - 64 + i] = 0;
        }
        refused(account, long, 416);
    }

    // --- deployment -----------------------------------------------------------------------------------------------

    function test_init_front_running() external {
        // Whoever deploys, the address is its genesis and nothing else is to be set.
        Account memory account =
            identify(genesis(list(signer(EIP712, "new")), list(rule(ALL, 1, 1))));
        vm.deal(account.wallet, 5);
        vm.prank(BOB);
        (bool ok,) = factory.call(abi.encode(account.walletId));
        vm.assertTrue(ok);
        Account memory mallory =
            identify(genesis(list(signer(EIP712, "mallory")), list(rule(ALL, 1, 1))));
        mallory.wallet = account.wallet;
        refused(mallory, Forms.short(by(mallory, 0, 1, pay(5))), 301);
        refused(mallory, Forms.execute(by(mallory, 0, 1, pay(5))), 301);
        send(account, Forms.short(by(account, 0, 1, pay(5))));
    }

    function test_factory_call_on_an_existing_account() external {
        Account memory account = alone(EIP712);
        send(account, Forms.short(by(account, 0, 1, pay(1))));
        (bool ok, bytes memory answer) = factory.call(abi.encode(account.walletId));
        vm.assertTrue(ok);
        vm.assertEq(abi.decode(answer, (address)), account.wallet);
        vm.assertEq(sequence(account), 1);
    }

    function test_code_that_others_run_in_place_keeps_nothing_of_theirs() external {
        // The implementation is nobody's wallet: called directly it has no genesis.
        Account memory account = alone(EIP712);
        Account memory bare = account;
        bare.wallet = vm.computeCreateAddress(factory, 1);
        refused(bare, Forms.short(by(bare, 0, 1, pay(1))), 301);
        refused(bare, Forms.execute(by(bare, 0, 1, pay(1))), 301);
    }

    // --- grants ---------------------------------------------------------------------------------------------------

    function test_enable_mode_front_run_for_another_permission() external {
        Account memory account = alone(EIP712);
        Action memory action = by(account, 0, 1);
        bytes memory wanted = Encode.localRule(list(signer(EIP712, "one")), rule(EXECUTE, 1, 1));
        bytes memory other = Encode.localRule(list(signer(EIP712, "two")), rule(EXECUTE, 1, 1));
        action.otherDigest = Sign.digestOf(Leaf.grant(action, 0, wanted));
        refused(account, Forms.grant(action, none, other), 409);
        refused(account, Forms.shortGrant(action, none, other), 409);
        bytes memory data = Forms.grant(action, none, wanted);
        send(account, data);
        // With its nonce it is used up, also once it was revoked.
        refused(account, data, 409);
        // An approval of one action is none of another.
        action = by(account, 0, 1, pay(1));
        action.otherDigest = Sign.digestOf(Leaf.grant(action, 1, wanted));
        refused(account, Forms.execute(action), 409);
    }

    function test_stale_data_after_a_revocation() external {
        Account memory account = alone(EIP712);
        Rule memory limited = rule(EXECUTE, 1, 1);
        limited.scope = Encode.scope(BOB, "");
        limited.limits = Encode.limits(Encode.limit(address(0), 0, 5, 5, 0));
        Session memory session = granted(account, 0, signer(EIP712, "one"), limited);
        bytes memory kept = Forms.short(by(account, session, pay(1)));
        send(account, Forms.short(by(account, session, pay(4))));
        send(account, Forms.revoke(by(account, 0, 1), session));
        refused(account, kept, 219);
        // Granted again it is another session: what was approved for the first one is void.
        Session memory again = granted(account, 0, signer(EIP712, "one"), limited);
        vm.assertNotEq(again.id, session.id);
        refused(account, kept, 219);
        Action memory mixed = by(account, again, pay(1));
        mixed.otherDigest = Sign.digestOf(Leaf.execute(by(account, session, pay(1)), 1));
        refused(account, Forms.short(mixed), 409);
        send(account, Forms.short(by(account, again, pay(5))));
    }

    function test_a_session_cannot_block_its_removal() external {
        Signer memory bomb = contractSigner(address(new ReturnBomb()));
        Account memory account = alone(EIP712);
        Session memory session = granted(account, 0, bomb, rule(EXECUTE, 1, 1));
        send(account, Forms.revoke(by(account, 0, 1), session));
        refused(account, Forms.execute(by(account, session, pay(1))), 219);
    }

    function test_hook_and_fallback_bypass() external {
        // What runs in the wallet's place does it for the wallet alone: nobody else's call gets there.
        Account memory account = alone(EIP712);
        refused(account, hex"80", 103);
        refused(account, abi.encodePacked(hex"8000", account.walletId, account.walletId), 103);
        PackedUserOperation memory operation;
        refused(account, abi.encodeCall(IAccount.validateUserOp, (operation, HASH, 1 ether)), 608);
        refused(account, Forms.run(list(pay(1))), 608);
    }

    // --- limits ---------------------------------------------------------------------------------------------------

    function limitedSession(Account memory account) internal returns (Session memory) {
        Rule memory limited = rule(EXECUTE, 1, 1);
        limited.scope = Encode.scope(BOB, "");
        limited.limits = Encode.limits(Encode.limit(address(0), 0, 5, 5, 0));
        return granted(account, 0, signer(EIP712, "one"), limited);
    }

    function test_limits_not_persisted_or_escapable() external {
        Account memory account = alone(EIP712);
        Session memory session = limitedSession(account);
        send(account, Forms.short(by(account, session, pay(3))));
        refused(account, Forms.short(by(account, session, pay(3))), 702);
        refused(account, Forms.execute(by(account, session, pay(3))), 702);
        // Two payments of one action add up.
        Action memory twice = by(account, session, pay(2));
        twice.calls = list(pay(2), pay(1));
        refused(account, Forms.short(twice), 702);
        refused(account, Forms.execute(twice), 702);
    }

    function test_a_session_drains_ether_as_gas() external {
        Account memory account = alone(EIP712);
        Session memory session = limitedSession(account);
        Action memory action = by(account, session, pay(0));
        PackedUserOperation memory operation;
        operation.sender = account.wallet;
        operation.callData = Forms.run(action.calls);
        operation.preVerificationGas = 6;
        operation.gasFees = bytes32(uint256(1));
        operation.signature = Forms.operation(action, ENTRY_POINT, uint40(NOW), HASH);
        vm.prank(ENTRY_POINT);
        vm.expectRevert(abi.encodeWithSelector(Refused.selector, 701));
        IAccount(account.wallet).validateUserOp(operation, HASH, 0);
        operation.preVerificationGas = 5;
        vm.prank(ENTRY_POINT);
        vm.assertEq(IAccount(account.wallet).validateUserOp(operation, HASH, 0) & 1, 0);
        operation.preVerificationGas = 1;
        vm.prank(ENTRY_POINT);
        vm.expectRevert(abi.encodeWithSelector(Refused.selector, 702));
        IAccount(account.wallet).validateUserOp(operation, HASH, 0);
    }

    function test_zero_address_paymaster_drains_the_balance() external {
        Account memory account = alone(EIP712);
        Session memory session = limitedSession(account);
        Action memory action = by(account, session, pay(0));
        PackedUserOperation memory operation;
        operation.callData = Forms.run(action.calls);
        operation.paymasterAndData = new bytes(52);
        operation.signature = Forms.operation(action, ENTRY_POINT, uint40(NOW), HASH);
        vm.prank(ENTRY_POINT);
        vm.expectRevert(abi.encodeWithSelector(Refused.selector, 108));
        IAccount(account.wallet).validateUserOp(operation, HASH, 0);
    }

    function test_a_session_key_as_1271_signer() external {
        Account memory account = alone(EIP712);
        Session memory session = granted(account, 0, signer(EIP712, "one"), rule(EXECUTE, 1, 1));
        Action memory action = by(account, session, pay(0));
        for (uint8 form = 0; form < 3; ++form) {
            vm.assertFalse(isValid(account, HASH, Forms.message(action, form, HASH, "")));
        }
        Rule memory wide = rule(EXECUTE | MESSAGE, 1, 1);
        bytes memory local = Encode.localRule(list(signer(EIP712, "two")), wide);
        refused(account, Forms.grant(by(account, 0, 1), none, local), 209);
    }

    function test_reentrancy_does_not_spend_twice() external {
        Account memory account = alone(EIP712);
        Reenterer callee = new Reenterer();
        Rule memory limited = rule(EXECUTE, 1, 1);
        limited.scope = Encode.scope(address(callee), "");
        limited.limits = Encode.limits(Encode.limit(address(0), 0, 5, 8, 0));
        Session memory session = granted(account, 0, signer(EIP712, "one"), limited);
        Action memory action = by(account, session, Call(address(callee), 5, hex"01"));
        bytes memory data = Forms.short(action);
        // The same again, from inside its own call, and one that follows it.
        callee.set(account.wallet, data);
        (bool ok,) = account.wallet.call(data);
        vm.assertTrue(ok);
        vm.assertFalse(callee.wasDone());
        Action memory more = by(account, session, Call(address(callee), 3, hex"01"));
        bytes memory outer = Forms.short(more);
        Action memory inner = by(account, session, Call(address(callee), 1, hex""));
        callee.set(account.wallet, Forms.executeAt(inner, 2));
        (ok,) = account.wallet.call(outer);
        vm.assertTrue(ok);
        vm.assertFalse(callee.wasDone());
        vm.assertEq(address(callee).balance, 8);
    }

    // --- signatures -----------------------------------------------------------------------------------------------

    function test_malleability() external {
        Account memory account = alone(P256_KEY);
        Action memory action = by(account, 0, 1, pay(1));
        action.highS = true;
        refused(account, Forms.short(action), 416);
        refused(account, Forms.execute(action), 416);
        account = alone(PASSKEY);
        action = by(account, 0, 1, pay(1));
        action.highS = true;
        refused(account, Forms.short(action), 416);
        refused(account, Forms.execute(action), 416);
        account = alone(EIP712);
        action = by(account, 0, 1, pay(1));
        action.highS = true;
        refused(account, Forms.short(action), 416);
        refused(account, Forms.execute(action), 416);
    }

    /// Whoever has a key has that of the other point with its x: the configuration names one of the two.
    function test_the_other_point_of_the_same_x() external {
        for (uint8 kind = P256_KEY; kind <= PASSKEY; ++kind) {
            Account memory account = alone(kind);
            Action memory action = by(account, 0, 1, pay(1));
            uint256 key = account.configuration.signers[0].key;
            bytes memory entry = account.source;
            account.configuration.signers[0].key = Sign.P256_ORDER - key;
            bytes memory short = Forms.short(action);
            bytes memory long = Forms.execute(action);
            // The same bytes, but for the signature.
            short[15] = entry[3];
            refused(account, short, 409);
            refused(account, long, 409);
            account.configuration.signers[0].key = key;
            send(account, Forms.short(action));
        }
    }

    /// Evidence has the kind of its signer: raw P-256 is none of a passkey, and the other way round.
    function test_raw_p256_in_a_passkeys_place() external {
        Account memory account = alone(PASSKEY);
        Action memory action = by(account, 0, 1, pay(1));
        bytes32 digest = Sign.digestOf(Leaf.execute(action, 0));
        bytes memory raw =
            Sign.p256(signer(PASSKEY, "alice").key, sha256(abi.encode(digest)), false);
        bytes memory good = Forms.short(action);
        uint256 head = good.length
            - Sign.evidence(action, account.configuration.signers, digest, Sign.Form.SHORT).length;
        bytes memory data = bytes.concat(Forms.slice(good, 0, head), raw);
        vm.assertTrue(verdictOn(account, data) != 0);
        data = bytes.concat(data, hex"0500000007", Forms.slice(good, head + 101, good.length));
        refused(account, data, 409);
        send(account, good);
    }

    function test_signature_padding() external {
        Account memory account = alone(PASSKEY);
        bytes memory short = Forms.short(by(account, 0, 1, pay(1)));
        bytes memory long = Forms.execute(by(account, 0, 1, pay(1)));
        refused(account, bytes.concat(short, new bytes(1_000)), 102);
        refused(account, bytes.concat(long, new bytes(1_000)), 102);
        bytes memory message = Forms.message(by(account, 0, 1), 0, HASH, "");
        vm.assertTrue(isValid(account, HASH, message));
        vm.assertFalse(isValid(account, HASH, bytes.concat(message, hex"00")));
    }

    function test_client_data_of_another_type_or_challenge() external {
        Account memory account = alone(PASSKEY);
        Action memory action = by(account, 0, 1, pay(1));
        // The challenge ends with a quote: a longer one that begins the same is another.
        action.tail = string.concat("AA", TAIL);
        refused(account, Forms.short(action), 411);
        refused(account, Forms.execute(action), 411);
        // A registration with the same challenge is no assertion.
        action.tail = TAIL;
        bytes32 digest = Sign.digestOf(Leaf.execute(action, 0));
        bytes memory client =
            abi.encodePacked('{"type":"webauthn.create","challenge":"', Sign.letters(digest), TAIL);
        bytes32 hash =
            sha256(abi.encodePacked(sha256(bytes(RP_ID)), uint8(5), uint32(7), sha256(client)));
        bytes memory signature = Sign.p256(signer(PASSKEY, "alice").key, hash, false);
        bytes memory data = Forms.short(action);
        uint256 at_ = data.length - 96 - 5 - 2 - bytes(TAIL).length;
        for (uint256 i = 0; i < 96; ++i) {
            data[at_ + i] = signature[i];
        }
        refused(account, data, 409);
    }

    function test_user_verification_is_not_skipped() external {
        Signer memory strict = signer(PASSKEY, "alice");
        strict.option = true;
        Account memory account = create(genesis(list(strict), list(rule(ALL, 1, 1))));
        Action memory action = by(account, 0, 1, pay(1));
        action.authenticator = 0x01;
        refused(account, Forms.short(action), 413);
        refused(account, Forms.execute(action), 413);
        action.authenticator = 0x04;
        refused(account, Forms.short(action), 412);
        refused(account, Forms.execute(action), 412);
        action.authenticator = 0x45;
        refused(account, Forms.short(action), 415);
        refused(account, Forms.execute(action), 415);
        action.authenticator = 0x85;
        refused(account, Forms.short(action), 415);
        refused(account, Forms.execute(action), 415);
    }

    function test_a_passkey_of_another_site() external {
        Account memory account = alone(PASSKEY);
        Action memory action = by(account, 0, 1, pay(1));
        bytes memory good = Forms.short(action);
        // The key signs for another relying party; the configuration stays as it is.
        bytes32 digest = Sign.digestOf(Leaf.execute(action, 0));
        bytes32 hash = sha256(
            abi.encodePacked(
                sha256("evil.example"), uint8(5), uint32(7), sha256(Sign.clientData(action, digest))
            )
        );
        bytes memory signature = Sign.p256(signer(PASSKEY, "alice").key, hash, false);
        uint256 at_ = good.length - 96 - 5 - 2 - bytes(TAIL).length;
        bytes memory data = bytes.concat(
            Forms.slice(good, 0, at_), signature, Forms.slice(good, at_ + 96, good.length)
        );
        refused(account, data, 409);
        send(account, good);
    }

    /// Where 0x100 answers nothing, our verifier answers; where there is none either, nothing is accepted.
    function test_missing_precompile() external {
        vm.mockCall(P256_PRECOMPILE, "", "");
        Account memory account = alone(PASSKEY);
        refused(account, Forms.short(by(account, 0, 1, pay(1))), 409);
        refused(account, Forms.execute(by(account, 0, 1, pay(1))), 409);
        deployDeterministically(0, vm.getCode("P256Verifier.sol:P256Verifier"));
        send(account, Forms.short(by(account, 0, 1, pay(1))));
        send(account, Forms.execute(by(account, 0, 1, pay(1))));
        Action memory action = by(account, 0, 1, pay(1));
        action.otherDigest = HASH;
        refused(account, Forms.short(action), 409);
        refused(account, Forms.execute(action), 409);
    }

    // --- recovery -------------------------------------------------------------------------------------------------

    function test_guardian_griefing() external {
        Account memory account = house();
        // A guardian alone proposes and freezes; he neither acts at once nor hinders two owners.
        send(account, recover(account, GUARDIAN, 1, 0));
        refused(account, Forms.execute(by(account, GUARDIAN, 1, pay(1))), 502);
        send(account, cancel(account, 3, 0, GUARDIAN));
        bytes memory body = Forms.changeBody(0, Encode.signers(newSigners()));
        vm.warp(NOW + RECOVERY_DELAY);
        // A rejected proposal is not executable, and its approval not good again.
        refused(account, Forms.apply_(by(account, GUARDIAN, 1), 14, body), 901);
        refused(account, recover(account, GUARDIAN, 1, 0), 906);
    }

    function test_guardians_of_an_old_set() external {
        Account memory account = house();
        bytes memory old = recover(account, GUARDIANS, 3, 0);
        Configuration memory config = next(account);
        config.recovery = bytes32(uint256(GUARD) << 240 | 77);
        Account memory later = changed(account, config);
        send(account, Forms.change(by(account, DAILY, 3), 4, 0, later.source));
        refused(later, old, 302);
        later.recovery = guardians();
        refused(later, recover(later, GUARDIANS, 3, 0), 308);
    }

    // --- EIP-7702 ---------------------------------------------------------------------------------------------------

    function test_7702_initialisation_by_anybody() external {
        (address owner, uint256 key) = makeAccount("owner");
        vm.signAndAttachDelegation(vm.computeCreateAddress(factory, 1), key);
        Account memory account =
            identify(genesis(list(signer(EIP712, "mallory")), list(rule(ALL, 1, 1))));
        account.wallet = owner;
        refused(account, Forms.short(by(account, 0, 1, pay(1))), 301);
        bytes32 id = keccak256(
            abi.encodePacked(
                keccak256("Latchkey account 1"), uint256(uint160(owner)), account.source
            )
        );
        bytes32 digest = Sign.digestOf(Leaf.adopt(owner, id));
        bytes memory adopting =
            abi.encodePacked(uint8(0x61), uint16(account.source.length), account.source);
        bytes memory bad = Sign.secp256k1(signer(EIP712, "mallory").key, digest, false);
        refused(account, bytes.concat(adopting, bad), 409);
        send(account, bytes.concat(adopting, Sign.secp256k1(key, digest, false)));
    }

    function test_7702_storage_survives_another_delegation() external {
        (address owner, uint256 key) = makeAccount("owner");
        vm.signAndAttachDelegation(vm.computeCreateAddress(factory, 1), key);
        (bool ok,) = owner.call("");
        vm.assertTrue(ok);
        // What stood there before in slots 0 to 9 is not looked at.
        for (uint256 i = 0; i < 10; ++i) {
            vm.store(owner, bytes32(i), bytes32(type(uint256).max));
        }
        Account memory account = identify(genesis(list(signer(EIP712, "a")), list(rule(ALL, 1, 1))));
        account.walletId = keccak256(
            abi.encodePacked(
                keccak256("Latchkey account 1"), uint256(uint160(owner)), account.source
            )
        );
        (account.wallet, account.configId) = (owner, account.walletId);
        bytes memory adopting = abi.encodePacked(
            uint8(0x61),
            uint16(account.source.length),
            account.source,
            Sign.secp256k1(key, Sign.digestOf(Leaf.adopt(owner, account.walletId)), false)
        );
        send(account, adopting);
        vm.deal(owner, 5);
        send(account, Forms.short(by(account, 0, 1, pay(1))));
        for (uint256 i = 0; i < 10; ++i) {
            vm.assertEq(vm.load(owner, bytes32(i)), bytes32(type(uint256).max));
        }
    }
}
