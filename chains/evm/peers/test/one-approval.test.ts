// SPDX-License-Identifier: Apache-2.0
// One prompt of a passkey acts on two chains.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { parseEther, type Address, type Hex } from 'viem';

import { deploy, startAnvil, type Chain, type Deployment } from '../../contracts/scripts/wallet/anvil.ts';
import {
    actions as rights,
    nextConfigId,
    sharedBytes,
    walletAddress,
    walletIdOf,
    type Configuration,
} from '../../contracts/scripts/wallet/configuration.ts';
import * as forms from '../../contracts/scripts/wallet/forms.ts';
import { makeSigner, type Form, type Signer } from '../../contracts/scripts/wallet/signers.ts';

const friend: Address = '0x00000000000000000000000000000000000000f1';
const rule = { actions: rights.execute | rights.policy, mask: 1, threshold: 1 };
let chains: Chain[];
let deployment: Deployment;

before(async () => {
    chains = [await startAnvil({ chainId: 31_337 }), await startAnvil({ chainId: 31_338 })];
    const deployments = [await deploy(chains[0]), await deploy(chains[1])];
    assert.deepEqual(deployments[0], deployments[1]);
    deployment = deployments[0];
});

after(() => chains?.forEach((chain) => chain.stop()));

/// A passkey that counts how often its owner is asked: what was approved is not asked again.
function prompted(seed: string): Signer & { prompts: () => number } {
    const signer = makeSigner('webauthn', seed);
    const answers = new Map<string, Promise<Hex>>();
    const approve = (digest: Hex, form: Form) => {
        const key = `${digest} ${form}`;
        answers.set(key, answers.get(key) ?? signer.approve(digest, form));
        return answers.get(key) as Promise<Hex>;
    };
    return { ...signer, approve, prompts: () => answers.size };
}

/// The same wallet on every chain, with ether.
async function everywhere(passkey: Signer): Promise<forms.Place[]> {
    const configuration = { signers: [passkey], rules: [rule] };
    const source = forms.genesisSource(configuration, 1, (genesis) => walletIdOf(genesis, deployment.program));
    const wallet = walletAddress(deployment.factory, source.walletId);
    for (const chain of chains) {
        await chain.send(deployment.factory, source.walletId);
        await chain.send(wallet, '0x', parseEther('1'));
    }
    return chains.map((chain) => ({ chain: chain.id, wallet, source }));
}

const pay = (value: bigint): forms.Terms & { calls: { to: Address; value: bigint; data: Hex }[] } => ({
    rule: 0,
    approvers: [0],
    nonce: 0n,
    calls: [{ to: friend, value, data: '0x' }],
});

test('a lost key is exchanged on both chains by one prompt, and is worth nothing afterwards', async () => {
    const lost = prompted('lost');
    const places = await everywhere(lost);
    const next: Configuration = { signers: [makeSigner('webauthn', 'found')], rules: [rule] };
    const bytes = sharedBytes(next);
    const { walletId, configId } = places[0].source;
    const data = await forms.change(places[0], { rule: 0, approvers: [0] }, 'policy', 0, bytes);
    for (const [index, chain] of chains.entries()) {
        const { wallet } = places[index];
        assert.equal((await chain.send(wallet, data)).status, 'success');
        assert.equal((await chain.send(wallet, data)).status, 'reverted');
    }
    assert.equal(lost.prompts(), 1);
    const source = {
        kind: 'policy' as const,
        configuration: next,
        bytes,
        walletId,
        parent: configId,
        configId: nextConfigId(walletId, configId, bytes),
    };
    for (const [index, chain] of chains.entries()) {
        const { calls, ...terms } = pay(1n);
        const old = await forms.shortExecute(places[index], terms, calls);
        assert.equal((await chain.send(places[index].wallet, old)).status, 'reverted');
        const data_ = await forms.shortExecute({ ...places[index], source }, terms, calls);
        assert.equal((await chain.send(places[index].wallet, data_)).status, 'success');
    }
});

test('different payments on two chains are one approval, and each is good on its own chain alone', async () => {
    const passkey = prompted('payer');
    const places = await everywhere(passkey);
    const payments = [pay(3n), pay(5n)];
    const tree = places.map((place, i) => forms.executeLeaf(place, payments[i], payments[i].calls));
    const data = await Promise.all(
        places.map((place, i) => forms.shortExecute(place, { ...payments[i], tree }, payments[i].calls)),
    );
    assert.equal(passkey.prompts(), 1);
    for (const [index, chain] of chains.entries()) {
        const { wallet } = places[index];
        assert.equal((await chain.send(wallet, data[1 - index])).status, 'reverted');
        const before_ = await chain.client.getBalance({ address: friend });
        assert.equal((await chain.send(wallet, data[index])).status, 'success');
        assert.equal((await chain.client.getBalance({ address: friend })) - before_, payments[index].calls[0].value);
        assert.equal((await chain.send(wallet, data[index])).status, 'reverted');
    }
});
