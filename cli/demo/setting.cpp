// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/setting.hpp"

#include "chains/solana/client/instructions.hpp"
#include "cli/recovery_file.hpp"

namespace latchkey::cli::demo {

namespace {

Result<void> take(core::Preset preset, People& out) {
    out.configuration = std::move(preset.configuration);
    LATCHKEY_TRY(out.recovery_part, core::to_result(core::encode(*preset.recovery)));
    return {};
}

}  // namespace

core::Rule plain_rule(std::uint8_t actions, std::uint16_t mask, std::uint8_t threshold) {
    core::Rule rule;
    rule.actions = actions;
    rule.mask = mask;
    rule.threshold = threshold;
    return rule;
}

core::Configuration configuration_of(const std::vector<const Key*>& keys,
                                     std::vector<core::Rule> rules) {
    core::Configuration out;
    for (const Key* key : keys) {
        out.signers.push_back(key->entry());
    }
    out.rules = std::move(rules);
    return out;
}

Result<People> make_three_parties(World& world) {
    People out;
    LATCHKEY_TRY(out.phone, world.passkey("phone"));
    LATCHKEY_TRY(out.laptop, world.passkey("laptop"));
    LATCHKEY_TRY(out.guardian, world.passkey("guardian"));
    LATCHKEY_TRY(const auto salt, fresh_salt());
    LATCHKEY_TRY(core::Preset preset, core::to_result(core::three_parties(
                                          {{out.phone->entry()}}, {{out.laptop->entry()}},
                                          {{out.guardian->entry()}}, salt)));
    LATCHKEY_CHECK(take(std::move(preset), out));
    return out;
}

Result<People> make_owner_and_heir(World& world) {
    People out;
    LATCHKEY_TRY(out.phone, world.passkey("phone"));
    LATCHKEY_TRY(out.guardian, world.passkey("heir"));
    LATCHKEY_TRY(const auto salt, fresh_salt());
    LATCHKEY_TRY(core::Preset preset, core::to_result(core::one_party({{out.phone->entry()}})));
    LATCHKEY_TRY(preset, core::to_result(core::with_inheritance(std::move(preset),
                                                                {{out.guardian->entry()}}, salt)));
    LATCHKEY_CHECK(take(std::move(preset), out));
    return out;
}

core::Configuration taken_over(const Key& thief) {
    return configuration_of({&thief},
                            {plain_rule(core::kActionExecute | core::kActionPolicy, 1, 1)});
}

solana::ExecuteAction payment(const solana::WalletHandle& wallet, const solana::Address& to,
                              std::uint64_t lamports, solana::RuleReference rule) {
    solana::ExecuteAction out;
    out.rule = std::move(rule);
    out.calls = {solana::system::transfer(wallet.vault(), to, lamports)};
    return out;
}

}  // namespace latchkey::cli::demo
