// SPDX-License-Identifier: Apache-2.0
// Configurations and identities (docs/spec/authorization.md, sections 1 to 3).
import { concat, getContractAddress, keccak256, sha256, stringToHex, type Address, type Hex } from 'viem';

import { sizeOf, tag, uint } from './bytes.ts';
import type { Signer } from './signers.ts';

export const actions = {
    execute: 1,
    grant: 2,
    policy: 4,
    message: 8,
    recover: 16,
    upgrade: 32,
    cancel: 64,
    freeze: 128,
};

export interface Rule {
    actions: number;
    /// Bit i: signer i.
    mask: number;
    threshold: number;
    times?: [notBefore: bigint, expiresAt: bigint];
    scope?: { target: Address; prefix: Hex }[];
    limits?: { asset: Hex; perCall: bigint; perPeriod: bigint; period: number }[];
    /// Seconds, with 2^31 for TIE.
    wait?: number;
}

export interface Configuration {
    signers: Signer[];
    rules: Rule[];
    recovery?: Hex;
    lockdown?: boolean;
}

/// An asset of this chain in units of 10^scale.
export function asset(token: Address, scale: number): Hex {
    return concat([uint(scale, 1), uint(0, 11), token]);
}

export function ruleBytes(rule: Rule, signers: number): Hex {
    const flags =
        (rule.times ? 0x10 : 0) | (rule.scope ? 0x20 : 0) | (rule.limits ? 0x40 : 0) | (rule.wait ? 0x80 : 0);
    const mask = signers === 1 ? '0x' : uint(rule.mask, signers > 8 ? 2 : 1);
    const scope = rule.scope
        ? concat([
              uint(rule.scope.length, 1),
              ...rule.scope.map((t) =>
                  concat([uint(BigInt(t.target), 32), uint(sizeOf(t.prefix), 1), t.prefix]),
              ),
          ])
        : '0x';
    const limits = rule.limits
        ? concat([
              uint(rule.limits.length, 1),
              ...rule.limits.map((l) =>
                  concat([l.asset, uint(l.perCall, 8), uint(l.perPeriod, 8), uint(l.period, 4)]),
              ),
          ])
        : '0x';
    return concat([
        uint(rule.actions, 1),
        uint(flags | (rule.threshold - 1), 1),
        mask,
        rule.times ? concat([uint(rule.times[0], 8), uint(rule.times[1], 8)]) : '0x',
        scope,
        limits,
        rule.wait ? uint(rule.wait, 4) : '0x',
    ]);
}

function counts(configuration: Configuration): Hex {
    return uint((configuration.signers.length - 1) | ((configuration.rules.length - 1) << 4), 1);
}

function rest(configuration: Configuration): Hex {
    const rules = configuration.rules.map((rule) => ruleBytes(rule, configuration.signers.length));
    return concat([...rules, configuration.recovery ?? '0x']);
}

export function sharedBytes(configuration: Configuration): Hex {
    const header = 0x10 | (configuration.recovery ? 1 : 0) | (configuration.lockdown ? 4 : 0);
    return concat([
        uint(header, 1),
        counts(configuration),
        ...configuration.signers.map((s) => s.entry),
        rest(configuration),
    ]);
}

/// Entries as the short form has them, and how long what follows the signers is.
export function shortBytes(
    bytes: Hex,
    configuration: Configuration,
    withHost: boolean,
): { packed: Hex; restSize: number } {
    let packed = bytes;
    for (const signer of withHost ? configuration.signers : []) {
        packed = packed.replace(signer.entry.slice(2), signer.shortEntry.slice(2)) as Hex;
    }
    const isLocal = bytes.startsWith('0x0');
    const heads = (isLocal ? 1 : 2) + configuration.signers.reduce((sum, s) => sum + sizeOf(s.entry), 0);
    return { packed, restSize: sizeOf(bytes) - heads };
}

export function localRuleBytes(signers: Signer[], rule: Rule): Hex {
    return concat([
        uint(signers.length - 1, 1),
        ...signers.map((s) => s.entry),
        ruleBytes(rule, signers.length),
    ]);
}

export function walletIdOf(genesis: Hex, program: Hex): Hex {
    return sha256(concat([genesis, program, stringToHex('ProgramDerivedAddress')]));
}

export function walletAddress(factory: Address, walletId: Hex): Address {
    const implementation = getContractAddress({ from: factory, nonce: 1n });
    const bytecode = concat([
        '0x60318060095f395ff35f5f3615602f57365f5f37365f73',
        implementation,
        '0x5af43d5f5f3e5f3d91602f57fd5bf3',
    ]);
    return getContractAddress({ opcode: 'CREATE2', from: factory, salt: walletId, bytecode });
}

export function nextConfigId(walletId: Hex, parent: Hex, shared: Hex): Hex {
    const zero = uint(0, 32);
    return keccak256(
        concat([
            tag('Latchkey configuration 1'),
            walletId,
            parent,
            uint(4, 32),
            zero,
            zero,
            keccak256(shared),
        ]),
    );
}

export function recoveredConfigId(
    walletId: Hex,
    commitment: Hex,
    rule: number,
    epoch: number,
    shared: Hex,
): Hex {
    return keccak256(
        concat([
            tag('Latchkey configuration 1'),
            walletId,
            commitment,
            uint(14, 32),
            uint(rule, 32),
            uint(epoch, 32),
            keccak256(shared),
        ]),
    );
}

export function localRuleId(walletId: Hex, configId: Hex, version: number, localRule: Hex): Hex {
    return keccak256(concat([tag('Latchkey local rule 1'), walletId, configId, uint(version, 4), localRule]));
}

/// Of rules whose signers are each a party of their own.
export function ruleId(configuration: Configuration, index: number): Hex {
    const rule = configuration.rules[index];
    const entries = configuration.signers.filter((_, i) => rule.mask & (1 << i)).map((s) => s.entry);
    const bytes = ruleBytes(rule, 1);
    return keccak256(concat([tag('Latchkey rule 1'), uint(rule.threshold, 1), ...entries, bytes]));
}
