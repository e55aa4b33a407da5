// SPDX-License-Identifier: Apache-2.0
#include "cli/evm/amounts.hpp"

#include "chains/evm/client/abi.hpp"
#include "chains/evm/wallet/release.hpp"
#include "chains/solana/client/decode.hpp"

namespace latchkey::cli::on_evm {

using core::ErrorCode;
using core::fail;
namespace abi = evm::abi;

namespace {

constexpr unsigned kCoinDecimals = 18;
constexpr std::size_t kShownText = 64;

constexpr std::string_view kUnits = "units";
constexpr std::string_view kUnit = "unit";

bool drop_suffix(std::string_view& text, std::string_view suffix) {
    if (!text.ends_with(suffix)) {
        return false;
    }
    text.remove_suffix(suffix.size());
    while (text.ends_with(' ')) {
        text.remove_suffix(1);
    }
    return true;
}

tl::unexpected<core::Error> wrong_amount(std::string_view text) {
    return fail(ErrorCode::kCommandInput, "an amount is written like 1.5 or 250000 units, not " +
                                              solana::quote_text(text.substr(0, kShownText)));
}

/// Digits with leading zeros, as people type them.
Result<evm::Uint256> parse_digits(std::string_view digits, std::string_view original) {
    while (digits.size() > 1 && digits.front() == '0') {
        digits.remove_prefix(1);
    }
    const auto value = evm::Uint256::parse_decimal(digits);
    return value ? Result<evm::Uint256>(*value) : wrong_amount(original);
}

/// The single result of a view function without arguments or with an address.
Result<evm::Uint256> ask_number(Node& node, const evm::Address& contract,
                                std::string_view signature, const abi::Values& arguments) {
    LATCHKEY_TRY(const abi::Function function, abi::parse_signature(signature));
    LATCHKEY_TRY(core::Bytes data, abi::encode_call(function, arguments));
    LATCHKEY_TRY(const core::Bytes answer, node.simulate({}, {contract, {}, std::move(data)}));
    constexpr std::size_t kWord = 32;
    if (answer.size() != kWord) {
        return fail(ErrorCode::kCommandInput,
                    evm::to_string(contract) + " is no token on " + node.chain().name);
    }
    return evm::Uint256::from_big_endian(answer);
}

}  // namespace

Result<evm::Uint256> parse_units(std::string_view text, unsigned decimals) {
    const std::string_view original = text;
    if (drop_suffix(text, kUnits) || drop_suffix(text, kUnit)) {
        return parse_digits(text, original);
    }
    const std::size_t dot = text.find('.');
    const std::string whole(text.substr(0, dot));
    std::string fraction(dot == std::string_view::npos ? "0" : text.substr(dot + 1));
    if (whole.empty() || fraction.empty()) {
        return wrong_amount(original);
    }
    if (fraction.size() > decimals && dot != std::string_view::npos) {
        return fail(ErrorCode::kCommandInput, solana::quote_text(original.substr(0, kShownText)) +
                                                  " has more than " + std::to_string(decimals) +
                                                  " decimal places");
    }
    fraction.resize(decimals, '0');
    return parse_digits(whole + fraction, original);
}

bool is_in_units(std::string_view text) {
    return text.ends_with(kUnits) || text.ends_with(kUnit);
}

Result<evm::Uint256> parse_coin(std::string_view text, const evm::Chain& chain) {
    const std::string_view original = text;
    if (drop_suffix(text, "wei")) {
        return parse_digits(text, original);
    }
    drop_suffix(text, chain.native_symbol);
    return parse_units(text, kCoinDecimals);
}

Result<evm::Address> find_recipient(const std::string& text, const WalletFile* sender) {
    if (text.starts_with("0x")) {
        return evm::parse_address(text);
    }
    if (const auto file = read_wallet_file(text)) {
        const auto program = file->wallet.deployment().program;
        if (sender != nullptr && program != sender->wallet.deployment().program) {
            return fail(ErrorCode::kCommandInput,
                        "the recipient's wallet is of another program than the sender's: its "
                        "address on this chain is another one");
        }
        return wallet::wallet_address(wallet::released_deployment(solana::to_hash(program)),
                                      file->wallet.id());
    }
    if (const auto key = load_key(text); key && key->account_signer != nullptr) {
        return key->account_signer->address();
    }
    return fail(ErrorCode::kCommandInput,
                "the recipient must be an address as 0x…, a wallet's genesis file or a secp256k1 "
                "key file, not " +
                    solana::quote_text(text.substr(0, kShownText)));
}

Result<Token> fetch_token(Node& node, const std::string& text) {
    LATCHKEY_TRY(const evm::Address address, evm::parse_address(text));
    LATCHKEY_TRY(const evm::Uint256 decimals, ask_number(node, address, "decimals()", {}));
    constexpr std::uint64_t kDecimalsMax = 77;
    const auto small = decimals.to_u64();
    if (!small || *small > kDecimalsMax) {
        return fail(ErrorCode::kCommandInput, text + " says that it has too many decimal places");
    }
    return Token{address, static_cast<std::uint8_t>(*small)};
}

Result<void> check_decimals(const evm::Chain& chain, const Token& token) {
    if (chain.endpoints.size() < 2) {
        return {};
    }
    for (const net::Url& url : chain.endpoints) {
        evm::Chain alone = chain;
        alone.endpoints = {url};
        LATCHKEY_TRY(const auto node, Node::connect(std::move(alone)));
        const auto told = ask_number(*node, token.address, "decimals()", {});
        if (told && *told != evm::Uint256(token.decimals)) {
            return fail(ErrorCode::kNodeMalformed,
                        "the nodes of " + chain.name + " do not agree how many decimal places " +
                            evm::to_string(token.address) +
                            " has, so that one of them lies; write the amount like 250000 units");
        }
    }
    return {};
}

Result<evm::Uint256> fetch_token_balance(Node& node, const Token& token,
                                         const evm::Address& account) {
    return ask_number(node, token.address, "balanceOf(address)", {account});
}

wallet::Call token_transfer(const Token& token, const evm::Address& to,
                            const evm::Uint256& amount) {
    const auto function = abi::parse_signature("transfer(address,uint256)");
    // Both values are of their types.
    return {token.address, {}, *abi::encode_call(*function, abi::Values{to, amount})};
}

}  // namespace latchkey::cli::on_evm
