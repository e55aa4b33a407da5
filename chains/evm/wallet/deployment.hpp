// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/evm/client/address.hpp"
#include "core/wallet/identity.hpp"

/// Where our contracts and wallets are (docs/spec/evm.md, section 1). Needs no chain.
namespace latchkey::evm::wallet {

/// Makes a contract of what it is sent, salt(32) and init code, at one address on every chain.
inline constexpr Address kDeterministicDeployer({0x4e, 0x59, 0xb4, 0x48, 0x47, 0xb3, 0x79,
                                                 0x57, 0x85, 0x88, 0x92, 0x0c, 0xa7, 0x8f,
                                                 0xbf, 0x26, 0xc0, 0xb4, 0x95, 0x6c});

/// What the compiler writes as `bytecode`, without constructor arguments.
struct InitCodes {
    Bytes actions{};
    Bytes standards{};
    Bytes factory{};
};

/// The contracts of one release for one Solana program, on every chain.
struct Deployment {
    /// The Solana program of which wallet ids are derived addresses.
    Hash32 program{};
    Address factory{};
    /// The code of every wallet.
    Address wallet{};
    Address actions{};
    Address standards{};

    friend bool operator==(const Deployment&, const Deployment&) = default;
};

Deployment deployment_of(const Hash32& program, const InitCodes& codes);

/// The factory's init code with its constructor's arguments.
Bytes factory_init_code(const Deployment& deployment, ByteView factory_code);
/// What the deterministic deployer is sent: salt 0 and the init code.
Bytes deployer_calldata(ByteView init_code);
/// Where it puts the contract.
Address deterministic_address(ByteView init_code);

/// The code of a wallet (49 bytes): a clone of `implementation` that takes ether by itself.
Bytes clone_code(const Address& implementation);
/// The code that makes the clone (58 bytes).
Bytes clone_init_code(const Address& implementation);

/// Where the wallet is, whether or not it has been made.
Address wallet_address(const Deployment& deployment, const core::WalletId& wallet_id);

/// The id of a wallet that an externally owned account becomes (EIP-7702).
core::WalletId account_wallet_id(const Address& account, ByteView genesis);

}  // namespace latchkey::evm::wallet
