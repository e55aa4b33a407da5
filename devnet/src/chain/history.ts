// SPDX-License-Identifier: Apache-2.0
//
// The transactions that clients may ask for: by signature, by slot, by address. Details stay in the
// form they have in the journal until somebody asks.

import { parse_json, serialize_json } from '../wire/json.ts';
import { from_base64, map_key } from '../wire/text.ts';
import { address_bytes } from '../wire/addresses.ts';
import { decode_transaction } from '../wire/transaction.ts';
import type { TransactionError } from '../vm/errors.ts';
import type { Entry, Meta } from './record.ts';

export interface Row {
    readonly signature: Uint8Array;
    readonly slot: number;
    readonly time: number;
    readonly error: TransactionError | null;
    readonly wire: Uint8Array;
    readonly meta_text: string;
    readonly memo: string | null;
    /** The journal segment it is in; 0 when nothing is written down. */
    readonly segment: number;
}

export function row_meta(row: Row): Meta {
    return parse_json(row.meta_text) as unknown as Meta;
}

/** The memos as getSignaturesForAddress lists them: `[length] text`, joined with `; `. */
function memo_of(logs: readonly string[]): string | null {
    const memos: string[] = [];
    for (const line of logs) {
        const match = /^Program log: Memo \(len ([0-9]+)\): "(.*)"$/s.exec(line);
        if (match !== null) {
            memos.push(`[${match[1]}] ${match[2]}`);
        }
    }
    return memos.length === 0 ? null : memos.join('; ');
}

export class History {
    readonly #by_signature = new Map<string, Row>();
    readonly #by_slot = new Map<number, Row[]>();
    readonly #by_address = new Map<string, Row[]>();

    get size(): number {
        return this.#by_signature.size;
    }

    add(entry: Extract<Entry, { kind: 'transaction' }>, segment: number): Row {
        const transaction = decode_transaction(from_base64(entry.wire));
        const row: Row = {
            signature: transaction.signatures[0]!,
            slot: entry.slot,
            time: entry.time,
            error: entry.meta.error,
            wire: transaction.bytes,
            meta_text: serialize_json(entry.meta as never),
            memo: memo_of(entry.meta.logs),
            segment,
        };
        this.#by_signature.set(map_key(row.signature), row);
        push(this.#by_slot, row.slot, row);
        for (const key of this.#addresses(row, entry.meta)) {
            push(this.#by_address, key, row);
        }
        return row;
    }

    #addresses(row: Row, meta: Meta): Set<string> {
        const { message } = decode_transaction(row.wire);
        const keys = new Set(message.account_keys.map(map_key));
        for (const text of [...meta.loaded.writable, ...meta.loaded.readonly]) {
            keys.add(map_key(address_bytes(text)));
        }
        return keys;
    }

    find(signature: Uint8Array): Row | undefined {
        return this.#by_signature.get(map_key(signature));
    }

    in_slot(slot: number): readonly Row[] {
        return this.#by_slot.get(slot) ?? [];
    }

    /** Oldest first. */
    of_address(address: Uint8Array): readonly Row[] {
        return this.#by_address.get(map_key(address)) ?? [];
    }

    /** Slots with transactions, in the order they happened. */
    slots(): IterableIterator<number> {
        return this.#by_slot.keys();
    }

    /** The oldest row; undefined when there is none. */
    oldest(): Row | undefined {
        const first = this.#by_signature.values().next();
        return first.done ? undefined : first.value;
    }

    /**
     * Forgets the rows of a segment. They are the oldest, so they are at the front of every list.
     */
    drop_segment(segment: number): void {
        for (const [key, row] of this.#by_signature) {
            if (row.segment > segment) {
                break;
            }
            this.#by_signature.delete(key);
            shift(this.#by_slot, row.slot, row);
            for (const address of this.#addresses(row, row_meta(row))) {
                shift(this.#by_address, address, row);
            }
        }
    }
}

function push<K>(map: Map<K, Row[]>, key: K, row: Row): void {
    const rows = map.get(key);
    if (rows === undefined) {
        map.set(key, [row]);
    } else {
        rows.push(row);
    }
}

function shift<K>(map: Map<K, Row[]>, key: K, row: Row): void {
    const rows = map.get(key);
    const index = rows?.indexOf(row) ?? -1;
    if (rows !== undefined && index >= 0) {
        rows.splice(index, 1);
        if (rows.length === 0) {
            map.delete(key);
        }
    }
}
