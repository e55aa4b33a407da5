// SPDX-License-Identifier: Apache-2.0
//
// Starts the chain as its users do, as a process of its own, and talks to it with unmodified
// clients.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import {
    type KeyPairSigner,
    type Signature,
    type TransactionSigner,
    appendTransactionMessageInstructions,
    createKeyPairSignerFromPrivateKeyBytes,
    createSolanaRpc,
    createSolanaRpcSubscriptions,
    createTransactionMessage,
    getSignatureFromTransaction,
    lamports,
    pipe,
    sendAndConfirmTransactionFactory,
    setTransactionMessageFeePayerSigner,
    setTransactionMessageLifetimeUsingBlockhash,
    signTransactionMessageWithSigners,
    assertIsTransactionWithBlockhashLifetime,
} from '@solana/kit';
import type { Instruction as KitInstruction } from '@solana/kit';

const kMain = fileURLToPath(new URL('../src/main.ts', import.meta.url));
export const kSol = 1_000_000_000n;

interface ReadyLine {
    readonly event: string;
    readonly milliseconds: number;
    readonly rpc_url: string;
    readonly ws_url: string;
    readonly programs: readonly { readonly address: string; readonly state: string }[];
}

export interface Answer {
    readonly status: number;
    readonly body: any;
    readonly text: string;
}

export class LocalChain {
    readonly ready: ReadyLine;
    readonly process: ChildProcess;
    readonly errors: string[];

    private constructor(ready: ReadyLine, process: ChildProcess, errors: string[]) {
        this.ready = ready;
        this.process = process;
        this.errors = errors;
    }

    /**
     * Resolves when the chain says it is ready; rejects with what it printed when it ends before.
     */
    static start(...options: string[]): Promise<LocalChain> {
        const child = spawn(process.execPath, [kMain, '--port', '0', '--json-log', ...options], {
            stdio: ['ignore', 'pipe', 'pipe'],
        });
        const errors: string[] = [];
        createInterface({ input: child.stderr! }).on('line', (line) => errors.push(line));
        return new Promise((resolve, reject) => {
            child.once('exit', (code, signal) =>
                reject(new Error(`the chain ended (${code ?? signal}): ${errors.join('\n')}`)),
            );
            createInterface({ input: child.stdout! }).once('line', (line) =>
                resolve(new LocalChain(JSON.parse(line) as ReadyLine, child, errors)),
            );
        });
    }

    #exit(): Promise<number | NodeJS.Signals> {
        if (this.process.exitCode !== null || this.process.signalCode !== null) {
            return Promise.resolve(this.process.exitCode ?? this.process.signalCode!);
        }
        return new Promise((resolve) =>
            this.process.once('exit', (code, signal) => resolve(code ?? signal!)),
        );
    }

    /** Ends it in order and answers its exit code. */
    async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
        const exit = this.#exit();
        this.process.kill(signal);
        return exit;
    }

    /** Ends it without a warning. */
    kill(): Promise<number | NodeJS.Signals> {
        return this.stop('SIGKILL');
    }

    async post(body: string, headers: Record<string, string> = {}): Promise<Answer> {
        const response = await fetch(this.ready.rpc_url, {
            method: 'POST',
            headers: { 'content-type': 'application/json', ...headers },
            body,
        });
        const text = await response.text();
        let parsed: unknown = null;
        try {
            parsed = JSON.parse(text);
        } catch {
            parsed = null;
        }
        return { status: response.status, body: parsed, text };
    }

    /** The result of a call; throws the error object. */
    async call(method: string, ...params: unknown[]): Promise<any> {
        const { body } = await this.post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
        if (body.error !== undefined) {
            throw Object.assign(new Error(body.error.message), body.error);
        }
        return body.result;
    }
}

export function temporary_directory(): { path: string; remove: () => void } {
    const path = mkdtempSync(join(tmpdir(), 'latchkey-devnet-'));
    return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Everything a test with @solana/kit needs. */
export function kit_client(chain: LocalChain) {
    const rpc = createSolanaRpc(chain.ready.rpc_url);
    const rpcSubscriptions = createSolanaRpcSubscriptions(chain.ready.ws_url);
    const send_and_confirm = sendAndConfirmTransactionFactory({ rpc, rpcSubscriptions } as never);
    const build = async (
        payer: TransactionSigner,
        instructions: readonly KitInstruction[],
        version: 'legacy' | 0 = 0,
    ) => {
        const { value: blockhash } = await rpc.getLatestBlockhash().send();
        const message = pipe(
            createTransactionMessage({ version }),
            (tx) => setTransactionMessageFeePayerSigner(payer, tx),
            (tx) => setTransactionMessageLifetimeUsingBlockhash(blockhash, tx),
            (tx) => appendTransactionMessageInstructions(instructions, tx),
        );
        return signTransactionMessageWithSigners(message);
    };
    return {
        rpc,
        rpcSubscriptions,
        build,
        /** Sends through kit's own confirmation strategy (subscription and blockhash expiry). */
        send: async (
            payer: TransactionSigner,
            instructions: readonly KitInstruction[],
            version: 'legacy' | 0 = 0,
        ): Promise<Signature> => {
            const transaction = await build(payer, instructions, version);
            assertIsTransactionWithBlockhashLifetime(transaction);
            await send_and_confirm(transaction as never, { commitment: 'confirmed' });
            return getSignatureFromTransaction(transaction);
        },
    };
}

export type KitClient = ReturnType<typeof kit_client>;

let next_seed = 1;

/** A key of its own for each call, the same in each run. */
export function new_signer(): Promise<KeyPairSigner> {
    const seed = new Uint8Array(32);
    new DataView(seed.buffer).setUint32(0, next_seed++);
    return createKeyPairSignerFromPrivateKeyBytes(seed);
}

export async function funded_signer(
    client: KitClient,
    amount: bigint = 10n * kSol,
): Promise<KeyPairSigner> {
    const signer = await new_signer();
    await client.rpc.requestAirdrop(signer.address, lamports(amount)).send();
    return signer;
}
