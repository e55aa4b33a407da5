// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chains/solana/layout/lane_account.hpp"
#include "chains/solana/testing/forge.hpp"
#include "chains/solana/testing/native_runtime.hpp"
#include "core/authorization/verdict.hpp"

/// The wallet program, compiled for the host.
extern "C" std::uint64_t entrypoint(std::uint8_t* input, const std::uint8_t* data);

namespace latchkey::solana::testing {

/// Where everything is, on every run.
Address test_address(std::uint32_t seed);
Address wallet_program_address();
Address script_program_address();
/// sha256("Latchkey local chain"), which programs are built for.
core::Hash32 local_cluster();

/// The data of a token account or mint, as SPL Token lays them out.
struct TokenAccountFields {
    Address mint;
    Address owner;
    std::uint64_t amount = 0;
    std::optional<Address> delegate{};
    std::uint64_t delegated_amount = 0;
    std::optional<Address> close_authority{};
    /// 0 uninitialised, 1 initialised, 2 frozen.
    std::uint8_t state = 1;
    /// Of wrapped SOL: lamports that are rent.
    std::optional<std::uint64_t> native_reserve{};
};
Bytes encode_token_account(const TokenAccountFields& fields);
struct MintFields {
    std::optional<Address> mint_authority{};
    std::uint64_t supply = 0;
    std::uint8_t decimals = 6;
    std::optional<Address> freeze_authority{};
};
Bytes encode_mint(const MintFields& fields);
std::uint64_t token_amount(const NativeAccount* account);

/// A native chain with the wallet program and the script program, a fee payer who operates a lane,
/// and a clock.
class NativeWorld {
  public:
    explicit NativeWorld(const NativeOptions& options = {}, const ForgeOptions& forge = {},
                         NativeEntrypoint wallet_entrypoint = entrypoint);

    NativeChain& chain() { return chain_; }
    const Address& program() const { return program_; }
    const Address& script() const { return script_; }
    const TestSigner& payer() const { return payer_; }
    const ForgedLane& lane() const { return lane_; }
    const Keyring& keyring() const { return keyring_; }

    /// The key counts as known.
    core::Signer add(const TestSigner& signer);
    std::uint64_t now() const { return static_cast<std::uint64_t>(chain_.time()); }
    void advance(std::uint64_t seconds);

    /// A wallet whose vault has 10 SOL.
    Forge make_wallet(const core::Configuration& configuration);
    std::optional<StateAccount> state_of(const Forge& forge) const;
    NativeResult create_state(const Forge& forge);
    /// Lamports for that many bytes of state.
    void fund_state(const Forge& forge, std::size_t bytes);
    std::uint64_t vault_lamports(const Forge& forge) const {
        return chain_.lamports(forge.wallet().vault);
    }

    /// An unused bit of the payer's lane, valid for the rest of the current window.
    LaneNonce lane_nonce();
    /// Fills in what only the world knows: clock, lane, operator.
    Draft complete(Draft draft) const;
    Forged forge(const Forge& forge, const Draft& draft) const;
    NativeResult send(const std::vector<Instruction>& instructions);
    NativeResult send(const Forge& forge, const Draft& draft);

    void put(const Address& address, std::uint64_t lamports, const Address& owner = {},
             Bytes data = {});
    /// Enough lamports for its data.
    void put_data(const Address& address, const Address& owner, Bytes data);

  private:
    NativeChain chain_;
    ForgeOptions forge_options_;
    Keyring keyring_;
    Address program_;
    Address script_;
    TestSigner payer_;
    ForgedLane lane_;
    std::uint16_t next_bit_ = 0;
};

/// The wallet program's answer; nothing when something else failed.
std::optional<core::Verdict> verdict_of(const NativeResult& result);
/// For messages: "accepted", a verdict's name or the runtime's error.
std::string explain_result(const NativeResult& result);

/// A call in an execute body: positions among the instruction's accounts.
CompactCall compact_call(std::uint8_t program, std::vector<CallMeta> metas, Bytes data);
/// System transfer from the vault to the account at `to`; System stands at `program`.
CompactCall transfer_call(std::uint8_t program, std::uint8_t to, std::uint64_t lamports);

}  // namespace latchkey::solana::testing
