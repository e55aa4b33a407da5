// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/key_checker.hpp"

#include "core/crypto/ed25519.hpp"
#include "core/crypto/p256.hpp"

namespace latchkey::core {

namespace {

bool ed25519_on_curve(void* /*context*/, const std::uint8_t* key) {
    return crypto::is_on_ed25519_curve(std::span<const std::uint8_t, 32>(key, 32));
}

bool p256_on_curve(void* /*context*/, const std::uint8_t* key) {
    return crypto::parse_p256_public_key(ByteView(key, crypto::P256PublicKey::kSize)).has_value();
}

bool is_derived(void* context, const std::uint8_t* address) {
    return !ed25519_on_curve(context, address);
}

constexpr KeyChecker kHostKeyChecker = {nullptr, ed25519_on_curve, p256_on_curve, is_derived};

}  // namespace

const KeyChecker& host_key_checker() {
    return kHostKeyChecker;
}

}  // namespace latchkey::core
