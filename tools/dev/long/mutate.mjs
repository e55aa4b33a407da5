// SPDX-License-Identifier: Apache-2.0
// mutate.mjs <tree> <build> <equivalents> <stages> [limit [files]]: in a copy of the sources, removes
// one check after the other, rebuilds and runs the tests until one fails. <stages> is a JSON list of
// {targets: [CMake target], tests: ctest regular expression, files: regular expression}: a mutant
// goes through the stages whose `files` match its path, in order, until a test kills it.
// <equivalents> is a file of lines "path: check — reason" for checks that no test can miss, because
// another one behind them refuses the same input. With a limit only every n-th mutant is tried, with
// files (a regular expression) only those whose "path:line" matches. Appends to $RESULT_FILE and
// exits 1 if a check can be removed unnoticed.
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { mutants_of } from './mutants.mjs';

const [tree, build, equivalents_path, stages_text, limit, files = ''] = process.argv.slice(2);
const stages = JSON.parse(stages_text);
const kTestSecondsMax = 300;
const kSources = ['core/authorization/*.hpp', 'chains/solana/program/*.hpp',
    'chains/solana/program/actions/*.hpp', 'chains/solana/program/*.cpp'];

const equivalents = readFileSync(equivalents_path, 'utf8').split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => line.split(' — ')[0]);

function compiles(targets) {
    const { status, stdout, stderr } = spawnSync(
        'cmake', ['--build', build, '--parallel', process.env.JOBS, '--target', ...targets],
        { encoding: 'utf8' });
    return { ok: status === 0, output: stdout + stderr };
}

function run_tests(tests) {
    const { status, stdout, stderr } = spawnSync(
        'ctest', ['--test-dir', build, '--parallel', process.env.JOBS, '--stop-on-failure',
            '--no-tests=error', '--timeout', `${kTestSecondsMax}`, '-R', tests],
        { encoding: 'utf8' });
    return { ok: status === 0, output: stdout + stderr };
}

// killed, survived, or unbuildable (a removal that the compiler refuses proves nothing).
function fate_of(mutant) {
    let was_built = false;
    for (const { targets, tests, files } of stages) {
        if (!new RegExp(files).test(mutant.path)) continue;
        if (!compiles(targets).ok) continue;
        was_built = true;
        if (!run_tests(tests).ok) return 'killed';
    }
    return was_built ? 'survived' : 'unbuildable';
}

const paths = execFileSync('git', ['ls-files', '--', ...kSources], { encoding: 'utf8' })
    .split('\n').filter(Boolean);
const all = paths.flatMap((path) => mutants_of(path, readFileSync(join(tree, path), 'utf8')))
    .filter(({ path, line }) => new RegExp(files).test(`${path}:${line}`));
const stride = limit ? Math.max(1, Math.floor(all.length / Number(limit))) : 1;
const mutants = all.filter((_, index) => index % stride === 0);

for (const { targets, tests } of stages) {
    for (const { ok, output } of [compiles(targets), run_tests(tests)]) {
        if (ok) continue;
        console.log(output.slice(-2000));
        console.log(`the unchanged sources do not pass: ${tests}`);
        process.exit(1);
    }
}

const fates = { killed: [], survived: [], equivalent: [], unbuildable: [] };
for (const [index, mutant] of mutants.entries()) {
    const path = join(tree, mutant.path);
    const original = readFileSync(path, 'utf8');
    writeFileSync(path, mutant.text);
    let fate = fate_of(mutant);
    writeFileSync(path, original);
    if (fate === 'survived' && equivalents.includes(`${mutant.path}: ${mutant.check}`)) {
        fate = 'equivalent';
    }
    fates[fate].push(mutant);
    console.log(`${index + 1}/${mutants.length} ${fate}: ${mutant.path}:${mutant.line} ` +
        mutant.check);
}

const report = [
    `${mutants.length} of ${all.length} checks removed one at a time: ` +
        Object.entries(fates).map(([fate, list]) => `${list.length} ${fate}`).join(', ') + '.',
    '',
    ...['survived', 'unbuildable'].flatMap((fate) => fates[fate].map(({ path, line, check }) =>
        `* ${fate}: ${path}:${line}: \`${check}\``)),
];
appendFileSync(process.env.RESULT_FILE, report.join('\n') + '\n');
process.exitCode = fates.survived.length > 0 ? 1 : 0;
