// SPDX-License-Identifier: Apache-2.0
//
// `jsonParsed` accounts: tokens, nonces, lookup tables, programs, clock and rent. Anything else is
// answered in base64, as Agave does with what it cannot parse.

import { decode_lookup_table } from '../chain/lookup_tables.ts';
import { decode_nonce } from '../chain/nonce.ts';
import {
    type Mint,
    type TokenAccount,
    decode_mint,
    decode_multisig,
    decode_token_account,
    ui_amount,
} from '../chain/tokens.ts';
import type { Account } from '../vm/machine.ts';
import {
    address_text,
    kClockSysvar,
    kRentSysvar,
    kToken2022Program,
    kUpgradeableLoader,
} from '../wire/addresses.ts';
import type { Json, JsonObject } from '../wire/json.ts';
import { bytes_equal, to_base58, to_base64 } from '../wire/text.ts';
import { parsed_extensions } from './parsed_extensions.ts';

export type GetAccount = (address: Uint8Array) => Account | null;

function key_or_null(key: Uint8Array | null): Json {
    return key === null ? null : address_text(key);
}

function token_account_info(account: TokenAccount, decimals: number): JsonObject {
    return {
        mint: address_text(account.mint),
        owner: address_text(account.owner),
        tokenAmount: { ...ui_amount(account.amount, decimals) },
        ...(account.delegate === null
            ? {}
            : {
                  delegate: address_text(account.delegate),
                  delegatedAmount: { ...ui_amount(account.delegated_amount, decimals) },
              }),
        state: account.state === 2 ? 'frozen' : 'initialized',
        isNative: account.native_reserve !== null,
        ...(account.native_reserve === null
            ? {}
            : { rentExemptReserve: { ...ui_amount(account.native_reserve, decimals) } }),
        ...(account.close_authority === null
            ? {}
            : { closeAuthority: address_text(account.close_authority) }),
        ...(account.extensions === null || account.extensions.length === 0
            ? {}
            : { extensions: parsed_extensions(account.extensions) }),
    };
}

function mint_info(mint: Mint): JsonObject {
    return {
        mintAuthority: key_or_null(mint.mint_authority),
        supply: mint.supply.toString(),
        decimals: mint.decimals,
        isInitialized: mint.initialized,
        freezeAuthority: key_or_null(mint.freeze_authority),
        ...(mint.extensions === null || mint.extensions.length === 0
            ? {}
            : { extensions: parsed_extensions(mint.extensions) }),
    };
}

function parsed_token(account: Account, get_account: GetAccount): JsonObject | null {
    const token = decode_token_account(account);
    if (token !== null) {
        const mint = decode_mint(get_account(token.mint));
        return mint === null
            ? null
            : { type: 'account', info: token_account_info(token, mint.decimals) };
    }
    const mint = decode_mint(account);
    if (mint !== null) {
        return { type: 'mint', info: mint_info(mint) };
    }
    const multisig = decode_multisig(account);
    if (multisig === null) {
        return null;
    }
    const info = {
        numRequiredSigners: multisig.required,
        numValidSigners: multisig.valid,
        isInitialized: true,
        signers: multisig.signers.map(address_text),
    };
    return { type: 'multisig', info };
}

function parsed_nonce(account: Account): JsonObject | null {
    const nonce = decode_nonce(account);
    if (nonce === null) {
        return null;
    }
    return {
        type: 'initialized',
        info: {
            authority: address_text(nonce.authority),
            blockhash: to_base58(nonce.value),
            feeCalculator: { lamportsPerSignature: nonce.lamports_per_signature.toString() },
        },
    };
}

function parsed_lookup_table(account: Account): JsonObject | null {
    const table = decode_lookup_table(account);
    if (table === null) {
        return null;
    }
    return {
        type: 'lookupTable',
        info: {
            deactivationSlot: table.deactivation_slot.toString(),
            lastExtendedSlot: table.last_extended_slot.toString(),
            lastExtendedSlotStartIndex: table.last_extended_start_index,
            ...(table.authority === null ? {} : { authority: address_text(table.authority) }),
            addresses: table.addresses.map(address_text),
        },
    };
}

function parsed_loader(account: Account): JsonObject | null {
    const view = Buffer.from(account.data);
    if (!bytes_equal(account.owner, kUpgradeableLoader) || view.length < 36) {
        return null;
    }
    const kind = view.readUInt32LE(0);
    const data = (offset: number): Json => [to_base64(view.subarray(offset)), 'base64'];
    if (kind === 2) {
        return { type: 'program', info: { programData: address_text(view.subarray(4, 36)) } };
    }
    if (kind === 1 && view.length >= 37) {
        const authority = view[4] === 1 ? address_text(view.subarray(5, 37)) : null;
        return { type: 'buffer', info: { authority, data: data(37) } };
    }
    if (kind === 3 && view.length >= 45) {
        const authority = view[12] === 1 ? address_text(view.subarray(13, 45)) : null;
        const slot = view.readBigUInt64LE(4);
        return { type: 'programData', info: { slot, authority, data: data(45) } };
    }
    return null;
}

function parsed_sysvar(address: Uint8Array, account: Account): JsonObject | null {
    const view = Buffer.from(account.data);
    if (bytes_equal(address, kClockSysvar) && view.length >= 40) {
        return {
            type: 'clock',
            info: {
                slot: view.readBigUInt64LE(0),
                epochStartTimestamp: view.readBigInt64LE(8),
                epoch: view.readBigUInt64LE(16),
                leaderScheduleEpoch: view.readBigUInt64LE(24),
                unixTimestamp: view.readBigInt64LE(32),
            },
        };
    }
    if (bytes_equal(address, kRentSysvar) && view.length >= 17) {
        return {
            type: 'rent',
            info: {
                lamportsPerByteYear: view.readBigUInt64LE(0).toString(),
                exemptionThreshold: view.readDoubleLE(8),
                burnPercent: view.readUInt8(16),
            },
        };
    }
    return null;
}

/** The `data` of a parsed account; null when nothing here knows how to parse it. */
export function parsed_account_data(
    address: Uint8Array,
    account: Account,
    get_account: GetAccount,
): JsonObject | null {
    const token_program = bytes_equal(account.owner, kToken2022Program)
        ? 'spl-token-2022'
        : 'spl-token';
    const attempts: readonly (readonly [string, JsonObject | null])[] = [
        [token_program, parsed_token(account, get_account)],
        ['nonce', parsed_nonce(account)],
        ['address-lookup-table', parsed_lookup_table(account)],
        ['bpf-upgradeable-loader', parsed_loader(account)],
        ['sysvar', parsed_sysvar(address, account)],
    ];
    for (const [program, parsed] of attempts) {
        if (parsed !== null) {
            return { program, parsed, space: account.data.length };
        }
    }
    return null;
}
