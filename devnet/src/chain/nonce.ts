// SPDX-License-Identifier: Apache-2.0
//
// Durable nonces: a transaction whose first instruction advances a nonce account may name the
// account's value in place of a recent blockhash. Layout: solana-nonce,
// Versions::Current(State::Initialized).

import { createHash } from 'node:crypto';

import { kSystemProgram } from '../wire/addresses.ts';
import { bytes_equal } from '../wire/text.ts';
import type { Message } from '../wire/transaction.ts';
import type { Account } from '../vm/machine.ts';

const kNonceAccountSize = 80;
const kAdvanceNonceAccount = 4;

export interface NonceState {
    readonly authority: Uint8Array;
    readonly value: Uint8Array;
    readonly lamports_per_signature: bigint;
}

/** Null unless the account is an initialised nonce account of the current version. */
export function decode_nonce(account: Account | null): NonceState | null {
    if (account === null || account.data.length !== kNonceAccountSize) {
        return null;
    }
    const view = Buffer.from(account.data);
    if (
        !bytes_equal(account.owner, kSystemProgram) ||
        view.readUInt32LE(0) !== 1 ||
        view.readUInt32LE(4) !== 1
    ) {
        return null;
    }
    return {
        authority: view.subarray(8, 40),
        value: view.subarray(40, 72),
        lamports_per_signature: view.readBigUInt64LE(72),
    };
}

/** The nonce account the message claims to use, and its authority; null when it claims none. */
export function nonce_use(message: Message): { account: Uint8Array; signers: Uint8Array[] } | null {
    const first = message.instructions[0];
    if (first === undefined || first.account_indexes.length < 3) {
        return null;
    }
    const program = message.account_keys[first.program_index];
    if (program === undefined || !bytes_equal(program, kSystemProgram) || first.data.length < 4) {
        return null;
    }
    const number = Buffer.from(first.data).readUInt32LE(0);
    const account = message.account_keys[first.account_indexes[0]!];
    if (number !== kAdvanceNonceAccount || account === undefined) {
        return null;
    }
    const signers: Uint8Array[] = [];
    for (const index of first.account_indexes) {
        const key = message.account_keys[index];
        if (key !== undefined && index < message.header.num_required_signatures) {
            signers.push(key);
        }
    }
    return { account, signers };
}

/**
 * Whether the account lets this message use its value: right value, authority among the signers.
 */
export function nonce_allows(
    state: NonceState | null,
    lifetime: Uint8Array,
    signers: readonly Uint8Array[],
): boolean {
    return (
        state !== null &&
        bytes_equal(state.value, lifetime) &&
        signers.some((signer) => bytes_equal(signer, state.authority))
    );
}

/**
 * The value after an advance whose transaction named `lifetime`: as the VM's System program has it.
 */
export function next_nonce(lifetime: Uint8Array): Uint8Array {
    return createHash('sha256').update('DURABLE_NONCE').update(lifetime).digest();
}

/** The account's data with the value replaced. */
export function with_nonce(account: Account, value: Uint8Array): Account {
    const data = Buffer.from(account.data);
    Buffer.from(value).copy(data, 40);
    return { ...account, data };
}
