// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/identity.hpp"
#include "tools/vectors/examples.hpp"
#include "tools/vectors/subject.hpp"

namespace latchkey::vectors {

namespace {

using core::RecoveryPart;
using core::Rule;
using core::Signer;

/// The verdict of a chain that is shown the part; the value, if what it restores makes sense too.
json::object part_vector(std::string name, ByteView bytes) {
    json::object vector{{"name", std::move(name)},
                        {"type", "part"},
                        {"bytes", hex(bytes)},
                        {"verdict", number_of(core::judge_recovery_part(bytes))}};
    if (const auto value = core::decode_recovery_part(bytes)) {
        vector["value"] = to_json(*value);
    }
    return vector;
}

void add_part(json::array& out, const std::string& name, const RecoveryPart& part,
              Verdict expected) {
    json::object vector = part_vector(name, core::encode_unchecked(part));
    require(vector.at("verdict") == number_of(expected),
            name + ": " + json::serialize(vector.at("verdict")));
    out.push_back(std::move(vector));
}

void add_bad_parts(json::array& out) {
    using Change = void (*)(RecoveryPart&);
    struct Case {
        std::string name;
        Change change;
        Verdict verdict;
    };
    const Case cases[] = {
        {"recovers at once", [](RecoveryPart& part) { part.rules[0].wait.reset(); },
         Verdict::kAccepted},
        {"who cancels wins",
         [](RecoveryPart& part) { part.rules[0].wait->tie = core::Tie::kOwner; },
         Verdict::kAccepted},
        {"a year's delay",
         [](RecoveryPart& part) { part.rules[0].wait = core::Wait{31'536'000, core::Tie::kOwner}; },
         Verdict::kAccepted},
        {"a year's delay and a second",
         [](RecoveryPart& part) { part.rules[0].wait = core::Wait{31'536'001, core::Tie::kOwner}; },
         Verdict::kRuleWait},
        {"31 days, who proposes wins",
         [](RecoveryPart& part) { part.rules[0].wait->delay_seconds = 31 * 86'400; },
         Verdict::kRuleWait},
        {"no delay in its block", [](RecoveryPart& part) { part.rules[0].wait->delay_seconds = 0; },
         Verdict::kRuleWait},
        {"executes", [](RecoveryPart& part) { part.rules[2].actions |= core::kActionExecute; },
         Verdict::kRuleActions},
        {"changes the configuration",
         [](RecoveryPart& part) { part.rules[0].actions |= core::kActionPolicy; },
         Verdict::kRuleActions},
        {"signs messages", [](RecoveryPart& part) { part.rules[2].actions = core::kActionMessage; },
         Verdict::kRuleActions},
        {"upgrades", [](RecoveryPart& part) { part.rules[0].actions = core::kActionUpgrade; },
         Verdict::kRuleActions},
        {"does nothing", [](RecoveryPart& part) { part.rules[1].actions = 0; },
         Verdict::kRuleActions},
        {"a scope", [](RecoveryPart& part) { part.rules[0].scope = {core::Target{}}; },
         Verdict::kRuleScope},
        {"limits", [](RecoveryPart& part) { part.rules[0].limits = {core::Limit{}}; },
         Verdict::kRuleLimits},
        {"empty times", [](RecoveryPart& part) { part.rules[1].times = core::Times{5, 5}; },
         Verdict::kRuleTimes},
        {"three of two parties", [](RecoveryPart& part) { part.rules[1].threshold = 3; },
         Verdict::kRuleThreshold},
        {"nobody freezes", [](RecoveryPart& part) { part.rules[2].mask = 0; }, Verdict::kRuleMask},
        {"a signer that is not there", [](RecoveryPart& part) { part.rules[2].mask = 0b1000; },
         Verdict::kRuleMask},
        {"a rule twice", [](RecoveryPart& part) { part.rules[1] = part.rules[0]; },
         Verdict::kRuleDuplicate},
        {"a signer twice", [](RecoveryPart& part) { part.signers[1] = part.signers[2]; },
         Verdict::kSignerDuplicate},
        {"a key that is none", [](RecoveryPart& part) { part.signers[2].key = filled(0x02); },
         Verdict::kSignerKey},
        {"another salt", [](RecoveryPart& part) { part.salt[15] ^= 1; }, Verdict::kAccepted},
        // Of what is restored a chain learns by a recovery only.
        {"restores what nobody changes",
         [](RecoveryPart& part) { part.after.rules[0].actions = core::kActionExecute; },
         Verdict::kAccepted},
        {"restores for one signer", [](RecoveryPart& part) { part.after.signers = 1; },
         Verdict::kAccepted}};
    for (const Case& one : cases) {
        RecoveryPart part = full_recovery();
        one.change(part);
        add_part(out, "part: " + one.name, part, one.verdict);
    }
}

void add_parts(json::array& out) {
    add_part(out, "part with everything", full_recovery(), Verdict::kAccepted);
    const RecoveryPart smallest{.signers = {Signer::ed25519(ed25519_key("guardian"))},
                                .rules = {rule_of(core::kActionRecover)},
                                .after = {.signers = 1, .rules = {rule_of(core::kActionPolicy)}}};
    add_part(out, "smallest part", smallest, Verdict::kAccepted);
    add_bad_parts(out);

    const Bytes bytes = core::encode(full_recovery()).value();
    for (std::size_t size = 0; size < bytes.size(); size += size < 20 ? 1 : 13) {
        out.push_back(
            part_vector("part cut at " + std::to_string(size), ByteView(bytes).first(size)));
    }
    for (std::size_t at = 0; at < bytes.size(); at += at < 4 ? 1 : 7) {
        Bytes changed = bytes;
        changed[at] ^= 0x01;
        out.push_back(part_vector("part with another byte " + std::to_string(at), changed));
        changed[at] ^= 0x81;
        out.push_back(part_vector("part with another sign " + std::to_string(at), changed));
    }
    for (const unsigned header : {0x00U, 0x11U, 0x12U, 0x14U, 0x18U, 0x20U}) {
        Bytes changed = bytes;
        changed[0] = static_cast<std::uint8_t>(header);
        out.push_back(part_vector("part with header " + std::to_string(header), changed));
    }
    for (const std::size_t size : {bytes.size() + 1, std::size_t{1024}, std::size_t{1025}}) {
        Bytes longer = bytes;
        longer.resize(size);
        out.push_back(part_vector("part of " + std::to_string(size) + " bytes", longer));
    }
}

void add_commitments(json::array& out) {
    const Bytes full = core::encode(full_recovery()).value();
    Bytes other = full;
    other.back() ^= 1;
    const auto add = [&](std::string name, const Bytes& part, std::uint16_t guard) {
        out.push_back(json::object{{"name", std::move(name)},
                                   {"type", "commitment"},
                                   {"part", hex(part)},
                                   {"guard", guard},
                                   {"commitment", hex(core::commitment_of(part, guard).bytes())}});
    };
    for (const std::uint16_t guard :
         {std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{216}, std::uint16_t{255},
          std::uint16_t{256}, std::uint16_t{2160}}) {
        add("commitment with guard " + std::to_string(guard), full, guard);
    }
    add("commitment to another salt", other, 216);
    add("commitment to no bytes", {}, 216);
}

json::object recovered_vector(std::string name, const Bytes& part, std::uint16_t guard,
                              const Bytes& signers) {
    const core::RecoveryCommitment commitment = core::commitment_of(part, guard);
    const core::Judged<Bytes> shared = core::recovered_shared(part, commitment, signers);
    json::object vector{{"name", std::move(name)},
                        {"type", "recovered"},
                        {"part", hex(part)},
                        {"guard", guard},
                        {"signers", hex(signers)},
                        {"verdict", number_of(shared ? Verdict::kAccepted : shared.error())}};
    if (shared) {
        vector["shared"] = hex(*shared);
    }
    return vector;
}

void add_recovered(json::array& out) {
    const Bytes full = core::encode(full_recovery()).value();
    const auto add = [&](const std::string& name, const Bytes& part, std::uint16_t guard,
                         const Bytes& signers, Verdict expected) {
        json::object vector = recovered_vector("recovered: " + name, part, guard, signers);
        require(vector.at("verdict") == number_of(expected),
                name + ": " + json::serialize(vector.at("verdict")));
        out.push_back(std::move(vector));
    };
    const Signer phone = Signer::ed25519(ed25519_key("new phone"));
    const Signer laptop = Signer::p256(p256_key("new laptop"));
    const auto signers = [](const std::vector<Signer>& list) {
        return core::encode_unchecked(list);
    };
    add("two new signers", full, 216, new_signers(), Verdict::kAccepted);
    add("the other way round", full, 216, signers({laptop, phone}), Verdict::kAccepted);
    add("a shorter guard, which two parties do not need", full, 0, new_signers(),
        Verdict::kAccepted);
    add("one signer", full, 216, signers({phone}), Verdict::kSignerKind);
    add("three signers", full, 216, signers({phone, laptop, passkey("tablet")}),
        Verdict::kRuleMask);
    add("no signer", full, 216, {}, Verdict::kSignerKind);
    add("one party of two keys", full, 216, signers({phone, laptop.with_same_party()}),
        Verdict::kRuleThreshold);
    add("one key twice", full, 216, signers({phone, phone}), Verdict::kSignerDuplicate);
    add("a key that is none", full, 216,
        signers({Signer{.kind = core::kSignerEd25519, .key = filled(2)}, laptop}),
        Verdict::kSignerKey);
    add("5,000 bytes", full, 216, filled(1, 5000), Verdict::kConfigurationTooLong);
    RecoveryPart weak = full_recovery();
    weak.after.rules[0].threshold = 1;
    add("one party changes it at once", core::encode(weak).value(), 71, new_signers(),
        Verdict::kRuleWait);
    add("one party changes it in time", core::encode(weak).value(), 72, new_signers(),
        Verdict::kAccepted);
    RecoveryPart locked = full_recovery();
    locked.after.rules[0].actions = core::kActionExecute;
    add("nobody changes it", core::encode_unchecked(locked), 216, new_signers(), Verdict::kLockout);

    // Rules among the signers, whose last one swallows those that were put down: its expiresAt ends
    // with them.
    RecoveryPart plain = full_recovery();
    plain.after.rules = {rule_of(0x0f, 0b11, 2), rule_of(core::kActionExecute, 0b01)};
    const Bytes policy = {0x04, 0x00, 0x03};
    const Bytes swallowing = core::concat(Bytes{0x01, 0x10, 0x03}, Bytes(8), Bytes{0x0f, 0xff});
    add("rules among the signers", core::encode(plain).value(), 0,
        core::concat(new_signers(), policy, swallowing), Verdict::kConfigurationTrailing);
    add("a rule among the signers", core::encode(plain).value(), 0,
        core::concat(new_signers(), policy), Verdict::kConfigurationTrailing);
}

void add_config_ids(json::array& out) {
    const core::WalletId wallet_id(hash_of("wallet").array());
    const Bytes part = core::encode(full_recovery()).value();
    const core::RecoveryCommitment commitment = core::commitment_of(part, 216);
    const Bytes shared = core::recovered_shared(part, commitment, new_signers()).value();
    const auto add = [&](std::string name, const core::WalletId& wallet,
                         const core::RecoveryCommitment& parent, std::uint8_t rule,
                         std::uint32_t epoch, const Bytes& content) {
        out.push_back(json::object{
            {"name", std::move(name)},
            {"type", "configId"},
            {"walletId", hex(wallet)},
            {"commitment", hex(parent.bytes())},
            {"rule", rule},
            {"epoch", epoch},
            {"shared", hex(content)},
            {"configId", hex(core::recovered_config_id(wallet, parent, rule, epoch, content))}});
    };
    core::WalletId other_wallet = wallet_id;
    other_wallet[0] ^= 1;
    Bytes other_shared = shared;
    other_shared.back() ^= 1;
    add("configId", wallet_id, commitment, 0, 0, shared);
    add("configId of another wallet", other_wallet, commitment, 0, 0, shared);
    add("configId under another guard", wallet_id, core::commitment_of(part, 217), 0, 0, shared);
    add("configId by another rule", wallet_id, commitment, 15, 0, shared);
    add("configId in another epoch", wallet_id, commitment, 0, 1, shared);
    add("configId in the last epoch", wallet_id, commitment, 0, 0xffffffff, shared);
    add("configId of another shared part", wallet_id, commitment, 0, 0, other_shared);
}

}  // namespace

json::array generate_recoveries() {
    json::array out;
    add_parts(out);
    add_commitments(out);
    add_recovered(out);
    add_config_ids(out);
    return out;
}

void run_recovery(const json::object& vector, Findings& findings) {
    const std::string type = text_at(vector, "type");
    if (type == "part") {
        const Bytes bytes = bytes_at(vector, "bytes");
        findings.verdict(verdict_at(vector), core::judge_recovery_part(bytes));
        const auto value = core::decode_recovery_part(bytes);
        findings.that("a value exactly when it restores something",
                      has(vector, "value") == value.has_value());
        if (value && has(vector, "value")) {
            findings.equal("the decoded value", vector.at("value"), to_json(*value));
            const core::Judged<Bytes> again =
                core::encode(recovery_part_from(object_at(vector, "value")));
            findings.equal("the encoded value", vector.at("bytes"), hex(again.value_or(Bytes())));
        }
        return;
    }
    if (type == "configId") {
        const auto commitment =
            core::RecoveryCommitment::from(fixed_at<Hash32>(vector, "commitment"));
        findings.equal(
            "configId", vector.at("configId"),
            hex(core::recovered_config_id(fixed_at<core::WalletId>(vector, "walletId"), commitment,
                                          static_cast<std::uint8_t>(small_at(vector, "rule")),
                                          static_cast<std::uint32_t>(small_at(vector, "epoch")),
                                          bytes_at(vector, "shared"))));
        return;
    }
    const Bytes part = bytes_at(vector, "part");
    const auto commitment =
        core::commitment_of(part, static_cast<std::uint16_t>(small_at(vector, "guard")));
    if (type == "commitment") {
        findings.equal("commitment", vector.at("commitment"), hex(commitment.bytes()));
        return;
    }
    const core::Judged<Bytes> shared =
        core::recovered_shared(part, commitment, bytes_at(vector, "signers"));
    findings.verdict(verdict_at(vector), shared ? Verdict::kAccepted : shared.error());
    findings.that("a shared part exactly when accepted",
                  has(vector, "shared") == shared.has_value());
    if (shared && has(vector, "shared")) {
        findings.equal("shared", vector.at("shared"), hex(*shared));
    }
}

}  // namespace latchkey::vectors
