// SPDX-License-Identifier: Apache-2.0
// Bytes as viem has them: 0x and hex digits.
import { concat, keccak256, stringToHex, toHex, type Hex } from 'viem';

/// Big-endian, `size` bytes.
export function uint(value: number | bigint, size: number): Hex {
    return toHex(BigInt(value), { size });
}

/// Big-endian in as few bytes as possible; zero is none.
export function shortUint(value: bigint): Hex {
    if (value === 0n) {
        return '0x';
    }
    const digits = value.toString(16);
    return `0x${digits.length % 2 === 0 ? '' : '0'}${digits}`;
}

export function sizeOf(bytes: Hex): number {
    return (bytes.length - 2) / 2;
}

/// The bytes behind a field of `sizeBytes` bytes that says how many they are.
export function sized(bytes: Hex, sizeBytes: number): Hex {
    return concat([uint(sizeOf(bytes), sizeBytes), bytes]);
}

export function tag(text: string): Hex {
    return keccak256(stringToHex(text));
}
