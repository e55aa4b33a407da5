// SPDX-License-Identifier: Apache-2.0
//
// The Solana VM (litesvm) behind one small interface of plain data. The binding aborts the whole
// process on keys of a wrong length and on transactions it cannot decode; nothing here lets such
// bytes through.

import internal from 'litesvm/dist/internal.js';
import { type Transaction, decode_transaction } from '../wire/transaction.ts';
import {
    address_bytes,
    kFeatureProgram,
    kSystemProgram,
    kUpgradeableLoader,
} from '../wire/addresses.ts';
import { bytes_equal } from '../wire/text.ts';
import { type TransactionError, transaction_error } from './errors.ts';

/** Mainnet's price of one byte of account data since autumn 2026 (SIMD-0437), in lamports. */
export const kMainnetLamportsPerByte = 5080n;
const kU64Max = (1n << 64n) - 1n;
/** The binding's faucet starts with a million SOL; a development chain should not run dry. */
const kFaucetLamports = 500_000_000_000_000_000n;
/** No account may be larger (Agave's MAX_PERMITTED_DATA_LENGTH). */
export const kAccountDataSizeMax = 10 * 1024 * 1024;

export interface Account {
    readonly lamports: bigint;
    readonly owner: Uint8Array;
    readonly data: Uint8Array;
    readonly executable: boolean;
    readonly rent_epoch: bigint;
}

export interface AddressedAccount extends Account {
    readonly address: Uint8Array;
}

export interface Clock {
    readonly slot: bigint;
    readonly epoch_start_timestamp: bigint;
    readonly epoch: bigint;
    readonly leader_schedule_epoch: bigint;
    readonly unix_timestamp: bigint;
}

export interface InnerInstruction {
    readonly program_index: number;
    readonly account_indexes: Uint8Array;
    readonly data: Uint8Array;
    readonly stack_height: number;
}

export interface Outcome {
    /** Null when the transaction succeeded. */
    readonly error: TransactionError | null;
    readonly signature: Uint8Array;
    readonly logs: readonly string[];
    readonly compute_units: bigint;
    /** What the fee payer was charged, in lamports. */
    readonly fee: bigint;
    readonly return_data: { readonly program: Uint8Array; readonly data: Uint8Array } | null;
    /** One list for each outer instruction that started. */
    readonly inner_instructions: readonly (readonly InnerInstruction[])[];
}

export interface SimulatedOutcome extends Outcome {
    /** The writable accounts as they would be afterwards; empty when the transaction failed. */
    readonly post_accounts: readonly AddressedAccount[];
}

export interface MachineOptions {
    /**
     * `mainnet`: what mainnet-beta had active when litesvm was released; `all`: every known gate.
     */
    readonly features?: 'mainnet' | 'all';
    /** Feature gates to switch on or off on top of that. */
    readonly activate?: readonly Uint8Array[];
    readonly deactivate?: readonly Uint8Array[];
    /** Rent in lamports per byte of account data; mainnet's current 5,080 when absent. */
    readonly lamports_per_byte?: bigint;
    readonly signature_check?: boolean;
    /** Whether the VM itself wants its own latest blockhash; a nonce counts as well. */
    readonly blockhash_check?: boolean;
    /** How many signatures the VM remembers to refuse duplicates; 0 allows duplicates. */
    readonly history_capacity?: bigint;
    /** What the VM's own faucet (`airdrop`) holds. */
    readonly faucet_lamports?: bigint;
    /** Log bytes kept for each transaction (Agave: 10,000); null keeps all. */
    readonly log_bytes_limit?: bigint | null;
}

const kNativeLoader = address_bytes('NativeLoader1111111111111111111111111111111');
const kSysvarOwner = address_bytes('Sysvar1111111111111111111111111111111111111');
function key(bytes: Uint8Array): Uint8Array {
    if (bytes.length !== 32) {
        throw new Error(`an address is 32 bytes, not ${bytes.length}`);
    }
    return bytes;
}

function u64(value: bigint, what: string): bigint {
    if (value < 0n || value > kU64Max) {
        throw new Error(`${what} must fit 64 unsigned bits, not ${value}`);
    }
    return value;
}

function from_vm_account(account: internal.Account): Account {
    return {
        lamports: account.lamports(),
        owner: account.owner(),
        data: account.data(),
        executable: account.executable(),
        rent_epoch: account.rentEpoch(),
    };
}

/** The binding has no accessor for the fee; its debug text ends with it. */
function fee_of(metadata: internal.TransactionMetadata): bigint {
    const text = metadata.toString();
    const match = /fee: (\d+) \}\)$/.exec(text.slice(-40));
    if (match === null) {
        throw new Error('the VM no longer reports the fee in its debug text');
    }
    return BigInt(match[1]!);
}

function from_vm_inner(inner: internal.InnerInstruction): InnerInstruction {
    const instruction = inner.instruction();
    return {
        program_index: instruction.programIdIndex(),
        account_indexes: instruction.accounts(),
        data: instruction.data(),
        stack_height: inner.stackHeight(),
    };
}

function to_outcome(
    result: internal.TransactionMetadata | internal.FailedTransactionMetadata,
): Outcome {
    const failed = result instanceof internal.FailedTransactionMetadata;
    const metadata = failed ? result.meta() : result;
    const returned = metadata.returnData();
    const data = returned.data();
    return {
        error: failed ? transaction_error(result.err()) : null,
        signature: metadata.signature(),
        logs: metadata.logs(),
        compute_units: metadata.computeUnitsConsumed(),
        fee: fee_of(metadata),
        return_data: data.length === 0 ? null : { program: returned.programId(), data },
        inner_instructions: metadata.innerInstructions().map((list) => list.map(from_vm_inner)),
    };
}

function mainnet_features(vm: internal.LiteSvm): internal.FeatureSet {
    const features = new internal.FeatureSet();
    for (const { address } of vm.getProgramAccounts(kFeatureProgram)) {
        features.activate(address, 0n);
    }
    return features;
}

/**
 * Starts from litesvm's default VM, whose feature accounts are mainnet's, and rebuilds on a change.
 */
function create_vm(options: MachineOptions): internal.LiteSvm {
    const vm = new internal.LiteSvm();
    const changed = (options.activate?.length ?? 0) + (options.deactivate?.length ?? 0) > 0;
    if (options.features === 'all' || changed) {
        const features =
            options.features === 'all' ? internal.FeatureSet.allEnabled() : mainnet_features(vm);
        for (const gate of options.activate ?? []) {
            features.activate(key(gate), 0n);
        }
        for (const gate of options.deactivate ?? []) {
            features.deactivate(key(gate));
        }
        vm.setFeatureSet(features);
        vm.setBuiltins();
        vm.setPrecompiles();
        vm.setDefaultPrograms();
    }
    vm.setLamports(u64(options.faucet_lamports ?? kFaucetLamports, 'faucet lamports'));
    return vm;
}

export class Machine {
    #vm: internal.LiteSvm;
    #options: MachineOptions;

    constructor(options: MachineOptions = {}) {
        this.#options = options;
        this.#vm = create_vm(options);
        this.set_lamports_per_byte(options.lamports_per_byte ?? kMainnetLamportsPerByte);
        this.#apply_switches();
    }

    /**
     * Checks are switches of the VM object, not state of the chain: a snapshot does not carry them.
     */
    #apply_switches(): void {
        const options = this.#options;
        this.#vm.setSigverify(options.signature_check ?? true);
        this.#vm.setBlockhashCheck(options.blockhash_check ?? true);
        if (options.history_capacity !== undefined) {
            this.#vm.setTransactionHistory(u64(options.history_capacity, 'history capacity'));
        }
        if (options.log_bytes_limit !== undefined) {
            this.#vm.setLogBytesLimit(options.log_bytes_limit);
        }
    }

    set_checks(checks: { signature_check?: boolean; blockhash_check?: boolean }): void {
        this.#options = { ...this.#options, ...checks };
        this.#apply_switches();
    }

    get options(): MachineOptions {
        return this.#options;
    }

    /** The whole state: accounts, sysvars, features, transaction history. */
    snapshot(): Uint8Array {
        return this.#vm.toBytes();
    }

    restore(snapshot: Uint8Array): void {
        this.#vm = internal.LiteSvm.fromBytes(snapshot);
        this.#apply_switches();
    }

    get_account(address: Uint8Array): Account | null {
        const account = this.#vm.getAccount(key(address));
        return account === null ? null : from_vm_account(account);
    }

    get_balance(address: Uint8Array): bigint {
        return this.#vm.getBalance(key(address)) ?? 0n;
    }

    /** Every account the program owns. */
    get_program_accounts(program: Uint8Array): AddressedAccount[] {
        return this.#vm
            .getProgramAccounts(key(program))
            .map((entry) => ({ address: entry.address, ...from_vm_account(entry.account()) }));
    }

    /**
     * Writes an account, bypassing the rules of the chain. Refuses malformed sysvars and programs,
     * and to take away what the VM cannot run without.
     */
    set_account(
        address: Uint8Array,
        account: Omit<Account, 'rent_epoch'> & { rent_epoch?: bigint },
    ): void {
        if (account.data.length > kAccountDataSizeMax) {
            throw new Error(`account data may be at most ${kAccountDataSizeMax} bytes`);
        }
        const present = this.#vm.getAccount(key(address))?.owner();
        if (present !== undefined && bytes_equal(present, kNativeLoader)) {
            throw new Error('a builtin program cannot be overwritten');
        }
        if (
            present !== undefined &&
            bytes_equal(present, kSysvarOwner) &&
            account.lamports === 0n
        ) {
            throw new Error('a sysvar cannot be removed');
        }
        const written = new internal.Account(
            u64(account.lamports, 'lamports'),
            account.data,
            key(account.owner),
            account.executable,
            u64(account.rent_epoch ?? kU64Max, 'rent epoch'),
        );
        const before = this.#vm.getAccount(address);
        try {
            this.#vm.setAccount(address, written);
        } catch (error) {
            // A malformed sysvar is refused too late, when the binding has already lost its own
            // copy of the others; writing the clock makes it read all of them again.
            this.#vm.setClock(this.#vm.getClock());
            throw error;
        }
        const holds_code = [before?.owner(), account.owner].some(
            (owner) => owner !== undefined && bytes_equal(owner, kUpgradeableLoader),
        );
        if (holds_code && !this.#programs_load()) {
            const nothing = new internal.Account(0n, new Uint8Array(0), kSystemProgram, false, 0n);
            this.#vm.setAccount(address, before ?? nothing);
            throw new Error('this would leave a program behind that does not load');
        }
    }

    /**
     * Whether every program of the state loads. The binding reloads a program that a transaction
     * writes to and aborts the process when that fails; a snapshot of such a state could not be
     * restored.
     */
    #programs_load(): boolean {
        try {
            internal.LiteSvm.fromBytes(this.#vm.toBytes());
            return true;
        } catch {
            return false;
        }
    }

    /** Puts a program in place without a deployment (owner: loader-v2). */
    add_program(address: Uint8Array, elf: Uint8Array): void {
        const before = this.get_account(address);
        try {
            this.#vm.addProgram(key(address), elf);
        } catch (error) {
            // The binding leaves the account behind, executable and impossible to load.
            const nothing = {
                lamports: 0n,
                owner: kSystemProgram,
                data: new Uint8Array(0),
                executable: false,
            };
            this.set_account(address, before ?? nothing);
            throw error;
        }
    }

    /** Pays from the VM's faucet with a real System transfer. */
    airdrop(address: Uint8Array, lamports: bigint): Outcome {
        const result = this.#vm.airdrop(key(address), u64(lamports, 'lamports'));
        if (result === null) {
            throw new Error('the VM gave no answer to the airdrop');
        }
        return to_outcome(result);
    }

    /** Base58. */
    latest_blockhash(): string {
        return this.#vm.latestBlockhash();
    }

    expire_blockhash(): void {
        this.#vm.expireBlockhash();
    }

    get_clock(): Clock {
        const clock = this.#vm.getClock();
        return {
            slot: clock.slot,
            epoch_start_timestamp: clock.epochStartTimestamp,
            epoch: clock.epoch,
            leader_schedule_epoch: clock.leaderScheduleEpoch,
            unix_timestamp: clock.unixTimestamp,
        };
    }

    set_clock(clock: Clock): void {
        this.#vm.setClock(
            new internal.Clock(
                u64(clock.slot, 'slot'),
                clock.epoch_start_timestamp,
                u64(clock.epoch, 'epoch'),
                u64(clock.leader_schedule_epoch, 'leader schedule epoch'),
                clock.unix_timestamp,
            ),
        );
    }

    /** Mainnet's schedule: every epoch has the full length, from the first on. */
    set_epoch_schedule_without_warmup(): void {
        const slots = this.#vm.getEpochSchedule().slotsPerEpoch;
        this.#vm.setEpochSchedule(new internal.EpochSchedule(slots, slots, false, 0n, 0n));
    }

    lamports_per_byte(): bigint {
        return this.#vm.getRent().lamportsPerByteYear;
    }

    /** The rent rate with the exemption threshold folded in (SIMD-0194). */
    set_lamports_per_byte(lamports: bigint): void {
        this.#vm.setRent(new internal.Rent(u64(lamports, 'lamports per byte'), 1.0, 50));
    }

    minimum_balance(data_length: bigint): bigint {
        return this.#vm.minimumBalanceForRentExemption(u64(data_length, 'data length'));
    }

    set_slot_hashes(hashes: readonly { slot: bigint; hash: string }[]): void {
        this.#vm.setSlotHashes(hashes.map(({ slot, hash }) => ({ slot: u64(slot, 'slot'), hash })));
    }

    send(transaction: Transaction): Outcome {
        return to_outcome(this.#vm.sendVersionedTransaction(transaction.bytes));
    }

    simulate(transaction: Transaction): SimulatedOutcome {
        const result = this.#vm.simulateVersionedTransaction(transaction.bytes);
        if (result instanceof internal.FailedTransactionMetadata) {
            return { ...to_outcome(result), post_accounts: [] };
        }
        const post_accounts = result
            .postAccounts()
            .map((entry) => ({ address: entry.address, ...from_vm_account(entry.account()) }));
        return { ...to_outcome(result.meta()), post_accounts };
    }

    /** Decodes strictly, then sends. Throws WireError. */
    send_bytes(bytes: Uint8Array): Outcome {
        return this.send(decode_transaction(bytes));
    }
}
