// SPDX-License-Identifier: Apache-2.0
//
// An account as the methods and subscriptions answer it.

import { zstdCompressSync } from 'node:zlib';

import type { Account } from '../vm/machine.ts';
import { address_text } from '../wire/addresses.ts';
import type { Json, JsonObject } from '../wire/json.ts';
import { to_base58, to_base64 } from '../wire/text.ts';
import { RpcError, invalid_params, kInvalidRequest } from './errors.ts';
import type { Config } from './params.ts';
import { type GetAccount, parsed_account_data } from './parsed_accounts.ts';

export const kAccountEncodings = [
    'base58',
    'base64',
    'base64+zstd',
    'jsonParsed',
    'binary',
] as const;
export type AccountEncoding = (typeof kAccountEncodings)[number];

/** Base58 costs the square of the length, so Agave refuses longer data. */
const kBase58DataMax = 128;

export interface AccountForm {
    readonly encoding: AccountEncoding;
    readonly slice: { readonly offset: number; readonly length: number } | null;
}

export function read_account_form(
    config: Config,
    fallback: AccountEncoding = 'binary',
): AccountForm {
    const encoding = config.choice('encoding', kAccountEncodings) ?? fallback;
    if (config.get('dataSlice') === undefined) {
        return { encoding, slice: null };
    }
    const slice = config.nested('dataSlice');
    const offset = slice.count('offset');
    const length = slice.count('length');
    if (offset === undefined || length === undefined) {
        throw invalid_params('Invalid params: dataSlice needs offset and length');
    }
    return { encoding, slice: { offset, length } };
}

function base58_data(data: Uint8Array): string {
    if (data.length > kBase58DataMax) {
        throw new RpcError(
            kInvalidRequest,
            'Encoded binary (base 58) data should be less than 128 bytes, please use Base64 encoding.',
        );
    }
    return to_base58(data);
}

function encode_data(
    address: Uint8Array,
    account: Account,
    form: AccountForm,
    get_account: GetAccount,
): Json {
    const { slice } = form;
    const data =
        slice === null
            ? account.data
            : account.data.subarray(slice.offset, slice.offset + slice.length);
    switch (form.encoding) {
        case 'binary':
            return base58_data(data);
        case 'base58':
            return [base58_data(data), 'base58'];
        case 'base64':
            return [to_base64(data), 'base64'];
        case 'base64+zstd':
            return [to_base64(zstdCompressSync(data)), 'base64+zstd'];
        case 'jsonParsed':
            return (
                parsed_account_data(address, account, get_account) ?? [to_base64(data), 'base64']
            );
    }
}

/** `get_account` finds further accounts that a parser needs (the mint of a token account). */
export function encode_account(
    address: Uint8Array,
    account: Account,
    form: AccountForm,
    get_account: GetAccount,
): JsonObject {
    return {
        data: encode_data(address, account, form, get_account),
        executable: account.executable,
        lamports: account.lamports,
        owner: address_text(account.owner),
        rentEpoch: account.rent_epoch,
        space: account.data.length,
    };
}
