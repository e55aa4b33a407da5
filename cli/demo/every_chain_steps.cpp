// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "chains/solana/client/configuration_change.hpp"
#include "cli/demo/evm_steps.hpp"
#include "cli/demo/setting.hpp"

namespace latchkey::cli::demo {

namespace {

constexpr std::uint64_t kSol = 1'000'000'000;

/// Passes requests on, and counts how often the owner is asked.
class CountingSigner final : public signers::Signer {
  public:
    explicit CountingSigner(signers::Signer& inner) : inner_(inner) {}
    const core::Signer& entry() const override { return inner_.entry(); }
    Result<core::Evidence> approve(const core::ApprovalHash& hash) override {
        ++prompts_;
        return inner_.approve(hash);
    }
    unsigned prompts() const { return prompts_; }

  private:
    signers::Signer& inner_;
    unsigned prompts_ = 0;
};

/// One wallet on Solana and on both EVM chains.
struct Everywhere {
    solana::WalletHandle on_solana;
    std::vector<evm_wallet::WalletHandle> on_evm;
};

Result<Everywhere> open_everywhere(EvmWorld& evm, const core::Configuration& configuration) {
    World& world = evm.world();
    LATCHKEY_TRY(auto on_solana, solana::WalletHandle::create(configuration, world.deployment()));
    LATCHKEY_TRY(auto first, evm.same_wallet(on_solana));
    LATCHKEY_TRY(auto second, evm.on_chain(first, 1));
    const auto key = [&](const std::string& text) {
        return world.output().paint(Style::kKey, text);
    };
    world.say("wallet " + key(solana::to_base58(on_solana.vault())) + " on Solana");
    world.say("wallet " + key(evm::to_string(first.address())) + " on both EVM chains");
    LATCHKEY_CHECK(world.fund(on_solana.vault(), kSol));
    for (std::size_t i = 0; i < 2; ++i) {
        LATCHKEY_CHECK(evm.fund(first.address(), milliether(1000), i));
    }
    return Everywhere{std::move(on_solana), {std::move(first), std::move(second)}};
}

/// Something to approve on each of the chains.
struct Planned {
    Approved on_solana;
    std::vector<EvmApproved> on_evm;
};

/// One prompt of one signer for all of it: what is the same on several
/// chains is signed once, what differs together as the leaves of a tree.
Result<void> approve_all(Planned& planned, std::uint8_t signer, signers::Signer& by) {
    std::vector<core::Leaf> leaves;
    const auto place_of = [&](const core::Leaf& leaf) {
        const auto found = std::find(leaves.begin(), leaves.end(), leaf);
        const auto place = static_cast<std::size_t>(found - leaves.begin());
        if (found == leaves.end()) {
            leaves.push_back(leaf);
        }
        return place;
    };
    std::vector<std::size_t> places{place_of(planned.on_solana.plan.leaf)};
    for (const EvmApproved& one : planned.on_evm) {
        places.push_back(place_of(one.plan.leaf));
    }
    LATCHKEY_TRY(const auto bundle, solana::ApprovalBundle::from(leaves));
    LATCHKEY_TRY(const core::Evidence evidence, by.approve(bundle.hash()));
    planned.on_solana.approvals = {{signer, evidence}};
    LATCHKEY_TRY(planned.on_solana.tree, bundle.proof(places[0]));
    for (std::size_t i = 0; i < planned.on_evm.size(); ++i) {
        planned.on_evm[i].approvals = {{signer, evidence}};
        LATCHKEY_TRY(planned.on_evm[i].tree, bundle.proof(places[i + 1]));
    }
    return {};
}

/// The same new configuration for the wallet on every chain.
Result<Planned> plan_change(EvmWorld& evm, const Everywhere& wallet,
                            const solana::WalletSnapshot& snapshot, const core::Configuration& next,
                            const Using& with) {
    LATCHKEY_TRY(const core::Bytes encoded, core::to_result(core::encode(next)));
    Planned out;
    LATCHKEY_TRY(out.on_solana,
                 evm.world().plan(snapshot, solana::PolicyAction{{}, next, {}}, with));
    for (const auto& one : wallet.on_evm) {
        LATCHKEY_TRY(const auto there, evm.read(one));
        LATCHKEY_TRY(EvmApproved planned,
                     evm.plan(there, evm_wallet::Policy{evm_wallet::epoch_of(there, {}), encoded}));
        out.on_evm.push_back(std::move(planned));
    }
    return out;
}

/// Who is paid on every chain.
struct Shop {
    solana::Address on_solana;
    evm::Address on_evm;
};

Result<bool> is_paid(EvmWorld& evm, const Shop& shop, std::uint64_t lamports,
                     const evm::Uint256& first, const evm::Uint256& second) {
    LATCHKEY_TRY(const std::uint64_t there, evm.world().balance(shop.on_solana));
    LATCHKEY_TRY(const bool is_first, evm.has(shop.on_evm, first, 0));
    LATCHKEY_TRY(const bool is_second, evm.has(shop.on_evm, second, 1));
    return there == lamports && is_first && is_second;
}

/// The wallet's first key pays the same on all three chains.
Result<void> pay_everywhere(EvmWorld& evm, const Everywhere& wallet, const Key& key,
                            const Shop& shop) {
    World& world = evm.world();
    LATCHKEY_TRY(const auto snapshot, world.read(wallet.on_solana));
    LATCHKEY_TRY(const auto lane, world.lane());
    LATCHKEY_CHECK(world.act(snapshot, payment(wallet.on_solana, shop.on_solana, kSol / 10),
                             {lane, {{0}}, {&key}, std::nullopt}));
    for (const auto& one : wallet.on_evm) {
        LATCHKEY_CHECK(evm.act(one, pay(shop.on_evm, milliether(100)), alone(key)));
    }
    return {};
}

/// Whoever finds the old key tries to pay on all three chains. `before`: as he remembers the
/// wallet.
Result<std::string> refused_everywhere(EvmWorld& evm, const Everywhere& wallet, const Key& key,
                                       const Shop& shop, const solana::WalletSnapshot& before) {
    World& world = evm.world();
    LATCHKEY_TRY(const auto lane, world.lane());
    const Using old{lane, {{0}}, {&key}, std::nullopt};
    LATCHKEY_TRY(const Approved stolen,
                 world.approve(before, payment(wallet.on_solana, shop.on_solana, kSol / 10), old));
    LATCHKEY_TRY(std::string sentence, world.refused(stolen, old, core::Verdict::kKeyMismatch));
    for (const auto& one : wallet.on_evm) {
        LATCHKEY_TRY(sentence, evm.act_refused(one, pay(shop.on_evm, milliether(100)), alone(key),
                                               core::Verdict::kKeyMismatch));
    }
    return sentence;
}

}  // namespace

Result<void> one_prompt_everywhere(EvmWorld& evm) {
    World& world = evm.world();
    world.title("Three chains: a lost phone is replaced everywhere by one prompt");
    LATCHKEY_TRY(const auto phone, world.passkey("phone"));
    LATCHKEY_TRY(const auto laptop, world.passkey("laptop"));
    LATCHKEY_TRY(const auto new_phone, world.passkey("new phone"));
    LATCHKEY_TRY(const Everywhere wallet,
                 open_everywhere(evm, configuration_of({phone.get(), laptop.get()},
                                                       {plain_rule(kEverything, 0b11, 1)})));
    LATCHKEY_CHECK(world.create_state(wallet.on_solana));
    LATCHKEY_TRY(const auto before, world.read(wallet.on_solana));
    LATCHKEY_TRY(const core::Configuration next,
                 solana::with_other_key(before.configuration(), 0, new_phone->entry()));
    const Using by_laptop{solana::UseTransaction{}, {{1}}, {laptop.get()}, std::nullopt};
    LATCHKEY_TRY(Planned change, plan_change(evm, wallet, before, next, by_laptop));
    CountingSigner counted(*laptop->signer);
    LATCHKEY_CHECK(approve_all(change, 1, counted));
    LATCHKEY_CHECK(world.expect(
        counted.prompts() == 1 && !change.on_solana.tree &&
            change.on_evm[0].plan.leaf == change.on_solana.plan.leaf &&
            change.on_evm[1].plan.leaf == change.on_solana.plan.leaf,
        "the laptop asked its owner once: the change is the same bytes on every chain"));
    LATCHKEY_TRY(const Receipt on_solana,
                 world.send_with_rent(before, change.on_solana, by_laptop));
    LATCHKEY_TRY(const on_evm::Receipt first, evm.send(change.on_evm[0]));
    LATCHKEY_CHECK(evm.send(change.on_evm[1]));
    LATCHKEY_TRY(const auto after, world.read(wallet.on_solana));
    bool is_changed = after.sequence() == 1;
    for (const auto& one : wallet.on_evm) {
        LATCHKEY_TRY(const auto there, evm.read(one));
        is_changed = is_changed && there.config_id == after.config_id();
    }
    LATCHKEY_CHECK(world.expect(is_changed && counted.prompts() == 1,
                                "Solana and both EVM chains took that one signature, and have the "
                                "same configuration again"));
    const Shop shop{world.somebody("shop everywhere"), evm.somebody("shop everywhere")};
    LATCHKEY_CHECK(pay_everywhere(evm, wallet, *new_phone, shop));
    LATCHKEY_TRY(bool is_there, is_paid(evm, shop, kSol / 10, milliether(100), milliether(100)));
    LATCHKEY_CHECK(world.expect(is_there, "the new phone paid 0.1 on each of the three"));
    LATCHKEY_TRY(const std::string sentence, refused_everywhere(evm, wallet, *phone, shop, before));
    LATCHKEY_TRY(is_there, is_paid(evm, shop, kSol / 10, milliether(100), milliether(100)));
    LATCHKEY_CHECK(world.expect(is_there, "the lost phone pays on none of them: " + sentence));
    world.record({"one prompt, three chains: Solana", on_solana, 0, {"none", {}, {}, {}}});
    evm.record({"one prompt, three chains: EVM", first});
    return {};
}

Result<void> three_payments_at_once(EvmWorld& evm) {
    World& world = evm.world();
    world.title("Three chains: one approval, three different payments");
    LATCHKEY_TRY(const auto phone, world.passkey("phone"));
    LATCHKEY_TRY(
        const Everywhere wallet,
        open_everywhere(evm, configuration_of({phone.get()}, {plain_rule(kEverything, 1, 1)})));
    const Shop shop{world.somebody("three payments"), evm.somebody("three payments")};
    LATCHKEY_TRY(const auto lane, world.lane());
    const Using by_phone{lane, {{0}}, {phone.get()}, std::nullopt};
    LATCHKEY_TRY(const auto snapshot, world.read(wallet.on_solana));
    Planned payments;
    LATCHKEY_TRY(
        payments.on_solana,
        world.plan(snapshot, payment(wallet.on_solana, shop.on_solana, kSol / 10), by_phone));
    for (std::size_t i = 0; i < wallet.on_evm.size(); ++i) {
        LATCHKEY_TRY(const auto there, evm.read(wallet.on_evm[i]));
        LATCHKEY_TRY(EvmApproved one, evm.plan(there, pay(shop.on_evm, milliether(200 + 100 * i))));
        payments.on_evm.push_back(std::move(one));
    }
    CountingSigner counted(*phone->signer);
    LATCHKEY_CHECK(approve_all(payments, 0, counted));
    LATCHKEY_TRY(const Receipt on_solana, world.send(payments.on_solana, by_phone));
    LATCHKEY_TRY(const on_evm::Receipt first, evm.send(payments.on_evm[0]));
    LATCHKEY_TRY(bool is_there, is_paid(evm, shop, kSol / 10, milliether(200), {}));
    LATCHKEY_CHECK(world.expect(is_there && counted.prompts() == 1,
                                "the phone asked its owner once; 0.1 SOL left on Solana, 0.2 ETH "
                                "on the first EVM chain"));
    // What was approved for the first chain, on the second one.
    LATCHKEY_TRY(const auto there, evm.read(wallet.on_evm[1]));
    LATCHKEY_TRY(EvmApproved swapped, evm.plan(there, pay(shop.on_evm, milliether(200))));
    swapped.approvals = payments.on_evm[0].approvals;
    swapped.tree = payments.on_evm[0].tree;
    LATCHKEY_TRY(const std::string sentence, evm.refused(swapped, core::Verdict::kKeyMismatch));
    LATCHKEY_TRY(is_there, is_paid(evm, shop, kSol / 10, milliether(200), {}));
    LATCHKEY_CHECK(world.expect(
        is_there, "the first chain's amount is not approved on the second: " + sentence));
    LATCHKEY_CHECK(evm.send(payments.on_evm[1]));
    LATCHKEY_TRY(is_there, is_paid(evm, shop, kSol / 10, milliether(200), milliether(300)));
    LATCHKEY_CHECK(world.expect(is_there && counted.prompts() == 1,
                                "its own payment of 0.3 ETH is: three payments, one prompt"));
    world.record({"one of three approved at once: Solana", on_solana, 0, {"none", {}, {}, {}}});
    evm.record({"one of three approved at once: EVM", first});
    return {};
}

}  // namespace latchkey::cli::demo
