// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/identity.hpp"

#include "core/authorization/leaf.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::core {

namespace {

constexpr std::string_view kDerivedAddressMarker = "ProgramDerivedAddress";
constexpr std::size_t kLongSaltSize = 16;

bool is_off_curve(std::span<const std::uint8_t, 32> address) {
    return !crypto::is_on_ed25519_curve(address);
}

/// Searches the last byte of `genesis`.
Result<NewWallet> search_last_byte(Bytes genesis, const Hash32& program_id) {
    for (unsigned salt = 0; salt < 256; ++salt) {
        genesis.back() = static_cast<std::uint8_t>(salt);
        const WalletId wallet_id = wallet_id_of(genesis, program_id);
        if (!is_off_curve(wallet_id.view())) {
            continue;
        }
        const Hash32 vault = vault_of(wallet_id, program_id);
        if (is_off_curve(vault.view())) {
            return NewWallet{std::move(genesis), Identity{wallet_id, vault}};
        }
    }
    return fail(ErrorCode::kIdentityOnCurve, "none of the 256 last bytes of the salt works");
}

Result<NewWallet> find_salt(const Configuration& configuration, const Hash32& program_id,
                            Bytes salt) {
    LATCHKEY_TRY(Bytes genesis, to_result(encode(Genesis{configuration, std::move(salt)})));
    return search_last_byte(std::move(genesis), program_id);
}

}  // namespace

WalletId wallet_id_of(ByteView genesis, const Hash32& program_id) {
    return WalletId(
        crypto::sha256({genesis, program_id.view(), as_bytes(kDerivedAddressMarker)}).array());
}

Hash32 vault_of(const WalletId& wallet_id, const Hash32& program_id) {
    return crypto::sha256(
        {as_bytes("vault"), wallet_id.view(), program_id.view(), as_bytes(kDerivedAddressMarker)});
}

Result<Identity> identity_of(ByteView genesis, const Hash32& program_id) {
    const WalletId wallet_id = wallet_id_of(genesis, program_id);
    const Hash32 vault = vault_of(wallet_id, program_id);
    if (!is_off_curve(wallet_id.view())) {
        return fail(ErrorCode::kIdentityOnCurve, "the state address");
    }
    if (!is_off_curve(vault.view())) {
        return fail(ErrorCode::kIdentityOnCurve, "the vault");
    }
    return Identity{wallet_id, vault};
}

Result<NewWallet> find_salt(const Configuration& configuration, const Hash32& program_id) {
    return find_salt(configuration, program_id, Bytes(1));
}

Result<NewWallet> find_salt(const Configuration& configuration, const Hash32& program_id,
                            std::span<const std::uint8_t, 15> entropy) {
    Bytes salt(entropy.begin(), entropy.end());
    salt.resize(kLongSaltSize);
    return find_salt(configuration, program_id, std::move(salt));
}

ConfigId first_config_id(const WalletId& wallet_id) {
    return ConfigId(wallet_id.array());
}

ConfigId next_config_id(const WalletId& wallet_id, const ConfigId& parent, ByteView shared) {
    const Change change = {.wallet_id = wallet_id.data(),
                           .parent = parent.data(),
                           .action = static_cast<std::uint64_t>(ChangeAction::kPolicy),
                           .rule = 0,
                           .number = 0,
                           .content = {shared.data(), shared.size()}};
    ConfigId out;
    hash_change(kConfigurationTag, change, out.data());
    return out;
}

ConfigId recovered_config_id(const WalletId& wallet_id, const RecoveryCommitment& commitment,
                             std::uint8_t rule, std::uint32_t epoch, ByteView shared) {
    const Hash32 parent = commitment.bytes();
    const Change change = {.wallet_id = wallet_id.data(),
                           .parent = parent.data(),
                           .action = static_cast<std::uint64_t>(ChangeAction::kRecover),
                           .rule = rule | std::uint64_t{kRecoveryRule},
                           .number = epoch,
                           .content = {shared.data(), shared.size()}};
    ConfigId out;
    hash_change(kConfigurationTag, change, out.data());
    return out;
}

Judged<RuleId> rule_id_of(ByteView shared, std::size_t index) {
    const std::size_t signers = (shared[1] & 0x0fU) + 1U;
    const std::uint8_t* at = skip_signers(shared.data() + 2, signers);
    if (index > shared[1] >> 4U) {
        return refuse(Verdict::kUnknownRule);
    }
    for (std::size_t i = 0; i < index; ++i) {
        RuleView skipped;
        read_rule(at, signers, &skipped);
        at = skipped.end;
    }
    RuleId out;
    RuleView rule;
    rule_id(shared.data() + 2, signers, at, &rule, out.data());
    return out;
}

LocalRuleId local_rule_id_of(const WalletId& wallet_id, const ConfigId& config_id,
                             std::uint32_t version, ByteView local_rule) {
    std::array<std::uint8_t, 4> number;
    store_be(number.data(), version);
    return LocalRuleId(
        crypto::keccak256({kLocalRuleTag, wallet_id.view(), config_id.view(), number, local_rule})
            .array());
}

}  // namespace latchkey::core
