// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/key_checker.hpp"

#include "core/crypto/ed25519.hpp"
#include "core/crypto/p256.hpp"

namespace latchkey::core {

namespace {

bool is_ed25519_key(void* /*context*/, const std::uint8_t* key) {
    const std::span<const std::uint8_t, 32> bytes(key, 32);
    return crypto::is_on_ed25519_curve(bytes) && !crypto::has_small_order_ed25519(bytes);
}

bool p256_on_curve(void* /*context*/, const std::uint8_t* key) {
    return crypto::parse_p256_public_key(ByteView(key, crypto::P256PublicKey::kSize)).has_value();
}

bool is_derived(void* /*context*/, const std::uint8_t* address) {
    return !crypto::is_on_ed25519_curve(std::span<const std::uint8_t, 32>(address, 32));
}

constexpr KeyChecker kHostKeyChecker = {nullptr, is_ed25519_key, p256_on_curve, is_derived};

}  // namespace

const KeyChecker& host_key_checker() {
    return kHostKeyChecker;
}

}  // namespace latchkey::core
