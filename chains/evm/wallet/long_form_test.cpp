// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/long_form.hpp"

#include <gtest/gtest.h>

#include "chains/evm/wallet/wire.hpp"
#include "core/base/result_testing.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/testing.hpp"
#include "core/webauthn/client_data.hpp"

namespace latchkey::evm::wallet {
namespace {

using core::ErrorCode;
using core::testing::filled;

/// A webauthn, a contract and an eip712 signer; one rule.
Bytes part() {
    return core::concat(Bytes{0x02, 0x05, 0x02}, Bytes(64, 3), Bytes{0x07}, Bytes(28, 4),
                        Bytes{0x02}, Bytes(20, 5), Bytes{0x01, 0x00, 0x07});
}
Bytes shared() {
    return core::concat(Bytes{0x10}, part());
}

Source source_of(std::size_t kind) {
    const auto wallet_id = filled<core::WalletId>(0x11);
    if (kind == 0) {
        return GenesisSource{core::concat(shared(), Bytes{1})};
    }
    if (kind == 1) {
        return PolicySource{shared(), wallet_id, filled<core::ConfigId>(0x12)};
    }
    if (kind == 2) {
        return RecoverySource{shared(), wallet_id, filled<Hash32>(0x13), 3, 0x01020304};
    }
    return LocalSource{
        filled<core::RuleId>(0x14),        wallet_id, filled<core::ConfigId>(0x15), 7, 1,
        {filled<core::LocalRuleId>(0x16)}, part()};
}

PasskeyApproval passkey(std::string rest) {
    PasskeyApproval out;
    out.y = filled<Hash32>(0x21);
    out.flags = 5;
    out.counter = 0x01020304;
    out.rest = std::move(rest);
    return out;
}

Approvals approvals(bool has_tree) {
    Approvals out;
    out.approvers = 7;
    out.evidence = {passkey("\",\"origin\":\"x\"}"), ContractApproval{{1, 2, 3}},
                    Secp256k1Approval{{{}, 1}}};
    if (has_tree) {
        out.tree = core::TreeProof{2, 3, {filled<Hash32>(1), filled<Hash32>(2)}};
    }
    return out;
}

std::vector<Body> bodies() {
    const auto id = filled<core::LocalRuleId>(0x31);
    return {Execute{{{filled<Address>(1), Uint256(0), {}},
                     {filled<Address>(2), Uint256::max(), {1, 2, 3}}},
                    {}},
            Execute{{}, 100},
            Grant{{id}, {1, 2, 3}},
            Revoke{filled<core::RuleId>(5), 1, {id}, id},
            Policy{9, {1, 2}},
            Recover{8, {3, 4}},
            Cancel{7, 0x81},
            Freeze{6, 1},
            Upgrade{filled<Address>(6), filled<Hash32>(7)}};
}

bool has_nonce(const Body& body) {
    const std::uint8_t number = action_number(body);
    return number <= 3 || number == 15;
}

/// Everything that the form can say, in all its combinations of sources and bodies.
std::vector<Action> actions() {
    std::vector<Action> out;
    for (std::size_t source = 0; source < 4; ++source) {
        for (const Body& body : bodies()) {
            ApprovedAction one;
            one.authority = {source_of(source), static_cast<std::uint8_t>(source == 3 ? 0 : 2), {}};
            one.body = body;
            one.approvals = approvals(source == 1);
            if (has_nonce(body)) {
                one.terms.has_executor = source == 2;
                one.terms.deadline = source == 0 ? std::nullopt : std::optional(1700000000ULL);
                one.terms.lane = source == 1 ? std::optional(9ULL) : std::nullopt;
            }
            out.emplace_back(one);
            out.emplace_back(ApplyAction{one.authority, body});
            if (const auto* execute = std::get_if<Execute>(&body); execute && execute->gas) {
                // What waits has no gas floor.
                out.pop_back();
            }
        }
    }
    ApprovedAction recovering = std::get<ApprovedAction>(out[0]);
    recovering.authority.recovery_part = shared();
    out.emplace_back(recovering);
    out.emplace_back(AdoptAction{{1, 2, 3}, {}});
    out.emplace_back(RunAction{{Call{}}});
    return out;
}

TEST(LongForm, ComesBack) {
    for (const Action& action : actions()) {
        const auto written = encode_long_form(action);
        ASSERT_OK(written);
        const auto read = decode_long_form(*written);
        ASSERT_OK(read);
        EXPECT_EQ(*read, action);
    }
}

TEST(LongForm, NoPrefixAndNoLongerInputIsCalldata) {
    for (const Action& action : actions()) {
        const Bytes whole = *encode_long_form(action);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            EXPECT_FALSE(decode_long_form(ByteView(whole).first(size)).has_value());
        }
        EXPECT_FALSE(decode_long_form(core::concat(whole, Bytes(1))).has_value());
    }
}

TEST(LongForm, ChangedByteIsAnotherActionOrNone) {
    for (const Action& action : actions()) {
        const Bytes whole = *encode_long_form(action);
        for (std::size_t i = 0; i < whole.size(); ++i) {
            Bytes other = whole;
            other[i] ^= 0x04;
            const auto read = decode_long_form(other);
            EXPECT_FALSE(read && *read == action) << i;
        }
    }
}

TEST(LongForm, IsThatOfTheSpecification) {
    ApprovedAction action;
    action.authority.source =
        GenesisSource{Bytes{0x10, 0x00, 0x02, 1, 1, 1, 1, 1, 1, 1, 1,    1,    1,
                            1,    1,    1,    1, 1, 1, 1, 1, 1, 1, 0x01, 0x00, 0x00}};
    action.terms = {1700000000, true, 5};
    action.body = Execute{{{filled<Address>(0xaa), Uint256(256), {0xbb}}}, 77};
    action.approvals = {1, {}, {Secp256k1Approval{{{}, 1}}}};
    EXPECT_EQ(core::encode_hex(*encode_long_form(action)),
              "711e00"
              "00001a"
              "100002"
              "0101010101010101010101010101010101010101"
              "010000"
              "0001"
              "006553f100"
              "0000004d"
              "0000000000000005"
              "01"
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "020100"
              "000001bb"
              "0000000000000000000000000000000000000000000000000000000000000000"
              "8000000000000000000000000000000000000000000000000000000000000000");
}

TEST(LongForm, ClientDataIsWrittenOnceAndShort) {
    ApprovedAction action = std::get<ApprovedAction>(actions()[0]);
    const auto size_with = [&](const std::string& rest) {
        action.approvals.evidence[0] = passkey(rest);
        return encode_long_form(action)->size();
    };
    const std::string standard = core::webauthn::standard_rest("example.com");
    const std::string other = standard + " ";
    // form(1), then size(1) and the host, or size(2) and all of it.
    EXPECT_EQ(size_with(standard) - 2 - std::string("example.com").size(),
              size_with(other) - 3 - other.size());
}

TEST(LongForm, RefusesTermsThatTheActionCannotHave) {
    const auto error_of = [](const Body& body, auto change) {
        ApprovedAction action = std::get<ApprovedAction>(actions()[0]);
        action.body = body;
        EXPECT_OK(encode_long_form(action));
        change(action);
        const auto written = encode_long_form(action);
        return written ? ErrorCode::kTrailingBytes : written.error().code;
    };
    const auto with_deadline = [](auto& one) { one.terms.deadline = 1; };
    const auto with_lane = [](auto& one) { one.terms.lane = 1; };
    const auto with_executor = [](auto& one) { one.terms.has_executor = true; };
    for (const Body& body : bodies()) {
        const ErrorCode expected =
            has_nonce(body) ? ErrorCode::kTrailingBytes : ErrorCode::kInvalidArgument;
        EXPECT_EQ(error_of(body, with_deadline), expected);
        EXPECT_EQ(error_of(body, with_lane), expected);
        EXPECT_EQ(error_of(body, with_executor), expected);
    }
    const Body body = bodies()[0];
    EXPECT_EQ(error_of(body, [](auto& one) { one.terms.lane = 0; }), ErrorCode::kInvalidArgument);
    EXPECT_EQ(error_of(body, [](auto& one) { one.terms.deadline = kNoDeadline; }),
              ErrorCode::kInvalidArgument);
    EXPECT_EQ(error_of(body, [](auto& one) { one.terms.deadline = kNoDeadline + 1; }),
              ErrorCode::kOutOfRange);
    EXPECT_EQ(error_of(body, [](auto& one) { one.authority.rule = 0x40; }), ErrorCode::kOutOfRange);
    EXPECT_EQ(error_of(body, [](auto& one) { one.approvals.approvers = 3; }),
              ErrorCode::kInvalidArgument);
    EXPECT_EQ(error_of(body, [](auto& one) { one.approvals.approvers = 0xb; }),
              ErrorCode::kInvalidArgument);
    EXPECT_EQ(error_of(body, [](auto& one) { one.approvals.evidence[2] = P256Approval(); }),
              ErrorCode::kEvidenceKind);
    EXPECT_EQ(error_of(body, [](auto& one) { one.body = Execute{std::vector<Call>(17), {}}; }),
              ErrorCode::kOutOfRange);
    EXPECT_EQ(error_of(body, [](auto& one) { one.body = Policy{0, Bytes(0x10000)}; }),
              ErrorCode::kInputTooLong);
    EXPECT_EQ(error_of(body, [](auto& one) { one.approvals.tree = core::TreeProof{1, 2, {{}}}; }),
              ErrorCode::kOutOfRange);
    EXPECT_EQ(error_of(body,
                       [](auto& one) {
                           one.authority.source = source_of(3);
                           one.terms.lane = 1;
                       }),
              ErrorCode::kInvalidArgument);
}

TEST(LongForm, DecoderRefuses) {
    const Bytes good = *encode_long_form(actions()[0]);
    const auto with = [&](std::size_t at, std::uint8_t byte) {
        Bytes out = good;
        out[at] = byte;
        return decode_long_form(out);
    };
    EXPECT_ERROR(ErrorCode::kUnsupported, with(0, 0x70));
    EXPECT_ERROR(ErrorCode::kUnsupported, with(0, 0x75));
    EXPECT_ERROR(ErrorCode::kUnsupported, with(0, 0x62));
    EXPECT_ERROR(ErrorCode::kUnsupported, with(0, 0x80));
    EXPECT_ERROR(ErrorCode::kUnsupported, with(1, 0x20));
    EXPECT_ERROR(ErrorCode::kUnsupported, with(3, 3));
    EXPECT_ERROR(ErrorCode::kNonCanonical, with(2, 0x41));
    EXPECT_ERROR(ErrorCode::kUnexpectedEnd, decode_long_form({}));
    // A leading zero in the value.
    Call call;
    call.value = Uint256(5);
    Bytes run = *encode_long_form(RunAction{{call}});
    EXPECT_OK(decode_long_form(run));
    run[22] = 2;
    run.insert(run.begin() + 23, 0);
    EXPECT_ERROR(ErrorCode::kNonCanonical, decode_long_form(run));
    run[1] = 17;
    EXPECT_ERROR(ErrorCode::kOutOfRange, decode_long_form(run));
}

TEST(LongForm, SignaturesComeBack) {
    for (const bool has_tree : {false, true}) {
        UserOperationSignature operation;
        operation.authority.source = source_of(has_tree ? 3 : 1);
        operation.time = 1700000000;
        operation.deadline = has_tree ? std::nullopt : std::optional(1800000000ULL);
        operation.approvals = approvals(has_tree);
        const auto written = encode_signature(operation);
        ASSERT_OK(written);
        EXPECT_EQ(*decode_user_operation_signature(*written), operation);
        for (std::size_t size = 0; size < written->size(); ++size) {
            EXPECT_FALSE(
                decode_user_operation_signature(ByteView(*written).first(size)).has_value());
        }
        EXPECT_FALSE(decode_message_signature(*written).has_value());
    }
    for (std::size_t form = 0; form < 4; ++form) {
        MessageSignature message;
        message.authority.source = source_of(form % 3);
        message.approvals = approvals(form == 3);
        if (form == 1) {
            message.form = PersonalSign();
        } else if (form == 2) {
            message.form =
                TypedDataSign{filled<Hash32>(1), filled<Hash32>(2), "Mail(string contents)"};
        }
        const auto written = encode_signature(message);
        ASSERT_OK(written);
        EXPECT_EQ(*decode_message_signature(*written), message);
        for (std::size_t size = 0; size < written->size(); ++size) {
            EXPECT_FALSE(decode_message_signature(ByteView(*written).first(size)).has_value());
        }
        EXPECT_FALSE(decode_user_operation_signature(*written).has_value());
    }
    MessageSignature message;
    message.authority.source = source_of(0);
    message.approvals = approvals(true);
    message.form = PersonalSign();
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_signature(message));
}

TEST(WaitingDigest, IsThatOfTheSpecification) {
    const Body body = Cancel{};
    const auto word = [](std::uint64_t value) { return Uint256(value).to_word(); };
    const Address wallet = filled<Address>(9);
    const Body upgrade = Upgrade{filled<Address>(6), filled<Hash32>(7)};
    EXPECT_EQ(waiting_digest(upgrade, 5, wallet),
              core::crypto::keccak256(core::concat(
                  core::crypto::keccak256(core::as_bytes("Latchkey waiting 1")), word(5), Bytes(12),
                  wallet, word(15),
                  core::crypto::keccak256(core::concat(filled<Address>(6), filled<Hash32>(7))))));
    EXPECT_NE(waiting_digest(upgrade, 6, wallet), waiting_digest(upgrade, 5, wallet));
    // Which sessions there are does not matter to a grant that waits; a gas floor to no execute.
    const auto id = filled<core::LocalRuleId>(1);
    EXPECT_EQ(waiting_digest(Grant{{id}, {1}}, 5, wallet),
              waiting_digest(Grant{{}, {1}}, 5, wallet));
    EXPECT_EQ(waiting_digest(Execute{{}, 7}, 5, wallet), waiting_digest(Execute{}, 5, wallet));
    EXPECT_NE(waiting_digest(Policy{1, {}}, 5, wallet), waiting_digest(Policy{}, 5, wallet));
    EXPECT_NE(waiting_digest(Recover{}, 5, wallet), waiting_digest(Policy{}, 5, wallet));
}

}  // namespace
}  // namespace latchkey::evm::wallet
