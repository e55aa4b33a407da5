// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';

import { mutants_of } from './mutants.mjs';

const kSource = `
Verdict check(uint64_t a) {
    if (a > kMaximum) {
        return Verdict::kTooLong;
    }
    if (const Verdict bad = inner(a); bad != Verdict::kAccepted) {
        return bad;
    }
    if (a == 0) {
        return Verdict::kAccepted;
    }
    return a < 3 ? Verdict::kAccepted
                 : Verdict::kTooShort;
}
const char* skip(const char* p) {
    if (p == end) { return nullptr; }
    return p + 1;
}
`;

test('every check is removed once, and nothing else', () => {
    const mutants = mutants_of('a.hpp', kSource);
    assert.deepEqual(mutants.map(({ line, check }) => [line, check]), [
        [4, 'if (a > kMaximum) { return Verdict::kTooLong;'],
        [7, 'if (const Verdict bad = inner(a); bad != Verdict::kAccepted) { return bad;'],
        [13, 'return a < 3 ? Verdict::kAccepted : Verdict::kTooShort'],
        [16, 'if (p == end) { return nullptr;'],
    ]);
    assert.ok(!mutants[0].text.includes('kTooLong'));
    assert.ok(mutants[0].text.includes('return bad;'));
    assert.match(mutants[2].text, /\? Verdict::kAccepted\s*: Verdict::kAccepted;/);
    for (const { text } of mutants) {
        assert.equal(text.split('\n').length, kSource.split('\n').length);
    }
});
