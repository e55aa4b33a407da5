// SPDX-License-Identifier: Apache-2.0
// Covers: signers/key_text.cpp
#include "signers/key_text.hpp"

#include "core/base/fuzz_testing.hpp"
#include "signers/entropy_testing.hpp"

using namespace latchkey;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const core::ByteView input = core::testing::fuzz_input(data, size);
    signers::testing::ConstantEntropy entropy;
    for (const auto algorithm : {signers::KeyAlgorithm::kEd25519, signers::KeyAlgorithm::kP256,
                                 signers::KeyAlgorithm::kSecp256k1}) {
        auto key = signers::parse_private_key(algorithm, input, entropy);
        if (!key.has_value()) {
            continue;
        }
        // Whatever the spelling, the file that we would write means the same key.
        const auto text = signers::format_private_key(*key);
        const auto again = signers::parse_private_key(algorithm, text->expose(), entropy);
        core::testing::require(signers::public_text(*again) == signers::public_text(*key));
        const auto signer = signers::make_server_signer(*std::move(key));
        core::testing::require(signer->approve({}).has_value());
    }
    // A source is one word of configuration; it is only parsed here, nothing is opened.
    core::testing::require(!signers::parse_secret_source(core::as_text(input)).has_value() ||
                           size > 3);
    return 0;
}
