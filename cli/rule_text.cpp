// SPDX-License-Identifier: Apache-2.0
#include "cli/rule_text.hpp"

#include <algorithm>

#include "chains/evm/wallet/describe.hpp"
#include "chains/evm/wallet/outflow.hpp"
#include "chains/solana/client/wallet.hpp"
#include "cli/files.hpp"
#include "cli/keys.hpp"
#include "cli/text.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;
namespace json = boost::json;

namespace {

/// The own coin of any EVM chain, whatever it is called there. Limits on it count 10^9 wei, so that
/// 64 bits are enough.
constexpr std::string_view kEther = "ETH";
constexpr std::uint8_t kEtherScale = 9;

tl::unexpected<core::Error> refuse_limit(const std::string& text) {
    return fail(ErrorCode::kCommandInput,
                "a limit is ASSET=PER-CALL/PER-PERIOD/PERIOD, such as SOL=0.1/1/1d, not \"" +
                    text.substr(0, 80) + "\"");
}

Result<void> refuse_unknown(const json::object& object,
                            std::initializer_list<std::string_view> known,
                            const std::string& what) {
    for (const auto& [name, value] : object) {
        const std::string_view member(name);
        if (std::find(known.begin(), known.end(), member) == known.end()) {
            return fail(ErrorCode::kCommandInput,
                        what + ": there is no member \"" + std::string(member) + "\"");
        }
    }
    return {};
}

Result<std::vector<std::string>> texts(const json::object& object, std::string_view name,
                                       const std::string& what) {
    LATCHKEY_TRY(const json::array list, array_member(object, name, what));
    std::vector<std::string> out;
    for (const json::value& one : list) {
        if (!one.is_string()) {
            return fail(ErrorCode::kCommandInput,
                        what + ": \"" + std::string(name) + "\" must hold texts only");
        }
        out.emplace_back(one.as_string());
    }
    return out;
}

Result<std::uint16_t> parse_mask(const json::object& rule, std::size_t signers,
                                 const std::string& what) {
    if (!rule.contains("signers")) {
        return static_cast<std::uint16_t>((1U << signers) - 1U);
    }
    LATCHKEY_TRY(const json::array list, array_member(rule, "signers", what));
    std::uint16_t mask = 0;
    for (const json::value& one : list) {
        if (!one.is_int64() || one.as_int64() < 0 ||
            one.as_int64() >= static_cast<std::int64_t>(signers)) {
            return fail(ErrorCode::kCommandInput,
                        what + ": \"signers\" must hold numbers of signers, from 0 to " +
                            std::to_string(signers - 1));
        }
        mask = static_cast<std::uint16_t>(mask | (1U << one.as_int64()));
    }
    return mask;
}

Result<std::optional<core::Times>> parse_times(const json::object& rule, const std::string& what) {
    if (!rule.contains("not_before") && !rule.contains("expires_at")) {
        return std::nullopt;
    }
    core::Times out;
    if (rule.contains("not_before")) {
        LATCHKEY_TRY(out.not_before, number_member(rule, "not_before", what));
    }
    if (rule.contains("expires_at")) {
        LATCHKEY_TRY(out.expires_at, number_member(rule, "expires_at", what));
    }
    return out;
}

Result<std::optional<core::Wait>> parse_wait(const json::object& rule, const std::string& what) {
    if (!rule.contains("wait")) {
        return rule.contains("tie")
                   ? Result<std::optional<core::Wait>>(fail(
                         ErrorCode::kCommandInput, what + ": \"tie\" is for rules with \"wait\""))
                   : std::nullopt;
    }
    LATCHKEY_TRY(const std::string delay, text_member(rule, "wait", what));
    LATCHKEY_TRY(const std::uint64_t seconds, parse_duration(delay));
    if (seconds > core::kMaximumDelay) {
        return fail(ErrorCode::kCommandInput, what + ": \"wait\" is at most 365d");
    }
    core::Wait out{static_cast<std::uint32_t>(seconds), core::Tie::kOwner};
    if (rule.contains("tie")) {
        LATCHKEY_TRY(const std::string tie, text_member(rule, "tie", what));
        if (tie != "owner" && tie != "recovery") {
            return fail(ErrorCode::kCommandInput, what + ": \"tie\" is owner or recovery");
        }
        out.tie = tie == "recovery" ? core::Tie::kRecovery : core::Tie::kOwner;
    }
    return out;
}

Result<core::Rule> parse_rule(const json::object& value, std::size_t signers,
                              const std::string& what) {
    LATCHKEY_CHECK(refuse_unknown(value,
                                  {"actions", "threshold", "signers", "not_before", "expires_at",
                                   "scope", "limits", "wait", "tie"},
                                  what));
    core::Rule out;
    LATCHKEY_TRY(const std::string actions, text_member(value, "actions", what));
    LATCHKEY_TRY(out.actions, parse_actions(actions));
    LATCHKEY_TRY(out.mask, parse_mask(value, signers, what));
    LATCHKEY_TRY(out.times, parse_times(value, what));
    if (value.contains("threshold")) {
        LATCHKEY_TRY(const std::uint64_t threshold, number_member(value, "threshold", what));
        if (threshold < 1 || threshold > core::kMaximumSigners) {
            return fail(ErrorCode::kCommandInput, what + ": \"threshold\" is 1 to 16");
        }
        out.threshold = static_cast<std::uint8_t>(threshold);
    }
    if (value.contains("scope")) {
        LATCHKEY_TRY(const auto scope, texts(value, "scope", what));
        for (const std::string& text : scope) {
            LATCHKEY_TRY(core::Target target, parse_target(text));
            out.scope.push_back(std::move(target));
        }
    }
    if (value.contains("limits")) {
        LATCHKEY_TRY(const auto limits, texts(value, "limits", what));
        for (const std::string& text : limits) {
            LATCHKEY_TRY(const core::Limit limit, parse_limit(text));
            out.limits.push_back(limit);
        }
    }
    LATCHKEY_TRY(out.wait, parse_wait(value, what));
    core::normalize(out);
    return out;
}

/// "0xTOKEN" or "0xTOKEN:SCALE".
Result<core::Hash32> parse_evm_asset(const std::string& text) {
    const std::size_t colon = text.find(':');
    evm::wallet::Asset out;
    LATCHKEY_TRY(out.token, evm::parse_address(text.substr(0, colon)));
    if (out.token.is_zero()) {
        // It would be SOL on Solana.
        return fail(ErrorCode::kCommandInput, "a chain's own coin is called ETH in a limit");
    }
    if (colon != std::string::npos) {
        LATCHKEY_TRY(
            const std::uint64_t scale,
            parse_number(text.substr(colon + 1), evm::wallet::kScaleMax, "the scale of a limit"));
        out.scale = static_cast<std::uint8_t>(scale);
    }
    return evm::wallet::encode(out);
}

Result<core::Hash32> parse_asset(const std::string& text) {
    if (text == "SOL") {
        return core::Hash32();
    }
    if (text == kEther) {
        return evm::wallet::encode(evm::wallet::Asset{kEtherScale, {}});
    }
    if (text.starts_with("0x")) {
        return parse_evm_asset(text);
    }
    LATCHKEY_TRY(const auto mint, parse_address_argument(text, "a limit's asset"));
    return solana::to_hash(mint);
}

/// Mints begin with eleven zeros once in 2^88, so what does is an EVM chain's.
std::optional<evm::wallet::Asset> evm_asset(const core::Hash32& asset) {
    return asset.is_zero() ? std::nullopt : evm::wallet::decode_asset(asset);
}

bool is_ether(const evm::wallet::Asset& asset) {
    return asset.token.is_zero() && asset.scale == kEtherScale;
}

/// 64 hexadecimal digits; null is none.
Result<std::optional<core::RecoveryCommitment>> parse_recovery(const json::object& value,
                                                               const std::string& what) {
    const json::value* const found = value.if_contains("recovery");
    if (found == nullptr || found->is_null()) {
        return std::nullopt;
    }
    LATCHKEY_TRY(const core::Bytes bytes, hex_member(value, "recovery", what));
    const auto hash = core::Hash32::from(core::ByteView(bytes));
    if (!hash) {
        return fail(ErrorCode::kCommandInput,
                    what +
                        ": \"recovery\" is the commitment of 64 hexadecimal digits that `latchkey "
                        "recovery show` prints, or null");
    }
    return core::RecoveryCommitment::from(*hash);
}

}  // namespace

Result<core::Limit> parse_limit(const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::size_t first = text.find('/', equals == std::string::npos ? 0 : equals);
    const std::size_t second = first == std::string::npos ? first : text.find('/', first + 1);
    if (equals == std::string::npos || second == std::string::npos) {
        return refuse_limit(text);
    }
    core::Limit out;
    const std::string asset = text.substr(0, equals);
    LATCHKEY_TRY(out.asset, parse_asset(asset));
    const auto amount = [&](const std::string& part) {
        return asset == "SOL"    ? parse_sol(part)
               : asset == kEther ? parse_amount(part, kEtherScale)
                                 : parse_amount(part, 0);
    };
    LATCHKEY_TRY(out.per_call, amount(text.substr(equals + 1, first - equals - 1)));
    LATCHKEY_TRY(out.per_period, amount(text.substr(first + 1, second - first - 1)));
    const std::string period = text.substr(second + 1);
    if (period != "ever") {
        LATCHKEY_TRY(const std::uint64_t seconds, parse_duration(period));
        if (seconds > UINT32_MAX) {
            return refuse_limit(text);
        }
        out.period_seconds = static_cast<std::uint32_t>(seconds);
    }
    return out;
}

Result<core::Target> parse_target(const std::string& text) {
    if (text == "SOL") {
        // System's Transfer is instruction 2, as u32.
        return core::Target{solana::to_hash(solana::kSystemProgram), {2, 0, 0, 0}};
    }
    const std::size_t colon = text.find(':');
    const std::string place = text.substr(0, colon);
    core::Target out;
    if (place.starts_with("0x")) {
        LATCHKEY_TRY(const evm::Address contract, evm::parse_address(place));
        std::copy(contract.begin(), contract.end(), out.address.end() - contract.size());
    } else {
        LATCHKEY_TRY(const auto program, parse_address_argument(place, "a rule's target"));
        out.address = solana::to_hash(program);
    }
    if (colon != std::string::npos) {
        auto prefix = core::decode_hex(text.substr(colon + 1));
        // An empty one would allow every call.
        if (!prefix || prefix->empty()) {
            return fail(ErrorCode::kCommandInput,
                        "a target's prefix is hexadecimal, as in PROGRAM:02000000");
        }
        out.prefix = *std::move(prefix);
    }
    return out;
}

Result<std::vector<core::Target>> parse_scope(const std::vector<std::string>& targets,
                                              const std::vector<core::Limit>& limits) {
    const bool is_on_evm = std::any_of(limits.begin(), limits.end(), [](const core::Limit& one) {
        return evm_asset(one.asset).has_value();
    });
    if (targets.empty() && is_on_evm) {
        return fail(ErrorCode::kCommandInput,
                    "say what may be called on EVM chains: --allow 0xADDRESS for each recipient or "
                    "contract");
    }
    const std::vector<std::string> sol_only{"SOL"};
    std::vector<core::Target> out;
    for (const std::string& text : targets.empty() ? sol_only : targets) {
        LATCHKEY_TRY(core::Target target, parse_target(text));
        out.push_back(std::move(target));
    }
    return out;
}

Result<std::uint8_t> parse_actions(const std::string& text) {
    std::uint8_t out = 0;
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t comma = std::min(text.find(',', from), text.size());
        const std::string word = text.substr(from, comma - from);
        from = comma + 1;
        const auto bit = word == "execute"   ? core::kActionExecute
                         : word == "grant"   ? core::kActionGrant
                         : word == "policy"  ? core::kActionPolicy
                         : word == "message" ? core::kActionMessage
                         : word == "upgrade" ? core::kActionUpgrade
                         : word == "cancel"  ? core::kActionCancel
                         : word == "freeze"  ? core::kActionFreeze
                                             : 0;
        if (bit == 0) {
            return fail(ErrorCode::kCommandInput,
                        "actions are execute, grant, policy, message, upgrade, cancel and freeze, "
                        "not \"" +
                            word.substr(0, 40) + "\"");
        }
        out = static_cast<std::uint8_t>(out | bit);
    }
    return out;
}

Result<core::Configuration> parse_configuration(const json::object& value, const std::string& what,
                                                core::Names& names) {
    LATCHKEY_CHECK(refuse_unknown(value, {"signers", "rules", "lockdown", "recovery"}, what));
    core::Configuration out;
    LATCHKEY_TRY(const auto signers, texts(value, "signers", what));
    for (const std::string& text : signers) {
        LATCHKEY_TRY(core::Signer signer, parse_signer(text, names));
        out.signers.push_back(std::move(signer));
    }
    if (out.signers.empty() || out.signers.size() > core::kMaximumSigners) {
        return fail(ErrorCode::kCommandInput, what + ": a wallet has 1 to 16 signers");
    }
    LATCHKEY_TRY(const json::array rules, array_member(value, "rules", what));
    for (const json::value& one : rules) {
        const std::string name = what + ": rule " + std::to_string(out.rules.size());
        if (!one.is_object()) {
            return fail(ErrorCode::kCommandInput, name + " must be an object");
        }
        LATCHKEY_TRY(core::Rule rule, parse_rule(one.as_object(), out.signers.size(), name));
        out.rules.push_back(std::move(rule));
    }
    LATCHKEY_TRY(out.recovery, parse_recovery(value, what));
    const json::value* const lockdown = value.if_contains("lockdown");
    if (lockdown != nullptr && !lockdown->is_bool()) {
        return fail(ErrorCode::kCommandInput, what + ": \"lockdown\" must be true or false");
    }
    out.lockdown = lockdown != nullptr && lockdown->as_bool();
    return out;
}

std::string asset_text(const core::Hash32& asset) {
    const auto on_evm = evm_asset(asset);
    if (!on_evm) {
        return asset.is_zero() ? "SOL" : solana::to_base58(solana::to_address(asset));
    }
    if (is_ether(*on_evm)) {
        return std::string(kEther);
    }
    return evm::to_string(on_evm->token) +
           (on_evm->scale == 0 ? "" : ":" + std::to_string(on_evm->scale));
}

std::string asset_amount(const core::Hash32& asset, std::uint64_t amount) {
    const auto on_evm = evm_asset(asset);
    if (on_evm && is_ether(*on_evm)) {
        return evm::wallet::describe_amount(evm::Uint256(amount), kEtherScale) + " ETH";
    }
    return asset.is_zero() ? format_sol(amount) : format_count(amount) + " units";
}

}  // namespace latchkey::cli
