// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/describe.hpp"

#include <algorithm>
#include <sstream>

#include "chains/evm/wallet/outflow.hpp"
#include "chains/evm/wallet/part.hpp"
#include "chains/evm/wallet/plan.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/key_checker.hpp"

namespace latchkey::evm::wallet {

namespace {

constexpr unsigned kCoinDecimals = 18;

std::string target_name(const Hash32& target) {
    const ByteView blank = ByteView(target).first(12);
    const bool is_address =
        std::all_of(blank.begin(), blank.end(), [](std::uint8_t byte) { return byte == 0; });
    return is_address ? to_string(*Address::from(ByteView(target).subspan(12)))
                      : core::encode_hex_prefixed(target) + " (no address of this chain)";
}

std::string asset_name(const Hash32& word) {
    const std::optional<Asset> asset = decode_asset(word);
    if (!asset) {
        return core::encode_hex_prefixed(word) + " (no asset of this chain)";
    }
    const std::string name =
        asset->token.is_zero() ? "the chain's own coin" : "token " + to_string(asset->token);
    return name + " in units of 10^" + std::to_string(asset->scale);
}

std::string units_of(const Uint256& amount, const Address& token) {
    const std::string count =
        amount == Uint256::max() ? "an unlimited number of" : amount.to_decimal();
    return count + " base units of the token " + to_string(token);
}

std::string describe_token_call(const TokenCall& token, const Address& to) {
    const std::string amount = units_of(token.amount, to);
    switch (token.kind) {
        case TokenCall::Kind::kTransfer:
            return "transfer " + amount + " to " + to_string(token.to);
        case TokenCall::Kind::kApprove:
            return "allow " + to_string(token.to) + " to take " + amount;
        case TokenCall::Kind::kIncreaseAllowance:
            return "allow " + to_string(token.to) + " to take another " + amount;
        case TokenCall::Kind::kTransferFrom:
            return "transfer " + amount + " from " + to_string(token.owner) + " to " +
                   to_string(token.to);
        case TokenCall::Kind::kPermit:
            return "hand in the permit of " + to_string(token.owner) + " that allows " +
                   to_string(token.to) + " to take " + amount;
    }
    return {};
}

/// Of calls with data.
std::string describe_data(const Call& call) {
    const auto token = read_token_call(call);
    return token && *token
               ? describe_token_call(**token, call.to)
               : "call " + to_string(call.to) + " with " + core::encode_hex_prefixed(call.data) +
                     ", whose meaning is not known";
}

using Lines = std::vector<std::string>;

/// Each line of a text.
void add_text(Lines& out, const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        out.push_back("  " + line);
    }
}

std::string describe_rule_name(std::uint8_t name) {
    const std::string place = std::to_string(name & ~core::kRecoveryRule);
    return (name & core::kRecoveryRule) != 0 ? "rule " + place + " of the recovery part"
                                             : "rule " + place;
}

void add_refusal(Lines& out, core::Verdict verdict) {
    out.push_back("  which is refused: " + std::string(core::verdict_sentence(verdict)));
}

Lines describe_execute(const Execute& execute) {
    Lines out;
    if (execute.calls.empty()) {
        out.emplace_back("nothing, which uses up the nonce");
    }
    for (const Call& call : execute.calls) {
        out.push_back(describe(call));
    }
    if (execute.gas) {
        out.push_back("only if " + std::to_string(*execute.gas) + " gas are left before that");
    }
    return out;
}

Lines describe_grant(const Grant& grant, const core::Names& names) {
    Lines out{"grant a session:"};
    const auto rule = core::decode_local_rule(grant.local_rule, core::kAnyKey);
    if (rule) {
        add_text(out, core::describe(*rule, names));
    } else {
        add_refusal(out, rule.error());
    }
    return out;
}

Lines describe_policy(const Policy& policy, const core::Names& names) {
    Lines out{"replace the configuration by:"};
    const auto shared = core::decode_shared(policy.shared, core::kAnyKey);
    if (shared) {
        add_text(out, core::describe(*shared, names));
    } else {
        add_refusal(out, shared.error());
    }
    return out;
}

/// Signers one after the other, however many they are.
std::optional<std::vector<core::Signer>> read_all_signers(ByteView bytes) {
    for (std::uint8_t count = 1; count <= core::kMaximumSigners; ++count) {
        auto list = read_signers(core::concat(Bytes{static_cast<std::uint8_t>(count - 1)}, bytes));
        if (list && list->end == 1 + bytes.size()) {
            return std::move(list->signers);
        }
    }
    return std::nullopt;
}

Lines describe_recover(const Recover& recover, const core::Names& names) {
    Lines out{"recover the wallet for:"};
    const auto signers = read_all_signers(recover.signers);
    if (!signers) {
        out.push_back("  " + core::encode_hex_prefixed(recover.signers) + ", which are no signers");
        return out;
    }
    for (const core::Signer& signer : *signers) {
        out.push_back("  " + core::describe(signer, names) +
                      (signer.same_party ? ", of the party before" : ""));
    }
    return out;
}

Lines describe_upgrade(const Upgrade& upgrade) {
    return {"put other code in the wallet's place, which then decides everything: " +
                to_string(upgrade.implementation),
            "  the hash of that code: " + core::encode_hex_prefixed(upgrade.code_hash)};
}

/// The rule that approves, if its bytes can be read.
std::string describe_authority(const Authority& authority, const core::Names& names) {
    if (const auto* local = std::get_if<LocalSource>(&authority.source)) {
        const auto rule = core::decode_local_rule(local->local_rule, core::kAnyKey);
        return rule ? "a session: " + core::describe(*rule, names) : "a session";
    }
    std::string name = describe_rule_name(rule_name(authority));
    if (authority.recovery_part) {
        return name;
    }
    const ByteView part = part_of(authority.source);
    const bool is_genesis = std::holds_alternative<GenesisSource>(authority.source);
    std::optional<core::Configuration> shared;
    if (is_genesis) {
        if (auto genesis = core::decode_genesis(part)) {
            shared = std::move(genesis->configuration);
        }
    } else if (auto decoded = core::decode_shared(part, core::kAnyKey)) {
        shared = *std::move(decoded);
    }
    return shared && authority.rule < shared->rules.size()
               ? name + ": " + core::describe(shared->rules[authority.rule], shared->signers, names)
               : name;
}

/// How often, and where, the approval of a change is good.
std::string describe_reach(const ApprovedAction& change) {
    const std::string often = std::holds_alternative<Policy>(change.body) ? "" : "once ";
    const std::string what =
        change.authority.recovery_part ? "this recovery" : "the current configuration";
    return often + "on every chain where the wallet has " + what + ", without end";
}

}  // namespace

core::Names with_evm_names(core::Names names) {
    names.target_name = target_name;
    names.asset_name = asset_name;
    return names;
}

std::string describe_amount(const Uint256& amount, unsigned decimals) {
    std::string digits = amount.to_decimal();
    if (digits.size() <= decimals) {
        digits.insert(0, decimals + 1 - digits.size(), '0');
    }
    std::string fraction = digits.substr(digits.size() - decimals);
    digits.resize(digits.size() - decimals);
    fraction.resize(fraction.find_last_not_of('0') + 1);
    return fraction.empty() ? digits : digits + "." + fraction;
}

std::string describe(const Call& call) {
    const std::string payment = describe_amount(call.value, kCoinDecimals) +
                                " of the chain's own coin to " + to_string(call.to);
    if (call.data.empty()) {
        return "pay " + payment;
    }
    return describe_data(call) + (call.value.is_zero() ? "" : ", and pay " + payment);
}

std::vector<std::string> describe(const Body& body, const core::Names& plain) {
    const core::Names names = with_evm_names(plain);
    if (const auto* execute = std::get_if<Execute>(&body)) {
        return describe_execute(*execute);
    }
    if (const auto* grant = std::get_if<Grant>(&body)) {
        return describe_grant(*grant, names);
    }
    if (const auto* revoke = std::get_if<Revoke>(&body)) {
        return {"end the session " + core::encode_hex_prefixed(revoke->local_rule_id)};
    }
    if (const auto* policy = std::get_if<Policy>(&body)) {
        return describe_policy(*policy, names);
    }
    if (const auto* recover = std::get_if<Recover>(&body)) {
        return describe_recover(*recover, names);
    }
    if (const auto* cancel = std::get_if<Cancel>(&body)) {
        return {"cancel what waits under " + describe_rule_name(cancel->target) +
                " as its number " + std::to_string(cancel->epoch)};
    }
    if (const auto* freeze = std::get_if<Freeze>(&body)) {
        return {freeze->lift == 0   ? "freeze the wallet for 7 days"
                : freeze->lift == 1 ? "end the freeze"
                                    : "neither freeze nor end a freeze, which is refused"};
    }
    return describe_upgrade(std::get<Upgrade>(body));
}

std::vector<std::string> describe(const ApprovedAction& action, const core::Names& plain) {
    Lines out = describe(action.body, plain);
    out.push_back("under " + describe_authority(action.authority, with_evm_names(plain)));
    if (is_change(action.body)) {
        out.push_back(describe_reach(action));
    }
    if (action.terms.deadline) {
        out.push_back("until " + core::describe_time(*action.terms.deadline));
    }
    if (action.terms.has_executor) {
        out.emplace_back("submitted by the executor named alone");
    }
    return out;
}

}  // namespace latchkey::evm::wallet
