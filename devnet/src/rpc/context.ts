// SPDX-License-Identifier: Apache-2.0
//
// What the methods share: the node, and the forms an answer takes.

import type { LocalNode } from '../node.ts';
import type { Json, JsonObject } from '../wire/json.ts';
import { RpcError, kMinContextSlotNotReached } from './errors.ts';
import type { Args, Commitment, Config } from './params.ts';

/**
 * The Agave release whose runtime litesvm 1.5.0 contains, and whose answers this server imitates.
 */
export const kAgaveVersion = '4.3.0';

export type Method = (node: LocalNode, args: Args) => Json | Promise<Json>;
export type Methods = { readonly [name: string]: Method };

/**
 * The slot a commitment stands for. State is always the newest: with one node, what is executed is
 * final, and the levels differ only in the slot they report and in when a transaction reaches them.
 */
export function slot_at(node: LocalNode, commitment: Commitment): number {
    return commitment === 'finalized' ? node.chain.finalized_slot : node.chain.slot;
}

/** Refuses a request that wants a slot the chain has not reached. */
export function check_min_context_slot(node: LocalNode, config: Config): void {
    const wanted = config.count('minContextSlot');
    if (wanted !== undefined && wanted > node.chain.slot) {
        throw new RpcError(kMinContextSlotNotReached, 'Minimum context slot has not been reached', {
            contextSlot: node.chain.slot,
        });
    }
}

export function with_context(node: LocalNode, value: Json): JsonObject {
    return { context: { apiVersion: kAgaveVersion, slot: node.chain.slot }, value };
}
