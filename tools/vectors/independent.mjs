// SPDX-License-Identifier: Apache-2.0
// The hashes of docs/spec written a second time, in JavaScript over @noble/hashes and
// @noble/curves: expected values of the C++ tests and a check of /vectors come from here. Bytes are
// Uint8Array, integers BigInt or Number.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// The packages are development dependencies of devnet/.
const require = createRequire(new URL('../../devnet/package.json', import.meta.url));
const load = async (name) => import(pathToFileURL(require.resolve(name)));
const { keccak_256 } = await load('@noble/hashes/sha3');
const { sha256 } = await load('@noble/hashes/sha256');
const { ed25519 } = await load('@noble/curves/ed25519');
const { secp256k1 } = await load('@noble/curves/secp256k1');
const { p256: p256Curve } = await load('@noble/curves/p256');

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

// Curve arithmetic by hand, because libraries differ about y that is not reduced: Solana takes y
// modulo p and ignores the sign of x = 0.
const p25519 = 2n ** 255n - 19n;
const p256 = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const b256 = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

function power(base, exponent, p) {
    let out = 1n;
    for (base %= p; exponent > 0n; exponent >>= 1n, base = (base * base) % p) {
        if (exponent & 1n) out = (out * base) % p;
    }
    return out;
}
const inverse = (value, p) => power(value, p - 2n, p);
const isSquare = (value, p) => value % p === 0n || power(value, (p - 1n) / 2n, p) === 1n;
const d25519 = (p25519 - 121665n) * inverse(121666n, p25519) % p25519;

export const toInteger = (bytes) => [...bytes].reduce((sum, b) => (sum << 8n) | BigInt(b), 0n);

function yOf(bytes) {
    const reversed = Uint8Array.from(bytes).reverse();
    reversed[0] &= 127;
    return toInteger(reversed) % p25519;
}

function xSquared(y) {
    const y2 = (y * y) % p25519;
    return (y2 + p25519 - 1n) * inverse(d25519 * y2 + 1n, p25519) % p25519;
}

export const isOnCurve = (bytes) => isSquare(xSquared(yOf(bytes)), p25519);

// Eight times a point of the curve is neutral. Of (x, y) only x^2 and y are needed: doubling gives
// y' = (y^2 + x^2) / (1 - d x^2 y^2).
export function hasSmallOrder(bytes) {
    let y = yOf(bytes);
    for (let i = 0; i < 3; ++i) {
        const x2 = xSquared(y);
        const y2 = (y * y) % p25519;
        const below = (1n + p25519 * p25519 - d25519 * x2 % p25519 * y2) % p25519;
        y = (y2 + x2) * inverse(below, p25519) % p25519;
    }
    return y === 1n;
}

export function isP256Key(bytes) {
    const x = toInteger(bytes.slice(1));
    return (bytes[0] === 2 || bytes[0] === 3) && x < p256 &&
        isSquare((x * x * x - 3n * x + b256) % p256 + p256, p256);
}

const marker = text('ProgramDerivedAddress');
export const walletId = (genesis, program) => sha(genesis, program, marker);
export const vault = (wallet, program) => sha(text('vault'), wallet, program, marker);
// A chain-agnostic change, under the type of its leaf or the tag of what it leads to.
const change = (type, { walletId: wallet, parent, action, rule, epoch, content }) =>
    keccak(keccak(text(type)), wallet, parent, bigEndian(action, 32), bigEndian(rule, 32),
        bigEndian(epoch, 32), keccak(content));
const configuration = (value) => change('Latchkey configuration 1', value);
export const nextConfigId = (wallet, parent, shared) => configuration(
    { walletId: wallet, parent, action: 4, rule: 0, epoch: 0n, content: shared });
export const recoveredConfigId = (wallet, parent, rule, epoch, shared) => configuration(
    { walletId: wallet, parent, action: 14, rule: 0x80 | rule, epoch, content: shared });

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
    if (quorum & 0x80) at += 4;
    return [{ actions: bytes[begin], quorum, mask, conditions: bytes.slice(conditions, at) }, at];
}

export function ruleId(shared, index) {
    const signerCount = (shared[1] & 15) + 1;
    let [signers, at] = readSigners(shared, 2, signerCount);
    let rule;
    for (let i = 0; i <= index; ++i) [rule, at] = readRule(shared, at, signerCount);
    // SAME_PARTY as the rule sees it: the same party as the signer of the mask before.
    const party = [];
    signers.forEach((entry, i) => party.push(entry[0] & 16 ? party[i - 1] : i));
    const chosen = [];
    let last = -1;
    signers.forEach((entry, i) => {
        if (!(rule.mask >> i & 1)) return;
        const same = party[i] === last ? 16 : 0;
        chosen.push([entry[0] & ~16 | same], entry.slice(1));
        last = party[i];
    });
    return keccak(keccak(text('Latchkey rule 1')), [(rule.quorum & 15) + 1], ...chosen,
        [rule.actions, rule.quorum], rule.conditions);
}

export const localRuleId = (wallet, configId, version, localRule) =>
    keccak(keccak(text('Latchkey local rule 1')), wallet, configId, bigEndian(version, 4),
        localRule);

const tags = {
    execute: 'Latchkey.execute', grant: 'Latchkey..grant.',
    revoke: 'Latchkey..revoke', message: 'Latchkey.message', upgrade: 'Latchkey.upgrade',
};
export function solanaLeafPreimage(leaf) {
    const shape = BigInt(leaf.nonceKind) | (leaf.localRuleId ? 256n : 0n) |
        BigInt(leaf.signed.length) << 16n | BigInt(leaf.accountKeys.length) << 32n;
    return join(text(tags[leaf.action]), leaf.cluster, littleEndian(shape, 8),
        littleEndian(leaf.deadline, 8), leaf.walletId, leaf.configId, leaf.localRuleId ?? [],
        leaf.lane ?? [], leaf.signed, ...leaf.accountKeys);
}
export const solanaLeaf = (leaf) => keccak(solanaLeafPreimage(leaf));
export const changeLeaf = (leaf) => change('Change(bytes32 wallet,bytes32 parent,uint8 action,' +
    'uint8 rule,uint32 epoch,bytes32 content)', leaf);
export function waitingPreimage(waiting) {
    const shape = BigInt(waiting.action) | (waiting.caps ? 64n : 0n) |
        (waiting.lane ? 256n : 0n) |
        BigInt(waiting.body.length) << 16n | BigInt(waiting.accountKeys.length) << 32n;
    return join(text('Latchkey.waiting'), waiting.cluster, littleEndian(shape, 8),
        littleEndian(2n ** 64n - 1n, 8), waiting.walletId, waiting.walletId, waiting.body,
        ...waiting.accountKeys);
}
export const waitingDigest = (waiting) => keccak(waitingPreimage(waiting));
// The 32 bytes of a shared part that stand for a recovery part.
export const commitment = (part, guard) => join(bigEndian(guard, 2), keccak(part).slice(0, 30));

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

export const ed25519Verify = (signature, message, key) => ed25519.verify(signature, message, key);
export const p256Verify = (signature, message, key) =>
    p256Curve.verify(signature, sha(message), key, { lowS: true });
// The address whose key made the signature, or null.
export function recoverAddress(signature, recoveryId, hash) {
    try {
        const parsed = secp256k1.Signature.fromCompact(signature).addRecoveryBit(recoveryId);
        if (parsed.hasHighS() || recoveryId > 1) return null;
        return keccak(parsed.recoverPublicKey(hash).toRawBytes(false).slice(1)).slice(12);
    } catch {
        return null;
    }
}
export const ed25519PublicKey = (seed) => ed25519.getPublicKey(seed);
export const p256PublicKey = (scalar) => p256Curve.getPublicKey(scalar, true);
export const ethereumAddress = (scalar) =>
    keccak(secp256k1.getPublicKey(scalar, false).slice(1)).slice(12);
