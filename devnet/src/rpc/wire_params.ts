// SPDX-License-Identifier: Apache-2.0
//
// Transactions and messages as clients send them: text in base58 or base64 around the wire form.

import { from_base58, from_base64 } from '../wire/text.ts';
import {
    type Message,
    type Transaction,
    WireError,
    decode_message,
    decode_transaction,
    kV1TransactionSizeMax,
} from '../wire/transaction.ts';
import { invalid_params } from './errors.ts';

export type WireEncoding = 'base58' | 'base64';

/** Base58 takes time with the square of the length; Agave takes no more than a packet needs. */
const kBase58TextMax = 1683;
const kBase64TextMax = Math.ceil(kV1TransactionSizeMax / 3) * 4;

function decode_text(text: string, encoding: WireEncoding, what: string): Uint8Array {
    const text_max = encoding === 'base58' ? kBase58TextMax : kBase64TextMax;
    if (text.length > text_max) {
        throw invalid_params(
            `${encoding} encoded ${what} too large: ${text.length} bytes (max: encoded ${text_max})`,
        );
    }
    try {
        return encoding === 'base58' ? from_base58(text) : from_base64(text);
    } catch (error) {
        throw invalid_params(`invalid ${encoding} encoding: ${(error as Error).message}`);
    }
}

function decode_or_refuse<T>(decode: () => T, what: string): T {
    try {
        return decode();
    } catch (error) {
        if (error instanceof WireError) {
            throw invalid_params(`failed to deserialize ${what}: ${error.message}`);
        }
        throw error;
    }
}

export function decode_wire_transaction(text: string, encoding: WireEncoding): Transaction {
    const bytes = decode_text(text, encoding, 'transaction');
    return decode_or_refuse(() => decode_transaction(bytes), 'transaction');
}

export function decode_wire_message(text: string): { message: Message; bytes: Uint8Array } {
    const bytes = decode_text(text, 'base64', 'message');
    return { message: decode_or_refuse(() => decode_message(bytes), 'message'), bytes };
}
