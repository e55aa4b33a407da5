// SPDX-License-Identifier: Apache-2.0
// A wallet as an account of viem's account-abstraction client.
import { hashMessage, hashTypedData, type Hex } from 'viem';
import {
    entryPoint08Abi,
    entryPoint08Address,
    getUserOperationHash,
    toSmartAccount,
    type SmartAccount,
} from 'viem/account-abstraction';

import type { Chain, Deployment } from '../../contracts/scripts/wallet/anvil.ts';
import { uint } from '../../contracts/scripts/wallet/bytes.ts';
import * as forms from '../../contracts/scripts/wallet/forms.ts';

export async function toAccount(chain: Chain, deployment: Deployment, place: forms.Place, terms: forms.Terms): Promise<SmartAccount> {
    // viem puts it into ERC-6492 as long as the wallet is not deployed.
    const message = (hash: Hex) => forms.messageSignature(place, terms, hash);
    return toSmartAccount({
        client: chain.client,
        entryPoint: { abi: entryPoint08Abi, address: entryPoint08Address, version: '0.8' },
        getAddress: async () => place.wallet,
        getFactoryArgs: async () => ({ factory: deployment.factory, factoryData: place.source.walletId }),
        encodeCalls: async (calls) =>
            forms.userOperationCalldata(calls.map((call) => ({ to: call.to, value: call.value ?? 0n, data: call.data ?? '0x' }))),
        // As long as a real one, by the right key of nothing.
        getStubSignature: async () => forms.shortUserOperation(place, terms, entryPoint08Address, uint(1, 32)),
        signMessage: async ({ message: text }) => message(hashMessage(text)),
        signTypedData: async (data) => message(hashTypedData(data as Parameters<typeof hashTypedData>[0])),
        sign: async ({ hash }) => message(hash),
        signUserOperation: async (operation) => {
            const { chainId = Number(chain.id), ...rest } = operation;
            const hash = getUserOperationHash({
                chainId,
                entryPointAddress: entryPoint08Address,
                entryPointVersion: '0.8',
                userOperation: { ...rest, sender: place.wallet, signature: '0x' },
            });
            return forms.shortUserOperation(place, terms, entryPoint08Address, hash);
        },
    });
}

