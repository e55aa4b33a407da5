// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { error_text } from '../rpc/error_texts.ts';
import { kInstructionErrorNames, kTransactionErrorNames } from './errors.ts';

/** The names of a `const enum` in the binding's declarations, in the order of their numbers. */
function declared(name: string): string[] {
    const path = createRequire(import.meta.url)
        .resolve('litesvm/dist/internal.js')
        .replace(/\.js$/, '.d.ts');
    const body = new RegExp(`const enum ${name} \\{([^}]*)\\}`).exec(
        readFileSync(path, 'utf8'),
    )![1]!;
    const names = [...body.matchAll(/(\w+) = ([0-9]+)/g)];
    names.forEach((match, index) => assert.equal(Number(match[2]), index));
    return names.map((match) => match[1]!);
}

test('the error names are those of the binding, in its order', () => {
    assert.deepEqual(kTransactionErrorNames, declared('TransactionErrorFieldless'));
    assert.deepEqual(kInstructionErrorNames, declared('InstructionErrorFieldless'));
});

test('every error has words of its own', () => {
    const texts = kTransactionErrorNames.map((name) => error_text(name));
    assert.equal(new Set(texts).size, texts.length);
    const inner = kInstructionErrorNames.map((name) => error_text({ InstructionError: [3, name] }));
    assert.equal(new Set(inner).size, inner.length);
    assert.ok(inner.every((text) => text.startsWith('Error processing Instruction 3: ')));
    assert.equal(
        error_text({ InstructionError: [1, { Custom: 6001 }] }),
        'Error processing Instruction 1: custom program error: 0x1771',
    );
});
