// SPDX-License-Identifier: Apache-2.0
#include "cli/evm/node.hpp"

#include <algorithm>

#include "chains/evm/client/abi.hpp"
#include "chains/evm/client/fees.hpp"
#include "chains/evm/wallet/describe.hpp"
#include "cli/clock.hpp"
#include "cli/text.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/verdict_text.hpp"

namespace latchkey::cli::on_evm {

using core::ErrorCode;
using core::fail;

namespace {

constexpr unsigned kCoinDecimals = 18;
/// What the chain may ask beyond the estimate, because others act in between.
constexpr std::uint64_t kGasRoomPercent = 25;
/// No transaction may take more (EIP-7825), whatever a node says that it takes.
constexpr std::uint64_t kGasMax = std::uint64_t{1} << 24U;
/// Enough for anything a wallet does, where nobody estimates.
constexpr std::uint64_t kGasFixed = 3'000'000;
constexpr unsigned kReceiptAttempts = 200;

std::string_view stage_text(evm::SubmitProgress::Stage stage) {
    switch (stage) {
        case evm::SubmitProgress::Stage::kSent:
            return "sent, waiting for a block …";
        case evm::SubmitProgress::Stage::kResent:
            return "sent again, waiting for a block …";
        case evm::SubmitProgress::Stage::kFeesRaised:
            return "sent with higher fees …";
        case evm::SubmitProgress::Stage::kIncluded:
            return "in a block, being confirmed …";
        case evm::SubmitProgress::Stage::kReorganized:
            return "its block is gone, waiting for another one …";
        case evm::SubmitProgress::Stage::kDropped:
            break;
    }
    return "dropped by the node, sent again …";
}

std::string explain(core::ByteView revert_data) {
    if (const auto verdict = verdict_in(revert_data)) {
        return std::string(core::verdict_sentence(*verdict)) + " [" +
               std::string(core::verdict_name(*verdict)) + "]";
    }
    return evm::abi::explain_revert(revert_data);
}

evm::CallRequest request_of(const evm::Address& from, const Outgoing& outgoing) {
    evm::CallRequest out;
    out.from = from;
    out.to = outgoing.to;
    out.value = outgoing.value;
    out.data = outgoing.data;
    return out;
}

Receipt to_receipt(const evm::Receipt& receipt, std::size_t bytes) {
    const evm::Uint256 price = receipt.effective_gas_price.value_or(evm::Uint256());
    const auto spent = evm::multiply(price, evm::Uint256(receipt.gas_used));
    const auto all = spent ? evm::add(*spent, receipt.l1_fee.value_or(evm::Uint256())) : spent;
    return {receipt.transaction_hash, receipt.block_number, receipt.gas_used,
            all.value_or(evm::Uint256::max()), bytes};
}

}  // namespace

Result<std::unique_ptr<Node>> Node::connect(evm::Chain chain) {
    if (chain.endpoints.empty()) {
        return fail(
            ErrorCode::kCommandInput,
            "no node of " + chain.name + " is known; name one with --rpc " + chain.name + "=URL");
    }
    std::unique_ptr<Node> out(new Node(std::move(chain)));
    LATCHKEY_TRY(out->http_, net::HttpClient::create(out->blocking_.executor(), {}));
    LATCHKEY_TRY(out->json_rpc_,
                 net::JsonRpcClient::create(*out->http_, out->clock_, out->jitter_,
                                            evm::rpc_transport_options(out->chain_)));
    out->rpc_ = std::make_unique<evm::RpcClient>(*out->json_rpc_, evm::RpcOptions());
    return out;
}

Result<json::value> Node::call(const std::string& method, json::array params) {
    return run(rpc_->request(method, std::move(params), net::Repeat::kOnlyIfRefused));
}

Result<void> Node::check_chain() {
    return run(rpc_->check_chain(chain_.chain_id));
}

Result<core::Bytes> Node::simulate(const evm::Address& from, const Outgoing& outgoing) {
    LATCHKEY_TRY(evm::CallOutcome outcome, run(rpc_->call(request_of(from, outgoing))));
    if (outcome.is_reverted) {
        return fail(ErrorCode::kExecutionReverted, explain(outcome.data));
    }
    return std::move(outcome.data);
}

Result<evm::SignedTransaction> Node::sign(const Key& payer, const Outgoing& outgoing,
                                          std::uint64_t gas_limit) {
    evm::Transaction out;
    out.chain_id = chain_.chain_id;
    const evm::Address from = payer.account_signer->address();
    LATCHKEY_TRY(out.nonce, run(rpc_->get_transaction_count(from, evm::BlockTag::kPending)));
    const auto fees = run(evm::fetch_fees(*rpc_, evm::fee_options(chain_)));
    if (!fees && fees.error().code == ErrorCode::kFeeCapExceeded) {
        return fail(fees.error().code,
                    "the node of " + chain_.name + " asks for " + fees.error().context +
                        " are offered; ask another one, wait, or raise gas_price_gwei_max in the "
                        "file of chains");
    }
    LATCHKEY_CHECK(fees);
    out.max_fee_per_gas = fees->max_fee_per_gas;
    out.max_priority_fee_per_gas = fees->max_priority_fee_per_gas;
    out.gas_limit = gas_limit;
    out.to = outgoing.to;
    out.value = outgoing.value;
    out.data = outgoing.data;
    LATCHKEY_TRY(const core::Bytes unsigned_bytes, evm::signing_bytes(out));
    LATCHKEY_TRY(const auto signature,
                 payer.account_signer->sign_account_transaction(unsigned_bytes));
    return evm::SignedTransaction::assemble(std::move(out), signature);
}

Result<Receipt> Node::submit(const Output& output, const evm::SignedTransaction& transaction) {
    evm::SubmitOptions options = evm::submit_options(chain_);
    options.on_progress = [&](const evm::SubmitProgress& step) {
        output.progress(chain_.name + ": " + std::string(stage_text(step.stage)));
    };
    const auto confirmed = run(evm::submit({rpc_.get(), {}}, transaction, std::move(options)));
    output.end_progress();
    if (!confirmed) {
        return tl::unexpected(confirmed.error().error);
    }
    return to_receipt(confirmed->receipt, transaction.transaction().data.size());
}

Result<Receipt> Node::send(const Output& output, const Key& payer, const Outgoing& outgoing) {
    output.progress(chain_.name + ": simulating …");
    const evm::Address from = payer.account_signer->address();
    LATCHKEY_CHECK(simulate(from, outgoing));
    LATCHKEY_TRY(const std::uint64_t gas, run(rpc_->estimate_gas(request_of(from, outgoing))));
    if (gas > kGasMax) {
        return fail(ErrorCode::kGasLimitRefused, "the node says that it takes " +
                                                     format_count(gas) +
                                                     " gas, more than any transaction may");
    }
    const std::uint64_t limit = std::min(gas + gas * kGasRoomPercent / 100, kGasMax);
    LATCHKEY_TRY(const auto transaction, sign(payer, outgoing, limit));
    return submit(output, transaction);
}

Result<core::Verdict> Node::send_to_fail(const Output& output, const Key& payer,
                                         const Outgoing& outgoing) {
    const evm::Address from = payer.account_signer->address();
    LATCHKEY_TRY(const evm::CallOutcome outcome, run(rpc_->call(request_of(from, outgoing))));
    LATCHKEY_TRY(const auto transaction, sign(payer, outgoing, kGasFixed));
    const auto sent = submit(output, transaction);
    if (sent || sent.error().code != ErrorCode::kTransactionReverted) {
        return fail(
            ErrorCode::kDemonstration,
            sent ? core::encode_hex_prefixed(sent->hash) + " was accepted" : sent.error().context);
    }
    const auto verdict = verdict_in(outcome.data);
    return verdict ? Result<core::Verdict>(*verdict)
                   : fail(ErrorCode::kDemonstration, explain(outcome.data));
}

Result<Receipt> Node::send_from_node(const Outgoing& outgoing) {
    LATCHKEY_TRY(const json::value accounts, call("eth_accounts"));
    if (!accounts.is_array() || accounts.as_array().empty() || !accounts.at(0).is_string()) {
        return fail(ErrorCode::kCommandInput,
                    chain_.name + " has no faucet: its node holds no account of its own");
    }
    LATCHKEY_TRY(const json::value hash,
                 call("eth_sendTransaction",
                      {json::object{{"from", accounts.at(0)},
                                    {"to", evm::to_string(outgoing.to)},
                                    {"value", outgoing.value.to_quantity()},
                                    {"data", core::encode_hex_prefixed(outgoing.data)}}}));
    const std::string text = hash.is_string() ? std::string(hash.as_string()) : "";
    LATCHKEY_TRY(const core::Bytes bytes, core::decode_hex_prefixed(text));
    LATCHKEY_TRY(const auto id, core::Hash32::from(core::ByteView(bytes)));
    for (unsigned attempt = 0; attempt < kReceiptAttempts; ++attempt) {
        LATCHKEY_TRY(const auto receipt, run(rpc_->get_receipt(id)));
        if (receipt && !receipt->has_succeeded) {
            return fail(ErrorCode::kTransactionReverted, text);
        }
        if (receipt) {
            return to_receipt(*receipt, outgoing.data.size());
        }
        run(clock_.sleep_until(clock_.now() + evm::submit_options(chain_).poll_interval));
    }
    return fail(ErrorCode::kTransactionUnconfirmed, text);
}

Result<std::uint64_t> Node::time() {
    LATCHKEY_TRY(const auto block, run(rpc_->get_block(evm::BlockTag::kLatest)));
    return block ? Result<std::uint64_t>(block->timestamp)
                 : fail(ErrorCode::kNodeMalformed, "the node has no latest block");
}

Result<std::uint64_t> Node::believe_time(std::uint64_t told) const {
    return cli::believe_time(told, own_time(), chain_.endpoints);
}

Result<void> Node::warp(std::uint64_t seconds) {
    LATCHKEY_CHECK(call("evm_increaseTime", {seconds}));
    LATCHKEY_CHECK(call("evm_mine"));
    return {};
}

std::optional<core::Verdict> verdict_in(core::ByteView revert_data) {
    const auto refused = evm::abi::parse_signature("Refused(uint256)");
    const auto values =
        refused ? evm::abi::decode_call(*refused, revert_data) : tl::unexpected(refused.error());
    if (!values) {
        return std::nullopt;
    }
    const auto number = std::get<evm::Uint256>(values->front()).to_u64();
    return number && *number <= UINT32_MAX
               ? core::verdict_from_number(static_cast<std::uint32_t>(*number))
               : std::nullopt;
}

std::string format_coin(const evm::Chain& chain, const evm::Uint256& wei) {
    return evm::wallet::describe_amount(wei, kCoinDecimals) + " " + chain.native_symbol;
}

json::object receipt_fields(const evm::Chain& chain, const Receipt& receipt) {
    return {{"chain", chain.name},
            {"transaction", core::encode_hex_prefixed(receipt.hash)},
            {"block", receipt.block},
            {"gas", receipt.gas},
            {"calldata_bytes", receipt.bytes},
            {"fee_wei", receipt.fee.to_decimal()}};
}

std::string receipt_line(const Output& output, const evm::Chain& chain, const Receipt& receipt) {
    const auto link = evm::transaction_link(chain, receipt.hash);
    return output.paint(Style::kFaint, "transaction " +
                                           link.value_or(core::encode_hex_prefixed(receipt.hash)) +
                                           ": " + format_count(receipt.gas) + " gas, " +
                                           format_count(receipt.bytes) + " bytes, fee " +
                                           format_coin(chain, receipt.fee));
}

}  // namespace latchkey::cli::on_evm
