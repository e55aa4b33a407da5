// SPDX-License-Identifier: Apache-2.0
// Covers: signers/external_signer.cpp
#include "signers/external_signer.hpp"

#include "core/base/fuzz_testing.hpp"
#include "core/encoding/byte_io.hpp"
#include "signers/entropy_testing.hpp"
#include "signers/key_text.hpp"
#include "signers/software_authenticator.hpp"

using namespace latchkey;

namespace {

std::unique_ptr<signers::Signer> make_signer(signers::KeyAlgorithm algorithm,
                                             signers::Envelope envelope) {
    signers::testing::ConstantEntropy entropy;
    return signers::make_server_signer(signers::generate_private_key(algorithm, entropy).value(),
                                       envelope);
}

core::Result<signers::Evidence> accept_assertion(const signers::SigningRequest& request,
                                                 core::ByteView input) {
    core::ByteReader reader(input);
    signers::AssertionResponse response;
    LATCHKEY_TRY(const std::uint8_t signature_size, reader.read_u8());
    LATCHKEY_TRY(const core::ByteView signature, reader.read(signature_size));
    LATCHKEY_TRY(const std::uint8_t data_size, reader.read_u8());
    LATCHKEY_TRY(const core::ByteView authenticator_data, reader.read(data_size));
    response.signature = core::to_bytes(signature);
    response.authenticator_data = core::to_bytes(authenticator_data);
    response.client_data_json = std::string(core::as_text(reader.rest()));
    const std::vector<std::string> origins = {"https://example.org"};
    return signers::accept_assertion(request, response, origins);
}

}  // namespace

// Nothing that comes from outside is evidence unless it verifies, and then it is canonical. The
// first byte chooses the signer. An assertion is a size and the DER signature, a size and the
// authenticator data, and the client data.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using signers::Envelope;
    using signers::KeyAlgorithm;
    static signers::testing::ConstantEntropy entropy;
    static signers::SoftwareAuthenticator authenticator(entropy);
    static const std::unique_ptr<signers::Signer> kSigners[] = {
        make_signer(KeyAlgorithm::kEd25519, Envelope::kEip712),
        make_signer(KeyAlgorithm::kP256, Envelope::kEip712),
        make_signer(KeyAlgorithm::kSecp256k1, Envelope::kEip712),
        make_signer(KeyAlgorithm::kSecp256k1, Envelope::kEip191),
        signers::SoftwareWebauthnSigner::enroll(authenticator,
                                                {.relying_party_id = "example.org",
                                                 .origin = "https://example.org",
                                                 .challenge = {},
                                                 .user_handle = {1}},
                                                true)
            .value()};
    if (size < 1) {
        return 0;
    }
    const core::ByteView input = core::testing::fuzz_input(data, size).subspan(1);
    const core::Signer& entry = kSigners[data[0] % 5]->entry();
    const core::ApprovalHash hash;
    const auto request = signers::request_signature(entry, hash);
    const auto accepted = entry.kind == core::kSignerWebauthn
                              ? accept_assertion(*request, input)
                              : signers::accept_signature(*request, input);
    if (accepted.has_value()) {
        core::testing::require(signers::verify_evidence(entry, hash, *accepted).has_value());
    }
    const auto external = signers::ExternalSigner::make(
        entry, [input](const signers::SigningRequest&) { return core::to_bytes(input); });
    if (external.has_value()) {
        core::testing::require((*external)->approve(hash).has_value() == accepted.has_value());
    }
    return 0;
}
