// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/transaction.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>

#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/vectors/vectors.hpp"

namespace latchkey::solana {
namespace {

using core::ErrorCode;
using vectors::named;

core::crypto::Ed25519PrivateKey private_key(std::string_view name) {
    const auto seed =
        core::Secret<32>::copy_of(core::crypto::sha256(core::as_bytes(name)).view()).value();
    return core::crypto::Ed25519PrivateKey::from_seed(seed);
}

Address address_of(const core::crypto::Ed25519PrivateKey& key) {
    return Address(key.public_key().array());
}

/// Two signers, one of them read-only.
MessageDraft two_signers(MessageVersion version) {
    MessageDraft draft;
    draft.version = version;
    draft.fee_payer = address_of(private_key("payer"));
    draft.lifetime = Blockhash(named("blockhash").array());
    draft.instructions = {
        {named("program"), {readonly_signer(address_of(private_key("second")))}, {1, 2, 3}},
        system::transfer(draft.fee_payer, named("to"), 5)};
    return draft;
}

/// What each account ends up with in the whole message.
std::vector<Instruction> with_joined_privileges(const MessageDraft& draft) {
    std::map<Address, AccountMeta> joined{{draft.fee_payer, writable_signer(draft.fee_payer)}};
    for (const Instruction& instruction : draft.instructions) {
        for (const AccountMeta& account : instruction.accounts) {
            AccountMeta& meta = joined[account.address];
            meta.address = account.address;
            meta.is_signer = meta.is_signer || account.is_signer;
            meta.is_writable = meta.is_writable || account.is_writable;
        }
    }
    std::vector<Instruction> out = draft.instructions;
    for (Instruction& instruction : out) {
        for (AccountMeta& account : instruction.accounts) {
            account = joined.at(account.address);
        }
    }
    return out;
}

TEST(transaction, equals_kit_byte_for_byte) {
    std::size_t compared = 0;
    for (const auto& vector : vectors::client().at("transactions").as_array()) {
        const auto& object = vector.as_object();
        if (!object.contains("byte_order")) {
            continue;
        }
        ++compared;
        const auto transaction = Transaction::from_draft(vectors::draft(object));
        ASSERT_TRUE(transaction) << transaction.error().to_string();
        EXPECT_EQ(transaction->encode_base64(), vectors::text(object.at("byte_order")))
            << vectors::text(object.at("version")) << ' ' << vectors::text(object.at("name"));
    }
    EXPECT_GE(compared, 23U);
}

TEST(transaction, reads_and_rewrites_what_kit_wrote) {
    for (const auto& vector : vectors::client().at("transactions").as_array()) {
        const std::string wire = vectors::text(vector.at("kit_order"));
        const auto transaction = Transaction::decode_base64(wire);
        ASSERT_TRUE(transaction) << transaction.error().to_string();
        EXPECT_EQ(transaction->encode_base64(), wire);
        EXPECT_EQ(transaction->size(), core::decode_base64(wire)->size());
        const MessageDraft draft = vectors::draft(vector.as_object());
        EXPECT_EQ(transaction->message().version, draft.version);
        EXPECT_EQ(transaction->message().lifetime, draft.lifetime);
        EXPECT_EQ(transaction->message().config, draft.config);
        EXPECT_EQ(transaction->message().fee_payer(), draft.fee_payer);
        EXPECT_EQ(decompile_instructions(transaction->message(), draft.lookup_tables).value(),
                  with_joined_privileges(draft))
            << vectors::text(vector.at("name"));
        EXPECT_EQ(durable_nonce(transaction->message()).has_value(),
                  vectors::text(vector.at("name")) == "durable nonce");
    }
}

TEST(transaction, lookups_round_trip_and_save_space) {
    for (const auto& vector : vectors::client().at("transactions").as_array()) {
        MessageDraft draft = vectors::draft(vector.as_object());
        if (draft.lookup_tables.empty()) {
            continue;
        }
        const auto with = Transaction::from_draft(draft).value();
        EXPECT_EQ(with.message().lookups.size(), 2U);
        // Kit orders inside groups differently but needs exactly as many bytes.
        EXPECT_EQ(with.size(), core::decode_base64(vectors::text(vector.at("kit_order")))->size());
        EXPECT_EQ(decompile_instructions(with.message(), draft.lookup_tables).value(),
                  with_joined_privileges(draft));
        EXPECT_EQ(decompile_instructions(with.message()).error().code, ErrorCode::kInvalidMessage);
        std::vector<AddressLookupTable> shortened = draft.lookup_tables;
        shortened[0].addresses.resize(1);
        EXPECT_EQ(decompile_instructions(with.message(), shortened).error().code,
                  ErrorCode::kInvalidMessage);
        const auto again = Transaction::decode(with.encode()).value();
        EXPECT_EQ(again, with);
        // The program is in table 2 but must stay static.
        EXPECT_NE(std::find(with.message().addresses.begin(), with.message().addresses.end(),
                            named("program")),
                  with.message().addresses.end());
    }
}

TEST(transaction, signing_in_parts) {
    for (const auto version : {MessageVersion::kLegacy, MessageVersion::kV0, MessageVersion::kV1}) {
        auto transaction = Transaction::from_draft(two_signers(version)).value();
        const auto payer = private_key("payer");
        const auto second = private_key("second");
        EXPECT_EQ(transaction.missing_signers().size(), 2U);
        EXPECT_FALSE(transaction.id());
        EXPECT_EQ(transaction.verify_signatures().error().code, ErrorCode::kMissingSignature);

        EXPECT_EQ(transaction.sign(private_key("stranger")).error().code, ErrorCode::kNotASigner);
        ASSERT_TRUE(transaction.sign(second));
        EXPECT_EQ(transaction.missing_signers(), std::vector{address_of(payer)});
        EXPECT_FALSE(transaction.is_fully_signed());

        // The other party decodes it, signs what it sees and sends the signature back.
        auto other = Transaction::decode_base64(transaction.encode_base64()).value();
        EXPECT_EQ(other, transaction);
        const Signature signature = payer.sign(other.message_bytes());
        EXPECT_EQ(transaction.place_signature(address_of(second), signature).error().code,
                  ErrorCode::kInvalidSignature);
        EXPECT_EQ(transaction.place_signature(named("to"), signature).error().code,
                  ErrorCode::kNotASigner);
        ASSERT_TRUE(transaction.place_signature(address_of(payer), signature));
        EXPECT_TRUE(transaction.is_fully_signed());
        EXPECT_TRUE(transaction.verify_signatures());
        EXPECT_EQ(transaction.id(), signature);

        // One changed bit of the message must spoil the signatures.
        Bytes spoiled = transaction.encode();
        const std::size_t lifetime_byte = version == MessageVersion::kV1 ? 8 : spoiled.size() - 40;
        spoiled[lifetime_byte] ^= 1;
        const auto decoded = Transaction::decode(spoiled);
        if (decoded) {
            EXPECT_EQ(decoded->verify_signatures().error().code, ErrorCode::kInvalidSignature);
        }
    }
}

TEST(transaction, base58_only_for_packet_sized_ones) {
    const auto small = Transaction::from_draft(two_signers(MessageVersion::kV0)).value();
    EXPECT_EQ(Transaction::decode_base58(small.encode_base58().value()).value(), small);
    MessageDraft draft = two_signers(MessageVersion::kV1);
    draft.instructions[0].data = Bytes(2000);
    EXPECT_EQ(Transaction::from_draft(draft)->encode_base58().error().code,
              ErrorCode::kInputTooLong);
}

TEST(durable_nonce, is_the_runtimes_test) {
    MessageDraft draft = two_signers(MessageVersion::kV0);
    EXPECT_FALSE(durable_nonce(compile_message(draft).value()));
    const Instruction advance = system::advance_nonce_account(named("nonce"), draft.fee_payer);
    draft.instructions.push_back(advance);
    EXPECT_FALSE(durable_nonce(compile_message(draft).value())) << "not the first instruction";
    std::rotate(draft.instructions.begin(), draft.instructions.end() - 1, draft.instructions.end());
    EXPECT_EQ(durable_nonce(compile_message(draft).value()),
              (DurableNonce{named("nonce"), draft.fee_payer}));
    draft.instructions[0].accounts[0].is_writable = false;
    EXPECT_FALSE(durable_nonce(compile_message(draft).value())) << "read-only nonce account";
    draft.instructions[0].accounts[0].is_writable = true;
    draft.lookup_tables = {{named("table"), {named("nonce")}}};
    EXPECT_FALSE(durable_nonce(compile_message(draft).value())) << "looked-up nonce account";
    draft.lookup_tables.clear();
    draft.instructions[0].data[0] = 5;
    EXPECT_FALSE(durable_nonce(compile_message(draft).value())) << "another instruction";
}

ErrorCode code_of(ByteView bytes) {
    const auto decoded = Transaction::decode(bytes);
    if (!decoded) {
        return decoded.error().code;
    }
    ADD_FAILURE() << "accepted";
    return ErrorCode::kUnsupported;
}

TEST(transaction, every_prefix_and_every_suffix_is_refused) {
    for (const auto& vector : vectors::client().at("transactions").as_array()) {
        const Bytes wire = core::decode_base64(vectors::text(vector.at("kit_order"))).value();
        for (std::size_t size = 0; size < std::min<std::size_t>(wire.size(), 600); ++size) {
            EXPECT_FALSE(Transaction::decode(ByteView(wire).first(size))) << size;
        }
        Bytes longer = wire;
        longer.push_back(0);
        EXPECT_FALSE(Transaction::decode(longer));
    }
}

/// Legacy transfer with one signature: offset 65 is the message's first byte.
Bytes legacy_transfer() {
    for (const auto& vector : vectors::client().at("transactions").as_array()) {
        if (vectors::text(vector.at("name")) == "transfer" &&
            vectors::text(vector.at("version")) == "legacy") {
            return core::decode_base64(vectors::text(vector.at("kit_order"))).value();
        }
    }
    return {};
}

TEST(transaction, legacy_errors) {
    const Bytes good = legacy_transfer();
    ASSERT_EQ(good.size(), 215U);
    const auto changed = [&](std::size_t offset, std::uint8_t value) {
        Bytes bytes = good;
        bytes[offset] = value;
        return code_of(bytes);
    };
    // signature count 1 | 64 | header 1 0 1 | 3 addresses | 96 | blockhash 32 | 1 instruction:
    // program 2, accounts 2: 0 1, data 12
    EXPECT_EQ(changed(0, 0), ErrorCode::kTrailingBytes) << "zeros as an empty message";
    EXPECT_EQ(changed(0, 2), ErrorCode::kUnexpectedEnd);
    EXPECT_EQ(changed(0, 0x82), ErrorCode::kNonCanonical);
    EXPECT_EQ(changed(65, 0), ErrorCode::kInvalidMessage) << "nobody signs";
    EXPECT_EQ(changed(65, 2), ErrorCode::kInvalidMessage) << "two signers, one signature";
    EXPECT_EQ(changed(65, 0x81), ErrorCode::kUnsupported) << "v1 message after signatures";
    EXPECT_EQ(changed(65, 0x82), ErrorCode::kUnsupported) << "version 2";
    EXPECT_EQ(changed(66, 1), ErrorCode::kInvalidMessage) << "read-only fee payer";
    EXPECT_EQ(changed(67, 3), ErrorCode::kInvalidMessage) << "more read-only than there are";
    EXPECT_EQ(changed(197, 200), ErrorCode::kUnexpectedEnd) << "accounts announced";
    const std::size_t program = 65 + 3 + 1 + 96 + 32 + 1;
    EXPECT_EQ(good[program], 2);
    EXPECT_EQ(changed(program, 3), ErrorCode::kOutOfRange);
    EXPECT_EQ(changed(program, 0), ErrorCode::kInvalidMessage) << "the payer as the program";
    EXPECT_EQ(changed(program + 2, 3), ErrorCode::kOutOfRange);
    EXPECT_EQ(changed(program + 4, 13), ErrorCode::kUnexpectedEnd);
    EXPECT_EQ(changed(program + 4, 11), ErrorCode::kTrailingBytes);
    // Data length 12 as two bytes: 0x8c 0x00.
    Bytes bytes = good;
    bytes[program + 4] = 0x8c;
    bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(program) + 5, 0);
    EXPECT_EQ(code_of(bytes), ErrorCode::kNonCanonical);
    bytes = good;
    std::copy_n(bytes.begin() + 69, 32, bytes.begin() + 69 + 32);
    EXPECT_EQ(code_of(bytes), ErrorCode::kDuplicate);
}

TEST(transaction, packet_limit) {
    MessageDraft draft = two_signers(MessageVersion::kLegacy);
    std::size_t size = Transaction::from_draft(draft)->size();
    // One more byte for the length from 128 bytes on.
    draft.instructions[0].data.resize(3 + kPacketBytesMax - size - 1);
    EXPECT_EQ(Transaction::from_draft(draft)->size(), kPacketBytesMax);
    draft.instructions[0].data.push_back(0);
    EXPECT_EQ(Transaction::from_draft(draft).error().code, ErrorCode::kTransactionTooLarge);
    draft.version = MessageVersion::kV1;
    size = Transaction::from_draft(draft)->size();
    draft.instructions[0].data.resize(draft.instructions[0].data.size() + kV1BytesMax - size);
    const auto largest = Transaction::from_draft(draft).value();
    EXPECT_EQ(largest.size(), kV1BytesMax);
    EXPECT_EQ(Transaction::decode(largest.encode()).value(), largest);
    draft.instructions[0].data.push_back(0);
    EXPECT_EQ(Transaction::from_draft(draft).error().code, ErrorCode::kTransactionTooLarge);
}

TEST(transaction, v1_errors) {
    MessageDraft draft = two_signers(MessageVersion::kV1);
    draft.config.priority_fee_lamports = 1;
    draft.config.heap_bytes = kHeapBytesMin;
    const Bytes good = Transaction::from_draft(draft)->encode();
    ASSERT_TRUE(Transaction::decode(good));
    const auto changed = [&](std::size_t offset, std::uint8_t value) {
        Bytes bytes = good;
        bytes[offset] = value;
        return code_of(bytes);
    };
    // 0x81 | header 2 1 2 | mask 0b10011 | lifetime 32 | 2 instructions | 5 addresses | ...
    EXPECT_EQ(core::encode_hex(ByteView(good).first(8)), "8102010213000000");
    EXPECT_EQ(changed(0, 0x82), ErrorCode::kUnexpectedEnd) << "258 signatures";
    EXPECT_EQ(changed(4, 0x12), ErrorCode::kInvalidMessage) << "half a fee";
    EXPECT_EQ(changed(4, 0x33), ErrorCode::kUnsupported) << "unknown config bit";
    EXPECT_EQ(changed(7, 0x80), ErrorCode::kUnsupported);
    EXPECT_EQ(changed(2, 2), ErrorCode::kInvalidMessage) << "read-only fee payer";
    EXPECT_EQ(changed(41, 200), ErrorCode::kUnexpectedEnd);
    const std::size_t heap = 42 + 5 * 32 + 8;
    EXPECT_EQ(changed(heap + 1, 0x7f), ErrorCode::kInvalidMessage) << "below 32 KiB";
    EXPECT_EQ(changed(heap, 1), ErrorCode::kInvalidMessage) << "no multiple of 1 KiB";
    EXPECT_EQ(changed(heap + 3, 1), ErrorCode::kInvalidMessage) << "above 256 KiB";
    EXPECT_EQ(changed(heap + 4, 5), ErrorCode::kOutOfRange) << "program index";
    EXPECT_EQ(changed(heap + 4, 0), ErrorCode::kInvalidMessage) << "the payer as the program";
}

TEST(transaction, v1_limits) {
    MessageDraft draft;
    draft.version = MessageVersion::kV1;
    draft.fee_payer = named("payer");
    Instruction instruction{named("program"), {}, {}};
    for (int i = 0; i < 62; ++i) {
        instruction.accounts.push_back(writable(named("account " + std::to_string(i))));
    }
    draft.instructions = {instruction};
    EXPECT_TRUE(compile_message(draft));
    draft.instructions[0].accounts.push_back(writable(named("one more")));
    EXPECT_EQ(compile_message(draft).error().code, ErrorCode::kTransactionTooLarge);

    draft.instructions.assign(64, Instruction{named("program"), {}, {}});
    EXPECT_TRUE(compile_message(draft));
    draft.instructions.emplace_back(Instruction{named("program"), {}, {}});
    EXPECT_EQ(compile_message(draft).error().code, ErrorCode::kTransactionTooLarge);

    draft.instructions = {{named("program"), {}, {}}};
    for (int i = 0; i < 11; ++i) {
        draft.instructions[0].accounts.push_back(
            readonly_signer(named("signer " + std::to_string(i))));
    }
    EXPECT_TRUE(compile_message(draft));
    draft.instructions[0].accounts.push_back(readonly_signer(named("one more")));
    EXPECT_EQ(compile_message(draft).error().code, ErrorCode::kTransactionTooLarge);
}

TEST(compile_message, refuses_what_a_version_cannot_say) {
    MessageDraft draft = two_signers(MessageVersion::kV0);
    draft.config.compute_unit_limit = 1;
    EXPECT_EQ(compile_message(draft).error().code, ErrorCode::kInvalidMessage);
    draft.config = {};
    draft.lookup_tables = {{named("table"), {named("to")}}, {named("table"), {named("program")}}};
    EXPECT_TRUE(compile_message(draft)) << "the second use of the table takes nothing";
    draft.version = MessageVersion::kLegacy;
    EXPECT_EQ(compile_message(draft).error().code, ErrorCode::kInvalidMessage);
    draft = two_signers(MessageVersion::kV0);
    draft.instructions[0].program = draft.fee_payer;
    EXPECT_EQ(compile_message(draft).error().code, ErrorCode::kInvalidMessage);
}

TEST(transaction, lookup_errors) {
    MessageDraft draft = two_signers(MessageVersion::kV0);
    draft.lookup_tables = {{named("table"), {named("to")}}};
    const Message good = compile_message(draft).value();
    ASSERT_EQ(good.lookups.size(), 1U);
    Message bad = good;
    // Others may take from a table twice; the history of a wallet must not end there.
    bad.lookups.push_back(bad.lookups[0]);
    EXPECT_EQ(decode_message(encode_message(bad).value())->lookups.size(), 2U);
    bad = good;
    bad.lookups.push_back({named("empty"), {}, {}});
    EXPECT_EQ(encode_message(bad).error().code, ErrorCode::kInvalidMessage);
    bad = good;
    bad.instructions[0].program_index = static_cast<std::uint8_t>(bad.addresses.size());
    EXPECT_EQ(encode_message(bad).error().code, ErrorCode::kOutOfRange) << "a program from a table";
    bad = good;
    bad.instructions[0].account_indexes = {static_cast<std::uint8_t>(bad.address_count())};
    EXPECT_EQ(encode_message(bad).error().code, ErrorCode::kOutOfRange);
    bad = good;
    bad.lookups[0].readonly_indexes = std::vector<std::uint8_t>(255, 1);
    EXPECT_EQ(encode_message(bad).error().code, ErrorCode::kTransactionTooLarge);
}

Address generated_address() {
    // A small pool, so that addresses repeat with different privileges.
    return named("pool " + std::to_string(*rc::gen::inRange(0, 24)));
}

MessageDraft generated_draft() {
    MessageDraft draft;
    draft.version =
        *rc::gen::element(MessageVersion::kLegacy, MessageVersion::kV0, MessageVersion::kV1);
    draft.fee_payer = generated_address();
    const int instructions = *rc::gen::inRange(0, 5);
    for (int i = 0; i < instructions; ++i) {
        Instruction instruction{
            named("program " + std::to_string(*rc::gen::inRange(0, 3))), {}, {}};
        const int accounts = *rc::gen::inRange(0, 8);
        for (int j = 0; j < accounts; ++j) {
            const bool signs = *rc::gen::inRange(0, 10) == 0;
            instruction.accounts.push_back(
                {generated_address(), signs, *rc::gen::arbitrary<bool>()});
        }
        instruction.data = *rc::gen::container<Bytes>(rc::gen::arbitrary<std::uint8_t>());
        draft.instructions.push_back(std::move(instruction));
    }
    if (draft.version == MessageVersion::kV0) {
        for (int i = 0; i < 2; ++i) {
            AddressLookupTable table{named("table " + std::to_string(i)), {}};
            for (int j = 0; j < 6; ++j) {
                table.addresses.push_back(generated_address());
            }
            draft.lookup_tables.push_back(std::move(table));
        }
    }
    if (draft.version == MessageVersion::kV1 && *rc::gen::arbitrary<bool>()) {
        draft.config.compute_unit_limit = *rc::gen::arbitrary<std::uint32_t>();
        draft.config.priority_fee_lamports = *rc::gen::arbitrary<std::uint64_t>();
    }
    return draft;
}

RC_GTEST_PROP(transaction, what_was_asked_for_is_what_is_on_the_wire, ()) {
    const MessageDraft draft = generated_draft();
    const auto transaction = Transaction::from_draft(draft);
    if (!transaction) {
        RC_ASSERT(transaction.error().code == ErrorCode::kTransactionTooLarge);
        return;
    }
    const auto decoded = Transaction::decode(transaction->encode());
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(*decoded == *transaction);
    RC_ASSERT(transaction->encode().size() == transaction->size());
    RC_ASSERT(decoded->message().fee_payer() == draft.fee_payer);
    RC_ASSERT(decoded->message().config == draft.config);
    const auto instructions = decompile_instructions(decoded->message(), draft.lookup_tables);
    RC_ASSERT(instructions.value() == with_joined_privileges(draft));
}

RC_GTEST_PROP(transaction, a_changed_byte_never_decodes_to_the_same_transaction, ()) {
    const auto transaction = Transaction::from_draft(generated_draft());
    RC_PRE(transaction.has_value());
    Bytes bytes = transaction->encode();
    const auto offset = *rc::gen::inRange<std::size_t>(0, bytes.size());
    bytes[offset] = static_cast<std::uint8_t>(bytes[offset] ^ *rc::gen::inRange(1, 256));
    const auto decoded = Transaction::decode(bytes);
    if (decoded) {
        RC_ASSERT(decoded->encode() == bytes);
        RC_ASSERT(!(*decoded == *transaction));
    }
}

}  // namespace
}  // namespace latchkey::solana
