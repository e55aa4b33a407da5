// SPDX-License-Identifier: Apache-2.0
//
// Version 1 transactions (SIMD-0385): 4,096 bytes, 64 accounts, the compute budget in the message.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
    type Instruction,
    type KeyPairSigner,
    appendTransactionMessageInstructions,
    createTransactionMessage,
    getBase64EncodedWireTransaction,
    getSignatureFromTransaction,
    pipe,
    setTransactionMessageComputeUnitLimit,
    setTransactionMessageFeePayerSigner,
    setTransactionMessageLifetimeUsingBlockhash,
    setTransactionMessageLoadedAccountsDataSizeLimit,
    setTransactionMessagePriorityFeeLamports,
    signTransactionMessageWithSigners,
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
    chain = await LocalChain.start();
    client = kit_client(chain);
});

after(async () => {
    await chain.stop();
});

interface Budget {
    readonly units: number;
    readonly loaded_bytes: number;
    readonly priority_fee: bigint;
}

async function build_v1(
    payer: KeyPairSigner,
    instructions: readonly Instruction[],
    budget: Budget,
) {
    const { value: blockhash } = await client.rpc.getLatestBlockhash().send();
    return signTransactionMessageWithSigners(
        pipe(
            createTransactionMessage({ version: 1 }),
            (tx) => setTransactionMessageFeePayerSigner(payer, tx),
            (tx) => setTransactionMessageLifetimeUsingBlockhash(blockhash, tx),
            (tx) => setTransactionMessageComputeUnitLimit(budget.units, tx),
            (tx) => setTransactionMessageLoadedAccountsDataSizeLimit(budget.loaded_bytes, tx),
            (tx) => setTransactionMessagePriorityFeeLamports(budget.priority_fee as never, tx),
            (tx) => appendTransactionMessageInstructions(instructions, tx),
        ),
    );
}

test('a version 1 transaction larger than a packet transfers to 40 accounts', async () => {
    const alice = await funded_signer(client);
    const targets = await Promise.all(Array.from({ length: 40 }, () => new_signer()));
    const transfers = targets.map((target) =>
        getTransferSolInstruction({
            source: alice,
            destination: target.address,
            amount: 1_000_000n,
        }),
    );
    const transaction = await build_v1(alice, transfers, {
        units: 10_000,
        loaded_bytes: 100_000,
        priority_fee: 777n,
    });
    const wire = getBase64EncodedWireTransaction(transaction);
    assert.ok(Buffer.from(wire, 'base64').length > 1232);
    await client.rpc.sendTransaction(wire, { encoding: 'base64' }).send();
    for (const target of targets) {
        assert.equal((await client.rpc.getBalance(target.address).send()).value, 1_000_000n);
    }
    const balance = (await client.rpc.getBalance(alice.address).send()).value;
    assert.equal(balance, 10n * kSol - 40_000_000n - 5000n - 777n);

    const signature = getSignatureFromTransaction(transaction);
    const found = await client.rpc
        .getTransaction(signature, {
            commitment: 'confirmed',
            encoding: 'json',
            maxSupportedTransactionVersion: 1,
        })
        .send();
    assert.equal(found?.version, 1);
    assert.deepEqual(found?.transaction.message.transactionConfig, {
        priorityFee: 777n,
        computeUnitLimit: 10_000,
        loadedAccountsDataSizeLimit: 100_000,
        heapSize: null,
    });
    await assert.rejects(
        client.rpc
            .getTransaction(signature, {
                commitment: 'confirmed',
                encoding: 'json',
                maxSupportedTransactionVersion: 0,
            })
            .send(),
        /version/,
    );
});

test('the answered loaded size is exactly the limit that suffices', async () => {
    const alice = await funded_signer(client);
    const bob = await funded_signer(client);
    const transfer = getTransferSolInstruction({
        source: alice,
        destination: bob.address,
        amount: 1n,
    });
    const simulate = async (loaded_bytes: number) => {
        const transaction = await build_v1(alice, [transfer], {
            units: 1000,
            loaded_bytes,
            priority_fee: 0n,
        });
        const wire = getBase64EncodedWireTransaction(transaction);
        return (await client.rpc.simulateTransaction(wire, { encoding: 'base64' }).send()).value;
    };
    const roomy = await simulate(1_000_000);
    assert.equal(roomy.err, null);
    const size = Number(roomy.loadedAccountsDataSize);
    assert.equal((await simulate(size)).err, null);
    assert.equal((await simulate(size - 1)).err, 'MaxLoadedAccountsDataSizeExceeded');
});

test('a version 1 transaction without a compute limit is refused by preflight', async () => {
    const alice = await funded_signer(client);
    const transfer = getTransferSolInstruction({
        source: alice,
        destination: alice.address,
        amount: 1n,
    });
    const transaction = await build_v1(alice, [transfer], {
        units: 0,
        loaded_bytes: 100_000,
        priority_fee: 0n,
    });
    await assert.rejects(
        client.rpc
            .sendTransaction(getBase64EncodedWireTransaction(transaction), { encoding: 'base64' })
            .send(),
        /simulation failed/i,
    );
});

test('an oversized transaction is refused with its size', async () => {
    const bytes = Buffer.alloc(4097, 1);
    bytes[0] = 0x81;
    await assert.rejects(
        chain.call('sendTransaction', bytes.toString('base64'), { encoding: 'base64' }),
        (error: { code?: number; message?: string }) => {
            assert.equal(error.code, -32602);
            assert.match(error.message!, /too large/);
            return true;
        },
    );
});
