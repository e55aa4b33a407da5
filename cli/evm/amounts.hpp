// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/evm/operation.hpp"

/// What people type about EVM chains: amounts and recipients.
namespace latchkey::cli::on_evm {

/// "1.5" in whole units with `decimals`, or "1500 units". No signs, exponents or thousands
/// separators. Error: kCommandInput.
Result<evm::Uint256> parse_units(std::string_view text, unsigned decimals);
/// Whether the amount is written so that decimals do not matter.
bool is_in_units(std::string_view text);
/// "0.5", "0.5 ETH" by the chain's symbol, or "21000 wei". Error: kCommandInput.
Result<evm::Uint256> parse_coin(std::string_view text, const evm::Chain& chain);

/// An address, or that of a wallet's genesis file on EVM chains or of a secp256k1 key file. A
/// wallet file must be of the `sender`'s program, if there is one: elsewhere it has another
/// address. Error: kCommandInput.
Result<evm::Address> find_recipient(const std::string& text, const WalletFile* sender = nullptr);

/// An ERC-20 token.
struct Token {
    evm::Address address{};
    std::uint8_t decimals = 0;
};
/// Asks the token. Errors: kCommandInput (no token there), those of the node.
Result<Token> fetch_token(Node& node, const std::string& address);
/// Asks each of the chain's nodes by itself whether the token has these decimals: nobody signs
/// them, and a node that lies about them makes another amount of the one that is meant. Nodes that
/// do not answer are passed over. Error: kNodeMalformed.
Result<void> check_decimals(const evm::Chain& chain, const Token& token);
/// What it says that the account has. Errors as above.
Result<evm::Uint256> fetch_token_balance(Node& node, const Token& token,
                                         const evm::Address& account);
/// transfer(to, amount).
wallet::Call token_transfer(const Token& token, const evm::Address& to, const evm::Uint256& amount);

}  // namespace latchkey::cli::on_evm
