// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chains/solana/client/account_state.hpp"
#include "chains/solana/client/transaction.hpp"
#include "chains/solana/client/transaction_error.hpp"

/// What Solana RPC nodes answer, in types. Amounts are lamports, times are Unix seconds.
namespace latchkey::solana {

/// How much of the cluster has to agree: seen by one node, voted by two thirds, rooted for ever.
enum class Commitment : std::uint8_t { kProcessed, kConfirmed, kFinalized };

std::string_view to_string(Commitment commitment);

/// A lifetime for new transactions.
struct LatestBlockhash {
    Blockhash blockhash;
    /// A transaction with this blockhash cannot be included above this height any more.
    std::uint64_t last_valid_block_height = 0;
    /// The slot the node was at when it answered.
    std::uint64_t slot = 0;
};

/// An account as it is on chain.
struct AccountInfo {
    std::uint64_t lamports = 0;
    Address owner;
    bool is_executable = false;
    Bytes data;

    friend bool operator==(const AccountInfo&, const AccountInfo&) = default;
};

/// How far a transaction has come, and whether it failed.
struct SignatureStatus {
    std::uint64_t slot = 0;
    Commitment commitment = Commitment::kProcessed;
    std::optional<TransactionError> error;
};

/// What the last program that set return data left.
struct ReturnedData {
    Address program;
    Bytes data;
};

/// What a transaction would do.
struct Simulation {
    std::optional<TransactionError> error;
    std::vector<std::string> logs;
    std::uint64_t compute_units = 0;
    /// Bytes of all loaded accounts, for the loaded-accounts limit; older nodes do not say.
    std::optional<std::uint64_t> loaded_accounts_bytes;
    std::optional<ReturnedData> return_data;
    /// As asked for with SimulateOptions::accounts, after the transaction.
    std::vector<std::optional<AccountInfo>> accounts;
    std::uint64_t slot = 0;
};

/// A token account and where it is.
struct TokenAccount {
    Address address;
    Address token_program;
    TokenAccountState state;
};

/// A transaction in the history of an address.
struct SignatureInfo {
    Signature signature;
    std::uint64_t slot = 0;
    std::optional<TransactionError> error;
    std::optional<std::string> memo;
    std::optional<std::int64_t> block_time;
    std::optional<Commitment> commitment;
};

/// A call that a program made.
struct InnerInstruction {
    /// The transaction's own instruction that led to it.
    std::size_t outer_index = 0;
    /// Indexes count all addresses, as in ExecutedTransaction::balances_before.
    CompiledInstruction instruction;
};

/// A transaction in a block and what it did.
struct ExecutedTransaction {
    Transaction transaction;
    std::uint64_t slot = 0;
    std::optional<std::int64_t> block_time;
    std::optional<TransactionError> error;
    std::uint64_t fee = 0;
    std::optional<std::uint64_t> compute_units;
    std::vector<std::string> logs;
    /// By index of all addresses: static, then loaded writable, then loaded read-only ones.
    std::vector<std::uint64_t> balances_before;
    std::vector<std::uint64_t> balances_after;
    std::vector<Address> loaded_writable;
    std::vector<Address> loaded_readonly;
    std::optional<ReturnedData> return_data;
    /// In the order in which they ran; empty when the node does not say.
    std::vector<InnerInstruction> inner;
};

/// Lamports that a byte of an account may cost; clusters ask 6,960 and less. A node that asks more
/// is not believed, so that it cannot make a fee payer give away lamports as rent.
inline constexpr std::uint64_t kRentPerByteMax = 20'000;

/// What was paid in a recent slot to be included.
struct PrioritizationFee {
    std::uint64_t slot = 0;
    /// Micro-lamports for each compute unit that was enough in this slot.
    std::uint64_t micro_lamports_per_unit = 0;
};

/// Why a transaction was not accepted, simulated or confirmed.
struct SendError {
    core::Error error;
    /// There when the runtime itself said no.
    std::optional<TransactionError> transaction_error;
    /// Of the preflight simulation.
    std::vector<std::string> logs;
};

template <typename T>
using SendResult = tl::expected<T, SendError>;

}  // namespace latchkey::solana
