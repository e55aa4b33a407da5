// SPDX-License-Identifier: Apache-2.0
// Covers: signers/external_signer.cpp
#include "signers/external_signer.hpp"

#include "core/base/fuzz_testing.hpp"
#include "core/encoding/byte_io.hpp"
#include "signers/key_text.hpp"

using namespace latchkey;

namespace {

class FixedEntropy final : public signers::Entropy {
  public:
    core::Result<void> fill(std::span<std::uint8_t> bytes) override {
        std::fill(bytes.begin(), bytes.end(), std::uint8_t{1});
        return {};
    }
};

std::unique_ptr<signers::Signer> make_signer(signers::KeyAlgorithm algorithm,
                                             signers::Envelope envelope) {
    FixedEntropy entropy;
    return signers::make_server_signer(signers::generate_private_key(algorithm, entropy).value(),
                                       envelope);
}

}  // namespace

// Nothing that comes from outside is evidence unless it verifies, and then it is canonical. The
// first byte chooses the signer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using signers::Envelope;
    using signers::KeyAlgorithm;
    static const std::unique_ptr<signers::Signer> kSigners[] = {
        make_signer(KeyAlgorithm::kEd25519, Envelope::kEip712),
        make_signer(KeyAlgorithm::kP256, Envelope::kEip712),
        make_signer(KeyAlgorithm::kSecp256k1, Envelope::kEip712),
        make_signer(KeyAlgorithm::kSecp256k1, Envelope::kEip191)};
    if (size < 1) {
        return 0;
    }
    const core::ByteView input = core::testing::fuzz_input(data, size).subspan(1);
    const auto& signer = kSigners[data[0] % 4];
    const core::ApprovalHash hash;
    const auto request = signers::request_signature(signer->entry(), hash);
    const auto accepted = signers::accept_signature(*request, input);
    if (accepted.has_value()) {
        core::testing::require(
            signers::verify_evidence(signer->entry(), hash, *accepted).has_value());
    }
    return 0;
}
