// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/testing/differential_world.hpp"

#include "chains/solana/testing/native_addresses.hpp"

namespace latchkey::solana::testing::cast {

namespace {

constexpr std::uint64_t kRecipientLamports = 5'000'000;
constexpr std::uint64_t kTokens = 1'000'000;
constexpr std::size_t kNonceAccountBytes = 80;

struct ProgramKey {
    Bytes seed;
    Address address;
};

const ProgramKey& program_key() {
    static const ProgramKey key = [] {
        for (std::uint8_t number = 0;; ++number) {
            const Bytes seed = {'s', number};
            if (const auto address =
                    derive_address(std::vector<ByteView>{seed}, script_program_address())) {
                return ProgramKey{seed, *address};
            }
        }
    }();
    return key;
}

}  // namespace

const std::vector<TestSigner>& signers() {
    static const std::vector<TestSigner> all = {
        TestSigner::ed25519(1),
        TestSigner::p256(4),
        TestSigner::passkey(6),
        TestSigner::eip712(8),
        TestSigner::eip191(9),
        TestSigner::ed25519(2, /*may_pay_fees=*/true),
        TestSigner::passkey(7, "a.example", /*requires_user_verification=*/true),
        TestSigner::p256(5),
        TestSigner::ed25519(3),
        TestSigner::eip712(10),
        // The fee payer itself.
        TestSigner::ed25519(1'000'000, /*may_pay_fees=*/true),
    };
    return all;
}

const std::vector<TestSigner>& session_signers() {
    static const std::vector<TestSigner> all = {
        TestSigner::ed25519(20), TestSigner::p256(21),    TestSigner::passkey(22),
        TestSigner::eip191(23),  TestSigner::ed25519(24),
    };
    return all;
}

const std::vector<TestSigner>& passkeys() {
    static const std::vector<TestSigner> all = {
        TestSigner::passkey(6),
        TestSigner::passkey(11),
        TestSigner::passkey(7, "a.example", /*requires_user_verification=*/true),
        TestSigner::passkey(12),
    };
    return all;
}

core::Signer program_signer() {
    return core::Signer::program(core::Hash32(script_program_address().array()),
                                 core::Hash32(program_key().address.array()));
}

Bytes program_seed() {
    return program_key().seed;
}

core::Signer contract_signer() {
    core::crypto::EthereumAddress address;
    address[0] = 1;
    return core::Signer::contract(1, address);
}

void populate(NativeWorld& world, const Address& vault) {
    for (const TestSigner& signer : signers()) {
        world.add(signer);
    }
    for (const TestSigner& signer : session_signers()) {
        world.add(signer);
    }
    for (const TestSigner& signer : passkeys()) {
        world.add(signer);
    }
    for (unsigned i = 0; i < kRecipients; ++i) {
        world.put(recipient(i), kRecipientLamports);
    }
    for (unsigned i = 0; i < kMints; ++i) {
        world.put_data(mint(i), kTokenProgram, encode_mint({std::nullopt, 4 * kTokens, 6, {}}));
        world.put_data(vault_tokens(i), kTokenProgram,
                       encode_token_account({.mint = mint(i), .owner = vault, .amount = kTokens}));
        world.put_data(
            other_tokens(i), kTokenProgram,
            encode_token_account({.mint = mint(i), .owner = recipient(0), .amount = kTokens}));
    }
    world.put_data(nonce_account(), kSystemProgram, Bytes(kNonceAccountBytes, 1));
}

}  // namespace latchkey::solana::testing::cast
