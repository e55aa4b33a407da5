// SPDX-License-Identifier: Apache-2.0
//
// Deploys a program as a developer does on a real cluster: through loader-v3 with InitializeBuffer,
// Write and DeployWithMaxDataLen, so that the loader's own checks of the ELF apply.
// Instruction numbers and accounts: solana-loader-v3-interface, UpgradeableLoaderInstruction.

import { getBase58Encoder, getProgramDerivedAddress } from '@solana/kit';

import {
    address_bytes,
    address_text,
    kClockSysvar,
    kRentSysvar,
    kSystemProgram,
    kUpgradeableLoader,
} from '../wire/addresses.ts';
import {
    type Instruction,
    Keypair,
    build_transaction,
    create_account,
    u32_le,
    u64_le,
} from '../wire/builder.ts';
import type { Machine, Outcome } from './machine.ts';
import { decode_transaction } from '../wire/transaction.ts';

/** Sizes of the loader's state in front of the ELF, in bytes. */
const kProgramSize = 36n;
const kProgramDataHeaderSize = 45n;
const kBufferHeaderSize = 37n;
/** ELF bytes in one Write: a legacy transaction of 1,232 bytes holds a little more. */
const kChunkSize = 960;

export interface Deployment {
    readonly elf: Uint8Array;
    /** Where the program goes. A keypair signs; a bare address is placed with the check switched off. */
    readonly program: Keypair | Uint8Array;
    /** Null: the program cannot be upgraded. */
    readonly upgrade_authority: Uint8Array | null;
    /** Room for later upgrades, in bytes; the length of the ELF when absent. */
    readonly max_data_length?: bigint;
}

export interface DeployResult {
    readonly program_data: Uint8Array;
    readonly transactions: number;
    readonly compute_units: bigint;
    readonly fees: bigint;
}

/** Sends one transaction of the chain itself. Must throw when the transaction fails. */
export type Sender = (
    keypairs: readonly [Keypair, ...Keypair[]],
    instructions: readonly Instruction[],
) => Outcome;

/** A sender that signs for the machine's own latest blockhash. */
export function machine_sender(machine: Machine): Sender {
    return (keypairs, instructions) => {
        const lifetime = Uint8Array.from(getBase58Encoder().encode(machine.latest_blockhash()));
        const bytes = build_transaction(keypairs, instructions, lifetime);
        const outcome = machine.send(decode_transaction(bytes));
        if (outcome.error !== null) {
            throw new Error(
                `deployment failed: ${JSON.stringify(outcome.error)}; logs: ${outcome.logs.join(' | ')}`,
            );
        }
        return outcome;
    };
}

const read_only = (address: Uint8Array) => ({ address, signer: false, writable: false });
const writable = (address: Uint8Array) => ({ address, signer: false, writable: true });
const signer = (address: Uint8Array) => ({ address, signer: true, writable: false });

function loader_instruction(
    accounts: Instruction['accounts'],
    ...data: Uint8Array[]
): Instruction {
    return { program: kUpgradeableLoader, accounts, data: Buffer.concat(data) };
}

function write_chunk(
    buffer: Uint8Array,
    authority: Uint8Array,
    offset: number,
    chunk: Uint8Array,
): Instruction {
    return loader_instruction(
        [writable(buffer), signer(authority)],
        u32_le(1),
        u32_le(offset),
        u64_le(BigInt(chunk.length)),
        chunk,
    );
}

function deploy_instruction(
    payer: Uint8Array,
    program: Uint8Array,
    program_data: Uint8Array,
    buffer: Uint8Array,
    max_data_length: bigint,
): Instruction {
    return loader_instruction(
        [
            { address: payer, signer: true, writable: true },
            writable(program_data),
            writable(program),
            writable(buffer),
            read_only(kRentSysvar),
            read_only(kClockSysvar),
            read_only(kSystemProgram),
            signer(payer),
        ],
        u32_le(2),
        u64_le(max_data_length),
    );
}

function set_authority(
    program_data: Uint8Array,
    current: Uint8Array,
    next: Uint8Array | null,
): Instruction {
    const accounts = [writable(program_data), signer(current)];
    return loader_instruction(next === null ? accounts : [...accounts, read_only(next)], u32_le(4));
}

/** The loader keeps the ELF at the address derived from the program's. */
export async function program_data_address(program: Uint8Array): Promise<Uint8Array> {
    const [derived] = await getProgramDerivedAddress({
        programAddress: address_text(kUpgradeableLoader),
        seeds: [program],
    });
    return address_bytes(derived);
}

/**
 * Deploys with a fresh payer that `fund` provides with lamports. The program can be called from the
 * next slot on, as on a real cluster: the caller advances the clock. Throws with the loader's logs.
 */
export async function deploy_program(
    machine: Machine,
    deployment: Deployment,
    send: Sender = machine_sender(machine),
): Promise<DeployResult> {
    const { elf } = deployment;
    const max_data_length = deployment.max_data_length ?? BigInt(elf.length);
    const payer = Keypair.generate();
    const buffer = Keypair.generate();
    const program = deployment.program instanceof Keypair ? deployment.program : null;
    const program_address = program?.address ?? (deployment.program as Uint8Array);
    const program_data = await program_data_address(program_address);
    const buffer_size = kBufferHeaderSize + BigInt(elf.length);
    const chunks = Math.ceil(elf.length / kChunkSize);
    const rent =
        machine.minimum_balance(buffer_size) +
        machine.minimum_balance(kProgramSize) +
        machine.minimum_balance(kProgramDataHeaderSize + max_data_length);
    const funding = machine.airdrop(
        payer.address,
        rent + machine.minimum_balance(0n) + BigInt(chunks + 8) * 10_000n,
    );
    if (funding.error !== null) {
        throw new Error(`the faucet could not fund the deployment: ${JSON.stringify(funding.error)}`);
    }
    const outcomes: Outcome[] = [
        send(
            [payer, buffer],
            [
                create_account(
                    payer.address,
                    buffer.address,
                    machine.minimum_balance(buffer_size),
                    buffer_size,
                    kUpgradeableLoader,
                ),
                loader_instruction([writable(buffer.address), read_only(payer.address)], u32_le(0)),
            ],
        ),
    ];
    for (let offset = 0; offset < elf.length; offset += kChunkSize) {
        const chunk = elf.subarray(offset, offset + kChunkSize);
        outcomes.push(
            send([payer], [write_chunk(buffer.address, payer.address, offset, chunk)]),
        );
    }
    const checks = machine.options.signature_check ?? true;
    if (program === null) {
        machine.set_checks({ signature_check: false });
    }
    try {
        outcomes.push(
            send(program === null ? [payer] : [payer, program], [
                create_account(
                    payer.address,
                    program_address,
                    machine.minimum_balance(kProgramSize),
                    kProgramSize,
                    kUpgradeableLoader,
                ),
                deploy_instruction(
                    payer.address,
                    program_address,
                    program_data,
                    buffer.address,
                    max_data_length,
                ),
            ]),
        );
    } finally {
        machine.set_checks({ signature_check: checks });
    }
    outcomes.push(
        send([payer], [set_authority(program_data, payer.address, deployment.upgrade_authority)]),
    );
    return {
        program_data,
        transactions: outcomes.length,
        compute_units: outcomes.reduce((sum, outcome) => sum + outcome.compute_units, 0n),
        fees: outcomes.reduce((sum, outcome) => sum + outcome.fee, 0n),
    };
}
