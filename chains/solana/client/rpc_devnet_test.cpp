// SPDX-License-Identifier: Apache-2.0
// The whole client against the local chain: real HTTP, real WebSocket, real VM.
#include <gtest/gtest.h>

#include "chains/solana/client/confirm.hpp"
#include "chains/solana/client/devnet_process.hpp"
#include "chains/solana/client/instructions.hpp"
#include "core/crypto/hash.hpp"
#include "net/blocking.hpp"
#include "net/http_client.hpp"

namespace latchkey::solana {
namespace {

using core::ErrorCode;
using core::crypto::Ed25519PrivateKey;
using net::Milliseconds;

constexpr std::uint64_t kSol = 1'000'000'000;

struct Signer {
    explicit Signer(std::string_view name)
        : key(Ed25519PrivateKey::from_seed(
              core::Secret<32>::copy_of(core::crypto::sha256(core::as_bytes(name)).view())
                  .value())),
          address(key.public_key().array()) {}

    Ed25519PrivateKey key;
    Address address;
};

class Devnet : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        chain_ = std::make_unique<DevnetProcess>(
            std::vector<std::string>{"--slot-ms", "40", "--finality-slots", "4"});
    }
    static void TearDownTestSuite() { chain_.reset(); }

    Devnet() {
        http_ = net::HttpClient::create(blocking.executor(), {}).value();
        net::JsonRpcEndpoint endpoint;
        endpoint.url = net::parse_url(chain_->rpc_url()).value();
        json_rpc_ =
            net::JsonRpcClient::create(*http_, clock_, jitter_, rpc_transport_options({endpoint}))
                .value();
        rpc = std::make_unique<RpcClient>(*json_rpc_, RpcOptions());
    }

    std::unique_ptr<PubSub> connect() {
        const net::Url url = net::parse_url(chain_->ws_url()).value();
        return blocking
            .run(PubSub::connect(blocking.executor(), url, {},
                                 net::SteadyClock::now() + Milliseconds(5000)))
            .value();
    }

    template <typename T>
    T run(Task<Result<T>> task) {
        auto result = blocking.run(std::move(task));
        if (!result) {
            throw std::runtime_error(result.error().to_string());
        }
        return *std::move(result);
    }

    void fund(const Address& address) {
        const Signature id = run(rpc->request_airdrop(address, 100 * kSol));
        for (int i = 0; i < 200; ++i) {
            std::vector<Signature> ids{id};
            const auto status = run(rpc->get_signature_statuses(ids, false)).front();
            if (status && status->commitment >= Commitment::kConfirmed) {
                return;
            }
            blocking.run(clock_.sleep_until(clock_.now() + Milliseconds(20)));
        }
        FAIL() << "the airdrop was not confirmed";
    }

    MessageDraft draft(std::vector<Instruction> instructions,
                       MessageVersion version = MessageVersion::kV0) {
        const LatestBlockhash latest = run(rpc->get_latest_blockhash());
        options.last_valid_block_height = latest.last_valid_block_height;
        MessageDraft out;
        out.version = version;
        out.fee_payer = payer.address;
        out.lifetime = latest.blockhash;
        out.instructions = std::move(instructions);
        if (version == MessageVersion::kV1) {
            out.config.compute_unit_limit = 100'000;
            out.config.loaded_accounts_bytes_limit = 1024 * 1024;
        }
        return out;
    }

    Transaction sign(const MessageDraft& what, const std::vector<const Signer*>& signers = {}) {
        Transaction out = Transaction::from_draft(what).value();
        EXPECT_TRUE(out.sign(payer.key));
        for (const Signer* signer : signers) {
            EXPECT_TRUE(out.sign(signer->key));
        }
        return out;
    }

    SendResult<Confirmation> confirm(const Transaction& transaction, PubSub* pubsub = nullptr) {
        return blocking.run(send_and_confirm(*rpc, transaction, options, pubsub));
    }

    void expect_confirmed(const SendResult<Confirmation>& result) {
        ASSERT_TRUE(result) << result.error().error.to_string();
    }

    static std::unique_ptr<DevnetProcess> chain_;
    net::BlockingExecutor blocking;
    net::SystemClock clock_;
    net::SystemJitter jitter_;
    std::unique_ptr<net::HttpClient> http_;
    std::unique_ptr<net::JsonRpcClient> json_rpc_;
    std::unique_ptr<RpcClient> rpc;
    ConfirmOptions options;
    const Signer payer{"payer"};
    const Signer other{"other"};
};

std::unique_ptr<DevnetProcess> Devnet::chain_;

TEST_F(Devnet, the_chain_itself) {
    EXPECT_FALSE(run(rpc->get_version()).empty());
    const Blockhash genesis = run(rpc->get_genesis_hash());
    EXPECT_TRUE(blocking.run(rpc->check_cluster(genesis)));
    EXPECT_FALSE(blocking.run(rpc->check_cluster(Blockhash())));
    const std::uint64_t slot = run(rpc->get_slot());
    const ClockState clock = run(rpc->get_clock({Commitment::kProcessed, slot}));
    EXPECT_GE(clock.slot, slot);
    EXPECT_LE(run(rpc->get_slot({Commitment::kFinalized, 0})), clock.slot);
    const auto time = run(rpc->get_block_time(slot));
    ASSERT_TRUE(time);
    EXPECT_LE(std::abs(*time - clock.unix_timestamp), 5);
    EXPECT_GT(run(rpc->get_minimum_balance(165)), run(rpc->get_minimum_balance(0)));
    const LatestBlockhash latest = run(rpc->get_latest_blockhash());
    EXPECT_TRUE(run(rpc->is_blockhash_valid(latest.blockhash)));
    EXPECT_FALSE(run(rpc->is_blockhash_valid(Blockhash())));
    EXPECT_GT(latest.last_valid_block_height, run(rpc->get_block_height()));
}

TEST_F(Devnet, every_version_with_and_without_subscriptions) {
    fund(payer.address);
    const auto pubsub = connect();
    // Equal transactions with one blockhash would be one transaction.
    std::uint64_t amount = kSol;
    for (const auto version : {MessageVersion::kLegacy, MessageVersion::kV0, MessageVersion::kV1}) {
        for (PubSub* listening : {pubsub.get(), static_cast<PubSub*>(nullptr)}) {
            const std::uint64_t before = run(rpc->get_balance(other.address));
            const Transaction transaction =
                sign(draft({system::transfer(payer.address, other.address, ++amount)}, version));
            const auto confirmed = confirm(transaction, listening);
            expect_confirmed(confirmed);
            EXPECT_EQ(confirmed->id, *transaction.id());
            EXPECT_EQ(
                run(rpc->get_balance(other.address, {Commitment::kConfirmed, confirmed->slot})),
                before + amount);
            const auto executed = run(rpc->get_transaction(confirmed->id));
            ASSERT_TRUE(executed);
            EXPECT_EQ(executed->transaction, transaction);
            EXPECT_EQ(executed->slot, confirmed->slot);
            EXPECT_FALSE(executed->error);
            EXPECT_EQ(executed->fee, 5000U);
            EXPECT_EQ(executed->balances_before[0],
                      executed->balances_after[0] + amount + executed->fee);
        }
    }
    EXPECT_TRUE(pubsub->is_open());
    const auto history = run(rpc->get_signatures_for_address(other.address, 3));
    EXPECT_EQ(history.size(), 3U);
    EXPECT_GE(history[0].slot, history[2].slot);
}

TEST_F(Devnet, finality) {
    fund(payer.address);
    options.commitment = Commitment::kFinalized;
    const auto finalized =
        confirm(sign(draft({system::transfer(payer.address, other.address, 1)})));
    expect_confirmed(finalized);
    EXPECT_EQ(finalized->commitment, Commitment::kFinalized);
}

TEST_F(Devnet, simulation_and_failures) {
    fund(payer.address);
    const Transaction good = sign(draft({system::transfer(payer.address, other.address, kSol)}));
    SimulateOptions with_account;
    with_account.accounts = {other.address};
    with_account.verify_signatures = true;
    const auto fine = run(rpc->simulate(good, with_account));
    EXPECT_FALSE(fine.error);
    EXPECT_EQ(fine.compute_units, 150U);
    ASSERT_TRUE(fine.accounts.at(0));
    EXPECT_EQ(fine.accounts[0]->lamports, run(rpc->get_balance(other.address)) + kSol);

    const Transaction bad =
        sign(draft({system::transfer(payer.address, other.address, 1000 * kSol)}));
    EXPECT_EQ(run(rpc->simulate(bad, {})).error->custom_code, 1U);
    const auto refused = confirm(bad);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().error.code, ErrorCode::kSimulationFailed);
    EXPECT_EQ(refused.error().error.context,
              "instruction 0 (the System program): not enough lamports (error 1)");
    EXPECT_FALSE(refused.error().logs.empty());
    options.preflight = false;
    const auto failed = confirm(bad);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().error.code, ErrorCode::kTransactionFailed);
    EXPECT_EQ(failed.error().transaction_error->instruction_index, 0);
    EXPECT_EQ(run(rpc->get_transaction(*bad.id()))->error->custom_code, 1U);
}

TEST_F(Devnet, unknown_blockhashes_expire) {
    fund(payer.address);
    MessageDraft old = draft({system::transfer(payer.address, other.address, 1)});
    old.lifetime = Blockhash(other.address.array());
    options.last_valid_block_height = run(rpc->get_block_height());
    const auto expired = confirm(sign(old));
    ASSERT_FALSE(expired);
    EXPECT_EQ(expired.error().error.code, ErrorCode::kBlockhashExpired)
        << expired.error().error.to_string();
}

TEST_F(Devnet, a_node_that_is_behind_is_not_believed) {
    const ReadAt future{Commitment::kConfirmed, run(rpc->get_slot()) + 1'000'000};
    const auto answer = blocking.run(rpc->get_balance(payer.address, future));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::kServerUnavailable);
}

TEST_F(Devnet, tokens_and_accounts) {
    fund(payer.address);
    const Signer mint("mint of the rpc test");
    const Address account =
        associated_token_address(payer.address, mint.address, kToken2022Program);
    const std::uint64_t rent = run(rpc->get_minimum_balance(kMintBytes));
    expect_confirmed(confirm(sign(draft({system::create_account(payer.address, mint.address, rent,
                                                                kMintBytes, kToken2022Program),
                                         token::initialize_mint2(kToken2022Program, mint.address, 6,
                                                                 payer.address, std::nullopt),
                                         associated_token::create(payer.address, payer.address,
                                                                  mint.address, kToken2022Program),
                                         token::mint_to_checked(kToken2022Program, mint.address,
                                                                account, payer.address, 77, 6)}),
                                  {&mint})));
    const auto of_mint = run(rpc->get_token_accounts_of_mint(payer.address, mint.address));
    ASSERT_EQ(of_mint.size(), 1U);
    EXPECT_EQ(of_mint[0].address, account);
    EXPECT_EQ(of_mint[0].state.amount, 77U);
    EXPECT_EQ(of_mint[0].token_program, kToken2022Program);
    EXPECT_EQ(run(rpc->get_token_accounts_by_owner(payer.address, kToken2022Program)).size(), 1U);
    EXPECT_TRUE(run(rpc->get_token_accounts_by_owner(payer.address, kTokenProgram)).empty());
    std::vector<Address> three{mint.address, Signer("nobody").address, payer.address};
    const auto accounts = run(rpc->get_accounts(three));
    EXPECT_EQ(accounts[0]->owner, kToken2022Program);
    EXPECT_EQ(decode_mint(accounts[0]->data)->supply, 77U);
    EXPECT_FALSE(accounts[1]);
    EXPECT_EQ(accounts[2]->owner, kSystemProgram);
    EXPECT_FALSE(run(rpc->get_account(Signer("nobody").address)));
}

TEST_F(Devnet, lookup_tables) {
    fund(payer.address);
    const auto created = lookup_table::create(payer.address, payer.address,
                                              run(rpc->get_slot({Commitment::kFinalized, 0})));
    const std::array<Address, 1> entries{other.address};
    const auto extended =
        confirm(sign(draft({created.instruction, lookup_table::extend(created.table, payer.address,
                                                                      payer.address, entries)})));
    expect_confirmed(extended);
    while (run(rpc->get_slot({Commitment::kProcessed, 0})) <= extended->slot + 1) {
        blocking.run(clock_.sleep_until(clock_.now() + Milliseconds(20)));
    }
    MessageDraft with = draft({system::transfer(payer.address, other.address, 1)});
    with.lookup_tables = {run(rpc->get_lookup_table(created.table))};
    const Transaction transaction = sign(with);
    EXPECT_EQ(transaction.message().lookups.size(), 1U);
    expect_confirmed(confirm(transaction));
    const auto executed = run(rpc->get_transaction(*transaction.id()));
    EXPECT_EQ(executed->loaded_writable, std::vector{other.address});
    EXPECT_FALSE(blocking.run(rpc->get_lookup_table(other.address)));
}

TEST_F(Devnet, durable_nonces) {
    fund(payer.address);
    const Signer nonce("nonce of the rpc test");
    const std::uint64_t rent = run(rpc->get_minimum_balance(kNonceAccountBytes));
    expect_confirmed(
        confirm(sign(draft({system::create_account(payer.address, nonce.address, rent,
                                                   kNonceAccountBytes, kSystemProgram),
                            system::initialize_nonce_account(nonce.address, payer.address)}),
                     {&nonce})));
    MessageDraft durable = draft({system::advance_nonce_account(nonce.address, payer.address),
                                  system::transfer(payer.address, other.address, 1)});
    durable.lifetime = run(rpc->get_nonce(nonce.address)).nonce;
    options.last_valid_block_height = 0;
    const Transaction first = sign(durable);
    durable.instructions[1] = system::transfer(payer.address, other.address, 2);
    const Transaction second = sign(durable);
    expect_confirmed(confirm(first));
    const auto late = confirm(second);
    ASSERT_FALSE(late) << "the nonce was used up by the first";
    EXPECT_EQ(late.error().error.code, ErrorCode::kBlockhashExpired)
        << late.error().error.to_string();
}

TEST_F(Devnet, subscriptions) {
    fund(payer.address);
    const auto pubsub = connect();
    const auto soon = [] { return net::SteadyClock::now() + Milliseconds(5000); };
    auto slots = run(pubsub->slot_subscribe());
    const SlotNotice one = run(slots.next(soon()));
    const SlotNotice two = run(slots.next(soon()));
    EXPECT_GT(two.slot, one.slot);
    auto account = run(pubsub->account_subscribe(other.address, Commitment::kConfirmed));
    const std::uint64_t before = run(rpc->get_balance(other.address));
    expect_confirmed(
        confirm(sign(draft({system::transfer(payer.address, other.address, kSol)})), pubsub.get()));
    EXPECT_EQ(run(account.next(soon())).account.lamports, before + kSol);
    const auto nothing = blocking.run(account.next(net::SteadyClock::now() + Milliseconds(100)));
    EXPECT_EQ(nothing.error().code, ErrorCode::kTimedOut);
}

}  // namespace
}  // namespace latchkey::solana
