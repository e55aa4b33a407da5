// SPDX-License-Identifier: Apache-2.0
//
// node syscalls_vm_test.mjs <syscall_programs>
// Calls every syscall the linker knows on the real VM and compares what the VM says with the
// linker's table: "active" exists with mainnet-beta's features, "gated" only with all features, and
// a call of what does not exist fails when it is executed, not when the program is loaded.

import { spawnSync } from 'node:child_process';
import { ask_host, call_program, load_program, new_chain, program_id } from './vm_host.mjs';

const kNotThere = 'unsupported BPF instruction';
// Deployment refuses programs with it, execution of old ones does not.
const kOldProgramsOnly = 'sol_alloc_free_';

const ran = spawnSync(process.argv[2], { encoding: 'utf8' });
if (ran.status !== 0) {
    throw ran.error ?? new Error(`${process.argv[2]} ended with ${ran.status}: ${ran.stderr}`);
}
const syscalls = ran.stdout
    .trim()
    .split('\n')
    .map((line) => {
        const [name, status, elf] = line.split(' ');
        return { name, status, elf: Buffer.from(elf, 'hex') };
    });

function existing_syscalls(features) {
    const setup = [
        ...new_chain(features),
        ...syscalls.map(({ elf }, index) => load_program(index, elf)),
    ];
    const calls = syscalls.map((_, index) => call_program(program_id(index), Buffer.alloc(0)));
    const outcomes = ask_host([...setup, ...calls]).slice(setup.length);
    return new Set(
        syscalls
            .filter((_, index) => !outcomes[index].logs.some((line) => line.includes(kNotThere)))
            .map(({ name }) => name),
    );
}

const on_mainnet = existing_syscalls('mainnet');
const anywhere = existing_syscalls('all');
let failures = 0;
const counts = {};
for (const { name, status } of syscalls) {
    const found = on_mainnet.has(name) ? 'active' : anywhere.has(name) ? 'gated' : 'retired';
    counts[status] = (counts[status] ?? 0) + 1;
    if (found !== status && name !== kOldProgramsOnly) {
        console.error(`${name}: the table says ${status}, the VM says ${found}`);
        failures += 1;
    }
}
console.log(`${syscalls.length} syscalls called: ${JSON.stringify(counts)}, ${failures} wrong`);
process.exit(failures === 0 && syscalls.length > 40 ? 0 : 1);
