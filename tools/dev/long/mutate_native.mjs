// SPDX-License-Identifier: Apache-2.0
// mutate_native.mjs <tree> <build> <limit> [files]: changes the Solana program and the shared
// verdict code in <tree> (a copy of the sources) in one place at a time, and asks the native tests
// of the program and the differential test, built in <build> from the unchanged sources, whether
// they notice. Only the program is compiled anew, in a namespace of its own, so that core's model
// and the tests stay what they were. About <limit> mutants are tried, spread evenly over all, or
// over those whose "path:line" matches files (a regular expression). Appends to $RESULT_FILE and
// prints one line for each.
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { mutants_of } from './mutants.mjs';
import { operator_mutants_of } from './operator_mutants.mjs';

const [tree, build, limit, files = ''] = process.argv.slice(2);
const kSources = ['core/authorization/*.hpp', 'chains/solana/program/*.hpp',
    'chains/solana/program/actions/*.hpp', 'chains/solana/program/*.cpp'];
const kTestSecondsMax = 120;
const kCompiler = 'clang++-19';
const kFilter = '-WaysTest.*:DifferentialTest.a_*';

const work = join(tree, 'mutation');
mkdirSync(work, { recursive: true });

// The program calls the runtime by this one C++ name; everything else is extern "C".
const shim = join(work, 'shim.cpp');
writeFileSync(shim, `#include <cstdint>
namespace latchkey::solana::program { std::uint8_t* scratch(std::uint64_t offset); }
namespace latchkey_mutant::solana::program {
std::uint8_t* scratch(std::uint64_t offset) { return latchkey::solana::program::scratch(offset); }
}
`);
execFileSync(kCompiler, ['-std=c++20', '-c', shim, '-o', join(work, 'shim.o')]);

// The link command of the program's tests, with the mutant in front and the differential test.
const commands = execFileSync('ninja', ['-C', build, '-t', 'commands', 'solana_program_test'],
    { encoding: 'utf8', maxBuffer: 1 << 26 }).trim().split('\n');
const link = commands.filter((line) => line.includes('-o bin/solana_program_test')).pop()
    .replace(/^: && /, '').replace(/ && .*$/, '')
    .replace(/\S*ways_test\.cpp\.o/, join(work, 'mutant.o') + ' ' + join(work, 'shim.o') +
        ' chains/solana/testing/CMakeFiles/solana_differential_test.dir/differential_test.cpp.o')
    .replace('-o bin/solana_program_test', `-o ${join(work, 'mutant_test')}`);

function compiles() {
    const compiled = spawnSync(kCompiler, ['-std=c++20', '-O1', '-Dlatchkey=latchkey_mutant',
        `-I${tree}`, '-w', '-c', join(tree, 'chains/solana/program/entrypoint.cpp'),
        '-o', join(work, 'mutant.o')], { encoding: 'utf8', timeout: 120_000 });
    if (compiled.status !== 0) return { ok: false, output: compiled.stderr };
    const linked = spawnSync('sh', ['-c', link], { cwd: build, encoding: 'utf8' });
    return { ok: linked.status === 0, output: linked.stderr };
}

// Whether every test passes. A crash or a program that never ends is noticed too.
function passes() {
    const { status } = spawnSync(join(work, 'mutant_test'),
        [`--gtest_filter=${kFilter}`, '--gtest_fail_fast', '--gtest_brief=1'],
        { cwd: tree, timeout: kTestSecondsMax * 1000, stdio: 'ignore' });
    return status === 0;
}

const first = compiles();
if (!first.ok || !passes()) {
    console.log(first.output.slice(-3000));
    console.log('the unchanged sources do not pass');
    process.exit(1);
}

const paths = execFileSync('git', ['ls-files', '--', ...kSources], { encoding: 'utf8' })
    .split('\n').filter((path) => path && !/_(test|fuzz|bench)\.cpp$|_testing\.hpp$/.test(path));
const all = paths.flatMap((path) => {
    const text = readFileSync(join(tree, path), 'utf8');
    return [...mutants_of(path, text), ...operator_mutants_of(path, text)];
}).filter(({ path, line }) => new RegExp(files).test(`${path}:${line}`));
const stride = Math.max(1, Math.floor(all.length / Number(limit)));
const mutants = all.filter((_, index) => index % stride === Math.floor(stride / 2));

const fates = { killed: [], survived: [], unbuildable: [] };
for (const [index, mutant] of mutants.entries()) {
    const path = join(tree, mutant.path);
    const original = readFileSync(path, 'utf8');
    writeFileSync(path, mutant.text);
    const fate = !compiles().ok ? 'unbuildable' : passes() ? 'survived' : 'killed';
    writeFileSync(path, original);
    fates[fate].push(mutant);
    console.log(`${index + 1}/${mutants.length} ${fate}: ${mutant.path}:${mutant.line} ` +
        mutant.check);
}

const count = fates.killed.length + fates.survived.length;
appendFileSync(process.env.RESULT_FILE, [
    `${count} of ${all.length} changes tried (${fates.unbuildable.length} more do not compile): ` +
        `${fates.killed.length} noticed, ${fates.survived.length} not.`,
    '',
    ...fates.survived.map(({ path, line, check }) => `* ${path}:${line}: \`${check}\``),
].join('\n') + '\n');
