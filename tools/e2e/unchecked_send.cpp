// SPDX-License-Identifier: Apache-2.0
// e2e_unchecked_send REQUEST APPROVAL FEE-PAYER RPC: `latchkey send` without the checks that it
// makes before it sends, so that what is wrong with an approval is the program's to find. Prints
// {"verdict": number}; 0 is acceptance. For the tests beside it.
#include <fmt/format.h>

#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/wallet_instructions.hpp"
#include "chains/solana/client/wallet_reader.hpp"
#include "cli/action_file.hpp"
#include "cli/files.hpp"
#include "cli/submit.hpp"

namespace latchkey::cli {
namespace {

constexpr std::uint32_t kComputeUnits = 200'000;

Result<std::string> run(const std::string& request_file, const std::string& approval_file,
                        const std::string& payer_file, const std::string& url) {
    LATCHKEY_TRY(const auto request_value, read_json_file(request_file));
    LATCHKEY_TRY(const ApprovalRequest request, decode_request(request_value, request_file));
    LATCHKEY_TRY(const auto approval_value, read_json_file(approval_file));
    LATCHKEY_TRY(const auto all_answers, decode_answers(approval_value, approval_file));
    const ApprovalAnswers& answers = all_answers.front();
    LATCHKEY_TRY(const Key payer, load_key(payer_file));
    const solana::WalletHandle& wallet = request.wallet.wallet();
    LATCHKEY_TRY(const auto chain, Chain::connect({url}, wallet.deployment().program));
    Submission submission;
    submission.fee_payer = &payer;
    LATCHKEY_TRY(const auto on_chain, chain->run(solana::fetch_wallet(chain->rpc(), wallet)));
    if (request.wallet.state() && !on_chain.state()) {
        LATCHKEY_TRY(const solana::Rent rent, chain->run(solana::fetch_rent(chain->rpc())));
        LATCHKEY_TRY(submission.before, solana::create_funded_state(wallet, payer.address(), rent));
    }
    // Never the very transaction that `latchkey send` made a moment ago with the same blockhash:
    // the cluster would not execute it again, and would answer how it went then.
    submission.before.push_back(solana::compute_budget::set_unit_limit(kComputeUnits));
    LATCHKEY_TRY(const auto instructions,
                 build_instructions(request.plan, answers.approvals, submission, std::nullopt,
                                    /*verifies=*/false));
    LATCHKEY_TRY(const ReadyTransaction ready, make_transaction(*chain, instructions, submission));
    const auto refused = chain->submit_to_fail(ready.transaction, ready.last_valid_block_height);
    if (refused) {
        return fmt::format("{{\"verdict\":{}}}", refused->code);
    }
    if (refused.error().code == core::ErrorCode::kDemonstration) {
        return std::string("{\"verdict\":0}");
    }
    return tl::unexpected(refused.error());
}

}  // namespace
}  // namespace latchkey::cli

int main(int argc, char** argv) {
    if (argc != 5) {
        fmt::print(stderr, "usage: e2e_unchecked_send REQUEST APPROVAL FEE-PAYER RPC\n");
        return 2;
    }
    const auto result = latchkey::cli::run(argv[1], argv[2], argv[3], argv[4]);
    if (!result) {
        fmt::print(stderr, "{}\n", result.error().to_string());
        return 1;
    }
    fmt::print("{}\n", *result);
    return 0;
}
