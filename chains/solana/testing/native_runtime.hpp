// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chains/solana/client/transaction.hpp"

/// A Solana runtime in this process, small and exact, that runs programs compiled for the host: the
/// same serialised input, the same syscalls, the same checks on what a program did with accounts
/// (Agave's TransactionContext, BorrowedAccount and CPI code). AddressSanitizer then sees what a
/// program reads and writes. System, the ed25519 and secp256r1 precompiles and a model of the token
/// programs are built in, and an upgradeable loader that upgrades nothing. There are no compute
/// units.
namespace latchkey::solana::testing {

/// What an account holds. The zero owner is the System program.
struct NativeAccount {
    std::uint64_t lamports = 0;
    Address owner;
    Bytes data;
    bool executable = false;

    friend bool operator==(const NativeAccount&, const NativeAccount&) = default;
};

/// A program's entry point: the loader's input, and the instruction data in it (SIMD-0321).
using NativeEntrypoint = std::uint64_t (*)(std::uint8_t* input, const std::uint8_t* data);

/// One executed instruction.
struct NativeCall {
    Instruction instruction;
    /// 1: of the transaction itself.
    std::uint8_t stack_height = 1;
};

/// What became of a transaction.
struct NativeResult {
    bool ok = false;
    /// The instruction of the transaction that failed; -1 on success and for errors that are not an
    /// instruction's.
    int instruction_index = -1;
    /// As Agave names the error: "Custom", "PrivilegeEscalation", "InsufficientFundsForRent"; empty
    /// on success.
    std::string error;
    /// With "Custom".
    std::optional<std::uint32_t> custom_code;
    /// Lamports charged to the fee payer, also when the transaction fails.
    std::uint64_t fee = 0;
    std::optional<std::pair<Address, Bytes>> return_data;
    /// In the order of execution.
    std::vector<NativeCall> calls;
};

struct NativeOptions {
    /// Precompiles verify their signatures. Off, they accept everything: programs cannot tell, and
    /// fuzzing need not sign.
    bool verifies_precompiles = true;
    /// Rent, lamports per byte of account data and overhead (SIMD-0437); 0 switches the check off.
    std::uint64_t lamports_per_byte = 5080;
    /// For each signature of the transaction and of a precompile.
    std::uint64_t lamports_per_signature = 5000;
};

/// The accounts of a chain and its programs. Not thread-safe; only one transaction at a time may
/// run in a thread.
class NativeChain {
  public:
    explicit NativeChain(const NativeOptions& options = {});

    const NativeOptions& options() const { return options_; }

    /// Code at an address; an executable account appears there.
    void add_program(const Address& program, NativeEntrypoint entrypoint);
    NativeEntrypoint find_program(const Address& program) const;

    void set_account(const Address& address, NativeAccount account);
    /// Null when there is none. Valid until the next change.
    const NativeAccount* find_account(const Address& address) const;
    std::uint64_t lamports(const Address& address) const;
    const std::map<Address, NativeAccount>& accounts() const { return accounts_; }
    /// Of all accounts together.
    std::uint64_t total_lamports() const;

    /// The Clock sysvar. The other fields are derived: they say nothing to the programs here.
    void set_time(std::int64_t unix_timestamp) { unix_timestamp_ = unix_timestamp; }
    std::int64_t time() const { return unix_timestamp_; }
    std::uint64_t minimum_balance(std::size_t data_length) const;

    /// Runs a transaction whose signatures are taken for granted: who is marked as a signer has
    /// signed. Throws std::logic_error for what no transaction can be (a precompile is not
    /// malformed in that sense: it fails).
    NativeResult execute(const Address& fee_payer, const std::vector<Instruction>& instructions);

  private:
    void add_program_account(const Address& program);

    NativeOptions options_;
    std::map<Address, NativeAccount> accounts_;
    std::map<Address, NativeEntrypoint> programs_;
    std::int64_t unix_timestamp_ = 0;
};

}  // namespace latchkey::solana::testing
