// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "chains/evm/client/uint256.hpp"
#include "core/crypto/secp256k1.hpp"

namespace latchkey::evm {

/// 20 bytes; of a contract or of a key.
using Address = core::crypto::EthereumAddress;

/// "0x" and 40 digits: all lower case, all upper case, or the right checksum (EIP-55).
/// Errors: kInvalidHex, kInvalidLength, kNonCanonical (mixed case with a wrong checksum: probably a
/// typing error).
Result<Address> parse_address(std::string_view text);
/// With the checksum of EIP-55, for people.
std::string to_string(const Address& address);

/// Where a contract made by a transaction, or by CREATE, will be: keccak256(rlp([creator, nonce])).
/// A contract's own nonce starts at 1 (EIP-161), a key's at 0.
Address create_address(const Address& creator, std::uint64_t nonce);
/// Where CREATE2 puts a contract (EIP-1014): keccak256(0xff, creator, salt, keccak256(init code)).
Address create2_address(const Address& creator, const Hash32& salt, const Hash32& init_code_hash);

}  // namespace latchkey::evm
