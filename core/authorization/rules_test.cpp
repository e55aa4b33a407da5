// SPDX-License-Identifier: Apache-2.0
// The readers that trust their bytes: rules, scopes, times. The validating ones are tested where
// configurations are values (core/wallet/configuration_test.cpp).
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <memory>

#include "core/authorization/configuration.hpp"
#include "core/crypto/hash.hpp"
#include "core/wallet/configuration.hpp"
#include "core/wallet/identity.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::core {
namespace {

Hash32 address(std::uint8_t byte) {
    return testing::filled<Hash32>(byte);
}

/// A configuration of ed25519 signers with this one rule behind an open one.
Bytes shared_with(const Rule& rule, std::size_t signers) {
    Configuration configuration;
    for (std::size_t i = 0; i < signers; ++i) {
        configuration.signers.push_back(
            Signer::ed25519(testing::ed25519_key(static_cast<std::uint8_t>(i + 1))));
    }
    Rule open;
    open.actions = kActionMessage;
    configuration.rules = {open, rule};
    configuration.lockdown = true;
    return encode(configuration).value();
}

Rule arbitrary_rule(std::size_t signers) {
    Rule rule;
    rule.actions = kActionExecute;
    rule.mask =
        *rc::gen::inRange<std::uint16_t>(1, static_cast<std::uint16_t>(1U << signers) - 1U + 1U);
    rule.threshold = 1;
    if (*rc::gen::arbitrary<bool>()) {
        const auto not_before = *rc::gen::inRange<std::uint64_t>(0, 1000);
        rule.times = Times{not_before, not_before + *rc::gen::inRange<std::uint64_t>(1, 1000)};
    }
    const auto targets = *rc::gen::inRange<std::size_t>(0, kMaximumTargets + 1);
    for (std::size_t i = 0; i < targets; ++i) {
        const auto prefix = *rc::gen::inRange<std::size_t>(0, kMaximumPrefix + 1);
        rule.scope.push_back({address(static_cast<std::uint8_t>(i)), Bytes(prefix, 7)});
    }
    if (targets != 0) {
        const auto limits = *rc::gen::inRange<std::size_t>(0, kMaximumLimits + 1);
        for (std::size_t i = 0; i < limits; ++i) {
            rule.limits.push_back({address(static_cast<std::uint8_t>(i)), i, i + 5, 60});
        }
    }
    if (*rc::gen::arbitrary<bool>()) {
        const Tie tie = *rc::gen::element(Tie::kOwner, Tie::kRecovery);
        const std::uint32_t longest = tie == Tie::kOwner ? kMaximumDelay : 30 * kDay;
        rule.wait = Wait{*rc::gen::inRange<std::uint32_t>(1, longest + 1), tie};
    }
    return rule;
}

/// The bytes with exactly those behind them that a validator may read.
struct Exact {
    explicit Exact(const Bytes& bytes, std::size_t size) : size_(size) {
        memory_ = std::make_unique<std::uint8_t[]>(size + 32);
        std::copy_n(bytes.begin(), size, memory_.get());
    }
    const std::uint8_t* begin() const { return memory_.get(); }
    const std::uint8_t* end() const { return memory_.get() + size_; }

  private:
    std::unique_ptr<std::uint8_t[]> memory_;
    std::size_t size_;
};

RC_GTEST_PROP(RulesTest, ReadersAgreeWithTheValues, ()) {
    const auto signers = *rc::gen::inRange<std::size_t>(1, 16);
    const Rule rule = arbitrary_rule(signers);
    const Bytes shared = shared_with(rule, signers);
    const std::uint8_t* const rules = skip_signers(shared.data() + 2, signers);
    RuleView first;
    read_rule(rules, signers, &first);
    RuleView view;
    read_rule(first.end, signers, &view);
    RC_ASSERT(view.end == shared.data() + shared.size());
    RC_ASSERT(view.actions == rule.actions);
    RC_ASSERT(view.mask == rule.mask);
    RC_ASSERT(threshold_of(view.quorum) == rule.threshold);
    RC_ASSERT((view.times != nullptr) == rule.times.has_value());
    RC_ASSERT((view.scope == nullptr ? 0U : *view.scope) == rule.scope.size());
    RC_ASSERT((view.limits == nullptr ? 0U : *view.limits) == rule.limits.size());
    RC_ASSERT(window_start(view) == (rule.times ? rule.times->not_before : 0));
    for (std::uint64_t now = 0; now < 2100; now += 150) {
        const Verdict expected =
            !rule.times || (now >= rule.times->not_before && now < rule.times->expires_at)
                ? Verdict::kAccepted
            : now < rule.times->not_before ? Verdict::kRuleNotYetValid
                                           : Verdict::kRuleExpired;
        RC_ASSERT(check_times(view, now) == expected);
    }

    RC_ASSERT((wait_of(view) != 0) == rule.wait.has_value());
    if (rule.wait) {
        RC_ASSERT((wait_of(view) & kWaitDelayMask) == rule.wait->delay_seconds);
        RC_ASSERT((wait_of(view) >> kWaitTieShift != 0) == (rule.wait->tie == Tie::kRecovery));
    }

    // The bounded reader finds the same end when it is within reach, and none when not.
    Bytes followed = shared;
    followed.push_back(0);
    const std::size_t start = static_cast<std::size_t>(first.end - shared.data());
    for (std::size_t size = start; size <= followed.size(); ++size) {
        const Exact exact(followed, size);
        RuleView within;
        const bool ends = read_rule_within(exact.begin() + start, size - start, signers, &within);
        RC_ASSERT(ends == (size >= shared.size()));
        if (ends) {
            RC_ASSERT(within.end == exact.begin() + shared.size());
            RC_ASSERT(within.mask == view.mask);
            RC_ASSERT(within.actions == view.actions);
            RC_ASSERT(within.quorum == view.quorum);
            const auto offset_of = [](const std::uint8_t* block, const std::uint8_t* bytes) {
                return block == nullptr ? -1 : block - bytes;
            };
            for (const auto block : {&RuleView::times, &RuleView::scope, &RuleView::limits}) {
                RC_ASSERT(offset_of(within.*block, exact.begin()) ==
                          offset_of(view.*block, shared.data()));
            }
        }
    }
}

RC_GTEST_PROP(RulesTest, BoundedReaderStaysInside, (std::vector<std::uint8_t> bytes)) {
    const auto signers = *rc::gen::inRange<std::size_t>(1, 17);
    const Exact exact(bytes, bytes.size());
    RuleView rule;
    if (read_rule_within(exact.begin(), bytes.size(), signers, &rule)) {
        RC_ASSERT(rule.end > exact.begin());
        RC_ASSERT(rule.end <= exact.end());
    }
}

TEST(RulesTest, ScopeAllows) {
    Rule rule;
    rule.actions = kActionExecute;
    rule.scope = {{address(1), {5, 6}}, {address(1), {5, 7, 8}}, {address(2), {}}};
    normalize(rule);
    const Bytes shared = shared_with(rule, 1);
    const RuleView view = find_rule(shared, 1).value();
    const auto allows = [&](std::uint8_t target, const Bytes& data) {
        return scope_allows(view.scope, address(target).data(), data.data(), data.size());
    };
    EXPECT_TRUE(allows(1, {5, 6}));
    EXPECT_TRUE(allows(1, {5, 6, 9}));
    EXPECT_TRUE(allows(1, {5, 7, 8}));
    EXPECT_FALSE(allows(1, {5}));
    EXPECT_FALSE(allows(1, {5, 7}));
    EXPECT_FALSE(allows(1, {5, 7, 9}));
    EXPECT_FALSE(allows(1, {}));
    EXPECT_TRUE(allows(2, {}));
    EXPECT_TRUE(allows(2, {1}));
    EXPECT_FALSE(allows(3, {5, 6}));
}

TEST(RulesTest, RuleIdNamesKeysNotPlaces) {
    // keccak(tag | threshold | entries of the mask | actions | quorum | blocks), whatever the width
    // of the mask and the place of the rule.
    Rule rule;
    rule.actions = kActionExecute;
    rule.mask = 0b10;
    rule.times = Times{5, 6};
    const Bytes narrow = shared_with(rule, 3);
    const Bytes wide = shared_with(rule, 12);
    const Bytes key = to_bytes(testing::ed25519_key(2).view());
    const Bytes times = {0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 6};
    const Hash32 expected =
        crypto::keccak256(concat(crypto::keccak256(as_bytes("Latchkey rule 1")).view(), Bytes{1},
                                 Bytes{1}, key, Bytes{kActionExecute, kQuorumTimes}, times));
    EXPECT_EQ(rule_id_of(narrow, 1).value().array(), expected.array());
    EXPECT_EQ(rule_id_of(wide, 1).value().array(), expected.array());
}

TEST(SignerSizesTest, OneSizePerKind) {
    const std::uint64_t sizes[] = {0, 32, 20, 20, 33, 65, 64, 28, 0, 0, 0, 0, 0, 0, 0, 0};
    for (std::uint64_t kind = 0; kind < 16; ++kind) {
        EXPECT_EQ(signer_key_size(kind), sizes[kind]);
    }
    for (std::uint64_t kind = 1; kind < 8; ++kind) {
        EXPECT_EQ(valid_signer_key_size(kind), sizes[kind]);
    }
}

}  // namespace
}  // namespace latchkey::core
