// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "chains/solana/program/syscalls.hpp"
#include "chains/solana/testing/native_runtime.hpp"

/// The inside of the native runtime: one transaction while it runs.
namespace latchkey::solana::testing {

/// Ends the transaction. Thrown out of a syscall through the program's frames, which have nothing
/// to clean up: in the VM such a syscall does not return either.
struct NativeFailure {
    std::string_view name;
    std::optional<std::uint32_t> custom_code;
};

[[noreturn]] void fail_native(std::string_view name);
[[noreturn]] void fail_native_custom(std::uint32_t code);

struct LoadedAccount {
    Address address;
    NativeAccount account;
    /// As the transaction declares it.
    bool is_signer = false;
    bool is_writable = false;
};

/// An account as one instruction may use it.
struct InstructionAccount {
    /// Among the transaction's accounts.
    std::size_t index = 0;
    bool is_signer = false;
    bool is_writable = false;
};

/// Where one account stands in a program's memory.
struct SerializedAccount {
    std::uint8_t* entry = nullptr;
    std::size_t original_length = 0;
};

/// A program's memory: input and heap, exactly as long as in the VM.
struct ProgramMemory {
    std::unique_ptr<std::uint8_t[]> input;
    std::unique_ptr<std::uint8_t[]> heap;
    const std::uint8_t* data = nullptr;
    /// One for each account of the instruction; duplicates point at the first.
    std::vector<SerializedAccount> accounts;
    /// Everything that no program may change, as it was.
    Bytes constants;
};

/// One instruction while it runs.
struct Frame {
    Address program;
    std::vector<InstructionAccount> accounts;
    ByteView data;
    ProgramMemory memory;
};

class Machine;

/// An account in the hands of one program, with the checks of Agave's BorrowedAccount. Every change
/// that is not allowed throws NativeFailure.
class BorrowedAccount {
  public:
    BorrowedAccount(Machine& machine, std::size_t index, bool is_signer, bool is_writable,
                    const Address& program);

    const Address& address() const;
    const NativeAccount& get() const;
    bool is_signer() const { return is_signer_; }
    bool is_writable() const { return is_writable_; }
    bool is_owned() const;

    void set_lamports(std::uint64_t lamports);
    void add_lamports(std::uint64_t lamports);
    void subtract_lamports(std::uint64_t lamports);
    void set_owner(const Address& owner);
    /// Why new data of this length may not be set, or empty.
    std::string_view refuses_data(std::size_t length) const;
    void set_data(ByteView data);

  private:
    NativeAccount& mutable_account();

    Machine& machine_;
    std::size_t index_;
    bool is_signer_;
    bool is_writable_;
    Address program_;
};

class Machine {
  public:
    Machine(const NativeChain& chain, std::vector<LoadedAccount> accounts);
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    /// The transaction that runs in this thread.
    static Machine& current();

    /// Runs one instruction of the transaction.
    void run_top_level(const std::vector<Instruction>& instructions, std::size_t index);

    const NativeChain& chain() const { return chain_; }
    std::vector<LoadedAccount>& accounts() { return accounts_; }
    std::vector<NativeCall>& calls() { return calls_; }
    std::optional<std::pair<Address, Bytes>>& return_data() { return return_data_; }
    Frame& frame() { return *stack_.back(); }
    std::size_t stack_height() const { return stack_.size(); }
    BorrowedAccount borrow(const Frame& frame, std::size_t instruction_account);

    /// The syscalls that are more than a line.
    void invoke(const SolInstruction& instruction, std::span<SolAccountInfo> infos,
                std::span<const SolSignerSeeds> signers);
    bool copy_sibling(std::uint64_t index, SolProcessedSibling* meta, std::uint8_t* program_id,
                      std::uint8_t* data, std::uint8_t* accounts) const;

  private:
    std::size_t find_loaded(const Address& address) const;
    std::vector<InstructionAccount> check_privileges(const Frame& caller,
                                                     const SolInstruction& instruction,
                                                     const std::set<Address>& derived) const;
    void run(Frame& frame);
    void run_program(Frame& frame, NativeEntrypoint entrypoint);
    void push(Frame& frame);

    const NativeChain& chain_;
    std::vector<LoadedAccount> accounts_;
    std::vector<Frame*> stack_;
    std::vector<NativeCall> calls_;
    std::optional<std::pair<Address, Bytes>> return_data_;
    Machine* outer_;
};

/// The memory of a program that is about to run. Under AddressSanitizer the room behind accounts
/// that the program cannot grow is poisoned.
ProgramMemory serialize_input(Machine& machine, const Frame& frame);
/// What the program did to its accounts, with all checks.
void deserialize_input(Machine& machine, const Frame& frame);

/// What a call did to an account becomes visible to the program that called.
void update_caller(const Frame& caller, std::size_t position, const NativeAccount& account,
                   SolAccountInfo& info);

/// Programs of the cluster itself; each throws NativeFailure.
void run_system(Machine& machine, const Frame& frame);
void run_token(Machine& machine, const Frame& frame);
bool is_precompile(const Address& program);
/// Signatures that a precompile instruction verifies (and the fee payer pays for).
std::size_t precompile_signatures(const Instruction& instruction);
void run_precompile(const std::vector<Instruction>& instructions, std::size_t index);

}  // namespace latchkey::solana::testing
