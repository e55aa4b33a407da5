// SPDX-License-Identifier: Apache-2.0
// The hashes of docs/spec written a second time, in JavaScript over @noble/hashes and @noble/curves
// and without looking at the C++: expected values of the C++ tests and a check of /vectors come from
// here. Bytes are Uint8Array, integers BigInt or Number.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// The packages are development dependencies of devnet/.
const require = createRequire(new URL('../../devnet/package.json', import.meta.url));
const load = async (name) => import(pathToFileURL(require.resolve(name)));
const { keccak_256 } = await load('@noble/hashes/sha3');
const { sha256 } = await load('@noble/hashes/sha256');
const { ed25519 } = await load('@noble/curves/ed25519');

export const keccak = (...parts) => keccak_256(join(...parts));
export const sha = (...parts) => sha256(join(...parts));
export const hex = (bytes) => Buffer.from(bytes).toString('hex');
export const unhex = (text) => Uint8Array.from(Buffer.from(text, 'hex'));
export const text = (s) => new TextEncoder().encode(s);
export const join = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));

export function bigEndian(value, size) {
    const out = new Uint8Array(size);
    for (let i = size - 1, rest = BigInt(value); i >= 0; --i, rest >>= 8n) {
        out[i] = Number(rest & 255n);
    }
    return out;
}
export const littleEndian = (value, size) => bigEndian(value, size).reverse();

export function isOnCurve(bytes) {
    // RFC 8032 arithmetic by hand, because libraries differ about y that is not reduced: Solana
    // takes y modulo p and ignores the sign of x = 0.
    const p = 2n ** 255n - 19n;
    const power = (base, exponent) => {
        let out = 1n;
        for (base %= p; exponent > 0n; exponent >>= 1n, base = (base * base) % p) {
            if (exponent & 1n) out = (out * base) % p;
        }
        return out;
    };
    let y = 0n;
    for (let i = 31; i >= 0; --i) y = (y << 8n) | BigInt(i === 31 ? bytes[i] & 127 : bytes[i]);
    const d = (p - 121665n) * power(121666n, p - 2n) % p;
    const y2 = (y * y) % p;
    const x2 = ((y2 + p - 1n) * power(d * y2 + 1n, p - 2n)) % p;
    return x2 === 0n || power(x2, (p - 1n) / 2n) === 1n;
}

const marker = text('ProgramDerivedAddress');
export const walletId = (genesis, program) => sha(genesis, program, marker);
export const vault = (wallet, program) => sha(text('vault'), wallet, program, marker);
export const nextConfigId = (wallet, sequence, parent, shared) =>
    keccak(keccak(text('Latchkey configuration 1')), wallet, bigEndian(sequence, 8), parent,
        keccak(shared));

const keySize = { 1: 32, 2: 20, 3: 20, 4: 33, 5: 65, 6: 64, 7: 28 };

/// Splits signers and one rule off a shared part or local rule; offsets into `bytes`.
function readSigners(bytes, at, count) {
    const signers = [];
    for (let i = 0; i < count; ++i) {
        const end = at + 1 + keySize[bytes[at] & 15];
        signers.push(bytes.slice(at, end));
        at = end;
    }
    return [signers, at];
}

function readRule(bytes, at, signerCount) {
    const begin = at;
    const quorum = bytes[at + 1];
    at += 2;
    let mask = 1;
    if (signerCount > 8) {
        mask = bytes[at] << 8 | bytes[at + 1];
        at += 2;
    } else if (signerCount > 1) {
        mask = bytes[at++];
    }
    const conditions = at;
    if (quorum & 0x10) at += 16;
    if (quorum & 0x20) {
        for (let left = bytes[at++]; left > 0; --left) at += 33 + bytes[at + 32];
    }
    if (quorum & 0x40) at += 1 + 52 * bytes[at];
    return [{ actions: bytes[begin], quorum, mask, conditions: bytes.slice(conditions, at) }, at];
}

export function ruleId(shared, index) {
    const signerCount = (shared[1] & 15) + 1;
    let [signers, at] = readSigners(shared, 2, signerCount);
    let rule;
    for (let i = 0; i <= index; ++i) [rule, at] = readRule(shared, at, signerCount);
    const chosen = signers.filter((_, i) => rule.mask >> i & 1);
    return keccak(keccak(text('Latchkey rule 1')), [(rule.quorum & 15) + 1], ...chosen,
        [rule.actions, rule.quorum], rule.conditions);
}

export const localRuleId = (wallet, configId, version, localRule) =>
    keccak(keccak(text('Latchkey local rule 1')), wallet, configId, bigEndian(version, 4),
        localRule);

const tags = {
    execute: 'Latchkey.execute', grant: 'Latchkey..grant.',
    revoke: 'Latchkey..revoke', message: 'Latchkey.message',
};
export function solanaLeafPreimage(leaf) {
    const shape = BigInt(leaf.nonceKind) | (leaf.localRuleId ? 256n : 0n) |
        BigInt(leaf.signed.length) << 16n | BigInt(leaf.accountKeys.length) << 32n;
    return join(text(tags[leaf.action]), leaf.cluster, littleEndian(shape, 8),
        littleEndian(leaf.deadline, 8), leaf.walletId, leaf.configId, leaf.localRuleId ?? [],
        leaf.lane ?? [], leaf.signed, ...leaf.accountKeys);
}
export const solanaLeaf = (leaf) => keccak(solanaLeafPreimage(leaf));
export const policyLeaf = (leaf) =>
    keccak(keccak(text('Policy(bytes32 wallet,bytes32 parent,uint64 sequence,uint8 rule,' +
        'bytes32 shared)')),
    leaf.walletId, leaf.parent, bigEndian(leaf.sequence, 32), bigEndian(leaf.rule, 32),
    keccak(leaf.shared));

export const emptyLeaf = keccak(text('Latchkey empty leaf 1'));
export const treeType = (height) => keccak(text(`Approval${2 ** height}(bytes32 root)`));
export function treeRoot(leaves) {
    let height = Math.ceil(Math.log2(leaves.length));
    let level = [...leaves, ...Array(2 ** height - leaves.length).fill(emptyLeaf)];
    while (level.length > 1) {
        level = level.flatMap((_, i) => i % 2 ? [] : [keccak(level[i], level[i + 1])]);
    }
    return { height, root: level[0] };
}

const domain = keccak(keccak(text('EIP712Domain(string name,string version)')),
    keccak(text('Latchkey')), keccak(text('1')));
export const eip712Message = (hash) => join([0x19, 0x01], domain, hash);
export const digest = (hash) => keccak(eip712Message(hash));
export const treeHash = (height, root) => keccak(treeType(height), root);
export const letters = (bytes) => String.fromCharCode(...[...bytes].map((b) => 65 + (b >> 4)),
    ...[...bytes].map((b) => 65 + (b & 15)));
export const challenge = (bytes) => Uint8Array.from(Buffer.from(letters(bytes), 'base64url'));
export const eip191Message = (bytes) => join(text('\x19Ethereum Signed Message:\n32'), bytes);
export const offchainMessage = (key, bytes) => join([0xff], text('solana offchain'), [0],
    sha(text('Latchkey')), [0, 1], key, littleEndian(88, 2),
    text(`Latchkey approval 1 is: ${letters(bytes)}`));
