// SPDX-License-Identifier: Apache-2.0
// A program's memory: what Agave's serialize_parameters_aligned and deserialize_parameters_aligned
// do, without the region mapping of SIMD-0460.
#include <algorithm>

#include "chains/solana/program/accounts.hpp"
#include "chains/solana/testing/native_machine.hpp"
#include "core/encoding/byte_io.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define LATCHKEY_HAS_ASAN
#endif
#endif

namespace latchkey::solana::testing {

namespace {

constexpr std::size_t kEntryHead = 88;
constexpr std::size_t kGrowth = program::kMaximumGrowth;

/// Data, room to grow, padding to 8 bytes, rent epoch.
std::size_t entry_size(std::size_t data_length) {
    return ((kEntryHead + data_length + kGrowth + 7) & ~std::size_t{7}) + 8;
}

/// The first place of the same account in the instruction.
std::size_t first_place(const Frame& frame, std::size_t position) {
    std::size_t first = 0;
    while (frame.accounts[first].index != frame.accounts[position].index) {
        ++first;
    }
    return first;
}

std::size_t input_size(const std::vector<LoadedAccount>& loaded, const Frame& frame) {
    std::size_t size = 8 + 8 + frame.data.size() + 32;
    for (std::size_t i = 0; i < frame.accounts.size(); ++i) {
        const NativeAccount& account = loaded[frame.accounts[i].index].account;
        size += first_place(frame, i) == i ? entry_size(account.data.size()) : 8;
    }
    return size;
}

/// What is behind the data of an account that is not the program's must not be touched. Writing
/// there although the account is read-only ends the transaction, as on chain.
void guard_growth([[maybe_unused]] const std::uint8_t* entry,
                  [[maybe_unused]] std::size_t original_length, [[maybe_unused]] std::size_t length,
                  [[maybe_unused]] bool may_grow) {
#ifdef LATCHKEY_HAS_ASAN
    const std::uint8_t* const end = entry + entry_size(original_length);
    const std::uint8_t* const data_end = entry + kEntryHead + length;
    const auto room = static_cast<std::size_t>(end - data_end);
    if (may_grow) {
        ASAN_UNPOISON_MEMORY_REGION(data_end, room);
    } else {
        ASAN_POISON_MEMORY_REGION(data_end, room);
    }
#endif
}

std::uint8_t* write_entry(const LoadedAccount& loaded, const InstructionAccount& flags,
                          std::uint8_t* at) {
    const NativeAccount& account = loaded.account;
    at[0] = 0xff;
    at[1] = flags.is_signer ? 1 : 0;
    at[2] = flags.is_writable ? 1 : 0;
    at[3] = account.executable ? 1 : 0;
    std::copy(loaded.address.begin(), loaded.address.end(), at + 8);
    std::copy(account.owner.begin(), account.owner.end(), at + 40);
    core::store_le(at + 72, account.lamports);
    core::store_le(at + 80, std::uint64_t{account.data.size()});
    std::copy(account.data.begin(), account.data.end(), at + kEntryHead);
    std::uint8_t* const end = at + entry_size(account.data.size());
    core::store_le(end - 8, ~std::uint64_t{0});
    return end;
}

/// Flags and keys of all accounts, the instruction data and the program id.
Bytes read_constants(const Frame& frame, const ProgramMemory& memory) {
    Bytes constants;
    for (const SerializedAccount& account : memory.accounts) {
        core::append(constants, {account.entry, 40});
    }
    core::append(constants, {memory.data - 8, 8 + frame.data.size() + 32});
    return constants;
}

}  // namespace

ProgramMemory serialize_input(Machine& machine, const Frame& frame) {
    const std::vector<LoadedAccount>& loaded = machine.accounts();
    ProgramMemory memory;
    memory.heap = std::make_unique<std::uint8_t[]>(program::kScratchSize);
    memory.input = std::make_unique<std::uint8_t[]>(input_size(loaded, frame));
    std::uint8_t* at = memory.input.get();
    core::store_le(at, std::uint64_t{frame.accounts.size()});
    at += 8;
    for (std::size_t i = 0; i < frame.accounts.size(); ++i) {
        const std::size_t first = first_place(frame, i);
        if (first != i) {
            memory.accounts.push_back(memory.accounts[first]);
            *at = static_cast<std::uint8_t>(first);
            at += 8;
            continue;
        }
        const InstructionAccount& flags = frame.accounts[i];
        const NativeAccount& account = loaded[flags.index].account;
        memory.accounts.push_back({at, account.data.size()});
        std::uint8_t* const entry = at;
        at = write_entry(loaded[flags.index], flags, at);
        guard_growth(entry, account.data.size(), account.data.size(),
                     account.owner == frame.program);
    }
    core::store_le(at, std::uint64_t{frame.data.size()});
    at += 8;
    memory.data = at;
    at = std::copy(frame.data.begin(), frame.data.end(), at);
    std::copy(frame.program.begin(), frame.program.end(), at);
    memory.constants = read_constants(frame, memory);
    return memory;
}

void deserialize_input(Machine& machine, const Frame& frame) {
    // The VM would not notice, but no program has a reason to write there.
    if (read_constants(frame, frame.memory) != frame.memory.constants) {
        fail_native("WroteConstantInput");
    }
    for (std::size_t i = 0; i < frame.accounts.size(); ++i) {
        if (first_place(frame, i) != i) {
            continue;
        }
        const SerializedAccount& place = frame.memory.accounts[i];
        BorrowedAccount account = machine.borrow(frame, i);
        const auto lamports = core::load_le<std::uint64_t>(place.entry + 72);
        if (account.get().lamports != lamports) {
            account.set_lamports(lamports);
        }
        const auto length = core::load_le<std::uint64_t>(place.entry + 80);
        if (length > place.original_length + kGrowth) {
            fail_native("InvalidRealloc");
        }
        guard_growth(place.entry, place.original_length, 0, true);
        account.set_data({place.entry + kEntryHead, length});
        const auto owner = Address::from(std::span<const std::uint8_t, 32>(place.entry + 40, 32));
        if (account.get().owner != owner) {
            account.set_owner(owner);
        }
    }
}

void update_caller(const Frame& caller, std::size_t position, const NativeAccount& account,
                   SolAccountInfo& info) {
    const SerializedAccount& place = caller.memory.accounts[position];
    core::store_le(place.entry + 72, account.lamports);
    std::copy(account.owner.begin(), account.owner.end(), place.entry + 40);
    if (account.data.size() > place.original_length + kGrowth) {
        fail_native("InvalidRealloc");
    }
    std::uint8_t* const data = place.entry + kEntryHead;
    guard_growth(place.entry, place.original_length, 0, true);
    const std::uint64_t before = info.data_length;
    std::copy(account.data.begin(), account.data.end(), data);
    if (account.data.size() < before) {
        std::fill(data + account.data.size(), data + before, std::uint8_t{0});
    }
    info.data_length = account.data.size();
    core::store_le(place.entry + 80, std::uint64_t{account.data.size()});
    guard_growth(place.entry, place.original_length, account.data.size(),
                 account.owner == caller.program);
}

}  // namespace latchkey::solana::testing
