// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/key_checker.hpp"

#include "core/crypto/ed25519.hpp"
#include "core/crypto/p256.hpp"

namespace latchkey::core {

Truth is_chain_key(std::uint64_t kind, const std::uint8_t* key) {
    if (kind == kSignerEd25519) {
        const std::span<const std::uint8_t, 32> bytes(key, 32);
        return crypto::is_on_ed25519_curve(bytes) && !crypto::has_small_order_ed25519(bytes);
    }
    // The address that the program signs with is derived from it: off the curve.
    return kind != kSignerProgram ||
           !crypto::is_on_ed25519_curve(std::span<const std::uint8_t, 32>(key + 32, 32));
}

Truth is_host_key(std::uint64_t kind, const std::uint8_t* key) {
    if (is_p256_family(kind)) {
        return crypto::parse_p256_public_key(ByteView(key, crypto::P256PublicKey::kSize))
            .has_value();
    }
    return is_chain_key(kind, key);
}

}  // namespace latchkey::core
