// SPDX-License-Identifier: Apache-2.0
// A small repository that breaks no rule, and one change for each way to break one.
import assert from 'node:assert/strict';
import test from 'node:test';

import { render_error_page } from './error_page.mjs';
import {
    anchor_of, check_repository, kRepositoryRules, layers_in_document, resolve_path,
} from './repository_rules.mjs';

const kErrors = '// 1000-1999: core. X(name, number, "One sentence.")\n' +
    'X(kInvalidLength, 1001, "The input has the wrong length.")\n';

const kSound = {
    'README.md': '# Top\n\n[spec](docs/spec/errors.md#the-list) [self](#top) [out](https://a.b/)\n',
    'docs/dependencies.md': '| `cmake` | builds |\n| `ws` | sockets |\n',
    'apt-packages.txt': 'cmake\n',
    'devnet/package.json': '{"dependencies": {"ws": "8.1.0"}}',
    'cmake/layers.cmake': 'set(LATCHKEY_LAYER_core "")\nset(LATCHKEY_LAYER_net core)\n' +
        'set(LATCHKEY_LAYER_cli core net)\n',
    'ARCHITECTURE.md': '```mermaid\ngraph TD\n    cli --> net\n    net --> core[core/]\n```\n',
    'core/base/error_codes/core.def': kErrors,
    'docs/errors.md': render_error_page([kErrors]),
    'docs/spec/errors.md': '# Errors\n\n## The list\n\n| 7 | `Replayed` | seen before |\n',
    'core/authorization/verdict.hpp': '#define V(X) \\\n    X(Replayed, 7, "seen before")\n',
    'vectors/a.json': '[{"error": "Replayed"}, {"error": null}]',
    dev: '  help   this\n  build  builds\n',
    'tools/dev/commands/build': '',
    'core/CMakeLists.txt': 'latchkey_library(core SOURCES\n  base/hex.cpp)\n' +
        'latchkey_test(t SOURCES base/hex_test.cpp)\n' +
        'latchkey_fuzzer(hex_fuzz SOURCES base/hex_fuzz.cpp)\n',
    'core/base/hex.cpp': 'void check_digits() {}',
    'core/base/hex_test.cpp': 'TEST(Hex, digits) {}',
    'chains/CMakeLists.txt': 't(SOURCES solana/program/a_test.cpp solana/testing/a_vm_test.cpp)',
    'chains/solana/program/a_test.cpp': 'refused(Verdict::kReplayed); Verdict::kReplayed',
    'chains/solana/testing/a_vm_test.cpp': 'EXPECT_REFUSED(\n    kReplayed, send());',
    'docs/laws.md': '| digits | `core/base/hex.cpp`: `check_digits` | `Hex.digits`, `hex_fuzz` |\n',
    'core/base/hex_fuzz.cpp': '',
};

const violations = (changes = {}) => {
    const files = { ...kSound, ...changes };
    return check_repository({ paths: Object.keys(files), read: (path) => files[path] });
};

test('the sound repository is sound', () => assert.deepEqual(violations(), []));

// [rule, changed files, part of the message]
const kCases = [
    ['links', { 'docs/b.md': '[x](missing.md)\n' }, /broken link: missing.md/],
    ['links', { 'docs/b.md': '[x](../../outside.md)\n' }, /broken link/],
    ['links', { 'docs/b.md': '[x](../README.md#bottom)\n' }, /no heading '#bottom'/],
    ['dependencies', { 'apt-packages.txt': 'cmake\nninja-build\n' }, /ninja-build has no row/],
    ['dependencies', { 'apt-packages.txt': '' }, /cmake is not used/],
    ['dependencies', { 'devnet/package.json': '{"dependencies": {"ws": "^8.1.0"}}' }, /pin one/],
    ['layer-graph',
        { 'ARCHITECTURE.md': '```mermaid\n    cli --> net\n    core[c]\n```\n' },
        /net -> core is missing/],
    ['layer-graph',
        { 'cmake/layers.cmake': 'set(LATCHKEY_LAYER_core)\nset(LATCHKEY_LAYER_net core)' },
        /layer 'cli' is missing/],
    ['verdict-tests', { 'chains/solana/program/a_test.cpp': '// Verdict::kReplayed\nVerdict::kReplayed' },
        /2 tests .* expect Replayed/],
    ['verdict-tests', { 'chains/solana/testing/a_vm_test.cpp': '',
        'chains/solana/program/a_test.cpp': 'Verdict::kReplayed '.repeat(3) },
    /no test on the real VM expects Replayed/],
    ['error-codes', { 'docs/errors.md': 'old\n' }, /out of date/],
    ['error-codes', { 'core/base/error_codes/core.def': kErrors.replace(', 1001', ', 2001') },
        /outside this library's block/],
    ['error-codes', { 'core/base/error_codes/core.def': kErrors + 'X(kB, 1001, "Twice.")\n' },
        /1001 is also InvalidLength/],
    ['spec-errors', { 'core/authorization/verdict.hpp': '    X(Replayed, 8, "seen before")\n' },
        /Replayed = 8 of .* is missing/],
    ['spec-errors', { 'core/authorization/verdict.hpp': '' }, /Replayed does not exist/],
    ['spec-errors', { 'vectors/a.json': '{"cases": [{"error": "Unheard"}]}' },
        /'Unheard' is not in/],
    ['built', { 'core/base/octal_test.cpp': '' }, /no CMakeLists.txt builds/],
    ['built', { 'core/CMakeLists.txt': '# base/hex.cpp\n' }, /no CMakeLists.txt builds/],
    ['fuzzers', { 'core/base/text_fuzz.cpp': '' }, /what does it cover/],
    ['fuzzers', { 'core/base/hex_fuzz.cpp': '// Covers: core/base/octal.cpp\n' }, /does not exist/],
    ['laws', { 'docs/laws.md': '| a | `core/base/octal.cpp` |\n' }, /octal.cpp does not exist/],
    ['laws', { 'docs/laws.md': '| a | `core/base/hex.cpp`: `zero` |\n' }, /not have zero/],
    ['laws', { 'docs/laws.md': 'See `Hex.letters`.\n' }, /no test Hex.letters/],
    ['laws', { 'docs/laws.md': '| a | `octal_fuzz` |\n' }, /no fuzzer octal_fuzz/],
    ['commands', { 'tools/dev/commands/paint': '' }, /does not mention 'paint'/],
    ['commands', { dev: '  help   this\n  build  builds\n  sing   sings\n' }, /no command 'sing'/],
];

for (const [rule, changes, message] of kCases) {
    test(`${rule}: ${message.source}`, () => {
        const found = violations(changes).filter((one) => one.rule === rule);
        assert.ok(found.some((one) => message.test(one.message)), JSON.stringify(found));
    });
}

test('every rule has a case', () => {
    const tested = new Set(kCases.map(([rule]) => rule));
    assert.deepEqual(Object.keys(kRepositoryRules).filter((name) => !tested.has(name)), []);
});

test('links inside code are not links', () =>
    assert.deepEqual(violations({ 'docs/b.md': '`[x](y.md)`\n\n```\n[x](y.md)\n```\n' }), []));

test('paths resolve inside the repository only', () => {
    assert.equal(resolve_path('docs/spec', '../errors.md'), 'docs/errors.md');
    assert.equal(resolve_path('docs', '/README.md'), 'README.md');
    assert.equal(resolve_path('docs', '../../x'), null);
});

test('anchors are those of GitHub', () => {
    assert.equal(anchor_of('5. Leaves'), '5-leaves');
    assert.equal(anchor_of('What is `signed`, and why?'), 'what-is-signed-and-why');
});

test('the drawn graph is transitive', () => {
    const layers = layers_in_document('```mermaid\n  a --> b & c\n  c --> d[name]\n```');
    assert.deepEqual([...layers.get('a')].sort(), ['b', 'c', 'd']);
    assert.deepEqual([...layers.get('d')], []);
});
