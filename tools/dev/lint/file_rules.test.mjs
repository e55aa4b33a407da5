// SPDX-License-Identifier: Apache-2.0
// Every rule finds its violation at the right line, and leaves the same file without it alone.
import assert from 'node:assert/strict';
import test from 'node:test';

import { check_file, kFileRules } from './file_rules.mjs';

const kLicence = '// SPDX-License-Identifier: Apache-2.0\n';
const kHeader = `${kLicence}#pragma once\n\nnamespace latchkey::core {\n\n`;
const kEnd = '\n}  // namespace latchkey::core\n';

// [rule, path, text that breaks it, line of the violation, text that does not]
const kCases = [
    ['licence', 'core/a.cpp', 'int a;\n', 1, `${kLicence}int a;\n`],
    ['licence', 'tools/run', '#!/bin/sh\n\n', 1, `#!/bin/sh\n${kLicence.replace('//', '#')}`],
    ['columns', 'core/a.cpp', `${kLicence}// ${'é'.repeat(98)}\n`, 2,
        `${kLicence}// ${'é'.repeat(97)}\n`],
    ['whitespace', 'docs/a.md', '# A\ntext \n', 2, '# A\ntext\n'],
    ['whitespace', 'core/a.cpp', `${kLicence}\tint a;\n`, 2, `${kLicence}    int a;\n`],
    ['whitespace', 'docs/a.md', '# A', 1, '# A\n'],
    ['todo', 'core/a.cpp', `${kLicence}// TODO: later\n`, 2, `${kLicence}// TODO(ada): later\n`],
    ['todo', 'docs/a.md', 'FIXME\n', 1, 'fix me\n'],
    ['self-contained', 'docs/a.md', 'see /home/ann/x\n', 1, 'see docs/network/x\n'],
    ['self-contained', 'docs/a.md', 'as issue #12 says\n', 1, 'an issue of 12 tokens\n'],
    ['self-contained', 'docs/a.md', 'as discussed\n', 1, 'is discussed below\n'],
    ['header-guard', 'core/a.hpp', kLicence, 1, `${kLicence}#pragma once\n`],
    ['file-name', 'core/BadName.cpp', kLicence, 1, null],
    ['include-path', 'core/a.cpp', `${kLicence}#include "a.hpp"\n`, 2,
        `${kLicence}#include "core/a.hpp"\n`],
    ['include-path', 'core/a.cpp', `${kLicence}#include "core/../net/a.hpp"\n`, 2,
        `${kLicence}#include "core/a.hpp"\n`],
    ['namespace', 'net/a.hpp', kHeader + kEnd, 1, (kHeader + kEnd).replaceAll('core', 'net')],
    ['namespace', 'core/a.hpp', `${kLicence}#pragma once\n\nstruct A {};\n`, 1, kHeader + kEnd],
    ['namespace', 'core/a.hpp', (kHeader + kEnd).replaceAll('core', 'corelike'), 1,
        (kHeader + kEnd).replaceAll('core', 'core::encoding')],
    ['documented', 'core/a.hpp', `${kHeader}struct A {\n};\n${kEnd}`, 6,
        `${kHeader}/// What it is.\nstruct A {\n};\n${kEnd}`],
    ['documented', 'core/a.hpp', `${kHeader}template <typename T>\nstruct A {\n};\n${kEnd}`, 7,
        `${kHeader}/// What it is.\ntemplate <typename T>\nstruct A {\n};\n${kEnd}`],
    ['documented', 'core/a.hpp', `${kHeader}struct A {\n    int b;\n};\n${kEnd}`, 6,
        `${kHeader}struct A {\n    // In seconds.\n    int b;\n};\n${kEnd}`],
    ['documented', 'core/a.hpp', `${kHeader}Result<int> parse(int a);\n${kEnd}`, 6,
        `${kHeader}/// How it fails.\nResult<int> a(int b);\nResult<int> a(char b);\n${kEnd}`],
];

for (const [rule, path, bad, line, good] of kCases) {
    test(`${rule}: ${path}: ${JSON.stringify(bad.slice(-30))}`, () => {
        const found = check_file(path, bad).filter((one) => one.rule === rule);
        assert.deepEqual(found.map((one) => one.line), [line]);
        if (good !== null) {
            assert.deepEqual(check_file(path, good).filter((one) => one.rule === rule), []);
        }
    });
}

test('declarations of a detail namespace need no comment', () => {
    const text = kHeader.replace('::core', '::core::keccak_detail') + 'struct A {\n};\n' +
        kEnd.replace('::core', '::core::keccak_detail');
    assert.deepEqual(check_file('core/a.hpp', text), []);
});

test('every rule has a case', () => {
    const tested = new Set(kCases.map(([rule]) => rule));
    assert.deepEqual(kFileRules.map((rule) => rule.name).filter((name) => !tested.has(name)), []);
});
