// SPDX-License-Identifier: Apache-2.0
//
// Deploys a program as a developer does on a real cluster: through loader-v3 with InitializeBuffer,
// Write and DeployWithMaxDataLen, so that the loader's own checks of the ELF apply.
// Instruction numbers and accounts: solana-loader-v3-interface, UpgradeableLoaderInstruction.

import { getProgramDerivedAddress } from '@solana/kit';

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
import { from_base58 } from '../wire/text.ts';
import { decode_transaction } from '../wire/transaction.ts';
import type { Account, Machine, Outcome } from './machine.ts';

/** Sizes of the loader's state in front of the ELF, in bytes. */
const kProgramSize = 36n;
const kProgramDataHeaderSize = 45n;
const kBufferHeaderSize = 37n;
/** ELF bytes in one Write: a legacy transaction of 1,232 bytes holds a little more. */
const kChunkSize = 960;

export interface Deployment {
    readonly elf: Uint8Array;
    /**
     * Where the program goes. A keypair signs; a bare address is placed with the check switched
     * off.
     */
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

/** What a deployment is sent to: a bare VM or a chain. */
export interface DeployTarget {
    minimum_balance(data_length: bigint): bigint;
    /** Pays from a faucet. Throws when it cannot. */
    fund(address: Uint8Array, lamports: bigint): void;
    /**
     * Sends one transaction; the first keypair pays. `complete`: every signer is among the
     * keypairs.
     */
    send(
        keypairs: readonly [Keypair, ...Keypair[]],
        instructions: readonly Instruction[],
        complete: boolean,
    ): Outcome;
}

export function machine_target(machine: Machine): DeployTarget {
    return {
        minimum_balance: (data_length) => machine.minimum_balance(data_length),
        fund: (address, lamports) => {
            const { error } = machine.airdrop(address, lamports);
            if (error !== null) {
                throw new Error(`the faucet cannot fund the deployment: ${JSON.stringify(error)}`);
            }
        },
        send: (keypairs, instructions, complete) => {
            const lifetime = from_base58(machine.latest_blockhash());
            const bytes = build_transaction(keypairs, instructions, lifetime);
            const checks = machine.options.signature_check ?? true;
            machine.set_checks({ signature_check: checks && complete });
            try {
                return machine.send(decode_transaction(bytes));
            } finally {
                machine.set_checks({ signature_check: checks });
            }
        },
    };
}

const read_only = (address: Uint8Array) => ({ address, signer: false, writable: false });
const writable = (address: Uint8Array) => ({ address, signer: false, writable: true });
const signer = (address: Uint8Array) => ({ address, signer: true, writable: false });

function loader_instruction(accounts: Instruction['accounts'], ...data: Uint8Array[]): Instruction {
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

/** The steps of one deployment, with their sum. */
class Steps {
    readonly #target: DeployTarget;
    readonly #outcomes: Outcome[] = [];

    constructor(target: DeployTarget) {
        this.#target = target;
    }

    send(
        keypairs: readonly [Keypair, ...Keypair[]],
        instructions: readonly Instruction[],
        complete = true,
    ): void {
        const outcome = this.#target.send(keypairs, instructions, complete);
        if (outcome.error !== null) {
            throw new Error(
                `deployment failed: ${JSON.stringify(outcome.error)}; logs: ${outcome.logs.join(' | ')}`,
            );
        }
        this.#outcomes.push(outcome);
    }

    result(program_data: Uint8Array): DeployResult {
        return {
            program_data,
            transactions: this.#outcomes.length,
            compute_units: this.#outcomes.reduce((sum, outcome) => sum + outcome.compute_units, 0n),
            fees: this.#outcomes.reduce((sum, outcome) => sum + outcome.fee, 0n),
        };
    }
}

/** A funded payer, and a buffer account that holds the ELF with the payer as its authority. */
function write_buffer(
    target: DeployTarget,
    steps: Steps,
    elf: Uint8Array,
    further_lamports: bigint,
): { payer: Keypair; buffer: Keypair } {
    const payer = Keypair.generate();
    const buffer = Keypair.generate();
    const size = kBufferHeaderSize + BigInt(elf.length);
    const fees = BigInt(Math.ceil(elf.length / kChunkSize) + 8) * 10_000n;
    const rent = target.minimum_balance(size);
    target.fund(payer.address, rent + target.minimum_balance(0n) + fees + further_lamports);
    steps.send(
        [payer, buffer],
        [
            create_account(payer.address, buffer.address, rent, size, kUpgradeableLoader),
            loader_instruction([writable(buffer.address), read_only(payer.address)], u32_le(0)),
        ],
    );
    for (let offset = 0; offset < elf.length; offset += kChunkSize) {
        const chunk = elf.subarray(offset, offset + kChunkSize);
        steps.send([payer], [write_chunk(buffer.address, payer.address, offset, chunk)]);
    }
    return { payer, buffer };
}

/**
 * Deploys with a fresh payer. The program can be called from the next slot on, as on a real
 * cluster: the caller advances the clock. Throws with the loader's logs.
 */
export async function deploy_program(
    target: DeployTarget,
    deployment: Deployment,
): Promise<DeployResult> {
    const { elf } = deployment;
    const keypair = deployment.program instanceof Keypair ? deployment.program : null;
    const program =
        deployment.program instanceof Keypair ? deployment.program.address : deployment.program;
    const program_data = await program_data_address(program);
    const max_data_length = deployment.max_data_length ?? BigInt(elf.length);
    const program_rent = target.minimum_balance(kProgramSize);
    const steps = new Steps(target);
    const { payer, buffer } = write_buffer(
        target,
        steps,
        elf,
        program_rent + target.minimum_balance(kProgramDataHeaderSize + max_data_length),
    );
    steps.send(
        keypair === null ? [payer] : [payer, keypair],
        [
            create_account(payer.address, program, program_rent, kProgramSize, kUpgradeableLoader),
            deploy_instruction(
                payer.address,
                program,
                program_data,
                buffer.address,
                max_data_length,
            ),
        ],
        keypair !== null,
    );
    const authority = deployment.upgrade_authority;
    steps.send([payer], [set_authority(program_data, payer.address, authority)]);
    return steps.result(program_data);
}

/**
 * Replaces a deployed program's ELF through the loader's Upgrade. The upgrade authority's signature
 * is left out (the target must accept that); everything else is the loader's rule.
 */
export async function upgrade_program(
    target: DeployTarget,
    program: Uint8Array,
    authority: Uint8Array,
    elf: Uint8Array,
): Promise<DeployResult> {
    const program_data = await program_data_address(program);
    const steps = new Steps(target);
    const { payer, buffer } = write_buffer(target, steps, elf, 0n);
    steps.send([payer], [set_authority(buffer.address, payer.address, authority)]);
    const upgrade = loader_instruction(
        [
            writable(program_data),
            writable(program),
            writable(buffer.address),
            writable(payer.address),
            read_only(kRentSysvar),
            read_only(kClockSysvar),
            signer(authority),
        ],
        u32_le(3),
    );
    steps.send([payer], [upgrade], false);
    return steps.result(program_data);
}

export interface DeployedProgram {
    readonly upgrade_authority: Uint8Array | null;
    /** The ELF, with zeros up to the room it was given. */
    readonly elf: Uint8Array;
}

/** What loader-v3 holds at the address; null when there is no program of its. */
export async function find_program(
    program: Uint8Array,
    get_account: (address: Uint8Array) => Account | null,
): Promise<DeployedProgram | null> {
    const data = get_account(await program_data_address(program))?.data;
    if (
        get_account(program) === null ||
        data === undefined ||
        data.length < Number(kProgramDataHeaderSize)
    ) {
        return null;
    }
    return {
        upgrade_authority: data[12] === 1 ? data.subarray(13, 45) : null,
        elf: data.subarray(Number(kProgramDataHeaderSize)),
    };
}
