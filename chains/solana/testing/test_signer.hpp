// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "chains/solana/client/address.hpp"
#include "core/wallet/evidence.hpp"

namespace latchkey::solana::testing {

/// What a passkey answers, with every part open to change: the defaults are what a browser and an
/// authenticator do.
struct PasskeyAnswer {
    /// User present and verified.
    std::uint8_t flags = 0x05;
    std::uint32_t counter = 0;
    /// Absent: the one that the signer was enrolled with.
    std::optional<core::Hash32> relying_party_id_hash{};
    /// clientDataJSON after the challenge. Absent: that of the signer's host.
    std::optional<std::string> rest{};
    /// All of clientDataJSON, instead of the digest's.
    std::optional<std::string> client_data_json{};
    /// All of authenticatorData, instead of 37 bytes made from the above.
    std::optional<core::Bytes> authenticator_data{};
};

/// A key for tests, the same on every run. Errors are faults of the test and throw.
class TestSigner {
  public:
    static TestSigner ed25519(std::uint32_t seed, bool may_pay_fees = false);
    static TestSigner p256(std::uint32_t seed);
    static TestSigner passkey(std::uint32_t seed, const std::string& host = "example.com",
                              bool requires_user_verification = false);
    static TestSigner eip712(std::uint32_t seed);
    static TestSigner eip191(std::uint32_t seed);

    /// As a configuration names it.
    const core::Signer& entry() const { return entry_; }
    /// A further key of the party before it.
    TestSigner with_same_party() const;

    /// A digest approval of any kind (for ed25519, the off-chain message's signature).
    core::Evidence approve(const core::ApprovalHash& hash) const;
    core::webauthn::Assertion approve(const core::ApprovalHash& hash,
                                      const PasskeyAnswer& answer) const;

    /// Of ed25519 signers.
    Address address() const;
    const core::crypto::Ed25519PrivateKey& ed25519_key() const;

  private:
    struct Keys;
    TestSigner() = default;

    core::Signer entry_;
    std::string host_;
    std::shared_ptr<const Keys> keys_;
};

}  // namespace latchkey::solana::testing
