// SPDX-License-Identifier: Apache-2.0
//
// JSON whose integers keep all their 64 bits, as Solana's JSON-RPC has them on the wire: a bigint
// is written as a bare number, and a number too large for a double is read as a bigint.

export type Json =
    | null
    | boolean
    | number
    | bigint
    | string
    | readonly Json[]
    | { readonly [name: string]: Json | undefined };
export type JsonObject = { readonly [name: string]: Json | undefined };

interface SourceTextJson {
    rawJSON(text: string): unknown;
    parse(
        text: string,
        reviver: (name: string, value: unknown, context: { source?: string }) => unknown,
    ): unknown;
}

// TypeScript's library has no types yet for the source text access that V8 ships.
const kJson = JSON as unknown as SourceTextJson;
const kInteger = /^-?[0-9]+$/;

/** Throws SyntaxError. */
export function parse_json(text: string): Json {
    return kJson.parse(text, (_name, value, context) => {
        if (typeof value === 'number' && !Number.isSafeInteger(value)) {
            const source = context.source;
            if (source !== undefined && kInteger.test(source)) {
                return BigInt(source);
            }
        }
        return value;
    }) as Json;
}

export function serialize_json(value: Json): string {
    return JSON.stringify(value, (_name, entry: unknown) =>
        typeof entry === 'bigint' ? kJson.rawJSON(entry.toString()) : entry,
    );
}

export function is_object(value: Json | undefined): value is JsonObject {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
