// SPDX-License-Identifier: Apache-2.0
// Google Benchmark's JSON (standard input) as benchmark lines. The metric is <binary>.<name>, its
// value the median CPU time of one iteration. Where names differ only after the last '/', and one
// of them ends in "/latchkey", each of the others also gives <binary>.<name>.ratio.<other>: the
// time of ours by the time of theirs, so less is better.
import { readFileSync } from 'node:fs';

const binary = process.argv[2];
const report = JSON.parse(readFileSync(0, 'utf8'));
const print = (metric, value, unit) => console.log(JSON.stringify({ metric, value, unit }));

const times = new Map();
for (const one of report.benchmarks) {
    const single = one.run_type === 'iteration' && report.benchmarks.every(
        (other) => other.run_name !== one.run_name || other.run_type === 'iteration');
    if (one.aggregate_name !== 'median' && !single) continue;
    times.set(one.run_name, one.cpu_time);
    print(`${binary}.${one.run_name}`, one.cpu_time, one.time_unit);
}
for (const [name, time] of times) {
    const stem = name.slice(0, name.lastIndexOf('/'));
    const ours = times.get(`${stem}/latchkey`);
    if (ours === undefined || name === `${stem}/latchkey`) continue;
    print(`${binary}.${stem}.ratio.${name.slice(stem.length + 1)}`, ours / time, 'ratio');
}
