// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parse_json, serialize_json } from './json.ts';
import { from_base64, from_map_key, map_key, to_base64 } from './text.ts';

test('integers keep their 64 bits in both directions', () => {
    const text =
        '{"a":18446744073709551615,"b":[9007199254740993,-9223372036854775808],"c":1.5,"d":7}';
    const value = parse_json(text);
    assert.deepEqual(value, {
        a: 18446744073709551615n,
        b: [9007199254740993n, -9223372036854775808n],
        c: 1.5,
        d: 7,
    });
    assert.equal(serialize_json(value), text);
    assert.throws(() => parse_json('{'), SyntaxError);
});

test('base64 is accepted in its one padded form', () => {
    const bytes = Uint8Array.of(255, 254, 0, 7);
    assert.equal(to_base64(bytes), '//4ABw==');
    assert.deepEqual([...from_base64('//4ABw==')], [...bytes]);
    for (const text of [
        '//4ABw',
        '//4ABw=',
        '__4ABw==',
        '//4ABx==',
        ' //4ABw==',
        '//4A\nBw==',
        '!',
    ]) {
        assert.throws(() => from_base64(text), /base64/, text);
    }
    assert.deepEqual([...from_map_key(map_key(bytes))], [...bytes]);
});
