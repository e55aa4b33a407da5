// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Encode} from "./Encode.sol";
import {Forms} from "./Forms.sol";
import {
    Account,
    Action,
    CANCEL,
    Configuration,
    EIP712,
    EXECUTE,
    FREEZE,
    GRANT,
    MESSAGE,
    PASSKEY,
    POLICY,
    RECOVER,
    RECOVERY_RULE,
    RecoveryPart,
    Rule,
    Signer,
    TIE,
    UPGRADE
} from "./Model.sol";
import {WalletTest} from "./WalletTest.sol";

/// A house with two owners' keys, guardians, and rules that wait.
abstract contract WaitingTestBase is WalletTest {
    uint8 internal constant DAILY = 0;
    uint8 internal constant SLOW = 1;
    uint8 internal constant STUBBORN = 2;
    uint8 internal constant GUARDIAN = RECOVERY_RULE;
    uint8 internal constant GUARDIANS = RECOVERY_RULE | 1;

    uint16 internal constant GUARD = 96;
    uint256 internal constant DELAY = 2 days;
    uint256 internal constant RECOVERY_DELAY = 3 days;

    function guardians() internal pure returns (RecoveryPart memory part) {
        part.signers = list(signer(EIP712, "guardian"), signer(PASSKEY, "other guardian"));
        part.rules =
            list(rule(RECOVER | CANCEL | FREEZE, 1, 3), rule(RECOVER | CANCEL | FREEZE, 2, 3));
        part.rules[0].wait = TIE | uint32(RECOVERY_DELAY);
        part.after_ = list(rule(ALL | CANCEL | FREEZE, 1, 1));
        part.afterSigners = 1;
        part.salt = bytes16(keccak256("salt"));
    }

    /// phone and paper are two parties. Everything at once under rule 0 but what the guard holds back.
    function houseConfiguration() internal pure returns (Configuration memory made) {
        made = genesis(
            list(signer(EIP712, "phone"), signer(EIP712, "paper")),
            list(
                rule(EXECUTE | GRANT | POLICY | CANCEL | FREEZE, 1, 3),
                rule(EXECUTE | GRANT | UPGRADE, 1, 3),
                rule(EXECUTE | GRANT | UPGRADE | FREEZE, 1, 3)
            )
        );
        made.rules[SLOW].wait = uint32(DELAY);
        made.rules[STUBBORN].wait = TIE | uint32(DELAY);
    }

    function house() internal returns (Account memory) {
        return create(houseConfiguration(), guardians(), GUARD);
    }

    /// The house without its salt, to be changed.
    function next(Account memory account) internal pure returns (Configuration memory made) {
        made = houseConfiguration();
        made.salt = "";
        made.recovery = account.configuration.recovery;
    }

    function waits(Account memory account, uint8 rule_) internal view returns (uint8 action) {
        return uint8(recordOf(account, rule_) >> 32);
    }

    function cancels(Account memory account, uint8 rule_) internal view returns (uint8) {
        return uint8(recordOf(account, rule_) >> 40);
    }

    function earliest(Account memory account, uint8 rule_) internal view returns (uint40) {
        return uint40(recordOf(account, rule_) >> 56);
    }

    function frozenUntil(Account memory account) internal view returns (uint40) {
        return uint40(hot(account) >> 136);
    }

    /// Proposes a payment and returns what applies it.
    function proposed(Account memory account, uint8 rule_, uint256 amount)
        internal
        returns (bytes memory applying)
    {
        Action memory action = by(account, rule_, 1, pay(amount));
        send(account, Forms.execute(action));
        return Forms.apply_(action, 1, Forms.calls(action.calls));
    }

    function cancel(Account memory account, uint16 approvers, uint32 epoch, uint8 target)
        internal
        pure
        returns (bytes memory)
    {
        return Forms.small(by(account, DAILY, approvers), 11, epoch, target);
    }

    function freeze(Account memory account, uint16 approvers, uint32 epoch, uint8 lift)
        internal
        pure
        returns (bytes memory)
    {
        return Forms.small(by(account, DAILY, approvers), 13, epoch, lift);
    }

    function newSigners() internal pure returns (Signer[] memory) {
        return list(signer(EIP712, "new phone"));
    }

    function recover(Account memory account, uint8 rule_, uint16 approvers, uint32 epoch)
        internal
        pure
        returns (bytes memory)
    {
        return Forms.change(by(account, rule_, approvers), 14, epoch, Encode.signers(newSigners()));
    }
}
