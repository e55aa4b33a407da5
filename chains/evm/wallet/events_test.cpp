// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/events.hpp"

#include <gtest/gtest.h>

#include "chains/evm/client/abi.hpp"
#include "core/base/result_testing.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::evm::wallet {
namespace {

using core::ErrorCode;
using core::testing::filled;

/// By viem's toEventSelector, of the signatures in the contracts' ABI.
constexpr std::string_view kTopics[] = {
    "18e19feb3130c080e2582a5b80f556a5b63cd3ae94dbedb7cbeee1b11fdb7f8f",
    "2a0e2024bd0bd6347fdb754e06359f119561c78ab418e5afb8ebc3ac123bdd9a",
    "a75610f599cea10d1a6bb6332878af5fffa58f57b227cba0d0229fa90a63cc51",
    "5ca8ea93faa71f7e50ad031f2eb6a330e33458ad76095f663a143aad8779c36c",
    "e4c83ae29287ed952f5f53b3b4e071220041b12a8fa1fb60cdae33831bedf59d",
    "5b404317981d9f26edbee09d0ccf23d1390fde02a2b67e950302be48cceeb31e",
    "ec76771aae14d558dbfb44775f6c4a4e2dba52060c0a6fb312a162a9b0293709",
    "e9876d2a6213bfb69d0d863c95526c937b3c3368fd92287e63fe32b01090b36b",
    "bc7cd75a20ee27fd9adebab32041f755214dbc6bffa90cc0225b39da2e5c2d3b",
    "6b83e5026c253c12edb8af05ce07c74b27a4e5353449c3582689c2a1e2fc827b"};

Hash32 word(std::uint64_t value) {
    return Uint256(value).to_word();
}
/// Bytes as the last value behind `words` others.
Bytes data_of(const std::vector<Hash32>& words, const Bytes& tail) {
    Bytes out;
    for (const Hash32& one : words) {
        core::append(out, one);
    }
    core::append(out, word(32 * (words.size() + 1)));
    core::append(out, word(tail.size()));
    core::append(out, tail);
    out.resize((out.size() + 31) / 32 * 32);
    return out;
}

struct Case {
    Event event;
    std::vector<Hash32> topics;
    Bytes data;
};

std::vector<Case> cases() {
    const auto a = filled<Hash32>(0xa1);
    const auto b = filled<Hash32>(0xb2);
    const Bytes some{1, 2, 3};
    const auto address = filled<Address>(0x77);
    const auto at = [](std::size_t i) { return event_topics().at(i); };
    return {
        {Configured{core::ConfigId(a.array()), core::WalletId(b.array()), 7, some},
         {at(0), a, b},
         data_of({word(7)}, some)},
        {Granted{core::LocalRuleId(a.array()), core::RuleId(b.array()), 9, some},
         {at(1), a},
         data_of({b, word(9)}, some)},
        {Revoked{core::LocalRuleId(a.array()), core::RuleId(b.array())},
         {at(2), a},
         core::to_bytes(b)},
        {Proposed{0x81, 14, 0xffffffff, (std::uint64_t{1} << 40) - 1, a, some},
         {at(3), word(0x81), word(14)},
         data_of({word(0xffffffff), word((std::uint64_t{1} << 40) - 1), a}, some)},
        {Applied{2, 1, 3}, {at(4), word(2), word(1)}, core::to_bytes(word(3))},
        {Cancelled{2, 4}, {at(5), word(2)}, core::to_bytes(word(4))},
        {Frozen{1, 5, 2'000'000'000}, {at(6), word(1)}, core::concat(word(5), word(2'000'000'000))},
        {Unfrozen{1, 6}, {at(7), word(1)}, core::to_bytes(word(6))},
        {Upgraded{address}, {at(8), *Hash32::from(core::concat(Bytes(12), address))}, {}},
        {Adopted{core::WalletId(a.array()), some}, {at(9), a}, data_of({}, some)},
    };
}

Log log_of(const Case& one) {
    Log out;
    out.topics = one.topics;
    out.data = one.data;
    return out;
}

TEST(Events, HaveTheContractsTopics) {
    ASSERT_EQ(event_topics().size(), std::size(kTopics));
    for (std::size_t i = 0; i < std::size(kTopics); ++i) {
        EXPECT_EQ(core::encode_hex(event_topics()[i]), kTopics[i]);
    }
    EXPECT_EQ((topics_of<Configured, Adopted>()),
              (std::vector{event_topics().front(), event_topics().back()}));
}

TEST(Events, AreRead) {
    const std::vector<Case> all = cases();
    ASSERT_EQ(all.size(), std::variant_size_v<Event>);
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(all[i].event.index(), i);
        const auto found = decode_event(log_of(all[i]));
        ASSERT_OK(found);
        EXPECT_EQ(*found, all[i].event) << i;
    }
}

TEST(Events, OfOthersAreNothing) {
    EXPECT_EQ(decode_event({}).value(), std::nullopt);
    Log other = log_of(cases()[0]);
    other.topics[0][31] ^= 1;
    EXPECT_EQ(decode_event(other).value(), std::nullopt);
}

TEST(Events, AreRefusedWhenMalformed) {
    for (const Case& one : cases()) {
        Log log = log_of(one);
        log.topics.pop_back();
        EXPECT_ERROR(ErrorCode::kNodeMalformed, decode_event(log));
        log = log_of(one);
        log.topics.push_back(Hash32());
        EXPECT_ERROR(ErrorCode::kNodeMalformed, decode_event(log));
        log = log_of(one);
        log.data.push_back(0);
        EXPECT_FALSE(decode_event(log).has_value());
        log = log_of(one);
        if (!log.data.empty()) {
            log.data.pop_back();
            EXPECT_ERROR(ErrorCode::kUnexpectedEnd, decode_event(log));
        }
    }
    // Wider than its type.
    Log log = log_of(cases()[5]);
    log.topics[1] = word(256);
    EXPECT_ERROR(ErrorCode::kOutOfRange, decode_event(log));
    log = log_of(cases()[5]);
    log.data[27] = 1;
    EXPECT_ERROR(ErrorCode::kOutOfRange, decode_event(log));
}

}  // namespace
}  // namespace latchkey::evm::wallet
