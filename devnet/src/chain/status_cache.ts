// SPDX-License-Identifier: Apache-2.0
//
// Refuses a message that was already processed, as long as its blockhash could still carry it. A
// message is known by its hash, not by its signatures: a signer may make many signatures of one
// message.

import { createHash } from 'node:crypto';

import { map_key } from '../wire/text.ts';
import { kBlockhashAgeMax } from './blockhashes.ts';

export class StatusCache {
    /** Message hash to the slot it was processed in, oldest first. */
    readonly #slots = new Map<string, number>();

    static key(message_bytes: Uint8Array): string {
        return map_key(createHash('sha256').update(message_bytes).digest());
    }

    has(message_bytes: Uint8Array): boolean {
        return this.#slots.has(StatusCache.key(message_bytes));
    }

    add(message_bytes: Uint8Array, slot: number): void {
        this.#slots.set(StatusCache.key(message_bytes), slot);
    }

    /** A blockhash is at most so old when used, so twice its age is safely past any use. */
    prune(slot: number): void {
        for (const [key, processed] of this.#slots) {
            if (processed >= slot - 2 * kBlockhashAgeMax) {
                break;
            }
            this.#slots.delete(key);
        }
    }
}
