// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Action} from "./Action.sol";
import {ActionNumber} from "./Action.sol";
import {Configuration, Part, Rule} from "./Configuration.sol";
import {byteAt, bytesAt, hashOf} from "./Memory.sol";
import {Storage} from "./Storage.sol";
import {Record, Waiting} from "./Waiting.sol";

/// A new shared part in the place of the present one, and what lives on.
library Changes {
    using Configuration for Part;
    using Configuration for Rule;

    /// keccak256("Latchkey configuration 1")
    uint256 private constant TAG =
        0x06445c665174e3fe1cbfcbc1e2fbfbf1de6a2883e4ff1c647c6cf098198c8547;

    event Configured(
        bytes32 indexed configuration, bytes32 indexed wallet, uint32 number, bytes shared
    );

    /// configId after a policy change: `rule` and `epoch` are 0; after a recovery its parent is the
    /// commitment (docs/spec/authorization.md, section 2).
    function configIdOf(
        bytes32 walletId,
        bytes32 parent,
        uint256 action,
        uint256 rule,
        uint256 epoch,
        bytes32 sharedHash
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(TAG, walletId, parent, action, rule, epoch, sharedHash));
    }

    /// `start` to `end`: the new shared part, validated.
    function replace(Action memory action, uint256 start, uint256 end, uint256 epoch) internal {
        unchecked {
            bool isRecovery = action.number == ActionNumber.RECOVER;
            bytes32 configId = configIdOf(
                action.walletId,
                action.parent,
                action.number,
                isRecovery ? action.ruleName : 0,
                isRecovery ? epoch : 0,
                hashOf(start, end - start)
            );
            Part memory next;
            next.open(start + 1, end);
            bytes32[] memory kept = _ruleIds(next);
            uint256 frozenAt = _carryRules(action, kept, isRecovery);
            bytes32 commitment;
            if (byteAt(start) & Configuration.HEADER_RECOVERY != 0) {
                assembly ("memory-safe") {
                    commitment := mload(sub(end, 0x20))
                }
            }
            bool keepsRecovery = commitment != 0 && commitment == action.commitment;
            uint256 other = _carryRecovery(action, keepsRecovery);
            if (other > frozenAt) {
                frozenAt = other;
            }
            if (action.hot & Storage.FROZEN != 0) {
                Waiting.setFrozen(action, frozenAt == 0 ? 0 : frozenAt + Waiting.FREEZE_LENGTH);
            }
            action.hot = (action.hot + (1 << Storage.NUMBER_SHIFT)) | Storage.CONFIGURED;
            Storage.store(Storage.CONFIGURATION, uint256(configId));
            Storage.store(Storage.HOT, action.hot);
            emit Configured(
                configId,
                action.walletId,
                uint32(action.hot >> Storage.NUMBER_SHIFT),
                bytesAt(start, end - start)
            );
        }
    }

    function _ruleIds(Part memory part) private pure returns (bytes32[] memory ids) {
        unchecked {
            uint256 count = part.ruleCount();
            ids = new bytes32[](count);
            uint256 position = part.rules;
            Rule memory rule;
            for (uint256 i = 0; i < count; ++i) {
                rule.read(position, part.end, part.signerCount());
                ids[i] = part.ruleId(rule);
                position = rule.end;
            }
        }
    }

    /// What the old rules keep or lose. Returns the last time at which one that stays froze the
    /// wallet.
    function _carryRules(Action memory action, bytes32[] memory kept, bool isRecovery)
        private
        returns (uint256 frozenAt)
    {
        unchecked {
            Part memory part = action.shared;
            uint256 position = part.rules;
            Rule memory rule;
            for (uint256 left = part.ruleCount(); left != 0; --left) {
                rule.read(position, part.end, part.signerCount());
                position = rule.end;
                bytes32 id = part.ruleId(rule);
                bool stays = _contains(kept, id);
                uint256 slot = Storage.record(uint256(id));
                if (!stays) {
                    _clear(slot, 2);
                    if (rule.limits != 0) {
                        _clear(Storage.counters(id), byteAt(rule.limits));
                    }
                } else {
                    Record memory record = Waiting.load(slot);
                    if (record.action == ActionNumber.POLICY) {
                        // Its parent is gone.
                        record.action = 0;
                        record.earliest = 0;
                        Waiting.store(slot, record);
                    }
                    if (record.frozenAt > frozenAt) {
                        frozenAt = record.frozenAt;
                    }
                }
                if (rule.actions & Configuration.GRANT != 0 && (!stays || isRecovery)) {
                    _endSessions(action, id);
                }
            }
        }
    }

    /// The records of the recovery part stay for ever; unless the commitment does, too, nothing
    /// that was approved for them is worth anything any more.
    function _carryRecovery(Action memory action, bool keepsRecovery)
        private
        returns (uint256 frozenAt)
    {
        unchecked {
            uint256 records = (action.hot >> Storage.RECOVERY_RECORDS_SHIFT) & type(uint16).max;
            for (uint256 i = 0; records != 0; ++i) {
                if (records & 1 != 0) {
                    uint256 slot = Storage.record(Waiting.RECOVERY_RULE | i);
                    Record memory record = Waiting.load(slot);
                    if (!keepsRecovery) {
                        record.action = 0;
                        record.earliest = 0;
                        ++record.epoch;
                        Waiting.store(slot, record);
                    }
                    if (record.frozenAt > frozenAt) {
                        frozenAt = record.frozenAt;
                    }
                }
                records >>= 1;
            }
        }
    }

    function _endSessions(Action memory action, bytes32 ruleId) private {
        unchecked {
            uint256 slot = Storage.localList(ruleId);
            uint256 count = Storage.load(slot) & 0xff;
            if (count != 0) {
                Storage.store(slot, 0);
                action.hot -= count << Storage.LOCAL_RULES_SHIFT;
                action.hot += count << Storage.VERSION_SHIFT;
            }
        }
    }

    function _contains(bytes32[] memory ids, bytes32 id) private pure returns (bool) {
        unchecked {
            for (uint256 i = 0; i < ids.length; ++i) {
                if (ids[i] == id) {
                    return true;
                }
            }
            return false;
        }
    }

    function _clear(uint256 slot, uint256 count) private {
        unchecked {
            for (uint256 i = 0; i < count; ++i) {
                if (Storage.load(slot + i) != 0) {
                    Storage.store(slot + i, 0);
                }
            }
        }
    }
}
