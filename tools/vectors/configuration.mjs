// SPDX-License-Identifier: Apache-2.0
// The configuration's format (docs/spec/authorization.md, section 1) once more, independent of the
// C++: the verdict on bytes, and their value as vectors write it.
import {
    commitment, hasSmallOrder, hex, isOnCurve, isP256Key, join, toInteger,
} from './independent.mjs';

export const verdicts = {
    Accepted: 0, NonCanonical: 108, ConfigurationVersion: 201, ConfigurationTruncated: 202,
    ConfigurationTrailing: 203, ConfigurationTooLong: 204, SignerKind: 205, SignerFlags: 206,
    SignerDuplicate: 207, SignerKey: 208, RuleActions: 209, RuleThreshold: 210, RuleMask: 211,
    RuleTimes: 212, RuleScope: 213, RuleLimits: 214, RuleWait: 215, Lockout: 216,
    RuleDuplicate: 220,
};

const never = 2n ** 64n - 1n;
const kinds = [null, ['ed25519', 32], ['secp256k1-eip712', 20], ['secp256k1-eip191', 20],
    ['p256', 33], ['webauthn', 65], ['program', 64], ['contract', 28]];
const actionNames = ['execute', 'grant', 'policy', 'message', 'recover', 'upgrade', 'cancel',
    'freeze'];
// What a rule of each part may allow.
const sharedActions = 0xef;
const localActions = 0x01;
const recoveryActions = 0xd0;
const day = 86400;

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
    // `anyKey`: bytes of the right form count as a key.
    constructor(bytes, { end = bytes.length, anyKey = false } = {}) {
        this.bytes = bytes;
        this.at = 0;
        this.end = end;
        this.anyKey = anyKey;
    }

    take(count) {
        check(this.at + count <= this.end, 'ConfigurationTruncated');
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

function keyIsGood(kind, key, anyKey) {
    if (anyKey && kind === 1) return true;
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
        check(keyIsGood(kind, key, reader.anyKey), 'SignerKey');
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

function checkActions(actions, quorum, allowed) {
    const [scope, limits] = [0x20, 0x40].map((bit) => quorum & bit);
    check(actions !== 0 && (actions & ~allowed) === 0, 'RuleActions');
    check(!(actions & 2) || actions & 1, 'RuleActions');
    check(!(actions & 8) || quorum < 0x10, 'RuleActions');
    check(!scope || (actions & ~3) === 0, 'RuleScope');
    check(!limits || (scope && actions === 1), 'RuleLimits');
}

// A rule that does not end within its bytes is not looked at.
function checkRuleEnds(reader, signers) {
    const probe = new Reader(reader.bytes, { end: reader.end });
    probe.at = reader.at;
    const [, quorum] = probe.take(2);
    probe.take(signers === 1 ? 0 : signers <= 8 ? 1 : 2);
    if (quorum & 0x10) probe.take(16);
    if (quorum & 0x20) {
        for (let left = probe.u8(); left > 0; --left) probe.take(probe.take(33)[32]);
    }
    if (quorum & 0x40) probe.take(52 * probe.u8());
    if (quorum & 0x80) probe.take(4);
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

function readWait(reader, allowed) {
    const block = Number(reader.integer(4));
    const delay = block % 2 ** 31;
    const wins = block >= 2 ** 31 ? 'recovery' : 'owner';
    check(delay >= 1 && delay <= (wins === 'owner' ? 365 : 30) * day && allowed !== localActions,
        'RuleWait');
    return { delay, tie: wins };
}

function readRule(reader, signers, allowed) {
    checkRuleEnds(reader, signers.length);
    const maskSize = signers.length === 1 ? 0 : signers.length <= 8 ? 1 : 2;
    const head = new Reader(reader.take(2 + maskSize));
    const actions = head.u8();
    const quorum = head.u8();
    const mask = signers.length === 1 ? 1 : Number(head.integer(maskSize));
    checkActions(actions, quorum, allowed);
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
    if (quorum & 0x80) rule.wait = readWait(reader, allowed);
    const usable = partiesOf(signers, members, (signer) => signer.kind !== 'contract');
    const delay = rule.wait ? rule.wait.delay : 0;
    const secures = (actions & 4) !== 0 && !rule.times && usable >= threshold && delay <= 90 * day;
    return { rule, secures, delay };
}

function readRules(reader, count, signers, allowed) {
    const seen = new Set();
    return Array.from({ length: count }, () => {
        const begin = reader.at;
        const rule = readRule(reader, signers, allowed);
        const bytes = hex(reader.bytes.slice(begin, reader.at));
        check(!seen.has(bytes), 'RuleDuplicate');
        seen.add(bytes);
        return rule;
    });
}

// What one rule holds back must not be had sooner by one party that removes it.
function checkWaits(rules, guardSeconds) {
    const changes = rules.filter(({ rule }) => rule.actions.includes('policy') &&
        rule.threshold === 1).map(({ delay }) => Math.max(delay, guardSeconds));
    const others = rules.filter(({ rule }) => !rule.actions.includes('policy'))
        .map(({ delay }) => delay);
    const longest = Math.max(0, ...others);
    check(longest === 0 || changes.every((delay) => delay >= longest + 2 * day), 'RuleWait');
}

function readShared(reader, isGenesis) {
    check(reader.bytes.length <= (isGenesis ? 480 : 4096), 'ConfigurationTooLong');
    const [header, counts] = reader.take(2);
    check(header >> 4 === 1 && (header & (isGenesis ? 8 : 10)) === 0, 'ConfigurationVersion');
    const signers = readSigners(reader, (counts & 15) + 1);
    const rules = readRules(reader, (counts >> 4) + 1, signers, sharedActions);
    const value = { signers, rules: rules.map(({ rule }) => rule) };
    let guard = 0;
    if (header & 1) {
        const recovery = new Reader(reader.take(32));
        guard = Number(recovery.integer(2));
        check(guard <= 2160, 'RuleWait');
        value.recovery = { guard, hash: hex(recovery.take(30)) };
    }
    checkWaits(rules, guard * 3600);
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
    return { signers, rule: readRule(reader, signers, localActions).rule };
}

// Up to what a recovery restores, whose place is left in the reader.
function readRecoveryPart(reader) {
    check(reader.bytes.length <= 1024, 'ConfigurationTooLong');
    check(reader.bytes.length >= 18, 'ConfigurationTruncated');
    const [version, counts] = reader.take(2);
    check(version === 0x10, 'ConfigurationVersion');
    reader.end -= 16;
    const signers = readSigners(reader, (counts & 15) + 1);
    const rules = readRules(reader, (counts >> 4) + 1, signers, recoveryActions);
    check(reader.at < reader.end, 'ConfigurationTruncated');
    return { signers, rules: rules.map(({ rule }) => rule) };
}

function judged(read) {
    try {
        return { verdict: verdicts.Accepted, value: read() };
    } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return { verdict: error.verdict };
    }
}

// What a recovery leads to: {verdict, value: the shared part}.
export function recovered(part, guard, signers, anyKey = false) {
    return judged(() => {
        check(signers.length <= 4096, 'ConfigurationTooLong');
        const reader = new Reader(part, { anyKey: true });
        readRecoveryPart(reader);
        const [counts, ...rules] = part.slice(reader.at, part.length - 16);
        const shared = join([0x11, counts], signers, rules, commitment(part, guard));
        const result = new Reader(shared, { anyKey });
        readShared(result, false);
        check(result.at === shared.length, 'ConfigurationTrailing');
        // As many signers as there shall be, and nothing behind them.
        const named = new Reader(signers, { anyKey });
        readSigners(named, (counts & 15) + 1);
        check(named.at === signers.length, 'ConfigurationTrailing');
        return shared;
    });
}

// {verdict, value} of a recovery part: the value only when what it restores is sound, too.
export function judgePart(bytes) {
    const reader = new Reader(bytes);
    const { verdict, value } = judged(() => readRecoveryPart(reader));
    if (verdict !== verdicts.Accepted) return { verdict };
    const counts = bytes[reader.at];
    const stand = Array.from({ length: (counts & 15) + 1 },
        (_, i) => [1, ...Array(32).fill(i + 1)]).flat();
    const sound = recovered(bytes, 2160, stand, true);
    if (sound.verdict !== verdicts.Accepted) return { verdict };
    const { rules } = judge('shared', sound.value, { anyKey: true }).value;
    const after = { signers: (counts & 15) + 1, rules };
    return { verdict, value: { ...value, after, salt: hex(bytes.slice(-16)) } };
}

// judge(type, bytes): {verdict, value}; the value only when it is accepted.
export function judge(type, bytes, options = {}) {
    return judged(() => {
        const reader = new Reader(bytes, options);
        const value = type === 'localRule' ? readLocalRule(reader)
            : readShared(reader, type === 'genesis');
        check(reader.at === bytes.length, 'ConfigurationTrailing');
        return value;
    });
}
