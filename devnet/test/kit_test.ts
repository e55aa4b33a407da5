// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
    airdropFactory,
    fetchEncodedAccount,
    getBase64EncodedWireTransaction,
    getSignatureFromTransaction,
    isSolanaError,
    lamports,
    SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM,
    SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE,
} from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';

import {
    type KitClient,
    LocalChain,
    funded_signer,
    kSol,
    kit_client,
    new_signer,
} from './harness.ts';

let chain: LocalChain;
let client: KitClient;

before(async () => {
    // Far enough that a busy machine sees the level in between.
    chain = await LocalChain.start('--finality-slots', '12');
    client = kit_client(chain);
});

after(async () => {
    assert.equal(await chain.stop(), 0);
});

test('the chain is up in less than two seconds', async () => {
    // The best of a few, since other work may hold up a single start.
    let best = chain.ready.milliseconds;
    for (let attempt = 0; best >= 2000 && attempt < 4; attempt++) {
        const other = await LocalChain.start();
        best = Math.min(best, other.ready.milliseconds);
        await other.stop();
    }
    console.log(`ready after ${best} ms`);
    assert.ok(best < 2000, `${best} ms`);
});

test('kit airdrops, transfers and reads balances', async () => {
    const alice = await new_signer();
    const bob = await new_signer();
    const airdrop = airdropFactory(client as never);
    await airdrop({
        commitment: 'confirmed',
        recipientAddress: alice.address,
        lamports: lamports(2n * kSol),
    });
    assert.equal((await client.rpc.getBalance(alice.address).send()).value, 2n * kSol);

    for (const version of ['legacy', 0] as const) {
        const transfer = getTransferSolInstruction({
            source: alice,
            destination: bob.address,
            amount: version === 0 ? 1_000_000n : 2_000_000n,
        });
        await client.send(alice, [transfer], version);
    }
    assert.equal((await client.rpc.getBalance(bob.address).send()).value, 3_000_000n);
    assert.equal(
        (await client.rpc.getBalance(alice.address).send()).value,
        2n * kSol - 3_000_000n - 10_000n,
    );
    const account = await fetchEncodedAccount(client.rpc, bob.address);
    assert.ok(account.exists);
    assert.equal(account.lamports, 3_000_000n);
});

test('a transaction is confirmed at once and finalized some slots later', async () => {
    const alice = await funded_signer(client);
    const transaction = await client.build(alice, [
        getTransferSolInstruction({ source: alice, destination: alice.address, amount: 1n }),
    ]);
    const signature = getSignatureFromTransaction(transaction);
    await client.rpc
        .sendTransaction(getBase64EncodedWireTransaction(transaction), { encoding: 'base64' })
        .send();
    const status = async () => (await client.rpc.getSignatureStatuses([signature]).send()).value[0];
    assert.equal((await status())?.confirmationStatus, 'confirmed');
    assert.equal((await status())?.err, null);
    while ((await status())?.confirmationStatus !== 'finalized') {
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal((await status())?.confirmations, null);
});

test('preflight failure arrives as kit knows it, with logs and the cause', async () => {
    const alice = await funded_signer(client, kSol);
    const bob = await new_signer();
    const transaction = await client.build(alice, [
        getTransferSolInstruction({ source: alice, destination: bob.address, amount: 5n * kSol }),
    ]);
    await assert.rejects(
        client.rpc
            .sendTransaction(getBase64EncodedWireTransaction(transaction), { encoding: 'base64' })
            .send(),
        (error: unknown) => {
            assert.ok(
                isSolanaError(
                    error,
                    SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE,
                ),
            );
            assert.ok(isSolanaError(error.cause, SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM));
            assert.equal(error.cause.context.code, 1);
            assert.ok(error.context.logs?.some((line) => line.includes('insufficient lamports')));
            return true;
        },
    );
    // Without preflight it lands, fails and pays its fee.
    await client.rpc
        .sendTransaction(getBase64EncodedWireTransaction(transaction), {
            encoding: 'base64',
            skipPreflight: true,
        })
        .send();
    assert.equal((await client.rpc.getBalance(alice.address).send()).value, kSol - 5000n);
    const signature = getSignatureFromTransaction(transaction);
    const { value } = await client.rpc.getSignatureStatuses([signature]).send();
    assert.deepEqual(value[0]?.err, { InstructionError: [0n, { Custom: 1n }] } as never);
});

test('fees, rent, blockhashes and the epoch agree with each other', async () => {
    const alice = await funded_signer(client);
    const transaction = await client.build(alice, [
        getTransferSolInstruction({ source: alice, destination: alice.address, amount: 1n }),
    ]);
    const message = Buffer.from(transaction.messageBytes).toString('base64');
    const fee = async () => (await client.rpc.getFeeForMessage(message as never).send()).value;
    assert.equal(await fee(), 5000n);
    const wire = getBase64EncodedWireTransaction(transaction);
    await client.rpc.sendTransaction(wire, { encoding: 'base64' }).send();
    assert.equal(await fee(), 5000n, 'also when the transaction is through');
    // SIMD-0437: (128 + bytes) * 5,080 lamports.
    assert.equal(await client.rpc.getMinimumBalanceForRentExemption(0n).send(), 650_240n);
    assert.equal(await client.rpc.getMinimumBalanceForRentExemption(165n).send(), 293n * 5080n);

    const { value } = await client.rpc.getLatestBlockhash().send();
    assert.ok((await client.rpc.isBlockhashValid(value.blockhash).send()).value);
    const height = await client.rpc.getBlockHeight({ commitment: 'confirmed' }).send();
    assert.ok(value.lastValidBlockHeight - height <= 150n && value.lastValidBlockHeight > height);
    assert.equal(
        (
            await client.rpc
                .isBlockhashValid('4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM' as never)
                .send()
        ).value,
        false,
    );
    const epoch = await client.rpc.getEpochInfo().send();
    assert.equal(epoch.epoch, 1036n);
    assert.equal(epoch.absoluteSlot, epoch.epoch * epoch.slotsInEpoch + epoch.slotIndex);
    assert.equal(await client.rpc.getHealth().send(), 'ok');
    assert.equal((await client.rpc.getVersion().send())['solana-core'], '4.3.0');
    assert.match(await client.rpc.getGenesisHash().send(), /^[1-9A-HJ-NP-Za-km-z]{32,44}$/);
    assert.equal((await client.rpc.getRecentPrioritizationFees().send()).length, 150);
});

test('simulation answers logs, units, accounts and the replaced blockhash', async () => {
    const alice = await funded_signer(client);
    const bob = await new_signer();
    const transaction = await client.build(alice, [
        getTransferSolInstruction({ source: alice, destination: bob.address, amount: 700_000n }),
    ]);
    const wire = getBase64EncodedWireTransaction(transaction);
    const { value } = await client.rpc
        .simulateTransaction(wire, {
            encoding: 'base64',
            replaceRecentBlockhash: true,
            innerInstructions: true,
            accounts: { addresses: [bob.address], encoding: 'base64' },
        })
        .send();
    assert.equal(value.err, null);
    assert.equal(value.unitsConsumed, 150n);
    assert.equal(value.accounts?.[0]?.lamports, 700_000n);
    assert.equal(value.fee, 5000n);
    assert.deepEqual(value.innerInstructions, []);
    assert.ok(value.replacementBlockhash.lastValidBlockHeight > 0n);
    assert.equal((await client.rpc.getBalance(bob.address).send()).value, 0n);

    const unsigned = Buffer.from(wire, 'base64');
    unsigned.fill(0, 1, 65);
    const broken = unsigned.toString('base64') as typeof wire;
    const lenient = await client.rpc.simulateTransaction(broken, { encoding: 'base64' }).send();
    assert.equal(lenient.value.err, null);
    await assert.rejects(
        client.rpc.simulateTransaction(broken, { encoding: 'base64', sigVerify: true }).send(),
        /signature verification failure/i,
    );
});
