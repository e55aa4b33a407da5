// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"
#include "tools/vectors/examples.hpp"
#include "tools/vectors/subject.hpp"

namespace latchkey::vectors {

namespace {

using core::Configuration;
using core::Genesis;
using core::LocalRule;
using core::Rule;
using core::Signer;

constexpr std::string_view kShared = "shared";
constexpr std::string_view kGenesis = "genesis";
constexpr std::string_view kLocalRule = "localRule";

Verdict judge(std::string_view type, ByteView bytes) {
    return type == kShared    ? core::judge_shared(bytes)
           : type == kGenesis ? core::judge_genesis(bytes)
                              : core::judge_local_rule(bytes);
}

json::object value_of(std::string_view type, ByteView bytes) {
    return type == kShared    ? to_json(core::decode_shared(bytes).value())
           : type == kGenesis ? to_json(core::decode_genesis(bytes).value())
                              : to_json(core::decode_local_rule(bytes).value());
}

class Writer {
  public:
    /// The verdict as the implementation has it.
    void add(std::string name, std::string_view type, ByteView bytes) {
        const Verdict verdict = judge(type, bytes);
        json::object vector{
            {"name", name}, {"type", type}, {"bytes", hex(bytes)}, {"verdict", number_of(verdict)}};
        if (verdict == Verdict::kAccepted) {
            vector["value"] = value_of(type, bytes);
        }
        vectors_.push_back(std::move(vector));
    }
    /// The verdict as it was written down by hand.
    void add(std::string name, std::string_view type, ByteView bytes, Verdict expected) {
        const Verdict actual = judge(type, bytes);
        require(actual == expected, name + ": " + std::string(core::verdict_name(actual)));
        add(std::move(name), type, bytes);
    }
    void add(std::string name, const Configuration& configuration,
             Verdict expected = Verdict::kAccepted) {
        add(std::move(name), kShared, core::encode_unchecked(configuration), expected);
    }
    void add(std::string name, const Genesis& genesis, Verdict expected = Verdict::kAccepted) {
        add(std::move(name), kGenesis, core::encode_unchecked(genesis), expected);
    }
    void add(std::string name, const LocalRule& rule, Verdict expected = Verdict::kAccepted) {
        add(std::move(name), kLocalRule, core::encode_unchecked(rule), expected);
    }

    json::array take() { return std::move(vectors_); }

  private:
    json::array vectors_;
};

std::vector<Signer> many_signers(std::size_t count) {
    std::vector<Signer> signers;
    for (std::size_t i = 0; i < count; ++i) {
        signers.push_back(Signer::ed25519(ed25519_key("signer " + std::to_string(i))));
    }
    return signers;
}

Configuration owned_by(std::vector<Signer> signers, std::vector<Rule> rules) {
    return Configuration{.signers = std::move(signers), .rules = std::move(rules)};
}

void add_kinds(Writer& out) {
    const Signer ed25519 = Signer::ed25519(ed25519_key("laptop"));
    const Signer kinds[] = {ed25519,
                            Signer::ed25519(ed25519_key("laptop"), true),
                            Signer::secp256k1_eip712(ethereum_key("browser")),
                            Signer::secp256k1_eip191(ethereum_key("browser")),
                            Signer::p256(p256_key("server")),
                            passkey("phone", false),
                            passkey("phone", true),
                            Signer::program(address(0x55), derived_address())};
    for (const Signer& signer : kinds) {
        out.add("one " + std::string(kind_name(signer.kind)) + (signer.option ? " option" : ""),
                single_configuration(signer));
    }
    const Signer contract = Signer::contract(8453, ethereum_key("contract"));
    out.add("contract beside a signer of Solana",
            owned_by({contract, ed25519}, {rule_of(0x0f, 0b11)}));
    out.add("contract alone", single_configuration(contract), Verdict::kLockout);
    Configuration locked = single_configuration(contract);
    locked.lockdown = true;
    out.add("contract alone with lockdown", locked);
}

void add_shapes(Writer& out) {
    for (const std::size_t count :
         {std::size_t{2}, std::size_t{8}, std::size_t{9}, std::size_t{16}}) {
        const auto all = static_cast<std::uint16_t>((1U << count) - 1);
        const auto last = static_cast<std::uint16_t>(1U << (count - 1));
        const auto threshold = static_cast<std::uint8_t>(count);
        out.add(std::to_string(count) + " signers",
                owned_by(many_signers(count),
                         {rule_of(0x0f, all, threshold), rule_of(core::kActionExecute, last)}));
    }
    std::vector<Rule> different(16, rule_of(core::kActionExecute));
    different[0] = rule_of(0x0f);
    for (std::size_t i = 1; i < different.size(); ++i) {
        different[i].times = core::Times{0, i};
    }
    out.add("16 rules", owned_by(many_signers(1), different));
    out.add("16 rules, all the same",
            owned_by(many_signers(1), std::vector<Rule>(16, rule_of(0x0f))),
            Verdict::kRuleDuplicate);
    out.add("everything", full_configuration());
    Configuration plain = full_configuration();
    plain.recovery.reset();
    out.add("without recovery", plain);
    plain.lockdown = true;
    out.add("lockdown although not needed", plain);

    Rule rule = rule_of(core::kActionExecute | core::kActionGrant);
    rule.scope.assign(16, {});
    for (std::size_t i = 0; i < 16; ++i) {
        rule.scope[i] = core::Target{address(0x22), filled(0xab, i)};
    }
    const Rule owner = rule_of(core::kActionPolicy);
    out.add("16 targets of all prefix lengths", owned_by(many_signers(1), {owner, rule}));
    rule.scope = {core::Target{address(0x22), filled(0xff, 16)}};
    out.add("longest prefix", owned_by(many_signers(1), {owner, rule}));
    rule.actions = core::kActionExecute;
    for (std::uint8_t i = 0; i < 8; ++i) {
        rule.limits.push_back(core::Limit{address(i), i, i, i});
    }
    out.add("eight limits, the first denies", owned_by(many_signers(1), {owner, rule}));
    rule.limits = {core::Limit{Hash32(), core::kNever, core::kNever, 0xffffffff}};
    out.add("largest limit", owned_by(many_signers(1), {owner, rule}));
    rule.times = core::Times{0, 1};
    out.add("shortest time", owned_by(many_signers(1), {owner, rule}));
    rule.times = core::Times{core::kNever - 1, core::kNever};
    out.add("latest time", owned_by(many_signers(1), {owner, rule}));
    rule.times = core::Times{1, core::kNever};
    out.add("begins, never ends", owned_by(many_signers(1), {owner, rule}));
}

void add_presets(Writer& out) {
    const Signer phone = passkey("phone");
    const Signer laptop = passkey("laptop");
    const Signer paper = Signer::ed25519(ed25519_key("paper"));
    out.add("preset one party", single_configuration(phone));
    out.add("preset two devices", owned_by({phone, laptop}, {rule_of(0x0f, 0b11)}));
    Rule small = rule_of(core::kActionExecute, 0b001);
    small.scope = {core::Target{Hash32(), {2, 0, 0, 0}}};
    small.limits = {core::Limit{Hash32(), 1'000'000'000, 1'000'000'000, 86'400}};
    out.add("preset three parties with a small budget",
            owned_by({phone, laptop, paper}, {rule_of(0x0f, 0b111, 2), small}));
    const Signer server = Signer::p256(p256_key("server"));
    out.add("preset treasury",
            owned_by({server, phone, laptop}, {rule_of(core::kActionExecute, 0b111, 2),
                                               rule_of(core::kActionPolicy, 0b110, 2)}));
    out.add("preset two keys of one party",
            owned_by({phone, paper.with_same_party(), laptop}, {rule_of(0x0f, 0b111, 2)}));
}

/// The longest that are accepted, and one byte more.
void add_longest(Writer& out) {
    // 2 + 13 * 33 + 12 * 4 + 1 bytes; a P-256 signer has one more than an ed25519 one.
    Configuration large = owned_by(many_signers(13), std::vector<Rule>(12, rule_of(0x0f)));
    for (std::size_t i = 0; i < large.rules.size(); ++i) {
        large.rules[i].mask = static_cast<std::uint16_t>(1U << i);
    }
    const auto add_genesis = [&](std::string name, std::size_t size, Bytes salt, Verdict expected) {
        const Genesis genesis{large, std::move(salt)};
        require(core::encode_unchecked(genesis).size() == size, name);
        out.add(std::move(name), genesis, expected);
    };
    add_genesis("genesis of 480 bytes", 480, {0}, Verdict::kAccepted);
    add_genesis("genesis of 495 bytes", 495, filled(1, 16), Verdict::kConfigurationTooLong);
    large.signers[12] = Signer::p256(p256_key("server"));
    add_genesis("genesis of 481 bytes", 481, {0}, Verdict::kConfigurationTooLong);

    // 2 + 33, five rules of 3 + 16 * 49, one of 3 + 3 * 33 + 4, ten of 2 bytes.
    Configuration huge = owned_by(many_signers(1), std::vector<Rule>(16, rule_of(0x0f)));
    Rule wide = rule_of(core::kActionExecute);
    for (std::uint8_t i = 1; i <= 16; ++i) {
        wide.scope.push_back(core::Target{address(i), filled(i, 16)});
    }
    for (std::uint8_t i = 1; i < 6; ++i) {
        wide.scope[15].prefix[15] = i;
        huge.rules[i] = wide;
    }
    const std::uint8_t actions[] = {1, 3, 4, 5, 7, 8, 9, 11, 12};
    for (std::size_t i = 0; i < std::size(actions); ++i) {
        huge.rules[7 + i].actions = actions[i];
    }
    huge.rules[6] = wide;
    huge.rules[6].scope.resize(3);
    huge.rules[6].scope[0].prefix.resize(4);
    huge.rules[6].scope[1].prefix.clear();
    huge.rules[6].scope[2].prefix.clear();
    require(core::encode_unchecked(huge).size() == core::kMaximumShared, "not the longest");
    out.add("shared part of 4,096 bytes", huge);
    huge.rules[6].scope[2].prefix = {0};
    out.add("shared part of 4,097 bytes", huge, Verdict::kConfigurationTooLong);
}

void add_genesis(Writer& out) {
    const Configuration single = single_configuration(passkey("phone"));
    out.add("genesis short salt", Genesis{single, {0}});
    out.add("genesis largest short salt", Genesis{single, {255}});
    out.add("genesis long salt", Genesis{single, filled(0xa5, 16)});
    out.add("genesis everything", Genesis{full_configuration(), filled(0xa5, 16)});
    out.add("genesis without salt", Genesis{single, {}}, Verdict::kConfigurationTruncated);
    out.add("genesis with two salt bytes", Genesis{single, {0, 0}},
            Verdict::kConfigurationTrailing);
    Bytes bytes = core::encode_unchecked(Genesis{single, filled(0xa5, 16)});
    out.add("genesis as shared part", kShared, bytes, Verdict::kConfigurationVersion);
    bytes.push_back(0);
    out.add("genesis with 17 salt bytes", kGenesis, bytes, Verdict::kConfigurationTrailing);
    bytes.resize(bytes.size() - 2);
    out.add("genesis with 15 salt bytes", kGenesis, bytes, Verdict::kConfigurationTruncated);

    add_longest(out);
}

void add_local_rules(Writer& out) {
    out.add("session", full_session());
    LocalRule rule = full_session();
    rule.rule.times.reset();
    rule.rule.limits.clear();
    rule.rule.scope.clear();
    out.add("session without conditions", rule);
    rule.signers = many_signers(9);
    rule.rule.mask = 0x1ff;
    rule.rule.threshold = 9;
    out.add("session of nine", rule);
    for (const auto actions : {core::kActionPolicy, core::kActionMessage, core::kActionGrant,
                               core::kActionExecute | core::kActionGrant, core::kActionRecover}) {
        rule = full_session();
        rule.rule.actions = static_cast<std::uint8_t>(actions);
        out.add("session with actions " + std::to_string(actions), rule, Verdict::kRuleActions);
    }
    const Bytes bytes = core::encode_unchecked(full_session());
    for (const unsigned high : {0x10U, 0x20U, 0x80U}) {
        Bytes changed = bytes;
        changed[0] |= static_cast<std::uint8_t>(high);
        out.add("session with rule count bits " + std::to_string(high), kLocalRule, changed,
                Verdict::kNonCanonical);
    }
    Bytes longer = bytes;
    longer.push_back(0);
    out.add("session with a byte behind", kLocalRule, longer, Verdict::kConfigurationTrailing);
    out.add("session of no bytes", kLocalRule, {}, Verdict::kConfigurationTruncated);
    rule = full_session();
    rule.rule.limits[0].per_call = 26;
    out.add("session whose limit is more at once than in all", rule, Verdict::kRuleLimits);
}

void add_bad_signers(Writer& out) {
    const Configuration single = single_configuration(Signer::ed25519(ed25519_key("laptop")));
    const Bytes bytes = core::encode_unchecked(single);
    for (const unsigned kind : {0U, 8U, 9U, 15U}) {
        Bytes changed = bytes;
        changed[2] = static_cast<std::uint8_t>(kind);
        out.add("signer kind " + std::to_string(kind), kShared, changed, Verdict::kSignerKind);
    }
    for (const unsigned flags : {0x10U, 0x40U, 0x80U, 0x30U}) {
        Bytes changed = bytes;
        changed[2] |= static_cast<std::uint8_t>(flags);
        out.add("first signer with flags " + std::to_string(flags), kShared, changed,
                Verdict::kSignerFlags);
    }
    for (Signer signer :
         {Signer::p256(p256_key("server")), Signer::secp256k1_eip712(ethereum_key("browser")),
          Signer::secp256k1_eip191(ethereum_key("browser")),
          Signer::program(address(0x55), derived_address()),
          Signer::contract(1, ethereum_key("contract"))}) {
        signer.option = true;
        out.add(std::string(kind_name(signer.kind)) + " with an option",
                single_configuration(signer), Verdict::kSignerFlags);
    }
}

/// The same signer with a key that cannot be one.
void add_bad_key(Writer& out, std::string name, Signer signer, const Bytes& key) {
    signer.key = key;
    out.add(std::move(name), single_configuration(signer), Verdict::kSignerKey);
}

void add_bad_ed25519_keys(Writer& out) {
    const Signer ed25519 = Signer::ed25519(ed25519_key("laptop"));
    const auto with_key = [&](std::string name, const Signer& signer, const Bytes& key) {
        add_bad_key(out, std::move(name), signer, key);
    };
    Bytes key = filled(0);
    with_key("ed25519 y = 0, order 4", ed25519, key);
    key[0] = 1;
    with_key("ed25519 neutral element", ed25519, key);
    key[31] = 0x80;
    with_key("ed25519 neutral element, sign set", ed25519, key);
    key[0] = 2;
    key[31] = 0;
    with_key("ed25519 y = 2, off the curve", ed25519, key);
    key = filled(0xff);
    key[0] = 0xec;
    key[31] = 0x7f;
    with_key("ed25519 y = -1, order 2", ed25519, key);
    key[0] = 0xed;
    with_key("ed25519 y = p", ed25519, key);
    key[0] = 0xee;
    with_key("ed25519 y = p + 1", ed25519, key);
    with_key("ed25519 order 8", ed25519,
             core::decode_hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
                 .value());
    with_key("ed25519 order 8, the other", ed25519,
             core::decode_hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85")
                 .value());
}

void add_bad_keys(Writer& out) {
    const auto with_key = [&](std::string name, const Signer& signer, const Bytes& key) {
        add_bad_key(out, std::move(name), signer, key);
    };
    with_key("zero ethereum address, eip712", Signer::secp256k1_eip712(ethereum_key("browser")),
             filled(0, 20));
    with_key("zero ethereum address, eip191", Signer::secp256k1_eip191(ethereum_key("browser")),
             filled(0, 20));
    const Signer p256 = Signer::p256(p256_key("server"));
    Bytes key = p256.key;
    key[0] = 0x04;
    with_key("p256 with an uncompressed head", p256, key);
    key = filled(0xff, 33);
    key[0] = 0x02;
    with_key("p256 x above the prime", p256, key);
    key = p256.key;
    for (key[32] = 0; core::crypto::parse_p256_public_key(key).has_value(); ++key[32]) {
    }
    with_key("p256 off the curve", p256, key);
    Bytes credential = passkey("phone").key;
    std::copy(key.begin(), key.end(), credential.begin());
    with_key("passkey off the curve", passkey("phone"), credential);
    const Signer program = Signer::program(address(0x55), derived_address());
    with_key("program zero", program, core::concat(Hash32(), derived_address()));
    with_key("program address on the curve", program,
             core::concat(address(0x55), ed25519_key("laptop")));
    const Signer contract = Signer::contract(1, ethereum_key("contract"));
    with_key("contract on chain 0", contract, Signer::contract(0, ethereum_key("contract")).key);
    with_key("contract zero", contract, Signer::contract(1, {}).key);
}

void add_duplicates(Writer& out) {
    const Signer ed25519 = Signer::ed25519(ed25519_key("laptop"));
    const Signer p256 = Signer::p256(p256_key("phone"));
    const Signer phone = passkey("phone");
    Signer elsewhere = phone;
    elsewhere.key.back() ^= 1;
    const Signer typed = Signer::secp256k1_eip712(ethereum_key("browser"));
    const Signer personal = Signer::secp256k1_eip191(ethereum_key("browser"));
    const Signer paying = Signer::ed25519(ed25519_key("laptop"), true);
    const Signer program = Signer::program(address(0x55), derived_address());
    const Signer contract = Signer::contract(1, ethereum_key("browser"));
    const std::pair<std::string, std::vector<Signer>> cases[] = {
        {"ed25519 twice", {ed25519, paying}},
        {"passkey and its bare key", {phone, p256}},
        {"bare key and its passkey", {p256, phone}},
        {"one passkey for two relying parties", {phone, elsewhere}},
        {"one address in both envelopes", {typed, personal}},
        {"one address in both envelopes, the other way", {personal, ed25519, typed}},
        {"program twice", {program, program}},
        {"contract twice", {contract, ed25519, contract}},
        {"same party, same key", {ed25519, ed25519.with_same_party()}},
    };
    for (const auto& [name, signers] : cases) {
        const auto all = static_cast<std::uint16_t>((1U << signers.size()) - 1);
        out.add("duplicate: " + name, owned_by(signers, {rule_of(0x0f, all)}),
                Verdict::kSignerDuplicate);
    }
    out.add("one key as address and as contract on two chains",
            owned_by({typed, contract, Signer::contract(2, ethereum_key("browser"))},
                     {rule_of(0x0f, 0b111)}));
}

void add_bad_rules(Writer& out) {
    const auto add = [&](const std::string& name, const Rule& rule, Verdict expected) {
        Configuration configuration = full_configuration();
        configuration.rules[1] = rule;
        out.add("rule: " + name, configuration, expected);
    };
    for (const unsigned actions :
         {0x00U, 0x02U, 0x06U, 0x0eU, 0x10U, 0x31U, 0x15U, 0x50U, 0x90U, 0xffU, 0x42U, 0xe2U}) {
        add("actions " + std::to_string(actions), rule_of(actions), Verdict::kRuleActions);
    }
    for (const unsigned actions : {0x20U, 0x40U, 0x80U, 0xe0U, 0xefU}) {
        add("good actions " + std::to_string(actions), rule_of(actions), Verdict::kAccepted);
    }
    add("no signer", rule_of(1, 0), Verdict::kRuleMask);
    add("signer beyond the last", rule_of(1, 0b1000), Verdict::kRuleMask);
    add("signer beyond the last among others", rule_of(1, 0b10000111), Verdict::kRuleMask);
    add("two of one", rule_of(1, 1, 2), Verdict::kRuleThreshold);
    add("two keys of one party", rule_of(1, 0b110, 2), Verdict::kRuleThreshold);
    add("three of two parties", rule_of(1, 0b111, 3), Verdict::kRuleThreshold);
    add("sixteen of two", rule_of(1, 0b111, 16), Verdict::kRuleThreshold);

    Rule rule = rule_of(1);
    const core::Times bad_times[] = {
        {0, core::kNever}, {5, 5}, {6, 5}, {0, 0}, {core::kNever, core::kNever}};
    for (const core::Times& times : bad_times) {
        rule.times = times;
        add("times " + std::to_string(times.not_before) + " to " + std::to_string(times.expires_at),
            rule, Verdict::kRuleTimes);
    }
    rule = rule_of(1);
    const core::Target low{address(0x22), {0xaa}};
    const core::Target high{address(0x33), {}};
    rule.scope = {high, low};
    add("targets descending", rule, Verdict::kRuleScope);
    rule.scope = {low, low};
    add("target twice", rule, Verdict::kRuleScope);
    rule.scope = {core::Target{address(0x22), {1, 2}}, core::Target{address(0x22), {3}}};
    add("longer prefix first", rule, Verdict::kRuleScope);
    rule.scope = {core::Target{address(0x22), {3}}, core::Target{address(0x22), {2}}};
    add("prefixes descending", rule, Verdict::kRuleScope);
    rule.scope = {core::Target{address(0x22), filled(1, 17)}};
    add("prefix of 17 bytes", rule, Verdict::kRuleScope);
    rule.scope = {low};
    rule.actions = core::kActionExecute | core::kActionPolicy;
    add("scope for a change of policy", rule, Verdict::kRuleScope);
    rule.actions = core::kActionMessage;
    add("scope for messages", rule, Verdict::kRuleActions);
    rule.scope.clear();
    rule.times = core::Times{0, 5};
    add("times for messages", rule, Verdict::kRuleActions);
    rule = rule_of(core::kActionMessage);
    rule.limits = {core::Limit{}};
    add("limits for messages", rule, Verdict::kRuleActions);
    rule.actions = core::kActionExecute;
    add("limits without scope", rule, Verdict::kRuleLimits);
    rule.scope = {low};
    rule.actions = core::kActionExecute | core::kActionGrant;
    add("limits with grant", rule, Verdict::kRuleLimits);
    rule.actions = core::kActionExecute;
    rule.limits = {core::Limit{address(2), 1, 1, 0}, core::Limit{address(1), 1, 1, 0}};
    add("limits descending", rule, Verdict::kRuleLimits);
    rule.limits[1].asset = address(2);
    add("limit twice", rule, Verdict::kRuleLimits);
    rule.limits = {core::Limit{Hash32(), 2, 1, 0}};
    add("more at once than in a period", rule, Verdict::kRuleLimits);
    rule.limits.assign(9, core::Limit{});
    for (std::uint8_t i = 0; i < 9; ++i) {
        rule.limits[i].asset = address(i);
    }
    add("nine limits", rule, Verdict::kRuleLimits);
}

/// Delays and guards, which hold each other.
void add_waits(Writer& out) {
    const auto waiting = [](std::uint64_t actions, std::uint32_t delay,
                            core::Tie tie = core::Tie::kOwner) {
        Rule rule = rule_of(actions);
        rule.wait = core::Wait{delay, tie};
        return rule;
    };
    const Signer ed25519 = Signer::ed25519(ed25519_key("laptop"));
    constexpr std::uint32_t kDay = 86'400;
    const auto add = [&](const std::string& name, std::vector<Rule> rules,
                         std::optional<std::uint16_t> guard, Verdict expected) {
        Configuration configuration = owned_by({ed25519}, std::move(rules));
        if (guard) {
            configuration.recovery = full_configuration().recovery;
            configuration.recovery->guard_hours = *guard;
        }
        out.add("wait: " + name, configuration, expected);
    };
    using enum core::Tie;
    const Rule change = rule_of(core::kActionPolicy);
    for (const std::uint32_t delay : {0U, 31'536'001U, 0x7fffffffU}) {
        add("delay of " + std::to_string(delay), {change, waiting(core::kActionExecute, delay)}, 72,
            Verdict::kRuleWait);
    }
    add("longest delay",
        {waiting(core::kActionPolicy, 90 * kDay), waiting(core::kActionExecute, 1),
         waiting(core::kActionPolicy, 365 * kDay)},
        {}, Verdict::kAccepted);
    add("TIE recovery for 30 days",
        {waiting(core::kActionPolicy, 32 * kDay),
         waiting(core::kActionExecute, 30 * kDay, kRecovery)},
        {}, Verdict::kAccepted);
    add("TIE recovery for a second more",
        {waiting(core::kActionPolicy, 90 * kDay),
         waiting(core::kActionExecute, 30 * kDay + 1, kRecovery)},
        {}, Verdict::kRuleWait);
    add("TIE recovery without delay", {change, waiting(core::kActionExecute, 0, kRecovery)}, 72,
        Verdict::kRuleWait);
    for (const auto actions :
         {core::kActionExecute, core::kActionExecute | core::kActionGrant, core::kActionUpgrade,
          core::kActionCancel, core::kActionFreeze, core::kActionPolicy}) {
        add("actions " + std::to_string(actions), {change, waiting(actions, kDay)}, 72,
            Verdict::kAccepted);
    }
    add("message", {change, waiting(core::kActionMessage, kDay)}, 72, Verdict::kRuleActions);
    // What a delay holds back must not be had sooner by removing the delay.
    add("a change as soon as 48 hours later",
        {waiting(core::kActionPolicy, 3 * kDay), waiting(core::kActionExecute, kDay)}, {},
        Verdict::kAccepted);
    add("a change a second sooner",
        {waiting(core::kActionPolicy, 3 * kDay - 1), waiting(core::kActionExecute, kDay)}, {},
        Verdict::kRuleWait);
    add("one of two changes sooner",
        {waiting(core::kActionPolicy, 3 * kDay), waiting(core::kActionExecute, kDay), change}, {},
        Verdict::kRuleWait);
    add("a guard of 48 hours more", {change, waiting(core::kActionExecute, kDay)}, 72,
        Verdict::kAccepted);
    add("a guard an hour shorter", {change, waiting(core::kActionExecute, kDay)}, 71,
        Verdict::kRuleWait);
    add("no guard", {change, waiting(core::kActionExecute, kDay)}, 0, Verdict::kRuleWait);
    add("no recovery", {change, waiting(core::kActionExecute, kDay)}, {}, Verdict::kRuleWait);
    add("longest guard", {change}, 2160, Verdict::kAccepted);
    add("guard above 90 days", {change}, 2161, Verdict::kRuleWait);
    add("greatest guard", {change}, 0xffff, Verdict::kRuleWait);
    // A change after more than 90 days is none for whoever has lost a key.
    add("the only change after 90 days", {waiting(core::kActionPolicy, 90 * kDay)}, {},
        Verdict::kAccepted);
    add("the only change a second later", {waiting(core::kActionPolicy, 90 * kDay + 1)}, {},
        Verdict::kLockout);
    Configuration pair =
        owned_by({ed25519, passkey("phone")},
                 {rule_of(core::kActionPolicy, 0b11, 2), waiting(core::kActionExecute, kDay)});
    out.add("wait: two parties change at once", pair);
    pair.rules.push_back(rule_of(core::kActionPolicy, 0b11));
    out.add("wait: two parties or one change at once", pair, Verdict::kRuleWait);
    pair.signers[1].same_party = true;
    pair.rules.resize(2);
    pair.rules[0].threshold = 1;
    out.add("wait: two keys of one party change at once", pair, Verdict::kRuleWait);
}

/// Bytes that no value has: counts of zero and too many targets.
void add_bad_counts(Writer& out) {
    const Bytes session = core::encode_unchecked(full_session());
    // Count of signers, signer, actions, quorum, times.
    const std::size_t scope_at = 1 + 33 + 2 + 16;
    require(session[scope_at] == 2, "the session's scope is elsewhere");
    const std::size_t limits_at = session.size() - 53;
    require(session[limits_at] == 1, "the session's limits are elsewhere");
    // With other counts the rule ends elsewhere, mostly behind the bytes: only so much is read of a
    // rule that does not end.
    for (const unsigned count : {0U, 1U, 3U, 17U, 255U}) {
        Bytes changed = session;
        changed[scope_at] = static_cast<std::uint8_t>(count);
        out.add("session with a count of " + std::to_string(count) + " targets", kLocalRule,
                changed);
    }
    for (const unsigned count : {0U, 2U, 9U, 255U}) {
        Bytes changed = session;
        changed[limits_at] = static_cast<std::uint8_t>(count);
        out.add("session with a count of " + std::to_string(count) + " limits", kLocalRule,
                changed);
    }
    LocalRule many = full_session();
    for (std::uint8_t i = 0; i < 15; ++i) {
        many.rule.scope.push_back(core::Target{address(static_cast<std::uint8_t>(0x40 + i)), {}});
    }
    out.add("session with 17 targets", many, Verdict::kRuleScope);
    many.rule.scope.pop_back();
    out.add("session with 16 targets", many);
    for (std::uint8_t i = 1; i < 9; ++i) {
        many.rule.limits.push_back(core::Limit{address(i), 1, 1, 0});
    }
    out.add("session with nine limits", many, Verdict::kRuleLimits);
    many.rule.limits.pop_back();
    out.add("session with eight limits", many);
    many = full_session();
    many.rule.limits.clear();
    for (const auto& [quorum, verdict] :
         {std::pair{core::kQuorumScope, Verdict::kRuleScope},
          {core::kQuorumScope | core::kQuorumLimits, Verdict::kRuleScope},
          {core::kQuorumLimits, Verdict::kRuleLimits}}) {
        LocalRule none = full_session();
        none.rule = rule_of(core::kActionExecute);
        Bytes changed = core::encode_unchecked(none);
        changed.back() = static_cast<std::uint8_t>(quorum);
        changed.resize(changed.size() + (quorum == core::kQuorumLimits ? 1 : 2));
        out.add("session with empty blocks, quorum " + std::to_string(quorum), kLocalRule, changed,
                verdict);
    }
    many = full_session();
    for (const std::uint32_t delay : {1U, 3600U, 31'536'000U}) {
        many.rule.wait = core::Wait{delay, core::Tie::kOwner};
        out.add("session that waits " + std::to_string(delay), many, Verdict::kRuleWait);
    }
    for (const unsigned bit : {0x80U, 0xb0U, 0xf0U}) {
        Bytes changed = session;
        changed[35] = static_cast<std::uint8_t>(bit);
        // The block would be the last bytes of something else.
        out.add("session with quorum " + std::to_string(bit), kLocalRule, changed);
    }
}

void add_bad_frames(Writer& out) {
    const Bytes shared = core::encode_unchecked(full_configuration());
    for (const unsigned header : {0x00U, 0x01U, 0x21U, 0xf1U, 0x13U, 0x19U, 0x1bU}) {
        Bytes changed = shared;
        changed[0] = static_cast<std::uint8_t>(header);
        out.add("header " + std::to_string(header), kShared, changed,
                Verdict::kConfigurationVersion);
    }
    Bytes longer = shared;
    longer.push_back(0);
    out.add("a byte behind", kShared, longer, Verdict::kConfigurationTrailing);
    longer.insert(longer.end(), 40, 0);
    out.add("41 bytes behind", kShared, longer, Verdict::kConfigurationTrailing);
    Bytes without_flag = shared;
    without_flag[0] &= 0xfe;
    out.add("recovery hash without its flag", kShared, without_flag,
            Verdict::kConfigurationTrailing);
    Configuration twice = full_configuration();
    twice.rules.push_back(twice.rules.back());
    out.add("a rule twice", twice, Verdict::kRuleDuplicate);
    twice.rules.back().limits[0].per_call -= 1;
    out.add("two rules that differ in a limit", twice);
    twice.rules.push_back(twice.rules[0]);
    out.add("the first rule again as the last", twice, Verdict::kRuleDuplicate);
    Configuration lost = full_configuration();
    lost.rules[0].actions = core::kActionExecute;
    out.add("nobody may change the policy", lost, Verdict::kLockout);
    lost.rules[0].actions = core::kActionPolicy;
    lost.rules[0].times = core::Times{0, 5};
    out.add("only an expiring rule may change the policy", lost, Verdict::kLockout);
    lost.lockdown = true;
    out.add("only an expiring rule, with lockdown", lost);
    Configuration elsewhere = owned_by(
        {Signer::ed25519(ed25519_key("laptop")), Signer::contract(1, ethereum_key("contract"))},
        {rule_of(0x0f, 0b11, 2)});
    out.add("the policy needs a contract's approval", elsewhere, Verdict::kLockout);
    elsewhere.signers[1].same_party = true;
    elsewhere.rules[0].threshold = 1;
    out.add("the contract is another key of a party on Solana", elsewhere);
}

struct Field {
    std::string name;
    std::size_t offset;
    std::size_t size;
};

/// Every field of full_configuration() in its bytes.
std::vector<Field> fields_of_full_configuration() {
    std::vector<Field> fields;
    std::size_t at = 0;
    const auto add = [&](std::string name, std::size_t size) {
        fields.push_back({std::move(name), at, size});
        at += size;
    };
    add("header", 1);
    add("counts", 1);
    add("passkey head", 1);
    add("passkey key", 33);
    add("passkey rpIdHash", 32);
    add("ed25519 head", 1);
    add("ed25519 key", 32);
    add("p256 head", 1);
    add("p256 key", 33);
    for (const std::string rule : {"rule 0 ", "rule 1 "}) {
        add(rule + "actions", 1);
        add(rule + "quorum", 1);
        add(rule + "mask", 1);
    }
    add("notBefore", 8);
    add("expiresAt", 8);
    add("target count", 1);
    add("target 0 address", 32);
    add("target 0 prefix length", 1);
    add("target 1 address", 32);
    add("target 1 prefix length", 1);
    add("target 1 prefix", 2);
    add("limit count", 1);
    for (const std::string limit : {"limit 0 ", "limit 1 "}) {
        add(limit + "asset", 32);
        add(limit + "perCall", 8);
        add(limit + "perPeriod", 8);
        add(limit + "period", 4);
    }
    add("guard", 2);
    add("recovery hash", 30);
    require(at == core::encode_unchecked(full_configuration()).size(), "fields do not add up");
    return fields;
}

void add_field_changes(Writer& out) {
    const Bytes bytes = core::encode_unchecked(full_configuration());
    for (const Field& field : fields_of_full_configuration()) {
        out.add("cut before " + field.name, kShared, ByteView(bytes).first(field.offset),
                Verdict::kConfigurationTruncated);
        if (field.size > 1) {
            out.add("cut inside " + field.name, kShared,
                    ByteView(bytes).first(field.offset + field.size - 1),
                    Verdict::kConfigurationTruncated);
        }
        Bytes last_bit = bytes;
        last_bit[field.offset + field.size - 1] ^= 1;
        out.add("last bit of " + field.name, kShared, last_bit);
        Bytes first_bit = bytes;
        first_bit[field.offset] ^= 0x80;
        out.add("first bit of " + field.name, kShared, first_bit);
    }
}

}  // namespace

json::array generate_configurations() {
    Writer out;
    add_kinds(out);
    add_shapes(out);
    add_presets(out);
    add_genesis(out);
    add_local_rules(out);
    add_bad_signers(out);
    add_bad_ed25519_keys(out);
    add_bad_keys(out);
    add_duplicates(out);
    add_bad_rules(out);
    add_waits(out);
    add_bad_counts(out);
    add_bad_frames(out);
    add_field_changes(out);
    return out.take();
}

void run_configuration(const json::object& vector, Findings& findings) {
    const std::string type = text_at(vector, "type");
    const Bytes bytes = bytes_at(vector, "bytes");
    const Verdict expected = verdict_at(vector);
    const Verdict actual = judge(type, bytes);
    findings.verdict(expected, actual);
    findings.that("a value exactly when accepted",
                  has(vector, "value") == (expected == Verdict::kAccepted));
    if (expected != Verdict::kAccepted || actual != expected) {
        return;
    }
    const json::object& value = object_at(vector, "value");
    findings.equal("the decoded value", value, value_of(type, bytes));
    const core::Judged<Bytes> encoded = type == kShared    ? core::encode(configuration_from(value))
                                        : type == kGenesis ? core::encode(genesis_from(value))
                                                           : core::encode(local_rule_from(value));
    findings.equal("the encoded value", vector.at("bytes"), hex(encoded.value_or(Bytes())));
}

}  // namespace latchkey::vectors
