// SPDX-License-Identifier: Apache-2.0
// What actions of a wallet cost on an EVM chain: receipt.gasUsed of the whole transaction on anvil
// (--hardfork osaka), the wallet deployed, its nonce at least 1, all balances non-zero before and after, the
// token OpenZeppelin's ERC20. Of four runs the dearest of the last three counts. Prints benchmark lines.
import { concat, encodeFunctionData, erc20Abi, keccak256, toHex, type Address, type Hex } from 'viem';

import {
    deploy,
    initCode,
    relayer,
    startAnvil,
    type Chain,
    type Deployment,
    type Receipt,
} from './wallet/anvil.ts';
import { sizeOf, uint } from './wallet/bytes.ts';
import {
    actions as rights,
    asset,
    localRuleBytes,
    localRuleId,
    nextConfigId,
    recoveredConfigId,
    ruleId,
    sharedBytes,
    walletAddress,
    walletIdOf,
    type Configuration,
    type Rule,
} from './wallet/configuration.ts';
import * as forms from './wallet/forms.ts';
import { entryPoint08, handleOps, type Operation } from './wallet/entry-point.ts';
import { makeSigner, type Signer } from './wallet/signers.ts';

const targets: Record<string, number> = {
    'evm.deploy.webauthn.gas': 65_000,
    'evm.erc20.webauthn.direct.genesis.gas': 60_000,
    'evm.erc20.webauthn.direct.committed.gas': 64_500,
    'evm.erc20.p256.direct.genesis.gas': 58_500,
    'evm.erc20.secp256k1.direct.genesis.gas': 52_500,
    'evm.erc20.webauthn.userop.gas': 106_000,
    'evm.erc20.session.gas': 64_500,
    'evm.session.grant.gas': 60_000,
    'evm.erc20.webauthn.threshold2of3.gas': 75_000,
    'evm.erc20.webauthn.bundle10.gas': 36_000,
    'evm.erc20.webauthn.calldata.bytes': 310,
    'evm.erc20.webauthn.feetoken.extra.gas': 9_000,
};
const shared = rights.execute | rights.grant | rights.policy | rights.message | rights.cancel | rights.freeze;
const one = 10n ** 18n;
let missed = 0;

function report(metric: string, value: number, unit = 'gas'): void {
    console.log(JSON.stringify({ metric, value, unit }));
    const target = targets[metric];
    if (target !== undefined && value > target) {
        console.error(`${metric}: ${value} is above its target ${target}`);
        ++missed;
    }
}

const recipient = (n: number) => `0x${keccak256(toHex(`recipient ${n}`)).slice(26)}` as Address;

class Bench {
    readonly chain: Chain;
    readonly deployment: Deployment;
    readonly token: Address;
    private salt = 0;

    constructor(chain: Chain, deployment: Deployment, token: Address) {
        this.chain = chain;
        this.deployment = deployment;
        this.token = token;
    }

    async pay(to: Address, amount: bigint): Promise<void> {
        await this.must(
            this.token,
            encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [to, amount] }),
        );
    }

    async must(to: Address, data: Hex, value = 0n): Promise<Receipt> {
        const receipt = await this.chain.send(to, data, value);
        if (receipt.status !== 'success') {
            const call = { from: relayer.address, to, data, value: toHex(value) };
            const reason = await this.chain
                .request('eth_call', [call, 'latest'])
                .then(() => 'out of gas?', String);
            throw new Error(`refused: ${reason}`);
        }
        return receipt;
    }

    /// A deployed wallet with tokens.
    async wallet(configuration: Configuration): Promise<{ place: forms.Place; deployGas: number }> {
        const source = forms.genesisSource(configuration, ++this.salt, (genesis) =>
            walletIdOf(genesis, this.deployment.program),
        );
        const receipt = await this.must(this.deployment.factory, source.walletId);
        const wallet = walletAddress(this.deployment.factory, source.walletId);
        await this.pay(wallet, 10n ** 24n);
        return { place: { chain: this.chain.id, wallet, source }, deployGas: receipt.gasUsed };
    }

    /// Sends what `make` makes for the nonces 0 to 3.
    async steady(
        place: forms.Place,
        make: (nonce: bigint) => Promise<Hex>,
        first = 0n,
    ): Promise<{ gas: number; bytes: number }> {
        const gas: number[] = [];
        let bytes = 0;
        for (let nonce = first; nonce < first + 4n; ++nonce) {
            const data = await make(nonce);
            gas.push((await this.must(place.wallet, data)).gasUsed);
            bytes = sizeOf(data);
        }
        return { gas: Math.max(...gas.slice(1)), bytes };
    }

    async transfers(
        place: forms.Place,
        approvers: number[],
        terms: Partial<forms.Terms> = {},
        options: { fee?: bigint } = {},
    ) {
        const deadline = ((await this.chain.now()) + 3600) | 0x010101;
        const call = forms.transfer(this.token, recipient(1), one);
        return this.steady(place, (nonce) =>
            forms.shortExecute(place, { rule: 0, approvers, nonce, deadline, ...terms }, [call], options),
        );
    }
}

/// What a policy change leads to.
function changed(place: forms.Place, configuration: Configuration): forms.Place {
    const { walletId, configId } = place.source;
    const bytes = sharedBytes(configuration);
    const source = {
        kind: 'policy' as const,
        configuration,
        bytes,
        walletId,
        parent: configId,
        configId: nextConfigId(walletId, configId, bytes),
    };
    return { ...place, source };
}

const everything: Rule = { actions: shared, mask: 1, threshold: 1 };

async function genesisRows(bench: Bench): Promise<void> {
    const passkey = makeSigner('webauthn', 1);
    const { place, deployGas } = await bench.wallet({ signers: [passkey], rules: [everything] });
    report('evm.deploy.webauthn.gas', deployGas);
    const plain = await bench.transfers(place, [0]);
    report('evm.erc20.webauthn.direct.genesis.gas', plain.gas);
    report('evm.erc20.webauthn.calldata.bytes', plain.bytes, 'bytes');
    const next = await bench.wallet({ signers: [passkey], rules: [everything] });
    const paid = await bench.transfers(next.place, [0], { executor: relayer.address }, { fee: 10n ** 16n });
    report('evm.erc20.webauthn.feetoken.extra.gas', paid.gas - plain.gas);
    for (const [kind, name] of [
        ['p256', 'p256'],
        ['eip712', 'secp256k1'],
        ['eip191', 'secp256k1.eip191'],
    ] as const) {
        const { place: other } = await bench.wallet({ signers: [makeSigner(kind, 1)], rules: [everything] });
        report(`evm.erc20.${name}.direct.genesis.gas`, (await bench.transfers(other, [0])).gas);
    }
    const passkeys = [1, 2, 3].map((n) => makeSigner('webauthn', n));
    const two = await bench.wallet({ signers: passkeys, rules: [{ ...everything, mask: 7, threshold: 2 }] });
    report('evm.erc20.webauthn.threshold2of3.gas', (await bench.transfers(two.place, [0, 1])).gas);
}

/// Three passkeys and two rules under a stored configId; sessions on top of it.
async function committedRows(bench: Bench): Promise<void> {
    const passkeys = [1, 2, 3].map((n) => makeSigner('webauthn', n));
    const { place } = await bench.wallet({ signers: [passkeys[0]], rules: [everything] });
    const rules: Rule[] = [
        { actions: rights.execute | rights.grant, mask: 7, threshold: 1 },
        { ...everything, mask: 7, threshold: 2 },
    ];
    const committed = changed(place, { signers: passkeys, rules });
    const first = await bench.must(
        place.wallet,
        await forms.change(place, { rule: 0, approvers: [0] }, 'policy', 0, committed.source.bytes),
    );
    report('evm.configure.first.gas', first.gasUsed);
    report('evm.erc20.webauthn.direct.committed.gas', (await bench.transfers(committed, [0])).gas);

    const token = asset(bench.token, 0);
    const now = BigInt(await bench.chain.now());
    const limited: Rule = {
        actions: rights.execute,
        mask: 1,
        threshold: 1,
        times: [now - 1000n, now + 86_400n * 30n],
        scope: [{ target: bench.token, prefix: '0xa9059cbb' }],
        limits: [{ asset: token, perCall: 2n * one, perPeriod: 9n * one, period: 86_400 }],
    };
    const { walletId, configId } = committed.source;
    const granting = ruleId(committed.source.configuration, 0);
    const live: Hex[] = [];
    for (const index of [0, 1]) {
        const signer = makeSigner('eip712', `session ${index}`);
        const bytes = localRuleBytes([signer], limited);
        const terms = { rule: 0, approvers: [0], nonce: BigInt(4 + index) };
        const receipt = await bench.must(place.wallet, await forms.shortGrant(committed, terms, live, bytes));
        live.push(localRuleId(walletId, configId, index + 1, bytes));
        report(
            index === 0 ? 'evm.session.grant.committed.first.gas' : 'evm.session.grant.committed.gas',
            receipt.gasUsed,
        );
        if (index === 0) {
            const source = {
                kind: 'local' as const,
                configuration: { signers: [signer], rules: [limited] },
                bytes,
                walletId,
                ruleId: granting,
                grantedUnder: configId,
                version: 1,
                place: 0,
                others: [],
                configId: live[0],
            };
            report('evm.erc20.session.gas', (await bench.transfers({ ...committed, source }, [0])).gas);
        }
    }
    const again = changed(committed, { signers: passkeys, rules: [rules[1]] });
    const receipt = await bench.must(
        place.wallet,
        await forms.change(committed, { rule: 1, approvers: [0, 1] }, 'policy', 0, again.source.bytes),
    );
    report('evm.configure.gas', receipt.gasUsed);
}

/// The owner's one key grants sessions; the second one finds a slot in use.
async function grantRows(bench: Bench): Promise<void> {
    for (const [kind, name] of [
        ['eip712', 'session.grant'],
        ['webauthn', 'session.grant.webauthn'],
    ] as const) {
        const { place } = await bench.wallet({ signers: [makeSigner(kind, 'grants')], rules: [everything] });
        const rule: Rule = {
            actions: rights.execute,
            mask: 1,
            threshold: 1,
            scope: [{ target: bench.token, prefix: '0xa9059cbb' }],
            limits: [
                { asset: asset(bench.token, 0), perCall: 2n * one, perPeriod: 9n * one, period: 86_400 },
            ],
        };
        const live: Hex[] = [];
        const gas: number[] = [];
        for (const index of [0, 1]) {
            const bytes = localRuleBytes([makeSigner('eip712', `granted ${index}`)], rule);
            const data = await forms.shortGrant(
                place,
                { rule: 0, approvers: [0], nonce: BigInt(index) },
                live,
                bytes,
            );
            gas.push((await bench.must(place.wallet, data)).gasUsed);
            live.push(localRuleId(place.source.walletId, place.source.configId, index + 1, bytes));
        }
        report(`evm.${name}.first.gas`, gas[0]);
        report(`evm.${name}.gas`, gas[1]);
    }
}

async function bundleRow(bench: Bench): Promise<void> {
    const relay = await bench.chain.send(null, initCode('Relay'), 0n, 5_000_000n);
    const places: forms.Place[] = [];
    for (let i = 0; i < 10; ++i) {
        const { place } = await bench.wallet({
            signers: [makeSigner('webauthn', `bundled ${i}`)],
            rules: [everything],
        });
        await bench.transfers(place, [0]);
        places.push(place);
    }
    const deadline = ((await bench.chain.now()) + 3600) | 0x010101;
    const call = forms.transfer(bench.token, recipient(1), one);
    const items = await Promise.all(
        places.map(async (place) => {
            const data = await forms.shortExecute(place, { rule: 0, approvers: [0], nonce: 4n, deadline }, [
                call,
            ]);
            return concat([place.wallet, uint(80_000, 3), uint(sizeOf(data), 2), data]);
        }),
    );
    const receipt = await bench.must(relay.contractAddress, concat(items));
    report('evm.erc20.webauthn.bundle10.gas', Math.ceil(receipt.gasUsed / 10));
}

async function userOperationRow(bench: Bench): Promise<void> {
    const { place } = await bench.wallet({
        signers: [makeSigner('webauthn', 'operations')],
        rules: [everything],
    });
    const call = forms.transfer(bench.token, recipient(1), one);
    await bench.must(
        entryPoint08.address,
        encodeFunctionData({ abi: entryPoint08.abi, functionName: 'depositTo', args: [place.wallet] }),
        10n ** 18n,
    );
    const gas: number[] = [];
    for (let nonce = 0n; nonce < 4n; ++nonce) {
        const operation: Operation = {
            sender: place.wallet,
            nonce,
            callData: forms.userOperationCalldata([call]),
        };
        const receipt = await handleOps(bench.chain, operation, async (hash) =>
            forms.shortUserOperation(place, { rule: 0, approvers: [0] }, entryPoint08.address, hash),
        );
        gas.push(receipt.gasUsed);
    }
    report('evm.erc20.webauthn.userop.gas', Math.max(...gas.slice(1)));
}

/// Waiting, cancelling, freezing, recovering: no targets, but whoever chooses wants to know.
async function waitingRows(bench: Bench): Promise<void> {
    const day = 86_400;
    const passkeys = [1, 2, 3].map((n) => makeSigner('webauthn', `waiting ${n}`));
    const guardians: Signer[] = [makeSigner('eip712', 'guardian 1'), makeSigner('eip712', 'guardian 2')];
    const part = concat([
        uint(0x10, 1),
        uint(1, 1),
        ...guardians.map((s) => s.entry),
        concat(['0xd0', uint(0x80 | 1, 1), '0x03', uint(2 * day, 4)]),
        concat(['0x00', uint(shared, 1), '0x00']),
        uint(7, 16),
    ]);
    const commitment = concat([uint(96, 2), `0x${keccak256(part).slice(2, 62)}`]);
    const slow: Rule = { actions: rights.execute, mask: 7, threshold: 1, wait: day };
    const rules: Rule[] = [
        { ...everything, mask: 7, threshold: 2 },
        slow,
        { actions: rights.freeze | rights.cancel, mask: 7, threshold: 1 },
    ];
    const { place } = await bench.wallet({ signers: passkeys, rules, recovery: commitment });
    const call = forms.transfer(bench.token, recipient(1), one);
    const body = forms.executeBody([call]);
    const proposals: number[] = [];
    for (const nonce of [0n, 1n, 2n]) {
        const proposed = await bench.must(
            place.wallet,
            await forms.longExecute(place, { rule: 1, approvers: [0], nonce }, [call]),
        );
        proposals.push(proposed.gasUsed);
        if (nonce === 1n) {
            const cancelled = await bench.must(
                place.wallet,
                await forms.change(place, { rule: 2, approvers: [0] }, 'cancel', 1, '0x01'),
            );
            report('evm.cancel.gas', cancelled.gasUsed);
            continue;
        }
        await bench.chain.warp(day + 1);
        const applied = await bench.must(place.wallet, forms.apply(place, 1, 1, body));
        if (nonce === 2n) {
            report('evm.apply.gas', applied.gasUsed);
        }
    }
    report('evm.schedule.first.gas', proposals[0]);
    report('evm.schedule.gas', Math.max(...proposals.slice(1)));
    const frozen = await bench.must(
        place.wallet,
        await forms.change(place, { rule: 2, approvers: [0] }, 'freeze', 0, '0x00'),
    );
    report('evm.freeze.gas', frozen.gasUsed);
    const fresh = makeSigner('webauthn', 'recovered');
    const recovery = { bytes: part, commitment, signers: guardians };
    const asked = await bench.must(
        place.wallet,
        await forms.change(place, { rule: 0x80, approvers: [0, 1], recovery }, 'recover', 0, fresh.entry),
    );
    report('evm.recover.schedule.gas', asked.gasUsed);
    await bench.chain.warp(2 * day + 1);
    const recovered = await bench.must(
        place.wallet,
        forms.apply(place, 0x80, 14, forms.changeBody(0, fresh.entry), part),
    );
    report('evm.recover.gas', recovered.gasUsed);
    const configuration = { signers: [fresh], rules: [everything], recovery: commitment };
    const bytes = sharedBytes(configuration);
    const { walletId } = place.source;
    const source = {
        kind: 'recover' as const,
        configuration,
        bytes,
        walletId,
        commitment,
        rule: 0x80,
        epoch: 0,
        configId: recoveredConfigId(walletId, commitment, 0x80, 0, bytes),
    };
    const after = await bench.steady(
        place,
        (nonce) => forms.shortExecute({ ...place, source }, { rule: 0, approvers: [0], nonce }, [call]),
        3n,
    );
    report('evm.erc20.webauthn.direct.recovered.gas', after.gas);
}

const chain = await startAnvil();
const deployment = await deploy(chain);
const tokenReceipt = await chain.send(null, initCode('TestToken'), 0n, 5_000_000n);
const mint = {
    type: 'function',
    name: 'mint',
    inputs: [{ type: 'address' }, { type: 'uint256' }],
    outputs: [],
    stateMutability: 'nonpayable',
} as const;
await chain.send(
    tokenReceipt.contractAddress,
    encodeFunctionData({ abi: [mint], functionName: 'mint', args: [relayer.address, 10n ** 30n] }),
);
const bench = new Bench(chain, deployment, tokenReceipt.contractAddress);
await bench.pay(recipient(1), 1n);
await entryPoint08.deploy(chain);
await genesisRows(bench);
await committedRows(bench);
await grantRows(bench);
await bundleRow(bench);
await userOperationRow(bench);
await waitingRows(bench);
chain.stop();
process.exit(missed === 0 ? 0 : 1);
