// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Configuration, Part, Rule} from "./Configuration.sol";
import {byteAt, hashOf, uintAt, wordAt} from "./Memory.sol";
import {Verdict, require_} from "./Verdicts.sol";

/// Checks every rule of the format, once, when a configuration is accepted
/// (docs/spec/authorization.md, section 1). Keys are checked as far as this chain can: a P-256 key
/// begins with 0x02 or 0x03, no key is zero.
library Validation {
    using Configuration for Part;
    using Configuration for Rule;

    uint256 internal constant MAXIMUM_GENESIS = 480;
    uint256 internal constant MAXIMUM_SHARED = 4096;
    uint256 internal constant MAXIMUM_RECOVERY_PART = 1024;

    uint256 private constant SHARED_ACTIONS = 0xff & ~Configuration.RECOVER;
    uint256 private constant RECOVERY_ACTIONS =
        Configuration.RECOVER | Configuration.CANCEL | Configuration.FREEZE;

    uint256 private constant MAXIMUM_DELAY = 365 days;
    uint256 private constant MAXIMUM_TIE = Configuration.TIE + 30 days;
    uint256 private constant MAXIMUM_POLICY_DELAY = 90 days;
    uint256 private constant MAXIMUM_GUARD_HOURS = 90 * 24;
    uint256 private constant MARGIN = 2 days;

    /// What a part's rules may be, and what is known of those that were validated.
    struct Summary {
        uint256 allowed;
        /// A rule can change the configuration on this chain at any time, in 90 days at most.
        bool secures;
        /// The longest delay of a rule without `policy`.
        uint256 longestDelay;
        /// The shortest one of a rule with `policy` that one party can satisfy.
        uint256 soonestChange;
        /// Room for the rule that is looked at, and for one before it.
        Rule rule;
        Rule other;
    }

    /// A shared part that fills the bytes from `position` to `end`; in a genesis the salt follows
    /// it.
    function validateShared(uint256 position, uint256 end, bool isGenesis) internal view {
        unchecked {
            require_(
                end - position <= (isGenesis ? MAXIMUM_GENESIS : MAXIMUM_SHARED),
                Verdict.CONFIGURATION_TOO_LONG
            );
            require_(end - position > 1, Verdict.CONFIGURATION_TRUNCATED);
            uint256 header = byteAt(position);
            uint256 known = Configuration.HEADER_RECOVERY | Configuration.HEADER_LOCKDOWN;
            if (isGenesis) {
                known |= Configuration.HEADER_LONG_SALT;
            }
            require_(header & ~known == Configuration.VERSION, Verdict.CONFIGURATION_VERSION);
            Summary memory summary;
            summary.allowed = SHARED_ACTIONS;
            position = _validateRules(position + 1, end, summary);
            if (header & Configuration.HEADER_RECOVERY != 0) {
                uint256 guard = uintAt(position, 2);
                position += Configuration.RECOVERY_SIZE;
                require_(position <= end, Verdict.CONFIGURATION_TRUNCATED);
                require_(guard <= MAXIMUM_GUARD_HOURS, Verdict.RULE_WAIT);
                if (summary.soonestChange < guard * 1 hours) {
                    summary.soonestChange = guard * 1 hours;
                }
            }
            // What a delay holds back must not be had sooner by removing the delay.
            require_(
                summary.longestDelay == 0 || summary.soonestChange >= summary.longestDelay + MARGIN,
                Verdict.RULE_WAIT
            );
            require_(
                summary.secures || header & Configuration.HEADER_LOCKDOWN != 0, Verdict.LOCKOUT
            );
            uint256 salt = 0;
            if (isGenesis) {
                salt = header & Configuration.HEADER_LONG_SALT != 0 ? 16 : 1;
            }
            require_(end - position >= salt, Verdict.CONFIGURATION_TRUNCATED);
            require_(end - position == salt, Verdict.CONFIGURATION_TRAILING);
        }
    }

    /// The local rule that fills the bytes from `position` to `end`.
    function validateLocalRule(uint256 position, uint256 end) internal view returns (Rule memory) {
        unchecked {
            require_(end - position <= MAXIMUM_SHARED, Verdict.CONFIGURATION_TOO_LONG);
            require_(end > position, Verdict.CONFIGURATION_TRUNCATED);
            require_(byteAt(position) & 0xf0 == 0, Verdict.NON_CANONICAL);
            Summary memory summary;
            summary.allowed = Configuration.EXECUTE;
            require_(_validateRules(position, end, summary) == end, Verdict.CONFIGURATION_TRAILING);
            return summary.rule;
        }
    }

    /// A recovery part, except the rules of `after`, which are judged with the signers that a
    /// recovery names. Returns where its counts stand.
    function validateRecoveryPart(uint256 position, uint256 end)
        internal
        view
        returns (uint256 counts)
    {
        unchecked {
            require_(end - position <= MAXIMUM_RECOVERY_PART, Verdict.CONFIGURATION_TOO_LONG);
            require_(
                end - position >= 2 + Configuration.RECOVERY_SALT_SIZE,
                Verdict.CONFIGURATION_TRUNCATED
            );
            require_(byteAt(position) == Configuration.VERSION, Verdict.CONFIGURATION_VERSION);
            end -= Configuration.RECOVERY_SALT_SIZE;
            Summary memory summary;
            summary.allowed = RECOVERY_ACTIONS;
            counts = _validateRules(position + 1, end, summary);
            require_(counts < end, Verdict.CONFIGURATION_TRUNCATED);
        }
    }

    /// Whether `granting` allows at least what `local` does.
    function checkGrant(Rule memory granting, Rule memory local) internal pure {
        unchecked {
            if (granting.times != 0) {
                require_(
                    local.times != 0 && local.notBefore() >= granting.notBefore()
                        && local.expiresAt() <= granting.expiresAt(),
                    Verdict.LOCAL_RULE_TOO_BROAD
                );
            }
            if (granting.scope == 0) {
                return;
            }
            require_(local.scope != 0, Verdict.LOCAL_RULE_TOO_BROAD);
            uint256 target = local.scope + 1;
            for (uint256 left = byteAt(local.scope); left != 0; --left) {
                uint256 prefix = byteAt(target + 32);
                uint256 data = target + Configuration.TARGET_HEAD;
                require_(
                    Configuration.scopeAllows(granting.scope, wordAt(target), data, prefix),
                    Verdict.LOCAL_RULE_TOO_BROAD
                );
                target = data + prefix;
            }
        }
    }

    /// Signers and rules behind the counts at `position`. Returns where they end.
    function _validateRules(uint256 position, uint256 end, Summary memory summary)
        private
        view
        returns (uint256)
    {
        unchecked {
            Part memory part;
            part.counts = position;
            part.end = end;
            part.rules = _validateSigners(part);
            summary.soonestChange = Configuration.NEVER;
            uint256 count = part.ruleCount();
            position = part.rules;
            for (uint256 i = 0; i < count; ++i) {
                uint256 start = position;
                position = _validateRule(part, position, summary);
                // The same rule twice would be one ruleId with two budgets. A rule tells where it
                // ends,
                // so none is the beginning of another.
                uint256 other = part.rules;
                while (other != start) {
                    summary.other.read(other, end, part.signerCount());
                    uint256 next = summary.other.end;
                    require_(
                        next - other != position - start
                            || hashOf(other, next - other) != hashOf(start, position - start),
                        Verdict.RULE_DUPLICATE
                    );
                    other = next;
                }
            }
            return position;
        }
    }

    function _validateSigners(Part memory part) private pure returns (uint256 entry) {
        unchecked {
            uint256 first = part.counts + 1;
            entry = first;
            for (uint256 left = part.signerCount(); left != 0; --left) {
                require_(entry < part.end, Verdict.CONFIGURATION_TRUNCATED);
                uint256 head = byteAt(entry);
                uint256 kind = head & Configuration.KIND_MASK;
                uint256 size = Configuration.keySize(kind);
                require_(size != 0, Verdict.SIGNER_KIND);
                bool hasOption = kind == Configuration.ED25519 || kind == Configuration.WEBAUTHN;
                require_(
                    head & 0xc0 == 0 && (hasOption || head & Configuration.OPTION == 0)
                        && (entry != first || head & Configuration.SAME_PARTY == 0),
                    Verdict.SIGNER_FLAGS
                );
                require_(part.end - entry > size, Verdict.CONFIGURATION_TRUNCATED);
                require_(_isKey(kind, entry + 1), Verdict.SIGNER_KEY);
                // Kinds 2 and 3 share their keys, and 4 and 5 the first 33 bytes of theirs.
                uint256 compared = kind == Configuration.WEBAUTHN ? 33 : size;
                bytes32 key = hashOf(entry + 1, compared);
                uint256 other = first;
                while (other != entry) {
                    uint256 otherKind = byteAt(other) & Configuration.KIND_MASK;
                    uint256 otherSize =
                        otherKind == Configuration.WEBAUTHN ? 33 : Configuration.keySize(otherKind);
                    require_(
                        otherSize != compared || hashOf(other + 1, compared) != key,
                        Verdict.SIGNER_DUPLICATE
                    );
                    other = Configuration.nextSigner(other);
                }
                entry += 1 + size;
            }
        }
    }

    function _isKey(uint256 kind, uint256 key) private pure returns (bool) {
        unchecked {
            if (kind == Configuration.P256 || kind == Configuration.WEBAUTHN) {
                return byteAt(key) | 1 == 3;
            }
            if (kind == Configuration.CONTRACT) {
                return uintAt(key, 8) != 0 && uintAt(key + 8, 20) != 0;
            }
            return uintAt(key, 20) != 0;
        }
    }

    function _validateRule(Part memory part, uint256 position, Summary memory summary)
        private
        view
        returns (uint256)
    {
        uint256 signers = part.signerCount();
        Rule memory rule = summary.rule;
        rule.read(position, part.end, signers);
        _checkActions(rule, summary.allowed);
        require_(rule.mask != 0 && rule.mask >> signers == 0, Verdict.RULE_MASK);
        uint256 threshold = rule.threshold();
        require_(part.parties(rule.mask) >= threshold, Verdict.RULE_THRESHOLD);
        if (rule.times != 0) {
            uint256 start = rule.notBefore();
            uint256 expiry = rule.expiresAt();
            require_(
                start < expiry && (start != 0 || expiry != Configuration.NEVER), Verdict.RULE_TIMES
            );
        }
        if (rule.scope != 0) {
            _validateScope(rule.scope);
        }
        if (rule.limits != 0) {
            _validateLimits(rule.limits);
        }
        uint256 delay = rule.delay();
        if (rule.quorum & Configuration.WAIT != 0) {
            require_(
                delay != 0 && delay <= MAXIMUM_DELAY && rule.wait <= MAXIMUM_TIE
                    && summary.allowed != Configuration.EXECUTE,
                Verdict.RULE_WAIT
            );
        }
        if (rule.actions & Configuration.POLICY != 0) {
            if (threshold == 1 && delay < summary.soonestChange) {
                summary.soonestChange = delay;
            }
            if (rule.times == 0 && delay <= MAXIMUM_POLICY_DELAY) {
                uint256 usable = rule.mask & _usableHere(part);
                summary.secures = summary.secures || part.parties(usable) >= threshold;
            }
        } else if (delay > summary.longestDelay) {
            summary.longestDelay = delay;
        }
        return rule.end;
    }

    /// The signers that can approve on this chain.
    function _usableHere(Part memory part) private view returns (uint256 mask) {
        unchecked {
            uint256 entry = part.counts + 1;
            uint256 count = part.signerCount();
            for (uint256 i = 0; i < count; ++i) {
                uint256 kind = byteAt(entry) & Configuration.KIND_MASK;
                bool isUsable = kind != Configuration.ED25519 && kind != Configuration.PROGRAM;
                if (kind == Configuration.CONTRACT) {
                    isUsable = uintAt(entry + 1, 8) == block.chainid;
                }
                if (isUsable) {
                    mask |= 1 << i;
                }
                entry = Configuration.nextSigner(entry);
            }
        }
    }

    function _checkActions(Rule memory rule, uint256 allowed) private pure {
        uint256 actions = rule.actions;
        require_(
            actions != 0 && actions & ~allowed == 0
                && actions & (Configuration.GRANT | Configuration.EXECUTE) != Configuration.GRANT,
            Verdict.RULE_ACTIONS
        );
        require_(
            actions & Configuration.MESSAGE == 0 || rule.quorum <= Configuration.THRESHOLD_MASK,
            Verdict.RULE_ACTIONS
        );
        require_(
            rule.scope == 0 || actions & ~(Configuration.EXECUTE | Configuration.GRANT) == 0,
            Verdict.RULE_SCOPE
        );
        require_(
            rule.limits == 0 || (rule.scope != 0 && actions == Configuration.EXECUTE),
            Verdict.RULE_LIMITS
        );
    }

    /// Targets strictly ascending, and not too many.
    function _validateScope(uint256 position) private pure {
        unchecked {
            uint256 count = byteAt(position++);
            require_(count != 0 && count <= 16, Verdict.RULE_SCOPE);
            uint256 previous = 0;
            for (; count != 0; --count) {
                uint256 prefix = byteAt(position + 32);
                require_(prefix <= 16, Verdict.RULE_SCOPE);
                if (previous != 0) {
                    require_(_isBefore(previous, position, prefix), Verdict.RULE_SCOPE);
                }
                previous = position;
                position += Configuration.TARGET_HEAD + prefix;
            }
        }
    }

    /// Whether the target at `previous` stands before the one at `position`: address, length of
    /// the prefix, prefix.
    function _isBefore(uint256 previous, uint256 position, uint256 prefix)
        private
        pure
        returns (bool)
    {
        unchecked {
            uint256 left = wordAt(previous);
            uint256 right = wordAt(position);
            if (left != right) {
                return left < right;
            }
            uint256 otherPrefix = byteAt(previous + 32);
            if (otherPrefix != prefix) {
                return otherPrefix < prefix;
            }
            return prefix != 0
                && uintAt(previous + Configuration.TARGET_HEAD, prefix)
                    < uintAt(position + Configuration.TARGET_HEAD, prefix);
        }
    }

    function _validateLimits(uint256 position) private pure {
        unchecked {
            uint256 count = byteAt(position++);
            require_(count != 0 && count <= 8, Verdict.RULE_LIMITS);
            uint256 previous = 0;
            for (uint256 i = 0; i < count; ++i) {
                uint256 asset = wordAt(position);
                require_(
                    (i == 0 || previous < asset)
                        && uintAt(position + 32, 8) <= uintAt(position + 40, 8),
                    Verdict.RULE_LIMITS
                );
                previous = asset;
                position += Configuration.LIMIT_SIZE;
            }
        }
    }
}
