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

/// Who wins when one party alone cancels what a rule proposed, again and again.
enum class Tie : std::uint8_t {
    /// Who cancels.
    kOwner = 0,
    /// Who proposes: one party alone cancels twice in 90 days.
    kRecovery = 1,
};

/// What the rule allows is proposed, and done by `apply` after the delay.
struct Wait {
    /// 1 to kMaximumDelay; with Tie::kRecovery to 30 days.
    std::uint32_t delay_seconds = 0;
    Tie tie = Tie::kOwner;

    friend bool operator==(const Wait&, const Wait&) = default;
};

/// Who may do what, and when.
struct Rule {
    /// Bits kActionExecute to kActionFreeze.
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
    std::optional<Wait> wait{};

    friend bool operator==(const Rule&, const Rule&) = default;
};

/// What a shared part says of its recovery part, which stays private until it is used.
struct RecoveryCommitment {
    using Hash = FixedBytes<kRecoverySize - kRecoveryGuardSize, struct RecoveryHashTag>;

    /// How long a change of the configuration waits that one party alone approves: 0 (not at all)
    /// to kMaximumGuardHours.
    std::uint16_t guard_hours = 0;
    /// The start of the recovery part's keccak.
    Hash hash{};

    /// The 32 bytes of the shared part, which changes under a rule of the recovery part name as
    /// their parent.
    Hash32 bytes() const;
    static RecoveryCommitment from(const Hash32& bytes);

    friend bool operator==(const RecoveryCommitment&, const RecoveryCommitment&) = default;
};
/// How long a change waits that one party alone approves; 0 without a commitment.
std::uint64_t guard_seconds(const std::optional<RecoveryCommitment>& commitment);

/// The shared part: the same on every chain.
struct Configuration {
    std::vector<Signer> signers{};
    std::vector<Rule> rules{};
    std::optional<RecoveryCommitment> recovery{};
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

/// Who may take the wallet over, and what becomes of it then.
struct RecoveryPart {
    using Salt = FixedBytes<kRecoverySaltSize, struct RecoverySaltTag>;

    /// The shared part's rules as a recovery restores them, for signers that it names.
    struct After {
        /// How many signers a recovery names, 1 to 16.
        std::size_t signers = 1;
        std::vector<Rule> rules{};

        friend bool operator==(const After&, const After&) = default;
    };

    std::vector<Signer> signers{};
    /// Of the actions recover, cancel and freeze; no scope, no limits.
    std::vector<Rule> rules{};
    After after{};
    /// Random, and fresh whenever the part, or the guard beside its commitment, changes: without
    /// it anybody could try whether a known key is among the signers, and a commitment that comes
    /// back would make old approvals good again.
    Salt salt{};

    friend bool operator==(const RecoveryPart&, const RecoveryPart&) = default;
};

/// Puts targets and limits in the order of the specification. Duplicates stay, and are refused.
void normalize(Rule& rule);

/// Canonical bytes, or the verdict on them.
Judged<Bytes> encode(const Configuration& configuration);
Judged<Bytes> encode(const Genesis& genesis);
Judged<Bytes> encode(const LocalRule& local_rule);
/// Judges `after` as well, for parties of one key each: what passes can be recovered with a guard
/// of the longest kind.
Judged<Bytes> encode(const RecoveryPart& part);

/// The bytes before any check, for tests and tools that need refused ones. What does not fit its
/// field is cut off: threshold and counts modulo 16 and so on.
Bytes encode_unchecked(const Configuration& configuration);
Bytes encode_unchecked(const Genesis& genesis);
Bytes encode_unchecked(const LocalRule& local_rule);
Bytes encode_unchecked(const RecoveryPart& part);
/// Signers one after the other, as a recovery names them.
Bytes encode_unchecked(const std::vector<Signer>& signers);

/// Accepts exactly the bytes that encode() makes; anything else is the verdict of the
/// specification.
Judged<Configuration> decode_shared(ByteView bytes);
Judged<Genesis> decode_genesis(ByteView bytes);
Judged<LocalRule> decode_local_rule(ByteView bytes);
Judged<RecoveryPart> decode_recovery_part(ByteView bytes);
/// The same for bytes that a chain has accepted: with is_chain_key as the checker, keys that are
/// none are read as well. They can approve nothing.
Judged<Configuration> decode_shared(ByteView bytes, KeyChecker checker);
Judged<LocalRule> decode_local_rule(ByteView bytes, KeyChecker checker);

/// The verdict alone.
Verdict judge_shared(ByteView bytes);
Verdict judge_genesis(ByteView bytes);
Verdict judge_local_rule(ByteView bytes);
/// Without `after`, of which a chain learns by a recovery only.
Verdict judge_recovery_part(ByteView bytes);

/// The judges with another answer to whether a key is one, for what runs the chain's checks.
Verdict judge_shared(ByteView bytes, KeyChecker checker);
Verdict judge_genesis(ByteView bytes, KeyChecker checker, std::size_t* shared_length);
Verdict judge_local_rule(ByteView bytes, KeyChecker checker);
Verdict judge_recovery_part(ByteView bytes, KeyChecker checker);

/// What a shared part holds of this recovery part.
RecoveryCommitment commitment_of(ByteView recovery_part, std::uint16_t guard_hours);

/// Whether a recovery with this part can lead to anything under this commitment: kRecoveryPart when
/// it is of another part; else the verdict on what is restored, its parties having one key each.
Verdict judge_recovery(ByteView recovery_part, const RecoveryCommitment& commitment);

/// The shared part that a recovery leads to: header, the counts of `after`, these signers, the
/// rules of `after`, the same commitment. `recovery_part`: accepted by judge_recovery_part. Refused
/// with the verdict of judge_shared, or kConfigurationTrailing when `signers` are not as many as
/// `after` has.
Judged<Bytes> recovered_shared(ByteView recovery_part, const RecoveryCommitment& commitment,
                               ByteView signers);
Judged<Bytes> recovered_shared(ByteView recovery_part, const RecoveryCommitment& commitment,
                               ByteView signers, KeyChecker checker);

/// The rule at `index` of a valid shared part as the freestanding code reads it; points into
/// `shared`. kUnknownRule if there is none.
Judged<RuleView> find_rule(ByteView shared, std::size_t index);
/// The same of a valid recovery part.
Judged<RuleView> find_recovery_rule(ByteView recovery_part, std::size_t index);
/// The commitment of a valid shared part, if it has one.
std::optional<RecoveryCommitment> commitment_in(ByteView shared);
/// The rule of a valid local rule.
RuleView local_rule_view(ByteView local_rule);

/// Whether the rule at `granting_rule` of the valid shared part may grant the valid local rule:
/// kAccepted, kUnknownRule, kActionNotAllowed or kLocalRuleTooBroad.
Verdict judge_grant(ByteView shared, std::size_t granting_rule, ByteView local_rule);

}  // namespace latchkey::core
