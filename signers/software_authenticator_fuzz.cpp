// SPDX-License-Identifier: Apache-2.0
// Covers: signers/software_authenticator.cpp
#include "signers/software_authenticator.hpp"

#include "core/base/fuzz_testing.hpp"

using namespace latchkey;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const core::ByteView input = core::testing::fuzz_input(data, size);
    signers::SystemEntropy entropy;
    const auto loaded = signers::SoftwareAuthenticator::load(input, entropy);
    if (loaded.has_value()) {
        core::testing::require(core::equal(loaded->save()->expose(), input));
    }
    return 0;
}
