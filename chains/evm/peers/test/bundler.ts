// SPDX-License-Identifier: Apache-2.0
// Pimlico's bundler alto as it is on npm, in a process of its own, over a chain on this machine.
import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { http } from 'viem';
import { createBundlerClient, entryPoint08Address } from 'viem/account-abstraction';

import type { Chain } from '../../contracts/scripts/wallet/anvil.ts';

const project = join(dirname(fileURLToPath(import.meta.url)), '..');
// anvil's accounts 1 to 3.
const utility = '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d';
const executors = [
    '0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a',
    '0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6',
];

async function freePort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    return port;
}

/// Its simulation contracts it deploys itself. Safe mode asks for a tracer that anvil does not have.
export async function startBundler(chain: Chain) {
    const port = await freePort();
    const child = spawn(
        process.execPath,
        [
            join(project, 'node_modules/@pimlico/alto/esm/cli/alto.js'),
            'run',
            ...['--entrypoints', entryPoint08Address],
            ...['--executor-private-keys', executors.join(',')],
            ...['--utility-private-key', utility],
            ...['--min-balance', '0', '--rpc-url', chain.url, '--network-name', 'local', '--safe-mode', 'false'],
            ...['--port', `${port}`, '--api-version', 'v1,v2', '--log-level', 'error'],
        ],
        { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let log = '';
    child.stdout.on('data', (chunk) => (log += chunk));
    child.stderr.on('data', (chunk) => (log += chunk));
    const stopped = new Promise<void>((done) => child.once('exit', () => done()));
    const stop = async () => {
        child.kill('SIGKILL');
        await stopped;
    };
    const transport = http(`http://127.0.0.1:${port}/rpc`, { timeout: 30_000 });
    const client = createBundlerClient({ client: chain.client, transport, pollingInterval: 50 });
    for (let attempt = 0; ; ++attempt) {
        try {
            await client.getSupportedEntryPoints();
            return { client, stop, log: () => log };
        } catch (error) {
            if (attempt === 300 || child.exitCode !== null) {
                await stop();
                throw new Error(`the bundler did not start: ${log}`, { cause: error });
            }
            await new Promise((wake) => setTimeout(wake, 100));
        }
    }
}
