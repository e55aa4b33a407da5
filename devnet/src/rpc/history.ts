// SPDX-License-Identifier: Apache-2.0

import type { Row } from '../chain/history.ts';
import type { LocalNode } from '../node.ts';
import type { Json, JsonObject } from '../wire/json.ts';
import { bytes_equal, to_base58 } from '../wire/text.ts';
import { type Methods, check_min_context_slot, slot_at, with_context } from './context.ts';
import { invalid_params } from './errors.ts';
import { type Commitment, Config, to_address, to_list, to_signature } from './params.ts';
import {
    type TransactionForm,
    encode_row,
    error_json,
    kTransactionEncodings,
    status_json,
} from './transaction_encoding.ts';

const kStatusesMax = 256;
const kSignaturesMax = 1000;

export function read_transaction_form(config: Config): TransactionForm {
    return {
        encoding: config.choice('encoding', kTransactionEncodings) ?? 'json',
        version_max: config.count('maxSupportedTransactionVersion'),
    };
}

/** The history methods do not answer for blocks that may still go away. */
export function at_least_confirmed(commitment: Commitment): Commitment {
    if (commitment === 'processed') {
        throw invalid_params('Method does not support commitment below `confirmed`');
    }
    return commitment;
}

export function confirmation_status(node: LocalNode, row: Row): 'confirmed' | 'finalized' {
    return row.slot <= node.chain.finalized_slot ? 'finalized' : 'confirmed';
}

function status(node: LocalNode, row: Row | undefined): Json {
    if (row === undefined) {
        return null;
    }
    const confirmationStatus = confirmation_status(node, row);
    return {
        slot: row.slot,
        confirmations: confirmationStatus === 'finalized' ? null : node.chain.slot - row.slot,
        status: status_json(row.error),
        err: error_json(row.error),
        confirmationStatus,
    };
}

function signature_info(node: LocalNode, row: Row): JsonObject {
    return {
        signature: to_base58(row.signature),
        slot: row.slot,
        err: error_json(row.error),
        memo: row.memo,
        blockTime: row.time,
        confirmationStatus: confirmation_status(node, row),
    };
}

/** Newest first, after `before` and down to (without) `until`. */
function select(
    rows: readonly Row[],
    before: Uint8Array | null,
    until: Uint8Array | null,
    limit: number,
): Row[] {
    const selected: Row[] = [];
    let started = before === null;
    for (let index = rows.length - 1; index >= 0 && selected.length < limit; index--) {
        const row = rows[index]!;
        if (until !== null && bytes_equal(row.signature, until)) {
            break;
        }
        if (started) {
            selected.push(row);
        } else if (bytes_equal(row.signature, before!)) {
            started = true;
        }
    }
    return selected;
}

/**
 * `before` may name a transaction of another address: then everything older than that one counts.
 */
function rows_before(
    node: LocalNode,
    rows: readonly Row[],
    before: Uint8Array | null,
): readonly Row[] {
    if (before === null || rows.some((row) => bytes_equal(row.signature, before))) {
        return rows;
    }
    const anchor = node.chain.history.find(before);
    return anchor === undefined ? [] : [...rows.filter((row) => row.slot < anchor.slot), anchor];
}

export const kHistoryMethods: Methods = {
    getSignatureStatuses: (node, args) => {
        args.at_most(2);
        args.config(1).flag('searchTransactionHistory');
        const signatures = to_list(args.required(0, 'signatures'), 'signatures', kStatusesMax);
        return with_context(
            node,
            signatures.map((value) =>
                status(node, node.chain.history.find(to_signature(value, 'signature'))),
            ),
        );
    },

    getSignaturesForAddress: (node, args) => {
        args.at_most(2);
        const config = args.config(1);
        const newest = slot_at(node, at_least_confirmed(config.commitment()));
        check_min_context_slot(node, config);
        const limit = config.count('limit') ?? kSignaturesMax;
        if (limit === 0 || limit > kSignaturesMax) {
            throw invalid_params(`Invalid limit; max ${kSignaturesMax}`);
        }
        const read = (name: string) =>
            config.get(name) === undefined ? null : to_signature(config.get(name), name);
        const address = to_address(args.required(0, 'address'), 'address');
        const before = read('before');
        const rows = node.chain.history.of_address(address).filter((row) => row.slot <= newest);
        return select(rows_before(node, rows, before), before, read('until'), limit).map((row) =>
            signature_info(node, row),
        );
    },

    getTransaction: (node, args) => {
        args.at_most(2);
        const signature = to_signature(args.required(0, 'signature'), 'signature');
        const bare = args.at(1);
        const config = typeof bare === 'string' ? new Config({ encoding: bare }) : args.config(1);
        const newest = slot_at(node, at_least_confirmed(config.commitment()));
        const form = read_transaction_form(config);
        const row = node.chain.history.find(signature);
        if (row === undefined || row.slot > newest) {
            return null;
        }
        return { slot: row.slot, blockTime: row.time, ...encode_row(row, form) };
    },

    getTransactionCount: (node, args) => {
        args.at_most(1);
        const config = args.config_or_commitment(0);
        config.commitment();
        check_min_context_slot(node, config);
        return node.chain.transaction_count;
    },
};
