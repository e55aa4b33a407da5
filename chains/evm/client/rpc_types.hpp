// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "chains/evm/client/transaction.hpp"

// What EVM nodes are asked and answer; the fields are those of the execution API specification.
namespace latchkey::evm {

enum class BlockTag : std::uint8_t {
    kEarliest,
    kFinalized,
    kSafe,
    kLatest,
    /// The latest block and what waits in the node's pool.
    kPending,
};

/// A state of the chain: by name, by number or, firm against reorganizations, by the block's hash
/// (EIP-1898).
using BlockId = std::variant<BlockTag, std::uint64_t, Hash32>;

/// A block's header.
struct Block {
    std::uint64_t number = 0;
    Hash32 hash;
    Hash32 parent_hash;
    /// Unix seconds.
    std::uint64_t timestamp = 0;
    std::uint64_t gas_limit = 0;
    std::uint64_t gas_used = 0;
    /// Wei for each unit of gas; absent before EIP-1559.
    std::optional<Uint256> base_fee_per_gas;

    friend bool operator==(const Block&, const Block&) = default;
};

/// What was paid in successive blocks, in wei for each unit of gas.
struct FeeHistory {
    std::uint64_t oldest_block = 0;
    /// One more than there are blocks: the last is the next block's.
    std::vector<Uint256> base_fees;
    /// Used gas as a part of the limit, 0 to 1.
    std::vector<double> gas_used_ratios;
    /// For each block, the priority fee at each percentile asked for.
    std::vector<std::vector<Uint256>> priority_fees;
};

/// An event that a contract emitted.
struct Log {
    Address address;
    /// At most four; the first is usually the hash of the event's signature.
    std::vector<Hash32> topics;
    Bytes data;
    std::uint64_t block_number = 0;
    Hash32 block_hash;
    Hash32 transaction_hash;
    std::uint64_t transaction_index = 0;
    std::uint64_t log_index = 0;
    /// A reorganization took it out of the chain again.
    bool is_removed = false;

    friend bool operator==(const Log&, const Log&) = default;
};

/// What became of a transaction that is in a block.
struct Receipt {
    Hash32 transaction_hash;
    std::uint64_t transaction_index = 0;
    std::uint64_t block_number = 0;
    Hash32 block_hash;
    Address from;
    std::optional<Address> to;
    /// The contract that it made.
    std::optional<Address> contract_address;
    /// False: it reverted, and its fee is paid all the same.
    bool has_succeeded = false;
    std::uint64_t gas_used = 0;
    /// Wei for each unit of gas.
    std::optional<Uint256> effective_gas_price;
    /// Wei, paid on top by rollups of the OP Stack.
    std::optional<Uint256> l1_fee;
    std::vector<Log> logs;

    friend bool operator==(const Receipt&, const Receipt&) = default;
};

/// A transaction as a node knows it.
struct TransactionInfo {
    Hash32 hash;
    Address from;
    std::optional<Address> to;
    std::uint64_t nonce = 0;
    Uint256 value;
    Bytes data;
    std::uint64_t gas_limit = 0;
    /// The transaction's type, also those this library cannot send.
    std::uint64_t type = 0;
    /// Absent while it waits.
    std::optional<std::uint64_t> block_number;
    std::optional<Hash32> block_hash;

    friend bool operator==(const TransactionInfo&, const TransactionInfo&) = default;
};

/// A call that is only simulated.
struct CallRequest {
    std::optional<Address> from;
    /// Absent: `data` makes a contract.
    std::optional<Address> to;
    Uint256 value;
    Bytes data;
    std::optional<std::uint64_t> gas_limit;
    std::optional<Uint256> max_fee_per_gas;
    std::optional<Uint256> max_priority_fee_per_gas;
    /// As of a transaction of type 4.
    std::vector<SignedAuthorization> authorizations;

    /// What a transaction would do; its gas limit is left to the node.
    static CallRequest of(const Transaction& transaction, const Address& sender);
};

/// What a simulated call returned.
struct CallOutcome {
    bool is_reverted = false;
    /// The result, or why it reverted; see abi::explain_revert.
    Bytes data;

    friend bool operator==(const CallOutcome&, const CallOutcome&) = default;
};

/// Which logs. Nodes limit the number of blocks or results, each in its own way.
struct LogFilter {
    BlockId from = BlockTag::kLatest;
    BlockId to = BlockTag::kLatest;
    /// Any of them; empty is every contract.
    std::vector<Address> addresses;
    /// For each place any of the topics; an empty place is every topic.
    std::vector<std::vector<Hash32>> topics;
};

/// How a transaction stands, asked of one node in one request.
struct TransactionStanding {
    /// The latest block's number.
    std::uint64_t head = 0;
    /// The account's next nonce in that block.
    std::uint64_t next_nonce = 0;
    /// One for each hash asked for.
    std::vector<std::optional<Receipt>> receipts;
    /// Whether the node has the last of the hashes, in its pool or in the chain.
    bool is_known = false;
};

}  // namespace latchkey::evm
