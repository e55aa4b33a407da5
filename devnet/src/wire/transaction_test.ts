// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
    AccountRole,
    type Instruction,
    address,
    appendTransactionMessageInstructions,
    blockhash,
    compileTransaction,
    createTransactionMessage,
    getTransactionEncoder,
    pipe,
    setTransactionMessageComputeUnitLimit,
    setTransactionMessageFeePayer,
    setTransactionMessageLifetimeUsingBlockhash,
    setTransactionMessagePriorityFeeLamports,
} from '@solana/kit';

import { address_text } from './addresses.ts';
import { Keypair, build_transaction, compact_u16, transfer } from './builder.ts';
import { Reader } from './reader.ts';
import { bytes_equal, to_base58 } from './text.ts';
import { WireError, decode_message, decode_transaction } from './transaction.ts';

const kPayer = address('4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM2');
const kProgram = address('BPFLoaderUpgradeab1e11111111111111111111111');
const kOther = address('SysvarC1ock11111111111111111111111111111111');
const kLifetime = { blockhash: blockhash(kOther), lastValidBlockHeight: 5n };

const kInstruction: Instruction = {
    programAddress: kProgram,
    accounts: [
        { address: kPayer, role: AccountRole.WRITABLE_SIGNER },
        { address: kOther, role: AccountRole.READONLY },
    ],
    data: Uint8Array.of(1, 2, 3, 4, 5),
};

/** What @solana/kit encodes, as the reference for what this decoder must understand. */
function kit_wire(version: 'legacy' | 0 | 1): Uint8Array {
    const message = pipe(
        createTransactionMessage({ version: version as 0 }),
        (tx) => setTransactionMessageFeePayer(kPayer, tx),
        (tx) => setTransactionMessageLifetimeUsingBlockhash(kLifetime, tx),
        (tx) => appendTransactionMessageInstructions([kInstruction, kInstruction], tx),
        (tx) => (version === 1 ? setTransactionMessageComputeUnitLimit(70_000, tx) : tx),
        (tx) =>
            version === 1
                ? setTransactionMessagePriorityFeeLamports(99n as never, tx as never)
                : tx,
    );
    return Uint8Array.from(getTransactionEncoder().encode(compileTransaction(message as never)));
}

test('what kit encodes is decoded field by field', () => {
    for (const version of ['legacy', 0, 1] as const) {
        const wire = kit_wire(version);
        const { message, signatures, message_bytes } = decode_transaction(wire);
        assert.equal(message.version, version);
        assert.deepEqual(message.header, {
            num_required_signatures: 1,
            num_readonly_signed: 0,
            num_readonly_unsigned: 2,
        });
        assert.equal(address_text(message.account_keys[0]!), kPayer);
        assert.equal(to_base58(message.lifetime), kOther);
        assert.equal(message.instructions.length, 2);
        const [instruction] = message.instructions;
        assert.equal(address_text(message.account_keys[instruction!.program_index]!), kProgram);
        assert.deepEqual([...instruction!.data], [1, 2, 3, 4, 5]);
        assert.equal(instruction!.account_indexes.length, 2);
        assert.equal(signatures.length, 1);
        assert.deepEqual(decode_message(Uint8Array.from(message_bytes)), message);
        if (version === 1) {
            assert.deepEqual(message.config, {
                compute_unit_limit: 70_000,
                priority_fee_lamports: 99n,
            });
        }
    }
});

test('every truncation and every added byte is refused', () => {
    for (const version of ['legacy', 0, 1] as const) {
        const wire = kit_wire(version);
        for (let length = 0; length < wire.length; length++) {
            assert.throws(
                () => decode_transaction(wire.subarray(0, length)),
                WireError,
                `${version} ${length}`,
            );
        }
        assert.throws(
            () => decode_transaction(Buffer.concat([wire, Uint8Array.of(0)])),
            /left over/,
        );
    }
});

test('compact-u16 has one form for each number', () => {
    for (const value of [0, 1, 0x7f, 0x80, 0xff, 0x3fff, 0x4000, 0xffff]) {
        const bytes = Uint8Array.from(compact_u16(value));
        const reader = new Reader(bytes);
        assert.equal(reader.compact_u16('x'), value);
        assert.equal(reader.remaining, 0);
    }
    for (const bytes of [
        [0x80, 0x00],
        [0xff, 0x00],
        [0x80, 0x80, 0x00],
        [0xff, 0xff, 0x04],
        [0xff, 0xff, 0x83, 0x01],
        [0x80],
        [],
    ]) {
        assert.throws(
            () => new Reader(Uint8Array.from(bytes)).compact_u16('x'),
            WireError,
            `${bytes}`,
        );
    }
});

test('unknown versions and impossible version 1 headers are refused', () => {
    const v0 = Buffer.from(kit_wire(0));
    v0[65] = 0x82;
    assert.throws(() => decode_transaction(v0), /version 2/);
    const v1 = (offset: number, value: number): Buffer => {
        const wire = Buffer.from(kit_wire(1));
        wire[offset] = value;
        return wire;
    };
    assert.throws(() => decode_transaction(v1(1, 13)), /at most 12 signatures/);
    assert.throws(() => decode_transaction(v1(4, 0x20 | 7)), /unknown bits/);
    assert.throws(() => decode_transaction(v1(4, 4 | 1)), /both priority fee bits/);
    assert.throws(() => decode_transaction(v1(40, 65)), /at most 64 instructions/);
    assert.throws(() => decode_transaction(v1(41, 65)), /at most 64 addresses/);
});

test('the own builder makes what the decoder and the loader of keys expect', () => {
    const alice = Keypair.from_seed(new Uint8Array(32).fill(1));
    const bob = Keypair.from_seed(new Uint8Array(32).fill(2));
    const wire = build_transaction(
        [alice],
        [transfer(alice.address, bob.address, 5n)],
        bob.address,
    );
    const { message, signatures, message_bytes } = decode_transaction(wire);
    assert.ok(bytes_equal(message.account_keys[0]!, alice.address));
    assert.ok(bytes_equal(signatures[0]!, alice.sign(message_bytes)));
    // Ed25519 of RFC 8032, test 1: the public key of the seed.
    const seed = Buffer.from(
        '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
        'hex',
    );
    assert.equal(
        Buffer.from(Keypair.from_seed(seed).address).toString('hex'),
        'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    );
});
