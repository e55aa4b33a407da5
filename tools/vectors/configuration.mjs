// SPDX-License-Identifier: Apache-2.0
// The configuration's format (docs/spec/authorization.md, section 1) once more, independent of the
// C++: the verdict on bytes, and their value as vectors write it.
import { hasSmallOrder, hex, isOnCurve, isP256Key, toInteger } from './independent.mjs';

export const verdicts = {
    Accepted: 0, NonCanonical: 108, ConfigurationVersion: 201, ConfigurationTruncated: 202,
    ConfigurationTrailing: 203, ConfigurationTooLong: 204, SignerKind: 205, SignerFlags: 206,
    SignerDuplicate: 207, SignerKey: 208, RuleActions: 209, RuleThreshold: 210, RuleMask: 211,
    RuleTimes: 212, RuleScope: 213, RuleLimits: 214, RuleUnsupported: 215, Lockout: 216,
    RuleDuplicate: 220,
};

const never = 2n ** 64n - 1n;
const kinds = [null, ['ed25519', 32], ['secp256k1-eip712', 20], ['secp256k1-eip191', 20],
    ['p256', 33], ['webauthn', 65], ['program', 64], ['contract', 28]];
const actionNames = ['execute', 'grant', 'policy', 'message', 'recover', 'upgrade'];

class Refusal extends Error {
    constructor(name) {
        super(name);
        this.verdict = verdicts[name];
    }
}

function check(holds, name) {
    if (!holds) throw new Refusal(name);
}

class Reader {
    constructor(bytes) {
        this.bytes = bytes;
        this.at = 0;
    }

    take(count) {
        check(this.at + count <= this.bytes.length, 'ConfigurationTruncated');
        this.at += count;
        return this.bytes.slice(this.at - count, this.at);
    }

    u8() {
        return this.take(1)[0];
    }

    integer(count) {
        return toInteger(this.take(count));
    }
}

function compare(a, b) {
    const common = Math.min(a.length, b.length);
    for (let i = 0; i < common; ++i) if (a[i] !== b[i]) return a[i] - b[i];
    return a.length - b.length;
}

const isZero = (bytes) => bytes.every((b) => b === 0);

function keyIsGood(kind, key) {
    switch (kind) {
        case 1: return isOnCurve(key) && !hasSmallOrder(key);
        case 2: case 3: return !isZero(key);
        case 4: case 5: return isP256Key(key.slice(0, 33));
        case 6: return !isZero(key.slice(0, 32)) && !isOnCurve(key.slice(32));
        default: return !isZero(key.slice(0, 8)) && !isZero(key.slice(8));
    }
}

// What must differ between two signers.
function identity(kind, key) {
    if (kind === 2 || kind === 3) return `address ${hex(key)}`;
    if (kind === 4 || kind === 5) return `p256 ${hex(key.slice(0, 33))}`;
    return `${kind} ${hex(key)}`;
}

function readSigners(reader, count) {
    const signers = [];
    const seen = new Set();
    for (let i = 0; i < count; ++i) {
        const head = reader.u8();
        const kind = head & 15;
        check(kinds[kind], 'SignerKind');
        const option = (head & 0x20) !== 0;
        const sameParty = (head & 0x10) !== 0;
        check((head & 0xc0) === 0 && !(option && kind !== 1 && kind !== 5), 'SignerFlags');
        check(!(sameParty && i === 0), 'SignerFlags');
        const key = reader.take(kinds[kind][1]);
        check(keyIsGood(kind, key), 'SignerKey');
        check(!seen.has(identity(kind, key)), 'SignerDuplicate');
        seen.add(identity(kind, key));
        signers.push({ kind: kinds[kind][0], key: hex(key), sameParty, option });
    }
    return signers;
}

function partiesOf(signers, members, usable) {
    const parties = new Set();
    let party = -1;
    signers.forEach((signer, i) => {
        if (!signer.sameParty) ++party;
        if (members.includes(i) && usable(signer)) parties.add(party);
    });
    return parties.size;
}

function checkActions(actions, quorum) {
    const [times, scope, limits, wait] = [0x10, 0x20, 0x40, 0x80].map((bit) => quorum & bit);
    check(actions !== 0 && actions < 0x40, 'RuleActions');
    check((actions & 0x30) === 0 && !wait, 'RuleUnsupported');
    check(!(actions & 2) || actions & 1, 'RuleActions');
    check(!(actions & 8) || !(times || scope || limits), 'RuleActions');
    check(!scope || (actions & ~3) === 0, 'RuleScope');
    check(!limits || (scope && actions === 1), 'RuleLimits');
}

function readTimes(reader) {
    const notBefore = reader.integer(8);
    const expiresAt = reader.integer(8);
    check(notBefore < expiresAt && !(notBefore === 0n && expiresAt === never), 'RuleTimes');
    return { notBefore: `${notBefore}`, expiresAt: `${expiresAt}` };
}

function readScope(reader) {
    const count = reader.u8();
    check(count >= 1 && count <= 16, 'RuleScope');
    const scope = [];
    let last = null;
    for (let i = 0; i < count; ++i) {
        const begin = reader.at;
        const address = reader.take(32);
        const length = reader.u8();
        check(length <= 16, 'RuleScope');
        const prefix = reader.take(length);
        const bytes = reader.bytes.slice(begin, reader.at);
        check(last === null || compare(last, bytes) < 0, 'RuleScope');
        last = bytes;
        scope.push({ address: hex(address), prefix: hex(prefix) });
    }
    return scope;
}

function readLimits(reader) {
    const count = reader.u8();
    check(count >= 1 && count <= 8, 'RuleLimits');
    const limits = new Reader(reader.take(count * 52));
    let last = null;
    return Array.from({ length: count }, () => {
        const asset = limits.take(32);
        const perCall = limits.integer(8);
        const perPeriod = limits.integer(8);
        check(last === null || compare(last, asset) < 0, 'RuleLimits');
        check(perCall <= perPeriod, 'RuleLimits');
        last = asset;
        return {
            asset: hex(asset), perCall: `${perCall}`, perPeriod: `${perPeriod}`,
            period: Number(limits.integer(4)),
        };
    });
}

function readRule(reader, signers) {
    const maskSize = signers.length === 1 ? 0 : signers.length <= 8 ? 1 : 2;
    const head = new Reader(reader.take(2 + maskSize));
    const actions = head.u8();
    const quorum = head.u8();
    const mask = signers.length === 1 ? 1 : Number(head.integer(maskSize));
    checkActions(actions, quorum);
    check(mask !== 0 && mask < 2 ** signers.length, 'RuleMask');
    const members = signers.map((_, i) => i).filter((i) => mask >> i & 1);
    const threshold = (quorum & 15) + 1;
    check(threshold <= partiesOf(signers, members, () => true), 'RuleThreshold');
    const rule = {
        actions: actionNames.filter((_, bit) => actions >> bit & 1), threshold, signers: members,
    };
    if (quorum & 0x10) rule.times = readTimes(reader);
    rule.scope = quorum & 0x20 ? readScope(reader) : [];
    rule.limits = quorum & 0x40 ? readLimits(reader) : [];
    const usable = partiesOf(signers, members, (signer) => signer.kind !== 'contract');
    const secures = (actions & 4) !== 0 && !rule.times && usable >= threshold;
    return { rule, secures };
}

function readShared(reader, isGenesis) {
    check(reader.bytes.length <= (isGenesis ? 480 : 4096), 'ConfigurationTooLong');
    const [header, counts] = reader.take(2);
    check(header >> 4 === 1 && (header & (isGenesis ? 8 : 10)) === 0, 'ConfigurationVersion');
    const signers = readSigners(reader, (counts & 15) + 1);
    const seen = new Set();
    const rules = Array.from({ length: (counts >> 4) + 1 }, () => {
        const begin = reader.at;
        const rule = readRule(reader, signers);
        const bytes = hex(reader.bytes.slice(begin, reader.at));
        check(!seen.has(bytes), 'RuleDuplicate');
        seen.add(bytes);
        return rule;
    });
    const value = { signers, rules: rules.map(({ rule }) => rule) };
    if (header & 1) value.recoveryHash = hex(reader.take(32));
    value.lockdown = (header & 4) !== 0;
    check(value.lockdown || rules.some(({ secures }) => secures), 'Lockout');
    if (isGenesis) value.salt = hex(reader.take(header & 2 ? 16 : 1));
    return value;
}

function readLocalRule(reader) {
    check(reader.bytes.length <= 4096, 'ConfigurationTooLong');
    const counts = reader.u8();
    check(counts < 16, 'NonCanonical');
    const signers = readSigners(reader, counts + 1);
    check(reader.at === reader.bytes.length || reader.bytes[reader.at] === 1, 'RuleActions');
    return { signers, rule: readRule(reader, signers).rule };
}

// judge(type, bytes): {verdict, value}; the value only when it is accepted.
export function judge(type, bytes) {
    const reader = new Reader(bytes);
    try {
        const value = type === 'localRule' ? readLocalRule(reader)
            : readShared(reader, type === 'genesis');
        check(reader.at === bytes.length, 'ConfigurationTrailing');
        return { verdict: verdicts.Accepted, value };
    } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return { verdict: error.verdict };
    }
}
