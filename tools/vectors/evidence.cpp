// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/evidence.hpp"

#include <functional>

#include "core/crypto/hash.hpp"
#include "tools/vectors/examples.hpp"
#include "tools/vectors/subject.hpp"

namespace latchkey::vectors {

namespace {

using core::ApprovalHash;
using core::ErrorCode;
using core::Evidence;
using core::Signer;
using core::webauthn::Assertion;

json::object to_json(const Evidence& evidence) {
    if (const auto* ed25519 = std::get_if<core::crypto::Ed25519Signature>(&evidence)) {
        return {{"signature", hex(*ed25519)}};
    }
    if (const auto* p256 = std::get_if<core::crypto::P256Signature>(&evidence)) {
        return {{"signature", hex(*p256)}};
    }
    if (const auto* recoverable = std::get_if<core::crypto::RecoverableSignature>(&evidence)) {
        return {{"signature", hex(recoverable->signature)},
                {"recoveryId", recoverable->recovery_id}};
    }
    const auto& assertion = std::get<Assertion>(evidence);
    return {{"authenticatorData", hex(assertion.authenticator_data)},
            {"clientDataJSON", assertion.client_data_json},
            {"signature", hex(assertion.signature)}};
}

Evidence evidence_from(core::SignerKind kind, const json::object& object) {
    if (kind == core::kSignerEd25519) {
        return fixed_at<core::crypto::Ed25519Signature>(object, "signature");
    }
    if (kind == core::kSignerP256) {
        return fixed_at<core::crypto::P256Signature>(object, "signature");
    }
    if (kind == core::kSignerWebauthn) {
        return Assertion{bytes_at(object, "authenticatorData"), text_at(object, "clientDataJSON"),
                         fixed_at<core::crypto::P256Signature>(object, "signature")};
    }
    return core::crypto::RecoverableSignature{
        fixed_at<core::crypto::Secp256k1Signature>(object, "signature"),
        static_cast<std::uint8_t>(small_at(object, "recoveryId"))};
}

/// A signer and the name of its private key.
struct Keyed {
    Signer signer;
    std::string name;
};

class Writer {
  public:
    /// What the program answers when the evidence reaches it; nullopt when a precompile refuses the
    /// whole transaction before.
    using OnChain = std::optional<Verdict>;

    void add(std::string name, const Keyed& keyed, const ApprovalHash& hash,
             const Evidence& evidence, std::optional<ErrorCode> error, OnChain verdict) {
        const core::Result<void> actual = core::verify_evidence(keyed.signer, hash, evidence);
        const bool as_expected = error ? !actual && actual.error().code == *error : !!actual;
        require(as_expected, name + ": " + (actual ? "accepted" : actual.error().to_string()));
        json::object vector{{"name", std::move(name)},
                            {"signer", vectors::to_json(keyed.signer)},
                            {"privateKey", hex(private_key(keyed.name))},
                            {"approvalHash", hex(hash)},
                            {"evidence", to_json(evidence)},
                            {"valid", !error}};
        if (error) {
            vector["libraryError"] = core::error_name(*error);
        }
        if (verdict) {
            vector["verdict"] = number_of(*verdict);
        }
        vectors_.push_back(std::move(vector));
    }

    json::array take() { return std::move(vectors_); }

  private:
    json::array vectors_;
};

std::vector<Keyed> keyed_signers(const std::string& suffix) {
    return {{Signer::ed25519(ed25519_key("laptop" + suffix)), "laptop" + suffix},
            {Signer::secp256k1_eip712(ethereum_key("browser" + suffix)), "browser" + suffix},
            {Signer::secp256k1_eip191(ethereum_key("browser" + suffix)), "browser" + suffix},
            {Signer::p256(p256_key("server" + suffix)), "server" + suffix},
            {passkey("phone" + suffix), "phone" + suffix}};
}

bool is_secp256k1(const Signer& signer) {
    return signer.kind == core::kSignerSecp256k1Eip712 ||
           signer.kind == core::kSignerSecp256k1Eip191;
}

/// An assertion with other client data or authenticator data, signed again.
Assertion signed_again(const Keyed& keyed, Assertion assertion) {
    assertion.signature = sign_p256(
        keyed.name, core::concat(assertion.authenticator_data,
                                 core::crypto::sha256(core::as_bytes(assertion.client_data_json))));
    return assertion;
}

/// The good one, and one over another hash, one by another key and one with a flipped bit.
void add_common(Writer& out, const Keyed& keyed, const Keyed& stranger, const ApprovalHash& hash,
                const ApprovalHash& other, const std::string& suffix) {
    const std::string kind(kind_name(keyed.signer.kind));
    const bool recovers = is_secp256k1(keyed.signer);
    const bool is_passkey = keyed.signer.kind == core::kSignerWebauthn;
    const Evidence good = sign(keyed.signer, keyed.name, hash);
    out.add(kind + suffix, keyed, hash, good, {}, Verdict::kAccepted);
    // With the recover syscall another digest is another key's signature.
    out.add(kind + " over another hash" + suffix, keyed, other, good,
            recovers     ? ErrorCode::kWrongSigner
            : is_passkey ? ErrorCode::kChallengeMismatch
                         : ErrorCode::kInvalidSignature,
            recovers     ? Verdict::kKeyMismatch
            : is_passkey ? Verdict::kClientData
                         : Verdict::kDigestMismatch);
    const Evidence strange = sign(stranger.signer, stranger.name, hash);
    out.add(kind + " by another key" + suffix, keyed, hash, strange,
            recovers ? ErrorCode::kWrongSigner : ErrorCode::kInvalidSignature,
            Verdict::kKeyMismatch);
    if (!recovers) {
        json::object flipped = to_json(good);
        Bytes signature = bytes_at(flipped, "signature");
        signature[5] ^= 1;
        flipped["signature"] = hex(signature);
        // The precompile finds it before the program runs.
        out.add(kind + " with a flipped bit" + suffix, keyed, hash,
                evidence_from(keyed.signer.kind, flipped), ErrorCode::kInvalidSignature, {});
    }
}

/// n - s for the curve's order n.
template <typename Signature>
Signature with_high_s(const Signature& signature, std::string_view order) {
    const Bytes n = core::decode_hex(order).value();
    Signature out = signature;
    unsigned borrow = 0;
    for (std::size_t i = 32; i-- > 0;) {
        const unsigned difference = 256U + n[i] - signature[32 + i] - borrow;
        out[32 + i] = static_cast<std::uint8_t>(difference);
        borrow = difference < 256 ? 1 : 0;
    }
    return out;
}

constexpr std::string_view kSecp256k1Order =
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
constexpr std::string_view kP256Order =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

void add_malleable(Writer& out, const Keyed& keyed, const ApprovalHash& hash,
                   const std::string& suffix) {
    const std::string kind(kind_name(keyed.signer.kind));
    const Evidence good = sign(keyed.signer, keyed.name, hash);
    if (const auto* p256 = std::get_if<core::crypto::P256Signature>(&good)) {
        out.add(kind + " with high s" + suffix, keyed, hash, with_high_s(*p256, kP256Order),
                ErrorCode::kSignatureNotLowS, {});
        return;
    }
    const auto made = std::get<core::crypto::RecoverableSignature>(good);
    auto changed = made;
    changed.signature = with_high_s(made.signature, kSecp256k1Order);
    changed.recovery_id ^= 1;
    out.add(kind + " with high s" + suffix, keyed, hash, changed, ErrorCode::kSignatureNotLowS,
            Verdict::kSignatureMalformed);
    changed = made;
    changed.recovery_id = static_cast<std::uint8_t>(changed.recovery_id + 2);
    out.add(kind + " with recovery id above 1" + suffix, keyed, hash, changed,
            ErrorCode::kMalformedSignature, Verdict::kSignatureMalformed);
    changed = made;
    std::fill_n(changed.signature.begin(), 32, std::uint8_t{0});
    out.add(kind + " with r = 0" + suffix, keyed, hash, changed, ErrorCode::kMalformedSignature,
            Verdict::kSignatureMalformed);
    changed = made;
    changed.recovery_id ^= 1;
    out.add(kind + " with the other recovery id" + suffix, keyed, hash, changed,
            ErrorCode::kWrongSigner, Verdict::kKeyMismatch);
}

void add_assertions(Writer& out, const Keyed& keyed, const ApprovalHash& hash,
                    const std::string& suffix) {
    const auto good = std::get<Assertion>(sign(keyed.signer, keyed.name, hash));
    const auto with = [&](const std::string& name, const std::function<void(Assertion&)>& change,
                          std::optional<ErrorCode> error, Writer::OnChain verdict) {
        Assertion changed = good;
        change(changed);
        out.add("webauthn " + name + suffix, keyed, hash, signed_again(keyed, changed), error,
                verdict);
    };
    const auto flags = [&](const std::string& name, std::uint8_t value,
                           std::optional<ErrorCode> error, Verdict verdict) {
        with(name, [&](Assertion& a) { a.authenticator_data[32] = value; }, error, verdict);
    };
    flags("without user presence", 0x04, ErrorCode::kUserNotPresent, Verdict::kUserPresence);
    flags("without user verification", 0x01, ErrorCode::kUserNotVerified,
          Verdict::kUserVerification);
    flags("with attested data", 0x45, ErrorCode::kMalformedAuthenticatorData,
          Verdict::kAuthenticatorData);
    flags("with extensions", 0x85, ErrorCode::kMalformedCbor, Verdict::kAuthenticatorData);
    flags("of a synchronised passkey", 0x1d, {}, Verdict::kAccepted);
    with(
        "with a counter", [](Assertion& a) { a.authenticator_data[36] = 9; }, {},
        Verdict::kAccepted);
    with(
        "of another relying party", [](Assertion& a) { a.authenticator_data[0] ^= 1; },
        ErrorCode::kWrongRelyingParty, Verdict::kRelyingParty);
    with(
        "with 38 bytes", [](Assertion& a) { a.authenticator_data.push_back(0); },
        ErrorCode::kMalformedAuthenticatorData, Verdict::kPrecompileLayout);
    const auto client = [&](const std::string& name, std::string_view from, std::string_view to,
                            std::optional<ErrorCode> error, Verdict verdict) {
        with(
            name,
            [&](Assertion& a) {
                const std::size_t at = a.client_data_json.find(from);
                require(at != std::string::npos, name);
                a.client_data_json.replace(at, from.size(), to);
            },
            error, verdict);
    };
    client("from another origin", "https://example.com", "https://login.example.com:8443", {},
           Verdict::kAccepted);
    client("in a frame", ":false}", R"(:true,"topOrigin":"https://example.org"})", {},
           Verdict::kAccepted);
    client("with a member more", ":false}", R"(:false,"other":"member"})", {}, Verdict::kAccepted);
    client("for a registration", "webauthn.get", "webauthn.create", ErrorCode::kWrongClientDataType,
           Verdict::kClientData);
    with(
        "with another letter in the challenge",
        [](Assertion& a) { a.client_data_json[a.client_data_json.find(R"(ge":")") + 5] = 'Z'; },
        ErrorCode::kChallengeMismatch, Verdict::kClientData);
    client("with a space", R"(,"origin")", R"(, "origin")", ErrorCode::kMalformedClientData,
           Verdict::kAccepted);
}

}  // namespace

json::array generate_evidence() {
    Writer out;
    for (int i = 0; i < 3; ++i) {
        const std::string suffix = " " + std::to_string(i);
        const ApprovalHash hash(hash_of("approval hash" + suffix).array());
        const ApprovalHash other(hash_of("another approval hash" + suffix).array());
        const std::vector<Keyed> signers = keyed_signers(suffix);
        const std::vector<Keyed> strangers = keyed_signers(suffix + " stranger");
        for (std::size_t kind = 0; kind < signers.size(); ++kind) {
            add_common(out, signers[kind], strangers[kind], hash, other, suffix);
        }
        add_malleable(out, signers[1], hash, suffix);
        add_malleable(out, signers[2], hash, suffix);
        add_malleable(out, signers[3], hash, suffix);
        add_assertions(out, signers[4], hash, suffix);
        // The two envelopes of one key are not exchangeable.
        out.add("eip712 signature for eip191" + suffix, signers[2], hash,
                sign(signers[1].signer, signers[1].name, hash), ErrorCode::kWrongSigner,
                Verdict::kKeyMismatch);
        out.add("eip191 signature for eip712" + suffix, signers[1], hash,
                sign(signers[2].signer, signers[2].name, hash), ErrorCode::kWrongSigner,
                Verdict::kKeyMismatch);
    }
    return out.take();
}

void run_evidence(const json::object& vector, Findings& findings) {
    const Signer signer = signer_from(object_at(vector, "signer"));
    const auto hash = fixed_at<ApprovalHash>(vector, "approvalHash");
    const Evidence evidence = evidence_from(signer.kind, object_at(vector, "evidence"));
    const core::Result<void> result = core::verify_evidence(signer, hash, evidence);
    findings.equal("valid", vector.at("valid"), result.has_value());
    if (!result) {
        findings.equal("libraryError", vector.at("libraryError"),
                       json::string(core::error_name(result.error().code)));
    }
}

}  // namespace latchkey::vectors
