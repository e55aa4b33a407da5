// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.hpp"
#include "cli/local_chain.hpp"

/// `latchkey decode`, `verify-program`, `dev` and `warp`.
namespace latchkey::cli {

/// Bytes to be put into words.
struct DecodeOptions {
    /// Hex, base64 or base58, or "@FILE" for a file that holds one of them or JSON of this program.
    std::string input;
    /// Names the wallet's parts, if given.
    std::string wallet;
    /// Of an instruction of the wallet program: its accounts, in order.
    std::vector<std::string> accounts;
    std::string program;
};
/// A transaction, a genesis or shared part, a session rule, or an instruction of the wallet
/// program: whichever decodes. Error: kCommandInput if none does.
Result<Report> decode(Context& context, const DecodeOptions& options);

/// The program on chain against a file.
struct VerifyProgramOptions {
    std::string program;
    /// Empty: that of this build.
    std::string file;
};
/// Errors: kProgramDiffers, those of solana::fetch_program.
Result<Report> verify_program(Context& context, const VerifyProgramOptions& options);

/// Moves the local chain's clock forward, as parse_duration reads it. Errors: kCommandInput,
/// kRpcRejected on any other chain.
Result<Report> warp(Context& context, const std::string& duration);

/// Starts the local chain and returns when it ends. Errors: those of LocalChain.
Result<Report> run_dev(Context& context, const LocalChainOptions& options);

}  // namespace latchkey::cli
