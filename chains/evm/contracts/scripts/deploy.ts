// SPDX-License-Identifier: Apache-2.0
// Puts the contracts on a chain, each at the address that it has everywhere.
//
//   scripts/deploy.ts addresses --program HEX
//   scripts/deploy.ts deploy --program HEX --rpc URL --key FILE [--dry-run]
//   scripts/deploy.ts verify --program HEX --rpc URL
//
// --program: the Solana program that wallet ids are derived from, 32 bytes. --key: a file with a private
// key in hex that pays; it has no rights over anything afterwards. What is there already is left alone.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import {
    concat,
    createPublicClient,
    createWalletClient,
    formatEther,
    getContractAddress,
    http,
    isHex,
    keccak256,
    pad,
    type Address,
    type Hex,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

import { deployer, initCode } from './wallet/anvil.ts';
import { sizeOf, uint } from './wallet/bytes.ts';

interface Contract {
    name: string;
    address: Address;
    bytecode: Hex;
}

const salt = uint(0, 32);

function contracts(program: Hex): Contract[] {
    const made = (name: string, bytecode: Hex): Contract => ({
        name,
        bytecode,
        address: getContractAddress({ opcode: 'CREATE2', from: deployer, salt, bytecode }),
    });
    const actions = made('WalletActions', initCode('WalletActions'));
    const standards = made('WalletStandards', initCode('WalletStandards'));
    const words = [program, pad(actions.address), pad(standards.address)];
    const factory = made('Factory', concat([initCode('Factory'), ...words]));
    const verifier = made('P256Verifier', initCode('P256Verifier'));
    return [verifier, actions, standards, factory, made('Relay', initCode('Relay'))];
}

function fail(message: string): never {
    console.error(`deploy: ${message}`);
    process.exit(1);
}

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
        program: { type: 'string' },
        rpc: { type: 'string' },
        key: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
    },
});
const command = positionals[0];
const program = values.program ?? fail('name the Solana program with --program HEX');
if (!isHex(program) || sizeOf(program) !== 32) {
    fail('--program is 0x and 64 hex digits');
}
const all = contracts(program);
const wallet = getContractAddress({ from: all[3].address, nonce: 1n });

if (command === 'addresses') {
    for (const { name, address, bytecode } of all) {
        console.log(`${name.padEnd(16)} ${address}  init code ${keccak256(bytecode)}`);
    }
    console.log(`${'Wallet'.padEnd(16)} ${wallet}  made by Factory`);
    process.exit(0);
}
if (command !== 'deploy' && command !== 'verify') {
    fail('say addresses, deploy or verify');
}
const transport = http(values.rpc ?? fail('name a node with --rpc URL'));
const client = createPublicClient({ transport });
const chainId = await client.getChainId();
console.log(`chain ${chainId}`);
if (!(await client.getCode({ address: deployer }))) {
    fail(`this chain has no deterministic deployer at ${deployer}; see docs/deploying.md`);
}
let missing = 0;
for (const { name, address, bytecode } of all) {
    const code = await client.getCode({ address });
    if (code) {
        console.log(`${name.padEnd(16)} ${address}  there, ${sizeOf(code)} bytes, ${keccak256(code)}`);
        continue;
    }
    ++missing;
    if (command === 'verify' || values['dry-run']) {
        console.log(`${name.padEnd(16)} ${address}  missing`);
        continue;
    }
    const file = values.key ?? fail('name a file with the key that pays with --key FILE');
    const account = privateKeyToAccount(readFileSync(file, 'utf8').trim() as Hex);
    const sender = createWalletClient({ account, transport });
    const data = concat([salt, bytecode]);
    const hash = await sender.sendTransaction({ chain: null, to: deployer, data });
    const receipt = await client.waitForTransactionReceipt({ hash });
    if (!(await client.getCode({ address }))) {
        fail(`${name} was not made; look at ${hash}`);
    }
    const paid = formatEther(receipt.gasUsed * receipt.effectiveGasPrice);
    console.log(`${name.padEnd(16)} ${address}  made for ${paid}, gas ${receipt.gasUsed}`);
    --missing;
}
const present = Boolean(await client.getCode({ address: wallet }));
console.log(`${'Wallet'.padEnd(16)} ${wallet}  ${present ? 'there' : 'missing'}`);
process.exit(missing === 0 && present ? 0 : 1);
