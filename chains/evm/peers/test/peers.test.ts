// SPDX-License-Identifier: Apache-2.0
// viem's clients, and a bundler that knows nothing of us, use a passkey wallet.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { parseEther, zeroAddress, type Address } from 'viem';
import type { SmartAccount } from 'viem/account-abstraction';

import { deploy, startAnvil, type Chain, type Deployment } from '../../contracts/scripts/wallet/anvil.ts';
import { actions as rights, walletAddress, walletIdOf } from '../../contracts/scripts/wallet/configuration.ts';
import { entryPoint08 } from '../../contracts/scripts/wallet/entry-point.ts';
import * as forms from '../../contracts/scripts/wallet/forms.ts';
import { makeSigner, type Kind, type Signer } from '../../contracts/scripts/wallet/signers.ts';
import { toAccount } from './account.ts';
import { startBundler } from './bundler.ts';

const friend: Address = '0x00000000000000000000000000000000000000f1';
let chain: Chain;
let deployment: Deployment;
let bundler: Awaited<ReturnType<typeof startBundler>>;

before(async () => {
    chain = await startAnvil({ more: ['--code-size-limit', '60000'] });
    deployment = await deploy(chain);
    await entryPoint08.deploy(chain);
    bundler = await startBundler(chain);
});

after(async () => {
    await bundler?.stop();
    chain?.stop();
});

/// A wallet with ether that nobody has deployed yet.
async function wallet(kind: Kind, seed: string): Promise<{ place: forms.Place; account: SmartAccount }> {
    const rule = { actions: rights.execute | rights.policy | rights.message, mask: 1, threshold: 1 };
    const configuration = { signers: [makeSigner(kind, seed)], rules: [rule] };
    const source = forms.genesisSource(configuration, 1, (genesis) => walletIdOf(genesis, deployment.program));
    const place = { chain: chain.id, wallet: walletAddress(deployment.factory, source.walletId), source };
    await chain.send(place.wallet, '0x', parseEther('1'));
    return { place, account: await toAccount(chain, deployment, place, { rule: 0, approvers: [0] }) };
}

for (const kind of ['webauthn', 'p256', 'eip712', 'eip191'] as const) {
    test(`a bundler deploys a ${kind} wallet, pays from it, and again`, async () => {
        const { place, account } = await wallet(kind, 'bundled');
        for (const amount of [1n, 2n]) {
            const before_ = await chain.client.getBalance({ address: friend });
            const hash = await bundler.client.sendUserOperation({ account, calls: [{ to: friend, value: amount }] });
            const receipt = await bundler.client.waitForUserOperationReceipt({ hash, timeout: 20_000 });
            assert.equal(receipt.success, true, bundler.log());
            assert.equal(receipt.sender, place.wallet);
            assert.equal((await chain.client.getBalance({ address: friend })) - before_, amount);
        }
    });
}

test('an operation that somebody else signed is refused by the bundler', async () => {
    const { place } = await wallet('webauthn', 'owner');
    await chain.send(deployment.factory, place.source.walletId);
    const { configuration } = place.source;
    const thief = makeSigner('webauthn', 'thief');
    const signers = [{ ...configuration.signers[0], approve: thief.approve } as Signer];
    const source = { ...place.source, configuration: { ...configuration, signers } };
    const forged = await toAccount(chain, deployment, { ...place, source }, { rule: 0, approvers: [0] });
    const sending = bundler.client.sendUserOperation({ account: forged, calls: [{ to: friend, value: 1n }] });
    await assert.rejects(sending, /AA24/);
    assert.equal(await chain.client.getBalance({ address: place.wallet }), parseEther('1'));
});

test('viem verifies messages and typed data of a wallet that is deployed, and of one that is not', async () => {
    const typedData = {
        domain: { name: 'Shop', version: '1', chainId: Number(chain.id), verifyingContract: friend },
        types: { Order: [{ name: 'item', type: 'string' }, { name: 'price', type: 'uint256' }] },
        primaryType: 'Order',
        message: { item: 'lamp', price: 12n },
    } as const;
    const { place, account } = await wallet('webauthn', 'messages');
    for (const isDeployed of [false, true]) {
        if (isDeployed) {
            await chain.send(deployment.factory, place.source.walletId);
        }
        const signature = await account.signMessage({ message: 'hello' });
        const address = place.wallet;
        assert.equal(await chain.client.verifyMessage({ address, message: 'hello', signature }), true);
        assert.equal(await chain.client.verifyMessage({ address, message: 'hullo', signature }), false);
        assert.equal(await chain.client.verifyMessage({ address: friend, message: 'hello', signature }), false);
        const order = await account.signTypedData(typedData);
        assert.equal(await chain.client.verifyTypedData({ ...typedData, address, signature: order }), true);
        const other = { ...typedData, message: { item: 'lamp', price: 13n } };
        assert.equal(await chain.client.verifyTypedData({ ...other, address, signature: order }), false);
    }
});

test('a call to nobody is refused before it costs anything', async () => {
    const { account } = await wallet('eip712', 'nobody');
    const sending = bundler.client.sendUserOperation({ account, calls: [{ to: zeroAddress, value: 1n }] });
    // TargetReserved: 506, 0x1fa.
    await assert.rejects(sending, /0x590a5151[0-9a-f]*1fa/);
});
