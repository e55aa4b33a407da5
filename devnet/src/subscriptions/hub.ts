// SPDX-License-Identifier: Apache-2.0
//
// All subscriptions of all connections, and what the chain's events mean for them. Processed and
// confirmed subscribers hear at once; finalized ones when the slot has become final.

import type { Chain, ChainListener } from '../chain/chain.ts';
import type { Row } from '../chain/history.ts';
import { encode_account, type AccountForm } from '../rpc/account_encoding.ts';
import type { AccountFilter } from '../rpc/account_filters.ts';
import { kAgaveVersion } from '../rpc/context.ts';
import type { Commitment } from '../rpc/params.ts';
import { error_json } from '../rpc/transaction_encoding.ts';
import type { Account } from '../vm/machine.ts';
import { address_text } from '../wire/addresses.ts';
import type { Json, JsonObject } from '../wire/json.ts';
import { from_map_key, map_key, to_base58 } from '../wire/text.ts';
import { decode_transaction } from '../wire/transaction.ts';
import { row_meta } from '../chain/history.ts';
import { address_bytes } from '../wire/addresses.ts';

/** What a subscriber asked for. Keys are map keys (text.ts). */
export type Interest =
    | { readonly kind: 'slot' }
    | { readonly kind: 'root' }
    | {
          readonly kind: 'signature';
          readonly key: string;
          readonly commitment: Commitment;
          readonly received: boolean;
      }
    | {
          readonly kind: 'account';
          readonly key: string;
          readonly commitment: Commitment;
          readonly form: AccountForm;
      }
    | {
          readonly kind: 'program';
          readonly key: string;
          readonly commitment: Commitment;
          readonly form: AccountForm;
          readonly filter: AccountFilter;
      }
    | {
          readonly kind: 'logs';
          /** Null: every transaction. */
          readonly key: string | null;
          readonly commitment: Commitment;
      };

export type InterestKind = Interest['kind'];

/** Delivers one notification. */
export type Deliver = (method: string, subscription: number, result: Json) => void;

interface Subscription {
    readonly id: number;
    readonly interest: Interest;
    readonly deliver: Deliver;
}

/** Something finalized subscribers have yet to hear. */
interface Pending {
    readonly slot: number;
    readonly subscription: Subscription;
    readonly result: Json;
}

function mentions(row: Row, key: string): boolean {
    const { message } = decode_transaction(row.wire);
    if (message.account_keys.some((account) => map_key(account) === key)) {
        return true;
    }
    const { loaded } = row_meta(row);
    return [...loaded.writable, ...loaded.readonly].some(
        (text) => map_key(address_bytes(text)) === key,
    );
}

export class Hub implements ChainListener {
    readonly #chain: Chain;
    readonly #subscriptions = new Map<number, Subscription>();
    #pending: Pending[] = [];
    #next_id = 0;

    constructor(chain: Chain) {
        this.#chain = chain;
        chain.listen(this);
    }

    get size(): number {
        return this.#subscriptions.size;
    }

    /** Adds a subscription. What already happened to a signature is delivered by `settle`. */
    add(interest: Interest, deliver: Deliver): number {
        const id = this.#next_id++;
        this.#subscriptions.set(id, { id, interest, deliver });
        return id;
    }

    remove(id: number, kind: InterestKind): boolean {
        if (this.#subscriptions.get(id)?.interest.kind !== kind) {
            return false;
        }
        return this.#drop(id);
    }

    /** Whatever its kind: the connection is gone. */
    forget(id: number): void {
        this.#drop(id);
    }

    #drop(id: number): boolean {
        this.#pending = this.#pending.filter((entry) => entry.subscription.id !== id);
        return this.#subscriptions.delete(id);
    }

    /** Delivers the outcome of a signature that was processed before anybody subscribed. */
    settle(id: number): void {
        const subscription = this.#subscriptions.get(id);
        if (subscription?.interest.kind !== 'signature') {
            return;
        }
        const row = this.#chain.history.find(from_map_key(subscription.interest.key));
        if (row !== undefined) {
            this.#signature(subscription, row);
        }
    }

    #with_context(slot: number, value: Json): JsonObject {
        return { context: { apiVersion: kAgaveVersion, slot }, value };
    }

    /** Now, or when the slot is final. */
    #send(subscription: Subscription, commitment: Commitment, slot: number, value: Json): void {
        const result = this.#with_context(slot, value);
        if (commitment === 'finalized' && slot > this.#chain.finalized_slot) {
            this.#pending.push({ slot, subscription, result });
        } else {
            this.#deliver(subscription, result);
        }
    }

    #deliver(subscription: Subscription, result: Json): void {
        subscription.deliver(`${subscription.interest.kind}Notification`, subscription.id, result);
        const is_last =
            subscription.interest.kind === 'signature' &&
            (result as JsonObject)['value'] !== 'receivedSignature';
        if (is_last) {
            this.#subscriptions.delete(subscription.id);
        }
    }

    #signature(subscription: Subscription, row: Row): void {
        const { interest } = subscription;
        if (interest.kind !== 'signature') {
            return;
        }
        if (interest.received) {
            this.#deliver(subscription, this.#with_context(row.slot, 'receivedSignature'));
        }
        this.#send(subscription, interest.commitment, row.slot, { err: error_json(row.error) });
    }

    #account_value(address: Uint8Array, account: Account | null, form: AccountForm): Json {
        // A closed account is reported as an empty one of the System program.
        const shown = account ?? {
            lamports: 0n,
            owner: new Uint8Array(32),
            data: new Uint8Array(0),
            executable: false,
            rent_epoch: 0n,
        };
        return encode_account(address, shown, form, (key) => this.#chain.get_account(key));
    }

    #account_changed(subscription: Subscription, address: Uint8Array, slot: number): void {
        const { interest } = subscription;
        const account = this.#chain.get_account(address);
        if (interest.kind === 'account' && interest.key === map_key(address)) {
            const value = this.#account_value(address, account, interest.form);
            this.#send(subscription, interest.commitment, slot, value);
        }
        const of_program =
            interest.kind === 'program' &&
            account !== null &&
            map_key(account.owner) === interest.key &&
            interest.filter(account);
        if (of_program) {
            const value = {
                pubkey: address_text(address),
                account: this.#account_value(address, account, interest.form),
            };
            this.#send(subscription, interest.commitment, slot, value);
        }
    }

    on_transaction(row: Row, logs: readonly string[], accounts: readonly Uint8Array[]): void {
        for (const subscription of [...this.#subscriptions.values()]) {
            const { interest } = subscription;
            if (interest.kind === 'signature' && interest.key === map_key(row.signature)) {
                this.#signature(subscription, row);
            } else if (interest.kind === 'logs') {
                if (interest.key === null || mentions(row, interest.key)) {
                    this.#send(subscription, interest.commitment, row.slot, {
                        signature: to_base58(row.signature),
                        err: error_json(row.error),
                        logs: [...logs],
                    });
                }
            }
        }
        this.#accounts_changed(accounts);
    }

    on_accounts(accounts: readonly Uint8Array[]): void {
        this.#accounts_changed(accounts);
    }

    #accounts_changed(accounts: readonly Uint8Array[]): void {
        for (const subscription of this.#subscriptions.values()) {
            if (
                subscription.interest.kind === 'account' ||
                subscription.interest.kind === 'program'
            ) {
                for (const address of accounts) {
                    this.#account_changed(subscription, address, this.#chain.slot);
                }
            }
        }
    }

    on_slot(slot: number): void {
        const root = this.#chain.finalized_slot;
        for (const subscription of this.#subscriptions.values()) {
            if (subscription.interest.kind === 'slot') {
                this.#deliver(subscription, { parent: slot - 1, root, slot });
            } else if (subscription.interest.kind === 'root') {
                this.#deliver(subscription, root);
            }
        }
        const due = this.#pending.filter((entry) => entry.slot <= root);
        this.#pending = this.#pending.filter((entry) => entry.slot > root);
        for (const entry of due) {
            this.#deliver(entry.subscription, entry.result);
        }
    }
}
