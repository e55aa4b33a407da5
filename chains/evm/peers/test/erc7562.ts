// SPDX-License-Identifier: Apache-2.0
// The rules that bundlers have for the validation of a user operation (ERC-7562), judged from the steps of a
// transaction that called EntryPoint.handleOps with that one operation.
//
// Checked, in what factory, account and paymaster run before any execution, at every depth:
//   OP-011  opcodes that tell about the environment (BLOBHASH and BLOBBASEFEE as well), CREATE, INVALID,
//           SELFDESTRUCT
//   OP-012  GAS anywhere but directly before a call
//   OP-013  opcodes that do not exist
//   OP-020  a frame that ran out of gas
//   OP-031  CREATE2 outside of deployment, twice, or of another address than the sender's
//   OP-041, OP-042  calls and EXTCODE* of addresses without code, except the sender's
//   OP-051 to OP-054  what may be asked of the EntryPoint
//   OP-061  calls with value to anybody but the EntryPoint
//   OP-062  precompiles other than 1 to 9, and 0x100 where the chain has it
//   OP-070  transient storage, as if it were storage
//   OP-080  BALANCE and SELFBALANCE without stake
//   STO-010 to STO-033  whose storage is read and written, with and without stake
// Stake is what the EntryPoint says it is: one unit of the chain's coin, locked for a day.
//
// Not checked:
//   OP-032, EREP-060, EREP-061  more that the creation of an account may do: CREATE and a second CREATE2 are
//           always refused here
//   OP-020  in a precompile: it has no steps
//   COD-010, STO-040, STO-041, GREP, SREP, UREP and EREP: they are about several operations, or about time
//   limits of a bundler's own: of gas, sizes, and how long an operation has to be valid
//   aggregators, and the initialization of accounts of EIP-7702 by initCode
import {
    decodeFunctionData,
    getAddress,
    getContractAddress,
    hexToBigInt,
    pad,
    parseEther,
    size,
    slice,
    toFunctionSelector,
    toHex,
    type Address,
    type Hex,
} from 'viem';
import { entryPoint08Abi, entryPoint08Address } from 'viem/account-abstraction';

import type { Chain } from '../../contracts/scripts/wallet/anvil.ts';

export type Phase = 'factory' | 'account' | 'paymaster';

export interface Violation {
    rule: string;
    phase: Phase;
    /// Where: the code's address, and the place in it.
    code: Address;
    pc: number;
    what: string;
}

export interface Findings {
    /// In the order in which the EntryPoint ran them.
    phases: Phase[];
    /// How many steps were looked at.
    steps: number;
    violations: Violation[];
}

interface Step {
    pc: number;
    op: string;
    depth: number;
    stack: Hex[];
    memory: Hex[];
    error?: string;
}

interface Frame {
    /// Whose code runs, and on whose storage.
    code: Address;
    storage: Address;
    phase: Phase | undefined;
}

interface Entity {
    address: Address;
    isStaked: boolean;
}

const stakeMin = parseEther('1');
const unstakeDelayMin = 86_400;
const associatedRange = 128n;
const p256Precompile = 0x100n;

const calls = new Set(['CALL', 'CALLCODE', 'DELEGATECALL', 'STATICCALL']);
const withValue = new Set(['CALL', 'CALLCODE']);
const creations = new Set(['CREATE', 'CREATE2']);
const codeReads = new Set(['EXTCODESIZE', 'EXTCODEHASH', 'EXTCODECOPY']);
const storageReads = new Set(['SLOAD', 'TLOAD']);
const storageWrites = new Set(['SSTORE', 'TSTORE']);
const balances = new Set(['BALANCE', 'SELFBALANCE']);
const blocked = new Set([
    'ORIGIN',
    'GASPRICE',
    'BLOCKHASH',
    'COINBASE',
    'TIMESTAMP',
    'NUMBER',
    'PREVRANDAO',
    'DIFFICULTY',
    'GASLIMIT',
    'BASEFEE',
    'BLOBHASH',
    'BLOBBASEFEE',
    'CREATE',
    'INVALID',
    'SELFDESTRUCT',
]);
const validateUserOp: Hex = '0x19822f7c';
const validatePaymasterUserOp: Hex = '0x52b7512c';
const depositTo = toFunctionSelector('depositTo(address)');

/// The word `place` from the top.
function word(step: Step, place: number): bigint {
    const found = step.stack.at(-1 - place);
    if (found === undefined) {
        throw new Error(`${step.op} at ${step.pc} has no word ${place}`);
    }
    return BigInt(found);
}

function addressAt(step: Step, place: number): Address {
    return getAddress(toHex(word(step, place) & ((1n << 160n) - 1n), { size: 20 }));
}

/// What lies behind the memory's end is zero.
function memoryAt(step: Step, start: bigint, bytes: bigint): Hex {
    const from = Number(start) * 2;
    const until = from + Number(bytes) * 2;
    const digits = step.memory.map((part) => part.slice(2)).join('');
    return `0x${digits.slice(from, until).padEnd(until - from, '0')}`;
}

/// Behind the value, if the call has one.
function callData(step: Step): Hex {
    const place = withValue.has(step.op) ? 3 : 2;
    return memoryAt(step, word(step, place), word(step, place + 1));
}

function selectorOf(data: Hex): Hex {
    return size(data) < 4 ? '0x' : slice(data, 0, 4);
}

function createdBy(step: Step, creator: Address): Address | undefined {
    if (step.op !== 'CREATE2') {
        return undefined;
    }
    const bytecode = memoryAt(step, word(step, 1), word(step, 2));
    const salt = toHex(word(step, 3), { size: 32 });
    return getContractAddress({ opcode: 'CREATE2', from: creator, salt, bytecode });
}

class Checker {
    readonly findings: Findings = { phases: [], steps: 0, violations: [] };
    /// Addresses whose code was used, and by whom first.
    readonly used = new Map<Address, { step: Step; frame: Frame }>();
    private readonly sender: Address;
    private readonly senderCreator: Address;
    private readonly entities: Partial<Record<Phase, Entity>>;
    private readonly hashes = new Map<Address, bigint[]>();
    private readonly frames: Frame[] = [
        { code: entryPoint08Address, storage: entryPoint08Address, phase: undefined },
    ];
    private creations = 0;

    constructor(sender: Address, senderCreator: Address, entities: Partial<Record<Phase, Entity>>) {
        this.sender = sender;
        this.senderCreator = senderCreator;
        this.entities = entities;
    }

    run(steps: Step[]): void {
        for (const [index, step] of steps.entries()) {
            if (step.depth > this.frames.length) {
                this.enter(steps[index - 1]);
            }
            this.frames.length = step.depth;
            const frame = this.frames[step.depth - 1];
            if (step.op === 'KECCAK256') {
                this.noteHash(step, steps[index + 1]);
            }
            // The EntryPoint and the contract through which it calls factories are not judged.
            if (frame.phase && frame.code !== entryPoint08Address && frame.code !== this.senderCreator) {
                ++this.findings.steps;
                this.judge(step, frame, steps[index + 1]);
            }
        }
    }

    report(rule: string, step: Step, frame: Frame, what = step.op): void {
        const phase = frame.phase as Phase;
        this.findings.violations.push({ rule, phase, code: frame.code, pc: step.pc, what });
    }

    private enter(from: Step): void {
        const above = this.frames[from.depth - 1];
        if (creations.has(from.op)) {
            // CREATE is refused wherever it is: nothing depends on its address.
            const made = createdBy(from, above.storage) ?? above.storage;
            this.frames.push({ code: made, storage: made, phase: above.phase });
            return;
        }
        const code = addressAt(from, 1);
        const isOwn = from.op === 'CALL' || from.op === 'STATICCALL';
        const phase = from.depth === 1 ? this.phaseOf(code, callData(from)) : above.phase;
        this.frames.push({ code, storage: isOwn ? code : above.storage, phase });
    }

    private phaseOf(target: Address, data: Hex): Phase | undefined {
        let phase: Phase | undefined;
        if (target === this.senderCreator) {
            phase = 'factory';
        } else if (target === this.sender && selectorOf(data) === validateUserOp) {
            phase = 'account';
        } else if (
            target === this.entities.paymaster?.address &&
            selectorOf(data) === validatePaymasterUserOp
        ) {
            phase = 'paymaster';
        }
        if (phase) {
            this.findings.phases.push(phase);
        }
        return phase;
    }

    /// keccak(A ‖ x), where A is an address in 32 bytes and x any 32 bytes.
    private noteHash(step: Step, next: Step | undefined): void {
        if (!next || word(step, 1) !== 64n) {
            return;
        }
        const first = hexToBigInt(memoryAt(step, word(step, 0), 32n));
        if (first >> 160n === 0n) {
            const address = getAddress(toHex(first, { size: 20 }));
            this.hashes.set(address, [...(this.hashes.get(address) ?? []), word(next, 0)]);
        }
    }

    private isAssociated(slot: bigint, address: Address): boolean {
        const starts = this.hashes.get(address) ?? [];
        return (
            slot === BigInt(address) ||
            starts.some((start) => slot >= start && slot <= start + associatedRange)
        );
    }

    private judge(step: Step, frame: Frame, next: Step | undefined): void {
        const { op } = step;
        if (blocked.has(op)) {
            this.report('OP-011', step, frame);
        }
        if (op === 'GAS' && !(next && calls.has(next.op))) {
            this.report('OP-012', step, frame);
        }
        if (/^unknown$|not defined/i.test(op)) {
            this.report('OP-013', step, frame);
        }
        if (step.error && /out ?of ?gas/i.test(step.error)) {
            this.report('OP-020', step, frame);
        }
        if (op === 'CREATE2') {
            this.judgeCreation(step, frame);
        }
        if (balances.has(op) && !this.entities[frame.phase as Phase]?.isStaked) {
            this.report('OP-080', step, frame);
        }
        if (storageReads.has(op) || storageWrites.has(op)) {
            this.judgeStorage(step, frame);
        }
        if (calls.has(op)) {
            this.judgeCall(step, frame);
        } else if (codeReads.has(op)) {
            const target = addressAt(step, 0);
            if (target !== entryPoint08Address) {
                this.use(target, step, frame);
            } else if (!(op === 'EXTCODESIZE' && next?.op === 'ISZERO')) {
                this.report('OP-054', step, frame);
            }
        }
    }

    private judgeCreation(step: Step, frame: Frame): void {
        const isSender = createdBy(step, frame.storage) === this.sender;
        ++this.creations;
        if (frame.phase !== 'factory' || this.creations !== 1 || !isSender) {
            this.report('OP-031', step, frame);
        }
    }

    private judgeCall(step: Step, frame: Frame): void {
        const target = addressAt(step, 1);
        if (target === entryPoint08Address) {
            if (!this.isAllowedOfEntryPoint(step, frame)) {
                this.report('OP-054', step, frame);
            }
            return;
        }
        if (withValue.has(step.op) && word(step, 2) !== 0n) {
            this.report('OP-061', step, frame, `${step.op} of ${target} with value`);
        }
        this.use(target, step, frame);
    }

    private isAllowedOfEntryPoint(step: Step, frame: Frame): boolean {
        const isSender = frame.storage === this.sender;
        const isFactory = frame.storage === this.entities.factory?.address;
        const data = callData(step);
        if (step.op !== 'CALL') {
            return false;
        }
        if (selectorOf(data) === depositTo) {
            const isForSender = size(data) === 36 && slice(data, 4) === pad(this.sender).toLowerCase();
            return (isSender || isFactory) && isForSender;
        }
        return isSender && data === '0x';
    }

    private use(target: Address, step: Step, frame: Frame): void {
        if (target !== this.sender && !this.used.has(target)) {
            this.used.set(target, { step, frame });
        }
    }

    private judgeStorage(step: Step, frame: Frame): void {
        const isWrite = storageWrites.has(step.op);
        const phase = frame.phase as Phase;
        const slot = word(step, 0);
        const { factory, paymaster } = this.entities;
        const own = this.entities[phase];
        const what = `${step.op} of ${toHex(slot, { size: 32 })} in ${frame.storage}`;
        if (frame.storage === this.sender) {
            return;
        }
        if (frame.storage === own?.address) {
            if (!own.isStaked) {
                this.report('STO-031', step, frame, what);
            }
            return;
        }
        const isEntity = frame.storage === factory?.address || frame.storage === paymaster?.address;
        const isSenders = !isEntity && this.isAssociated(slot, this.sender);
        if (isSenders && (!factory || factory.isStaked)) {
            return;
        }
        if (own?.isStaked && !isEntity && (!isWrite || this.isAssociated(slot, own.address))) {
            return;
        }
        const others = phase === 'account' ? 'STO-010' : isWrite ? 'STO-032' : 'STO-033';
        this.report(isSenders ? 'STO-022' : others, step, frame, what);
    }
}

/// `options.hasP256`: 0x100 is a precompile of this chain (EIP-7951, RIP-7212), unless said otherwise.
export async function checkValidation(
    chain: Chain,
    hash: Hex,
    options: { hasP256?: boolean } = {},
): Promise<Findings> {
    const { to, input } = await chain.client.getTransaction({ hash });
    if (!to || getAddress(to) !== entryPoint08Address) {
        throw new Error('this is no transaction to the EntryPoint');
    }
    const before = (await chain.client.getTransactionReceipt({ hash })).blockNumber - 1n;
    const { functionName, args } = decodeFunctionData({ abi: entryPoint08Abi, data: input });
    if (functionName !== 'handleOps' || args[0].length !== 1) {
        throw new Error('this is not one user operation');
    }
    const [operation] = args[0];
    const contract = { abi: entryPoint08Abi, address: entryPoint08Address, blockNumber: before };
    const entityOf = async (bytes: Hex): Promise<Entity | undefined> => {
        if (size(bytes) < 20) {
            return undefined;
        }
        const address = getAddress(slice(bytes, 0, 20));
        const info = await chain.client.readContract({
            ...contract,
            functionName: 'getDepositInfo',
            args: [address],
        });
        const isStaked =
            info.staked && info.stake >= stakeMin && Number(info.unstakeDelaySec) >= unstakeDelayMin;
        return { address, isStaked };
    };
    const factory = await entityOf(operation.initCode);
    const paymaster = await entityOf(operation.paymasterAndData);
    const senderCreator = await chain.client.readContract({ ...contract, functionName: 'senderCreator' });
    const entities = { ...(factory ? { factory } : {}), ...(paymaster ? { paymaster } : {}) };
    const checker = new Checker(getAddress(operation.sender), getAddress(senderCreator), entities);
    const trace = (await chain.request('debug_traceTransaction', [hash, { enableMemory: true }])) as {
        structLogs: Step[];
    };
    checker.run(trace.structLogs);
    for (const [address, { step, frame }] of checker.used) {
        const number = BigInt(address);
        if ((number >= 1n && number <= 9n) || (number === p256Precompile && (options.hasP256 ?? true))) {
            continue;
        }
        if (!(await chain.client.getCode({ address, blockNumber: before }))) {
            const rule = number >= 1n && number <= 0x11n ? 'OP-062' : 'OP-041';
            checker.report(rule, step, frame, `${step.op} of ${address}`);
        }
    }
    return checker.findings;
}
