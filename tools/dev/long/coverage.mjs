// SPDX-License-Identifier: Apache-2.0
// coverage.mjs <path...>: reads `llvm-cov export` (standard input) and prints the share of lines
// covered in the named files, and in the folders named with a final '/', as "97.1 % of 412".
import { readFileSync } from 'node:fs';

const wanted = process.argv.slice(2);
const matches = (filename) => wanted.some((path) =>
    path.endsWith('/') ? `${filename}`.includes(`/${path}`) : filename.endsWith(`/${path}`));

const files = JSON.parse(readFileSync(0, 'utf8')).data[0].files
    .filter(({ filename }) => matches(filename) && !/_(fuzz|test)\.cpp$/.test(filename));
const count = files.reduce((sum, file) => sum + file.summary.lines.count, 0);
const covered = files.reduce((sum, file) => sum + file.summary.lines.covered, 0);
if (count === 0) {
    console.error(`no line of ${wanted.join(' ')} is in the program`);
    process.exitCode = 1;
} else {
    console.log(`${(100 * covered / count).toFixed(1)} % of ${count}`);
}
