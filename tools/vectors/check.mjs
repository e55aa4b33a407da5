// SPDX-License-Identifier: Apache-2.0
// Runs the vectors through the independent implementation in this folder:
//   node tools/vectors/check.mjs vectors
// Prints one line for each subject; exits with 1 if any vector fails. `wallets` is not here: it
// would take the whole state machine a second time.
import { deepStrictEqual } from 'node:assert';
import { readFileSync } from 'node:fs';

import { judge, judgePart, recovered } from './configuration.mjs';
import * as spec from './independent.mjs';

const { hex, unhex } = spec;
const same = (actual, expected, what) => deepStrictEqual(actual, expected, what);

function configurations(vector) {
    const { verdict, value } = judge(vector.type, unhex(vector.bytes));
    same(verdict, vector.verdict, 'verdict');
    same(value, vector.value, 'value');
}

function smallestSalt(vector) {
    const genesis = vector.entropy === undefined
        ? spec.join(unhex(vector.shared), [0])
        : spec.join(unhex(vector.shared), unhex(vector.entropy), [0]);
    if (vector.entropy !== undefined) genesis[0] |= 2;
    const program = unhex(vector.programId);
    for (; ; ++genesis[genesis.length - 1]) {
        const wallet = spec.walletId(genesis, program);
        const vault = spec.vault(wallet, program);
        if (!spec.isOnCurve(wallet) && !spec.isOnCurve(vault)) return { genesis, wallet, vault };
    }
}

function identities(vector) {
    if (vector.type === 'salt') {
        const found = smallestSalt(vector);
        same(hex(found.genesis), vector.genesis, 'genesis');
        same(hex(found.wallet), vector.walletId, 'walletId');
        same(hex(found.vault), vector.vault, 'vault');
        return;
    }
    if (vector.type === 'chain') {
        let parent = unhex(vector.walletId);
        for (const step of vector.steps) {
            parent = spec.nextConfigId(unhex(vector.walletId), parent, unhex(step.shared));
            same(hex(parent), step.configId, 'configId');
        }
        return;
    }
    const program = unhex(vector.programId);
    const wallet = spec.walletId(unhex(vector.genesis), program);
    const vault = spec.vault(wallet, program);
    same(hex(wallet), vector.hash, 'hash');
    same(hex(vault), vector.vaultHash, 'vaultHash');
    same(!spec.isOnCurve(wallet) && !spec.isOnCurve(vault), vector.offCurve, 'offCurve');
}

function recoveries(vector) {
    if (vector.type === 'part') {
        const { verdict, value } = judgePart(unhex(vector.bytes));
        same(verdict, vector.verdict, 'verdict');
        same(value, vector.value, 'value');
    } else if (vector.type === 'commitment') {
        same(hex(spec.commitment(unhex(vector.part), vector.guard)), vector.commitment);
    } else if (vector.type === 'recovered') {
        const { verdict, value } = recovered(unhex(vector.part), vector.guard,
            unhex(vector.signers));
        same(verdict, vector.verdict, 'verdict');
        same(value && hex(value), vector.shared, 'shared');
    } else {
        same(hex(spec.recoveredConfigId(unhex(vector.walletId), unhex(vector.commitment),
            vector.rule, vector.epoch, unhex(vector.shared))), vector.configId, 'configId');
    }
}

function rules(vector) {
    if (vector.type === 'rule') {
        same(hex(spec.ruleId(unhex(vector.shared), vector.index)), vector.ruleId, 'ruleId');
        return;
    }
    same(hex(spec.localRuleId(unhex(vector.walletId), unhex(vector.configId), vector.version,
        unhex(vector.localRule))), vector.localRuleId, 'localRuleId');
}

function allowsTarget(scope, address, data) {
    return scope.length === 0 ||
        scope.some((target) => target.address === address && data.startsWith(target.prefix));
}

function grantVerdict(vector) {
    const granting = judge('shared', unhex(vector.shared)).value.rules[vector.rule];
    const { rule } = judge('localRule', unhex(vector.localRule)).value;
    if (granting === undefined) return 501;
    if (!granting.actions.includes('grant')) return 502;
    const begins = (times) => BigInt(times.notBefore);
    const ends = (times) => BigInt(times.expiresAt);
    const timesFit = !granting.times || (rule.times &&
        begins(rule.times) >= begins(granting.times) && ends(rule.times) <= ends(granting.times));
    const scopeFits = granting.scope.length === 0 || (rule.scope.length > 0 &&
        rule.scope.every(({ address, prefix }) => allowsTarget(granting.scope, address, prefix)));
    return timesFit && scopeFits ? 0 : 217;
}

function limitResult(vector) {
    const [perCall, perPeriod, start, window, spent, now, outflow] =
        ['perCall', 'perPeriod', 'start', 'window', 'spent', 'now', 'outflow']
            .map((name) => BigInt(vector[name]));
    const unchanged = { windowAfter: vector.window, spentAfter: vector.spent };
    if (outflow > perCall) return { verdict: 701, ...unchanged };
    const current = vector.period === 0 ? 0n : (now - start) / BigInt(vector.period);
    // A clock that steps back opens no window again.
    const [inWindow, before] = window >= current ? [window, spent] : [current, 0n];
    if (before + outflow > perPeriod) return { verdict: 702, ...unchanged };
    return { verdict: 0, windowAfter: `${inWindow}`, spentAfter: `${before + outflow}` };
}

function conditions(vector) {
    if (vector.type === 'limit') {
        const { verdict, windowAfter, spentAfter } = vector;
        same(limitResult(vector), { verdict, windowAfter, spentAfter });
        return;
    }
    const { rule } = judge('localRule', unhex(vector.localRule)).value;
    if (vector.type === 'scope') {
        same(allowsTarget(rule.scope, vector.program, vector.data) ? 0 : 505, vector.verdict);
        return;
    }
    const now = BigInt(vector.now);
    const verdict = !rule.times ? 0 : now < BigInt(rule.times.notBefore) ? 503
        : now >= BigInt(rule.times.expiresAt) ? 504 : 0;
    same(verdict, vector.verdict, 'verdict');
}

function useLane({ lane, now, nonce }) {
    const current = Math.floor(now / 256);
    const window = current % 2 === (nonce >> 11 & 1) ? current : current + 1;
    const deadline = window * 256 + (nonce >> 12) * 16 + 15;
    const refused = (verdict) => ({ deadline, verdict, laneAfter: lane });
    if (now > deadline) return refused(601);
    if (window < lane.base) return refused(602);
    const base = Math.max(lane.base, current);
    const used = lane.used.filter((use) => use.window >= base);
    const bit = nonce & 2047;
    if (used.some((use) => use.window === window && use.bit === bit)) return refused(603);
    used.push({ window, bit });
    used.sort((a, b) => a.window - b.window || a.bit - b.bit);
    return { deadline, verdict: 0, laneAfter: { base, used } };
}

function lanes(vector) {
    if (vector.type === 'open') {
        same(Math.floor(Number(vector.now) / 256) + 2, vector.base, 'base');
        return;
    }
    const { deadline, verdict, laneAfter } = useLane({ ...vector, now: Number(vector.now) });
    same(`${deadline}`, vector.deadline, 'deadline');
    same({ verdict, laneAfter }, { verdict: vector.verdict, laneAfter: vector.laneAfter });
}

const changes = { policy: 4, cancel: 11, freeze: 13, recover: 14 };

function leaves(vector) {
    if (vector.type in changes) {
        same(hex(spec.changeLeaf({
            walletId: unhex(vector.walletId), parent: unhex(vector.parent),
            action: changes[vector.type], rule: vector.rule, epoch: vector.epoch,
            content: unhex(vector.content),
        })), vector.leaf, 'leaf');
        return;
    }
    if (vector.type === 'waiting') {
        same(hex(spec.waitingDigest({
            cluster: unhex(vector.cluster), action: vector.action, caps: vector.caps,
            lane: vector.lane,
            walletId: unhex(vector.walletId), body: unhex(vector.body),
            accountKeys: vector.accountKeys.map(unhex),
        })), vector.digest, 'digest');
        return;
    }
    same(hex(spec.solanaLeaf({
        action: vector.type, cluster: unhex(vector.cluster), nonceKind: vector.nonceKind,
        deadline: BigInt(vector.deadline), walletId: unhex(vector.walletId),
        configId: unhex(vector.configId),
        localRuleId: vector.localRuleId && unhex(vector.localRuleId),
        lane: vector.lane && unhex(vector.lane), signed: unhex(vector.signed),
        accountKeys: vector.accountKeys.map(unhex),
    })), vector.leaf, 'leaf');
}

function proofHash({ leaf, proof: { height, leafIndex, siblings } }) {
    if (height < 1 || height > 8 || leafIndex >= 2 ** height || siblings.length !== height) {
        return null;
    }
    const root = siblings.map(unhex).reduce(
        (node, sibling, level) => leafIndex >> level & 1 ? spec.keccak(sibling, node)
            : spec.keccak(node, sibling), unhex(leaf));
    return spec.treeHash(height, root);
}

function trees(vector) {
    if (vector.type === 'proof') {
        const hash = proofHash(vector);
        same(hash ? 0 : 417, vector.verdict, 'verdict');
        if (hash) same(hex(hash), vector.approvalHash, 'approvalHash');
        return;
    }
    const { height, root } = spec.treeRoot(vector.leaves.map(unhex));
    const hash = spec.treeHash(height, root);
    same([height, hex(root), hex(hash), hex(spec.digest(hash))],
        [vector.height, vector.root, vector.approvalHash, vector.digest]);
}

function digests(vector) {
    const hash = unhex(vector.approvalHash);
    const digest = spec.digest(hash);
    same(hex(digest), vector.digest, 'digest');
    same(hex(spec.eip712Message(hash)), vector.eip712Message, 'eip712Message');
    same(hex(spec.eip191Message(digest)), vector.eip191Message, 'eip191Message');
    same(hex(spec.keccak(spec.eip191Message(digest))), vector.eip191Digest, 'eip191Digest');
    same(hex(spec.challenge(digest)), vector.challenge, 'challenge');
    same(spec.letters(digest), vector.letters, 'letters');
    same(hex(spec.offchainMessage(unhex(vector.ed25519Key), digest)), vector.offchainMessage,
        'offchainMessage');
}

function keyOf(kind, privateKey) {
    if (kind === 'ed25519') return spec.ed25519PublicKey(privateKey);
    return kind.startsWith('secp256k1') ? spec.ethereumAddress(privateKey)
        : spec.p256PublicKey(privateKey);
}

// What an authenticator made, judged as the Solana program and its precompile do.
function assertionHolds({ key, option }, digest, evidence) {
    const data = unhex(evidence.authenticatorData);
    const begin = `{"type":"webauthn.get","challenge":"${spec.letters(digest)}"`;
    return data.length === 37 && hex(data.slice(0, 32)) === hex(key.slice(33)) &&
        (data[32] & 1) !== 0 && (!option || (data[32] & 4) !== 0) && (data[32] & 0xc0) === 0 &&
        evidence.clientDataJSON.startsWith(begin) &&
        spec.p256Verify(unhex(evidence.signature),
            spec.join(data, spec.sha(spec.text(evidence.clientDataJSON))), key.slice(0, 33));
}

function evidence(vector) {
    const { kind, option } = vector.signer;
    const key = unhex(vector.signer.key);
    const digest = spec.digest(unhex(vector.approvalHash));
    const signature = unhex(vector.evidence.signature);
    const made = keyOf(kind, unhex(vector.privateKey));
    same(hex(key.slice(0, made.length)), hex(made), 'key');
    let holds;
    if (kind === 'ed25519') {
        holds = spec.ed25519Verify(signature, spec.offchainMessage(key, digest), key);
    } else if (kind === 'p256') {
        holds = spec.p256Verify(signature, digest, key);
    } else if (kind === 'webauthn') {
        holds = assertionHolds({ key, option }, digest, vector.evidence);
    } else {
        const signed = kind === 'secp256k1-eip712' ? digest
            : spec.keccak(spec.eip191Message(digest));
        const address = spec.recoverAddress(signature, vector.evidence.recoveryId, signed);
        holds = address !== null && hex(address) === vector.signer.key;
    }
    // The libraries are stricter than the chain about the spelling of clientDataJSON, and say so:
    // the verdict is the chain's.
    same(holds, vector.verdict === 0, 'verdict');
}

const subjects = {
    configurations, identities, recoveries, rules, conditions, lanes, leaves, trees, digests, evidence,
    grants: (vector) => same(grantVerdict(vector), vector.verdict, 'verdict'),
};

let failures = 0;
for (const [name, run] of Object.entries(subjects)) {
    const { vectors } = JSON.parse(readFileSync(`${process.argv[2]}/${name}.json`, 'utf8'));
    for (const vector of vectors) {
        try {
            run(vector);
        } catch (error) {
            ++failures;
            console.error(`${name}/${vector.name}: ${error.message}`);
        }
    }
    console.log(`${name}: ${vectors.length} vectors`);
    if (vectors.length === 0) ++failures;
}
process.exitCode = failures === 0 ? 0 : 1;
