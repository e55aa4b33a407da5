// SPDX-License-Identifier: Apache-2.0
#pragma once

// For tests only: fixed keys and bytes.
#include <string>

#include "core/crypto/hash.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/configuration.hpp"

namespace latchkey::core::testing {

/// `count` times the same byte.
template <typename Fixed>
Fixed filled(std::uint8_t byte) {
    Fixed out;
    std::fill(out.begin(), out.end(), byte);
    return out;
}

inline Bytes unhex(std::string_view text) {
    return decode_hex(text).value();
}

template <typename Fixed>
Fixed unhex_as(std::string_view text) {
    return decode_hex_as<Fixed>(text).value();
}

/// G and 2 G of P-256 (SEC 2, section 2.4.2).
inline crypto::P256PublicKey p256_key(int multiple = 1) {
    return unhex_as<crypto::P256PublicKey>(
        multiple == 1 ? "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                      : "037cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978");
}

/// The key of the seed that is this byte 32 times.
inline crypto::Ed25519PublicKey ed25519_key(std::uint8_t seed = 1) {
    const auto secret = Secret<32>::copy_of(Bytes(32, seed));
    return crypto::Ed25519PrivateKey::from_seed(*secret).public_key();
}

inline Hash32 example_rp_id_hash() {
    return crypto::sha256(as_bytes("example.com"));
}

}  // namespace latchkey::core::testing
