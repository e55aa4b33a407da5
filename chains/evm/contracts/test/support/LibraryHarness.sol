// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Action, ActionNumber, ActionReader} from "../../src/Action.sol";
import {Approvals} from "../../src/Approvals.sol";
import {Call} from "../../src/Calls.sol";
import {Changes} from "../../src/Changes.sol";
import {Configuration, Part, Rule} from "../../src/Configuration.sol";
import {Leaves} from "../../src/Leaves.sol";
import {Limits} from "../../src/Limits.sol";
import {startOf} from "../../src/Memory.sol";
import {Storage} from "../../src/Storage.sol";
import {Validation} from "../../src/Validation.sol";
import {Verdict, require_} from "../../src/Verdicts.sol";
import {WalletBase} from "../../src/WalletBase.sol";

/// What the contracts are made of, one function at a time, as the shared vectors need it.
contract LibraryHarness is WalletBase {
    using Configuration for Part;
    using Configuration for Rule;

    // --- configurations ---------------------------------------------------------------------------------------

    /// The bytes with zeros behind them, as the contracts have them.
    function _copy(bytes memory data) private pure returns (uint256 start, uint256 end) {
        bytes memory copy = bytes.concat(data, bytes32(0));
        start = startOf(copy);
        end = start + data.length;
    }

    function validateShared(bytes calldata data, bool isGenesis) external view {
        (uint256 start, uint256 end) = _copy(data);
        Validation.validateShared(start, end, isGenesis);
    }

    function validateLocalRule(bytes calldata data) external view {
        (uint256 start, uint256 end) = _copy(data);
        Validation.validateLocalRule(start, end);
    }

    function validateRecoveryPart(bytes calldata data) external view {
        (uint256 start, uint256 end) = _copy(data);
        Validation.validateRecoveryPart(start, end);
    }

    function _open(bytes calldata data, uint256 header, uint256 index)
        private
        pure
        returns (Part memory part, Rule memory rule)
    {
        (uint256 start, uint256 end) = _copy(data);
        part.open(start + header, end);
        rule.readAt(part, index);
    }

    function ruleId(bytes calldata shared, uint256 index) external pure returns (bytes32) {
        (Part memory part, Rule memory rule) = _open(shared, 1, index);
        return part.ruleId(rule);
    }

    function localRuleId(bytes32 walletId, bytes32 configId, uint256 version, bytes calldata data)
        external
        pure
        returns (bytes32)
    {
        (uint256 start,) = _copy(data);
        return _localRuleId(walletId, configId, version, start, data.length);
    }

    function checkGrant(bytes calldata shared, uint256 index, bytes calldata localRule)
        external
        pure
    {
        (, Rule memory granting) = _open(shared, 1, index);
        (, Rule memory local) = _open(localRule, 0, 0);
        require_(granting.actions & _rightFor(ActionNumber.GRANT) != 0, Verdict.ACTION_NOT_ALLOWED);
        Validation.checkGrant(granting, local);
    }

    function configIdOf(
        bytes32 walletId,
        bytes32 parent,
        uint256 action,
        uint256 rule,
        uint256 epoch,
        bytes calldata shared
    ) external pure returns (bytes32) {
        return Changes.configIdOf(walletId, parent, action, rule, epoch, keccak256(shared));
    }

    // --- conditions -------------------------------------------------------------------------------------------

    function checkTimes(bytes calldata localRule) external view {
        Action memory action;
        (, action.rule) = _open(localRule, 0, 0);
        action.number = ActionNumber.EXECUTE;
        _checkRule(action, Configuration.EXECUTE);
    }

    function checkScope(bytes calldata localRule, bytes32 target, bytes calldata data)
        external
        pure
    {
        (, Rule memory rule) = _open(localRule, 0, 0);
        (uint256 start,) = _copy(data);
        require_(
            rule.scope == 0
                || Configuration.scopeAllows(rule.scope, uint256(target), start, data.length),
            Verdict.TARGET_NOT_ALLOWED
        );
    }

    /// `localRule` has one limit, of ether. Returns the counter that it leaves.
    function book(bytes calldata localRule, uint256 word, uint256 now_, uint256 outflow)
        external
        returns (uint256)
    {
        Action memory action;
        (, action.rule) = _open(localRule, 0, 0);
        action.time = now_;
        uint256 slot = Storage.counters(0);
        Storage.store(slot, word);
        Call[] memory calls = new Call[](1);
        calls[0].to = address(1);
        calls[0].value = outflow;
        Limits.book(action, calls, 0, slot);
        return Storage.load(slot);
    }

    // --- leaves, trees and evidence ------------------------------------------------------------------------------

    function changeLeaf(
        bytes32 walletId,
        bytes32 parent,
        uint256 number,
        uint256 rule,
        uint256 epoch,
        bytes calldata content
    ) external pure returns (bytes32) {
        Action memory action;
        action.walletId = walletId;
        action.parent = parent;
        action.number = number;
        action.ruleName = rule;
        return Leaves.change(action, epoch, keccak256(content));
    }

    function digestOf(bytes32 approvalHash) external pure returns (bytes32) {
        return Leaves.ofLeaf(approvalHash);
    }

    /// `tree`: height, index, siblings.
    function digestOfTree(bytes32 leaf, bytes calldata tree) external pure returns (bytes32) {
        Action memory action;
        _begin(action, 0, tree);
        action.flags = ActionReader.FLAG_TREE;
        return Leaves.digest(action, leaf);
    }

    /// One signer's evidence in the long form.
    function verify(bytes calldata entry, bytes calldata evidence, bytes32 digest) external view {
        Action memory action;
        _begin(action, 0, evidence);
        (uint256 start, uint256 end) = _copy(bytes.concat(hex"00", entry));
        action.part.open(start, end);
        action.approvers = 1;
        Approvals.verify(action, digest);
    }
}
