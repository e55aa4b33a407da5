// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/message.hpp"

#include <algorithm>

#include "chains/solana/client/rule_choice.hpp"
#include "chains/solana/client/wallet_reader.hpp"
#include "cli/action_file.hpp"
#include "cli/evm/message_commands.hpp"
#include "cli/files.hpp"
#include "cli/keys.hpp"
#include "cli/operation.hpp"
#include "cli/text.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

Result<core::Hash32> message_hash(const MessageOptions& options,
                                  core::Hash32 (*hash)(core::ByteView)) {
    const int given = static_cast<int>(!options.text.empty()) +
                      static_cast<int>(!options.file.empty()) +
                      static_cast<int>(!options.hash.empty());
    if (given != 1) {
        return fail(ErrorCode::kCommandInput, "give one of --text, --file and --hash");
    }
    if (!options.hash.empty()) {
        auto given_hash = core::decode_hex_as<core::Hash32>(options.hash);
        if (!given_hash) {
            return fail(ErrorCode::kCommandInput, "--hash has 64 hexadecimal digits");
        }
        return given_hash;
    }
    if (!options.file.empty()) {
        LATCHKEY_TRY(const core::Bytes bytes, read_file(options.file));
        return hash(bytes);
    }
    return hash(core::as_bytes(options.text));
}

namespace {

core::Hash32 keccak(core::ByteView bytes) {
    return core::crypto::keccak256(bytes);
}

Result<solana::RuleChoice> choose(const MessageOptions& options,
                                  const solana::WalletSnapshot& wallet,
                                  const std::vector<Key>& keys) {
    const auto available = entries_of(keys);
    if (!options.rule.empty()) {
        LATCHKEY_TRY(const solana::RuleReference rule, parse_rule_reference(options.rule));
        return solana::choose_approvers(wallet, rule, available, true);
    }
    auto choice = solana::choose_rule(wallet, core::kActionMessage, available, true);
    if (!choice) {
        return fail(ErrorCode::kNoUsableRule,
                    "the keys given satisfy no rule that vouches for messages");
    }
    return choice;
}

}  // namespace

Result<Report> sign_message(Context& context, const MessageOptions& options) {
    if (!context.is_on_solana()) {
        return on_evm::sign_message(context, options);
    }
    LATCHKEY_TRY(const core::Hash32 hash, message_hash(options, keccak));
    LATCHKEY_TRY(const WalletFile file, context.wallet(options.wallet));
    LATCHKEY_TRY(const auto keys,
                 load_keys(options.keys.empty() ? context.config().keys : options.keys));
    LATCHKEY_TRY(Chain* const chain, context.chain_of(file.wallet));
    LATCHKEY_TRY(const auto wallet, chain->run(solana::fetch_wallet(chain->rpc(), file.wallet)));
    LATCHKEY_TRY(const solana::RuleChoice choice, choose(options, wallet, keys));
    solana::MessageApproval approval;
    approval.rule = choice.rule;
    approval.uses_genesis = !wallet.state().has_value();
    if (!options.valid_for.empty()) {
        LATCHKEY_TRY(const std::uint64_t seconds, parse_duration(options.valid_for));
        LATCHKEY_TRY(const std::uint64_t now, chain->believed_time());
        approval.deadline = now + seconds;
    }
    LATCHKEY_TRY(const auto plan, solana::plan_message(wallet, hash, approval));
    const core::ApprovalHash digest = core::approval_hash_of(plan.leaf);
    for (const solana::SignerRequest& request : solana::signer_requests(plan, digest)) {
        const bool is_chosen =
            std::any_of(choice.approvers.begin(), choice.approvers.end(),
                        [&](const auto& one) { return one.signer == request.signer; });
        const auto key = std::find_if(keys.begin(), keys.end(), [&](const Key& one) {
            return solana::is_same_key(one.entry(), request.entry);
        });
        if (is_chosen && key != keys.end()) {
            LATCHKEY_TRY(core::Evidence evidence, key->signer->approve(digest));
            approval.approvals.push_back({request.signer, std::move(evidence)});
        }
    }
    LATCHKEY_CHECK(write_json_file(options.approval_file,
                                   encode_message_approval(file.wallet, hash, approval),
                                   options.replaces_files));
    Report report;
    report.fields = {{"approval", options.approval_file},
                     {"hash", core::encode_hex(hash.view())},
                     {"address", solana::to_base58(file.wallet.vault())}};
    report.lines = {"the wallet vouches for " + core::encode_hex(hash.view()),
                    "wrote " + options.approval_file};
    return report;
}

Result<Report> verify_message(Context& context, const MessageOptions& options) {
    LATCHKEY_TRY(const core::Hash32 hash, message_hash(options, keccak));
    LATCHKEY_TRY(const json::object value, read_json_file(options.approval_file));
    if (on_evm::is_message(value)) {
        return on_evm::verify_message(context, options, value);
    }
    LATCHKEY_TRY(const SignedMessage message,
                 decode_message_approval(value, options.approval_file));
    if (message.hash != hash) {
        return fail(ErrorCode::kInvalidSignature,
                    options.approval_file + " vouches for another message");
    }
    LATCHKEY_TRY(Chain* const chain, context.chain_of(message.wallet));
    LATCHKEY_TRY(const auto wallet, chain->run(solana::fetch_wallet(chain->rpc(), message.wallet)));
    LATCHKEY_TRY(const std::uint64_t now, chain->run(solana::fetch_time(chain->rpc())));
    LATCHKEY_CHECK(solana::verify_message(wallet, hash, message.approval, now));
    Report report;
    const std::string address = solana::to_base58(message.wallet.vault());
    report.fields = {{"valid", true}, {"address", address}};
    report.lines = {context.output().paint(Style::kGood, "valid") + ": " + address +
                    " vouches for this message"};
    return report;
}

}  // namespace latchkey::cli
