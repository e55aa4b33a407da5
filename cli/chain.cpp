// SPDX-License-Identifier: Apache-2.0
#include "cli/chain.hpp"

#include "chains/solana/client/rpc_codec.hpp"
#include "chains/solana/client/wallet_reader.hpp"
#include "cli/clock.hpp"
#include "cli/config.hpp"
#include "core/wallet/verdict_text.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;
namespace json = boost::json;

namespace {

constexpr net::Milliseconds kCallTimeout{20000};
constexpr net::Milliseconds kPollInterval{100};
constexpr net::Milliseconds kPollIntervalRemote{500};
constexpr unsigned kReceiptAttempts = 100;

solana::CustomErrorText wallet_errors(const solana::Address& program) {
    return
        [program](const solana::Address& failed, std::uint32_t code) -> std::optional<std::string> {
            const auto verdict = core::verdict_from_number(code);
            if (failed != program || !verdict) {
                return std::nullopt;
            }
            return std::string(core::verdict_sentence(*verdict)) + " [" +
                   std::string(core::verdict_name(*verdict)) + "]";
        };
}

/// What programs print before they fail with a bare number.
std::string shortage(const std::vector<std::string>& logs) {
    for (const std::string& line : logs) {
        if (line.find("insufficient lamports") != std::string::npos) {
            return "the sender holds too little SOL";
        }
        if (line.find("insufficient funds") != std::string::npos) {
            return "the sender holds too few tokens";
        }
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<Chain>> Chain::connect(const std::vector<std::string>& urls,
                                              const solana::Address& wallet_program) {
    std::unique_ptr<Chain> out(new Chain());
    std::vector<net::JsonRpcEndpoint> endpoints;
    for (const std::string& url : urls) {
        net::JsonRpcEndpoint endpoint;
        auto parsed = net::parse_url(url);
        if (!parsed || parsed->is_websocket()) {
            // Not shown: URLs of nodes often hold an API key.
            return fail(ErrorCode::kCommandInput, "the URL of a node is written like " +
                                                      std::string(kDefaultRpc) +
                                                      " or https://HOST/PATH");
        }
        out->urls_.push_back(*parsed);
        endpoint.url = *std::move(parsed);
        endpoints.push_back(std::move(endpoint));
    }
    LATCHKEY_TRY(out->http_, net::HttpClient::create(out->blocking_.executor(), {}));
    LATCHKEY_TRY(out->json_rpc_,
                 net::JsonRpcClient::create(*out->http_, out->clock_, out->jitter_,
                                            solana::rpc_transport_options(std::move(endpoints))));
    solana::RpcOptions options;
    options.custom_errors = wallet_errors(wallet_program);
    out->rpc_ = std::make_unique<solana::RpcClient>(*out->json_rpc_, std::move(options));
    return out;
}

Result<json::value> Chain::call(const std::string& method, json::value params) {
    const net::Deadline deadline = net::SteadyClock::now() + kCallTimeout;
    LATCHKEY_TRY(
        net::JsonRpcReply reply,
        run(json_rpc_->call(method, std::move(params), net::Repeat::kOnlyIfRefused, deadline)));
    if (!reply) {
        return fail(ErrorCode::kRpcRejected,
                    method + ": " + solana::rpc_codec::explain_rpc_error(reply.error()));
    }
    return *std::move(reply);
}

Result<std::uint64_t> Chain::believed_time() {
    LATCHKEY_TRY(const std::uint64_t told, run(solana::fetch_time(*rpc_)));
    return believe_time(told, own_time(), urls_);
}

Result<void> Chain::check_cluster(const solana::Deployment& deployment) {
    return run(rpc_->check_cluster(solana::Blockhash(deployment.cluster.array())));
}

Result<Receipt> Chain::airdrop(const solana::Address& to, std::uint64_t lamports) {
    LATCHKEY_TRY(const solana::Signature id, run(rpc_->request_airdrop(to, lamports)));
    return receipt(id);
}

Result<Receipt> Chain::submit(const solana::Transaction& transaction, std::uint64_t last_height,
                              std::function<void(const solana::ConfirmProgress&)> on_progress) {
    solana::ConfirmOptions options;
    options.last_valid_block_height = last_height;
    options.poll_interval = kPollInterval;
    options.on_progress = std::move(on_progress);
    auto confirmed = run(solana::send_and_confirm(*rpc_, transaction, std::move(options)));
    if (!confirmed) {
        core::Error error = confirmed.error().error;
        if (const std::string found = shortage(confirmed.error().logs); !found.empty()) {
            error.context = found + "; " + error.context;
        }
        return tl::unexpected(std::move(error));
    }
    return receipt(confirmed->id);
}

Result<Refusal> Chain::submit_to_fail(const solana::Transaction& transaction,
                                      std::uint64_t last_height) {
    solana::ConfirmOptions options;
    options.last_valid_block_height = last_height;
    options.poll_interval = kPollInterval;
    options.preflight = false;
    const std::optional<solana::Signature> id = transaction.id();
    if (!id) {
        return fail(ErrorCode::kMissingSignature, "the fee payer's");
    }
    const auto confirmed = run(solana::send_and_confirm(*rpc_, transaction, std::move(options)));
    if (confirmed) {
        return fail(ErrorCode::kDemonstration, solana::to_base58(*id) + " was accepted");
    }
    const solana::SendError& error = confirmed.error();
    if (error.error.code != ErrorCode::kTransactionFailed || !error.transaction_error ||
        !error.transaction_error->custom_code) {
        return tl::unexpected(error.error);
    }
    return Refusal{*id, *error.transaction_error->custom_code};
}

Result<Receipt> Chain::receipt(const solana::Signature& id) {
    for (unsigned attempt = 0; attempt < kReceiptAttempts; ++attempt) {
        LATCHKEY_TRY(const auto executed, run(rpc_->get_transaction(id)));
        if (executed) {
            if (executed->error) {
                return fail(ErrorCode::kTransactionFailed,
                            solana::explain(*executed->error, &executed->transaction.message(),
                                            rpc_->options().custom_errors));
            }
            return Receipt{id, executed->slot, executed->transaction.size(),
                           executed->compute_units, executed->fee};
        }
        const auto pause = attempt < kReceiptAttempts / 2 ? kPollInterval : kPollIntervalRemote;
        run(clock_.sleep_until(clock_.now() + pause));
    }
    return fail(ErrorCode::kConfirmationUnknown, "transaction " + solana::to_base58(id));
}

}  // namespace latchkey::cli
