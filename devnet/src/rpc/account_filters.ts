// SPDX-License-Identifier: Apache-2.0
//
// The filters of getProgramAccounts and programSubscribe.

import { decode_token_account } from '../chain/tokens.ts';
import type { Account } from '../vm/machine.ts';
import type { Json } from '../wire/json.ts';
import { bytes_equal, from_base58, from_base64 } from '../wire/text.ts';
import { invalid_params } from './errors.ts';
import { Config, to_count, to_list, to_text } from './params.ts';

export type AccountFilter = (account: Account) => boolean;

const kFiltersMax = 4;
const kMemcmpBytesMax = 128;

function decode_bytes(text: Json | undefined, encoding: string): Uint8Array {
    if (Array.isArray(text)) {
        return Uint8Array.from(text.map((byte: Json) => to_count(byte, 'memcmp.bytes')));
    }
    try {
        const value = to_text(text, 'memcmp.bytes');
        return encoding === 'base64' ? from_base64(value) : from_base58(value);
    } catch (error) {
        throw invalid_params(`Invalid params: memcmp.bytes: ${(error as Error).message}`);
    }
}

function memcmp(config: Config): AccountFilter {
    const offset = to_count(config.get('offset'), 'memcmp.offset');
    const encoding = config.choice('encoding', ['base58', 'base64', 'bytes']) ?? 'base58';
    const wanted = decode_bytes(config.get('bytes'), encoding);
    if (wanted.length > kMemcmpBytesMax) {
        throw invalid_params(`Invalid param: memcmp.bytes may be at most ${kMemcmpBytesMax} bytes`);
    }
    return (account) => bytes_equal(account.data.subarray(offset, offset + wanted.length), wanted);
}

function one_filter(value: Json): AccountFilter {
    if (value === 'tokenAccountState') {
        return (account) => decode_token_account(account) !== null;
    }
    const config = new Config(value, 'filter');
    if (config.get('dataSize') !== undefined) {
        const size = to_count(config.get('dataSize'), 'dataSize');
        return (account) => account.data.length === size;
    }
    if (config.get('memcmp') !== undefined) {
        return memcmp(config.nested('memcmp'));
    }
    throw invalid_params('Invalid params: a filter is dataSize, memcmp or tokenAccountState');
}

/** All filters must hold. */
export function read_filters(config: Config): AccountFilter {
    const value = config.get('filters');
    if (value === undefined) {
        return () => true;
    }
    const filters = to_list(value, 'filters', kFiltersMax).map(one_filter);
    return (account) => filters.every((filter) => filter(account));
}
