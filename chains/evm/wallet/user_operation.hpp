// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <variant>

#include "chains/evm/client/abi.hpp"

/// User operations of ERC-4337: what an EntryPoint is sent, and the hash that a wallet approves.
namespace latchkey::evm::wallet {

/// The releases of the EntryPoint that our wallets obey.
enum class EntryPointVersion : std::uint8_t { k07, k08, k09 };

/// Where its authors put it on every chain.
Address entry_point_address(EntryPointVersion version);

/// The contract that makes the sender.
struct AccountFactory {
    Address factory{};
    Bytes data{};

    friend bool operator==(const AccountFactory&, const AccountFactory&) = default;
};
/// The sender is an externally owned account, and where it delegates to is signed (EIP-7702). Not
/// with EntryPoint 0.7.
struct Delegation {
    Address delegate{};
    /// The sender is called with it first; often nothing.
    Bytes data{};

    friend bool operator==(const Delegation&, const Delegation&) = default;
};

/// Who pays for the gas instead of the sender. Gas below 2^128.
struct Paymaster {
    Address address{};
    Uint256 verification_gas{};
    Uint256 post_operation_gas{};
    Bytes data{};
    /// What it adds after the wallet has approved: the hash shows only whether there is one.
    /// EntryPoint 0.9 only.
    Bytes signature{};

    friend bool operator==(const Paymaster&, const Paymaster&) = default;
};

/// Gas and fees (wei) below 2^128, except `pre_verification_gas`.
struct UserOperation {
    Address sender{};
    /// key << 64 | sequence, kept by the EntryPoint.
    Uint256 nonce{};
    /// monostate: the sender is there.
    std::variant<std::monostate, AccountFactory, Delegation> origin{};
    Bytes call_data{};
    Uint256 verification_gas{};
    Uint256 call_gas{};
    Uint256 pre_verification_gas{};
    Uint256 priority_fee_per_gas{};
    Uint256 fee_per_gas_max{};
    std::optional<Paymaster> paymaster{};
    Bytes signature{};

    friend bool operator==(const UserOperation&, const UserOperation&) = default;
};

/// As calldata has it: the members of PackedUserOperation in their order.
struct PackedUserOperation {
    Address sender{};
    Uint256 nonce{};
    Bytes init_code{};
    Bytes call_data{};
    /// Verification, call: 16 bytes each.
    Hash32 account_gas_limits{};
    Uint256 pre_verification_gas{};
    /// Priority fee, highest fee: 16 bytes each.
    Hash32 gas_fees{};
    Bytes paymaster_and_data{};
    Bytes signature{};

    friend bool operator==(const PackedUserOperation&, const PackedUserOperation&) = default;
};

/// Errors: kOutOfRange (gas or fees of more than 128 bits), kInputTooLong (a paymaster's signature
/// of more than 65,535 bytes), kInvalidArgument (what this EntryPoint does not know; a factory that
/// would be read as a delegation; data that would be read as a paymaster's signature; the paymaster
/// zero, which 0.7 takes for none).
Result<PackedUserOperation> pack(const UserOperation& operation, EntryPointVersion version);

/// getUserOpHash of the EntryPoint at `entry_point`; `chain`: EIP-155. 0.7 hashes it in its own
/// way, later ones as typed data. Errors: those of pack.
Result<Hash32> user_operation_hash(const UserOperation& operation, EntryPointVersion version,
                                   const Address& entry_point, std::uint64_t chain);

/// The tuple for the ABI, of type
/// (address,uint256,bytes,bytes,bytes32,uint256,bytes32,bytes,bytes).
abi::Values abi_values(const PackedUserOperation& operation);
/// handleOps: the EntryPoint runs them and refunds `beneficiary` for the gas.
Bytes handle_operations_calldata(std::span<const PackedUserOperation> operations,
                                 const Address& beneficiary);

}  // namespace latchkey::evm::wallet
