// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/testing/differential_vm.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

#include "chains/solana/testing/native_addresses.hpp"
#include "chains/solana/testing/native_machine.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::solana::testing {

namespace {

constexpr std::uint32_t kComputeUnits = 1'400'000;
constexpr std::uint32_t kLoadedBytes = 1 << 20;

Bytes read_elf(const char* variable, const std::string& path) {
    const char* const named = variable == nullptr ? nullptr : std::getenv(variable);
    std::ifstream file(named != nullptr ? named : path, std::ios::binary);
    Bytes elf{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (elf.empty()) {
        throw std::runtime_error("no program at " + path + "; build solana_program_elf and " +
                                 "script_program_elf");
    }
    return elf;
}

SvmOptions vm_options() {
    SvmOptions options;
    options.signature_check = false;
    // Games repeat transactions: what refuses them is the wallet, not the runtime's memory.
    options.blockhash_check = false;
    options.history_capacity = 0;
    return options;
}

std::string explain_vm(const SendResult& result) {
    return result.ok ? "accepted" : result.error;
}

}  // namespace

VmTwin::VmTwin() : svm_(vm_options()) {
    svm_.load_program(wallet_program_address().array(),
                      read_elf("LATCHKEY_PROGRAM_ELF", LATCHKEY_PROGRAM_ELF_PATH));
    svm_.load_program(script_program_address().array(),
                      read_elf(nullptr, LATCHKEY_SCRIPT_ELF_PATH));
    snapshot_ = svm_.snapshot();
}

void VmTwin::begin(const NativeChain& chain) {
    svm_.restore(snapshot_);
    for (const auto& [address, account] : chain.accounts()) {
        if (!account.executable) {
            svm_.set_account(address.array(), {account.lamports, account.owner.array(),
                                               account.data, account.executable});
        }
    }
    time_ = 0;
}

std::string VmTwin::run(const Address& payer, const Attempt& attempt, const NativeResult& native,
                        const NativeChain& after) {
    if (time_ != after.time()) {
        time_ = after.time();
        Clock clock = svm_.get_clock();
        clock.unix_timestamp = time_;
        svm_.set_clock(clock);
    }
    MessageDraft draft;
    draft.version = MessageVersion::kV1;
    draft.fee_payer = payer;
    draft.instructions = attempt.instructions;
    draft.config.compute_unit_limit = kComputeUnits;
    draft.config.loaded_accounts_bytes_limit = kLoadedBytes;
    const auto transaction = Transaction::from_draft(draft);
    if (!transaction) {
        return "the VM cannot be shown this transaction: " + transaction.error().to_string();
    }
    const SendResult vm = svm_.send(transaction->encode());
    std::string out;
    // Of precompiles' errors only that there is one is modelled.
    const auto failed = static_cast<std::size_t>(native.instruction_index);
    const bool is_unsigned = !native.ok && native.instruction_index >= 0 &&
                             is_precompile(attempt.instructions[failed].program);
    const bool answers_agree =
        is_unsigned || (vm.custom_code == native.custom_code &&
                        (native.custom_code || vm.error_name == native.error));
    if (vm.ok != native.ok || !answers_agree || vm.instruction_index != native.instruction_index) {
        out += "the VM says " + explain_vm(vm) + ", the native program " + explain_result(native) +
               "; ";
    }
    if (vm.ok && native.ok) {
        const Bytes vm_data = vm.return_data ? vm.return_data->data : Bytes{};
        const Bytes native_data = native.return_data ? native.return_data->second : Bytes{};
        if (vm_data != native_data) {
            out += "the VM returns other data; ";
        }
    }
    return out + compare_accounts(payer, attempt, after);
}

std::string VmTwin::compare_accounts(const Address& payer, const Attempt& attempt,
                                     const NativeChain& after) {
    std::set<Address> passed = {payer};
    for (const Instruction& instruction : attempt.instructions) {
        for (const AccountMeta& meta : instruction.accounts) {
            passed.insert(meta.address);
        }
    }
    std::vector<Key> keys;
    std::vector<Address> addresses;
    for (const Address& address : passed) {
        const NativeAccount* const account = after.find_account(address);
        if (account == nullptr || !account->executable) {
            keys.push_back(address.array());
            addresses.push_back(address);
        }
    }
    const auto found = svm_.get_accounts(keys);
    std::string out;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        NativeAccount vm;
        if (found[i]) {
            vm = {found[i]->lamports, Address(found[i]->owner), found[i]->data,
                  found[i]->executable};
        }
        const NativeAccount* const native = after.find_account(addresses[i]);
        const bool is_program = vm.executable || addresses[i] == kSystemProgram;
        if (!is_program && vm != (native == nullptr ? NativeAccount{} : *native)) {
            out += "in the VM account " + core::encode_hex(addresses[i].view()) + " is another; ";
        }
    }
    return out;
}

}  // namespace latchkey::solana::testing
