// SPDX-License-Identifier: Apache-2.0
#include "cli/chain.hpp"

#include "chains/solana/client/rpc_codec.hpp"
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
                   std::string(core::verdict_name(*verdict)) + " " + std::to_string(code) + "]";
        };
}

}  // namespace

Result<std::unique_ptr<Chain>> Chain::connect(const std::vector<std::string>& urls,
                                              const solana::Address& wallet_program) {
    std::unique_ptr<Chain> out(new Chain());
    std::vector<net::JsonRpcEndpoint> endpoints;
    for (const std::string& url : urls) {
        net::JsonRpcEndpoint endpoint;
        LATCHKEY_TRY(endpoint.url, net::parse_url(url));
        if (endpoint.url.is_websocket()) {
            return fail(ErrorCode::kInvalidUrl, "--rpc takes http and https URLs");
        }
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
        return tl::unexpected(confirmed.error().error);
    }
    return receipt(confirmed->id);
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
