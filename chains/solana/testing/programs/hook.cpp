// SPDX-License-Identifier: Apache-2.0
// A program for tests: the transfer hook of a Token-2022 mint. Token-2022 calls it with source,
// mint, destination, owner and the list of its further accounts, then with those: here a payload, a
// program, and that program's accounts. It calls the program with the payload's bytes as data.
// Without further accounts it does nothing.
#include "chains/solana/program/accounts.hpp"

using namespace latchkey;
using namespace latchkey::solana;
using namespace latchkey::solana::program;

extern "C" uint64_t entrypoint(uint8_t* raw, const uint8_t* data) {
    static constexpr uint64_t kPayload = 5;
    Input input;
    if (read_input(raw, data, &input) != Verdict::kAccepted) {
        return 1;
    }
    if (input.account_count < kPayload + 2) {
        return 0;
    }
    auto* const metas = reinterpret_cast<SolAccountMeta*>(scratch(kScratchMetas));
    auto* const infos = reinterpret_cast<SolAccountInfo*>(scratch(kScratchInfos));
    uint64_t count = 0;
    for (uint64_t i = kPayload + 2; i < input.account_count; ++i, ++count) {
        uint8_t* const account = input.accounts[i];
        metas[count] = {key_of(account), account[2], account[1]};
        describe(account, &infos[count]);
    }
    const uint8_t* const payload = input.accounts[kPayload];
    const SolInstruction instruction = {key_of(input.accounts[kPayload + 1]), metas, count,
                                        data_of(payload), data_length_of(payload)};
    return sol_invoke_signed_c(&instruction, infos, count, nullptr, 0);
}
