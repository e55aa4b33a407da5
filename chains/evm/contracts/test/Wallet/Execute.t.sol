// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Forms} from "../support/Forms.sol";
import {
    Account,
    Action,
    Call,
    Configuration,
    EIP191,
    EIP712,
    P256_KEY,
    PASSKEY,
    Session,
    Signer
} from "../support/Model.sol";
import {IToken, WalletTest} from "../support/WalletTest.sol";

/// execute in both forms.
contract ExecuteTest is WalletTest {
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
}
