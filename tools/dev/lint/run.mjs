// SPDX-License-Identifier: Apache-2.0
// Checks every file that git does not ignore against the conventions; prints one line per violation
// and exits 1 if there are any. Run from the repository root.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

import { check_file } from './file_rules.mjs';
import { check_repository } from './repository_rules.mjs';

const kBinary = /\.(so|o|bin|elf|png|ico|gz)$|(^|\/)corpus\//;

const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { encoding: 'utf8', maxBuffer: 1 << 28 });
const paths = [...new Set(listed.split('\0'))]
    .filter((path) => path && existsSync(path) && !kBinary.test(path));
const texts = new Map();
const read = (path) => {
    if (!texts.has(path)) texts.set(path, readFileSync(path, 'utf8'));
    return texts.get(path);
};

const found = [
    ...paths.flatMap((path) => check_file(path, read(path)).map((one) => ({ path, ...one }))),
    ...check_repository({ paths, read }),
];
for (const { path, line, rule, message } of found) {
    console.log(`${path}:${line}: ${message} [${rule}]`);
}
console.log(`${paths.length} files checked, ${found.length} violations`);
process.exitCode = found.length > 0 ? 1 : 0;
