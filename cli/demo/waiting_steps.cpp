// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/configuration_change.hpp"
#include "cli/demo/setting.hpp"
#include "cli/demo/steps.hpp"
#include "cli/text.hpp"

namespace latchkey::cli::demo {

namespace {

using solana::Address;
using solana::RuleReference;
using solana::WalletHandle;
using solana::WalletSnapshot;

constexpr std::uint64_t kSol = 1'000'000'000;
constexpr std::uint64_t kDay = core::kDay;
/// What each first rule of a recovery part is called among the records.
constexpr std::uint8_t kRecoveryRecord = solana::kRuleRecovery;

const PeerFigures kNoPeer{"none", {}, {}, {}};

/// Somebody's wallet.
struct Owned : People {
    std::optional<WalletHandle> wallet;

    [[nodiscard]] RuleReference recovery(std::uint8_t rule) const {
        return {false, rule, recovery_part};
    }
};

Result<Owned> open_wallet(World& world, People people) {
    Owned out{std::move(people), std::nullopt};
    LATCHKEY_TRY(out.wallet, WalletHandle::create(out.configuration, world.deployment()));
    world.say("wallet " +
              world.output().paint(Style::kKey, solana::to_base58(out.wallet->vault())));
    LATCHKEY_CHECK(world.fund(out.wallet->vault(), kSol));
    LATCHKEY_CHECK(world.create_state(*out.wallet));
    return out;
}

Result<Owned> three_parties_wallet(World& world) {
    LATCHKEY_TRY(People people, make_three_parties(world));
    return open_wallet(world, std::move(people));
}

/// Changes need no nonce.
Using by(const Key& key, std::uint8_t signer) {
    return {solana::UseTransaction{}, {{signer}}, {&key}, std::nullopt};
}

Using by_both(const Key& first, const Key& second) {
    return {solana::UseTransaction{}, {{0}, {1}}, {&first, &second}, std::nullopt};
}

/// One key pays under rule 1 through the sponsor's lane.
Result<Receipt> pay(World& world, const WalletHandle& wallet, const Key& key, std::uint8_t signer,
                    const Address& to, std::uint64_t lamports, std::uint8_t rule = 1) {
    LATCHKEY_TRY(const WalletSnapshot snapshot, world.read(wallet));
    LATCHKEY_TRY(const auto lane, world.lane());
    return world.act(snapshot, payment(wallet, to, lamports, {false, rule}),
                     {lane, {{signer}}, {&key}, std::nullopt});
}

Result<Receipt> recover(World& world, const Owned& owned, const std::vector<const Key*>& next,
                        std::uint64_t* rent = nullptr) {
    solana::RecoverAction action{owned.recovery(0), {}, {}};
    for (const Key* key : next) {
        action.signers.push_back(key->entry());
    }
    return world.act_with_rent(*owned.wallet, action, by(*owned.guardian, 0), rent);
}

Result<std::string> refused_action(World& world, const WalletHandle& wallet,
                                   const solana::ActionBody& body, const Using& with,
                                   core::Verdict verdict) {
    LATCHKEY_TRY(const WalletSnapshot snapshot, world.read(wallet));
    LATCHKEY_TRY(const Approved approved, world.approve(snapshot, body, with));
    return world.refused(approved, with, verdict);
}

}  // namespace

Result<void> guardian_recovery(World& world) {
    world.title("All keys are lost: a guardian gives the wallet new ones");
    LATCHKEY_TRY(const Owned owned, three_parties_wallet(world));
    LATCHKEY_TRY(const auto new_phone, world.passkey("new phone"));
    LATCHKEY_TRY(const auto new_laptop, world.passkey("new laptop"));
    world.say("a phone and a laptop use it; who the guardian is, nobody can see on chain");
    std::uint64_t rent = 0;
    LATCHKEY_TRY(const Receipt proposed,
                 recover(world, owned, {new_phone.get(), new_laptop.get()}, &rent));
    world.say("phone and laptop are gone; the guardian proposed the keys of new ones");
    LATCHKEY_TRY(std::string sentence,
                 world.apply_refused(*owned.wallet, kRecoveryRecord, core::Verdict::kTooEarly));
    LATCHKEY_TRY(const WalletSnapshot before, world.read(*owned.wallet));
    LATCHKEY_CHECK(
        world.expect(before.sequence() == 0,
                     "not at once, so that an owner who is there can cancel: " + sentence));
    LATCHKEY_CHECK(world.warp(core::kPresetRecoveryDelay));
    LATCHKEY_TRY(const Receipt applied, world.apply(*owned.wallet, kRecoveryRecord));
    LATCHKEY_TRY(const WalletSnapshot snapshot, world.read(*owned.wallet));
    LATCHKEY_CHECK(
        world.expect(snapshot.sequence() == 1 &&
                         snapshot.configuration().signers[0].key == new_phone->entry().key,
                     core::describe_duration(core::kPresetRecoveryDelay) +
                         " later (clock moved) anybody could apply it"));
    const Address friend_address = world.somebody("friend of the recovered");
    LATCHKEY_CHECK(pay(world, *owned.wallet, *new_phone, 0, friend_address, kSol / 10));
    LATCHKEY_TRY(const std::uint64_t received, world.balance(friend_address));
    LATCHKEY_CHECK(world.expect(received == kSol / 10,
                                "the new phone paid from the same address; no coin had to move"));
    LATCHKEY_TRY(const auto lane, world.lane());
    const Using old{lane, {{0}}, {owned.phone.get()}, std::nullopt};
    LATCHKEY_TRY(
        const Approved stolen,
        world.approve(before, payment(*owned.wallet, friend_address, kSol / 10, {false, 1}), old));
    LATCHKEY_TRY(sentence, world.refused(stolen, old, core::Verdict::kKeyMismatch));
    LATCHKEY_CHECK(world.expect(true, "whoever finds the old phone has nothing: " + sentence));
    world.record({"guardian proposes new keys", proposed, rent, kNoPeer});
    world.record({"anybody applies the recovery", applied, 0, kNoPeer});
    return {};
}

Result<void> cancelled_attack(World& world) {
    world.title("An attack, seen and cancelled");
    LATCHKEY_TRY(const Owned owned, three_parties_wallet(world));
    LATCHKEY_TRY(const auto thief, world.passkey("thief"));
    LATCHKEY_TRY(const auto accomplice, world.passkey("accomplice"));
    LATCHKEY_CHECK(recover(world, owned, {thief.get(), accomplice.get()}));
    world.say("the guardian turned out a thief and proposed keys of his own");
    const solana::CancelAction against_guardian{RuleReference{false, 1}, kRecoveryRecord, {}};
    LATCHKEY_TRY(const Receipt cancelled,
                 world.act_with_rent(*owned.wallet, against_guardian, by(*owned.phone, 0)));
    LATCHKEY_CHECK(world.warp(core::kPresetRecoveryDelay));
    LATCHKEY_TRY(std::string sentence,
                 world.apply_refused(*owned.wallet, kRecoveryRecord, core::Verdict::kNothingWaits));
    LATCHKEY_TRY(const WalletSnapshot snapshot, world.read(*owned.wallet));
    LATCHKEY_CHECK(
        world.expect(snapshot.sequence() == 0,
                     "the phone alone cancelled it; later nothing is there to apply: " + sentence));
    std::uint64_t rent = 0;
    const solana::PolicyAction theft{RuleReference{false, 2}, taken_over(*thief), {}};
    LATCHKEY_TRY(const Receipt proposed,
                 world.act_with_rent(*owned.wallet, theft, by(*owned.laptop, 1), &rent));
    world.say("a thief with the laptop proposed to make himself the only signer");
    const solana::CancelAction against_thief{RuleReference{false, 1}, 2, {}};
    LATCHKEY_CHECK(world.act_with_rent(*owned.wallet, against_thief, by(*owned.phone, 0)));
    LATCHKEY_CHECK(world.warp(core::kPresetChangeDelay));
    LATCHKEY_TRY(sentence, world.apply_refused(*owned.wallet, 2, core::Verdict::kNothingWaits));
    LATCHKEY_CHECK(world.expect(true, core::describe_duration(core::kPresetChangeDelay) +
                                          " would have passed before it held: " + sentence));
    world.record({"one party proposes a change", proposed, rent, kNoPeer});
    world.record({"one passkey cancels", cancelled, 0, kNoPeer});
    return {};
}

Result<void> thief_against_recovery(World& world) {
    world.title("A thief who cannot block the recovery");
    LATCHKEY_TRY(const Owned owned, three_parties_wallet(world));
    LATCHKEY_TRY(const auto thief, world.passkey("thief"));
    LATCHKEY_TRY(const auto new_phone, world.passkey("new phone"));
    LATCHKEY_TRY(const auto new_laptop, world.passkey("new laptop"));
    const WalletHandle& wallet = *owned.wallet;
    LATCHKEY_CHECK(world.act_with_rent(
        wallet, solana::PolicyAction{RuleReference{false, 2}, taken_over(*thief), {}},
        by(*owned.phone, 0)));
    world.say("a thief has the phone; at once he proposed to become the only signer, in " +
              core::describe_duration(core::kPresetChangeDelay));
    const solana::CancelAction cancel{RuleReference{false, 1}, kRecoveryRecord, {}};
    for (const char* which : {"first", "second"}) {
        LATCHKEY_CHECK(recover(world, owned, {new_phone.get(), new_laptop.get()}));
        LATCHKEY_CHECK(world.warp(kDay));
        LATCHKEY_CHECK(world.act_with_rent(wallet, cancel, by(*owned.phone, 0)));
        world.say(std::string("the guardian proposed new keys; the thief cancelled the ") + which +
                  " proposal a day later");
    }
    LATCHKEY_CHECK(recover(world, owned, {new_phone.get(), new_laptop.get()}));
    LATCHKEY_TRY(std::string sentence, refused_action(world, wallet, cancel, by(*owned.phone, 0),
                                                      core::Verdict::kCancelBudget));
    LATCHKEY_CHECK(world.expect(true, "the third proposal stands: " + sentence));
    LATCHKEY_TRY(WalletSnapshot snapshot, world.read(wallet));
    const solana::RuleRecord* const wanted = snapshot.record(2);
    LATCHKEY_TRY(const std::uint64_t before, world.now());
    const std::uint64_t due = wanted == nullptr ? before : wanted->earliest;
    const auto recovers_at = snapshot.record(kRecoveryRecord)->earliest;
    LATCHKEY_CHECK(world.expect(due <= recovers_at,
                                "his own change is due before the recovery, which he delayed"));
    LATCHKEY_CHECK(world.warp(due - before + 1));
    LATCHKEY_TRY(sentence, world.apply_refused(wallet, 2, core::Verdict::kRecoveryUnderWay));
    LATCHKEY_CHECK(world.expect(true, "he cannot outrun it either: " + sentence));
    LATCHKEY_TRY(const std::uint64_t now, world.now());
    LATCHKEY_CHECK(world.warp(recovers_at > now ? recovers_at - now + 1 : 0));
    LATCHKEY_CHECK(world.apply(wallet, kRecoveryRecord));
    LATCHKEY_TRY(snapshot, world.read(wallet));
    LATCHKEY_CHECK(world.expect(snapshot.sequence() == 1 && snapshot.record(2) == nullptr,
                                "the recovery held, and the thief's change is gone with the "
                                "configuration that he had"));
    return {};
}

Result<void> frozen_wallet(World& world) {
    world.title("A freeze: seven days in which nothing leaves");
    LATCHKEY_TRY(const Owned owned, three_parties_wallet(world));
    const WalletHandle& wallet = *owned.wallet;
    const Address shop = world.somebody("shop of the frozen");
    std::uint64_t rent = 0;
    const solana::FreezeAction stop{owned.recovery(1), false, {}};
    LATCHKEY_TRY(const Receipt frozen,
                 world.act_with_rent(wallet, stop, by(*owned.guardian, 0), &rent));
    world.say("the phone was stolen; the guardian froze the wallet at once");
    LATCHKEY_TRY(const WalletSnapshot snapshot, world.read(wallet));
    LATCHKEY_TRY(const auto lane, world.lane());
    const Using thief{lane, {{0}}, {owned.phone.get()}, std::nullopt};
    LATCHKEY_TRY(const Approved stolen,
                 world.approve(snapshot, payment(wallet, shop, kSol / 2, {false, 1}), thief));
    LATCHKEY_TRY(const std::string sentence, world.refused(stolen, thief, core::Verdict::kFrozen));
    LATCHKEY_TRY(const std::uint64_t left, world.balance(wallet.vault()));
    LATCHKEY_CHECK(world.expect(left == kSol, "the thief's payment: " + sentence));
    const solana::FreezeAction lift{RuleReference{false, 0}, true, {}};
    LATCHKEY_TRY(const Receipt lifted,
                 world.act_with_rent(wallet, lift, by_both(*owned.phone, *owned.laptop)));
    LATCHKEY_CHECK(pay(world, wallet, *owned.laptop, 1, shop, kSol / 10));
    LATCHKEY_TRY(const std::uint64_t received, world.balance(shop));
    LATCHKEY_CHECK(world.expect(received == kSol / 10,
                                "the phone was found again: both together ended the freeze, and "
                                "payments work"));
    world.record({"guardian freezes", frozen, rent, kNoPeer});
    world.record({"two parties end the freeze", lifted, 0, kNoPeer});
    return {};
}

Result<void> rotated_key(World& world) {
    world.title("Another phone: a key is exchanged");
    LATCHKEY_TRY(const Owned owned, three_parties_wallet(world));
    LATCHKEY_TRY(const auto new_phone, world.passkey("new phone"));
    const WalletHandle& wallet = *owned.wallet;
    LATCHKEY_TRY(WalletSnapshot snapshot, world.read(wallet));
    LATCHKEY_TRY(core::Configuration next,
                 solana::with_other_key(snapshot.configuration(), 0, new_phone->entry()));
    const solana::PolicyAction rotation{RuleReference{false, 0}, std::move(next), {}};
    LATCHKEY_TRY(const Receipt receipt,
                 world.act_with_rent(wallet, rotation, by_both(*owned.phone, *owned.laptop)));
    LATCHKEY_TRY(snapshot, world.read(wallet));
    const Address shop = world.somebody("shop of the new phone");
    LATCHKEY_CHECK(pay(world, wallet, *new_phone, 0, shop, kSol / 10));
    LATCHKEY_TRY(const std::uint64_t received, world.balance(shop));
    LATCHKEY_CHECK(world.expect(snapshot.sequence() == 1 && received == kSol / 10,
                                "phone and laptop together put the new phone in the old one's "
                                "place, at once; address, balance and guardian are the same"));
    world.record({"two parties exchange a key", receipt, 0, kNoPeer});
    return {};
}

Result<void> inheritance(World& world) {
    world.title("Inheritance, after half a year");
    LATCHKEY_TRY(People people, make_owner_and_heir(world));
    LATCHKEY_TRY(const Owned owned, open_wallet(world, std::move(people)));
    const WalletHandle& wallet = *owned.wallet;
    LATCHKEY_CHECK(recover(world, owned, {owned.guardian.get()}));
    LATCHKEY_CHECK(world.warp(90 * kDay));
    LATCHKEY_CHECK(world.act_with_rent(
        wallet, solana::CancelAction{RuleReference{false, 0}, kRecoveryRecord, {}},
        by(*owned.phone, 0)));
    world.say("the heir asked too early; the owner, back after three months, cancelled");
    LATCHKEY_CHECK(recover(world, owned, {owned.guardian.get()}));
    LATCHKEY_CHECK(world.warp(core::kPresetInheritanceDelay - kDay));
    LATCHKEY_TRY(const std::string sentence,
                 world.apply_refused(wallet, kRecoveryRecord, core::Verdict::kTooEarly));
    LATCHKEY_CHECK(world.expect(true, "the heir asked again; after 179 days: " + sentence));
    LATCHKEY_CHECK(world.warp(kDay + 1));
    LATCHKEY_TRY(const Receipt applied, world.apply(wallet, kRecoveryRecord));
    const Address account = world.somebody("heir's account");
    LATCHKEY_CHECK(pay(world, wallet, *owned.guardian, 0, account, kSol, 0));
    LATCHKEY_TRY(const std::uint64_t received, world.balance(account));
    LATCHKEY_CHECK(world.expect(received == kSol,
                                "180 days after the second request (clock moved) nobody had "
                                "cancelled, and the heir's key opened the wallet"));
    world.record({"inheritance takes effect", applied, 0, kNoPeer});
    return {};
}

}  // namespace latchkey::cli::demo
