// SPDX-License-Identifier: Apache-2.0
//
// --program: a real loader-v3 deployment at start, an upgrade when the file changed.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { address, getBase64EncodedWireTransaction } from '@solana/kit';
import { Keypair } from '@solana/web3.js';

import { tiny_program } from './elf.ts';
import { LocalChain, funded_signer, kit_client, temporary_directory } from './harness.ts';

const kProgram = '4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM2';
const directory = temporary_directory();
const elf_path = join(directory.path, 'program.so');
const ledger_path = join(directory.path, 'ledger');

before(() => writeFileSync(elf_path, tiny_program(6001, 2000)));
after(directory.remove);

async function custom_code(chain: LocalChain, program: string): Promise<bigint | null> {
    const client = kit_client(chain);
    const payer = await funded_signer(client);
    const transaction = await client.build(payer, [{ programAddress: address(program) }]);
    const { value } = await client.rpc
        .simulateTransaction(getBase64EncodedWireTransaction(transaction), { encoding: 'base64' })
        .send();
    const error = value.err as { InstructionError: [bigint, { Custom: bigint }] } | null;
    return error?.InstructionError[1].Custom ?? null;
}

test('a program is deployed, found again after a restart, and upgraded', async () => {
    const start = () =>
        LocalChain.start('--ledger', ledger_path, '--program', `${kProgram}=${elf_path}`);
    let chain = await start();
    assert.deepEqual(chain.ready.programs, [{ address: kProgram, state: 'deployed' }]);
    assert.equal(await custom_code(chain, kProgram), 6001n);
    const { value } = await chain.call('getAccountInfo', kProgram, { encoding: 'jsonParsed' });
    assert.equal(value.executable, true);
    assert.equal(value.owner, 'BPFLoaderUpgradeab1e11111111111111111111111');
    const data = await chain.call('getAccountInfo', value.data.parsed.info.programData, {
        encoding: 'jsonParsed',
    });
    const { faucet } = await chain.call('devnet_info');
    assert.equal(data.value.data.parsed.info.authority, faucet);
    assert.equal(await chain.stop(), 0);

    chain = await start();
    assert.equal(chain.ready.programs[0]?.state, 'unchanged');
    assert.equal(await custom_code(chain, kProgram), 6001n);
    await chain.kill();

    writeFileSync(elf_path, tiny_program(6002, 3000));
    chain = await start();
    assert.equal(chain.ready.programs[0]?.state, 'upgraded');
    assert.equal(await custom_code(chain, kProgram), 6002n);
    await chain.kill();

    writeFileSync(elf_path, tiny_program(6003, 9000));
    await assert.rejects(start(), /too small for the new file: use --reset/);
});

test('a keypair file deploys at its address; the upgrade authority is the one asked for', async () => {
    const keypair = Keypair.generate();
    const authority = Keypair.generate().publicKey.toBase58();
    const key_path = join(directory.path, 'program.json');
    writeFileSync(key_path, JSON.stringify([...keypair.secretKey]));
    writeFileSync(elf_path, tiny_program(0));
    const chain = await LocalChain.start(
        '--program',
        `${key_path}=${elf_path}`,
        '--upgrade-authority',
        authority,
    );
    try {
        const program = keypair.publicKey.toBase58();
        assert.deepEqual(chain.ready.programs, [{ address: program, state: 'deployed' }]);
        assert.equal(await custom_code(chain, program), null);
        const { value } = await chain.call('getAccountInfo', program, { encoding: 'jsonParsed' });
        const data = await chain.call('getAccountInfo', value.data.parsed.info.programData, {
            encoding: 'jsonParsed',
        });
        assert.equal(data.value.data.parsed.info.authority, authority);
    } finally {
        await chain.stop();
    }
});
