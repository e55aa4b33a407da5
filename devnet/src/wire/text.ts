// SPDX-License-Identifier: Apache-2.0
//
// Bytes as text: base58 and base64 for people and clients, a compact form for map keys.

import { getBase58Decoder, getBase58Encoder } from '@solana/kit';

const kBase58Encoder = getBase58Encoder();
const kBase58Decoder = getBase58Decoder();

export function to_base58(bytes: Uint8Array): string {
    return kBase58Decoder.decode(bytes);
}

/** Throws on a character outside the alphabet. */
export function from_base58(text: string): Uint8Array {
    return Uint8Array.from(kBase58Encoder.encode(text));
}

function view(bytes: Uint8Array): Buffer {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function to_base64(bytes: Uint8Array): string {
    return view(bytes).toString('base64');
}

/** Strict: padded, canonical; throws otherwise. */
export function from_base64(text: string): Uint8Array {
    const bytes = Buffer.from(text, 'base64');
    // Buffer skips what is not base64; only a text that encodes back to itself is well formed.
    if (bytes.toString('base64') !== text) {
        throw new Error('not well-formed base64 (with padding)');
    }
    return bytes;
}

/** One character for each byte: the cheapest text that can be a key of a Map. */
export function map_key(bytes: Uint8Array): string {
    return view(bytes).toString('latin1');
}

export function from_map_key(key: string): Uint8Array {
    return Buffer.from(key, 'latin1');
}

export function bytes_equal(a: Uint8Array, b: Uint8Array): boolean {
    return a.length === b.length && view(a).equals(b);
}
