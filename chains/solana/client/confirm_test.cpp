// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/confirm.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/vectors/vectors.hpp"
#include "net/blocking.hpp"
#include "net/fakes.hpp"

namespace latchkey::solana {
namespace {

namespace json = boost::json;
using core::ErrorCode;
using net::Milliseconds;
using vectors::named;
using Stage = ConfirmProgress::Stage;

constexpr std::uint64_t kStartHeight = 1000;
constexpr std::uint64_t kLastValid = kStartHeight + 50;
constexpr std::uint64_t kFinalityLag = 32;
constexpr Milliseconds kSlot{400};

/// A node on a chain whose height grows with the fake clock. It forgets or loses what the test
/// tells it to.
class Node {
  public:
    explicit Node(net::FakeClock& clock) : clock_(&clock), start_(clock.now()) {}

    Result<net::HttpResponse> answer(const net::HttpRequest& request) {
        if (is_down) {
            return core::fail(ErrorCode::kConnectFailed, "injected");
        }
        const json::value body = json::parse(request.body);
        if (body.is_object()) {
            return net::HttpResponse{200, {}, json::serialize(reply(body.as_object()))};
        }
        json::array replies;
        for (const json::value& one : body.as_array()) {
            replies.emplace_back(reply(one.as_object()));
        }
        return net::HttpResponse{200, {}, json::serialize(replies)};
    }

    [[nodiscard]] std::uint64_t height() const {
        return kStartHeight + static_cast<std::uint64_t>((clock_->now() - start_) / kSlot);
    }

    /// The transaction is taken into a block at this height, if it has been sent by then.
    std::optional<std::uint64_t> lands_at;
    /// Blocks in this range are dropped again: what they held is unknown afterwards.
    std::optional<std::uint64_t> forgotten_from;
    /// The error the included transaction has.
    json::value error;
    json::value preflight_error;
    Blockhash nonce;
    bool is_down = false;
    int lost_sends = 0;
    int sends = 0;
    std::vector<bool> preflights;
    std::vector<std::string> sent;

  private:
    json::object reply(const json::object& request) {
        const std::string method(request.at("method").as_string());
        json::object out{{"jsonrpc", "2.0"}, {"id", request.at("id")}};
        const json::array& params = request.at("params").as_array();
        if (method == "sendTransaction") {
            return send(std::move(out), params);
        }
        if (method == "getBlockHeight") {
            const bool finalized = params.at(0).at("commitment") == json::value("finalized");
            out["result"] = height() - (finalized ? kFinalityLag : 0);
        } else if (method == "getSignatureStatuses") {
            out["result"] =
                json::object{{"context", {{"slot", height()}}}, {"value", json::array{status()}}};
        } else if (method == "getAccountInfo") {
            Bytes data(kNonceAccountBytes);
            data[0] = data[4] = 1;
            std::copy(nonce.begin(), nonce.end(), data.begin() + 40);
            out["result"] =
                json::object{{"context", {{"slot", height()}}},
                             {"value",
                              {{"lamports", 1},
                               {"owner", to_base58(kSystemProgram)},
                               {"executable", false},
                               {"data", json::array{core::encode_base64(data), "base64"}}}}};
        } else {
            ADD_FAILURE() << method;
        }
        return out;
    }

    json::object send(json::object out, const json::array& params) {
        ++sends;
        preflights.push_back(!params.at(1).at("skipPreflight").as_bool());
        sent.emplace_back(params.at(0).as_string());
        if (preflights.back() && !preflight_error.is_null()) {
            out["error"] = json::object{{"code", -32002},
                                        {"message", "simulation failed"},
                                        {"data", {{"err", preflight_error}, {"logs", nullptr}}}};
            return out;
        }
        is_known_ = is_known_ || sends > lost_sends;
        out["result"] = to_base58(*Transaction::decode_base64(sent.back())->id());
        return out;
    }

    json::value status() const {
        if (!is_known_ || !lands_at || height() < *lands_at ||
            (forgotten_from && height() >= *forgotten_from)) {
            return nullptr;
        }
        const std::uint64_t depth = height() - *lands_at;
        const char* commitment = depth >= kFinalityLag ? "finalized"
                                 : depth >= 2          ? "confirmed"
                                                       : "processed";
        return json::object{
            {"slot", *lands_at}, {"err", error}, {"confirmationStatus", commitment}};
    }

    net::FakeClock* clock_;
    net::TimePoint start_;
    bool is_known_ = false;
};

class Confirm : public testing::Test {
  protected:
    Confirm() {
        net::JsonRpcEndpoint endpoint;
        endpoint.url = net::parse_url("http://node/").value();
        transport.script = {
            [this](const net::HttpRequest& request) { return node.answer(request); }};
        json_rpc =
            net::JsonRpcClient::create(transport, clock, jitter, rpc_transport_options({endpoint}))
                .value();
        rpc = std::make_unique<RpcClient>(*json_rpc, RpcOptions());
        options.last_valid_block_height = kLastValid;
        options.on_progress = [this](const ConfirmProgress& progress) {
            stages.push_back(progress.stage);
        };
    }

    static Transaction transaction(bool is_durable = false) {
        const auto seed = core::Secret<32>::copy_of(named("payer key").view()).value();
        const auto key = core::crypto::Ed25519PrivateKey::from_seed(seed);
        MessageDraft draft;
        draft.fee_payer = Address(key.public_key().array());
        draft.lifetime = Blockhash(named("nonce value").array());
        if (is_durable) {
            draft.instructions = {system::advance_nonce_account(named("nonce"), draft.fee_payer)};
        }
        draft.instructions.push_back(system::transfer(draft.fee_payer, named("to"), 1));
        Transaction out = Transaction::from_draft(draft).value();
        EXPECT_TRUE(out.sign(key));
        return out;
    }

    SendResult<Confirmation> run(bool is_durable = false) {
        return net::run_blocking(send_and_confirm(*rpc, transaction(is_durable), options));
    }

    net::FakeClock clock;
    net::LongestJitter jitter;
    net::ScriptedTransport transport;
    Node node{clock};
    std::unique_ptr<net::JsonRpcClient> json_rpc;
    std::unique_ptr<RpcClient> rpc;
    ConfirmOptions options;
    std::vector<Stage> stages;
};

TEST_F(Confirm, the_usual_way) {
    node.lands_at = kStartHeight + 2;
    const auto confirmed = run();
    ASSERT_TRUE(confirmed) << confirmed.error().error.to_string();
    EXPECT_EQ(confirmed->id, *transaction().id());
    EXPECT_EQ(confirmed->slot, kStartHeight + 2);
    EXPECT_EQ(confirmed->commitment, Commitment::kConfirmed);
    EXPECT_EQ(stages, (std::vector{Stage::kSent, Stage::kSeen, Stage::kSeen}));
    EXPECT_EQ(node.sends, 1);
    EXPECT_TRUE(node.preflights[0]);
}

TEST_F(Confirm, waits_for_the_commitment_asked_for) {
    node.lands_at = kStartHeight + 2;
    options.commitment = Commitment::kFinalized;
    EXPECT_EQ(run()->commitment, Commitment::kFinalized);
    EXPECT_GE(node.height(), kStartHeight + 2 + kFinalityLag);
    options.commitment = Commitment::kProcessed;
    node.lands_at = node.height();
    EXPECT_TRUE(run());
}

TEST_F(Confirm, lost_transactions_are_sent_again_as_the_same_bytes) {
    node.lands_at = kStartHeight + 2;
    node.lost_sends = 3;
    EXPECT_TRUE(run());
    EXPECT_EQ(node.sends, 4);
    EXPECT_EQ(node.preflights, (std::vector{true, false, false, false}));
    for (const std::string& sent : node.sent) {
        EXPECT_EQ(sent, transaction().encode_base64());
    }
}

TEST_F(Confirm, a_transaction_that_fails_on_chain) {
    node.lands_at = kStartHeight + 2;
    node.error = json::parse(R"({"InstructionError":[0,{"Custom":1}]})");
    const auto failed = run();
    EXPECT_EQ(failed.error().error.code, ErrorCode::kTransactionFailed);
    EXPECT_EQ(failed.error().error.context,
              "instruction 0 (the System program): not enough lamports (error 1)");
    EXPECT_EQ(failed.error().transaction_error->custom_code, 1U);
}

TEST_F(Confirm, a_refused_preflight_ends_it) {
    node.preflight_error = json::parse(R"({"InstructionError":[0,{"Custom":1}]})");
    const auto failed = run();
    EXPECT_EQ(failed.error().error.code, ErrorCode::kSimulationFailed);
    EXPECT_EQ(node.sends, 1);
}

TEST_F(Confirm, a_node_that_does_not_know_the_blockhash_yet) {
    node.preflight_error = json::value("BlockhashNotFound");
    options.on_progress = [this](const ConfirmProgress& progress) {
        stages.push_back(progress.stage);
    };
    node.lands_at = kStartHeight + 20;
    // From the third attempt on the node has caught up.
    transport.script = {[this](const net::HttpRequest& request) {
        if (node.sends == 2) {
            node.preflight_error = nullptr;
        }
        return node.answer(request);
    }};
    EXPECT_TRUE(run());
    EXPECT_EQ(node.sends, node.preflights.size());
    EXPECT_EQ(node.preflights[2], true) << "still not simulated";
}

TEST_F(Confirm, an_expired_transaction_is_only_declared_so_when_that_is_final) {
    const auto expired = run();
    EXPECT_EQ(expired.error().error.code, ErrorCode::kBlockhashExpired);
    EXPECT_GT(node.height() - kFinalityLag, kLastValid);
    EXPECT_EQ(stages.back(), Stage::kExpiring);
    EXPECT_EQ(std::count(stages.begin(), stages.end(), Stage::kExpiring), 1);
}

TEST_F(Confirm, is_not_sent_again_after_its_lifetime) {
    (void)run();
    const int sends = node.sends;
    // 2 s between sends and 51 blocks of 400 ms.
    EXPECT_LE(sends, 12);
    EXPECT_GE(sends, 9);
}

TEST_F(Confirm, included_in_the_last_moment) {
    node.lands_at = kLastValid;
    EXPECT_TRUE(run());
}

TEST_F(Confirm, a_dropped_block_does_not_count) {
    node.lands_at = kStartHeight + 2;
    node.forgotten_from = kStartHeight + 3;
    options.poll_interval = Milliseconds(200);
    const auto expired = run();
    EXPECT_EQ(expired.error().error.code, ErrorCode::kBlockhashExpired);
    EXPECT_EQ(stages[1], Stage::kSeen);
}

TEST_F(Confirm, time_runs_out_before_anything_is_certain) {
    options.timeout = Milliseconds(5000);
    const auto unknown = run();
    EXPECT_EQ(unknown.error().error.code, ErrorCode::kConfirmationUnknown);
    node.lands_at = kStartHeight + 2;
    EXPECT_TRUE(net::run_blocking(await_confirmation(*rpc, transaction(), options)));
}

TEST_F(Confirm, no_node_answers) {
    node.is_down = true;
    const auto failed = run();
    EXPECT_EQ(failed.error().error.code, ErrorCode::kTimedOut) << "it was never sent";
    EXPECT_NE(failed.error().error.context.find("injected"), std::string::npos);
}

TEST_F(Confirm, an_attempt_with_an_unknown_end_counts_as_sent) {
    bool is_first = true;
    transport.script = {[&](const net::HttpRequest& request) -> Result<net::HttpResponse> {
        auto answer = node.answer(request);
        if (std::exchange(is_first, false)) {
            return core::fail(ErrorCode::kTimedOut, "injected");
        }
        return answer;
    }};
    node.lands_at = kStartHeight + 20;
    // A second preflight would refuse it, because the first sending has changed the state.
    node.preflight_error = nullptr;
    EXPECT_TRUE(run());
    EXPECT_EQ(std::count(node.preflights.begin(), node.preflights.end(), true), 1);
}

TEST_F(Confirm, durable_transactions_live_as_long_as_their_nonce) {
    options.last_valid_block_height = 0;
    node.nonce = transaction(true).message().lifetime;
    node.lands_at = kStartHeight + 150;
    EXPECT_TRUE(run(true)) << "long after any blockhash";
    node.lands_at.reset();
    node.nonce = Blockhash(named("advanced").array());
    EXPECT_EQ(run(true).error().error.code, ErrorCode::kBlockhashExpired);
}

TEST_F(Confirm, misuse) {
    options.last_valid_block_height = 0;
    EXPECT_EQ(run().error().error.code, ErrorCode::kInvalidArgument);
    const auto unsigned_one = Transaction::from_message(transaction().message()).value();
    EXPECT_EQ(net::run_blocking(send_and_confirm(*rpc, unsigned_one, options)).error().error.code,
              ErrorCode::kMissingSignature);
    EXPECT_EQ(node.sends, 0);
}

}  // namespace
}  // namespace latchkey::solana
