// SPDX-License-Identifier: Apache-2.0
// What a wallet does while the EntryPoint asks it about a user operation keeps the rules of ERC-7562.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
    concat,
    createWalletClient,
    encodeAbiParameters,
    encodeFunctionData,
    hexToBytes,
    http,
    keccak256,
    pad,
    parseAbi,
    parseEther,
    stringToHex,
    toHex,
    type Address,
    type Hex,
} from 'viem';
import { privateKeyToAccount, privateKeyToAddress, sign as signHash } from 'viem/accounts';
import {
    entryPoint08Abi,
    entryPoint08Address,
    getUserOperationHash,
    toPackedUserOperation,
    type UserOperation,
} from 'viem/account-abstraction';

import {
    deploy,
    initCode,
    relayer,
    startAnvil,
    type Chain,
    type Deployment,
} from '../../contracts/scripts/wallet/anvil.ts';
import { sized, tag, uint } from '../../contracts/scripts/wallet/bytes.ts';
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
} from '../../contracts/scripts/wallet/configuration.ts';
import { entryPoint08 } from '../../contracts/scripts/wallet/entry-point.ts';
import * as forms from '../../contracts/scripts/wallet/forms.ts';
import { leafHash, tree } from '../../contracts/scripts/wallet/leaves.ts';
import { makeSigner, type Signer } from '../../contracts/scripts/wallet/signers.ts';
import { checkValidation, type Findings, type Phase } from './erc7562.ts';

type Draft = UserOperation<'0.8'>;
type Sign = (userOpHash: Hex) => Promise<Hex>;

const friend: Address = '0x00000000000000000000000000000000000000f1';
const everything: Rule = {
    actions: rights.execute | rights.grant | rights.policy | rights.message,
    mask: 1,
    threshold: 1,
};
const payment = { to: friend, value: 1n, data: '0x' as Hex };
let chain: Chain;
let deployment: Deployment;
let salt = 0;

async function start(hardfork?: string): Promise<[Chain, Deployment]> {
    const more = ['--steps-tracing', '--code-size-limit', '60000'];
    const started = await startAnvil({ more, ...(hardfork ? { hardfork } : {}) });
    const deployed = await deploy(started);
    await entryPoint08.deploy(started);
    return [started, deployed];
}

before(async () => {
    [chain, deployment] = await start();
});

after(() => chain?.stop());

async function must(to: Address, data: Hex, value = 0n, on = chain): Promise<void> {
    const receipt = await on.send(to, data, value, 6_000_000n);
    assert.equal(receipt.status, 'success');
}

/// The transaction of an operation that succeeded.
async function handle(draft: Partial<Draft>, sign: Sign, on = chain): Promise<Hex> {
    const sender = draft.sender as Address;
    const nonce = await on.client.readContract({
        abi: entryPoint08Abi,
        address: entryPoint08Address,
        functionName: 'getNonce',
        args: [sender, 0n],
    });
    const operation: Draft = {
        sender,
        nonce,
        callData: '0x',
        callGasLimit: 200_000n,
        verificationGasLimit: 1_500_000n,
        preVerificationGas: 50_000n,
        maxFeePerGas: 2_000_000_000n,
        maxPriorityFeePerGas: 1_000_000_000n,
        signature: '0x',
        ...draft,
    };
    const userOpHash = getUserOperationHash({
        chainId: Number(on.id),
        entryPointAddress: entryPoint08Address,
        entryPointVersion: '0.8',
        userOperation: operation,
    });
    const packed = toPackedUserOperation({ ...operation, signature: await sign(userOpHash) });
    const data = encodeFunctionData({
        abi: entryPoint08Abi,
        functionName: 'handleOps',
        args: [[packed], relayer.address],
    });
    const receipt = await on.send(entryPoint08Address, data, 0n, 6_000_000n);
    if (receipt.status !== 'success') {
        const call = { from: relayer.address, to: entryPoint08Address, data };
        assert.fail(await on.request('eth_call', [call, 'latest']).then(() => 'out of gas?', String));
    }
    return receipt.transactionHash;
}

/// A wallet with ether.
async function wallet(
    configuration: Configuration,
    isDeployed = true,
    on = chain,
    parts = deployment,
): Promise<forms.Place> {
    const source = forms.genesisSource(configuration, ++salt, (genesis) =>
        walletIdOf(genesis, parts.program),
    );
    const place = { chain: on.id, wallet: walletAddress(parts.factory, source.walletId), source };
    await must(place.wallet, '0x', parseEther('1'), on);
    if (isDeployed) {
        await must(parts.factory, source.walletId, 0n, on);
    }
    return place;
}

const owned = (signer: Signer) => wallet({ signers: [signer], rules: [everything] });

/// What a policy change leads to, and the wallet changed.
async function committed(place: forms.Place, configuration: Configuration): Promise<forms.Place> {
    const { walletId, configId } = place.source;
    const bytes = sharedBytes(configuration);
    const change = await forms.change(place, { rule: 0, approvers: [0] }, 'policy', 0, bytes);
    await must(place.wallet, change);
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

/// A session under the conditions of `rule`, by the key `signer`.
async function session(place: forms.Place, signer: Signer, rule: Rule): Promise<forms.Place> {
    const bytes = localRuleBytes([signer], rule);
    const terms = { rule: 0, approvers: [0], nonce: 0n };
    await must(place.wallet, await forms.shortGrant(place, terms, [], bytes));
    const { walletId, configId, configuration } = place.source;
    const source = {
        kind: 'local' as const,
        configuration: { signers: [signer], rules: [rule] },
        bytes,
        walletId,
        ruleId: ruleId(configuration, 0),
        grantedUnder: configId,
        version: 1,
        place: 0,
        others: [],
        configId: localRuleId(walletId, configId, 1, bytes),
    };
    return { ...place, source };
}

async function limited(): Promise<Rule> {
    const now = BigInt(await chain.now());
    const ether = asset(pad('0x', { size: 20 }), 0);
    const token = asset(pad('0x01', { size: 20 }), 0);
    return {
        actions: rights.execute,
        mask: 1,
        threshold: 1,
        times: [now - 1000n, now + 86_400n],
        scope: [{ target: friend, prefix: '0x' }],
        limits: [
            { asset: ether, perCall: 2n ** 60n, perPeriod: 2n ** 61n, period: 3600 },
            { asset: token, perCall: 5n, perPeriod: 9n, period: 86_400 },
        ],
    };
}

function short(place: forms.Place, terms: Partial<forms.Terms> = {}): Sign {
    const full = { rule: 0, approvers: [0], ...terms };
    return (hash) => forms.shortUserOperation(place, full, entryPoint08Address, hash);
}

function long(place: forms.Place, terms: Partial<forms.Terms> = {}, on = chain): Sign {
    const full = { rule: 0, approvers: [0], ...terms };
    return async (hash) =>
        forms.userOperationSignature(place, full, await on.now(), entryPoint08Address, hash);
}

function operation(place: forms.Place): Partial<Draft> {
    return { sender: place.wallet, callData: forms.userOperationCalldata([payment]) };
}

function keepsTheRules(findings: Findings, phases: Phase[] = ['account']): void {
    assert.deepEqual(findings.violations, []);
    assert.deepEqual(findings.phases, phases);
    // A clone, a wallet, and a key: it was looked at.
    assert.ok(findings.steps > 200, `${findings.steps} steps`);
}

const kinds = ['webauthn', 'p256', 'eip712', 'eip191'] as const;

for (const kind of kinds) {
    test(`${kind} in the short form, with and without a prefund to pay`, async () => {
        const place = await owned(makeSigner(kind, 'short'));
        keepsTheRules(await checkValidation(chain, await handle(operation(place), short(place))));
        const data = encodeFunctionData({
            abi: entryPoint08Abi,
            functionName: 'depositTo',
            args: [place.wallet],
        });
        await must(entryPoint08Address, data, parseEther('1'));
        keepsTheRules(await checkValidation(chain, await handle(operation(place), short(place))));
    });

    test(`${kind} in the long form`, async () => {
        const place = await owned(makeSigner(kind, 'long'));
        const deadline = (await chain.now()) + 3600;
        keepsTheRules(await checkValidation(chain, await handle(operation(place), long(place))));
        const timed = await handle(operation(place), long(place, { deadline }));
        keepsTheRules(await checkValidation(chain, timed));
    });

    test(`${kind} in the operation that deploys the wallet`, async () => {
        const configuration = { signers: [makeSigner(kind, 'deployed')], rules: [everything] };
        for (const form of [short, long]) {
            const place = await wallet(configuration, false);
            const { factory } = deployment;
            const draft = { ...operation(place), factory, factoryData: place.source.walletId };
            const hash = await handle(draft, form(place));
            keepsTheRules(await checkValidation(chain, hash), ['factory', 'account']);
        }
    });
}

test('a passkey that shows all of its client data, with a deadline, in a tree', async () => {
    const place = await owned(makeSigner('webauthn', 'tail'));
    const terms = { tail: true, others: [uint(7, 32)], deadline: (await chain.now()) + 3600 };
    for (const sign of [short(place, terms), long(place, terms)]) {
        keepsTheRules(await checkValidation(chain, await handle(operation(place), sign)));
    }
});

test('two of three passkeys under a stored configuration', async () => {
    const signers = [1, 2, 3].map((n) => makeSigner('webauthn', n));
    const first = await owned(makeSigner('webauthn', 'first'));
    const place = await committed(first, { signers, rules: [{ ...everything, mask: 7, threshold: 2 }] });
    for (const sign of [short(place, { approvers: [0, 2] }), long(place, { approvers: [1, 2] })]) {
        keepsTheRules(await checkValidation(chain, await handle(operation(place), sign)));
    }
});

test('a shared rule with scope, times and limits', async () => {
    const rule = await limited();
    const place = await wallet({ signers: [makeSigner('webauthn', 'shared')], rules: [rule] });
    for (let count = 0; count < 2; ++count) {
        keepsTheRules(await checkValidation(chain, await handle(operation(place), long(place))));
    }
});

test('a session with scope, times and limits', async () => {
    const place = await owned(makeSigner('webauthn', 'granter'));
    for (const kind of ['eip712', 'p256'] as const) {
        const other = kind === 'eip712' ? place : await owned(makeSigner('webauthn', 'granter'));
        const granted = await session(other, makeSigner(kind, 'session'), await limited());
        for (let count = 0; count < 2; ++count) {
            keepsTheRules(await checkValidation(chain, await handle(operation(granted), long(granted))));
        }
    }
});

test('a configuration after a recovery', async () => {
    const first = await owned(makeSigner('webauthn', 'lost'));
    const { walletId } = first.source;
    const recovery = concat([uint(96, 2), pad('0xabcd', { size: 30 })]);
    const configuration = { signers: [makeSigner('webauthn', 'new')], rules: [everything], recovery };
    const bytes = sharedBytes(configuration);
    const [rule, epoch] = [0x80, 0];
    const source = {
        kind: 'recover' as const,
        configuration,
        bytes,
        walletId,
        commitment: recovery,
        rule,
        epoch,
        configId: recoveredConfigId(walletId, recovery, rule, epoch, bytes),
    };
    // As the contract would have stored it: CONFIGURED and one change in the hot word, then configId.
    const hot = 0x79a1d7539c1308cd02595ed10ed9dfd9c247044efb9482af02655d844e51e300n;
    const words = [(1n << 128n) | (1n << 64n), BigInt(source.configId)];
    for (const [index, value] of words.entries()) {
        const slot = uint(hot + BigInt(index), 32);
        await chain.request('anvil_setStorageAt', [first.wallet, slot, uint(value, 32)]);
    }
    const place = { ...first, source };
    for (const sign of [short(place), long(place)]) {
        keepsTheRules(await checkValidation(chain, await handle(operation(place), sign)));
    }
});

test('an externally owned account that delegates to the wallet', async () => {
    const key = keccak256(stringToHex(`account ${++salt}`));
    const account = privateKeyToAccount(key);
    const client = createWalletClient({ account: relayer, transport: http(chain.url) });
    const contractAddress = deployment.implementation;
    const authorization = await account.signAuthorization({
        chainId: Number(chain.id),
        contractAddress,
        nonce: 0,
    });
    await client.sendTransaction({
        chain: null,
        to: account.address,
        authorizationList: [authorization],
        value: parseEther('1'),
    });
    const configuration = { signers: [makeSigner('webauthn', 'adopted')], rules: [everything] };
    const source = forms.genesisSource(configuration, 1, (genesis) =>
        keccak256(concat([tag('Latchkey account 1'), pad(account.address), genesis])),
    );
    const place = { chain: chain.id, wallet: account.address, source };
    const message = { chain: chain.id, wallet: account.address, walletId: source.walletId };
    const { digest } = tree([leafHash({ type: 'Adopt', message })]);
    const { r, s, yParity } = await signHash({ hash: digest, privateKey: key });
    const approval = concat([r, uint(BigInt(s) | (BigInt(yParity ?? 0) << 255n), 32)]);
    await must(account.address, concat(['0x61', sized(source.bytes, 2), approval]));
    for (const sign of [short(place), long(place)]) {
        keepsTheRules(await checkValidation(chain, await handle(operation(place), sign)));
    }
});

test('a wallet that was frozen', async () => {
    const actions = everything.actions | rights.freeze | rights.cancel;
    const signers = [makeSigner('webauthn', 'frozen')];
    const place = await wallet({ signers, rules: [{ ...everything, actions }] });
    const terms = { rule: 0, approvers: [0] };
    await must(place.wallet, await forms.change(place, terms, 'freeze', 0, '0x00'));
    await chain.warp(86_400 * 30);
    keepsTheRules(await checkValidation(chain, await handle(operation(place), long(place))));
});

/// Calls every signature good, after `program`.
async function contractSigner(program: Hex, address: Address): Promise<Signer> {
    const answer: Hex = '0x631626ba7e60e01b5f5260205ff3';
    await chain.request('anvil_setCode', [address, concat([program, answer])]);
    const entry = concat(['0x07', uint(chain.id, 8), address]);
    const approve = async () => sized('0x', 2);
    return { kind: 'eip712', entry, shortEntry: entry, host: '', approve };
}

test('a contract as a signer keeps the rules as far as the contract does', async () => {
    const pure = await owned(await contractSigner('0x', '0x00000000000000000000000000000000000c0001'));
    keepsTheRules(await checkValidation(chain, await handle(operation(pure), long(pure))));
    const reading = await owned(
        await contractSigner('0x5f5450', '0x00000000000000000000000000000000000c0002'),
    );
    const { violations } = await checkValidation(chain, await handle(operation(reading), long(reading)));
    assert.deepEqual(rulesOf(violations), ['STO-010']);
});

test('P-256 without a precompile uses its address, which has no code, and breaks nothing else', async () => {
    const [old, parts] = await start('prague');
    try {
        // The verifier takes so many steps that their memory is too much to send; it has a test of its own.
        await old.request('anvil_setCode', [parts.verifier, '0x60015f5260205ff3']);
        const configuration = { signers: [makeSigner('webauthn', 'old')], rules: [everything] };
        const place = await wallet(configuration, true, old, parts);
        for (const sign of [short(place), long(place, {}, old)]) {
            const hash = await handle(operation(place), sign, old);
            keepsTheRules(await checkValidation(old, hash));
            const { violations } = await checkValidation(old, hash, { hasP256: false });
            const [found, ...more] = violations;
            assert.deepEqual(more, []);
            assert.equal(found.rule, 'OP-041');
            assert.equal(BigInt(found.what.split(' ')[2]), 0x100n);
        }
    } finally {
        old.stop();
    }
});

test('P256Verifier has no opcode that reads storage or surroundings, and calls a precompile alone', async () => {
    const code = hexToBytes((await chain.client.getCode({ address: deployment.verifier })) as Hex);
    // Arithmetic, calldata, code, memory, the stack, jumps, and the two ends.
    const plain = [
        [0x00, 0x20],
        [0x34, 0x39],
        [0x3d, 0x3e],
        [0x50, 0x53],
        [0x56, 0x59],
        [0x5b, 0x5b],
        [0x5e, 0x9f],
        [0xf3, 0xf3],
        [0xfd, 0xfd],
    ];
    const others: string[] = [];
    for (let place = 0; place < code.length; ++place) {
        const op = code[place];
        if (!plain.some(([first, last]) => op >= first && op <= last)) {
            others.push(toHex(code.slice(place - 2, place + 1)));
        }
        // Behind PUSH1 to PUSH32 is no opcode.
        place += op >= 0x60 && op <= 0x7f ? op - 0x5f : 0;
    }
    // PUSH1 5 GAS STATICCALL: MODEXP.
    assert.deepEqual(others, ['0x60055a', '0x055afa']);
});

const operationType =
    'struct Operation { address sender; uint256 nonce; bytes initCode; bytes callData; \
bytes32 accountGasLimits; uint256 preVerificationGas; bytes32 gasFees; \
bytes paymasterAndData; bytes signature; }';
const paymasterAbi = parseAbi([
    operationType,
    'function setSigner(address)',
    'function setLimits((uint128 perSender, uint128 total))',
    'function setSenderLimit(uint128)',
    'function setTerms(address, (uint128 limit, uint128 rateMin))',
    'function deposit() payable',
    'function addStake(uint32) payable',
    'function sponsorshipDigest(Operation, uint48, uint48) view returns (bytes32)',
    'struct Quote { address token; uint128 rate; uint128 tokensMax; uint48 validAfter; uint48 validUntil; }',
    'function quoteDigest(Operation, Quote) view returns (bytes32)',
]);
const sponsorKey = keccak256(stringToHex('sponsor'));
const most = parseEther('10');

type Tell = (data: Hex, value?: bigint) => Promise<void>;

/// A paymaster with a signer and a deposit, without stake.
async function newPaymaster(name: string): Promise<[Address, Tell]> {
    // All times are in its first period.
    const parameters = [{ type: 'address' }, { type: 'uint48' }, { type: 'address' }] as const;
    const values = [entryPoint08Address, 2 ** 40, relayer.address] as const;
    const code = concat([initCode(name), encodeAbiParameters(parameters, values)]);
    const { contractAddress } = await chain.send(null, code, 0n, 6_000_000n);
    const tell: Tell = (data, value) => must(contractAddress, data, value);
    const args = [privateKeyToAddress(sponsorKey)] as const;
    await tell(encodeFunctionData({ abi: paymasterAbi, functionName: 'setSigner', args }));
    await tell(encodeFunctionData({ abi: paymasterAbi, functionName: 'deposit' }), most);
    return [contractAddress, tell];
}

const stake = (tell: Tell) =>
    tell(
        encodeFunctionData({ abi: paymasterAbi, functionName: 'addStake', args: [86_400] }),
        parseEther('1'),
    );

/// An operation for which `paymaster` pays, for tokens if there is a quote.
async function sponsored(
    paymaster: Address,
    draft: Partial<Draft>,
    quote?: { token: Address; rate: bigint; tokensMax: bigint },
): Promise<Partial<Draft>> {
    const full = {
        nonce: 0n,
        callGasLimit: 200_000n,
        verificationGasLimit: 1_500_000n,
        preVerificationGas: 50_000n,
        maxFeePerGas: 2_000_000_000n,
        maxPriorityFeePerGas: 1_000_000_000n,
        signature: '0x' as Hex,
        paymaster,
        paymasterVerificationGasLimit: 200_000n,
        paymasterPostOpGasLimit: 200_000n,
        ...draft,
    } as Draft;
    const [validAfter, validUntil] = [0, (await chain.now()) + 3600];
    const packed = toPackedUserOperation({ ...full, paymasterData: '0x' });
    const contract = { abi: paymasterAbi, address: paymaster };
    const times = concat([uint(validAfter, 6), uint(validUntil, 6)]);
    const hash = quote
        ? await chain.client.readContract({
              ...contract,
              functionName: 'quoteDigest',
              args: [packed, { ...quote, validAfter, validUntil }],
          })
        : await chain.client.readContract({
              ...contract,
              functionName: 'sponsorshipDigest',
              args: [packed, validAfter, validUntil],
          });
    const { r, s, yParity } = await signHash({ hash, privateKey: sponsorKey });
    const signature = concat([r, s, uint(27 + (yParity ?? 0), 1)]);
    const price = quote ? concat([quote.token, uint(quote.rate, 16), uint(quote.tokensMax, 16)]) : '0x';
    return { ...full, paymasterData: concat([price, times, signature]) };
}

async function sponsoredWallet(isDeployed: boolean): Promise<[forms.Place, Partial<Draft>]> {
    const configuration = { signers: [makeSigner('webauthn', 'sponsored')], rules: [everything] };
    const place = await wallet(configuration, isDeployed);
    const { factory } = deployment;
    const creation = isDeployed ? {} : { factory, factoryData: place.source.walletId };
    return [place, { ...operation(place), ...creation }];
}

test('VerifyingPaymaster keeps the rules with stake, and needs it', async () => {
    const [paymaster, tell] = await newPaymaster('VerifyingPaymaster');
    const args = [{ perSender: most, total: most }] as const;
    await tell(encodeFunctionData({ abi: paymasterAbi, functionName: 'setLimits', args }));
    const pay = async (isDeployed: boolean) => {
        const [place, draft] = await sponsoredWallet(isDeployed);
        return checkValidation(chain, await handle(await sponsored(paymaster, draft), short(place)));
    };
    const unstaked = await pay(true);
    assert.deepEqual(rulesOf(unstaked.violations), ['STO-031']);
    assert.ok(unstaked.violations.every(({ phase }) => phase === 'paymaster'));
    await stake(tell);
    keepsTheRules(await pay(true), ['account', 'paymaster']);
    keepsTheRules(await pay(false), ['factory', 'account', 'paymaster']);
});

test('TokenPaymaster keeps the rules with stake, but not where the wallet is deployed', async () => {
    const [paymaster, tell] = await newPaymaster('TokenPaymaster');
    const { contractAddress: token } = await chain.send(null, initCode('TestToken'), 0n, 5_000_000n);
    const abi = paymasterAbi;
    const terms = { limit: most, rateMin: 1n };
    await tell(encodeFunctionData({ abi, functionName: 'setSenderLimit', args: [most] }));
    await tell(encodeFunctionData({ abi, functionName: 'setTerms', args: [token, terms] }));
    await stake(tell);
    const pay = async (isDeployed: boolean) => {
        const [place, draft] = await sponsoredWallet(isDeployed);
        const slot = (key: Address, before: Hex) => keccak256(concat([pad(key), before]));
        const balance = slot(place.wallet, uint(0, 32));
        const allowance = slot(paymaster, slot(place.wallet, uint(1, 32)));
        for (const place_ of [balance, allowance]) {
            await chain.request('anvil_setStorageAt', [token, place_, uint(most, 32)]);
        }
        const paid = await sponsored(paymaster, draft, { token, rate: 10n ** 18n, tokensMax: most });
        return checkValidation(chain, await handle(paid, short(place)));
    };
    keepsTheRules(await pay(true), ['account', 'paymaster']);
    // The factory has no stake, and the token writes down what the sender has left.
    const { violations } = await pay(false);
    assert.deepEqual(rulesOf(violations), ['STO-022']);
    assert.ok(violations.every(({ phase }) => phase === 'paymaster'));
});

// ---------------------------------------------------------------- the check itself

function rulesOf(violations: Findings['violations']): string[] {
    return [...new Set(violations.map(({ rule }) => rule))].sort();
}

const account: Address = '0x00000000000000000000000000000000000b0001';
const helper: Address = '0x00000000000000000000000000000000000b0002';
const nobody: Address = '0x00000000000000000000000000000000000b0003';
const isGood: Hex = '0x5f5f5260205ff3';

/// CALL with this much gas, no data, and value.
function call(to: Address, gas = 50_000, value = 0): Hex {
    return concat(['0x5f5f5f5f60', uint(value, 1), '0x73', to, '0x62', uint(gas, 3), '0xf150']);
}

/// CALL with the data of `selector` and one word.
function callWith(to: Address, selector: Hex, argument: Hex, value = 0): Hex {
    const store = concat(['0x7f', pad(selector, { dir: 'right' }), '0x5f52', '0x73', argument, '0x600452']);
    return concat([store, '0x5f5f60245f60', uint(value, 1), '0x73', to, '0x62', uint(50_000, 3), '0xf150']);
}

/// The rules that an account breaks which runs `program` before it says yes.
async function brokenBy(program: Hex, helperProgram: Hex = '0x00'): Promise<string[]> {
    await chain.request('anvil_setCode', [account, concat([program, isGood])]);
    await chain.request('anvil_setCode', [helper, helperProgram]);
    await chain.request('anvil_setBalance', [account, toHex(parseEther('1'))]);
    const free = { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n };
    const hash = await handle({ sender: account, ...free }, async () => '0x');
    const { violations, phases } = await checkValidation(chain, hash);
    assert.deepEqual(phases, ['account']);
    return rulesOf(violations);
}

test('an account that does nothing breaks nothing', async () => {
    assert.deepEqual(await brokenBy('0x'), []);
});

const opcodes: Record<string, [program: Hex, rule: string]> = {
    ORIGIN: ['0x3250', 'OP-011'],
    GASPRICE: ['0x3a50', 'OP-011'],
    BLOCKHASH: ['0x5f4050', 'OP-011'],
    COINBASE: ['0x4150', 'OP-011'],
    TIMESTAMP: ['0x4250', 'OP-011'],
    NUMBER: ['0x4350', 'OP-011'],
    PREVRANDAO: ['0x4450', 'OP-011'],
    GASLIMIT: ['0x4550', 'OP-011'],
    BASEFEE: ['0x4850', 'OP-011'],
    BLOBHASH: ['0x5f4950', 'OP-011'],
    BLOBBASEFEE: ['0x4a50', 'OP-011'],
    CREATE: ['0x5f5f5ff050', 'OP-011'],
    CREATE2: ['0x5f5f5f5ff550', 'OP-031'],
    GAS: ['0x5a50', 'OP-012'],
    BALANCE: ['0x5f3150', 'OP-080'],
    SELFBALANCE: ['0x4750', 'OP-080'],
};
for (const [name, [program, rule]] of Object.entries(opcodes)) {
    test(`${name} is found, in the account and in what it calls`, async () => {
        assert.deepEqual(await brokenBy(program), [rule]);
        assert.deepEqual(await brokenBy(call(helper), concat([program, '0x00'])), [rule]);
        const delegate = concat(['0x5f5f5f5f73', helper, '0x5af450']);
        assert.deepEqual(await brokenBy(delegate, concat([program, '0x00'])), [rule]);
    });
}

test('opcodes that end a call are found', async () => {
    assert.deepEqual(await brokenBy(call(helper), '0x5fff'), ['OP-011']);
    assert.deepEqual(await brokenBy(call(helper), '0xfe'), ['OP-011']);
    assert.deepEqual(await brokenBy(call(helper), '0x0c'), ['OP-013']);
});

test('GAS is allowed directly before a call', async () => {
    assert.deepEqual(await brokenBy(concat(['0x5f5f5f5f73', helper, '0x5afa50'])), []);
    // GAS PUSH0 POP STATICCALL
    assert.deepEqual(await brokenBy(concat(['0x5f5f5f5f73', helper, '0x5a5f50fa50'])), ['OP-012']);
});

test('running out of gas is found', async () => {
    assert.deepEqual(await brokenBy(call(helper, 100), '0x5b5f56'), ['OP-020']);
    assert.deepEqual(await brokenBy(call(helper), '0x5f5ffd'), []);
});

test('addresses without code are found', async () => {
    for (const opcode of ['0x3b', '0x3f'] as const) {
        assert.deepEqual(await brokenBy(concat(['0x73', nobody, opcode, '0x50'])), ['OP-041']);
        assert.deepEqual(await brokenBy(concat(['0x73', helper, opcode, '0x50'])), []);
    }
    assert.deepEqual(await brokenBy(concat(['0x5f5f5f73', nobody, '0x3c'])), ['OP-041']);
    assert.deepEqual(await brokenBy(call(nobody)), ['OP-041']);
    for (const opcode of ['0xf4', '0xfa'] as const) {
        const asking = concat(['0x5f5f5f5f73', nobody, '0x5a', opcode, '0x50']);
        assert.deepEqual(await brokenBy(asking), ['OP-041']);
    }
});

test('precompiles that are not allowed are found', async () => {
    for (const number of [1, 4, 9, 0x100]) {
        assert.deepEqual(await brokenBy(call(toHex(number, { size: 20 }))), []);
    }
    for (const number of [0x0a, 0x0b, 0x11]) {
        assert.deepEqual(await brokenBy(call(toHex(number, { size: 20 }))), ['OP-062']);
    }
    assert.deepEqual(await brokenBy(call(toHex(0x101, { size: 20 }))), ['OP-041']);
});

test('value to anybody but the EntryPoint is found', async () => {
    assert.deepEqual(await brokenBy(call(helper, 50_000, 1)), ['OP-061']);
    assert.deepEqual(await brokenBy(call(entryPoint08Address, 50_000, 1)), []);
});

test('of the EntryPoint only a deposit for the sender may be asked', async () => {
    const depositTo: Hex = '0xb760faf9';
    const balanceOf: Hex = '0x70a08231';
    assert.deepEqual(await brokenBy(callWith(entryPoint08Address, depositTo, account, 1)), []);
    assert.deepEqual(await brokenBy(callWith(entryPoint08Address, depositTo, helper, 1)), ['OP-054']);
    assert.deepEqual(await brokenBy(callWith(entryPoint08Address, balanceOf, account)), ['OP-054']);
    assert.deepEqual(await brokenBy(concat(['0x73', entryPoint08Address, '0x3b1550'])), []);
    assert.deepEqual(await brokenBy(concat(['0x73', entryPoint08Address, '0x3b50'])), ['OP-054']);
    // By somebody else than the sender.
    const deposit = concat([call(entryPoint08Address, 20_000), '0x00']);
    assert.deepEqual(await brokenBy(call(helper), deposit), ['OP-054']);
});

test('the storage of others is found, unless it is associated with the sender', async () => {
    assert.deepEqual(await brokenBy('0x5f545060015f5560015f5d5f5c50'), []);
    // SLOAD, SSTORE, TLOAD, TSTORE of slot 0.
    for (const program of ['0x5f545000', '0x60015f5500', '0x5f5c5000', '0x60015f5d00'] as const) {
        assert.deepEqual(await brokenBy(call(helper), program), ['STO-010']);
    }
    // In the account's own storage.
    assert.deepEqual(await brokenBy(concat(['0x5f5f5f5f73', helper, '0x5af450']), '0x5f545000'), []);
    // The slot that is the caller; keccak(caller ‖ 7) + n.
    assert.deepEqual(await brokenBy(call(helper), '0x335400'), []);
    const offset = (n: number): Hex => concat(['0x335f52600760205260405f2060', uint(n, 1), '0x015400']);
    assert.deepEqual(await brokenBy(call(helper), offset(0)), []);
    assert.deepEqual(await brokenBy(call(helper), offset(128)), []);
    assert.deepEqual(await brokenBy(call(helper), offset(129)), ['STO-010']);
    // keccak(7 ‖ caller), and keccak(this ‖ 7).
    assert.deepEqual(await brokenBy(call(helper), '0x60075f523360205260405f205400'), ['STO-010']);
    assert.deepEqual(await brokenBy(call(helper), '0x305f52600760205260405f205400'), ['STO-010']);
});

test('a factory that does more than to create the sender is found', async () => {
    const factory: Address = '0x00000000000000000000000000000000000b0004';
    const { violations: none } = await deployedBy(factory, '0x');
    assert.deepEqual(rulesOf(none), []);
    for (const [program, rule] of [
        ['0x5f5450', 'STO-031'],
        ['0x4250', 'OP-011'],
        // Another creation, first.
        ['0x5f5f5f5ff550', 'OP-031'],
        [call(helper), 'STO-033'],
    ] as const) {
        await chain.request('anvil_setCode', [helper, '0x5f5400']);
        const { violations, phases } = await deployedBy(factory, program);
        assert.deepEqual(rulesOf(violations), [rule]);
        assert.ok(violations.every(({ phase }) => phase === 'factory'));
        assert.deepEqual(phases, ['factory', 'account']);
    }
});

/// By a factory that runs `program`, then makes an account with its data as the salt.
async function deployedBy(factory: Address, program: Hex): Promise<Findings> {
    // PUSH7 isGood PUSH0 MSTORE; PUSH1 7 PUSH1 25 RETURN: an init code of 14 bytes.
    const init = concat(['0x66', isGood, '0x5f5260076019f3']);
    const bytes = (init.length - 2) / 2;
    const create = concat(['0x5f35', '0x60', uint(bytes, 1), '0x60', uint(32 - bytes, 1), '0x5ff5']);
    const make = concat(['0x', uint(0x5f + bytes, 1), init, '0x5f52', create, '0x5f5260205ff3']);
    await chain.request('anvil_setCode', [factory, concat([program, make])]);
    const factoryData = uint(++salt, 32);
    const [to, from] = [factory, relayer.address];
    const answer = (await chain.request('eth_call', [{ from, to, data: factoryData }, 'latest'])) as Hex;
    const sender: Address = `0x${answer.slice(26)}`;
    const free = { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n };
    const hash = await handle({ sender, factory, factoryData, ...free }, async () => '0x');
    return checkValidation(chain, hash);
}
