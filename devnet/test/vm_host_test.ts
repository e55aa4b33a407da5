// SPDX-License-Identifier: Apache-2.0
//
// The pipe protocol at its edges; what the requests do is tested from C++ (chains/solana/testing).

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { tiny_program } from './elf.ts';

const kHost = fileURLToPath(new URL('../src/vm-host.ts', import.meta.url));
const kKey = Buffer.alloc(32, 7).toString('base64');

class Host {
    readonly process: ChildProcess;
    #received = Buffer.alloc(0);
    #wake: () => void = () => {};

    constructor() {
        this.process = spawn(process.execPath, [kHost], { stdio: ['pipe', 'pipe', 'inherit'] });
        this.process.stdout!.on('data', (data: Buffer) => {
            this.#received = Buffer.concat([this.#received, data]);
            this.#wake();
        });
    }

    write(body: Buffer | string): void {
        const head = Buffer.alloc(4);
        head.writeUInt32LE(Buffer.byteLength(body));
        this.process.stdin!.write(Buffer.concat([head, Buffer.from(body)]));
    }

    async next(): Promise<any> {
        for (;;) {
            const length = this.#received.length < 4 ? Infinity : this.#received.readUInt32LE(0);
            if (this.#received.length >= 4 + length) {
                const body = this.#received.subarray(4, 4 + length).toString('utf8');
                this.#received = this.#received.subarray(4 + length);
                return JSON.parse(body);
            }
            await new Promise<void>((resolve) => (this.#wake = resolve));
        }
    }

    ask(request: unknown) {
        this.write(JSON.stringify(request));
        return this.next();
    }

    end(): Promise<number | null> {
        const exit = new Promise<number | null>((resolve) => this.process.once('exit', resolve));
        this.process.stdin!.end();
        return exit;
    }
}

let host: Host;

before(() => {
    host = new Host();
});

after(async () => {
    assert.equal(await host.end(), 0, 'the host ends with its input');
});

test('requests are answered in order, also when many are sent at once', async () => {
    for (let index = 0; index < 50; index++) {
        host.write(JSON.stringify({ op: 'minimum_balance', data_length: `${index}` }));
    }
    for (let index = 0; index < 50; index++) {
        assert.deepEqual(await host.next(), { result: `${(128 + index) * 5080}` });
    }
});

test('a request that cannot be understood gets an error and changes nothing', async () => {
    const clock = await host.ask({ op: 'get_clock' });
    const refused: readonly (readonly [RegExp, unknown])[] = [
        [/JSON object/, 5],
        [/JSON object/, null],
        [/'op'/, {}],
        [/unknown op/, { op: 'toString' }],
        [/unknown field/, { op: 'set_clock', slot: '1', slots: '5' }],
        [/decimal string/, { op: 'set_clock', slot: 5 }],
        [/64 unsigned bits/, { op: 'set_clock', slot: '-5' }],
        [/base64/, { op: 'get_account', address: '???' }],
        [/32 bytes/, { op: 'get_account', address: 'AAAA' }],
        [/64 unsigned bits/, { op: 'airdrop', address: kKey, lamports: '18446744073709551616' }],
        [/left|needs/, { op: 'send', transaction: 'AAAA' }],
        [/no snapshot/, { op: 'restore', id: '1' }],
        [/"mainnet" or "all"/, { op: 'create', features: 'some' }],
        [/Failed to add program/, { op: 'load_program', program: kKey, elf: 'AAAA' }],
        [/ENOENT/, { op: 'load', path: '/nowhere/at/all' }],
    ];
    for (const [expected, request] of refused) {
        assert.match((await host.ask(request)).error ?? '', expected, JSON.stringify(request));
    }
    host.write('{');
    assert.match((await host.next()).error, /not JSON/);
    host.write('');
    assert.match((await host.next()).error, /not JSON/);
    assert.deepEqual(await host.ask({ op: 'get_clock' }), clock);
});

test('a batch answers each of its requests', async () => {
    const { result } = await host.ask({
        op: 'batch',
        requests: [
            { op: 'airdrop', address: kKey, lamports: '2000000' },
            { op: 'nothing' },
            { op: 'get_balance', address: kKey },
        ],
    });
    assert.equal(result[0].result.ok, true);
    assert.match(result[1].error, /unknown op/);
    assert.equal(result[2].result, '2000000');
});

test('a large frame passes, an impossible one ends the host', async () => {
    const elf = Buffer.from(tiny_program(0, 200_000)).toString('base64');
    assert.deepEqual(await host.ask({ op: 'load_program', program: kKey, elf }), { result: null });
    const doomed = new Host();
    const exit = new Promise<number | null>((resolve) => doomed.process.once('exit', resolve));
    doomed.process.stdin!.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    assert.notEqual(await exit, 0);
});
