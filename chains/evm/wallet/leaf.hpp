// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "chains/evm/client/typed_data.hpp"
#include "core/wallet/tree.hpp"

/// What is signed on EVM chains (docs/spec/evm.md, section 7): typed data (EIP-712), which wallets
/// show field by field.
namespace latchkey::evm::wallet {

/// The name of a local rule in leaves.
inline constexpr std::uint8_t kLocalRule = 0x40;
/// No deadline.
inline constexpr std::uint64_t kNoDeadline = (std::uint64_t{1} << 40) - 1;

/// One call of another contract, or a payment.
struct Call {
    Address to{};
    /// Wei.
    Uint256 value{};
    Bytes data{};

    friend bool operator==(const Call&, const Call&) = default;
};

/// Which rule of which wallet approves.
struct Binding {
    /// EIP-155.
    std::uint64_t chain = 0;
    Address wallet{};
    /// configId; localRuleId under a local rule.
    Hash32 configuration{};
    /// 0 to 15, or kLocalRule.
    std::uint8_t rule = 0;
};

/// What holds an approval to one use.
struct Occasion {
    /// 0, or the key of another lane.
    std::uint64_t lane = 0;
    std::uint64_t sequence = 0;
    /// Unix seconds, inclusive; below 2^40.
    std::uint64_t deadline = kNoDeadline;
    /// Who must submit it; zero: anybody.
    Address executor{};
};

/// `gas`: what must be left before the first call.
struct ExecuteLeaf {
    Binding binding{};
    Occasion occasion{};
    std::vector<Call> calls{};
    std::optional<std::uint32_t> gas{};
};
/// A session.
struct GrantLeaf {
    Binding binding{};
    Occasion occasion{};
    Bytes local_rule{};
};
/// The end of a session.
struct RevokeLeaf {
    Binding binding{};
    Occasion occasion{};
    core::LocalRuleId local_rule_id{};
};
/// Other code for the wallet.
struct UpgradeLeaf {
    Binding binding{};
    Occasion occasion{};
    Address implementation{};
    Hash32 code_hash{};
};
/// A hash that the wallet vouches for (ERC-1271).
struct MessageLeaf {
    Binding binding{};
    Hash32 hash{};
};
/// A user operation (ERC-4337).
struct UserOperationLeaf {
    Binding binding{};
    std::uint64_t deadline = kNoDeadline;
    Address entry_point{};
    Hash32 user_op_hash{};
};
/// An account becomes a wallet (EIP-7702).
struct AdoptLeaf {
    std::uint64_t chain = 0;
    Address wallet{};
    core::WalletId wallet_id{};
};

/// Any action that signers approve; a ChangeLeaf is the same on every chain.
using EvmLeaf = std::variant<ExecuteLeaf, GrantLeaf, RevokeLeaf, UpgradeLeaf, MessageLeaf,
                             UserOperationLeaf, AdoptLeaf, core::ChangeLeaf>;

/// hashStruct in the domain of the model. Error: kAbiValueMismatch (a deadline of more than 40
/// bits).
Result<core::Leaf> leaf_of(const EvmLeaf& leaf);

/// The argument of eth_signTypedData_v4, as JSON: what an eip712 signer is shown and signs. Its
/// digest is that of the leaf.
std::string typed_data_json(const EvmLeaf& leaf);
/// The same for the root of a tree.
std::string typed_data_json(const core::ApprovalTree& tree);

}  // namespace latchkey::evm::wallet
