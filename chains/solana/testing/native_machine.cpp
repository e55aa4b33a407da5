// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/testing/native_machine.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "chains/solana/program/accounts.hpp"
#include "chains/solana/testing/native_addresses.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::solana::testing {

namespace {

constexpr std::size_t kStackHeightMax = 5;
constexpr std::size_t kTraceLengthMax = 64;
constexpr std::size_t kCallAccountsMax = 255;
constexpr std::size_t kCallDataMax = 10 * 1024;
constexpr std::size_t kAccountDataMax = 10 * 1024 * 1024;

constexpr Address kNativeLoader = "NativeLoader1111111111111111111111111111111"_address;
constexpr Address kLoader1 = "BPFLoader1111111111111111111111111111111111"_address;
constexpr Address kLoader2 = "BPFLoader2111111111111111111111111111111111"_address;

thread_local Machine* current_machine = nullptr;

/// 128 bits: the sum of all lamports that a program may pretend to have.
struct Sum {
    std::uint64_t low = 0;
    std::uint64_t high = 0;

    void add(std::uint64_t value) {
        low += value;
        high += low < value ? 1 : 0;
    }
    friend bool operator==(const Sum&, const Sum&) = default;
};

Sum lamports_of(const std::vector<LoadedAccount>& loaded, const Frame& frame) {
    Sum sum;
    std::set<std::size_t> seen;
    for (const InstructionAccount& account : frame.accounts) {
        if (seen.insert(account.index).second) {
            sum.add(loaded[account.index].account.lamports);
        }
    }
    return sum;
}

ByteView view(const std::uint8_t* data, std::size_t size) {
    return {data, size};
}

Address address_at(const std::uint8_t* bytes) {
    return Address::from(std::span<const std::uint8_t, 32>(bytes, 32));
}

/// The addresses that the caller may sign for by these seeds.
std::set<Address> derive_signers(std::span<const SolSignerSeeds> signers, const Address& program) {
    std::set<Address> derived;
    if (signers.size() > 16) {
        fail_native("ProgramFailedToComplete");
    }
    for (const SolSignerSeeds& signer : signers) {
        std::vector<ByteView> seeds;
        for (std::uint64_t i = 0; i < signer.count; ++i) {
            seeds.push_back(view(signer.seeds[i].data, signer.seeds[i].length));
        }
        const auto address = derive_address(seeds, program);
        if (!address) {
            fail_native("ProgramFailedToComplete");
        }
        derived.insert(*address);
    }
    return derived;
}

/// Not every program may be called by another.
void check_callable(const Address& program) {
    if (program == kNativeLoader || program == kLoader1 || program == kLoader2 ||
        is_precompile(program)) {
        fail_native("ProgramFailedToComplete");
    }
}

/// The first place of a loaded account among those of an instruction, or their number.
std::size_t position_of(const Frame& frame, std::size_t index) {
    const auto found =
        std::find_if(frame.accounts.begin(), frame.accounts.end(),
                     [&](const InstructionAccount& candidate) { return candidate.index == index; });
    return static_cast<std::size_t>(found - frame.accounts.begin());
}

/// The info of a called account must describe the account where the loader put it (SIMD-0459).
void check_info(const SerializedAccount& place, const SolAccountInfo& info) {
    if (info.address != place.entry + 8 || info.owner != place.entry + 40 ||
        info.lamports != place.entry + 72 || info.data != place.entry + 88) {
        fail_native("InvalidPointer");
    }
}

}  // namespace

void fail_native(std::string_view name) {
    throw NativeFailure{name, std::nullopt};
}

void fail_native_custom(std::uint32_t code) {
    throw NativeFailure{"Custom", code};
}

BorrowedAccount::BorrowedAccount(Machine& machine, std::size_t index, bool is_signer,
                                 bool is_writable, const Address& program)
    : machine_(machine),
      index_(index),
      is_signer_(is_signer),
      is_writable_(is_writable),
      program_(program) {}

const Address& BorrowedAccount::address() const {
    return machine_.accounts()[index_].address;
}

const NativeAccount& BorrowedAccount::get() const {
    return machine_.accounts()[index_].account;
}

NativeAccount& BorrowedAccount::mutable_account() {
    return machine_.accounts()[index_].account;
}

bool BorrowedAccount::is_owned() const {
    return get().owner == program_;
}

void BorrowedAccount::set_lamports(std::uint64_t lamports) {
    if (!is_owned() && lamports < get().lamports) {
        fail_native("ExternalAccountLamportSpend");
    }
    if (!is_writable_) {
        fail_native("ReadonlyLamportChange");
    }
    mutable_account().lamports = lamports;
}

void BorrowedAccount::add_lamports(std::uint64_t lamports) {
    if (get().lamports + lamports < lamports) {
        fail_native("ArithmeticOverflow");
    }
    set_lamports(get().lamports + lamports);
}

void BorrowedAccount::subtract_lamports(std::uint64_t lamports) {
    if (get().lamports < lamports) {
        fail_native("ArithmeticOverflow");
    }
    set_lamports(get().lamports - lamports);
}

void BorrowedAccount::set_owner(const Address& owner) {
    const Bytes& data = get().data;
    const bool is_zeroed =
        std::all_of(data.begin(), data.end(), [](std::uint8_t byte) { return byte == 0; });
    if (!is_owned() || !is_writable_ || !is_zeroed) {
        fail_native("ModifiedProgramId");
    }
    mutable_account().owner = owner;
}

std::string_view BorrowedAccount::refuses_data(std::size_t length) const {
    if (length != get().data.size() && !is_owned()) {
        return "AccountDataSizeChanged";
    }
    if (length > kAccountDataMax) {
        return "InvalidRealloc";
    }
    if (!is_writable_) {
        return "ReadonlyDataModified";
    }
    return is_owned() ? std::string_view() : "ExternalAccountDataModified";
}

void BorrowedAccount::set_data(ByteView data) {
    const std::string_view refusal = refuses_data(data.size());
    if (refusal.empty()) {
        mutable_account().data = core::to_bytes(data);
    } else if (!core::equal(get().data, data)) {
        fail_native(refusal);
    }
}

Machine::Machine(const NativeChain& chain, std::vector<LoadedAccount> accounts)
    : chain_(chain), accounts_(std::move(accounts)), outer_(current_machine) {
    current_machine = this;
}

Machine::~Machine() {
    current_machine = outer_;
}

Machine& Machine::current() {
    if (current_machine == nullptr) {
        throw std::logic_error("a syscall outside a transaction");
    }
    return *current_machine;
}

BorrowedAccount Machine::borrow(const Frame& frame, std::size_t instruction_account) {
    if (instruction_account >= frame.accounts.size()) {
        fail_native("NotEnoughAccountKeys");
    }
    const InstructionAccount& account = frame.accounts[instruction_account];
    return {*this, account.index, account.is_signer, account.is_writable, frame.program};
}

std::size_t Machine::find_loaded(const Address& address) const {
    const auto found =
        std::find_if(accounts_.begin(), accounts_.end(),
                     [&](const LoadedAccount& loaded) { return loaded.address == address; });
    if (found == accounts_.end()) {
        fail_native("MissingAccount");
    }
    return static_cast<std::size_t>(found - accounts_.begin());
}

void Machine::run_top_level(const std::vector<Instruction>& instructions, std::size_t index) {
    const Instruction& instruction = instructions[index];
    calls_.push_back({instruction, 1});
    if (is_precompile(instruction.program)) {
        if (chain_.options().verifies_precompiles) {
            run_precompile(instructions, index);
        }
        return;
    }
    Frame frame;
    frame.program = instruction.program;
    frame.data = instruction.data;
    for (const AccountMeta& meta : instruction.accounts) {
        const std::size_t loaded = find_loaded(meta.address);
        frame.accounts.push_back(
            {loaded, accounts_[loaded].is_signer, accounts_[loaded].is_writable});
    }
    run(frame);
}

void Machine::push(Frame& frame) {
    if (stack_.size() == kStackHeightMax) {
        fail_native("CallDepth");
    }
    if (calls_.size() > kTraceLengthMax) {
        fail_native("MaxInstructionTraceLengthExceeded");
    }
    const bool is_below = std::any_of(stack_.begin(), stack_.end(), [&](const Frame* other) {
        return other->program == frame.program;
    });
    if (is_below && stack_.back()->program != frame.program) {
        fail_native("ReentrancyNotAllowed");
    }
    stack_.push_back(&frame);
}

void Machine::run(Frame& frame) {
    push(frame);
    return_data_.reset();
    const Sum before = lamports_of(accounts_, frame);
    if (frame.program == kSystemProgram) {
        run_system(*this, frame);
    } else if (const NativeEntrypoint entrypoint = chain_.find_program(frame.program)) {
        run_program(frame, entrypoint);
    } else if (frame.program == kTokenProgram || frame.program == kToken2022Program) {
        run_token(*this, frame);
    } else if (frame.program == kUpgradeableLoader) {
        // Whatever else is wrong, the fifth account is not the Rent sysvar, which there is none of.
        fail_native("InvalidArgument");
    } else {
        fail_native("UnsupportedProgramId");
    }
    if (lamports_of(accounts_, frame) != before) {
        fail_native("UnbalancedInstruction");
    }
    stack_.pop_back();
}

void Machine::run_program(Frame& frame, NativeEntrypoint entrypoint) {
    frame.memory = serialize_input(*this, frame);
    const std::uint64_t answer = entrypoint(frame.memory.input.get(), frame.memory.data);
    if (answer != 0) {
        if (answer >> 32 != 0) {
            fail_native("InvalidError");
        }
        fail_native_custom(static_cast<std::uint32_t>(answer));
    }
    deserialize_input(*this, frame);
}

std::vector<InstructionAccount> Machine::check_privileges(const Frame& caller,
                                                          const SolInstruction& instruction,
                                                          const std::set<Address>& derived) const {
    std::vector<InstructionAccount> accounts;
    for (std::uint64_t i = 0; i < instruction.account_count; ++i) {
        const SolAccountMeta& meta = instruction.accounts[i];
        accounts.push_back(
            {find_loaded(address_at(meta.address)), meta.is_signer != 0, meta.is_writable != 0});
    }
    // An account that is named twice has the privileges of both.
    for (InstructionAccount& account : accounts) {
        for (const InstructionAccount& other : accounts) {
            if (other.index == account.index) {
                account.is_signer |= other.is_signer;
                account.is_writable |= other.is_writable;
            }
        }
    }
    for (const InstructionAccount& account : accounts) {
        const std::size_t position = position_of(caller, account.index);
        if (position == caller.accounts.size()) {
            fail_native("MissingAccount");
        }
        const InstructionAccount& own = caller.accounts[position];
        const bool may_sign = own.is_signer || derived.contains(accounts_[account.index].address);
        if ((account.is_writable && !own.is_writable) || (account.is_signer && !may_sign)) {
            fail_native("PrivilegeEscalation");
        }
    }
    const std::size_t program = find_loaded(address_at(instruction.program_id));
    if (position_of(caller, program) == caller.accounts.size()) {
        fail_native("MissingAccount");
    }
    if (!accounts_[program].account.executable) {
        fail_native("UnsupportedProgramId");
    }
    return accounts;
}

namespace {

/// What the caller did to an account before the call becomes visible to the callee.
void update_callee(Machine& machine, const Frame& caller, std::size_t position,
                   const SolAccountInfo& info) {
    const SerializedAccount& place = caller.memory.accounts[position];
    check_info(place, info);
    BorrowedAccount account = machine.borrow(caller, position);
    const auto lamports = core::load_le<std::uint64_t>(info.lamports);
    if (account.get().lamports != lamports) {
        account.set_lamports(lamports);
    }
    if (info.data_length > place.original_length + program::kMaximumGrowth) {
        fail_native("InvalidRealloc");
    }
    account.set_data(view(info.data, info.data_length));
    const Address owner = address_at(info.owner);
    if (account.get().owner != owner) {
        account.set_owner(owner);
    }
}

}  // namespace

void Machine::invoke(const SolInstruction& instruction, std::span<SolAccountInfo> infos,
                     std::span<const SolSignerSeeds> signers) {
    Frame& caller = frame();
    if (instruction.account_count > kCallAccountsMax || instruction.data_length > kCallDataMax ||
        infos.size() > kCallAccountsMax) {
        fail_native("ProgramFailedToComplete");
    }
    for (std::uint64_t i = 0; i < instruction.account_count; ++i) {
        if (instruction.accounts[i].is_signer > 1 || instruction.accounts[i].is_writable > 1) {
            fail_native("InvalidArgument");
        }
    }
    const std::set<Address> derived = derive_signers(signers, caller.program);
    Frame callee;
    callee.program = address_at(instruction.program_id);
    check_callable(callee.program);
    callee.accounts = check_privileges(caller, instruction, derived);
    // The callee must not see the caller's memory change.
    const Bytes data = core::to_bytes(view(instruction.data, instruction.data_length));
    callee.data = data;

    std::vector<std::pair<std::size_t, SolAccountInfo*>> shared;
    for (const InstructionAccount& account : callee.accounts) {
        const bool is_known = std::any_of(shared.begin(), shared.end(), [&](const auto& other) {
            return other.first == account.index;
        });
        if (is_known || accounts_[account.index].account.executable) {
            continue;
        }
        const Address& address = accounts_[account.index].address;
        const auto info = std::find_if(infos.begin(), infos.end(), [&](const SolAccountInfo& it) {
            return address_at(it.address) == address;
        });
        if (info == infos.end()) {
            fail_native("MissingAccount");
        }
        update_callee(*this, caller, position_of(caller, account.index), *info);
        shared.emplace_back(account.index, &*info);
    }

    Instruction record{callee.program, {}, data};
    for (const InstructionAccount& account : callee.accounts) {
        record.accounts.push_back(
            {accounts_[account.index].address, account.is_signer, account.is_writable});
    }
    calls_.push_back({std::move(record), static_cast<std::uint8_t>(stack_.size() + 1)});
    run(callee);
    for (const auto& [index, info] : shared) {
        update_caller(caller, position_of(caller, index), accounts_[index].account, *info);
    }
}

bool Machine::copy_sibling(std::uint64_t index, SolProcessedSibling* meta, std::uint8_t* program_id,
                           std::uint8_t* data, std::uint8_t* accounts) const {
    const std::size_t height = stack_.size();
    std::uint64_t seen = 0;
    for (auto call = calls_.rbegin(); call != calls_.rend(); ++call) {
        if (call->stack_height < height) {
            return false;
        }
        // The first one at this height is the caller itself.
        if (call->stack_height > height || seen++ != index + 1) {
            continue;
        }
        const Instruction& found = call->instruction;
        if (meta->data_length == found.data.size() &&
            meta->account_count == found.accounts.size()) {
            std::copy(found.program.begin(), found.program.end(), program_id);
            std::copy(found.data.begin(), found.data.end(), data);
            for (const AccountMeta& account : found.accounts) {
                accounts = std::copy(account.address.begin(), account.address.end(), accounts);
                *accounts++ = account.is_signer ? 1 : 0;
                *accounts++ = account.is_writable ? 1 : 0;
            }
        }
        meta->data_length = found.data.size();
        meta->account_count = found.accounts.size();
        return true;
    }
    return false;
}

}  // namespace latchkey::solana::testing
