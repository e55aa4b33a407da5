// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/describe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chains/evm/wallet/author_testing.hpp"
#include "chains/evm/wallet/outflow.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::evm::wallet {
namespace {

using core::testing::filled;
using core::testing::unhex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const Address kToken = filled<Address>(0xbb);
constexpr std::string_view kTokenText = "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB";
constexpr std::string_view kOtherText = "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC";

Bytes words(std::string_view selector, const std::vector<Uint256>& arguments) {
    Bytes out = unhex(selector);
    for (const Uint256& one : arguments) {
        core::append(out, one.to_word());
    }
    return out;
}
const Uint256 kOther = *Uint256::from_big_endian(filled<Address>(0xcc));

std::string token(std::string_view selector, const std::vector<Uint256>& arguments) {
    return describe(Call{kToken, {}, words(selector, arguments)});
}
std::string units(std::string_view count) {
    return std::string(count) + " base units of the token " + std::string(kTokenText);
}

TEST(DescribeCall, SaysWhatTokensDo) {
    const std::string other(kOtherText);
    EXPECT_EQ(token("a9059cbb", {kOther, Uint256(7)}), "transfer " + units("7") + " to " + other);
    EXPECT_EQ(token("095ea7b3", {kOther, Uint256::max()}),
              "allow " + other + " to take " + units("an unlimited number of"));
    EXPECT_EQ(token("39509351", {kOther, Uint256(7)}),
              "allow " + other + " to take another " + units("7"));
    EXPECT_EQ(token("23b872dd", {kOther, kOther, Uint256(7)}),
              "transfer " + units("7") + " from " + other + " to " + other);
    const Uint256 zero;
    EXPECT_EQ(
        token("d505accf", {kOther, kOther, Uint256(7), zero, zero, zero, zero}),
        "hand in the permit of " + other + " that allows " + other + " to take " + units("7"));
}

TEST(DescribeCall, ShowsWhatItDoesNotKnow) {
    EXPECT_EQ(describe(Call{kToken, {}, {1, 2}}),
              "call " + std::string(kTokenText) + " with 0x0102, whose meaning is not known");
    // A transfer of another length is none.
    EXPECT_THAT(token("a9059cbb", {kOther}), HasSubstr("whose meaning is not known"));
}

TEST(DescribeCall, SaysWhatIsPaid) {
    const Uint256 half = *Uint256::parse_decimal("500000000000000000");
    EXPECT_EQ(describe(Call{kToken, half, {}}),
              "pay 0.5 of the chain's own coin to " + std::string(kTokenText));
    EXPECT_THAT(describe(Call{kToken, half, {1}}), HasSubstr(", and pay 0.5 of"));
}

TEST(DescribeAmount, IsADecimal) {
    const auto text = [](std::string_view digits, unsigned decimals) {
        return describe_amount(*Uint256::parse_decimal(digits), decimals);
    };
    EXPECT_EQ(text("0", 18), "0");
    EXPECT_EQ(text("1", 18), "0.000000000000000001");
    EXPECT_EQ(text("1000000000000000000", 18), "1");
    EXPECT_EQ(text("12340", 3), "12.34");
    EXPECT_EQ(text("12340", 0), "12340");
}

TEST(DescribeBody, EveryAction) {
    EXPECT_THAT(describe(Body(Execute{{}, 5})), ElementsAre("nothing, which uses up the nonce",
                                                            "only if 5 gas are left before that"));
    EXPECT_THAT(describe(Body(Cancel{1, 2})),
                ElementsAre("cancel what waits under rule 2 as its number 1"));
    EXPECT_THAT(describe(Body(Cancel{1, 0x81})),
                ElementsAre("cancel what waits under rule 1 of the recovery part as its number 1"));
    EXPECT_THAT(describe(Body(Freeze{1, 0})), ElementsAre("freeze the wallet for 7 days"));
    EXPECT_THAT(describe(Body(Freeze{1, 1})), ElementsAre("end the freeze"));
    EXPECT_THAT(describe(Body(Freeze{1, 2}))[0], HasSubstr("refused"));
    EXPECT_THAT(describe(Body(Revoke{}))[0], HasSubstr("end the session 0x00"));
    EXPECT_THAT(describe(Body(Upgrade{kToken, {}}))[0], HasSubstr(std::string(kTokenText)));
    EXPECT_THAT(describe(Body(Policy{0, {1}}))[1], HasSubstr("which is refused"));
    EXPECT_THAT(describe(Body(Grant{{}, {1}}))[1], HasSubstr("which is refused"));
    EXPECT_THAT(describe(Body(Recover{0, {1}}))[1], HasSubstr("0x01, which are no signers"));
}

core::Rule limited() {
    core::Rule out;
    out.actions = core::kActionExecute;
    Hash32 target;
    std::copy(kToken.begin(), kToken.end(), target.begin() + 12);
    out.scope = {{target, unhex("a9059cbb")}};
    out.limits = {{*encode(Asset{15, Address()}), 5, 8, 3600},
                  {*encode(Asset{0, kToken}), 1, 2, 0}};
    core::normalize(out);
    return out;
}

TEST(DescribeBody, NamesTargetsAndAssetsOfThisChain) {
    const auto key = testing::address_key("typed").entry;
    const Bytes session = core::encode(core::LocalRule{{key}, limited()}).value();
    const auto lines = describe(Body(Grant{{}, session}));
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_THAT(lines[1], HasSubstr("calls to {" + std::string(kTokenText) +
                                    " with data beginning a9059cbb}"));
    EXPECT_THAT(lines[1], HasSubstr("token " + std::string(kTokenText) +
                                    " in units of 10^0: at most 1 at once and 2 in all"));
    EXPECT_THAT(lines[1], HasSubstr("the chain's own coin in units of 10^15: at most 5 at once"));
    // Without the chain's names they are Solana's.
    EXPECT_THAT(core::describe(limited(), {key}), Not(HasSubstr(std::string(kTokenText))));
    core::Rule foreign = limited();
    foreign.limits[0].asset = filled<Hash32>(0xee);
    foreign.scope[0].address = filled<Hash32>(0xee);
    EXPECT_THAT(core::describe(foreign, {key}, with_evm_names()),
                HasSubstr("(no address of this chain)"));
    EXPECT_THAT(core::describe(foreign, {key}, with_evm_names()),
                HasSubstr("(no asset of this chain)"));
}

TEST(DescribeBody, ConfigurationsAndSigners) {
    const auto key = testing::address_key("typed").entry;
    core::Configuration configuration;
    configuration.signers = {key};
    core::Rule rule;
    rule.actions = core::kActionExecute | core::kActionPolicy;
    configuration.rules = {rule};
    const Bytes shared = core::encode(configuration).value();
    EXPECT_THAT(describe(Body(Policy{0, shared}))[1], HasSubstr("change the configuration"));
    EXPECT_THAT(describe(Body(Recover{0, core::encode_unchecked(std::vector{key, key})})),
                ElementsAre("recover the wallet for:", HasSubstr("(typed data)"),
                            HasSubstr("(typed data)")));
    ApprovedAction action;
    action.authority.source = PolicySource{shared, {}, {}};
    action.body = Freeze{};
    const std::string everywhere =
        "on every chain where the wallet has the current configuration, without end";
    EXPECT_THAT(describe(action),
                ElementsAre("freeze the wallet for 7 days", HasSubstr("under rule 0: 1 of 1 party"),
                            "once " + everywhere));
    action.body = Policy{0, shared};
    EXPECT_EQ(describe(action).back(), everywhere);
    action.body = Recover{0, core::encode_unchecked(std::vector{key})};
    action.authority.recovery_part = Bytes{};
    EXPECT_EQ(describe(action).back(),
              "once on every chain where the wallet has this recovery, without end");
    action.authority.recovery_part.reset();
    action.body = Execute{};
    action.terms = {1'700'000'000, true, {}};
    auto lines = describe(action);
    ASSERT_GE(lines.size(), 3U);
    lines.erase(lines.begin(), lines.end() - 3);
    EXPECT_THAT(lines, ElementsAre(HasSubstr("under rule 0"), "until 2023-11-14 22:13:20 UTC",
                                   "submitted by the executor named alone"));
    action.body = Freeze{};
    action.authority.source = PolicySource{{1}, {}, {}};
    EXPECT_EQ(describe(action)[1], "under rule 0");
}

}  // namespace
}  // namespace latchkey::evm::wallet
