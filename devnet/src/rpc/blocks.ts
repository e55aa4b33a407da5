// SPDX-License-Identifier: Apache-2.0

import type { Row } from '../chain/history.ts';
import { epoch_of, kSlotsPerEpoch, kStartSlot } from '../chain/sysvars.ts';
import type { LocalNode } from '../node.ts';
import { address_text } from '../wire/addresses.ts';
import type { Json, JsonObject } from '../wire/json.ts';
import { to_base58 } from '../wire/text.ts';
import { type Methods, check_min_context_slot, slot_at, with_context } from './context.ts';
import { RpcError, invalid_params, kBlockCleanedUp, kBlockNotAvailable } from './errors.ts';
import { at_least_confirmed, read_transaction_form } from './history.ts';
import { type Args, Config, to_count, to_hash } from './params.ts';
import { encode_row, encode_row_accounts } from './transaction_encoding.ts';

const kBlocksMax = 500_000;
const kDetails = ['full', 'accounts', 'signatures', 'none'] as const;

/** The configuration of a method that only takes a commitment. */
function slot_for(node: LocalNode, args: Args): number {
    args.at_most(1);
    const config = args.config_or_commitment(0);
    check_min_context_slot(node, config);
    return slot_at(node, config.commitment());
}

function check_block(slot: number, newest: number): void {
    if (slot < kStartSlot) {
        throw new RpcError(
            kBlockCleanedUp,
            `Block ${slot} cleaned up, does not exist on node. First available block: ${kStartSlot}`,
        );
    }
    if (slot > newest) {
        throw new RpcError(kBlockNotAvailable, `Block not available for slot ${slot}`);
    }
}

function block_rows(rows: readonly Row[], config: Config): JsonObject {
    const details = config.choice('transactionDetails', kDetails) ?? 'full';
    const form = read_transaction_form(config);
    switch (details) {
        case 'full':
            return { transactions: rows.map((row) => encode_row(row, form)) };
        case 'accounts':
            return { transactions: rows.map((row) => encode_row_accounts(row, form)) };
        case 'signatures':
            return { signatures: rows.map((row) => to_base58(row.signature)) };
        case 'none':
            return {};
    }
}

/** Every slot has a block. */
function block_range(first: number, last: number, newest: number): number[] {
    const from = Math.max(first, kStartSlot);
    const to = Math.min(last, newest);
    if (to - from + 1 > kBlocksMax) {
        throw invalid_params(`Slot range too large; max ${kBlocksMax}`);
    }
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

export const kBlockMethods: Methods = {
    getSlot: (node, args) => slot_for(node, args),

    getBlockHeight: (node, args) => node.chain.block_height(slot_for(node, args)),

    getSlotLeader: (node, args) => {
        slot_for(node, args);
        return address_text(node.identity.address);
    },

    getSlotLeaders: (node, args) => {
        args.at_most(2);
        to_count(args.required(0, 'start slot'), 'start slot');
        const limit = to_count(args.required(1, 'limit'), 'limit');
        if (limit === 0 || limit > 5000) {
            throw invalid_params('Invalid limit; max 5000');
        }
        return Array.from({ length: limit }, () => address_text(node.identity.address));
    },

    getLatestBlockhash: (node, args) => {
        const slot = slot_for(node, args);
        const latest = node.chain.latest_blockhash(slot);
        return with_context(node, {
            blockhash: to_base58(latest.hash),
            lastValidBlockHeight: latest.last_valid_block_height,
        });
    },

    isBlockhashValid: (node, args) => {
        args.at_most(2);
        const config = args.config_or_commitment(1);
        config.commitment();
        check_min_context_slot(node, config);
        const hash = to_hash(args.required(0, 'blockhash'), 'blockhash');
        return with_context(node, node.chain.is_blockhash_valid(hash));
    },

    getEpochInfo: (node, args) => {
        const slot = slot_for(node, args);
        return {
            absoluteSlot: slot,
            blockHeight: node.chain.block_height(slot),
            epoch: epoch_of(slot),
            slotIndex: slot % kSlotsPerEpoch,
            slotsInEpoch: kSlotsPerEpoch,
            transactionCount: node.chain.transaction_count,
        };
    },

    getEpochSchedule: (_node, args) => {
        args.at_most(0);
        return {
            slotsPerEpoch: kSlotsPerEpoch,
            leaderScheduleSlotOffset: kSlotsPerEpoch,
            warmup: false,
            firstNormalEpoch: 0,
            firstNormalSlot: 0,
        };
    },

    getBlockTime: (node, args) => {
        args.at_most(1);
        const slot = to_count(args.required(0, 'slot'), 'slot');
        check_block(slot, node.chain.slot);
        return node.chain.time_of(slot);
    },

    getBlock: (node, args) => {
        args.at_most(2);
        const slot = to_count(args.required(0, 'slot'), 'slot');
        const bare = args.at(1);
        const config = typeof bare === 'string' ? new Config({ encoding: bare }) : args.config(1);
        const newest = slot_at(node, at_least_confirmed(config.commitment()));
        // The current slot is still being filled.
        check_block(slot, Math.min(newest, node.chain.slot - 1));
        const rewards: Json = config.get('rewards') === false ? {} : { rewards: [] };
        return {
            blockHeight: node.chain.block_height(slot),
            blockTime: node.chain.time_of(slot),
            blockhash: to_base58(node.chain.hashes.at(slot)),
            parentSlot: slot - 1,
            previousBlockhash: to_base58(node.chain.hashes.at(slot - 1)),
            ...(rewards as JsonObject),
            ...block_rows(node.chain.history.in_slot(slot), config),
        };
    },

    getBlocks: (node, args) => {
        args.at_most(3);
        const first = to_count(args.required(0, 'start slot'), 'start slot');
        const second = args.at(1);
        const has_end = typeof second === 'number';
        const config = has_end ? args.config(2) : args.config_or_commitment(1);
        const newest = slot_at(node, at_least_confirmed(config.commitment()));
        return block_range(first, has_end ? to_count(second, 'end slot') : newest, newest);
    },

    getBlocksWithLimit: (node, args) => {
        args.at_most(3);
        const first = to_count(args.required(0, 'start slot'), 'start slot');
        const limit = to_count(args.required(1, 'limit'), 'limit');
        const newest = slot_at(node, at_least_confirmed(args.config(2).commitment()));
        return block_range(first, Math.max(first, kStartSlot) + limit - 1, newest);
    },

    getFirstAvailableBlock: (_node, args) => {
        args.at_most(0);
        return kStartSlot;
    },

    minimumLedgerSlot: (_node, args) => {
        args.at_most(0);
        return kStartSlot;
    },
};
