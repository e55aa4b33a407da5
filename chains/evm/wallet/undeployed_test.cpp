// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/undeployed.hpp"

#include <gtest/gtest.h>

#include "chains/evm/client/abi.hpp"
#include "chains/evm/wallet/cases_testing.hpp"
#include "core/base/result_testing.hpp"

namespace latchkey::evm::wallet {
namespace {

using namespace testing;
using core::ErrorCode;

TEST(UndeployedSignatures, AreWrappedAsViemDoes) {
    for (const json::value& one : cases().at("undeployed").as_array()) {
        const UndeployedSignature signature{fixed<Address>(one.at("factory")),
                                            fixed<core::WalletId>(one.at("walletId")),
                                            bytes(one.at("signature"))};
        const Bytes wrapped = bytes(one.at("wrapped"));
        EXPECT_EQ(wrap_signature(signature), wrapped);
        EXPECT_TRUE(is_wrapped(wrapped));
        EXPECT_FALSE(is_wrapped(signature.signature));
        EXPECT_EQ(unwrap_signature(wrapped).value(), signature);
    }
}

TEST(UndeployedSignatures, AreRefusedIfTheyAreOthers) {
    const Bytes wrapped = wrap_signature({{}, {}, {1, 2, 3}});
    EXPECT_ERROR(ErrorCode::kInvalidArgument, unwrap_signature(Bytes()));
    EXPECT_ERROR(ErrorCode::kInvalidArgument, unwrap_signature(Bytes(64)));
    EXPECT_ERROR(ErrorCode::kInvalidArgument,
                 unwrap_signature(ByteView(wrapped).first(wrapped.size() - 1)));
    const ByteView magic = ByteView(wrapped).last(32);
    EXPECT_TRUE(is_wrapped(magic));
    EXPECT_ERROR(ErrorCode::kUnexpectedEnd, unwrap_signature(magic));
    EXPECT_ERROR(ErrorCode::kNonCanonical, unwrap_signature(ByteView(wrapped).subspan(32)));
    // Made by somebody else's factory.
    const std::vector<abi::Type> types = {abi::parse_type("address").value(),
                                          abi::parse_type("bytes").value(),
                                          abi::parse_type("bytes").value()};
    const abi::Values values{Address(), Bytes(33), Bytes()};
    const Bytes other = core::concat(abi::encode(types, values).value(), magic);
    EXPECT_ERROR(ErrorCode::kInvalidLength, unwrap_signature(other));
}

}  // namespace
}  // namespace latchkey::evm::wallet
