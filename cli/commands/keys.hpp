// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.hpp"
#include "cli/keys.hpp"

/// `latchkey key` and `latchkey passkey`.
namespace latchkey::cli {

/// A new server key in a file that only its owner can read.
struct KeyNewOptions {
    std::string file;
    /// ed25519, p256 or secp256k1.
    std::string kind = "ed25519";
};
/// Never overwrites. Errors: kCommandInput, those of signers::generate_key_file.
Result<Report> key_new(Context& context, const KeyNewOptions& options);
/// What is public about a key. Errors: those of load_key.
Result<Report> key_show(Context& context, const std::string& key);

/// A passkey in software, for development.
struct PasskeyNewOptions {
    std::string file;
    std::string relying_party = "localhost";
    /// Empty: https://<relying party>.
    std::string origin;
    bool requires_user_verification = false;
};
/// Never overwrites. Errors: those of make_passkey and signers::create_secret_file.
Result<Report> passkey_new(Context& context, const PasskeyNewOptions& options);

}  // namespace latchkey::cli
