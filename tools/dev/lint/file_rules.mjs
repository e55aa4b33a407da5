// SPDX-License-Identifier: Apache-2.0
// The conventions that one file alone can break. A rule has a name, a predicate on the path and a
// check that yields {line, message} for every violation; `line` counts from 1.

const kSource = /\.(cpp|hpp|c|h|def|mjs|js|ts|cmake|sh|sol)$/;
const kCpp = /\.(cpp|hpp|h)$/;
const kText = /\.(cpp|hpp|c|h|def|mjs|js|ts|cmake|sh|sol|md|json|txt|yml|html)$/;
const kColumnLimit = 100;
// TypeScript, scripts and build files have no formatter that breaks lines for them.
const kWideColumnLimit = 132;
const kHeadLines = 2;

const is_script = (path, text) => text.startsWith('#!');
const is_source = (path, text) =>
    kSource.test(path) || path.endsWith('CMakeLists.txt') || is_script(path, text);
const lines_of = (text) => text.split('\n');

// Yields a violation for every line that matches a pattern.
function* matching_lines(text, pattern, message) {
    for (const [index, line] of lines_of(text).entries()) {
        const match = line.match(pattern);
        if (match) yield { line: index + 1, message: message(match) };
    }
}

const spdx = {
    name: 'licence',
    applies: is_source,
    *check(path, text) {
        const head = lines_of(text).slice(0, kHeadLines).join('\n');
        if (!head.includes('SPDX-License-Identifier: Apache-2.0')) {
            yield { line: 1, message: 'the SPDX line is missing from the top of the file' };
        }
    },
};

const columns = {
    name: 'columns',
    applies: is_source,
    *check(path, text) {
        const limit = kCpp.test(path) ? kColumnLimit : kWideColumnLimit;
        for (const [index, line] of lines_of(text).entries()) {
            const width = [...line].length;
            if (width > limit) {
                yield { line: index + 1, message: `${width} columns, at most ${limit}` };
            }
        }
    },
};

const whitespace = {
    name: 'whitespace',
    applies: (path, text) => is_source(path, text) || path.endsWith('.md'),
    *check(path, text) {
        yield* matching_lines(text, /[ \t]+$/, () => 'trailing white space');
        yield* matching_lines(text, /\t/, () => 'a tab; indent with spaces');
        if (text.length > 0 && !text.endsWith('\n')) {
            yield { line: lines_of(text).length, message: 'no newline at the end of the file' };
        }
    },
};

// A note to do something later needs a person who will: TODO(name): what.
const todo = {
    name: 'todo',
    applies: (path) => kText.test(path) && !path.startsWith('tools/dev/lint/'),
    *check(path, text) {
        yield* matching_lines(
            text, /\b(TODO(?!\([a-z][a-z0-9-]*\):)|FIXME|XXX|HACK)\b/,
            (match) => `'${match[1]}' without an owner; write TODO(name): what is missing`);
    },
};

// The tree is read by people who have only the tree: nothing in it may point at places or
// conversations outside it.
const kOutsidePatterns = [
    [/(^|[^\w])\/(home|Users|root|mnt|tmp|work(space|dir)?)\/(?!you\b)\w+/, 'a path of one machine'],
    [/\bissue\s+#?\d+\b/i, 'an issue number'],
    [/\bas (discussed|agreed|requested)\b/i, 'a conversation'],
];

const self_contained = {
    name: 'self-contained',
    applies: (path) =>
        kText.test(path) && !path.startsWith('tools/dev/lint/') &&
        !path.endsWith('package-lock.json'),
    *check(path, text) {
        for (const [pattern, what] of kOutsidePatterns) {
            yield* matching_lines(
                text, pattern, (match) => `'${match[0].trim()}' refers to ${what}`);
        }
    },
};

const pragma_once = {
    name: 'header-guard',
    applies: (path) => path.endsWith('.hpp'),
    *check(path, text) {
        if (!/^#pragma once$/m.test(text)) yield { line: 1, message: '#pragma once is missing' };
    },
};

const file_name = {
    name: 'file-name',
    applies: (path) => kCpp.test(path),
    *check(path) {
        const name = path.split('/').at(-1);
        if (!/^[a-z0-9_]+\.(cpp|hpp)$/.test(name)) {
            yield { line: 1, message: `'${name}' is not snake_case.hpp or snake_case.cpp` };
        }
    },
};

const quoted_includes = {
    name: 'include-path',
    applies: (path) => kCpp.test(path) && !path.includes('/testdata/'),
    *check(path, text) {
        yield* matching_lines(
            text, /^\s*#include "(?![a-z_-]+\/)([^"]*)"/,
            (match) => `"${match[1]}" must start at the repository root: "core/base/bytes.hpp"`);
        yield* matching_lines(text, /^\s*#include ".*\.\.\//, () => 'an include must not go up');
    },
};

// Folder -> namespace. The longest prefix counts; a folder below it may add a namespace of its own.
export const kNamespaces = [
    ['core/', 'latchkey::core'],
    ['net/', 'latchkey::net'],
    ['database/', 'latchkey::database'],
    ['signers/', 'latchkey::signers'],
    ['chains/evm/', 'latchkey::evm'],
    ['chains/solana/', 'latchkey::solana'],
    ['chains/testing/', 'latchkey::chains'],
    ['cli/', 'latchkey::cli'],
    ['tools/sbf-link/', 'latchkey::sbf_link'],
    ['models/waiting/', 'latchkey::waiting_model'],
];

const folder_namespace = {
    name: 'namespace',
    applies: (path) =>
        path.endsWith('.hpp') && !path.includes('/testdata/') &&
        kNamespaces.some(([prefix]) => path.startsWith(prefix)),
    *check(path, text) {
        const [, expected] = kNamespaces
            .filter(([prefix]) => path.startsWith(prefix))
            .sort((a, b) => b[0].length - a[0].length)[0];
        const named = [...text.matchAll(/^(?:inline )?namespace ([a-z0-9_:]+) \{/gm)]
            .map((match) => match[1])
            .filter((name) => name.startsWith('latchkey'));
        if (named.length === 0) {
            const declares = /^(class|struct|enum|inline|template|constexpr)\b/m.test(text);
            if (declares && !/^extern "C"/m.test(text)) {
                yield { line: 1, message: `declares names outside namespace ${expected}` };
            }
            return;
        }
        for (const name of named) {
            if (name !== expected && !name.startsWith(`${expected}::`)) {
                yield { line: 1, message: `namespace ${name}; this folder is ${expected}` };
            }
        }
    },
};

// Types, and functions that can fail, say in a comment what they are and how they fail; for a type
// comments on its members will do. Declarations that follow each other without a blank line share
// the comment above the first.
const kTypeDefinition = /^(?:struct|class|enum class|union) (?:\[\[[^\]]*\]\] )?(\w+)[^;]*\{/;
const kFallible = /^(?:template .*)?(?:inline |constexpr |static )*Result<.*> (\w+)\(/;
const kPartOfDeclaration = /^(template\b|requires\b|\[\[|\s+(typename|class)\b|#pragma|#if)/;
const kTestSupport = /\/(testdata|testing|differential)\/|_testing\.hpp$|\/testing\.hpp$/;
const kNoComment = /^\s*$|^(#include|namespace|\})/;

const documented = {
    name: 'documented',
    applies: (path) => path.endsWith('.hpp') && !kTestSupport.test(path),
    *check(path, text) {
        const lines = lines_of(text);
        for (const [index, line] of lines.entries()) {
            const name = (line.match(kTypeDefinition) ?? line.match(kFallible))?.[1];
            if (!name) continue;
            let above = index - 1;
            while (above >= 0 && kPartOfDeclaration.test(lines[above])) above -= 1;
            if (above >= 0 && !kNoComment.test(lines[above])) continue;
            if (kTypeDefinition.test(line) && members_explained(lines, index)) continue;
            if (/(^|[_:])(detail|internal)$/.test(namespace_at(lines, index))) continue;
            yield { line: index + 1, message: `'${name}' has no comment above it` };
        }
    },
};

// Whether a type's members carry comments, or the type is one line.
function members_explained(lines, index) {
    if (/\};$/.test(lines[index])) return true;
    const end = lines.indexOf('};', index);
    return lines.slice(index + 1, end).some((line) => /^\s+\/\//.test(line));
}

// The innermost namespace opened and not closed above a line, going by the closing comments that
// clang-format writes.
function namespace_at(lines, index) {
    const open = [];
    for (const line of lines.slice(0, index)) {
        const opened = line.match(/^(?:inline )?namespace ([\w:]*)\s*\{/);
        if (opened) open.push(opened[1]);
        if (/^\}\s+\/\/ namespace/.test(line)) open.pop();
    }
    return open.at(-1) ?? '';
}

export const kFileRules = [
    spdx, columns, whitespace, todo, self_contained, pragma_once, file_name, quoted_includes,
    folder_namespace, documented,
];

// check_file(path, text): all violations of one file, as {rule, line, message}.
export function check_file(path, text) {
    return kFileRules
        .filter((rule) => rule.applies(path, text))
        .flatMap((rule) =>
            [...rule.check(path, text)].map((found) => ({ rule: rule.name, ...found })));
}
