// SPDX-License-Identifier: Apache-2.0
// ERC-4337's EntryPoint 0.8 as published on npm, at the address that it has everywhere.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { concat, encodeFunctionData, type Address, type Hex } from 'viem';
import { entryPoint08Abi, entryPoint08Address, getUserOperationHash } from 'viem/account-abstraction';

import { deployer, relayer, type Chain, type Receipt } from './anvil.ts';
import { uint } from './bytes.ts';

export interface Operation {
    sender: Address;
    nonce: bigint;
    callData: Hex;
}

const gasLimits = {
    verificationGasLimit: 200_000n,
    callGasLimit: 100_000n,
    preVerificationGas: 50_000n,
    maxFeePerGas: 2_000_000_000n,
    maxPriorityFeePerGas: 1_000_000_000n,
};

/// With which its authors put it where it is on every chain.
const salt = '0x0a59dbff790c23c976a548690c27297883cc66b4c67024f9117b0238995e35e9';

export const entryPoint08 = {
    address: entryPoint08Address,
    abi: entryPoint08Abi,
    async deploy(chain: Chain): Promise<void> {
        const project = join(dirname(fileURLToPath(import.meta.url)), '../..');
        const path = join(project, 'node_modules/entry-point-0.8/artifacts/EntryPoint.json');
        const { bytecode } = JSON.parse(readFileSync(path, 'utf8')) as { bytecode: Hex };
        await chain.send(deployer, concat([salt, bytecode]), 0n, 16_000_000n);
        if (!(await chain.client.getCode({ address: entryPoint08Address }))) {
            throw new Error('this is not the code of EntryPoint 0.8');
        }
    },
};

export async function handleOps(chain: Chain, operation: Operation, sign: (userOpHash: Hex) => Promise<Hex>): Promise<Receipt> {
    const full = { ...operation, ...gasLimits, signature: '0x' as Hex };
    const hash = getUserOperationHash({ chainId: Number(chain.id), entryPointAddress: entryPoint08Address, entryPointVersion: '0.8', userOperation: full });
    const signature = await sign(hash);
    const packed = {
        sender: operation.sender,
        nonce: operation.nonce,
        initCode: '0x' as Hex,
        callData: operation.callData,
        accountGasLimits: concat([uint(gasLimits.verificationGasLimit, 16), uint(gasLimits.callGasLimit, 16)]),
        preVerificationGas: gasLimits.preVerificationGas,
        gasFees: concat([uint(gasLimits.maxPriorityFeePerGas, 16), uint(gasLimits.maxFeePerGas, 16)]),
        paymasterAndData: '0x' as Hex,
        signature,
    };
    const data = encodeFunctionData({ abi: entryPoint08Abi, functionName: 'handleOps', args: [[packed], relayer.address] });
    const receipt = await chain.send(entryPoint08Address, data);
    if (receipt.status !== 'success') {
        const call = { from: relayer.address, to: entryPoint08Address, data };
        throw new Error(await chain.request('eth_call', [call, 'latest']).then(() => 'out of gas?', String));
    }
    return receipt;
}
