// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { Journal, JournalError, read_journal } from './journal.ts';

const directory = mkdtempSync(join(tmpdir(), 'latchkey-journal-'));
after(() => rmSync(directory, { recursive: true }));

const kRecords = ['first', '{"second":"\u00fc\u{1f511}"}', '', 'x'.repeat(10_000)];

function written(name: string): string {
    const path = join(directory, name);
    const journal = new Journal(path, 0);
    kRecords.forEach((record) => journal.append(record));
    journal.close();
    return path;
}

function bodies(path: string): string[] {
    return read_journal(path).records.map((record) => record.toString('utf8'));
}

test('what was appended is read back', () => {
    const path = written('whole');
    assert.deepEqual(bodies(path), kRecords);
    assert.equal(read_journal(path).torn, false);
});

test('cut off at any byte, the whole records before the cut remain', () => {
    const path = written('cut');
    const file = readFileSync(path);
    const ends = [0];
    for (const record of kRecords) {
        ends.push(ends.at(-1)! + 8 + Buffer.byteLength(record));
    }
    const cuts = [...Array(120).keys(), file.length - 1, file.length];
    for (const cut of cuts) {
        writeFileSync(path, file.subarray(0, cut));
        const whole = ends.filter((end) => end > 0 && end <= cut).length;
        const contents = read_journal(path);
        assert.equal(contents.records.length, whole, `cut at ${cut}`);
        assert.equal(contents.end, ends[whole]);
        assert.equal(contents.torn, cut !== ends[whole]);
        // What follows is written over the torn rest.
        const journal = new Journal(path, contents.end);
        journal.append('next');
        journal.close();
        assert.deepEqual(bodies(path), [...kRecords.slice(0, whole), 'next']);
    }
});

test('a changed byte in a body or a checksum is refused', () => {
    const path = written('changed');
    const file = readFileSync(path);
    for (let offset = 4; offset < 13; offset++) {
        const changed = Buffer.from(file);
        changed[offset]! ^= 0x10;
        writeFileSync(path, changed);
        assert.throws(() => read_journal(path), JournalError, `byte ${offset}`);
    }
    const long = Buffer.from(file);
    long[3] = 0xff;
    writeFileSync(path, long);
    assert.throws(() => read_journal(path), /damaged at byte 0/);
});
