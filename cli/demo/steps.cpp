// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/steps.hpp"

#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/wallet_instructions.hpp"
#include "cli/demo/setting.hpp"
#include "cli/text.hpp"

namespace latchkey::cli::demo {

namespace {

using solana::Address;
using solana::WalletHandle;
using solana::WalletSnapshot;

constexpr std::uint64_t kSol = 1'000'000'000;
constexpr std::uint64_t kDaySeconds = 86'400;
constexpr std::uint64_t kSignatureFee = 5'000;
/// How long a late approval is valid, and how long before and after that the chain is asked.
constexpr std::uint64_t kLateSeconds = 200;
constexpr std::uint64_t kMarginSeconds = 20;

/// Transfers of SOL by the System program and nothing else, so much at once and in a period.
core::Rule sol_budget(std::uint16_t mask, std::uint64_t per_call, std::uint64_t per_period,
                      std::uint32_t period_seconds) {
    core::Rule rule = plain_rule(core::kActionExecute, mask, 1);
    // System's Transfer is instruction 2, as u32.
    rule.scope = {{solana::to_hash(solana::kSystemProgram), {2, 0, 0, 0}}};
    rule.limits = {{core::Hash32(), per_call, per_period, period_seconds}};
    return rule;
}

// Figures of others, from their own binary on the same VM (measured) or as they publish them.
const PeerFigures kNoPeer{"none", {}, {}, {}};
const PeerFigures kSwigCreation{"Swig v1, measured", {}, {}, 1'178'560};
const PeerFigures kSwigTransfer{"Swig v1, measured", 1'965, 394, {}};
const PeerFigures kLazorkitPasskey{"LazorKit v1, published", 9'441, 658, {}};
const PeerFigures kLazorkitSession{"LazorKit v2, published", {}, {}, 1'056'640};
const PeerFigures kSwigSession{"Swig v1 without limits, measured", 1'996, {}, {}};
const PeerFigures kSwigToken{"Swig v1, one transfer by ed25519, measured", 3'972, 460, {}};

Result<WalletHandle> new_wallet(World& world, const std::vector<const Key*>& keys,
                                std::vector<core::Rule> rules) {
    const auto configuration = configuration_of(keys, std::move(rules));
    LATCHKEY_TRY(WalletHandle wallet, WalletHandle::create(configuration, world.deployment()));
    world.say("wallet " + world.output().paint(Style::kKey, solana::to_base58(wallet.vault())));
    return wallet;
}

/// Approved by one signer of the rule.
Using with_lane(solana::NonceChoice nonce, std::uint8_t signer, const Key& key) {
    return {nonce, {{signer}}, {&key}, std::nullopt};
}

}  // namespace

Result<void> single_passkey(World& world) {
    world.title("A wallet with one passkey");
    LATCHKEY_TRY(const auto phone, world.passkey("phone"));
    LATCHKEY_TRY(const WalletHandle wallet,
                 new_wallet(world, {phone.get()}, {plain_rule(kEverything, 1, 1)}));
    LATCHKEY_TRY(const std::uint64_t at_start, world.balance(wallet.vault()));
    LATCHKEY_TRY(const std::uint64_t state_at_start, world.balance(wallet.state()));
    LATCHKEY_CHECK(world.expect(at_start == 0 && state_at_start == 0,
                                "it exists without any account on chain: creating it costs 0 "
                                "lamports"));
    world.record({"create a wallet that can spend", std::nullopt, state_at_start, kSwigCreation});

    LATCHKEY_CHECK(world.fund(wallet.vault(), kSol));
    const Address shop = world.somebody("shop");
    LATCHKEY_TRY(const std::uint64_t sponsor_before, world.balance(world.sponsor().address()));
    LATCHKEY_TRY(const WalletSnapshot snapshot, world.read(wallet));
    LATCHKEY_TRY(const auto lane, world.lane());
    LATCHKEY_TRY(const Receipt receipt,
                 world.act(snapshot, payment(wallet, shop, kSol / 10), with_lane(lane, 0, *phone)));
    LATCHKEY_TRY(const std::uint64_t vault_after, world.balance(wallet.vault()));
    LATCHKEY_TRY(const std::uint64_t shop_after, world.balance(shop));
    LATCHKEY_TRY(const std::uint64_t state_after, world.balance(wallet.state()));
    LATCHKEY_TRY(const std::uint64_t sponsor_after, world.balance(world.sponsor().address()));
    LATCHKEY_CHECK(world.expect(vault_after == kSol - kSol / 10 && shop_after == kSol / 10,
                                "the passkey sent 0.1 SOL; exactly that left the wallet"));
    LATCHKEY_CHECK(world.expect(
        sponsor_before - sponsor_after == 2 * kSignatureFee && receipt.fee == 2 * kSignatureFee,
        "the sponsor paid the fee of 10,000 lamports: its signature and the passkey's"));
    LATCHKEY_CHECK(world.expect(state_after == 0, "there is still no account but the vault"));
    world.record({"one passkey sends SOL", receipt, 0, kLazorkitPasskey});
    return {};
}

Result<void> two_passkeys(World& world) {
    world.title("Two passkeys, either of which can spend");
    LATCHKEY_TRY(const auto phone, world.passkey("phone"));
    LATCHKEY_TRY(const auto laptop, world.passkey("laptop"));
    LATCHKEY_TRY(const WalletHandle wallet, new_wallet(world, {phone.get(), laptop.get()},
                                                       {plain_rule(kEverything, 0b11, 1)}));
    LATCHKEY_CHECK(world.fund(wallet.vault(), kSol));
    const Address friend_address = world.somebody("friend");
    LATCHKEY_TRY(const WalletSnapshot snapshot, world.read(wallet));
    std::optional<Receipt> last;
    for (const Key* device : {phone.get(), laptop.get()}) {
        LATCHKEY_TRY(const auto lane, world.lane());
        const std::uint8_t signer = device == phone.get() ? 0 : 1;
        LATCHKEY_TRY(last, world.act(snapshot, payment(wallet, friend_address, kSol / 4),
                                     with_lane(lane, signer, *device)));
    }
    LATCHKEY_TRY(const std::uint64_t received, world.balance(friend_address));
    LATCHKEY_CHECK(world.expect(received == kSol / 2,
                                "the phone sent 0.25 SOL alone, then the laptop sent 0.25 SOL "
                                "alone"));
    world.record({"one of two passkeys sends SOL", last, 0, kLazorkitPasskey});
    return {};
}

Result<void> threshold_by_amount(World& world) {
    world.title("A threshold that depends on the amount");
    LATCHKEY_TRY(const auto phone, world.passkey("phone"));
    LATCHKEY_TRY(const auto laptop, world.passkey("laptop"));
    LATCHKEY_TRY(const auto tablet, world.passkey("tablet"));
    constexpr std::uint64_t kSmall = kSol / 2;
    LATCHKEY_TRY(const WalletHandle wallet,
                 new_wallet(world, {phone.get(), laptop.get(), tablet.get()},
                            {plain_rule(kEverything, 0b111, 2),
                             sol_budget(0b111, kSmall, kSmall, kDaySeconds)}));
    world.say("rules: any two of three may do anything; any one may send up to 0.5 SOL a day");
    LATCHKEY_CHECK(world.fund(wallet.vault(), 3 * kSol));
    LATCHKEY_TRY(const std::uint64_t state_rent, world.create_state(wallet));
    world.say("a limit needs a counter on chain: " + format_sol(state_rent) +
              " rent for the wallet's state, paid by the sponsor");
    const Address landlord = world.somebody("landlord");
    LATCHKEY_TRY(const WalletSnapshot snapshot, world.read(wallet));
    const solana::RuleReference daily{false, 1};

    LATCHKEY_TRY(auto lane, world.lane());
    LATCHKEY_TRY(const Receipt small,
                 world.act(snapshot, payment(wallet, landlord, kSol / 5, daily),
                           with_lane(lane, 0, *phone)));
    LATCHKEY_TRY(std::uint64_t received, world.balance(landlord));
    LATCHKEY_CHECK(world.expect(received == kSol / 5, "one passkey alone sent 0.2 SOL"));

    LATCHKEY_TRY(lane, world.lane());
    const Using alone = with_lane(lane, 0, *phone);
    LATCHKEY_TRY(const Approved too_much,
                 world.approve(snapshot, payment(wallet, landlord, kSol, daily), alone));
    LATCHKEY_TRY(std::string sentence,
                 world.refused(too_much, alone, core::Verdict::kLimitPerCall));
    LATCHKEY_TRY(received, world.balance(landlord));
    LATCHKEY_CHECK(world.expect(received == kSol / 5, "alone it cannot send 1 SOL: " + sentence));

    LATCHKEY_TRY(lane, world.lane());
    const Using one_of_two = with_lane(lane, 0, *phone);
    LATCHKEY_TRY(const Approved too_few,
                 world.approve(snapshot, payment(wallet, landlord, kSol), one_of_two));
    LATCHKEY_TRY(sentence, world.refused(too_few, one_of_two, core::Verdict::kThresholdNotMet));
    world.say(world.output().paint(Style::kGood, "✓ ") +
              "nor under the rule for large amounts: " + sentence);

    LATCHKEY_TRY(lane, world.lane());
    const Using both{lane, {{0}, {2}}, {phone.get(), tablet.get()}, std::nullopt};
    LATCHKEY_TRY(const Receipt large, world.act(snapshot, payment(wallet, landlord, kSol), both));
    LATCHKEY_TRY(received, world.balance(landlord));
    LATCHKEY_CHECK(world.expect(received == kSol / 5 + kSol, "together two passkeys sent 1 SOL"));
    world.record({"one of three within a daily limit", small, 0, kNoPeer});
    world.record({"two of three passkeys send SOL", large, 0, kNoPeer});
    return {};
}

namespace {

/// A session of `agent` with a budget, granted by the wallet's first rule.
Result<Receipt> grant_session(World& world, const WalletHandle& wallet, const Key& phone,
                              const Key& agent, std::uint64_t& rent) {
    core::LocalRule session;
    session.signers = {agent.entry()};
    session.rule = sol_budget(1, kSol / 20, kSol / 10, 3600);
    LATCHKEY_TRY(const std::uint64_t time, world.now());
    session.rule.times = core::Times{time - 60, time + 7 * kDaySeconds};
    LATCHKEY_TRY(const WalletSnapshot snapshot, world.read(wallet));
    LATCHKEY_TRY(const core::Bytes encoded, core::to_result(core::encode(session)));
    LATCHKEY_TRY(const std::size_t size, solana::state_size_after_grant(snapshot, encoded));
    LATCHKEY_TRY(const std::uint64_t present, world.balance(wallet.state()));
    LATCHKEY_TRY(rent, solana::missing_rent(world.rent(), size, present));
    LATCHKEY_TRY(const auto lane, world.lane());
    return world.act(snapshot, solana::GrantAction{{}, session}, with_lane(lane, 0, phone),
                     {solana::system::transfer(world.sponsor().address(), wallet.state(), rent)});
}

}  // namespace

Result<void> session_key(World& world) {
    world.title("A session key for an agent, within and beyond its limits");
    LATCHKEY_TRY(const auto phone, world.passkey("phone"));
    LATCHKEY_TRY(const auto agent, world.key("agent"));
    LATCHKEY_TRY(const WalletHandle wallet,
                 new_wallet(world, {phone.get()}, {plain_rule(kEverything, 1, 1)}));
    LATCHKEY_CHECK(world.fund(wallet.vault(), kSol));
    LATCHKEY_CHECK(world.create_state(wallet));
    std::uint64_t rent = 0;
    LATCHKEY_TRY(const Receipt granted, grant_session(world, wallet, *phone, *agent, rent));
    LATCHKEY_TRY(const WalletSnapshot snapshot, world.read(wallet));
    LATCHKEY_CHECK(world.expect(snapshot.state() && snapshot.state()->slots.size() == 1,
                                "one approval of the passkey lets the agent's key send 0.05 SOL "
                                "at once and 0.1 SOL an hour, for a week"));
    const Address api = world.somebody("api");
    const Using by_agent{solana::UseTransaction{}, {{0}}, {agent.get()}, std::nullopt};
    const solana::RuleReference slot{true, 0};
    std::optional<Receipt> spent;
    for (int i = 0; i < 2; ++i) {
        // The amounts differ, so that the two are not one transaction.
        const std::uint64_t lamports = kSol / 20 - static_cast<std::uint64_t>(i);
        LATCHKEY_TRY(spent, world.act(snapshot, payment(wallet, api, lamports, slot), by_agent));
    }
    LATCHKEY_TRY(const std::uint64_t received, world.balance(api));
    LATCHKEY_CHECK(world.expect(received == kSol / 10 - 1,
                                "the agent sent 0.05 SOL twice, without asking anybody"));
    const auto beyond = [&](std::uint64_t lamports, core::Verdict verdict,
                            const std::string& what) -> Result<void> {
        LATCHKEY_TRY(const Approved approved,
                     world.approve(snapshot, payment(wallet, api, lamports, slot), by_agent));
        LATCHKEY_TRY(const std::string sentence, world.refused(approved, by_agent, verdict));
        LATCHKEY_TRY(const std::uint64_t now_there, world.balance(api));
        return world.expect(now_there == received, what + ": " + sentence);
    };
    LATCHKEY_CHECK(beyond(kSol / 2, core::Verdict::kLimitPerCall, "not 0.5 SOL at once"));
    LATCHKEY_CHECK(beyond(kSol / 20, core::Verdict::kLimitPerPeriod, "not a third time"));
    LATCHKEY_CHECK(world.warp(8 * kDaySeconds));
    LATCHKEY_CHECK(beyond(1000, core::Verdict::kRuleExpired, "not after the week (clock moved)"));
    world.record({"grant a session (the state exists)", granted, rent, kLazorkitSession});
    world.record({"session spends within its limits", spent, 0, kSwigSession});
    return {};
}

Result<void> gas_sponsorship(World& world) {
    world.title("Somebody else pays: a vault that is emptied to zero");
    LATCHKEY_TRY(const auto key, world.key("device key"));
    LATCHKEY_TRY(const WalletHandle wallet,
                 new_wallet(world, {key.get()}, {plain_rule(kEverything, 1, 1)}));
    constexpr std::uint64_t kAll = 3 * kSol / 10;
    LATCHKEY_CHECK(world.fund(wallet.vault(), kAll));
    LATCHKEY_TRY(const std::uint64_t sponsor_before, world.balance(world.sponsor().address()));
    LATCHKEY_TRY(const WalletSnapshot snapshot, world.read(wallet));
    const Address heir = world.somebody("heir");
    const Using by_key{solana::UseTransaction{}, {{0}}, {key.get()}, std::nullopt};
    LATCHKEY_TRY(const Receipt receipt, world.act(snapshot, payment(wallet, heir, kAll), by_key));
    LATCHKEY_TRY(const std::uint64_t vault, world.balance(wallet.vault()));
    LATCHKEY_TRY(const std::uint64_t own, world.balance(key->address()));
    LATCHKEY_TRY(const std::uint64_t received, world.balance(heir));
    LATCHKEY_TRY(const std::uint64_t sponsor_after, world.balance(world.sponsor().address()));
    LATCHKEY_CHECK(world.expect(vault == 0 && received == kAll,
                                "all 0.3 SOL arrived; the vault holds 0 lamports"));
    LATCHKEY_CHECK(world.expect(own == 0 && sponsor_before - sponsor_after == receipt.fee,
                                "the signer never held any SOL; the sponsor paid " +
                                    format_count(receipt.fee) + " lamports"));
    world.record({"one ed25519 key sends SOL, sponsored", receipt, 0, kSwigTransfer});
    return {};
}

Result<void> tokens_and_batches(World& world) {
    world.title("The fee in a token, inside the batch that was approved");
    LATCHKEY_TRY(const auto phone, world.passkey("phone"));
    LATCHKEY_TRY(const WalletHandle wallet,
                 new_wallet(world, {phone.get()}, {plain_rule(kEverything, 1, 1)}));
    LATCHKEY_TRY(const solana::TokenMint token, world.make_token(6));
    const Address sponsor = world.sponsor().address();
    const Address held = solana::vault_token_account(wallet, token);
    constexpr std::uint64_t kHundred = 100'000'000;
    LATCHKEY_CHECK(world.send_own(
        {solana::create_vault_token_account(wallet, sponsor, token),
         solana::token::mint_to_checked(token.program, token.mint, held, sponsor, kHundred, 6)}));
    world.say("it holds 100 tokens and not one lamport");
    const Address shop = world.somebody("token shop");
    LATCHKEY_CHECK(world.send_own(
        {solana::associated_token::create(sponsor, shop, token.mint, token.program)}));
    const Address shop_tokens = solana::associated_token_address(shop, token.mint, token.program);
    const Address sponsor_tokens =
        solana::associated_token_address(sponsor, token.mint, token.program);
    const auto pay = [&](const Address& to, std::uint64_t amount) {
        return solana::token::transfer_checked(token.program, held, token.mint, to, wallet.vault(),
                                               amount, token.decimals);
    };
    solana::ExecuteAction purchase;
    purchase.calls = {pay(shop_tokens, 25'000'000), pay(sponsor_tokens, 20'000)};
    LATCHKEY_TRY(WalletSnapshot snapshot, world.read(wallet));
    LATCHKEY_TRY(auto lane, world.lane());
    LATCHKEY_TRY(const Receipt receipt, world.act(snapshot, purchase, with_lane(lane, 0, *phone)));
    LATCHKEY_TRY(const std::uint64_t left, world.tokens(held));
    LATCHKEY_TRY(std::uint64_t sold, world.tokens(shop_tokens));
    LATCHKEY_TRY(const std::uint64_t earned, world.tokens(sponsor_tokens));
    LATCHKEY_TRY(const std::uint64_t lamports, world.balance(wallet.vault()));
    LATCHKEY_CHECK(world.expect(
        sold == 25'000'000 && earned == 20'000 && left == kHundred - 25'020'000 && lamports == 0,
        "25 tokens went to the shop and 0.02 to the sponsor, or nothing would have"));
    world.record({"send a token, pay the fee in it", receipt, 0, kSwigToken});

    world.title("Three instructions, all or none");
    LATCHKEY_CHECK(world.fund(wallet.vault(), kSol));
    const Address first = world.somebody("first");
    const Address second = world.somebody("second");
    solana::ExecuteAction batch;
    batch.calls = {solana::system::transfer(wallet.vault(), first, kSol / 8),
                   solana::system::transfer(wallet.vault(), second, kSol / 4),
                   pay(shop_tokens, 1'000'000)};
    LATCHKEY_TRY(lane, world.lane());
    LATCHKEY_TRY(const Receipt three, world.act(snapshot, batch, with_lane(lane, 0, *phone)));
    LATCHKEY_TRY(const std::uint64_t to_first, world.balance(first));
    LATCHKEY_TRY(const std::uint64_t to_second, world.balance(second));
    LATCHKEY_TRY(sold, world.tokens(shop_tokens));
    LATCHKEY_CHECK(world.expect(to_first == kSol / 8 && to_second == kSol / 4 && sold == 26'000'000,
                                "0.125 SOL, 0.25 SOL and 1 token arrived with one approval"));
    world.record({"batch of three", three, 0, kNoPeer});
    return {};
}

Result<void> treasury(World& world) {
    world.title("A treasury's approval, sent three months later");
    LATCHKEY_TRY(const auto chair, world.passkey("chair"));
    LATCHKEY_TRY(const auto auditor, world.key("auditor"));
    LATCHKEY_TRY(const auto member, world.passkey("member"));
    LATCHKEY_TRY(const WalletHandle wallet,
                 new_wallet(world, {chair.get(), auditor.get(), member.get()},
                            {plain_rule(kEverything, 0b111, 2)}));
    LATCHKEY_CHECK(world.fund(wallet.vault(), 5 * kSol));
    LATCHKEY_CHECK(world.create_state(wallet));
    LATCHKEY_TRY(const WalletSnapshot snapshot, world.read(wallet));
    const Address builder = world.somebody("builder");
    // The auditor's key signs an off-chain message: nothing it does needs the chain.
    const Using later{solana::UseStateNonce{1, 0},
                      {{0}, {1, solana::ApprovalMethod::kOffchainMessage}},
                      {chair.get(), auditor.get()},
                      std::nullopt};
    LATCHKEY_TRY(const Approved approved,
                 world.approve(snapshot, payment(wallet, builder, 2 * kSol), later));
    LATCHKEY_TRY(const std::uint64_t approved_at, world.now());
    world.say("two of three approved 2 SOL, offline, with the state's nonce 1");
    const Using meanwhile{
        solana::UseStateNonce{0, 0}, {{0}, {2}}, {chair.get(), member.get()}, std::nullopt};
    LATCHKEY_CHECK(world.act(snapshot, payment(wallet, builder, kSol), meanwhile));
    LATCHKEY_CHECK(world.warp(90 * kDaySeconds));
    LATCHKEY_TRY(const std::uint64_t now, world.now());
    LATCHKEY_TRY(const Receipt receipt, world.send(approved, later));
    LATCHKEY_TRY(const std::uint64_t received, world.balance(builder));
    LATCHKEY_CHECK(world.expect(received == 3 * kSol && now - approved_at >= 90 * kDaySeconds,
                                "90 days later (clock moved) the approval was sent and taken, "
                                "although another payment had been made meanwhile"));
    LATCHKEY_TRY(const std::string sentence,
                 world.refused(approved, later, core::Verdict::kStateNonce));
    LATCHKEY_TRY(const std::uint64_t at_end, world.balance(builder));
    LATCHKEY_CHECK(world.expect(at_end == received, "and never a second time: " + sentence));
    world.record({"approval from three months ago", receipt, 0, kNoPeer});
    return {};
}

Result<void> late_approvals(World& world) {
    world.title("An approval through a lane, sent minutes later");
    LATCHKEY_TRY(const auto phone, world.passkey("phone"));
    LATCHKEY_TRY(const WalletHandle wallet,
                 new_wallet(world, {phone.get()}, {plain_rule(kEverything, 1, 1)}));
    LATCHKEY_CHECK(world.fund(wallet.vault(), kSol));
    const Address baker = world.somebody("baker");
    LATCHKEY_TRY(const WalletSnapshot snapshot, world.read(wallet));
    // The start of a window, so that the clock stays inside it until the end.
    LATCHKEY_TRY(const std::uint64_t time, world.now());
    LATCHKEY_CHECK(world.warp(core::kLaneWindowSeconds - time % core::kLaneWindowSeconds));
    std::array<Using, 3> with;
    std::vector<Approved> approved;
    for (std::uint64_t i = 0; i < with.size(); ++i) {
        LATCHKEY_TRY(const auto lane, world.lane(kLateSeconds));
        with.at(i) = with_lane(lane, 0, *phone);
        LATCHKEY_TRY(
            Approved one,
            world.approve(snapshot, payment(wallet, baker, (i + 1) * kSol / 10), with.at(i)));
        approved.push_back(std::move(one));
    }
    world.say(
        "the passkey approved payments of 0.1, 0.2 and 0.3 SOL, good for 200 seconds; the "
        "wallet has no account on chain");
    LATCHKEY_CHECK(world.warp(kLateSeconds - kMarginSeconds));
    LATCHKEY_TRY(const Receipt receipt, world.send(approved[1], with[1]));
    LATCHKEY_CHECK(world.send(approved[0], with[0]));
    constexpr std::uint64_t kBoth = 3 * kSol / 10;
    LATCHKEY_TRY(std::uint64_t received, world.balance(baker));
    LATCHKEY_CHECK(world.expect(received == kBoth,
                                "three minutes later (clock moved) the second was sent and taken, "
                                "then the first: the order is free"));
    LATCHKEY_TRY(std::string sentence,
                 world.refused(approved[1], with[1], core::Verdict::kNonceUsed));
    LATCHKEY_TRY(received, world.balance(baker));
    LATCHKEY_CHECK(world.expect(received == kBoth, "the second cannot come twice: " + sentence));
    LATCHKEY_CHECK(world.warp(2 * kMarginSeconds));
    LATCHKEY_TRY(sentence, world.refused(approved[2], with[2], core::Verdict::kDeadlinePassed));
    LATCHKEY_TRY(received, world.balance(baker));
    LATCHKEY_CHECK(world.expect(
        received == kBoth, "the third was not sent in time and is worth nothing: " + sentence));
    world.record({"approval through a lane, sent late", receipt, 0, kLazorkitPasskey});
    return {};
}

Result<void> attacks(World& world) {
    world.title("Attacks: a sponsor that cheats");
    LATCHKEY_TRY(const auto phone, world.passkey("phone"));
    LATCHKEY_TRY(const WalletHandle wallet,
                 new_wallet(world, {phone.get()}, {plain_rule(kEverything, 1, 1)}));
    LATCHKEY_CHECK(world.fund(wallet.vault(), kSol));
    const Address shop = world.somebody("honest shop");
    LATCHKEY_TRY(const WalletSnapshot snapshot, world.read(wallet));
    LATCHKEY_TRY(auto lane, world.lane());
    const Using honest = with_lane(lane, 0, *phone);
    LATCHKEY_TRY(const Approved approved,
                 world.approve(snapshot, payment(wallet, shop, kSol / 10), honest));
    LATCHKEY_TRY(
        Approved redirected,
        world.approve(snapshot, payment(wallet, world.sponsor().address(), kSol / 10), honest));
    // What was approved is the payment to the shop; what is sent pays the sponsor.
    redirected.approvals = approved.approvals;
    LATCHKEY_TRY(std::string sentence,
                 world.refused(redirected, honest, core::Verdict::kClientData));
    LATCHKEY_TRY(std::uint64_t left, world.balance(wallet.vault()));
    LATCHKEY_CHECK(
        world.expect(left == kSol, "the sponsor cannot redirect a payment: " + sentence));

    LATCHKEY_TRY(const auto laptop, world.passkey("laptop"));
    LATCHKEY_TRY(const WalletHandle shared, new_wallet(world, {phone.get(), laptop.get()},
                                                       {plain_rule(kEverything, 0b11, 1)}));
    LATCHKEY_CHECK(world.fund(shared.vault(), kSol));
    LATCHKEY_TRY(const WalletSnapshot other, world.read(shared));
    LATCHKEY_TRY(Approved reused, world.approve(other, payment(shared, shop, kSol / 10), honest));
    reused.approvals = approved.approvals;
    LATCHKEY_TRY(sentence, world.refused(reused, honest, core::Verdict::kClientData));
    LATCHKEY_TRY(left, world.balance(shared.vault()));
    LATCHKEY_CHECK(world.expect(left == kSol,
                                "nor use it on another wallet of the same passkey: " + sentence));
    LATCHKEY_CHECK(world.send(approved, honest));
    LATCHKEY_TRY(left, world.balance(wallet.vault()));
    LATCHKEY_CHECK(world.expect(left == kSol - kSol / 10, "unchanged, the same approval is taken"));
    return {};
}

}  // namespace latchkey::cli::demo
