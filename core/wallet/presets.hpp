// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/wallet/configuration.hpp"

/// Configurations that fit most wallets, as a start. Each is an ordinary value: what it says can be
/// read with describe() and changed before it is used. A preset is refused like any configuration,
/// for example when a key is named twice.
namespace latchkey::core {

/// What presets agree on. A recovery takes nine days, so that whoever looks once a week notices and
/// can cancel it; a change by one party alone takes two days more, so that it cannot outrun a
/// recovery.
inline constexpr std::uint32_t kPresetRecoveryDelay = 9 * kDay;
inline constexpr std::uint32_t kPresetChangeDelay = 11 * kDay;
inline constexpr std::uint16_t kPresetGuardHours = kPresetChangeDelay / kHour;
inline constexpr std::uint32_t kPresetPaymentDelay = 1 * kDay;
inline constexpr std::uint32_t kPresetInheritanceDelay = 180 * kDay;

/// Somebody or something that approves. Its keys count once, however many of them sign.
struct Party {
    std::vector<Signer> keys{};
};

/// What may be paid without more ado.
struct Spending {
    /// The calls that pay, such as the System program's transfers and those of a token program.
    std::vector<Target> targets{};
    std::vector<Limit> limits{};
};

/// A configuration and what belongs to it.
struct Preset {
    Configuration configuration{};
    /// To be kept by whoever recovers, and by the owner. The configuration has its commitment.
    std::optional<RecoveryPart> recovery{};

    friend bool operator==(const Preset&, const Preset&) = default;
};

/// Two parties that are used, such as a phone and a laptop, a contact or a paper key, and one that
/// recovers. Any one of the three can be lost or stolen, and the wallet is still its owner's.
///
/// * one of the two, at once: pays, grants sessions, signs messages, cancels, freezes
/// * one of the two: changes the configuration, after 11 days, unless cancelled
/// * both, at once: change the configuration, cancel, freeze, lift a freeze
/// * recovery: new keys for both, after 9 days; one of the two cancels that only twice in 90 days
/// * recovery, at once: freezes
///
/// `salt`: 16 fresh random bytes, as in every preset that takes one. Afterwards the rules are the
/// same for two new signers.
Judged<Preset> three_parties(const Party& first, const Party& second, const Party& recovery,
                             const RecoveryPart::Salt& salt);

/// One party, such as a passkey, and one that recovers and is trusted less: the owner can cancel
/// every recovery. Who steals the passkey can do so, too, and can pay at once.
///
/// * owner, at once: pays, grants sessions, signs messages, cancels, freezes
/// * owner: changes the configuration, after 11 days (guard)
/// * recovery: a new key, after 9 days, unless the owner cancels
/// * recovery, at once: freezes
Judged<Preset> two_parties(const Party& owner, const Party& recovery,
                           const RecoveryPart::Salt& salt);

/// As three parties, for amounts that are worth waiting for.
///
/// * one of the two, at once: pays within the limits of `daily`, cancels, freezes
/// * one of the two: any call, after 24 hours, unless cancelled
/// * one of the two: changes the configuration, after 11 days, unless cancelled
/// * both, at once: any call, sessions, messages, the configuration, lifting a freeze
/// * recovery: new keys for both, after 9 days; one of the two cancels that only twice in 90 days
/// * recovery, at once: freezes
Judged<Preset> guarded(const Party& first, const Party& second, const Party& recovery,
                       const Spending& daily, const RecoveryPart::Salt& salt);

/// Members who decide together; nobody recovers, so never more members than `threshold` can do
/// without may be lost. With a threshold of 1 a freeze can be lifted only when two members sign.
///
/// * `threshold` members, at once: any call, sessions, messages, the configuration, freeze and lift
/// * one member, at once: pays within the limits of `small`
Judged<Preset> treasury(const std::vector<Party>& members, std::size_t threshold,
                        const Spending& small);

/// An owner, and a program that acts within limits.
///
/// * owner, at once: everything, the configuration too
/// * agent, at once: pays within the limits of `allowance`, until `expires_at` (unix seconds;
/// kNever: for good)
///
/// Who steals a key of the owner owns the wallet.
Judged<Preset> agent(const Party& owner, const Party& agent, const Spending& allowance,
                     std::uint64_t expires_at);

/// One party that may do everything at once, for small amounts and first steps. Who steals one of
/// its keys owns the wallet; who loses all of them has lost it.
///
/// * owner, at once: everything, the configuration too
Judged<Preset> one_party(const Party& owner);

/// Any preset, and an heir who takes over half a year after asking for it, unless somebody who is
/// still there cancels, as often as it takes. What else recovers stays; without that, the heir
/// becomes the only signer, who may do everything at once, and no change is held back (guard 0).
///
/// * heir: new keys, after 180 days, unless one party cancels
Judged<Preset> with_inheritance(Preset preset, const Party& heir, const RecoveryPart::Salt& salt);

}  // namespace latchkey::core
