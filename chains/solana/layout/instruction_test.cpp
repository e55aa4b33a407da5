// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/layout/instruction.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "core/base/result_testing.hpp"
#include "core/encoding/hex.hpp"

// The expected bytes here are written by hand from docs/spec/solana.md, section 4.
namespace latchkey::solana {
namespace {

using core::concat;
using core::ErrorCode;
using core::Hash32;

Bytes filled(std::size_t size, std::uint8_t value) {
    return Bytes(size, value);
}

Hash32 hash_of(std::uint8_t value) {
    return *Hash32::from(ByteView(filled(32, value)));
}

/// One passkey, one rule (execute, grant, policy, message at threshold 1), a recovery hash and a
/// salt of one byte: 2 + 66 + 2 + 32 + 1 bytes.
Bytes passkey_genesis() {
    return concat(Bytes{0x11, 0x00, 0x25}, filled(65, 0xaa), Bytes{0x0f, 0x00}, filled(32, 0xbb),
                  Bytes{0x07});
}

/// Two signers (ed25519, p256), 2 rules, a 16-byte salt.
Bytes pair_genesis() {
    return concat(Bytes{0x12, 0x11, 0x01}, filled(32, 0x01), Bytes{0x04}, filled(33, 0x02),
                  Bytes{0x0f, 0x01, 0x03, 0x01, 0x00, 0x01}, filled(16, 0x33));
}

ApprovedAction sol_transfer() {
    ApprovedAction action;
    action.approvals = {{0, HostEvidence{"example.com"}}};
    action.genesis = *make_holed_genesis(passkey_genesis(), {0});
    action.signed_part.nonce = LaneNonce{.bit = 5, .odd_window = true, .sixteenth = 9};
    CompactCall call{.program_index = 5,
                     .metas = {{.account_index = 1, .is_writable = true, .is_signer = true},
                               {.account_index = 4, .is_writable = true}},
                     .data = {2, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}};
    action.signed_part.body = ExecuteBody{.caps = {}, .calls = {call}};
    return action;
}

ApprovedAction policy_change() {
    ApprovedAction action;
    action.approvals = {{1, SlotEvidence{}}};
    action.signed_part.nonce = TransactionNonce{Binding{}};
    action.signed_part.body = PolicyBody{{0x10, 0x00}};
    return action;
}

TEST(Instruction, a_passkey_transfer_in_genesis_mode_has_72_bytes) {
    const auto bytes = encode_instruction(sol_transfer());
    ASSERT_OK(bytes);
    const Bytes expected =
        concat(Bytes{0x31},                                     // execute | GENESIS | lane
               Bytes{0x50, 11}, core::as_bytes("example.com"),  // signer 0 | LAST | form 2
               Bytes{0x11, 0x00, 0x25, 0x0f, 0x00}, filled(32, 0xbb), Bytes{0x07},
               Bytes{0x00, 0x05, 0x98},  // rule 0, bit 5 | odd | sixteenth 9
               Bytes{5, 2, 0xc1, 0x44, 12, 2, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8});
    EXPECT_EQ(*bytes, expected);
    EXPECT_EQ(bytes->size(), 72U);
    const auto decoded = decode_instruction(*bytes);
    ASSERT_OK(decoded);
    EXPECT_EQ(*decoded, WalletInstruction(sol_transfer()));
}

TEST(Instruction, every_evidence_form) {
    ApprovedAction action;
    RecoverEvidence recover;
    recover.signature.fill(0x77);
    action.approvals = {
        {0, SlotEvidence{}},           {1, AccountEvidence{9}},         {2, HostEvidence{"a.b"}},
        {4, SameClientDataEvidence{}}, {5, ClientDataEvidence{"\",x"}}, {15, recover}};
    action.signed_part.rule = {.is_local = true, .index = 3};
    action.signed_part.nonce = StateNonce{.key = 2, .sequence = 0x0102};
    action.signed_part.deadline = 0x11223344;
    action.signed_part.body = RevokeBody{hash_of(0x55)};
    const auto bytes = encode_instruction(action);
    ASSERT_OK(bytes);
    const Bytes expected =
        concat(Bytes{0x43},  // revoke | state nonce
               Bytes{0x00}, Bytes{0x21, 9}, Bytes{0x42, 3, 'a', '.', 'b'}, Bytes{0x84},
               Bytes{0x65, 3, 0, '"', ',', 'x'}, Bytes{0xbf}, filled(65, 0x77),
               Bytes{0x33, 2, 0x02, 0x01, 0, 0, 0, 0, 0, 0},  // local 3 | DEADLINE
               Bytes{0x44, 0x33, 0x22, 0x11, 0, 0, 0, 0}, filled(32, 0x55));
    EXPECT_EQ(*bytes, expected);
    EXPECT_EQ(*decode_instruction(*bytes), WalletInstruction(action));
}

TEST(Instruction, tree_caps_binding_and_long_data) {
    ApprovedAction action;
    action.approvals = {{3, AccountEvidence{4}}};
    action.tree = TreeProof{.height = 2, .leaf_index = 2, .siblings = {hash_of(1), hash_of(2)}};
    action.signed_part.nonce = TransactionNonce{make_binding(hash_of(0x0f), hash_of(0xf0))};
    ExecuteBody body;
    body.caps = Caps{.no_new_authority = true, .caps = {{1, 1000, 0}}};
    body.calls = {{.program_index = 62, .metas = {}, .data = filled(127, 1)},
                  {.program_index = 2, .metas = {{.account_index = 62}}, .data = filled(128, 2)}};
    action.signed_part.body = body;
    const auto bytes = encode_instruction(action);
    ASSERT_OK(bytes);
    const Bytes expected =
        concat(Bytes{0x81, 0x33, 4}, Bytes{2, 2}, filled(32, 1), filled(32, 2), Bytes{0x40},
               filled(16, 0xff), Bytes{0x81, 1, 0xe8, 0x03, 0, 0, 0, 0, 0, 0},
               Bytes{0, 0, 0, 0, 0, 0, 0, 0}, Bytes{62, 0, 127}, filled(127, 1),
               Bytes{2, 1, 62, 0x80, 128}, filled(128, 2));
    EXPECT_EQ(*bytes, expected);
    EXPECT_EQ(*decode_instruction(*bytes), WalletInstruction(action));
}

TEST(Instruction, policy_grant_and_message) {
    const auto policy = encode_instruction(policy_change());
    ASSERT_OK(policy);
    EXPECT_EQ(*policy, concat(Bytes{0x04, 0x11, 0x00}, filled(16, 0), Bytes{0x10, 0x00}));
    EXPECT_EQ(*decode_instruction(*policy), WalletInstruction(policy_change()));

    ApprovedAction grant = policy_change();
    grant.signed_part.body = GrantBody{{9, 9, 9}};
    const auto granted = encode_instruction(grant);
    ASSERT_OK(granted);
    EXPECT_EQ(*granted, concat(Bytes{0x02, 0x11, 0x00}, filled(16, 0), Bytes{9, 9, 9}));
    EXPECT_EQ(*decode_instruction(*granted), WalletInstruction(grant));

    ApprovedAction message = sol_transfer();
    message.signed_part.nonce = TransactionNonce{};
    message.signed_part.body = MessageBody{hash_of(0x66)};
    const auto said = encode_instruction(message);
    ASSERT_OK(said);
    EXPECT_EQ(said->front(), 0x15);
    EXPECT_EQ(*decode_instruction(*said), WalletInstruction(message));
}

TEST(Instruction, a_genesis_of_several_signers_keeps_the_other_keys) {
    ApprovedAction action = sol_transfer();
    action.approvals = {{1, SlotEvidence{}}};
    action.genesis = *make_holed_genesis(pair_genesis(), {1});
    const auto bytes = encode_instruction(action);
    ASSERT_OK(bytes);
    const Bytes whole = pair_genesis();
    const Bytes holed = concat(ByteView(whole).first(36), ByteView(whole).subspan(36 + 33));
    EXPECT_TRUE(core::equal(ByteView(*bytes).subspan(2, holed.size()), holed));
    const auto decoded = decode_instruction(*bytes);
    ASSERT_OK(decoded);
    const auto& genesis = *std::get<ApprovedAction>(*decoded).genesis;
    EXPECT_EQ(*genesis.fill({filled(33, 2)}), whole);
    EXPECT_ERROR(ErrorCode::kInvalidArgument, genesis.fill({}));
    EXPECT_ERROR(ErrorCode::kInvalidArgument, genesis.fill({filled(33, 2), filled(33, 2)}));
    EXPECT_ERROR(ErrorCode::kInvalidLength, genesis.fill({filled(32, 2)}));
    EXPECT_ERROR(ErrorCode::kOutOfRange, make_holed_genesis(whole, {2}));
}

TEST(Instruction, a_program_signer_keeps_its_key_in_the_genesis) {
    const Bytes genesis =
        concat(Bytes{0x10, 0x00, 0x06}, filled(64, 0x0a), Bytes{0x0f, 0x00, 0x01});
    ApprovedAction action = sol_transfer();
    action.approvals = {{0, AccountEvidence{4}}};
    action.genesis = *make_holed_genesis(genesis, {0});
    const auto bytes = encode_instruction(action);
    ASSERT_OK(bytes);
    EXPECT_TRUE(core::equal(ByteView(*bytes).subspan(3, genesis.size()), genesis));
    EXPECT_EQ(*decode_instruction(*bytes), WalletInstruction(action));
    EXPECT_EQ(*action.genesis->fill({}), genesis);
}

TEST(Instruction, state_and_lane_actions) {
    const auto create = encode_instruction(CreateState{passkey_genesis()});
    ASSERT_OK(create);
    EXPECT_EQ(*create, concat(Bytes{0x16}, passkey_genesis()));
    EXPECT_EQ(*decode_instruction(*create), WalletInstruction(CreateState{passkey_genesis()}));
    EXPECT_EQ(*encode_instruction(OpenLane{3, 254}), (Bytes{7, 3, 254}));
    EXPECT_EQ(*encode_instruction(CloseLane{}), (Bytes{8}));
    EXPECT_EQ(*encode_instruction(SetLaneOperator{}), (Bytes{9}));
    EXPECT_EQ(*decode_instruction(Bytes{7, 3, 254}), WalletInstruction(OpenLane{3, 254}));
    EXPECT_EQ(action_number(WalletInstruction(CreateState{})), kCreateState);
    EXPECT_EQ(action_number(WalletInstruction(SetLaneOperator{})), kSetLaneOperator);
}

TEST(Instruction, refuses_what_the_format_does_not_have) {
    const Bytes transfer = *encode_instruction(sol_transfer());
    const auto changed = [&](std::size_t at, std::uint8_t value) {
        Bytes out = transfer;
        out[at] = value;
        return decode_instruction(out);
    };
    EXPECT_ERROR(ErrorCode::kUnexpectedEnd, decode_instruction({}));
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(0, 0x30));       // action 0
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(0, 0x3a));       // reserved action
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(0, 0x71));       // nonce kind 3
    EXPECT_ERROR(ErrorCode::kInvalidArgument, changed(0, 0x32));   // grant in genesis mode
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(1, 0xd0));       // evidence form 6
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(1, 0xf0));       // evidence form 7
    EXPECT_ERROR(ErrorCode::kOutOfRange, changed(1, 0x51));        // signer 1 of 1
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(14, 0x21));      // configuration version 2
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(14, 0x19));      // reserved flag
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(16, 0x28));      // signer kind 8
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(18, 0x80));      // a rule that waits
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(52, 0x80));      // reserved bit of the rule
    EXPECT_ERROR(ErrorCode::kInvalidArgument, changed(52, 0x20));  // DEADLINE with a lane
    EXPECT_ERROR(ErrorCode::kInvalidArgument, changed(52, 0x10));  // local rule in genesis mode
    EXPECT_ERROR(ErrorCode::kOutOfRange, changed(55, 64));         // program index
    Bytes twice = transfer;
    twice[0] = 0x37;
    EXPECT_ERROR(ErrorCode::kUnsupported, decode_instruction(twice));  // open lane with flags
    EXPECT_ERROR(ErrorCode::kTrailingBytes, decode_instruction(Bytes{8, 0}));
    EXPECT_ERROR(ErrorCode::kTrailingBytes,
                 decode_instruction(concat(Bytes{0x16}, passkey_genesis(), Bytes{0})));
    EXPECT_ERROR(ErrorCode::kUnsupported,
                 decode_instruction(concat(Bytes{0x06}, passkey_genesis())));
    EXPECT_ERROR(ErrorCode::kUnsupported, decode_instruction(Bytes{0x26}));
}

TEST(Instruction, refuses_approvals_out_of_order) {
    ApprovedAction action = policy_change();
    action.approvals = {{1, SlotEvidence{}}, {1, SlotEvidence{}}};
    EXPECT_ERROR(ErrorCode::kInvalidOrder, encode_instruction(action));
    action.approvals = {{2, SlotEvidence{}}, {1, SlotEvidence{}}};
    EXPECT_ERROR(ErrorCode::kInvalidOrder, encode_instruction(action));
    action.approvals.clear();
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(action));
    action.approvals = {{16, SlotEvidence{}}};
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(action));
    action.approvals = {{0, SameClientDataEvidence{}}};
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(action));
    action.approvals = {{0, ClientDataEvidence{"x"}}};
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(action));
    // The same on the way in: signer 2, then signer 1.
    Bytes bytes = *encode_instruction(policy_change());
    bytes.insert(bytes.begin() + 1, 0x02);
    EXPECT_ERROR(ErrorCode::kInvalidOrder, decode_instruction(bytes));
    // 17 approvals, none of them the last.
    EXPECT_ERROR(ErrorCode::kOutOfRange, decode_instruction(concat(Bytes{4}, filled(17, 1))));
}

TEST(Instruction, refuses_fields_that_do_not_go_together) {
    ApprovedAction policy = policy_change();
    policy.signed_part.deadline = 5;
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(policy));
    policy = policy_change();
    policy.signed_part.rule.is_local = true;
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(policy));
    policy = policy_change();
    policy.signed_part.nonce = LaneNonce{};
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(policy));
    policy.signed_part.nonce = TransactionNonce{};
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(policy));

    ApprovedAction transfer = sol_transfer();
    transfer.signed_part.nonce = TransactionNonce{Binding{}};
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(transfer));
    transfer = sol_transfer();
    transfer.genesis = *make_holed_genesis(passkey_genesis(), {});
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(transfer));
    transfer = sol_transfer();
    transfer.signed_part.body = MessageBody{};
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(transfer));
    transfer = sol_transfer();
    transfer.tree = TreeProof{.height = 1, .leaf_index = 2, .siblings = {hash_of(1)}};
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(transfer));
    transfer.tree = TreeProof{.height = 2, .leaf_index = 0, .siblings = {hash_of(1)}};
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(transfer));
    transfer.tree = TreeProof{};
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(transfer));
    transfer = sol_transfer();
    auto& body = std::get<ExecuteBody>(transfer.signed_part.body);
    body.calls.resize(17);
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(transfer));
    body.calls = {{.program_index = 64, .metas = {}, .data = {}}};
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(transfer));
    body.calls = {{.program_index = 0, .metas = {{.account_index = 64}}, .data = {}}};
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(transfer));
    body.calls = {{.program_index = 0, .metas = {}, .data = filled(0x8000, 0)}};
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(transfer));
    body.calls.clear();
    body.caps = Caps{};
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(transfer));
    body.caps = Caps{.no_new_authority = false, .caps = std::vector<Cap>(16)};
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(transfer));
}

TEST(Instruction, a_short_length_has_one_form) {
    ApprovedAction action = sol_transfer();
    action.signed_part.body =
        ExecuteBody{.caps = {}, .calls = {{.program_index = 0, .metas = {}, .data = {1}}}};
    Bytes bytes = *encode_instruction(action);
    // length(1) data(1) at the end becomes 0x80 0x01.
    bytes.pop_back();
    bytes.back() = 0x80;
    bytes.push_back(0x01);
    bytes.push_back(0x01);
    EXPECT_ERROR(ErrorCode::kNonCanonical, decode_instruction(bytes));
}

TEST(Instruction, no_prefix_of_an_instruction_is_one_with_the_same_signed_part) {
    const Bytes whole = *encode_instruction(sol_transfer());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto decoded = decode_instruction(ByteView(whole).first(size));
        // Zero calls are allowed, so the prefix that ends before the call is an action of its own.
        EXPECT_EQ(decoded.has_value(), size == whole.size() - 17) << size;
    }
}

TEST(Instruction, every_flipped_bit_is_refused_or_another_action) {
    const Bytes whole = *encode_instruction(sol_transfer());
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
        Bytes flipped = whole;
        flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ 1U << bit % 8);
        if (const auto decoded = decode_instruction(flipped)) {
            EXPECT_NE(*decoded, WalletInstruction(sol_transfer()));
            EXPECT_EQ(*encode_instruction(*decoded), flipped);
        }
    }
}

TEST(Instruction, lane_nonce_and_binding_arithmetic) {
    // 256 * 7 + 16 * 3 + 15
    EXPECT_EQ(lane_deadline(LaneNonce{.bit = 0, .odd_window = true, .sixteenth = 3}, 7), 1855U);
    EXPECT_EQ(make_binding(hash_of(0x21), std::nullopt)[15], 0x21);
    EXPECT_EQ(make_binding(hash_of(0x21), hash_of(0x20))[0], 0x01);
}

// Random actions, valid by construction.

rc::Gen<Hash32> any_hash() {
    return rc::gen::map(rc::gen::container<Bytes>(32, rc::gen::arbitrary<std::uint8_t>()),
                        [](const Bytes& bytes) { return *Hash32::from(ByteView(bytes)); });
}

rc::Gen<std::uint8_t> below(std::uint8_t end) {
    return rc::gen::inRange<std::uint8_t>(0, end);
}

Evidence any_evidence(bool can_repeat) {
    switch (*below(can_repeat ? 6 : 5)) {
        case 0:
            return SlotEvidence{};
        case 1:
            return AccountEvidence{*below(64)};
        case 2:
            return HostEvidence{*rc::gen::container<std::string>(rc::gen::arbitrary<char>())};
        case 3:
            return ClientDataEvidence{"\"" +
                                      *rc::gen::container<std::string>(rc::gen::arbitrary<char>())};
        case 4: {
            RecoverEvidence out;
            for (std::uint8_t& byte : out.signature) {
                byte = *rc::gen::arbitrary<std::uint8_t>();
            }
            return out;
        }
        default:
            return SameClientDataEvidence{};
    }
}

ExecuteBody any_execute() {
    ExecuteBody body;
    if (*rc::gen::arbitrary<bool>()) {
        const int caps = *below(4);
        body.caps = Caps{.no_new_authority = caps == 0 || *rc::gen::arbitrary<bool>(), .caps = {}};
        for (int i = caps; i > 0; --i) {
            body.caps->caps.push_back({*below(64), *rc::gen::arbitrary<std::uint64_t>(),
                                       *rc::gen::arbitrary<std::uint64_t>()});
        }
    }
    for (int i = *below(4); i > 0; --i) {
        CompactCall call{.program_index = *below(64),
                         .metas = {},
                         .data = filled(*rc::gen::inRange<std::size_t>(0, 300), *below(255))};
        for (int j = *below(5); j > 0; --j) {
            call.metas.push_back(
                {*below(64), *rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>()});
        }
        body.calls.push_back(call);
    }
    return body;
}

ApprovedAction any_action() {
    ApprovedAction action;
    bool can_repeat = false;
    for (std::uint8_t signer = 0; signer < 2; ++signer) {
        if (signer == 1 && !action.approvals.empty() && *rc::gen::arbitrary<bool>()) {
            break;
        }
        if (signer == 0 && *rc::gen::arbitrary<bool>()) {
            continue;
        }
        action.approvals.push_back({signer, any_evidence(can_repeat)});
        can_repeat = can_repeat || action.approvals.back().evidence.index() == kFormHost ||
                     action.approvals.back().evidence.index() == kFormRest;
    }
    if (*rc::gen::arbitrary<bool>()) {
        const std::uint8_t height = *rc::gen::inRange<std::uint8_t>(1, 9);
        action.tree =
            TreeProof{.height = height,
                      .leaf_index = static_cast<std::uint8_t>(*rc::gen::inRange(0, 1 << height)),
                      .siblings = *rc::gen::container<std::vector<Hash32>>(height, any_hash())};
    }
    const int number = *rc::gen::inRange<int>(kExecute, kMessage + 1);
    const bool in_genesis =
        (number == kExecute || number == kMessage) && *rc::gen::arbitrary<bool>();
    if (in_genesis) {
        std::vector<std::uint8_t> approving;
        for (const Approval& approval : action.approvals) {
            approving.push_back(approval.signer);
        }
        action.genesis = *make_holed_genesis(pair_genesis(), approving);
    }
    SignedPart& part = action.signed_part;
    part.rule = {!in_genesis && number != kPolicy && *rc::gen::arbitrary<bool>(), *below(16)};
    const int kind = number == kPolicy || number == kMessage ? 0 : *below(3);
    if (kind == 0) {
        part.nonce = in_genesis ? TransactionNonce{}
                                : TransactionNonce{make_binding(*any_hash(), std::nullopt)};
    } else if (kind == 1) {
        part.nonce = LaneNonce{*rc::gen::inRange<std::uint16_t>(0, 2048),
                               *rc::gen::arbitrary<bool>(), *below(16)};
    } else {
        part.nonce = StateNonce{*below(4), *rc::gen::arbitrary<std::uint64_t>()};
    }
    if (kind != 1 && number != kPolicy && *rc::gen::arbitrary<bool>()) {
        part.deadline = *rc::gen::arbitrary<std::uint64_t>();
    }
    switch (number) {
        case kExecute:
            part.body = any_execute();
            break;
        case kGrant:
            part.body = GrantBody{*rc::gen::arbitrary<Bytes>()};
            break;
        case kRevoke:
            part.body = RevokeBody{*any_hash()};
            break;
        case kPolicy:
            part.body = PolicyBody{*rc::gen::arbitrary<Bytes>()};
            break;
        default:
            part.body = MessageBody{*any_hash()};
    }
    return action;
}

RC_GTEST_PROP(Instruction, round_trips, ()) {
    const WalletInstruction action = any_action();
    const auto bytes = encode_instruction(action);
    RC_ASSERT(bytes.has_value());
    const auto decoded = decode_instruction(*bytes);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(*decoded == action);
    const Bytes signed_bytes = *encode_signed(std::get<ApprovedAction>(action).signed_part);
    RC_ASSERT(core::equal(ByteView(*bytes).last(signed_bytes.size()), signed_bytes));
}

}  // namespace
}  // namespace latchkey::solana
