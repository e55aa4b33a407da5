// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/undeployed.hpp"

#include "chains/evm/client/abi.hpp"

namespace latchkey::evm::wallet {

namespace {

constexpr std::size_t kMagicSize = 32;

/// 0x6492, sixteen times.
Bytes magic() {
    Bytes out;
    for (std::size_t i = 0; i < kMagicSize; i += 2) {
        out.push_back(0x64);
        out.push_back(0x92);
    }
    return out;
}

/// Factory, its calldata, signature.
const std::vector<abi::Type>& members() {
    static const std::vector<abi::Type> kMembers = {abi::parse_type("address").value(),
                                                    abi::parse_type("bytes").value(),
                                                    abi::parse_type("bytes").value()};
    return kMembers;
}

}  // namespace

Bytes wrap_signature(const UndeployedSignature& signature) {
    const abi::Values values{signature.factory, core::to_bytes(signature.wallet_id),
                             signature.signature};
    return core::concat(abi::encode(members(), values).value(), magic());
}

bool is_wrapped(ByteView signature) {
    return signature.size() >= kMagicSize && core::equal(signature.last(kMagicSize), magic());
}

Result<UndeployedSignature> unwrap_signature(ByteView signature) {
    if (!is_wrapped(signature)) {
        return core::fail(core::ErrorCode::kInvalidArgument, "no signature of ERC-6492");
    }
    LATCHKEY_TRY(const abi::Values values,
                 abi::decode(members(), signature.first(signature.size() - kMagicSize)));
    UndeployedSignature out;
    out.factory = std::get<Address>(values[0]);
    LATCHKEY_TRY(out.wallet_id, core::WalletId::from(std::get<Bytes>(values[1])));
    out.signature = std::get<Bytes>(values[2]);
    return out;
}

}  // namespace latchkey::evm::wallet
