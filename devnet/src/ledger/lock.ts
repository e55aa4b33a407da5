// SPDX-License-Identifier: Apache-2.0
//
// One process for each ledger directory. The lock names its holder by process id and start time, so
// that a lock left behind by a killed process, or an id used again since, does not block a restart.

import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';

/**
 * Start time in clock ticks since boot (field 22 of proc_pid_stat(5)); null when there is no
 * process.
 */
function start_time(process_id: number): string | null {
    try {
        const text = readFileSync(`/proc/${process_id}/stat`, 'utf8');
        // The name in field 2 may hold spaces and parentheses; fields count from its end.
        return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
    } catch {
        return null;
    }
}

function holder(path: string): { process_id: number; start: string } | null {
    try {
        const [process_id, start] = readFileSync(path, 'utf8').trim().split(' ');
        return { process_id: Number(process_id), start: start ?? '' };
    } catch {
        return null;
    }
}

export class LedgerLock {
    readonly #path: string;

    /** Throws when a living process holds the lock. */
    constructor(path: string) {
        this.#path = path;
        const body = `${process.pid} ${start_time(process.pid) ?? ''}\n`;
        for (let attempt = 0; attempt < 2; attempt++) {
            try {
                writeFileSync(path, body, { flag: 'wx' });
                return;
            } catch (error) {
                if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
                    throw error;
                }
            }
            const other = holder(path);
            if (other !== null && start_time(other.process_id) === other.start) {
                throw new Error(
                    `the ledger is in use by process ${other.process_id}: stop it, or choose another --ledger`,
                );
            }
            unlinkSync(path);
        }
        throw new Error(
            `${path} keeps coming back: is another process starting on the same ledger?`,
        );
    }

    release(): void {
        unlinkSync(this.#path);
    }
}
