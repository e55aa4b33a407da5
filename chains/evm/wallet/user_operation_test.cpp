// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/user_operation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "chains/evm/wallet/cases_testing.hpp"
#include "core/base/result_testing.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::evm::wallet {
namespace {

using namespace testing;
using core::ErrorCode;
using core::testing::filled;

constexpr EntryPointVersion kAll[] = {EntryPointVersion::k07, EntryPointVersion::k08,
                                      EntryPointVersion::k09};

EntryPointVersion version_in(const json::value& one) {
    return kAll[text(one.at("version")).back() - '7'];
}

Paymaster paymaster_in(const json::object& fields) {
    Paymaster out;
    out.address = fixed<Address>(fields.at("paymaster"));
    out.verification_gas = amount(fields.at("paymasterVerificationGasLimit"));
    out.post_operation_gas = amount(fields.at("paymasterPostOpGasLimit"));
    out.data = bytes(fields.at("paymasterData"));
    if (const json::value* signature = fields.if_contains("paymasterSignature")) {
        out.signature = bytes(*signature);
    }
    return out;
}

UserOperation operation_in(const json::object& fields) {
    UserOperation out;
    out.sender = fixed<Address>(fields.at("sender"));
    out.nonce = amount(fields.at("nonce"));
    if (const json::value* delegation = fields.if_contains("authorization")) {
        out.origin =
            Delegation{fixed<Address>(delegation->at("address")), bytes(fields.at("factoryData"))};
    } else if (const json::value* factory = fields.if_contains("factory")) {
        out.origin = AccountFactory{fixed<Address>(*factory), bytes(fields.at("factoryData"))};
    }
    out.call_data = bytes(fields.at("callData"));
    out.verification_gas = amount(fields.at("verificationGasLimit"));
    out.call_gas = amount(fields.at("callGasLimit"));
    out.pre_verification_gas = amount(fields.at("preVerificationGas"));
    out.priority_fee_per_gas = amount(fields.at("maxPriorityFeePerGas"));
    out.fee_per_gas_max = amount(fields.at("maxFeePerGas"));
    if (fields.contains("paymaster")) {
        out.paymaster = paymaster_in(fields);
    }
    out.signature = bytes(fields.at("signature"));
    return out;
}

TEST(UserOperations, ArePackedAndHashedAsViemDoes) {
    const std::uint64_t chain = number(cases().at("chain"));
    for (const json::value& one : cases().at("user_operations").as_array()) {
        const EntryPointVersion version = version_in(one);
        const UserOperation operation = operation_in(one.at("operation").as_object());
        const auto packed = pack(operation, version);
        ASSERT_OK(packed);
        const json::value& expected = one.at("packed");
        EXPECT_EQ(*packed,
                  (PackedUserOperation{
                      operation.sender, operation.nonce, bytes(expected.at("initCode")),
                      operation.call_data, fixed<Hash32>(expected.at("accountGasLimits")),
                      operation.pre_verification_gas, fixed<Hash32>(expected.at("gasFees")),
                      bytes(expected.at("paymasterAndData")), operation.signature}));
        const auto entry_point = fixed<Address>(one.at("entryPoint"));
        EXPECT_EQ(entry_point_address(version), entry_point);
        EXPECT_EQ(user_operation_hash(operation, version, entry_point, chain).value(),
                  fixed<Hash32>(one.at("hash")))
            << text(one.at("version"));
        const std::vector<PackedUserOperation> both = {*packed, *packed};
        EXPECT_EQ(handle_operations_calldata(both, fixed<Address>(one.at("beneficiary"))),
                  bytes(one.at("calldata")));
    }
}

Hash32 hash_of(const UserOperation& operation, EntryPointVersion version) {
    return user_operation_hash(operation, version, entry_point_address(version), 1).value();
}

/// All but the signatures.
TEST(UserOperations, EveryMemberIsHashed) {
    const Uint256 high = Uint256(7);
    UserOperation base;
    base.origin = AccountFactory{filled<Address>(1), {1}};
    base.paymaster = Paymaster{filled<Address>(2), {}, {}, {2}, {}};
    for (const EntryPointVersion version : kAll) {
        const std::vector<std::function<void(UserOperation&)>> changes = {
            [](UserOperation& one) { one.sender[0] = 1; },
            [](UserOperation& one) { one.nonce = Uint256(1); },
            [](UserOperation& one) { one.origin = {}; },
            [](UserOperation& one) { std::get<AccountFactory>(one.origin).data = {2}; },
            [](UserOperation& one) { one.call_data = {1}; },
            [&](UserOperation& one) { one.verification_gas = high; },
            [&](UserOperation& one) { one.call_gas = high; },
            [&](UserOperation& one) { one.pre_verification_gas = high; },
            [&](UserOperation& one) { one.priority_fee_per_gas = high; },
            [&](UserOperation& one) { one.fee_per_gas_max = high; },
            [](UserOperation& one) { one.paymaster = {}; },
            [](UserOperation& one) { one.paymaster->address[3] = 1; },
            [&](UserOperation& one) { one.paymaster->verification_gas = high; },
            [&](UserOperation& one) { one.paymaster->post_operation_gas = high; },
            [](UserOperation& one) { one.paymaster->data = {3}; }};
        std::vector<Hash32> seen = {hash_of(base, version)};
        for (const auto& change : changes) {
            UserOperation one = base;
            change(one);
            seen.push_back(hash_of(one, version));
        }
        seen.push_back(user_operation_hash(base, version, entry_point_address(version), 2).value());
        seen.push_back(user_operation_hash(base, version, Address(), 1).value());
        std::sort(seen.begin(), seen.end());
        EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
        UserOperation signed_one = base;
        signed_one.signature = {1, 2, 3};
        EXPECT_EQ(hash_of(signed_one, version), hash_of(base, version));
    }
    UserOperation signed_apart = base;
    signed_apart.paymaster->signature = {1};
    const Hash32 hash = hash_of(signed_apart, EntryPointVersion::k09);
    EXPECT_NE(hash, hash_of(base, EntryPointVersion::k09));
    signed_apart.paymaster->signature = {2, 3};
    EXPECT_EQ(hash_of(signed_apart, EntryPointVersion::k09), hash);
}

TEST(UserOperations, WhatAnEntryPointWouldReadOtherwiseIsRefused) {
    const auto refused = [](ErrorCode code, const UserOperation& operation,
                            EntryPointVersion version = EntryPointVersion::k09) {
        EXPECT_ERROR(code, pack(operation, version));
        EXPECT_ERROR(code, user_operation_hash(operation, version, Address(), 1));
    };
    UserOperation base;
    base.paymaster = Paymaster{filled<Address>(2), {}, {}, {}, {}};
    // 2^128, and what is just below.
    Hash32 word;
    word[15] = 1;
    const Uint256 much = Uint256::from_word(word);
    const Uint256 most = subtract(much, Uint256(1)).value();
    const std::vector<Uint256 UserOperation::*> halves = {
        &UserOperation::verification_gas, &UserOperation::call_gas,
        &UserOperation::priority_fee_per_gas, &UserOperation::fee_per_gas_max};
    for (const auto half : halves) {
        UserOperation one = base;
        one.*half = most;
        ASSERT_OK(pack(one, EntryPointVersion::k07));
        one.*half = much;
        refused(ErrorCode::kOutOfRange, one);
    }
    for (const auto half : {&Paymaster::verification_gas, &Paymaster::post_operation_gas}) {
        UserOperation one = base;
        (*one.paymaster).*half = most;
        ASSERT_OK(pack(one, EntryPointVersion::k07));
        (*one.paymaster).*half = much;
        refused(ErrorCode::kOutOfRange, one);
    }
    UserOperation one = base;
    one.paymaster->address = Address();
    refused(ErrorCode::kInvalidArgument, one);
    one = base;
    one.paymaster->signature = Bytes(0xffff);
    ASSERT_OK(pack(one, EntryPointVersion::k09));
    refused(ErrorCode::kInvalidArgument, one, EntryPointVersion::k08);
    one.paymaster->signature.push_back(0);
    refused(ErrorCode::kInputTooLong, one);
    // keccak("PaymasterSignature")[:8] at the end of what is none.
    one = base;
    one.paymaster->data = {0x00, 0x01, 0x22, 0xe3, 0x25, 0xa2, 0x97, 0x43, 0x96, 0x56};
    ASSERT_OK(pack(one, EntryPointVersion::k08));
    refused(ErrorCode::kInvalidArgument, one);
    one = base;
    one.origin = Delegation{filled<Address>(3), {}};
    ASSERT_OK(pack(one, EntryPointVersion::k08));
    refused(ErrorCode::kInvalidArgument, one, EntryPointVersion::k07);
    AccountFactory marker;
    marker.factory[0] = 0x77;
    marker.factory[1] = 0x02;
    one.origin = marker;
    refused(ErrorCode::kInvalidArgument, one);
}

}  // namespace
}  // namespace latchkey::evm::wallet
