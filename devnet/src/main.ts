#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0

import { createRequire } from 'node:module';

import { type Logger, create_logger } from './log.ts';
import { type Options, UsageError, kUsage, parse_options } from './options.ts';
import { Service } from './service.ts';

const kExitFailure = 1;
const kExitUsage = 2;

function version(): string {
    const require = createRequire(import.meta.url);
    return (require('../package.json') as { version: string }).version;
}

function describe(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}

function stop_on_signals(service: Service, log: Logger): void {
    let stopping = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.on(signal, () => {
            if (stopping) {
                process.exit(kExitFailure);
            }
            stopping = true;
            log.info('stopping', { signal });
            service.stop().then(
                () => process.exit(0),
                (error: unknown) => {
                    log.error('could not stop in order', { reason: describe(error) });
                    process.exit(kExitFailure);
                },
            );
        });
    }
}

async function run(options: Options): Promise<void> {
    const log = create_logger(options.log_style);
    const service = new Service(options, log, () => process.exit(kExitFailure));
    const ready = await service.start();
    stop_on_signals(service, log);
    const milliseconds = Math.round(performance.now());
    if (options.log_style === 'json') {
        process.stdout.write(`${JSON.stringify({ event: 'ready', milliseconds, ...ready })}\n`);
    } else {
        const where = options.ledger === null ? 'in memory' : `in ${options.ledger}`;
        process.stdout.write(
            `ready in ${milliseconds} ms: rpc ${ready.rpc_url} ws ${ready.ws_url} (${where})\n`,
        );
    }
}

try {
    const command = parse_options(process.argv.slice(2));
    if (command.kind === 'help') {
        process.stdout.write(kUsage);
    } else if (command.kind === 'version') {
        process.stdout.write(`latchkey-devnet ${version()}\n`);
    } else {
        await run(command.options);
    }
} catch (error) {
    process.stderr.write(`latchkey-devnet: ${describe(error)}\n`);
    if (error instanceof UsageError) {
        process.stderr.write('Run latchkey-devnet --help for the options.\n');
    }
    process.exit(error instanceof UsageError ? kExitUsage : kExitFailure);
}
