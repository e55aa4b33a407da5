// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Account,
    Action,
    CONTRACT,
    Call,
    Configuration,
    ED25519,
    EIP191,
    EIP712,
    LOCAL_RULE,
    NO_DEADLINE,
    P256_KEY,
    PASSKEY,
    PROGRAM,
    RECOVERY_RULE,
    RecoveryPart,
    Rule,
    Session,
    Signer
} from "./Model.sol";
import {Vm} from "./Vm.sol";

/// Configurations and rules as bytes (docs/spec/authorization.md, sections 1 to 3).
library Encode {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    bytes32 private constant RULE_TAG = keccak256("Latchkey rule 1");
    bytes32 private constant LOCAL_RULE_TAG = keccak256("Latchkey local rule 1");
    bytes32 private constant CONFIGURATION_TAG = keccak256("Latchkey configuration 1");

    function keyOf(Signer memory signer) internal pure returns (bytes memory) {
        if (signer.kind == EIP712 || signer.kind == EIP191) {
            return abi.encodePacked(vm.addr(signer.key));
        }
        if (signer.kind == P256_KEY || signer.kind == PASSKEY) {
            (uint256 x, uint256 y) = vm.publicKeyP256(signer.key);
            bytes memory point = abi.encodePacked(uint8(2 + (y & 1)), x);
            return signer.kind == P256_KEY ? point : bytes.concat(point, sha256(bytes(signer.rpId)));
        }
        if (signer.kind == CONTRACT) {
            return abi.encodePacked(signer.chain, signer.code);
        }
        bytes32 hash = keccak256(abi.encode(signer.kind, signer.key));
        return signer.kind == PROGRAM ? abi.encode(hash, ~hash) : abi.encode(hash);
    }

    function head(Signer memory signer) internal pure returns (uint8) {
        return signer.kind | (signer.sameParty ? 0x10 : 0) | (signer.option ? 0x20 : 0);
    }

    function signers(Signer[] memory list) internal pure returns (bytes memory data) {
        for (uint256 i = 0; i < list.length; ++i) {
            data = abi.encodePacked(data, head(list[i]), keyOf(list[i]));
        }
    }

    function blocks(Rule memory rule) internal pure returns (bytes memory) {
        return abi.encodePacked(
            rule.times,
            rule.scope,
            rule.limits,
            rule.wait == 0 ? bytes("") : abi.encodePacked(rule.wait)
        );
    }

    function quorum(Rule memory rule) internal pure returns (uint8 value) {
        value = rule.threshold - 1;
        if (rule.times.length != 0) value |= 0x10;
        if (rule.scope.length != 0) value |= 0x20;
        if (rule.limits.length != 0) value |= 0x40;
        if (rule.wait != 0) value |= 0x80;
    }

    function rules(Rule[] memory list, uint256 count) internal pure returns (bytes memory data) {
        for (uint256 i = 0; i < list.length; ++i) {
            Rule memory rule = list[i];
            bytes memory mask;
            if (count > 8) mask = abi.encodePacked(rule.mask);
            else if (count > 1) mask = abi.encodePacked(uint8(rule.mask));
            data = abi.encodePacked(data, rule.actions, quorum(rule), mask, blocks(rule));
        }
    }

    function counts(uint256 signerCount, uint256 ruleCount) internal pure returns (uint8) {
        return uint8((signerCount - 1) | ((ruleCount - 1) << 4));
    }

    /// What follows the signers: rules and recovery.
    function rest(Configuration memory configuration) internal pure returns (bytes memory data) {
        data = rules(configuration.rules, configuration.signers.length);
        if (configuration.recovery != 0) data = bytes.concat(data, configuration.recovery);
    }

    function header(Configuration memory configuration) internal pure returns (uint8 value) {
        value = 0x10;
        if (configuration.recovery != 0) value |= 1;
        if (configuration.salt.length == 16) value |= 2;
        if (configuration.lockdown) value |= 4;
    }

    /// A shared part; with a salt a genesis.
    function bytesOf(Configuration memory value) internal pure returns (bytes memory) {
        return abi.encodePacked(
            header(value),
            counts(value.signers.length, value.rules.length),
            signers(value.signers),
            rest(value),
            value.salt
        );
    }

    function recoveryPart(RecoveryPart memory part) internal pure returns (bytes memory) {
        return abi.encodePacked(
            uint8(0x10),
            counts(part.signers.length, part.rules.length),
            signers(part.signers),
            rules(part.rules, part.signers.length),
            afterRules(part),
            part.salt
        );
    }

    function afterRules(RecoveryPart memory part) internal pure returns (bytes memory) {
        return abi.encodePacked(
            counts(part.afterSigners, part.after_.length), rules(part.after_, part.afterSigners)
        );
    }

    function commitment(RecoveryPart memory part, uint16 guardHours)
        internal
        pure
        returns (bytes32)
    {
        uint256 hash = uint256(keccak256(recoveryPart(part)));
        return bytes32((uint256(guardHours) << 240) | (hash >> 16));
    }

    function localRule(Signer[] memory list, Rule memory rule)
        internal
        pure
        returns (bytes memory)
    {
        Rule[] memory one = new Rule[](1);
        one[0] = rule;
        return abi.encodePacked(counts(list.length, 1), signers(list), rules(one, list.length));
    }

    function ruleId(Configuration memory value, uint256 index) internal pure returns (bytes32) {
        Rule memory rule = value.rules[index];
        bytes memory entries;
        bool isJoined = false;
        for (uint256 i = 0; i < value.signers.length; ++i) {
            Signer memory signer = value.signers[i];
            isJoined = isJoined && signer.sameParty;
            if ((rule.mask >> i) & 1 != 0) {
                uint8 first = (head(signer) & ~uint8(0x10)) | (isJoined ? 0x10 : 0);
                entries = abi.encodePacked(entries, first, keyOf(signer));
                isJoined = true;
            }
        }
        return keccak256(
            abi.encodePacked(
                RULE_TAG, rule.threshold, entries, rule.actions, quorum(rule), blocks(rule)
            )
        );
    }

    function localRuleId(bytes32 walletId, bytes32 configId, uint32 version, bytes memory rule)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encodePacked(LOCAL_RULE_TAG, walletId, configId, version, rule));
    }

    function configIdAfter(
        bytes32 walletId,
        bytes32 parent,
        uint256 action,
        uint256 rule,
        uint256 epoch,
        bytes memory shared
    ) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(CONFIGURATION_TAG, walletId, parent, action, rule, epoch, keccak256(shared))
        );
    }

    // --- conditions -----------------------------------------------------------------------------------

    function times(uint64 notBefore, uint64 expiresAt) internal pure returns (bytes memory) {
        return abi.encodePacked(notBefore, expiresAt);
    }

    /// Any call to these, which ascend.
    function scope(address[] memory targets) internal pure returns (bytes memory data) {
        data = abi.encodePacked(uint8(targets.length));
        for (uint256 i = 0; i < targets.length; ++i) {
            data = abi.encodePacked(data, uint256(uint160(targets[i])), uint8(0));
        }
    }

    function scope(address target, bytes memory prefix) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(1), uint256(uint160(target)), uint8(prefix.length), prefix);
    }

    function limit(address token, uint8 scale, uint64 perCall, uint64 perPeriod, uint32 period)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(
            (uint256(scale) << 248) | uint256(uint160(token)), perCall, perPeriod, period
        );
    }

    function limits(bytes memory first) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(1), first);
    }

    function limits(bytes memory first, bytes memory second) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(2), first, second);
    }
}
