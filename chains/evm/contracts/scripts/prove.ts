// SPDX-License-Identifier: Apache-2.0
// Proves every assertion of proofs/*.sol, or of the named files, with the SMTChecker of solc (its CHC engine)
// and Debian's z3, for all inputs and any sequence of calls. The assertions of proofs/refuted/*.sol are false,
// and each must be refuted: a prover that proves anything would not be noticed otherwise. Prints one line for
// each assertion and a Markdown line at the end; exits 1 unless all is as it must be.
//
//     node scripts/prove.ts [--seconds N] [file...]
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

interface Message {
    errorCode?: string;
    severity: string;
    formattedMessage: string;
    message: string;
    sourceLocation?: { file: string; start: number };
}
interface Answer {
    contents?: string;
    error?: string;
}
interface Solc {
    compile(input: string, callbacks: {
        import(path: string): Answer;
        smtSolver(query: string): Answer;
    }): string;
}
type Verdict = 'proved' | 'refuted' | 'unproved';

// What the CHC engine says of one verification condition. Overflow and the like are not asked for:
// `checked` arithmetic reverts, which is no violation.
const kVerdicts: Record<string, Verdict> = { 9576: 'proved', 6328: 'refuted', 5840: 'unproved' };
// The prover knows no custom errors; it understands require(condition, CustomError()) all the same, but takes
// `revert CustomError()` for nothing at all.
const kNoise = /does not yet implement type error/;
const kMemoryMegabytes = 4096;

const root = normalize(join(dirname(fileURLToPath(import.meta.url)), '..'));
const solc = createRequire(import.meta.url)('solc') as Solc;

const { values, positionals } = parseArgs({
    options: { seconds: { type: 'string', default: '120' } },
    allowPositionals: true,
});
const seconds_max = Number(values.seconds);

function source(path: string): Answer {
    const file = path.startsWith('@') ? join(root, 'node_modules', path) : join(root, path);
    return existsSync(file) ? { contents: readFileSync(file, 'utf8') } : { error: `no file ${path}` };
}

// solve(query): what z3 answers to an SMT-LIB query. It exits with a status of its own when it is asked for
// a model that does not exist, so only its words count.
function solve(query: string): Answer {
    const options = ['-smt2', '-in', `-T:${seconds_max}`, `-memory:${kMemoryMegabytes}`];
    const { stdout, error } = spawnSync('z3', options, { input: query, encoding: 'utf8', maxBuffer: 1 << 30 });
    return error ? { error: String(error) } : { contents: stdout };
}

// check(path): the verdict on every assertion of a file, in the order of solc's messages.
function check(path: string): { line: number; text: string; verdict: Verdict }[] {
    const text = readFileSync(join(root, path), 'utf8');
    const input = {
        language: 'Solidity',
        sources: { [path]: { content: text } },
        settings: {
            viaIR: true,
            evmVersion: 'cancun',
            modelChecker: {
                engine: 'chc',
                solvers: ['smtlib2'],
                targets: ['assert'],
                showProvedSafe: true,
                showUnproved: true,
                showUnsupported: true,
                timeout: seconds_max * 1000,
            },
        },
    };
    const output = JSON.parse(solc.compile(JSON.stringify(input), { import: source, smtSolver: solve }));
    const messages: Message[] = output.errors ?? [];
    const found = messages.flatMap((message) => {
        const verdict = kVerdicts[message.errorCode ?? ''];
        if (verdict === undefined || message.sourceLocation === undefined) {
            if (message.severity !== 'info' && !kNoise.test(message.message)) console.log(message.formattedMessage);
            if (message.severity === 'error') process.exitCode = 1;
            return [];
        }
        // A violation that "might" be is one that was not found: the solver gave up.
        const sure = !message.message.includes('might happen');
        const before = text.slice(0, message.sourceLocation.start).split('\n');
        const line = before.length;
        return [{ line, text: text.split('\n')[line - 1]!.trim(), verdict: sure ? verdict : 'unproved' }];
    });
    return found;
}

function files_in(folder: string): string[] {
    return readdirSync(join(root, folder)).filter((name) => name.endsWith('.sol')).sort()
        .map((name) => `${folder}/${name}`);
}

const version = execFileSync('z3', ['--version'], { encoding: 'utf8' }).trim();
const paths = positionals.length > 0
    ? positionals.map((path) => relative(root, join(process.cwd(), path)))
    : [...files_in('proofs'), ...files_in('proofs/refuted')];
let right = 0;
let wrong = 0;
for (const path of paths) {
    const expected: Verdict = path.startsWith('proofs/refuted/') ? 'refuted' : 'proved';
    const assertions = (readFileSync(join(root, path), 'utf8').match(/^\s*assert\(/gm) ?? []).length;
    const start = Date.now();
    const found = check(path);
    for (const { line, text, verdict } of found) {
        if (verdict === expected) right += 1;
        else wrong += 1;
        console.log(`${verdict === expected ? 'ok  ' : 'FAIL'} ${path}:${line}: ${verdict}: ${text}`);
    }
    const lines = new Set(found.map(({ line }) => line));
    if (assertions === 0 || lines.size !== assertions) {
        wrong += 1;
        console.log(`FAIL ${path}: verdicts on ${lines.size} of ${assertions} assertions`);
    }
    console.log(`     ${path}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
}
console.log(`${right} of ${right + wrong} assertions as they must be (${version}, ${seconds_max} s each at most)`);
if (wrong > 0) process.exitCode = 1;
