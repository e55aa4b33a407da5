// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/keys.hpp"

#include "chains/evm/client/address.hpp"
#include "core/wallet/describe.hpp"
#include "signers/key_text.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

Report describe_key(const Output& output, const Key& key) {
    Report report;
    const std::string text = signer_text(key.entry());
    report.fields = {{"signer", text}, {"description", core::describe(key.entry())}};
    report.lines = {output.paint(Style::kKey, text)};
    if (key.transaction_signer != nullptr) {
        report.fields["address"] = solana::to_base58(key.address());
        report.lines.push_back("address " + solana::to_base58(key.address()) +
                               " (can pay fees and operate lanes)");
    }
    if (key.account_signer != nullptr) {
        const std::string address = evm::to_string(key.account_signer->address());
        report.fields["address"] = address;
        report.lines.push_back("address " + address + " (can pay for gas on EVM chains)");
    }
    return report;
}

}  // namespace

Result<Report> key_new(Context& context, const KeyNewOptions& options) {
    signers::SystemEntropy entropy;
    signers::KeyAlgorithm algorithm{};
    if (options.kind == "ed25519") {
        algorithm = signers::KeyAlgorithm::kEd25519;
    } else if (options.kind == "p256") {
        algorithm = signers::KeyAlgorithm::kP256;
    } else if (options.kind == "secp256k1") {
        algorithm = signers::KeyAlgorithm::kSecp256k1;
    } else {
        return fail(ErrorCode::kCommandInput, "--kind is ed25519, p256 or secp256k1");
    }
    LATCHKEY_CHECK(signers::generate_key_file(algorithm, options.file, entropy));
    LATCHKEY_TRY(const Key key, load_key(options.file));
    Report report = describe_key(context.output(), key);
    report.fields["file"] = options.file;
    report.lines.insert(report.lines.begin(), "new " + options.kind + " key in " + options.file +
                                                  " (mode 0600); whoever reads this file can sign");
    return report;
}

Result<Report> key_show(Context& context, const std::string& text) {
    LATCHKEY_TRY(const Key key, load_key(text));
    return describe_key(context.output(), key);
}

Result<Report> passkey_new(Context& context, const PasskeyNewOptions& options) {
    const std::string origin =
        options.origin.empty() ? "https://" + options.relying_party : options.origin;
    LATCHKEY_TRY(const NewPasskey made, make_passkey(options.file, options.relying_party, origin,
                                                     options.requires_user_verification));
    LATCHKEY_CHECK(signers::create_secret_file(options.file, made.file.expose()));
    Report report = describe_key(context.output(), made.key);
    report.fields["file"] = options.file;
    report.fields["relying_party"] = options.relying_party;
    report.fields["development_only"] = true;
    report.lines.insert(report.lines.begin(), "new software passkey of " + options.relying_party +
                                                  " in " + options.file + " (mode 0600)");
    report.lines.push_back(context.output().paint(
        Style::kBad,
        "for development only: no hardware protects it and nobody is asked before it signs"));
    return report;
}

}  // namespace latchkey::cli
