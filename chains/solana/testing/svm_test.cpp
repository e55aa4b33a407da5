// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/testing/svm.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

#include <unistd.h>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

namespace latchkey::solana::testing {
namespace {

using SecretKey = std::array<std::uint8_t, 64>;

struct Wallet {
    Key address{};
    SecretKey secret{};
};

Wallet make_wallet(std::uint8_t seed_byte) {
    std::array<std::uint8_t, 32> seed{};
    seed.fill(seed_byte);
    Wallet wallet;
    crypto_sign_seed_keypair(wallet.address.data(), wallet.secret.data(), seed.data());
    return wallet;
}

void append(Bytes& bytes, ByteSpan more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
}

void append_u32(Bytes& bytes, std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i) {
        bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
}

void append_u64(Bytes& bytes, std::uint64_t value) {
    append_u32(bytes, static_cast<std::uint32_t>(value));
    append_u32(bytes, static_cast<std::uint32_t>(value >> 32));
}

Bytes sign(const Wallet& wallet, const Bytes& message) {
    Bytes transaction{1};
    std::array<std::uint8_t, crypto_sign_BYTES> signature{};
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(),
                         wallet.secret.data());
    append(transaction, signature);
    append(transaction, message);
    return transaction;
}

/// A legacy transaction with one System transfer (instruction 2).
Bytes transfer(const Wallet& from, const Key& to, std::uint64_t lamports, const Key& blockhash) {
    Bytes message{1, 0, 1, 3};
    append(message, from.address);
    append(message, to);
    append(message, Key{});
    append(message, blockhash);
    append(message, Bytes{1, 2, 2, 0, 1, 12});
    append_u32(message, 2);
    append_u64(message, lamports);
    return sign(from, message);
}

/// A legacy transaction that calls `program` with no accounts and no data.
Bytes call_program(const Wallet& payer, const Key& program, const Key& blockhash) {
    Bytes message{1, 0, 1, 2};
    append(message, payer.address);
    append(message, program);
    append(message, blockhash);
    append(message, Bytes{1, 1, 0, 0});
    return sign(payer, message);
}

/// The smallest sBPF v3 ELF: one code segment holding `mov64 r0, <result>; exit`.
Bytes tiny_program(std::uint32_t result) {
    Bytes elf{0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 247, 0};
    append_u32(elf, 1);
    append_u64(elf, 0x1'0000'0000);
    append_u64(elf, 64);
    append_u64(elf, 0);
    append_u32(elf, 3);
    append(elf, Bytes{64, 0, 56, 0, 1, 0, 64, 0, 0, 0, 0, 0});
    append_u32(elf, 1);
    append_u32(elf, 1);
    append_u64(elf, 120);
    append_u64(elf, 0x1'0000'0000);
    append_u64(elf, 0x1'0000'0000);
    append_u64(elf, 16);
    append_u64(elf, 16);
    append_u64(elf, 8);
    append(elf, Bytes{0xb7, 0, 0, 0});
    append_u32(elf, result);
    append(elf, Bytes{0x95, 0, 0, 0, 0, 0, 0, 0});
    return elf;
}

class SvmTest : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        ASSERT_GE(sodium_init(), 0);
        ASSERT_TRUE(devnet_is_installed())
            << "run ./dev setup, or npm ci in " << devnet_directory();
        svm_ = new Svm();
    }
    static void TearDownTestSuite() {
        delete svm_;
        svm_ = nullptr;
    }
    void SetUp() override {
        svm().reset();
        ASSERT_TRUE(svm().airdrop(alice_.address, 1'000'000'000).ok);
    }
    static Svm& svm() { return *svm_; }

    const Wallet alice_ = make_wallet(1);
    const Wallet bob_ = make_wallet(2);

  private:
    static inline Svm* svm_ = nullptr;
};

TEST_F(SvmTest, TransferMovesLamportsAndChargesTheFee) {
    const SendResult result =
        svm().send(transfer(alice_, bob_.address, 2'000'000, svm().latest_blockhash()));
    EXPECT_TRUE(result.ok) << result.error;
    EXPECT_EQ(result.compute_units, 150U);
    EXPECT_EQ(result.fee, 5000U);
    EXPECT_EQ(svm().get_balance(bob_.address), 2'000'000U);
    EXPECT_EQ(svm().get_balance(alice_.address), 1'000'000'000U - 2'000'000U - 5000U);
    EXPECT_FALSE(result.logs.empty());
}

TEST_F(SvmTest, OverdraftFailsWithTheSystemProgramsCode) {
    const SendResult result =
        svm().send(transfer(alice_, bob_.address, 1'000'000'000, svm().latest_blockhash()));
    EXPECT_FALSE(result.ok);
    EXPECT_EQ(result.error, R"({"InstructionError":[0,{"Custom":1}]})");
    EXPECT_EQ(result.custom_code, 1U);
    EXPECT_EQ(result.instruction_index, 0);
    EXPECT_EQ(svm().get_balance(alice_.address), 1'000'000'000U - 5000U) << "a failure still pays";
}

TEST_F(SvmTest, WrongSignatureIsRefused) {
    Bytes transaction = transfer(alice_, bob_.address, 2'000'000, svm().latest_blockhash());
    transaction[1] ^= 1;
    const SendResult result = svm().send(transaction);
    EXPECT_EQ(result.error_name, "SignatureFailure");
    EXPECT_EQ(result.instruction_index, -1);
}

TEST_F(SvmTest, OnlyTheLatestBlockhashCounts) {
    const Bytes transaction = transfer(alice_, bob_.address, 2'000'000, svm().latest_blockhash());
    svm().expire_blockhash();
    EXPECT_EQ(svm().send(transaction).error_name, "BlockhashNotFound");
}

TEST_F(SvmTest, DuplicateIsRefused) {
    const Bytes transaction = transfer(alice_, bob_.address, 2'000'000, svm().latest_blockhash());
    const std::vector<Bytes> twice{transaction, transaction};
    const std::vector<SendResult> results = svm().send_all(twice);
    ASSERT_EQ(results.size(), 2U);
    EXPECT_TRUE(results[0].ok);
    EXPECT_EQ(results[1].error_name, "AlreadyProcessed");
}

TEST_F(SvmTest, MalformedTransactionThrowsAndTheVmLives) {
    const Bytes whole = transfer(alice_, bob_.address, 2'000'000, svm().latest_blockhash());
    for (std::size_t length = 0; length < whole.size(); ++length) {
        EXPECT_THROW(svm().send(ByteSpan(whole).first(length)), std::runtime_error) << length;
    }
    Bytes longer = whole;
    longer.push_back(0);
    EXPECT_THROW(svm().send(longer), std::runtime_error);
    EXPECT_TRUE(svm().send(whole).ok);
}

TEST_F(SvmTest, SimulationHasNoEffect) {
    const SendResult result =
        svm().simulate(transfer(alice_, bob_.address, 2'000'000, svm().latest_blockhash()));
    EXPECT_TRUE(result.ok) << result.error;
    bool found = false;
    for (const AddressedAccount& entry : result.post_accounts) {
        found = found || (entry.address == bob_.address && entry.account.lamports == 2'000'000);
    }
    EXPECT_TRUE(found);
    EXPECT_EQ(svm().get_balance(bob_.address), 0U);
}

TEST_F(SvmTest, AccountsAndClockAreWhatWasSet) {
    const Account account{.lamports = 3'000'000,
                          .owner = alice_.address,
                          .data = {1, 2, 3, 4, 5},
                          .executable = false};
    svm().set_account(bob_.address, account);
    EXPECT_EQ(svm().get_account(bob_.address), account);
    const std::vector<Key> keys{bob_.address, Key{9}};
    const auto accounts = svm().get_accounts(keys);
    ASSERT_EQ(accounts.size(), 2U);
    EXPECT_EQ(accounts[0], account);
    EXPECT_FALSE(accounts[1].has_value());
    ASSERT_EQ(svm().get_program_accounts(alice_.address).size(), 1U);

    Clock clock = svm().get_clock();
    clock.unix_timestamp = 1'790'000'000;
    clock.slot += 7;
    svm().set_clock(clock);
    EXPECT_EQ(svm().get_clock(), clock);
}

TEST_F(SvmTest, RentIsMainnetsAndCanBeChanged) {
    // SIMD-0437: (128 + bytes) * 5,080 lamports.
    EXPECT_EQ(svm().minimum_balance(0), 128U * 5080U);
    svm().set_rent(6960);
    EXPECT_EQ(svm().get_rent(), 6960U);
    EXPECT_EQ(svm().minimum_balance(100), 228U * 6960U);
}

TEST_F(SvmTest, SnapshotBringsEverythingBack) {
    const std::string before = svm().snapshot();
    const Bytes transaction = transfer(alice_, bob_.address, 2'000'000, svm().latest_blockhash());
    EXPECT_TRUE(svm().send(transaction).ok);
    svm().restore(before);
    EXPECT_EQ(svm().get_balance(bob_.address), 0U);
    EXPECT_TRUE(svm().send(transaction).ok) << "the history went back as well";
    EXPECT_TRUE(svm().airdrop(bob_.address, 5'000'000).ok);

    const std::string path =
        std::filesystem::temp_directory_path() / ("latchkey-svm-" + std::to_string(getpid()));
    svm().save(path);
    svm().reset();
    svm().load(path);
    std::filesystem::remove(path);
    EXPECT_EQ(svm().get_balance(bob_.address), 7'000'000U);
    EXPECT_EQ(svm().get_rent(), 5080U);
    EXPECT_THROW(svm().restore("no such snapshot"), std::runtime_error);
}

TEST_F(SvmTest, DeployedProgramRuns) {
    const Key program{7};
    const DeployResult deployed = svm().deploy_program(program, tiny_program(0));
    EXPECT_GE(deployed.transactions, 3U);
    const SendResult result = svm().send(call_program(alice_, program, svm().latest_blockhash()));
    EXPECT_TRUE(result.ok) << result.error;
    EXPECT_EQ(result.compute_units, 2U) << "mov64, exit";

    const Key failing{8};
    svm().deploy_program(failing, tiny_program(6001), alice_.address);
    EXPECT_EQ(svm().send(call_program(alice_, failing, svm().latest_blockhash())).custom_code,
              6001U);
}

TEST_F(SvmTest, LoaderRefusesAMalformedElf) {
    Bytes elf = tiny_program(0);
    elf[120] = 0xdb;
    EXPECT_THROW(svm().deploy_program(Key{7}, elf), std::runtime_error);
    EXPECT_THROW(svm().load_program(Key{7}, Bytes(10, 0)), std::runtime_error);
    svm().load_program(Key{7}, tiny_program(0));
    EXPECT_TRUE(svm().send(call_program(alice_, Key{7}, svm().latest_blockhash())).ok);
}

TEST_F(SvmTest, AllFeaturesStillRunVersion3Programs) {
    SvmOptions options;
    options.features = SvmOptions::Features::kAll;
    svm().reset(options);
    ASSERT_TRUE(svm().airdrop(alice_.address, 1'000'000'000).ok);
    svm().deploy_program(Key{7}, tiny_program(0));
    EXPECT_TRUE(svm().send(call_program(alice_, Key{7}, svm().latest_blockhash())).ok);
}

TEST_F(SvmTest, HostRefusesUnknownRequests) {
    EXPECT_THROW(svm().call({{"op", "no such thing"}}), std::runtime_error);
    EXPECT_THROW(svm().call({{"op", "ping"}, {"misspelt", 1}}), std::runtime_error);
    EXPECT_EQ(svm().call({{"op", "ping"}}).as_string(), "pong");
}

TEST_F(SvmTest, RoundTripsAreQuick) {
    constexpr int kCount = 300;
    std::vector<Bytes> transactions;
    const Key blockhash = svm().latest_blockhash();
    for (int i = 0; i < kCount; ++i) {
        transactions.push_back(
            transfer(alice_, bob_.address, 1'000'000 + static_cast<std::uint64_t>(i), blockhash));
    }
    const auto measure = [](auto&& work) {
        const auto start = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double, std::micro> spent =
            std::chrono::steady_clock::now() - start;
        return spent.count() / kCount;
    };
    const double ping = measure([&] {
        for (int i = 0; i < kCount; ++i) {
            svm().call({{"op", "ping"}});
        }
    });
    const double send = measure([&] {
        for (const Bytes& transaction : transactions) {
            ASSERT_TRUE(svm().send(transaction).ok);
        }
    });
    std::printf("round trip: ping %.0f us, System transfer %.0f us\n", ping, send);
    // Far above what is measured (80 us, 400 us), so that only a real regression fails.
    EXPECT_LT(ping, 5'000);
    EXPECT_LT(send, 20'000);
}

}  // namespace
}  // namespace latchkey::solana::testing
