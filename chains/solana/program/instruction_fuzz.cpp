// SPDX-License-Identifier: Apache-2.0
// Covers: chains/solana/program/ core/authorization/
#include <memory>

#include "chains/solana/testing/native_addresses.hpp"
#include "chains/solana/testing/native_world.hpp"
#include "core/base/fuzz_testing.hpp"

using namespace latchkey;
using namespace latchkey::solana;
using namespace latchkey::solana::testing;

namespace {

using core::testing::require;

/// Two wallets of the same configuration, one with a state, one without.
struct Fixture {
    NativeWorld world{{.verifies_precompiles = false}, {.signs = false}};
    TestSigner owner = TestSigner::ed25519(1);
    TestSigner device = TestSigner::p256(2);
    TestSigner wallet_key = TestSigner::eip712(3);
    std::unique_ptr<Forge> genesis;
    std::unique_ptr<Forge> state;

    Fixture() {
        genesis = std::make_unique<Forge>(world.make_wallet(configuration(1)));
        state = std::make_unique<Forge>(world.make_wallet(configuration(2)));
        require(world.create_state(*state).ok);
    }

    core::Configuration configuration(std::uint8_t threshold) {
        core::Configuration out;
        out.signers = {world.add(owner), world.add(device), world.add(wallet_key)};
        core::Rule any;
        any.actions =
            core::kActionExecute | core::kActionGrant | core::kActionPolicy | core::kActionMessage;
        any.mask = 7;
        core::Rule limited;
        limited.actions = core::kActionExecute;
        limited.mask = 7;
        limited.threshold = threshold;
        limited.scope = {{core::Hash32{}, {2, 0, 0, 0}}};
        limited.limits = {{core::Hash32{}, 1000, 2000, 60}};
        out.rules = {any, limited};
        return out;
    }
};

}  // namespace

/// Any bytes as the data of an instruction, with the accounts that actions expect. The first byte
/// chooses the wallet and whether a lane stands among the accounts; the second, how many bytes
/// behind it are a secp256r1 precompile's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Fixture fixture;
    static const NativeChain start = fixture.world.chain();
    if (size < 2) {
        return 0;
    }
    ByteView rest = core::testing::fuzz_input(data, size).subspan(2);
    const Forge& forge = (data[0] & 1) != 0 ? *fixture.state : *fixture.genesis;
    const Address payer = fixture.world.payer().address();
    Instruction wallet{fixture.world.program(),
                       {writable(forge.wallet().state()), writable(forge.wallet().vault)},
                       {}};
    if ((data[0] & 2) != 0) {
        wallet.accounts.push_back(writable(fixture.world.lane().address));
        wallet.accounts.push_back(readonly_signer(payer));
    }
    for (const AccountMeta& meta :
         {readonly_signer(fixture.owner.address()), writable(test_address(77)),
          readonly(kSystemProgram), readonly(test_address(78)), readonly(kTokenProgram),
          writable_signer(payer)}) {
        wallet.accounts.push_back(meta);
    }
    std::vector<Instruction> instructions;
    if (data[1] != 0) {
        const std::size_t length = std::min<std::size_t>(data[1], rest.size());
        instructions.push_back({kSecp256r1Program, {}, core::to_bytes(rest.first(length))});
        rest = rest.subspan(length);
    }
    wallet.data = core::to_bytes(rest);
    instructions.push_back(wallet);

    NativeChain& chain = fixture.world.chain();
    const NativeResult result = chain.execute(payer, instructions);
    if (result.ok) {
        require(start.total_lamports() == chain.total_lamports() + result.fee);
        // The state decodes, and to the same bytes.
        (void)fixture.world.state_of(forge);
        const NativeAccount* const vault = chain.find_account(forge.wallet().vault);
        require(vault == nullptr || (vault->data.empty() && vault->owner == kSystemProgram));
    }
    if (result.ok) {
        chain = start;
    } else {
        chain.set_account(payer, *start.find_account(payer));
    }
    return 0;
}
