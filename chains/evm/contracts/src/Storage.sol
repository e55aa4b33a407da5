// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Where a wallet keeps what it must remember. ERC-7201, namespace `latchkey.wallet.1`: an account
/// that was something else before (EIP-7702) or becomes something else later is not disturbed.
library Storage {
    /// keccak256(abi.encode(uint256(keccak256("latchkey.wallet.1")) - 1)) & ~0xff
    uint256 internal constant HOT =
        0x79a1d7539c1308cd02595ed10ed9dfd9c247044efb9482af02655d844e51e300;
    uint256 internal constant CONFIGURATION = HOT + 1;
    uint256 internal constant IMPLEMENTATION = HOT + 2;
    uint256 private constant LOCAL = HOT + 3;
    uint256 private constant COUNTER = HOT + 4;
    uint256 private constant RECORD = HOT + 5;
    uint256 private constant NONCE = HOT + 6;

    // The hot word, read by every action: u64 sequence of nonce lane 0, u32 number of
    // configurations after the first, u32 version of the local part, flags, and what is rarely
    // needed.
    uint256 internal constant SEQUENCE_MASK = type(uint64).max;
    uint256 internal constant NUMBER_SHIFT = 64;
    uint256 internal constant VERSION_SHIFT = 96;
    /// CONFIGURATION holds the present configId; the genesis is not the configuration any more.
    uint256 internal constant CONFIGURED = 1 << 128;
    /// IMPLEMENTATION holds the code that everything goes to.
    uint256 internal constant UPGRADED = 1 << 129;
    /// The wallet was frozen, until the time below.
    uint256 internal constant FROZEN = 1 << 130;
    /// An externally owned account (EIP-7702): CONFIGURATION holds its walletId until CONFIGURED.
    uint256 internal constant ADOPTED = 1 << 131;
    uint256 internal constant FROZEN_UNTIL_SHIFT = 136;
    /// u8, how many local rules live.
    uint256 internal constant LOCAL_RULES_SHIFT = 176;
    /// u16, which rules of the recovery part have a record.
    uint256 internal constant RECOVERY_RECORDS_SHIFT = 184;

    /// Bit 255 of the word of a local rule, so that it is never zero once used.
    uint256 internal constant LOCAL_WORD = 1 << 255;

    function load(uint256 slot) internal view returns (uint256 value) {
        assembly ("memory-safe") {
            value := sload(slot)
        }
    }

    function store(uint256 slot, uint256 value) internal {
        assembly ("memory-safe") {
            sstore(slot, value)
        }
    }

    /// keccak of the ids of the local rules that the rule granted, without its last byte, and how
    /// many they are; 0 for none.
    function localList(bytes32 ruleId) internal pure returns (uint256) {
        return _slot(uint256(ruleId), LOCAL);
    }

    /// The counter of the rule's first limit; those of the others follow.
    function counters(bytes32 ruleId) internal pure returns (uint256) {
        return _slot(uint256(ruleId), COUNTER);
    }

    /// The record of a rule; the digest of what waits is in the next slot.
    function record(uint256 name) internal pure returns (uint256) {
        return _slot(name, RECORD);
    }

    /// The sequence of a nonce lane other than lane 0.
    function nonce(uint256 key) internal pure returns (uint256) {
        return _slot(key, NONCE);
    }

    function _slot(uint256 key, uint256 mapping_) private pure returns (uint256 slot) {
        assembly ("memory-safe") {
            mstore(0x00, key)
            mstore(0x20, mapping_)
            slot := keccak256(0x00, 0x40)
        }
    }
}
