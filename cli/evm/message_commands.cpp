// SPDX-License-Identifier: Apache-2.0
#include "cli/evm/message_commands.hpp"

#include "chains/evm/client/abi.hpp"
#include "chains/evm/wallet/long_form.hpp"
#include "chains/evm/wallet/messages.hpp"
#include "chains/evm/wallet/model.hpp"
#include "chains/evm/wallet/release.hpp"
#include "chains/evm/wallet/undeployed.hpp"
#include "cli/files.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::cli::on_evm {

using core::ErrorCode;
using core::fail;
namespace abi = evm::abi;

namespace {

constexpr std::string_view kFormat = "latchkey message on an EVM chain 1";

Result<wallet::RuleChoice> choose(const MessageOptions& options,
                                  const wallet::WalletSnapshot& wallet,
                                  const std::vector<Key>& keys) {
    const auto available = entries_of(keys);
    if (!options.rule.empty()) {
        LATCHKEY_TRY(const solana::RuleReference rule, parse_rule_reference(options.rule));
        return wallet::choose_approvers(wallet, {rule.is_local, rule.index, {}}, available);
    }
    auto choice = wallet::choose_rule(wallet, core::kActionMessage, available);
    if (!choice) {
        return fail(
            ErrorCode::kNoUsableRule,
            "the keys given satisfy no rule that vouches for messages: " + choice.error().context);
    }
    return choice;
}

Result<wallet::MessageSignature> sign(const wallet::WalletSnapshot& now,
                                      const wallet::RuleChoice& choice, const core::Hash32& hash,
                                      const std::vector<Key>& keys) {
    wallet::MessageSignature out;
    LATCHKEY_TRY(out.authority, wallet::authority_of(now, choice.rule));
    LATCHKEY_TRY(const core::Hash32 parent, wallet::parent_of(out.authority, now.wallet.id()));
    LATCHKEY_TRY(const core::Leaf leaf,
                 wallet::leaf_of(wallet::MessageLeaf{{now.wallet.chain(), now.wallet.address(),
                                                      parent, wallet::rule_name(out.authority)},
                                                     hash}));
    LATCHKEY_TRY(const wallet::ResolvedRule rule, wallet::resolve(now, choice.rule));
    LATCHKEY_TRY(const auto approvals,
                 on_evm::collect_approvals(rule.signers, choice.approvers,
                                           core::approval_hash_of(leaf), keys));
    for (const core::CollectedApproval& one : approvals) {
        LATCHKEY_TRY(wallet::Approval approval,
                     wallet::approval_of(rule.signers.at(one.signer), one.evidence));
        out.approvals.approvers =
            static_cast<std::uint16_t>(out.approvals.approvers | (1U << one.signer));
        out.approvals.evidence.push_back(std::move(approval));
    }
    return out;
}

/// As applications take it.
Result<core::Bytes> encode(const wallet::WalletSnapshot& now,
                           const wallet::MessageSignature& signature) {
    LATCHKEY_TRY(core::Bytes bytes, wallet::encode_signature(signature));
    if (now.is_made) {
        return bytes;
    }
    return wallet::wrap_signature(
        {now.wallet.deployment().factory, now.wallet.id(), std::move(bytes)});
}

/// What `message sign` has written.
struct SignedMessage {
    core::Bytes genesis;
    core::Hash32 program;
    std::uint64_t chain = 0;
    core::Hash32 hash;
    core::Bytes signature;
};

Result<SignedMessage> decode_message(const json::object& value, const std::string& path) {
    SignedMessage out;
    LATCHKEY_TRY(out.genesis, hex_member(value, "genesis", path));
    LATCHKEY_TRY(const core::Bytes program, hex_member(value, "program", path));
    LATCHKEY_TRY(out.program, core::Hash32::from(core::ByteView(program)));
    LATCHKEY_TRY(out.chain, number_member(value, "chain_id", path));
    LATCHKEY_TRY(const core::Bytes hash, hex_member(value, "hash", path));
    LATCHKEY_TRY(out.hash, core::Hash32::from(core::ByteView(hash)));
    LATCHKEY_TRY(const std::string signature, text_member(value, "signature", path));
    LATCHKEY_TRY(out.signature, core::decode_hex_prefixed(signature));
    return out;
}

/// isValidSignature(bytes32,bytes) answers its own selector.
Result<void> ask_contract(Node& node, const evm::Address& address, const core::Hash32& hash,
                          core::Bytes signature) {
    LATCHKEY_TRY(const auto function, abi::parse_signature("isValidSignature(bytes32,bytes)"));
    LATCHKEY_TRY(core::Bytes data,
                 abi::encode_call(function, abi::Values{core::to_bytes(hash), signature}));
    LATCHKEY_TRY(const core::Bytes answer, node.simulate({}, {address, {}, std::move(data)}));
    core::Bytes expected = core::to_bytes(function.selector);
    expected.resize(core::Hash32::size());
    return answer == expected ? Result<void>() : fail(ErrorCode::kInvalidSignature);
}

/// What the contract would say if it were there.
Result<void> ask_genesis(const wallet::WalletHandle& handle, const core::Hash32& hash,
                         core::ByteView signature) {
    LATCHKEY_TRY(const auto decoded, wallet::decode_message_signature(signature));
    LATCHKEY_TRY(const auto world,
                 wallet::model::make_world(handle.deployment(), handle.chain(), handle.genesis()));
    const core::Verdict verdict = wallet::model::judge_message(world, decoded, hash, {});
    return verdict == core::Verdict::kAccepted
               ? Result<void>()
               : Result<void>(tl::unexpected(core::to_error(verdict)));
}

}  // namespace

Result<Report> sign_message(Context& context, const MessageOptions& options) {
    if (!options.valid_for.empty()) {
        return fail(ErrorCode::kCommandInput,
                    "ERC-1271 has no deadline; leave --valid-for out: a change of the "
                    "configuration ends what was vouched for");
    }
    LATCHKEY_TRY(const core::Hash32 hash, message_hash(options, wallet::personal_message_hash));
    LATCHKEY_TRY(const auto keys,
                 load_keys(options.keys.empty() ? context.config().keys : options.keys));
    LATCHKEY_TRY(const OpenWallet open, open_wallet(context, options.wallet));
    const wallet::WalletSnapshot& now = open.snapshot;
    LATCHKEY_TRY(const wallet::RuleChoice choice, choose(options, now, keys));
    LATCHKEY_TRY(const wallet::MessageSignature signature, sign(now, choice, hash, keys));
    LATCHKEY_TRY(const core::Bytes bytes, encode(now, signature));
    const std::string address = evm::to_string(now.wallet.address());
    const json::object value{{"format", kFormat},
                             {"address", address},
                             {"chain_id", now.wallet.chain()},
                             {"hash", core::encode_hex(hash.view())},
                             {"signature", core::encode_hex_prefixed(bytes)},
                             {"program", core::encode_hex(now.wallet.deployment().program.view())},
                             {"genesis", core::encode_hex(now.wallet.genesis())}};
    LATCHKEY_CHECK(write_json_file(options.approval_file, value, options.replaces_files));
    Report report;
    report.fields = {{"approval", options.approval_file},
                     {"hash", core::encode_hex(hash.view())},
                     {"address", address},
                     {"signature", core::encode_hex_prefixed(bytes)}};
    report.lines = {"the wallet vouches for " + core::encode_hex_prefixed(hash),
                    "wrote " + options.approval_file +
                        (now.is_made ? ""
                                     : "; the signature says how to make the contract "
                                       "(ERC-6492), which is not there yet")};
    return report;
}

bool is_message(const json::object& value) {
    const json::value* const format = value.if_contains("format");
    return format != nullptr && format->is_string() && format->as_string() == kFormat;
}

Result<Report> verify_message(Context& context, const MessageOptions& options,
                              const json::object& value) {
    LATCHKEY_TRY(const core::Hash32 hash, message_hash(options, wallet::personal_message_hash));
    LATCHKEY_TRY(const SignedMessage message, decode_message(value, options.approval_file));
    if (message.hash != hash) {
        return fail(ErrorCode::kInvalidSignature,
                    options.approval_file + " vouches for another message");
    }
    LATCHKEY_TRY(const wallet::WalletHandle handle,
                 wallet::WalletHandle::from_genesis(
                     message.genesis, wallet::released_deployment(message.program), message.chain));
    LATCHKEY_TRY(Node* const node, context.node(std::to_string(message.chain)));
    core::Bytes signature = message.signature;
    if (wallet::is_wrapped(signature)) {
        LATCHKEY_TRY(const auto inner, wallet::unwrap_signature(signature));
        signature = inner.signature;
    }
    LATCHKEY_TRY(const core::Bytes code, node->run(node->rpc().get_code(handle.address())));
    LATCHKEY_CHECK(code.empty() ? ask_genesis(handle, hash, signature)
                                : ask_contract(*node, handle.address(), hash, signature));
    const std::string address = evm::to_string(handle.address());
    Report report;
    report.fields = {{"valid", true}, {"chain", node->chain().name}, {"address", address}};
    report.lines = {context.output().paint(Style::kGood, "valid") + ": " + address + " on " +
                    node->chain().name + " vouches for this message"};
    return report;
}

}  // namespace latchkey::cli::on_evm
