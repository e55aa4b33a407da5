// SPDX-License-Identifier: Apache-2.0
// Every instruction and wire format on the real Solana VM.
#include <gtest/gtest.h>

#include "chains/solana/client/account_state.hpp"
#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/precompiles.hpp"
#include "chains/solana/testing/svm.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::solana {
namespace {

using core::crypto::Ed25519PrivateKey;

constexpr std::uint64_t kSol = 1'000'000'000;

core::Secret<32> secret(std::string_view name) {
    return core::Secret<32>::copy_of(core::crypto::sha256(core::as_bytes(name)).view()).value();
}

struct Signer {
    explicit Signer(std::string_view name)
        : key(Ed25519PrivateKey::from_seed(secret(name))), address(key.public_key().array()) {}

    Ed25519PrivateKey key;
    Address address;
};

class OnChain : public ::testing::TestWithParam<MessageVersion> {
  protected:
    static void SetUpTestSuite() { svm_ = std::make_unique<testing::Svm>(); }
    static void TearDownTestSuite() { svm_.reset(); }

    void SetUp() override {
        svm_->reset();
        for (const Signer* signer : {&payer, &other}) {
            ASSERT_TRUE(svm_->airdrop(signer->address.array(), 100 * kSol).ok);
        }
    }

    /// Signed by the payer and `signers`, with room for everything these tests do.
    MessageDraft draft(std::vector<Instruction> instructions) {
        MessageDraft out;
        out.version = GetParam();
        out.fee_payer = payer.address;
        out.lifetime = Blockhash(svm_->latest_blockhash());
        out.instructions = std::move(instructions);
        if (out.version == MessageVersion::kV1) {
            out.config.compute_unit_limit = 1'000'000;
            out.config.loaded_accounts_bytes_limit = 64 * 1024 * 1024;
        }
        return out;
    }

    testing::SendResult send(const MessageDraft& what, const std::vector<const Signer*>& signers) {
        auto transaction = Transaction::from_draft(what);
        if (!transaction) {
            ADD_FAILURE() << transaction.error().to_string();
            return {};
        }
        EXPECT_TRUE(transaction->sign(payer.key));
        for (const Signer* signer : signers) {
            EXPECT_TRUE(transaction->sign(signer->key));
        }
        // Otherwise a test that repeats itself would be refused as a duplicate.
        const auto result = svm_->send(transaction->encode());
        svm_->expire_blockhash();
        return result;
    }

    void expect_ok(std::vector<Instruction> instructions,
                   const std::vector<const Signer*>& signers = {}) {
        const auto result = send(draft(std::move(instructions)), signers);
        EXPECT_TRUE(result.ok) << result.error << '\n' << ::testing::PrintToString(result.logs);
    }

    void expect_error(std::string_view error, std::vector<Instruction> instructions,
                      const std::vector<const Signer*>& signers = {}) {
        const auto result = send(draft(std::move(instructions)), signers);
        EXPECT_FALSE(result.ok);
        EXPECT_NE(result.error.find(error), std::string::npos) << result.error;
    }

    Bytes data(const Address& address) {
        const auto account = svm_->get_account(address.array());
        return account ? account->data : Bytes();
    }
    std::uint64_t balance(const Address& address) { return svm_->get_balance(address.array()); }
    /// Moves on a slot and notes the last one in the slot-hashes sysvar, as a validator does.
    std::uint64_t recent_slot() {
        constexpr Address kSlotHashes = "SysvarS1otHashes111111111111111111111111111"_address;
        const std::uint64_t slot = svm_->get_clock().slot;
        svm_->advance(1, 0);
        auto account = svm_->get_account(kSlotHashes.array()).value();
        account.data.assign(8 + 512 * 40, 0);
        account.data[0] = 1;
        core::store_le(account.data.data() + 8, slot);
        svm_->set_account(kSlotHashes.array(), account);
        return slot;
    }
    std::uint64_t rent(std::size_t bytes) { return svm_->minimum_balance(bytes); }

    static std::unique_ptr<testing::Svm> svm_;
    const Signer payer{"payer"};
    const Signer other{"other"};
};

std::unique_ptr<testing::Svm> OnChain::svm_;

INSTANTIATE_TEST_SUITE_P(versions, OnChain,
                         ::testing::Values(MessageVersion::kLegacy, MessageVersion::kV0,
                                           MessageVersion::kV1),
                         [](const auto& version) { return std::string(to_string(version.param)); });

TEST_P(OnChain, transfers_and_joins_signers) {
    const Address to = Signer("to").address;
    expect_ok({system::transfer(other.address, to, kSol), system::transfer(payer.address, to, 7)},
              {&other});
    EXPECT_EQ(balance(to), kSol + 7);
    EXPECT_EQ(balance(other.address), 99 * kSol);
    EXPECT_EQ(balance(payer.address), 100 * kSol - 7 - 2 * 5000);
}

TEST_P(OnChain, signatures_are_over_the_message_bytes) {
    auto transaction =
        Transaction::from_draft(draft({system::transfer(payer.address, other.address, 1)})).value();
    ASSERT_TRUE(transaction.sign(payer.key));
    Bytes wire = transaction.encode();
    const std::size_t signature_at = GetParam() == MessageVersion::kV1 ? wire.size() - 64 : 1;
    EXPECT_EQ(Bytes(wire.begin() + static_cast<std::ptrdiff_t>(signature_at),
                    wire.begin() + static_cast<std::ptrdiff_t>(signature_at) + 64),
              core::to_bytes(transaction.id()->view()));
    wire[signature_at] ^= 1;
    EXPECT_FALSE(svm_->send(wire).ok);
    wire[signature_at] ^= 1;
    EXPECT_TRUE(svm_->send(wire).ok);
}

TEST_P(OnChain, system_accounts) {
    const Signer created("created"), prefunded("prefunded"), plain("plain");
    ASSERT_TRUE(svm_->airdrop(prefunded.address.array(), kSol).ok);
    ASSERT_TRUE(svm_->airdrop(plain.address.array(), kSol).ok);
    const Address seeded = create_address_with_seed(other.address, "stake:0", kMemoProgram).value();
    expect_ok({system::create_account(payer.address, created.address, rent(10), 10, kMemoProgram),
               system::create_account_with_seed(payer.address, seeded, other.address, "stake:0",
                                                rent(20), 20, kMemoProgram)
                   .value(),
               system::allocate(plain.address, 30), system::assign(plain.address, kMemoProgram)},
              {&created, &other, &plain});
    EXPECT_EQ(data(created.address).size(), 10U);
    EXPECT_EQ(data(seeded).size(), 20U);
    EXPECT_EQ(data(plain.address).size(), 30U);
    EXPECT_EQ(svm_->get_account(plain.address.array())->owner, kMemoProgram.array());
    expect_error(
        "Custom",
        {system::create_account(payer.address, prefunded.address, rent(10), 10, kMemoProgram)},
        {&prefunded});
    expect_ok({system::create_account_allow_prefund(payer.address, prefunded.address, 5, 10,
                                                    kMemoProgram)},
              {&prefunded});
    EXPECT_EQ(balance(prefunded.address), kSol + 5);
    EXPECT_EQ(data(prefunded.address).size(), 10U);
}

TEST_P(OnChain, durable_nonces) {
    const Signer nonce("nonce");
    expect_ok({system::create_account(payer.address, nonce.address, rent(kNonceAccountBytes) + 9,
                                      kNonceAccountBytes, kSystemProgram),
               system::initialize_nonce_account(nonce.address, other.address)},
              {&nonce});
    const auto before = decode_nonce_account(data(nonce.address)).value();
    EXPECT_EQ(before.authority, other.address);
    svm_->expire_blockhash();

    MessageDraft durable = draft({system::advance_nonce_account(nonce.address, other.address),
                                  system::transfer(payer.address, other.address, 1)});
    durable.lifetime = before.nonce;
    EXPECT_EQ(durable_nonce(compile_message(durable).value()),
              (DurableNonce{nonce.address, other.address}));
    EXPECT_TRUE(send(durable, {&other}).ok);
    const auto after = decode_nonce_account(data(nonce.address)).value();
    EXPECT_NE(after.nonce, before.nonce);
    EXPECT_FALSE(send(durable, {&other}).ok) << "the nonce has advanced";

    expect_ok({system::authorize_nonce_account(nonce.address, other.address, payer.address),
               system::withdraw_nonce_account(nonce.address, payer.address, other.address, 9)},
              {&other});
    EXPECT_EQ(decode_nonce_account(data(nonce.address))->authority, payer.address);
    EXPECT_EQ(balance(nonce.address), rent(kNonceAccountBytes));
}

TEST_P(OnChain, tokens_of_both_programs) {
    for (const Address& program : {kTokenProgram, kToken2022Program}) {
        const Signer mint(to_base58(program)), plain("plain" + to_base58(program));
        const Address from = associated_token_address(other.address, mint.address, program);
        const Address to = associated_token_address(payer.address, mint.address, program);
        expect_ok({system::create_account(payer.address, mint.address, rent(kMintBytes), kMintBytes,
                                          program),
                   token::initialize_mint2(program, mint.address, 6, payer.address, other.address),
                   associated_token::create(payer.address, other.address, mint.address, program),
                   associated_token::create_idempotent(payer.address, payer.address, mint.address,
                                                       program),
                   associated_token::create_idempotent(payer.address, payer.address, mint.address,
                                                       program),
                   token::mint_to_checked(program, mint.address, from, payer.address, 1000, 6)},
                  {&mint});
        const auto state = decode_mint(data(mint.address)).value();
        EXPECT_EQ(state.decimals, 6);
        EXPECT_EQ(state.supply, 1000U);
        EXPECT_EQ(state.mint_authority, payer.address);
        EXPECT_EQ(state.freeze_authority, other.address);
        expect_ok({token::transfer_checked(program, from, mint.address, to, other.address, 100, 6),
                   token::transfer(program, from, to, other.address, 10),
                   token::burn_checked(program, from, mint.address, other.address, 1, 6),
                   token::approve_checked(program, from, mint.address, payer.address, other.address,
                                          50, 6)},
                  {&other});
        auto account = decode_token_account(data(from)).value();
        EXPECT_EQ(account.amount, 889U);
        EXPECT_EQ(account.owner, other.address);
        EXPECT_EQ(account.delegate, payer.address);
        EXPECT_EQ(account.delegated_amount, 50U);
        EXPECT_EQ(account.status, TokenAccountStatus::kInitialized);
        EXPECT_EQ(decode_token_account(data(to))->amount, 110U);
        expect_ok({token::revoke(program, from, other.address),
                   token::freeze_account(program, from, mint.address, other.address)},
                  {&other});
        account = decode_token_account(data(from)).value();
        EXPECT_FALSE(account.delegate);
        EXPECT_EQ(account.status, TokenAccountStatus::kFrozen);
        expect_ok({token::thaw_account(program, from, mint.address, other.address),
                   token::set_authority(program, mint.address, payer.address,
                                        token::AuthorityType::kMintTokens, std::nullopt),
                   token::transfer_checked(program, to, mint.address, from, payer.address, 110, 6),
                   token::close_account(program, to, other.address, payer.address)},
                  {&other});
        EXPECT_FALSE(decode_mint(data(mint.address))->mint_authority);
        EXPECT_TRUE(data(to).empty());
        expect_ok({system::create_account(payer.address, plain.address, rent(kTokenAccountBytes),
                                          kTokenAccountBytes, program),
                   token::initialize_account3(program, plain.address, mint.address, other.address)},
                  {&plain});
        EXPECT_EQ(decode_token_account(data(plain.address))->owner, other.address);
    }
}

TEST_P(OnChain, wrapped_sol) {
    // A mint without authorities, 9 decimals, initialised: the VM starts without it.
    testing::Account native{rent(kMintBytes), kTokenProgram.array(), Bytes(kMintBytes), false};
    native.data[44] = 9;
    native.data[45] = 1;
    svm_->set_account(kNativeMint.array(), native);
    const Address wrapped = associated_token_address(payer.address, kNativeMint, kTokenProgram);
    expect_ok({associated_token::create(payer.address, payer.address, kNativeMint, kTokenProgram),
               system::transfer(payer.address, wrapped, 5),
               token::sync_native(kTokenProgram, wrapped)});
    const auto account = decode_token_account(data(wrapped)).value();
    EXPECT_EQ(account.amount, 5U);
    EXPECT_EQ(account.native_reserve, rent(kTokenAccountBytes));
}

TEST_P(OnChain, token_2022_transfer_fees) {
    // Mint with a transfer-fee configuration: 166 bytes, then a 4-byte header and 108 bytes.
    constexpr std::size_t kFeeMintBytes = 278;
    const Signer mint("fee mint");
    // InitializeTransferFeeConfig: no authorities, 1 %, at most 1000.
    const Instruction configure{kToken2022Program,
                                {writable(mint.address)},
                                {26, 0, 0, 0, 100, 0, 0xe8, 3, 0, 0, 0, 0, 0, 0}};
    const Address from = associated_token_address(other.address, mint.address, kToken2022Program);
    const Address to = associated_token_address(payer.address, mint.address, kToken2022Program);
    expect_ok(
        {system::create_account(payer.address, mint.address, rent(kFeeMintBytes), kFeeMintBytes,
                                kToken2022Program),
         configure,
         token::initialize_mint2(kToken2022Program, mint.address, 2, payer.address, std::nullopt)},
        {&mint});
    expect_ok(
        {associated_token::create(payer.address, other.address, mint.address, kToken2022Program),
         associated_token::create(payer.address, payer.address, mint.address, kToken2022Program),
         token::mint_to_checked(kToken2022Program, mint.address, from, payer.address, 1000, 2)});
    expect_error(
        "Custom",
        {token::transfer_checked_with_fee(from, mint.address, to, other.address, 500, 2, 4)},
        {&other});
    expect_ok({token::transfer_checked_with_fee(from, mint.address, to, other.address, 500, 2, 5)},
              {&other});
    const auto received = decode_token_account(data(to)).value();
    EXPECT_EQ(received.amount, 495U);
    const auto minted = decode_mint(data(mint.address)).value();
    ASSERT_EQ(minted.extensions.size(), 1U);
    EXPECT_EQ(minted.extensions[0].type, 1) << "TransferFeeConfig";
    EXPECT_EQ(minted.extensions[0].data.size(), 108U);
    // Transfer-fee amount, and the immutable owner every associated account has.
    EXPECT_EQ(received.extensions.size(), 2U);
}

TEST_P(OnChain, lookup_tables) {
    const std::uint64_t recent = recent_slot();
    const auto created = lookup_table::create(other.address, payer.address, recent);
    std::vector<Address> entries;
    for (int i = 0; i < 20; ++i) {
        entries.push_back(Signer("entry " + std::to_string(i)).address);
    }
    expect_ok({created.instruction,
               lookup_table::extend(created.table, other.address, payer.address, entries)},
              {&other});
    const auto state = decode_lookup_table(data(created.table)).value();
    EXPECT_EQ(state.addresses, entries);
    EXPECT_EQ(state.authority, other.address);
    EXPECT_FALSE(state.deactivation_slot);
    svm_->advance(1, 0);
    if (GetParam() == MessageVersion::kV0) {
        std::vector<Instruction> transfers;
        for (const Address& entry : entries) {
            transfers.push_back(system::transfer(payer.address, entry, kSol / 10));
        }
        MessageDraft with = draft(transfers);
        with.lookup_tables = {{created.table, state.addresses}};
        EXPECT_EQ(compile_message(with)->lookups.at(0).writable_indexes.size(), 20U);
        const auto result = send(with, {});
        EXPECT_TRUE(result.ok) << result.error;
        for (const Address& entry : entries) {
            EXPECT_EQ(balance(entry), kSol / 10);
        }
    }
    expect_ok({lookup_table::deactivate(created.table, other.address)}, {&other});
    EXPECT_TRUE(decode_lookup_table(data(created.table))->deactivation_slot);
    svm_->advance(600, 120);
    expect_ok({lookup_table::close(created.table, other.address, payer.address)}, {&other});
    EXPECT_TRUE(data(created.table).empty());

    const auto frozen = lookup_table::create(other.address, payer.address, recent_slot());
    expect_ok({frozen.instruction,
               lookup_table::extend(frozen.table, other.address, payer.address, entries),
               lookup_table::freeze(frozen.table, other.address)},
              {&other});
    EXPECT_FALSE(decode_lookup_table(data(frozen.table))->authority);
}

TEST_P(OnChain, memos) {
    const std::array<Address, 1> signers{other.address};
    expect_ok({memo("caf\xC3\xA9", signers).value()}, {&other});
}

TEST_P(OnChain, compute_budget) {
    MessageDraft limited =
        draft({compute_budget::set_unit_limit(1000), compute_budget::set_unit_price(1'000'000),
               compute_budget::set_loaded_accounts_bytes_limit(1024 * 1024),
               compute_budget::request_heap_frame(64 * 1024),
               system::transfer(payer.address, other.address, 1)});
    const auto result = send(limited, {});
    EXPECT_TRUE(result.ok) << result.error;
    // A price of one lamport for each of 1,000 units, except in v1, which ignores all of it.
    EXPECT_EQ(result.fee, GetParam() == MessageVersion::kV1 ? 5000U : 6000U);
    limited.lifetime = Blockhash(svm_->latest_blockhash());
    limited.instructions[0] = compute_budget::set_unit_limit(500);
    EXPECT_EQ(send(limited, {}).ok, GetParam() == MessageVersion::kV1)
        << "five instructions of 150 units";
}

TEST_P(OnChain, requests_in_a_v1_message) {
    if (GetParam() != MessageVersion::kV1) {
        return;
    }
    MessageDraft asking = draft({system::transfer(payer.address, other.address, 1)});
    asking.config.priority_fee_lamports = 1234;
    asking.config.compute_unit_limit = 150;
    asking.config.heap_bytes = 64 * 1024;
    auto result = send(asking, {});
    EXPECT_TRUE(result.ok) << result.error;
    EXPECT_EQ(result.fee, 6234U);
    asking.lifetime = Blockhash(svm_->latest_blockhash());
    asking.config.compute_unit_limit = 149;
    result = send(asking, {});
    EXPECT_FALSE(result.ok);
    EXPECT_EQ(result.fee, 6234U) << "fails and pays";
    asking.lifetime = Blockhash(svm_->latest_blockhash());
    asking.config.compute_unit_limit.reset();
    EXPECT_FALSE(send(asking, {}).ok) << "an absent limit is 0";
}

TEST_P(OnChain, secp256r1_precompile) {
    std::vector<precompiles::Secp256r1Entry> entries;
    for (const std::string_view name : {"one", "two", "three"}) {
        const auto key = core::crypto::P256PrivateKey::from_scalar(secret(name)).value();
        precompiles::Secp256r1Entry entry;
        entry.public_key = key.public_key();
        entry.message = core::to_bytes(core::as_bytes("message of " + std::string(name)));
        entry.signature = key.sign(core::crypto::sha256(entry.message)).value();
        entries.push_back(entry);
    }
    expect_ok({precompiles::secp256r1(entries).value()});
    entries[1].message[0] ^= 1;
    expect_error("Custom", {precompiles::secp256r1(entries).value()});
}

TEST_P(OnChain, ed25519_precompile) {
    std::vector<precompiles::Ed25519Entry> entries;
    for (const Signer* signer : {&payer, &other}) {
        precompiles::Ed25519Entry entry;
        entry.public_key = signer->key.public_key();
        entry.message = Bytes(171, 7);
        entry.signature = signer->key.sign(entry.message);
        entries.push_back(entry);
    }
    expect_ok({precompiles::ed25519(entries).value()});
    entries[1].message[170] ^= 1;
    expect_error("Custom", {precompiles::ed25519(entries).value()});
}

}  // namespace
}  // namespace latchkey::solana
