// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "chains/solana/client/configuration_change.hpp"
#include "cli/demo/evm_steps.hpp"
#include "cli/demo/setting.hpp"

namespace latchkey::cli::demo {

namespace {

using evm::Address;
using evm_wallet::Body;
using evm_wallet::RuleReference;
using evm_wallet::WalletHandle;
using evm_wallet::WalletSnapshot;

constexpr std::uint64_t kDay = core::kDay;
/// What the first rule of a recovery part is called among the records.
constexpr std::uint8_t kRecoveryRecord = core::kRecoveryRule;

/// Somebody's wallet.
struct Owned : People {
    std::optional<WalletHandle> wallet;

    [[nodiscard]] RuleReference recovery(std::uint8_t rule) const {
        return {false, rule, recovery_part};
    }
};

Result<Owned> open_wallet(EvmWorld& evm, People people) {
    Owned out{std::move(people), std::nullopt};
    LATCHKEY_TRY(out.wallet, evm.new_wallet(out.configuration));
    LATCHKEY_CHECK(evm.fund(out.wallet->address(), milliether(1000)));
    return out;
}

Result<Owned> three_parties_wallet(EvmWorld& evm) {
    LATCHKEY_TRY(People people, make_three_parties(evm.world()));
    return open_wallet(evm, std::move(people));
}

RuleReference shared(std::uint8_t rule) {
    return {false, rule, {}};
}

Approving by_both(const Owned& owned) {
    return {{}, {{0, owned.phone.get()}, {1, owned.laptop.get()}}, {}};
}

/// What the guardian proposes.
Result<Body> new_keys(EvmWorld& evm, const Owned& owned, const std::vector<const Key*>& next) {
    std::vector<core::Signer> signers;
    for (const Key* key : next) {
        signers.push_back(key->entry());
    }
    LATCHKEY_TRY(const WalletSnapshot snapshot, evm.read(*owned.wallet));
    return Body(evm_wallet::Recover{evm_wallet::epoch_of(snapshot, owned.recovery(0)),
                                    core::encode_unchecked(signers)});
}

Result<on_evm::Receipt> recover(EvmWorld& evm, const Owned& owned, const Body& body) {
    return evm.act(*owned.wallet, body, alone(*owned.guardian, 0, owned.recovery(0)));
}

Result<Body> change_to(EvmWorld& evm, const WalletHandle& wallet, std::uint8_t rule,
                       const core::Configuration& next) {
    LATCHKEY_TRY(const WalletSnapshot snapshot, evm.read(wallet));
    LATCHKEY_TRY(core::Bytes encoded, core::to_result(core::encode(next)));
    return Body(
        evm_wallet::Policy{evm_wallet::epoch_of(snapshot, shared(rule)), std::move(encoded)});
}

/// The end of what waits under a rule, by its name among the records.
Result<Body> end_of(EvmWorld& evm, const WalletHandle& wallet, std::uint8_t record) {
    LATCHKEY_TRY(const WalletSnapshot snapshot, evm.read(wallet));
    const core::model::Record* const found = evm_wallet::find_record(snapshot, record);
    if (found == nullptr) {
        return core::fail(core::ErrorCode::kDemonstration, "the rule never proposed anything");
    }
    // The record has the number of the next proposal.
    return Body(evm_wallet::Cancel{found->epoch - 1, record});
}

Result<on_evm::Receipt> cancel(EvmWorld& evm, const WalletHandle& wallet, const Key& key,
                               std::uint8_t record, std::uint8_t rule = 1) {
    LATCHKEY_TRY(Body body, end_of(evm, wallet, record));
    return evm.act(wallet, std::move(body), alone(key, 0, shared(rule)));
}

/// `lifts` 1 ends a freeze.
Result<on_evm::Receipt> freeze(EvmWorld& evm, const WalletHandle& wallet, const Approving& with,
                               std::uint8_t lifts) {
    LATCHKEY_TRY(const WalletSnapshot snapshot, evm.read(wallet));
    return evm.act(wallet, evm_wallet::Freeze{evm_wallet::epoch_of(snapshot, with.rule), lifts},
                   with);
}

}  // namespace

Result<void> guardian_recovery(EvmWorld& evm) {
    World& world = evm.world();
    world.title("EVM: all keys are lost: a guardian gives the wallet new ones");
    LATCHKEY_TRY(const Owned owned, three_parties_wallet(evm));
    LATCHKEY_TRY(const auto new_phone, world.passkey("new phone"));
    LATCHKEY_TRY(const auto new_laptop, world.passkey("new laptop"));
    world.say("a phone and a laptop use it; who the guardian is, nobody can see on chain");
    LATCHKEY_TRY(const Body body, new_keys(evm, owned, {new_phone.get(), new_laptop.get()}));
    LATCHKEY_TRY(const on_evm::Receipt proposed, recover(evm, owned, body));
    world.say("phone and laptop are gone; the guardian proposed the keys of new ones");
    LATCHKEY_TRY(std::string sentence, evm.apply_refused(*owned.wallet, owned.recovery(0), body,
                                                         core::Verdict::kTooEarly));
    LATCHKEY_TRY(WalletSnapshot snapshot, evm.read(*owned.wallet));
    LATCHKEY_CHECK(
        world.expect(snapshot.hot.number == 0,
                     "not at once, so that an owner who is there can cancel: " + sentence));
    LATCHKEY_CHECK(evm.warp(core::kPresetRecoveryDelay));
    LATCHKEY_TRY(const on_evm::Receipt applied, evm.apply(*owned.wallet, owned.recovery(0), body));
    LATCHKEY_TRY(snapshot, evm.read(*owned.wallet));
    LATCHKEY_CHECK(world.expect(
        snapshot.hot.number == 1 && snapshot.configuration.signers[0].key == new_phone->entry().key,
        core::describe_duration(core::kPresetRecoveryDelay) +
            " later (clock moved) anybody could apply it"));
    const Address friend_address = evm.somebody("friend of the recovered");
    const Body gift = pay(friend_address, milliether(100));
    LATCHKEY_CHECK(evm.act(*owned.wallet, gift, alone(*new_phone, 0, shared(1))));
    LATCHKEY_TRY(bool is_there, evm.has(friend_address, milliether(100)));
    LATCHKEY_CHECK(
        world.expect(is_there, "the new phone paid from the same address; no coin had to move"));
    LATCHKEY_TRY(sentence, evm.act_refused(*owned.wallet, gift, alone(*owned.phone, 0, shared(1)),
                                           core::Verdict::kKeyMismatch));
    LATCHKEY_TRY(is_there, evm.has(friend_address, milliether(100)));
    LATCHKEY_CHECK(world.expect(is_there, "whoever finds the old phone has nothing: " + sentence));
    evm.record({"guardian proposes new keys", proposed});
    evm.record({"anybody applies the recovery", applied});
    return {};
}

Result<void> cancelled_attack(EvmWorld& evm) {
    World& world = evm.world();
    world.title("EVM: an attack, seen and cancelled");
    LATCHKEY_TRY(const Owned owned, three_parties_wallet(evm));
    const WalletHandle& wallet = *owned.wallet;
    LATCHKEY_TRY(const auto thief, world.passkey("thief"));
    LATCHKEY_TRY(const auto accomplice, world.passkey("accomplice"));
    LATCHKEY_TRY(const Body keys, new_keys(evm, owned, {thief.get(), accomplice.get()}));
    LATCHKEY_CHECK(recover(evm, owned, keys));
    world.say("the guardian turned out a thief and proposed keys of his own");
    LATCHKEY_TRY(const on_evm::Receipt cancelled,
                 cancel(evm, wallet, *owned.phone, kRecoveryRecord));
    LATCHKEY_CHECK(evm.warp(core::kPresetRecoveryDelay));
    LATCHKEY_TRY(std::string sentence,
                 evm.apply_refused(wallet, owned.recovery(0), keys, core::Verdict::kNothingWaits));
    LATCHKEY_TRY(WalletSnapshot snapshot, evm.read(wallet));
    LATCHKEY_CHECK(
        world.expect(snapshot.hot.number == 0,
                     "the phone alone cancelled it; later nothing is there to apply: " + sentence));
    LATCHKEY_TRY(const Body theft, change_to(evm, wallet, 2, taken_over(*thief)));
    LATCHKEY_TRY(const on_evm::Receipt proposed,
                 evm.act(wallet, theft, alone(*owned.laptop, 1, shared(2))));
    world.say("a thief with the laptop proposed to make himself the only signer");
    LATCHKEY_CHECK(cancel(evm, wallet, *owned.phone, 2));
    LATCHKEY_CHECK(evm.warp(core::kPresetChangeDelay));
    LATCHKEY_TRY(sentence,
                 evm.apply_refused(wallet, shared(2), theft, core::Verdict::kNothingWaits));
    LATCHKEY_TRY(snapshot, evm.read(wallet));
    LATCHKEY_CHECK(world.expect(snapshot.hot.number == 0,
                                core::describe_duration(core::kPresetChangeDelay) +
                                    " would have passed before it held: " + sentence));
    evm.record({"one party proposes a change", proposed});
    evm.record({"one passkey cancels", cancelled});
    return {};
}

namespace {

/// The guardian proposes three times; the thief cancels as often as he can.
Result<void> cancel_twice(EvmWorld& evm, const Owned& owned, const std::vector<const Key*>& next) {
    World& world = evm.world();
    const WalletHandle& wallet = *owned.wallet;
    for (const char* which : {"first", "second", "third"}) {
        LATCHKEY_TRY(const Body keys, new_keys(evm, owned, next));
        LATCHKEY_CHECK(recover(evm, owned, keys));
        if (which == std::string_view("third")) {
            break;
        }
        LATCHKEY_CHECK(evm.warp(kDay));
        LATCHKEY_CHECK(cancel(evm, wallet, *owned.phone, kRecoveryRecord));
        world.say(std::string("the guardian proposed new keys; the thief cancelled the ") + which +
                  " proposal a day later");
    }
    LATCHKEY_TRY(const Body end, end_of(evm, wallet, kRecoveryRecord));
    LATCHKEY_TRY(const std::string sentence,
                 evm.act_refused(wallet, end, alone(*owned.phone, 0, shared(1)),
                                 core::Verdict::kCancelBudget));
    LATCHKEY_TRY(const WalletSnapshot snapshot, evm.read(wallet));
    const core::model::Record* const waits = evm_wallet::find_record(snapshot, kRecoveryRecord);
    return world.expect(waits != nullptr && waits->action != 0,
                        "the third proposal stands: " + sentence);
}

}  // namespace

Result<void> thief_against_recovery(EvmWorld& evm) {
    World& world = evm.world();
    world.title("EVM: a thief who cannot block the recovery");
    LATCHKEY_TRY(const Owned owned, three_parties_wallet(evm));
    const WalletHandle& wallet = *owned.wallet;
    LATCHKEY_TRY(const auto thief, world.passkey("thief"));
    LATCHKEY_TRY(const auto new_phone, world.passkey("new phone"));
    LATCHKEY_TRY(const auto new_laptop, world.passkey("new laptop"));
    LATCHKEY_TRY(const Body theft, change_to(evm, wallet, 2, taken_over(*thief)));
    LATCHKEY_CHECK(evm.act(wallet, theft, alone(*owned.phone, 0, shared(2))));
    world.say("a thief has the phone; at once he proposed to become the only signer, in " +
              core::describe_duration(core::kPresetChangeDelay));
    LATCHKEY_CHECK(cancel_twice(evm, owned, {new_phone.get(), new_laptop.get()}));
    LATCHKEY_TRY(WalletSnapshot snapshot, evm.read(wallet));
    const core::model::Record* const wanted = evm_wallet::find_record(snapshot, 2);
    const core::model::Record* const recovery = evm_wallet::find_record(snapshot, kRecoveryRecord);
    const std::uint64_t due = wanted == nullptr ? 0 : wanted->earliest;
    const std::uint64_t recovers_at = recovery == nullptr ? 0 : recovery->earliest;
    LATCHKEY_CHECK(world.expect(due != 0 && due <= recovers_at,
                                "his own change is due before the recovery, which he delayed"));
    LATCHKEY_TRY(std::uint64_t now, evm.now());
    LATCHKEY_CHECK(evm.warp(due > now ? due - now + 1 : 0));
    LATCHKEY_TRY(const std::string sentence,
                 evm.apply_refused(wallet, shared(2), theft, core::Verdict::kRecoveryUnderWay));
    LATCHKEY_TRY(const WalletSnapshot unchanged, evm.read(wallet));
    LATCHKEY_CHECK(
        world.expect(unchanged.hot.number == 0, "he cannot outrun it either: " + sentence));
    LATCHKEY_TRY(now, evm.now());
    LATCHKEY_CHECK(evm.warp(recovers_at > now ? recovers_at - now + 1 : 0));
    const auto third = std::find_if(unchanged.proposals.begin(), unchanged.proposals.end(),
                                    [](const evm_wallet::Proposal& one) {
                                        return one.record.rule == kRecoveryRecord && one.body;
                                    });
    LATCHKEY_CHECK(world.expect(third != unchanged.proposals.end(),
                                "what the guardian proposed can be read from the chain"));
    LATCHKEY_CHECK(evm.apply(wallet, owned.recovery(0), *third->body));
    LATCHKEY_TRY(snapshot, evm.read(wallet));
    return world.expect(
        snapshot.hot.number == 1 && evm_wallet::find_record(snapshot, 2) == nullptr,
        "the recovery held, and the thief's change is gone with the configuration that he had");
}

Result<void> frozen_wallet(EvmWorld& evm) {
    World& world = evm.world();
    world.title("EVM: a freeze: seven days in which nothing leaves");
    LATCHKEY_TRY(const Owned owned, three_parties_wallet(evm));
    const WalletHandle& wallet = *owned.wallet;
    const Address shop = evm.somebody("shop of the frozen");
    LATCHKEY_TRY(const on_evm::Receipt frozen,
                 freeze(evm, wallet, alone(*owned.guardian, 0, owned.recovery(1)), 0));
    world.say("the phone was stolen; the guardian froze the wallet at once");
    LATCHKEY_TRY(const std::string sentence,
                 evm.act_refused(wallet, pay(shop, milliether(500)),
                                 alone(*owned.phone, 0, shared(1)), core::Verdict::kFrozen));
    LATCHKEY_TRY(bool is_there, evm.has(wallet.address(), milliether(1000)));
    LATCHKEY_CHECK(world.expect(is_there, "the thief's payment: " + sentence));
    LATCHKEY_TRY(const on_evm::Receipt lifted, freeze(evm, wallet, by_both(owned), 1));
    LATCHKEY_CHECK(evm.act(wallet, pay(shop, milliether(100)), alone(*owned.laptop, 1, shared(1))));
    LATCHKEY_TRY(is_there, evm.has(shop, milliether(100)));
    LATCHKEY_CHECK(world.expect(is_there,
                                "the phone was found again: both together ended the freeze, and "
                                "payments work"));
    evm.record({"guardian freezes", frozen});
    evm.record({"two parties end the freeze", lifted});
    return {};
}

Result<void> rotated_key(EvmWorld& evm) {
    World& world = evm.world();
    world.title("EVM: another phone: a key is exchanged");
    LATCHKEY_TRY(const Owned owned, three_parties_wallet(evm));
    const WalletHandle& wallet = *owned.wallet;
    LATCHKEY_TRY(const auto new_phone, world.passkey("new phone"));
    LATCHKEY_TRY(const core::Configuration next,
                 solana::with_other_key(owned.configuration, 0, new_phone->entry()));
    LATCHKEY_TRY(const Body rotation, change_to(evm, wallet, 0, next));
    LATCHKEY_TRY(const on_evm::Receipt receipt, evm.act(wallet, rotation, by_both(owned)));
    LATCHKEY_TRY(const WalletSnapshot snapshot, evm.read(wallet));
    const Address shop = evm.somebody("shop of the new phone");
    LATCHKEY_CHECK(evm.act(wallet, pay(shop, milliether(100)), alone(*new_phone, 0, shared(1))));
    LATCHKEY_TRY(const bool is_there, evm.has(shop, milliether(100)));
    LATCHKEY_CHECK(world.expect(snapshot.hot.number == 1 && is_there,
                                "phone and laptop together put the new phone in the old one's "
                                "place, at once; address, balance and guardian are the same"));
    evm.record({"two parties exchange a key", receipt});
    return {};
}

Result<void> inheritance(EvmWorld& evm) {
    World& world = evm.world();
    world.title("EVM: inheritance, after half a year");
    LATCHKEY_TRY(People people, make_owner_and_heir(world));
    LATCHKEY_TRY(const Owned owned, open_wallet(evm, std::move(people)));
    const WalletHandle& wallet = *owned.wallet;
    LATCHKEY_TRY(Body keys, new_keys(evm, owned, {owned.guardian.get()}));
    LATCHKEY_CHECK(recover(evm, owned, keys));
    LATCHKEY_CHECK(evm.warp(90 * kDay));
    LATCHKEY_CHECK(cancel(evm, wallet, *owned.phone, kRecoveryRecord, 0));
    world.say("the heir asked too early; the owner, back after three months, cancelled");
    LATCHKEY_TRY(keys, new_keys(evm, owned, {owned.guardian.get()}));
    LATCHKEY_CHECK(recover(evm, owned, keys));
    LATCHKEY_CHECK(evm.warp(core::kPresetInheritanceDelay - kDay));
    LATCHKEY_TRY(const std::string sentence,
                 evm.apply_refused(wallet, owned.recovery(0), keys, core::Verdict::kTooEarly));
    LATCHKEY_TRY(bool is_there, evm.has(wallet.address(), milliether(1000)));
    LATCHKEY_CHECK(world.expect(is_there, "the heir asked again; after 179 days: " + sentence));
    LATCHKEY_CHECK(evm.warp(kDay + 1));
    LATCHKEY_TRY(const on_evm::Receipt applied, evm.apply(wallet, owned.recovery(0), keys));
    const Address account = evm.somebody("heir's account");
    LATCHKEY_CHECK(evm.act(wallet, pay(account, milliether(1000)), alone(*owned.guardian)));
    LATCHKEY_TRY(is_there, evm.has(account, milliether(1000)));
    LATCHKEY_CHECK(world.expect(is_there,
                                "180 days after the second request (clock moved) nobody had "
                                "cancelled, and the heir's key opened the wallet"));
    evm.record({"inheritance takes effect", applied});
    return {};
}

}  // namespace latchkey::cli::demo
