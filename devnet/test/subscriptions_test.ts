// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
    getBase64EncodedWireTransaction,
    getSignatureFromTransaction,
    lamports,
} from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { Connection, Keypair, SystemProgram, Transaction } from '@solana/web3.js';
import { WebSocket } from 'ws';

import {
    type KitClient,
    LocalChain,
    funded_signer,
    kSol,
    kit_client,
    new_signer,
} from './harness.ts';

let chain: LocalChain;
let client: KitClient;

before(async () => {
    chain = await LocalChain.start('--slot-ms', '100', '--finality-slots', '3');
    client = kit_client(chain);
});

after(async () => {
    await chain.stop();
});

/** The first `count` notifications of a kit subscription. */
async function take<T>(notifications: AsyncIterable<T>, count: number): Promise<T[]> {
    const taken: T[] = [];
    for await (const notification of notifications) {
        taken.push(notification);
        if (taken.length === count) {
            break;
        }
    }
    return taken;
}

test('kit hears of slots, roots and accounts', async () => {
    const abort = new AbortController();
    const options = { abortSignal: abort.signal };
    const slots = await client.rpcSubscriptions.slotNotifications().subscribe(options);
    const [first, second] = await take(slots, 2);
    assert.equal(second!.slot, first!.slot + 1n);
    assert.equal(second!.parent, first!.slot);
    assert.ok(second!.root <= second!.slot);
    const roots = await client.rpcSubscriptions.rootNotifications().subscribe(options);
    const [root, next_root] = await take(roots, 6).then((taken) => taken.slice(-2));
    assert.equal(next_root, root! + 1n);
    const lag = (await client.rpc.getSlot({ commitment: 'processed' }).send()) - next_root!;
    assert.ok(lag >= 3n && lag <= 8n, `a root is three slots behind, not ${lag}`);

    const bob = await new_signer();
    const accounts = await client.rpcSubscriptions
        .accountNotifications(bob.address, { commitment: 'confirmed', encoding: 'base64' })
        .subscribe(options);
    const waiting = take(accounts, 2);
    await client.rpc.requestAirdrop(bob.address, lamports(kSol)).send();
    await client.rpc.requestAirdrop(bob.address, lamports(kSol)).send();
    const [one, two] = await waiting;
    assert.equal(one!.value.lamports, kSol);
    assert.equal(two!.value.lamports, 2n * kSol);
    abort.abort();
});

test('signature notifications come at the commitment asked for, also after the fact', async () => {
    const alice = await funded_signer(client);
    const transaction = await client.build(alice, [
        getTransferSolInstruction({ source: alice, destination: alice.address, amount: 3n }),
    ]);
    const signature = getSignatureFromTransaction(transaction);
    let abort = new AbortController();
    const listen = (commitment: 'confirmed' | 'finalized') =>
        client.rpcSubscriptions
            .signatureNotifications(signature, { commitment })
            .subscribe({ abortSignal: abort.signal });
    const confirmed = take(await listen('confirmed'), 1);
    const finalized = take(await listen('finalized'), 1);
    await client.rpc
        .sendTransaction(getBase64EncodedWireTransaction(transaction), { encoding: 'base64' })
        .send();
    const slot = (await client.rpc.getSignatureStatuses([signature]).send()).value[0]!.slot;
    const [early] = await confirmed;
    assert.deepEqual(early!.value, { err: null });
    assert.equal(early!.context.slot, slot);
    const [late] = await finalized;
    assert.deepEqual(late!.value, { err: null });
    const now = await client.rpc.getSlot({ commitment: 'processed' }).send();
    assert.ok(now >= slot + 3n, 'finalized only after the configured slots');
    // The client answers an equal subscription from the first until that one is gone for good.
    abort.abort();
    await new Promise((resolve) => setTimeout(resolve, 50));
    abort = new AbortController();
    const [again] = await take(await listen('finalized'), 1);
    assert.deepEqual(again!.value, { err: null });
    abort.abort();
});

test('web3.js hears of logs, programs and failures', async () => {
    const connection = new Connection(chain.ready.rpc_url, 'confirmed');
    const alice = Keypair.generate();
    const nonce = Keypair.generate();
    await connection.requestAirdrop(alice.publicKey, 10 * Number(kSol));
    const heard: { kind: string; value: unknown }[] = [];
    const logs = connection.onLogs(alice.publicKey, (entry) =>
        heard.push({ kind: 'logs', value: entry }),
    );
    const program = connection.onProgramAccountChange(
        SystemProgram.programId,
        (entry) => heard.push({ kind: 'program', value: entry.accountId.toBase58() }),
        { filters: [{ dataSize: 80 }] },
    );
    // The client opens its socket lazily: wait until both subscriptions are acknowledged.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { blockhash, lastValidBlockHeight } = await connection.getLatestBlockhash();
    const create = SystemProgram.createNonceAccount({
        fromPubkey: alice.publicKey,
        noncePubkey: nonce.publicKey,
        authorizedPubkey: alice.publicKey,
        lamports: 1_100_000,
    });
    const good = new Transaction({
        feePayer: alice.publicKey,
        blockhash,
        lastValidBlockHeight,
    }).add(create);
    good.sign(alice, nonce);
    await connection.sendRawTransaction(good.serialize());
    const bad = new Transaction({ feePayer: alice.publicKey, blockhash, lastValidBlockHeight });
    bad.add(
        SystemProgram.transfer({
            fromPubkey: alice.publicKey,
            toPubkey: nonce.publicKey,
            lamports: 1e12,
        }),
    );
    bad.sign(alice);
    await connection.sendRawTransaction(bad.serialize(), { skipPreflight: true });
    const deadline = Date.now() + 5000;
    while (heard.length < 3 && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const entries = heard
        .filter((entry) => entry.kind === 'logs')
        .map((entry) => entry.value as { err: unknown; logs: string[] });
    assert.equal(entries.length, 2);
    assert.equal(entries[0]!.err, null);
    assert.deepEqual(entries[1]!.err, { InstructionError: [0, { Custom: 1 }] });
    assert.ok(entries[0]!.logs.some((line) => line.includes('success')));
    assert.deepEqual(
        heard.filter((entry) => entry.kind === 'program').map((entry) => entry.value),
        [nonce.publicKey.toBase58()],
    );
    await connection.removeOnLogsListener(logs);
    await connection.removeProgramAccountChangeListener(program);
});

interface Message {
    readonly id?: number;
    readonly result?: unknown;
    readonly error?: { code: number; message: string };
    readonly method?: string;
    readonly params?: { result: { value: unknown }; subscription: number };
}

/** A bare socket: what clients of other languages send, and worse. */
class RawSocket {
    readonly socket: WebSocket;
    readonly #messages: Message[] = [];
    #wake: () => void = () => {};
    #closed = false;

    constructor(socket: WebSocket) {
        this.socket = socket;
        socket.on('message', (data) => {
            this.#messages.push(JSON.parse(String(data)) as Message);
            this.#wake();
        });
        socket.on('close', () => {
            this.#closed = true;
            this.#wake();
        });
    }

    static open(options: object = {}, url = chain.ready.ws_url): Promise<RawSocket> {
        const socket = new WebSocket(url, options);
        const raw = new RawSocket(socket);
        return new Promise((resolve, reject) => {
            socket.once('open', () => resolve(raw));
            socket.once('error', reject);
        });
    }

    async next(): Promise<Message> {
        while (this.#messages.length === 0) {
            assert.ok(!this.#closed, 'the socket is closed');
            await new Promise<void>((resolve) => (this.#wake = resolve));
        }
        return this.#messages.shift()!;
    }

    async ask(value: unknown): Promise<Message> {
        this.socket.send(typeof value === 'string' ? value : JSON.stringify(value));
        return this.next();
    }
}

const request = (method: string, params: unknown[] = [], id = 1) => ({
    jsonrpc: '2.0',
    id,
    method,
    params,
});

test('the socket refuses nonsense one message at a time and stays open', async () => {
    const raw = await RawSocket.open();
    const code = async (value: unknown) => (await raw.ask(value)).error?.code;
    assert.equal(await code('{'), -32700);
    assert.equal(await code({ method: 'slotSubscribe' }), -32600);
    assert.equal(await code(request('getSlot')), -32601);
    assert.equal(await code(request('accountSubscribe', ['nonsense'])), -32602);
    assert.equal(await code(request('accountSubscribe', [])), -32602);
    assert.equal(
        await code(request('signatureSubscribe', ['11111111111111111111111111111111'])),
        -32602,
    );
    assert.equal(await code(request('logsSubscribe', [{ mentions: [] }])), -32602);
    assert.equal(await code(request('logsSubscribe', ['everything'])), -32602);
    assert.equal(await code(request('slotUnsubscribe', [77])), -32602);
    assert.equal(await code(request('slotSubscribe', [1])), -32602);
    assert.equal(typeof (await raw.ask(request('rootSubscribe'))).result, 'number');
    raw.socket.terminate();
});

test('unsubscribing needs the right kind and stops the notifications', async () => {
    const raw = await RawSocket.open();
    const { result } = await raw.ask(
        request('logsSubscribe', ['all', { commitment: 'processed' }]),
    );
    assert.equal((await raw.ask(request('accountUnsubscribe', [result]))).error?.code, -32602);
    const second = await RawSocket.open();
    assert.equal((await second.ask(request('logsUnsubscribe', [result]))).error?.code, -32602);
    const subscribed = await second.ask(
        request('logsSubscribe', ['all', { commitment: 'processed' }], 9),
    );
    assert.deepEqual(await second.ask(request('logsUnsubscribe', [subscribed.result])), {
        jsonrpc: '2.0',
        result: true,
        id: 1,
    });
    const bob = await new_signer();
    await client.rpc.requestAirdrop(bob.address, lamports(kSol)).send();
    assert.equal((await raw.next()).method, 'logsNotification');
    // The other has heard nothing: the next message is the answer to the next request.
    const answer = await second.ask(request('getSlot'));
    assert.equal(answer.error?.code, -32601);
    raw.socket.terminate();
    second.socket.terminate();
});

test('subscriptions of one connection are limited', async () => {
    const raw = await RawSocket.open();
    const address = (await new_signer()).address;
    for (let index = 0; index < 1001; index++) {
        raw.socket.send(JSON.stringify(request('accountSubscribe', [address], index)));
    }
    let refused = 0;
    for (let index = 0; index < 1001; index++) {
        const { error } = await raw.next();
        refused += error === undefined ? 0 : 1;
    }
    assert.equal(refused, 1);
    raw.socket.terminate();
});

test('foreign hosts and origins do not get a socket; the RPC port has one as well', async () => {
    await assert.rejects(RawSocket.open({ headers: { Host: 'evil.example' } }), /403/);
    await assert.rejects(RawSocket.open({ origin: 'https://evil.example' }), /403/);
    const page = await RawSocket.open({ origin: 'http://localhost:5173' });
    page.socket.terminate();
    const same_port = await RawSocket.open({}, chain.ready.rpc_url.replace('http', 'ws'));
    assert.equal(typeof (await same_port.ask(request('slotSubscribe'))).result, 'number');
    same_port.socket.terminate();
});

test('a message over 64 KiB ends the connection, not the chain', async () => {
    const raw = await RawSocket.open();
    const closed = new Promise<number>((resolve) => raw.socket.once('close', resolve));
    raw.socket.on('error', () => {});
    raw.socket.send('x'.repeat(70_000));
    assert.equal(await closed, 1009);
    assert.equal(await chain.call('getHealth'), 'ok');
});
