// SPDX-License-Identifier: Apache-2.0
// Google Benchmark's JSON (standard input, aggregates only) as benchmark lines: the metric is
// <binary>.<name>, its value the median CPU time of one iteration; <binary>.<name>.per_second where the
// benchmark counts what it makes.
import { readFileSync } from 'node:fs';

const binary = process.argv[2];
for (const one of JSON.parse(readFileSync(0, 'utf8')).benchmarks) {
    if (one.aggregate_name !== 'median') continue;
    const metric = `${binary}.${one.run_name}`;
    console.log(JSON.stringify({ metric, value: one.cpu_time, unit: one.time_unit }));
    if (one.items_per_second) {
        const perSecond = { metric: `${metric}.per_second`, value: one.items_per_second, unit: '1/s' };
        console.log(JSON.stringify(perSecond));
    }
}
