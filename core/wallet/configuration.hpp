// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/authorization/configuration.hpp"
#include "core/base/bytes.hpp"
#include "core/crypto/ed25519.hpp"
#include "core/crypto/p256.hpp"
#include "core/crypto/secp256k1.hpp"
#include "core/wallet/verdict_text.hpp"

/// Configurations as values (docs/spec/authorization.md, sections 1 to 3). The bytes are judged by
/// core/authorization/configuration.hpp, which the Solana program runs too; nothing here repeats a
/// check of it.
namespace latchkey::core {

/// A key that can approve.
struct Signer {
    SignerKind kind = kSignerEd25519;
    /// As the kind's row of the specification lists them; signer_key_size(kind) bytes.
    Bytes key{};
    /// Another key of the party of the signer before.
    bool same_party = false;
    /// mayPayFees of an ed25519 signer, user verification of a webauthn signer; false otherwise.
    bool option = false;

    static Signer ed25519(const crypto::Ed25519PublicKey& key, bool may_pay_fees = false);
    /// Signs the digest itself, as eth_signTypedData does.
    static Signer secp256k1_eip712(const crypto::EthereumAddress& address);
    /// Signs the digest as a personal message.
    static Signer secp256k1_eip191(const crypto::EthereumAddress& address);
    static Signer p256(const crypto::P256PublicKey& key);
    /// `rp_id_hash`: sha256 of the relying party id.
    static Signer webauthn(const crypto::P256PublicKey& key, const Hash32& rp_id_hash,
                           bool user_verification_required);
    /// `derived`: an address derived from the program, which the program signs with.
    static Signer program(const Hash32& program_id, const Hash32& derived);
    static Signer contract(std::uint64_t chain_id, const crypto::EthereumAddress& address);

    /// The same signer as a further key of the party before it.
    Signer with_same_party() const;

    friend bool operator==(const Signer&, const Signer&) = default;
};

/// Unix seconds; holds while not_before <= now < expires_at.
struct Times {
    std::uint64_t not_before = 0;
    std::uint64_t expires_at = kNever;

    friend bool operator==(const Times&, const Times&) = default;
};

/// What a call may address: every call to `address` whose data begins with `prefix`.
struct Target {
    Hash32 address{};
    /// At most 16 bytes.
    Bytes prefix{};

    friend bool operator==(const Target&, const Target&) = default;
};

/// Amounts in the asset's smallest unit.
struct Limit {
    /// On Solana the mint, 32 zero bytes for SOL.
    Hash32 asset{};
    std::uint64_t per_call = 0;
    std::uint64_t per_period = 0;
    /// 0: one budget for ever.
    std::uint32_t period_seconds = 0;

    friend bool operator==(const Limit&, const Limit&) = default;
};

/// Who may do what, and when.
struct Rule {
    /// Bits kActionExecute to kActionUpgrade.
    std::uint8_t actions = 0;
    /// Number of parties, 1 to 16.
    std::uint8_t threshold = 1;
    /// Bit i: signer i.
    std::uint16_t mask = 1;
    std::optional<Times> times{};
    /// Empty: any call. Strictly ascending; see normalize().
    std::vector<Target> scope{};
    /// Empty: any amount. Strictly ascending; see normalize().
    std::vector<Limit> limits{};

    friend bool operator==(const Rule&, const Rule&) = default;
};

/// The shared part: the same on every chain.
struct Configuration {
    std::vector<Signer> signers{};
    std::vector<Rule> rules{};
    /// keccak of the recovery part.
    std::optional<Hash32> recovery_hash{};
    /// The owner accepts that nobody can change this configuration.
    bool lockdown = false;

    friend bool operator==(const Configuration&, const Configuration&) = default;
};

/// What a wallet's identity is made from.
struct Genesis {
    Configuration configuration{};
    /// 1 or 16 bytes.
    Bytes salt{};

    friend bool operator==(const Genesis&, const Genesis&) = default;
};

/// A session: one rule with its own signers, on one chain.
struct LocalRule {
    std::vector<Signer> signers{};
    Rule rule{};

    friend bool operator==(const LocalRule&, const LocalRule&) = default;
};

/// Puts targets and limits in the order of the specification. Duplicates stay, and are refused.
void normalize(Rule& rule);

/// Canonical bytes, or the verdict on them.
Judged<Bytes> encode(const Configuration& configuration);
Judged<Bytes> encode(const Genesis& genesis);
Judged<Bytes> encode(const LocalRule& local_rule);

/// The bytes before any check, for tests and tools that need refused ones. What does not fit its
/// field is cut off: threshold and counts modulo 16 and so on.
Bytes encode_unchecked(const Configuration& configuration);
Bytes encode_unchecked(const Genesis& genesis);
Bytes encode_unchecked(const LocalRule& local_rule);

/// Accepts exactly the bytes that encode() makes; anything else is the verdict of the
/// specification.
Judged<Configuration> decode_shared(ByteView bytes);
Judged<Genesis> decode_genesis(ByteView bytes);
Judged<LocalRule> decode_local_rule(ByteView bytes);

/// The verdict alone.
Verdict judge_shared(ByteView bytes);
Verdict judge_genesis(ByteView bytes);
Verdict judge_local_rule(ByteView bytes);

/// The rule at `index` of a valid shared part as the freestanding code reads it; points into
/// `shared`. kUnknownRule if there is none.
Judged<RuleView> find_rule(ByteView shared, std::size_t index);
/// The rule of a valid local rule.
RuleView local_rule_view(ByteView local_rule);

/// Whether the rule at `granting_rule` of the valid shared part may grant the valid local rule:
/// kAccepted, kUnknownRule, kActionNotAllowed or kLocalRuleTooBroad.
Verdict judge_grant(ByteView shared, std::size_t granting_rule, ByteView local_rule);

}  // namespace latchkey::core
