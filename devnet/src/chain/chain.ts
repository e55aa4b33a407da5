// SPDX-License-Identifier: Apache-2.0
//
// The chain: a VM, a clock that moves in slots, and the rules around a transaction that litesvm
// leaves to its user: recent blockhashes, durable nonces, duplicates, records of what happened.

import {
    Machine,
    type Account,
    type AddressedAccount,
    type Outcome,
    type SimulatedOutcome,
} from '../vm/machine.ts';
import type { TransactionError } from '../vm/errors.ts';
import { Keypair } from '../wire/builder.ts';
import { address_bytes, address_text } from '../wire/addresses.ts';
import { from_base64, to_base64 } from '../wire/text.ts';
import { type Transaction, decode_transaction } from '../wire/transaction.ts';
import { BlockhashQueue, Blockhashes, kBlockhashAgeMax } from './blockhashes.ts';
import { type LoadedAddresses, kNoLoadedAddresses, resolve_lookups } from './lookup_tables.ts';
import { decode_nonce, next_nonce, nonce_allows, nonce_use, with_nonce } from './nonce.ts';
import { type Balances, type Entry, type TokenBalance, make_meta } from './record.ts';
import { History, type Row } from './history.ts';
import { StatusCache } from './status_cache.ts';
import { type Position, enter_slot, kStartSlot } from './sysvars.ts';
import { decode_mint, decode_token_account, ui_amount } from './tokens.ts';

/** Where a transaction's lifetime comes from. */
type Lifetime = 'blockhash' | 'nonce';

/** An entry without what the chain fills in. */
type EntryBody = Entry extends infer E
    ? E extends Entry
        ? Omit<E, 'slot' | 'time' | 'wall'>
        : never
    : never;

export interface Submission {
    readonly outcome: Outcome;
    readonly loaded: LoadedAddresses;
    /** Null when the transaction never made it into a block (and paid nothing). */
    readonly row: Row | null;
    readonly before: Balances;
    readonly after: Balances;
}

export interface Simulation {
    readonly outcome: SimulatedOutcome;
    readonly loaded: LoadedAddresses;
    readonly before: Balances;
}

export interface ChainListener {
    /** A transaction was executed and recorded; `accounts`: those it may have changed. */
    on_transaction(row: Row, logs: readonly string[], accounts: readonly Uint8Array[]): void;
    /** Accounts changed without a transaction. */
    on_accounts(accounts: readonly Uint8Array[]): void;
    /** A new slot began. */
    on_slot(slot: number): void;
}

export interface ChainOptions {
    readonly seed: Uint8Array;
    readonly faucet_seed: Uint8Array;
    readonly features: 'mainnet' | 'all';
    /** Slots until a processed transaction counts as finalized. */
    readonly finality_slots: number;
    /** Writes an entry down before anybody learns of it, and says in which segment. */
    readonly persist: (entry: Entry) => number;
}

function failed(error: TransactionError): SimulatedOutcome {
    return {
        error,
        signature: new Uint8Array(64),
        logs: [],
        compute_units: 0n,
        fee: 0n,
        return_data: null,
        inner_instructions: [],
        post_accounts: [],
    };
}

/** Everything there is at the start, in the faucet: 500 million SOL. */
export const kSupplyLamports = 500_000_000_000_000_000n;
const kNoBalances: Balances = { lamports: [], tokens: [] };

export class Chain {
    readonly machine: Machine;
    readonly faucet: Keypair;
    readonly hashes: Blockhashes;
    readonly history = new History();
    readonly #options: ChainOptions;
    readonly #queue: BlockhashQueue;
    readonly #processed = new StatusCache();
    readonly #listeners: ChainListener[] = [];
    readonly #slot_times = new Map<number, number>();
    #position: Position = { slot: kStartSlot, time: 0 };
    #time_offset = 0;
    #transaction_count = 0;
    /** The journal's own entry while it is applied again: nothing is written then. */
    #replay: { entry: Entry; segment: number } | null = null;

    constructor(options: ChainOptions) {
        this.#options = options;
        this.hashes = new Blockhashes(options.seed);
        this.#queue = new BlockhashQueue(this.hashes);
        this.faucet = Keypair.from_seed(options.faucet_seed);
        this.machine = new Machine({
            features: options.features,
            blockhash_check: false,
            history_capacity: 0n,
            faucet_lamports: 0n,
        });
    }

    get slot(): number {
        return this.#position.slot;
    }

    get time(): number {
        return this.#position.time;
    }

    get time_offset(): number {
        return this.#time_offset;
    }

    get transaction_count(): number {
        return this.#transaction_count;
    }

    get finalized_slot(): number {
        return Math.max(kStartSlot, this.slot - this.#options.finality_slots);
    }

    listen(listener: ChainListener): void {
        this.#listeners.push(listener);
    }

    /** The state a new chain starts with. */
    begin(wall_milliseconds: number): void {
        this.machine.set_epoch_schedule_without_warmup();
        this.machine.set_account(this.faucet.address, {
            lamports: kSupplyLamports,
            owner: new Uint8Array(32),
            data: new Uint8Array(0),
            executable: false,
        });
        // The first slot is the genesis block: final from the start, and without transactions.
        this.#enter({ slot: kStartSlot + 1, time: Math.floor(wall_milliseconds / 1000) });
    }

    /** Takes up a saved state. */
    resume(
        state: { slot: number; time: number; time_offset: number; transaction_count: number },
        vm: Uint8Array,
    ): void {
        this.machine.restore(vm);
        this.#time_offset = state.time_offset;
        this.#transaction_count = state.transaction_count;
        this.#enter({ slot: state.slot, time: state.time });
    }

    state(): { slot: number; time: number; time_offset: number; transaction_count: number } {
        return {
            slot: this.slot,
            time: this.time,
            time_offset: this.#time_offset,
            transaction_count: this.#transaction_count,
        };
    }

    #enter(position: Position): void {
        enter_slot(this.machine, this.hashes, position);
        this.#queue.move_to(position.slot);
        this.#processed.prune(position.slot);
        this.#position = position;
        this.#slot_times.set(position.slot, position.time);
        if (this.#slot_times.size > 10_000) {
            this.#slot_times.delete(this.#slot_times.keys().next().value!);
        }
    }

    /** Moves on by some slots, to the time the wall clock shows. The time never goes back. */
    advance(slots: number, wall_milliseconds: number): void {
        const time = Math.max(this.time, Math.floor(wall_milliseconds / 1000) + this.#time_offset);
        this.#enter({ slot: this.slot + slots, time });
        for (const listener of this.#listeners) {
            listener.on_slot(this.slot);
        }
    }

    /** Jumps forward in time, slots or both. */
    warp(seconds: number, slots: number, wall_milliseconds: number): void {
        this.#time_offset += seconds;
        this.advance(Math.max(1, slots), wall_milliseconds);
        this.#write({ kind: 'warp', time_offset: this.#time_offset }, wall_milliseconds);
    }

    /** Unix seconds of a slot; null for an empty slot of long ago. */
    time_of(slot: number): number | null {
        return this.history.in_slot(slot)[0]?.time ?? this.#slot_times.get(slot) ?? null;
    }

    block_height(slot: number): number {
        return slot - kStartSlot;
    }

    latest_blockhash(slot: number = this.slot): {
        hash: Uint8Array;
        last_valid_block_height: number;
    } {
        return {
            hash: this.hashes.latest(slot),
            last_valid_block_height: this.block_height(slot) + kBlockhashAgeMax,
        };
    }

    is_blockhash_valid(hash: Uint8Array): boolean {
        return this.#queue.find(hash) !== undefined;
    }

    get_account(address: Uint8Array): Account | null {
        const account = this.machine.get_account(address);
        return account === null || account.lamports === 0n ? null : account;
    }

    get_program_accounts(program: Uint8Array): AddressedAccount[] {
        return this.machine
            .get_program_accounts(program)
            .filter((account) => account.lamports > 0n);
    }

    #write(body: EntryBody, wall_milliseconds: number): { entry: Entry; segment: number } {
        if (this.#replay !== null) {
            return this.#replay;
        }
        const entry = { ...body, ...this.#position, wall: wall_milliseconds } as Entry;
        return { entry, segment: this.#options.persist(entry) };
    }

    set_account(
        address: Uint8Array,
        account: Omit<Account, 'rent_epoch'>,
        wall_milliseconds: number,
    ): void {
        this.machine.set_account(address, account);
        this.#write(
            {
                kind: 'set_account',
                address: address_text(address),
                lamports: account.lamports.toString(),
                owner: address_text(account.owner),
                data: to_base64(account.data),
                executable: account.executable,
            },
            wall_milliseconds,
        );
        for (const listener of this.#listeners) {
            listener.on_accounts([address]);
        }
    }

    set_rent(lamports_per_byte: bigint, wall_milliseconds: number): void {
        this.machine.set_lamports_per_byte(lamports_per_byte);
        this.#write(
            { kind: 'set_rent', lamports_per_byte: lamports_per_byte.toString() },
            wall_milliseconds,
        );
    }

    /** Which rule lets the transaction in at this time; an error when none does. */
    #lifetime_of(transaction: Transaction): Lifetime | null {
        const { message } = transaction;
        if (this.#queue.find(message.lifetime) !== undefined) {
            return 'blockhash';
        }
        const use = nonce_use(message);
        const state = use === null ? null : decode_nonce(this.get_account(use.account));
        return use !== null && nonce_allows(state, message.lifetime, use.signers) ? 'nonce' : null;
    }

    /**
     * Whether a blockhash or a nonce lets the transaction in, leaving aside that it may be in
     * already.
     */
    has_lifetime(transaction: Transaction): boolean {
        return this.#lifetime_of(transaction) !== null;
    }

    /** The check Agave makes before it loads any account. */
    #admission_error(transaction: Transaction): TransactionError | null {
        if (this.#lifetime_of(transaction) === null) {
            return 'BlockhashNotFound';
        }
        return this.#processed.has(transaction.message_bytes) ? 'AlreadyProcessed' : null;
    }

    #all_keys(transaction: Transaction, loaded: LoadedAddresses): Uint8Array[] {
        return [...transaction.message.account_keys, ...loaded.writable, ...loaded.readonly];
    }

    #resolve(transaction: Transaction): LoadedAddresses {
        const loaded = resolve_lookups(transaction.message, (address) => this.get_account(address));
        return loaded ?? kNoLoadedAddresses;
    }

    balances(keys: readonly Uint8Array[]): Balances {
        const tokens: TokenBalance[] = [];
        const lamports = keys.map((key, index) => {
            const balance = this.machine.get_balance(key);
            const balance_of_tokens = balance === 0n ? null : this.#token_balance(key, index);
            if (balance_of_tokens !== null) {
                tokens.push(balance_of_tokens);
            }
            return balance;
        });
        return { lamports, tokens };
    }

    #token_balance(key: Uint8Array, index: number): TokenBalance | null {
        const account = this.machine.get_account(key);
        const token = decode_token_account(account);
        const mint = token === null ? null : decode_mint(this.machine.get_account(token.mint));
        if (account === null || token === null || mint === null) {
            return null;
        }
        return {
            accountIndex: index,
            mint: address_text(token.mint),
            owner: address_text(token.owner),
            programId: address_text(account.owner),
            uiTokenAmount: ui_amount(token.amount, mint.decimals),
        };
    }

    /**
     * Executes a transaction in the current slot. `trusted`: the chain's own, with signatures
     * missing. When this returns with a row, the transaction is written down and cannot be lost any
     * more.
     */
    submit(transaction: Transaction, wall_milliseconds: number, trusted = false): Submission {
        const admission = this.#admission_error(transaction);
        if (admission !== null) {
            return {
                outcome: failed(admission),
                loaded: kNoLoadedAddresses,
                row: null,
                before: kNoBalances,
                after: kNoBalances,
            };
        }
        const lifetime = this.#lifetime_of(transaction);
        const loaded = this.#resolve(transaction);
        const keys = this.#all_keys(transaction, loaded);
        const before = this.balances(keys);
        const outcome = this.#execute(transaction, trusted);
        const charged = this.machine.get_balance(keys[0]!) !== before.lamports[0];
        if (outcome.error !== null && !charged) {
            return { outcome, loaded, row: null, before, after: before };
        }
        const changed = this.#writable_keys(transaction, loaded, outcome.error !== null);
        if (outcome.error !== null && lifetime === 'nonce') {
            changed.push(this.#advance_nonce(transaction));
        }
        const after = this.balances(keys);
        this.#processed.add(transaction.message_bytes, this.slot);
        this.#transaction_count++;
        const meta = make_meta(outcome, before, after, loaded);
        const wire = to_base64(transaction.bytes);
        const { entry, segment } = this.#write(
            { kind: 'transaction', wire, trusted, meta },
            wall_milliseconds,
        );
        const row = this.history.add(entry as Extract<Entry, { kind: 'transaction' }>, segment);
        for (const listener of this.#listeners) {
            listener.on_transaction(row, outcome.logs, changed);
        }
        return { outcome, loaded, row, before, after };
    }

    #execute(transaction: Transaction, trusted: boolean): Outcome {
        if (!trusted) {
            return this.machine.send(transaction);
        }
        this.machine.set_checks({ signature_check: false });
        try {
            return this.machine.send(transaction);
        } finally {
            this.machine.set_checks({ signature_check: true });
        }
    }

    /** A failed transaction changes its fee payer only. */
    #writable_keys(
        transaction: Transaction,
        loaded: LoadedAddresses,
        payer_only: boolean,
    ): Uint8Array[] {
        const { header, account_keys } = transaction.message;
        if (payer_only) {
            return [account_keys[0]!];
        }
        const signers = header.num_required_signatures;
        const is_writable = (index: number): boolean =>
            index < signers
                ? index < signers - header.num_readonly_signed
                : index < account_keys.length - header.num_readonly_unsigned;
        return [...account_keys.filter((_key, index) => is_writable(index)), ...loaded.writable];
    }

    /** On a cluster a failed transaction still uses up its nonce; litesvm leaves that out. */
    #advance_nonce(transaction: Transaction): Uint8Array {
        const { account: address } = nonce_use(transaction.message)!;
        const account = this.machine.get_account(address);
        const state = decode_nonce(account);
        if (account !== null && state !== null) {
            this.machine.set_account(
                address,
                with_nonce(account, next_nonce(transaction.message.lifetime)),
            );
        }
        return address;
    }

    /** Executes without any effect. */
    simulate(
        transaction: Transaction,
        checks: { signatures: boolean; lifetime: boolean },
    ): Simulation {
        const admission = checks.lifetime ? this.#admission_error(transaction) : null;
        if (admission !== null) {
            return { outcome: failed(admission), loaded: kNoLoadedAddresses, before: kNoBalances };
        }
        const loaded = this.#resolve(transaction);
        const before = this.balances(this.#all_keys(transaction, loaded));
        this.machine.set_checks({ signature_check: checks.signatures });
        try {
            return { outcome: this.machine.simulate(transaction), loaded, before };
        } finally {
            this.machine.set_checks({ signature_check: true });
        }
    }

    /** Takes over an entry that the saved state already contains. */
    remember(entry: Entry, segment: number): void {
        if (entry.kind === 'transaction') {
            const row = this.history.add(entry, segment);
            this.#processed.add(decode_transaction(row.wire).message_bytes, row.slot);
        }
    }

    /**
     * Applies an entry of the journal again. The VM is deterministic, so a transaction must come
     * out as it did the first time; throws when it does not.
     */
    replay(entry: Entry, segment: number): void {
        this.#replay = { entry, segment };
        try {
            if (entry.slot !== this.slot || entry.time !== this.time) {
                this.#enter({ slot: entry.slot, time: entry.time });
            }
            this.#apply(entry);
        } finally {
            this.#replay = null;
        }
    }

    #apply(entry: Entry): void {
        switch (entry.kind) {
            case 'transaction': {
                const transaction = decode_transaction(from_base64(entry.wire));
                const { row, outcome } = this.submit(transaction, entry.wall, entry.trusted);
                const same =
                    row !== null &&
                    JSON.stringify(outcome.error) === JSON.stringify(entry.meta.error) &&
                    outcome.compute_units === BigInt(entry.meta.compute_units);
                if (!same) {
                    throw new Error(
                        `the ledger does not replay: a transaction in slot ${entry.slot} came out as ` +
                            `${JSON.stringify(outcome.error)}, not ${JSON.stringify(entry.meta.error)}`,
                    );
                }
                break;
            }
            case 'set_account':
                this.machine.set_account(address_bytes(entry.address), {
                    lamports: BigInt(entry.lamports),
                    owner: address_bytes(entry.owner),
                    data: from_base64(entry.data),
                    executable: entry.executable,
                });
                break;
            case 'set_rent':
                this.machine.set_lamports_per_byte(BigInt(entry.lamports_per_byte));
                break;
            case 'warp':
                this.#time_offset = entry.time_offset;
                break;
        }
    }
}
