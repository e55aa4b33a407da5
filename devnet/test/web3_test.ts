// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
    AddressLookupTableProgram,
    ComputeBudgetProgram,
    Connection,
    Keypair,
    NONCE_ACCOUNT_LENGTH,
    NonceAccount,
    PublicKey,
    SendTransactionError,
    SystemProgram,
    Transaction,
    TransactionMessage,
    VersionedTransaction,
    sendAndConfirmTransaction,
} from '@solana/web3.js';

import { LocalChain } from './harness.ts';

const kSol = 1_000_000_000;

let chain: LocalChain;
let connection: Connection;

before(async () => {
    chain = await LocalChain.start();
    // The client derives the WebSocket URL itself: the port plus one.
    connection = new Connection(chain.ready.rpc_url, 'confirmed');
});

after(async () => {
    assert.equal(await chain.stop('SIGINT'), 0);
});

async function funded(lamports = 10 * kSol): Promise<Keypair> {
    const keypair = Keypair.generate();
    const signature = await connection.requestAirdrop(keypair.publicKey, lamports);
    const latest = await connection.getLatestBlockhash();
    const { value } = await connection.confirmTransaction({ signature, ...latest }, 'confirmed');
    assert.equal(value.err, null);
    return keypair;
}

function transfer(from: Keypair, to: PublicKey, lamports: number) {
    return SystemProgram.transfer({ fromPubkey: from.publicKey, toPubkey: to, lamports });
}

async function send_v0(
    payer: Keypair,
    message: TransactionMessage,
    tables: Parameters<TransactionMessage['compileToV0Message']>[0] = [],
): Promise<string> {
    const transaction = new VersionedTransaction(message.compileToV0Message(tables));
    transaction.sign([payer]);
    const signature = await connection.sendTransaction(transaction);
    const latest = await connection.getLatestBlockhash();
    await connection.confirmTransaction({ signature, ...latest }, 'confirmed');
    return signature;
}

test('web3.js transfers and reads the transaction back in every form', async () => {
    const alice = await funded();
    const bob = Keypair.generate();
    const signature = await sendAndConfirmTransaction(
        connection,
        new Transaction().add(
            ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 1_000_000 }),
            ComputeBudgetProgram.setComputeUnitLimit({ units: 50_000 }),
            transfer(alice, bob.publicKey, 3_000_000),
        ),
        [alice],
        { commitment: 'confirmed' },
    );
    // 5,000 for the signature, 50,000 units at one lamport each.
    assert.equal(await connection.getBalance(alice.publicKey), 10 * kSol - 3_000_000 - 55_000);

    const found = await connection.getTransaction(signature, {
        commitment: 'confirmed',
        maxSupportedTransactionVersion: 0,
    });
    assert.ok(found?.meta);
    assert.equal(found.meta.fee, 55_000);
    assert.equal(found.meta.err, null);
    assert.equal(found.version, 'legacy');
    assert.deepEqual(found.meta.preBalances[0], 10 * kSol);
    assert.deepEqual(found.meta.postBalances[1], 3_000_000);
    assert.equal(found.transaction.message.compiledInstructions.length, 3);

    const parsed = await connection.getParsedTransaction(signature, { commitment: 'confirmed' });
    const instruction = parsed?.transaction.message.instructions[2];
    assert.ok(instruction !== undefined && 'parsed' in instruction);
    assert.deepEqual(instruction.parsed.info, {
        source: alice.publicKey.toBase58(),
        destination: bob.publicKey.toBase58(),
        lamports: 3_000_000,
    });
    assert.equal(
        await connection
            .getTransaction(signature, { commitment: 'finalized' })
            .then((value) => value === null || value.slot === found.slot),
        true,
    );
});

test('an address lookup table is created, extended, warmed up and used', async () => {
    const alice = await funded();
    const targets = Array.from({ length: 5 }, () => Keypair.generate().publicKey);
    const recentSlot = await connection.getSlot();
    const [create, table] = AddressLookupTableProgram.createLookupTable({
        authority: alice.publicKey,
        payer: alice.publicKey,
        recentSlot,
    });
    const extend = AddressLookupTableProgram.extendLookupTable({
        lookupTable: table,
        authority: alice.publicKey,
        payer: alice.publicKey,
        addresses: targets,
    });
    await sendAndConfirmTransaction(connection, new Transaction().add(create, extend), [alice], {
        commitment: 'confirmed',
    });
    const { value: state } = await connection.getAddressLookupTable(table);
    assert.ok(state);
    assert.deepEqual(state.state.addresses, targets);

    // What was added in a slot counts from the next on.
    const extended = await connection.getSlot();
    while ((await connection.getSlot()) <= extended) {
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { blockhash } = await connection.getLatestBlockhash();
    const message = new TransactionMessage({
        payerKey: alice.publicKey,
        recentBlockhash: blockhash,
        instructions: targets.map((target) => transfer(alice, target, 1_000_000)),
    });
    const signature = await send_v0(alice, message, [state]);
    for (const target of targets) {
        assert.equal(await connection.getBalance(target), 1_000_000);
    }
    const found = await connection.getTransaction(signature, {
        commitment: 'confirmed',
        maxSupportedTransactionVersion: 0,
    });
    assert.equal(found?.version, 0);
    assert.deepEqual(
        found?.meta?.loadedAddresses?.writable.map((key) => key.toBase58()),
        targets.map((key) => key.toBase58()),
    );
    const history = await connection.getSignaturesForAddress(targets[3]!, {}, 'confirmed');
    assert.deepEqual(
        history.map((entry) => entry.signature),
        [signature],
    );
    // A client that does not say it knows versions is told so.
    await assert.rejects(
        connection.getParsedTransaction(signature, { commitment: 'confirmed' }),
        (error: Error & { code?: number }) => error.code === -32015,
    );
});

test('a lookup in the slot of the extension is refused', async () => {
    const slow = await LocalChain.start('--slot-ms', '60000');
    try {
        const alice = Keypair.generate();
        const client = new Connection(slow.ready.rpc_url, 'confirmed');
        await client.requestAirdrop(alice.publicKey, kSol);
        const [create, table] = AddressLookupTableProgram.createLookupTable({
            authority: alice.publicKey,
            payer: alice.publicKey,
            recentSlot: await client.getSlot(),
        });
        const extend = AddressLookupTableProgram.extendLookupTable({
            lookupTable: table,
            authority: alice.publicKey,
            payer: alice.publicKey,
            addresses: [Keypair.generate().publicKey],
        });
        const { blockhash } = await client.getLatestBlockhash();
        const transaction = new Transaction({
            feePayer: alice.publicKey,
            blockhash,
            lastValidBlockHeight: 0,
        });
        transaction.add(create, extend).sign(alice);
        await client.sendRawTransaction(transaction.serialize());
        const { value: state } = await client.getAddressLookupTable(table);
        const use = new VersionedTransaction(
            new TransactionMessage({
                payerKey: alice.publicKey,
                recentBlockhash: blockhash,
                instructions: [transfer(alice, state!.state.addresses[0]!, 1_000_000)],
            }).compileToV0Message([state!]),
        );
        use.sign([alice]);
        await assert.rejects(client.sendTransaction(use), /invalid index/);
        await slow.call('devnet_warp', { slots: 1 });
        await client.sendTransaction(use);
    } finally {
        await slow.stop();
    }
});

async function create_nonce(client: Connection, payer: Keypair): Promise<PublicKey> {
    const nonce = Keypair.generate();
    const lamports = await client.getMinimumBalanceForRentExemption(NONCE_ACCOUNT_LENGTH);
    const create = SystemProgram.createNonceAccount({
        fromPubkey: payer.publicKey,
        noncePubkey: nonce.publicKey,
        authorizedPubkey: payer.publicKey,
        lamports,
    });
    await sendAndConfirmTransaction(client, new Transaction().add(create), [payer, nonce], {
        commitment: 'confirmed',
    });
    return nonce.publicKey;
}

function nonce_transfer(payer: Keypair, nonce: PublicKey, value: string, lamports: number): Buffer {
    const transaction = new Transaction({
        feePayer: payer.publicKey,
        nonceInfo: {
            nonce: value,
            nonceInstruction: SystemProgram.nonceAdvance({
                noncePubkey: nonce,
                authorizedPubkey: payer.publicKey,
            }),
        },
        minContextSlot: 0,
    });
    transaction.add(transfer(payer, Keypair.generate().publicKey, lamports)).sign(payer);
    return transaction.serialize();
}

test('a durable nonce outlives blockhashes, is used once, and is used up by a failure', async () => {
    // A chain of its own: the client keeps blockhashes for half a minute, and this test skips
    // slots.
    const own = await LocalChain.start();
    try {
        const client = new Connection(own.ready.rpc_url, 'confirmed');
        const [alice, mallory] = [Keypair.generate(), Keypair.generate()];
        await client.requestAirdrop(alice.publicKey, 10 * kSol);
        await client.requestAirdrop(mallory.publicKey, 10 * kSol);
        const nonce = await create_nonce(client, alice);
        const value_of_nonce = async (): Promise<string> =>
            NonceAccount.fromAccountData((await client.getAccountInfo(nonce))!.data).nonce;
        const first = await value_of_nonce();
        const late = nonce_transfer(alice, nonce, first, 1_000_000);
        const latest = await client.getLatestBlockhash();
        await own.call('devnet_warp', { slots: 400 });
        const stale = new Transaction({ feePayer: alice.publicKey, ...latest });
        stale.add(transfer(alice, alice.publicKey, 1)).sign(alice);
        await assert.rejects(client.sendRawTransaction(stale.serialize()), /Blockhash not found/);

        const signature = await client.sendRawTransaction(late);
        assert.equal((await client.getSignatureStatus(signature)).value?.err, null);
        const second = await value_of_nonce();
        assert.notEqual(second, first);
        await assert.rejects(client.sendRawTransaction(late), /Blockhash not found/);

        // More than there is: fails, pays, and still advances the nonce.
        const before = await client.getBalance(alice.publicKey);
        const failing = nonce_transfer(alice, nonce, second, 100 * kSol);
        await client.sendRawTransaction(failing, { skipPreflight: true });
        assert.equal(await client.getBalance(alice.publicKey), before - 5000);
        const third = await value_of_nonce();
        assert.notEqual(third, second);
        await client.sendRawTransaction(failing, { skipPreflight: true });
        assert.equal(await client.getBalance(alice.publicKey), before - 5000);

        // Somebody else's signature does not open it.
        const stolen = nonce_transfer(mallory, nonce, third, 1_000_000);
        await assert.rejects(client.sendRawTransaction(stolen), /Blockhash not found/);
        assert.equal(await value_of_nonce(), third);
        await client.sendRawTransaction(nonce_transfer(alice, nonce, third, 1_000_000));
        assert.notEqual(await value_of_nonce(), third);
    } finally {
        await own.stop();
    }
});

test('a blockhash lives for 150 blocks, and no longer', async () => {
    const alice = await funded();
    // Slots of a minute: none passes on its own while this test looks.
    const slow = await LocalChain.start('--slot-ms', '60000');
    try {
        const client = new Connection(slow.ready.rpc_url, 'confirmed');
        await client.requestAirdrop(alice.publicKey, kSol);
        const latest = await client.getLatestBlockhash();
        const sign = (lamports: number): Buffer => {
            const transaction = new Transaction({ feePayer: alice.publicKey, ...latest });
            transaction.add(transfer(alice, alice.publicKey, lamports)).sign(alice);
            return transaction.serialize();
        };
        await slow.call('devnet_warp', { slots: 150 });
        assert.equal(await client.getBlockHeight(), latest.lastValidBlockHeight);
        assert.equal((await client.isBlockhashValid(latest.blockhash)).value, true);
        await client.sendRawTransaction(sign(1));
        await slow.call('devnet_warp', { slots: 1 });
        assert.equal((await client.isBlockhashValid(latest.blockhash)).value, false);
        await assert.rejects(client.sendRawTransaction(sign(2)), /Blockhash not found/);
        assert.equal(
            (await client.getFeeForMessage(VersionedTransaction.deserialize(sign(2)).message))
                .value,
            null,
        );
    } finally {
        await slow.stop();
    }
});

test('a transaction is processed once', async () => {
    const alice = await funded();
    const bob = Keypair.generate().publicKey;
    const latest = await connection.getLatestBlockhash();
    const transaction = new Transaction({ feePayer: alice.publicKey, ...latest });
    transaction.add(transfer(alice, bob, 1_000_000)).sign(alice);
    const wire = transaction.serialize();
    const signature = await connection.sendRawTransaction(wire);
    await assert.rejects(connection.sendRawTransaction(wire), (error: unknown) => {
        assert.ok(error instanceof SendTransactionError);
        assert.match(error.message, /already been processed/);
        return true;
    });
    // Without preflight the answer is the signature, and nothing happens a second time.
    assert.equal(await connection.sendRawTransaction(wire, { skipPreflight: true }), signature);
    assert.equal(await connection.getBalance(bob), 1_000_000);
});

test('history pages by before, until and limit', async () => {
    const alice = await funded();
    const bob = Keypair.generate().publicKey;
    const signatures: string[] = [];
    for (let index = 0; index < 6; index++) {
        const latest = await connection.getLatestBlockhash();
        const transaction = new Transaction({ feePayer: alice.publicKey, ...latest });
        transaction.add(transfer(alice, bob, 1_000_000 + index)).sign(alice);
        signatures.unshift(await connection.sendRawTransaction(transaction.serialize()));
    }
    const page = async (options: object): Promise<string[]> =>
        (await connection.getSignaturesForAddress(bob, options, 'confirmed')).map(
            (entry) => entry.signature,
        );
    assert.deepEqual(await page({}), signatures);
    assert.deepEqual(await page({ limit: 2 }), signatures.slice(0, 2));
    assert.deepEqual(await page({ before: signatures[1]!, limit: 2 }), signatures.slice(2, 4));
    assert.deepEqual(await page({ until: signatures[4]! }), signatures.slice(0, 4));
    assert.deepEqual(
        await page({ before: signatures[0]!, until: signatures[5]! }),
        signatures.slice(1, 5),
    );
});

test('a block lists its transactions and its parents', async () => {
    const alice = await funded();
    const signature = await sendAndConfirmTransaction(
        connection,
        new Transaction().add(transfer(alice, alice.publicKey, 5)),
        [alice],
        { commitment: 'confirmed' },
    );
    const { value } = await connection.getSignatureStatus(signature);
    const slot = value!.slot;
    while ((await connection.getSlot('finalized')) <= slot) {
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const block = await connection.getBlock(slot, { maxSupportedTransactionVersion: 0 });
    assert.ok(block?.transactions.some((entry) => entry.transaction.signatures[0] === signature));
    assert.equal(block?.parentSlot, slot - 1);
    const parent = await connection.getBlock(slot - 1, { maxSupportedTransactionVersion: 0 });
    assert.equal(parent?.blockhash, block?.previousBlockhash);
    assert.equal(await connection.getBlockTime(slot), block?.blockTime);
    const only = await connection.getBlockSignatures(slot);
    assert.ok(only.signatures.includes(signature));
});

test('accounts are found by program, size and contents', async () => {
    const alice = await funded();
    const nonce = await create_nonce(connection, alice);
    const found = await connection.getProgramAccounts(SystemProgram.programId, {
        filters: [
            { dataSize: NONCE_ACCOUNT_LENGTH },
            { memcmp: { offset: 8, bytes: alice.publicKey.toBase58() } },
        ],
        dataSlice: { offset: 8, length: 32 },
    });
    assert.equal(found.length, 1);
    assert.ok(found[0]!.pubkey.equals(nonce));
    assert.deepEqual(new PublicKey(found[0]!.account.data), alice.publicKey);
    const accounts = await connection.getMultipleAccountsInfo([
        nonce,
        Keypair.generate().publicKey,
    ]);
    assert.equal(accounts[0]?.data.length, NONCE_ACCOUNT_LENGTH);
    assert.equal(accounts[1], null);
});
