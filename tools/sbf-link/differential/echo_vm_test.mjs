// SPDX-License-Identifier: Apache-2.0
//
// node echo_vm_test.mjs <echo_native> <program.so> ...
// Deploys testdata/echo.cpp through the upgradeable loader, as on a real cluster, with the features
// of mainnet-beta and with all features, and compares what it returns with what it returns on the
// host.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
    ask_host,
    call_program,
    deploy_program,
    new_chain,
    program_id,
    return_data,
} from './vm_host.mjs';

const [native, ...programs] = process.argv.slice(2);
const ran = spawnSync(native, { encoding: 'utf8' });
if (ran.status !== 0) {
    throw ran.error ?? new Error(`${native} ended with ${ran.status}`);
}
const cases = ran.stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' '));

let failures = 0;
for (const program of programs) {
    for (const features of ['mainnet', 'all']) {
        const setup = [...new_chain(features), deploy_program(1, readFileSync(program))];
        const calls = cases.map(([data]) => call_program(program_id(1), Buffer.from(data, 'hex')));
        const outcomes = ask_host([...setup, ...calls]).slice(setup.length);
        let wrong = 0;
        cases.forEach(([data, wanted], index) => {
            const got = return_data(outcomes[index]).toString('hex');
            if (got !== wanted) {
                wrong += 1;
                console.error(`${data}: VM ${got}, host ${wanted}`);
            }
        });
        const cost = outcomes.map(({ compute_units }) => Number(compute_units));
        console.log(
            `${program}, ${features} features: ${cases.length} calls, ${wrong} differ, ` +
                `${Math.min(...cost)} to ${Math.max(...cost)} compute units`,
        );
        failures += wrong;
    }
}
process.exit(failures === 0 && cases.length > 0 && programs.length > 0 ? 0 : 1);
