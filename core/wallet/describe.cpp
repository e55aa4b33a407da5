// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/describe.hpp"

#include <chrono>
#include <cstdio>

#include "core/crypto/hash.hpp"
#include "core/encoding/base58.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/encoding/hex.hpp"

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

std::string passkey_name(ByteView rp_id_hash, const Names& names) {
    for (const std::string& name : names.relying_parties) {
        if (equal(crypto::sha256(as_bytes(name)), rp_id_hash)) {
            return name;
        }
    }
    return "of the relying party with hash " + encode_hex(rp_id_hash);
}

std::string asset_name(const Hash32& asset) {
    return asset.is_zero() ? "native asset" : encode_base58(asset);
}

std::string describe_limit(const Limit& limit) {
    std::string out = asset_name(limit.asset) + ": at most " + std::to_string(limit.per_call) +
                      " at once and " + std::to_string(limit.per_period);
    if (limit.period_seconds == 0) {
        return out + " in all";
    }
    return out + " in " + std::to_string(limit.period_seconds) + " seconds";
}

std::string describe_target(const Target& target) {
    std::string out = encode_base58(target.address);
    if (!target.prefix.empty()) {
        out += " with data beginning " + encode_hex(target.prefix);
    }
    return out;
}

std::string describe_rights(const Rule& rule) {
    std::vector<std::string> rights;
    if ((rule.actions & kActionExecute) != 0) {
        std::vector<std::string> targets;
        for (const Target& target : rule.scope) {
            targets.push_back(describe_target(target));
        }
        rights.push_back(targets.empty() ? "execute any call"
                                         : "execute calls to {" + join(targets, "; ") + "}");
    }
    if ((rule.actions & kActionGrant) != 0) {
        rights.emplace_back("grant sessions");
    }
    if ((rule.actions & kActionPolicy) != 0) {
        rights.emplace_back("change the configuration");
    }
    if ((rule.actions & kActionMessage) != 0) {
        rights.emplace_back("sign messages");
    }
    if ((rule.actions & kActionRecover) != 0) {
        rights.emplace_back("recover");
    }
    if ((rule.actions & kActionUpgrade) != 0) {
        rights.emplace_back("upgrade the program");
    }
    return join(rights, ", ");
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

}  // namespace

std::string describe_time(std::uint64_t unix_seconds) {
    // The year 9999.
    constexpr std::uint64_t kCalendarEnd = 253402300800;
    if (unix_seconds >= kCalendarEnd) {
        return "unix time " + std::to_string(unix_seconds);
    }
    const std::uint64_t day = unix_seconds / 86400;
    const std::chrono::year_month_day date{
        std::chrono::sys_days{std::chrono::days{static_cast<int>(day)}}};
    const auto rest = static_cast<unsigned>(unix_seconds % 86400);
    std::array<char, 40> text;
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02u:%02u:%02u UTC",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), rest / 3600, rest / 60 % 60, rest % 60);
    return text.data();
}

std::string describe(const Signer& signer, const Names& names) {
    const ByteView key = signer.key;
    if (key.size() != signer_key_size(signer.kind)) {
        return "a signer with a malformed key";
    }
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

std::string describe(const Rule& rule, const std::vector<Signer>& signers, const Names& names) {
    const std::vector<std::string> parties = parties_of(rule, signers, names);
    std::string out = std::to_string(rule.threshold) + " of " + std::to_string(parties.size()) +
                      (parties.size() == 1 ? " party {" : " parties {") + join(parties, "; ") +
                      "} may: " + describe_rights(rule);
    if (!rule.limits.empty()) {
        std::vector<std::string> limits;
        for (const Limit& limit : rule.limits) {
            limits.push_back(describe_limit(limit));
        }
        out += "; spending only " + join(limits, "; ");
    }
    if (rule.times && rule.times->not_before != 0) {
        out += "; from " + describe_time(rule.times->not_before);
    }
    if (rule.times && rule.times->expires_at != kNever) {
        out += "; until " + describe_time(rule.times->expires_at);
    }
    return out;
}

std::string describe(const Configuration& configuration, const Names& names) {
    std::string out;
    for (const Rule& rule : configuration.rules) {
        out += describe(rule, configuration.signers, names) + "\n";
    }
    if (configuration.recovery) {
        out +=
            "Recovery is private until it is used: " + encode_hex(configuration.recovery->bytes()) +
            "\n";
    }
    if (configuration.lockdown) {
        out += "Lockdown: this configuration may be impossible to change, for ever\n";
    }
    return out;
}

std::string describe(const LocalRule& local_rule, const Names& names) {
    return describe(local_rule.rule, local_rule.signers, names);
}

}  // namespace latchkey::core
