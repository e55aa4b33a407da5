// SPDX-License-Identifier: Apache-2.0
//
// The command line.

import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';

import type { LogStyle } from './log.ts';
import type { ProgramOption } from './node.ts';
import { address_bytes } from './wire/addresses.ts';
import { Keypair } from './wire/builder.ts';
import { bytes_equal } from './wire/text.ts';

export const kUsage = `usage: latchkey-devnet [options]

A Solana chain on this machine: the real VM behind Solana's JSON-RPC and WebSocket API.

  --port N                 JSON-RPC port (8899); 0 picks a free pair
  --ws-port N              WebSocket port (the JSON-RPC port plus one)
  --bind ADDRESS           address to listen on (127.0.0.1)
  --ledger DIR             keep the chain in DIR; without it, the chain ends with the process
  --reset                  start the ledger over
  --program ADDRESS=FILE   deploy FILE (sBPF ELF) through loader-v3 at ADDRESS, or upgrade what is
                           there; ADDRESS may be a keypair file; may be given several times
  --upgrade-authority KEY  address that may upgrade those programs (the faucet)
  --slot-ms N              length of a slot in milliseconds, 10 to 60000 (200)
  --finality-slots N       slots until a transaction is finalized, 0 to 1000 (2; mainnet: 32)
  --history N              transactions kept for queries, at least 1000 (20000)
  --features SET           mainnet (what is active there) or all (every known gate)
  --allow-host NAME        a further host name to answer to; may be given several times
  --allow-origin ORIGIN    a further origin whose web pages may connect, or *
  --quiet                  log errors only
  --json-log               log in JSON lines
  --help                   this text
  --version                print the version
`;

export class UsageError extends Error {}

export interface Options {
    readonly port: number;
    readonly ws_port: number | null;
    readonly bind: string;
    readonly ledger: string | null;
    readonly reset: boolean;
    readonly programs: readonly ProgramOption[];
    readonly upgrade_authority: Uint8Array | null;
    readonly slot_milliseconds: number;
    readonly finality_slots: number;
    readonly history_max: number;
    readonly features: 'mainnet' | 'all';
    readonly hosts: readonly string[];
    readonly origins: readonly string[];
    readonly log_style: LogStyle;
}

export type Command =
    | { readonly kind: 'help' }
    | { readonly kind: 'version' }
    | { readonly kind: 'run'; readonly options: Options };

function number_option(
    name: string,
    text: string | undefined,
    fallback: number,
    min: number,
    max: number,
): number {
    if (text === undefined) {
        return fallback;
    }
    const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : -1;
    if (value < min || value > max) {
        throw new UsageError(
            `--${name} must be a whole number from ${min} to ${max}, not '${text}'`,
        );
    }
    return value;
}

/**
 * A keypair file of the Solana tools: a JSON array of the 32 seed bytes and the 32 address bytes.
 */
function read_keypair(path: string): Keypair {
    let bytes: unknown;
    try {
        bytes = JSON.parse(readFileSync(path, 'utf8'));
    } catch (error) {
        throw new UsageError(`${path} is not a keypair file: ${(error as Error).message}`);
    }
    const valid =
        Array.isArray(bytes) &&
        bytes.length === 64 &&
        bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255);
    if (!valid) {
        throw new UsageError(`${path} is not a keypair file: expected an array of 64 bytes`);
    }
    const keypair = Keypair.from_seed(Uint8Array.from(bytes as number[]).subarray(0, 32));
    if (!bytes_equal(keypair.address, Uint8Array.from(bytes as number[]).subarray(32))) {
        throw new UsageError(`${path}: the address does not belong to the secret key`);
    }
    return keypair;
}

function read_address(option: string, text: string): Uint8Array {
    try {
        return address_bytes(text);
    } catch {
        throw new UsageError(`--${option}: '${text}' is not an address in base58`);
    }
}

function read_program(text: string): ProgramOption {
    const separator = text.indexOf('=');
    if (separator <= 0 || separator === text.length - 1) {
        throw new UsageError(`--program needs ADDRESS=FILE, not '${text}'`);
    }
    const name = text.slice(0, separator);
    const path = text.slice(separator + 1);
    const program = existsSync(name) ? read_keypair(name) : read_address('program', name);
    try {
        return { program, elf: readFileSync(path) };
    } catch (error) {
        throw new UsageError(`--program: cannot read ${path}: ${(error as Error).message}`);
    }
}

function read_features(text: string | undefined): 'mainnet' | 'all' {
    if (text === undefined || text === 'mainnet' || text === 'all') {
        return text ?? 'mainnet';
    }
    throw new UsageError(`--features must be mainnet or all, not '${text}'`);
}

function parse(argv: readonly string[]) {
    try {
        return parseArgs({
            args: [...argv],
            strict: true,
            allowPositionals: false,
            options: {
                port: { type: 'string' },
                'ws-port': { type: 'string' },
                bind: { type: 'string' },
                ledger: { type: 'string' },
                reset: { type: 'boolean' },
                program: { type: 'string', multiple: true },
                'upgrade-authority': { type: 'string' },
                'slot-ms': { type: 'string' },
                'finality-slots': { type: 'string' },
                history: { type: 'string' },
                features: { type: 'string' },
                'allow-host': { type: 'string', multiple: true },
                'allow-origin': { type: 'string', multiple: true },
                quiet: { type: 'boolean' },
                'json-log': { type: 'boolean' },
                help: { type: 'boolean' },
                version: { type: 'boolean' },
            },
        }).values;
    } catch (error) {
        throw new UsageError((error as Error).message);
    }
}

/** Throws UsageError with a message for the person at the terminal. */
export function parse_options(argv: readonly string[]): Command {
    const values = parse(argv);
    if (values.help === true) {
        return { kind: 'help' };
    }
    if (values.version === true) {
        return { kind: 'version' };
    }
    const bind = values.bind ?? '127.0.0.1';
    if (isIP(bind) === 0 && bind !== 'localhost') {
        throw new UsageError(`--bind must be an address, not '${bind}'`);
    }
    if (values.reset === true && values.ledger === undefined) {
        throw new UsageError('--reset needs --ledger: a chain in memory always starts over');
    }
    const port = number_option('port', values.port, 8899, 0, 65534);
    const ws_port = values['ws-port'];
    return {
        kind: 'run',
        options: {
            port,
            ws_port: ws_port === undefined ? null : number_option('ws-port', ws_port, 0, 1, 65535),
            bind,
            ledger: values.ledger ?? null,
            reset: values.reset ?? false,
            programs: (values.program ?? []).map(read_program),
            upgrade_authority:
                values['upgrade-authority'] === undefined
                    ? null
                    : read_address('upgrade-authority', values['upgrade-authority']),
            slot_milliseconds: number_option('slot-ms', values['slot-ms'], 200, 10, 60_000),
            finality_slots: number_option('finality-slots', values['finality-slots'], 2, 0, 1000),
            history_max: number_option('history', values.history, 20_000, 1000, 100_000_000),
            features: read_features(values.features),
            hosts: (values['allow-host'] ?? []).map((host) => host.toLowerCase()),
            origins: values['allow-origin'] ?? [],
            log_style:
                values.quiet === true ? 'quiet' : values['json-log'] === true ? 'json' : 'text',
        },
    };
}
