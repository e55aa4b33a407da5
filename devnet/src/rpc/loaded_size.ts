// SPDX-License-Identifier: Apache-2.0
//
// How much account data a transaction loads, by the rules of SIMD-0186: every account counts its
// data and 64 bytes, a program of loader-v3 also its data account, a lookup table 8,248 bytes.

import type { Account } from '../vm/machine.ts';
import { kUpgradeableLoader } from '../wire/addresses.ts';
import { bytes_equal, map_key } from '../wire/text.ts';

const kAccountOverhead = 64;
const kLookupTableSize = 8248;

function program_data_of(account: Account): Uint8Array | null {
    const is_program =
        bytes_equal(account.owner, kUpgradeableLoader) &&
        account.data.length >= 36 &&
        account.data[0] === 2;
    return is_program ? account.data.subarray(4, 36) : null;
}

export function loaded_accounts_data_size(
    keys: readonly Uint8Array[],
    lookup_tables: number,
    get_account: (address: Uint8Array) => Account | null,
): number {
    const counted = new Set(keys.map(map_key));
    let size = lookup_tables * kLookupTableSize;
    for (const key of keys) {
        const account = get_account(key);
        if (account === null) {
            continue;
        }
        size += account.data.length + kAccountOverhead;
        const program_data = program_data_of(account);
        if (program_data !== null && !counted.has(map_key(program_data))) {
            counted.add(map_key(program_data));
            size += (get_account(program_data)?.data.length ?? 0) + kAccountOverhead;
        }
    }
    return size;
}
