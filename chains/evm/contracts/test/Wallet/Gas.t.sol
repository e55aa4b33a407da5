// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Encode} from "../support/Encode.sol";
import {Forms} from "../support/Forms.sol";
import {NewCode} from "../support/Mocks.sol";
import {
    Account,
    Action,
    Call,
    Configuration,
    EIP712,
    EXECUTE,
    P256_KEY,
    PASSKEY,
    Rule,
    Session,
    Signer
} from "../support/Model.sol";
import {WaitingTestBase} from "../support/WaitingTest.sol";
import {IToken} from "../support/WalletTest.sol";

/// What whole transactions cost, calldata and refunds included: most gas for each. `forge test --match-contract
/// GasTest -vv` prints the figures.
/// forge-config: default.isolate = true
contract GasTest is WaitingTestBase {
    event log_named_uint(string name, uint256 value);

    bytes32[] internal none;

    function measure(Account memory account, bytes memory data, string memory name, uint256 most)
        internal
    {
        (bool ok,) = account.wallet.call(data);
        vm.assertTrue(ok, name);
        uint256 used = vm.lastCallGas().gasTotalUsed;
        emit log_named_uint(name, used);
        vm.assertLe(used, most, name);
    }

    /// BOB has some of the token, as whoever is paid often.
    function setUp() public override {
        super.setUp();
        token.mint(BOB, 1);
    }

    function test_execute() external {
        uint256[4] memory first = [uint256(70_000), 70_100, 74_900, 76_200];
        uint256[4] memory later = [uint256(52_800), 52_900, 57_700, 59_000];
        uint256[4] memory long = [uint256(64_500), 64_700, 69_600, 72_200];
        for (uint8 kind = 2; kind < 6; ++kind) {
            Account memory account = alone(kind);
            string memory name = string.concat("execute, signer kind ", vm.toString(kind));
            Action memory action = by(account, 0, 1, transfer(5));
            if (kind == PASSKEY) action.host = RP_ID;
            measure(account, Forms.short(action), string.concat(name, ", first"), first[kind - 2]);
            measure(account, Forms.short(action), name, later[kind - 2]);
            measure(account, Forms.execute(action), string.concat(name, ", long"), long[kind - 2]);
        }
    }

    function test_sessions() external {
        Account memory account = alone(PASSKEY);
        Rule memory limited = rule(EXECUTE, 1, 1);
        limited.scope = Encode.scope(address(token), abi.encodePacked(IToken.transfer.selector));
        limited.limits = Encode.limits(Encode.limit(address(token), 0, 100, 1_000, 1 days));
        Signer[] memory keys = list(signer(P256_KEY, "session"));
        Session memory session = sessionOf(account, 0, none, keys, limited);
        Action memory grant = by(account, 0, 1);
        grant.host = RP_ID;
        measure(account, Forms.shortGrant(grant, none, session.localRule), "grant, first", 100_200);
        Action memory action = by(account, session, transfer(5));
        measure(account, Forms.short(action), "session with a limit, first", 83_800);
        measure(account, Forms.short(action), "session with a limit", 66_600);
        measure(account, Forms.execute(action), "session with a limit, long", 81_000);
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = session.id;
        bytes memory second = Encode.localRule(list(signer(P256_KEY, "two")), limited);
        measure(account, Forms.shortGrant(grant, ids, second), "grant, second", 66_200);
        session.others = new bytes32[](1);
        session.others[0] = Encode.localRuleId(account.walletId, account.configId, 2, second);
        measure(account, Forms.revoke(by(account, 0, 1), session), "revoke", 63_700);
    }

    function test_policy() external {
        Account memory account = alone(PASSKEY);
        Configuration memory config =
            genesis(list(signer(PASSKEY, "alice"), signer(EIP712, "paper")), list(rule(ALL, 1, 3)));
        Account memory later = changed(account, config);
        account.configuration.salt = hex"00";
        measure(
            account, Forms.change(by(account, 0, 1), 4, 0, later.source), "policy, first", 119_600
        );
        config =
            genesis(list(signer(PASSKEY, "alice"), signer(EIP712, "new")), list(rule(ALL, 1, 3)));
        Account memory last = changed(later, config);
        measure(later, Forms.change(by(later, 0, 1), 4, 0, last.source), "policy, later", 87_100);
    }

    function test_waiting() external {
        Account memory account = house();
        Action memory action = by(account, SLOW, 1, pay(1));
        measure(account, Forms.execute(action), "propose, first", 121_100);
        vm.warp(NOW + DELAY);
        measure(account, Forms.apply_(action, 1, Forms.calls(action.calls)), "apply", 88_900);
        measure(account, Forms.execute(action), "propose, later", 66_400);
        measure(account, cancel(account, 2, 1, SLOW), "cancel", 55_500);
        measure(account, freeze(account, 2, 0, 0), "freeze", 75_300);
        measure(account, freeze(account, 3, 1, 1), "lift", 62_300);
        measure(account, recover(account, GUARDIAN, 1, 0), "propose a recovery", 116_000);
        measure(account, recover(account, GUARDIANS, 3, 0), "recover at once", 156_000);
    }

    function test_upgrade() external {
        Account memory account = house();
        address code = address(new NewCode());
        Action memory action = by(account, SLOW, 1);
        measure(account, Forms.upgrade(action, code, code.codehash), "propose an upgrade", 119_700);
        vm.warp(NOW + 96 hours);
        bytes memory applying = Forms.apply_(action, 15, abi.encodePacked(code, code.codehash));
        measure(account, applying, "upgrade", 105_900);
    }
}
