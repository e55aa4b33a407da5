// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/wallet/configuration.hpp"

/// Names of wallets, configurations and rules (docs/spec/authorization.md, sections 2 and 3).
namespace latchkey::core {

/// The wallet on every chain, and the address of its state on Solana.
using WalletId = FixedBytes<32, struct WalletIdTag>;
/// One configuration in the wallet's history; the first one is the wallet's id.
using ConfigId = FixedBytes<32, struct ConfigIdTag>;
/// A shared rule with its keys, wherever it stands.
using RuleId = FixedBytes<32, struct RuleIdTag>;
/// One grant of a local rule.
using LocalRuleId = FixedBytes<32, struct LocalRuleIdTag>;

/// The chain-agnostic actions, by their numbers.
enum class ChangeAction : std::uint8_t { kPolicy = 4, kCancel = 11, kFreeze = 13, kRecover = 14 };

/// In the number of a rule: it stands in the recovery part.
inline constexpr std::uint8_t kRecoveryRule = 0x80;

/// Both addresses of a wallet for one Solana program.
struct Identity {
    WalletId wallet_id;
    /// The Solana address that holds the wallet's money.
    Hash32 vault;

    friend bool operator==(const Identity&, const Identity&) = default;
};

/// sha256(genesis | program id | "ProgramDerivedAddress"), whether or not it is an address.
WalletId wallet_id_of(ByteView genesis, const Hash32& program_id);
/// sha256("vault" | wallet id | program id | "ProgramDerivedAddress"), whether or not it is an
/// address.
Hash32 vault_of(const WalletId& wallet_id, const Hash32& program_id);

/// The wallet of a genesis that was accepted by decode_genesis or encode.
/// Error: kIdentityOnCurve.
Result<Identity> identity_of(ByteView genesis, const Hash32& program_id);

/// A new wallet: what must be kept and where it lives.
struct NewWallet {
    Bytes genesis;
    Identity identity;

    friend bool operator==(const NewWallet&, const NewWallet&) = default;
};

/// The default wallet of a configuration: the smallest one-byte salt for which both addresses are
/// off the curve, so that anyone who knows the configuration finds the wallet again. Four tries on
/// average. Errors: kRefusedByModel, kIdentityOnCurve (no byte works: one in 10^32).
Result<NewWallet> find_salt(const Configuration& configuration, const Hash32& program_id);

/// A wallet that nobody can connect with its configuration before it is used: a 16-byte salt that
/// begins with `entropy`, 15 fresh random bytes. The genesis must be backed up. Errors as above.
Result<NewWallet> find_salt(const Configuration& configuration, const Hash32& program_id,
                            std::span<const std::uint8_t, 15> entropy);

/// configId(0).
ConfigId first_config_id(const WalletId& wallet_id);
/// configId of the configuration `shared` that a policy change puts in the place of `parent`.
ConfigId next_config_id(const WalletId& wallet_id, const ConfigId& parent, ByteView shared);
/// configId of the configuration `shared` that a recovery leads to, on every chain. `rule`: its
/// index in the recovery part; `epoch`: the one that its approval names.
ConfigId recovered_config_id(const WalletId& wallet_id, const RecoveryCommitment& commitment,
                             std::uint8_t rule, std::uint32_t epoch, ByteView shared);

/// The rule at `index` of a valid shared part. kUnknownRule if there is none.
Judged<RuleId> rule_id_of(ByteView shared, std::size_t index);

/// `version`: the chain's count of local changes after the grant.
LocalRuleId local_rule_id_of(const WalletId& wallet_id, const ConfigId& config_id,
                             std::uint32_t version, ByteView local_rule);

}  // namespace latchkey::core
