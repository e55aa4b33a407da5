// SPDX-License-Identifier: Apache-2.0
#include "tools/vectors/vector_json.hpp"

#include <array>
#include <charconv>
#include <stdexcept>

namespace latchkey::vectors {

namespace {

constexpr std::array<std::string_view, 8> kKindNames = {
    "",     "ed25519",  "secp256k1-eip712", "secp256k1-eip191",
    "p256", "webauthn", "program",          "contract"};
constexpr std::array<std::string_view, 8> kActionNames = {"execute", "grant",   "policy", "message",
                                                          "recover", "upgrade", "cancel", "freeze"};
/// By Tie.
constexpr std::array<std::string_view, 2> kTieNames = {"owner", "recovery"};

core::SignerKind kind_from(std::string_view name) {
    for (std::size_t i = 1; i < kKindNames.size(); ++i) {
        if (kKindNames[i] == name) {
            return static_cast<core::SignerKind>(i);
        }
    }
    throw std::runtime_error("no signer kind " + std::string(name));
}

std::uint8_t actions_from(const json::array& names) {
    unsigned actions = 0;
    for (const json::value& name : names) {
        std::size_t bit = 0;
        while (bit < kActionNames.size() && name.as_string() != kActionNames[bit]) {
            ++bit;
        }
        if (bit == kActionNames.size()) {
            throw std::runtime_error("no action of this name");
        }
        actions |= 1U << bit;
    }
    return static_cast<std::uint8_t>(actions);
}

std::vector<core::Signer> signers_from(const json::object& object) {
    std::vector<core::Signer> signers;
    for (const json::value& signer : array_at(object, "signers")) {
        signers.push_back(signer_from(signer.as_object()));
    }
    return signers;
}

json::array signers_to_json(const std::vector<core::Signer>& signers) {
    json::array out;
    for (const core::Signer& signer : signers) {
        out.push_back(to_json(signer));
    }
    return out;
}

}  // namespace

json::string hex(ByteView bytes) {
    return json::string(core::encode_hex(bytes));
}

json::string decimal(std::uint64_t value) {
    return json::string(std::to_string(value));
}

std::uint64_t number_of(Verdict verdict) {
    return static_cast<std::uint64_t>(verdict);
}

const json::value& member(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    if (value == nullptr) {
        throw std::runtime_error("a vector has no member " + std::string(name));
    }
    return *value;
}

bool has(const json::object& object, std::string_view name) {
    return object.contains(name);
}

std::string text_at(const json::object& object, std::string_view name) {
    return std::string(member(object, name).as_string());
}

Bytes bytes_of(const json::value& value) {
    const std::string text(value.as_string());
    const Bytes bytes = core::decode_hex(text).value();
    if (core::encode_hex(bytes) != text) {
        throw std::runtime_error("hex must be lower case");
    }
    return bytes;
}

Bytes bytes_at(const json::object& object, std::string_view name) {
    return bytes_of(member(object, name));
}

std::uint64_t u64_at(const json::object& object, std::string_view name) {
    const std::string text = text_at(object, name);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw std::runtime_error(std::string(name) + " is no 64-bit number: " + text);
    }
    return value;
}

std::uint64_t small_at(const json::object& object, std::string_view name) {
    return member(object, name).to_number<std::uint64_t>();
}

bool bool_at(const json::object& object, std::string_view name) {
    return member(object, name).as_bool();
}

Verdict verdict_at(const json::object& object, std::string_view name) {
    const auto verdict = core::verdict_from_number(small_at(object, name));
    if (!verdict) {
        throw std::runtime_error("no verdict has this number");
    }
    return *verdict;
}

const json::object& object_at(const json::object& object, std::string_view name) {
    return member(object, name).as_object();
}

const json::array& array_at(const json::object& object, std::string_view name) {
    return member(object, name).as_array();
}

std::string_view kind_name(core::SignerKind kind) {
    return kKindNames.at(kind);
}

json::object to_json(const core::Signer& signer) {
    return {{"kind", kind_name(signer.kind)},
            {"key", hex(signer.key)},
            {"sameParty", signer.same_party},
            {"option", signer.option}};
}

json::object to_json(const core::Rule& rule, std::size_t signers) {
    json::array actions;
    for (std::size_t bit = 0; bit < kActionNames.size(); ++bit) {
        if ((rule.actions >> bit & 1) != 0) {
            actions.emplace_back(kActionNames[bit]);
        }
    }
    json::array members;
    for (std::size_t i = 0; i < signers; ++i) {
        if ((rule.mask >> i & 1) != 0) {
            members.emplace_back(i);
        }
    }
    json::object out{{"actions", actions}, {"threshold", rule.threshold}, {"signers", members}};
    if (rule.times) {
        out["times"] = {{"notBefore", decimal(rule.times->not_before)},
                        {"expiresAt", decimal(rule.times->expires_at)}};
    }
    json::array scope;
    for (const core::Target& target : rule.scope) {
        scope.push_back(
            json::object{{"address", hex(target.address)}, {"prefix", hex(target.prefix)}});
    }
    out["scope"] = scope;
    json::array limits;
    for (const core::Limit& limit : rule.limits) {
        limits.push_back(json::object{{"asset", hex(limit.asset)},
                                      {"perCall", decimal(limit.per_call)},
                                      {"perPeriod", decimal(limit.per_period)},
                                      {"period", limit.period_seconds}});
    }
    out["limits"] = limits;
    if (rule.wait) {
        out["wait"] = {{"delay", rule.wait->delay_seconds},
                       {"tie", kTieNames.at(static_cast<std::size_t>(rule.wait->tie))}};
    }
    return out;
}

json::array to_json(const std::vector<core::Rule>& rules, std::size_t signers) {
    json::array out;
    for (const core::Rule& rule : rules) {
        out.push_back(to_json(rule, signers));
    }
    return out;
}

json::object to_json(const core::Configuration& configuration) {
    json::object out{{"signers", signers_to_json(configuration.signers)},
                     {"rules", to_json(configuration.rules, configuration.signers.size())}};
    if (configuration.recovery) {
        out["recovery"] = {{"guard", configuration.recovery->guard_hours},
                           {"hash", hex(configuration.recovery->hash)}};
    }
    out["lockdown"] = configuration.lockdown;
    return out;
}

json::object to_json(const core::Genesis& genesis) {
    json::object out = to_json(genesis.configuration);
    out["salt"] = hex(genesis.salt);
    return out;
}

json::object to_json(const core::LocalRule& local_rule) {
    return {{"signers", signers_to_json(local_rule.signers)},
            {"rule", to_json(local_rule.rule, local_rule.signers.size())}};
}

json::object to_json(const core::RecoveryPart& part) {
    return {{"signers", signers_to_json(part.signers)},
            {"rules", to_json(part.rules, part.signers.size())},
            {"after", json::object{{"signers", part.after.signers},
                                   {"rules", to_json(part.after.rules, part.after.signers)}}},
            {"salt", hex(part.salt)}};
}

core::Signer signer_from(const json::object& object) {
    return core::Signer{.kind = kind_from(text_at(object, "kind")),
                        .key = bytes_at(object, "key"),
                        .same_party = bool_at(object, "sameParty"),
                        .option = bool_at(object, "option")};
}

core::Rule rule_from(const json::object& object) {
    core::Rule rule{.actions = actions_from(array_at(object, "actions")),
                    .threshold = static_cast<std::uint8_t>(small_at(object, "threshold")),
                    .mask = 0};
    for (const json::value& index : array_at(object, "signers")) {
        rule.mask |= static_cast<std::uint16_t>(1U << index.to_number<unsigned>());
    }
    if (has(object, "times")) {
        const json::object& times = object_at(object, "times");
        rule.times = core::Times{u64_at(times, "notBefore"), u64_at(times, "expiresAt")};
    }
    for (const json::value& value : array_at(object, "scope")) {
        const json::object& target = value.as_object();
        rule.scope.push_back(
            core::Target{fixed_at<Hash32>(target, "address"), bytes_at(target, "prefix")});
    }
    for (const json::value& value : array_at(object, "limits")) {
        const json::object& limit = value.as_object();
        rule.limits.push_back(core::Limit{fixed_at<Hash32>(limit, "asset"),
                                          u64_at(limit, "perCall"), u64_at(limit, "perPeriod"),
                                          static_cast<std::uint32_t>(small_at(limit, "period"))});
    }
    if (has(object, "wait")) {
        const json::object& wait = object_at(object, "wait");
        const std::string tie = text_at(wait, "tie");
        if (tie != kTieNames[0] && tie != kTieNames[1]) {
            throw std::runtime_error("no tie " + tie);
        }
        rule.wait = core::Wait{static_cast<std::uint32_t>(small_at(wait, "delay")),
                               tie == kTieNames[0] ? core::Tie::kOwner : core::Tie::kRecovery};
    }
    return rule;
}

std::vector<core::Rule> rules_from(const json::object& object) {
    std::vector<core::Rule> rules;
    for (const json::value& rule : array_at(object, "rules")) {
        rules.push_back(rule_from(rule.as_object()));
    }
    return rules;
}

core::Configuration configuration_from(const json::object& object) {
    core::Configuration out;
    out.signers = signers_from(object);
    out.rules = rules_from(object);
    if (has(object, "recovery")) {
        const json::object& recovery = object_at(object, "recovery");
        out.recovery =
            core::RecoveryCommitment{static_cast<std::uint16_t>(small_at(recovery, "guard")),
                                     fixed_at<core::RecoveryCommitment::Hash>(recovery, "hash")};
    }
    out.lockdown = bool_at(object, "lockdown");
    return out;
}

core::Genesis genesis_from(const json::object& object) {
    return core::Genesis{configuration_from(object), bytes_at(object, "salt")};
}

core::RecoveryPart recovery_part_from(const json::object& object) {
    const json::object& after = object_at(object, "after");
    return core::RecoveryPart{
        .signers = signers_from(object),
        .rules = rules_from(object),
        .after = {.signers = small_at(after, "signers"), .rules = rules_from(after)},
        .salt = fixed_at<core::RecoveryPart::Salt>(object, "salt")};
}

core::LocalRule local_rule_from(const json::object& object) {
    return core::LocalRule{signers_from(object), rule_from(object_at(object, "rule"))};
}

}  // namespace latchkey::vectors
