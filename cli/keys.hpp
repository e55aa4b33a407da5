// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chains/solana/client/address.hpp"
#include "core/wallet/describe.hpp"
#include "signers/server_signer.hpp"
#include "signers/software_authenticator.hpp"

/// Keys that this machine holds, and signers written as text.
namespace latchkey::cli {

using core::Result;

/// A key with which somebody approves or pays. Never printed.
struct Key {
    std::string label;
    /// Of a passkey, else empty.
    std::string relying_party;
    std::unique_ptr<signers::Signer> signer;
    /// The same object when the key is ed25519, else null.
    signers::TransactionSigner* transaction_signer = nullptr;
    /// The same object when the key is secp256k1, else null.
    signers::AccountSigner* account_signer = nullptr;

    const core::Signer& entry() const { return signer->entry(); }
    /// Of a transaction signer.
    solana::Address address() const {
        return solana::Address(transaction_signer->public_key().array());
    }
};

/// Where keys come from: a key file or a passkey file by its path, or KIND:SOURCE with ed25519,
/// p256, secp256k1 or secp256k1-eip191 and env:NAME, file:PATH or fd:NUMBER. A file's kind is
/// recognised by its content. Errors: kCommandInput, those of signers::read_secret and
/// parse_private_key.
Result<Key> load_key(const std::string& text);
/// Each of them. Error: kCommandInput for the same key twice, and as above.
Result<std::vector<Key>> load_keys(const std::vector<std::string>& texts);
/// The entries of all keys.
std::vector<core::Signer> entries_of(const std::vector<Key>& keys);

/// A fresh ed25519 key that lives in memory only.
Result<Key> make_transaction_key(std::string label);
/// A fresh secp256k1 key that lives in memory only.
Result<Key> make_account_key(std::string label);

/// A software authenticator's credential: for development, because anybody who reads the file can
/// use it.
struct NewPasskey {
    Key key;
    /// The text of its file. Secret.
    core::SecretBytes file;
};
/// Errors: those of SoftwareWebauthnSigner::enroll.
Result<NewPasskey> make_passkey(const std::string& label, const std::string& relying_party,
                                const std::string& origin, bool requires_user_verification);

/// A signer in words: a path of a key file, ed25519:ADDRESS, p256:HEX, secp256k1:0xADDRESS,
/// secp256k1-eip191:0xADDRESS, webauthn:HEX@RELYING-PARTY, program:ID/ADDRESS. In front "+" puts it
/// into the party of the signer before; at the end ",self-paid" (ed25519) and
/// ",user-verification" (webauthn) set the kind's option. Error: kCommandInput, and those of
/// load_key. A passkey's relying party, of which a signer has only the hash, goes into `names`.
Result<core::Signer> parse_signer(const std::string& text, core::Names& names);
/// The public form that parse_signer reads, where there is one: a passkey's relying party is known
/// by its hash only.
std::string signer_text(const core::Signer& signer);

}  // namespace latchkey::cli
