// SPDX-License-Identifier: Apache-2.0
//
// The real Solana VM for tests of programs: devnet/src/vm-host.ts behind its pipe (devnet/README.md
// has the protocol). All requests of a test are written at once and all answers read at the end.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const kHost = fileURLToPath(new URL('../../../devnet/src/vm-host.ts', import.meta.url));
const kPayer = Buffer.alloc(32, 7);
const kOutputMax = 1 << 30;

function frame(request) {
    const body = Buffer.from(JSON.stringify(request), 'utf8');
    const head = Buffer.alloc(4);
    head.writeUInt32LE(body.length);
    return Buffer.concat([head, body]);
}

/** Sends every request to a new VM and returns the results; an error of a request throws. */
export function ask_host(requests) {
    if (!existsSync(new URL('../../../devnet/node_modules/litesvm', import.meta.url))) {
        throw new Error('devnet/node_modules is missing: run ./dev setup');
    }
    const ran = spawnSync(process.execPath, ['--no-warnings', kHost], {
        input: Buffer.concat(requests.map(frame)),
        maxBuffer: kOutputMax,
        stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (ran.status !== 0) {
        throw ran.error ?? new Error(`the VM host ended with ${ran.status ?? ran.signal}`);
    }
    const results = [];
    for (let at = 0; at < ran.stdout.length; ) {
        const size = ran.stdout.readUInt32LE(at);
        const answer = JSON.parse(ran.stdout.toString('utf8', at + 4, at + 4 + size));
        if (answer.error !== undefined) {
            throw new Error(`${requests[results.length].op}: ${answer.error}`);
        }
        results.push(answer.result);
        at += 4 + size;
    }
    return results;
}

/** Requests for a chain on which unsigned transactions run; `features` is mainnet or all. */
export function new_chain(features = 'mainnet') {
    return [
        {
            op: 'create',
            features,
            signature_check: false,
            blockhash_check: false,
            history_capacity: '0',
        },
        { op: 'airdrop', address: kPayer.toString('base64'), lamports: '1000000000000' },
    ];
}

/** The request that makes `elf` callable as program number `index`. */
export function load_program(index, elf) {
    return {
        op: 'load_program',
        program: program_id(index).toString('base64'),
        elf: elf.toString('base64'),
    };
}

/** The request that deploys `elf` through the upgradeable loader, as on a real cluster. */
export function deploy_program(index, elf) {
    return {
        op: 'deploy_program',
        program: program_id(index).toString('base64'),
        elf: elf.toString('base64'),
    };
}

export function program_id(index) {
    const id = Buffer.alloc(32, 0x50);
    id.writeUInt32LE(index, 0);
    return id;
}

/** The request that calls a program without accounts: one instruction with `data`. */
export function call_program(id, data) {
    // A legacy message: one signer that pays, one read-only account (the program). A made-up
    // blockhash keeps two calls with the same data apart.
    const blockhash = Buffer.alloc(32);
    blockhash.writeUInt32LE((call_program.count = (call_program.count ?? 0) + 1));
    if (data.length > 127) {
        throw new Error('longer data would need a longer length');
    }
    const message = Buffer.concat([
        Buffer.from([1, 0, 1, 2]),
        kPayer,
        id,
        blockhash,
        Buffer.from([1, 1, 0, data.length]),
        data,
    ]);
    const transaction = Buffer.concat([Buffer.from([1]), Buffer.alloc(64), message]);
    return { op: 'send', transaction: transaction.toString('base64') };
}

/** The return data of a call that succeeded. */
export function return_data(outcome) {
    if (!outcome.ok) {
        throw new Error(`${JSON.stringify(outcome.error)}\n${outcome.logs.join('\n')}`);
    }
    return Buffer.from(outcome.return_data.data, 'base64');
}
