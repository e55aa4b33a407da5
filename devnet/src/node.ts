// SPDX-License-Identifier: Apache-2.0
//
// A running chain: the chain, its ledger on disk (or none), its slots, its programs.

import { createHash, randomBytes } from 'node:crypto';

import { Chain } from './chain/chain.ts';
import { kBlockhashAgeMax } from './chain/blockhashes.ts';
import type { Entry } from './chain/record.ts';
import { entry_json } from './chain/record.ts';
import {
    Ledger,
    type LedgerIdentity,
    type Recovered,
    kSegmentRecordsMax,
} from './ledger/ledger.ts';
import type { Logger } from './log.ts';
import { type DeployTarget, deploy_program, find_program, upgrade_program } from './vm/deploy.ts';
import { address_text } from './wire/addresses.ts';
import { type Instruction, Keypair, build_transaction, transfer, u32_le } from './wire/builder.ts';
import { kComputeBudgetProgram } from './wire/addresses.ts';
import { parse_json, serialize_json } from './wire/json.ts';
import { bytes_equal } from './wire/text.ts';
import { decode_transaction } from './wire/transaction.ts';
import type { Submission } from './chain/chain.ts';

export interface NodeOptions {
    /** Null: nothing is written down, and the chain ends with the process. */
    readonly ledger: string | null;
    readonly reset: boolean;
    readonly features: 'mainnet' | 'all';
    readonly slot_milliseconds: number;
    readonly finality_slots: number;
    /** Transactions kept for clients that ask about the past. */
    readonly history_max: number;
    readonly now?: () => number;
    /**
     * The state can no longer be written down: the process must end before anything else happens.
     */
    readonly on_fatal?: (error: unknown) => void;
}

export interface ProgramOption {
    /** A keypair also signs its own deployment. */
    readonly program: Keypair | Uint8Array;
    readonly elf: Uint8Array;
}

/** The same for every local chain: the wallet program is linked for it (LATCHKEY_CLUSTER). */
const kGenesisHash = createHash('sha256').update('Latchkey local chain').digest();
/** Room for later upgrades, as a multiple of the ELF's size. */
const kProgramGrowth = 2n;

function fresh_identity(features: 'mainnet' | 'all'): LedgerIdentity {
    return {
        format: 1,
        seed: randomBytes(32).toString('hex'),
        faucet_seed: randomBytes(32).toString('hex'),
        features,
    };
}

export class LocalNode {
    readonly chain: Chain;
    readonly options: NodeOptions;
    readonly genesis_hash = kGenesisHash;
    readonly identity: Keypair;
    readonly #log: Logger;
    readonly #ledger: Ledger | null;
    readonly #now: () => number;
    #timer: NodeJS.Timeout | null = null;
    #next_tick = 0;
    #entries = 0;
    #airdrops = 0;

    /** Opens the ledger, or starts a chain in memory. Throws with a reason for a person. */
    constructor(options: NodeOptions, log: Logger) {
        this.options = options;
        this.#log = log;
        this.#now = options.now ?? Date.now;
        const fresh = () => fresh_identity(options.features);
        const opened =
            options.ledger === null ? null : Ledger.open(options.ledger, options.reset, fresh);
        this.#ledger = opened?.ledger ?? null;
        try {
            const identity = opened?.recovered.identity ?? fresh();
            if (identity.features !== options.features) {
                throw new Error(
                    `the ledger was made with --features ${identity.features}: use that, or --reset`,
                );
            }
            const seed = Buffer.from(identity.seed, 'hex');
            this.identity = Keypair.from_seed(
                createHash('sha256').update('latchkey devnet identity').update(seed).digest(),
            );
            this.chain = new Chain({
                seed,
                faucet_seed: Buffer.from(identity.faucet_seed, 'hex'),
                features: identity.features,
                finality_slots: options.finality_slots,
                persist: (entry) => this.#persist(entry),
            });
            this.#start_chain(opened?.recovered ?? null);
        } catch (error) {
            this.#ledger?.close();
            throw error;
        }
    }

    get wall(): number {
        return this.#now();
    }

    #persist(entry: Entry): number {
        this.#entries++;
        if (this.#ledger === null) {
            return Math.floor(this.#entries / kSegmentRecordsMax) + 1;
        }
        const record = serialize_json(entry_json(entry));
        this.#write_or_end((ledger) => ledger.append(record));
        return this.#ledger.segment;
    }

    #start_chain(recovered: Recovered | null): void {
        if (recovered === null || recovered.snapshot === null) {
            this.chain.begin(this.wall);
            this.#save();
            return;
        }
        const saved = parse_json(recovered.snapshot.position) as unknown as ReturnType<
            Chain['state']
        > & {
            wall: number;
        };
        for (const { segment, body } of recovered.history) {
            this.chain.remember(parse_json(body) as unknown as Entry, segment);
        }
        this.chain.resume(saved, recovered.snapshot.vm);
        let wall = saved.wall;
        for (const { segment, body } of recovered.replay) {
            const entry = parse_json(body) as unknown as Entry;
            this.chain.replay(entry, segment);
            wall = entry.wall;
        }
        // Slots went on until the end came: skip at least as many as can have passed unrecorded.
        const passed = Math.max(0, this.wall - wall) / this.options.slot_milliseconds;
        this.chain.advance(Math.ceil(passed) + 1, this.wall);
        this.#log.info('resumed', {
            slot: this.chain.slot,
            transactions: this.chain.transaction_count,
            replayed: recovered.replay.length,
            torn_record_dropped: recovered.torn,
        });
    }

    #save(): void {
        const position = JSON.stringify({ ...this.chain.state(), wall: this.wall });
        const vm = this.chain.machine.snapshot();
        this.#write_or_end((ledger) => ledger.start_segment({ position, vm }));
    }

    /** What cannot be written down must not be acknowledged: the process ends, with the reason. */
    #write_or_end(write: (ledger: Ledger) => void): void {
        if (this.#ledger === null) {
            return;
        }
        try {
            write(this.#ledger);
        } catch (error) {
            this.#log.error('the ledger cannot be written', { reason: String(error) });
            this.options.on_fatal?.(error);
            throw error;
        }
    }

    /** Starts the slots. */
    start(): void {
        this.#next_tick = this.wall + this.options.slot_milliseconds;
        this.#schedule();
    }

    #schedule(): void {
        const delay = Math.max(0, this.#next_tick - this.wall);
        this.#timer = setTimeout(() => {
            this.tick();
            // After a pause of the process, slots go on from now instead of catching up.
            this.#next_tick = Math.max(this.#next_tick, this.wall - this.options.slot_milliseconds);
            this.#next_tick += this.options.slot_milliseconds;
            this.#schedule();
        }, delay);
    }

    /** Begins the next slot. */
    tick(): void {
        this.chain.advance(1, this.wall);
        if (this.#ledger?.segment_is_full === true) {
            this.#save();
        }
        this.#prune();
    }

    /** Forgets whole segments of the oldest history, but nothing a duplicate check still needs. */
    #prune(): void {
        const { history } = this.chain;
        while (history.size > this.options.history_max) {
            const oldest = history.oldest();
            const current =
                this.#ledger?.segment ?? Math.floor(this.#entries / kSegmentRecordsMax) + 1;
            const settled = this.chain.slot - 2 * kBlockhashAgeMax - 1;
            if (oldest === undefined || oldest.segment >= current || oldest.slot > settled) {
                return;
            }
            history.drop_segment(oldest.segment);
            this.#ledger?.drop_segment(oldest.segment);
        }
    }

    /**
     * Sends from the faucet. The transaction is a client's like any other, and found in the
     * history.
     */
    airdrop(address: Uint8Array, lamports: bigint): Submission {
        // Two equal airdrops in one slot must not be the same transaction.
        this.#airdrops = (this.#airdrops + 1) % 1_000_000;
        const limit = {
            program: kComputeBudgetProgram,
            accounts: [],
            data: Buffer.concat([Uint8Array.of(2), u32_le(10_000 + this.#airdrops)]),
        };
        return this.#send(
            [this.chain.faucet],
            [limit, transfer(this.chain.faucet.address, address, lamports)],
            false,
        );
    }

    #send(
        keypairs: readonly [Keypair, ...Keypair[]],
        instructions: readonly Instruction[],
        trusted: boolean,
    ): Submission {
        const { hash } = this.chain.latest_blockhash();
        const bytes = build_transaction(keypairs, instructions, hash);
        return this.chain.submit(decode_transaction(bytes), this.wall, trusted);
    }

    #deploy_target(): DeployTarget {
        return {
            minimum_balance: (data_length) => this.chain.machine.minimum_balance(data_length),
            fund: (address, lamports) => {
                const { error } = this.airdrop(address, lamports).outcome;
                if (error !== null) {
                    throw new Error(
                        `the faucet cannot fund the deployment: ${JSON.stringify(error)}`,
                    );
                }
            },
            send: (keypairs, instructions, complete) =>
                this.#send(keypairs, instructions, !complete).outcome,
        };
    }

    /**
     * Makes sure the program is on the chain with this ELF: deploys it, upgrades it, or leaves it.
     * The program can be called when this returns.
     */
    async ensure_program(
        option: ProgramOption,
        upgrade_authority: Uint8Array,
    ): Promise<'deployed' | 'upgraded' | 'unchanged'> {
        const program = option.program instanceof Keypair ? option.program.address : option.program;
        const present = await find_program(program, (address) => this.chain.get_account(address));
        if (present === null) {
            await deploy_program(this.#deploy_target(), {
                elf: option.elf,
                program: option.program,
                upgrade_authority,
                max_data_length: kProgramGrowth * BigInt(option.elf.length),
            });
            this.tick();
            return 'deployed';
        }
        const padded = Buffer.alloc(present.elf.length);
        Buffer.from(option.elf).copy(padded);
        if (option.elf.length <= padded.length && bytes_equal(padded, present.elf)) {
            return 'unchanged';
        }
        if (present.upgrade_authority === null || option.elf.length > padded.length) {
            const reason =
                present.upgrade_authority === null ? 'final' : 'too small for the new file';
            throw new Error(
                `program ${address_text(program)} on the ledger is ${reason}: use --reset`,
            );
        }
        await upgrade_program(
            this.#deploy_target(),
            program,
            present.upgrade_authority,
            option.elf,
        );
        this.tick();
        return 'upgraded';
    }

    /** Ends the slots and writes the state down. */
    stop(): void {
        if (this.#timer !== null) {
            clearTimeout(this.#timer);
            this.#timer = null;
        }
        this.#save();
        this.#ledger?.close();
    }
}
