// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { LocalChain, new_signer } from './harness.ts';

const kClock = 'SysvarC1ock11111111111111111111111111111111';

let chain: LocalChain;

before(async () => {
    chain = await LocalChain.start();
});

after(async () => {
    await chain.stop();
});

async function clock() {
    const { value } = await chain.call('getAccountInfo', kClock, { encoding: 'base64' });
    // Layout: solana-clock, struct Clock.
    const data = Buffer.from(value.data[0], 'base64');
    return {
        slot: data.readBigUInt64LE(0),
        epochStartTimestamp: data.readBigInt64LE(8),
        epoch: data.readBigUInt64LE(16),
        leaderScheduleEpoch: data.readBigUInt64LE(24),
        unixTimestamp: data.readBigInt64LE(32),
    };
}

test('the clock shows the time of day and moves with the slots', async () => {
    const first = await clock();
    assert.ok(Math.abs(Number(first.unixTimestamp) - Date.now() / 1000) < 3);
    assert.equal(first.epoch, 1036n);
    assert.equal(first.leaderScheduleEpoch, 1037n);
    await new Promise((resolve) => setTimeout(resolve, 700));
    const second = await clock();
    // 200 ms slots, on a machine that may be busy.
    assert.ok(second.slot - first.slot >= 1n && second.slot - first.slot <= 5n);
});

test('a warp moves time, slots or both, and never back', async () => {
    const before = await clock();
    const answer = await chain.call('devnet_warp', { seconds: 3600 });
    const after_time = await clock();
    assert.ok(after_time.unixTimestamp - before.unixTimestamp >= 3600n);
    assert.ok(after_time.slot - before.slot < 20n);
    // The chain goes on between the two calls.
    const passed = Number(after_time.slot) - answer.slot;
    assert.ok(passed >= 0 && passed < 20, `${passed} slots`);
    await chain.call('devnet_warp', { slots: 432_000 });
    const after_slots = await clock();
    assert.equal(after_slots.epoch, 1037n);
    assert.ok(after_slots.epochStartTimestamp >= before.epochStartTimestamp);
    const target = Number(after_slots.unixTimestamp) + 100;
    const exact = await chain.call('devnet_warp', { unixTimestamp: target });
    assert.ok(exact.unixTimestamp >= target && exact.unixTimestamp <= target + 2);
    const info = await chain.call('devnet_info');
    assert.ok(info.timeOffsetSeconds >= 3700);
});

test('an account can be written, and is what was written', async () => {
    const { address } = await new_signer();
    const owner = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
    const data = Buffer.from([1, 2, 3]).toString('base64');
    await chain.call('devnet_setAccount', address, { lamports: 5, owner, data });
    const { value } = await chain.call('getAccountInfo', address, { encoding: 'base64' });
    assert.deepEqual(value, {
        data: [data, 'base64'],
        executable: false,
        lamports: 5,
        owner,
        // 2^64 - 1, which JavaScript's numbers round.
        rentEpoch: 18446744073709552000,
        space: 3,
    });
    await chain.call('devnet_setAccount', address, { lamports: 0, owner });
    assert.equal((await chain.call('getAccountInfo', address, { encoding: 'base64' })).value, null);
});

test('rent can be changed', async () => {
    assert.equal(await chain.call('getMinimumBalanceForRentExemption', 100), 228 * 5080);
    await chain.call('devnet_setRent', 6960);
    assert.equal(await chain.call('getMinimumBalanceForRentExemption', 100), 228 * 6960);
});

test('every encoding of an account', async () => {
    const { address } = await new_signer();
    const data = Buffer.alloc(300, 7);
    await chain.call('devnet_setAccount', address, {
        lamports: 5,
        owner: kClock,
        data: data.toString('base64'),
    });
    const read = async (config: object) =>
        (await chain.call('getAccountInfo', address, config)).value.data;
    assert.deepEqual(await read({ encoding: 'base64' }), [data.toString('base64'), 'base64']);
    const [packed, name] = await read({ encoding: 'base64+zstd' });
    assert.equal(name, 'base64+zstd');
    const { zstdDecompressSync } = await import('node:zlib');
    assert.deepEqual(zstdDecompressSync(Buffer.from(packed, 'base64')), data);
    const slice = { offset: 298, length: 100 };
    // Two bytes of 7: 7 * 256 + 7 = 1799 = 31 * 58 + 1, so "Y2".
    assert.deepEqual(await read({ encoding: 'base58', dataSlice: slice }), ['Y2', 'base58']);
    assert.equal(await read({ dataSlice: slice }), 'Y2');
    await assert.rejects(read({}), /128 bytes/);
    assert.deepEqual(await read({ encoding: 'jsonParsed' }), [data.toString('base64'), 'base64']);
    const parsed = await chain.call('getAccountInfo', kClock, { encoding: 'jsonParsed' });
    assert.equal(parsed.value.data.parsed.type, 'clock');
});
