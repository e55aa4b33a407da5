// SPDX-License-Identifier: Apache-2.0
// docs/deploying.md as somebody follows it, on a chain that has nothing of ours.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { compile } from '../../contracts/scripts/sources.ts';
import { initCode, startAnvil } from '../../contracts/scripts/wallet/anvil.ts';
import { tag } from '../../contracts/scripts/wallet/bytes.ts';

const scripts = join(dirname(fileURLToPath(import.meta.url)), '../../contracts/scripts');

/// What the script says, and how it ends.
async function run(...args: string[]): Promise<string> {
    const ended = promisify(execFile)(process.execPath, [join(scripts, 'deploy.ts'), ...args]);
    return ended.then(
        ({ stdout }) => `${stdout}ends with 0`,
        (error) => `${error.stdout}${error.stderr}ends with ${error.code}`,
    );
}

const program = tag('the program of tests');
// anvil's first account.
const key = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';

test('the contracts come to a chain, to the addresses foretold, and once', async () => {
    const chain = await startAnvil();
    try {
        const file = join(mkdtempSync(join(tmpdir(), 'latchkey-')), 'key');
        writeFileSync(file, `${key}\n`);
        const node = ['--program', program, '--rpc', chain.url];
        const foretold = await run('addresses', '--program', program);
        assert.match(await run('verify', ...node), /Wallet +0x\w+ +missing\nends with 1/);
        assert.match(await run('deploy', '--dry-run', ...node), /missing\nends with 1/);
        assert.match(await run('deploy', ...node), /--key FILE\nends with 1/);
        const first = await run('deploy', ...node, '--key', file);
        assert.match(first, /ends with 0/);
        assert.equal(first.match(/made for/g)?.length, 5);
        const again = await run('deploy', ...node, '--key', file);
        assert.match(again, /ends with 0/);
        assert.equal(again.match(/there/g)?.length, 6);
        for (const [address] of foretold.matchAll(/0x[0-9a-fA-F]{40} /g)) {
            assert.ok(again.includes(address), address);
        }
        assert.match(await run('deploy', '--program', '0x12'), /64 hex digits\nends with 1/);
    } finally {
        chain.stop();
    }
});

for (const contract of ['Wallet', 'WalletActions', 'WalletStandards', 'Factory', 'P256Verifier', 'Relay']) {
    test(`anybody compiles ${contract} to the same code`, () => {
        assert.equal(compile(contract), initCode(contract));
    });
}
