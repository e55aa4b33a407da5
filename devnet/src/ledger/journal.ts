// SPDX-License-Identifier: Apache-2.0
//
// An append-only file of framed records: length (4 bytes, little-endian), CRC-32 of the body (4
// bytes), body. A record is in the file, as far as a killed process is concerned, when append()
// returns.

import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

const kFrameHeaderSize = 8;
/** An account of 10 MiB in base64 and its record. */
const kRecordSizeMax = 32 * 1024 * 1024;

export class JournalError extends Error {}

export interface JournalContents {
    readonly records: readonly Buffer[];
    /**
     * Where the last whole record ends; what follows is the start of one that was never
     * acknowledged.
     */
    readonly end: number;
    readonly torn: boolean;
}

/**
 * Reads a journal. A record that stops at the end of the file was cut off by a kill and is left
 * out. A checksum that does not match anywhere else is damage, and throws JournalError.
 */
export function read_journal(path: string): JournalContents {
    const file = readFileSync(path);
    const records: Buffer[] = [];
    let offset = 0;
    while (offset + kFrameHeaderSize <= file.length) {
        const length = file.readUInt32LE(offset);
        const end = offset + kFrameHeaderSize + length;
        if (length > kRecordSizeMax) {
            throw new JournalError(
                `${path}: damaged at byte ${offset} (a record of ${length} bytes)`,
            );
        }
        if (end > file.length) {
            break;
        }
        const body = file.subarray(offset + kFrameHeaderSize, end);
        if (crc32(body) !== file.readUInt32LE(offset + 4)) {
            throw new JournalError(`${path}: damaged at byte ${offset} (wrong checksum)`);
        }
        records.push(body);
        offset = end;
    }
    return { records, end: offset, torn: offset !== file.length };
}

export class Journal {
    readonly #descriptor: number;
    #size: number;

    /** Opens for appending after `size` bytes; anything beyond is cut off. */
    constructor(path: string, size: number) {
        this.#descriptor = openSync(path, size === 0 ? 'w' : 'r+');
        this.#size = size;
        ftruncateSync(this.#descriptor, size);
    }

    /** Throws when the file system refuses; the record is then cut off again. */
    append(body: string): void {
        const length = Buffer.byteLength(body);
        if (length > kRecordSizeMax) {
            throw new JournalError(`a record of ${length} bytes is too large`);
        }
        const frame = Buffer.allocUnsafe(kFrameHeaderSize + length);
        frame.write(body, kFrameHeaderSize, 'utf8');
        frame.writeUInt32LE(length, 0);
        frame.writeUInt32LE(crc32(frame.subarray(kFrameHeaderSize)), 4);
        let written = 0;
        try {
            while (written < frame.length) {
                written += writeSync(
                    this.#descriptor,
                    frame,
                    written,
                    frame.length - written,
                    this.#size + written,
                );
            }
        } catch (error) {
            ftruncateSync(this.#descriptor, this.#size);
            throw error;
        }
        this.#size += frame.length;
    }

    close(): void {
        fsyncSync(this.#descriptor);
        closeSync(this.#descriptor);
    }
}
