// SPDX-License-Identifier: Apache-2.0
//
// The ledger: what a client was told happened is still there after a restart, however the process
// ended.

import assert from 'node:assert/strict';
import {
    appendFileSync,
    copyFileSync,
    readFileSync,
    readdirSync,
    rmSync,
    statSync,
    truncateSync,
    writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';

import {
    getBase64EncodedWireTransaction,
    getSignatureFromTransaction,
    lamports,
} from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';

import {
    LocalChain,
    funded_signer,
    kSol,
    kit_client,
    new_signer,
    temporary_directory,
} from './harness.ts';

const directories: { path: string; remove: () => void }[] = [];

function ledger(): string {
    const directory = temporary_directory();
    directories.push(directory);
    return join(directory.path, 'ledger');
}

after(() => directories.forEach((directory) => directory.remove()));

function journals(path: string): string[] {
    return readdirSync(path)
        .filter((name) => name.startsWith('journal-'))
        .sort((a, b) => Number(a.slice(8)) - Number(b.slice(8)))
        .map((name) => join(path, name));
}

test('a restart keeps balances, history, time, rent and the identity of the chain', async () => {
    const path = ledger();
    let chain = await LocalChain.start('--ledger', path);
    let client = kit_client(chain);
    const alice = await funded_signer(client);
    const bob = await new_signer();
    const signature = await client.send(alice, [
        getTransferSolInstruction({ source: alice, destination: bob.address, amount: 5_000_000n }),
    ]);
    await chain.call('devnet_warp', { seconds: 86_400, slots: 1000 });
    await chain.call('devnet_setRent', 6960);
    const account = { lamports: 1234567, owner: alice.address, data: 'AQIDBA==' };
    const carol = await new_signer();
    await chain.call('devnet_setAccount', carol.address, account);
    const before = await chain.call('devnet_info');
    const transaction = await chain.call('getTransaction', signature, {
        commitment: 'confirmed',
        maxSupportedTransactionVersion: 0,
    });
    assert.equal(await chain.stop(), 0);

    chain = await LocalChain.start('--ledger', path);
    client = kit_client(chain);
    const info = await chain.call('devnet_info');
    assert.equal(info.genesisHash, before.genesisHash);
    assert.equal(info.faucet, before.faucet);
    assert.ok(info.slot > before.slot);
    assert.ok(info.unixTimestamp >= before.unixTimestamp);
    assert.equal(info.timeOffsetSeconds, 86_400);
    assert.equal(info.lamportsPerByte, 6960);
    assert.equal(info.transactionCount, before.transactionCount);
    assert.equal((await client.rpc.getBalance(bob.address).send()).value, 5_000_000n);
    assert.deepEqual(
        await chain.call('getTransaction', signature, {
            commitment: 'confirmed',
            maxSupportedTransactionVersion: 0,
        }),
        transaction,
    );
    const { value } = await chain.call('getAccountInfo', carol.address, { encoding: 'base64' });
    assert.deepEqual([value.lamports, value.data[0]], [1234567, 'AQIDBA==']);
    assert.equal(await chain.stop(), 0);

    chain = await LocalChain.start('--ledger', path, '--reset');
    const reset = await chain.call('devnet_info');
    assert.notEqual(reset.faucet, before.faucet);
    assert.equal(reset.genesisHash, before.genesisHash, 'the same for every local chain');
    assert.equal(await chain.call('getBalance', bob.address).then((answer) => answer.value), 0);
    await chain.stop();
});

test('kill -9 at any moment loses nothing that was acknowledged', async () => {
    const path = ledger();
    const rounds = 8;
    /** Destination to the amount an acknowledged transaction sent it. */
    const acknowledged = new Map<string, { signature: string; amount: bigint }>();
    let in_flight_at_kill = 0;
    let airdropped = 0;
    for (let round = 0; round < rounds; round++) {
        const chain = await LocalChain.start('--ledger', path, '--slot-ms', '50');
        const client = kit_client(chain);
        const alice = await funded_signer(client, 100n * kSol);
        airdropped++;
        let running = true;
        let in_flight = 0;
        // Four clients at once send as fast as they are answered; the kill comes somewhere in
        // between.
        const sender = async (): Promise<void> => {
            while (running) {
                const target = await new_signer();
                const amount = 1_000_000n + BigInt(acknowledged.size);
                try {
                    const transaction = await client.build(alice, [
                        getTransferSolInstruction({
                            source: alice,
                            destination: target.address,
                            amount,
                        }),
                    ]);
                    in_flight++;
                    await client.rpc
                        .sendTransaction(getBase64EncodedWireTransaction(transaction), {
                            encoding: 'base64',
                        })
                        .send();
                    const signature = getSignatureFromTransaction(transaction);
                    acknowledged.set(target.address, { signature, amount });
                    in_flight--;
                } catch {
                    return;
                }
            }
        };
        const senders = [sender(), sender(), sender(), sender()];
        await new Promise((resolve) => setTimeout(resolve, 150 + 97 * round));
        assert.equal(await chain.kill(), 'SIGKILL');
        in_flight_at_kill += in_flight;
        running = false;
        await Promise.all(senders);
    }
    const chain = await LocalChain.start('--ledger', path);
    const client = kit_client(chain);
    for (const [address, { signature, amount }] of acknowledged) {
        assert.equal((await client.rpc.getBalance(address as never).send()).value, amount, address);
        const { value } = await client.rpc.getSignatureStatuses([signature as never]).send();
        assert.equal(value[0]?.err, null, signature);
    }
    // What was in flight either happened once or not at all; nothing else is on the chain.
    const { transactionCount } = await chain.call('devnet_info');
    const extra = transactionCount - acknowledged.size - airdropped;
    assert.ok(
        extra >= 0 && extra <= in_flight_at_kill,
        `${extra} of ${in_flight_at_kill} in flight`,
    );
    console.log(
        `${rounds} kills: ${acknowledged.size} acknowledged transactions all there, ` +
            `${in_flight_at_kill} in flight of which ${extra} had happened`,
    );
    assert.ok(acknowledged.size > 50, 'the kills came while there was work');
    await chain.stop();
});

test('kill -9 while segments end and snapshots are written', async () => {
    const path = ledger();
    const { address } = await new_signer();
    const batch = Array.from({ length: 250 }, (_, id) => ({
        jsonrpc: '2.0',
        id,
        method: 'requestAirdrop',
        params: [address, 1_000_000],
    }));
    const rounds = 4;
    let acknowledged = 0;
    let unanswered = 0;
    for (let round = 0; round < rounds; round++) {
        const options = ['--slot-ms', '20', '--history', '1000'];
        const chain = await LocalChain.start('--ledger', path, ...options);
        const balance = (await chain.call('getBalance', address)).value / 1_000_000;
        assert.ok(
            balance >= acknowledged && balance <= acknowledged + unanswered,
            `round ${round}`,
        );
        acknowledged = balance;
        unanswered = 0;
        // A segment holds a thousand records: wait for one's worth, then kill within the next.
        let in_round = 0;
        let killed: Promise<unknown> | null = null;
        for (;;) {
            unanswered += batch.length;
            try {
                const { body } = await chain.post(JSON.stringify(batch));
                assert.equal(body.length, batch.length);
            } catch {
                break;
            }
            acknowledged += batch.length;
            unanswered -= batch.length;
            in_round += batch.length;
            if (in_round >= 1000) {
                killed ??= new Promise((resolve) =>
                    setTimeout(() => resolve(chain.kill()), 83 * round),
                );
            }
        }
        await killed;
    }
    const chain = await LocalChain.start('--ledger', path);
    const balance = (await chain.call('getBalance', address)).value / 1_000_000;
    assert.ok(balance >= acknowledged && balance <= acknowledged + unanswered);
    const segments = Number(journals(path).at(-1)!.split('-').at(-1));
    console.log(`${rounds} kills, ${balance} airdrops, ${segments} segments`);
    assert.ok(segments >= rounds, 'segments ended while the chain was being killed');
    await chain.stop();
});

test('a blockhash and a refusal of duplicates survive a kill', async () => {
    const path = ledger();
    let chain = await LocalChain.start('--ledger', path);
    let client = kit_client(chain);
    const alice = await funded_signer(client);
    const bob = await new_signer();
    const transfer = (amount: bigint) =>
        client.build(alice, [
            getTransferSolInstruction({ source: alice, destination: bob.address, amount }),
        ]);
    const sent = getBase64EncodedWireTransaction(await transfer(1_000_000n));
    const unsent = getBase64EncodedWireTransaction(await transfer(2_000_000n));
    await chain.call('sendTransaction', sent, { encoding: 'base64' });
    await chain.kill();
    chain = await LocalChain.start('--ledger', path);
    client = kit_client(chain);
    await assert.rejects(
        chain.call('sendTransaction', sent, { encoding: 'base64' }),
        /already been processed/,
    );
    await chain.call('sendTransaction', unsent, { encoding: 'base64' });
    assert.equal((await client.rpc.getBalance(bob.address).send()).value, 3_000_000n);
    await chain.stop();
});

test('a record cut off by a kill is dropped; a damaged one is refused', async () => {
    const path = ledger();
    let chain = await LocalChain.start('--ledger', path);
    const bob = await new_signer();
    const airdrop = (amount: bigint) =>
        kit_client(chain).rpc.requestAirdrop(bob.address, lamports(amount)).send();
    await airdrop(kSol);
    await airdrop(2n * kSol);
    await chain.kill();
    const journal = journals(path).at(-1)!;
    const size = statSync(journal).size;
    const intact = `${path}-intact`;
    copyFileSync(journal, intact);

    truncateSync(journal, size - 7);
    chain = await LocalChain.start('--ledger', path);
    assert.equal((await chain.call('getBalance', bob.address)).value, Number(kSol));
    assert.ok(chain.errors.some((line) => line.includes('"torn_record_dropped":true')));
    await airdrop(3n * kSol);
    await chain.kill();
    chain = await LocalChain.start('--ledger', path);
    assert.equal((await chain.call('getBalance', bob.address)).value, 4 * Number(kSol));
    await chain.kill();

    // The first bytes of a record, as a kill in the middle of a write leaves them.
    copyFileSync(intact, journal);
    appendFileSync(journal, readFileSync(intact).subarray(0, 5));
    chain = await LocalChain.start('--ledger', path);
    assert.equal((await chain.call('getBalance', bob.address)).value, 3 * Number(kSol));
    await chain.kill();

    const damaged = readFileSync(intact);
    damaged[20]! ^= 1;
    writeFileSync(journal, damaged);
    await assert.rejects(LocalChain.start('--ledger', path), /damaged at byte 0/);
});

test('a damaged identity is named, and what to do about it', async () => {
    const path = ledger();
    const chain = await LocalChain.start('--ledger', path);
    await chain.kill();
    for (const text of ['{"format":', 'null', '']) {
        writeFileSync(join(path, 'ledger.json'), text);
        await assert.rejects(
            LocalChain.start('--ledger', path),
            /ledger\.json is damaged.*--reset/,
        );
    }
});

test('a ledger that cannot be written ends the chain with a reason', async () => {
    const path = ledger();
    const chain = await LocalChain.start('--ledger', path, '--slot-ms', '20');
    const { address } = await new_signer();
    rmSync(path, { recursive: true });
    const exit = new Promise<number | null>((resolve) => chain.process.once('exit', resolve));
    const batch = Array.from({ length: 1000 }, (_, id) => ({
        jsonrpc: '2.0',
        id,
        method: 'requestAirdrop',
        params: [address, 1_000_000],
    }));
    // The open journal can still be written to; the snapshot at the end of the segment cannot.
    await chain.post(JSON.stringify(batch)).catch(() => null);
    assert.equal(await exit, 1);
    assert.ok(chain.errors.some((line) => line.includes('the ledger cannot be written')));
});

test('one ledger has one process', async () => {
    const path = ledger();
    const chain = await LocalChain.start('--ledger', path);
    await assert.rejects(LocalChain.start('--ledger', path), /in use by process [0-9]+/);
    await chain.kill();
    const next = await LocalChain.start('--ledger', path);
    await next.stop();
    await assert.rejects(
        LocalChain.start('--ledger', path, '--features', 'all'),
        /--features mainnet/,
    );
});

test('segments roll over, the oldest history goes, the state stays', async () => {
    const path = ledger();
    let chain = await LocalChain.start('--ledger', path, '--slot-ms', '20', '--history', '1000');
    const first = await new_signer();
    await chain.call('requestAirdrop', first.address, 1_000_000_000);
    const batch = Array.from({ length: 500 }, (_, id) => ({
        jsonrpc: '2.0',
        id,
        method: 'requestAirdrop',
        params: [first.address, 1_000_000],
    }));
    const started = performance.now();
    for (let round = 0; round < 6; round++) {
        const { body } = await chain.post(JSON.stringify(batch));
        assert.ok(body.every((answer: { result?: string }) => typeof answer.result === 'string'));
        // The next slot is where a full segment ends.
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const milliseconds = performance.now() - started;
    console.log(
        `3000 airdrops, each written down: ${Math.round((3000 / milliseconds) * 1000)} per second`,
    );
    await chain.call('devnet_warp', { slots: 700 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const info = await chain.call('devnet_info');
    assert.equal(info.transactionCount, 3001);
    assert.ok(info.transactionsKept <= 2000, `${info.transactionsKept} kept`);
    assert.ok(journals(path).length <= 3, `${journals(path).length} journals`);
    await chain.kill();
    chain = await LocalChain.start('--ledger', path, '--history', '1000');
    console.log(
        `restart with ${info.transactionsKept} transactions: ${chain.ready.milliseconds} ms`,
    );
    assert.equal(
        (await chain.call('getBalance', first.address)).value,
        1_000_000_000 + 3000 * 1_000_000,
    );
    assert.equal((await chain.call('devnet_info')).transactionCount, 3001);
    await chain.stop();
});
