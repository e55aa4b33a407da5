// SPDX-License-Identifier: Apache-2.0
// Answers `--version` and `--standard-json` as the native compiler does. All sources come in the input
// of forge: an import that is not there is an error, never a look at the disk.
const solc = require('solc');
const fs = require('node:fs');

const options = process.argv.slice(2);
if (options.includes('--version')) {
    // "0.8.37+commit.….Emscripten.clang" -> what forge parses.
    process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`);
} else if (options.includes('--standard-json')) {
    const callbacks = { import: (path) => ({ error: `${path} is not among the sources` }) };
    fs.writeSync(1, solc.compile(fs.readFileSync(0, 'utf8'), callbacks));
} else {
    process.stderr.write(`solc: only --version and --standard-json, not '${options.join(' ')}'\n`);
    process.exitCode = 2;
}
