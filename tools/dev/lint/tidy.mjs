// SPDX-License-Identifier: Apache-2.0
// Runs clang-tidy on the sources of build/release and remembers, per source, a hash of everything
// it read when it was found clean: build/stamps/tidy/<hash> exists for every clean state. Prints
// the findings and exits 1 if there are any.
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative, resolve } from 'node:path';

const kBuild = 'build/release';
const kStamps = 'build/stamps/tidy';
const kAlways = /^(core|chains)\/.*(?<!_test|_bench|_testing)\.cpp$/;
const kGenerated = /^build\//;

const git_lines = (...args) =>
    execFileSync('git', args, { encoding: 'utf8' }).split('\n').filter(Boolean);

// Object -> the repository's headers it was compiled from, as ninja recorded them.
function recorded_headers() {
    const headers = new Map();
    let object = null;
    const listing = execFileSync('ninja', ['-C', kBuild, '-t', 'deps'],
        { encoding: 'utf8', maxBuffer: 1 << 30 });
    for (const line of listing.split('\n')) {
        if (line.startsWith(' ')) {
            const path = relative('.', resolve(kBuild, line.trim()));
            if (!path.startsWith('..')) headers.get(object).push(path);
        } else if (line.includes(': #deps')) {
            object = line.slice(0, line.indexOf(': #deps'));
            headers.set(object, []);
        }
    }
    return headers;
}

function chosen_sources() {
    const all = process.env.LINT_ALL === '1';
    const changed = new Set([...git_lines('diff', '--name-only', 'HEAD'),
        ...git_lines('ls-files', '--others', '--exclude-standard')]);
    const commands = JSON.parse(readFileSync(`${kBuild}/compile_commands.json`, 'utf8'));
    return commands
        .map(({ file, output }) => ({ path: relative('.', file), object: output }))
        .filter(({ path }) => !path.startsWith('..') && !kGenerated.test(path) && existsSync(path))
        .filter(({ path }) => all || kAlways.test(path) || changed.has(path));
}

const texts = new Map();
function text_hash(path) {
    if (!texts.has(path)) {
        const text = existsSync(path) ? readFileSync(path) : '';
        texts.set(path, createHash('sha256').update(text).digest('hex'));
    }
    return texts.get(path);
}

function state_of({ path, object }, headers) {
    const read = [path, '.clang-tidy', ...(headers.get(object) ?? [])];
    const state = read.map((one) => `${one} ${text_hash(one)}`).join('\n');
    return createHash('sha256').update(state).digest('hex');
}

function tidy(path) {
    return new Promise((done) => {
        execFile('clang-tidy-19', ['--quiet', '-p', kBuild, path],
            { maxBuffer: 1 << 26 }, (error, out, err) => done({ clean: !error, out, err }));
    });
}

const headers = recorded_headers();
const sources = chosen_sources().map((source) => ({ ...source, state: state_of(source, headers) }));
const waiting = sources.filter(({ state }) => !existsSync(`${kStamps}/${state}`));
mkdirSync(kStamps, { recursive: true });
console.log(`${sources.length} sources, ${sources.length - waiting.length} known to be clean`);

let failed = 0;
async function worker() {
    for (let source = waiting.shift(); source; source = waiting.shift()) {
        const { clean, out, err } = await tidy(source.path);
        console.log(`${clean ? 'clean' : 'FOUND'} ${source.path} (${waiting.length} to go)`);
        if (clean) {
            writeFileSync(`${kStamps}/${source.state}`, '');
        } else {
            failed += 1;
            console.log(out || err);
        }
    }
}
await Promise.all(Array.from({ length: availableParallelism() }, worker));
console.log(`${failed} sources with findings`);
process.exitCode = failed > 0 ? 1 : 0;
