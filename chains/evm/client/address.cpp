// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/address.hpp"

#include "chains/evm/client/rlp.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::evm {

namespace {

Address address_in(const Hash32& hash) {
    return Address::from(hash.view().last<Address::kSize>());
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
    return core::crypto::parse_ethereum_address(text);
}

std::string to_string(const Address& address) {
    return core::crypto::checksummed_address(address);
}

Address create_address(const Address& creator, std::uint64_t nonce) {
    const rlp::Item origin =
        rlp::Item::list({rlp::Item::bytes(creator), rlp::Item::number(Uint256(nonce))});
    return address_in(core::crypto::keccak256(rlp::encode(origin)));
}

Address create2_address(const Address& creator, const Hash32& salt, const Hash32& init_code_hash) {
    constexpr std::array<std::uint8_t, 1> kPrefix = {0xff};
    return address_in(core::crypto::keccak256({kPrefix, creator, salt, init_code_hash}));
}

}  // namespace latchkey::evm
