// SPDX-License-Identifier: Apache-2.0

/** Bytes that are not what they claim to be. The message names the field and says what is wrong. */
export class WireError extends Error {}

/** A cursor over hostile bytes: every read is bounds-checked and names the field it was for. */
export class Reader {
    readonly #bytes: Uint8Array;
    #offset = 0;

    constructor(bytes: Uint8Array) {
        this.#bytes = bytes;
    }

    get offset(): number {
        return this.#offset;
    }

    get remaining(): number {
        return this.#bytes.length - this.#offset;
    }

    /** The next byte without consuming it; undefined at the end. */
    peek(): number | undefined {
        return this.#bytes[this.#offset];
    }

    /** A view (not a copy) of the next `length` bytes. */
    bytes(length: number, field: string): Uint8Array {
        if (length > this.remaining) {
            throw new WireError(`${field}: needs ${length} bytes, only ${this.remaining} are left`);
        }
        const view = this.#bytes.subarray(this.#offset, this.#offset + length);
        this.#offset += length;
        return view;
    }

    u8(field: string): number {
        return this.bytes(1, field)[0]!;
    }

    u16(field: string): number {
        const view = this.bytes(2, field);
        return view[0]! | (view[1]! << 8);
    }

    u32(field: string): number {
        const view = this.bytes(4, field);
        return (view[0]! | (view[1]! << 8) | (view[2]! << 16) | (view[3]! << 24)) >>> 0;
    }

    u64(field: string): bigint {
        const low = BigInt(this.u32(field));
        return low | (BigInt(this.u32(field)) << 32n);
    }

    /** Solana's compact-u16: 7 bits a byte, at most 3 bytes, shortest form only. */
    compact_u16(field: string): number {
        let value = 0;
        for (let index = 0; index < 3; index++) {
            const byte = this.u8(field);
            if (byte === 0 && index > 0) {
                throw new WireError(`${field}: compact-u16 is not in its shortest form`);
            }
            value |= (byte & 0x7f) << (7 * index);
            if ((byte & 0x80) === 0) {
                if (value > 0xffff) {
                    throw new WireError(`${field}: compact-u16 is above 65535`);
                }
                return value;
            }
        }
        throw new WireError(`${field}: compact-u16 is longer than 3 bytes`);
    }

    end(what: string): void {
        if (this.remaining !== 0) {
            throw new WireError(`${what}: ${this.remaining} bytes are left over at the end`);
        }
    }
}
