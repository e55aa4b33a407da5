// SPDX-License-Identifier: Apache-2.0
#include "signers/software_authenticator.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/encoding/base64.hpp"
#include "core/encoding/secret_text.hpp"
#include "signers/key_text.hpp"

namespace latchkey::signers {

namespace {

namespace crypto = core::crypto;
namespace webauthn = core::webauthn;
using core::ApprovalHash;
using core::Bytes;
using core::ByteView;
using core::ErrorCode;
using core::fail;
using core::Hash32;
using core::Result;
using core::Secret;
using core::SecretBytes;

constexpr std::size_t kCredentialIdSize = 32;
constexpr std::size_t kUserHandleSizeMax = 64;
constexpr std::string_view kStateHeader = "latchkey software authenticator 1";

bool is_plain_word(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c <= '~' && c != '"' && c != '\\';
    });
}

/// What browsers ask before a page may use a relying party id (WebAuthn Level 3 section 5.1.3),
/// without the list of public suffixes.
Result<void> check_origin(std::string_view relying_party_id, std::string_view origin) {
    const bool is_secure = origin.starts_with("https://");
    std::string_view host = origin;
    host.remove_prefix(is_secure ? 8 : origin.starts_with("http://") ? 7 : origin.size());
    host = host.substr(0, host.find(':'));
    const bool is_allowed_scheme = is_secure || host == "localhost";
    const bool is_within =
        host == relying_party_id || (host.size() > relying_party_id.size() &&
                                     host.ends_with("." + std::string(relying_party_id)));
    if (!is_plain_word(relying_party_id) || !is_allowed_scheme || !is_within ||
        host.find('/') != std::string_view::npos) {
        return fail(ErrorCode::kRelyingPartyNotAllowed,
                    std::string(origin) + " for " + std::string(relying_party_id));
    }
    return {};
}

Result<std::string> client_data_for(webauthn::Ceremony ceremony, ByteView challenge,
                                    const std::string& origin,
                                    const std::optional<std::string>& top_origin) {
    webauthn::ClientData data;
    data.ceremony = ceremony;
    data.challenge = core::encode_base64url(challenge);
    data.origin = origin;
    data.cross_origin =
        top_origin.has_value() ? webauthn::CrossOrigin::kTrue : webauthn::CrossOrigin::kFalse;
    data.top_origin = top_origin;
    return webauthn::build_client_data(data);
}

/// Joins without leaving a copy in ordinary memory.
SecretBytes joined(const std::vector<SecretBytes>& parts) {
    std::size_t size = 0;
    for (const SecretBytes& part : parts) {
        size += part.size();
    }
    SecretBytes out(size);
    auto at = out.expose_mutable().begin();
    for (const SecretBytes& part : parts) {
        at = std::copy(part.expose().begin(), part.expose().end(), at);
    }
    return out;
}

/// Splits at the character and drops it; the whole text if it is not there.
ByteView take_until(ByteView& text, char end) {
    const auto found = std::find(text.begin(), text.end(), static_cast<std::uint8_t>(end));
    const auto size = static_cast<std::size_t>(found - text.begin());
    const ByteView piece = text.first(size);
    text = text.subspan(std::min(size + 1, text.size()));
    return piece;
}

}  // namespace

struct SoftwareAuthenticator::Credential {
    Bytes id;
    std::string relying_party_id;
    Bytes user_handle;
    std::uint32_t sign_count = 0;
    crypto::P256PrivateKey key;
};

SoftwareAuthenticator::SoftwareAuthenticator(Entropy& entropy, AuthenticatorOptions options)
    : entropy_(&entropy), options_(options) {}
SoftwareAuthenticator::~SoftwareAuthenticator() = default;
SoftwareAuthenticator::SoftwareAuthenticator(SoftwareAuthenticator&&) noexcept = default;
SoftwareAuthenticator& SoftwareAuthenticator::operator=(SoftwareAuthenticator&&) noexcept = default;

Result<SoftwareAuthenticator::CreationResponse> SoftwareAuthenticator::create(
    const CreationRequest& request) {
    LATCHKEY_CHECK(check_origin(request.relying_party_id, request.origin));
    if (request.user_handle.empty() || request.user_handle.size() > kUserHandleSizeMax) {
        return fail(ErrorCode::kInvalidArgument, "a user handle has 1 to 64 bytes");
    }
    CreationResponse response;
    LATCHKEY_TRY(response.client_data_json,
                 client_data_for(webauthn::Ceremony::kCreate, request.challenge, request.origin,
                                 std::nullopt));
    LATCHKEY_TRY(PrivateKey key, generate_private_key(KeyAlgorithm::kP256, *entropy_));
    response.credential_id.resize(kCredentialIdSize);
    LATCHKEY_CHECK(entropy_->fill(response.credential_id));

    auto& p256 = std::get<crypto::P256PrivateKey>(key);
    webauthn::AuthenticatorData data;
    data.relying_party_id_hash = webauthn::relying_party_id_hash(request.relying_party_id);
    data.flags = static_cast<std::uint8_t>(
        webauthn::kFlagUserPresent | webauthn::kFlagAttestedCredential |
        (request.user_verified ? webauthn::kFlagUserVerified : 0) |
        (options_.is_synchronised ? webauthn::kFlagBackupEligible | webauthn::kFlagBackedUp : 0));
    data.credential = webauthn::AttestedCredential{{}, response.credential_id, p256.public_key()};
    LATCHKEY_TRY(response.attestation_object, webauthn::encode_attestation_object(data));
    credentials_.push_back(Credential{response.credential_id, request.relying_party_id,
                                      request.user_handle, 0, std::move(p256)});
    return response;
}

SoftwareAuthenticator::Credential* SoftwareAuthenticator::find(const AssertionRequest& request) {
    const auto found =
        std::find_if(credentials_.rbegin(), credentials_.rend(), [&request](const Credential& one) {
            const auto& allowed = request.allowed_credentials;
            return one.relying_party_id == request.relying_party_id &&
                   (allowed.empty() ||
                    std::find(allowed.begin(), allowed.end(), one.id) != allowed.end());
        });
    return found == credentials_.rend() ? nullptr : &*found;
}

/// Real authenticators produce either half of s, and so does this one.
Result<Bytes> SoftwareAuthenticator::sign(const Credential& credential, const Hash32& digest) {
    std::array<std::uint8_t, 1> coin{};
    LATCHKEY_CHECK(entropy_->fill(coin));
    LATCHKEY_TRY(const auto low, credential.key.sign(digest));
    return crypto::p256_signature_to_der(coin[0] % 2 == 0 ? low : crypto::mirrored(low));
}

Result<SoftwareAuthenticator::CredentialAssertion> SoftwareAuthenticator::get(
    const AssertionRequest& request) {
    LATCHKEY_CHECK(check_origin(request.relying_party_id, request.origin));
    Credential* const credential = find(request);
    if (credential == nullptr) {
        return fail(ErrorCode::kCredentialUnknown, request.relying_party_id);
    }
    CredentialAssertion out = {credential->id, credential->user_handle, {}};
    LATCHKEY_TRY(out.response.client_data_json,
                 client_data_for(webauthn::Ceremony::kGet, request.challenge, request.origin,
                                 request.top_origin));
    webauthn::AuthenticatorData data;
    data.relying_party_id_hash = webauthn::relying_party_id_hash(request.relying_party_id);
    data.flags = static_cast<std::uint8_t>(
        (request.user_present ? webauthn::kFlagUserPresent : 0) |
        (request.user_verified ? webauthn::kFlagUserVerified : 0) |
        (options_.is_synchronised ? webauthn::kFlagBackupEligible | webauthn::kFlagBackedUp : 0));
    if (options_.counts_signatures) {
        ++credential->sign_count;
    }
    data.sign_count = credential->sign_count;
    LATCHKEY_TRY(out.response.authenticator_data, webauthn::encode_authenticator_data(data));
    LATCHKEY_TRY(out.response.signature,
                 sign(*credential, webauthn::assertion_digest(out.response.authenticator_data,
                                                              out.response.client_data_json)));
    return out;
}

// One line for the options, then one a credential: id, relying party, user handle, count, scalar.
Result<SecretBytes> SoftwareAuthenticator::save() const {
    std::vector<SecretBytes> parts;
    const auto put = [&parts](std::string_view text) {
        parts.push_back(SecretBytes::copy_of(core::as_bytes(text)));
    };
    put(std::string(kStateHeader) + (options_.counts_signatures ? " counting" : " not-counting") +
        (options_.is_synchronised ? " synchronised\n" : " device-bound\n"));
    for (const Credential& one : credentials_) {
        put(core::encode_base64url(one.id) + " " + one.relying_party_id + " " +
            core::encode_base64url(one.user_handle) + " " + std::to_string(one.sign_count) + " ");
        const Secret<32> scalar = one.key.scalar();
        parts.push_back(core::encode_hex_secret(scalar.expose()));
        put("\n");
    }
    return joined(parts);
}

Result<SoftwareAuthenticator> SoftwareAuthenticator::load(ByteView text, Entropy& entropy) {
    const auto malformed = [] { return fail(ErrorCode::kAuthenticatorState); };
    ByteView rest = text;
    const std::string header(core::as_text(take_until(rest, '\n')));
    AuthenticatorOptions options;
    options.counts_signatures = header.starts_with(std::string(kStateHeader) + " counting ");
    options.is_synchronised = header.ends_with(" synchronised");
    SoftwareAuthenticator loaded(entropy, options);
    while (!rest.empty()) {
        ByteView line = take_until(rest, '\n');
        const auto id = core::decode_base64url(core::as_text(take_until(line, ' ')));
        const std::string relying_party_id(core::as_text(take_until(line, ' ')));
        const auto user_handle = core::decode_base64url(core::as_text(take_until(line, ' ')));
        const std::string_view count = core::as_text(take_until(line, ' '));
        std::uint32_t sign_count = 0;
        const auto parsed = std::from_chars(count.data(), count.data() + count.size(), sign_count);
        const auto scalar_bytes = core::decode_hex_secret(line);
        if (!id || !user_handle || parsed.ec != std::errc() || !scalar_bytes ||
            !is_plain_word(relying_party_id)) {
            return malformed();
        }
        const auto scalar = Secret<32>::copy_of(scalar_bytes->expose());
        if (!scalar) {
            return malformed();
        }
        auto key = crypto::P256PrivateKey::from_scalar(*scalar);
        if (!key) {
            return malformed();
        }
        loaded.credentials_.push_back(
            Credential{*id, relying_party_id, *user_handle, sign_count, *std::move(key)});
    }
    // Whatever else the text says, it must say it exactly as save() does.
    LATCHKEY_TRY(const SecretBytes again, loaded.save());
    if (!core::constant_time_equal(again.expose(), text)) {
        return malformed();
    }
    return loaded;
}

SoftwareWebauthnSigner::SoftwareWebauthnSigner(SoftwareAuthenticator& authenticator,
                                               std::string relying_party_id, std::string origin,
                                               Bytes credential_id, core::Signer entry)
    : authenticator_(authenticator),
      relying_party_id_(std::move(relying_party_id)),
      origin_(std::move(origin)),
      credential_id_(std::move(credential_id)),
      entry_(std::move(entry)) {}

Result<std::unique_ptr<SoftwareWebauthnSigner>> SoftwareWebauthnSigner::enroll(
    SoftwareAuthenticator& authenticator, const SoftwareAuthenticator::CreationRequest& request,
    bool requires_user_verification) {
    LATCHKEY_TRY(const auto created, authenticator.create(request));
    // The way a service learns the key: from the attestation object, not from the authenticator.
    LATCHKEY_TRY(const auto attestation,
                 webauthn::parse_attestation_object(created.attestation_object));
    const webauthn::AuthenticatorData& data = attestation.authenticator_data;
    core::Signer entry = core::Signer::webauthn(data.credential->public_key,
                                                Hash32(data.relying_party_id_hash.array()),
                                                requires_user_verification);
    return std::unique_ptr<SoftwareWebauthnSigner>(
        new SoftwareWebauthnSigner(authenticator, request.relying_party_id, request.origin,
                                   data.credential->credential_id, std::move(entry)));
}

Result<Evidence> SoftwareWebauthnSigner::approve(const ApprovalHash& hash) {
    LATCHKEY_TRY(const SigningRequest request, request_signature(entry_, hash));
    SoftwareAuthenticator::AssertionRequest get;
    get.relying_party_id = relying_party_id_;
    get.origin = origin_;
    get.challenge = request.message;
    get.allowed_credentials = {credential_id_};
    get.user_verified = true;
    LATCHKEY_TRY(const auto made, authenticator_.get(get));
    const std::vector<std::string> origins = {origin_};
    return accept_assertion(request, made.response, origins);
}

}  // namespace latchkey::signers
