// SPDX-License-Identifier: Apache-2.0
// Covers: core/crypto/ecdsa_der.cpp
#include "core/crypto/ecdsa_der.hpp"

#include "core/base/fuzz_testing.hpp"
#include "core/crypto/p256.hpp"
#include "core/crypto/secp256k1.hpp"

using namespace latchkey::core;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input = testing::fuzz_input(data, size);
    const auto raw = crypto::ecdsa_signature_from_der(input);
    if (raw.has_value()) {
        testing::require(equal(crypto::ecdsa_signature_to_der(*raw), input));
    }
    if (const auto signature = crypto::p256_signature_from_der(input); signature.has_value()) {
        testing::require(raw.has_value());
        const auto again = crypto::normalize_p256_signature(signature->view());
        testing::require(*again == *signature);
        testing::require(crypto::normalize_p256_signature(crypto::mirrored(*signature).view()) ==
                         signature);
    }
    if (const auto signature = crypto::secp256k1_signature_from_der(input); signature.has_value()) {
        testing::require(raw.has_value());
        testing::require(crypto::normalize_secp256k1_signature(
                             crypto::mirrored(*signature).view()) == signature);
    }
    return 0;
}
