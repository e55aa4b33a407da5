// SPDX-License-Identifier: Apache-2.0
//
// node differential_vm_test.mjs [--expect-differences] <native> <program.so> ...
// Compares, value by value, what operations.hpp gives on the host (the program <native>) and on the
// real Solana VM (each <program.so>). With --expect-differences it fails when a program shows none:
// the proof that the test would notice code that is compiled wrongly.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
    ask_host,
    call_program,
    load_program,
    new_chain,
    program_id,
    return_data,
} from './vm_host.mjs';

// As many results as fit into return data.
const kResultsPerCall = 128;
const kValueSize = 8;

function read_expected(native) {
    const ran = spawnSync(native, { maxBuffer: 1 << 28 });
    if (ran.status !== 0) {
        throw ran.error ?? new Error(`${native} ended with ${ran.status}`);
    }
    const bytes = ran.stdout;
    const operations = bytes.readUInt32LE(0);
    const pairs = bytes.readUInt32LE(4);
    const row_size = (2 + operations) * kValueSize;
    const rows = [];
    for (let index = 0; index < pairs; ++index) {
        rows.push(bytes.subarray(8 + index * row_size, 8 + (index + 1) * row_size));
    }
    const names = bytes.toString('utf8', 8 + pairs * row_size).trim().split('\n');
    if (names.length !== operations || pairs === 0) {
        throw new Error(`${native} wrote ${names.length} names for ${operations} operations`);
    }
    return { names, rows };
}

function run_on_vm(program, { names, rows }) {
    const calls = [];
    for (const row of rows) {
        for (let first = 0; first < names.length; first += kResultsPerCall) {
            const head = Buffer.alloc(8);
            head.writeUInt32LE(first, 0);
            head.writeUInt32LE(Math.min(kResultsPerCall, names.length - first), 4);
            const operands = row.subarray(0, 2 * kValueSize);
            calls.push(call_program(program_id(1), Buffer.concat([head, operands])));
        }
    }
    const setup = [...new_chain(), load_program(1, readFileSync(program))];
    const outcomes = ask_host([...setup, ...calls]).slice(setup.length);
    const calls_per_row = calls.length / rows.length;
    return rows.map((_, index) => {
        const own = outcomes.slice(index * calls_per_row, (index + 1) * calls_per_row);
        return Buffer.concat(own.map(return_data));
    });
}

const expect_differences = process.argv[2] === '--expect-differences';
const [native, ...programs] = process.argv.slice(expect_differences ? 3 : 2);
const expected = read_expected(native);
let failed = programs.length === 0;
for (const program of programs) {
    const results = run_on_vm(program, expected);
    const wrong = new Map();
    let wrong_rows = 0;
    let wrong_values = 0;
    expected.rows.forEach((row, index) => {
        const wanted = row.subarray(2 * kValueSize);
        const got = results[index];
        if (got.length !== wanted.length) {
            throw new Error(`${program} returned ${got.length} bytes instead of ${wanted.length}`);
        }
        if (got.equals(wanted)) {
            return;
        }
        wrong_rows += 1;
        expected.names.forEach((name, number) => {
            const at = number * kValueSize;
            if (got.readBigUInt64LE(at) === wanted.readBigUInt64LE(at)) {
                return;
            }
            wrong_values += 1;
            if (!wrong.has(name)) {
                const hex = (bytes, offset) => `0x${bytes.readBigUInt64LE(offset).toString(16)}`;
                const call = `${name}(${hex(row, 0)}, ${hex(row, 8)})`;
                wrong.set(name, `${call}: VM ${hex(got, at)}, host ${hex(wanted, at)}`);
            }
        });
    });
    console.log(
        `${program}: ${expected.names.length} operations, ${expected.rows.length} operand pairs, ` +
            `${expected.names.length * expected.rows.length} values, ${wrong_values} differ ` +
            `(${wrong_rows} pairs, ${wrong.size} operations)`,
    );
    for (const line of [...wrong.values()].slice(0, expect_differences ? 3 : 20)) {
        console.log(`  ${line}`);
    }
    failed ||= expect_differences ? wrong_values === 0 : wrong_values !== 0;
}
process.exit(failed ? 1 : 0);
