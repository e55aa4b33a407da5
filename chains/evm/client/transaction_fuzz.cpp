// SPDX-License-Identifier: Apache-2.0
// Covers: chains/evm/client/transaction.cpp chains/evm/client/transaction_codec.cpp
#include "chains/evm/client/transaction.hpp"
#include "chains/evm/client/transaction_codec.hpp"
#include "core/base/fuzz_testing.hpp"

using namespace latchkey;

/// Whatever decodes is sound and encodes to the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const core::ByteView bytes = core::testing::fuzz_input(data, size);
    if (const auto sent = evm::SignedTransaction::decode(bytes)) {
        core::testing::require(core::equal(sent->raw(), bytes));
        core::testing::require(evm::check_transaction(sent->transaction()).has_value());
        for (const auto& authorization : sent->transaction().authorizations) {
            (void)evm::recover_authority(authorization);
        }
    }
    // Signatures are hard to guess; the form alone is not.
    if (const auto parts = evm::transaction_codec::read(bytes)) {
        const auto& transaction = parts->transaction;
        auto fields = evm::transaction_codec::write_fields(transaction);
        std::uint64_t v = parts->y_parity;
        if (transaction.type == evm::TransactionType::kLegacy) {
            v += 35 + 2 * transaction.chain_id;
        }
        fields.push_back(evm::rlp::Item::number(evm::Uint256(v)));
        fields.push_back(evm::rlp::Item::number(parts->r));
        fields.push_back(evm::rlp::Item::number(parts->s));
        const auto again = evm::transaction_codec::envelope(transaction.type, std::move(fields));
        core::testing::require(core::equal(again, bytes));
    }
    return 0;
}
