// SPDX-License-Identifier: Apache-2.0
#include "cli/action_file.hpp"

#include "chains/solana/client/waiting.hpp"
#include "chains/solana/layout/state.hpp"
#include "cli/files.hpp"
#include "cli/text.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;
namespace json = boost::json;

namespace {

constexpr std::string_view kRequestFormat = "latchkey request 1";
constexpr std::string_view kAnswersFormat = "latchkey approvals 2";
constexpr std::string_view kMessageFormat = "latchkey message approval 1";

std::string hex(core::ByteView bytes) {
    return core::encode_hex(bytes);
}

template <typename Fixed>
Result<Fixed> fixed_member(const json::object& object, std::string_view name,
                           const std::string& what) {
    LATCHKEY_TRY(const core::Bytes bytes, hex_member(object, name, what));
    auto out = Fixed::from(core::ByteView(bytes));
    if (!out) {
        return fail(what + ": \"" + std::string(name) + "\"", out.error());
    }
    return out;
}

Result<json::object> object_member(const json::object& object, std::string_view name,
                                   const std::string& what) {
    const json::value* const found = object.if_contains(name);
    if (found == nullptr || !found->is_object()) {
        return fail(ErrorCode::kCommandInput,
                    what + ": \"" + std::string(name) + "\" must be an object");
    }
    return found->as_object();
}

Result<std::uint64_t> small_member(const json::object& object, std::string_view name,
                                   std::uint64_t max, const std::string& what) {
    LATCHKEY_TRY(const std::uint64_t value, number_member(object, name, what));
    if (value > max) {
        return fail(ErrorCode::kCommandInput,
                    what + ": \"" + std::string(name) + "\" is at most " + std::to_string(max));
    }
    return value;
}

Result<solana::Address> address_member(const json::object& object, std::string_view name,
                                       const std::string& what) {
    LATCHKEY_TRY(const std::string text, text_member(object, name, what));
    return parse_address_argument(text, what + ": \"" + std::string(name) + "\"");
}

bool flag(const json::object& object, std::string_view name) {
    const json::value* const found = object.if_contains(name);
    return found != nullptr && found->is_bool() && found->as_bool();
}

Result<void> check_format(const json::object& value, std::string_view format,
                          const std::string& what) {
    LATCHKEY_TRY(const std::string text, text_member(value, "format", what));
    if (text != format) {
        return fail(ErrorCode::kCommandInput,
                    what + " is not a file of the format \"" + std::string(format) + "\"");
    }
    return {};
}

json::object encode_rule(const solana::RuleReference& rule) {
    json::object out{{"local", rule.is_local}, {"index", rule.index}};
    if (rule.recovery_part) {
        out["recovery_part"] = hex(*rule.recovery_part);
    }
    return out;
}

Result<solana::RuleReference> decode_rule(const json::object& value, const std::string& what) {
    LATCHKEY_TRY(const json::object rule, object_member(value, "rule", what));
    LATCHKEY_TRY(const std::uint64_t index, small_member(rule, "index", 15, what));
    solana::RuleReference out{flag(rule, "local"), static_cast<std::uint8_t>(index)};
    if (rule.contains("recovery_part")) {
        LATCHKEY_TRY(out.recovery_part, hex_member(rule, "recovery_part", what));
    }
    return out;
}

/// The epoch that an approval names; absent: as the state in the same file has it.
void encode_epoch(const std::optional<std::uint32_t>& epoch, json::object& out) {
    if (epoch) {
        out["epoch"] = *epoch;
    }
}

Result<std::optional<std::uint32_t>> decode_epoch(const json::object& value,
                                                  const std::string& what) {
    if (!value.contains("epoch")) {
        return std::nullopt;
    }
    LATCHKEY_TRY(const std::uint64_t epoch, small_member(value, "epoch", UINT32_MAX, what));
    return static_cast<std::uint32_t>(epoch);
}

json::object encode_nonce(const solana::NonceChoice& nonce) {
    if (const auto* lane = std::get_if<solana::UseLane>(&nonce)) {
        return {{"kind", "lane"},
                {"lane", solana::to_base58(lane->lane)},
                {"operator", solana::to_base58(lane->operator_address)},
                {"window", lane->window},
                {"bit", lane->bit},
                {"sixteenth", lane->sixteenth}};
    }
    if (const auto* state = std::get_if<solana::UseStateNonce>(&nonce)) {
        return {{"kind", "state"}, {"key", state->key}, {"sequence", state->sequence}};
    }
    return {{"kind", "transaction"}};
}

Result<solana::NonceChoice> decode_nonce(const json::object& action, const std::string& what) {
    LATCHKEY_TRY(const json::object value, object_member(action, "nonce", what));
    LATCHKEY_TRY(const std::string kind, text_member(value, "kind", what));
    if (kind == "transaction") {
        return solana::NonceChoice(solana::UseTransaction{});
    }
    if (kind == "state") {
        solana::UseStateNonce out;
        LATCHKEY_TRY(const std::uint64_t key, small_member(value, "key", 3, what));
        out.key = static_cast<std::uint8_t>(key);
        LATCHKEY_TRY(out.sequence, number_member(value, "sequence", what));
        return solana::NonceChoice(out);
    }
    if (kind != "lane") {
        return fail(ErrorCode::kCommandInput, what + ": a nonce is transaction, lane or state");
    }
    solana::UseLane out;
    LATCHKEY_TRY(out.lane, address_member(value, "lane", what));
    LATCHKEY_TRY(out.operator_address, address_member(value, "operator", what));
    LATCHKEY_TRY(out.window, number_member(value, "window", what));
    LATCHKEY_TRY(const std::uint64_t bit, small_member(value, "bit", 2047, what));
    LATCHKEY_TRY(const std::uint64_t sixteenth, small_member(value, "sixteenth", 15, what));
    out.bit = static_cast<std::uint16_t>(bit);
    out.sixteenth = static_cast<std::uint8_t>(sixteenth);
    return solana::NonceChoice(out);
}

struct BodyEncoder {
    Result<json::object> operator()(const solana::ExecuteAction& body) const {
        json::array calls;
        for (const solana::Instruction& call : body.calls) {
            calls.emplace_back(encode_call(call));
        }
        return json::object{
            {"kind", "execute"}, {"rule", encode_rule(body.rule)}, {"calls", std::move(calls)}};
    }
    Result<json::object> operator()(const solana::GrantAction& body) const {
        LATCHKEY_TRY(const core::Bytes rule, core::to_result(core::encode(body.local_rule)));
        return json::object{
            {"kind", "grant"}, {"rule", encode_rule(body.rule)}, {"local_rule", hex(rule)}};
    }
    Result<json::object> operator()(const solana::RevokeAction& body) const {
        return json::object{{"kind", "revoke"},
                            {"rule", encode_rule(body.rule)},
                            {"local_rule_id", hex(body.local_rule_id.view())}};
    }
    Result<json::object> operator()(const solana::PolicyAction& body) const {
        LATCHKEY_TRY(const core::Bytes shared, core::to_result(core::encode(body.next)));
        json::object out{
            {"kind", "policy"}, {"rule", encode_rule(body.rule)}, {"shared", hex(shared)}};
        encode_epoch(body.epoch, out);
        return out;
    }
    Result<json::object> operator()(const solana::MessageAction& body) const {
        return json::object{{"kind", "message"},
                            {"rule", encode_rule(body.rule)},
                            {"hash", hex(body.message_hash.view())}};
    }
    Result<json::object> operator()(const solana::CancelAction& body) const {
        json::object out{
            {"kind", "cancel"}, {"rule", encode_rule(body.rule)}, {"target", body.target}};
        encode_epoch(body.epoch, out);
        return out;
    }
    Result<json::object> operator()(const solana::FreezeAction& body) const {
        json::object out{{"kind", "freeze"}, {"rule", encode_rule(body.rule)}, {"lift", body.lift}};
        encode_epoch(body.epoch, out);
        return out;
    }
    Result<json::object> operator()(const solana::RecoverAction& body) const {
        json::object out{{"kind", "recover"},
                         {"rule", encode_rule(body.rule)},
                         {"signers", hex(core::encode_unchecked(body.signers))}};
        encode_epoch(body.epoch, out);
        return out;
    }
    Result<json::object> operator()(const solana::UpgradeAction& body) const {
        return json::object{{"kind", "upgrade"},
                            {"rule", encode_rule(body.rule)},
                            {"program", solana::to_base58(body.program)},
                            {"buffer", solana::to_base58(body.buffer)},
                            {"spill", solana::to_base58(body.spill)},
                            {"code_hash", hex(body.code_hash.view())}};
    }
};

Result<solana::ActionBody> decode_execute(const json::object& value,
                                          const solana::RuleReference& rule,
                                          const std::string& what) {
    solana::ExecuteAction out;
    out.rule = rule;
    LATCHKEY_TRY(const json::array calls, array_member(value, "calls", what));
    for (const json::value& one : calls) {
        if (!one.is_object()) {
            return fail(ErrorCode::kCommandInput, what + ": a call must be an object");
        }
        LATCHKEY_TRY(solana::Instruction call, decode_call(one.as_object(), what));
        out.calls.push_back(std::move(call));
    }
    return solana::ActionBody(std::move(out));
}

/// Cancel, freeze and recover.
Result<solana::ActionBody> decode_change(const json::object& value, const std::string& kind,
                                         const solana::RuleReference& rule,
                                         const std::string& what) {
    LATCHKEY_TRY(const auto epoch, decode_epoch(value, what));
    if (kind == "cancel") {
        LATCHKEY_TRY(const std::uint64_t target, small_member(value, "target", 0xff, what));
        return solana::ActionBody(
            solana::CancelAction{rule, static_cast<std::uint8_t>(target), epoch});
    }
    if (kind == "freeze") {
        return solana::ActionBody(solana::FreezeAction{rule, flag(value, "lift"), epoch});
    }
    LATCHKEY_TRY(const core::Bytes bytes, hex_member(value, "signers", what));
    LATCHKEY_TRY(auto signers,
                 solana::recovered_signers(rule.recovery_part.value_or(core::Bytes()), bytes));
    return solana::ActionBody(solana::RecoverAction{rule, std::move(signers), epoch});
}

Result<solana::ActionBody> decode_upgrade(const json::object& value,
                                          const solana::RuleReference& rule,
                                          const std::string& what) {
    solana::UpgradeAction out;
    out.rule = rule;
    LATCHKEY_TRY(out.program, address_member(value, "program", what));
    LATCHKEY_TRY(out.buffer, address_member(value, "buffer", what));
    LATCHKEY_TRY(out.spill, address_member(value, "spill", what));
    LATCHKEY_TRY(out.code_hash, fixed_member<core::Hash32>(value, "code_hash", what));
    return solana::ActionBody(std::move(out));
}

Result<solana::ActionBody> decode_body(const json::object& value, const std::string& what) {
    LATCHKEY_TRY(const std::string kind, text_member(value, "kind", what));
    LATCHKEY_TRY(const solana::RuleReference rule, decode_rule(value, what));
    if (kind == "execute") {
        return decode_execute(value, rule, what);
    }
    if (kind == "grant") {
        LATCHKEY_TRY(const core::Bytes bytes, hex_member(value, "local_rule", what));
        LATCHKEY_TRY(auto session, core::to_result(core::decode_local_rule(bytes)));
        return solana::ActionBody(solana::GrantAction{rule, std::move(session)});
    }
    if (kind == "revoke") {
        LATCHKEY_TRY(const auto id, fixed_member<core::LocalRuleId>(value, "local_rule_id", what));
        return solana::ActionBody(solana::RevokeAction{rule, id});
    }
    if (kind == "policy") {
        LATCHKEY_TRY(const core::Bytes bytes, hex_member(value, "shared", what));
        LATCHKEY_TRY(auto next, core::to_result(core::decode_shared(bytes)));
        LATCHKEY_TRY(const auto epoch, decode_epoch(value, what));
        return solana::ActionBody(solana::PolicyAction{rule, std::move(next), epoch});
    }
    if (kind == "cancel" || kind == "freeze" || kind == "recover") {
        return decode_change(value, kind, rule, what);
    }
    if (kind == "upgrade") {
        return decode_upgrade(value, rule, what);
    }
    if (kind == "message") {
        LATCHKEY_TRY(const auto hash, fixed_member<core::Hash32>(value, "hash", what));
        return solana::ActionBody(solana::MessageAction{rule, hash});
    }
    return fail(ErrorCode::kCommandInput, what + ": there is no action \"" + kind + "\"");
}

json::object encode_wallet(const solana::WalletHandle& wallet) {
    return {{"program", solana::to_base58(wallet.deployment().program)},
            {"cluster", hex(wallet.deployment().cluster.view())},
            {"genesis", hex(wallet.genesis())}};
}

Result<solana::WalletHandle> decode_wallet(const json::object& value, const std::string& what) {
    LATCHKEY_TRY(const json::object wallet, object_member(value, "wallet", what));
    solana::Deployment deployment;
    LATCHKEY_TRY(deployment.program, address_member(wallet, "program", what));
    LATCHKEY_TRY(deployment.cluster, fixed_member<core::Hash32>(wallet, "cluster", what));
    LATCHKEY_TRY(const core::Bytes genesis, hex_member(wallet, "genesis", what));
    return solana::WalletHandle::from_genesis(genesis, deployment);
}

struct EvidenceEncoder {
    json::object operator()(const core::crypto::Ed25519Signature& signature) const {
        return {{"ed25519", hex(signature.view())}};
    }
    json::object operator()(const core::crypto::P256Signature& signature) const {
        return {{"p256", hex(signature.view())}};
    }
    json::object operator()(const core::crypto::RecoverableSignature& signature) const {
        return {{"secp256k1", hex(signature.signature.view())},
                {"recovery_id", signature.recovery_id}};
    }
    json::object operator()(const core::webauthn::Assertion& assertion) const {
        return {{"webauthn", hex(assertion.signature.view())},
                {"authenticator_data", hex(assertion.authenticator_data)},
                {"client_data_json", assertion.client_data_json}};
    }
};

json::array encode_approvals(const std::vector<solana::CollectedApproval>& approvals) {
    json::array out;
    for (const solana::CollectedApproval& one : approvals) {
        json::object value = std::visit(EvidenceEncoder{}, one.evidence);
        value["signer"] = one.signer;
        out.emplace_back(std::move(value));
    }
    return out;
}

json::object encode_tree(const core::TreeProof& tree) {
    json::array siblings;
    for (const core::Hash32& sibling : tree.siblings) {
        siblings.emplace_back(hex(sibling.view()));
    }
    return {{"height", tree.height}, {"index", tree.leaf_index}, {"siblings", std::move(siblings)}};
}

/// Whether it is the proof of anything, assembling finds out.
Result<core::TreeProof> decode_tree(const json::object& value, const std::string& what) {
    const std::string where = what + ": \"tree\"";
    const json::object* const tree = value.at("tree").if_object();
    if (tree == nullptr) {
        return fail(ErrorCode::kCommandInput, where + " must be an object");
    }
    core::TreeProof out;
    LATCHKEY_TRY(const std::uint64_t height, small_member(*tree, "height", 8, where));
    LATCHKEY_TRY(const std::uint64_t index, small_member(*tree, "index", 255, where));
    out.height = static_cast<std::uint8_t>(height);
    out.leaf_index = static_cast<std::uint8_t>(index);
    LATCHKEY_TRY(const json::array siblings, array_member(*tree, "siblings", where));
    for (const json::value& one : siblings) {
        const std::string text = one.is_string() ? std::string(one.as_string()) : "";
        LATCHKEY_TRY(const core::Hash32 sibling, core::decode_hex_as<core::Hash32>(text));
        out.siblings.push_back(sibling);
    }
    return out;
}

Result<core::Evidence> decode_evidence(const json::object& value, const std::string& what) {
    if (value.contains("ed25519")) {
        LATCHKEY_TRY(const auto signature,
                     fixed_member<core::crypto::Ed25519Signature>(value, "ed25519", what));
        return core::Evidence(signature);
    }
    if (value.contains("p256")) {
        LATCHKEY_TRY(const auto signature,
                     fixed_member<core::crypto::P256Signature>(value, "p256", what));
        return core::Evidence(signature);
    }
    if (value.contains("secp256k1")) {
        core::crypto::RecoverableSignature out;
        LATCHKEY_TRY(out.signature,
                     fixed_member<core::crypto::Secp256k1Signature>(value, "secp256k1", what));
        LATCHKEY_TRY(const std::uint64_t id, small_member(value, "recovery_id", 3, what));
        out.recovery_id = static_cast<std::uint8_t>(id);
        return core::Evidence(out);
    }
    core::webauthn::Assertion out;
    LATCHKEY_TRY(out.signature, fixed_member<core::crypto::P256Signature>(value, "webauthn", what));
    LATCHKEY_TRY(out.authenticator_data, hex_member(value, "authenticator_data", what));
    LATCHKEY_TRY(out.client_data_json, text_member(value, "client_data_json", what));
    return core::Evidence(std::move(out));
}

Result<std::vector<solana::CollectedApproval>> decode_approvals(const json::object& value,
                                                                const std::string& what) {
    std::vector<solana::CollectedApproval> out;
    LATCHKEY_TRY(const json::array list, array_member(value, "approvals", what));
    for (const json::value& one : list) {
        if (!one.is_object()) {
            return fail(ErrorCode::kCommandInput, what + ": an approval must be an object");
        }
        LATCHKEY_TRY(const std::uint64_t signer, small_member(one.as_object(), "signer", 15, what));
        LATCHKEY_TRY(core::Evidence evidence, decode_evidence(one.as_object(), what));
        out.push_back({static_cast<std::uint8_t>(signer), std::move(evidence)});
    }
    return out;
}

Result<std::optional<std::uint64_t>> decode_deadline(const json::object& value,
                                                     const std::string& what) {
    const json::value* const deadline = value.if_contains("deadline");
    if (deadline == nullptr || deadline->is_null()) {
        return std::nullopt;
    }
    LATCHKEY_TRY(const std::uint64_t seconds, number_member(value, "deadline", what));
    return seconds;
}

json::value encode_deadline(const std::optional<std::uint64_t>& deadline) {
    return deadline ? json::value(*deadline) : json::value(nullptr);
}

}  // namespace

json::object encode_call(const solana::Instruction& call) {
    json::array accounts;
    for (const solana::AccountMeta& meta : call.accounts) {
        accounts.emplace_back(json::object{{"address", solana::to_base58(meta.address)},
                                           {"writable", meta.is_writable},
                                           {"signer", meta.is_signer}});
    }
    return {{"program", solana::to_base58(call.program)},
            {"accounts", std::move(accounts)},
            {"data", hex(call.data)}};
}

Result<solana::Instruction> decode_call(const json::object& value, const std::string& what) {
    solana::Instruction out;
    LATCHKEY_TRY(out.program, address_member(value, "program", what));
    LATCHKEY_TRY(out.data, hex_member(value, "data", what));
    LATCHKEY_TRY(const json::array accounts, array_member(value, "accounts", what));
    for (const json::value& one : accounts) {
        if (!one.is_object()) {
            return fail(ErrorCode::kCommandInput, what + ": an account must be an object");
        }
        const json::object& account = one.as_object();
        LATCHKEY_TRY(const solana::Address address, address_member(account, "address", what));
        out.accounts.push_back({address, flag(account, "signer"), flag(account, "writable")});
    }
    return out;
}

namespace {

/// A node or whoever passes the request on could show another present configuration, whose signers
/// a change would then take over.
Result<void> check_origin(const solana::WalletSnapshot& wallet, const solana::Action& action,
                          const std::optional<solana::ConfigurationOrigin>& origin) {
    const bool needs_one =
        std::holds_alternative<solana::PolicyAction>(action.body) && wallet.sequence() != 0;
    const bool is_proved = origin && solana::config_id_of(wallet.wallet(), *origin,
                                                          wallet.shared()) == wallet.config_id();
    if (needs_one && !is_proved) {
        return fail(ErrorCode::kCommandInput,
                    "the request does not prove what the wallet's present configuration is; do not "
                    "sign it");
    }
    return {};
}

json::value encode_origin(const std::optional<solana::ConfigurationOrigin>& origin) {
    if (!origin) {
        return nullptr;
    }
    json::object out{{"parent", hex(origin->parent.view())}};
    if (origin->recovery) {
        out["recovery"] = hex(origin->recovery->bytes().view());
        out["rule"] = origin->rule;
        out["epoch"] = origin->epoch;
    }
    return out;
}

Result<std::optional<solana::ConfigurationOrigin>> decode_origin(const json::object& value,
                                                                 const std::string& what) {
    const json::value* const member = value.if_contains("origin");
    if (member == nullptr || member->is_null()) {
        return std::nullopt;
    }
    LATCHKEY_TRY(const json::object fields, object_member(value, "origin", what));
    solana::ConfigurationOrigin out;
    LATCHKEY_TRY(out.parent, fixed_member<core::ConfigId>(fields, "parent", what));
    if (fields.contains("recovery")) {
        LATCHKEY_TRY(const auto commitment, fixed_member<core::Hash32>(fields, "recovery", what));
        out.recovery = core::RecoveryCommitment::from(commitment);
        LATCHKEY_TRY(const std::uint64_t rule, number_member(fields, "rule", what));
        LATCHKEY_TRY(const std::uint64_t epoch, number_member(fields, "epoch", what));
        if (rule > UINT8_MAX || epoch > UINT32_MAX) {
            return fail(ErrorCode::kCommandInput, what + ": a number of the origin is too large");
        }
        out.rule = static_cast<std::uint8_t>(rule);
        out.epoch = static_cast<std::uint32_t>(epoch);
    }
    return out;
}

}  // namespace

Result<ApprovalRequest> make_request(const solana::WalletSnapshot& wallet,
                                     const solana::Action& action, core::Names names,
                                     std::optional<solana::ConfigurationOrigin> origin) {
    LATCHKEY_CHECK(check_origin(wallet, action, origin));
    LATCHKEY_TRY(solana::ActionPlan plan, solana::plan_action(wallet, action));
    return ApprovalRequest{wallet, action, std::move(plan), std::move(names), std::move(origin)};
}

json::object encode_request(const ApprovalRequest& request,
                            const std::vector<std::string>& description) {
    json::array lines(description.begin(), description.end());
    const auto& named = request.names.relying_parties;
    json::array parties(named.begin(), named.end());
    json::value state(nullptr);
    if (request.wallet.state()) {
        const auto data = solana::encode_state(*request.wallet.state());
        state = json::value(data ? hex(*data) : "");
    }
    // The body was planned, so it encodes.
    json::object action = std::visit(BodyEncoder{}, request.action.body).value_or(json::object());
    action["nonce"] = encode_nonce(request.action.nonce);
    action["deadline"] = encode_deadline(request.action.deadline);
    return {{"format", kRequestFormat},
            {"description", std::move(lines)},
            {"digest", hex(request.digest().view())},
            {"wallet", encode_wallet(request.wallet.wallet())},
            {"state", std::move(state)},
            {"origin", encode_origin(request.origin)},
            {"relying_parties", std::move(parties)},
            {"action", std::move(action)}};
}

Result<ApprovalRequest> decode_request(const json::object& value, const std::string& what) {
    LATCHKEY_CHECK(check_format(value, kRequestFormat, what));
    LATCHKEY_TRY(solana::WalletHandle handle, decode_wallet(value, what));
    LATCHKEY_TRY(const auto digest, fixed_member<core::Digest>(value, "digest", what));
    solana::WalletSnapshot wallet = solana::WalletSnapshot::in_genesis(handle);
    const json::value* const state = value.if_contains("state");
    if (state != nullptr && !state->is_null()) {
        LATCHKEY_TRY(const core::Bytes data, hex_member(value, "state", what));
        LATCHKEY_TRY(wallet, solana::WalletSnapshot::from_state(std::move(handle), data));
    }
    LATCHKEY_TRY(const json::object fields, object_member(value, "action", what));
    LATCHKEY_TRY(solana::ActionBody body, decode_body(fields, what));
    LATCHKEY_TRY(const solana::NonceChoice nonce, decode_nonce(fields, what));
    LATCHKEY_TRY(const auto deadline, decode_deadline(fields, what));
    core::Names names;
    LATCHKEY_TRY(const json::array parties, array_member(value, "relying_parties", what));
    for (const json::value& one : parties) {
        if (one.is_string()) {
            names.relying_parties.emplace_back(one.as_string());
        }
    }
    LATCHKEY_TRY(auto origin, decode_origin(value, what));
    LATCHKEY_TRY(ApprovalRequest out,
                 make_request(wallet, solana::Action{std::move(body), nonce, deadline},
                              std::move(names), std::move(origin)));
    if (out.digest() != digest) {
        return fail(ErrorCode::kCommandInput,
                    what + " asks to sign something else than it describes; do not sign it");
    }
    return out;
}

json::object encode_answers(const std::vector<ApprovalAnswers>& answers) {
    json::array requests;
    for (const ApprovalAnswers& one : answers) {
        json::object request{{"digest", hex(one.digest.view())},
                             {"approvals", encode_approvals(one.approvals)}};
        if (one.tree) {
            request["tree"] = encode_tree(*one.tree);
        }
        requests.emplace_back(std::move(request));
    }
    return {{"format", kAnswersFormat}, {"requests", std::move(requests)}};
}

Result<std::vector<ApprovalAnswers>> decode_answers(const json::object& value,
                                                    const std::string& what) {
    LATCHKEY_CHECK(check_format(value, kAnswersFormat, what));
    LATCHKEY_TRY(const json::array requests, array_member(value, "requests", what));
    std::vector<ApprovalAnswers> out;
    for (const json::value& one : requests) {
        const json::object* const request = one.if_object();
        if (request == nullptr) {
            return fail(ErrorCode::kCommandInput, what + ": \"requests\" must hold objects");
        }
        ApprovalAnswers answers;
        LATCHKEY_TRY(answers.digest, fixed_member<core::Digest>(*request, "digest", what));
        LATCHKEY_TRY(answers.approvals, decode_approvals(*request, what));
        if (request->contains("tree")) {
            LATCHKEY_TRY(answers.tree, decode_tree(*request, what));
        }
        out.push_back(std::move(answers));
    }
    if (out.empty()) {
        return fail(ErrorCode::kCommandInput, what + " answers no request");
    }
    return out;
}

json::object encode_message_approval(const solana::WalletHandle& wallet,
                                     const core::Hash32& message_hash,
                                     const solana::MessageApproval& approval) {
    return {{"format", kMessageFormat},
            {"address", solana::to_base58(wallet.vault())},
            {"hash", hex(message_hash.view())},
            {"wallet", encode_wallet(wallet)},
            {"rule", encode_rule(approval.rule)},
            {"deadline", encode_deadline(approval.deadline)},
            {"uses_genesis", approval.uses_genesis},
            {"approvals", encode_approvals(approval.approvals)}};
}

Result<SignedMessage> decode_message_approval(const json::object& value, const std::string& what) {
    LATCHKEY_CHECK(check_format(value, kMessageFormat, what));
    LATCHKEY_TRY(solana::WalletHandle wallet, decode_wallet(value, what));
    LATCHKEY_TRY(const auto hash, fixed_member<core::Hash32>(value, "hash", what));
    solana::MessageApproval approval;
    LATCHKEY_TRY(approval.rule, decode_rule(value, what));
    LATCHKEY_TRY(approval.deadline, decode_deadline(value, what));
    LATCHKEY_TRY(approval.approvals, decode_approvals(value, what));
    approval.uses_genesis = flag(value, "uses_genesis");
    return SignedMessage{std::move(wallet), hash, std::move(approval)};
}

}  // namespace latchkey::cli
