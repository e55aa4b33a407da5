// SPDX-License-Identifier: Apache-2.0
//
// `jsonParsed` instructions: the transfers people look for, in System and the Token programs, and
// memos. Anything else is answered as Agave answers what it cannot parse: program, accounts, data.

import { ui_amount } from '../chain/tokens.ts';
import {
    address_bytes,
    address_text,
    kSystemProgram,
    kToken2022Program,
    kTokenProgram,
} from '../wire/addresses.ts';
import type { Json, JsonObject } from '../wire/json.ts';
import { bytes_equal, to_base58 } from '../wire/text.ts';

const kMemoProgram = address_bytes('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');

export interface FlatInstruction {
    readonly program: Uint8Array;
    readonly accounts: readonly Uint8Array[];
    readonly data: Uint8Array;
    readonly stack_height: number | null;
}

interface Parsed {
    readonly program: string;
    readonly parsed: Json;
}

function text_at(accounts: readonly Uint8Array[], index: number): string {
    return address_text(accounts[index]!);
}

function parse_system(accounts: readonly Uint8Array[], data: Buffer): JsonObject | null {
    const number = data.length >= 4 ? data.readUInt32LE(0) : -1;
    if (number === 2 && data.length === 12 && accounts.length >= 2) {
        return {
            type: 'transfer',
            info: {
                source: text_at(accounts, 0),
                destination: text_at(accounts, 1),
                lamports: data.readBigUInt64LE(4),
            },
        };
    }
    if (number === 0 && data.length === 52 && accounts.length >= 2) {
        return {
            type: 'createAccount',
            info: {
                source: text_at(accounts, 0),
                newAccount: text_at(accounts, 1),
                lamports: data.readBigUInt64LE(4),
                space: data.readBigUInt64LE(12),
                owner: address_text(data.subarray(20, 52)),
            },
        };
    }
    if (number === 4 && accounts.length >= 3) {
        return {
            type: 'advanceNonce',
            info: {
                nonceAccount: text_at(accounts, 0),
                recentBlockhashesSysvar: text_at(accounts, 1),
                nonceAuthority: text_at(accounts, 2),
            },
        };
    }
    return null;
}

/** A single signer is the authority itself; more than one sign for a multisig. */
function authority(accounts: readonly Uint8Array[], index: number): JsonObject {
    return accounts.length > index + 1
        ? {
              multisigAuthority: text_at(accounts, index),
              signers: accounts.slice(index + 1).map(address_text),
          }
        : { authority: text_at(accounts, index) };
}

function parse_token(accounts: readonly Uint8Array[], data: Buffer): JsonObject | null {
    const number = data.length > 0 ? data.readUInt8(0) : -1;
    if (number === 3 && data.length === 9 && accounts.length >= 3) {
        return {
            type: 'transfer',
            info: {
                source: text_at(accounts, 0),
                destination: text_at(accounts, 1),
                amount: data.readBigUInt64LE(1).toString(),
                ...authority(accounts, 2),
            },
        };
    }
    if (number === 12 && data.length === 10 && accounts.length >= 4) {
        return {
            type: 'transferChecked',
            info: {
                source: text_at(accounts, 0),
                mint: text_at(accounts, 1),
                destination: text_at(accounts, 2),
                tokenAmount: { ...ui_amount(data.readBigUInt64LE(1), data.readUInt8(9)) },
                ...authority(accounts, 3),
            },
        };
    }
    return null;
}

function parse(instruction: FlatInstruction): Parsed | null {
    const data = Buffer.from(instruction.data);
    if (bytes_equal(instruction.program, kSystemProgram)) {
        const parsed = parse_system(instruction.accounts, data);
        return parsed === null ? null : { program: 'system', parsed };
    }
    const is_token_2022 = bytes_equal(instruction.program, kToken2022Program);
    if (is_token_2022 || bytes_equal(instruction.program, kTokenProgram)) {
        const parsed = parse_token(instruction.accounts, data);
        return parsed === null
            ? null
            : { program: is_token_2022 ? 'spl-token-2022' : 'spl-token', parsed };
    }
    if (bytes_equal(instruction.program, kMemoProgram)) {
        return { program: 'spl-memo', parsed: data.toString('utf8') };
    }
    return null;
}

export function parsed_instruction(instruction: FlatInstruction): JsonObject {
    const common = {
        programId: address_text(instruction.program),
        stackHeight: instruction.stack_height,
    };
    const parsed = parse(instruction);
    if (parsed !== null) {
        return { ...common, program: parsed.program, parsed: parsed.parsed };
    }
    return {
        ...common,
        accounts: instruction.accounts.map(address_text),
        data: to_base58(instruction.data),
    };
}
