// SPDX-License-Identifier: Apache-2.0
#include "cli/wallet_file.hpp"

#include <sstream>

#include "chains/solana/client/decode.hpp"
#include "cli/files.hpp"
#include "cli/keys.hpp"
#include "cli/text.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/describe.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;
namespace json = boost::json;

namespace {

constexpr std::string_view kFormat = "latchkey wallet 1";
constexpr std::size_t kShownText = 64;

}  // namespace

std::vector<std::string> description_lines(const core::Configuration& configuration,
                                           const core::Names& names) {
    std::istringstream text(core::describe(configuration, names));
    std::vector<std::string> out;
    for (std::string line; std::getline(text, line);) {
        out.push_back(line);
    }
    return out;
}

Result<void> write_wallet_file(const std::string& path, const WalletFile& file, bool replaces) {
    const solana::WalletHandle& wallet = file.wallet;
    json::array description;
    for (std::string& line : description_lines(wallet.genesis_configuration(), file.names)) {
        description.emplace_back(std::move(line));
    }
    const auto& parties = file.names.relying_parties;
    const json::object value{
        {"format", kFormat},
        {"name", file.name},
        {"address", solana::to_base58(wallet.vault())},
        {"wallet_id", core::encode_hex(wallet.id().view())},
        {"program", solana::to_base58(wallet.deployment().program)},
        {"cluster", solana::to_base58(solana::Blockhash(wallet.deployment().cluster.array()))},
        {"genesis", core::encode_hex(wallet.genesis())},
        {"relying_parties", json::array(parties.begin(), parties.end())},
        {"description", std::move(description)}};
    return write_json_file(path, value, replaces);
}

Result<WalletFile> read_wallet_file(const std::string& path) {
    LATCHKEY_TRY(const json::object value, read_json_file(path));
    LATCHKEY_TRY(const std::string format, text_member(value, "format", path));
    if (format != kFormat) {
        return fail(ErrorCode::kCommandInput, path + " is not a wallet's genesis file");
    }
    LATCHKEY_TRY(const std::string program, text_member(value, "program", path));
    LATCHKEY_TRY(const std::string cluster, text_member(value, "cluster", path));
    LATCHKEY_TRY(const core::Bytes genesis, hex_member(value, "genesis", path));
    LATCHKEY_TRY(const std::string address, text_member(value, "address", path));
    LATCHKEY_TRY(const std::string wallet_id, text_member(value, "wallet_id", path));
    solana::Deployment deployment;
    LATCHKEY_TRY(deployment.program, parse_address_argument(program, path + ": \"program\""));
    LATCHKEY_TRY(const auto hash, parse_address_argument(cluster, path + ": \"cluster\""));
    deployment.cluster = solana::to_hash(hash);
    auto wallet = solana::WalletHandle::from_genesis(genesis, deployment);
    if (!wallet) {
        return fail(path, wallet.error());
    }
    if (solana::to_base58(wallet->vault()) != address ||
        core::encode_hex(wallet->id().view()) != wallet_id) {
        return fail(ErrorCode::kCommandInput,
                    path +
                        " was changed: its address does not follow from its genesis and "
                        "program; take your backup of the file");
    }
    const json::value* const name = value.if_contains("name");
    const bool is_named = name != nullptr && name->is_string();
    WalletFile out{*std::move(wallet), is_named ? std::string(name->as_string()) : "", {}};
    LATCHKEY_TRY(const json::array parties, array_member(value, "relying_parties", path));
    for (const json::value& one : parties) {
        if (one.is_string()) {
            out.names.relying_parties.emplace_back(one.as_string());
        }
    }
    return out;
}

Result<solana::Address> find_recipient(const std::string& text, const solana::Deployment* sender) {
    if (const auto address = solana::parse_address(text)) {
        return *address;
    }
    if (const auto file = read_wallet_file(text)) {
        if (sender != nullptr && file->wallet.deployment() != *sender) {
            return fail(
                ErrorCode::kCommandInput,
                "the recipient's wallet is of another cluster or program than the sender's; "
                "what arrives at its vault here might be lost");
        }
        return file->wallet.vault();
    }
    if (const auto key = load_key(text); key && key->transaction_signer != nullptr) {
        return key->address();
    }
    return fail(ErrorCode::kCommandInput,
                "the recipient must be a Solana address in base58, a wallet's genesis file or an "
                "ed25519 key file, not " +
                    solana::quote_text(text.substr(0, kShownText)));
}

}  // namespace latchkey::cli
