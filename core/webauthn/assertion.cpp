// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/assertion.hpp"

#include "core/crypto/hash.hpp"

namespace latchkey::core::webauthn {

Hash32 assertion_digest(ByteView authenticator_data, std::string_view client_data_json) {
    const Hash32 client_data_hash = crypto::sha256(as_bytes(client_data_json));
    return crypto::sha256({authenticator_data, client_data_hash.view()});
}

Result<AuthenticatorData> verify_assertion(const Assertion& assertion,
                                           const crypto::P256Verifier& verifier,
                                           const ClientDataExpectation& client_expectation,
                                           const AuthenticatorExpectation& expectation) {
    LATCHKEY_TRY(const ClientData client_data, parse_client_data(assertion.client_data_json));
    LATCHKEY_CHECK(check_client_data(client_data, client_expectation));
    LATCHKEY_TRY(AuthenticatorData data, parse_authenticator_data(assertion.authenticator_data));
    LATCHKEY_CHECK(check_authenticator_data(data, expectation));
    LATCHKEY_CHECK(
        verifier.verify(assertion_digest(assertion.authenticator_data, assertion.client_data_json),
                        assertion.signature));
    return data;
}

}  // namespace latchkey::core::webauthn
