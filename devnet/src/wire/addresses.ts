// SPDX-License-Identifier: Apache-2.0

import { type Address, address, getAddressDecoder, getAddressEncoder } from '@solana/kit';

const kEncoder = getAddressEncoder();
const kDecoder = getAddressDecoder();

/** Base58 text of exactly 32 bytes to those bytes. Throws when the text is anything else. */
export function address_bytes(text: string): Uint8Array {
    return Uint8Array.from(kEncoder.encode(address(text)));
}

export function address_text(bytes: Uint8Array): Address {
    return kDecoder.decode(bytes);
}

export const kSystemProgram = address_bytes('11111111111111111111111111111111');
export const kFeatureProgram = address_bytes('Feature111111111111111111111111111111111111');
export const kUpgradeableLoader = address_bytes('BPFLoaderUpgradeab1e11111111111111111111111');
export const kClockSysvar = address_bytes('SysvarC1ock11111111111111111111111111111111');
export const kRentSysvar = address_bytes('SysvarRent111111111111111111111111111111111');
export const kRecentBlockhashesSysvar = address_bytes(
    'SysvarRecentB1ockHashes11111111111111111111',
);
export const kComputeBudgetProgram = address_bytes('ComputeBudget111111111111111111111111111111');
export const kEd25519Precompile = address_bytes('Ed25519SigVerify111111111111111111111111111');
export const kSecp256k1Precompile = address_bytes('KeccakSecp256k11111111111111111111111111111');
export const kSecp256r1Precompile = address_bytes('Secp256r1SigVerify1111111111111111111111111');
export const kAddressLookupTableProgram = address_bytes(
    'AddressLookupTab1e1111111111111111111111111',
);
export const kTokenProgram = address_bytes('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
export const kToken2022Program = address_bytes('TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb');
