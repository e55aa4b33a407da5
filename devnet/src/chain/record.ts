// SPDX-License-Identifier: Apache-2.0
//
// What the chain remembers of a transaction, and what it writes down of everything that changes it.

import type { InnerInstruction, Outcome } from '../vm/machine.ts';
import type { TransactionError } from '../vm/errors.ts';
import { address_text } from '../wire/addresses.ts';
import type { Json } from '../wire/json.ts';
import { to_base64 } from '../wire/text.ts';
import type { UiTokenAmount } from './tokens.ts';
import type { LoadedAddresses } from './lookup_tables.ts';

/** As JSON-RPC shows it. */
export interface TokenBalance {
    readonly accountIndex: number;
    readonly mint: string;
    readonly owner: string;
    readonly programId: string;
    readonly uiTokenAmount: UiTokenAmount;
}

export interface InnerRecord {
    readonly program_index: number;
    readonly accounts: readonly number[];
    /** Base64. */
    readonly data: string;
    readonly stack_height: number;
}

export interface Meta {
    readonly error: TransactionError | null;
    readonly fee: bigint | number;
    readonly pre_balances: readonly (bigint | number)[];
    readonly post_balances: readonly (bigint | number)[];
    readonly pre_tokens: readonly TokenBalance[];
    readonly post_tokens: readonly TokenBalance[];
    readonly logs: readonly string[];
    readonly inner: readonly {
        readonly index: number;
        readonly instructions: readonly InnerRecord[];
    }[];
    readonly return_data: { readonly program: string; readonly data: string } | null;
    readonly compute_units: bigint | number;
    /** Base58. */
    readonly loaded: { readonly writable: readonly string[]; readonly readonly: readonly string[] };
}

/**
 * One line of the journal. `slot` and `time` are the chain's when it happened; `wall`:
 * milliseconds.
 */
export type Entry = { readonly slot: number; readonly time: number; readonly wall: number } & (
    | {
          readonly kind: 'transaction';
          /** Base64. */
          readonly wire: string;
          /** Sent by the chain itself with a missing signature: replayed without the check. */
          readonly trusted: boolean;
          readonly meta: Meta;
      }
    | {
          readonly kind: 'set_account';
          readonly address: string;
          readonly lamports: string;
          readonly owner: string;
          /** Base64. */
          readonly data: string;
          readonly executable: boolean;
      }
    | { readonly kind: 'set_rent'; readonly lamports_per_byte: string }
    | { readonly kind: 'warp'; readonly time_offset: number }
);

function inner_record(inner: InnerInstruction): InnerRecord {
    return {
        program_index: inner.program_index,
        accounts: [...inner.account_indexes],
        data: to_base64(inner.data),
        stack_height: inner.stack_height,
    };
}

export interface Balances {
    readonly lamports: readonly bigint[];
    readonly tokens: readonly TokenBalance[];
}

export function make_meta(
    outcome: Outcome,
    before: Balances,
    after: Balances,
    loaded: LoadedAddresses,
): Meta {
    return {
        error: outcome.error,
        fee: outcome.fee,
        pre_balances: before.lamports,
        post_balances: after.lamports,
        pre_tokens: before.tokens,
        post_tokens: after.tokens,
        logs: outcome.logs,
        inner: outcome.inner_instructions
            .map((list, index) => ({ index, instructions: list.map(inner_record) }))
            .filter((entry) => entry.instructions.length > 0),
        return_data:
            outcome.return_data === null
                ? null
                : {
                      program: address_text(outcome.return_data.program),
                      data: to_base64(outcome.return_data.data),
                  },
        compute_units: outcome.compute_units,
        loaded: {
            writable: loaded.writable.map(address_text),
            readonly: loaded.readonly.map(address_text),
        },
    };
}

export function entry_json(entry: Entry): Json {
    return entry as unknown as Json;
}
