// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Encode} from "../support/Encode.sol";
import {Forms} from "../support/Forms.sol";
import {Account, Action, EIP712, EXECUTE, PASSKEY, Session} from "../support/Model.sol";
import {WaitingTestBase} from "../support/WaitingTest.sol";

/// One bit of accepted calldata changed: it is refused, or means the same. And every beginning of it, and
/// bytes behind it, are refused.
contract FlipsTest is WaitingTestBase {
    uint256 internal accepted;

    function effect(Account memory account) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                hot(account),
                configIdOf(account),
                account.wallet.balance,
                BOB.balance,
                token.balanceOf(BOB),
                epochOf(account, 0)
            )
        );
    }

    /// Every `step`-th bit. Returns how many were accepted, with the same effect.
    function flip(Account memory account, bytes memory data, uint256 step, uint256 first)
        internal
        returns (uint256 same)
    {
        uint256 before = vm.snapshotState();
        send(account, data);
        bytes32 wanted = effect(account);
        vm.revertToState(before);
        for (uint256 bit = first; bit < data.length * 8; bit += step) {
            data[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
            before = vm.snapshotState();
            (bool ok,) = account.wallet.call{gas: 3_000_000}(data);
            if (ok) {
                vm.assertEq(effect(account), wanted, vm.toString(bit));
                ++same;
            }
            vm.revertToStateAndDelete(before);
            data[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        }
    }

    function cut(Account memory account, bytes memory data) internal {
        for (uint256 size = 1; size < data.length; ++size) {
            (bool ok,) = account.wallet.call{gas: 3_000_000}(Forms.slice(data, 0, size));
            vm.assertFalse(ok, vm.toString(size));
        }
        refused(account, bytes.concat(data, hex"00"), 102);
        refused(account, bytes.concat(data, data), 102);
        send(account, data);
    }

    function test_every_bit_of_a_short_form_with_a_passkey() external {
        Account memory account = alone(PASSKEY);
        vm.assertEq(flip(account, Forms.short(by(account, 0, 1, transfer(5))), 1, 0), 0);
    }

    function test_every_bit_of_a_short_form_with_a_host() external {
        Account memory account = alone(PASSKEY);
        Action memory action = by(account, 0, 1, transfer(5));
        action.host = "wallet.latchkey.example";
        action.siblings = new bytes32[](2);
        vm.assertEq(flip(account, Forms.short(action), 1, 0), 0);
    }

    function test_every_bit_of_a_session() external {
        Account memory account = alone(EIP712);
        Session memory session = granted(account, 0, signer(EIP712, "one"), rule(EXECUTE, 1, 1));
        vm.assertEq(flip(account, Forms.short(by(account, session, pay(5))), 1, 0), 0);
    }

    function test_bits_of_long_forms() external {
        Account memory account = house();
        bytes32[] memory none = new bytes32[](0);
        bytes memory local = Encode.localRule(list(signer(EIP712, "one")), rule(EXECUTE, 1, 1));
        vm.assertEq(flip(account, Forms.execute(by(account, DAILY, 1, transfer(5))), 3, 0), 0);
        vm.assertEq(flip(account, Forms.grant(by(account, DAILY, 1), none, local), 3, 1), 0);
        vm.assertEq(flip(account, Forms.shortGrant(by(account, DAILY, 1), none, local), 3, 2), 0);
        vm.assertEq(flip(account, freeze(account, 2, 0, 0), 3, 0), 0);
        vm.assertEq(flip(account, cancel(account, 3, 0, SLOW), 3, 1), 0);
        vm.assertEq(flip(account, recover(account, GUARDIANS, 3, 0), 5, 0), 0);
    }

    function test_bits_of_a_policy_change_and_of_applying() external {
        Account memory account = house();
        bytes memory shared = changed(account, next(account)).source;
        vm.assertEq(flip(account, Forms.change(by(account, DAILY, 3), 4, 0, shared), 5, 0), 0);
        account = house2();
        bytes memory applying = proposed(account, SLOW, 3);
        vm.warp(NOW + DELAY);
        vm.assertEq(flip(account, applying, 1, 0), 0);
    }

    function house2() internal returns (Account memory) {
        return create(houseConfiguration(), guardians(), GUARD + 1);
    }

    function test_beginnings_and_ends() external {
        Account memory account = alone(PASSKEY);
        Action memory action = by(account, 0, 1, transfer(5));
        cut(account, Forms.short(action));
        cut(account, Forms.execute(action));
        action.host = "wallet.latchkey.example";
        action.siblings = new bytes32[](1);
        cut(account, Forms.short(action));
        cut(account, Forms.execute(action));
        account = house();
        cut(account, freeze(account, 2, 0, 0));
        cut(account, recover(account, GUARDIANS, 3, 0));
    }
}
