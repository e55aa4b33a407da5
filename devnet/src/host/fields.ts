// SPDX-License-Identifier: Apache-2.0
//
// Reads the fields of a request. Bytes travel as base64, numbers of 64 bits as decimal strings.

import { type Json, type JsonObject, is_object } from '../wire/json.ts';
import { from_base64 } from '../wire/text.ts';

/** A request that cannot be understood; the message says which field and why. */
export class RequestError extends Error {}

export class Fields {
    readonly #object: JsonObject;

    constructor(value: Json) {
        if (!is_object(value)) {
            throw new RequestError('a request is a JSON object');
        }
        this.#object = value;
    }

    #take(name: string): Json | undefined {
        return Object.hasOwn(this.#object, name) ? this.#object[name] : undefined;
    }

    /** A misspelt option must not pass silently. */
    allow_only(names: readonly string[]): void {
        for (const name of Object.keys(this.#object)) {
            if (name !== 'op' && !names.includes(name)) {
                throw new RequestError(`unknown field '${name}'`);
            }
        }
    }

    text(name: string): string;
    text(name: string, fallback: string): string;
    text(name: string, fallback?: string): string {
        const value = this.#take(name) ?? fallback;
        if (typeof value !== 'string') {
            throw new RequestError(`field '${name}' must be a string`);
        }
        return value;
    }

    flag(name: string, fallback: boolean): boolean {
        const value = this.#take(name) ?? fallback;
        if (typeof value !== 'boolean') {
            throw new RequestError(`field '${name}' must be true or false`);
        }
        return value;
    }

    has(name: string): boolean {
        return this.#take(name) !== undefined;
    }

    is_null(name: string): boolean {
        return this.#take(name) === null;
    }

    integer(name: string): bigint;
    integer(name: string, fallback: bigint): bigint;
    integer(name: string, fallback?: bigint): bigint {
        const value = this.#take(name);
        if (value === undefined && fallback !== undefined) {
            return fallback;
        }
        if (typeof value === 'string' && /^(0|-?[1-9][0-9]{0,19})$/.test(value)) {
            return BigInt(value);
        }
        throw new RequestError(`field '${name}' must be a whole number as a decimal string`);
    }

    bytes(name: string): Uint8Array {
        return decode_base64(this.#take(name), name);
    }

    key(name: string): Uint8Array {
        return check_key(this.bytes(name), name);
    }

    keys(name: string): Uint8Array[] {
        const value = this.#take(name) ?? [];
        if (!Array.isArray(value)) {
            throw new RequestError(`field '${name}' must be an array`);
        }
        return value.map((entry: Json) => check_key(decode_base64(entry, name), name));
    }

    list(name: string): readonly Json[] {
        const value = this.#take(name);
        if (!Array.isArray(value)) {
            throw new RequestError(`field '${name}' must be an array`);
        }
        return value;
    }
}

function check_key(bytes: Uint8Array, name: string): Uint8Array {
    if (bytes.length !== 32) {
        throw new RequestError(`field '${name}' must be 32 bytes, not ${bytes.length}`);
    }
    return bytes;
}

function decode_base64(value: Json | undefined, name: string): Uint8Array {
    if (typeof value !== 'string') {
        throw new RequestError(`field '${name}' must be base64 text`);
    }
    try {
        return from_base64(value);
    } catch (error) {
        throw new RequestError(`field '${name}' is ${(error as Error).message}`);
    }
}
