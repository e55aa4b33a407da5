// SPDX-License-Identifier: Apache-2.0
#pragma once

// For tests and fuzzers only: a wallet in which everything can wait.
#include "chains/solana/client/client_testing.hpp"
#include "chains/solana/client/waiting.hpp"
#include "core/wallet/presets.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::solana::testing {

inline constexpr std::uint64_t kDay = core::kDay;
/// When what the tests propose can be applied.
inline constexpr std::uint32_t kEarliest = 1'800'000'000;
/// Longer than the delay of the preset's changes, so that tests tell the two apart.
inline constexpr std::uint16_t kGuardHours = 13 * 24;

inline core::Signer key_of(std::uint8_t seed) {
    return core::Signer::ed25519(core::testing::ed25519_key(seed));
}

/// The preset "guarded" of a phone (signer 0), a laptop with two keys (1 and 2) and a guardian,
/// with its state. Rules: 0 everything by two parties, 1 small payments, 2 any call after a day, 3
/// changes by one party after eleven days, 4 cancel and freeze. The recovery part: 0 recovers after
/// nine days (ties go to it), 1 freezes.
struct GuardedWallet {
    GuardedWallet() : GuardedWallet(make_preset()) {}

    static core::Preset make_preset() {
        core::Preset out = core::guarded({{key_of(1)}}, {{key_of(2), key_of(3)}}, {{key_of(4)}},
                                         {.targets = {{to_hash(kSystemProgram), {}}},
                                          .limits = {{core::Hash32{}, 5, 10, 0}}},
                                         core::testing::filled<core::RecoveryPart::Salt>(7))
                               .value();
        out.configuration.recovery->guard_hours = kGuardHours;
        return out;
    }

    const core::Configuration& configuration() const { return handle.genesis_configuration(); }
    const core::RecoveryCommitment& commitment() const { return *configuration().recovery; }
    RuleReference recovery_rule(std::uint8_t index) const {
        return {.is_local = false, .index = index, .recovery_part = recovery_part};
    }
    WalletSnapshot snapshot() const {
        return WalletSnapshot::from_state(handle, encode_state(state).value()).value();
    }
    /// The same wallet with another phone.
    core::Configuration with_phone(std::uint8_t seed) const {
        core::Configuration out = configuration();
        out.signers[0] = key_of(seed);
        return out;
    }

    Bytes recovery_part;
    WalletHandle handle;
    StateAccount state;

  private:
    explicit GuardedWallet(const core::Preset& preset)
        : recovery_part(core::encode(*preset.recovery).value()),
          handle(WalletHandle::create(preset.configuration, kDeployment).value()) {
        state.config_id = core::Hash32(handle.id().array());
        state.shared = core::to_bytes(handle.genesis_shared());
        state.counters.resize(count_limits(state.shared).value());
    }
};

/// The wallet's instruction with approvals that nobody checks here. `further`: behind the fixed
/// accounts.
inline Instruction approved(const WalletHandle& wallet, RuleReference rule, Body body,
                            const std::vector<std::uint8_t>& signers,
                            std::vector<AccountMeta> further = {}) {
    ApprovedAction action;
    for (const std::uint8_t signer : signers) {
        action.approvals.push_back({signer, SlotEvidence{}});
    }
    action.signed_part = {std::move(rule), TransactionNonce{Binding{}}, {}, std::move(body)};
    std::vector<AccountMeta> accounts = {writable(wallet.state()), readonly(wallet.vault())};
    accounts.insert(accounts.end(), further.begin(), further.end());
    return {wallet.deployment().program, std::move(accounts), encode_instruction(action).value()};
}

/// What does it after its time.
inline Instruction applied(const WalletHandle& wallet, RuleReference rule, Body body) {
    return {wallet.deployment().program,
            {writable(wallet.state()), readonly(wallet.vault())},
            encode_instruction(ApplyAction{0, std::move(rule), std::move(body)}).value()};
}

inline PolicyBody policy_to(const core::Configuration& next, std::uint32_t epoch = 0) {
    return {epoch, core::encode(next).value()};
}
/// New keys for the two parties that the recovery part restores.
inline RecoverBody recover_to(std::uint8_t first, std::uint8_t second, std::uint32_t epoch = 0) {
    return {epoch, core::encode_unchecked(std::vector{key_of(first), key_of(second)})};
}

}  // namespace latchkey::solana::testing
