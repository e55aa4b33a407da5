// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/bytes.hpp"
#include "core/crypto/p256.hpp"
#include "core/webauthn/authenticator_data.hpp"
#include "core/webauthn/client_data.hpp"

namespace latchkey::core::webauthn {

/// What navigator.credentials.get() returns, with the signature as chains want it.
struct Assertion {
    Bytes authenticator_data;
    std::string client_data_json;
    /// Low s; browsers return DER, which p256_signature_from_der converts.
    crypto::P256Signature signature;
};

/// The hash that the authenticator signs: sha256(authenticatorData || sha256(clientDataJSON)),
/// WebAuthn Level 3 section 6.3.3.
Hash32 assertion_digest(ByteView authenticator_data, std::string_view client_data_json);

/// All that a relying party must check (WebAuthn Level 3 section 7.2) but the signature counter,
/// which it has to remember. Errors: those of the parsers, the check functions and
/// P256Verifier::verify.
Result<AuthenticatorData> verify_assertion(const Assertion& assertion,
                                           const crypto::P256Verifier& verifier,
                                           const ClientDataExpectation& client_expectation,
                                           const AuthenticatorExpectation& expectation);

}  // namespace latchkey::core::webauthn
