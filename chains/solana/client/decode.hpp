// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "chains/solana/client/action.hpp"
#include "core/wallet/describe.hpp"

/// Instructions in human words, to be read before they are approved. Nothing here is guessed: what
/// is not exactly a known form is shown as the program's address and its data in hex.
namespace latchkey::solana {

/// What a wallet's user calls a mint.
struct TokenName {
    std::string symbol;
    std::uint8_t decimals = 0;
};

/// What the reader knows already. Names are shown instead of addresses, so they must come from
/// somebody the reader trusts.
struct ExplainContext {
    /// Makes the wallet's own instructions readable.
    std::optional<Address> wallet_program;
    /// Names the wallet's state and vault, its rules and its signers.
    const WalletSnapshot* wallet = nullptr;
    std::map<Address, std::string> names;
    std::map<Address, TokenName> tokens;
    /// Mints of token accounts, for instructions that do not name the mint.
    std::map<Address, Address> token_account_mints;
    /// Relying parties of passkeys.
    core::Names signer_names;
};

/// 1500000000 with 9 decimals is "1.5"; exact for any number of decimals.
std::string format_amount(std::uint64_t amount, std::uint8_t decimals);

/// Text from outside with everything but visible ASCII and spaces escaped, in quotes.
std::string quote_text(std::string_view text);

/// The context's name, or base58.
std::string name_address(const Address& address, const ExplainContext& context);

/// One sentence for an instruction of System, the token programs, associated token accounts,
/// address lookup tables, compute budget, memo and the precompiles; for the wallet program one for
/// each thing its approvers should know.
std::vector<std::string> explain(const Instruction& instruction, const ExplainContext& context);
/// All of them, in order.
std::vector<std::string> explain(std::span<const Instruction> instructions,
                                 const ExplainContext& context);
/// A whole message with its fee payer; `tables` as for decompile_instructions, whose errors these
/// are.
Result<std::vector<std::string>> explain(const Message& message,
                                         std::span<const AddressLookupTable> tables,
                                         const ExplainContext& context);
/// An action before it is planned.
std::vector<std::string> explain(const Action& action, const ExplainContext& context);

namespace detail {

/// One sentence for programs that are not wallets.
std::string explain_program(const Instruction& instruction, const ExplainContext& context);

/// SOL with nine decimals.
std::string format_sol(std::uint64_t lamports);

}  // namespace detail

}  // namespace latchkey::solana
