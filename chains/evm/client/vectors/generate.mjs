// SPDX-License-Identifier: Apache-2.0
// Writes viem.json: cases computed by viem, an independent implementation, which the tests of the EVM
// client must agree with. Deterministic: the same versions write the same bytes, which `npm test` checks.
//
//     cd chains/evm/client/vectors && npm ci && npm run generate
//
// Numbers are decimal texts, because JSON's are not wide enough.
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import {
    concat, encodeAbiParameters, getAddress, getContractAddress, getCreate2Address, hashDomain, hashStruct,
    hashTypedData, keccak256, parseAbiParameters, toFunctionSelector, toRlp,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { hashAuthorization } from 'viem/utils';

// A stream of bytes that is the same in every run.
let state = 1n;
function random_bytes(count) {
    const out = [];
    while (out.length < count) {
        const block = keccak256(`0x${(state++).toString(16).padStart(64, '0')}`);
        for (let i = 2; i < 66; i += 2) out.push(block.slice(i, i + 2));
    }
    return `0x${out.slice(0, count).join('')}`;
}
const random_number = (bytes) => (bytes === 0 ? 0n : BigInt(random_bytes(bytes)));
const below = (bound) => Number(random_number(6) % BigInt(bound));
const pick = (list) => list[below(list.length)];
const times = (count, make) => Array.from({ length: count }, (_, index) => make(index));
const random_text = () => pick(['', 'a', 'Hello, Bob!', 'grüße', '鍵', 'x'.repeat(32), 'y'.repeat(33), 'line\nbreak "quoted"']);
const random_address = () => getAddress(random_bytes(20));

// JSON has no big numbers.
const plain = (value) =>
    typeof value === 'bigint' || typeof value === 'number' ? value.toString()
        : Array.isArray(value) ? value.map(plain)
            : value;

function addresses() {
    return times(40, (index) => {
        const address = random_address();
        const nonce = [0n, 1n, 127n, 128n, 255n, 256n, 65535n, (1n << 64n) - 2n][index] ?? random_number(below(7) + 1);
        const salt = random_bytes(32);
        const init_code_hash = random_bytes(32);
        return {
            address,
            nonce: plain(nonce),
            create: getContractAddress({ from: address, nonce }),
            salt,
            init_code_hash,
            create2: getCreate2Address({ from: address, salt, bytecodeHash: init_code_hash }),
        };
    });
}

function rlp() {
    const sizes = [0, 1, 2, 31, 54, 55, 56, 57, 255, 256, 300];
    const item = (depth) => {
        if (depth === 0 || below(3) === 0) return random_bytes(pick(sizes));
        return times(below(6), () => item(depth - 1));
    };
    const fixed = ['0x', '0x00', '0x7f', '0x80', [], [[]], [[], [[]], [[], [[]]]],
        random_bytes(1024), times(60, () => '0x01')];
    return [...fixed, ...times(20, () => item(4))].map((value) => ({ value, encoded: toRlp(value) }));
}

// A type of the ABI and a random value of it.
function elementary() {
    return pick([
        () => {
            const bits = 8 * (1 + below(32));
            const value = random_number(below(bits / 8 + 1));
            return { type: `uint${bits}`, value };
        },
        () => {
            const bits = 8 * (1 + below(32));
            const half = 1n << BigInt(bits - 1);
            const value = pick([0n, -1n, half - 1n, -half, random_number(bits / 8) % half, -(random_number(bits / 8) % half)]);
            return { type: `int${bits}`, value };
        },
        () => ({ type: 'address', value: random_address() }),
        () => ({ type: 'bool', value: pick([true, false]) }),
        () => {
            const size = 1 + below(32);
            return { type: `bytes${size}`, value: random_bytes(size) };
        },
        () => ({ type: 'bytes', value: random_bytes(pick([0, 1, 31, 32, 33, 64, 100])) }),
        () => ({ type: 'string', value: random_text() }),
    ])();
}

// The type with another value of the same shape where the shape may differ: arrays hold copies.
function any(depth) {
    const kind = depth === 0 ? 0 : below(4);
    if (kind < 2) return elementary();
    if (kind === 2) {
        const members = times(1 + below(4), () => any(depth - 1));
        return { type: `(${members.map(({ type }) => type).join(',')})`, value: members.map(({ value }) => value) };
    }
    const member = any(depth - 1);
    const length = below(4);
    const is_fixed = length > 0 && below(2) === 0;
    return { type: `${member.type}[${is_fixed ? length : ''}]`, value: times(length, () => member.value) };
}

// viem wants tuples without names as arrays, which is what the cases hold.
function abi() {
    return times(80, () => {
        const all = times(1 + below(5), () => any(3));
        const types = all.map(({ type }) => type);
        const values = all.map(({ value }) => value);
        const encoded = encodeAbiParameters(parseAbiParameters(types.join(',')), values);
        const signature = `f(${types.join(',')})`;
        return { types, values: plain(values), encoded, selector: toFunctionSelector(signature) };
    });
}

function typed_data() {
    return times(40, (index) => {
        const names = ['Person', 'Order', 'Asset', 'Z', 'a_1'].slice(0, 1 + below(5));
        const types = {};
        const make = {};
        // A structure refers only to those after it, so that values end.
        for (const [at, name] of [...names.entries()].reverse()) {
            const fields = times(below(5), (number) => {
                const refers = at + 1 < names.length && below(2) === 0;
                const inner = refers
                    ? (() => {
                        const other = pick(names.slice(at + 1));
                        return { type: other, make: () => make[other]() };
                    })()
                    : (() => {
                        const one = elementary();
                        return { type: one.type, make: () => one.value };
                    })();
                let { type, make: build } = inner;
                for (let dimensions = below(3); dimensions > 0; dimensions--) {
                    const length = below(4);
                    const of = build;
                    const is_fixed = length > 0 && below(2) === 0;
                    type += `[${is_fixed ? length : ''}]`;
                    build = () => times(length, of);
                }
                return { name: `field${number}`, type, build };
            });
            types[name] = fields.map(({ name: field, type }) => ({ name: field, type }));
            make[name] = () => Object.fromEntries(fields.map(({ name: field, build }) => [field, build()]));
        }
        const primaryType = names[0];
        const message = make[primaryType]();
        const domain = {};
        if (index & 1) domain.name = random_text();
        if (index & 2) domain.version = '1';
        if (index & 4) domain.chainId = random_number(below(5));
        if (index & 8) domain.verifyingContract = random_address();
        if (index & 16) domain.salt = random_bytes(32);
        const domainTypes = [['name', 'string'], ['version', 'string'], ['chainId', 'uint256'],
            ['verifyingContract', 'address'], ['salt', 'bytes32']]
            .filter(([name]) => name in domain).map(([name, type]) => ({ name, type }));
        // The members' values in the order of the fields.
        const flatten = (type, value) => {
            const array = type.match(/^(.*)\[\d*\]$/);
            if (array) return value.map((one) => flatten(array[1], one));
            return types[type] ? types[type].map((field) => flatten(field.type, value[field.name])) : plain(value);
        };
        return {
            structs: Object.entries(types).map(([name, fields]) => ({ name, fields })),
            primary: primaryType,
            value: flatten(primaryType, message),
            domain: Object.fromEntries(Object.entries(domain).map(([name, value]) => [name, plain(value)])),
            separator: hashDomain({ domain, types: { EIP712Domain: domainTypes } }),
            hash: hashStruct({ data: message, primaryType, types }),
            digest: hashTypedData({ domain, types: { ...types, EIP712Domain: domainTypes }, primaryType, message }),
        };
    });
}

async function transactions() {
    const out = [];
    for (let index = 0; index < 45; index++) {
        const key = random_bytes(32);
        const account = privateKeyToAccount(key);
        const type = ['legacy', 'eip1559', 'eip7702'][index % 3];
        const maxFeePerGas = random_number(1 + below(6));
        const fields = {
            type,
            chainId: 1 + Number(random_number(below(5))),
            nonce: Number(random_number(below(5))),
            gas: random_number(below(5)),
            to: type === 'eip7702' || below(4) > 0 ? random_address() : undefined,
            value: random_number(below(12)),
            data: random_bytes(pick([0, 1, 4, 55, 56, 68, 300])),
        };
        if (type === 'legacy') {
            fields.gasPrice = maxFeePerGas;
        } else {
            fields.maxFeePerGas = maxFeePerGas;
            fields.maxPriorityFeePerGas = maxFeePerGas === 0n ? 0n : random_number(6) % maxFeePerGas;
            fields.accessList = times(below(3), () => ({
                address: random_address(),
                storageKeys: times(below(3), () => random_bytes(32)),
            }));
        }
        const authorizations = [];
        if (type === 'eip7702') {
            fields.authorizationList = [];
            for (let count = 1 + below(3); count > 0; count--) {
                const authority_key = random_bytes(32);
                const authority = privateKeyToAccount(authority_key);
                const request = {
                    chainId: Number(random_number(below(4))),
                    address: random_address(),
                    nonce: Number(random_number(below(5))),
                };
                fields.authorizationList.push(await authority.signAuthorization(request));
                authorizations.push({
                    key: authority_key,
                    authority: authority.address,
                    chain_id: plain(request.chainId),
                    delegate: request.address,
                    nonce: plain(request.nonce),
                    hash: hashAuthorization(request),
                });
            }
        }
        const raw = await account.signTransaction(fields);
        out.push({
            key,
            sender: account.address,
            type,
            chain_id: plain(fields.chainId),
            nonce: plain(fields.nonce),
            gas_limit: plain(fields.gas),
            max_fee_per_gas: plain(maxFeePerGas),
            max_priority_fee_per_gas: plain(fields.maxPriorityFeePerGas ?? maxFeePerGas),
            to: fields.to ?? null,
            value: plain(fields.value),
            data: fields.data,
            access_list: (fields.accessList ?? [])
                .map(({ address, storageKeys }) => ({ address, storage_keys: storageKeys })),
            authorizations,
            raw,
            hash: keccak256(concat([raw])),
        });
    }
    return out;
}

// The text of viem.json, one case a line.
export async function make_vectors() {
    state = 1n;
    const all = {
        made_by: 'viem 2.48.0 with ox 0.14.17; see generate.mjs',
        addresses: addresses(),
        rlp: rlp(),
        abi: abi(),
        typed_data: typed_data(),
        transactions: await transactions(),
    };
    const sections = Object.entries(all).map(([name, cases]) => {
        const text = Array.isArray(cases)
            ? `[\n${cases.map((one) => `    ${JSON.stringify(one)}`).join(',\n')}\n  ]`
            : JSON.stringify(cases);
        return `  ${JSON.stringify(name)}: ${text}`;
    });
    return `{\n${sections.join(',\n')}\n}\n`;
}

export const kVectors = new URL('viem.json', import.meta.url);

if (import.meta.url === pathToFileURL(process.argv[1]).href) writeFileSync(kVectors, await make_vectors());
