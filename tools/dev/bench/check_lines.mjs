// SPDX-License-Identifier: Apache-2.0
// Prints the benchmark lines of a file and exits 1 if one of them is not
// {"metric": text, "value": finite number, "unit": text}, or if there are none.
import { readFileSync } from 'node:fs';

const lines = readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean);
let wrong = lines.length === 0 ? 1 : 0;
if (wrong) console.error(`${process.argv[2]}: no figures`);
for (const line of lines) {
    let figure = null;
    try {
        figure = JSON.parse(line);
    } catch {
        // reported below
    }
    if (typeof figure?.metric === 'string' && Number.isFinite(figure.value) &&
        typeof figure.unit === 'string') {
        console.log(line);
    } else {
        wrong += 1;
        console.error(`not a benchmark line: ${line}`);
    }
}
process.exitCode = wrong > 0 ? 1 : 0;
