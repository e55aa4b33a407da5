// SPDX-License-Identifier: Apache-2.0
//
// Resolves the address table lookups of a version 0 message, for the records of the chain. Whether
// a lookup is allowed is the VM's decision. Layout: solana-address-lookup-table-interface,
// state.rs.

import { kAddressLookupTableProgram } from '../wire/addresses.ts';
import { bytes_equal } from '../wire/text.ts';
import type { Message } from '../wire/transaction.ts';
import type { Account } from '../vm/machine.ts';

/** The addresses start here. */
const kTableHeaderSize = 56;

export interface LoadedAddresses {
    readonly writable: readonly Uint8Array[];
    readonly readonly: readonly Uint8Array[];
}

export const kNoLoadedAddresses: LoadedAddresses = { writable: [], readonly: [] };

export interface LookupTable {
    readonly deactivation_slot: bigint;
    readonly last_extended_slot: bigint;
    readonly last_extended_start_index: number;
    readonly authority: Uint8Array | null;
    readonly addresses: readonly Uint8Array[];
}

export function decode_lookup_table(account: Account | null): LookupTable | null {
    if (account === null || !bytes_equal(account.owner, kAddressLookupTableProgram)) {
        return null;
    }
    const view = Buffer.from(account.data);
    if (view.length < kTableHeaderSize || view.readUInt32LE(0) !== 1) {
        return null;
    }
    const addresses: Uint8Array[] = [];
    for (let offset = kTableHeaderSize; offset + 32 <= view.length; offset += 32) {
        addresses.push(view.subarray(offset, offset + 32));
    }
    return {
        deactivation_slot: view.readBigUInt64LE(4),
        last_extended_slot: view.readBigUInt64LE(12),
        last_extended_start_index: view.readUInt8(20),
        authority: view.readUInt8(21) === 1 ? view.subarray(22, 54) : null,
        addresses,
    };
}

/** Null when a table or an index does not exist. */
export function resolve_lookups(
    message: Message,
    get_account: (address: Uint8Array) => Account | null,
): LoadedAddresses | null {
    const writable: Uint8Array[] = [];
    const readonly: Uint8Array[] = [];
    for (const lookup of message.lookups) {
        const addresses = decode_lookup_table(get_account(lookup.table))?.addresses;
        if (addresses === undefined) {
            return null;
        }
        const take = (indexes: Uint8Array, target: Uint8Array[]): boolean => {
            for (const index of indexes) {
                const address = addresses[index];
                if (address === undefined) {
                    return false;
                }
                target.push(address);
            }
            return true;
        };
        if (!take(lookup.writable_indexes, writable) || !take(lookup.readonly_indexes, readonly)) {
            return null;
        }
    }
    return { writable, readonly };
}
