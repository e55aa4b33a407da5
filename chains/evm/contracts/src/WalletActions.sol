// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Action, ActionNumber, ActionReader} from "./Action.sol";
import {Call, Calls} from "./Calls.sol";
import {Changes} from "./Changes.sol";
import {Configuration, Part, Rule} from "./Configuration.sol";
import {Leaves} from "./Leaves.sol";
import {byteAt, bytesAt, hashOf} from "./Memory.sol";
import {Storage} from "./Storage.sol";
import {Validation} from "./Validation.sol";
import {Verdict, require_} from "./Verdicts.sol";
import {Waiting} from "./Waiting.sol";
import {WalletBase} from "./WalletBase.sol";

/// All actions, under all rules, in the long form (docs/spec/evm.md).
contract WalletActions is WalletBase {
    using ActionReader for Action;
    using Configuration for Part;
    using Configuration for Rule;

    uint256 private constant MAXIMUM_LOCAL_RULES = 16;
    /// Only Wallet's short form of `grant` calls with it: from outside it does not get here.
    uint256 private constant HEAD_APPROVED_GRANT = 0x80;

    event Granted(bytes32 indexed localRuleId, bytes32 ruleId, uint32 version, bytes localRule);
    event Revoked(bytes32 indexed localRuleId, bytes32 ruleId);
    event Upgraded(address indexed implementation);

    receive() external payable {}

    fallback() external payable {
        _requireWallet();
        uint256 head = uint256(uint8(msg.data[0]));
        uint256 number = head & 0x0f;
        if (head == HEAD_APPROVED_GRANT) {
            _grantApproved();
            return;
        }
        require_(head & 0xf0 == HEAD_ACTION && number != 0, Verdict.UNKNOWN_ACTION);
        if (number == ActionNumber.APPLY) {
            _apply();
        } else {
            _act(number);
        }
    }

    function _act(uint256 number) private {
        unchecked {
            Action memory action;
            _begin(action, number, _data());
            action.position += 1;
            _openApproved(action);
            if (number == ActionNumber.EXECUTE) {
                uint256 start = action.position;
                Call[] memory calls = Calls.read(action);
                _execute(action, calls, _bodyFrom(action, start));
            } else if (number == ActionNumber.GRANT) {
                uint256 list = action.position;
                _skipList(action);
                uint256 start = action.position;
                (uint256 rule, uint256 size) = _readGrant(action);
                bytes memory body = _bodyFrom(action, start);
                _approve(action, Leaves.grant(action, _useNonce(action), hashOf(rule, size)));
                if (!_waits(action, body)) {
                    _grant(action, list, rule, size);
                }
            } else if (number == ActionNumber.REVOKE) {
                _revoke(action);
            } else if (number == ActionNumber.POLICY || number == ActionNumber.RECOVER) {
                uint256 start = action.position;
                (uint256 epoch, uint256 content, uint256 size) = _readChange(action);
                bytes memory body = _bodyFrom(action, start);
                _approve(action, Leaves.change(action, epoch, hashOf(content, size)));
                Waiting.requireEpoch(action, epoch);
                (uint256 shared, uint256 end) = _readShared(action, content, size);
                if (!_waits(action, body)) {
                    if (number == ActionNumber.RECOVER) {
                        Waiting.bumpEpoch(action);
                    }
                    _change(action, epoch, shared, end);
                }
            } else if (number == ActionNumber.UPGRADE) {
                uint256 start = action.position;
                (address implementation, bytes32 codeHash) = _readUpgrade(action);
                bytes memory body = _bodyFrom(action, start);
                _approve(
                    action, Leaves.upgrade(action, _useNonce(action), implementation, codeHash)
                );
                // Nobody's code changes without notice.
                require_(action.rule.wait != 0, Verdict.ACTION_NOT_ALLOWED);
                _waits(action, body);
            } else {
                _endOrFreeze(action);
            }
        }
    }

    /// rule, source and recovery part as in other actions, then the action that waits: number(1),
    /// body.
    /// A grant brings the ids of the present local rules before its body.
    function _apply() private {
        unchecked {
            Action memory action;
            _begin(action, ActionNumber.APPLY, _data());
            action.position += 1;
            _openRule(action, 0);
            uint256 number = action.take(1);
            action.number = number;
            require_(!action.isLocal, Verdict.NOTHING_WAITS);
            _checkRule(action, _rightFor(number));
            uint256 list = action.position;
            if (number == ActionNumber.GRANT) {
                _skipList(action);
            }
            uint256 start = action.position;
            if (number == ActionNumber.EXECUTE) {
                Call[] memory calls = Calls.read(action);
                _take(action, start);
                _run(action, calls);
            } else if (number == ActionNumber.GRANT) {
                (uint256 rule, uint256 size) = _readGrant(action);
                _take(action, start);
                _grant(action, list, rule, size);
            } else if (number == ActionNumber.UPGRADE) {
                (address implementation, bytes32 codeHash) = _readUpgrade(action);
                _take(action, start);
                _upgrade(action, implementation, codeHash);
            } else {
                require_(
                    number == ActionNumber.POLICY || number == ActionNumber.RECOVER,
                    Verdict.NOTHING_WAITS
                );
                (uint256 epoch, uint256 content, uint256 size) = _readChange(action);
                _take(action, start);
                (uint256 shared, uint256 end) = _readShared(action, content, size);
                _change(action, epoch, shared, end);
            }
        }
    }

    function _bodyFrom(Action memory action, uint256 start)
        private
        pure
        returns (bytes memory body)
    {
        unchecked {
            uint256 size = action.position - start;
            body = new bytes(size);
            assembly ("memory-safe") {
                calldatacopy(add(body, 0x20), start, size)
            }
        }
    }

    function _take(Action memory action, uint256 start) private {
        action.close();
        Waiting.take(action, keccak256(_bodyFrom(action, start)));
    }

    // grant and revoke

    /// size(2), the local rule.
    function _readGrant(Action memory action) private pure returns (uint256 rule, uint256 size) {
        size = action.take(2);
        rule = action.takeBytes(size);
    }

    /// A grant whose configuration and approvals Wallet has checked; its nonce is still to be used.
    function _grantApproved() private {
        Action memory action;
        _begin(action, ActionNumber.GRANT, _data());
        action.position += 1;
        uint256 index = action.take(1);
        action.walletId = bytes32(action.take(32));
        action.parent = bytes32(action.take(32));
        uint256 size = action.take(2);
        uint256 start = action.takeBytes(size);
        action.part.open(start + 1, start + size);
        action.rule.readAt(action.part, index);
        action.hot = Storage.load(Storage.HOT) + 1;
        uint256 list = action.position;
        _skipList(action);
        (uint256 rule, uint256 ruleSize) = _readGrant(action);
        _grant(action, list, rule, ruleSize);
    }

    /// `list`: count(1) and ids(32 each) of the local rules that this rule has granted and that
    /// live.
    function _grant(Action memory action, uint256 list, uint256 rule, uint256 size) private {
        unchecked {
            _requireThawed(action);
            Validation.checkGrant(action.rule, Validation.validateLocalRule(rule, rule + size));
            bytes32 ruleId = action.part.ruleId(action.rule);
            uint256 slot = Storage.localList(ruleId);
            (uint256 ids, uint256 count) = _readIds(list);
            require_(_listWord(ids, count) == Storage.load(slot), Verdict.UNKNOWN_LOCAL_RULE);
            require_(
                (action.hot >> Storage.LOCAL_RULES_SHIFT) & 0xff < MAXIMUM_LOCAL_RULES,
                Verdict.TOO_MANY_LOCAL_RULES
            );
            action.hot += (1 << Storage.LOCAL_RULES_SHIFT) + (1 << Storage.VERSION_SHIFT);
            uint256 version = uint32(action.hot >> Storage.VERSION_SHIFT);
            bytes32 id = _localRuleId(action.walletId, action.parent, version, rule, size);
            assembly ("memory-safe") {
                mstore(add(ids, shl(5, count)), id)
            }
            Storage.store(slot, _listWord(ids, count + 1));
            Storage.store(Storage.HOT, action.hot);
            emit Granted(id, ruleId, uint32(version), bytesAt(rule, size));
        }
    }

    /// count(1) ids(32 each) of calldata, copied; there is room for one more behind them.
    function _readIds(uint256 list) private pure returns (uint256 ids, uint256 count) {
        assembly ("memory-safe") {
            count := byte(0, calldataload(list))
            ids := mload(0x40)
            calldatacopy(ids, add(list, 1), shl(5, count))
            mstore(0x40, add(ids, shl(5, add(count, 1))))
        }
    }

    function _listWord(uint256 ids, uint256 count) private pure returns (uint256) {
        unchecked {
            return count == 0 ? 0 : (uint256(hashOf(ids, count << 5)) & ~uint256(0xff)) | count;
        }
    }

    /// ruleId(32) place(1) count(1) the other ids(32 each) localRuleId(32): whose it is and where
    /// it stands there are not signed.
    function _revoke(Action memory action) private {
        unchecked {
            bytes32 ruleId = bytes32(action.take(32));
            uint256 place = action.take(1);
            uint256 others = action.position;
            _skipList(action);
            bytes32 id = bytes32(action.take(32));
            uint256 next = action.position;
            uint256 slot = Storage.localList(ruleId);
            action.position = others;
            bool isThere = id != 0 && _localList(action, place, id) == Storage.load(slot);
            require_(isThere, Verdict.UNKNOWN_LOCAL_RULE);
            action.position = others;
            uint256 rest = _localList(action, 0, 0);
            action.position = next;
            _approve(action, Leaves.revoke(action, _useNonce(action), id));
            Storage.store(slot, rest);
            action.hot =
                action.hot - (1 << Storage.LOCAL_RULES_SHIFT) + (1 << Storage.VERSION_SHIFT);
            Storage.store(Storage.HOT, action.hot);
            emit Revoked(id, ruleId);
        }
    }

    // policy and recover

    /// epoch(4) size(2), the new shared part or the new signers.
    function _readChange(Action memory action)
        private
        pure
        returns (uint256 epoch, uint256 content, uint256 size)
    {
        require_(
            (action.number == ActionNumber.RECOVER) == (action.ruleName & RULE_RECOVERY != 0),
            Verdict.ACTION_NOT_ALLOWED
        );
        epoch = action.take(4);
        size = action.take(2);
        content = action.takeBytes(size);
    }

    /// The new shared part, validated. A recovery puts the new signers before the rules that it
    /// restores.
    function _readShared(Action memory action, uint256 content, uint256 size)
        private
        view
        returns (uint256 start, uint256 end)
    {
        unchecked {
            start = content;
            end = content + size;
            if (action.number == ActionNumber.RECOVER) {
                require_(size <= Validation.MAXIMUM_SHARED, Verdict.CONFIGURATION_TOO_LONG);
                uint256 after_ = action.recoveryAfter;
                bytes memory shared = abi.encodePacked(
                    uint8(Configuration.VERSION | Configuration.HEADER_RECOVERY),
                    uint8(byteAt(after_)),
                    bytesAt(content, size),
                    bytesAt(after_ + 1, action.recoveryEnd - after_ - 1),
                    action.commitment
                );
                assembly ("memory-safe") {
                    start := add(shared, 0x20)
                }
                end = start + shared.length;
            }
            Validation.validateShared(start, end, false);
            if (action.number == ActionNumber.RECOVER) {
                // Rules that were slipped in among the signers must not take the place of the real
                // ones.
                Part memory part;
                part.open(start + 1, end);
                require_(part.rules == start + 2 + size, Verdict.CONFIGURATION_TRAILING);
            }
        }
    }

    function _change(Action memory action, uint256 epoch, uint256 start, uint256 end) private {
        if (action.number == ActionNumber.POLICY) {
            _requireThawed(action);
        }
        Changes.replace(action, start, end, epoch);
    }

    // cancel and freeze

    /// epoch(4), target of the cancel or whether the freeze is lifted (1).
    function _endOrFreeze(Action memory action) private {
        uint256 epoch = action.take(4);
        uint256 content = action.take(1);
        _approve(action, Leaves.change(action, epoch, keccak256(abi.encodePacked(uint8(content)))));
        if (action.number == ActionNumber.CANCEL) {
            Waiting.cancel(action, epoch, content);
        } else {
            Waiting.freeze(action, epoch, content);
        }
        Storage.store(Storage.HOT, action.hot);
    }

    // upgrade

    /// implementation(20) codeHash(32)
    function _readUpgrade(Action memory action)
        private
        pure
        returns (address implementation, bytes32 codeHash)
    {
        implementation = address(uint160(action.take(20)));
        codeHash = bytes32(action.take(32));
    }

    function _upgrade(Action memory action, address implementation, bytes32 codeHash) private {
        _requireThawed(action);
        require_(
            implementation.code.length != 0 && implementation.codehash == codeHash
                && !_isDelegation(implementation),
            Verdict.UPGRADE_CODE
        );
        // ERC-1822: the code says that it is made to stand here. Code that would forward again, as
        // Wallet does, would end the wallet.
        (bool done, bytes memory answer) =
            implementation.staticcall(abi.encodeWithSignature("proxiableUUID()"));
        require_(
            done && answer.length == 32 && uint256(bytes32(answer)) == Storage.IMPLEMENTATION,
            Verdict.UPGRADE_CODE
        );
        if (action.hot & Storage.CONFIGURED == 0) {
            // The new code cannot prove a genesis by this address.
            Storage.store(Storage.CONFIGURATION, uint256(action.walletId));
        }
        Storage.store(Storage.IMPLEMENTATION, uint160(implementation));
        Storage.store(Storage.HOT, action.hot | Storage.UPGRADED);
        emit Upgraded(implementation);
    }

    /// An account whose code is another's as long as its key wants (EIP-7702): the hash says only
    /// whose it is now.
    function _isDelegation(address account) private view returns (bool) {
        uint256 start;
        assembly ("memory-safe") {
            mstore(0x00, 0)
            extcodecopy(account, 0x00, 0, 3)
            start := shr(232, mload(0x00))
        }
        return start == 0xef0100;
    }
}
