// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Action, ActionNumber} from "./Action.sol";
import {Configuration, Part, Rule} from "./Configuration.sol";
import {Steps} from "./Steps.sol";
import {Storage} from "./Storage.sol";
import {Verdict, require_} from "./Verdicts.sol";

/// What waits under a rule, and what the rule did before. Times are unix seconds.
struct Record {
    uint256 epoch;
    /// Number of the action that waits; 0 if none does.
    uint256 action;
    /// Cancels by one party in the window.
    uint256 cancels;
    /// The rule's TIE, when it last proposed.
    bool tie;
    /// One party alone approved what waits, and there is a guard.
    bool guarded;
    uint256 earliest;
    uint256 cancelsSince;
    uint256 frozenAt;
}

/// Waiting, cancelling and freezing (docs/spec/authorization.md, section 8).
library Waiting {
    using Configuration for Part;
    using Configuration for Rule;

    uint256 internal constant RECOVERY_RULE = 0x80;
    uint256 private constant TAG =
        0xef5674982b17151f32a1fe7731fbde46856a8f109a91b658738e8481cbaf7ae2;
    uint256 internal constant FREEZE_LENGTH = 7 days;
    uint256 private constant TIME_MASK = type(uint40).max;

    event Proposed(
        uint8 indexed rule,
        uint8 indexed action,
        uint32 epoch,
        uint40 earliest,
        bytes32 digest,
        bytes body
    );
    event Applied(uint8 indexed rule, uint8 indexed action, uint32 epoch);
    event Cancelled(uint8 indexed rule, uint32 epoch);
    event Frozen(uint8 indexed rule, uint32 epoch, uint40 until);
    event Unfrozen(uint8 indexed rule, uint32 epoch);

    /// Where the record of a rule is, by its name in leaves: rules of the recovery part by their
    /// place,
    /// shared ones by what they say.
    function slotOf(Action memory action, uint256 name) internal pure returns (uint256) {
        if (name & RECOVERY_RULE != 0) {
            return Storage.record(name);
        }
        Rule memory rule;
        rule.readAt(action.shared, name);
        return Storage.record(uint256(action.shared.ruleId(rule)));
    }

    function load(uint256 slot) internal view returns (Record memory record) {
        uint256 word = Storage.load(slot);
        record.epoch = word & type(uint32).max;
        record.action = (word >> 32) & 0xff;
        record.cancels = (word >> 40) & 0xff;
        record.tie = (word >> 48) & 1 != 0;
        record.guarded = (word >> 49) & 1 != 0;
        record.earliest = (word >> 56) & TIME_MASK;
        record.cancelsSince = (word >> 96) & TIME_MASK;
        record.frozenAt = (word >> 136) & TIME_MASK;
    }

    function store(uint256 slot, Record memory record) internal {
        uint256 flags = (record.tie ? 1 : 0) | (record.guarded ? 2 : 0);
        Storage.store(
            slot,
            (record.epoch & type(uint32).max) | (record.action << 32) | (record.cancels << 40)
                | (flags << 48) | (record.earliest << 56) | (record.cancelsSince << 96)
                | (record.frozenAt << 136)
        );
    }

    function digestOf(uint256 number, bytes32 body) internal view returns (bytes32) {
        return keccak256(abi.encode(TAG, block.chainid, address(this), number, body));
    }

    /// Seconds for which a guard holds back what one party alone approved: a change, or new code,
    /// which could change anything.
    function guardOf(Action memory action) internal pure returns (uint256) {
        unchecked {
            bool isChange =
                action.number == ActionNumber.POLICY || action.number == ActionNumber.UPGRADE;
            if (!isChange || action.parties > 1) {
                return 0;
            }
            return (uint256(action.commitment) >> 240) * 1 hours;
        }
    }

    /// Keeps the action until it may be applied.
    function propose(Action memory action, bytes memory body) internal {
        unchecked {
            uint256 guard = guardOf(action);
            uint256 slot = slotOf(action, action.ruleName);
            Record memory record = load(slot);
            Steps.requireFree(record.action, record.earliest, block.timestamp);
            _bump(action, action.ruleName, record);
            record.action = action.number;
            record.tie = action.rule.wait & Configuration.TIE != 0;
            record.guarded = guard != 0;
            record.earliest = Steps.earliestAfter(block.timestamp, action.rule.delay(), guard);
            store(slot, record);
            bytes32 digest = digestOf(action.number, keccak256(body));
            Storage.store(slot + 1, uint256(digest));
            emit Proposed(
                uint8(action.ruleName),
                uint8(action.number),
                uint32(record.epoch),
                uint40(record.earliest),
                digest,
                body
            );
        }
    }

    /// Whether what waits under the rule is this action, and may be done now; it waits no more.
    function take(Action memory action, bytes32 body) internal {
        unchecked {
            uint256 slot = slotOf(action, action.ruleName);
            Record memory record = load(slot);
            Steps.requireDue(
                record.action,
                action.number,
                Storage.load(slot + 1),
                uint256(digestOf(action.number, body)),
                record.earliest,
                block.timestamp
            );
            if (record.guarded) {
                uint256 records = (action.hot >> Storage.RECOVERY_RECORDS_SHIFT) & type(uint16).max;
                for (uint256 i = 0; records != 0; ++i) {
                    if (records & 1 != 0) {
                        uint256 earliest = load(Storage.record(RECOVERY_RULE | i)).earliest;
                        Steps.requireMargin(earliest, block.timestamp);
                    }
                    records >>= 1;
                }
            }
            record.action = 0;
            store(slot, record);
            emit Applied(uint8(action.ruleName), uint8(action.number), uint32(record.epoch));
        }
    }

    function requireEpoch(Action memory action, uint256 epoch) internal view {
        Steps.requireEpoch(load(slotOf(action, action.ruleName)).epoch, epoch);
    }

    /// Uses up the rule's epoch.
    function bumpEpoch(Action memory action) internal {
        uint256 slot = slotOf(action, action.ruleName);
        Record memory record = load(slot);
        _bump(action, action.ruleName, record);
        store(slot, record);
    }

    /// Ends what waits under the target rule.
    function cancel(Action memory action, uint256 epoch, uint256 target) internal {
        unchecked {
            bool isOwn = target == action.ruleName;
            require_(isOwn || action.ruleName & RECOVERY_RULE == 0, Verdict.CANCEL_NOT_ALLOWED);
            require_(
                target & ~RECOVERY_RULE
                    < (target & RECOVERY_RULE != 0 ? 16 : action.shared.ruleCount()),
                Verdict.UNKNOWN_RULE
            );
            bool isStrong = isOwn || action.parties > 1;
            uint256 slot = slotOf(action, target);
            Record memory record = load(slot);
            if (record.action == 0) {
                require_(isStrong, Verdict.NOTHING_WAITS);
                // So that it never will.
                _bump(action, target, record);
            }
            Steps.requireEpoch(record.epoch, epoch + 1);
            record.action = 0;
            if (isStrong || !record.tie) {
                record.earliest = 0;
            } else {
                (record.cancels, record.cancelsSince) =
                    Steps.countCancel(record.cancels, record.cancelsSince, block.timestamp);
            }
            store(slot, record);
            emit Cancelled(uint8(target), uint32(record.epoch));
        }
    }

    /// Freezes the wallet, or lifts a freeze.
    function freeze(Action memory action, uint256 epoch, uint256 lift) internal {
        unchecked {
            uint256 slot = slotOf(action, action.ruleName);
            Record memory record = load(slot);
            Steps.requireEpoch(record.epoch, epoch);
            _bump(action, action.ruleName, record);
            require_(lift < 2, Verdict.NON_CANONICAL);
            if (lift == 1) {
                require_(action.parties > 1, Verdict.TWO_PARTIES);
                setFrozen(action, 0);
                emit Unfrozen(uint8(action.ruleName), uint32(record.epoch));
            } else {
                Steps.requireFreeze(record.frozenAt, block.timestamp);
                record.frozenAt = block.timestamp;
                setFrozen(action, block.timestamp + FREEZE_LENGTH);
                emit Frozen(
                    uint8(action.ruleName),
                    uint32(record.epoch),
                    uint40(block.timestamp + FREEZE_LENGTH)
                );
            }
            store(slot, record);
        }
    }

    /// 0: not frozen.
    function setFrozen(Action memory action, uint256 until) internal pure {
        action.hot &= ~(Storage.FROZEN | (TIME_MASK << Storage.FROZEN_UNTIL_SHIFT));
        if (until != 0) {
            action.hot |= Storage.FROZEN | (until << Storage.FROZEN_UNTIL_SHIFT);
        }
    }

    function frozenUntil(uint256 hot) internal pure returns (uint256) {
        return hot & Storage.FROZEN == 0 ? 0 : (hot >> Storage.FROZEN_UNTIL_SHIFT) & TIME_MASK;
    }

    function _bump(Action memory action, uint256 name, Record memory record) private pure {
        unchecked {
            ++record.epoch;
            if (name & RECOVERY_RULE != 0) {
                action.hot |= 1 << (Storage.RECOVERY_RECORDS_SHIFT + (name & 0x0f));
            }
        }
    }
}
