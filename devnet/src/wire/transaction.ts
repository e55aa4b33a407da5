// SPDX-License-Identifier: Apache-2.0
//
// Solana transactions as they travel: legacy, version 0 (SIMD-0057 lookup tables) and version 1
// (SIMD-0385). @solana/kit decodes the same formats, but leniently (trailing bytes, non-shortest
// lengths) and the VM behind us aborts the whole process on bytes it cannot decode. So nothing
// reaches the VM that this strict decoder has not accepted.

import { Reader, WireError } from './reader.ts';

export { WireError };

/** The largest legacy or version 0 transaction: an IPv6 MTU less headers. */
export const kPacketSizeMax = 1232;
/** The largest version 1 transaction (SIMD-0296). */
export const kV1TransactionSizeMax = 4096;
const kV1FirstByte = 0x81;
const kV1AddressesMax = 64;
const kV1InstructionsMax = 64;
const kV1SignaturesMax = 12;
const kV1ConfigMaskKnown = 0x1f;

export type TransactionVersion = 'legacy' | 0 | 1;

export interface MessageHeader {
    readonly num_required_signatures: number;
    readonly num_readonly_signed: number;
    readonly num_readonly_unsigned: number;
}

export interface CompiledInstruction {
    readonly program_index: number;
    readonly account_indexes: Uint8Array;
    readonly data: Uint8Array;
}

export interface AddressTableLookup {
    readonly table: Uint8Array;
    readonly writable_indexes: Uint8Array;
    readonly readonly_indexes: Uint8Array;
}

/** Version 1 carries its compute budget in the message; an unset field counts as 0 on the chain. */
export interface V1Config {
    readonly priority_fee_lamports?: bigint;
    readonly compute_unit_limit?: number;
    readonly loaded_accounts_data_size_limit?: number;
    readonly heap_size?: number;
}

export interface Message {
    readonly version: TransactionVersion;
    readonly header: MessageHeader;
    readonly account_keys: readonly Uint8Array[];
    /** A recent blockhash, or the value of a durable nonce. */
    readonly lifetime: Uint8Array;
    readonly instructions: readonly CompiledInstruction[];
    readonly lookups: readonly AddressTableLookup[];
    readonly config?: V1Config;
}

export interface Transaction {
    readonly bytes: Uint8Array;
    readonly message_bytes: Uint8Array;
    readonly message: Message;
    readonly signatures: readonly Uint8Array[];
}

function read_keys(reader: Reader, count: number): Uint8Array[] {
    const keys: Uint8Array[] = [];
    for (let index = 0; index < count; index++) {
        keys.push(reader.bytes(32, `account key ${index}`));
    }
    return keys;
}

function read_header(reader: Reader): MessageHeader {
    return {
        num_required_signatures: reader.u8('number of required signatures'),
        num_readonly_signed: reader.u8('number of read-only signers'),
        num_readonly_unsigned: reader.u8('number of read-only accounts'),
    };
}

function read_instructions(reader: Reader): CompiledInstruction[] {
    const count = reader.compact_u16('number of instructions');
    const instructions: CompiledInstruction[] = [];
    for (let index = 0; index < count; index++) {
        const field = `instruction ${index}`;
        const program_index = reader.u8(`${field} program index`);
        const accounts = reader.compact_u16(`${field} number of accounts`);
        const account_indexes = reader.bytes(accounts, `${field} accounts`);
        const length = reader.compact_u16(`${field} data length`);
        instructions.push({
            program_index,
            account_indexes,
            data: reader.bytes(length, `${field} data`),
        });
    }
    return instructions;
}

function read_lookups(reader: Reader): AddressTableLookup[] {
    const count = reader.compact_u16('number of address table lookups');
    const lookups: AddressTableLookup[] = [];
    for (let index = 0; index < count; index++) {
        const field = `address table lookup ${index}`;
        const table = reader.bytes(32, field);
        const writable = reader.compact_u16(`${field} number of writable indexes`);
        const writable_indexes = reader.bytes(writable, `${field} writable indexes`);
        const readonly = reader.compact_u16(`${field} number of read-only indexes`);
        const readonly_indexes = reader.bytes(readonly, `${field} read-only indexes`);
        lookups.push({ table, writable_indexes, readonly_indexes });
    }
    return lookups;
}

function read_legacy_or_v0_message(reader: Reader): Message {
    const first = reader.peek();
    let version: TransactionVersion = 'legacy';
    if (first !== undefined && (first & 0x80) !== 0) {
        if (first !== 0x80) {
            throw new WireError(
                `message version ${first & 0x7f} in the legacy envelope: only version 0 is known there`,
            );
        }
        reader.u8('message version');
        version = 0;
    }
    const header = read_header(reader);
    const account_keys = read_keys(reader, reader.compact_u16('number of account keys'));
    const lifetime = reader.bytes(32, 'recent blockhash');
    const instructions = read_instructions(reader);
    const lookups = version === 0 ? read_lookups(reader) : [];
    return { version, header, account_keys, lifetime, instructions, lookups };
}

function read_v1_config(reader: Reader, mask: number): V1Config {
    if ((mask & ~kV1ConfigMaskKnown) !== 0) {
        throw new WireError(`config mask 0x${mask.toString(16)}: unknown bits are set`);
    }
    const fee_bits = mask & 0x3;
    if (fee_bits === 1 || fee_bits === 2) {
        throw new WireError('config mask: both priority fee bits must be set, or none');
    }
    return {
        ...(fee_bits === 3 ? { priority_fee_lamports: reader.u64('priority fee') } : {}),
        ...(mask & 0x4 ? { compute_unit_limit: reader.u32('compute unit limit') } : {}),
        ...(mask & 0x8
            ? { loaded_accounts_data_size_limit: reader.u32('loaded accounts data size limit') }
            : {}),
        ...(mask & 0x10 ? { heap_size: reader.u32('heap size') } : {}),
    };
}

function read_v1_message(reader: Reader): Message {
    reader.u8('message version');
    const header = read_header(reader);
    const mask = reader.u32('config mask');
    const lifetime = reader.bytes(32, 'lifetime specifier');
    const instruction_count = reader.u8('number of instructions');
    const address_count = reader.u8('number of addresses');
    if (header.num_required_signatures > kV1SignaturesMax) {
        throw new WireError(`version 1 allows at most ${kV1SignaturesMax} signatures`);
    }
    if (instruction_count > kV1InstructionsMax) {
        throw new WireError(`version 1 allows at most ${kV1InstructionsMax} instructions`);
    }
    if (address_count > kV1AddressesMax) {
        throw new WireError(`version 1 allows at most ${kV1AddressesMax} addresses`);
    }
    const account_keys = read_keys(reader, address_count);
    const config = read_v1_config(reader, mask);
    const headers = Array.from({ length: instruction_count }, (_, index) => ({
        program_index: reader.u8(`instruction ${index} program index`),
        accounts: reader.u8(`instruction ${index} number of accounts`),
        length: reader.u16(`instruction ${index} data length`),
    }));
    const instructions = headers.map((head, index) => ({
        program_index: head.program_index,
        account_indexes: reader.bytes(head.accounts, `instruction ${index} accounts`),
        data: reader.bytes(head.length, `instruction ${index} data`),
    }));
    return { version: 1, header, account_keys, lifetime, instructions, lookups: [], config };
}

function read_signatures(reader: Reader, count: number): Uint8Array[] {
    const signatures: Uint8Array[] = [];
    for (let index = 0; index < count; index++) {
        signatures.push(reader.bytes(64, `signature ${index}`));
    }
    return signatures;
}

function check_size(bytes: Uint8Array): void {
    const size_max = bytes[0] === kV1FirstByte ? kV1TransactionSizeMax : kPacketSizeMax;
    if (bytes.length > size_max) {
        throw new WireError(
            `transaction too large: ${bytes.length} bytes (max: ${size_max} bytes)`,
        );
    }
}

/**
 * Decodes a whole transaction. Accepts exactly the bytes that re-encode to themselves.
 * The views in the answer share memory with `bytes`. Throws WireError.
 */
export function decode_transaction(bytes: Uint8Array): Transaction {
    check_size(bytes);
    const reader = new Reader(bytes);
    if (reader.peek() === kV1FirstByte) {
        const message = read_v1_message(reader);
        const message_bytes = bytes.subarray(0, reader.offset);
        const signatures = read_signatures(reader, message.header.num_required_signatures);
        reader.end('transaction');
        return { bytes, message_bytes, message, signatures };
    }
    const signatures = read_signatures(reader, reader.compact_u16('number of signatures'));
    const start = reader.offset;
    const message = read_legacy_or_v0_message(reader);
    reader.end('transaction');
    return { bytes, message_bytes: bytes.subarray(start), message, signatures };
}

/** Decodes a message without its envelope, as getFeeForMessage takes it. Throws WireError. */
export function decode_message(bytes: Uint8Array): Message {
    check_size(bytes);
    const reader = new Reader(bytes);
    const message =
        reader.peek() === kV1FirstByte
            ? read_v1_message(reader)
            : read_legacy_or_v0_message(reader);
    reader.end('message');
    return message;
}
