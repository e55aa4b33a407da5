// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "chains/solana/client/transaction.hpp"

namespace latchkey::solana {

/// Why the runtime refused or failed a transaction, as RPC nodes report it
/// (solana-transaction-error and solana-instruction-error). Names unknown to this version are kept
/// as they came.
struct TransactionError {
    /// For example "BlockhashNotFound"; "InstructionError" when an instruction failed.
    std::string name;
    /// The position of the failed (or, for "DuplicateInstruction", repeated) instruction.
    std::optional<std::uint8_t> instruction_index;
    /// For example "InsufficientFunds", or "Custom" when the program has its own number.
    std::string instruction_error;
    std::optional<std::uint32_t> custom_code;
    /// For example the account that would be left without its rent.
    std::optional<std::uint8_t> account_index;

    friend bool operator==(const TransactionError&, const TransactionError&) = default;
};

/// What a program means by one of its numbers; nothing if it is not known.
using CustomErrorText =
    std::function<std::optional<std::string>(const Address& program, std::uint32_t code)>;

/// Reads the "err" member of RPC answers; null is no error. Error: kRpcMalformed.
Result<std::optional<TransactionError>> decode_transaction_error(const boost::json::value& value);

/// System, the token programs, ATA and the signature precompiles.
std::optional<std::string> known_custom_error(const Address& program, std::uint32_t code);

/// One sentence for people that says what to do where that is known. With the message it names the
/// failed program; `more` is asked before known_custom_error.
std::string explain(const TransactionError& error, const Message* message = nullptr,
                    const CustomErrorText& more = {});

/// "the System program", "the Token program", ... or the address.
std::string program_name(const Address& program);

}  // namespace latchkey::solana
