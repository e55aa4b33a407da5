// SPDX-License-Identifier: Apache-2.0
//
// The chain on disk. A directory holds
//   ledger.json            identity of the chain: seed of its blockhashes, faucet key, options
//   snapshot-N             the whole state at the start of segment N
//   journal-N              what happened since, in order (journal.ts)
//   lock                   the process that uses it (lock.ts)
// Recovery loads the newest snapshot and replays its journal. Older journals keep the history that
// clients may ask for; the oldest are deleted. Files appear whole: written aside, then renamed.

import {
    closeSync,
    existsSync,
    fsyncSync,
    mkdirSync,
    openSync,
    readFileSync,
    readdirSync,
    renameSync,
    rmSync,
    writeSync,
} from 'node:fs';
import { join } from 'node:path';

import { Journal, read_journal } from './journal.ts';
import { LedgerLock } from './lock.ts';

const kFormat = 1;
/** Records in one segment before a snapshot starts the next. */
export const kSegmentRecordsMax = 1000;

export interface LedgerIdentity {
    readonly format: number;
    /** Hex, 32 bytes: where the blockhashes come from. */
    readonly seed: string;
    /** Hex, 32 bytes: the faucet's ed25519 seed. */
    readonly faucet_seed: string;
    readonly features: 'mainnet' | 'all';
}

/** The chain's position and the VM's state at one moment. */
export interface Snapshot {
    readonly position: string;
    readonly vm: Uint8Array;
}

export interface Recovered {
    readonly identity: LedgerIdentity;
    /** Null for a ledger that was just created. */
    readonly snapshot: Snapshot | null;
    /** Records that the snapshot already contains, oldest first, with their segment. */
    readonly history: readonly { segment: number; body: string }[];
    /** Records to replay on top of the snapshot. */
    readonly replay: readonly { segment: number; body: string }[];
    /** Whether a kill had cut off an unacknowledged record. */
    readonly torn: boolean;
}

/** Writes a file so that it is either absent or whole, even across a power failure. */
function write_whole(path: string, ...parts: Uint8Array[]): void {
    const aside = `${path}.tmp`;
    const descriptor = openSync(aside, 'w');
    try {
        for (const part of parts) {
            let written = 0;
            while (written < part.length) {
                written += writeSync(descriptor, part, written, part.length - written);
            }
        }
        fsyncSync(descriptor);
    } finally {
        closeSync(descriptor);
    }
    renameSync(aside, path);
}

function encode_snapshot(snapshot: Snapshot): Uint8Array[] {
    const position = Buffer.from(snapshot.position, 'utf8');
    const head = Buffer.alloc(4);
    head.writeUInt32LE(position.length, 0);
    return [head, position, snapshot.vm];
}

function decode_snapshot(file: Buffer): Snapshot {
    const length = file.readUInt32LE(0);
    return {
        position: file.subarray(4, 4 + length).toString('utf8'),
        vm: file.subarray(4 + length),
    };
}

function numbers_of(directory: string, prefix: string): number[] {
    return readdirSync(directory)
        .filter((name) => name.startsWith(prefix) && /^[0-9]+$/.test(name.slice(prefix.length)))
        .map((name) => Number(name.slice(prefix.length)))
        .sort((a, b) => a - b);
}

function read_identity(path: string): LedgerIdentity {
    try {
        const identity: unknown = JSON.parse(readFileSync(path, 'utf8'));
        if (typeof identity === 'object' && identity !== null) {
            return identity as LedgerIdentity;
        }
    } catch (error) {
        if (!(error instanceof SyntaxError)) {
            throw error;
        }
    }
    throw new Error(`${path} is damaged: put the file back, or begin anew with --reset`);
}

export class Ledger {
    readonly #directory: string;
    readonly #lock: LedgerLock;
    #segment = 0;
    #records = 0;
    #journal: Journal | null = null;

    private constructor(directory: string, lock: LedgerLock) {
        this.#directory = directory;
        this.#lock = lock;
    }

    #path(kind: 'snapshot' | 'journal', segment: number): string {
        return join(this.#directory, `${kind}-${segment}`);
    }

    /**
     * Opens or creates the ledger and reads what is in it. Refuses a directory that is not a ledger
     * and not empty, a ledger in use, one of other options and one that is damaged.
     */
    static open(
        directory: string,
        reset: boolean,
        fresh: () => LedgerIdentity,
    ): { ledger: Ledger; recovered: Recovered } {
        mkdirSync(directory, { recursive: true, mode: 0o700 });
        const identity_path = join(directory, 'ledger.json');
        const others = readdirSync(directory).filter((name) => name !== 'lock');
        if (!existsSync(identity_path) && others.some((name) => name !== 'ledger.json.tmp')) {
            throw new Error(
                `${directory} holds other files and no ledger: choose an empty directory`,
            );
        }
        const ledger = new Ledger(directory, new LedgerLock(join(directory, 'lock')));
        try {
            if (reset) {
                ledger.#clear();
            }
            if (!existsSync(identity_path)) {
                write_whole(
                    identity_path,
                    Buffer.from(JSON.stringify({ ...fresh(), format: kFormat })),
                );
            }
            return { ledger, recovered: ledger.#recover(identity_path) };
        } catch (error) {
            ledger.#lock.release();
            throw error;
        }
    }

    #clear(): void {
        const known = /^(ledger\.json|snapshot-[0-9]+|journal-[0-9]+)(\.tmp)?$/;
        for (const name of readdirSync(this.#directory)) {
            if (known.test(name)) {
                rmSync(join(this.#directory, name));
            }
        }
    }

    #recover(identity_path: string): Recovered {
        const identity = read_identity(identity_path);
        if (identity.format !== kFormat) {
            throw new Error(
                `the ledger has format ${identity.format}, this program reads ${kFormat}: use --reset`,
            );
        }
        const snapshots = numbers_of(this.#directory, 'snapshot-');
        const newest = snapshots.at(-1);
        if (newest === undefined) {
            return { identity, snapshot: null, history: [], replay: [], torn: false };
        }
        const history: { segment: number; body: string }[] = [];
        for (const segment of numbers_of(this.#directory, 'journal-').filter((n) => n < newest)) {
            for (const body of read_journal(this.#path('journal', segment)).records) {
                history.push({ segment, body: body.toString('utf8') });
            }
        }
        // A kill between the snapshot and the first record leaves no journal: an empty one.
        const path = this.#path('journal', newest);
        const contents = existsSync(path)
            ? read_journal(path)
            : { records: [], end: 0, torn: false };
        this.#segment = newest;
        this.#records = contents.records.length;
        this.#journal = new Journal(path, contents.end);
        return {
            identity,
            snapshot: decode_snapshot(readFileSync(this.#path('snapshot', newest))),
            history,
            replay: contents.records.map((body) => ({
                segment: newest,
                body: body.toString('utf8'),
            })),
            torn: contents.torn,
        };
    }

    get segment(): number {
        return this.#segment;
    }

    get segment_is_full(): boolean {
        return this.#records >= kSegmentRecordsMax;
    }

    append(body: string): void {
        if (this.#journal === null) {
            throw new Error('the ledger has no snapshot yet');
        }
        this.#journal.append(body);
        this.#records++;
    }

    /** Starts a new segment from this state. The old snapshot goes once the new one is whole. */
    start_segment(snapshot: Snapshot): void {
        const next = this.#journal === null ? 1 : this.#segment + 1;
        write_whole(this.#path('snapshot', next), ...encode_snapshot(snapshot));
        this.#journal?.close();
        this.#journal = new Journal(this.#path('journal', next), 0);
        for (const segment of numbers_of(this.#directory, 'snapshot-').filter((n) => n < next)) {
            rmSync(this.#path('snapshot', segment));
        }
        this.#segment = next;
        this.#records = 0;
    }

    /** Forgets the history of a segment. */
    drop_segment(segment: number): void {
        if (segment >= this.#segment) {
            throw new Error('the current segment cannot be dropped');
        }
        rmSync(this.#path('journal', segment), { force: true });
    }

    close(): void {
        this.#journal?.close();
        this.#journal = null;
        this.#lock.release();
    }
}
