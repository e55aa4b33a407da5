// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/describe.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <sstream>

#include "core/crypto/hash.hpp"
#include "core/encoding/base58.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/key_checker.hpp"

namespace latchkey::core {

namespace {

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string out;
    for (const std::string& part : parts) {
        out += out.empty() ? "" : separator;
        out += part;
    }
    return out;
}

std::string base58_of(ByteView bytes) {
    return encode_base58(bytes).value_or(encode_hex(bytes));
}

std::string ethereum_of(ByteView bytes) {
    return crypto::checksummed_address(*crypto::EthereumAddress::from(bytes));
}

/// Names come from files of others: nothing but what a domain is made of is shown.
bool is_domain(const std::string& name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-';
    });
}

std::string passkey_name(ByteView rp_id_hash, const Names& names) {
    for (const std::string& name : names.relying_parties) {
        if (is_domain(name) && equal(crypto::sha256(as_bytes(name)), rp_id_hash)) {
            return name;
        }
    }
    return "of the relying party with hash " + encode_hex(rp_id_hash);
}

std::string asset_name(const Hash32& asset, const Names& names) {
    if (names.asset_name != nullptr) {
        return names.asset_name(asset);
    }
    return asset.is_zero() ? "native asset" : encode_base58(asset);
}

std::string describe_limit(const Limit& limit, const Names& names) {
    std::string out = asset_name(limit.asset, names) + ": at most " +
                      std::to_string(limit.per_call) + " at once and " +
                      std::to_string(limit.per_period);
    if (limit.period_seconds == 0) {
        return out + " in all";
    }
    return out + " in " + describe_duration(limit.period_seconds);
}

std::string describe_target(const Target& target, const Names& names) {
    std::string out = names.target_name != nullptr ? names.target_name(target.address)
                                                   : encode_base58(target.address);
    if (!target.prefix.empty()) {
        out += " with data beginning " + encode_hex(target.prefix);
    }
    return out;
}

std::string describe_execute(const Rule& rule, const Names& names) {
    std::vector<std::string> targets;
    for (const Target& target : rule.scope) {
        targets.push_back(describe_target(target, names));
    }
    return targets.empty() ? "execute any call" : "execute calls to {" + join(targets, "; ") + "}";
}

std::string describe_rights(const Rule& rule, const Names& names) {
    constexpr std::pair<std::uint64_t, std::string_view> kRights[] = {
        {kActionGrant, "grant sessions"},
        {kActionPolicy, "change the configuration"},
        {kActionMessage, "sign messages"},
        {kActionRecover, "recover the wallet for new signers"},
        {kActionUpgrade, "upgrade programs"},
        {kActionCancel, "cancel what waits"},
        {kActionFreeze, "freeze the wallet for 7 days"}};
    std::vector<std::string> rights;
    if ((rule.actions & kActionExecute) != 0) {
        rights.push_back(describe_execute(rule, names));
    }
    for (const auto& [action, words] : kRights) {
        if ((rule.actions & action) != 0) {
            rights.emplace_back(words);
        }
    }
    return join(rights, ", ");
}

/// What never waits.
std::string describe_at_once(const Rule& rule) {
    const bool cancels = (rule.actions & kActionCancel) != 0;
    const bool freezes = (rule.actions & kActionFreeze) != 0;
    if (!cancels && !freezes) {
        return "";
    }
    return std::string(" (") + (cancels ? "cancelling" : "") + (cancels && freezes ? " and " : "") +
           (freezes ? "freezing" : "") + " at once)";
}

std::string describe_wait(const Rule& rule, const Wait& wait) {
    return "; done " + describe_duration(wait.delay_seconds) + " after it is approved" +
           describe_at_once(rule) +
           (wait.tie == Tie::kOwner ? ", unless somebody cancels it"
                                    : "; one party alone can cancel it only twice in 90 days");
}

std::uint64_t delay_of(const Rule& rule) {
    return rule.wait ? rule.wait->delay_seconds : 0;
}

/// How long one party alone needs to change the configuration; nothing if no party can.
std::optional<std::uint64_t> soonest_change(const Configuration& configuration) {
    std::optional<std::uint64_t> soonest;
    for (const Rule& rule : configuration.rules) {
        if ((rule.actions & kActionPolicy) != 0 && rule.threshold == 1) {
            const std::uint64_t delay =
                std::max(delay_of(rule), guard_seconds(configuration.recovery));
            soonest = std::min(soonest.value_or(delay), delay);
        }
    }
    return soonest;
}

/// A rule for when nobody is there any more: no thief is in a hurry with it.
bool is_inheritance(const Rule& rule) {
    return delay_of(rule) > kMaximumGuardHours * kHour;
}

/// The parties of a mask, each with its keys.
std::vector<std::string> parties_of(const Rule& rule, const std::vector<Signer>& signers,
                                    const Names& names) {
    std::vector<std::string> parties;
    bool is_open = false;
    for (std::size_t i = 0; i < signers.size(); ++i) {
        if (!signers[i].same_party) {
            is_open = false;
        }
        if (i >= 16 || (rule.mask >> i & 1) == 0) {
            continue;
        }
        const std::string text = describe(signers[i], names);
        if (is_open) {
            parties.back() += " or " + text;
        } else {
            parties.push_back(text);
        }
        is_open = true;
    }
    return parties;
}

/// The signers that a recovery will name, by their places.
std::vector<std::string> new_parties(const Rule& rule, std::size_t signers) {
    std::vector<std::string> parties;
    for (std::size_t i = 0; i < std::min<std::size_t>(signers, 16); ++i) {
        if ((rule.mask >> i & 1) != 0) {
            parties.push_back("new signer " + std::to_string(i + 1));
        }
    }
    return parties;
}

std::string describe_with(const Rule& rule, const std::vector<std::string>& parties,
                          const Names& names) {
    std::string out = std::to_string(rule.threshold) + " of " + std::to_string(parties.size()) +
                      (parties.size() == 1 ? " party {" : " parties {") + join(parties, "; ") +
                      "} may: " + describe_rights(rule, names);
    if (!rule.limits.empty()) {
        std::vector<std::string> limits;
        for (const Limit& limit : rule.limits) {
            limits.push_back(describe_limit(limit, names));
        }
        out += "; spending only " + join(limits, "; ");
    }
    if (rule.times && rule.times->not_before != 0) {
        out += "; from " + describe_time(rule.times->not_before);
    }
    if (rule.times && rule.times->expires_at != kNever) {
        out += "; until " + describe_time(rule.times->expires_at);
    }
    if (rule.wait) {
        out += describe_wait(rule, *rule.wait);
    }
    return out;
}

}  // namespace

std::string describe_time(std::uint64_t unix_seconds) {
    // The year 9999.
    constexpr std::uint64_t kCalendarEnd = 253402300800;
    if (unix_seconds >= kCalendarEnd) {
        return "unix time " + std::to_string(unix_seconds);
    }
    const std::uint64_t day = unix_seconds / kDay;
    const std::chrono::year_month_day date{
        std::chrono::sys_days{std::chrono::days{static_cast<int>(day)}}};
    const auto rest = static_cast<unsigned>(unix_seconds % kDay);
    std::array<char, 40> text;
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02u:%02u:%02u UTC",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), rest / static_cast<unsigned>(kHour),
                  rest / 60 % 60, rest % 60);
    return text.data();
}

std::string describe_duration(std::uint64_t seconds) {
    constexpr std::pair<std::uint64_t, std::string_view> kUnits[] = {
        {kDay, "day"}, {kHour, "hour"}, {60, "minute"}, {1, "second"}};
    for (const auto& [size, name] : kUnits) {
        if (seconds >= size && seconds % size == 0) {
            const std::uint64_t count = seconds / size;
            return std::to_string(count) + " " + std::string(name) + (count == 1 ? "" : "s");
        }
    }
    return "0 seconds";
}

namespace {

std::string describe_key(const Signer& signer, const Names& names) {
    const ByteView key = signer.key;
    switch (signer.kind) {
        case kSignerEd25519:
            return "ed25519 " + base58_of(key) + (signer.option ? " (may pay fees)" : "");
        case kSignerSecp256k1Eip712:
            return "secp256k1 " + ethereum_of(key) + " (typed data)";
        case kSignerSecp256k1Eip191:
            return "secp256k1 " + ethereum_of(key) + " (personal message)";
        case kSignerP256:
            return "P-256 " + encode_hex(key);
        case kSignerWebauthn:
            return "passkey " + passkey_name(key.subspan(33), names) + " " +
                   encode_hex(key.first(33)) + (signer.option ? " (verifies its user)" : "");
        case kSignerProgram:
            return "program " + base58_of(key.first(32)) + " as " + base58_of(key.subspan(32));
        case kSignerContract:
            return "contract " + ethereum_of(key.subspan(8)) + " on chain " +
                   std::to_string(load_be<std::uint64_t>(key.data()));
    }
    return "a signer of an unknown kind";
}

}  // namespace

std::string describe(const Signer& signer, const Names& names) {
    if (signer.key.size() != signer_key_size(signer.kind)) {
        return "a signer with a malformed key";
    }
    // A chain does not look as closely as this library.
    return describe_key(signer, names) + (is_host_key(signer.kind, signer.key.data()) != 0
                                              ? ""
                                              : " (no point of the curve: it can approve nothing)");
}

std::string describe(const Rule& rule, const std::vector<Signer>& signers, const Names& names) {
    return describe_with(rule, parties_of(rule, signers, names), names);
}

std::string describe(const Configuration& configuration, const Names& names) {
    std::string out;
    for (const Rule& rule : configuration.rules) {
        out += describe(rule, configuration.signers, names) + "\n";
    }
    if (configuration.recovery) {
        out += "Recovery is private until it is used: " + encode_hex(configuration.recovery->hash) +
               "\n";
        if (configuration.recovery->guard_hours != 0) {
            out += "Guard: a change of the configuration that one party alone approves waits " +
                   describe_duration(guard_seconds(configuration.recovery)) + "\n";
        }
    }
    if (configuration.lockdown) {
        out += "Lockdown: this configuration may be impossible to change, for ever\n";
    }
    for (const std::string& warning : warnings_of(configuration)) {
        out += "Warning: " + warning + "\n";
    }
    return out;
}

std::string describe(const RecoveryPart& part, const Names& names) {
    std::string out;
    for (const Rule& rule : part.rules) {
        out += describe(rule, part.signers, names) + "\n";
    }
    for (const Rule& rule : part.after.rules) {
        out += "After a recovery: " +
               describe_with(rule, new_parties(rule, part.after.signers), names) + "\n";
    }
    return out;
}

namespace {

std::vector<std::string> lines_of(const Configuration& configuration, const Names& names) {
    std::vector<std::string> out;
    for (const Signer& signer : configuration.signers) {
        out.push_back("signer " + describe(signer, names));
    }
    std::istringstream text(describe(configuration, names));
    for (std::string line; std::getline(text, line);) {
        out.push_back(line);
    }
    return out;
}

void add_missing(const std::vector<std::string>& from, const std::vector<std::string>& there,
                 std::string_view mark, std::vector<std::string>& out) {
    for (const std::string& line : from) {
        if (std::find(there.begin(), there.end(), line) == there.end()) {
            out.push_back(std::string(mark) + line);
        }
    }
}

}  // namespace

std::vector<std::string> describe_change(const Configuration& before, const Configuration& next,
                                         const Names& names) {
    const std::vector<std::string> old_lines = lines_of(before, names);
    const std::vector<std::string> new_lines = lines_of(next, names);
    std::vector<std::string> out;
    add_missing(new_lines, old_lines, "+ ", out);
    add_missing(old_lines, new_lines, "- ", out);
    return out;
}

std::vector<std::string> warnings_of(const Configuration& configuration) {
    std::vector<std::string> out;
    const std::optional<std::uint64_t> soonest = soonest_change(configuration);
    if (soonest && *soonest == 0) {
        out.emplace_back(
            "one party alone can change everything at once, so whoever takes one of its keys owns "
            "the "
            "wallet");
    }
    bool waits = soonest.value_or(0) != 0;
    bool cancels = false;
    for (const Rule& rule : configuration.rules) {
        waits = waits || rule.wait.has_value();
        cancels = cancels || (rule.actions & kActionCancel) != 0;
    }
    if (waits && !cancels) {
        out.emplace_back("nobody can cancel what waits, so waiting protects nothing");
    }
    return out;
}

std::vector<std::string> warnings_of(const Configuration& configuration, const RecoveryPart& part) {
    std::vector<std::string> out = warnings_of(configuration);
    Verdict verdict = Verdict::kRecoveryPart;
    if (const Judged<Bytes> bytes = encode(part); !bytes) {
        verdict = bytes.error();
    } else if (configuration.recovery) {
        verdict = judge_recovery(*bytes, *configuration.recovery);
    }
    if (verdict != Verdict::kAccepted) {
        out.push_back("no recovery is possible: " + std::string(verdict_sentence(verdict)));
    }
    std::uint64_t slowest = 0;
    for (const Rule& rule : part.rules) {
        if ((rule.actions & kActionRecover) == 0) {
            continue;
        }
        if (!rule.wait) {
            out.emplace_back(
                "a recovery without delay: whoever holds these recovery keys owns the wallet");
        } else if (!is_inheritance(rule)) {
            slowest = std::max(slowest, delay_of(rule));
        }
    }
    const std::optional<std::uint64_t> soonest = soonest_change(configuration);
    if (slowest != 0 && soonest && *soonest < slowest + kMargin) {
        out.push_back("one party alone changes the configuration within " +
                      describe_duration(*soonest) + ", before a recovery of " +
                      describe_duration(slowest) + " can stop it; it takes a guard of " +
                      describe_duration(slowest + kMargin));
    }
    return out;
}

std::string describe(const LocalRule& local_rule, const Names& names) {
    return describe(local_rule.rule, local_rule.signers, names);
}

}  // namespace latchkey::core
