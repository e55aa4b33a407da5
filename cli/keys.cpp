// SPDX-License-Identifier: Apache-2.0
#include "cli/keys.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "cli/files.hpp"
#include "cli/text.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/hex.hpp"
#include "signers/key_text.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;
using signers::KeyAlgorithm;
namespace json = boost::json;

namespace {

constexpr std::string_view kPasskeyFormat = "latchkey software passkey 1 (development only)";
constexpr std::size_t kUserHandleBytes = 16;

/// One credential of a software authenticator read from a file.
class FilePasskey final : public signers::Signer {
  public:
    FilePasskey(signers::SoftwareAuthenticator authenticator, std::string relying_party,
                std::string origin, core::Bytes credential, core::Signer entry)
        : authenticator_(std::move(authenticator)),
          relying_party_(std::move(relying_party)),
          origin_(std::move(origin)),
          credential_(std::move(credential)),
          entry_(std::move(entry)) {}

    const core::Signer& entry() const override { return entry_; }

    Result<core::Evidence> approve(const core::ApprovalHash& hash) override {
        LATCHKEY_TRY(const signers::SigningRequest request,
                     signers::request_signature(entry_, hash));
        signers::SoftwareAuthenticator::AssertionRequest wanted;
        wanted.relying_party_id = relying_party_;
        wanted.origin = origin_;
        wanted.challenge = request.message;
        wanted.allowed_credentials = {credential_};
        LATCHKEY_TRY(const auto assertion, authenticator_.get(wanted));
        return signers::accept_assertion(request, assertion.response);
    }

  private:
    signers::SoftwareAuthenticator authenticator_;
    std::string relying_party_;
    std::string origin_;
    core::Bytes credential_;
    core::Signer entry_;
};

signers::Entropy& entropy() {
    static signers::SystemEntropy source;
    return source;
}

Result<core::Signer> decode_entry(const json::object& file, const std::string& path) {
    LATCHKEY_TRY(const core::Bytes key, hex_member(file, "public_key", path));
    LATCHKEY_TRY(const std::string relying_party, text_member(file, "relying_party", path));
    const json::value* const verified = file.if_contains("user_verification");
    auto public_key = core::crypto::P256PublicKey::from(core::ByteView(key));
    if (!public_key || verified == nullptr || !verified->is_bool()) {
        return fail(ErrorCode::kCommandInput, path + " is not a passkey file");
    }
    return core::Signer::webauthn(*public_key, core::crypto::sha256(core::as_bytes(relying_party)),
                                  verified->as_bool());
}

Result<Key> load_passkey(const std::string& path, core::ByteView text) {
    json::error_code error;
    const json::value value = json::parse(core::as_text(text), error);
    const json::object* const file = error ? nullptr : value.if_object();
    const json::value* const format = file != nullptr ? file->if_contains("format") : nullptr;
    if (format == nullptr || !format->is_string() || format->as_string() != kPasskeyFormat) {
        return fail(ErrorCode::kCommandInput, path + " is neither a key file nor a passkey file");
    }
    LATCHKEY_TRY(core::Signer entry, decode_entry(*file, path));
    LATCHKEY_TRY(std::string relying_party, text_member(*file, "relying_party", path));
    LATCHKEY_TRY(std::string origin, text_member(*file, "origin", path));
    LATCHKEY_TRY(core::Bytes credential, hex_member(*file, "credential", path));
    LATCHKEY_TRY(std::string state, text_member(*file, "authenticator", path));
    auto loaded = signers::SoftwareAuthenticator::load(core::as_bytes(state), entropy());
    core::wipe({reinterpret_cast<std::uint8_t*>(state.data()), state.size()});
    if (!loaded) {
        return tl::unexpected(std::move(loaded).error());
    }
    Key out;
    out.label = path;
    out.relying_party = relying_party;
    out.signer =
        std::make_unique<FilePasskey>(*std::move(loaded), std::move(relying_party),
                                      std::move(origin), std::move(credential), std::move(entry));
    return out;
}

Key own(std::string label, std::unique_ptr<signers::Signer> signer) {
    Key out;
    out.label = std::move(label);
    out.transaction_signer = dynamic_cast<signers::TransactionSigner*>(signer.get());
    out.account_signer = dynamic_cast<signers::AccountSigner*>(signer.get());
    out.signer = std::move(signer);
    return out;
}

struct KeyKind {
    std::string_view name;
    KeyAlgorithm algorithm;
    signers::Envelope envelope = signers::Envelope::kEip712;
};
constexpr std::array<KeyKind, 4> kKeyKinds{{
    {"ed25519", KeyAlgorithm::kEd25519},
    {"p256", KeyAlgorithm::kP256},
    {"secp256k1", KeyAlgorithm::kSecp256k1},
    {"secp256k1-eip191", KeyAlgorithm::kSecp256k1, signers::Envelope::kEip191},
}};

/// PEM is P-256, 0x is secp256k1, a JSON array is ed25519, a JSON object a passkey.
Result<Key> load_file(const std::string& path) {
    LATCHKEY_TRY(const core::SecretBytes text, signers::read_secret(signers::FileSource{path}));
    const std::string_view start = core::as_text(text.expose());
    if (start.starts_with("{")) {
        return load_passkey(path, text.expose());
    }
    const KeyAlgorithm algorithm = start.starts_with("-----BEGIN") ? KeyAlgorithm::kP256
                                   : start.starts_with("0x")       ? KeyAlgorithm::kSecp256k1
                                                                   : KeyAlgorithm::kEd25519;
    auto key = signers::parse_private_key(algorithm, text.expose(), entropy());
    if (!key) {
        return fail(path, key.error());
    }
    return own(path, signers::make_server_signer(*std::move(key)));
}

tl::unexpected<core::Error> wrong_signer(const std::string& text) {
    return fail(ErrorCode::kCommandInput,
                "\"" + text.substr(0, 80) +
                    "\" is neither a key file nor a signer; write ed25519:ADDRESS, p256:HEX, "
                    "secp256k1:0xADDRESS, webauthn:HEX@RELYING-PARTY or program:ID/ADDRESS");
}

Result<core::Signer> parse_webauthn(std::string_view value, const std::string& text,
                                    core::Names& names) {
    const std::size_t at = value.find('@');
    if (at == std::string_view::npos || at + 1 == value.size()) {
        return wrong_signer(text);
    }
    const auto key = core::decode_hex_as<core::crypto::P256PublicKey>(value.substr(0, at));
    if (!key) {
        return wrong_signer(text);
    }
    names.relying_parties.emplace_back(value.substr(at + 1));
    return core::Signer::webauthn(*key, core::crypto::sha256(core::as_bytes(value.substr(at + 1))),
                                  false);
}

Result<core::Signer> parse_program(std::string_view value, const std::string& text) {
    const std::size_t at = value.find('/');
    if (at == std::string_view::npos) {
        return wrong_signer(text);
    }
    LATCHKEY_TRY(const auto program,
                 parse_address_argument(value.substr(0, at), "a program signer's program"));
    LATCHKEY_TRY(const auto derived,
                 parse_address_argument(value.substr(at + 1), "a program signer's address"));
    return core::Signer::program(core::Hash32(program.array()), core::Hash32(derived.array()));
}

Result<core::Signer> parse_public(const std::string& text, core::Names& names) {
    const std::size_t colon = text.find(':');
    const std::string_view kind = std::string_view(text).substr(0, colon);
    const std::string_view value = std::string_view(text).substr(colon + 1);
    if (kind == "ed25519") {
        LATCHKEY_TRY(const auto address, parse_address_argument(value, "an ed25519 signer"));
        return core::Signer::ed25519(core::crypto::Ed25519PublicKey(address.array()));
    }
    if (kind == "webauthn") {
        return parse_webauthn(value, text, names);
    }
    if (kind == "program") {
        return parse_program(value, text);
    }
    if (kind == "p256") {
        const auto key = core::decode_hex_as<core::crypto::P256PublicKey>(value);
        return key ? Result<core::Signer>(core::Signer::p256(*key)) : wrong_signer(text);
    }
    const auto hex = core::decode_hex_prefixed(value);
    const auto address = hex ? core::crypto::EthereumAddress::from(core::ByteView(*hex))
                             : tl::unexpected(hex.error());
    if (!address || !kind.starts_with("secp256k1")) {
        return wrong_signer(text);
    }
    return kind == "secp256k1-eip191" ? core::Signer::secp256k1_eip191(*address)
                                      : core::Signer::secp256k1_eip712(*address);
}

bool is_public_form(const std::string& text) {
    constexpr std::array<std::string_view, 6> kKinds{
        "ed25519:", "p256:", "secp256k1:", "secp256k1-eip191:", "webauthn:", "program:"};
    return std::any_of(kKinds.begin(), kKinds.end(),
                       [&](std::string_view kind) { return text.starts_with(kind); });
}

}  // namespace

Result<Key> load_key(const std::string& text) {
    for (const KeyKind& kind : kKeyKinds) {
        if (!text.starts_with(std::string(kind.name) + ":")) {
            continue;
        }
        LATCHKEY_TRY(const signers::SecretSource source,
                     signers::parse_secret_source(text.substr(kind.name.size() + 1)));
        LATCHKEY_TRY(auto signer,
                     signers::load_server_signer(kind.algorithm, source, entropy(), kind.envelope));
        return own(std::string(kind.name) + " key", std::move(signer));
    }
    return load_file(text);
}

Result<std::vector<Key>> load_keys(const std::vector<std::string>& texts) {
    std::vector<Key> out;
    for (const std::string& text : texts) {
        LATCHKEY_TRY(Key key, load_key(text));
        for (const Key& other : out) {
            if (other.entry() == key.entry()) {
                return fail(ErrorCode::kCommandInput, "the same key is given twice: " + key.label);
            }
        }
        out.push_back(std::move(key));
    }
    return out;
}

std::vector<core::Signer> entries_of(const std::vector<Key>& keys) {
    std::vector<core::Signer> out;
    for (const Key& key : keys) {
        out.push_back(key.entry());
    }
    return out;
}

Result<Key> make_transaction_key(std::string label) {
    LATCHKEY_TRY(signers::PrivateKey key,
                 signers::generate_private_key(KeyAlgorithm::kEd25519, entropy()));
    return own(std::move(label), signers::make_server_signer(std::move(key)));
}

Result<Key> make_account_key(std::string label) {
    LATCHKEY_TRY(signers::PrivateKey key,
                 signers::generate_private_key(KeyAlgorithm::kSecp256k1, entropy()));
    return own(std::move(label), signers::make_server_signer(std::move(key)));
}

Result<NewPasskey> make_passkey(const std::string& label, const std::string& relying_party,
                                const std::string& origin, bool requires_user_verification) {
    signers::SoftwareAuthenticator authenticator(entropy());
    signers::SoftwareAuthenticator::CreationRequest request;
    request.relying_party_id = relying_party;
    request.origin = origin;
    request.challenge = core::Bytes(32, 0);
    request.user_handle.resize(kUserHandleBytes);
    LATCHKEY_CHECK(entropy().fill(request.user_handle));
    LATCHKEY_TRY(const auto enrolled, signers::SoftwareWebauthnSigner::enroll(
                                          authenticator, request, requires_user_verification));
    LATCHKEY_TRY(const core::SecretBytes state, authenticator.save());
    const core::Signer& entry = enrolled->entry();
    const core::ByteView public_key =
        core::ByteView(entry.key).first(core::crypto::P256PublicKey::kSize);
    // Written by hand: a JSON library would leave copies of the secret in freed memory.
    const json::object open{{"format", kPasskeyFormat},
                            {"relying_party", relying_party},
                            {"origin", origin},
                            {"user_verification", requires_user_verification},
                            {"public_key", core::encode_hex(public_key)},
                            {"credential", core::encode_hex(enrolled->credential_id())}};
    std::string text = json::serialize(open);
    text.pop_back();
    text += ",\"authenticator\":\"";
    for (const char c : core::as_text(state.expose())) {
        text += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
    text += "\"}\n";
    NewPasskey out;
    out.file = core::SecretBytes::take({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    LATCHKEY_TRY(out.key, load_passkey(label, out.file.expose()));
    return out;
}

Result<core::Signer> parse_signer(const std::string& text, core::Names& names) {
    std::string rest = text;
    const bool same_party = rest.starts_with("+");
    if (same_party) {
        rest.erase(0, 1);
    }
    const std::size_t comma = rest.rfind(',');
    const std::string option = comma == std::string::npos ? "" : rest.substr(comma + 1);
    const bool has_option = option == "self-paid" || option == "user-verification";
    if (has_option) {
        rest.resize(comma);
    }
    core::Signer out;
    if (is_public_form(rest)) {
        LATCHKEY_TRY(out, parse_public(rest, names));
    } else {
        LATCHKEY_TRY(const Key key, load_key(rest));
        out = key.entry();
        if (!key.relying_party.empty()) {
            names.relying_parties.push_back(key.relying_party);
        }
    }
    const bool fits = (option == "self-paid" && out.kind == core::kSignerEd25519) ||
                      (option == "user-verification" && out.kind == core::kSignerWebauthn);
    if (has_option && !fits) {
        return fail(ErrorCode::kCommandInput,
                    "self-paid is for ed25519 and user-verification for webauthn signers");
    }
    out.option = out.option || has_option;
    out.same_party = same_party;
    return out;
}

std::string signer_text(const core::Signer& signer) {
    const core::ByteView key(signer.key);
    const auto base58 = [](core::ByteView bytes) {
        return solana::to_base58(solana::Address::from(bytes).value_or(solana::Address()));
    };
    switch (signer.kind) {
        case core::kSignerEd25519:
            return "ed25519:" + base58(key) + (signer.option ? ",self-paid" : "");
        case core::kSignerP256:
            return "p256:" + core::encode_hex(key);
        case core::kSignerWebauthn:
            return "webauthn:" + core::encode_hex(key.first(core::crypto::P256PublicKey::kSize));
        case core::kSignerProgram:
            return "program:" + base58(key.first(32)) + "/" + base58(key.subspan(32));
        default:
            break;
    }
    const bool is_personal = signer.kind == core::kSignerSecp256k1Eip191;
    return (is_personal ? "secp256k1-eip191:" : "secp256k1:") + core::encode_hex_prefixed(key);
}

}  // namespace latchkey::cli
