// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/key_checker.hpp"

#include "core/crypto/ed25519.hpp"
#include "core/crypto/p256.hpp"

namespace latchkey::core {

Truth is_solana_key(std::uint64_t kind, const std::uint8_t* key) {
    using Point = std::span<const std::uint8_t, 32>;
    if (kind == kSignerEd25519) {
        const Point point(key, 32);
        return static_cast<Truth>(crypto::is_on_ed25519_curve(point) &&
                                  !crypto::has_small_order_ed25519(point));
    }
    return static_cast<Truth>(kind != kSignerProgram ||
                              !crypto::is_on_ed25519_curve(Point(key + 32, 32)));
}

Truth is_host_key(std::uint64_t kind, const std::uint8_t* key) {
    if (!is_p256_family(kind)) {
        return is_solana_key(kind, key);
    }
    const ByteView point(key, crypto::P256PublicKey::kSize);
    return static_cast<Truth>(crypto::parse_p256_public_key(point).has_value());
}

}  // namespace latchkey::core
