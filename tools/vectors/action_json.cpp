// SPDX-License-Identifier: Apache-2.0
#include "tools/vectors/action_json.hpp"

#include <stdexcept>

#include "core/encoding/byte_io.hpp"

namespace latchkey::vectors {

namespace {

using namespace core::model;

constexpr std::array<std::string_view, 3> kEvidence = {"transaction", "digest", "program"};

json::object to_json(const Approval& approval) {
    json::object out{{"signer", approval.signer},
                     {"evidence", kEvidence.at(static_cast<std::size_t>(approval.evidence))}};
    if (approval.evidence != EvidenceKind::kDigest) {
        out["accountSigned"] = approval.account_signed;
        out["accountWritable"] = approval.account_writable;
    }
    if (approval.flaw != Verdict::kAccepted) {
        out["flaw"] = number_of(approval.flaw);
    }
    return out;
}

Approval approval_from(const json::object& object) {
    Approval approval;
    approval.signer = static_cast<std::uint8_t>(small_at(object, "signer"));
    const std::string evidence = text_at(object, "evidence");
    approval.evidence = evidence == kEvidence[0]   ? EvidenceKind::kTransaction
                        : evidence == kEvidence[1] ? EvidenceKind::kDigest
                                                   : EvidenceKind::kProgram;
    if (approval.evidence != EvidenceKind::kDigest) {
        approval.account_signed = bool_at(object, "accountSigned");
        approval.account_writable = bool_at(object, "accountWritable");
    }
    if (has(object, "flaw")) {
        approval.flaw = verdict_at(object, "flaw");
    }
    return approval;
}

json::object nonce_to_json(const ApprovedAction& action) {
    if (const auto* lane = std::get_if<LaneNonce>(&action.nonce)) {
        return {{"kind", "lane"},
                {"lane", hex(lane->lane)},
                {"operator", hex(lane->operator_address)},
                {"operatorSigned", lane->operator_signed},
                {"nonce", lane->nonce}};
    }
    if (const auto* state = std::get_if<StateNonce>(&action.nonce)) {
        return {{"kind", "state"}, {"key", state->key}, {"sequence", decimal(state->sequence)}};
    }
    json::object out{{"kind", "transaction"}};
    if (const auto& binding = std::get<TransactionNonce>(action.nonce).binding) {
        out["binding"] = hex(*binding);
    }
    return out;
}

void read_nonce(const json::object& object, ApprovedAction& action) {
    const std::string kind = text_at(object, "kind");
    if (kind == "lane") {
        action.nonce =
            LaneNonce{fixed_at<Hash32>(object, "lane"), fixed_at<Hash32>(object, "operator"),
                      bool_at(object, "operatorSigned"),
                      static_cast<std::uint16_t>(small_at(object, "nonce"))};
    } else if (kind == "state") {
        action.nonce = StateNonce{static_cast<std::uint8_t>(small_at(object, "key")),
                                  u64_at(object, "sequence")};
    } else {
        TransactionNonce nonce;
        if (has(object, "binding")) {
            const Bytes binding = bytes_at(object, "binding");
            std::copy_n(binding.begin(), nonce.binding.emplace().size(), nonce.binding->begin());
        }
        action.nonce = nonce;
    }
}

json::object to_json(const Call& call) {
    json::array outflows;
    for (const Outflow& outflow : call.outflows) {
        outflows.push_back(
            json::object{{"asset", hex(outflow.asset)}, {"amount", decimal(outflow.amount)}});
    }
    return {{"program", hex(call.program)},           {"data", hex(call.data)},
            {"forwardsSigner", call.forwards_signer}, {"outflows", outflows},
            {"changesVault", call.changes_vault},     {"changesAuthority", call.changes_authority}};
}

Call call_from(const json::object& object) {
    Call call;
    call.program = fixed_at<Hash32>(object, "program");
    call.data = bytes_at(object, "data");
    call.forwards_signer = bool_at(object, "forwardsSigner");
    call.changes_vault = bool_at(object, "changesVault");
    call.changes_authority = bool_at(object, "changesAuthority");
    for (const json::value& value : array_at(object, "outflows")) {
        const json::object& outflow = value.as_object();
        call.outflows.push_back(
            Outflow{fixed_at<Hash32>(outflow, "asset"), u64_at(outflow, "amount")});
    }
    return call;
}

void write_execute(json::object& out, const Execute& execute) {
    json::array calls;
    for (const Call& call : execute.calls) {
        calls.push_back(to_json(call));
    }
    json::array caps;
    for (const Cap& cap : execute.caps) {
        caps.push_back(json::object{{"maximumOutflow", decimal(cap.maximum_outflow)},
                                    {"minimumInflow", decimal(cap.minimum_inflow)},
                                    {"before", decimal(cap.before)},
                                    {"after", decimal(cap.after)}});
    }
    out["calls"] = calls;
    out["caps"] = caps;
    out["noNewAuthority"] = execute.no_new_authority;
    out["passesUncountable"] = execute.passes_uncountable;
}

Execute execute_from(const json::object& object) {
    Execute execute;
    for (const json::value& call : array_at(object, "calls")) {
        execute.calls.push_back(call_from(call.as_object()));
    }
    for (const json::value& value : array_at(object, "caps")) {
        const json::object& cap = value.as_object();
        execute.caps.push_back(Cap{u64_at(cap, "maximumOutflow"), u64_at(cap, "minimumInflow"),
                                   u64_at(cap, "before"), u64_at(cap, "after")});
    }
    execute.no_new_authority = bool_at(object, "noNewAuthority");
    execute.passes_uncountable = bool_at(object, "passesUncountable");
    return execute;
}

/// By their places in Body.
constexpr std::array<std::string_view, std::variant_size_v<Body>> kBodies = {
    "execute", "grant", "revoke", "policy", "message", "cancel", "freeze", "recover", "upgrade"};

void write_body(json::object& out, const Body& body) {
    if (const auto* execute = std::get_if<Execute>(&body)) {
        write_execute(out, *execute);
    } else if (const auto* grant = std::get_if<Grant>(&body)) {
        out["localRule"] = hex(grant->local_rule);
    } else if (const auto* revoke = std::get_if<Revoke>(&body)) {
        out["localRuleId"] = hex(revoke->id);
    } else if (const auto* policy = std::get_if<Policy>(&body)) {
        out["epoch"] = policy->epoch;
        out["shared"] = hex(policy->shared);
    } else if (const auto* cancel = std::get_if<Cancel>(&body)) {
        out["epoch"] = cancel->epoch;
        out["target"] = cancel->target;
    } else if (const auto* freeze = std::get_if<Freeze>(&body)) {
        out["epoch"] = freeze->epoch;
        out["lift"] = freeze->lift;
    } else if (const auto* recover = std::get_if<Recover>(&body)) {
        out["epoch"] = recover->epoch;
        out["signers"] = hex(recover->signers);
    } else if (const auto* upgrade = std::get_if<Upgrade>(&body)) {
        out["call"] = to_json(upgrade->call);
        out["holdsCode"] = upgrade->holds_code;
    }
}

std::uint32_t epoch_at(const json::object& object) {
    return static_cast<std::uint32_t>(small_at(object, "epoch"));
}

Body body_from(std::string_view type, const json::object& object) {
    if (type == "execute") {
        return execute_from(object);
    }
    if (type == "grant") {
        return Grant{bytes_at(object, "localRule")};
    }
    if (type == "revoke") {
        return Revoke{fixed_at<core::LocalRuleId>(object, "localRuleId")};
    }
    if (type == "policy") {
        return Policy{bytes_at(object, "shared"), epoch_at(object)};
    }
    if (type == "cancel") {
        return Cancel{epoch_at(object), static_cast<std::uint8_t>(small_at(object, "target"))};
    }
    if (type == "freeze") {
        return Freeze{epoch_at(object), static_cast<std::uint8_t>(small_at(object, "lift"))};
    }
    if (type == "recover") {
        return Recover{bytes_at(object, "signers"), epoch_at(object)};
    }
    if (type == "upgrade") {
        return Upgrade{call_from(object_at(object, "call")), bool_at(object, "holdsCode")};
    }
    if (type == "message") {
        return Message{};
    }
    throw std::runtime_error("no action of type " + std::string(type));
}

/// What only some actions have: a recovery part, the digest of what waits, a state that may not be
/// written.
template <typename WithRule>
void write_rule(json::object& out, const WithRule& action) {
    out["localRuleApproves"] = action.rule_is_local;
    out["rule"] = action.rule;
    if (action.recovery_part) {
        out["recoveryPart"] = hex(*action.recovery_part);
    }
    if (!action.waiting_digest.is_zero()) {
        out["waitingDigest"] = hex(action.waiting_digest);
    }
    if (!action.state_writable) {
        out["stateWritable"] = false;
    }
}

template <typename WithRule>
void read_rule(const json::object& object, WithRule& action) {
    action.rule_is_local = bool_at(object, "localRuleApproves");
    action.rule = static_cast<std::uint8_t>(small_at(object, "rule"));
    if (has(object, "recoveryPart")) {
        action.recovery_part = bytes_at(object, "recoveryPart");
    }
    if (has(object, "waitingDigest")) {
        action.waiting_digest = fixed_at<Hash32>(object, "waitingDigest");
    }
    action.state_writable = !has(object, "stateWritable") || bool_at(object, "stateWritable");
}

json::object to_json(const ApplyProposal& apply) {
    json::object out{{"type", "apply"}, {"action", kBodies.at(apply.body.index())}};
    write_rule(out, apply);
    write_body(out, apply.body);
    return out;
}

json::object to_json(const ApprovedAction& action) {
    json::array approvals;
    for (const Approval& approval : action.approvals) {
        approvals.push_back(to_json(approval));
    }
    json::object out{{"type", kBodies.at(action.body.index())},
                     {"fromGenesis", action.from_genesis},
                     {"genesisMatches", action.genesis_matches}};
    write_rule(out, action);
    out["approvals"] = approvals;
    out["nonce"] = nonce_to_json(action);
    if (action.deadline) {
        out["deadline"] = decimal(*action.deadline);
    }
    out["topLevel"] = action.is_top_level;
    write_body(out, action.body);
    return out;
}

ApprovedAction approved_from(std::string_view type, const json::object& object) {
    ApprovedAction action;
    action.from_genesis = bool_at(object, "fromGenesis");
    action.genesis_matches = bool_at(object, "genesisMatches");
    read_rule(object, action);
    for (const json::value& approval : array_at(object, "approvals")) {
        action.approvals.push_back(approval_from(approval.as_object()));
    }
    read_nonce(object_at(object, "nonce"), action);
    if (has(object, "deadline")) {
        action.deadline = u64_at(object, "deadline");
    }
    action.is_top_level = bool_at(object, "topLevel");
    action.body = body_from(type, object);
    return action;
}

json::array to_json(const std::vector<Counter>& counters) {
    json::array out;
    for (const Counter& counter : counters) {
        out.push_back(
            json::object{{"window", decimal(counter.window)}, {"spent", decimal(counter.spent)}});
    }
    return out;
}

}  // namespace

json::object to_json(const core::model::Action& action) {
    if (const auto* approved = std::get_if<ApprovedAction>(&action)) {
        return to_json(*approved);
    }
    if (const auto* create = std::get_if<CreateState>(&action)) {
        return {{"type", "createState"}, {"genesis", hex(create->genesis)}};
    }
    if (const auto* open = std::get_if<OpenLane>(&action)) {
        return {{"type", "openLane"},
                {"lane", hex(open->lane)},
                {"owner", hex(open->owner)},
                {"operator", hex(open->operator_address)},
                {"ownerSigned", open->owner_signed}};
    }
    if (const auto* close = std::get_if<CloseLane>(&action)) {
        return {{"type", "closeLane"},
                {"lane", hex(close->lane)},
                {"owner", hex(close->owner)},
                {"ownerSigned", close->owner_signed}};
    }
    if (const auto* apply = std::get_if<ApplyProposal>(&action)) {
        return to_json(*apply);
    }
    const auto& set = std::get<SetLaneOperator>(action);
    return {{"type", "setLaneOperator"},
            {"lane", hex(set.lane)},
            {"owner", hex(set.owner)},
            {"ownerSigned", set.owner_signed},
            {"operator", hex(set.operator_address)}};
}

core::model::Action action_from(const json::object& object) {
    const std::string type = text_at(object, "type");
    if (type == "createState") {
        return CreateState{bytes_at(object, "genesis")};
    }
    if (type == "openLane") {
        return OpenLane{fixed_at<Hash32>(object, "lane"), fixed_at<Hash32>(object, "owner"),
                        fixed_at<Hash32>(object, "operator"), bool_at(object, "ownerSigned")};
    }
    if (type == "closeLane") {
        return CloseLane{fixed_at<Hash32>(object, "lane"), fixed_at<Hash32>(object, "owner"),
                         bool_at(object, "ownerSigned")};
    }
    if (type == "setLaneOperator") {
        return SetLaneOperator{fixed_at<Hash32>(object, "lane"), fixed_at<Hash32>(object, "owner"),
                               bool_at(object, "ownerSigned"),
                               fixed_at<Hash32>(object, "operator")};
    }
    if (type == "apply") {
        ApplyProposal apply;
        read_rule(object, apply);
        apply.body = body_from(text_at(object, "action"), object);
        return apply;
    }
    return approved_from(type, object);
}

json::value to_json(const std::optional<core::model::State>& state) {
    if (!state) {
        return nullptr;
    }
    json::array nonces;
    for (const std::uint64_t nonce : state->nonces) {
        nonces.emplace_back(decimal(nonce));
    }
    json::array slots;
    for (const std::optional<Slot>& slot : state->slots) {
        if (!slot) {
            slots.emplace_back(nullptr);
            continue;
        }
        slots.push_back(json::object{{"grantingRule", slot->granting_rule},
                                     {"version", slot->version},
                                     {"localRuleId", hex(slot->id)},
                                     {"localRule", hex(slot->local_rule)},
                                     {"counters", to_json(slot->counters)}});
    }
    json::array records;
    for (const Record& record : state->records) {
        records.push_back(json::object{{"rule", record.rule},
                                       {"action", record.action},
                                       {"cancels", record.cancels},
                                       {"tie", record.tie},
                                       {"guarded", record.guarded},
                                       {"epoch", record.epoch},
                                       {"earliest", record.earliest},
                                       {"cancelsSince", record.cancels_since},
                                       {"frozenAt", record.frozen_at},
                                       {"digest", hex(record.digest)}});
    }
    return json::object{{"wasFrozen", state->was_frozen},
                        {"sequence", state->sequence},
                        {"localVersion", state->local_version},
                        {"configId", hex(state->config_id)},
                        {"nonces", nonces},
                        {"shared", hex(state->shared)},
                        {"counters", to_json(state->counters)},
                        {"records", records},
                        {"slots", slots}};
}

json::object to_json(const std::map<Hash32, core::model::Lane>& lanes) {
    json::object out;
    for (const auto& [address, lane] : lanes) {
        const auto base = core::load_le<std::uint32_t>(lane.data.data() + core::kLaneBaseOffset);
        json::array used;
        for (unsigned bit = 0; bit < 2 * core::kLaneBits; ++bit) {
            if ((lane.data[core::kLaneMapOffset + bit / 8] >> bit % 8 & 1) != 0) {
                used.push_back(json::object{{"window", base + bit / core::kLaneBits},
                                            {"bit", bit % core::kLaneBits}});
            }
        }
        out[core::encode_hex(address)] = {{"owner", hex(lane.owner)},
                                          {"operator", hex(lane.operator_address)},
                                          {"base", base},
                                          {"used", used}};
    }
    return out;
}

}  // namespace latchkey::vectors
