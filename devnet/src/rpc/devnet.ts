// SPDX-License-Identifier: Apache-2.0
//
// What only this chain can do. Every name starts with `devnet_`, so that a client that asks a real
// cluster by mistake gets "method not found" and nothing else.

import { address_text } from '../wire/addresses.ts';
import { to_base58, from_base64 } from '../wire/text.ts';
import type { Methods } from './context.ts';
import { invalid_params } from './errors.ts';
import { type Config, to_address, to_count, to_text, to_u64 } from './params.ts';

/** A century. */
const kWarpSecondsMax = 3_155_760_000;
const kWarpSlotsMax = 10_000_000_000;

function read_seconds(config: Config, now: number): number {
    const seconds = config.count('seconds');
    const until = config.count('unixTimestamp');
    if (seconds !== undefined && until !== undefined) {
        throw invalid_params('Invalid params: give seconds or unixTimestamp, not both');
    }
    if (until !== undefined && until < now) {
        throw invalid_params(`Invalid params: time cannot go back (it is ${now})`);
    }
    return until === undefined ? (seconds ?? 0) : until - now;
}

export const kDevnetMethods: Methods = {
    devnet_info: (node, args) => {
        args.at_most(0);
        const { chain, options } = node;
        return {
            genesisHash: to_base58(node.genesis_hash),
            faucet: address_text(chain.faucet.address),
            identity: address_text(node.identity.address),
            features: options.features,
            slot: chain.slot,
            finalizedSlot: chain.finalized_slot,
            unixTimestamp: chain.time,
            timeOffsetSeconds: chain.time_offset,
            slotMilliseconds: options.slot_milliseconds,
            lamportsPerByte: chain.machine.lamports_per_byte(),
            transactionCount: chain.transaction_count,
            transactionsKept: chain.history.size,
            persistent: options.ledger !== null,
        };
    },

    devnet_warp: (node, args) => {
        args.at_most(1);
        const config = args.config(0);
        const seconds = read_seconds(config, node.chain.time);
        const slots = config.count('slots') ?? 0;
        if (seconds > kWarpSecondsMax || slots > kWarpSlotsMax) {
            throw invalid_params('Invalid params: a warp is at most a century and 10^10 slots');
        }
        node.chain.warp(seconds, slots, node.wall);
        return { slot: node.chain.slot, unixTimestamp: node.chain.time };
    },

    devnet_setAccount: (node, args) => {
        args.at_most(2);
        const address = to_address(args.required(0, 'address'), 'address');
        const config = args.config(1);
        const data = config.get('data');
        let bytes: Uint8Array;
        try {
            bytes = data === undefined ? new Uint8Array(0) : from_base64(to_text(data, 'data'));
        } catch {
            throw invalid_params('Invalid params: data must be base64 with padding');
        }
        const account = {
            lamports: to_u64(config.get('lamports'), 'lamports'),
            owner: to_address(config.get('owner'), 'owner'),
            data: bytes,
            executable: config.flag('executable'),
        };
        try {
            node.chain.set_account(address, account, node.wall);
        } catch (error) {
            throw invalid_params(`Invalid params: ${(error as Error).message}`);
        }
        return null;
    },

    devnet_setRent: (node, args) => {
        args.at_most(1);
        const rate = to_count(args.required(0, 'lamports per byte'), 'lamports per byte');
        if (rate > 1_000_000) {
            throw invalid_params('Invalid params: at most 1000000 lamports per byte');
        }
        node.chain.set_rent(BigInt(rate), node.wall);
        return null;
    },
};
