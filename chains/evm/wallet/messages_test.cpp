// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/messages.hpp"

#include <gtest/gtest.h>

#include "chains/evm/wallet/cases_testing.hpp"
#include "chains/evm/wallet/long_form.hpp"
#include "core/base/result_testing.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::evm::wallet {
namespace {

using namespace testing;
using core::ErrorCode;
using core::testing::filled;

TypedDataSign form_in(const json::value& one) {
    return {fixed<Hash32>(one.at("domain")), fixed<Hash32>(one.at("contents")),
            std::string(text(one.at("description")))};
}

MessageSignature signature_of(std::size_t form) {
    MessageSignature out;
    out.authority.source = GenesisSource{Bytes{1, 2, 3}};
    if (form == 1) {
        out.form = PersonalSign();
    } else if (form == 2) {
        out.form = TypedDataSign{filled<Hash32>(1), filled<Hash32>(2), "Mail(string text)"};
    }
    return out;
}

TEST(Messages, OfATextAreThoseOfViem) {
    const std::uint64_t chain = number(cases().at("chain"));
    for (const json::value& one : cases().at("personal_messages").as_array()) {
        const Hash32 hash = personal_message_hash(core::as_bytes(text(one.at("text"))));
        EXPECT_EQ(hash, fixed<Hash32>(one.at("hash")));
        const auto wallet = fixed<Address>(one.at("wallet"));
        EXPECT_EQ(personal_sign_digest(chain, wallet, hash), fixed<core::Digest>(one.at("digest")));
    }
}

TEST(Messages, OfTypedDataAreThoseOfViem) {
    const std::uint64_t chain = number(cases().at("chain"));
    for (const json::value& one : cases().at("typed_messages").as_array()) {
        const TypedDataSign form = form_in(one);
        EXPECT_EQ(typed_data_hash(form.domain, form.contents), fixed<Hash32>(one.at("hash")));
        const auto digest = typed_data_sign_digest(chain, fixed<Address>(one.at("wallet")), form);
        ASSERT_OK(digest);
        EXPECT_EQ(*digest, fixed<core::Digest>(one.at("digest"))) << form.description;
        EXPECT_EQ(typed_data_suffix(form).value(), bytes(one.at("suffix")));
    }
}

/// The tables of the contract's tests (Standards.t.sol), with OpenZeppelin's names.
TEST(Messages, DescriptionsAreTakenApart) {
    const std::vector<std::pair<std::string, ContentsType>> good = {
        {"Permit(address owner,uint256 value)", {"Permit", "Permit(address owner,uint256 value)"}},
        {"Order(Leg leg)Leg(uint256 amount)", {"Order", "Order(Leg leg)Leg(uint256 amount)"}},
        {"Leg(uint256 amount)Order(Leg leg)Order", {"Order", "Leg(uint256 amount)Order(Leg leg)"}},
        {"_a(uint256 b)", {"_a", "_a(uint256 b)"}},
        {"\xc3\x84(uint256 b)", {"\xc3\x84", "\xc3\x84(uint256 b)"}}};
    for (const auto& [description, expected] : good) {
        const auto parsed = parse_contents_description(description);
        ASSERT_OK(parsed);
        EXPECT_EQ(*parsed, expected) << description;
    }
    using namespace std::string_literals;
    for (const std::string& bad :
         {""s, "permit(address owner)"s, "zed(address owner)"s, "Per mit(address owner)"s,
          "Per,mit(address owner)"s, "Per\0mit(address owner)"s, "(address owner)"s,
          "NoParenthesis"s, ")"s, "Per)"s, "A(uint256 b)Per mit"s, "A(uint256 b)Per,mit"s,
          "A(uint256 b)Per(mit"s, "A(uint256 b)per"s, "A(uint256 b)P\0"s}) {
        EXPECT_ERROR(ErrorCode::kInvalidTypedData, parse_contents_description(bad)) << bad;
        TypedDataSign form;
        form.description = bad;
        EXPECT_ERROR(ErrorCode::kInvalidTypedData, typed_data_suffix(form));
        EXPECT_ERROR(ErrorCode::kInvalidTypedData, typed_data_sign_digest(1, Address(), form));
        MessageSignature signature;
        signature.authority.source = GenesisSource{Bytes{0x10, 0x00, 0x02}};
        core::append(std::get<GenesisSource>(signature.authority.source).genesis, Bytes(20, 5));
        signature.form = form;
        EXPECT_ERROR(ErrorCode::kInvalidTypedData, encode_signature(signature));
    }
    TypedDataSign form;
    form.description = "A(" + std::string(0xffff - 3, 'x') + ")";
    ASSERT_OK(typed_data_suffix(form));
    form.description.insert(2, "x");
    EXPECT_ERROR(ErrorCode::kInputTooLong, typed_data_suffix(form));
    EXPECT_ERROR(ErrorCode::kInputTooLong, typed_data_sign_digest(1, Address(), form));
}

TEST(Messages, EachFormHasItsDigest) {
    Scene scene;
    scene.chain = 5;
    scene.wallet = filled<Address>(7);
    scene.wallet_id = filled<core::WalletId>(8);
    const auto hash = filled<Hash32>(9);
    const Binding binding{5, scene.wallet, Hash32(scene.wallet_id.array()), 0};
    const core::Leaf leaf = leaf_of(MessageLeaf{binding, hash}).value();
    MessageSignature plain = signature_of(0);
    EXPECT_EQ(message_digest(plain, hash, scene).value(), core::digest_of(leaf));
    const std::vector<core::Leaf> leaves = {leaf, core::Leaf(hash.array())};
    const auto tree = core::ApprovalTree::build(leaves).value();
    plain.approvals.tree = tree.proof(0).value();
    EXPECT_EQ(message_digest(plain, hash, scene).value(), tree.digest());
    plain.approvals.tree->height = 0;
    EXPECT_ERROR(ErrorCode::kRefusedByModel, message_digest(plain, hash, scene));
    plain.authority.recovery_part = Bytes{1};
    EXPECT_ERROR(ErrorCode::kUnexpectedEnd, message_digest(plain, hash, scene));

    MessageSignature personal = signature_of(1);
    EXPECT_EQ(message_digest(personal, hash, scene).value(),
              personal_sign_digest(5, scene.wallet, hash));

    MessageSignature typed = signature_of(2);
    const auto& form = std::get<TypedDataSign>(typed.form);
    const Hash32 asked = typed_data_hash(form.domain, form.contents);
    EXPECT_EQ(message_digest(typed, asked, scene).value(),
              typed_data_sign_digest(5, scene.wallet, form).value());
    EXPECT_ERROR(ErrorCode::kInvalidArgument, message_digest(typed, hash, scene));

    for (MessageSignature* const one : {&personal, &typed}) {
        one->approvals.tree = tree.proof(0).value();
        EXPECT_ERROR(ErrorCode::kInvalidArgument, message_digest(*one, asked, scene));
    }
}

}  // namespace
}  // namespace latchkey::evm::wallet
