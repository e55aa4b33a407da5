// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Why an action is refused: the numbers of docs/spec/errors.md, the same on every chain.
error Refused(uint256 verdict);

library Verdict {
    uint256 internal constant DATA_TOO_SHORT = 101;
    uint256 internal constant TRAILING_BYTES = 102;
    uint256 internal constant UNKNOWN_ACTION = 103;
    uint256 internal constant RESERVED_BITS = 104;
    uint256 internal constant TOO_MANY_CALLS = 107;
    uint256 internal constant NON_CANONICAL = 108;
    uint256 internal constant SHORT_FORM = 109;

    uint256 internal constant CONFIGURATION_VERSION = 201;
    uint256 internal constant CONFIGURATION_TRUNCATED = 202;
    uint256 internal constant CONFIGURATION_TRAILING = 203;
    uint256 internal constant CONFIGURATION_TOO_LONG = 204;
    uint256 internal constant SIGNER_KIND = 205;
    uint256 internal constant SIGNER_FLAGS = 206;
    uint256 internal constant SIGNER_DUPLICATE = 207;
    uint256 internal constant SIGNER_KEY = 208;
    uint256 internal constant RULE_ACTIONS = 209;
    uint256 internal constant RULE_THRESHOLD = 210;
    uint256 internal constant RULE_MASK = 211;
    uint256 internal constant RULE_TIMES = 212;
    uint256 internal constant RULE_SCOPE = 213;
    uint256 internal constant RULE_LIMITS = 214;
    uint256 internal constant RULE_WAIT = 215;
    uint256 internal constant LOCKOUT = 216;
    uint256 internal constant LOCAL_RULE_TOO_BROAD = 217;
    uint256 internal constant TOO_MANY_LOCAL_RULES = 218;
    uint256 internal constant UNKNOWN_LOCAL_RULE = 219;
    uint256 internal constant RULE_DUPLICATE = 220;

    uint256 internal constant STATE_ADDRESS = 301;
    uint256 internal constant GENESIS_SUPERSEDED = 302;
    uint256 internal constant STATE_EXISTS = 304;
    uint256 internal constant RECOVERY_PART = 308;

    uint256 internal constant SIGNER_NOT_IN_RULE = 402;
    uint256 internal constant THRESHOLD_NOT_MET = 403;
    uint256 internal constant KEY_MISMATCH = 409;
    uint256 internal constant CLIENT_DATA = 411;
    uint256 internal constant USER_PRESENCE = 412;
    uint256 internal constant USER_VERIFICATION = 413;
    uint256 internal constant AUTHENTICATOR_DATA = 415;
    uint256 internal constant SIGNATURE_MALFORMED = 416;
    uint256 internal constant APPROVAL_TREE = 417;
    uint256 internal constant SIGNER_NOT_USABLE = 418;

    uint256 internal constant UNKNOWN_RULE = 501;
    uint256 internal constant ACTION_NOT_ALLOWED = 502;
    uint256 internal constant RULE_NOT_YET_VALID = 503;
    uint256 internal constant RULE_EXPIRED = 504;
    uint256 internal constant TARGET_NOT_ALLOWED = 505;
    uint256 internal constant TARGET_RESERVED = 506;
    uint256 internal constant CONFIGURATION_CHANGED = 507;

    uint256 internal constant DEADLINE_PASSED = 601;
    uint256 internal constant GAS_TOO_LOW = 607;
    uint256 internal constant NOT_THE_ENTRY_POINT = 608;

    uint256 internal constant LIMIT_PER_CALL = 701;
    uint256 internal constant LIMIT_PER_PERIOD = 702;
    uint256 internal constant ASSET_NOT_LISTED = 703;
    uint256 internal constant UNCOUNTABLE = 705;

    uint256 internal constant NOTHING_WAITS = 901;
    uint256 internal constant ALREADY_WAITS = 902;
    uint256 internal constant TOO_EARLY = 903;
    uint256 internal constant PROPOSAL_EXPIRED = 904;
    uint256 internal constant OTHER_PROPOSAL = 905;
    uint256 internal constant EPOCH = 906;
    uint256 internal constant CANCEL_BUDGET = 907;
    uint256 internal constant CANCEL_NOT_ALLOWED = 908;
    uint256 internal constant FROZEN = 909;
    uint256 internal constant FREEZE_BUDGET = 910;
    uint256 internal constant TWO_PARTIES = 911;
    uint256 internal constant RECOVERY_UNDER_WAY = 912;
    uint256 internal constant UPGRADE_CODE = 913;
}

function refuse(uint256 verdict) pure {
    revert Refused(verdict);
}

function require_(bool isMet, uint256 otherwise) pure {
    // A form that the prover understands (proofs/README.md).
    require(isMet, Refused(otherwise));
}
