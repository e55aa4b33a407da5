// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/outflow.hpp"

#include <gtest/gtest.h>

#include "core/base/result_testing.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::evm::wallet {
namespace {

using core::Verdict;
using core::testing::filled;

const Address kWallet = filled<Address>(0xaa);
const Address kToken = filled<Address>(0xbb);
const Address kOther = filled<Address>(0xcc);

core::Limit limit(const Address& token, std::uint8_t scale = 0) {
    return {*encode(Asset{scale, token}), 0, 0, 0};
}

/// Every argument a word: a number or an address.
Call call(std::uint32_t selector, const std::vector<Uint256>& words, const Address& to = kToken) {
    core::ByteWriter data;
    data.write_u32_be(selector);
    for (const Uint256& word : words) {
        data.write(word.to_word());
    }
    return {to, {}, data.take()};
}
Uint256 word_of(const Address& address) {
    return *Uint256::from_big_endian(address);
}
const Uint256 kTo = word_of(kOther);
const Uint256 kAmount(1000);

core::Judged<std::vector<Uint256>> outflow(const std::vector<core::Limit>& limits,
                                           const std::vector<Call>& calls) {
    return outflows_of(kWallet, limits, calls);
}
Verdict verdict(const std::vector<core::Limit>& limits, const Call& one) {
    const auto out = outflow(limits, {one});
    return out ? Verdict::kAccepted : out.error();
}
Uint256 amount(const Call& one) {
    return outflow({limit(kToken)}, {one}).value()[0];
}

/// The calls of the specification's table, each with the amount 1000.
std::vector<Call> known_calls() {
    const Uint256 wallet = word_of(kWallet);
    const Uint256 zero;
    return {call(0xa9059cbb, {kTo, kAmount}), call(0x095ea7b3, {kTo, kAmount}),
            call(0x39509351, {kTo, kAmount}), call(0x23b872dd, {wallet, kTo, kAmount}),
            call(0xd505accf, {wallet, kTo, kAmount, zero, zero, zero, zero})};
}

TEST(Outflow, CountsTheTable) {
    for (const Call& one : known_calls()) {
        EXPECT_EQ(amount(one), kAmount);
    }
    // From somebody else.
    EXPECT_EQ(amount(call(0x23b872dd, {kTo, kTo, kAmount})), Uint256());
    // A permit counts whoever it names: the token says whose it is.
    const Uint256 zero;
    EXPECT_EQ(amount(call(0xd505accf, {kTo, kTo, kAmount, zero, zero, zero, zero})), kAmount);
}

TEST(Outflow, OtherLengthsAndOtherCallsAreUncountable) {
    for (const Call& one : known_calls()) {
        Call other = one;
        other.data.push_back(0);
        EXPECT_EQ(verdict({limit(kToken)}, other), Verdict::kUncountable);
        other.data.resize(one.data.size() - 1);
        EXPECT_EQ(verdict({limit(kToken)}, other), Verdict::kUncountable);
    }
    EXPECT_EQ(verdict({limit(kToken)}, call(0x12345678, {})), Verdict::kUncountable);
    EXPECT_EQ(verdict({limit(kToken)}, {kToken, {}, {}}), Verdict::kUncountable);
    EXPECT_EQ(verdict({limit(kToken)}, {kToken, {}, {0xa9, 0x05, 0x9c}}), Verdict::kUncountable);
}

TEST(Outflow, TokensThatAreNotListedCannotBeSpent) {
    for (Call one : known_calls()) {
        EXPECT_EQ(verdict({limit(kOther)}, one), Verdict::kAssetNotListed);
        // Whatever their length.
        one.data.push_back(0);
        EXPECT_EQ(verdict({limit(kOther)}, one), Verdict::kAssetNotListed);
    }
    EXPECT_EQ(verdict({limit(kOther)}, call(0x12345678, {})), Verdict::kAccepted);
    EXPECT_EQ(verdict({limit(kOther)}, {kToken, {}, {}}), Verdict::kAccepted);
}

TEST(Outflow, ValueIsTheChainsOwn) {
    const Call payment{kOther, Uint256(7), {}};
    EXPECT_EQ(outflow({limit(Address())}, {payment, payment}).value()[0], Uint256(14));
    EXPECT_EQ(verdict({limit(kToken)}, payment), Verdict::kAssetNotListed);
    EXPECT_EQ(verdict({limit(kToken)}, {kOther, {}, {}}), Verdict::kAccepted);
    EXPECT_EQ(outflows_of(kWallet, std::vector{limit(Address())}, {}, Uint256(5)).value()[0],
              Uint256(5));
    EXPECT_EQ(outflows_of(kWallet, std::vector{limit(kToken)}, {}, Uint256(5)).error(),
              Verdict::kAssetNotListed);
}

TEST(Outflow, IsRoundedUpOnceForAllCalls) {
    const std::vector<core::Limit> limits = {limit(kToken), limit(kToken, 3), limit(kToken, 57)};
    const Call one = call(0xa9059cbb, {kTo, Uint256(600)});
    const auto sums = outflow(limits, {one, one}).value();
    EXPECT_EQ(sums, (std::vector{Uint256(1200), Uint256(2), Uint256(1)}));
    EXPECT_EQ(outflow(limits, {call(0xa9059cbb, {kTo, Uint256()})}).value()[2], Uint256());
    // Exactly ten units of 10^18.
    const Uint256 ether = *Uint256::parse_decimal("10000000000000000000");
    EXPECT_EQ(outflow({limit(kToken, 18)}, {call(0xa9059cbb, {kTo, ether})}).value()[0],
              Uint256(10));
    EXPECT_EQ(
        outflow({limit(kToken, 18)}, {call(0xa9059cbb, {kTo, *add(ether, Uint256(1))})}).value()[0],
        Uint256(11));
}

TEST(Outflow, SumsDoNotWrapRound) {
    const Call most = call(0xa9059cbb, {kTo, Uint256::max()});
    const auto sums = outflow({limit(kToken), limit(kToken, 57)}, {most, most}).value();
    EXPECT_EQ(sums[0].bit_length(), 255U);
    // 2^254 is 2.9 times 10^76.
    EXPECT_EQ(sums[1].to_decimal(), "28948022309329048856");
    EXPECT_FALSE(sums[1].to_u64().has_value());
}

TEST(Asset, ScaleAndToken) {
    const Asset asset{18, kToken};
    const Hash32 word = *encode(asset);
    EXPECT_EQ(decode_asset(word), asset);
    EXPECT_EQ(decode_asset(Hash32()), Asset());
    EXPECT_ERROR(core::ErrorCode::kOutOfRange, encode(Asset{58, kToken}));
    Hash32 other = word;
    other[0] = 58;
    EXPECT_FALSE(decode_asset(other).has_value());
    for (std::size_t i = 1; i < 12; ++i) {
        other = word;
        other[i] = 1;
        EXPECT_FALSE(decode_asset(other).has_value());
    }
    // A limit on such an asset lists no token.
    EXPECT_EQ(verdict({{other, 0, 0, 0}}, call(0xa9059cbb, {kTo, kAmount})),
              Verdict::kAssetNotListed);
}

TEST(TokenCall, IsReadForPeople) {
    const auto read = read_token_call(known_calls()[3]).value();
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->kind, TokenCall::Kind::kTransferFrom);
    EXPECT_EQ(read->owner, kWallet);
    EXPECT_EQ(read->to, kOther);
    EXPECT_EQ(read->amount, kAmount);
    EXPECT_FALSE(read_token_call(call(0x12345678, {})).value().has_value());
    EXPECT_EQ(read_token_call(call(0xa9059cbb, {})).error(), Verdict::kUncountable);
}

}  // namespace
}  // namespace latchkey::evm::wallet
