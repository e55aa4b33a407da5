// SPDX-License-Identifier: Apache-2.0
// The conventions that hold between files: documents against what they describe. Every rule takes a
// `repository` = {paths: [...], read(path) -> text} and yields {path, line, message}.

import { kErrorPage, kErrorTables, library_errors, render_error_page } from './error_page.mjs';

const line_of = (text, index) => text.slice(0, index).split('\n').length;
const folder_of = (path) => path.split('/').slice(0, -1).join('/');

// "a/b/../c" -> "a/c"; null when it leaves the repository.
export function resolve_path(folder, relative) {
    const parts = relative.startsWith('/') ? [] : folder.split('/').filter(Boolean);
    for (const part of relative.split('/')) {
        if (part === '' || part === '.') continue;
        if (part === '..') {
            if (parts.length === 0) return null;
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    return parts.join('/');
}

// GitHub's anchor of a heading.
export function anchor_of(heading) {
    return heading.trim().toLowerCase().replace(/[`*]|\[|\]\([^)]*\)/g, '')
        .replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
}

function anchors_of(text) {
    const without_code = text.replace(/^```[\s\S]*?^```/gm, '');
    const seen = new Map();
    const anchors = new Set();
    for (const match of without_code.matchAll(/^#{1,6} (.*)$/gm)) {
        const anchor = anchor_of(match[1]);
        const count = seen.get(anchor) ?? 0;
        seen.set(anchor, count + 1);
        anchors.add(count === 0 ? anchor : `${anchor}-${count}`);
    }
    return anchors;
}

const blank = (match) => match.replace(/[^\n]/g, ' ');

function* links({ paths, read }) {
    const known = new Set(paths);
    const folders = new Set(paths.flatMap((path) => {
        const parts = path.split('/').slice(0, -1);
        return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    }));
    for (const path of paths.filter((name) => name.endsWith('.md'))) {
        const text = read(path).replace(/^```[\s\S]*?^```/gm, blank).replace(/`[^`\n]*`/g, blank);
        for (const match of text.matchAll(/\]\(([^)\s]+)\)/g)) {
            const line = line_of(text, match.index);
            const [target, anchor] = match[1].split('#');
            if (/^[a-z]+:/.test(match[1])) continue;
            const file = target === '' ? path : resolve_path(folder_of(path), target);
            if (file === null || !(known.has(file) || folders.has(file) || file === '')) {
                yield { path, line, message: `broken link: ${match[1]}` };
            } else if (anchor && file.endsWith('.md') && !anchors_of(read(file)).has(anchor)) {
                yield { path, line, message: `no heading '#${anchor}' in ${file}` };
            }
        }
    }
}

// Every Debian and npm package has its line in docs/dependencies.md, and every line its package.
function* dependencies({ paths, read }) {
    const page = 'docs/dependencies.md';
    const text = paths.includes(page) ? read(page) : '';
    const named = new Set([...text.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1]));
    const used = new Map();
    for (const [index, line] of read('apt-packages.txt').split('\n').entries()) {
        if (!line || line.startsWith('#')) continue;
        used.set(line, { path: 'apt-packages.txt', line: index + 1 });
    }
    for (const path of paths.filter((name) => /(^|\/)package\.json$/.test(name))) {
        const manifest = JSON.parse(read(path));
        const direct = { ...manifest.dependencies, ...manifest.optionalDependencies,
            ...manifest.devDependencies };
        for (const [name, version] of Object.entries(direct)) {
            used.set(name, { path, line: 1 });
            // Several versions of one package have names of their own: "npm:<package>@<version>".
            if (!/^(npm:@?[^@]+@)?\d/.test(version)) {
                yield { path, line: 1, message: `${name}: pin one version, not '${version}'` };
            }
        }
    }
    for (const [name, where] of used) {
        if (!named.has(name)) yield { ...where, message: `${name} has no row in ${page}` };
    }
    for (const name of named) {
        if (!used.has(name)) yield { path: page, line: 1, message: `${name} is not used` };
    }
}

// The allowed edges in cmake/layers.cmake: layer -> set of layers.
export function layers_in_cmake(text) {
    const edges = new Map();
    for (const match of text.matchAll(/^set\(LATCHKEY_LAYER_(\w+)([^)]*)\)/gm)) {
        const names = match[2].replaceAll('"', ' ').split(/\s+/).filter(Boolean);
        edges.set(match[1], new Set(names));
    }
    return edges;
}

// The Mermaid graph of ARCHITECTURE.md: `a --> b` means that a may use b and all that b may use.
export function layers_in_document(text) {
    const graph = text.match(/```mermaid\n([\s\S]*?)```/)?.[1] ?? '';
    const direct = new Map();
    const nodes = (part) => part.split('&').map((name) => name.trim().replace(/\[.*$/, ''));
    for (const line of graph.split('\n')) {
        const edge = line.match(/^\s*(.+?)\s*-->\s*(.+?)\s*$/);
        const names = edge ? [...nodes(edge[1]), ...nodes(edge[2])] : [];
        const alone = line.match(/^\s*(\w+)\[.*\]\s*$/);
        if (alone) names.push(alone[1]);
        for (const name of names) if (!direct.has(name)) direct.set(name, new Set());
        if (!edge) continue;
        for (const from of nodes(edge[1])) {
            for (const to of nodes(edge[2])) direct.get(from).add(to);
        }
    }
    const reach = (from, seen = new Set()) => {
        for (const to of direct.get(from) ?? []) {
            if (!seen.has(to)) {
                seen.add(to);
                reach(to, seen);
            }
        }
        return seen;
    };
    return new Map([...direct.keys()].map((name) => [name, reach(name)]));
}

function* layer_graph({ paths, read }) {
    const page = 'ARCHITECTURE.md';
    if (!paths.includes(page)) return;
    const enforced = layers_in_cmake(read('cmake/layers.cmake'));
    const drawn = layers_in_document(read(page));
    for (const name of new Set([...enforced.keys(), ...drawn.keys()])) {
        if (!enforced.has(name) || !drawn.has(name)) {
            const place = enforced.has(name) ? page : 'cmake/layers.cmake';
            yield { path: place, line: 1, message: `layer '${name}' is missing here` };
            continue;
        }
        for (const other of new Set([...enforced.get(name), ...drawn.get(name)])) {
            if (enforced.get(name).has(other) === drawn.get(name).has(other)) continue;
            const place = enforced.get(name).has(other) ? page : 'cmake/layers.cmake';
            yield { path: place, line: 1, message: `the edge ${name} -> ${other} is missing here` };
        }
    }
}

// Rows of a documented error table: `| 1234 | ... `Name` ...`; order of columns does not matter.
export function documented_errors(text) {
    const errors = new Map();
    for (const row of text.matchAll(/^\|(.+)\|\s*$/gm)) {
        const number = row[1].match(/(?:^|\|)\s*(?:LK-)?(\d+)\s*(?:\||$)/)?.[1];
        const name = row[1].match(/`k?([A-Z]\w+)`/)?.[1];
        if (number && name) errors.set(name, Number(number));
    }
    return errors;
}

function* error_codes({ paths, read }) {
    const tables = paths.filter((path) => path.startsWith(kErrorTables));
    const numbers = new Map();
    for (const path of tables) {
        const text = read(path);
        const block = text.match(/^\/\/ (\d+)-(\d+): .*?\. X\(/m);
        for (const { name, number } of library_errors(text)) {
            const at = { path, line: line_of(text, text.indexOf(`X(k${name},`)) };
            if (numbers.has(number)) {
                yield { ...at, message: `${number} is also ${numbers.get(number)}` };
            }
            numbers.set(number, name);
            if (!block || number < Number(block[1]) || number > Number(block[2])) {
                yield { ...at, message: `${name} = ${number} is outside this library's block` };
            }
        }
    }
    const page = paths.includes(kErrorPage) ? read(kErrorPage) : '';
    if (page !== render_error_page(tables.map(read))) {
        yield { path: kErrorPage, line: 1, message: 'out of date: run tools/dev/error-page' };
    }
}

const kVerdicts = 'core/authorization/verdict.hpp';

// The verdicts of the model: each is documented with its number, and vectors expect no other.
function* spec_errors({ paths, read }) {
    const page = 'docs/spec/errors.md';
    if (!paths.includes(page)) return;
    const documented = documented_errors(read(page));
    const verdicts = new Map([...read(kVerdicts).matchAll(/^ +X\((\w+), (\d+), "/gm)]
        .map((row) => [row[1], Number(row[2])]));
    for (const [name, number] of verdicts) {
        if (documented.get(name) === number) continue;
        yield { path: page, line: 1, message: `${name} = ${number} of ${kVerdicts} is missing` };
    }
    for (const name of documented.keys()) {
        if (!verdicts.has(name)) yield { path: page, line: 1, message: `${name} does not exist` };
    }
    for (const path of paths.filter((name) => /^vectors\/.*\.json$/.test(name))) {
        const missing = new Set();
        const walk = (value, key) => {
            if (key === 'error' && typeof value === 'string' && !documented.has(value)) {
                missing.add(value);
            }
            if (value && typeof value === 'object') {
                for (const [name, inner] of Object.entries(value)) walk(inner, name);
            }
        };
        walk(JSON.parse(read(path)));
        for (const name of missing) {
            yield { path, line: 1, message: `error '${name}' is not in ${page}` };
        }
    }
}

const kRefusalsPerVerdict = 3;

// Every verdict of the program is provoked by its tests, at least three times, of which once on the
// real VM. Counted are the expectations: EXPECT_REFUSED(kName and Verdict::kName.
function* verdict_tests({ paths, read }) {
    const tests = paths.filter((path) => /^chains\/solana\/(program|testing)\/\w+_test\.cpp$/
        .test(path));
    const is_on_vm = (path) => /_vm_test\.cpp$/.test(path);
    const count = (files) => {
        const counts = new Map();
        for (const path of files) {
            const text = read(path).replace(/\/\/.*/g, '');
            for (const [, name] of text.matchAll(/(?:REFUSED\(\s*|\bVerdict::)k(\w+)/g)) {
                counts.set(name, (counts.get(name) ?? 0) + 1);
            }
        }
        return counts;
    };
    const all = count(tests);
    const on_vm = count(tests.filter(is_on_vm));
    const text = read(kVerdicts);
    // Those that only EVM chains answer come after.
    const of_solana = text.split('#define LATCHKEY_EVM_VERDICTS')[0];
    for (const match of of_solana.matchAll(/^ +X\((\w+), (\d+), "/gm)) {
        const name = match[1];
        if (Number(match[2]) === 0) continue;
        const at = { path: kVerdicts, line: line_of(text, match.index) };
        const found = all.get(name) ?? 0;
        if (found < kRefusalsPerVerdict) {
            const message = `${found} tests of the Solana program expect ${name}, at least ` +
                `${kRefusalsPerVerdict} must`;
            yield { ...at, message };
        } else if (!on_vm.has(name)) {
            yield { ...at, message: `no test on the real VM expects ${name}` };
        }
    }
}

// Every C++ source is listed by the CMakeLists.txt of its folder or one above: a test that is not
// built cannot fail.
function* built({ paths, read }) {
    const lists = new Map(paths.filter((path) => /(^|\/)CMakeLists\.txt$/.test(path))
        .map((path) => [folder_of(path), read(path).replace(/#.*/g, '')]));
    const helpers = paths.filter((path) => path.endsWith('.cmake')).map(read).join('\n');
    lists.set('', `${lists.get('') ?? ''}\n${helpers}`);
    for (const path of paths.filter((name) => name.endsWith('.cpp'))) {
        const parts = path.split('/');
        const listed = parts.some((_, depth) => {
            const list = lists.get(parts.slice(0, depth).join('/'));
            const name = parts.slice(depth).join('/');
            return list?.split(/[\s()"]+/).some(
                (token) => token === name || token.endsWith(`/${name}`));
        });
        if (!listed) yield { path, line: 1, message: 'no CMakeLists.txt builds this file' };
    }
}

// A fuzzer says which code it covers: x_fuzz.cpp covers x.cpp or x.hpp, or names files and folders.
function* fuzzers({ paths, read }) {
    for (const path of paths.filter((name) => name.endsWith('_fuzz.cpp'))) {
        const named = [...read(path).matchAll(/^\/\/ Covers: (.*)$/gm)]
            .flatMap((match) => match[1].split(/\s+/));
        for (const name of named) {
            const inside = (one) => name.endsWith('/') && one.startsWith(name);
            if (!paths.some((one) => one === name || inside(one))) {
                yield { path, line: 1, message: `'// Covers: ${name}' does not exist` };
            }
        }
        const stem = path.replace(/_fuzz\.cpp$/, '');
        const sibling = paths.includes(`${stem}.cpp`) || paths.includes(`${stem}.hpp`);
        if (named.length === 0 && !sibling) {
            yield { path, line: 1, message: "what does it cover? add '// Covers: <path> ...'" };
        }
    }
}

// What is wrong with a name between backticks in docs/laws.md, or null. `file` is the file named
// before it in the same cell of a table, or null.
function wrong_reference(name, file, { paths, read, tests, fuzzers }) {
    if (/^[a-z]+\//.test(name)) {
        const there = paths.some((path) => path === name ||
            (name.endsWith('/') && path.startsWith(name)));
        return there ? null : `${name} does not exist`;
    }
    if (/^\w+\.\w+$/.test(name)) return tests.has(name) ? null : `there is no test ${name}`;
    if (/_fuzz$/.test(name)) return fuzzers.has(name) ? null : `there is no fuzzer ${name}`;
    if (file === null || new RegExp(`\\b${name}\\b`).test(read(file))) return null;
    return `${file} does not have ${name}`;
}

// docs/laws.md: every file named exists, every name after a file occurs in it, every test and
// fuzzer named is declared.
function* laws({ paths, read }) {
    const page = 'docs/laws.md';
    if (!paths.includes(page)) return;
    const declared = (files, pattern) => new Set(paths.filter((path) => path.endsWith(files))
        .flatMap((path) => [...read(path).matchAll(pattern)])
        .map((match) => match.slice(1).join('.')));
    const tree = {
        paths,
        read,
        tests: declared('_test.cpp', /\bTEST(?:_[FP])?\(\s*(\w+),\s*(\w+)/g),
        fuzzers: declared('CMakeLists.txt', /\blatchkey_fuzzer\((\w+)/g),
    };
    for (const [index, line] of read(page).split('\n').entries()) {
        for (const cell of line.startsWith('| ') ? line.split('|') : [line]) {
            let file = null;
            for (const [, name] of cell.matchAll(/`([^`]+)`/g)) {
                const message = wrong_reference(name, file, tree);
                if (message) yield { path: page, line: index + 1, message };
                if (line.startsWith('| ') && paths.includes(name)) file = name;
            }
        }
    }
}

// `./dev help` and tools/dev/commands name the same commands.
function* command_list({ paths, read }) {
    const help = read('dev').matchAll(/^ {2}([a-z]+) {2,}\S/gm);
    const listed = new Set([...help].map((match) => match[1]));
    const present = new Set(['help']);
    for (const path of paths) {
        const match = path.match(/^tools\/dev\/commands\/([a-z]+)$/);
        if (match) present.add(match[1]);
    }
    for (const name of present) {
        if (listed.has(name)) continue;
        yield { path: 'dev', line: 1, message: `help does not mention '${name}'` };
    }
    for (const name of listed) {
        if (!present.has(name)) yield { path: 'dev', line: 1, message: `no command '${name}'` };
    }
}

export const kRepositoryRules = {
    links, dependencies, 'layer-graph': layer_graph, 'error-codes': error_codes,
    'spec-errors': spec_errors, 'verdict-tests': verdict_tests, built, fuzzers, laws, commands: command_list,
};

// check_repository(repository): all violations, as {rule, path, line, message}.
export function check_repository(repository) {
    return Object.entries(kRepositoryRules).flatMap(([rule, check]) =>
        [...check(repository)].map((found) => ({ rule, ...found })));
}
