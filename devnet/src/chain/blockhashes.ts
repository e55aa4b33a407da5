// SPDX-License-Identifier: Apache-2.0
//
// The chain's blockhashes. Each is derived from the ledger's seed and its slot, so that none has to
// be stored: after a restart, a slot has the blockhash it had before.

import { createHash } from 'node:crypto';

import { map_key } from '../wire/text.ts';

/** How many blocks a blockhash stays usable (Agave's MAX_PROCESSING_AGE). */
export const kBlockhashAgeMax = 150;

export class Blockhashes {
    readonly #seed: Uint8Array;
    readonly #cache = new Map<number, Uint8Array>();

    constructor(seed: Uint8Array) {
        this.#seed = seed;
    }

    /** The hash at the end of a slot. */
    at(slot: number): Uint8Array {
        const known = this.#cache.get(slot);
        if (known !== undefined) {
            return known;
        }
        const number = Buffer.alloc(8);
        number.writeBigUInt64LE(BigInt(slot));
        const hash = createHash('sha256')
            .update('latchkey devnet blockhash')
            .update(this.#seed)
            .update(number)
            .digest();
        if (this.#cache.size > 4096) {
            this.#cache.clear();
        }
        this.#cache.set(slot, hash);
        return hash;
    }

    /** What a transaction in `slot` should name: the end of the slot before. */
    latest(slot: number): Uint8Array {
        return this.at(slot - 1);
    }
}

/** Which blockhashes a transaction in the current slot may name. */
export class BlockhashQueue {
    readonly #hashes: Blockhashes;
    readonly #slots = new Map<string, number>();
    #slot = 0;

    constructor(hashes: Blockhashes) {
        this.#hashes = hashes;
    }

    /** Moves to a slot, later or (in a replay) any other. */
    move_to(slot: number): void {
        const newest = slot - 1;
        const oldest = newest - kBlockhashAgeMax;
        const from = this.#slot === 0 || slot < this.#slot ? oldest : Math.max(this.#slot, oldest);
        for (let index = Math.max(from, 0); index <= newest; index++) {
            this.#slots.set(map_key(this.#hashes.at(index)), index);
        }
        for (const [hash, index] of this.#slots) {
            if (index < oldest || index > newest) {
                this.#slots.delete(hash);
            }
        }
        this.#slot = slot;
    }

    /** The slot whose end the hash marks; undefined when it is unknown or too old. */
    find(hash: Uint8Array): number | undefined {
        return this.#slots.get(map_key(hash));
    }
}
