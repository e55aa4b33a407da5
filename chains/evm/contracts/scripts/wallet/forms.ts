// SPDX-License-Identifier: Apache-2.0
// Calldata of actions in the short and the long form (docs/spec/evm.md, sections 4 to 6).
import { concat, encodeFunctionData, erc20Abi, stringToHex, type Address, type Hex } from 'viem';

import { shortUint, sized, uint } from './bytes.ts';
import { sharedBytes, shortBytes, type Configuration } from './configuration.ts';
import {
    changeLeaf,
    leafHash,
    leafOf,
    noDeadline,
    tree,
    type Call,
    type Leaf,
    type LeafType,
} from './leaves.ts';
import type { Signer } from './signers.ts';

/// What proves that a rule is the wallet's.
export type Source =
    | { kind: 'genesis'; configuration: Configuration; bytes: Hex; walletId: Hex; configId: Hex }
    | { kind: 'policy'; configuration: Configuration; bytes: Hex; walletId: Hex; parent: Hex; configId: Hex }
    | {
          kind: 'recover';
          configuration: Configuration;
          bytes: Hex;
          walletId: Hex;
          commitment: Hex;
          rule: number;
          epoch: number;
          configId: Hex;
      }
    | {
          kind: 'local';
          configuration: Configuration;
          bytes: Hex;
          walletId: Hex;
          ruleId: Hex;
          grantedUnder: Hex;
          version: number;
          place: number;
          others: Hex[];
          configId: Hex;
      };

/// Where an action happens.
export interface Place {
    chain: bigint;
    wallet: Address;
    source: Source;
}

export interface Terms {
    rule: number;
    approvers: number[];
    nonce?: bigint;
    deadline?: number;
    executor?: Address;
    gas?: number;
    key?: bigint;
    /// Of the recovery part whose rule it is.
    recovery?: { bytes: Hex; commitment: Hex; signers: Signer[] };
    /// All leaves of a tree of which this action's is one.
    tree?: Hex[];
    /// Passkeys show the rest of clientDataJSON in full.
    tail?: boolean;
}

export const localRule = 0x40;
export const recoveryRule = 0x80;
const longHead = 0x70;
const numbers = {
    Execute: 1,
    ExecuteWithGas: 1,
    Grant: 2,
    Revoke: 3,
    Upgrade: 15,
    Message: 5,
    UserOperation: 0,
    Adopt: 0,
} as const;
export const changeNumbers = { policy: 4, cancel: 11, freeze: 13, recover: 14 } as const;

export function callBytes(call: Call): Hex {
    return concat([call.to, sized(shortUint(call.value), 1), sized(call.data, 3)]);
}

export function transfer(token: Address, to: Address, amount: bigint): Call {
    return {
        to: token,
        value: 0n,
        data: encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [to, amount] }),
    };
}

function mask(approvers: number[]): number {
    return approvers.reduce((bits, index) => bits | (1 << index), 0);
}

/// The leaf of an execute: what a tree is made of.
export function executeLeaf(place: Place, terms: Terms, calls: Call[]): Hex {
    return leafHash(leafOf('Execute', headOf(place, terms), { calls }));
}

function headOf(place: Place, terms: Terms) {
    return {
        chain: place.chain,
        wallet: place.wallet,
        configuration: place.source.configId,
        rule: place.source.kind === 'local' ? localRule : terms.rule,
        nonce: ((terms.key ?? 0n) << 64n) | (terms.nonce ?? 0n),
        deadline: terms.deadline ?? noDeadline,
        ...(terms.executor ? { executor: terms.executor } : {}),
    };
}

/// What is signed, and what proves that the leaf is in it.
function approvalOf(leaf: Hex, terms: Terms): { digest: Hex; proof: Hex } {
    const { digest, proofs } = tree(terms.tree ?? [leaf]);
    const index = terms.tree ? terms.tree.indexOf(leaf) : 0;
    if (index === -1) {
        throw new Error('the tree has another leaf in the place of this action');
    }
    return { digest, proof: terms.tree ? proofs[index] : '0x' };
}

interface ShortParts {
    first: number;
    source: Source;
    terms: Terms;
    leaf: Hex;
    calls: number;
    body: Hex;
    more?: number;
}

async function shortForm(parts: ShortParts): Promise<Hex> {
    const { source, terms } = parts;
    const { configuration } = source;
    const hosts = configuration.signers.filter((s) => s.kind === 'webauthn').map((s) => s.host);
    const withHost = hosts.length !== 0 && !terms.tail;
    const { packed, restSize } = shortBytes(source.bytes, configuration, withHost);
    const { digest, proof } = approvalOf(parts.leaf, terms);
    const flags = (terms.tree ? 1 : 0) | (terms.executor ? 2 : 0) | (withHost ? 8 : 0) | (parts.more ?? 0);
    const evidence = terms.approvers.map((i) =>
        configuration.signers[i].approve(digest, withHost ? 'host' : 'tail'),
    );
    return concat([
        uint(parts.first | flags, 1),
        uint(source.kind === 'local' ? source.place : terms.rule, 1),
        uint(terms.deadline ?? noDeadline, 5),
        uint(mask(terms.approvers), 2),
        uint(restSize, 2),
        uint(parts.calls - 1, 1),
        withHost ? concat([uint(hosts[0].length, 1), '0x00', stringToHex(hosts[0])]) : '0x',
        packed,
        shortProof(source),
        parts.body,
        proof,
        ...(await Promise.all(evidence)),
    ]);
}

const shortHeads = { genesis: 0x40, policy: 0x40, recover: 0x30, local: 0x50 };

/// The fee is the last call: transfer(executor, amount) of the first call's target.
export async function shortExecute(
    place: Place,
    terms: Terms,
    calls: Call[],
    options: { fee?: bigint } = {},
): Promise<Hex> {
    const { source } = place;
    const signed = options.fee
        ? [...calls, transfer(calls[0].to, terms.executor as Address, options.fee)]
        : calls;
    const leaf = leafHash(leafOf('Execute', headOf(place, terms), { calls: signed }));
    const fee = options.fee ? sized(shortUint(options.fee), 1) : '0x';
    const body = concat([...calls.map(callBytes), fee]);
    return shortForm({
        first: shortHeads[source.kind],
        source,
        terms,
        leaf,
        calls: signed.length,
        body,
        more: options.fee ? 4 : 0,
    });
}

/// Not after a recovery. `live`: the local rules that this rule has granted.
export async function shortGrant(place: Place, terms: Terms, live: Hex[], rule: Hex): Promise<Hex> {
    const leaf = leafHash(leafOf('Grant', headOf(place, terms), { localRule: rule }));
    return shortForm({
        first: 0x20,
        source: place.source,
        terms,
        leaf,
        calls: 1,
        body: concat([ids(live), sized(rule, 2)]),
    });
}

/// Under a shared rule without conditions.
export async function shortUserOperation(
    place: Place,
    terms: Terms,
    entryPoint: Address,
    userOpHash: Hex,
): Promise<Hex> {
    const { source } = place;
    const leaf = leafHash(operationLeaf(place, terms, entryPoint, userOpHash));
    return shortForm({ first: shortHeads[source.kind], source, terms, leaf, calls: 1, body: '0x' });
}

function operationLeaf(place: Place, terms: Terms, entryPoint: Address, userOpHash: Hex): Leaf {
    const { nonce: _nonce, executor: _executor, ...head } = headOf(place, terms) as Record<string, unknown>;
    return { type: 'UserOperation', message: { ...head, entryPoint, userOpHash } };
}

function shortProof(source: Source): Hex {
    switch (source.kind) {
        case 'genesis':
            return '0x';
        case 'policy':
            return concat([source.walletId, source.parent]);
        case 'recover':
            return concat([source.walletId, source.commitment, uint(source.rule, 1), uint(source.epoch, 4)]);
        case 'local':
            return concat([
                source.ruleId,
                source.walletId,
                source.grantedUnder,
                uint(source.version, 4),
                uint(source.others.length + 1, 1),
                ...source.others,
            ]);
    }
}

function longSource(source: Source): Hex {
    if (source.kind === 'local') {
        return concat([
            source.ruleId,
            source.walletId,
            source.grantedUnder,
            uint(source.version, 4),
            uint(source.place, 1),
            ids(source.others),
            sized(source.bytes, 2),
        ]);
    }
    const kind = { genesis: 0, policy: 1, recover: 2 }[source.kind];
    return concat([uint(kind, 1), sized(source.bytes, 2), shortProof(source)]);
}

export function ids(list: Hex[]): Hex {
    return concat([uint(list.length, 1), ...list]);
}

function longStart(head: Hex, place: Place, terms: Terms, isNoncedAction: boolean): Hex {
    const hasDeadline = terms.deadline !== undefined;
    const flags =
        (terms.tree ? 1 : 0) |
        (isNoncedAction && terms.executor ? 2 : 0) |
        (hasDeadline ? 4 : 0) |
        (terms.key ? 8 : 0) |
        (terms.gas === undefined ? 0 : 16);
    return concat([
        head,
        uint(flags, 1),
        uint(place.source.kind === 'local' ? localRule : terms.rule, 1),
        longSource(place.source),
        terms.recovery ? sized(terms.recovery.bytes, 2) : '0x',
        uint(mask(terms.approvers), 2),
        hasDeadline ? uint(terms.deadline as number, 5) : '0x',
        terms.gas === undefined ? '0x' : uint(terms.gas, 4),
        terms.key ? uint(terms.key, 8) : '0x',
    ]);
}

async function longEnd(place: Place, terms: Terms, leaf: Hex): Promise<Hex> {
    const { digest, proof } = approvalOf(leaf, terms);
    const signers = terms.recovery?.signers ?? place.source.configuration.signers;
    const evidence = terms.approvers.map((i) =>
        signers[i].approve(digest, terms.tail ? 'long-tail' : 'long-host'),
    );
    return concat([proof, ...(await Promise.all(evidence))]);
}

/// `body` as calldata has it; `more`: what the leaf has beyond its head.
export async function longAction(
    place: Place,
    terms: Terms,
    type: LeafType,
    body: Hex,
    more: Record<string, unknown>,
): Promise<Hex> {
    const leaf = leafHash(leafOf(type, headOf(place, terms), more));
    const start = longStart(uint(longHead | numbers[type], 1), place, terms, true);
    return concat([start, body, await longEnd(place, terms, leaf)]);
}

export async function longExecute(place: Place, terms: Terms, calls: Call[]): Promise<Hex> {
    const body = executeBody(calls);
    return terms.gas === undefined
        ? longAction(place, terms, 'Execute', body, { calls })
        : longAction(place, terms, 'ExecuteWithGas', body, { calls, gas: terms.gas });
}

export function executeBody(calls: Call[]): Hex {
    return concat([uint(calls.length, 1), ...calls.map(callBytes)]);
}

export async function grant(place: Place, terms: Terms, live: Hex[], rule: Hex): Promise<Hex> {
    return longAction(place, terms, 'Grant', concat([ids(live), sized(rule, 2)]), { localRule: rule });
}

/// The body of policy and recover, which is also what waits.
export function changeBody(epoch: number, content: Hex): Hex {
    return concat([uint(epoch, 4), sized(content, 2)]);
}

/// policy and recover: `content` the new shared part or the new signers; cancel and freeze: one byte.
export async function change(
    place: Place,
    terms: Terms,
    name: keyof typeof changeNumbers,
    epoch: number,
    content: Hex,
): Promise<Hex> {
    const number = changeNumbers[name];
    const parent = terms.recovery?.commitment ?? place.source.configId;
    const leaf = changeLeaf(place.source.walletId, parent, number, terms.rule, epoch, content);
    const body =
        name === 'policy' || name === 'recover'
            ? changeBody(epoch, content)
            : concat([uint(epoch, 4), content]);
    return concat([
        longStart(uint(longHead | number, 1), place, terms, false),
        body,
        await longEnd(place, terms, leaf),
    ]);
}

/// `body`: of a grant with the ids that live before it.
export function apply(place: Place, rule: number, action: number, body: Hex, recovery?: Hex): Hex {
    return concat([
        '0x7c00',
        uint(rule, 1),
        longSource(place.source),
        recovery ? sized(recovery, 2) : '0x',
        uint(action, 1),
        body,
    ]);
}

/// What an ERC-4337 wallet calls `signature`.
export async function userOperationSignature(
    place: Place,
    terms: Terms,
    time: number,
    entryPoint: Address,
    userOpHash: Hex,
): Promise<Hex> {
    const leaf = operationLeaf(place, terms, entryPoint, userOpHash);
    const start = longStart('0x', place, terms, false);
    return concat(['0x70', uint(time, 5), start, await longEnd(place, terms, leafHash(leaf))]);
}

export function userOperationCalldata(calls: Call[]): Hex {
    return concat(['0x60', executeBody(calls)]);
}

/// ERC-1271: vouches for a hash, by the leaf Message.
export async function messageSignature(place: Place, terms: Terms, hash: Hex): Promise<Hex> {
    const {
        nonce: _nonce,
        deadline: _deadline,
        executor: _executor,
        ...head
    } = headOf(place, terms) as Record<string, unknown>;
    const leaf: Leaf = { type: 'Message', message: { ...head, hash } };
    return concat([
        longStart('0x75', place, terms, false),
        '0x00',
        await longEnd(place, terms, leafHash(leaf)),
    ]);
}

/// A genesis as a source. The salt is one byte.
export function genesisSource(
    configuration: Configuration,
    salt: number,
    walletIdFrom: (genesis: Hex) => Hex,
): Source {
    const bytes = concat([sharedBytes(configuration), uint(salt, 1)]);
    const walletId = walletIdFrom(bytes);
    return { kind: 'genesis', configuration, bytes, walletId, configId: walletId };
}
