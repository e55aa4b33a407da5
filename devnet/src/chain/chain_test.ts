// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bytes_equal } from '../wire/text.ts';
import { BlockhashQueue, Blockhashes, kBlockhashAgeMax } from './blockhashes.ts';
import { StatusCache } from './status_cache.ts';
import { ui_amount } from './tokens.ts';

const kSeed = new Uint8Array(32).fill(3);

test('blockhashes depend on seed and slot only', () => {
    const one = new Blockhashes(kSeed);
    const two = new Blockhashes(kSeed);
    assert.ok(bytes_equal(one.at(1000), two.at(1000)));
    assert.ok(!bytes_equal(one.at(1000), one.at(1001)));
    assert.ok(!bytes_equal(one.at(1000), new Blockhashes(new Uint8Array(32)).at(1000)));
    assert.ok(bytes_equal(one.latest(1000), one.at(999)));
});

test('the queue knows the newest blockhash and the 150 before, wherever it moves', () => {
    const hashes = new Blockhashes(kSeed);
    const queue = new BlockhashQueue(hashes);
    for (const slot of [1000, 1001, 1002, 1140, 5000, 4000, 4001]) {
        queue.move_to(slot);
        assert.equal(
            queue.find(hashes.at(slot)),
            undefined,
            'the end of this slot is not known yet',
        );
        assert.equal(queue.find(hashes.at(slot - 1)), slot - 1);
        assert.equal(
            queue.find(hashes.at(slot - 1 - kBlockhashAgeMax)),
            slot - 1 - kBlockhashAgeMax,
        );
        assert.equal(queue.find(hashes.at(slot - 2 - kBlockhashAgeMax)), undefined);
    }
    assert.equal(queue.find(new Uint8Array(32)), undefined);
});

test('a processed message is known until its blockhash cannot be used any more', () => {
    const cache = new StatusCache();
    const message = Uint8Array.of(1, 2, 3);
    assert.equal(cache.has(message), false);
    cache.add(message, 1000);
    cache.prune(1000 + 2 * kBlockhashAgeMax);
    assert.equal(cache.has(message), true);
    cache.prune(1001 + 2 * kBlockhashAgeMax);
    assert.equal(cache.has(message), false);
});

test('token amounts as Solana prints them', () => {
    // amount, decimals, text: computed by hand.
    const cases: readonly (readonly [bigint, number, string])[] = [
        [0n, 0, '0'],
        [0n, 9, '0'],
        [1n, 9, '0.000000001'],
        [1_250_000n, 6, '1.25'],
        [18_446_744_073_709_551_615n, 0, '18446744073709551615'],
        [18_446_744_073_709_551_615n, 9, '18446744073.709551615'],
        [5n, 1, '0.5'],
        [50n, 1, '5'],
    ];
    for (const [amount, decimals, text] of cases) {
        assert.equal(ui_amount(amount, decimals).uiAmountString, text);
        assert.equal(ui_amount(amount, decimals).amount, amount.toString());
    }
});
