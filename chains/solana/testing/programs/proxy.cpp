// SPDX-License-Identifier: Apache-2.0
// A program for tests: calls the program of its first account with the other accounts, their
// privileges as they are, and the instruction data behind the first two bytes. Data: mode, bump.
// Mode 1 also signs as the address derived from ["signer", bump], which need not be a signer
// already.
#include "chains/solana/program/accounts.hpp"

using namespace latchkey;
using namespace latchkey::solana;
using namespace latchkey::solana::program;

extern "C" uint64_t entrypoint(uint8_t* raw, const uint8_t* data) {
    Input input;
    if (read_input(raw, data, &input) != Verdict::kAccepted || input.end - data < 2) {
        return 1;
    }
    auto* const metas = reinterpret_cast<SolAccountMeta*>(scratch(kScratchMetas));
    auto* const infos = reinterpret_cast<SolAccountInfo*>(scratch(kScratchInfos));
    static constexpr uint8_t kSeed[6] = {'s', 'i', 'g', 'n', 'e', 'r'};
    const SolSignerSeed seeds[2] = {{kSeed, 6}, {data + 1, 1}};
    const SolSignerSeeds signer = {seeds, 2};
    for (uint64_t i = 1; i < input.account_count; ++i) {
        uint8_t* const account = input.accounts[i];
        // In mode 1 the last account is the derived signer.
        const bool signs = data[0] == 1 && i + 1 == input.account_count;
        metas[i - 1] = {key_of(account), account[2], static_cast<uint8_t>(signs ? 1 : account[1])};
        describe(account, &infos[i - 1]);
    }
    const SolInstruction instruction = {key_of(input.accounts[0]), metas, input.account_count - 1,
                                        data + 2, static_cast<uint64_t>(input.end - data) - 2};
    return sol_invoke_signed_c(&instruction, infos, input.account_count - 1, &signer,
                               data[0] == 1 ? 1 : 0);
}
