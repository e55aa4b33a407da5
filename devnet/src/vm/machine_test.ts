// SPDX-License-Identifier: Apache-2.0
//
// The binding aborts the process on bytes it cannot decode. Here thousands of well-formed but
// senseless transactions go into the real VM: if one of them aborts it, this test ends with a
// signal.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { address_bytes } from '../wire/addresses.ts';
import {
    type Instruction,
    Keypair,
    build_transaction,
    create_account,
    transfer,
    u32_le,
} from '../wire/builder.ts';
import { from_base58 } from '../wire/text.ts';
import { type Transaction, decode_transaction } from '../wire/transaction.ts';
import { deploy_program, machine_target } from './deploy.ts';
import { Machine } from './machine.ts';
import { tiny_program } from '../../test/elf.ts';

/** xorshift64: the same transactions in every run. */
class Random {
    #state: bigint;

    constructor(seed: bigint) {
        this.#state = seed;
    }

    below(bound: number): number {
        this.#state ^= (this.#state << 13n) & 0xffff_ffff_ffff_ffffn;
        this.#state ^= this.#state >> 7n;
        this.#state ^= (this.#state << 17n) & 0xffff_ffff_ffff_ffffn;
        return Number(this.#state % BigInt(bound));
    }

    pick<T>(list: readonly T[]): T {
        return list[this.below(list.length)]!;
    }
}

const kPrograms = [
    '11111111111111111111111111111111',
    'ComputeBudget111111111111111111111111111111',
    'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
    'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb',
    'Secp256r1SigVerify1111111111111111111111111',
    'KeccakSecp256k11111111111111111111111111111',
    'Ed25519SigVerify111111111111111111111111111',
    'AddressLookupTab1e1111111111111111111111111',
    'BPFLoaderUpgradeab1e11111111111111111111111',
    'BPFLoader2111111111111111111111111111111111',
    'Vote111111111111111111111111111111111111111',
    'Stake11111111111111111111111111111111111111',
    'Config1111111111111111111111111111111111111',
    'Sysvar1nstructions1111111111111111111111111',
    'SysvarC1ock11111111111111111111111111111111',
    'NativeLoader1111111111111111111111111111111',
    'LoaderV411111111111111111111111111111111111',
].map(address_bytes);

class Generator {
    readonly #random: Random;
    readonly #payer: Keypair;
    readonly #keys: readonly Uint8Array[];
    readonly #lifetime: Uint8Array;

    constructor(random: Random, payer: Keypair, lifetime: Uint8Array) {
        this.#random = random;
        this.#payer = payer;
        this.#keys = [payer.address, ...kPrograms, new Uint8Array(32).fill(5)];
        this.#lifetime = lifetime;
    }

    #data(): Uint8Array {
        // Most programs number their instructions with a small u32 or u8 in front.
        return Uint8Array.from({ length: this.#random.below(40) }, (_, index) =>
            index === 0 ? this.#random.below(16) : index < 4 ? 0 : this.#random.below(256),
        );
    }

    #legacy(): Buffer {
        const instructions = Array.from({ length: this.#random.below(4) }, () => ({
            program: this.#random.pick(this.#keys),
            accounts: Array.from({ length: this.#random.below(6) }, () => ({
                address: this.#random.pick(this.#keys),
                signer: this.#random.below(4) === 0,
                writable: this.#random.below(2) === 0,
            })),
            data: this.#data(),
        }));
        return Buffer.from(build_transaction([this.#payer], instructions, this.#lifetime));
    }

    #v0(legacy: Buffer): Buffer {
        const message = 1 + 64 * legacy[0]!;
        const lookup = [1, ...this.#random.pick(this.#keys), 1, this.#random.below(3), 1, 2];
        return Buffer.concat([
            legacy.subarray(0, message),
            Uint8Array.of(0x80),
            legacy.subarray(message),
            Uint8Array.from(this.#random.below(2) === 0 ? [0] : lookup),
        ]);
    }

    #v1(): Buffer {
        const random = this.#random;
        const addresses = 1 + random.below(5);
        const mask = random.pick([0, 3, 4, 8, 12, 15, 16, 28, 31]);
        const bytes = [0x81, random.below(3), random.below(3), random.below(4), mask, 0, 0, 0];
        const heads = Array.from({ length: random.below(4) }, () => [
            random.below(6),
            random.below(4),
            random.below(20),
        ]);
        bytes.push(...this.#lifetime, heads.length, addresses, ...this.#payer.address);
        for (let index = 1; index < addresses; index++) {
            bytes.push(...random.pick(this.#keys));
        }
        if ((mask & 3) === 3) {
            bytes.push(random.below(256), 0, 0, 0, 0, 0, 0, 0);
        }
        for (const bit of [4, 8, 16]) {
            bytes.push(
                ...((mask & bit) === 0
                    ? []
                    : [random.below(256), random.below(256), random.below(4), 0]),
            );
        }
        for (const [program, accounts, length] of heads) {
            bytes.push(program!, accounts!, length!, 0);
        }
        for (const [, accounts, length] of heads) {
            bytes.push(...Array.from({ length: accounts! + length! }, () => random.below(8)));
        }
        bytes.push(...new Uint8Array(64 * bytes[1]!));
        return Buffer.from(bytes);
    }

    /** Null when the strict decoder refuses what came out. */
    next(): Transaction | null {
        const random = this.#random;
        let bytes = random.below(3) === 0 ? this.#v1() : this.#legacy();
        if (bytes[0]! < 0x80 && random.below(3) === 0) {
            bytes = this.#v0(bytes);
        }
        for (let count = random.below(4); count > 0; count--) {
            bytes[random.below(bytes.length)] = random.pick([
                0,
                1,
                2,
                3,
                0x7f,
                0x80,
                0xff,
                random.below(256),
            ]);
        }
        try {
            return decode_transaction(bytes);
        } catch {
            return null;
        }
    }
}

test('no decodable transaction aborts the VM', () => {
    const machine = new Machine({
        signature_check: false,
        blockhash_check: false,
        history_capacity: 0n,
    });
    const payer = Keypair.from_seed(new Uint8Array(32).fill(1));
    const random = new Random(0x1234_5678n);
    const generator = new Generator(random, payer, from_base58(machine.latest_blockhash()));
    const outcomes = new Map<string, number>();
    let decoded = 0;
    for (let index = 0; index < 12_000; index++) {
        if (index % 500 === 0) {
            machine.airdrop(payer.address, 1_000_000_000n + BigInt(index));
        }
        const transaction = generator.next();
        if (transaction === null) {
            continue;
        }
        decoded++;
        const { error } =
            random.below(2) === 0 ? machine.send(transaction) : machine.simulate(transaction);
        const name = JSON.stringify(error);
        outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
    }
    console.log(
        `${decoded} decoded transactions, ${outcomes.size} different outcomes, ${outcomes.get('null')} succeeded`,
    );
    assert.ok(decoded > 5000);
    assert.ok(outcomes.size > 15);
    assert.ok((outcomes.get('null') ?? 0) > 100);
});

test('keys of a wrong length are refused before the VM sees them', () => {
    const machine = new Machine();
    assert.throws(() => machine.get_account(new Uint8Array(31)), /32 bytes/);
    assert.throws(() => machine.airdrop(new Uint8Array(33), 1n), /32 bytes/);
    assert.throws(() => machine.airdrop(new Uint8Array(32), 1n << 64n), /64 unsigned bits/);
    assert.throws(
        () => machine.add_program(new Uint8Array(32), new Uint8Array(9)),
        /Failed to add program/,
    );
    const account = {
        lamports: 1n,
        owner: new Uint8Array(5),
        data: new Uint8Array(0),
        executable: false,
    };
    assert.throws(() => machine.set_account(new Uint8Array(32).fill(1), account), /32 bytes/);
});

test('a feature gate can be switched on: SIMD-0500 refuses to deploy an sBPF v0 program', async () => {
    // disable_sbpf_v0_v1_v2_deployment: not active on mainnet when litesvm 1.5.0 was made.
    const gate = address_bytes('B8JJXCy5amZyWG9r7EnUYLwzXSXTxG7GZ1qZ1qggo83g');
    const memo = address_bytes('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');
    const deploy = (machine: Machine) => {
        const elf = machine.get_account(memo)!.data;
        assert.equal(Buffer.from(elf).readUInt32LE(48), 0, 'the memo program is an sBPF v0 ELF');
        return deploy_program(machine_target(machine), {
            elf,
            program: new Uint8Array(32).fill(7),
            upgrade_authority: null,
        });
    };
    assert.ok((await deploy(new Machine())).transactions > 4);
    await assert.rejects(deploy(new Machine({ activate: [gate] })), /InvalidAccountData/);
    await assert.rejects(deploy(new Machine({ features: 'all' })), /InvalidAccountData/);
    await deploy(new Machine({ features: 'all', deactivate: [gate] }));
});

const kLoaderV3 = address_bytes('BPFLoaderUpgradeab1e11111111111111111111111');
const kTarget = new Uint8Array(32).fill(7);

function send(
    machine: Machine,
    keypairs: readonly [Keypair, ...Keypair[]],
    instructions: readonly Instruction[],
) {
    const lifetime = from_base58(machine.latest_blockhash());
    return machine.send(decode_transaction(build_transaction(keypairs, instructions, lifetime)));
}

async function deployed(
    machine: Machine,
    authority: Keypair,
    elf: Uint8Array,
): Promise<Uint8Array> {
    machine.airdrop(authority.address, 10_000_000_000n);
    const { program_data } = await deploy_program(machine_target(machine), {
        elf,
        program: kTarget,
        upgrade_authority: authority.address,
    });
    const clock = machine.get_clock();
    machine.set_clock({ ...clock, slot: clock.slot + 1n });
    return program_data;
}

const kCall = { program: kTarget, accounts: [], data: new Uint8Array(0) };

test('a program can be closed, and lamports sent to what is left', async () => {
    const machine = new Machine();
    const authority = Keypair.from_seed(new Uint8Array(32).fill(1));
    const program_data = await deployed(machine, authority, tiny_program(0));
    assert.equal(send(machine, [authority], [kCall]).error, null);
    const writable = (address: Uint8Array) => ({ address, signer: false, writable: true });
    const close = {
        program: kLoaderV3,
        accounts: [
            writable(program_data),
            writable(authority.address),
            { address: authority.address, signer: true, writable: false },
            writable(kTarget),
        ],
        data: u32_le(5),
    };
    assert.equal(send(machine, [authority], [close]).error, null);
    assert.equal(machine.get_account(program_data), null);
    const { error } = send(machine, [authority], [kCall, kCall]);
    assert.deepEqual(error, { InstructionError: [0, 'UnsupportedProgramId'] });
    assert.equal(
        send(machine, [authority], [transfer(authority.address, kTarget, 5n)]).error,
        null,
    );
    machine.restore(machine.snapshot());
    assert.equal(
        send(machine, [authority], [transfer(authority.address, kTarget, 6n)]).error,
        null,
    );
});

test('the code of a program cannot be destroyed from outside, nor half a program made', async () => {
    const machine = new Machine();
    const authority = Keypair.from_seed(new Uint8Array(32).fill(1));
    const program_data = await deployed(machine, authority, tiny_program(0));
    const account = machine.get_account(program_data)!;
    const broken = { ...account, data: account.data.subarray(0, 60) };
    assert.throws(() => machine.set_account(program_data, broken), /does not load/);
    assert.deepEqual(machine.get_account(program_data), account);
    machine.set_account(program_data, { ...account, lamports: account.lamports + 5n });
    const program = machine.get_account(kTarget)!;
    const half = { ...program, data: Buffer.concat([u32_le(2), new Uint8Array(32).fill(9)]) };
    try {
        machine.set_account(kTarget, half);
    } catch {
        assert.deepEqual(machine.get_account(kTarget), program);
    }
    machine.restore(machine.snapshot());
    assert.equal(machine.airdrop(kTarget, 6_000_000n).error, null);
    assert.equal(
        send(machine, [authority], [transfer(authority.address, kTarget, 5n)]).error,
        null,
    );
});

test('a program that was refused leaves nothing behind', () => {
    const machine = new Machine();
    assert.throws(() => machine.add_program(kTarget, new Uint8Array(9)), /Failed to add program/);
    assert.equal(machine.get_account(kTarget), null);
    assert.equal(machine.airdrop(kTarget, 5_000_000n).error, null);
    assert.throws(() => machine.add_program(kTarget, new Uint8Array(9)), /Failed to add program/);
    assert.equal(machine.get_balance(kTarget), 5_000_000n);
});

test('what the VM cannot run without cannot be taken away', () => {
    const machine = new Machine();
    const nothing = {
        lamports: 0n,
        owner: new Uint8Array(32),
        data: new Uint8Array(0),
        executable: false,
    };
    for (const address of kPrograms) {
        if (machine.get_account(address)?.executable !== true) {
            continue;
        }
        const owner = machine.get_account(address)!.owner;
        if (
            Buffer.from(owner).equals(
                Buffer.from(address_bytes('NativeLoader1111111111111111111111111111111')),
            )
        ) {
            assert.throws(() => machine.set_account(address, nothing), /builtin/);
        }
    }
    for (const name of [
        'SysvarC1ock11111111111111111111111111111111',
        'SysvarRent111111111111111111111111111111111',
    ]) {
        assert.throws(() => machine.set_account(address_bytes(name), nothing), /cannot be removed/);
        assert.throws(
            () => machine.set_account(address_bytes(name), { ...nothing, lamports: 1n }),
            /sysvar data/,
        );
        assert.equal(machine.minimum_balance(0n), 650_240n, 'the other sysvars are still there');
    }
    assert.equal(machine.airdrop(kTarget, 5_000_000n).error, null);
});

test('loader-v4, whose programs need not load, is not there', () => {
    const machine = new Machine({ features: 'all' });
    const authority = Keypair.from_seed(new Uint8Array(32).fill(1));
    const program = Keypair.from_seed(new Uint8Array(32).fill(2));
    machine.airdrop(authority.address, 10_000_000_000n);
    const loader = address_bytes('LoaderV411111111111111111111111111111111111');
    const size = 1000n;
    const set_length = {
        program: loader,
        accounts: [
            { address: program.address, signer: true, writable: true },
            { address: authority.address, signer: true, writable: false },
            { address: authority.address, signer: false, writable: true },
        ],
        data: Buffer.concat([u32_le(2), u32_le(Number(size))]),
    };
    const create = create_account(
        authority.address,
        program.address,
        machine.minimum_balance(size + 48n),
        0n,
        loader,
    );
    // litesvm 1.5.0 does not run it, whatever the gates say; if it ever does, it must not abort
    // here.
    const { error } = send(machine, [authority, program], [create, set_length]);
    assert.equal(error, 'InvalidProgramForExecution');
    assert.equal(machine.airdrop(kTarget, 5_000_000n).error, null);
});
