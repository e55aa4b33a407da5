// SPDX-License-Identifier: Apache-2.0
// Signers with keys made from a seed: for benchmarks and tests, never for anything of value.
import { createECDH, createPrivateKey, sign as nodeSign, type KeyObject } from 'node:crypto';

import { concat, hexToBytes, keccak256, sha256, stringToHex, toHex, type Hex } from 'viem';
import { privateKeyToAddress, sign as signHash } from 'viem/accounts';

import { sized, uint } from './bytes.ts';

const kinds = { eip712: 2, eip191: 3, p256: 4, webauthn: 5 } as const;
const sameParty = 0x10;
const userVerification = 0x20;
const withoutRelyingParty = 0x40;
const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

export type Kind = keyof typeof kinds;

export interface Signer {
    kind: Kind;
    /// As the configuration has it.
    entry: Hex;
    /// As the short form has it with HOST.
    shortEntry: Hex;
    /// Of passkeys: where they are used.
    host: string;
    /// Evidence for a digest, in the short form (with HOST for passkeys) or the long one.
    approve(digest: Hex, form: Form): Promise<Hex>;
}

/// 'host': the host stands elsewhere (short form). 'long-host', 'long-tail': the forms of the long form.
export type Form = 'host' | 'tail' | 'long-host' | 'long-tail';

/// The 64 letters that a digest is in a passkey's challenge.
export function letters(digest: Hex): string {
    const bytes = hexToBytes(digest);
    const letter = (nibble: number) => String.fromCharCode(65 + nibble);
    return [...bytes].map((b) => letter(b >> 4)).join('') + [...bytes].map((b) => letter(b & 15)).join('');
}

export function makeSigner(
    kind: Kind,
    seed: string | number,
    options: { sameParty?: boolean; host?: string } = {},
): Signer {
    const secret = keccak256(stringToHex(`seed ${kind} ${seed}`));
    const head = kinds[kind] | (options.sameParty ? sameParty : 0);
    return kind === 'eip712' || kind === 'eip191'
        ? secp256k1Signer(kind, secret, head)
        : p256Signer(kind, secret, head, options.host ?? 'wallet.example.com');
}

function secp256k1Signer(kind: 'eip712' | 'eip191', secret: Hex, head: number): Signer {
    const entry = concat([uint(head, 1), privateKeyToAddress(secret)]);
    return {
        kind,
        entry,
        shortEntry: entry,
        host: '',
        async approve(digest) {
            const prefix = stringToHex('\x19Ethereum Signed Message:\n32');
            const hash = kind === 'eip712' ? digest : keccak256(concat([prefix, digest]));
            const signature = await signHash({ hash, privateKey: secret });
            const parity = BigInt(signature.yParity ?? 0) << 255n;
            return concat([signature.r, uint(BigInt(signature.s) | parity, 32)]);
        },
    };
}

function p256Signer(kind: 'p256' | 'webauthn', secret: Hex, head: number, host: string): Signer {
    const { key, x, y } = p256Key(secret);
    const point = concat([uint(2n + (BigInt(y) & 1n), 1), x]);
    const relyingParty = sha256(stringToHex(host));
    const flagged = kind === 'webauthn' ? head | userVerification : head;
    const entry = concat([uint(flagged, 1), point, kind === 'webauthn' ? relyingParty : '0x']);
    return {
        kind,
        entry,
        shortEntry: kind === 'webauthn' ? concat([uint(flagged | withoutRelyingParty, 1), point]) : entry,
        host,
        async approve(digest, form) {
            if (kind === 'p256') {
                return concat([signP256(key, digest), y]);
            }
            const tail = `","origin":"https://${host}","crossOrigin":false}`;
            const clientData = stringToHex(`{"type":"webauthn.get","challenge":"${letters(digest)}${tail}`);
            const flagsAndCounter: Hex = '0x0500000000';
            const signature = signP256(key, concat([relyingParty, flagsAndCounter, sha256(clientData)]));
            const rest: Record<Form, Hex> = {
                host: '0x',
                tail: sized(stringToHex(tail), 2),
                'long-host': concat(['0x01', sized(stringToHex(host), 1)]),
                'long-tail': concat(['0x00', sized(stringToHex(tail), 2)]),
            };
            return concat([signature, y, flagsAndCounter, rest[form]]);
        },
    };
}

function p256Key(secret: Hex): { key: KeyObject; x: Hex; y: Hex } {
    const ecdh = createECDH('prime256v1');
    ecdh.setPrivateKey(hexToBytes(secret));
    const point = toHex(ecdh.getPublicKey());
    const x: Hex = `0x${point.slice(4, 68)}`;
    const y: Hex = `0x${point.slice(68)}`;
    const base64url = (hex: Hex) => Buffer.from(hexToBytes(hex)).toString('base64url');
    const jwk = { kty: 'EC', crv: 'P-256', x: base64url(x), y: base64url(y), d: base64url(secret) };
    return { key: createPrivateKey({ key: jwk, format: 'jwk' }), x, y };
}

/// r and s, s in the lower half.
function signP256(key: KeyObject, message: Hex): Hex {
    const signature = toHex(nodeSign('sha256', hexToBytes(message), { key, dsaEncoding: 'ieee-p1363' }));
    const s = BigInt(`0x${signature.slice(66)}`);
    return concat([signature.slice(0, 66) as Hex, uint(s > p256Order / 2n ? p256Order - s : s, 32)]);
}
