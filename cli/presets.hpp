// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/wallet/describe.hpp"
#include "core/wallet/presets.hpp"

/// Presets of core/wallet/presets.hpp by name, from signers as people list them.
namespace latchkey::cli {

using core::Result;

enum class PresetKind { kThreeParties, kTwoParties, kGuarded, kTreasury, kAgent, kOneParty };

/// "three-parties" and so on.
std::string_view preset_name(PresetKind kind);
/// Error: kCommandInput.
Result<PresetKind> parse_preset_name(const std::string& text);
/// Whether somebody recovers in it, beside an heir.
bool has_recovery(PresetKind kind);

/// Who takes part, and with what limits.
struct PresetParts {
    PresetKind kind = PresetKind::kOneParty;
    /// Parties in order: a signer and those with SAME_PARTY behind it.
    std::vector<core::Signer> signers;
    /// One party; only where has_recovery.
    std::vector<core::Signer> guardians;
    std::optional<core::Signer> heir;
    /// Of a treasury.
    std::size_t threshold = 1;
    /// What one party pays at once, an agent too.
    core::Spending spending;
    /// Of an agent; kNever: for good.
    std::uint64_t expires_at = core::kNever;
};

/// Signers as the parties that they are.
std::vector<core::Party> to_parties(const std::vector<core::Signer>& signers);

/// The first of `others` whose key is among `signers` too, of whatever kind.
std::optional<core::Signer> shared_key(const std::vector<core::Signer>& signers,
                                       const std::vector<core::Signer>& others);

/// `salt`: fresh. Errors: kCommandInput (parts that the preset does not have, or lacks; a guardian
/// or heir who is a signer), kRefusedByModel.
Result<core::Preset> make_preset(const PresetParts& parts, const core::RecoveryPart::Salt& salt);

}  // namespace latchkey::cli
