// SPDX-License-Identifier: Apache-2.0
// Covers: signers/software_authenticator.cpp
#include "signers/software_authenticator.hpp"

#include "core/base/fuzz_testing.hpp"
#include "signers/entropy_testing.hpp"

using namespace latchkey;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const core::ByteView input = core::testing::fuzz_input(data, size);
    signers::testing::ConstantEntropy entropy;
    const auto loaded = signers::SoftwareAuthenticator::load(input, entropy);
    if (loaded.has_value()) {
        core::testing::require(core::equal(loaded->save()->expose(), input));
    }
    // The input as a page's origin: whatever may register makes a well-formed credential that
    // signs.
    signers::SoftwareAuthenticator authenticator(entropy, {.counts_signatures = true});
    const std::string origin(core::as_text(input));
    for (const std::string party : {"example.org", "localhost"}) {
        auto signer = signers::SoftwareWebauthnSigner::enroll(
            authenticator,
            {.relying_party_id = party, .origin = origin, .challenge = {}, .user_handle = {1}},
            true);
        if (signer.has_value()) {
            core::testing::require((*signer)->approve({}).has_value());
            core::testing::require(
                signers::SoftwareAuthenticator::load(authenticator.save()->expose(), entropy)
                    .has_value());
        }
    }
    return 0;
}
