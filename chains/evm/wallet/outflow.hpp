// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "chains/evm/wallet/leaf.hpp"

/// What calls spend under LIMITS (docs/spec/evm.md, section 2): the answers of the contracts.
namespace latchkey::evm::wallet {

/// What a limit counts: units of 10^scale of the token's smallest unit.
struct Asset {
    /// 0 to kScaleMax.
    std::uint8_t scale = 0;
    /// Zero: the chain's own.
    Address token{};

    friend bool operator==(const Asset&, const Asset&) = default;
};
inline constexpr std::uint8_t kScaleMax = 57;

/// As limits write it. Error: kOutOfRange (the scale).
Result<Hash32> encode(const Asset& asset);
/// Nothing for an asset that is none of this chain's.
std::optional<Asset> decode_asset(const Hash32& asset);

/// A call as targets of rules and limits understand it.
struct TokenCall {
    enum class Kind { kTransfer, kApprove, kIncreaseAllowance, kTransferFrom, kPermit };
    Kind kind = Kind::kTransfer;
    /// Whose tokens: of transferFrom and permit.
    Address owner{};
    /// Who receives them or may take them.
    Address to{};
    Uint256 amount{};
};
/// By its selector; nothing for any other call. kUncountable when its length is another.
core::Judged<std::optional<TokenCall>> read_token_call(const Call& call);

/// What the calls, and `fee` of the chain's own asset, take from each limit in its units: rounded
/// up once for all of them. Sums stop at 2^254, which is above every limit. kAssetNotListed,
/// kUncountable.
core::Judged<std::vector<Uint256>> outflows_of(const Address& wallet,
                                               std::span<const core::Limit> limits,
                                               std::span<const Call> calls,
                                               const Uint256& fee = {});

}  // namespace latchkey::evm::wallet
