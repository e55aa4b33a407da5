// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/deployed_program.hpp"
#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/loader.hpp"
#include "chains/solana/client/wallet_instructions.hpp"
#include "cli/demo/steps.hpp"
#include "cli/files.hpp"
#include "cli/text.hpp"
#include "cli/upload.hpp"

namespace latchkey::cli::demo {

namespace {

using solana::Address;
using solana::RuleReference;
using solana::WalletHandle;
namespace loader = solana::loader;

constexpr std::uint32_t kDelay = 30 * core::kDay;
constexpr std::uint32_t kPolicyDelay = kDelay + core::kMargin;
const PeerFigures kNoPeer{"none", {}, {}, {}};

/// Two of three developers may upgrade, after 30 days, and change that after 32.
core::Configuration governor_configuration(const std::vector<const Key*>& developers) {
    core::Configuration out;
    for (const Key* key : developers) {
        out.signers.push_back(key->entry());
    }
    core::Rule rule;
    rule.actions = core::kActionUpgrade | core::kActionCancel;
    rule.mask = 0b111;
    rule.threshold = 2;
    rule.wait = core::Wait{kDelay, core::Tie::kOwner};
    out.rules.push_back(rule);
    rule.actions = core::kActionPolicy | core::kActionCancel;
    rule.wait = core::Wait{kPolicyDelay, core::Tie::kOwner};
    out.rules.push_back(rule);
    return out;
}

/// The same program in other bytes: what comes after the ELF's sections is nobody's.
core::Bytes other_code(const core::Bytes& elf, std::uint8_t mark) {
    core::Bytes out = elf;
    out.push_back(mark);
    return out;
}

struct Governed {
    std::unique_ptr<Key> program;
    std::unique_ptr<Key> governor_program;
    std::vector<std::unique_ptr<Key>> developers;
    std::optional<WalletHandle> governor;
    core::Bytes elf;

    [[nodiscard]] Using two() const {
        return {solana::UseTransaction{},
                {{0}, {1}},
                {developers[0].get(), developers[1].get()},
                std::nullopt};
    }
};

Result<Governed> deploy(World& world) {
    Governed out;
    LATCHKEY_TRY(out.elf, read_file(world.program_file(), kProgramFileBytesMax));
    LATCHKEY_TRY(out.program, world.key("program"));
    LATCHKEY_TRY(out.governor_program, world.key("governor program"));
    std::vector<const Key*> developers;
    for (const char* name : {"first developer", "second developer", "third developer"}) {
        LATCHKEY_TRY(auto key, world.key(name));
        out.developers.push_back(std::move(key));
        developers.push_back(out.developers.back().get());
    }
    Chain& chain = world.chain();
    const Key& payer = world.sponsor();
    LATCHKEY_CHECK(deploy_program(chain, world.output(), out.elf, payer, *out.governor_program,
                                  out.elf.size()));
    LATCHKEY_TRY(const Address governor_data,
                 loader::program_data_address(out.governor_program->address()));
    LATCHKEY_CHECK(hand_over(chain, world.output(), governor_data, payer, payer, std::nullopt));
    const solana::Deployment deployment{out.governor_program->address(),
                                        world.deployment().cluster};
    LATCHKEY_TRY(out.governor,
                 WalletHandle::create(governor_configuration(developers), deployment));
    LATCHKEY_CHECK(
        deploy_program(chain, world.output(), out.elf, payer, *out.program, out.elf.size() + 1));
    LATCHKEY_TRY(const Address data, loader::program_data_address(out.program->address()));
    LATCHKEY_CHECK(hand_over(chain, world.output(), data, payer, payer, out.governor->vault()));
    LATCHKEY_TRY(const auto creation,
                 solana::create_funded_state(*out.governor, payer.address(), world.rent()));
    LATCHKEY_CHECK(world.send_own(creation));
    return out;
}

Result<Address> buffer_of(World& world, const core::Bytes& code, const Address& authority) {
    LATCHKEY_TRY(const Address buffer,
                 write_buffer(world.chain(), world.output(), code, world.sponsor()));
    LATCHKEY_CHECK(hand_over(world.chain(), world.output(), buffer, world.sponsor(),
                             world.sponsor(), authority));
    return buffer;
}

solana::UpgradeAction upgrade_to(const Governed& governed, const Address& buffer,
                                 const core::Bytes& code, const Address& spill) {
    solana::UpgradeAction out;
    out.rule = RuleReference{false, 0};
    out.program = governed.program->address();
    out.buffer = buffer;
    out.spill = spill;
    out.code_hash = loader::code_hash(code);
    return out;
}

Result<bool> runs(World& world, const Address& program, const core::Bytes& code) {
    LATCHKEY_TRY(const auto found,
                 world.chain().run(solana::fetch_program(world.chain().rpc(), program)));
    const core::ByteView data(found.data);
    return core::equal(data.first(std::min(data.size(), code.size())), code) &&
           (data.size() == code.size() || data[code.size()] == 0);
}

/// Announced with a buffer that its writer can still change, and does.
Result<void> swap_buffer(World& world, const Governed& governed, const core::Bytes& wanted) {
    const WalletHandle& governor = *governed.governor;
    const Address spill = world.sponsor().address();

    // The developer keeps the buffer's authority, and writes again after the hash was announced.
    LATCHKEY_TRY(const Address swapped,
                 write_buffer(world.chain(), world.output(), wanted, world.sponsor()));
    std::uint64_t rent = 0;
    LATCHKEY_TRY(const Receipt scheduled,
                 world.act_with_rent(governor, upgrade_to(governed, swapped, wanted, spill),
                                     governed.two(), &rent));
    LATCHKEY_TRY(auto snapshot, world.read(governor));
    LATCHKEY_TRY(const std::uint64_t announced, world.now());
    const auto pending = solana::pending_actions(snapshot, announced);
    LATCHKEY_CHECK(
        world.expect(pending.size() == 1 && pending[0].earliest >= announced + kDelay - 60,
                     "two of three developers announced an upgrade: `latchkey pending` "
                     "shows program, buffer and code hash to everybody, for 30 days"));
    const core::Bytes evil{0xee};
    LATCHKEY_CHECK(world.send_own(
        {loader::write(swapped, world.sponsor().address(),
                       static_cast<std::uint32_t>(wanted.size() - 1), evil),
         loader::set_authority(swapped, world.sponsor().address(), governor.vault())}));
    LATCHKEY_CHECK(world.warp(kDelay + 60));
    LATCHKEY_TRY(std::string sentence,
                 world.apply_refused(governor, 0, core::Verdict::kUpgradeCode));
    LATCHKEY_CHECK(
        world.expect(true, "somebody wrote other code into the buffer meanwhile: " + sentence));
    const solana::CancelAction cancel{RuleReference{false, 0}, 0, {}};
    LATCHKEY_TRY(const Receipt cancelled, world.act_with_rent(governor, cancel, governed.two()));
    LATCHKEY_TRY(sentence, world.apply_refused(governor, 0, core::Verdict::kNothingWaits));
    LATCHKEY_CHECK(world.expect(true, "the developers cancelled it: " + sentence));
    world.record({"announce an upgrade, two of three", scheduled, rent, kNoPeer});
    world.record({"cancel it", cancelled, 0, kNoPeer});
    return {};
}

}  // namespace

Result<void> governed_upgrade(World& world) {
    world.title("A program's upgrade that everybody sees coming");
    LATCHKEY_TRY(const Governed governed, deploy(world));
    const WalletHandle& governor = *governed.governor;
    world.say("the program " + solana::to_base58(governed.program->address()) +
              " can be replaced by the governor's vault only; the governor runs on a second "
              "deployment that nobody can replace, and waits 30 days");
    const core::Bytes wanted = other_code(governed.elf, 1);
    LATCHKEY_CHECK(swap_buffer(world, governed, wanted));

    const Address spill = world.sponsor().address();
    LATCHKEY_TRY(const Address buffer, buffer_of(world, wanted, governor.vault()));
    LATCHKEY_CHECK(
        world.act_with_rent(governor, upgrade_to(governed, buffer, wanted, spill), governed.two()));
    LATCHKEY_TRY(const std::string sentence,
                 world.apply_refused(governor, 0, core::Verdict::kTooEarly));
    LATCHKEY_TRY(bool is_new, runs(world, governed.program->address(), wanted));
    LATCHKEY_CHECK(world.expect(!is_new,
                                "announced again, with a buffer that only the governor "
                                "could touch: " +
                                    sentence));
    LATCHKEY_CHECK(world.warp(kDelay + 60));
    LATCHKEY_TRY(const Receipt applied, world.apply(governor, 0));
    LATCHKEY_TRY(is_new, runs(world, governed.program->address(), wanted));
    LATCHKEY_CHECK(world.expect(is_new,
                                "30 days later (clock moved) anybody could apply it: the "
                                "program has exactly the code that was announced"));
    world.record(
        {"apply an upgrade of " + format_count(wanted.size()) + " bytes", applied, 0, kNoPeer});
    return {};
}

}  // namespace latchkey::cli::demo
