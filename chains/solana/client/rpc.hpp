// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "chains/solana/client/rpc_types.hpp"
#include "net/json_rpc.hpp"

namespace latchkey::solana {

using net::Task;

/// What a node should look at. Trivial on purpose: it may be written inside a co_await expression.
struct ReadAt {
    Commitment commitment = Commitment::kConfirmed;
    /// Refuse to answer from an older state than this slot; 0 is any. Protects reads after writes
    /// when several nodes answer.
    std::uint64_t min_slot = 0;
};

struct SimulateOptions {
    Commitment commitment = Commitment::kConfirmed;
    /// Off: signatures may still be missing.
    bool verify_signatures = false;
    /// Use the node's latest blockhash instead of the transaction's.
    bool replace_blockhash = false;
    /// Accounts to show as they would be afterwards.
    std::vector<Address> accounts;
};

struct RpcOptions {
    /// For each call, retries included.
    net::Milliseconds call_timeout{20000};
    /// Sentences for the errors of programs this library does not know.
    CustomErrorText custom_errors;
};

/// Retry and failover settings that suit Solana nodes.
net::JsonRpcOptions rpc_transport_options(std::vector<net::JsonRpcEndpoint> endpoints);

/// Typed Solana JSON-RPC. All methods also fail with the errors of net::JsonRpcClient,
/// kRpcRejected (the node's own error, in a sentence) and kRpcMalformed. Belongs to its executor's
/// thread; must outlive its tasks.
class RpcClient {
  public:
    /// `json_rpc` must outlive the client.
    RpcClient(net::JsonRpcClient& json_rpc, RpcOptions options);

    Task<Result<LatestBlockhash>> get_latest_blockhash(ReadAt at = {});
    Task<Result<bool>> is_blockhash_valid(Blockhash blockhash, ReadAt at = {});
    Task<Result<std::uint64_t>> get_slot(ReadAt at = {});
    Task<Result<std::uint64_t>> get_block_height(ReadAt at = {});
    /// Absent when the slot has no block or its time is unknown.
    Task<Result<std::optional<std::int64_t>>> get_block_time(std::uint64_t slot);
    Task<Result<Blockhash>> get_genesis_hash();
    /// kWrongCluster unless the node's genesis hash is this one.
    Task<Result<void>> check_cluster(Blockhash genesis);
    /// For example "4.3.1".
    Task<Result<std::string>> get_version();

    Task<Result<std::optional<AccountInfo>>> get_account(Address address, ReadAt at = {});
    /// In the order asked for, from one state of the chain if at most 100.
    Task<Result<std::vector<std::optional<AccountInfo>>>> get_accounts(
        std::vector<Address> addresses, ReadAt at = {});
    /// Lamports; 0 when there is no account.
    Task<Result<std::uint64_t>> get_balance(Address address, ReadAt at = {});
    Task<Result<std::uint64_t>> get_minimum_balance(std::size_t data_bytes);
    /// From the clock sysvar.
    Task<Result<ClockState>> get_clock(ReadAt at = {});
    /// kRpcMalformed if the account is not a nonce account of System.
    Task<Result<NonceState>> get_nonce(Address nonce_account, ReadAt at = {});
    /// The contents of an address lookup table; kRpcMalformed if the account is none.
    Task<Result<AddressLookupTable>> get_lookup_table(Address table, ReadAt at = {});
    Task<Result<std::vector<TokenAccount>>> get_token_accounts_by_owner(Address owner,
                                                                        Address token_program,
                                                                        ReadAt at = {});
    Task<Result<std::vector<TokenAccount>>> get_token_accounts_of_mint(Address owner, Address mint,
                                                                       ReadAt at = {});

    /// Lamports for the message; absent when its blockhash is too old.
    Task<Result<std::optional<std::uint64_t>>> get_fee(const Transaction& transaction,
                                                       ReadAt at = {});
    /// Of the last 150 blocks, for transactions that write to these accounts (at most 128).
    Task<Result<std::vector<PrioritizationFee>>> get_recent_prioritization_fees(
        std::vector<Address> writable);
    /// kSimulationFailed is not an error here: it is in Simulation::error.
    Task<Result<Simulation>> simulate(const Transaction& transaction, SimulateOptions options);
    /// Hands the transaction to the node. With preflight the node simulates it first at
    /// `commitment`; its refusal is kSimulationFailed with the runtime's reason and logs. The node
    /// does not resend on its own; see send_and_confirm.
    Task<SendResult<Signature>> send(const Transaction& transaction, bool preflight,
                                     Commitment commitment = Commitment::kConfirmed);
    /// At most 256. `search_history` also asks the node's long-term storage.
    Task<Result<std::vector<std::optional<SignatureStatus>>>> get_signature_statuses(
        std::vector<Signature> signatures, bool search_history);
    /// Newest first, at most 1,000; from before `before` on, if given.
    Task<Result<std::vector<SignatureInfo>>> get_signatures_for_address(
        Address address, std::size_t limit, std::optional<Signature> before = std::nullopt,
        std::optional<Signature> until = std::nullopt,
        Commitment commitment = Commitment::kConfirmed);
    /// Absent when the node does not know it (yet). At least kConfirmed.
    Task<Result<std::optional<ExecutedTransaction>>> get_transaction(
        Signature signature, Commitment commitment = Commitment::kConfirmed);
    /// Test clusters only. Returns the id of a transaction that is still to be confirmed.
    Task<Result<Signature>> request_airdrop(Address to, std::uint64_t lamports);

    /// Whether a transaction can still be included, asked of one node in one request: the finalized
    /// block height (and nonce) first, then the status, so that "too late and unknown" is final.
    struct Finality {
        std::uint64_t block_height = 0;
        /// The nonce account's value; absent when not asked for, or if the account is gone.
        std::optional<Blockhash> nonce;
        std::optional<SignatureStatus> status;
    };
    Task<Result<Finality>> get_finality(Signature signature, std::optional<Address> nonce_account);

    [[nodiscard]] net::Clock& clock() const { return json_rpc_->clock(); }
    [[nodiscard]] const RpcOptions& options() const { return options_; }

  private:
    Task<Result<boost::json::value>> call(std::string method, boost::json::value params,
                                          net::Repeat repeat = net::Repeat::kAllowed);
    Task<Result<std::vector<TokenAccount>>> token_accounts(Address owner,
                                                           boost::json::object filter, ReadAt at);
    [[nodiscard]] net::Deadline deadline() const;

    net::JsonRpcClient* json_rpc_;
    RpcOptions options_;
};

}  // namespace latchkey::solana
