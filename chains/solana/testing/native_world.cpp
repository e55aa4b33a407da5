// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/testing/native_world.hpp"

#include <stdexcept>

#include "chains/solana/program/counting.hpp"
#include "chains/solana/testing/script.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/wallet/verdict_text.hpp"

namespace latchkey::solana::testing {

namespace {

/// 2027-01-15 08:00:00 UTC, the first second of a window.
constexpr std::int64_t kStartTime = 1'800'000'000 / 256 * 256;
constexpr std::uint64_t kPayerLamports = 1'000'000'000'000;
constexpr std::uint64_t kVaultLamports = 10'000'000'000;
constexpr std::uint32_t kPayerSeed = 1'000'000;
constexpr std::uint32_t kProgramSeed = 1'000'001;
constexpr std::uint32_t kScriptSeed = 1'000'002;

void write_option(core::ByteWriter& writer, const std::optional<Address>& address) {
    writer.write_u32_le(address ? 1 : 0).write(address.value_or(Address{}).view());
}

}  // namespace

Address test_address(std::uint32_t seed) {
    std::array<std::uint8_t, 4> number{};
    core::store_be(number.data(), seed);
    return Address(core::crypto::sha256({core::as_bytes("Latchkey test address"), number}).array());
}

Address wallet_program_address() {
    return test_address(kProgramSeed);
}

Address script_program_address() {
    return test_address(kScriptSeed);
}

core::Hash32 local_cluster() {
    return core::crypto::sha256(core::as_bytes("Latchkey local chain"));
}

Bytes encode_token_account(const TokenAccountFields& fields) {
    core::ByteWriter writer;
    writer.write(fields.mint.view()).write(fields.owner.view()).write_u64_le(fields.amount);
    write_option(writer, fields.delegate);
    writer.write_u8(fields.state);
    writer.write_u32_le(fields.native_reserve ? 1 : 0);
    writer.write_u64_le(fields.native_reserve.value_or(0));
    writer.write_u64_le(fields.delegated_amount);
    write_option(writer, fields.close_authority);
    return writer.take();
}

Bytes encode_mint(const MintFields& fields) {
    core::ByteWriter writer;
    write_option(writer, fields.mint_authority);
    writer.write_u64_le(fields.supply).write_u8(fields.decimals).write_u8(1);
    write_option(writer, fields.freeze_authority);
    return writer.take();
}

std::uint64_t token_amount(const NativeAccount* account) {
    if (account == nullptr || account->data.size() < program::kTokenAccountSize) {
        return 0;
    }
    return core::load_le<std::uint64_t>(account->data.data() + program::kTokenAmountOffset);
}

NativeWorld::NativeWorld(const NativeOptions& options, const ForgeOptions& forge,
                         NativeEntrypoint wallet_entrypoint)
    : chain_(options),
      forge_options_(forge),
      program_(wallet_program_address()),
      script_(script_program_address()),
      payer_(TestSigner::ed25519(kPayerSeed, /*may_pay_fees=*/true)) {
    chain_.set_time(kStartTime);
    chain_.add_program(program_, wallet_entrypoint);
    chain_.add_program(script_, script_entrypoint);
    put(payer_.address(), kPayerLamports);
    add(payer_);
    lane_ = find_lane(program_, payer_.address(), 0);
    put(lane_.address, chain_.minimum_balance(core::kLaneSize));
    const NativeResult opened =
        send({open_lane(program_, lane_, payer_.address(), payer_.address())});
    if (!opened.ok) {
        throw std::logic_error("cannot open a lane: " + explain_result(opened));
    }
    advance(2 * core::kLaneWindowSeconds);
}

core::Signer NativeWorld::add(const TestSigner& signer) {
    keyring_.add(signer);
    return signer.entry();
}

void NativeWorld::advance(std::uint64_t seconds) {
    chain_.set_time(chain_.time() + static_cast<std::int64_t>(seconds));
}

Forge NativeWorld::make_wallet(const core::Configuration& configuration) {
    Forge forge(ForgedWallet::make(configuration, program_, local_cluster()), keyring_,
                forge_options_);
    put(forge.wallet().vault, kVaultLamports);
    return forge;
}

std::optional<StateAccount> NativeWorld::state_of(const Forge& forge) const {
    const NativeAccount* const account = chain_.find_account(forge.wallet().state());
    if (account == nullptr || account->owner != program_ || !is_initialised_state(account->data)) {
        return std::nullopt;
    }
    const auto state = decode_state(account->data);
    if (!state.has_value()) {
        throw std::logic_error("the state does not decode: " + state.error().to_string());
    }
    return *state;
}

void NativeWorld::fund_state(const Forge& forge, std::size_t bytes) {
    NativeAccount account;
    if (const NativeAccount* const present = chain_.find_account(forge.wallet().state())) {
        account = *present;
    }
    account.lamports = chain_.minimum_balance(bytes);
    chain_.set_account(forge.wallet().state(), account);
}

NativeResult NativeWorld::create_state(const Forge& forge) {
    constexpr std::size_t kPlentyOfBytes = 8192;
    fund_state(forge, kPlentyOfBytes);
    return send({forge.create_state()});
}

LaneNonce NativeWorld::lane_nonce() {
    const std::uint64_t window = now() / core::kLaneWindowSeconds;
    LaneNonce nonce;
    nonce.bit = static_cast<std::uint16_t>(next_bit_++ % core::kLaneBits);
    nonce.odd_window = (window & 1) != 0;
    nonce.sixteenth = 15;
    return nonce;
}

Draft NativeWorld::complete(Draft draft) const {
    draft.now = now();
    if (draft.lane.is_zero()) {
        draft.lane = lane_.address;
    }
    if (draft.lane_operator.is_zero()) {
        draft.lane_operator = payer_.address();
    }
    return draft;
}

Forged NativeWorld::forge(const Forge& forge, const Draft& draft) const {
    return forge.build(complete(draft), state_of(forge));
}

NativeResult NativeWorld::send(const std::vector<Instruction>& instructions) {
    return chain_.execute(payer_.address(), instructions);
}

NativeResult NativeWorld::send(const Forge& forge, const Draft& draft) {
    return send(this->forge(forge, draft).instructions);
}

void NativeWorld::put(const Address& address, std::uint64_t lamports, const Address& owner,
                      Bytes data) {
    chain_.set_account(address, {lamports, owner, std::move(data), false});
}

void NativeWorld::put_data(const Address& address, const Address& owner, Bytes data) {
    const std::uint64_t lamports = chain_.minimum_balance(data.size());
    put(address, lamports, owner, std::move(data));
}

std::optional<core::Verdict> verdict_of(const NativeResult& result) {
    if (result.ok) {
        return core::Verdict::kAccepted;
    }
    return result.custom_code ? core::verdict_from_number(*result.custom_code) : std::nullopt;
}

std::string explain_result(const NativeResult& result) {
    if (result.ok) {
        return "accepted";
    }
    const auto verdict = verdict_of(result);
    const std::string where = "instruction " + std::to_string(result.instruction_index) + ": ";
    if (verdict) {
        return where + std::string(core::verdict_name(*verdict));
    }
    return where + result.error +
           (result.custom_code ? " " + std::to_string(*result.custom_code) : "");
}

CompactCall compact_call(std::uint8_t program, std::vector<CallMeta> metas, Bytes data) {
    return {program, std::move(metas), std::move(data)};
}

CompactCall transfer_call(std::uint8_t program, std::uint8_t to, std::uint64_t lamports) {
    core::ByteWriter data;
    data.write_u32_le(2).write_u64_le(lamports);
    return compact_call(program, {{1, true, true}, {to, true, false}}, data.take());
}

}  // namespace latchkey::solana::testing
