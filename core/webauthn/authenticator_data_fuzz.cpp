// SPDX-License-Identifier: Apache-2.0
// Covers: core/webauthn/authenticator_data.cpp core/webauthn/cbor.cpp
#include "core/webauthn/authenticator_data.hpp"

#include "core/base/fuzz_testing.hpp"
#include "core/webauthn/cbor.hpp"

using namespace latchkey::core;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input = testing::fuzz_input(data, size);
    if (const auto parsed = webauthn::parse_authenticator_data(input); parsed.has_value()) {
        testing::require(equal(webauthn::encode_authenticator_data(*parsed).value(), input));
        const webauthn::AuthenticatorExpectation expected = {parsed->relying_party_id_hash, true};
        testing::require(webauthn::check_authenticator_data(*parsed, expected).has_value() ==
                         ((parsed->flags & 0x05) == 0x05));
        testing::require(!webauthn::check_authenticator_data(*parsed, {}).has_value() ||
                         parsed->relying_party_id_hash.is_zero());
    }
    if (const auto object = webauthn::parse_attestation_object(input); object.has_value()) {
        const Bytes again = webauthn::encode_attestation_object(object->authenticator_data).value();
        // Only the statement, which is not kept, can be lost.
        testing::require(again.size() <= input.size());
        testing::require(webauthn::parse_attestation_object(again)->authenticator_data ==
                         object->authenticator_data);
    }
    if (const auto key = webauthn::parse_cose_key(input); key.has_value()) {
        testing::require(equal(webauthn::encode_cose_key(*key).value(), input));
    }
    webauthn::CborReader reader(input);
    if (const auto item = reader.read_item(); item.has_value()) {
        testing::require(item->size() + reader.remaining() == size);
        webauthn::CborReader again(*item);
        testing::require(equal(again.read_item().value(), *item));
    }
    return 0;
}
