// SPDX-License-Identifier: Apache-2.0
//
// The state of the Token and Token-2022 programs: mints, accounts, extensions. Layouts: spl-token
// state.rs, spl-token-2022-interface extension/mod.rs.

import { kToken2022Program, kTokenProgram } from '../wire/addresses.ts';
import { bytes_equal } from '../wire/text.ts';
import type { Account } from '../vm/machine.ts';

const kMintSize = 82;
const kTokenAccountSize = 165;
const kMultisigSize = 355;
/** Where a Token-2022 account says what it is; the extensions follow. */
const kAccountTypeOffset = 165;
const kAccountTypeMint = 1;
const kAccountTypeAccount = 2;

export interface Extension {
    readonly type: number;
    readonly value: Uint8Array;
}

export interface Mint {
    readonly mint_authority: Uint8Array | null;
    readonly supply: bigint;
    readonly decimals: number;
    readonly initialized: boolean;
    readonly freeze_authority: Uint8Array | null;
    readonly extensions: readonly Extension[] | null;
}

export interface TokenAccount {
    readonly mint: Uint8Array;
    readonly owner: Uint8Array;
    readonly amount: bigint;
    readonly delegate: Uint8Array | null;
    /** 1: initialised, 2: frozen. */
    readonly state: number;
    /** For wrapped SOL: the rent reserve. */
    readonly native_reserve: bigint | null;
    readonly delegated_amount: bigint;
    readonly close_authority: Uint8Array | null;
    readonly extensions: readonly Extension[] | null;
}

export interface Multisig {
    readonly required: number;
    readonly valid: number;
    readonly signers: readonly Uint8Array[];
}

export function is_token_program(program: Uint8Array): boolean {
    return bytes_equal(program, kTokenProgram) || bytes_equal(program, kToken2022Program);
}

function optional_key(view: Buffer, offset: number): Uint8Array | null {
    return view.readUInt32LE(offset) === 1 ? view.subarray(offset + 4, offset + 36) : null;
}

/** Type-length-value entries from offset 166 on; stops at the zero padding. */
function read_extensions(view: Buffer): Extension[] {
    const extensions: Extension[] = [];
    let offset = kAccountTypeOffset + 1;
    while (offset + 4 <= view.length) {
        const type = view.readUInt16LE(offset);
        const length = view.readUInt16LE(offset + 2);
        if (type === 0 || offset + 4 + length > view.length) {
            break;
        }
        extensions.push({ type, value: view.subarray(offset + 4, offset + 4 + length) });
        offset += 4 + length;
    }
    return extensions;
}

/** The extensions of an account of the given kind; undefined when it is not of that kind. */
function extensions_of(
    account: Account,
    base_size: number,
    kind: number,
): readonly Extension[] | null | undefined {
    if (!is_token_program(account.owner)) {
        return undefined;
    }
    const view = Buffer.from(account.data.buffer, account.data.byteOffset, account.data.byteLength);
    if (view.length === base_size) {
        return bytes_equal(account.owner, kToken2022Program) ? [] : null;
    }
    const extended =
        bytes_equal(account.owner, kToken2022Program) &&
        view.length > kAccountTypeOffset &&
        view.length !== kMultisigSize &&
        view[kAccountTypeOffset] === kind;
    return extended ? read_extensions(view) : undefined;
}

export function decode_mint(account: Account | null): Mint | null {
    const extensions =
        account === null ? undefined : extensions_of(account, kMintSize, kAccountTypeMint);
    if (account === null || extensions === undefined) {
        return null;
    }
    const view = Buffer.from(account.data);
    return {
        mint_authority: optional_key(view, 0),
        supply: view.readBigUInt64LE(36),
        decimals: view.readUInt8(44),
        initialized: view.readUInt8(45) === 1,
        freeze_authority: optional_key(view, 46),
        extensions,
    };
}

export function decode_token_account(account: Account | null): TokenAccount | null {
    const extensions =
        account === null
            ? undefined
            : extensions_of(account, kTokenAccountSize, kAccountTypeAccount);
    if (account === null || extensions === undefined) {
        return null;
    }
    const view = Buffer.from(account.data);
    const state = view.readUInt8(108);
    if (state !== 1 && state !== 2) {
        return null;
    }
    return {
        mint: view.subarray(0, 32),
        owner: view.subarray(32, 64),
        amount: view.readBigUInt64LE(64),
        delegate: optional_key(view, 72),
        state,
        native_reserve: view.readUInt32LE(109) === 1 ? view.readBigUInt64LE(113) : null,
        delegated_amount: view.readBigUInt64LE(121),
        close_authority: optional_key(view, 129),
        extensions,
    };
}

export function decode_multisig(account: Account | null): Multisig | null {
    if (
        account === null ||
        account.data.length !== kMultisigSize ||
        !is_token_program(account.owner)
    ) {
        return null;
    }
    const view = Buffer.from(account.data);
    if (view.readUInt8(2) !== 1) {
        return null;
    }
    const valid = Math.min(view.readUInt8(1), 11);
    const signers = Array.from({ length: valid }, (_, index) =>
        view.subarray(3 + 32 * index, 35 + 32 * index),
    );
    return { required: view.readUInt8(0), valid, signers };
}

export interface UiTokenAmount {
    readonly amount: string;
    readonly decimals: number;
    readonly uiAmount: number | null;
    readonly uiAmountString: string;
}

/** The amount in base units and as a decimal fraction without trailing zeros. */
export function ui_amount(amount: bigint, decimals: number): UiTokenAmount {
    let text = amount.toString();
    if (decimals > 0) {
        text = text.padStart(decimals + 1, '0');
        const whole = text.slice(0, -decimals);
        const fraction = text.slice(-decimals).replace(/0+$/, '');
        text = fraction === '' ? whole : `${whole}.${fraction}`;
    }
    return {
        amount: amount.toString(),
        decimals,
        uiAmount: Number(amount) / 10 ** decimals,
        uiAmountString: text,
    };
}
