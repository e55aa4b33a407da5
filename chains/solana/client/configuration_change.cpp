// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/configuration_change.hpp"

#include <algorithm>

#include "chains/solana/client/rule_choice.hpp"

namespace latchkey::solana {

using core::ErrorCode;
using core::fail;

namespace {

std::size_t count_parties(const core::Configuration& configuration, const core::Rule& rule) {
    std::size_t parties = 0;
    bool is_counted = false;
    for (std::size_t i = 0; i < configuration.signers.size(); ++i) {
        is_counted = is_counted && configuration.signers[i].same_party;
        if (((rule.mask >> i) & 1U) != 0 && !is_counted) {
            ++parties;
            is_counted = true;
        }
    }
    return parties;
}

}  // namespace

Result<core::Configuration> with_signer(const core::Configuration& configuration,
                                        const core::Signer& signer,
                                        std::span<const std::size_t> rules) {
    core::Configuration out = configuration;
    const std::size_t index = out.signers.size();
    if (index >= core::kMaximumSigners) {
        return fail(ErrorCode::kOutOfRange, "the wallet has 16 signers already");
    }
    const bool is_there =
        std::any_of(out.signers.begin(), out.signers.end(),
                    [&](const core::Signer& one) { return is_same_key(one, signer); });
    if (is_there) {
        return fail(ErrorCode::kDuplicate, "the wallet has this signer already");
    }
    for (const std::size_t rule : rules) {
        if (rule >= out.rules.size()) {
            return fail(ErrorCode::kOutOfRange, "there is no rule " + std::to_string(rule));
        }
    }
    out.signers.push_back(signer);
    for (std::size_t i = 0; i < out.rules.size(); ++i) {
        if (rules.empty() || std::find(rules.begin(), rules.end(), i) != rules.end()) {
            out.rules[i].mask = static_cast<std::uint16_t>(out.rules[i].mask | (1U << index));
        }
    }
    return out;
}

Result<core::Configuration> without_signer(const core::Configuration& configuration,
                                           std::size_t index) {
    core::Configuration out = configuration;
    if (index >= out.signers.size()) {
        return fail(ErrorCode::kOutOfRange, "there is no signer " + std::to_string(index));
    }
    if (index + 1 < out.signers.size() && !out.signers[index].same_party) {
        out.signers[index + 1].same_party = false;
    }
    out.signers.erase(out.signers.begin() + static_cast<std::ptrdiff_t>(index));
    const unsigned below = (1U << index) - 1U;
    for (std::size_t i = 0; i < out.rules.size(); ++i) {
        core::Rule& rule = out.rules[i];
        const unsigned mask = rule.mask;
        rule.mask = static_cast<std::uint16_t>((mask & below) | ((mask >> 1U) & ~below));
        if (count_parties(out, rule) < rule.threshold) {
            return fail(ErrorCode::kInvalidArgument,
                        "rule " + std::to_string(i) +
                            " needs this signer to reach its threshold; change the rule first");
        }
    }
    return out;
}

Result<core::Configuration> with_other_key(const core::Configuration& configuration,
                                           std::size_t index, const core::Signer& signer) {
    core::Configuration out = configuration;
    if (index >= out.signers.size()) {
        return fail(ErrorCode::kOutOfRange, "there is no signer " + std::to_string(index));
    }
    const bool is_there =
        std::any_of(out.signers.begin(), out.signers.end(),
                    [&](const core::Signer& one) { return is_same_key(one, signer); });
    if (is_there) {
        return fail(ErrorCode::kDuplicate, "the wallet has this signer already");
    }
    const core::Signer before = out.signers[index];
    out.signers[index] = signer;
    out.signers[index].same_party = before.same_party;
    if (signer.kind == core::kSignerEd25519 && before.kind == core::kSignerEd25519) {
        // The file of an ed25519 key does not say whether it may pay; the wallet does.
        out.signers[index].option = signer.option || before.option;
    }
    return out;
}

}  // namespace latchkey::solana
