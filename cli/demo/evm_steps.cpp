// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/evm_steps.hpp"

#include "chains/evm/wallet/outflow.hpp"
#include "cli/demo/setting.hpp"

namespace latchkey::cli::demo {

namespace {

using evm::Address;
using evm_wallet::RuleReference;
using evm_wallet::WalletHandle;
using evm_wallet::WalletSnapshot;

constexpr std::uint64_t kDay = core::kDay;
/// How long a late approval is valid, and how long before and after that the chain is asked.
constexpr std::uint64_t kLateSeconds = 200;
constexpr std::uint64_t kMarginSeconds = 20;

// Figures of others, measured on the same anvil (docs/benchmarks.md). Those of Ithaca are for
// accounts that an ordinary key keeps control of (EIP-7702).
const EvmPeer kDeployment{"Sequence v3", 83'458, {}};
const EvmPeer kPasskeyEther{"Ithaca, EIP-7702 only", 68'732, {}};
const EvmPeer kPasskeyToken{"Ithaca, EIP-7702 only", 75'315, 1'092};
const EvmPeer kTokenFee{"Ithaca, EIP-7702 only", 112'709, 1'860};
const EvmPeer kTwoOfThree{"OpenZeppelin 5.7, user operation", 141'393, {}};
const EvmPeer kAccountKeyEther{"Ithaca, EIP-7702 only", 47'299, {}};
const EvmPeer kSessionGrant{"Ithaca, EIP-7702 only", 233'863, {}};
const EvmPeer kSessionSpend{"Ithaca, a token transfer", 99'273, {}};

/// A wallet with so many thousandths of the chain's coin.
Result<WalletHandle> open_wallet(EvmWorld& evm, const std::vector<const Key*>& keys,
                                 std::vector<core::Rule> rules, std::uint64_t milli) {
    LATCHKEY_TRY(WalletHandle out, evm.new_wallet(configuration_of(keys, std::move(rules))));
    LATCHKEY_CHECK(evm.fund(out.address(), milliether(milli)));
    return out;
}

/// The same when one key may do everything.
Result<WalletHandle> open_wallet(EvmWorld& evm, const Key& key, std::uint64_t milli) {
    return open_wallet(evm, {&key}, {plain_rule(kEverything, 1, 1)}, milli);
}

/// Payments of the chain's coin to somebody, up to so many thousandths at once and in a day.
core::Rule ether_budget(std::uint16_t mask, const Address& to, std::uint64_t per_call,
                        std::uint64_t per_day) {
    constexpr std::uint8_t kGwei = 9;
    constexpr std::uint64_t kGweiPerMilli = 1'000'000;
    core::Rule rule = plain_rule(core::kActionExecute, mask, 1);
    // Only scales above 57 have no encoding. A target is written like a token.
    rule.scope = {{evm_wallet::encode(evm_wallet::Asset{0, to}).value(), {}}};
    rule.limits = {{evm_wallet::encode(evm_wallet::Asset{kGwei, {}}).value(),
                    per_call * kGweiPerMilli, per_day * kGweiPerMilli,
                    static_cast<std::uint32_t>(kDay)}};
    return rule;
}

std::string coin(EvmWorld& evm, const evm::Uint256& wei) {
    return on_evm::format_coin(evm.node().chain(), wei);
}

}  // namespace

Result<void> single_passkey(EvmWorld& evm) {
    World& world = evm.world();
    world.title("EVM: a wallet with one passkey");
    LATCHKEY_TRY(const auto phone, world.passkey("phone"));
    LATCHKEY_TRY(const WalletHandle wallet, open_wallet(evm, *phone, 1000));
    LATCHKEY_TRY(const WalletSnapshot snapshot, evm.read(wallet));
    LATCHKEY_TRY(bool is_there, evm.has(wallet.address(), milliether(1000)));
    LATCHKEY_CHECK(world.expect(is_there && !snapshot.is_made,
                                "1 ETH came to its address, where there is no contract yet: "
                                "creating the wallet took no transaction"));

    LATCHKEY_TRY(const evm::Uint256 relayer_before, evm.balance(evm.relayer_address()));
    LATCHKEY_TRY(const auto made, evm.make_contract(wallet));
    const Address shop = evm.somebody("shop");
    const evm_wallet::Body purchase = pay(shop, milliether(100));
    LATCHKEY_TRY(const on_evm::Receipt first, evm.act(wallet, purchase, alone(*phone)));
    LATCHKEY_TRY(const evm::Uint256 relayer_after, evm.balance(evm.relayer_address()));
    LATCHKEY_TRY(is_there, evm.has(wallet.address(), milliether(900)));
    LATCHKEY_TRY(const bool is_paid, evm.has(shop, milliether(100)));
    LATCHKEY_CHECK(world.expect(is_there && is_paid && made.has_value(),
                                "its first payment made the contract, and the passkey sent 0.1 "
                                "ETH; exactly that left the wallet"));
    LATCHKEY_TRY(const evm::Uint256 fees, evm::add(made->fee, first.fee));
    LATCHKEY_TRY(const evm::Uint256 spent, evm::subtract(relayer_before, relayer_after));
    LATCHKEY_CHECK(
        world.expect(spent == fees, "the relayer paid the gas of both, " + coin(evm, fees)));
    LATCHKEY_TRY(const on_evm::Receipt second, evm.act(wallet, purchase, alone(*phone)));
    LATCHKEY_TRY(is_there, evm.has(shop, milliether(200)));
    LATCHKEY_CHECK(world.expect(is_there, "another 0.1 ETH took " + std::to_string(second.bytes) +
                                              " bytes and no other contract"));
    evm.record({"make a wallet's contract", *made, kDeployment});
    evm.record({"one passkey sends ETH", second, kPasskeyEther});
    return {};
}

Result<void> two_passkeys(EvmWorld& evm) {
    World& world = evm.world();
    world.title("EVM: two passkeys, either of which can spend");
    LATCHKEY_TRY(const auto phone, world.passkey("phone"));
    LATCHKEY_TRY(const auto laptop, world.passkey("laptop"));
    LATCHKEY_TRY(const WalletHandle wallet, open_wallet(evm, {phone.get(), laptop.get()},
                                                        {plain_rule(kEverything, 0b11, 1)}, 1000));
    const Address friend_address = evm.somebody("friend");
    const evm_wallet::Body gift = pay(friend_address, milliether(250));
    LATCHKEY_CHECK(evm.act(wallet, gift, alone(*phone, 0)));
    LATCHKEY_TRY(const on_evm::Receipt last, evm.act(wallet, gift, alone(*laptop, 1)));
    LATCHKEY_TRY(const bool is_there, evm.has(friend_address, milliether(500)));
    LATCHKEY_CHECK(world.expect(is_there,
                                "the phone sent 0.25 ETH alone, then the laptop sent 0.25 ETH "
                                "alone"));
    evm.record({"one of two passkeys sends ETH", last, kPasskeyEther});
    return {};
}

Result<void> threshold_by_amount(EvmWorld& evm) {
    World& world = evm.world();
    world.title("EVM: a threshold that depends on the amount");
    LATCHKEY_TRY(const auto phone, world.passkey("phone"));
    LATCHKEY_TRY(const auto laptop, world.passkey("laptop"));
    LATCHKEY_TRY(const auto tablet, world.passkey("tablet"));
    const Address landlord = evm.somebody("landlord");
    LATCHKEY_TRY(
        const WalletHandle wallet,
        open_wallet(evm, {phone.get(), laptop.get(), tablet.get()},
                    {plain_rule(kEverything, 0b111, 2), ether_budget(0b111, landlord, 500, 500)},
                    3000));
    world.say(
        "rules: any two of three may do anything; any one may send the landlord up to 0.5 ETH a "
        "day");
    const RuleReference daily{false, 1, {}};
    LATCHKEY_TRY(const on_evm::Receipt small,
                 evm.act(wallet, pay(landlord, milliether(200)), alone(*phone, 0, daily)));
    LATCHKEY_TRY(bool is_there, evm.has(landlord, milliether(200)));
    LATCHKEY_CHECK(world.expect(is_there, "one passkey alone sent 0.2 ETH"));
    const evm_wallet::Body rent = pay(landlord, milliether(1000));
    LATCHKEY_TRY(std::string sentence, evm.act_refused(wallet, rent, alone(*phone, 0, daily),
                                                       core::Verdict::kLimitPerCall));
    LATCHKEY_TRY(is_there, evm.has(landlord, milliether(200)));
    LATCHKEY_CHECK(world.expect(is_there, "alone it cannot send 1 ETH: " + sentence));
    LATCHKEY_TRY(sentence,
                 evm.act_refused(wallet, rent, alone(*phone), core::Verdict::kThresholdNotMet));
    LATCHKEY_TRY(is_there, evm.has(landlord, milliether(200)));
    LATCHKEY_CHECK(world.expect(is_there, "nor under the rule for large amounts: " + sentence));
    const Approving both{{}, {{0, phone.get()}, {2, tablet.get()}}, {}};
    LATCHKEY_TRY(const on_evm::Receipt large, evm.act(wallet, rent, both));
    LATCHKEY_TRY(is_there, evm.has(landlord, milliether(1200)));
    LATCHKEY_CHECK(world.expect(is_there, "together two passkeys sent 1 ETH"));
    evm.record({"one of three within a daily limit", small});
    evm.record({"two of three passkeys send ETH", large, kTwoOfThree});
    return {};
}

namespace {

/// A session of `agent` with a budget for a week, granted by the wallet's first rule.
Result<on_evm::Receipt> grant_session(EvmWorld& evm, const WalletHandle& wallet, const Key& phone,
                                      const Key& agent, const Address& api) {
    LATCHKEY_TRY(const std::uint64_t time, evm.now());
    core::LocalRule session{{agent.entry()}, ether_budget(1, api, 50, 100)};
    session.rule.times = core::Times{time - 60, time + 7 * kDay};
    LATCHKEY_TRY(core::Bytes encoded, core::to_result(core::encode(session)));
    return evm.act(wallet, evm_wallet::Grant{{}, std::move(encoded)}, alone(phone));
}

}  // namespace

Result<void> session_key(EvmWorld& evm) {
    World& world = evm.world();
    world.title("EVM: a session key for an agent, within and beyond its limits");
    LATCHKEY_TRY(const auto phone, world.passkey("phone"));
    LATCHKEY_TRY(const auto agent, evm.key("agent"));
    LATCHKEY_TRY(const WalletHandle wallet, open_wallet(evm, *phone, 1000));
    const Address api = evm.somebody("api");
    LATCHKEY_TRY(const on_evm::Receipt granted, grant_session(evm, wallet, *phone, *agent, api));
    LATCHKEY_TRY(const WalletSnapshot snapshot, evm.read(wallet));
    LATCHKEY_CHECK(world.expect(snapshot.sessions.size() == 1,
                                "one approval of the passkey lets the agent's key send an API 0.05 "
                                "ETH at once and 0.1 ETH a day, for a week"));
    const Approving by_agent = alone(*agent, 0, {true, 0, {}});
    std::optional<on_evm::Receipt> spent;
    for (int i = 0; i < 2; ++i) {
        LATCHKEY_TRY(spent, evm.act(wallet, pay(api, milliether(50)), by_agent));
    }
    LATCHKEY_TRY(const bool is_there, evm.has(api, milliether(100)));
    LATCHKEY_CHECK(world.expect(is_there, "the agent sent 0.05 ETH twice, without asking anybody"));
    const auto beyond = [&](std::uint64_t milli, core::Verdict verdict,
                            const std::string& what) -> Result<void> {
        LATCHKEY_TRY(const std::string sentence,
                     evm.act_refused(wallet, pay(api, milliether(milli)), by_agent, verdict));
        LATCHKEY_TRY(const bool is_same, evm.has(api, milliether(100)));
        return world.expect(is_same, what + ": " + sentence);
    };
    LATCHKEY_TRY(const std::string sentence,
                 evm.act_refused(wallet, pay(evm.relayer_address(), milliether(1)), by_agent,
                                 core::Verdict::kTargetNotAllowed));
    LATCHKEY_TRY(const bool is_kept, evm.has(wallet.address(), milliether(900)));
    LATCHKEY_CHECK(world.expect(is_kept, "nothing to anybody else: " + sentence));
    LATCHKEY_CHECK(beyond(500, core::Verdict::kLimitPerCall, "not 0.5 ETH at once"));
    LATCHKEY_CHECK(beyond(50, core::Verdict::kLimitPerPeriod, "not a third time"));
    LATCHKEY_CHECK(evm.warp(8 * kDay));
    LATCHKEY_CHECK(beyond(1, core::Verdict::kRuleExpired, "not after the week (clock moved)"));
    evm.record({"grant a session", granted, kSessionGrant});
    evm.record({"session spends within its limits", *spent, kSessionSpend});
    return {};
}

Result<void> gas_sponsorship(EvmWorld& evm) {
    World& world = evm.world();
    world.title("EVM: somebody else pays: a wallet that is emptied to zero");
    LATCHKEY_TRY(const auto key, evm.key("device key"));
    LATCHKEY_TRY(const WalletHandle wallet, open_wallet(evm, *key, 400));
    const Address heir = evm.somebody("heir");
    LATCHKEY_CHECK(evm.act(wallet, pay(heir, milliether(100)), alone(*key)));
    LATCHKEY_TRY(const evm::Uint256 before, evm.balance(evm.relayer_address()));
    LATCHKEY_TRY(const on_evm::Receipt receipt,
                 evm.act(wallet, pay(heir, milliether(300)), alone(*key)));
    LATCHKEY_TRY(const evm::Uint256 after, evm.balance(evm.relayer_address()));
    LATCHKEY_TRY(const bool is_empty, evm.has(wallet.address(), {}));
    LATCHKEY_TRY(const bool is_paid, evm.has(heir, milliether(400)));
    LATCHKEY_TRY(const bool owns_nothing, evm.has(key->account_signer->address(), {}));
    LATCHKEY_TRY(const evm::Uint256 spent, evm::subtract(before, after));
    LATCHKEY_CHECK(world.expect(is_empty && is_paid,
                                "all 0.4 ETH arrived in two payments; the wallet holds 0 wei"));
    LATCHKEY_CHECK(
        world.expect(owns_nothing && spent == receipt.fee,
                     "the signer never held any ETH; the relayer paid " + coin(evm, receipt.fee)));
    evm.record({"one secp256k1 key sends ETH, sponsored", receipt, kAccountKeyEther});
    return {};
}

namespace {

/// What somebody should have of the test token.
Result<bool> has_tokens(EvmWorld& evm, const Address& who, std::string_view amount) {
    LATCHKEY_TRY(const evm::Uint256 wanted, evm.token_amount(amount));
    LATCHKEY_TRY(const evm::Uint256 found, evm.tokens(who));
    return found == wanted;
}

Result<evm_wallet::Call> send_tokens(EvmWorld& evm, const Address& to, std::string_view amount) {
    LATCHKEY_TRY(const evm::Uint256 units, evm.token_amount(amount));
    return on_evm::token_transfer(evm.token(), to, units);
}

Result<void> three_calls(EvmWorld& evm, const WalletHandle& wallet, const Key& phone,
                         const Address& shop) {
    World& world = evm.world();
    world.title("EVM: three calls, all or none");
    LATCHKEY_CHECK(evm.fund(wallet.address(), milliether(1000)));
    const Address first = evm.somebody("first");
    const Address second = evm.somebody("second");
    LATCHKEY_TRY(const auto tokens, send_tokens(evm, shop, "1"));
    LATCHKEY_TRY(
        const on_evm::Receipt three,
        evm.act(wallet,
                execute({{first, milliether(125), {}}, {second, milliether(250), {}}, tokens}),
                alone(phone)));
    LATCHKEY_TRY(const bool is_first, evm.has(first, milliether(125)));
    LATCHKEY_TRY(const bool is_second, evm.has(second, milliether(250)));
    LATCHKEY_TRY(const bool is_shop, has_tokens(evm, shop, "52"));
    LATCHKEY_CHECK(world.expect(is_first && is_second && is_shop,
                                "0.125 ETH, 0.25 ETH and 1 token arrived with one approval"));
    evm.record({"batch of three", three});
    return {};
}

}  // namespace

Result<void> tokens_and_batches(EvmWorld& evm) {
    World& world = evm.world();
    world.title("EVM: the fee in a token, inside the batch that was approved");
    LATCHKEY_TRY(const auto phone, world.passkey("phone"));
    LATCHKEY_TRY(const WalletHandle wallet, open_wallet(evm, *phone, 0));
    LATCHKEY_TRY(const evm::Uint256 hundred, evm.token_amount("100"));
    LATCHKEY_CHECK(evm.give_tokens(wallet.address(), hundred));
    LATCHKEY_TRY(bool is_empty, evm.has(wallet.address(), {}));
    LATCHKEY_CHECK(world.expect(is_empty, "it holds 100 tokens and not one wei"));
    const Address shop = evm.somebody("token shop");
    LATCHKEY_TRY(const auto price, send_tokens(evm, shop, "25"));
    LATCHKEY_TRY(const auto fee, send_tokens(evm, evm.relayer_address(), "0.02"));
    LATCHKEY_CHECK(evm.act(wallet, execute({price, fee}), alone(*phone)));
    LATCHKEY_TRY(const on_evm::Receipt receipt,
                 evm.act(wallet, execute({price, fee}), alone(*phone)));
    LATCHKEY_TRY(const bool is_sold, has_tokens(evm, shop, "50"));
    LATCHKEY_TRY(const bool is_earned, has_tokens(evm, evm.relayer_address(), "0.04"));
    LATCHKEY_TRY(const bool is_left, has_tokens(evm, wallet.address(), "49.96"));
    LATCHKEY_TRY(is_empty, evm.has(wallet.address(), {}));
    LATCHKEY_CHECK(world.expect(is_sold && is_earned && is_left && is_empty,
                                "twice 25 tokens went to the shop and 0.02 to the relayer, or "
                                "nothing would have"));
    LATCHKEY_TRY(const auto tip, send_tokens(evm, shop, "1"));
    LATCHKEY_TRY(const on_evm::Receipt plain, evm.act(wallet, execute({tip}), alone(*phone)));
    LATCHKEY_TRY(const bool is_tipped, has_tokens(evm, shop, "51"));
    LATCHKEY_CHECK(world.expect(is_tipped, "1 token more went there without a fee"));
    evm.record({"send a token, pay the fee in it", receipt, kTokenFee});
    evm.record({"send a token", plain, kPasskeyToken});
    return three_calls(evm, wallet, *phone, shop);
}

Result<void> late_approvals(EvmWorld& evm) {
    World& world = evm.world();
    world.title("EVM: approvals sent minutes later, in another order");
    LATCHKEY_TRY(const auto phone, world.passkey("phone"));
    LATCHKEY_TRY(const WalletHandle wallet, open_wallet(evm, *phone, 1000));
    const Address baker = evm.somebody("baker");
    LATCHKEY_TRY(const WalletSnapshot snapshot, evm.read(wallet));
    LATCHKEY_TRY(const std::uint64_t time, evm.now());
    std::vector<EvmApproved> approved;
    for (std::uint64_t i = 1; i <= 3; ++i) {
        Approving with = alone(*phone);
        with.terms.deadline = time + kLateSeconds;
        with.terms.lane = i;
        LATCHKEY_TRY(EvmApproved one, evm.approve(snapshot, pay(baker, milliether(100 * i)), with));
        approved.push_back(std::move(one));
    }
    world.say(
        "the passkey approved payments of 0.1, 0.2 and 0.3 ETH, good for 200 seconds, each with "
        "a number of its own");
    LATCHKEY_CHECK(evm.warp(kLateSeconds - kMarginSeconds));
    LATCHKEY_TRY(const on_evm::Receipt receipt, evm.send(approved[1]));
    LATCHKEY_CHECK(evm.send(approved[0]));
    LATCHKEY_TRY(bool is_there, evm.has(baker, milliether(300)));
    LATCHKEY_CHECK(world.expect(is_there,
                                "three minutes later (clock moved) the second was sent and taken, "
                                "then the first: the order is free"));
    LATCHKEY_TRY(std::string sentence, evm.refused(approved[1], core::Verdict::kKeyMismatch));
    LATCHKEY_TRY(is_there, evm.has(baker, milliether(300)));
    LATCHKEY_CHECK(world.expect(is_there,
                                "the second cannot come twice: its number is used up, and under "
                                "the next one it is no signature of the phone: " +
                                    sentence));
    LATCHKEY_CHECK(evm.warp(2 * kMarginSeconds));
    LATCHKEY_TRY(sentence, evm.refused(approved[2], core::Verdict::kDeadlinePassed));
    LATCHKEY_TRY(is_there, evm.has(baker, milliether(300)));
    LATCHKEY_CHECK(
        world.expect(is_there, "the third was not sent in time and is worth nothing: " + sentence));
    evm.record({"approval with its own number, sent late", receipt});
    return {};
}

Result<void> treasury(EvmWorld& evm) {
    World& world = evm.world();
    world.title("EVM: a treasury's approval, sent three months later");
    LATCHKEY_TRY(const auto chair, world.passkey("chair"));
    LATCHKEY_TRY(const auto auditor, evm.key("auditor"));
    LATCHKEY_TRY(const auto member, world.passkey("member"));
    LATCHKEY_TRY(const WalletHandle wallet,
                 open_wallet(evm, {chair.get(), auditor.get(), member.get()},
                             {plain_rule(kEverything, 0b111, 2)}, 5000));
    LATCHKEY_TRY(const WalletSnapshot snapshot, evm.read(wallet));
    const Address builder = evm.somebody("builder");
    Approving later{{}, {{0, chair.get()}, {1, auditor.get()}}, {}};
    later.terms.lane = 1;
    LATCHKEY_TRY(const EvmApproved approved,
                 evm.approve(snapshot, pay(builder, milliether(2000)), later));
    LATCHKEY_TRY(const std::uint64_t approved_at, evm.now());
    world.say("two of three approved 2 ETH, offline, in a lane of its own");
    const Approving meanwhile{{}, {{0, chair.get()}, {2, member.get()}}, {}};
    LATCHKEY_CHECK(evm.act(wallet, pay(builder, milliether(1000)), meanwhile));
    LATCHKEY_CHECK(evm.warp(90 * kDay));
    LATCHKEY_TRY(const std::uint64_t now, evm.now());
    LATCHKEY_TRY(const on_evm::Receipt receipt, evm.send(approved));
    LATCHKEY_TRY(bool is_there, evm.has(builder, milliether(3000)));
    LATCHKEY_CHECK(world.expect(is_there && now - approved_at >= 90 * kDay,
                                "90 days later (clock moved) the approval was sent and taken, "
                                "although another payment had been made meanwhile"));
    LATCHKEY_TRY(const std::string sentence, evm.refused(approved, core::Verdict::kKeyMismatch));
    LATCHKEY_TRY(is_there, evm.has(builder, milliether(3000)));
    LATCHKEY_CHECK(world.expect(is_there, "and never a second time: " + sentence));
    evm.record({"approval from three months ago", receipt});
    return {};
}

namespace {

/// What was approved for one action is sent with another one.
Result<void> misuse(EvmWorld& evm, const EvmApproved& approved, EvmApproved other,
                    std::size_t chain, const std::string& what) {
    other.approvals = approved.approvals;
    LATCHKEY_TRY(const std::string sentence, evm.refused(other, core::Verdict::kKeyMismatch));
    LATCHKEY_TRY(const bool is_there, evm.has(other.wallet.address(), milliether(1000), chain));
    return evm.world().expect(is_there, what + ": " + sentence);
}

}  // namespace

Result<void> attacks(EvmWorld& evm) {
    World& world = evm.world();
    world.title("EVM: attacks: a relayer that cheats");
    LATCHKEY_TRY(const auto phone, world.passkey("phone"));
    LATCHKEY_TRY(const auto laptop, world.passkey("laptop"));
    LATCHKEY_TRY(const WalletHandle wallet, open_wallet(evm, *phone, 1000));
    world.say(
        "the contract itself works out what must have been signed; a signature of anything else "
        "looks like a stranger's");
    const Address shop = evm.somebody("honest shop");
    const evm_wallet::Body purchase = pay(shop, milliether(100));
    LATCHKEY_TRY(const WalletSnapshot snapshot, evm.read(wallet));
    LATCHKEY_TRY(const EvmApproved approved, evm.approve(snapshot, purchase, alone(*phone)));
    LATCHKEY_TRY(EvmApproved redirected,
                 evm.plan(snapshot, pay(evm.relayer_address(), milliether(100))));
    LATCHKEY_CHECK(
        misuse(evm, approved, std::move(redirected), 0, "the relayer cannot redirect a payment"));

    LATCHKEY_TRY(const WalletHandle shared, open_wallet(evm, {phone.get(), laptop.get()},
                                                        {plain_rule(kEverything, 0b11, 1)}, 1000));
    LATCHKEY_TRY(const WalletSnapshot second, evm.read(shared));
    LATCHKEY_TRY(EvmApproved elsewhere, evm.plan(second, purchase));
    LATCHKEY_CHECK(misuse(evm, approved, std::move(elsewhere), 0,
                          "nor use it on another wallet of the same passkey"));

    LATCHKEY_TRY(const WalletHandle twin, evm.on_chain(wallet, 1));
    LATCHKEY_CHECK(evm.fund(twin.address(), milliether(1000), 1));
    LATCHKEY_TRY(const WalletSnapshot there, evm.read(twin));
    LATCHKEY_TRY(EvmApproved on_twin, evm.plan(there, purchase));
    LATCHKEY_CHECK(misuse(evm, approved, std::move(on_twin), 1,
                          "nor on the other EVM chain, where the wallet has the same address and 1 "
                          "ETH too"));
    LATCHKEY_CHECK(evm.send(approved));
    LATCHKEY_TRY(const bool is_there, evm.has(shop, milliether(100)));
    LATCHKEY_CHECK(world.expect(is_there, "unchanged, the same approval is taken"));
    return {};
}

}  // namespace latchkey::cli::demo
