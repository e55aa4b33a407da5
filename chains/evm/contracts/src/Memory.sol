// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Canonical bytes are read in place, by their addresses in memory. A read may look at 32 bytes
/// behind what it is asked for; callers compare the address with the end of their bytes.

function wordAt(uint256 position) pure returns (uint256 value) {
    assembly ("memory-safe") {
        value := mload(position)
    }
}

function byteAt(uint256 position) pure returns (uint256 value) {
    assembly ("memory-safe") {
        value := byte(0, mload(position))
    }
}

/// Big-endian, `size` bytes, 1 to 32.
function uintAt(uint256 position, uint256 size) pure returns (uint256 value) {
    assembly ("memory-safe") {
        value := shr(sub(256, shl(3, size)), mload(position))
    }
}

function hashOf(uint256 position, uint256 size) pure returns (bytes32 hash) {
    assembly ("memory-safe") {
        hash := keccak256(position, size)
    }
}

/// Whether `size` bytes, at most 32, are the same.
function sameBytes(uint256 left, uint256 right, uint256 size) pure returns (bool) {
    return size == 0 || uintAt(left, size) == uintAt(right, size);
}

/// Where the bytes of an array stand.
function startOf(bytes memory data) pure returns (uint256 position) {
    assembly ("memory-safe") {
        position := add(data, 0x20)
    }
}

/// A copy of `size` bytes as an array.
function bytesAt(uint256 position, uint256 size) pure returns (bytes memory data) {
    assembly ("memory-safe") {
        data := mload(0x40)
        mstore(data, size)
        mcopy(add(data, 0x20), position, size)
        mstore(0x40, and(add(add(data, size), 0x5f), not(0x1f)))
    }
}
