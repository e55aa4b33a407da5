// SPDX-License-Identifier: Apache-2.0
//
// What the VM host can be asked. README.md documents each request with its fields.

import { readFileSync, writeFileSync } from 'node:fs';

import { deploy_program, machine_target } from '../vm/deploy.ts';
import {
    type Account,
    type Clock,
    Machine,
    type MachineOptions,
    type Outcome,
    type SimulatedOutcome,
} from '../vm/machine.ts';
import { Keypair } from '../wire/builder.ts';
import { type Json, type JsonObject } from '../wire/json.ts';
import { from_base58, to_base64 } from '../wire/text.ts';
import { decode_transaction } from '../wire/transaction.ts';
import { Fields, RequestError } from './fields.ts';

type Answer = Json;
type Handler = (host: Host, fields: Fields) => Answer | Promise<Answer>;

/** Snapshots kept in the memory of the host at once; each is a few megabytes. */
const kSnapshotsMax = 64;

export interface Host {
    machine: Machine;
    readonly snapshots: Map<string, Uint8Array>;
    next_snapshot: number;
}

export function create_host(): Host {
    return { machine: new Machine(), snapshots: new Map(), next_snapshot: 1 };
}

function account_json(account: Account): JsonObject {
    return {
        lamports: account.lamports.toString(),
        owner: to_base64(account.owner),
        data: to_base64(account.data),
        executable: account.executable,
    };
}

function clock_json(clock: Clock): JsonObject {
    return {
        slot: clock.slot.toString(),
        epoch_start_timestamp: clock.epoch_start_timestamp.toString(),
        epoch: clock.epoch.toString(),
        leader_schedule_epoch: clock.leader_schedule_epoch.toString(),
        unix_timestamp: clock.unix_timestamp.toString(),
    };
}

function outcome_json(outcome: Outcome): JsonObject {
    return {
        ok: outcome.error === null,
        error: outcome.error as Json,
        signature: to_base64(outcome.signature),
        logs: outcome.logs,
        compute_units: outcome.compute_units.toString(),
        fee: outcome.fee.toString(),
        return_data:
            outcome.return_data === null
                ? null
                : {
                      program: to_base64(outcome.return_data.program),
                      data: to_base64(outcome.return_data.data),
                  },
        inner_instructions: outcome.inner_instructions.map((list) =>
            list.map((inner) => ({
                program_index: inner.program_index,
                accounts: to_base64(inner.account_indexes),
                data: to_base64(inner.data),
                stack_height: inner.stack_height,
            })),
        ),
    };
}

function simulated_json(outcome: SimulatedOutcome): JsonObject {
    return {
        ...outcome_json(outcome),
        post_accounts: outcome.post_accounts.map((account) => ({
            address: to_base64(account.address),
            ...account_json(account),
        })),
    };
}

function read_options(fields: Fields): MachineOptions {
    const features = fields.text('features', 'mainnet');
    if (features !== 'mainnet' && features !== 'all') {
        throw new RequestError(`field 'features' must be "mainnet" or "all"`);
    }
    return {
        features,
        activate: fields.keys('activate'),
        deactivate: fields.keys('deactivate'),
        signature_check: fields.flag('signature_check', true),
        blockhash_check: fields.flag('blockhash_check', true),
        ...(fields.has('lamports_per_byte')
            ? { lamports_per_byte: fields.integer('lamports_per_byte') }
            : {}),
        ...(fields.has('history_capacity')
            ? { history_capacity: fields.integer('history_capacity') }
            : {}),
        ...(fields.has('log_bytes_limit')
            ? {
                  log_bytes_limit: fields.is_null('log_bytes_limit')
                      ? null
                      : fields.integer('log_bytes_limit'),
              }
            : {}),
    };
}

function latest_blockhash(host: Host): Answer {
    return to_base64(from_base58(host.machine.latest_blockhash()));
}

function take_snapshot(host: Host): Answer {
    if (host.snapshots.size >= kSnapshotsMax) {
        throw new RequestError(`at most ${kSnapshotsMax} snapshots: drop one first`);
    }
    const id = (host.next_snapshot++).toString();
    host.snapshots.set(id, host.machine.snapshot());
    return { id };
}

function find_snapshot(host: Host, id: string): Uint8Array {
    const snapshot = host.snapshots.get(id);
    if (snapshot === undefined) {
        throw new RequestError(`there is no snapshot '${id}'`);
    }
    return snapshot;
}

async function deploy(host: Host, fields: Fields): Promise<Answer> {
    const program = fields.has('program_seed')
        ? Keypair.from_seed(fields.key('program_seed'))
        : fields.key('program');
    const has_authority = fields.has('upgrade_authority') && !fields.is_null('upgrade_authority');
    const elf = fields.bytes('elf');
    const result = await deploy_program(machine_target(host.machine), {
        program,
        elf,
        upgrade_authority: has_authority ? fields.key('upgrade_authority') : null,
        max_data_length: fields.integer('max_data_length', BigInt(elf.length)),
    });
    if (fields.flag('advance_slot', true)) {
        const clock = host.machine.get_clock();
        host.machine.set_clock({ ...clock, slot: clock.slot + 1n });
    }
    return {
        program_data: to_base64(result.program_data),
        transactions: result.transactions,
        compute_units: result.compute_units.toString(),
        fees: result.fees.toString(),
    };
}

function set_clock(host: Host, fields: Fields): Answer {
    const now = host.machine.get_clock();
    host.machine.set_clock({
        slot: fields.integer('slot', now.slot),
        epoch_start_timestamp: fields.integer('epoch_start_timestamp', now.epoch_start_timestamp),
        epoch: fields.integer('epoch', now.epoch),
        leader_schedule_epoch: fields.integer('leader_schedule_epoch', now.leader_schedule_epoch),
        unix_timestamp: fields.integer('unix_timestamp', now.unix_timestamp),
    });
    return clock_json(host.machine.get_clock());
}

function optional_account(host: Host, address: Uint8Array): Answer {
    const account = host.machine.get_account(address);
    return account === null ? null : account_json(account);
}

/** The fields each request may carry; anything else is refused before anything happens. */
const kFields: { readonly [op: string]: readonly string[] } = {
    create: [
        'features',
        'activate',
        'deactivate',
        'signature_check',
        'blockhash_check',
        'lamports_per_byte',
        'history_capacity',
        'log_bytes_limit',
    ],
    set_checks: ['signature_check', 'blockhash_check'],
    set_account: ['address', 'lamports', 'owner', 'data', 'executable'],
    get_account: ['address'],
    get_accounts: ['addresses'],
    get_balance: ['address'],
    get_program_accounts: ['program'],
    load_program: ['program', 'elf'],
    deploy_program: [
        'program',
        'program_seed',
        'elf',
        'upgrade_authority',
        'max_data_length',
        'advance_slot',
    ],
    airdrop: ['address', 'lamports'],
    set_clock: [
        'slot',
        'epoch_start_timestamp',
        'epoch',
        'leader_schedule_epoch',
        'unix_timestamp',
    ],
    set_rent: ['lamports_per_byte'],
    minimum_balance: ['data_length'],
    send: ['transaction'],
    simulate: ['transaction'],
    restore: ['id'],
    drop_snapshot: ['id'],
    save: ['path'],
    load: ['path'],
    batch: ['requests'],
};

const kHandlers: { readonly [op: string]: Handler } = {
    create: (host, fields) => {
        const options = read_options(fields);
        host.machine = new Machine(options);
        return latest_blockhash(host);
    },
    set_checks: (host, fields) => {
        const now = host.machine.options;
        host.machine.set_checks({
            signature_check: fields.flag('signature_check', now.signature_check ?? true),
            blockhash_check: fields.flag('blockhash_check', now.blockhash_check ?? true),
        });
        return null;
    },
    set_account: (host, fields) => {
        host.machine.set_account(fields.key('address'), {
            lamports: fields.integer('lamports'),
            owner: fields.key('owner'),
            data: fields.bytes('data'),
            executable: fields.flag('executable', false),
        });
        return null;
    },
    get_account: (host, fields) => optional_account(host, fields.key('address')),
    get_accounts: (host, fields) =>
        fields.keys('addresses').map((address) => optional_account(host, address)),
    get_balance: (host, fields) => host.machine.get_balance(fields.key('address')).toString(),
    get_program_accounts: (host, fields) =>
        host.machine.get_program_accounts(fields.key('program')).map((account) => ({
            address: to_base64(account.address),
            ...account_json(account),
        })),
    load_program: (host, fields) => {
        host.machine.add_program(fields.key('program'), fields.bytes('elf'));
        return null;
    },
    deploy_program: deploy,
    airdrop: (host, fields) =>
        outcome_json(host.machine.airdrop(fields.key('address'), fields.integer('lamports'))),
    latest_blockhash,
    expire_blockhash: (host) => {
        host.machine.expire_blockhash();
        return latest_blockhash(host);
    },
    get_clock: (host) => clock_json(host.machine.get_clock()),
    set_clock,
    get_rent: (host) => host.machine.lamports_per_byte().toString(),
    set_rent: (host, fields) => {
        host.machine.set_lamports_per_byte(fields.integer('lamports_per_byte'));
        return null;
    },
    minimum_balance: (host, fields) =>
        host.machine.minimum_balance(fields.integer('data_length')).toString(),
    send: (host, fields) =>
        outcome_json(host.machine.send(decode_transaction(fields.bytes('transaction')))),
    simulate: (host, fields) =>
        simulated_json(host.machine.simulate(decode_transaction(fields.bytes('transaction')))),
    snapshot: take_snapshot,
    restore: (host, fields) => {
        host.machine.restore(find_snapshot(host, fields.text('id')));
        return null;
    },
    drop_snapshot: (host, fields) => {
        const id = fields.text('id');
        find_snapshot(host, id);
        host.snapshots.delete(id);
        return null;
    },
    save: (host, fields) => {
        writeFileSync(fields.text('path'), host.machine.snapshot());
        return null;
    },
    load: (host, fields) => {
        host.machine.restore(readFileSync(fields.text('path')));
        return null;
    },
    ping: () => 'pong',
};

/**
 * `{"result": ...}` or `{"error": "..."}`; the state is unchanged after an error of the request.
 */
export async function answer(host: Host, request: Json): Promise<JsonObject> {
    try {
        const fields = new Fields(request);
        const op = fields.text('op');
        fields.allow_only((Object.hasOwn(kFields, op) ? kFields[op] : undefined) ?? []);
        if (op === 'batch') {
            const results: Json[] = [];
            for (const entry of fields.list('requests')) {
                results.push(await answer(host, entry));
            }
            return { result: results };
        }
        const handler = Object.hasOwn(kHandlers, op) ? kHandlers[op] : undefined;
        if (handler === undefined) {
            throw new RequestError(`unknown op ${JSON.stringify(op)}`);
        }
        const pending = handler(host, fields);
        return { result: pending instanceof Promise ? await pending : pending };
    } catch (error) {
        return { error: error instanceof Error ? error.message : String(error) };
    }
}
