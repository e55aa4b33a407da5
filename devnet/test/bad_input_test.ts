// SPDX-License-Identifier: Apache-2.0
//
// Whatever arrives, the answer is one clear error, and the chain goes on.

import assert from 'node:assert/strict';
import { request as http_request } from 'node:http';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';

import { getBase64EncodedWireTransaction } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';

import { type KitClient, LocalChain, funded_signer, kit_client } from './harness.ts';

let chain: LocalChain;
let client: KitClient;

before(async () => {
    chain = await LocalChain.start();
    client = kit_client(chain);
});

after(async () => {
    assert.equal(await chain.stop(), 0);
    const failures = chain.errors.filter((line) => line.includes('"error"'));
    assert.deepEqual(failures, [], 'nothing was logged as an internal error');
});

const kSomebody = '4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM2';
const kZeros = '11111111111111111111111111111111';

async function code_of(body: string): Promise<number | undefined> {
    return (await chain.post(body)).body?.error?.code;
}

test('requests that are no requests', async () => {
    assert.equal(await code_of(''), -32700);
    assert.equal(await code_of('{'), -32700);
    assert.equal(await code_of('{"jsonrpc":"2.0","id":1,"method":"getSlot"'), -32700);
    assert.equal(await code_of('null'), -32600);
    assert.equal(await code_of('17'), -32600);
    assert.equal(await code_of('"getSlot"'), -32600);
    assert.equal(await code_of('[]'), -32600);
    assert.equal(await code_of('{}'), -32600);
    assert.equal(await code_of('{"jsonrpc":"1.0","id":1,"method":"getSlot"}'), -32600);
    assert.equal(await code_of('{"jsonrpc":"2.0","id":1}'), -32600);
    assert.equal(await code_of('{"jsonrpc":"2.0","id":{},"method":"getSlot"}'), -32600);
    assert.equal(await code_of('{"jsonrpc":"2.0","id":1,"method":"nothing"}'), -32601);
    assert.equal(await code_of('{"jsonrpc":"2.0","id":1,"method":"constructor"}'), -32601);
    assert.equal(await code_of('{"jsonrpc":"2.0","id":1,"method":"getSlot","params":{}}'), -32602);
    assert.equal(await code_of('{"jsonrpc":"2.0","id":1,"method":"getSlot","params":"x"}'), -32602);
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    assert.ok([-32600, -32700].includes((await code_of(deep))!));
});

test('batches are answered one by one; notifications are not answered', async () => {
    const { body } = await chain.post(
        JSON.stringify([
            { jsonrpc: '2.0', id: 'a', method: 'getHealth' },
            { jsonrpc: '2.0', method: 'getHealth' },
            5,
            { jsonrpc: '2.0', id: 2, method: 'nothing' },
        ]),
    );
    assert.equal(body.length, 3);
    assert.deepEqual(body[0], { jsonrpc: '2.0', result: 'ok', id: 'a' });
    assert.equal(body[1].error.code, -32600);
    assert.equal(body[2].error.code, -32601);
    assert.equal(body[2].id, 2);
    const quiet = await chain.post(JSON.stringify({ jsonrpc: '2.0', method: 'getHealth' }));
    assert.equal(quiet.text, '');
    const many = Array.from({ length: 1001 }, () => ({
        jsonrpc: '2.0',
        id: 1,
        method: 'getHealth',
    }));
    assert.equal(await code_of(JSON.stringify(many)), -32600);
    // An id beyond the doubles comes back as it was.
    const large = await chain.post(
        '{"jsonrpc":"2.0","id":18446744073709551615,"method":"getHealth"}',
    );
    assert.match(large.text, /"id":18446744073709551615/);
});

/** Each row: a method, and parameters that must be refused with -32602. */
const kInvalidParams: readonly (readonly [string, ...unknown[]])[] = [
    ['getBalance'],
    ['getBalance', 5],
    ['getBalance', 'not base58 0OIl'],
    ['getBalance', '1111'],
    ['getBalance', 'z'.repeat(10_000)],
    ['getBalance', kSomebody, { commitment: 'soon' }],
    ['getBalance', kSomebody, {}, 3],
    ['getAccountInfo', kSomebody, { encoding: 'hex' }],
    ['getAccountInfo', kSomebody, { encoding: 'base64', dataSlice: { offset: -1, length: 3 } }],
    ['getAccountInfo', kSomebody, { encoding: 'base64', dataSlice: { offset: 1 } }],
    ['getAccountInfo', kSomebody, []],
    ['getMultipleAccounts', Array(101).fill(kSomebody)],
    ['getMultipleAccounts', kSomebody],
    ['getProgramAccounts', kZeros, { filters: [{}] }],
    ['getProgramAccounts', kZeros, { filters: Array(5).fill({ dataSize: 1 }) }],
    ['getProgramAccounts', kZeros, { filters: [{ memcmp: { offset: 0, bytes: '0' } }] }],
    [
        'getProgramAccounts',
        kZeros,
        { filters: [{ memcmp: { offset: 0, bytes: '2'.repeat(500) } }] },
    ],
    ['getProgramAccounts', kZeros, { filters: [{ dataSize: 1.5 }] }],
    ['getTokenAccountsByOwner', kSomebody, {}],
    ['getTokenAccountBalance', kSomebody],
    ['getMinimumBalanceForRentExemption', -1],
    ['getMinimumBalanceForRentExemption', 'x'],
    ['getMinimumBalanceForRentExemption', 1e15],
    ['getSlot', { minContextSlot: 'x' }],
    ['getBlock', -1],
    ['getBlock', 447552000, { commitment: 'processed' }],
    ['getBlocks', 447552000, 449552000, {}, 1],
    ['getSlotLeaders', 1, 5001],
    ['isBlockhashValid', 'x'],
    ['getFeeForMessage', 'AA'],
    ['getFeeForMessage', 'AAAA'],
    ['getSignatureStatuses', ['x']],
    ['getSignatureStatuses', Array(257).fill('x')],
    ['getSignaturesForAddress', kSomebody, { limit: 1001 }],
    ['getSignaturesForAddress', kSomebody, { limit: 0 }],
    ['getSignaturesForAddress', kSomebody, { before: kSomebody }],
    ['getTransaction', kSomebody],
    ['getTransaction', '2'.repeat(88), { encoding: 'xml' }],
    ['getTransactionCount', 5],
    ['requestAirdrop', kSomebody],
    ['requestAirdrop', kSomebody, -1],
    ['requestAirdrop', kSomebody, 1.5],
    ['requestAirdrop', kSomebody, 1e30],
    ['requestAirdrop', kSomebody, Number.MAX_SAFE_INTEGER * 100],
    ['sendTransaction'],
    ['sendTransaction', ''],
    ['sendTransaction', 'AAAA', { encoding: 'base64' }],
    ['sendTransaction', '!!!!', { encoding: 'base64' }],
    ['sendTransaction', 'AA==', { encoding: 'base58' }],
    ['sendTransaction', 'A'.repeat(100_000), { encoding: 'base64' }],
    ['sendTransaction', '1'.repeat(2000)],
    ['sendTransaction', 'AAAA', { encoding: 'jsonParsed' }],
    ['simulateTransaction', 'AAAA', { encoding: 'base64' }],
    [
        'simulateTransaction',
        'AAAA',
        { encoding: 'base64', sigVerify: true, replaceRecentBlockhash: true },
    ],
    [
        'simulateTransaction',
        'AAAA',
        { encoding: 'base64', accounts: { addresses: [kSomebody], encoding: 'base58' } },
    ],
    ['devnet_warp', { seconds: -5 }],
    ['devnet_warp', { unixTimestamp: 5 }],
    ['devnet_warp', { seconds: 1, unixTimestamp: 9e9 }],
    ['devnet_warp', { slots: 1e15 }],
    ['devnet_setAccount', kSomebody],
    ['devnet_setAccount', kSomebody, { lamports: 1, owner: kZeros, data: '?' }],
    [
        'devnet_setAccount',
        'SysvarC1ock11111111111111111111111111111111',
        { lamports: 1, owner: kZeros, data: 'AAAA' },
    ],
    ['devnet_setRent', -1],
    ['devnet_setRent', 1e9],
];

test('invalid parameters are refused with -32602 and a reason', async () => {
    for (const [method, ...params] of kInvalidParams) {
        const what = `${method} ${JSON.stringify(params).slice(0, 80)}`;
        await assert.rejects(
            chain.call(method, ...params),
            (error: { code?: number; message?: string }) => {
                assert.equal(error.code, -32602, `${what}: ${error.message}`);
                assert.ok(error.message!.length > 8, what);
                return true;
            },
            what,
        );
    }
});

test('other refusals have their own numbers', async () => {
    const rejects = (code: number, method: string, ...params: unknown[]) =>
        assert.rejects(
            chain.call(method, ...params),
            (error: { code?: number }) => error.code === code,
            method,
        );
    await rejects(-32016, 'getSlot', { minContextSlot: 9e14 });
    await rejects(-32016, 'getAccountInfo', kSomebody, { minContextSlot: 9e14 });
    await rejects(-32004, 'getBlock', 900_000_000);
    await rejects(-32001, 'getBlock', 5);
    const token_program = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
    const { programData } = (
        await chain.call('getAccountInfo', token_program, { encoding: 'jsonParsed' })
    ).value.data.parsed?.info ?? { programData: token_program };
    await rejects(-32600, 'getAccountInfo', programData, { encoding: 'base58' });
});

test('a transaction with every byte changed is refused or executed, never more', async () => {
    const alice = await funded_signer(client);
    const transaction = await client.build(alice, [
        getTransferSolInstruction({ source: alice, destination: alice.address, amount: 1n }),
    ]);
    const wire = Buffer.from(getBase64EncodedWireTransaction(transaction), 'base64');
    const codes = new Map<number, number>();
    const requests: object[] = [];
    for (let index = 0; index < wire.length; index++) {
        for (const value of [0, 0x7f, 0x80, 0xff, wire[index]! ^ 1]) {
            const changed = Buffer.from(wire);
            changed[index] = value;
            if (!changed.equals(wire)) {
                const params = [changed.toString('base64'), { encoding: 'base64' }];
                requests.push({ jsonrpc: '2.0', id: index, method: 'sendTransaction', params });
            }
        }
    }
    for (let start = 0; start < requests.length; start += 500) {
        const { body } = await chain.post(JSON.stringify(requests.slice(start, start + 500)));
        for (const answer of body) {
            assert.ok(answer.error !== undefined, 'no changed transaction may be accepted');
            codes.set(answer.error.code, (codes.get(answer.error.code) ?? 0) + 1);
        }
    }
    console.log(`${requests.length} changed transactions: ${JSON.stringify([...codes])}`);
    for (const code of codes.keys()) {
        assert.ok([-32602, -32003, -32002].includes(code), `${code}`);
    }
    await chain.call('sendTransaction', wire.toString('base64'), { encoding: 'base64' });
});

function raw_http(head: string): Promise<string> {
    const { hostname, port } = new URL(chain.ready.rpc_url);
    return new Promise((resolve, reject) => {
        const socket = connect(Number(port), hostname, () => socket.write(head));
        let text = '';
        socket.on('data', (data) => {
            text += data;
            socket.end();
        });
        socket.on('close', () => resolve(text));
        socket.on('error', reject);
    });
}

test('HTTP: methods, types, sizes, hosts and origins', async () => {
    const { rpc_url } = chain.ready;
    assert.equal(await (await fetch(`${rpc_url}/health`)).text(), 'ok');
    assert.equal((await fetch(rpc_url)).status, 405);
    const body = '{"jsonrpc":"2.0","id":1,"method":"getHealth"}';
    assert.equal((await chain.post(body, { 'content-type': 'text/plain' })).status, 415);
    assert.equal(
        (await chain.post(body, { 'content-type': 'application/json; charset=utf-8' })).status,
        200,
    );
    assert.equal((await chain.post(body, { origin: 'https://evil.example' })).status, 403);
    assert.equal((await chain.post(body, { origin: 'null' })).status, 403);
    assert.equal((await chain.post(body, { origin: 'http://localhost:3000' })).status, 200);

    const with_host = (host: string) =>
        raw_http(
            `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        );
    for (const host of [
        'evil.example',
        'evil.example:8899',
        'localhost.evil.example',
        '127.0.0.1.nip.io',
        'a b',
        '',
    ]) {
        assert.match(await with_host(host), /^HTTP\/1\.1 (403|400)/, host);
    }
    for (const host of ['localhost:1', '127.0.0.1', '[::1]:8899', 'LOCALHOST', '192.168.1.7:80']) {
        assert.match(await with_host(host), /^HTTP\/1\.1 200/, host);
    }
    assert.match(await raw_http('nonsense\r\n\r\n'), /^HTTP\/1\.1 400/);
    // A body that claims to be huge is refused before it is sent.
    const refused = new Promise<number>((resolve, reject) => {
        const huge = http_request(rpc_url, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'content-length': '1000000000' },
        });
        huge.on('response', (response) => resolve(response.statusCode!));
        huge.on('error', reject);
        huge.flushHeaders();
    });
    assert.equal(await refused, 413);
    const preflight = await fetch(rpc_url, {
        method: 'OPTIONS',
        headers: {
            origin: 'http://localhost:3000',
            'access-control-request-headers': 'content-type,solana-client',
        },
    });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get('access-control-allow-origin'), 'http://localhost:3000');
    assert.equal(
        preflight.headers.get('access-control-allow-headers'),
        'content-type,solana-client',
    );
});

test('the command line refuses what it does not understand', async () => {
    const refused: readonly (readonly [RegExp, ...string[]])[] = [
        [/Unknown option/, '--nonsense'],
        [/--slot-ms must be/, '--slot-ms', '5'],
        [/--bind must be an address/, '--bind', 'example.org'],
        [/--program needs ADDRESS=FILE/, '--program', 'x'],
        [/not an address/, '--program', 'x=/dev/null'],
        [/cannot read/, '--program', `${kSomebody}=/nowhere`],
        [/needs --ledger/, '--reset'],
        [/deployment failed/, '--program', `${kSomebody}=/dev/null`],
        [/holds other files/, '--ledger', '/etc'],
    ];
    for (const [expected, ...options] of refused) {
        await assert.rejects(LocalChain.start(...options), expected, options.join(' '));
    }
});
