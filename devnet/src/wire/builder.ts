// SPDX-License-Identifier: Apache-2.0
//
// Builds and signs legacy transactions synchronously: what the chain itself sends (faucet, program
// deployment). Clients bring their own.

import { type KeyObject, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';

import { kSystemProgram } from './addresses.ts';

export interface AccountMeta {
    readonly address: Uint8Array;
    readonly signer: boolean;
    readonly writable: boolean;
}

export interface Instruction {
    readonly program: Uint8Array;
    readonly accounts: readonly AccountMeta[];
    readonly data: Uint8Array;
}

/** An ed25519 key that signs. For a development chain only: the seed is ordinary memory. */
export class Keypair {
    readonly seed: Uint8Array;
    readonly address: Uint8Array;
    readonly #key: KeyObject;

    private constructor(seed: Uint8Array, address: Uint8Array, key: KeyObject) {
        this.seed = seed;
        this.address = address;
        this.#key = key;
    }

    static from_seed(seed: Uint8Array): Keypair {
        if (seed.length !== 32) {
            throw new Error(`an ed25519 seed is 32 bytes, not ${seed.length}`);
        }
        // RFC 8410: the fixed PKCS#8 prefix of an ed25519 private key.
        const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
        const key = createPrivateKey({
            key: Buffer.concat([prefix, seed]),
            format: 'der',
            type: 'pkcs8',
        });
        const jwk = key.export({ format: 'jwk' });
        return new Keypair(seed, Uint8Array.from(Buffer.from(jwk.x!, 'base64url')), key);
    }

    static generate(): Keypair {
        const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
        return Keypair.from_seed(Uint8Array.from(Buffer.from(jwk.d!, 'base64url')));
    }

    sign(message: Uint8Array): Uint8Array {
        return sign(null, message, this.#key);
    }
}

export function u32_le(value: number): Uint8Array {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, true);
    return bytes;
}

export function u64_le(value: bigint): Uint8Array {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, value, true);
    return bytes;
}

export function compact_u16(value: number): number[] {
    const bytes: number[] = [];
    do {
        const more = value >= 0x80;
        bytes.push((value & 0x7f) | (more ? 0x80 : 0));
        value >>>= 7;
    } while (value > 0);
    return bytes;
}

interface CollectedKey {
    readonly address: Uint8Array;
    signer: boolean;
    writable: boolean;
}

function collect_keys(payer: Uint8Array, instructions: readonly Instruction[]): CollectedKey[] {
    const keys = new Map<string, CollectedKey>();
    const add = (address: Uint8Array, signer: boolean, writable: boolean): void => {
        const name = Buffer.from(address).toString('hex');
        const known = keys.get(name) ?? { address, signer: false, writable: false };
        known.signer ||= signer;
        known.writable ||= writable;
        keys.set(name, known);
    };
    add(payer, true, true);
    for (const instruction of instructions) {
        for (const meta of instruction.accounts) {
            add(meta.address, meta.signer, meta.writable);
        }
        add(instruction.program, false, false);
    }
    const rank = (entry: CollectedKey): number => (entry.signer ? 0 : 2) + (entry.writable ? 0 : 1);
    // Array.sort is stable, so the payer, entered first as a writable signer, stays first.
    return [...keys.values()].sort((a, b) => rank(a) - rank(b));
}

/** The bytes of a legacy message and its signers in order. `lifetime`: a blockhash, 32 bytes. */
export function build_message(
    payer: Uint8Array,
    instructions: readonly Instruction[],
    lifetime: Uint8Array,
): { bytes: Uint8Array; signers: Uint8Array[] } {
    const keys = collect_keys(payer, instructions);
    const index_of = (address: Uint8Array): number =>
        keys.findIndex((entry) => Buffer.compare(entry.address, address) === 0);
    const signers = keys.filter((entry) => entry.signer);
    const parts: Uint8Array[] = [
        Uint8Array.of(
            signers.length,
            signers.filter((entry) => !entry.writable).length,
            keys.filter((entry) => !entry.signer && !entry.writable).length,
            ...compact_u16(keys.length),
        ),
        ...keys.map((entry) => entry.address),
        lifetime,
        Uint8Array.from(compact_u16(instructions.length)),
    ];
    for (const instruction of instructions) {
        parts.push(
            Uint8Array.of(
                index_of(instruction.program),
                ...compact_u16(instruction.accounts.length),
                ...instruction.accounts.map((meta) => index_of(meta.address)),
                ...compact_u16(instruction.data.length),
            ),
            instruction.data,
        );
    }
    return { bytes: Buffer.concat(parts), signers: signers.map((entry) => entry.address) };
}

/**
 * A signed legacy transaction; the first keypair pays. A required signer without a keypair gets a
 * signature of zeros, which only a VM with its signature check off accepts.
 */
export function build_transaction(
    keypairs: readonly [Keypair, ...Keypair[]],
    instructions: readonly Instruction[],
    lifetime: Uint8Array,
): Uint8Array {
    const message = build_message(keypairs[0].address, instructions, lifetime);
    const signatures = message.signers.map((signer) => {
        const keypair = keypairs.find((entry) => Buffer.compare(entry.address, signer) === 0);
        return keypair === undefined ? new Uint8Array(64) : keypair.sign(message.bytes);
    });
    return Buffer.concat([
        Uint8Array.from(compact_u16(signatures.length)),
        ...signatures,
        message.bytes,
    ]);
}

/** System program `Transfer` (instruction 2). */
export function transfer(from: Uint8Array, to: Uint8Array, lamports: bigint): Instruction {
    return {
        program: kSystemProgram,
        accounts: [
            { address: from, signer: true, writable: true },
            { address: to, signer: false, writable: true },
        ],
        data: Buffer.concat([u32_le(2), u64_le(lamports)]),
    };
}

/** System program `CreateAccount` (instruction 0). */
export function create_account(
    payer: Uint8Array,
    address: Uint8Array,
    lamports: bigint,
    space: bigint,
    owner: Uint8Array,
): Instruction {
    return {
        program: kSystemProgram,
        accounts: [
            { address: payer, signer: true, writable: true },
            { address, signer: true, writable: true },
        ],
        data: Buffer.concat([u32_le(0), u64_le(lamports), u64_le(space), owner]),
    };
}
