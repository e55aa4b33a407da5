// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The real Solana VM for native tests: a Node.js process with litesvm (devnet/src/vm-host.ts)
/// behind a pipe. devnet/README.md documents the protocol. Needs `npm ci` in devnet/ (target
/// `devnet_node_modules`).
namespace latchkey::solana::testing {

using Key = std::array<std::uint8_t, 32>;
using Bytes = std::vector<std::uint8_t>;
using ByteSpan = std::span<const std::uint8_t>;

/// What an account holds. A test may write any of it, bypassing the rules of the chain.
struct Account {
    std::uint64_t lamports = 0;
    Key owner{};
    Bytes data;
    bool executable = false;

    bool operator==(const Account&) const = default;
};

struct AddressedAccount {
    Key address{};
    Account account;
};

/// The clock sysvar.
struct Clock {
    std::uint64_t slot = 0;
    std::int64_t epoch_start_timestamp = 0;
    std::uint64_t epoch = 0;
    std::uint64_t leader_schedule_epoch = 0;
    std::int64_t unix_timestamp = 0;

    bool operator==(const Clock&) const = default;
};

struct InnerInstruction {
    std::uint8_t program_index = 0;
    Bytes account_indexes;
    Bytes data;
    std::uint8_t stack_height = 0;
};

struct ReturnData {
    Key program{};
    Bytes data;
};

/// What became of a transaction, sent or simulated.
struct SendResult {
    bool ok = false;
    /// The transaction error as Solana's JSON-RPC spells it, for instance `"BlockhashNotFound"`
    /// (with the quotes) or `{"InstructionError":[0,{"Custom":6001}]}`; empty on success.
    std::string error;
    /// The name of an error that carries no data: `BlockhashNotFound`, or inside an instruction
    /// `InvalidArgument`; empty otherwise.
    std::string error_name;
    /// The program's own error number.
    std::optional<std::uint32_t> custom_code;
    /// The outer instruction that failed; -1 when none did or the error is not an instruction's.
    int instruction_index = -1;
    std::uint64_t compute_units = 0;
    /// Lamports charged to the fee payer.
    std::uint64_t fee = 0;
    std::vector<std::string> logs;
    std::optional<ReturnData> return_data;
    /// One list for each outer instruction.
    std::vector<std::vector<InnerInstruction>> inner_instructions;
    /// Only from simulate(): the accounts as they would be afterwards.
    std::vector<AddressedAccount> post_accounts;
};

struct DeployResult {
    Key program_data{};
    std::uint64_t transactions = 0;
    std::uint64_t compute_units = 0;
    std::uint64_t fees = 0;
};

/// How the chain starts. The defaults are mainnet's.
struct SvmOptions {
    enum class Features { kMainnet, kAll };

    /// kMainnet: the gates active on mainnet-beta when litesvm was released; kAll: every known
    /// gate.
    Features features = Features::kMainnet;
    /// Feature gates switched on or off on top of that.
    std::vector<Key> activate;
    std::vector<Key> deactivate;
    /// Rent, lamports per byte of account data (SIMD-0437).
    std::uint64_t lamports_per_byte = 5080;
    bool signature_check = true;
    /// Whether the VM wants its own latest blockhash (a durable nonce counts as well).
    bool blockhash_check = true;
    /// Signatures remembered to refuse duplicates; 0 allows duplicates. Absent: the VM's default.
    std::optional<std::uint64_t> history_capacity;
    /// Log bytes kept for each transaction; 0 keeps all. Absent: the VM's default (10,000).
    std::optional<std::uint64_t> log_bytes_limit;
};

/// One Solana VM in a process of its own, which ends with this object. Every call blocks until the
/// answer is there. Not thread-safe. A call that the VM refuses (a malformed transaction, an
/// account that cannot be) and a host that died throw std::runtime_error with the host's message:
/// in a test both are faults of the test. What a transaction does wrong on the chain is in
/// SendResult instead.
class Svm {
  public:
    explicit Svm(const SvmOptions& options = {});
    ~Svm();
    Svm(const Svm&) = delete;
    Svm& operator=(const Svm&) = delete;

    /// Starts over with an empty chain (the programs of a fresh cluster only). Takes some 10 ms.
    void reset(const SvmOptions& options = {});
    void set_checks(bool signature_check, bool blockhash_check);

    void set_account(const Key& address, const Account& account);
    std::optional<Account> get_account(const Key& address);
    /// In the order asked for.
    std::vector<std::optional<Account>> get_accounts(std::span<const Key> addresses);
    /// Lamports; 0 when there is no account.
    std::uint64_t get_balance(const Key& address);
    std::vector<AddressedAccount> get_program_accounts(const Key& program);

    /// Puts an ELF in place at once (loader-v2, no deployment).
    void load_program(const Key& program, ByteSpan elf);
    /// Deploys through loader-v3: InitializeBuffer, Write, DeployWithMaxDataLen; then moves on one
    /// slot so that the program can be called. Without an upgrade authority the program is final.
    /// Throws with the loader's logs when the loader refuses the ELF.
    DeployResult deploy_program(const Key& program, ByteSpan elf,
                                const std::optional<Key>& upgrade_authority = std::nullopt);

    /// Pays from the faucet with a real System transfer.
    SendResult airdrop(const Key& address, std::uint64_t lamports);
    Key latest_blockhash();
    /// The VM accepts only the blockhash this returns from now on.
    Key expire_blockhash();
    Clock get_clock();
    void set_clock(const Clock& clock);
    /// Moves the clock: both may be 0.
    Clock advance(std::uint64_t slots, std::int64_t seconds);
    std::uint64_t get_rent();
    void set_rent(std::uint64_t lamports_per_byte);
    std::uint64_t minimum_balance(std::uint64_t data_length);

    /// Sends a signed transaction in wire form: legacy, version 0 or version 1.
    SendResult send(ByteSpan transaction);
    /// The same without any effect.
    SendResult simulate(ByteSpan transaction);
    /// One round trip for many, executed in order; a failed one does not stop the rest.
    std::vector<SendResult> send_all(std::span<const Bytes> transactions);

    /// Keeps the whole state in the host (2 ms) and returns its handle.
    std::string snapshot();
    /// Returns to it (10 ms). The switches of set_checks stay as they are.
    void restore(std::string_view snapshot);
    void drop_snapshot(std::string_view snapshot);
    void save(std::string_view path);
    void load(std::string_view path);

    /// Any request of the protocol, for what has no method here. Throws as all others do.
    boost::json::value call(const boost::json::object& request);

  private:
    void start();
    void stop() noexcept;
    [[noreturn]] void host_died(std::string_view what);
    void write_all(const void* data, std::size_t size);
    void read_all(void* data, std::size_t size);

    int process_ = -1;
    int to_host_ = -1;
    int from_host_ = -1;
};

/// Where devnet/ is: the environment variable LATCHKEY_DEVNET, else the source tree of this build.
std::string devnet_directory();

/// Whether `npm ci` ran in devnet/, so that a test can say why it cannot run.
bool devnet_is_installed();

}  // namespace latchkey::solana::testing
