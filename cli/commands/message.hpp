// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.hpp"

/// `latchkey message`: text that a wallet vouches for, without a transaction.
namespace latchkey::cli {

/// What is vouched for: a text or a file's bytes, or a hash.
struct MessageOptions {
    std::string wallet;
    std::string text;
    std::string file;
    /// 64 hex digits.
    std::string hash;
    /// Of `sign`, as load_key reads them.
    std::vector<std::string> keys;
    /// "2"; empty: the first rule that the keys satisfy.
    std::string rule;
    /// Of `sign`: how long it is worth something; empty: for ever.
    std::string valid_for;
    /// Written by `sign`, read by `verify`.
    std::string approval_file;
    bool replaces_files = false;
};
/// The hash that is given, or that of the text or of the file's bytes. Errors: kCommandInput unless
/// exactly one is given, those of read_file.
Result<core::Hash32> message_hash(const MessageOptions& options,
                                  core::Hash32 (*hash)(core::ByteView));

/// On Solana texts and files are hashed with keccak-256, on EVM chains as personal_sign does.
/// Errors: kCommandInput, kNoUsableRule, those of the node.
Result<Report> sign_message(Context& context, const MessageOptions& options);
/// With the wallet as it stands on the chain that the file is for. Errors: those of
/// solana::verify_message and on_evm::verify_message.
Result<Report> verify_message(Context& context, const MessageOptions& options);

}  // namespace latchkey::cli
