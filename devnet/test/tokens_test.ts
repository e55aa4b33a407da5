// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
    ASSOCIATED_TOKEN_PROGRAM_ID,
    ExtensionType,
    TOKEN_2022_PROGRAM_ID,
    TOKEN_PROGRAM_ID,
    createAssociatedTokenAccount,
    createInitializeMintInstruction,
    createInitializeTransferFeeConfigInstruction,
    createMint,
    getAccount,
    getAssociatedTokenAddressSync,
    getMint,
    getMintLen,
    mintTo,
    transferChecked,
    transferCheckedWithFee,
} from '@solana/spl-token';
import { AccountLayout } from '@solana/spl-token';
import {
    Connection,
    Keypair,
    PublicKey,
    SystemProgram,
    Transaction,
    sendAndConfirmTransaction,
} from '@solana/web3.js';
import { type Address, address } from '@solana/kit';
import {
    fetchMint,
    fetchToken,
    findAssociatedTokenPda,
    getTransferCheckedInstruction,
} from '@solana-program/token';

import { LocalChain, funded_signer, kit_client } from './harness.ts';

const kSol = 1_000_000_000;

let chain: LocalChain;
let connection: Connection;

before(async () => {
    chain = await LocalChain.start();
    connection = new Connection(chain.ready.rpc_url, 'confirmed');
});

after(async () => {
    await chain.stop();
});

async function funded(): Promise<Keypair> {
    const keypair = Keypair.generate();
    await connection.requestAirdrop(keypair.publicKey, 10 * kSol);
    return keypair;
}

const kConfirmed = { commitment: 'confirmed' as const };

test('a mint, its accounts and a transfer: web3.js, then kit on the same mint', async () => {
    const alice = await funded();
    const bob = await funded();
    const mint = await createMint(
        connection,
        alice,
        alice.publicKey,
        null,
        6,
        undefined,
        kConfirmed,
    );
    const from = await createAssociatedTokenAccount(
        connection,
        alice,
        mint,
        alice.publicKey,
        kConfirmed,
    );
    const to = await createAssociatedTokenAccount(
        connection,
        alice,
        mint,
        bob.publicKey,
        kConfirmed,
    );
    await mintTo(connection, alice, mint, from, alice, 5_000_000n, [], kConfirmed);
    const signature = await transferChecked(
        connection,
        alice,
        from,
        mint,
        to,
        alice,
        1_250_000n,
        6,
        [],
        kConfirmed,
    );
    assert.equal((await getAccount(connection, to)).amount, 1_250_000n);
    assert.equal((await getMint(connection, mint)).supply, 5_000_000n);

    const found = await connection.getTransaction(signature, {
        ...kConfirmed,
        maxSupportedTransactionVersion: 0,
    });
    const change = (
        list: typeof found extends null
            ? never
            : NonNullable<NonNullable<typeof found>['meta']>['preTokenBalances'],
    ) => list?.map((entry) => entry.uiTokenAmount.uiAmountString).sort();
    assert.deepEqual(change(found?.meta?.preTokenBalances), ['0', '5']);
    assert.deepEqual(change(found?.meta?.postTokenBalances), ['1.25', '3.75']);
    const parsed = await connection.getParsedTransaction(signature, kConfirmed);
    const instruction = parsed?.transaction.message.instructions[0];
    assert.ok(instruction !== undefined && 'parsed' in instruction);
    assert.equal(instruction.parsed.type, 'transferChecked');
    assert.equal(instruction.parsed.info.tokenAmount.uiAmountString, '1.25');

    assert.equal((await connection.getTokenAccountBalance(to)).value.uiAmountString, '1.25');
    assert.equal((await connection.getTokenSupply(mint)).value.amount, '5000000');
    const owned = await connection.getParsedTokenAccountsByOwner(bob.publicKey, { mint });
    assert.equal(owned.value.length, 1);
    assert.equal(owned.value[0]?.account.data.parsed.info.tokenAmount.amount, '1250000');
    const raw = await connection.getTokenAccountsByOwner(bob.publicKey, {
        programId: TOKEN_PROGRAM_ID,
    });
    assert.ok(new PublicKey(AccountLayout.decode(raw.value[0]!.account.data).mint).equals(mint));
    const largest = await connection.getTokenLargestAccounts(mint);
    assert.deepEqual(
        largest.value.map((entry) => entry.amount),
        ['3750000', '1250000'],
    );

    // The same mint through kit and @solana-program/token.
    const client = kit_client(chain);
    const carol = await funded_signer(client);
    const kit_mint = address(mint.toBase58());
    const token_program = address(
        TOKEN_PROGRAM_ID.toBase58(),
    ) as Address<'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'>;
    const [carol_account] = await findAssociatedTokenPda({
        owner: carol.address,
        mint: kit_mint,
        tokenProgram: token_program,
    });
    const carol_key = new PublicKey(carol.address);
    await createAssociatedTokenAccount(connection, alice, mint, carol_key, kConfirmed);
    await transferChecked(
        connection,
        alice,
        from,
        mint,
        new PublicKey(carol_account),
        alice,
        100n,
        6,
        [],
        kConfirmed,
    );
    await client.send(carol, [
        getTransferCheckedInstruction({
            source: carol_account,
            mint: kit_mint,
            destination: address(to.toBase58()),
            authority: carol,
            amount: 40n,
            decimals: 6,
        }),
    ]);
    assert.equal((await fetchToken(client.rpc, carol_account)).data.amount, 60n);
    assert.equal((await fetchMint(client.rpc, kit_mint)).data.decimals, 6);
});

test('Token-2022: a mint with a transfer fee withholds it', async () => {
    const alice = await funded();
    const bob = await funded();
    const mint = Keypair.generate();
    const space = getMintLen([ExtensionType.TransferFeeConfig]);
    const lamports = await connection.getMinimumBalanceForRentExemption(space);
    const create = new Transaction().add(
        SystemProgram.createAccount({
            fromPubkey: alice.publicKey,
            newAccountPubkey: mint.publicKey,
            space,
            lamports,
            programId: TOKEN_2022_PROGRAM_ID,
        }),
        createInitializeTransferFeeConfigInstruction(
            mint.publicKey,
            alice.publicKey,
            alice.publicKey,
            100,
            1_000_000n,
            TOKEN_2022_PROGRAM_ID,
        ),
        createInitializeMintInstruction(
            mint.publicKey,
            2,
            alice.publicKey,
            null,
            TOKEN_2022_PROGRAM_ID,
        ),
    );
    await sendAndConfirmTransaction(connection, create, [alice, mint], kConfirmed);
    const account_of = (owner: PublicKey) =>
        createAssociatedTokenAccount(
            connection,
            alice,
            mint.publicKey,
            owner,
            kConfirmed,
            TOKEN_2022_PROGRAM_ID,
            ASSOCIATED_TOKEN_PROGRAM_ID,
        );
    const from = await account_of(alice.publicKey);
    const to = await account_of(bob.publicKey);
    assert.ok(
        to.equals(
            getAssociatedTokenAddressSync(
                mint.publicKey,
                bob.publicKey,
                false,
                TOKEN_2022_PROGRAM_ID,
            ),
        ),
    );
    await mintTo(
        connection,
        alice,
        mint.publicKey,
        from,
        alice,
        10_000n,
        [],
        kConfirmed,
        TOKEN_2022_PROGRAM_ID,
    );
    await transferCheckedWithFee(
        connection,
        alice,
        from,
        mint.publicKey,
        to,
        alice,
        1000n,
        2,
        10n,
        [],
        kConfirmed,
        TOKEN_2022_PROGRAM_ID,
    );
    assert.equal(
        (await getAccount(connection, to, 'confirmed', TOKEN_2022_PROGRAM_ID)).amount,
        990n,
    );

    const parsed_mint = await connection.getParsedAccountInfo(mint.publicKey);
    assert.ok(parsed_mint.value !== null && 'parsed' in parsed_mint.value.data);
    assert.equal(parsed_mint.value.data.program, 'spl-token-2022');
    const [extension] = parsed_mint.value.data.parsed.info.extensions;
    assert.equal(extension.extension, 'transferFeeConfig');
    assert.equal(extension.state.newerTransferFee.transferFeeBasisPoints, 100);
    const parsed = await connection.getParsedTokenAccountsByOwner(bob.publicKey, {
        programId: TOKEN_2022_PROGRAM_ID,
    });
    const withheld = parsed.value[0]?.account.data.parsed.info.extensions.find(
        (entry: { extension: string }) => entry.extension === 'transferFeeAmount',
    );
    assert.equal(withheld.state.withheldAmount, 10);
});

test('token methods refuse what is no token', async () => {
    const alice = await funded();
    await assert.rejects(connection.getTokenAccountBalance(alice.publicKey), /not a Token account/);
    await assert.rejects(connection.getTokenSupply(alice.publicKey), /could not find mint/);
    await assert.rejects(
        connection.getTokenAccountsByOwner(alice.publicKey, { programId: SystemProgram.programId }),
        /unrecognized Token program id/,
    );
});
