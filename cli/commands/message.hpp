// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.hpp"

/// `latchkey message`: text that a wallet vouches for, without a transaction.
namespace latchkey::cli {

/// What is vouched for: a text or a file's bytes, hashed with keccak-256, or a hash.
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
/// Errors: kCommandInput, kNoUsableRule, those of the node.
Result<Report> sign_message(Context& context, const MessageOptions& options);
/// With the wallet as it stands on chain. Errors: those of solana::verify_message.
Result<Report> verify_message(Context& context, const MessageOptions& options);

}  // namespace latchkey::cli
