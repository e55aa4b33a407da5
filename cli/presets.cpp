// SPDX-License-Identifier: Apache-2.0
#include "cli/presets.hpp"

#include <algorithm>
#include <array>

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

/// What a preset is made from.
struct Shape {
    PresetKind kind;
    std::string_view name;
    /// Parties that it takes; 0: any number.
    std::size_t parties;
    std::string_view who;
    bool has_guardian;
    bool has_limits;
};
constexpr std::array<Shape, 6> kShapes{
    {{PresetKind::kThreeParties, "three-parties", 2, "two parties in use", true, false},
     {PresetKind::kTwoParties, "two-parties", 1, "one party in use", true, false},
     {PresetKind::kGuarded, "guarded", 2, "two parties in use", true, true},
     {PresetKind::kTreasury, "treasury", 0, "its members", false, true},
     {PresetKind::kAgent, "agent", 2, "the owner, then the agent", false, true},
     {PresetKind::kOneParty, "one-party", 1, "one party", false, false}}};

const Shape& shape_of(PresetKind kind) {
    return kShapes.at(static_cast<std::size_t>(kind));
}

Result<void> check_parts(const PresetParts& parts, std::size_t parties) {
    const Shape& shape = shape_of(parts.kind);
    const std::string name = "the preset " + std::string(shape.name);
    if (parties == 0 || (shape.parties != 0 && parties != shape.parties)) {
        return fail(ErrorCode::kCommandInput,
                    name + " has " + std::string(shape.who) +
                        "; name each with --signer, and further keys of a party with + in front");
    }
    if (shape.has_guardian && to_parties(parts.guardians).size() != 1) {
        return fail(ErrorCode::kCommandInput,
                    name +
                        " has one party that recovers; name it with --guardian, and its further "
                        "keys with + in front");
    }
    if (!shape.has_guardian && !parts.guardians.empty()) {
        return fail(ErrorCode::kCommandInput,
                    name +
                        " has no guardian; leave out --guardian, or take three-parties, "
                        "two-parties or guarded");
    }
    if (shape.has_limits == parts.spending.limits.empty()) {
        return fail(
            ErrorCode::kCommandInput,
            name + (shape.has_limits ? " has a limit for one party, such as --limit SOL=0.1/1/1d"
                                     : " has no limits; leave out --limit"));
    }
    return {};
}

/// The key without what only tells kinds apart.
core::ByteView public_key_of(const core::Signer& signer) {
    constexpr std::size_t kP256Bytes = 33;
    const core::ByteView key = signer.key;
    return signer.kind == core::kSignerWebauthn ? key.first(std::min(kP256Bytes, key.size())) : key;
}

/// A key on both sides would be all that a thief needs.
Result<void> check_apart(const PresetParts& parts) {
    const bool is_guardian = shared_key(parts.signers, parts.guardians).has_value();
    const bool is_heir = parts.heir && shared_key(parts.signers, {*parts.heir});
    if (is_guardian || is_heir) {
        return fail(ErrorCode::kCommandInput,
                    std::string(is_guardian ? "--guardian" : "--heir") +
                        " names a signer of the wallet, and whoever takes that key would have "
                        "both; name another key");
    }
    return {};
}

}  // namespace

std::optional<core::Signer> shared_key(const std::vector<core::Signer>& signers,
                                       const std::vector<core::Signer>& others) {
    for (const core::Signer& other : others) {
        const bool is_there =
            std::any_of(signers.begin(), signers.end(), [&](const core::Signer& one) {
                return core::equal(public_key_of(one), public_key_of(other));
            });
        if (is_there) {
            return other;
        }
    }
    return std::nullopt;
}

std::string_view preset_name(PresetKind kind) {
    return shape_of(kind).name;
}

Result<PresetKind> parse_preset_name(const std::string& text) {
    for (const Shape& shape : kShapes) {
        if (shape.name == text) {
            return shape.kind;
        }
    }
    return fail(ErrorCode::kCommandInput,
                "presets are three-parties, two-parties, guarded, treasury, agent and one-party, "
                "not \"" +
                    text.substr(0, 40) + "\"; `latchkey advise` helps to choose");
}

bool has_recovery(PresetKind kind) {
    return shape_of(kind).has_guardian;
}

std::vector<core::Party> to_parties(const std::vector<core::Signer>& signers) {
    std::vector<core::Party> out;
    for (const core::Signer& signer : signers) {
        if (out.empty() || !signer.same_party) {
            out.emplace_back();
        }
        out.back().keys.push_back(signer);
    }
    return out;
}

Result<core::Preset> make_preset(const PresetParts& parts, const core::RecoveryPart::Salt& salt) {
    const std::vector<core::Party> parties = to_parties(parts.signers);
    LATCHKEY_CHECK(check_parts(parts, parties.size()));
    LATCHKEY_CHECK(check_apart(parts));
    const core::Party guardian{parts.guardians};
    core::Judged<core::Preset> made = core::refuse(core::Verdict::kRuleMask);
    switch (parts.kind) {
        case PresetKind::kThreeParties:
            made = core::three_parties(parties[0], parties[1], guardian, salt);
            break;
        case PresetKind::kTwoParties:
            made = core::two_parties(parties[0], guardian, salt);
            break;
        case PresetKind::kGuarded:
            made = core::guarded(parties[0], parties[1], guardian, parts.spending, salt);
            break;
        case PresetKind::kTreasury:
            made = core::treasury(parties, parts.threshold, parts.spending);
            break;
        case PresetKind::kAgent:
            made = core::agent(parties[0], parties[1], parts.spending, parts.expires_at);
            break;
        case PresetKind::kOneParty:
            made = core::one_party(parties[0]);
            break;
    }
    if (made && parts.heir) {
        made = core::with_inheritance(*std::move(made), core::Party{{*parts.heir}}, salt);
    }
    return core::to_result(std::move(made));
}

}  // namespace latchkey::cli
