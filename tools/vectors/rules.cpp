// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/identity.hpp"
#include "tools/vectors/examples.hpp"
#include "tools/vectors/subject.hpp"

namespace latchkey::vectors {

namespace {

using core::Configuration;
using core::LocalRule;
using core::Rule;

json::object shared_vector(std::string name, const Configuration& configuration,
                           std::size_t index) {
    const Bytes shared = core::encode(configuration).value();
    return json::object{{"name", name},
                        {"type", "rule"},
                        {"shared", hex(shared)},
                        {"index", index},
                        {"ruleId", hex(core::rule_id_of(shared, index).value())}};
}

void add_rules(json::array& out) {
    const Configuration full = full_configuration();
    out.push_back(shared_vector("rule 0", full, 0));
    out.push_back(shared_vector("rule 1", full, 1));

    Configuration moved = full;
    std::swap(moved.rules[0], moved.rules[1]);
    out.push_back(shared_vector("rule 1 at index 0", moved, 0));
    moved = full;
    moved.recovery.reset();
    moved.lockdown = true;
    out.push_back(shared_vector("rule 1 beside another recovery", moved, 1));
    moved = full;
    moved.signers.insert(moved.signers.begin(), passkey("tablet"));
    moved.rules[0].mask = 0b1110;
    moved.rules[1].mask = 0b0100;
    out.push_back(shared_vector("rule 1 beside another signer", moved, 1));
    for (const core::Tie tie : {core::Tie::kOwner, core::Tie::kRecovery}) {
        Configuration waiting = full;
        waiting.rules[1].wait = core::Wait{3600, tie};
        out.push_back(
            shared_vector(std::string("rule 1 with a delay, ") +
                              (tie == core::Tie::kOwner ? "who cancels wins" : "who proposes wins"),
                          waiting, 1));
        waiting.rules[1].wait->delay_seconds = 3601;
        waiting.rules[1].limits.clear();
        waiting.rules.push_back(rule_of(core::kActionCancel | core::kActionFreeze, 0b100));
        out.push_back(
            shared_vector(std::string("rule 2 behind a delay, ") +
                              (tie == core::Tie::kOwner ? "who cancels wins" : "who proposes wins"),
                          waiting, 2));
    }
    out.push_back(shared_vector("rule 0 beside another signer", moved, 0));

    // Parties a, a, b: leaving out the middle one of them must not look like parties a, a.
    Configuration parties = full;
    parties.signers = {passkey("phone"), passkey("tablet").with_same_party(), passkey("paper")};
    parties.rules = {rule_of(core::kActionPolicy)};
    const auto with_parties = [&](std::uint16_t mask, bool second, bool third) {
        parties.signers[1].same_party = second;
        parties.signers[2].same_party = third;
        parties.rules[0].mask = mask;
        return parties;
    };
    out.push_back(shared_vector("outer two of one party", with_parties(0b101, true, true), 0));
    out.push_back(shared_vector("outer two, the middle in the second party",
                                with_parties(0b101, false, true), 0));
    out.push_back(shared_vector("outer two, the middle in the first party",
                                with_parties(0b101, true, false), 0));
    out.push_back(shared_vector("last two of one party", with_parties(0b110, true, true), 0));
    out.push_back(
        shared_vector("last two, a party of their own", with_parties(0b110, false, true), 0));

    using Change = void (*)(Rule&);
    const std::pair<std::string, Change> changes[] = {
        {"actions", [](Rule& rule) { rule.actions = core::kActionExecute | core::kActionGrant; }},
        {"threshold", [](Rule& rule) { rule.threshold = 1; }},
        {"signers", [](Rule& rule) { rule.mask = 0b011; }},
        {"times", [](Rule& rule) { rule.times->expires_at += 1; }},
        {"no times", [](Rule& rule) { rule.times.reset(); }},
        {"target", [](Rule& rule) { rule.scope[0].address[31] ^= 1; }},
        {"prefix", [](Rule& rule) { rule.scope[1].prefix[1] ^= 1; }},
        {"asset", [](Rule& rule) { rule.limits[1].asset[31] ^= 1; }},
        {"perCall", [](Rule& rule) { rule.limits[0].per_call += 1; }},
        {"perPeriod", [](Rule& rule) { rule.limits[0].per_period += 1; }},
        {"period", [](Rule& rule) { rule.limits[0].period_seconds += 1; }}};
    for (std::size_t i = 0; i < std::size(changes); ++i) {
        Configuration changed = full;
        const std::size_t index = i < 3 ? 0 : 1;
        changes[i].second(changed.rules[index]);
        // The first rule keeps the wallet changeable.
        changed.rules.push_back(Rule{.actions = core::kActionPolicy});
        out.push_back(shared_vector("rule with another " + changes[i].first, changed, index));
    }
    Configuration nine = full;
    while (nine.signers.size() < 9) {
        nine.signers.push_back(passkey("tablet " + std::to_string(nine.signers.size())));
    }
    out.push_back(shared_vector("rule with a mask of two bytes", nine, 1));
    out.push_back(shared_vector("rule of one signer", single_configuration(passkey("phone")), 0));
}

json::object local_vector(std::string name, const core::WalletId& wallet_id,
                          const core::ConfigId& config_id, std::uint32_t version,
                          const LocalRule& rule) {
    const Bytes bytes = core::encode(rule).value();
    return json::object{
        {"name", name},
        {"type", "localRule"},
        {"walletId", hex(wallet_id)},
        {"configId", hex(config_id)},
        {"version", version},
        {"localRule", hex(bytes)},
        {"localRuleId", hex(core::local_rule_id_of(wallet_id, config_id, version, bytes))}};
}

void add_local_rules(json::array& out) {
    const core::WalletId wallet_id(hash_of("wallet").array());
    const core::ConfigId config_id(hash_of("configuration").array());
    const LocalRule session = full_session();
    out.push_back(local_vector("session", wallet_id, config_id, 1, session));
    core::WalletId other_wallet = wallet_id;
    other_wallet[0] ^= 1;
    out.push_back(local_vector("session of another wallet", other_wallet, config_id, 1, session));
    core::ConfigId other_config = config_id;
    other_config[0] ^= 1;
    out.push_back(
        local_vector("session of another configuration", wallet_id, other_config, 1, session));
    out.push_back(local_vector("session granted again", wallet_id, config_id, 2, session));
    out.push_back(
        local_vector("session of the last version", wallet_id, config_id, 0xffffffff, session));
    LocalRule other = session;
    other.rule.limits[0].per_period += 1;
    out.push_back(local_vector("session with another limit", wallet_id, config_id, 1, other));
}

json::object grant_vector(std::string name, const Configuration& configuration, std::size_t rule,
                          const LocalRule& local, Verdict expected) {
    const Bytes shared = core::encode(configuration).value();
    const Bytes bytes = core::encode(local).value();
    require(core::judge_grant(shared, rule, bytes) == expected, name);
    return json::object{{"name", name},
                        {"shared", hex(shared)},
                        {"rule", rule},
                        {"localRule", hex(bytes)},
                        {"verdict", number_of(expected)}};
}

}  // namespace

json::array generate_rules() {
    json::array out;
    add_rules(out);
    add_local_rules(out);
    return out;
}

void run_rule(const json::object& vector, Findings& findings) {
    if (text_at(vector, "type") == "localRule") {
        const auto version = static_cast<std::uint32_t>(small_at(vector, "version"));
        findings.equal("localRuleId", vector.at("localRuleId"),
                       hex(core::local_rule_id_of(fixed_at<core::WalletId>(vector, "walletId"),
                                                  fixed_at<core::ConfigId>(vector, "configId"),
                                                  version, bytes_at(vector, "localRule"))));
        return;
    }
    const auto id = core::rule_id_of(bytes_at(vector, "shared"), small_at(vector, "index"));
    findings.that("the rule exists", id.has_value());
    if (id) {
        findings.equal("ruleId", vector.at("ruleId"), hex(*id));
    }
}

json::array generate_grants() {
    Configuration configuration = full_configuration();
    Rule granting = rule_of(core::kActionExecute | core::kActionGrant);
    configuration.rules[1] = granting;
    granting.times = core::Times{1000, 2000};
    configuration.rules.push_back(granting);
    granting.times.reset();
    granting.scope = {core::Target{address(0x22), {0xaa}}, core::Target{address(0x33), {}}};
    configuration.rules.push_back(granting);
    configuration.rules.push_back(rule_of(core::kActionExecute));

    json::array out;
    LocalRule local{{core::Signer::ed25519(ed25519_key("session"))}, rule_of(core::kActionExecute)};
    const auto add = [&](std::string name, std::size_t rule, Verdict expected) {
        out.push_back(grant_vector(std::move(name), configuration, rule, local, expected));
    };
    constexpr Verdict kBroad = Verdict::kLocalRuleTooBroad;
    add("anything by the unlimited rule", 1, Verdict::kAccepted);
    add("anything by all parties", 0, Verdict::kAccepted);
    add("by a rule that does not grant", 4, Verdict::kActionNotAllowed);
    add("by no rule", 5, Verdict::kUnknownRule);
    add("no times within times", 2, kBroad);
    add("no scope within a scope", 3, kBroad);
    const std::tuple<std::uint64_t, std::uint64_t, Verdict> times[] = {
        {1000, 2000, Verdict::kAccepted},
        {1500, 1501, Verdict::kAccepted},
        {999, 2000, kBroad},
        {1000, 2001, kBroad},
        {0, 1500, kBroad},
        {1500, core::kNever, kBroad}};
    for (const auto& [not_before, expires_at, expected] : times) {
        local.rule.times = core::Times{not_before, expires_at};
        add(std::to_string(not_before) + " to " + std::to_string(expires_at), 2, expected);
    }
    local.rule.times.reset();
    const std::tuple<std::string, std::vector<core::Target>, Verdict> scopes[] = {
        {"the same targets", granting.scope, Verdict::kAccepted},
        {"one target", {core::Target{address(0x33), {}}}, Verdict::kAccepted},
        {"a longer prefix", {core::Target{address(0x22), {0xaa, 0xbb}}}, Verdict::kAccepted},
        {"a prefix where any data is allowed",
         {core::Target{address(0x33), {1}}},
         Verdict::kAccepted},
        {"a shorter prefix", {core::Target{address(0x22), {}}}, kBroad},
        {"another prefix", {core::Target{address(0x22), {0xab}}}, kBroad},
        {"another target", {core::Target{address(0x23), {0xaa}}}, kBroad},
        {"one target too many",
         {core::Target{address(0x22), {0xaa}}, core::Target{address(0x44), {}}},
         kBroad}};
    for (const auto& [name, scope, expected] : scopes) {
        local.rule.scope = scope;
        add(name, 3, expected);
    }
    add("a scope under the unlimited rule", 1, Verdict::kAccepted);
    local.rule.limits = {core::Limit{Hash32(), 1, 1, 0}};
    local.rule.scope = granting.scope;
    add("limits under a rule without", 3, Verdict::kAccepted);
    return out;
}

void run_grant(const json::object& vector, Findings& findings) {
    findings.verdict(verdict_at(vector),
                     core::judge_grant(bytes_at(vector, "shared"), small_at(vector, "rule"),
                                       bytes_at(vector, "localRule")));
}

}  // namespace latchkey::vectors
