// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Encode} from "../support/Encode.sol";
import {Forms} from "../support/Forms.sol";
import {Answering, ContractSigner} from "../support/Mocks.sol";
import {
    Account,
    Action,
    CONTRACT,
    Call,
    Configuration,
    EIP191,
    EIP712,
    EXECUTE,
    P256_KEY,
    PASSKEY,
    Rule,
    Session,
    Signer
} from "../support/Model.sol";
import {IToken, WalletTest} from "../support/WalletTest.sol";

/// execute: each case in the short form and in the long one, which must have the same effect.
contract ExecuteTest is WalletTest {
    string internal constant HOST = "wallet.latchkey.example";

    function both(Action memory action) internal {
        Account memory account = action.account;
        uint256 before = vm.snapshotState();
        send(account, Forms.short(action));
        bytes32 left = effect(account);
        vm.revertToState(before);
        send(account, Forms.execute(action));
        vm.assertEq(effect(account), left, "the forms differ");
    }

    function effect(Account memory account) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                hot(account),
                account.wallet.balance,
                BOB.balance,
                token.balanceOf(BOB),
                token.balanceOf(address(this))
            )
        );
    }

    // --- signers --------------------------------------------------------------------------------------------

    function test_every_kind_of_signer_from_the_genesis() external {
        uint8[4] memory kinds = [EIP712, EIP191, P256_KEY, PASSKEY];
        for (uint256 i = 0; i < kinds.length; ++i) {
            Account memory account = alone(kinds[i]);
            uint256 before = BOB.balance;
            both(by(account, 0, 1, pay(1 ether)));
            vm.assertEq(BOB.balance, before + 1 ether);
            vm.assertEq(sequence(account), 1);
            both(by(account, 0, 1, transfer(5)));
            vm.assertEq(sequence(account), 2);
        }
    }

    /// The short form leaves contracts to the long one.
    function test_a_contract_signs_in_the_long_form() external {
        Signer memory other = contractSigner(address(new ContractSigner()));
        Account memory account = create(genesis(list(other), list(rule(ALL, 1, 1))));
        Action memory action = by(account, 0, 1, pay(1));
        refused(account, Forms.short(action), 109);
        send(account, Forms.execute(action));
        vm.assertEq(sequence(account), 1);
    }

    /// Nothing but the magic value in one word is a yes.
    function test_answers_of_contracts() external {
        bytes32 magic = bytes32(bytes4(0x1626ba7e));
        bytes[6] memory answers = [
            abi.encode(magic),
            abi.encode(magic, magic),
            abi.encodePacked(bytes4(0x1626ba7e)),
            abi.encode(magic | bytes32(uint256(1))),
            abi.encode(true),
            bytes("")
        ];
        for (uint256 i = 0; i < 6; ++i) {
            Signer memory other = contractSigner(address(new Answering(answers[i])));
            Account memory account = create(genesis(list(other), list(rule(ALL, 1, 1))));
            refused(account, Forms.execute(by(account, 0, 1, pay(1))), i == 0 ? 0 : 409);
        }
        Account memory nobody = create(genesis(list(contractSigner(BOB)), list(rule(ALL, 1, 1))));
        refused(nobody, Forms.execute(by(nobody, 0, 1, pay(1))), 409);
    }

    function test_two_of_three_parties() external {
        Account memory account = create(
            genesis(
                list(signer(PASSKEY, "phone"), signer(EIP712, "paper"), signer(P256_KEY, "laptop")),
                list(rule(ALL, 2, 7))
            )
        );
        for (uint16 approvers = 0; approvers < 8; ++approvers) {
            Action memory action = by(account, 0, approvers, pay(1));
            bool enough = approvers == 3 || approvers > 4;
            if (enough) {
                both(action);
            } else {
                refused(account, Forms.short(action), 403);
                refused(account, Forms.execute(action), 403);
            }
        }
    }

    /// Two keys of one party are one party, even with a third between that does not approve.
    function test_keys_of_one_party_count_once() external {
        Signer[] memory signers =
            list(signer(PASSKEY, "phone"), signer(PASSKEY, "tablet"), signer(EIP712, "paper"));
        signers[1].sameParty = true;
        Account memory account = create(genesis(signers, list(rule(ALL, 2, 7))));
        refused(account, Forms.short(by(account, 0, 3, pay(1))), 403);
        refused(account, Forms.execute(by(account, 0, 3, pay(1))), 403);
        both(by(account, 0, 5, pay(1)));
        both(by(account, 0, 6, pay(1)));
        both(by(account, 0, 7, pay(1)));

        signers[2].sameParty = true;
        account = create(genesis(signers, list(rule(ALL, 1, 7))));
        both(by(account, 0, 5, pay(1)));
    }

    function test_sixteen_signers() external {
        Signer[] memory signers = new Signer[](16);
        for (uint256 i = 0; i < 16; ++i) {
            signers[i] = signer(EIP712, vm.toString(i));
        }
        Account memory account = create(genesis(signers, list(rule(ALL, 16, 0xffff))));
        both(by(account, 0, 0xffff, pay(1)));
        refused(account, Forms.short(by(account, 0, 0xfffe, pay(1))), 403);
        refused(account, Forms.execute(by(account, 0, 0x7fff, pay(1))), 403);
    }

    function test_nine_signers_have_a_mask_of_two_bytes() external {
        Signer[] memory signers = new Signer[](9);
        for (uint256 i = 0; i < 9; ++i) {
            signers[i] = signer(i % 2 == 0 ? EIP712 : P256_KEY, vm.toString(i));
        }
        Account memory account =
            create(genesis(signers, list(rule(ALL, 1, 0x1fe), rule(EXECUTE, 1, 1))));
        both(by(account, 0, 0x100, pay(1)));
        both(by(account, 1, 1, pay(1)));
        refused(account, Forms.short(by(account, 0, 1, pay(1))), 402);
        refused(account, Forms.execute(by(account, 0, 1, pay(1))), 402);
    }

    // --- passkeys ---------------------------------------------------------------------------------------------

    function test_client_data_from_a_host() external {
        Account memory account = alone(PASSKEY);
        Action memory action = by(account, 0, 1, pay(1));
        action.host = HOST;
        both(action);
        action.host = RP_ID;
        both(action);
    }

    function test_several_passkeys_share_their_client_data() external {
        Account memory account = create(
            genesis(
                list(signer(PASSKEY, "phone"), signer(EIP712, "paper"), signer(PASSKEY, "tablet")),
                list(rule(ALL, 3, 7))
            )
        );
        both(by(account, 0, 7, pay(1)));
        Action memory action = by(account, 0, 7, pay(1));
        action.host = HOST;
        both(action);
    }

    function test_user_verification_where_it_is_required() external {
        Signer memory strict = signer(PASSKEY, "alice");
        strict.option = true;
        Account memory account = create(genesis(list(strict), list(rule(ALL, 1, 1))));
        Action memory action = by(account, 0, 1, pay(1));
        both(action);
        action.authenticator = 0x01;
        refused(account, Forms.short(action), 413);
        refused(account, Forms.execute(action), 413);
        action.authenticator = 0x1d;
        both(action);
        account = alone(PASSKEY);
        action = by(account, 0, 1, pay(1));
        action.authenticator = 0x01;
        both(action);
    }

    /// The tail is as the browser gave it, whatever stands in it.
    function test_tails() external {
        Account memory account = alone(PASSKEY);
        Action memory action = by(account, 0, 1, pay(1));
        action.tail = '"}';
        both(action);
        action.tail = '"';
        both(action);
        action.tail = string(new bytes(3_000));
        bytes(action.tail)[0] = '"';
        both(action);
        action.tail = "";
        refused(account, Forms.short(action), 411);
        refused(account, Forms.execute(action), 411);
        action.tail = 'A"}';
        refused(account, Forms.short(action), 411);
        refused(account, Forms.execute(action), 411);
    }

    // --- what is signed beside the calls ------------------------------------------------------------------------

    function test_trees_of_every_height() external {
        Account memory account = alone(PASSKEY);
        for (uint256 height = 0; height <= 8; ++height) {
            Action memory action = by(account, 0, 1, pay(height));
            action.siblings = new bytes32[](height);
            for (uint256 i = 0; i < height; ++i) {
                action.siblings[i] = keccak256(abi.encode(height, i));
            }
            action.index = 0;
            both(action);
            action.index = uint8((1 << height) - 1);
            both(action);
            action.index = uint8((1 << height) / 3);
            both(action);
        }
    }

    function test_executor() external {
        Account memory account = alone(EIP712);
        Action memory action = by(account, 0, 1, pay(1));
        action.executor = address(this);
        both(action);
        bytes memory short = Forms.short(action);
        bytes memory long = Forms.execute(action);
        vm.prank(BOB);
        (bool ok,) = account.wallet.call(short);
        vm.assertFalse(ok);
        vm.prank(BOB);
        (ok,) = account.wallet.call(long);
        vm.assertFalse(ok);
        send(account, short);
    }

    function test_deadline() external {
        Account memory account = alone(EIP712);
        Action memory action = by(account, 0, 1, pay(1));
        action.deadline = uint40(NOW);
        both(action);
        action.deadline = uint40(NOW - 1);
        refused(account, Forms.short(action), 601);
        refused(account, Forms.execute(action), 601);
    }

    /// The fee is a call like any other, spelled shorter.
    function test_fee() external {
        Account memory account = alone(EIP712);
        Action memory action = by(account, 0, 1);
        action.calls = list(
            transfer(5),
            Call(address(token), 0, abi.encodeCall(IToken.transfer, (address(this), 3)))
        );
        action.hasFee = true;
        both(action);
        vm.assertEq(token.balanceOf(address(this)), 3);
        action.executor = address(this);
        both(action);
        // Paid to whoever sends it: for somebody else it is another action.
        action.executor = address(0);
        bytes memory data = Forms.short(action);
        vm.prank(BOB);
        (bool ok,) = account.wallet.call(data);
        vm.assertFalse(ok);
    }

    function test_gas_floor() external {
        Account memory account = alone(EIP712);
        Action memory action = by(account, 0, 1, pay(1));
        action.hasGas = true;
        action.gas = 100_000;
        send(account, Forms.execute(action));
        action.gas = 3_000_000;
        bytes memory data = Forms.execute(action);
        (bool ok, bytes memory answer) = account.wallet.call{gas: 2_000_000}(data);
        vm.assertFalse(ok);
        vm.assertEq(answer, abi.encodeWithSelector(Refused.selector, 607));
        send(account, data);
    }

    function test_lanes_of_nonces() external {
        Account memory account = alone(EIP712);
        for (uint64 key = 1; key < 4; ++key) {
            Action memory action = by(account, 0, 1, pay(1));
            action.key = key * key;
            send(account, Forms.execute(action));
            bytes memory data = Forms.execute(action);
            send(account, data);
            refused(account, data, 409);
        }
        vm.assertEq(sequence(account), 0);
        both(by(account, 0, 1, pay(1)));
    }

    // --- calls ----------------------------------------------------------------------------------------------------

    function test_sixteen_calls() external {
        Account memory account = alone(EIP712);
        Action memory action = by(account, 0, 1);
        action.calls = new Call[](16);
        for (uint256 i = 0; i < 16; ++i) {
            action.calls[i] = i % 2 == 0 ? pay(i << (i * 4)) : transfer(i);
        }
        vm.deal(account.wallet, type(uint128).max);
        both(action);
        action.calls = new Call[](17);
        for (uint256 i = 0; i < 17; ++i) {
            action.calls[i] = pay(1);
        }
        refused(account, Forms.short(action), 107);
        refused(account, Forms.execute(action), 107);
    }

    function test_no_calls_use_up_a_nonce() external {
        Account memory account = alone(EIP712);
        send(account, Forms.execute(by(account, 0, 1)));
        vm.assertEq(sequence(account), 1);
    }

    /// All or none, and what the callee said.
    function test_a_failed_call_undoes_all() external {
        Account memory account = alone(EIP712);
        Action memory action = by(account, 0, 1);
        action.calls = list(pay(1), transfer(1_001 ether));
        bytes memory short = Forms.short(action);
        bytes memory long = Forms.execute(action);
        (bool ok, bytes memory left) = account.wallet.call(short);
        vm.assertFalse(ok);
        (bool isDone, bytes memory right) = account.wallet.call(long);
        vm.assertFalse(isDone);
        vm.assertEq(left, right);
        vm.assertEq(left.length, 100);
        vm.assertEq(sequence(account), 0);
        token.mint(account.wallet, 1 ether);
        send(account, short);
    }

    function test_value_comes_with_the_action() external {
        Account memory account = alone(EIP712);
        vm.deal(account.wallet, 0);
        bytes memory data = Forms.short(by(account, 0, 1, pay(3)));
        (bool ok,) = account.wallet.call{value: 3}(data);
        vm.assertTrue(ok);
        data = Forms.execute(by(account, 0, 1, pay(3)));
        (ok,) = account.wallet.call{value: 3}(data);
        vm.assertTrue(ok);
        vm.assertEq(BOB.balance, 6);
    }

    // --- which configuration -----------------------------------------------------------------------------------

    function test_after_a_policy_change() external {
        Account memory account = alone(PASSKEY);
        account = change(
            account,
            genesis(list(signer(EIP712, "new"), signer(PASSKEY, "alice")), list(rule(ALL, 1, 3)))
        );
        both(by(account, 0, 1, pay(1)));
        both(by(account, 0, 2, pay(1)));
        Action memory action = by(account, 0, 2, pay(1));
        action.host = HOST;
        both(action);
        account = change(account, genesis(list(signer(EIP191, "newer")), list(rule(ALL, 1, 1))));
        both(by(account, 0, 1, pay(1)));
    }

    function change(Account memory account, Configuration memory next)
        internal
        returns (Account memory after_)
    {
        after_ = changed(account, next);
        send(account, Forms.change(by(account, 0, 1), 4, 0, after_.source));
        vm.assertEq(configIdOf(account), after_.configId);
    }

    // --- both forms --------------------------------------------------------------------------------------------

    /// The same execute is accepted by both forms, with the same effect, or by none. With several faults
    /// they may name different ones.
    function testFuzz_the_forms_agree(uint256 seed) external {
        Action memory action = randomAction(seed, uint8(pick(seed, "rule", 3)));
        action.approvers = uint16(pick(seed, "approvers", 8));
        if (pick(seed, "deadline", 3) == 0) action.deadline = uint40(NOW - 1);
        if (pick(seed, "flags", 4) == 0) {
            action.authenticator = uint8(pick(seed, "authenticator", 256));
        }
        if (pick(seed, "digest", 6) == 0) action.otherDigest = keccak256("another");
        (uint256 short, uint256 long) = agree(action);
        vm.assertEq(short == 0, long == 0, "one form refuses");
    }

    /// With one fault, or none, both forms say the same.
    function testFuzz_one_fault_has_one_verdict(uint256 seed) external {
        uint8 rule_ = uint8(pick(seed, "rule", 3));
        Action memory action = randomAction(seed, rule_);
        Rule memory chosen = action.account.configuration.rules[rule_];
        action.approvers = chosen.mask;
        uint256 fault = pick(seed, "fault", 8);
        if (fault == 0) action.deadline = uint40(NOW - 1);
        if (fault == 1) action.otherDigest = keccak256("another");
        if (fault == 2) action.approvers = 0;
        if (fault == 3) action.approvers |= 8;
        if (fault == 4) action.authenticator = uint8(pick(seed, "authenticator", 8));
        if (fault == 5) action.account.configId = keccak256("another");
        if (fault == 6) action.calls[0].to = action.account.wallet;
        (uint256 short, uint256 long) = agree(action);
        bool isClean = chosen.times.length == 0 && chosen.scope.length == 0;
        if (isClean || short == 0) vm.assertEq(short, long, "another verdict");
        if (isClean && fault < 4) vm.assertTrue(short != 0, "a fault was not seen");
    }

    function agree(Action memory action) internal returns (uint256 short, uint256 long) {
        Account memory account = action.account;
        uint256 before = vm.snapshotState();
        short = verdictOn(account, Forms.short(action));
        bytes32 left = effect(account);
        vm.revertToState(before);
        long = verdictOn(account, Forms.execute(action));
        vm.assertEq(effect(account), left, "the forms differ");
    }

    function randomAction(uint256 seed, uint8 rule_) internal returns (Action memory action) {
        action = by(randomAccount(seed), rule_, 0);
        action.calls = new Call[](1 + pick(seed, "calls", 3));
        for (uint256 i = 0; i < action.calls.length; ++i) {
            bool isNative = pick(seed, string.concat("call", vm.toString(i)), 3) == 0;
            action.calls[i] = isNative ? pay(i) : transfer(i);
        }
        if (pick(seed, "tree", 2) == 0) {
            action.siblings = new bytes32[](1 + pick(seed, "height", 8));
            action.index = uint8(pick(seed, "index", 1 << action.siblings.length));
        }
        if (pick(seed, "host", 2) == 0) action.host = HOST;
        if (pick(seed, "executor", 2) == 0) action.executor = address(this);
    }

    function pick(uint256 seed, string memory name, uint256 count) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, name))) % count;
    }

    function randomAccount(uint256 seed) internal returns (Account memory account) {
        Signer[] memory signers = new Signer[](3);
        for (uint256 i = 0; i < 3; ++i) {
            string memory name = string.concat("signer", vm.toString(i));
            signers[i] = signer(uint8(2 + pick(seed, name, 4)), name);
            signers[i].sameParty = i != 0 && pick(seed, string.concat(name, "party"), 3) == 0;
            signers[i].option =
                signers[i].kind == PASSKEY && pick(seed, string.concat(name, "uv"), 2) == 0;
        }
        Rule[] memory rules = list(rule(ALL, 1, 7), rule(EXECUTE, 1, 3), rule(EXECUTE, 2, 7));
        if (pick(seed, "times", 2) == 0) {
            rules[1].times =
                Encode.times(uint64(NOW - 1 + pick(seed, "begins", 3)), uint64(NOW + 2));
        }
        if (pick(seed, "scope", 2) == 0) {
            rules[1].scope =
                Encode.scope(address(token), abi.encodePacked(IToken.transfer.selector));
        }
        if (signers[1].sameParty && signers[2].sameParty) rules[2].threshold = 1;
        account = create(genesis(signers, rules));
        if (pick(seed, "changed", 2) == 0) {
            Account memory next = changed(account, account.configuration);
            account.configuration.salt = hex"00";
            uint256 slot = HOT;
            vm.store(account.wallet, bytes32(slot + 1), next.configId);
            vm.store(account.wallet, bytes32(slot), bytes32(uint256(1) << 128));
            account = next;
            account.configuration.salt = "";
        }
    }
}
