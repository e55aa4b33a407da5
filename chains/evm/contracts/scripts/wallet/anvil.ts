// SPDX-License-Identifier: Apache-2.0
// An EVM chain on this machine, and our contracts on it.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { concat, createPublicClient, createWalletClient, defineChain, getContractAddress, http, pad, type Address, type Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

import { tag, uint } from './bytes.ts';

const project = join(dirname(fileURLToPath(import.meta.url)), '../..');
/// Makes contracts at addresses that depend on their code alone (CREATE2); anvil has it.
export const deployer: Address = '0x4e59b44847b379578588920cA78FbF26c0B4956C';
/// anvil's first account.
export const relayer = privateKeyToAccount('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80');

export interface Receipt {
    status: 'success' | 'reverted';
    gasUsed: number;
    contractAddress: Address;
    transactionHash: Hex;
    blockNumber: bigint;
    logs: { address: Address; topics: Hex[]; data: Hex }[];
}

export type Chain = Awaited<ReturnType<typeof startAnvil>>;

async function freePort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    return port;
}

export async function startAnvil(options: { chainId?: number; hardfork?: string; more?: string[] } = {}) {
    const port = await freePort();
    const binary = join(project, 'node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil');
    const more = options.more ?? [];
    const child = spawn(
        binary,
        ['--hardfork', options.hardfork ?? 'osaka', '--base-fee', '1000000000', '--port', `${port}`, '--silent', '--chain-id', `${options.chainId ?? 31337}`, ...more],
        { stdio: 'ignore' },
    );
    process.on('exit', () => child.kill());
    const url = `http://127.0.0.1:${port}`;
    const transport = http(url);
    const chain = defineChain({
        id: options.chainId ?? 31337,
        name: 'Local',
        nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
        rpcUrls: { default: { http: [url] } },
    });
    const client = createPublicClient({ chain, transport, pollingInterval: 5 });
    const wallet = createWalletClient({ account: relayer, transport });
    for (let attempt = 0; ; ++attempt) {
        try {
            await client.getChainId();
            break;
        } catch (error) {
            if (attempt === 200) {
                throw error;
            }
            await new Promise((wake) => setTimeout(wake, 50));
        }
    }
    const send = async (to: Address | null, data: Hex, value = 0n, gas = 3_000_000n): Promise<Receipt> => {
        const hash = await wallet.sendTransaction({ chain: null, to, data, value, gas });
        // viem's own wait can miss a block that was there before it looked.
        for (let attempt = 0; attempt < 1000; ++attempt) {
            const found = await client.request({ method: 'eth_getTransactionReceipt', params: [hash] });
            if (found) {
                return {
                    status: found.status === '0x1' ? 'success' : 'reverted',
                    gasUsed: Number(found.gasUsed),
                    contractAddress: found.contractAddress as Address,
                    transactionHash: hash,
                    blockNumber: BigInt(found.blockNumber),
                    logs: found.logs as Receipt['logs'],
                };
            }
            await new Promise((wake) => setTimeout(wake, 5));
        }
        throw new Error(`no receipt of ${hash}`);
    };
    const request = (method: string, params: unknown[]) => client.request({ method, params } as never) as Promise<unknown>;
    /// Moves the clock of the next block.
    const warp = async (seconds: number) => {
        await request('evm_increaseTime', [seconds]);
        await request('evm_mine', []);
    };
    const now = async () => Number((await client.getBlock()).timestamp);
    return { url, client, send, request, warp, now, id: BigInt(options.chainId ?? 31337), stop: () => child.kill() };
}

/// Init code as forge made it.
export function initCode(contract: string, file = contract): Hex {
    const artifact = JSON.parse(readFileSync(join(project, `out/${file}.sol/${contract}.json`), 'utf8'));
    return artifact.bytecode.object;
}

export interface Deployment {
    program: Hex;
    factory: Address;
    implementation: Address;
    actions: Address;
    standards: Address;
    verifier: Address;

}

/// Everything at the addresses that it has on every chain.
export async function deploy(chain: Chain, program = tag('the program of tests')): Promise<Deployment> {
    const put = async (bytecode: Hex): Promise<Address> => {
        const address = getContractAddress({ opcode: 'CREATE2', from: deployer, salt: uint(0, 32), bytecode });
        const receipt = await chain.send(deployer, concat([uint(0, 32), bytecode]), 0n, 16_000_000n);
        if (receipt.status !== 'success' || !(await chain.client.getCode({ address }))) {
            throw new Error(`could not deploy to ${address}`);
        }
        return address;
    };
    const actions = await put(initCode('WalletActions'));
    const standards = await put(initCode('WalletStandards'));
    const factory = await put(concat([initCode('Factory'), program, pad(actions), pad(standards)]));
    const implementation = getContractAddress({ from: factory, nonce: 1n });
    return {
        program,
        factory,
        implementation,
        actions,
        standards,
        verifier: await put(initCode('P256Verifier')),

    };
}
