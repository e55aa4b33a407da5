// SPDX-License-Identifier: Apache-2.0
//
// Token-2022 extensions as `jsonParsed` shows them. Those not listed here appear as Agave shows one
// it does not know: `unparseableExtension`. Layouts: spl-token-2022-interface, extension/*/mod.rs.

import type { Extension } from '../chain/tokens.ts';
import { address_text } from '../wire/addresses.ts';
import type { Json, JsonObject } from '../wire/json.ts';

type Parser = (value: Buffer) => JsonObject | null;

/** An optional key is 32 zero bytes when absent. */
function key(value: Buffer, offset: number): Json {
    const bytes = value.subarray(offset, offset + 32);
    return bytes.every((byte) => byte === 0) ? null : address_text(bytes);
}

function transfer_fee(value: Buffer, offset: number): JsonObject {
    return {
        epoch: value.readBigUInt64LE(offset),
        maximumFee: value.readBigUInt64LE(offset + 8),
        transferFeeBasisPoints: value.readUInt16LE(offset + 16),
    };
}

const kAccountStates = ['uninitialized', 'initialized', 'frozen'];

const kExtensions: { readonly [type: number]: readonly [string, number, Parser] } = {
    1: [
        'transferFeeConfig',
        108,
        (value) => ({
            transferFeeConfigAuthority: key(value, 0),
            withdrawWithheldAuthority: key(value, 32),
            withheldAmount: value.readBigUInt64LE(64),
            olderTransferFee: transfer_fee(value, 72),
            newerTransferFee: transfer_fee(value, 90),
        }),
    ],
    2: ['transferFeeAmount', 8, (value) => ({ withheldAmount: value.readBigUInt64LE(0) })],
    3: ['mintCloseAuthority', 32, (value) => ({ closeAuthority: key(value, 0) })],
    6: [
        'defaultAccountState',
        1,
        (value) => ({ accountState: kAccountStates[value.readUInt8(0)] ?? 'uninitialized' }),
    ],
    7: ['immutableOwner', 0, () => null],
    8: ['memoTransfer', 1, (value) => ({ requireIncomingTransferMemos: value.readUInt8(0) === 1 })],
    9: ['nonTransferable', 0, () => null],
    11: ['cpiGuard', 1, (value) => ({ lockCpi: value.readUInt8(0) === 1 })],
    12: ['permanentDelegate', 32, (value) => ({ delegate: key(value, 0) })],
    13: ['nonTransferableAccount', 0, () => null],
    14: ['transferHook', 64, (value) => ({ authority: key(value, 0), programId: key(value, 32) })],
    15: ['transferHookAccount', 1, (value) => ({ transferring: value.readUInt8(0) === 1 })],
    18: [
        'metadataPointer',
        64,
        (value) => ({ authority: key(value, 0), metadataAddress: key(value, 32) }),
    ],
};

export function parsed_extensions(extensions: readonly Extension[]): Json {
    return extensions.map((extension) => {
        const known = kExtensions[extension.type];
        if (known === undefined || known[1] !== extension.value.length) {
            return { extension: 'unparseableExtension' };
        }
        const state = known[2](Buffer.from(extension.value));
        return state === null ? { extension: known[0] } : { extension: known[0], state };
    });
}
