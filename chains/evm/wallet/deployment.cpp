// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/deployment.hpp"

#include "core/crypto/hash.hpp"

namespace latchkey::evm::wallet {

namespace {

constexpr std::uint8_t kCloneMaker[] = {0x60, 0x31, 0x80, 0x60, 0x09, 0x5f, 0x39, 0x5f, 0xf3};
constexpr std::uint8_t kCloneHead[] = {0x5f, 0x5f, 0x36, 0x15, 0x60, 0x2f, 0x57,
                                       0x36, 0x5f, 0x5f, 0x37, 0x36, 0x5f, 0x73};
constexpr std::uint8_t kCloneTail[] = {0x5a, 0xf4, 0x3d, 0x5f, 0x5f, 0x3e, 0x5f, 0x3d,
                                       0x91, 0x60, 0x2f, 0x57, 0xfd, 0x5b, 0xf3};

/// An address as the ABI has it.
Bytes word_of(const Address& address) {
    return core::concat(Bytes(12), address);
}

}  // namespace

Deployment deployment_of(const Hash32& program, const InitCodes& codes) {
    Deployment out;
    out.program = program;
    out.actions = deterministic_address(codes.actions);
    out.standards = deterministic_address(codes.standards);
    out.factory = deterministic_address(factory_init_code(out, codes.factory));
    // The first contract that the factory makes.
    out.wallet = create_address(out.factory, 1);
    return out;
}

Bytes factory_init_code(const Deployment& deployment, ByteView factory_code) {
    return core::concat(factory_code, deployment.program, word_of(deployment.actions),
                        word_of(deployment.standards));
}

Bytes deployer_calldata(ByteView init_code) {
    return core::concat(Hash32(), init_code);
}

Address deterministic_address(ByteView init_code) {
    return create2_address(kDeterministicDeployer, Hash32(), core::crypto::keccak256(init_code));
}

Bytes clone_code(const Address& implementation) {
    return core::concat(ByteView(kCloneHead), implementation, ByteView(kCloneTail));
}

Bytes clone_init_code(const Address& implementation) {
    return core::concat(ByteView(kCloneMaker), clone_code(implementation));
}

Address wallet_address(const Deployment& deployment, const core::WalletId& wallet_id) {
    return create2_address(deployment.factory, Hash32(wallet_id.array()),
                           core::crypto::keccak256(clone_init_code(deployment.wallet)));
}

core::WalletId account_wallet_id(const Address& account, ByteView genesis) {
    const Hash32 tag = core::crypto::keccak256(core::as_bytes("Latchkey account 1"));
    return core::WalletId(
        core::crypto::keccak256(core::concat(tag, word_of(account), genesis)).array());
}

}  // namespace latchkey::evm::wallet
