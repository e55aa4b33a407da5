// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Action, ActionNumber, ActionReader} from "./Action.sol";
import {Approvals} from "./Approvals.sol";
import {Call, Calls} from "./Calls.sol";
import {Changes} from "./Changes.sol";
import {Configuration, Part, Rule} from "./Configuration.sol";
import {Leaves} from "./Leaves.sol";
import {Limits} from "./Limits.sol";
import {byteAt, bytesAt, hashOf, wordAt} from "./Memory.sol";
import {Steps} from "./Steps.sol";
import {Storage} from "./Storage.sol";
import {Validation} from "./Validation.sol";
import {Verdict, refuse, require_} from "./Verdicts.sol";
import {Waiting} from "./Waiting.sol";

/// Reads actions in the long form (docs/spec/evm.md) and runs their calls. What is made of this
/// runs in the wallet's place, called by Wallet, which puts three words behind the calldata: the
/// Solana program's id, the factory's address, and the hash of the code that makes a clone.
abstract contract WalletBase {
    using ActionReader for Action;
    using Configuration for Part;
    using Configuration for Rule;

    uint256 internal constant APPENDED = 96;
    uint256 internal constant HEAD_ACTION = 0x70;

    uint256 internal constant RULE_LOCAL = 0x40;
    uint256 internal constant RULE_RECOVERY = 0x80;

    uint256 private constant SOURCE_GENESIS = 0;
    uint256 private constant SOURCE_POLICY = 1;
    uint256 private constant SOURCE_RECOVERY = 2;

    /// keccak256("Latchkey local rule 1")
    bytes32 private constant LOCAL_RULE_TAG =
        0xd01e35be41cc25560bcec19c307501ef3dbf908a612c6b791e850ef6afddbba0;
    /// keccak256("Latchkey account 1")
    bytes32 private constant ACCOUNT_TAG =
        0x83996f8483d9df681fdbe18834450a5fe9366ca0f6c3e61c6695b7c2fadbee77;

    address private immutable SELF = address(this);

    /// Called by itself it is no wallet.
    function _requireWallet() internal view {
        require_(address(this) != SELF, Verdict.UNKNOWN_ACTION);
    }

    /// The calldata as it came.
    function _data() internal pure returns (bytes calldata) {
        unchecked {
            return msg.data[:msg.data.length - APPENDED];
        }
    }

    function _begin(Action memory action, uint256 number, bytes calldata data) internal pure {
        unchecked {
            uint256 position;
            assembly ("memory-safe") {
                position := data.offset
            }
            action.number = number;
            action.position = position;
            action.end = position + data.length;
            action.validUntil = type(uint256).max;
            action.deadline = ActionReader.NO_DEADLINE;
        }
    }

    /// flags(1) rule(1) source [recovery part] approvers(2) [deadline(5)] [gas(4)] [key(8)]
    function _open(Action memory action, uint256 allowed) internal view {
        _openRule(action, allowed);
        action.approvers = action.take(2);
        if (action.has(ActionReader.FLAG_DEADLINE)) {
            action.deadline = action.take(5);
        }
        if (action.has(ActionReader.FLAG_GAS)) {
            action.gasFloor = action.take(4);
        }
        if (action.has(ActionReader.FLAG_KEY)) {
            action.nonceKey = action.take(8);
            require_(action.nonceKey != 0, Verdict.NON_CANONICAL);
            // A session must not void approvals that wait.
            require_(!action.isLocal, Verdict.ACTION_NOT_ALLOWED);
        }
    }

    function _openRule(Action memory action, uint256 allowed) internal view {
        action.hot = Storage.load(Storage.HOT);
        action.flags = action.take(1);
        require_(action.flags & ~allowed == 0, Verdict.RESERVED_BITS);
        uint256 rule = action.take(1);
        action.ruleName = rule;
        if (rule == RULE_LOCAL) {
            _openLocal(action);
            return;
        }
        _openShared(action);
        action.part = action.shared;
        if (rule & RULE_RECOVERY != 0) {
            _openRecovery(action);
        }
        action.rule.readAt(action.part, rule & ~RULE_RECOVERY);
    }

    /// kind(1) size(2), genesis or shared part, what leads to its configId.
    function _openShared(Action memory action) internal view {
        unchecked {
            uint256 kind = action.take(1);
            uint256 size = action.take(2);
            uint256 start = action.takeBytes(size);
            action.sharedStart = start;
            action.shared.open(start + 1, start + size);
            if (kind == SOURCE_GENESIS) {
                require_(action.hot & Storage.CONFIGURED == 0, Verdict.GENESIS_SUPERSEDED);
                action.walletId = _proveGenesis(action.hot, bytesAt(start, size));
                action.parent = action.walletId;
            } else {
                require_(kind <= SOURCE_RECOVERY, Verdict.RESERVED_BITS);
                action.walletId = bytes32(action.take(32));
                bytes32 parent = bytes32(action.take(32));
                bool isRecovery = kind == SOURCE_RECOVERY;
                uint256 rule = isRecovery ? action.take(1) : 0;
                uint256 epoch = isRecovery ? action.take(4) : 0;
                action.parent = Changes.configIdOf(
                    action.walletId,
                    parent,
                    isRecovery ? ActionNumber.RECOVER : ActionNumber.POLICY,
                    rule,
                    epoch,
                    hashOf(start, size)
                );
                require_(
                    action.hot & Storage.CONFIGURED != 0
                        && uint256(action.parent) == Storage.load(Storage.CONFIGURATION),
                    Verdict.CONFIGURATION_CHANGED
                );
            }
            if (byteAt(start) & Configuration.HEADER_RECOVERY != 0) {
                action.rule.readAt(action.shared, action.shared.ruleCount() - 1);
                action.commitment = bytes32(wordAt(action.rule.end));
            }
        }
    }

    function _accountId(bytes memory genesis) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(ACCOUNT_TAG, uint256(uint160(address(this))), genesis));
    }

    /// The genesis is the one that this address was made of.
    function _proveGenesis(uint256 hot, bytes memory genesis)
        internal
        view
        returns (bytes32 walletId)
    {
        unchecked {
            if (hot & Storage.ADOPTED != 0) {
                walletId = _accountId(genesis);
                require_(
                    uint256(walletId) == Storage.load(Storage.CONFIGURATION), Verdict.STATE_ADDRESS
                );
                return walletId;
            }
            (bytes32 program, bytes32 factory, bytes32 cloneHash) =
                abi.decode(msg.data[msg.data.length - APPENDED:], (bytes32, bytes32, bytes32));
            walletId = sha256(abi.encodePacked(genesis, program, "ProgramDerivedAddress"));
            bytes32 hash =
                keccak256(abi.encodePacked(hex"ff", bytes20(factory << 96), walletId, cloneHash));
            require_(address(uint160(uint256(hash))) == address(this), Verdict.STATE_ADDRESS);
        }
    }

    /// size(2), the recovery part.
    function _openRecovery(Action memory action) internal view {
        unchecked {
            uint256 size = action.take(2);
            uint256 start = action.takeBytes(size);
            uint256 kept = uint256(action.commitment) & ((1 << 240) - 1);
            require_(
                action.commitment != 0 && uint256(hashOf(start, size)) >> 16 == kept,
                Verdict.RECOVERY_PART
            );
            action.recoveryAfter = Validation.validateRecoveryPart(start, start + size);
            action.recoveryEnd = start + size - Configuration.RECOVERY_SALT_SIZE;
            action.part = action.recovery;
            action.part.open(start + 1, action.recoveryEnd);
            action.parent = action.commitment;
        }
    }

    /// ruleId(32) walletId(32) configId(32) version(4) place(1) count(1) the other ids(32 each)
    /// size(2) rule
    function _openLocal(Action memory action) internal view {
        unchecked {
            bytes32 ruleId = bytes32(action.take(32));
            action.walletId = bytes32(action.take(32));
            bytes32 configId = bytes32(action.take(32));
            uint256 version = action.take(4);
            uint256 place = action.take(1);
            uint256 others = action.position;
            _skipList(action);
            uint256 size = action.take(2);
            uint256 start = action.takeBytes(size);
            bytes32 id = _localRuleId(action.walletId, configId, version, start, size);
            uint256 end = action.position;
            action.position = others;
            require_(
                _localList(action, place, id) == Storage.load(Storage.localList(ruleId)),
                Verdict.UNKNOWN_LOCAL_RULE
            );
            action.position = end;
            action.isLocal = true;
            action.parent = id;
            action.part.open(start, start + size);
            action.rule.readAt(action.part, 0);
        }
    }

    function _localRuleId(
        bytes32 walletId,
        bytes32 configId,
        uint256 version,
        uint256 start,
        uint256 size
    ) internal pure returns (bytes32) {
        return keccak256(
            abi.encodePacked(
                LOCAL_RULE_TAG, walletId, configId, uint32(version), bytesAt(start, size)
            )
        );
    }

    /// count(1) ids(32 each)
    function _skipList(Action memory action) internal pure {
        unchecked {
            uint256 count = action.take(1);
            action.position += count << 5;
        }
    }

    /// count(1) ids(32 each): the word of the list with `id` put in at `place`, or without it if
    /// `id` is 0.
    function _localList(Action memory action, uint256 place, bytes32 id)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            uint256 others = action.take(1);
            bytes32[] memory ids = new bytes32[](id == 0 ? others : others + 1);
            require_(id == 0 || place <= others, Verdict.UNKNOWN_LOCAL_RULE);
            for (uint256 i = 0; i < ids.length; ++i) {
                ids[i] = id != 0 && i == place ? id : bytes32(action.take(32));
            }
            if (ids.length == 0) {
                return 0;
            }
            return (uint256(keccak256(abi.encodePacked(ids))) & ~uint256(0xff)) | ids.length;
        }
    }

    /// The rule has the right, and holds.
    function _checkRule(Action memory action, uint256 right) internal view {
        unchecked {
            Rule memory rule = action.rule;
            Steps.requireRight(rule.actions, right);
            uint256 time =
                action.number == ActionNumber.USER_OPERATION ? action.time : block.timestamp;
            action.time = time;
            if (rule.times != 0) {
                uint256 start = rule.notBefore();
                uint256 expiry = rule.expiresAt();
                Steps.requireTimes(time, start, expiry);
                action.validAfter = start;
                action.validUntil = expiry - 1;
            }
        }
    }

    function _requireThawed(Action memory action) internal view {
        require_(block.timestamp >= Waiting.frozenUntil(action.hot), Verdict.FROZEN);
    }

    function _rightFor(uint256 number) internal pure returns (uint256) {
        if (number == ActionNumber.EXECUTE) return Configuration.EXECUTE;
        if (number == ActionNumber.GRANT || number == ActionNumber.REVOKE) {
            return Configuration.GRANT;
        }
        if (number == ActionNumber.POLICY) return Configuration.POLICY;
        if (number == ActionNumber.CANCEL) return Configuration.CANCEL;
        if (number == ActionNumber.FREEZE) return Configuration.FREEZE;
        if (number == ActionNumber.RECOVER) return Configuration.RECOVER;
        if (number == ActionNumber.UPGRADE) return Configuration.UPGRADE;
        refuse(Verdict.UNKNOWN_ACTION);
    }

    /// Opens an action with a nonce of the wallet, or with an epoch.
    function _openApproved(Action memory action) internal view {
        uint256 number = action.number;
        uint256 allowed = ActionReader.FLAG_TREE;
        if (number <= ActionNumber.REVOKE || number == ActionNumber.UPGRADE) {
            allowed |= ActionReader.FLAG_EXECUTOR | ActionReader.FLAG_DEADLINE
            | ActionReader.FLAG_KEY;
        }
        if (number == ActionNumber.EXECUTE) {
            allowed |= ActionReader.FLAG_GAS;
        }
        _open(action, allowed);
        _checkRule(action, _rightFor(number));
        require_(block.timestamp <= action.deadline, Verdict.DEADLINE_PASSED);
        Approvals.checkQuorum(action);
    }

    function _approve(Action memory action, bytes32 leaf) internal view {
        Approvals.verify(action, Leaves.digest(action, leaf));
    }

    /// Whether the action has become the proposal of its rule.
    function _waits(Action memory action, bytes memory body) internal returns (bool) {
        if (action.rule.wait == 0 && Waiting.guardOf(action) == 0) {
            return false;
        }
        Waiting.propose(action, body);
        Storage.store(Storage.HOT, action.hot);
        return true;
    }

    /// Uses the next number of the nonce lane, or of the local rule. Returns it as leaves have it.
    function _useNonce(Action memory action) internal returns (uint256 nonce) {
        unchecked {
            if (action.isLocal) {
                uint256 word = Storage.load(uint256(action.parent)) | Storage.LOCAL_WORD;
                (nonce, word) = Steps.useSequence(word);
                Storage.store(uint256(action.parent), word);
                return nonce & Storage.SEQUENCE_MASK;
            }
            if (action.nonceKey == 0) {
                (nonce, action.hot) = Steps.useSequence(action.hot);
                return nonce & Storage.SEQUENCE_MASK;
            }
            uint256 slot = Storage.nonce(action.nonceKey);
            uint256 next;
            (nonce, next) = Steps.useSequence(Storage.load(slot));
            Storage.store(slot, next);
            return (action.nonceKey << 64) | nonce;
        }
    }

    function _execute(Action memory action, Call[] memory calls, bytes memory body) internal {
        bytes32 hash = Calls.hash(calls);
        uint256 nonce = _useNonce(action);
        _approve(
            action,
            action.has(ActionReader.FLAG_GAS)
                ? Leaves.executeWithGas(action, nonce, hash, action.gasFloor)
                : Leaves.execute(action, nonce, hash)
        );
        if (_waits(action, body)) {
            // Whoever applies it chooses the gas.
            require_(!action.has(ActionReader.FLAG_GAS), Verdict.ACTION_NOT_ALLOWED);
            return;
        }
        _run(action, calls);
    }

    function _run(Action memory action, Call[] memory calls) internal {
        _requireThawed(action);
        Calls.checkTargets(calls, action.rule);
        if (action.rule.limits != 0) {
            Limits.book(action, calls, 0, _counters(action));
        }
        // Before the first call.
        Storage.store(Storage.HOT, action.hot);
        require_(gasleft() >= action.gasFloor, Verdict.GAS_TOO_LOW);
        Calls.run(calls);
    }

    function _counters(Action memory action) internal pure returns (uint256) {
        return
            action.isLocal
                ? uint256(action.parent)
                : Storage.counters(action.part.ruleId(action.rule));
    }
}
