// SPDX-License-Identifier: Apache-2.0
//
// Reads the parameters of a request: an array, whose last entry is often a configuration object. As
// on Agave, unknown fields of a configuration are ignored and null means absent.

import { type Json, type JsonObject, is_object } from '../wire/json.ts';
import { address_bytes } from '../wire/addresses.ts';
import { from_base58 } from '../wire/text.ts';
import { invalid_params } from './errors.ts';

export type Commitment = 'processed' | 'confirmed' | 'finalized';

/** Base58 text of 64 bytes is never longer. */
const kSignatureTextMax = 88;
const kAddressTextMax = 44;

export function to_address(value: Json | undefined, what: string): Uint8Array {
    if (typeof value !== 'string') {
        throw invalid_params(`Invalid params: ${what} must be a base58 string`);
    }
    try {
        if (value.length > kAddressTextMax) {
            throw new Error('too long');
        }
        return address_bytes(value);
    } catch {
        throw invalid_params(`Invalid param: ${what} is not the base58 form of 32 bytes`);
    }
}

export function to_hash(value: Json | undefined, what: string): Uint8Array {
    return to_address(value, what);
}

export function to_signature(value: Json | undefined, what: string): Uint8Array {
    if (typeof value !== 'string') {
        throw invalid_params(`Invalid params: ${what} must be a base58 string`);
    }
    let bytes: Uint8Array | null = null;
    try {
        bytes = value.length > kSignatureTextMax ? null : from_base58(value);
    } catch {
        bytes = null;
    }
    if (bytes?.length !== 64) {
        throw invalid_params(`Invalid param: ${what} is not the base58 form of 64 bytes`);
    }
    return bytes;
}

/** A whole number from 0 up to 2^53 - 1. */
export function to_count(value: Json | undefined, what: string): number {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
        throw invalid_params(`Invalid params: ${what} must be a whole number, not negative`);
    }
    return value;
}

/** A whole number of 64 unsigned bits. */
export function to_u64(value: Json | undefined, what: string): bigint {
    const number = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
    if (typeof number !== 'bigint' || number < 0n || number >= 1n << 64n) {
        throw invalid_params(`Invalid params: ${what} must be a whole number of 64 unsigned bits`);
    }
    return number;
}

export function to_text(value: Json | undefined, what: string): string {
    if (typeof value !== 'string') {
        throw invalid_params(`Invalid params: ${what} must be a string`);
    }
    return value;
}

export function to_list(value: Json | undefined, what: string, count_max: number): readonly Json[] {
    if (!Array.isArray(value)) {
        throw invalid_params(`Invalid params: ${what} must be an array`);
    }
    if (value.length > count_max) {
        throw invalid_params(`Too many inputs provided; max ${count_max}`);
    }
    return value as readonly Json[];
}

function to_commitment(value: Json): Commitment {
    switch (value) {
        case 'processed':
        case 'confirmed':
        case 'finalized':
            return value;
        // The names before Solana 1.5.
        case 'recent':
            return 'processed';
        case 'single':
        case 'singleGossip':
            return 'confirmed';
        case 'root':
        case 'max':
            return 'finalized';
        default:
            throw invalid_params(
                `Invalid params: unknown commitment ${JSON.stringify(value)}, expected processed, confirmed or finalized`,
            );
    }
}

/** A configuration object, or the absence of one. */
export class Config {
    readonly #object: JsonObject;

    constructor(value: Json | undefined, what = 'configuration') {
        if (value !== undefined && value !== null && !is_object(value)) {
            throw invalid_params(`Invalid params: ${what} must be an object`);
        }
        this.#object = value ?? {};
    }

    get(name: string): Json | undefined {
        const value = Object.hasOwn(this.#object, name) ? this.#object[name] : undefined;
        return value === null ? undefined : value;
    }

    flag(name: string): boolean {
        const value = this.get(name) ?? false;
        if (typeof value !== 'boolean') {
            throw invalid_params(`Invalid params: ${name} must be true or false`);
        }
        return value;
    }

    count(name: string): number | undefined {
        const value = this.get(name);
        return value === undefined ? undefined : to_count(value, name);
    }

    choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
        const value = this.get(name);
        if (value === undefined) {
            return undefined;
        }
        const found = choices.find((choice) => choice === value);
        if (found === undefined) {
            throw invalid_params(
                `Invalid params: unknown ${name} ${JSON.stringify(value)}, expected one of ${choices.join(', ')}`,
            );
        }
        return found;
    }

    /** Finalized when absent, as on Agave. */
    commitment(name = 'commitment'): Commitment {
        const value = this.get(name);
        return value === undefined ? 'finalized' : to_commitment(value);
    }

    nested(name: string): Config {
        return new Config(this.get(name), name);
    }
}

/** The positional parameters of one request. */
export class Args {
    readonly #values: readonly Json[];

    constructor(params: Json | undefined) {
        if (params !== undefined && params !== null && !Array.isArray(params)) {
            throw invalid_params('Invalid params: expected an array');
        }
        this.#values = (params ?? []) as readonly Json[];
    }

    get length(): number {
        return this.#values.length;
    }

    at(index: number): Json | undefined {
        const value = this.#values[index];
        return value === null ? undefined : value;
    }

    /** More parameters than a method has are refused. */
    at_most(count: number): void {
        if (this.#values.length > count) {
            throw invalid_params(
                `Invalid parameters: expected from 0 to ${count} parameters, got ${this.#values.length}`,
            );
        }
    }

    required(index: number, what: string): Json {
        const value = this.at(index);
        if (value === undefined) {
            throw invalid_params(`Invalid params: ${what} is missing`);
        }
        return value;
    }

    config(index: number): Config {
        return new Config(this.at(index));
    }

    /** Some methods take a bare commitment where others take a configuration. */
    config_or_commitment(index: number): Config {
        const value = this.at(index);
        return typeof value === 'string' ? new Config({ commitment: value }) : new Config(value);
    }
}
