// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/transaction.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "chains/evm/client/rlp.hpp"
#include "chains/evm/client/viem_testing.hpp"
#include "core/base/result_testing.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::evm {
namespace {

using core::ErrorCode;
using rlp::Item;
using testing::decimal;
using testing::fixed;
using testing::hex;
using testing::key_of;
using testing::text;

std::uint64_t number(const boost::json::value& value) {
    return decimal(text(value)).to_u64().value();
}

Transaction transaction_of(const boost::json::value& one) {
    Transaction out;
    out.type = text(one.at("type")) == "legacy"    ? TransactionType::kLegacy
               : text(one.at("type")) == "eip1559" ? TransactionType::kDynamicFee
                                                   : TransactionType::kSetCode;
    out.chain_id = number(one.at("chain_id"));
    out.nonce = number(one.at("nonce"));
    out.gas_limit = number(one.at("gas_limit"));
    out.max_fee_per_gas = decimal(text(one.at("max_fee_per_gas")));
    out.max_priority_fee_per_gas = decimal(text(one.at("max_priority_fee_per_gas")));
    if (!one.at("to").is_null()) {
        out.to = parse_address(text(one.at("to"))).value();
    }
    out.value = decimal(text(one.at("value")));
    out.data = hex(text(one.at("data")));
    for (const auto& entry : one.at("access_list").as_array()) {
        AccessListEntry next{parse_address(text(entry.at("address"))).value(), {}};
        for (const auto& key : entry.at("storage_keys").as_array()) {
            next.storage_keys.push_back(fixed<Hash32>(text(key)));
        }
        out.access_list.push_back(std::move(next));
    }
    for (const auto& entry : one.at("authorizations").as_array()) {
        const Authorization next{decimal(text(entry.at("chain_id"))),
                                 parse_address(text(entry.at("delegate"))).value(),
                                 number(entry.at("nonce"))};
        EXPECT_EQ(core::encode_hex_prefixed(authorization_hash(next)), text(entry.at("hash")));
        out.authorizations.push_back(
            sign_authorization(next, key_of(text(entry.at("key")))).value());
        EXPECT_EQ(to_string(recover_authority(out.authorizations.back()).value()),
                  text(entry.at("authority")));
    }
    return out;
}

TEST(Transaction, agrees_with_viem) {
    for (const auto& one : testing::viem_cases("transactions")) {
        const Transaction transaction = transaction_of(one);
        const auto sent = SignedTransaction::sign(transaction, key_of(text(one.at("key")))).value();
        EXPECT_EQ(core::encode_hex_prefixed(sent.raw()), text(one.at("raw")));
        EXPECT_EQ(core::encode_hex_prefixed(sent.hash()), text(one.at("hash")));
        EXPECT_EQ(to_string(sent.sender()), text(one.at("sender")));
        const auto decoded = SignedTransaction::decode(sent.raw());
        ASSERT_OK(decoded);
        EXPECT_EQ(*decoded, sent);
        EXPECT_EQ(decoded->transaction(), transaction);
    }
}

// The example of EIP-155.
TEST(Transaction, example_of_eip_155) {
    Transaction transaction;
    transaction.type = TransactionType::kLegacy;
    transaction.chain_id = 1;
    transaction.nonce = 9;
    transaction.max_fee_per_gas = transaction.max_priority_fee_per_gas = Uint256(20'000'000'000);
    transaction.gas_limit = 21000;
    transaction.to = fixed<Address>("0x3535353535353535353535353535353535353535");
    transaction.value = Uint256(1'000'000'000'000'000'000);
    EXPECT_EQ(core::encode_hex(signing_hash(transaction).value()),
              "daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
    const auto key = key_of("0x4646464646464646464646464646464646464646464646464646464646464646");
    const auto sent = SignedTransaction::sign(transaction, key).value();
    EXPECT_EQ(core::encode_hex(sent.raw()),
              "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a7640000"
              "8025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f"
              "761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83");
    EXPECT_EQ(cost_max(transaction).value(), decimal("1000420000000000000"));
}

/// A sound transaction of each type.
Transaction sound(TransactionType type) {
    Transaction out;
    out.type = type;
    out.chain_id = 1;
    out.max_fee_per_gas = Uint256(2);
    out.max_priority_fee_per_gas = Uint256(type == TransactionType::kLegacy ? 2 : 1);
    out.gas_limit = 21000;
    out.to = Address();
    if (type == TransactionType::kSetCode) {
        out.authorizations = {SignedAuthorization{}};
    }
    return out;
}

constexpr auto kTypes = {TransactionType::kLegacy, TransactionType::kDynamicFee,
                         TransactionType::kSetCode};

TEST(Transaction, fields_that_break_a_rule_are_refused) {
    for (const auto type : kTypes) {
        EXPECT_OK(check_transaction(sound(type)));
        const auto refused = [&](auto change) {
            Transaction bad = sound(type);
            change(bad);
            EXPECT_ERROR(ErrorCode::kInvalidTransaction, check_transaction(bad));
            EXPECT_ERROR(ErrorCode::kInvalidTransaction, signing_hash(bad));
        };
        refused([](Transaction& t) { t.chain_id = 0; });
        refused([](Transaction& t) { t.nonce = std::numeric_limits<std::uint64_t>::max(); });
        refused([](Transaction& t) { t.max_priority_fee_per_gas = Uint256(3); });
        refused([](Transaction& t) { t.max_fee_per_gas = Uint256::max(); });
        refused([](Transaction& t) { t.value = Uint256::max(); });
        refused([](Transaction& t) { t.type = static_cast<TransactionType>(1); });
        if (type == TransactionType::kSetCode) {
            refused([](Transaction& t) { t.to.reset(); });
            refused([](Transaction& t) { t.authorizations.clear(); });
        } else {
            refused([](Transaction& t) { t.authorizations.emplace_back(); });
        }
        if (type == TransactionType::kLegacy) {
            refused([](Transaction& t) { t.access_list.emplace_back(); });
            refused([](Transaction& t) { t.max_priority_fee_per_gas = Uint256(1); });
            refused([](Transaction& t) { t.chain_id = ~std::uint64_t{0} / 2; });
        }
    }
}

/// The raw bytes of a sound transaction with one field changed and everything else as it was.
Bytes with_field(TransactionType type, std::size_t field, Item item) {
    const auto key = key_of("0x" + std::string(64, '1'));
    const Bytes raw = SignedTransaction::sign(sound(type), key)->raw();
    const bool is_typed = type != TransactionType::kLegacy;
    auto items = rlp::decode(ByteView(raw).subspan(is_typed ? 1 : 0))->items();
    if (field < items.size()) {
        items[field] = std::move(item);
    } else {
        items.push_back(std::move(item));
    }
    Bytes out(raw.begin(), raw.begin() + (is_typed ? 1 : 0));
    core::append(out, rlp::encode(Item::list(std::move(items))));
    return out;
}

Item integer(std::uint64_t value) {
    return Item::number(Uint256(value));
}

TEST(Transaction, raw_bytes_of_another_form_are_refused) {
    struct Case {
        TransactionType type;
        std::size_t field;
        Item item;
        ErrorCode error;
    };
    constexpr auto kFee = TransactionType::kDynamicFee;
    constexpr auto kLegacy = TransactionType::kLegacy;
    constexpr auto kCode = TransactionType::kSetCode;
    const Item nine_bytes = Item::bytes(Bytes(9, 1));
    const Item order =
        Item::bytes(hex("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"));
    const Item high_s =
        Item::bytes(hex("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140"));
    const Item bad_authorization = Item::list({Item::list({integer(1)})});
    for (const Case& one : {
             Case{kFee, 0, nine_bytes, ErrorCode::kOutOfRange},
             Case{kFee, 0, integer(0), ErrorCode::kInvalidTransaction},
             Case{kFee, 1, Item::bytes(Bytes{0}), ErrorCode::kNonCanonical},
             Case{kFee, 2, integer(3), ErrorCode::kInvalidTransaction},
             Case{kFee, 5, Item::bytes(Bytes(19)), ErrorCode::kInvalidLength},
             Case{kFee, 5, Item::list({}), ErrorCode::kInvalidLength},
             Case{kFee, 6, Item::bytes(Bytes(33, 1)), ErrorCode::kInvalidLength},
             Case{kFee, 7, Item::list({}), ErrorCode::kInvalidLength},
             Case{kFee, 8, Item::bytes({}), ErrorCode::kInvalidLength},
             Case{kFee, 8, Item::list({integer(1)}), ErrorCode::kInvalidLength},
             Case{kFee, 9, integer(2), ErrorCode::kOutOfRange},
             Case{kFee, 10, integer(0), ErrorCode::kMalformedSignature},
             Case{kFee, 10, order, ErrorCode::kMalformedSignature},
             Case{kFee, 11, integer(0), ErrorCode::kMalformedSignature},
             Case{kFee, 11, high_s, ErrorCode::kSignatureNotLowS},
             Case{kFee, 12, integer(1), ErrorCode::kInvalidLength},
             Case{kLegacy, 6, integer(27), ErrorCode::kUnsupported},
             Case{kLegacy, 6, integer(35), ErrorCode::kInvalidTransaction},
             Case{kLegacy, 8, high_s, ErrorCode::kSignatureNotLowS},
             Case{kLegacy, 9, integer(1), ErrorCode::kInvalidLength},
             Case{kCode, 5, Item::bytes({}), ErrorCode::kInvalidTransaction},
             Case{kCode, 9, Item::list({}), ErrorCode::kInvalidTransaction},
             Case{kCode, 9, bad_authorization, ErrorCode::kInvalidLength},
             Case{kCode, 13, integer(1), ErrorCode::kInvalidLength},
         }) {
        EXPECT_ERROR(one.error,
                     SignedTransaction::decode(with_field(one.type, one.field, one.item)))
            << static_cast<int>(one.type) << " field " << one.field;
    }
    // Unchanged, the same bytes pass.
    EXPECT_OK(SignedTransaction::decode(with_field(kFee, 0, integer(1))));
}

TEST(Transaction, signatures_made_elsewhere_are_checked) {
    const auto key = key_of("0x" + std::string(64, '4'));
    const Transaction transaction = sound(TransactionType::kDynamicFee);
    const auto signature = key.sign(signing_hash(transaction).value()).value();
    const auto sent = SignedTransaction::assemble(transaction, signature).value();
    EXPECT_EQ(sent.sender(), key.address());
    EXPECT_EQ(sent, SignedTransaction::sign(transaction, key).value());
    auto bad = signature;
    bad.recovery_id += 2;
    EXPECT_ERROR(ErrorCode::kMalformedSignature, SignedTransaction::assemble(transaction, bad));
    bad = signature;
    bad.signature = core::crypto::mirrored(signature.signature);
    EXPECT_ERROR(ErrorCode::kSignatureNotLowS, SignedTransaction::assemble(transaction, bad));
    Transaction unsound = transaction;
    unsound.chain_id = 0;
    EXPECT_ERROR(ErrorCode::kInvalidTransaction, SignedTransaction::assemble(unsound, signature));
}

TEST(Transaction, envelopes_of_other_types_are_refused) {
    EXPECT_ERROR(ErrorCode::kUnexpectedEnd, SignedTransaction::decode({}));
    for (const std::uint8_t type : Bytes{0, 1, 3, 5, 0x7f, 0x80, 0xbf}) {
        EXPECT_ERROR(ErrorCode::kUnsupported, SignedTransaction::decode(Bytes{type, 0xc0}));
    }
    EXPECT_ERROR(ErrorCode::kInvalidLength, SignedTransaction::decode(Bytes{2, 0xc0}));
    EXPECT_ERROR(ErrorCode::kInvalidLength, SignedTransaction::decode(Bytes{0xc0}));
    EXPECT_ERROR(ErrorCode::kUnexpectedEnd, SignedTransaction::decode(Bytes{2}));
    Bytes trailing = with_field(TransactionType::kDynamicFee, 0, integer(1));
    trailing.push_back(0);
    EXPECT_ERROR(ErrorCode::kTrailingBytes, SignedTransaction::decode(trailing));
}

TEST(Transaction, authorizations_need_a_sound_signature_to_name_an_authority) {
    const auto key = key_of("0x" + std::string(64, '2'));
    const auto good = sign_authorization({Uint256(1), Address(), 7}, key).value();
    EXPECT_EQ(recover_authority(good).value(), key.address());
    auto bad = good;
    bad.y_parity = 2;
    EXPECT_ERROR(ErrorCode::kMalformedSignature, recover_authority(bad));
    bad = good;
    bad.r = Uint256();
    EXPECT_ERROR(ErrorCode::kMalformedSignature, recover_authority(bad));
    bad = good;
    bad.s = testing::word(
        "115792089237316195423570985008687907852837564279074904382605163141518161"
        "494336");
    EXPECT_ERROR(ErrorCode::kSignatureNotLowS, recover_authority(bad));
    bad = good;
    bad.authorization.nonce = 8;
    EXPECT_NE(recover_authority(bad), recover_authority(good));
    // A transaction carries authorizations that the chain will skip.
    Transaction transaction = sound(TransactionType::kSetCode);
    bad.y_parity = 255;
    transaction.authorizations = {bad};
    const auto sent = SignedTransaction::sign(transaction, key).value();
    EXPECT_EQ(SignedTransaction::decode(sent.raw())->transaction(), transaction);
}

}  // namespace
}  // namespace latchkey::evm
