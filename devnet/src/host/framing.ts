// SPDX-License-Identifier: Apache-2.0
//
// One frame: the length of the body (4 bytes, little-endian), then the body as UTF-8 JSON. Reading
// and writing block: between two requests there is nothing else to do, and skipping the event loop
// is what makes a round trip cheap.

import { readSync, writeSync } from 'node:fs';

/** Holds an account of 10 MiB in base64, with room for a batch. */
export const kFrameSizeMax = 64 * 1024 * 1024;

function would_block(error: unknown): boolean {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN';
}

/** Fills `target`; false when the stream ended before its first byte. */
function read_exactly(descriptor: number, target: Uint8Array): boolean {
    let filled = 0;
    while (filled < target.length) {
        let count: number;
        try {
            count = readSync(descriptor, target, filled, target.length - filled, null);
        } catch (error) {
            if (would_block(error)) {
                continue;
            }
            if ((error as NodeJS.ErrnoException).code === 'EOF') {
                count = 0;
            } else {
                throw error;
            }
        }
        if (count === 0) {
            if (filled === 0) {
                return false;
            }
            throw new Error(
                `the input ended inside a frame, after ${filled} of ${target.length} bytes`,
            );
        }
        filled += count;
    }
    return true;
}

/** The next frame's body, or null at the end of the input. */
export function read_frame(descriptor: number): string | null {
    const head = new Uint8Array(4);
    if (!read_exactly(descriptor, head)) {
        return null;
    }
    const length = new DataView(head.buffer).getUint32(0, true);
    if (length > kFrameSizeMax) {
        throw new Error(`a frame of ${length} bytes: at most ${kFrameSizeMax} are allowed`);
    }
    const body = Buffer.allocUnsafe(length);
    if (length > 0 && !read_exactly(descriptor, body)) {
        throw new Error('the input ended inside a frame');
    }
    return body.toString('utf8');
}

export function write_frame(descriptor: number, body: string): void {
    const length = Buffer.byteLength(body);
    const frame = Buffer.allocUnsafe(4 + length);
    frame.writeUInt32LE(length, 0);
    frame.write(body, 4, 'utf8');
    let written = 0;
    while (written < frame.length) {
        try {
            written += writeSync(descriptor, frame, written, frame.length - written);
        } catch (error) {
            if (!would_block(error)) {
                throw error;
            }
        }
    }
}
