// SPDX-License-Identifier: Apache-2.0
#include "cli/evm/request_file.hpp"

#include <gtest/gtest.h>

#include "chains/evm/wallet/release.hpp"
#include "cli/local_chain.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::cli::on_evm {
namespace {

ApprovalRequest payment(std::uint64_t chain) {
    core::Configuration configuration;
    configuration.signers = {core::Signer::p256(core::testing::p256_key(2))};
    core::Rule rule;
    rule.actions = core::kActionExecute | core::kActionPolicy;
    rule.mask = 1;
    configuration.rules = {rule};
    const core::Bytes shared = core::encode_unchecked(configuration);
    const auto made =
        solana::WalletHandle::create(configuration, {kLocalProgram, local_cluster()}).value();
    const auto handle =
        wallet::WalletHandle::from_genesis(
            made.genesis(), wallet::released_deployment(solana::to_hash(kLocalProgram)), chain)
            .value();
    wallet::Call call;
    call.to = evm::parse_address("0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045").value();
    call.value = evm::Uint256(1000);
    auto plan = wallet::plan_action(wallet::in_genesis(handle), {},
                                    wallet::Body(wallet::Execute{{call}, {}}));
    return {"local", handle, plan.value(), {{"example.com"}}};
}

bool is_read(const json::object& value) {
    return decode_request(value, "it").has_value();
}

TEST(EvmRequestFile, comes_back_as_it_was) {
    const ApprovalRequest request = payment(31337);
    const json::object value = encode_request(request).value();
    EXPECT_TRUE(is_request(value));
    const auto again = decode_request(value, "it");
    ASSERT_TRUE(again) << again.error().to_string();
    EXPECT_EQ(again->digest(), request.digest());
    EXPECT_EQ(again->description(), request.description());
    EXPECT_EQ(again->names.relying_parties, request.names.relying_parties);
    EXPECT_EQ(encode_request(*again).value(), value);
}

TEST(EvmRequestFile, no_member_can_be_changed_or_left_out) {
    const json::object value = encode_request(payment(31337)).value();
    for (const auto& member : value) {
        const std::string name(member.key());
        json::object without = value;
        without.erase(name);
        if (name == "description") {
            EXPECT_TRUE(is_read(without));
            continue;
        }
        if (name != "format") {
            EXPECT_FALSE(is_read(without)) << name;
        }
        for (const json::value& other :
             {json::value(nullptr), json::value(-1), json::value(1.5), json::value(true),
              json::value(""), json::value("0"), json::value("zz"), json::value(json::object())}) {
            json::object changed = value;
            changed[name] = other;
            // A text is a chain's name, which is not what is signed and not what is shown.
            if (name != "format" && !(name == "chain" && other.is_string())) {
                EXPECT_FALSE(is_read(changed)) << name << other;
            }
        }
    }
    EXPECT_FALSE(is_read({}));
}

TEST(EvmRequestFile, no_byte_of_what_is_signed_can_be_changed) {
    const json::object value = encode_request(payment(31337)).value();
    for (const char* name : {"program", "genesis", "action", "digest"}) {
        const core::Bytes bytes = core::decode_hex(std::string(value.at(name).as_string())).value();
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            core::Bytes changed = bytes;
            changed[i] ^= 1U;
            json::object other = value;
            other[name] = core::encode_hex(changed);
            EXPECT_FALSE(is_read(other)) << name << " byte " << i;
            changed.resize(i);
            other[name] = core::encode_hex(changed);
            EXPECT_FALSE(is_read(other)) << name << " cut at " << i;
        }
    }
    json::object other = value;
    other["chain_id"] = 31338;
    EXPECT_FALSE(is_read(other));
    other = value;
    other["sequence"] = 1;
    EXPECT_FALSE(is_read(other));
}

TEST(EvmRequestFile, a_known_chain_keeps_its_name) {
    json::object value = encode_request(payment(31337)).value();
    value["chain"] = "ethereum";
    const auto known = decode_request(value, "it");
    ASSERT_TRUE(known);
    EXPECT_EQ(known->chain, "local");
    value = encode_request(payment(424242)).value();
    EXPECT_FALSE(is_read(value));
    value["chain"] = "mine\x1b[2J";
    const auto own = decode_request(value, "it");
    ASSERT_TRUE(own);
    EXPECT_EQ(own->chain, "mine\\x1b[2J");
}

}  // namespace
}  // namespace latchkey::cli::on_evm
