// SPDX-License-Identifier: Apache-2.0
//
// A recorded transaction as getTransaction and getBlock answer it
// (transaction-status-client-types).

import { type Row, row_meta } from '../chain/history.ts';
import type { InnerRecord, Meta } from '../chain/record.ts';
import type { TransactionError } from '../vm/errors.ts';
import { address_bytes, address_text, kUpgradeableLoader } from '../wire/addresses.ts';
import type { Json, JsonObject } from '../wire/json.ts';
import { bytes_equal, from_base64, to_base58, to_base64 } from '../wire/text.ts';
import { type Message, type Transaction, decode_transaction } from '../wire/transaction.ts';
import { RpcError, kUnsupportedTransactionVersion } from './errors.ts';
import { parsed_instruction } from './parsed_instructions.ts';

export const kTransactionEncodings = ['json', 'jsonParsed', 'base64', 'base58', 'binary'] as const;
export type TransactionEncoding = (typeof kTransactionEncodings)[number];

export interface TransactionForm {
    readonly encoding: TransactionEncoding;
    /** Undefined: only legacy transactions are understood, and no version is answered. */
    readonly version_max: number | undefined;
}

export function error_json(error: TransactionError | null): Json {
    return error as Json;
}

/** The older form of the error. */
export function status_json(error: TransactionError | null): JsonObject {
    return error === null ? { Ok: null } : { Err: error_json(error) };
}

function check_version(message: Message, form: TransactionForm): void {
    if (
        message.version !== 'legacy' &&
        (form.version_max === undefined || form.version_max < message.version)
    ) {
        throw new RpcError(
            kUnsupportedTransactionVersion,
            `Transaction version (${message.version}) is not supported by the requesting client. ` +
                'Please try the request again with the following configuration parameter: ' +
                `"maxSupportedTransactionVersion": ${message.version}`,
        );
    }
}

interface Keys {
    readonly all: readonly Uint8Array[];
    readonly static_count: number;
    readonly loaded_writable: number;
}

function keys_of(message: Message, meta: Meta): Keys {
    const loaded = [...meta.loaded.writable, ...meta.loaded.readonly].map(address_bytes);
    return {
        all: [...message.account_keys, ...loaded],
        static_count: message.account_keys.length,
        loaded_writable: meta.loaded.writable.length,
    };
}

/** Programs that are called are not writable, unless a loader is there to change them. */
function is_writable(message: Message, keys: Keys, index: number): boolean {
    const { header, instructions } = message;
    const signers = header.num_required_signatures;
    const called = instructions.some((instruction) => instruction.program_index === index);
    const loader = keys.all.some((key) => bytes_equal(key, kUpgradeableLoader));
    if (called && !loader) {
        return false;
    }
    if (index >= keys.static_count) {
        return index < keys.static_count + keys.loaded_writable;
    }
    return index < signers
        ? index < signers - header.num_readonly_signed
        : index < keys.static_count - header.num_readonly_unsigned;
}

export function parsed_keys(message: Message, keys: Keys): Json {
    return keys.all.map((key, index) => ({
        pubkey: address_text(key),
        signer: index < message.header.num_required_signatures,
        source: index < keys.static_count ? 'transaction' : 'lookupTable',
        writable: is_writable(message, keys, index),
    }));
}

function config_json(message: Message): JsonObject {
    const { config } = message;
    if (config === undefined) {
        return {};
    }
    return {
        transactionConfig: {
            priorityFee: config.priority_fee_lamports ?? null,
            computeUnitLimit: config.compute_unit_limit ?? null,
            loadedAccountsDataSizeLimit: config.loaded_accounts_data_size_limit ?? null,
            heapSize: config.heap_size ?? null,
        },
    };
}

function lookups_json(message: Message): JsonObject {
    if (message.version !== 0) {
        return {};
    }
    return {
        addressTableLookups: message.lookups.map((lookup) => ({
            accountKey: address_text(lookup.table),
            writableIndexes: [...lookup.writable_indexes],
            readonlyIndexes: [...lookup.readonly_indexes],
        })),
    };
}

function raw_message(message: Message): JsonObject {
    return {
        header: {
            numRequiredSignatures: message.header.num_required_signatures,
            numReadonlySignedAccounts: message.header.num_readonly_signed,
            numReadonlyUnsignedAccounts: message.header.num_readonly_unsigned,
        },
        accountKeys: message.account_keys.map(address_text),
        recentBlockhash: to_base58(message.lifetime),
        instructions: message.instructions.map((instruction) => ({
            programIdIndex: instruction.program_index,
            accounts: [...instruction.account_indexes],
            data: to_base58(instruction.data),
            stackHeight: 1,
        })),
        ...lookups_json(message),
        ...config_json(message),
    };
}

function parsed_message(message: Message, keys: Keys): JsonObject {
    return {
        accountKeys: parsed_keys(message, keys),
        recentBlockhash: to_base58(message.lifetime),
        instructions: message.instructions.map((instruction) =>
            parsed_instruction({
                program: keys.all[instruction.program_index]!,
                accounts: [...instruction.account_indexes].map((index) => keys.all[index]!),
                data: instruction.data,
                stack_height: 1,
            }),
        ),
        ...lookups_json(message),
        ...config_json(message),
    };
}

function encode_body(transaction: Transaction, keys: Keys, encoding: TransactionEncoding): Json {
    switch (encoding) {
        case 'base64':
            return [to_base64(transaction.bytes), 'base64'];
        case 'base58':
            return [to_base58(transaction.bytes), 'base58'];
        case 'binary':
            return to_base58(transaction.bytes);
        case 'json':
        case 'jsonParsed':
            return {
                signatures: transaction.signatures.map(to_base58),
                message:
                    encoding === 'json'
                        ? raw_message(transaction.message)
                        : parsed_message(transaction.message, keys),
            };
    }
}

function inner_json(inner: InnerRecord, keys: Keys | null): JsonObject {
    const data = from_base64(inner.data);
    if (keys !== null) {
        return parsed_instruction({
            program: keys.all[inner.program_index]!,
            accounts: inner.accounts.map((index) => keys.all[index]!),
            data,
            stack_height: inner.stack_height,
        });
    }
    return {
        programIdIndex: inner.program_index,
        accounts: inner.accounts,
        data: to_base58(data),
        stackHeight: inner.stack_height,
    };
}

/** With `keys`, instructions are parsed; without, they refer to accounts by index. */
export function inner_instructions_json(inner: Meta['inner'], keys: Keys | null): Json {
    return inner.map((list) => ({
        index: list.index,
        instructions: list.instructions.map((entry) => inner_json(entry, keys)),
    }));
}

export function return_data_json(data: Meta['return_data']): Json {
    return data === null ? null : { programId: data.program, data: [data.data, 'base64'] };
}

function meta_json(meta: Meta, keys: Keys, form: TransactionForm): JsonObject {
    const parsed = form.encoding === 'jsonParsed';
    return {
        err: error_json(meta.error),
        status: status_json(meta.error),
        fee: meta.fee,
        preBalances: meta.pre_balances,
        postBalances: meta.post_balances,
        preTokenBalances: meta.pre_tokens as unknown as Json,
        postTokenBalances: meta.post_tokens as unknown as Json,
        innerInstructions: inner_instructions_json(meta.inner, parsed ? keys : null),
        logMessages: meta.logs,
        rewards: [],
        computeUnitsConsumed: meta.compute_units,
        ...(form.version_max === undefined || parsed
            ? {}
            : { loadedAddresses: { ...meta.loaded } }),
        ...(meta.return_data === null ? {} : { returnData: return_data_json(meta.return_data) }),
    };
}

/** `{transaction, meta, version?}`; throws when the client does not know the version. */
export function encode_row(row: Row, form: TransactionForm): JsonObject {
    const transaction = decode_transaction(row.wire);
    check_version(transaction.message, form);
    const meta = row_meta(row);
    const keys = keys_of(transaction.message, meta);
    return {
        transaction: encode_body(transaction, keys, form.encoding),
        meta: meta_json(meta, keys, form),
        ...(form.version_max === undefined ? {} : { version: transaction.message.version }),
    };
}

/** getBlock's `transactionDetails: "accounts"`. */
export function encode_row_accounts(row: Row, form: TransactionForm): JsonObject {
    const transaction = decode_transaction(row.wire);
    check_version(transaction.message, form);
    const meta = row_meta(row);
    return {
        transaction: {
            signatures: transaction.signatures.map(to_base58),
            accountKeys: parsed_keys(transaction.message, keys_of(transaction.message, meta)),
        },
        meta: {
            err: error_json(meta.error),
            status: status_json(meta.error),
            fee: meta.fee,
            preBalances: meta.pre_balances,
            postBalances: meta.post_balances,
            preTokenBalances: meta.pre_tokens as unknown as Json,
            postTokenBalances: meta.post_tokens as unknown as Json,
        },
        ...(form.version_max === undefined ? {} : { version: transaction.message.version }),
    };
}
