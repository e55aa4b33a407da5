// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/testing/native_runtime.hpp"

#include <algorithm>
#include <stdexcept>

#include "chains/solana/testing/native_machine.hpp"

namespace latchkey::solana::testing {

namespace {

constexpr Address kNativeLoader = "NativeLoader1111111111111111111111111111111"_address;
constexpr std::size_t kAccountOverhead = 128;

/// Accounts that a transaction cannot write, whatever it asks for.
bool is_reserved(const Address& address) {
    constexpr Address kReserved[] = {kSystemProgram,    kComputeBudgetProgram, kEd25519Program,
                                     kSecp256r1Program, kClockSysvar,          kRentSysvar};
    return std::find(std::begin(kReserved), std::end(kReserved), address) != std::end(kReserved);
}

class Loader {
  public:
    Loader(const NativeChain& chain, const std::vector<Instruction>& instructions)
        : chain_(chain), instructions_(instructions) {}

    std::vector<LoadedAccount> load(const Address& fee_payer) {
        add({fee_payer, true, true});
        for (const Instruction& instruction : instructions_) {
            for (const AccountMeta& meta : instruction.accounts) {
                add(meta);
            }
        }
        for (const Instruction& instruction : instructions_) {
            add(readonly(instruction.program)).is_writable = false;
        }
        return std::move(loaded_);
    }

  private:
    LoadedAccount& add(const AccountMeta& meta) {
        auto found = std::find_if(loaded_.begin(), loaded_.end(), [&](const LoadedAccount& it) {
            return it.address == meta.address;
        });
        if (found == loaded_.end()) {
            LoadedAccount fresh{meta.address, {}, false, false};
            if (const NativeAccount* account = chain_.find_account(meta.address)) {
                fresh.account = *account;
            }
            found = loaded_.insert(loaded_.end(), std::move(fresh));
        }
        found->is_signer |= meta.is_signer;
        found->is_writable |= meta.is_writable && !is_reserved(meta.address);
        return *found;
    }

    const NativeChain& chain_;
    const std::vector<Instruction>& instructions_;
    std::vector<LoadedAccount> loaded_;
};

std::uint64_t fee_of(const NativeOptions& options, const std::vector<LoadedAccount>& loaded,
                     const std::vector<Instruction>& instructions) {
    std::uint64_t signatures = 0;
    for (const LoadedAccount& account : loaded) {
        signatures += account.is_signer ? 1 : 0;
    }
    for (const Instruction& instruction : instructions) {
        signatures += precompile_signatures(instruction);
    }
    return signatures * options.lamports_per_signature;
}

/// An account may not begin or go on to hold less than its rent.
bool breaks_rent(const NativeChain& chain, const NativeAccount* before,
                 const NativeAccount& after) {
    if (after.lamports == 0 || after.lamports >= chain.minimum_balance(after.data.size())) {
        return false;
    }
    const bool was_paying = before != nullptr && before->lamports != 0 &&
                            before->lamports < chain.minimum_balance(before->data.size());
    return !was_paying || before->data.size() != after.data.size() ||
           after.lamports > before->lamports;
}

}  // namespace

NativeChain::NativeChain(const NativeOptions& options) : options_(options) {
    for (const Address& program :
         {kSystemProgram, kEd25519Program, kSecp256r1Program, kUpgradeableLoader}) {
        set_account(program, {1, kNativeLoader, {}, true});
    }
    for (const Address& program : {kTokenProgram, kToken2022Program}) {
        add_program_account(program);
    }
}

void NativeChain::add_program(const Address& program, NativeEntrypoint entrypoint) {
    programs_[program] = entrypoint;
    add_program_account(program);
}

void NativeChain::add_program_account(const Address& program) {
    // It says where the code is.
    constexpr std::size_t kProgramBytes = 36;
    set_account(program,
                {minimum_balance(kProgramBytes), kUpgradeableLoader, Bytes(kProgramBytes), true});
}

NativeEntrypoint NativeChain::find_program(const Address& program) const {
    const auto found = programs_.find(program);
    return found == programs_.end() ? nullptr : found->second;
}

void NativeChain::set_account(const Address& address, NativeAccount account) {
    accounts_[address] = std::move(account);
}

const NativeAccount* NativeChain::find_account(const Address& address) const {
    const auto found = accounts_.find(address);
    return found == accounts_.end() ? nullptr : &found->second;
}

std::uint64_t NativeChain::lamports(const Address& address) const {
    const NativeAccount* const account = find_account(address);
    return account == nullptr ? 0 : account->lamports;
}

std::uint64_t NativeChain::total_lamports() const {
    std::uint64_t sum = 0;
    for (const auto& [address, account] : accounts_) {
        sum += account.lamports;
    }
    return sum;
}

std::uint64_t NativeChain::minimum_balance(std::size_t data_length) const {
    return (kAccountOverhead + data_length) * options_.lamports_per_byte;
}

NativeResult NativeChain::execute(const Address& fee_payer,
                                  const std::vector<Instruction>& instructions) {
    NativeResult result;
    std::vector<LoadedAccount> loaded = Loader(*this, instructions).load(fee_payer);
    const std::uint64_t fee = fee_of(options_, loaded, instructions);
    if (lamports(fee_payer) < fee) {
        result.error = "InsufficientFundsForFee";
        return result;
    }
    result.fee = fee;
    accounts_[fee_payer].lamports -= fee;
    loaded.front().account.lamports -= fee;

    Machine machine(*this, std::move(loaded));
    std::size_t index = 0;
    try {
        for (; index < instructions.size(); ++index) {
            machine.run_top_level(instructions, index);
        }
    } catch (const NativeFailure& failure) {
        result.instruction_index = static_cast<int>(index);
        result.error = failure.name;
        result.custom_code = failure.custom_code;
    }
    result.calls = std::move(machine.calls());
    if (!result.error.empty()) {
        return result;
    }
    for (const LoadedAccount& account : machine.accounts()) {
        if (account.is_writable &&
            breaks_rent(*this, find_account(account.address), account.account)) {
            result.error = "InsufficientFundsForRent";
            return result;
        }
    }
    for (LoadedAccount& account : machine.accounts()) {
        if (!account.is_writable) {
            continue;
        }
        if (account.account.lamports == 0) {
            accounts_.erase(account.address);
        } else {
            accounts_[account.address] = std::move(account.account);
        }
    }
    result.return_data = std::move(machine.return_data());
    result.ok = true;
    return result;
}

}  // namespace latchkey::solana::testing
