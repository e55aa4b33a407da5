// SPDX-License-Identifier: Apache-2.0
// Covers: chains/solana/program/ core/authorization/
#include <memory>

#include "chains/solana/testing/native_addresses.hpp"
#include "chains/solana/testing/native_world.hpp"
#include "core/base/fuzz_testing.hpp"
#include "core/crypto/hash.hpp"

using namespace latchkey;
using namespace latchkey::solana;
using namespace latchkey::solana::testing;

namespace {

using core::testing::require;

/// Two wallets of the same configuration, one with a state, one without; and one whose rules wait,
/// recover, cancel and freeze.
struct Fixture {
    NativeWorld world{{.verifies_precompiles = false}, {.signs = false}};
    TestSigner owner = TestSigner::ed25519(1);
    TestSigner device = TestSigner::p256(2);
    TestSigner wallet_key = TestSigner::eip712(3);
    TestSigner guardian = TestSigner::ed25519(4);
    core::RecoveryPart part;
    std::unique_ptr<Forge> genesis;
    std::unique_ptr<Forge> state;
    std::unique_ptr<Forge> waiting;
    NativeChain start;
    /// Something waits under three rules of the waiting wallet.
    NativeChain proposed;
    /// It is frozen as well.
    NativeChain frozen;

    Fixture() {
        genesis = std::make_unique<Forge>(world.make_wallet(configuration(1)));
        state = std::make_unique<Forge>(world.make_wallet(configuration(2)));
        require(world.create_state(*state).ok);
        part = recovery_part();
        core::Configuration waits = configuration(1);
        waits.rules = waiting_rules();
        waits.recovery = core::commitment_of(core::encode(part).value(), 72);
        waiting = std::make_unique<Forge>(world.make_wallet(waits));
        constexpr std::uint64_t kRecipientLamports = 5'000'000;
        world.put(test_address(77), kRecipientLamports);
        world.put_data(buffer(), kUpgradeableLoader, Bytes(64, 1));
        require(world.create_state(*waiting).ok);
        start = world.chain();
        propose(waits);
        proposed = world.chain();
        require(world.send(*waiting, by_owner(0, FreezeBody{.epoch = 1})).ok);
        frozen = world.chain();
    }

    static Address buffer() { return test_address(79); }

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

    static std::vector<core::Rule> waiting_rules() {
        const core::Rule any{.actions = core::kSharedActions, .mask = 7};
        const core::Rule slow{
            .actions = core::kActionExecute | core::kActionGrant | core::kActionUpgrade,
            .mask = 7,
            .wait = core::Wait{3600, core::Tie::kRecovery}};
        return {any, slow};
    }

    core::RecoveryPart recovery_part() {
        core::RecoveryPart out;
        out.signers = {world.add(guardian)};
        const core::Rule slow{
            .actions = core::kActionRecover | core::kActionCancel | core::kActionFreeze,
            .wait = core::Wait{30 * 3600, core::Tie::kRecovery}};
        const core::Rule quick{.actions = core::kActionRecover};
        out.rules = {slow, quick};
        out.after.rules = {{.actions = core::kSharedActions}};
        return out;
    }

    /// Behind state, vault, lane and operator. The last three only of the waiting wallet.
    std::vector<AccountMeta> accounts(bool is_waiting) const {
        std::vector<AccountMeta> out = {
            readonly_signer(owner.address()), writable(test_address(77)),
            readonly(kSystemProgram),         readonly(test_address(78)),
            readonly(kTokenProgram),          writable_signer(world.payer().address())};
        if (is_waiting) {
            out.push_back(readonly_signer(guardian.address()));
            out.push_back(readonly(kUpgradeableLoader));
            out.push_back(writable(buffer()));
        }
        return out;
    }

    Draft by_owner(std::uint8_t rule, Body body) const {
        Draft draft;
        draft.from_genesis = false;
        draft.rule.index = rule;
        draft.body = std::move(body);
        draft.accounts = accounts(true);
        return draft;
    }

    Draft by_guardian(std::uint8_t rule, Body body) const {
        Draft draft = by_owner(rule, std::move(body));
        draft.rule.recovery_part = core::encode(part).value();
        return draft;
    }

    /// A payment, a change that the guard holds back, and a recovery.
    void propose(core::Configuration next) {
        next.rules.pop_back();
        for (const Draft& draft :
             {by_owner(1, ExecuteBody{{}, {transfer_call(4, 3, 1000)}}),
              by_owner(0, PolicyBody{0, core::encode(next).value()}),
              by_guardian(0, RecoverBody{0, core::encode_unchecked({guardian.entry()})})}) {
            require(world.send(*waiting, draft).ok);
        }
    }

    /// Bits 3 and 4: which of the three; 5 to 7: how much later, in seconds.
    NativeChain& choose_chain(std::uint8_t head) {
        constexpr std::int64_t kLater[] = {0,          3600,        2 * 86'400,  3 * 86'400,
                                           8 * 86'400, 20 * 86'400, 35 * 86'400, 95 * 86'400};
        const NativeChain* const chains[] = {&start, &proposed, &frozen, &proposed};
        const NativeChain& chosen = *chains[head >> 3U & 3U];
        world.chain() = chosen;
        world.chain().set_time(chosen.time() + kLater[head >> 5U]);
        return world.chain();
    }
};

}  // namespace

/// Any bytes as the data of an instruction, with the accounts that actions expect. The first byte
/// chooses the wallet (bits 0 and 2) and whether a lane stands among the accounts (1); for the
/// waiting wallet also what happened before and how long ago. The second says how many bytes behind
/// it are a secp256r1 precompile's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Fixture fixture;
    if (size < 2) {
        return 0;
    }
    ByteView rest = core::testing::fuzz_input(data, size).subspan(2);
    const std::uint8_t head = data[0];
    const bool is_waiting = (head & 4U) != 0;
    const Forge& forge = is_waiting         ? *fixture.waiting
                         : (head & 1U) != 0 ? *fixture.state
                                            : *fixture.genesis;
    const Address payer = fixture.world.payer().address();
    Instruction wallet{fixture.world.program(),
                       {writable(forge.wallet().state()), writable(forge.wallet().vault)},
                       {}};
    if ((head & 2U) != 0) {
        wallet.accounts.push_back(writable(fixture.world.lane().address));
        wallet.accounts.push_back(readonly_signer(payer));
    }
    for (const AccountMeta& meta : fixture.accounts(is_waiting)) {
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

    NativeChain& chain = fixture.choose_chain(is_waiting ? head : 0);
    const std::uint64_t before = chain.total_lamports();
    const NativeResult result = chain.execute(payer, instructions);
    if (result.ok) {
        require(before == chain.total_lamports() + result.fee);
        // The state decodes, and to the same bytes.
        if (const auto state = fixture.world.state_of(forge)) {
            require(encode_state(*state).value() ==
                    chain.find_account(forge.wallet().state())->data);
        }
        const NativeAccount* const vault = chain.find_account(forge.wallet().vault);
        require(vault == nullptr || (vault->data.empty() && vault->owner == kSystemProgram));
    }
    return 0;
}
