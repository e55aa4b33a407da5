// SPDX-License-Identifier: Apache-2.0
#include "cli/evm/wallet_commands.hpp"

#include <algorithm>

#include "chains/evm/wallet/describe.hpp"
#include "chains/evm/wallet/pending.hpp"
#include "cli/evm/amounts.hpp"
#include "cli/files.hpp"
#include "cli/text.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::cli::on_evm {

using core::ErrorCode;
using core::fail;

namespace {

Result<void> refuse_nothing(const evm::Uint256& amount) {
    if (amount.is_zero()) {
        return fail(ErrorCode::kCommandInput, "the amount must be more than nothing");
    }
    return {};
}

Result<wallet::Call> transfer_call(Node& node, const WalletFile& sender, const std::string& to,
                                   const std::string& amount, const std::string& token) {
    LATCHKEY_TRY(const evm::Address recipient, find_recipient(to, &sender));
    if (token.empty()) {
        LATCHKEY_TRY(const evm::Uint256 wei, parse_coin(amount, node.chain()));
        LATCHKEY_CHECK(refuse_nothing(wei));
        return wallet::Call{recipient, wei, {}};
    }
    LATCHKEY_TRY(const Token found, fetch_token(node, token));
    LATCHKEY_TRY(const evm::Uint256 units, parse_units(amount, found.decimals));
    LATCHKEY_CHECK(refuse_nothing(units));
    if (!is_in_units(amount)) {
        LATCHKEY_CHECK(check_decimals(node.chain(), found));
    }
    return token_transfer(found, recipient, units);
}

Result<std::string> optional_text(const json::object& fields, std::string_view name,
                                  const std::string& what) {
    return fields.contains(name) ? text_member(fields, name, what) : Result<std::string>("");
}

/// A member that nobody reads is a typing error: something else would be done than was meant.
Result<void> refuse_unknown(const json::object& fields,
                            std::initializer_list<std::string_view> known,
                            const std::string& what) {
    for (const auto& member : fields) {
        const std::string_view name(member.key());
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            return fail(ErrorCode::kCommandInput,
                        what + ": there is no member \"" + std::string(name.substr(0, 40)) +
                            "\"; a call has to, amount and token, or to, value and data");
        }
    }
    return {};
}

/// {"to", "amount", "token"}.
Result<wallet::Call> decode_transfer(Node& node, const WalletFile& sender,
                                     const json::object& fields, const std::string& what) {
    LATCHKEY_CHECK(refuse_unknown(fields, {"to", "amount", "token"}, what));
    LATCHKEY_TRY(const std::string to, text_member(fields, "to", what));
    LATCHKEY_TRY(const std::string amount, text_member(fields, "amount", what));
    LATCHKEY_TRY(const std::string token, optional_text(fields, "token", what));
    return transfer_call(node, sender, to, amount, token);
}

/// {"to", "value", "data"}: any call.
Result<wallet::Call> decode_call(Node& node, const json::object& fields, const std::string& what) {
    LATCHKEY_CHECK(refuse_unknown(fields, {"to", "value", "data"}, what));
    wallet::Call out;
    LATCHKEY_TRY(const std::string to, text_member(fields, "to", what));
    LATCHKEY_TRY(out.to, evm::parse_address(to));
    LATCHKEY_TRY(const std::string value, optional_text(fields, "value", what));
    if (!value.empty()) {
        LATCHKEY_TRY(out.value, parse_coin(value, node.chain()));
    }
    LATCHKEY_TRY(const std::string data, optional_text(fields, "data", what));
    if (!data.empty()) {
        LATCHKEY_TRY(out.data, core::decode_hex_prefixed(data));
    }
    return out;
}

Result<std::vector<wallet::Call>> batch_calls(Node& node, const WalletFile& sender,
                                              const json::array& entries, const std::string& file) {
    std::vector<wallet::Call> out;
    for (const json::value& entry : entries) {
        const std::string what = file + ": call " + std::to_string(out.size());
        const json::object* const fields = entry.if_object();
        if (fields == nullptr) {
            return fail(ErrorCode::kCommandInput, what + " must be an object");
        }
        auto call = fields->contains("amount") ? decode_transfer(node, sender, *fields, what)
                                               : decode_call(node, *fields, what);
        if (!call) {
            const bool is_named = call.error().context.starts_with(what);
            return is_named ? tl::unexpected(call.error()) : fail(what, call.error());
        }
        out.push_back(*std::move(call));
    }
    if (out.empty()) {
        return fail(ErrorCode::kCommandInput, file + ": \"calls\" is empty");
    }
    return out;
}

Result<Report> run_calls(
    Context& context, const OperationOptions& operation,
    const std::function<Result<std::vector<wallet::Call>>(Node&, const WalletFile&)>& make) {
    LATCHKEY_TRY(const WalletFile file, context.wallet(operation.wallet));
    return run_operation(context, operation, {core::kActionExecute},
                         [&](Node& node, const wallet::WalletSnapshot& /*wallet*/,
                             const wallet::RuleReference& /*rule*/) -> Result<wallet::Body> {
                             LATCHKEY_TRY(auto calls, make(node, file));
                             return wallet::Body(wallet::Execute{std::move(calls), {}});
                         });
}

}  // namespace

Result<Report> wallet_show(Context& context, const std::string& path) {
    LATCHKEY_TRY(const OpenWallet open, open_wallet(context, path));
    const wallet::WalletSnapshot& now = open.snapshot;
    const Output& output = context.output();
    Node& node = *open.node;
    const evm::Address& address = now.wallet.address();
    LATCHKEY_TRY(const evm::Uint256 wei, node.run(node.rpc().get_balance(address)));
    Report report;
    report.fields = {{"name", open.file.name},
                     {"chain", node.chain().name},
                     {"address", evm::to_string(address)},
                     {"wallet_id", core::encode_hex(now.wallet.id().view())},
                     {"wei", wei.to_decimal()},
                     {"is_made", now.is_made},
                     {"number", now.hot.number},
                     {"configuration", core::encode_hex(now.config_id.view())}};
    if (!open.file.name.empty()) {
        report.lines.push_back(output.paint(Style::kHeading, printable(open.file.name)));
    }
    report.lines.push_back("address    " + output.paint(Style::kKey, evm::to_string(address)));
    report.lines.push_back("wallet id  " + core::encode_hex(now.wallet.id().view()));
    report.lines.push_back("balance    " + format_coin(node.chain(), wei));
    if (const auto until = wallet::frozen_until(now, now.time)) {
        report.fields["frozen_until"] = *until;
        report.lines.push_back(output.paint(Style::kBad, "frozen") + "     until " +
                               core::describe_time(*until));
    }
    report.lines.push_back(now.is_made ? "contract   on chain, configuration " +
                                             std::to_string(now.hot.number)
                                       : std::string("contract   none needed so far"));
    json::array description;
    for (const std::string& line :
         description_lines(now.configuration, wallet::with_evm_names(open.file.names))) {
        report.lines.push_back("  " + line);
        description.emplace_back(line);
    }
    report.fields["description"] = std::move(description);
    return report;
}

Result<Report> wallet_fund(Context& context, const FundOptions& options) {
    LATCHKEY_TRY(const std::string name, context.chain_name());
    LATCHKEY_TRY(Node* const node, context.node(name));
    LATCHKEY_TRY(const evm::Uint256 wei, parse_coin(options.amount, node->chain()));
    LATCHKEY_CHECK(refuse_nothing(wei));
    evm::Address to;
    if (options.address.empty()) {
        LATCHKEY_TRY(const WalletFile file, context.wallet(options.wallet));
        LATCHKEY_TRY(const auto handle, handle_of(file, node->chain()));
        to = handle.address();
    } else {
        LATCHKEY_TRY(to, find_recipient(options.address));
    }
    LATCHKEY_TRY(const Receipt receipt, node->send_from_node({to, wei, {}}));
    LATCHKEY_TRY(const evm::Uint256 balance, node->run(node->rpc().get_balance(to)));
    Report report;
    report.fields = receipt_fields(node->chain(), receipt);
    report.fields["wei"] = balance.to_decimal();
    report.lines = {"the faucet sent " + format_coin(node->chain(), wei) + "; " +
                    evm::to_string(to) + " holds " + format_coin(node->chain(), balance)};
    return report;
}

Result<Report> wallet_token(Context& context, const std::string& path, const std::string& token) {
    if (token.empty()) {
        return fail(ErrorCode::kCommandInput,
                    "no EVM chain lists what an address holds; name the token with --token 0x…");
    }
    LATCHKEY_TRY(const std::string name, context.chain_name());
    LATCHKEY_TRY(const WalletFile file, context.wallet(path));
    LATCHKEY_TRY(Node* const node, context.node(name));
    LATCHKEY_TRY(const auto handle, handle_of(file, node->chain()));
    LATCHKEY_TRY(const Token found, fetch_token(*node, token));
    LATCHKEY_TRY(const evm::Uint256 units, fetch_token_balance(*node, found, handle.address()));
    const std::string amount = wallet::describe_amount(units, found.decimals);
    Report report;
    report.lines = {amount + " of " + evm::to_string(found.address)};
    report.fields = {{"chain", node->chain().name},
                     {"token", evm::to_string(found.address)},
                     {"amount", amount},
                     {"units", units.to_decimal()}};
    return report;
}

Result<Report> wallet_send(Context& context, const OperationOptions& operation,
                           const TransferOptions& transfer) {
    // Wrong input is told before anything is asked of the chain.
    LATCHKEY_CHECK(find_recipient(transfer.to));
    const std::size_t equals = transfer.fee_share.find('=');
    if (!transfer.fee_share.empty() && equals == std::string::npos) {
        return fail(ErrorCode::kCommandInput, "--pay-sponsor is ADDRESS=AMOUNT");
    }
    return run_calls(
        context, operation,
        [&](Node& node, const WalletFile& sender) -> Result<std::vector<wallet::Call>> {
            LATCHKEY_TRY(wallet::Call call,
                         transfer_call(node, sender, transfer.to, transfer.amount, transfer.token));
            std::vector<wallet::Call> calls{std::move(call)};
            if (!transfer.fee_share.empty()) {
                LATCHKEY_TRY(wallet::Call share,
                             transfer_call(node, sender, transfer.fee_share.substr(0, equals),
                                           transfer.fee_share.substr(equals + 1), transfer.token));
                calls.push_back(std::move(share));
            }
            return calls;
        });
}

Result<Report> wallet_batch(Context& context, const OperationOptions& operation,
                            const std::string& path) {
    LATCHKEY_TRY(const json::object value, read_json_file(path));
    LATCHKEY_TRY(const json::array entries, array_member(value, "calls", path));
    return run_calls(context, operation, [&](Node& node, const WalletFile& sender) {
        return batch_calls(node, sender, entries, path);
    });
}

}  // namespace latchkey::cli::on_evm
