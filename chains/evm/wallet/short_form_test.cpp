// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/short_form.hpp"

#include <gtest/gtest.h>

#include "chains/evm/wallet/cases_testing.hpp"
#include "chains/evm/wallet/long_form.hpp"
#include "chains/evm/wallet/part.hpp"
#include "core/base/result_testing.hpp"

namespace latchkey::evm::wallet {
namespace {

using namespace testing;
using core::ErrorCode;

const json::array& short_forms() {
    return cases().at("short_forms").as_array();
}
Address sender_of(const json::value& one) {
    return fixed<Address>(one.at("sender"));
}
ApprovedAction decoded(const json::value& one) {
    return decode_short_form(bytes(one.at("calldata")), sender_of(one)).value();
}
Scene scene_of(const json::value& one) {
    return {number(cases().at("chain")), fixed<Address>(one.at("wallet")),
            fixed<core::WalletId>(one.at("walletId")), number(one.at("sequence")), sender_of(one)};
}

TEST(ShortForm, ReadsWhatAnotherEncoderWrote) {
    ASSERT_EQ(short_forms().size(), 16U);
    for (const json::value& one : short_forms()) {
        const auto action = decode_short_form(bytes(one.at("calldata")), sender_of(one));
        ASSERT_OK(action);
        const std::string_view form = text(one.at("form"));
        EXPECT_EQ(action->authority.source.index(), form == "genesis"    ? 0U
                                                    : form == "policy"   ? 1U
                                                    : form == "recovery" ? 2U
                                                                         : 3U);
        EXPECT_EQ(action->approvals.evidence.size(), one.at("approvers").as_array().size());
        const auto leaf =
            leaf_of(*leaf_for(action->authority, action->terms, action->body, scene_of(one)));
        EXPECT_EQ(core::encode_hex_prefixed(core::digest_of(*leaf)), text(one.at("digest")));
        EXPECT_OK(verify(*action, scene_of(one)));
    }
}

TEST(ShortForm, WritesWhatAnotherEncoderWrote) {
    for (const json::value& one : short_forms()) {
        const auto again = encode_short_form(decoded(one), sender_of(one));
        ASSERT_OK(again);
        EXPECT_EQ(*again, bytes(one.at("calldata")));
        EXPECT_EQ(encode_calldata(decoded(one), sender_of(one)), again);
    }
}

TEST(ShortForm, IsShorterThanTheLongForm) {
    for (const json::value& one : short_forms()) {
        const ApprovedAction action = decoded(one);
        const auto written = encode_long_form(action);
        ASSERT_OK(written);
        EXPECT_GT(written->size(), bytes(one.at("calldata")).size());
        const auto read = decode_calldata(*written, sender_of(one));
        ASSERT_OK(read);
        EXPECT_EQ(std::get<ApprovedAction>(*read), action);
    }
}

TEST(ShortForm, WithoutASenderTheFeeIsACall) {
    const json::value& one = short_forms()[2];
    const auto whole = encode_short_form(decoded(one));
    ASSERT_OK(whole);
    EXPECT_GT(whole->size(), bytes(one.at("calldata")).size());
    EXPECT_EQ(*decode_short_form(*whole, sender_of(one)), decoded(one));
}

TEST(ShortForm, AnotherSenderIsPaidAnotherFee) {
    const json::value& one = short_forms()[3];
    Address other = sender_of(one);
    other[0] ^= 1;
    const auto action = decode_short_form(bytes(one.at("calldata")), other);
    ASSERT_OK(action);
    Scene scene = scene_of(one);
    scene.sender = other;
    EXPECT_FALSE(verify(*action, scene).has_value());
}

TEST(ShortForm, NoPrefixAndNoLongerInputIsCalldata) {
    for (const json::value& one : short_forms()) {
        const Bytes whole = bytes(one.at("calldata"));
        for (std::size_t size = 0; size < whole.size(); ++size) {
            EXPECT_FALSE(decode_calldata(ByteView(whole).first(size), sender_of(one)).has_value())
                << size;
        }
        EXPECT_ERROR(ErrorCode::kTrailingBytes,
                     decode_short_form(core::concat(whole, Bytes(1)), sender_of(one)));
    }
}

TEST(ShortForm, ChangedByteIsAnotherActionOrNone) {
    for (const json::value& one : short_forms()) {
        const Bytes whole = bytes(one.at("calldata"));
        for (std::size_t i = 0; i < whole.size(); ++i) {
            Bytes other = whole;
            other[i] ^= 1;
            const auto action = decode_short_form(other, sender_of(one));
            if (action && *action == decoded(one)) {
                // How the last call is spelled may differ, and where the relying party begins.
                EXPECT_TRUE(other[0] != whole[0]) << i;
            } else if (action) {
                EXPECT_EQ(encode_long_form(*action).has_value(), true) << i;
            }
        }
    }
}

TEST(ShortForm, VerifyNoticesEveryChange) {
    const json::value& one = short_forms()[3];
    const ApprovedAction action = decoded(one);
    const auto is_bad = [&](auto change) {
        ApprovedAction other = action;
        Scene scene = scene_of(one);
        change(other, scene);
        return !verify(other, scene).has_value();
    };
    EXPECT_FALSE(is_bad([](auto&, auto&) {}));
    EXPECT_TRUE(is_bad([](auto&, auto& scene) { scene.chain = 1; }));
    EXPECT_TRUE(is_bad([](auto&, auto& scene) { ++scene.sequence; }));
    EXPECT_TRUE(is_bad([](auto&, auto& scene) { scene.wallet[3] ^= 1; }));
    EXPECT_TRUE(is_bad([](auto& other, auto&) { other.terms.deadline = 5; }));
    EXPECT_TRUE(is_bad([](auto& other, auto&) { other.terms.has_executor = true; }));
    EXPECT_TRUE(is_bad([](auto& other, auto&) { other.terms.lane = 1; }));
    EXPECT_TRUE(is_bad([](auto& other, auto&) { other.authority.rule = 1; }));
    EXPECT_TRUE(is_bad([](auto& other, auto&) { other.approvals.evidence.pop_back(); }));
    EXPECT_TRUE(is_bad([](auto& other, auto&) { other.approvals.approvers = 0x7; }));
    EXPECT_TRUE(is_bad([](auto& other, auto&) {
        std::swap(other.approvals.evidence[0], other.approvals.evidence[1]);
    }));
    EXPECT_TRUE(is_bad([](auto& other, auto&) {
        std::get<PasskeyApproval>(other.approvals.evidence[3]).y[31] ^= 1;
    }));
    EXPECT_TRUE(is_bad([](auto& other, auto&) {
        std::get<PasskeyApproval>(other.approvals.evidence[3]).flags = 1;
    }));
    EXPECT_TRUE(is_bad([](auto& other, auto&) {
        std::get<PasskeyApproval>(other.approvals.evidence[3]).counter = 8;
    }));
    EXPECT_TRUE(is_bad(
        [](auto& other, auto&) { std::get<Execute>(other.body).calls[0].value = Uint256(1); }));
}

/// Of one eip712 signer, with the rule's quorum byte and blocks.
ApprovedAction action_under(std::uint8_t quorum, const Bytes& blocks, bool is_local) {
    Bytes part = is_local ? Bytes{0x00} : Bytes{0x10, 0x00};
    part.push_back(0x02);
    core::append(part, Bytes(20, 7));
    core::append(part, Bytes{0x01, quorum});
    core::append(part, blocks);
    ApprovedAction out;
    if (is_local) {
        LocalSource source;
        source.local_rule = part;
        out.authority.source = source;
    } else {
        part.push_back(0);
        out.authority.source = GenesisSource{part};
    }
    out.body = Execute{{Call{}}, {}};
    out.approvals = {1, {}, {Secp256k1Approval{}}};
    return out;
}

Bytes scope_and_limits(std::uint8_t limits) {
    return core::concat(Bytes{1}, Bytes(32, 9), Bytes{0}, Bytes{limits}, Bytes(52U * limits, 1));
}

TEST(ShortForm, IsOnlyForWhatItCanSay) {
    const auto fits = [](std::uint8_t quorum, const Bytes& blocks, bool is_local, auto change) {
        ApprovedAction action = action_under(quorum, blocks, is_local);
        change(action);
        EXPECT_EQ(encode_short_form(action).has_value(), fits_short_form(action));
        EXPECT_OK(encode_calldata(action));
        return fits_short_form(action);
    };
    const auto as_it_is = [](auto&) {};
    EXPECT_TRUE(fits(0, {}, false, as_it_is));
    EXPECT_TRUE(fits(0, {}, true, as_it_is));
    EXPECT_TRUE(fits(0x10, Bytes(16), false, as_it_is));
    EXPECT_FALSE(fits(0x80, Bytes(4), false, as_it_is));
    EXPECT_FALSE(fits(0x60, scope_and_limits(1), false, as_it_is));
    EXPECT_TRUE(fits(0x60, scope_and_limits(1), true, as_it_is));
    EXPECT_FALSE(fits(0x60, scope_and_limits(2), true, as_it_is));
    EXPECT_FALSE(fits(0, {}, false, [](auto& one) { std::get<Execute>(one.body).gas = 1; }));
    EXPECT_FALSE(fits(0, {}, false, [](auto& one) { one.terms.lane = 1; }));
    EXPECT_FALSE(fits(0, {}, false, [](auto& one) { std::get<Execute>(one.body).calls = {}; }));
    EXPECT_FALSE(fits(0, {}, false, [](auto& one) { one.authority.rule = 1; }));
    EXPECT_FALSE(fits(0, {}, true,
                      [](auto& one) { std::get<LocalSource>(one.authority.source).place = 16; }));
    EXPECT_FALSE(fits(0, {}, false, [](auto& one) { one.body = Cancel{}; }));
}

TEST(ShortForm, GrantsComeBack) {
    for (const json::value& one : short_forms()) {
        ApprovedAction action = decoded(one);
        action.body = Grant{{core::LocalRuleId()}, {1, 2, 3}};
        const bool fits = action.authority.source.index() < 2;
        EXPECT_EQ(fits_short_form(action), fits);
        const auto written = encode_calldata(action);
        ASSERT_OK(written);
        EXPECT_EQ((*written)[0] & 0xf0, fits ? 0x20 : 0x70);
        EXPECT_EQ(std::get<ApprovedAction>(*decode_calldata(*written, {})), action);
        for (std::size_t size = 0; fits && size < written->size(); ++size) {
            EXPECT_FALSE(decode_short_form(ByteView(*written).first(size), {}).has_value());
        }
        Bytes with_fee = *written;
        with_fee[0] |= 4;
        EXPECT_EQ(decode_short_form(with_fee, {}).has_value(), false);
    }
}

TEST(ShortForm, UserOperationsComeBack) {
    for (const json::value& one : short_forms()) {
        const ApprovedAction action = decoded(one);
        const UserOperationSignature signature{action.authority, 0, action.terms.deadline,
                                               action.approvals};
        const bool fits = action.authority.source.index() < 3;
        EXPECT_EQ(fits_short_form(signature), fits);
        const auto written = encode_short_signature(signature);
        EXPECT_EQ(written.has_value(), fits);
        if (fits) {
            EXPECT_EQ(*decode_short_signature(*written), signature);
            EXPECT_FALSE(decode_short_signature(core::concat(*written, Bytes(1))).has_value());
            Bytes other = *written;
            other[11] = 1;
            EXPECT_ERROR(ErrorCode::kNonCanonical, decode_short_signature(other));
            other = *written;
            other[0] |= 2;
            EXPECT_ERROR(ErrorCode::kNonCanonical, decode_short_signature(other));
        }
    }
}

TEST(ShortForm, ConditionsAreForCallsAlone) {
    for (const std::uint8_t quorum : {std::uint8_t{0}, std::uint8_t{0x10}}) {
        ApprovedAction action = action_under(quorum, Bytes(quorum), false);
        EXPECT_TRUE(fits_short_form(action));
        const UserOperationSignature signature{action.authority, 0, {}, action.approvals};
        EXPECT_EQ(fits_short_form(signature), quorum == 0);
        action.body = Grant{};
        EXPECT_EQ(fits_short_form(action), quorum == 0);
    }
}

TEST(ShortForm, RefusesForms) {
    EXPECT_ERROR(ErrorCode::kUnsupported, decode_short_form(Bytes{0x1f}, {}));
    EXPECT_ERROR(ErrorCode::kUnsupported, decode_short_form(Bytes{0x60}, {}));
    Bytes many = bytes(short_forms()[0].at("calldata"));
    many[11] = 16;
    EXPECT_ERROR(ErrorCode::kOutOfRange, decode_short_form(many, {}));
}

TEST(Part, IsReadAsFarAsItGoes) {
    const Bytes part = core::concat(Bytes{0x10, 0x02}, Bytes(20, 7), Bytes{0x01, 0x00},
                                    Bytes{0x01, 0x80}, Bytes(4));
    const auto shape = read_part(part);
    ASSERT_OK(shape);
    EXPECT_EQ(shape->rules.size(), 2U);
    EXPECT_FALSE(shape->rules[0].waits);
    EXPECT_TRUE(shape->rules[1].waits);
    EXPECT_EQ(shape->end, part.size());
    for (std::size_t size = 0; size < part.size(); ++size) {
        EXPECT_ERROR(ErrorCode::kUnexpectedEnd, read_part(ByteView(part).first(size)));
    }
    EXPECT_ERROR(ErrorCode::kUnsupported, read_part(Bytes{0x00, 0x08}));
}

}  // namespace
}  // namespace latchkey::evm::wallet
