// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {byteAt, hashOf, uintAt, wordAt} from "./Memory.sol";
import {Steps} from "./Steps.sol";
import {Verdict, require_} from "./Verdicts.sol";

/// A rule's fields (docs/spec/authorization.md, section 1). Blocks are addresses in memory, 0 when
/// absent; those of scope and limits point at their count.
struct Rule {
    uint256 actions;
    uint256 quorum;
    uint256 mask;
    uint256 times;
    uint256 scope;
    uint256 limits;
    /// The WAIT block: bit 31 TIE, the others the delay in seconds; 0 without one.
    uint256 wait;
    /// Of the rule, of what follows its mask, and behind it.
    uint256 start;
    uint256 blocks;
    uint256 end;
}

/// Where signers and rules stand: the counts, the byte behind what may be read, and the first rule.
struct Part {
    uint256 counts;
    uint256 end;
    uint256 rules;
}

/// Reads canonical bytes that were validated, or whose hash is known, and stays inside them.
library Configuration {
    uint256 internal constant VERSION = 0x10;
    uint256 internal constant HEADER_RECOVERY = 0x01;
    uint256 internal constant HEADER_LONG_SALT = 0x02;
    uint256 internal constant HEADER_LOCKDOWN = 0x04;

    uint256 internal constant KIND_MASK = 0x0f;
    uint256 internal constant SAME_PARTY = 0x10;
    uint256 internal constant OPTION = 0x20;

    uint256 internal constant ED25519 = 1;
    uint256 internal constant SECP256K1_EIP712 = 2;
    uint256 internal constant SECP256K1_EIP191 = 3;
    uint256 internal constant P256 = 4;
    uint256 internal constant WEBAUTHN = 5;
    uint256 internal constant PROGRAM = 6;
    uint256 internal constant CONTRACT = 7;

    uint256 internal constant EXECUTE = 0x01;
    uint256 internal constant GRANT = 0x02;
    uint256 internal constant POLICY = 0x04;
    uint256 internal constant MESSAGE = 0x08;
    uint256 internal constant RECOVER = 0x10;
    uint256 internal constant UPGRADE = 0x20;
    uint256 internal constant CANCEL = 0x40;
    uint256 internal constant FREEZE = 0x80;

    uint256 internal constant THRESHOLD_MASK = Steps.THRESHOLD_MASK;
    uint256 internal constant TIMES = 0x10;
    uint256 internal constant SCOPE = 0x20;
    uint256 internal constant LIMITS = 0x40;
    uint256 internal constant WAIT = 0x80;

    uint256 internal constant LIMIT_SIZE = 52;
    uint256 internal constant TARGET_HEAD = 33;
    uint256 internal constant RECOVERY_SIZE = 32;
    uint256 internal constant RECOVERY_SALT_SIZE = 16;
    uint256 internal constant TIE = 1 << 31;
    uint256 internal constant NEVER = type(uint64).max;

    /// keccak256("Latchkey rule 1")
    bytes32 internal constant RULE_TAG =
        0x8c6c1a87ac353df4cd7329e2dcf1be650c9ac584abdbbdf14ecdf74a30bc18f9;

    /// Key bytes of a kind 1 to 7; 0 for any other.
    function keySize(uint256 kind) internal pure returns (uint256) {
        return (0x1c40412114142000 >> (kind << 3)) & 0xff;
    }

    function signerCount(Part memory part) internal pure returns (uint256) {
        unchecked {
            return (byteAt(part.counts) & 0x0f) + 1;
        }
    }

    function ruleCount(Part memory part) internal pure returns (uint256) {
        unchecked {
            return (byteAt(part.counts) >> 4) + 1;
        }
    }

    function nextSigner(uint256 entry) internal pure returns (uint256) {
        unchecked {
            uint256 size = keySize(byteAt(entry) & KIND_MASK);
            require_(size != 0, Verdict.SIGNER_KIND);
            return entry + 1 + size;
        }
    }

    /// Signers and rules whose counts stand at `counts`; both end before `end`.
    function open(Part memory part, uint256 counts, uint256 end) internal pure {
        unchecked {
            require_(counts < end, Verdict.CONFIGURATION_TRUNCATED);
            part.counts = counts;
            part.end = end;
            uint256 position = counts + 1;
            for (uint256 left = signerCount(part); left != 0; --left) {
                require_(position < end, Verdict.CONFIGURATION_TRUNCATED);
                position = nextSigner(position);
            }
            require_(position <= end, Verdict.CONFIGURATION_TRUNCATED);
            part.rules = position;
        }
    }

    // Structs are filled rather than returned: a return value costs its zeroes first.

    /// Reads the rule at `position`, written for `signers` signers.
    function read(Rule memory rule, uint256 position, uint256 end, uint256 signers) internal pure {
        unchecked {
            rule.times = 0;
            rule.scope = 0;
            rule.limits = 0;
            rule.wait = 0;
            rule.start = position;
            rule.actions = byteAt(position);
            uint256 quorum = byteAt(position + 1);
            rule.quorum = quorum;
            position += 2;
            if (signers == 1) {
                rule.mask = 1;
            } else {
                uint256 size = signers > 8 ? 2 : 1;
                rule.mask = uintAt(position, size);
                position += size;
            }
            rule.blocks = position;
            if (quorum & TIMES != 0) {
                rule.times = position;
                position += 16;
            }
            if (quorum & SCOPE != 0) {
                rule.scope = position;
                for (uint256 left = byteAt(position++); left != 0; --left) {
                    position += TARGET_HEAD;
                    require_(position <= end, Verdict.CONFIGURATION_TRUNCATED);
                    position += byteAt(position - 1);
                }
            }
            if (quorum & LIMITS != 0) {
                require_(position < end, Verdict.CONFIGURATION_TRUNCATED);
                rule.limits = position;
                position += 1 + byteAt(position) * LIMIT_SIZE;
            }
            if (quorum & WAIT != 0) {
                rule.wait = uintAt(position, 4);
                position += 4;
            }
            rule.end = position;
            require_(position <= end, Verdict.CONFIGURATION_TRUNCATED);
        }
    }

    function readAt(Rule memory rule, Part memory part, uint256 index) internal pure {
        unchecked {
            require_(index < ruleCount(part), Verdict.UNKNOWN_RULE);
            uint256 signers = signerCount(part);
            read(rule, part.rules, part.end, signers);
            for (; index != 0; --index) {
                read(rule, rule.end, part.end, signers);
            }
        }
    }

    function threshold(Rule memory rule) internal pure returns (uint256) {
        unchecked {
            return (rule.quorum & THRESHOLD_MASK) + 1;
        }
    }

    function delay(Rule memory rule) internal pure returns (uint256) {
        return rule.wait & ~TIE;
    }

    /// Distinct parties among the signers of `mask`.
    function parties(Part memory part, uint256 mask) internal pure returns (uint256 count) {
        unchecked {
            uint256 entry = part.counts + 1;
            bool isCounted = false;
            for (; mask != 0; mask >>= 1) {
                (count, isCounted) = Steps.countParty(
                    count, isCounted, byteAt(entry) & SAME_PARTY != 0, mask & 1 != 0
                );
                entry = nextSigner(entry);
            }
        }
    }

    function notBefore(Rule memory rule) internal pure returns (uint256) {
        return rule.times == 0 ? 0 : uintAt(rule.times, 8);
    }

    function expiresAt(Rule memory rule) internal pure returns (uint256) {
        unchecked {
            return rule.times == 0 ? type(uint256).max : uintAt(rule.times + 8, 8);
        }
    }

    /// Whether a target of the scope has this address and a prefix of this data.
    function scopeAllows(uint256 scope, uint256 target, uint256 data, uint256 size)
        internal
        pure
        returns (bool)
    {
        unchecked {
            uint256 position = scope + 1;
            for (uint256 left = byteAt(scope); left != 0; --left) {
                uint256 prefix = byteAt(position + 32);
                if (wordAt(position) == target && prefix <= size) {
                    if (
                        prefix == 0
                            || uintAt(position + TARGET_HEAD, prefix) == uintAt(data, prefix)
                    ) {
                        return true;
                    }
                }
                position += TARGET_HEAD + prefix;
            }
            return false;
        }
    }

    /// What names a rule beyond its configuration (section 2).
    function ruleId(Part memory part, Rule memory rule) internal pure returns (bytes32 id) {
        unchecked {
            uint256 free;
            assembly ("memory-safe") {
                free := mload(0x40)
            }
            uint256 to = free;
            _write(to, uint256(RULE_TAG));
            _write(to + 32, threshold(rule) << 248);
            to += 33;
            uint256 entry = part.counts + 1;
            uint256 sameParty = 0;
            for (uint256 mask = rule.mask; mask != 0; mask >>= 1) {
                uint256 head = byteAt(entry);
                uint256 next = nextSigner(entry);
                // SAME_PARTY as the rule sees it: whoever stands between two signers of the mask.
                sameParty &= head;
                if (mask & 1 != 0) {
                    to = _copy(to, entry, next - entry);
                    _writeByte(to - (next - entry), (head & ~SAME_PARTY) | sameParty);
                    sameParty = SAME_PARTY;
                }
                entry = next;
            }
            to = _copy(to, rule.start, 2);
            to = _copy(to, rule.blocks, rule.end - rule.blocks);
            id = hashOf(free, to - free);
        }
    }

    function _write(uint256 position, uint256 word) private pure {
        assembly ("memory-safe") {
            mstore(position, word)
        }
    }

    function _writeByte(uint256 position, uint256 value) private pure {
        assembly ("memory-safe") {
            mstore8(position, value)
        }
    }

    function _copy(uint256 to, uint256 from, uint256 size) private pure returns (uint256 end) {
        assembly ("memory-safe") {
            mcopy(to, from, size)
            end := add(to, size)
        }
    }
}
