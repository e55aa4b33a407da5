// SPDX-License-Identifier: Apache-2.0
// Writes cases.json: leaves, digests, addresses and signed calldata computed by viem and noble-curves, with an
// encoder of its own, which the C++ library must agree with. Deterministic: the same versions write the same bytes.
//
//     cd chains/evm/contracts && npm ci && node ../wallet/vectors/generate.mjs
//
// Numbers are decimal texts, because JSON's are not wide enough.
import { writeFileSync } from 'node:fs';

const modules = new URL('../../contracts/node_modules/', import.meta.url);
const load = (path) => import(new URL(path, modules));
const {
    concat, encodeAbiParameters, encodeFunctionData, getAddress, getContractAddress, hashDomain, hashMessage, hashStruct,
    hashTypedData, hexToBytes, keccak256, serializeErc6492Signature, sha256, size, slice, stringToHex, toHex,
} = await load('viem/_esm/index.js');
const erc7739 = await load('viem/_esm/experimental/erc7739/index.js');
const erc7821 = await load('viem/_esm/experimental/erc7821/index.js');
const erc4337 = await load('viem/_esm/account-abstraction/index.js');
const { p256 } = await load('@noble/curves/esm/nist.js');
const { secp256k1 } = await load('@noble/curves/esm/secp256k1.js');

let state = 1n;
const random = (count) => {
    let out = '0x';
    while (size(out) < count) out = concat([out, keccak256(toHex(state++, { size: 32 }))]);
    return slice(out, 0, count);
};
const number = (bytes) => BigInt(random(bytes));
const address = () => getAddress(random(20));
const u = (value, bytes) => toHex(BigInt(value), { size: bytes });
const plain = (value) =>
    typeof value === 'bigint' ? value.toString()
        : Array.isArray(value) ? value.map(plain)
            : value !== null && typeof value === 'object'
                ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]))
                : value;

// ---- leaves

const fields = (text) => text.split(',').map((one) => ({ type: one.split(' ')[0], name: one.split(' ')[1] }));
const kHead = 'uint256 chain,address wallet,bytes32 configuration,uint8 rule';
const kOccasion = 'uint256 nonce,uint40 deadline,address executor';
const kTypes = {
    Call: fields('address to,uint256 value,bytes data'),
    Execute: fields(`${kHead},${kOccasion},Call[] calls`),
    ExecuteWithGas: fields(`${kHead},${kOccasion},Call[] calls,uint32 gas`),
    Grant: fields(`${kHead},${kOccasion},bytes localRule`),
    Revoke: fields(`${kHead},${kOccasion},bytes32 localRuleId`),
    Upgrade: fields(`${kHead},${kOccasion},address implementation,bytes32 codeHash`),
    Message: fields(`${kHead},bytes32 hash`),
    UserOperation: fields(`${kHead},uint40 deadline,address entryPoint,bytes32 userOpHash`),
    Adopt: fields('uint256 chain,address wallet,bytes32 walletId'),
    Change: fields('bytes32 wallet,bytes32 parent,uint8 action,uint8 rule,uint32 epoch,bytes32 content'),
};
const kDomain = { name: 'Latchkey', version: '1' };
const typesOf = (primaryType) => primaryType.startsWith('Execute')
    ? { [primaryType]: kTypes[primaryType], Call: kTypes.Call } : { [primaryType]: kTypes[primaryType] };
const leafOf = (primaryType, message) => hashStruct({ data: message, types: typesOf(primaryType), primaryType });
const digestOf = (primaryType, message) =>
    hashTypedData({ domain: kDomain, types: typesOf(primaryType), primaryType, message });

const callOf = () => ({ to: address(), value: number(1 + Number(number(1) % 32n)), data: random(Number(number(1)) % 100) });
const sample = {
    uint256: () => number(8), uint8: () => number(1) % 16n, uint40: () => number(5), uint32: () => number(4),
    address, bytes32: () => random(32), bytes: () => random(Number(number(1))),
    'Call[]': () => Array.from({ length: Number(number(1) % 5n) }, callOf),
};
function leaves() {
    const out = [];
    for (const primaryType of Object.keys(kTypes).filter((name) => name !== 'Call')) {
        for (let i = 0; i < 8; ++i) {
            const message = Object.fromEntries(kTypes[primaryType].map(({ type, name }) => [name, sample[type]()]));
            if ('nonce' in message) message.nonce = number(16);
            if (i === 0 && 'deadline' in message) message.deadline = (1n << 40n) - 1n;
            if (primaryType === 'Change') message.action = [4n, 11n, 13n, 14n][i % 4];
            // Of a change, the content itself is what the library is given.
            const content = primaryType === 'Change' ? random(i * 7) : undefined;
            if (content) message.content = keccak256(content);
            out.push(plain({ type: primaryType, message, content, leaf: leafOf(primaryType, message),
                digest: digestOf(primaryType, message) }));
        }
    }
    return out;
}

// ---- addresses

const kDeployer = '0x4e59b44847b379578588920cA78FbF26c0B4956C';
const deployed = (code) => getContractAddress({ opcode: 'CREATE2', from: kDeployer, salt: u(0, 32), bytecode: code });
const cloneCode = (wallet) =>
    concat(['0x60318060095f395ff35f5f3615602f57365f5f37365f73', wallet, '0x5af43d5f5f3e5f3d91602f57fd5bf3']);
const walletAddress = (factory, implementation, walletId) =>
    getContractAddress({ opcode: 'CREATE2', from: factory, salt: walletId, bytecode: cloneCode(implementation) });
function deployments() {
    return Array.from({ length: 4 }, () => {
        const [program, actionsCode, standardsCode, factoryCode] = [random(32), random(90), random(70), random(50)];
        const [actions, standards] = [deployed(actionsCode), deployed(standardsCode)];
        const factory = deployed(concat([factoryCode, encodeAbiParameters(
            [{ type: 'bytes32' }, { type: 'address' }, { type: 'address' }], [program, actions, standards])]));
        const wallet = getContractAddress({ from: factory, nonce: 1n });
        const [walletId, account, genesis] = [random(32), address(), random(60)];
        return {
            program, actionsCode, standardsCode, factoryCode, actions, standards, factory, wallet, walletId,
            address: walletAddress(factory, wallet, walletId), account, genesis,
            accountId: keccak256(concat([keccak256(stringToHex('Latchkey account 1')), u(account, 32), genesis])),
        };
    });
}

// ---- calldata of the short form

const kKinds = { eip712: 2, eip191: 3, p256: 4, webauthn: 5 };
const kRp = 'wallet.example.com';
const bytes = (hex) => hexToBytes(hex);
function signer(kind, seed, host = kRp) {
    const secret = bytes(keccak256(stringToHex(`seed ${kind} ${seed}`)));
    const head = u(kKinds[kind] | (kind === 'webauthn' ? 0x20 : 0), 1);
    if (kind === 'eip712' || kind === 'eip191') {
        const key = toHex(secp256k1.getPublicKey(secret, false).slice(1));
        return { kind, secret, entry: concat([head, slice(keccak256(key), 12)]) };
    }
    const point = toHex(p256.getPublicKey(secret, true));
    const y = toHex(p256.getPublicKey(secret, false).slice(33));
    const rpIdHash = sha256(stringToHex(kRp));
    if (kind === 'p256') return { kind, secret, y, entry: concat([head, point]) };
    return { kind, secret, y, host, rpIdHash, entry: concat([head, point, rpIdHash]), short: concat([u(0x65, 1), point]) };
}
function letters(digest) {
    const all = [...bytes(digest)];
    return String.fromCharCode(...all.map((x) => 65 + (x >> 4)), ...all.map((x) => 65 + (x & 15)));
}
function approve(one, digest, hasHost) {
    if (one.kind === 'eip712' || one.kind === 'eip191') {
        const hash = one.kind === 'eip712' ? digest
            : keccak256(concat([stringToHex('\x19Ethereum Signed Message:\n32'), digest]));
        const made = secp256k1.sign(bytes(hash), one.secret, { lowS: true });
        return concat([u(made.r, 32), u(made.s | (BigInt(made.recovery) << 255n), 32)]);
    }
    let hash = sha256(digest), extra = '0x', tail = '0x';
    if (one.kind === 'webauthn') {
        const end = `","origin":"https://${one.host}","crossOrigin":false}`;
        extra = concat([u(5, 1), u(7, 4)]);
        hash = sha256(concat([one.rpIdHash, extra, sha256(stringToHex(
            `{"type":"webauthn.get","challenge":"${letters(digest)}${end}`))]));
        if (!hasHost) tail = concat([u(end.length, 2), stringToHex(end)]);
    }
    const made = p256.sign(bytes(hash), one.secret, { lowS: true, prehash: false });
    return concat([u(made.r, 32), u(made.s, 32), one.y, extra, tail]);
}
const amount = (value) => {
    const hex = value === 0n ? '' : toHex(value).slice(2);
    const even = hex.length % 2 ? `0${hex}` : hex;
    return concat([u(even.length / 2, 1), `0x${even}`]);
};
const callBytes = ({ to, value, data }) => concat([to, amount(value), u(size(data), 3), data]);
const transfer = (to, value) => encodeFunctionData({
    abi: [{ type: 'function', name: 'transfer', inputs: [{ type: 'address' }, { type: 'uint256' }], outputs: [] }],
    functionName: 'transfer', args: [to, value],
});
const kChain = 137n;
const kTag = keccak256(stringToHex('Latchkey configuration 1'));

function execute({ signers, approvers, form, fee, executor, deadline = (1n << 40n) - 1n }) {
    const mask = signers.length === 1 ? '0x' : u((1 << signers.length) - 1, 1);
    const rule = (actions) => concat([u(actions, 1), u(approvers.length - 1, 1), mask]);
    const isLocal = form === 'local';
    const salt = form === 'genesis' ? '0x03' : '0x';
    const rest = isLocal ? rule(1) : concat([rule(0x0f), salt]);
    const head = isLocal ? u(signers.length - 1, 1) : concat(['0x10', u(signers.length - 1, 1)]);
    const passkey = approvers.map((i) => signers[i]).find((one) => one.kind === 'webauthn');
    const full = concat([head, ...signers.map((one) => one.entry), rest]);
    const packed = concat([head, ...signers.map((one) => (passkey && one.short) || one.entry), rest]);
    const [program, wallet, factory, sender] = [random(32), address(), address(), address()];
    const genesisId = sha256(concat([form === 'genesis' ? full : random(40), program, stringToHex('ProgramDerivedAddress')]));
    let configuration = genesisId, proof = '0x';
    if (form === 'policy') {
        const parent = random(32);
        proof = concat([genesisId, parent]);
        configuration = keccak256(concat([kTag, proof, u(4, 32), u(0, 32), u(0, 32), keccak256(full)]));
    } else if (form === 'recovery') {
        const commitment = random(32);
        proof = concat([genesisId, commitment, u(0x81, 1), u(9, 4)]);
        configuration = keccak256(concat([kTag, genesisId, commitment, u(14, 32), u(0x81, 32), u(9, 32), keccak256(full)]));
    } else if (isLocal) {
        const [ruleId, configId, other] = [random(32), random(32), random(32)];
        configuration = keccak256(concat([keccak256(stringToHex('Latchkey local rule 1')), genesisId, configId, u(5, 4), full]));
        proof = concat([ruleId, genesisId, configId, u(5, 4), u(2, 1), other]);
    }
    const plainCalls = [{ to: address(), value: 0n, data: random(40) }, { to: address(), value: 10n ** 18n, data: '0x' }];
    const calls = fee ? [...plainCalls, { to: plainCalls[0].to, value: 0n, data: transfer(sender, fee) }] : plainCalls;
    const sequence = number(3);
    const message = { chain: kChain, wallet, configuration, rule: isLocal ? 0x40 : 0, nonce: sequence, deadline,
        executor: executor ? sender : `0x${'00'.repeat(20)}`, calls };
    const digest = digestOf('Execute', message);
    const headByte = { genesis: 0x40, policy: 0x40, recovery: 0x30, local: 0x50 }[form]
        | (executor ? 2 : 0) | (fee ? 4 : 0) | (passkey ? 8 : 0);
    const host = passkey
        ? concat([u(passkey.host.length, 1), u(passkey.host.length - kRp.length, 1), stringToHex(passkey.host)]) : '0x';
    return plain({
        form, wallet, program, walletId: genesisId, sequence, sender, digest, approvers,
        calldata: concat([u(headByte, 1), u(isLocal ? 1 : 0, 1), u(deadline, 5), u(approvers.reduce((m, i) => m | 1 << i, 0), 2),
            u(size(rest), 2), u(calls.length - 1, 1), host, packed, proof, ...plainCalls.map(callBytes),
            fee ? amount(fee) : '0x', ...approvers.map((i) => approve(signers[i], digest, passkey))]),
    });
}
function shortForms() {
    const out = [];
    for (const form of ['genesis', 'policy', 'recovery', 'local']) {
        const [a, b, c, d] = [signer('webauthn', 1, `app.${kRp}`), signer('eip712', 2), signer('p256', 3), signer('eip191', 4)];
        out.push(execute({ form, signers: [a], approvers: [0] }));
        out.push(execute({ form, signers: [a, b], approvers: [0, 1], executor: true, deadline: 1700000000n }));
        out.push(execute({ form, signers: [b, c, d], approvers: [0, 2], fee: 12345678n, executor: true }));
        out.push(execute({ form, signers: [d, c, b, a], approvers: [0, 1, 2, 3], fee: 1n }));
    }
    return out;
}

// ---- messages (ERC-1271, 7739, 6492)

function personalMessages() {
    return ['', 'hello', 'x'.repeat(100), 'grüße 鍵', 'line\nbreak'].map((text) => {
        const wallet = address();
        const verifierDomain = { ...kDomain, chainId: Number(kChain), verifyingContract: wallet };
        return { text, wallet, hash: hashMessage(text), digest: erc7739.hashMessage({ message: text, verifierDomain }) };
    });
}
function typedMessages() {
    const person = [{ name: 'name', type: 'string' }, { name: 'wallet', type: 'address' }];
    const bob = () => ({ name: 'Bob', wallet: address() });
    // EIP-712 puts the other structures in alphabetical order. If the contents' own is not the first of them, the
    // description must name it.
    return [
        { primaryType: 'Mail', types: { Mail: [{ name: 'text', type: 'string' }] }, message: { text: 'Hello, Bob!' } },
        { primaryType: 'Mail', types: { Mail: [{ name: 'to', type: 'Person' }], Person: person }, message: { to: bob() } },
        { primaryType: 'Order', types: { Order: [{ name: 'by', type: 'Leg[]' }], Leg: person },
            message: { by: [bob(), bob()] }, description: 'Leg(string name,address wallet)Order(Leg[] by)Order' },
    ].map(({ description, ...typed }) => {
        const wallet = address();
        const data = { ...typed, domain: { name: 'Application', version: '3', chainId: 5, verifyingContract: address() } };
        const verifierDomain = { ...kDomain, chainId: Number(kChain), verifyingContract: wallet, salt: u(0, 32) };
        const wrapped = erc7739.wrapTypedDataSignature({ ...data, signature: '0x' });
        const suffix = description === undefined ? wrapped
            : concat([slice(wrapped, 0, 64), stringToHex(description), u(description.length, 2)]);
        return {
            wallet, domain: slice(suffix, 0, 32), contents: hashStruct({ ...typed, data: typed.message }),
            description: Buffer.from(bytes(slice(suffix, 64, -2))).toString(), suffix, hash: hashTypedData(data),
            digest: erc7739.hashTypedData({ ...data, verifierDomain }),
        };
    });
}
function undeployed() {
    return [0, 1, 31, 32, 300].map((length) => {
        const [factory, walletId, signature] = [address(), random(32), length === 0 ? '0x' : random(length)];
        return { factory, walletId, signature,
            wrapped: serializeErc6492Signature({ address: factory, data: walletId, signature }) };
    });
}

// ---- ERC-7821

function batch(calls, { executor, deadline, gas, lane } = {}) {
    const one = signer('eip712', 5);
    const configuration = concat(['0x10', u(0, 1), one.entry, u(1, 1), u(0, 1), u(3, 1)]);
    const [wallet, sender, walletId, sequence] = [address(), address(), random(32), number(4)];
    const leaf = { chain: kChain, wallet, configuration: walletId, rule: 0, nonce: (lane ?? 0n) << 64n | sequence,
        deadline: deadline ?? (1n << 40n) - 1n, executor: executor ? sender : `0x${'00'.repeat(20)}`, calls };
    const digest = gas === undefined ? digestOf('Execute', leaf) : digestOf('ExecuteWithGas', { ...leaf, gas });
    const flags = (executor ? 2 : 0) | (deadline ? 4 : 0) | (lane ? 8 : 0) | (gas === undefined ? 0 : 16);
    const opData = concat([u(0x71, 1), u(flags, 1), u(0, 1), u(0, 1), u(size(configuration), 2), configuration, u(1, 2),
        deadline ? u(deadline, 5) : '0x', gas === undefined ? '0x' : u(gas, 4), lane ? u(lane, 8) : '0x',
        approve(one, digest)]);
    return plain({ wallet, walletId, sequence, sender, digest, calls, opData,
        calldata: erc7821.encodeExecuteData({ calls, opData }) });
}
function batches() {
    const calls = (count) => Array.from({ length: count }, callOf);
    return [
        batch(calls(1)), batch(calls(2), { executor: true }), batch(calls(16), { deadline: 1700000000n }),
        batch(calls(3), { gas: 100000n, lane: 7n }),
    ];
}

// ---- user operations (ERC-4337)

function userOperations() {
    const out = [];
    for (const version of ['0.7', '0.8', '0.9']) {
        const entryPoint = erc4337[`entryPoint${version.replace('.', '')}Address`];
        for (let i = 0; i < 8; ++i) {
            const operation = {
                sender: address(), nonce: number(24), callData: random(1 + i * 13), verificationGasLimit: number(3 + i),
                callGasLimit: number(16), preVerificationGas: number(4), maxPriorityFeePerGas: number(5),
                maxFeePerGas: number(1 + i), signature: random(65),
            };
            if (i & 1) Object.assign(operation, { factory: address(), factoryData: random(32) });
            if (i & 2) {
                Object.assign(operation, { paymaster: address(), paymasterVerificationGasLimit: number(3),
                    paymasterPostOpGasLimit: number(2), paymasterData: random(1 + i) });
            }
            if (i === 4 && version !== '0.7') {
                Object.assign(operation, { factory: '0x7702000000000000000000000000000000000000', factoryData: '0x0102',
                    authorization: { address: address() } });
            }
            if (i >= 6 && version === '0.9') operation.paymasterSignature = random(66);
            const hash = erc4337.getUserOperationHash({ chainId: Number(kChain), entryPointAddress: entryPoint,
                entryPointVersion: version, userOperation: operation });
            const packed = erc4337.toPackedUserOperation(operation);
            const beneficiary = address();
            const calldata = encodeFunctionData({ abi: erc4337.entryPoint08Abi, functionName: 'handleOps',
                args: [[packed, packed], beneficiary] });
            out.push(plain({ version, entryPoint, operation, packed, hash, beneficiary, calldata }));
        }
    }
    return out;
}

const out = { chain: kChain.toString(), leaves: leaves(), deployments: deployments(), short_forms: shortForms(),
    personal_messages: personalMessages(), typed_messages: typedMessages(), undeployed: undeployed(), batches: batches(),
    user_operations: userOperations() };
writeFileSync(new URL('cases.json', import.meta.url), `${JSON.stringify(out, null, 1)}\n`);
