// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "signers/entropy.hpp"
#include "signers/external_signer.hpp"

namespace latchkey::signers {

struct AuthenticatorOptions {
    /// Security keys count their signatures; most passkeys always say 0.
    bool counts_signatures = false;
    /// Flags of a passkey that a provider synchronises.
    bool is_synchronised = true;
};

/// Browser and authenticator in one, in software: for tests and the demonstration only. It protects
/// nothing that the process can read, asks nobody, and says what it is told to about the user.
/// Not thread-safe.
class SoftwareAuthenticator {
  public:
    struct CreationRequest {
        std::string relying_party_id;
        /// Of the page that asks: https, or http on localhost, and within the relying party's
        /// domain.
        std::string origin;
        core::Bytes challenge;
        /// 1 to 64 bytes.
        core::Bytes user_handle;
        bool user_verified = true;
    };

    struct CreationResponse {
        core::Bytes credential_id;
        std::string client_data_json;
        core::Bytes attestation_object;
    };

    struct AssertionRequest {
        std::string relying_party_id;
        std::string origin;
        core::Bytes challenge;
        /// Empty: the newest credential for the relying party.
        std::vector<core::Bytes> allowed_credentials = {};
        bool user_present = true;
        bool user_verified = true;
        /// Set: the page is a frame within this origin.
        std::optional<std::string> top_origin = std::nullopt;
    };

    struct CredentialAssertion {
        core::Bytes credential_id;
        core::Bytes user_handle;
        /// Like a browser's: DER, with s in either half.
        AssertionResponse response;
    };

    /// The entropy must outlive the authenticator.
    explicit SoftwareAuthenticator(Entropy& entropy, AuthenticatorOptions options = {});
    ~SoftwareAuthenticator();
    SoftwareAuthenticator(SoftwareAuthenticator&&) noexcept;
    SoftwareAuthenticator& operator=(SoftwareAuthenticator&&) noexcept;

    /// navigator.credentials.create() for ES256. Errors: kRelyingPartyNotAllowed, kInvalidArgument,
    /// kEntropyUnavailable.
    core::Result<CreationResponse> create(const CreationRequest& request);

    /// navigator.credentials.get(). Errors: kRelyingPartyNotAllowed, kCredentialUnknown,
    /// kInvalidArgument, kEntropyUnavailable.
    core::Result<CredentialAssertion> get(const AssertionRequest& request);

    /// Everything, as text for a secret file.
    core::Result<core::SecretBytes> save() const;
    /// Only what save() writes: kAuthenticatorState.
    static core::Result<SoftwareAuthenticator> load(core::ByteView text, Entropy& entropy);

  private:
    struct Credential;

    Credential* find(const AssertionRequest& request);
    core::Result<core::Bytes> sign(const Credential& credential, const core::Hash32& digest);

    Entropy* entropy_;
    AuthenticatorOptions options_;
    std::vector<Credential> credentials_;
};

/// A wallet's webauthn signer whose authenticator is in software.
class SoftwareWebauthnSigner final : public Signer {
  public:
    /// Registers a new credential. The authenticator must outlive the signer. Errors: those of
    /// SoftwareAuthenticator::create.
    static core::Result<std::unique_ptr<SoftwareWebauthnSigner>> enroll(
        SoftwareAuthenticator& authenticator, const SoftwareAuthenticator::CreationRequest& request,
        bool requires_user_verification);

    const core::Signer& entry() const override { return entry_; }
    const core::Bytes& credential_id() const { return credential_id_; }
    core::Result<Evidence> approve(const core::ApprovalHash& hash) override;

  private:
    SoftwareWebauthnSigner(SoftwareAuthenticator& authenticator, std::string relying_party_id,
                           std::string origin, core::Bytes credential_id, core::Signer entry);

    SoftwareAuthenticator& authenticator_;
    std::string relying_party_id_;
    std::string origin_;
    core::Bytes credential_id_;
    core::Signer entry_;
};

}  // namespace latchkey::signers
