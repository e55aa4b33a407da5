// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { kVectors, make_vectors } from './generate.mjs';

test('viem.json is what generate.mjs writes', async () => {
    const expected = await make_vectors();
    assert.ok(readFileSync(kVectors, 'utf8') === expected, 'run `npm run generate`');
});
