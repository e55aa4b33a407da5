// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/evm/client/rlp.hpp"
#include "chains/evm/client/transaction.hpp"

/// The fields of transactions as RLP. Inside this library only.
namespace latchkey::evm::transaction_codec {

/// In the order of the type's EIP, without the signature.
std::vector<rlp::Item> write_fields(const Transaction& transaction);
rlp::Item write_authorization(const Authorization& authorization);
/// The type's byte in front of the list, if it has one.
Bytes envelope(TransactionType type, std::vector<rlp::Item> fields);

/// What stands in a raw transaction.
struct RawTransaction {
    Transaction transaction;
    std::uint8_t y_parity = 0;
    Uint256 r;
    Uint256 s;
};
/// Only the form; see SignedTransaction::decode for the errors.
Result<RawTransaction> read(ByteView raw);

}  // namespace latchkey::evm::transaction_codec
