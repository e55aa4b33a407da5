// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/user_operation.hpp"

#include "chains/evm/client/typed_data.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::evm::wallet {

namespace {

using core::ErrorCode;
using core::fail;
using core::crypto::keccak256;

constexpr unsigned kHalfBits = 128;
constexpr std::size_t kHalfSize = 16;

constexpr Address kEntryPoint07({0x00, 0x00, 0x00, 0x00, 0x71, 0x72, 0x7d, 0xe2, 0x2e, 0x5e,
                                 0x9d, 0x8b, 0xaf, 0x0e, 0xda, 0xc6, 0xf3, 0x7d, 0xa0, 0x32});
constexpr Address kEntryPoint08({0x43, 0x37, 0x08, 0x4d, 0x9e, 0x25, 0x5f, 0xf0, 0x70, 0x24,
                                 0x61, 0xcf, 0x88, 0x95, 0xce, 0x9e, 0x3b, 0x5f, 0xf1, 0x08});
constexpr Address kEntryPoint09({0x43, 0x37, 0x09, 0x00, 0x9b, 0x83, 0x30, 0xfd, 0xa3, 0x23,
                                 0x11, 0xdf, 0x1c, 0x2a, 0xfa, 0x40, 0x2e, 0xd8, 0xd0, 0x09});

/// Stands in initCode in the place of a factory.
constexpr Address kDelegationMarker({0x77, 0x02, 0, 0, 0, 0, 0, 0, 0, 0,
                                     0,    0,    0, 0, 0, 0, 0, 0, 0, 0});
/// keccak("PaymasterSignature")[:8]
constexpr std::uint8_t kPaymasterMagic[] = {0x22, 0xe3, 0x25, 0xa2, 0x97, 0x43, 0x96, 0x56};

/// Whether bytes are made for the EntryPoint's calldata or for its hash.
enum class Use { kCalldata, kHash };

Result<Bytes> half_word(const Uint256& value) {
    if (value.bit_length() > kHalfBits) {
        return fail(ErrorCode::kOutOfRange, "gas and fees have at most 128 bits");
    }
    return core::to_bytes(ByteView(value.to_word()).last(kHalfSize));
}

Result<Hash32> pair(const Uint256& high, const Uint256& low) {
    LATCHKEY_TRY(const Bytes first, half_word(high));
    LATCHKEY_TRY(const Bytes second, half_word(low));
    return Hash32::from(core::concat(first, second));
}

Result<Bytes> init_code_of(const UserOperation& operation, EntryPointVersion version, Use use) {
    if (const auto* made = std::get_if<AccountFactory>(&operation.origin)) {
        if (made->factory == kDelegationMarker) {
            return fail(ErrorCode::kInvalidArgument, "no factory: this address marks EIP-7702");
        }
        return core::concat(made->factory, made->data);
    }
    if (const auto* delegation = std::get_if<Delegation>(&operation.origin)) {
        if (version == EntryPointVersion::k07) {
            return fail(ErrorCode::kInvalidArgument, "EntryPoint 0.7 knows no EIP-7702");
        }
        return core::concat(use == Use::kHash ? delegation->delegate : kDelegationMarker,
                            delegation->data);
    }
    return Bytes();
}

Result<Bytes> paymaster_of(const UserOperation& operation, EntryPointVersion version, Use use) {
    if (!operation.paymaster) {
        return Bytes();
    }
    const Paymaster& paymaster = *operation.paymaster;
    if (paymaster.address.is_zero()) {
        return fail(ErrorCode::kInvalidArgument, "EntryPoint 0.7 takes this paymaster for none");
    }
    LATCHKEY_TRY(const Bytes verification, half_word(paymaster.verification_gas));
    LATCHKEY_TRY(const Bytes post_operation, half_word(paymaster.post_operation_gas));
    core::ByteWriter out;
    out.write(paymaster.address).write(verification).write(post_operation).write(paymaster.data);
    const std::size_t size = paymaster.signature.size();
    if (size == 0) {
        const ByteView data = paymaster.data;
        if (version == EntryPointVersion::k09 && data.size() >= sizeof kPaymasterMagic &&
            core::equal(data.last(sizeof kPaymasterMagic), ByteView(kPaymasterMagic))) {
            return fail(ErrorCode::kInvalidArgument, "its data would be read as a signature");
        }
        return out.take();
    }
    if (version != EntryPointVersion::k09) {
        return fail(ErrorCode::kInvalidArgument, "the paymaster signs apart since EntryPoint 0.9");
    }
    if (size > 0xffff) {
        return fail(ErrorCode::kInputTooLong, "a paymaster's signature has at most 65,535 bytes");
    }
    // Of the signature, the hash shows that there is one.
    if (use == Use::kCalldata) {
        out.write(paymaster.signature).write_u16_be(static_cast<std::uint16_t>(size));
    }
    out.write(ByteView(kPaymasterMagic));
    return out.take();
}

Result<PackedUserOperation> pack(const UserOperation& operation, EntryPointVersion version,
                                 Use use) {
    PackedUserOperation out;
    out.sender = operation.sender;
    out.nonce = operation.nonce;
    LATCHKEY_TRY(out.init_code, init_code_of(operation, version, use));
    out.call_data = operation.call_data;
    LATCHKEY_TRY(out.account_gas_limits, pair(operation.verification_gas, operation.call_gas));
    out.pre_verification_gas = operation.pre_verification_gas;
    LATCHKEY_TRY(out.gas_fees, pair(operation.priority_fee_per_gas, operation.fee_per_gas_max));
    LATCHKEY_TRY(out.paymaster_and_data, paymaster_of(operation, version, use));
    out.signature = operation.signature;
    return out;
}

/// What both ways of hashing begin with: bytes are there by their hash.
Bytes hashed_members(const PackedUserOperation& packed) {
    return core::concat(Bytes(12), packed.sender, packed.nonce.to_word(),
                        keccak256(packed.init_code), keccak256(packed.call_data),
                        packed.account_gas_limits, packed.pre_verification_gas.to_word(),
                        packed.gas_fees, keccak256(packed.paymaster_and_data));
}

}  // namespace

Address entry_point_address(EntryPointVersion version) {
    switch (version) {
        case EntryPointVersion::k07:
            return kEntryPoint07;
        case EntryPointVersion::k08:
            return kEntryPoint08;
        default:
            return kEntryPoint09;
    }
}

Result<PackedUserOperation> pack(const UserOperation& operation, EntryPointVersion version) {
    return pack(operation, version, Use::kCalldata);
}

Result<Hash32> user_operation_hash(const UserOperation& operation, EntryPointVersion version,
                                   const Address& entry_point, std::uint64_t chain) {
    LATCHKEY_TRY(const PackedUserOperation packed, pack(operation, version, Use::kHash));
    const Bytes members = hashed_members(packed);
    if (version == EntryPointVersion::k07) {
        return keccak256(
            core::concat(keccak256(members), Bytes(12), entry_point, Uint256(chain).to_word()));
    }
    const Hash32 type = keccak256(core::as_bytes(
        "PackedUserOperation(address sender,uint256 nonce,bytes initCode,bytes callData,"
        "bytes32 accountGasLimits,uint256 preVerificationGas,bytes32 gasFees,"
        "bytes paymasterAndData)"));
    TypedDomain domain;
    domain.name = "ERC4337";
    domain.version = "1";
    domain.chain_id = Uint256(chain);
    domain.verifying_contract = entry_point;
    LATCHKEY_TRY(const Hash32 separator, domain_separator(domain));
    return keccak256(
        core::concat(Bytes{0x19, 0x01}, separator, keccak256(core::concat(type, members))));
}

abi::Values abi_values(const PackedUserOperation& operation) {
    return {operation.sender,
            operation.nonce,
            operation.init_code,
            operation.call_data,
            core::to_bytes(operation.account_gas_limits),
            operation.pre_verification_gas,
            core::to_bytes(operation.gas_fees),
            operation.paymaster_and_data,
            operation.signature};
}

Bytes handle_operations_calldata(std::span<const PackedUserOperation> operations,
                                 const Address& beneficiary) {
    static const abi::Function kHandle =
        abi::parse_signature(
            "handleOps((address,uint256,bytes,bytes,bytes32,uint256,bytes32,bytes,"
            "bytes)[],address)")
            .value();
    abi::Values list;
    for (const PackedUserOperation& operation : operations) {
        list.emplace_back(abi_values(operation));
    }
    const abi::Values arguments{std::move(list), beneficiary};
    return abi::encode_call(kHandle, arguments).value();
}

}  // namespace latchkey::evm::wallet
