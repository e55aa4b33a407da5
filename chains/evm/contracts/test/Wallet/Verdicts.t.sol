// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Encode} from "../support/Encode.sol";
import {Forms} from "../support/Forms.sol";
import {
    Account,
    Action,
    CONTRACT,
    Call,
    Configuration,
    ED25519,
    EIP712,
    EXECUTE,
    GRANT,
    P256_KEY,
    PASSKEY,
    POLICY,
    PROGRAM,
    Rule,
    Signer,
    TIE
} from "../support/Model.sol";
import {WaitingTestBase} from "../support/WaitingTest.sol";

/// Verdicts that no other test of the wallet asks for, each beside the same input without the fault. What
/// Verdicts.sol lists and nothing answers is named at the end.
contract VerdictsTest is WaitingTestBase {
    bytes32[] internal none;

    // --- bytes of actions -----------------------------------------------------------------------------------------

    function test_101_and_102_ends() external {
        Account memory account = alone(PASSKEY);
        Action memory action = by(account, 0, 1, pay(1));
        bytes memory data = Forms.execute(action);
        // A tail that is said to be longer than what is left, and one that is shorter.
        uint256 size = data.length - bytes(TAIL).length - 1;
        data[size] = bytes1(uint8(data[size]) + 1);
        uint256 verdict = verdictOn(account, data);
        vm.assertTrue(verdict == 101 || verdict == 409);
        data[size] = bytes1(uint8(data[size]) - 1);
        refused(account, bytes.concat(data, hex"00"), 102);
        // Calls that reach behind the end are noticed at once.
        bytes memory opening = Forms.opening(action, 1);
        refused(account, abi.encodePacked(opening, uint8(1), BOB, uint8(0), uint24(100)), 101);
        send(account, data);
    }

    function test_103_actions_that_do_not_exist() external {
        Account memory account = alone(EIP712);
        bytes memory data = Forms.execute(by(account, 0, 1, pay(1)));
        uint8[8] memory numbers = [5, 6, 7, 8, 9, 10, 0, 1];
        for (uint256 i = 0; i < 8; ++i) {
            data[0] = bytes1(0x70 | numbers[i]);
            refused(account, data, numbers[i] == 1 ? 0 : 103);
        }
        uint8[6] memory heads = [0x00, 0x10, 0x62, 0x81, 0xc0, 0xf1];
        for (uint256 i = 0; i < 6; ++i) {
            data[0] = bytes1(heads[i]);
            refused(account, data, 103);
        }
    }

    function test_104_reserved_bits() external {
        Account memory account = house();
        bytes memory data = Forms.execute(by(account, DAILY, 1, pay(1)));
        for (uint8 bit = 5; bit < 8; ++bit) {
            data[1] = bytes1(uint8(1 << bit));
            refused(account, data, 104);
        }
        data[1] = 0;
        send(account, data);
        // Changes have no executor, deadline, lane or gas; only execute has gas.
        data = freeze(account, 1, 0, 0);
        for (uint8 bit = 1; bit < 5; ++bit) {
            data[1] = bytes1(uint8(1 << bit));
            refused(account, data, 104);
        }
        data[1] = 0;
        send(account, data);
        Action memory action = by(account, DAILY, 1);
        action.hasGas = true;
        refused(
            account,
            Forms.revoke(action, sessionOf(account, 0, none, newSigners(), rule(1, 1, 1))),
            104
        );
        // Kinds of sources.
        data = Forms.small(by(account, DAILY, 1), 11, 1, DAILY);
        data[3] = 0x03;
        refused(account, data, 104);
        data[3] = 0x00;
        send(account, data);
    }

    function test_104_forms_of_evidence() external {
        Account memory account = alone(PASSKEY);
        Action memory action = by(account, 0, 1, pay(1));
        bytes memory data = Forms.execute(action);
        uint256 form = data.length - bytes(TAIL).length - 3;
        data[form] = 0x03;
        refused(account, data, 104);
        // There is no passkey before.
        data[form] = 0x02;
        refused(account, data, 411);
        data[form] = 0x00;
        send(account, data);
    }

    function test_108_one_form_of_each_field() external {
        Account memory account = alone(EIP712);
        Action memory action = by(account, 0, 1, pay(5));
        bytes memory opening = Forms.opening(action, 1);
        bytes memory good = Forms.execute(action);
        bytes memory evidence = Forms.slice(good, good.length - 64, good.length);
        bytes memory zero = abi.encodePacked(hex"01", BOB, hex"020005", uint24(0), evidence);
        refused(account, bytes.concat(opening, zero), 108);
        bytes memory long = abi.encodePacked(hex"01", BOB, hex"21", bytes32(0), hex"05", uint24(0));
        refused(account, bytes.concat(opening, long, evidence), 108);
        action.key = 1;
        bytes memory lane = Forms.execute(action);
        uint256 at_ = Forms.opening(action, 1).length - 1;
        lane[at_] = 0;
        refused(account, lane, 108);
        lane[at_] = 0x01;
        send(account, lane);
        // A fee needs a first call, and a number of 32 bytes at most.
        Action memory fee = by(account, 0, 1, transfer(1));
        fee.calls[0].data = abi.encodeWithSignature("transfer(address,uint256)", this, 1);
        fee.hasFee = true;
        refused(account, Forms.short(fee), 108);
        // The relying party's id is a part of the host.
        Account memory other = alone(PASSKEY);
        Action memory action2 = by(other, 0, 1, pay(1));
        action2.host = RP_ID;
        bytes memory short = Forms.short(action2);
        short[13] = bytes1(uint8(bytes(RP_ID).length + 1));
        refused(other, short, 108);
        short[13] = 0;
        send(other, short);
    }

    // --- approvals ------------------------------------------------------------------------------------------------

    function test_417_trees() external {
        Account memory account = alone(EIP712);
        for (uint256 i = 0; i < 2; ++i) {
            Action memory action = by(account, 0, 1, pay(1));
            action.siblings = new bytes32[](i == 0 ? 9 : 3);
            if (i == 1) action.index = 8;
            refused(account, Forms.short(action), 417);
            refused(account, Forms.execute(action), 417);
            action.siblings = new bytes32[](8);
            send(account, Forms.short(action));
        }
    }

    function test_418_signers_that_cannot_approve_here() external {
        Signer memory elsewhere = contractSigner(BOB);
        elsewhere.chain = 137;
        Signer[4] memory others =
            [signer(ED25519, "sol"), signer(PROGRAM, "sol"), elsewhere, signer(EIP712, "good")];
        for (uint256 i = 0; i < 4; ++i) {
            Account memory account =
                create(genesis(list(signer(EIP712, "alice"), others[i]), list(rule(ALL, 1, 3))));
            refused(account, Forms.execute(by(account, 0, 2, pay(1))), i == 3 ? 0 : 418);
            // The short form leaves what it does not know to the long one.
            uint256 short = i == 0 ? 418 : i == 3 ? 0 : 109;
            refused(account, Forms.short(by(account, 0, 2, pay(1))), short);
            send(account, Forms.short(by(account, 0, 1, pay(1))));
        }
    }

    // --- configurations, where they are put in force ------------------------------------------------------------------

    /// `alice` and `bob` may do everything; a change of the wallet to this is judged so.
    function judged(bytes memory shared, uint256 verdict) internal {
        uint256 before = vm.snapshotState();
        Account memory account = house();
        refused(account, Forms.change(by(account, DAILY, 3), 4, 0, shared), verdict);
        vm.revertToState(before);
    }

    function pair() internal pure returns (Configuration memory made) {
        made = genesis(
            list(signer(EIP712, "alice"), signer(PASSKEY, "bob")),
            list(rule(ALL, 1, 3), rule(EXECUTE, 2, 3))
        );
        made.salt = "";
    }

    function test_2xx_configurations() external {
        bytes memory shared = Encode.bytesOf(pair());
        judged(shared, 0);
        judged(bytes.concat(hex"20", Forms.slice(shared, 1, shared.length)), 201);
        judged(bytes.concat(hex"12", Forms.slice(shared, 1, shared.length)), 201);
        judged(bytes.concat(hex"18", Forms.slice(shared, 1, shared.length)), 201);
        judged(Forms.slice(shared, 0, shared.length - 1), 202);
        judged("", 202);
        judged(bytes.concat(shared, hex"00"), 203);
        judged(new bytes(4_097), 204);
        judged(new bytes(4_096), 201);
        shared[2] = 0x00;
        judged(shared, 205);
        shared[2] = 0x08;
        judged(shared, 205);
        shared[2] = 0x12;
        judged(shared, 206);
        shared[2] = 0x22;
        judged(shared, 206);
        shared[2] = 0x82;
        judged(shared, 206);
        shared[2] = 0x02;
        judged(shared, 0);
    }

    function test_2xx_signers() external {
        Configuration memory config = pair();
        config.signers[1] = config.signers[0];
        judged(Encode.bytesOf(config), 207);
        bytes memory shared = Encode.bytesOf(pair());
        shared[24] = 0x04;
        judged(shared, 208);
        config = pair();
        config.signers[1] = contractSigner(BOB);
        judged(Encode.bytesOf(config), 0);
        config.signers[1] = contractSigner(address(0));
        judged(Encode.bytesOf(config), 208);
        config.signers[1] = contractSigner(BOB);
        config.signers[1].chain = 0;
        judged(Encode.bytesOf(config), 208);
    }

    function with(Rule memory second, uint256 verdict) internal {
        Configuration memory config = pair();
        config.rules[1] = second;
        judged(Encode.bytesOf(config), verdict);
    }

    function test_209_to_215_rules() external {
        with(rule(0, 1, 3), 209);
        with(rule(GRANT, 1, 3), 209);
        with(rule(0x10, 1, 3), 209);
        Rule memory one = rule(0x08, 1, 3);
        one.times = Encode.times(0, 5);
        with(one, 209);
        with(rule(EXECUTE, 3, 3), 210);
        with(rule(EXECUTE, 2, 1), 210);
        with(rule(EXECUTE, 1, 0), 211);
        with(rule(EXECUTE, 1, 4), 211);
        one = rule(EXECUTE, 1, 1);
        one.times = Encode.times(5, 5);
        with(one, 212);
        one.times = Encode.times(0, type(uint64).max);
        with(one, 212);
        one.times = Encode.times(5, 6);
        with(one, 0);
        one = rule(EXECUTE, 1, 1);
        one.scope = abi.encodePacked(uint8(0));
        with(one, 213);
        one.scope = Encode.scope(BOB, new bytes(17));
        with(one, 213);
        one.scope = Encode.scope(BOB, new bytes(16));
        with(one, 0);
        one.actions = EXECUTE | POLICY;
        with(one, 213);
    }

    function test_214_limits() external {
        Rule memory one = rule(EXECUTE, 1, 1);
        one.limits = Encode.limits(Encode.limit(BOB, 0, 5, 5, 0));
        with(one, 214);
        one.scope = Encode.scope(BOB, "");
        with(one, 0);
        one.limits = Encode.limits(Encode.limit(BOB, 0, 6, 5, 0));
        with(one, 214);
        bytes memory low = Encode.limit(BOB, 0, 5, 5, 0);
        bytes memory high = Encode.limit(BOB, 1, 5, 5, 0);
        one.limits = Encode.limits(low, high);
        with(one, 0);
        one.limits = Encode.limits(high, low);
        with(one, 214);
        one.limits = Encode.limits(low, low);
        with(one, 214);
        one.limits = abi.encodePacked(uint8(0));
        with(one, 214);
        one.limits = Encode.limits(low);
        one.actions = EXECUTE | GRANT;
        with(one, 214);
    }

    function test_215_216_and_220() external {
        Rule memory slow = rule(EXECUTE, 1, 1);
        slow.wait = 5;
        // One party changes the configuration at once: the delay would be none.
        with(slow, 215);
        Configuration memory config = pair();
        config.rules = list(rule(POLICY, 2, 3), slow);
        judged(Encode.bytesOf(config), 0);
        slow.wait = 365 days + 1;
        judged(Encode.bytesOf(config), 215);
        slow.wait = TIE | uint32(30 days + 1);
        judged(Encode.bytesOf(config), 215);
        slow.wait = TIE | uint32(30 days);
        judged(Encode.bytesOf(config), 0);
        slow.wait = TIE;
        judged(Encode.bytesOf(config), 215);
        config.recovery = bytes32(uint256(2_161) << 240);
        slow.wait = 5;
        judged(Encode.bytesOf(config), 215);
        config.recovery = bytes32(uint256(2_160) << 240);
        judged(Encode.bytesOf(config), 0);
        config = pair();
        config.rules[0].times = Encode.times(0, 5);
        config.rules[0].actions = EXECUTE | POLICY;
        judged(Encode.bytesOf(config), 216);
        config = pair();
        config.rules = list(rule(POLICY, 1, 1), rule(POLICY, 1, 2), rule(POLICY, 1, 1));
        judged(Encode.bytesOf(config), 220);
        config.rules[2].mask = 3;
        judged(Encode.bytesOf(config), 0);
    }

    function test_a_grants_own_bytes() external {
        Account memory account = alone(EIP712);
        Rule memory open = rule(EXECUTE, 1, 1);
        bytes memory local = Encode.localRule(list(signer(EIP712, "one")), open);
        bytes memory two = bytes.concat(hex"10", Forms.slice(local, 1, local.length), hex"0100");
        refused(account, Forms.grant(by(account, 0, 1), none, two), 108);
        refused(account, Forms.grant(by(account, 0, 1), none, bytes.concat(local, hex"00")), 203);
        refused(account, Forms.grant(by(account, 0, 1), none, ""), 202);
        refused(account, Forms.grant(by(account, 0, 1), none, new bytes(4_097)), 204);
        send(account, Forms.grant(by(account, 0, 1), none, local));
    }

    // --- all of them ------------------------------------------------------------------------------------------------

    /// Every number that the contracts have is in a test of this folder.
    function test_every_verdict_is_tested() external view {
        string[11] memory files = [
            "Adopt",
            "Execute",
            "FailureClasses",
            "Flips",
            "Operations",
            "Recovery",
            "Sessions",
            "Standards",
            "Vectors",
            "Verdicts",
            "Waiting"
        ];
        string memory tests;
        for (uint256 i = 0; i < 11; ++i) {
            string memory path = string.concat("test/Wallet/", files[i], ".t.sol");
            tests = string.concat(tests, vm.readFile(path));
        }
        string[] memory lines = vm.split(vm.readFile("src/Verdicts.sol"), " = ");
        vm.assertGt(lines.length, 60);
        for (uint256 i = 1; i < lines.length; ++i) {
            string memory number = vm.split(lines[i], ";")[0];
            bool isThere = vm.split(tests, string.concat(", ", number, ")")).length > 1
                || vm.split(tests, string.concat("? ", number)).length > 1
                || vm.split(tests, string.concat(", ", number, ",")).length > 1
                || vm.split(tests, string.concat(" ", number, ";")).length > 1;
            vm.assertTrue(isThere, number);
        }
    }
}
