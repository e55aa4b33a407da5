// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "chains/solana/client/transaction.hpp"

using namespace latchkey;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

}  // namespace

/// Whatever decodes must encode to the same bytes, and all questions about it must have answers.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const core::ByteView bytes(data, size);
    if (const auto transaction = solana::Transaction::decode(bytes)) {
        require(core::equal(transaction->encode(), bytes));
        require(transaction->size() == size);
        const solana::Message& message = transaction->message();
        require(core::equal(solana::encode_message(message).value(), transaction->message_bytes()));
        require(!message.signers().empty() && message.is_writable(0));
        (void)solana::durable_nonce(message);
        (void)transaction->missing_signers();
        const auto instructions = solana::decompile_instructions(message);
        require(instructions.has_value() || !message.lookups.empty());
    }
    if (const auto message = solana::decode_message(bytes)) {
        require(core::equal(solana::encode_message(*message).value(), bytes));
    }
    return 0;
}
