// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/programs.hpp"

#include <algorithm>

#include "chains/solana/client/decode.hpp"
#include "chains/solana/client/deployed_program.hpp"
#include "chains/solana/client/loader.hpp"
#include "chains/solana/client/wallet_reader.hpp"
#include "cli/commands/recovery.hpp"
#include "cli/commands/waiting.hpp"
#include "cli/files.hpp"
#include "cli/local_chain.hpp"
#include "cli/text.hpp"
#include "cli/upload.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;
namespace loader = solana::loader;

namespace {

constexpr std::uint64_t kGovernorDelayMin = 30 * core::kDay;
/// No account of Solana is larger; and what the loader adds at least (SIMD-0431).
constexpr std::uint64_t kRoomMax = 10 * 1024 * 1024;
constexpr std::uint64_t kRoomMin = 10'240;
constexpr std::size_t kShownText = 64;

Result<core::Bytes> read_elf(const std::string& file) {
    std::string path = file;
    if (path.empty()) {
        LATCHKEY_TRY(path, find_program_file());
    }
    LATCHKEY_TRY(core::Bytes elf, read_file(path, kProgramFileBytesMax));
    if (!core::as_text(elf).starts_with("\x7f"
                                        "ELF")) {
        return fail(ErrorCode::kCommandInput, path + " is not a program: it is no ELF");
    }
    return elf;
}

/// The chain that the settings name, whatever program is meant.
Result<Chain*> any_chain(Context& context) {
    LATCHKEY_CHECK(context.require_solana("the wallet program is"));
    LATCHKEY_TRY(const solana::Deployment deployment, context.deployment("", ""));
    return context.chain(deployment.program);
}

/// A vault obeys its wallet's rules alone: without one for upgrades it replaces nothing, for ever.
Result<void> check_governor(Context& context, const std::string& name, const WalletFile& file) {
    const solana::Address program = file.wallet.deployment().program;
    LATCHKEY_TRY(Chain* const chain, context.chain_of(file.wallet));
    LATCHKEY_TRY(const auto account, chain->run(chain->rpc().get_account(program)));
    if (!account || !account->is_executable) {
        return fail(ErrorCode::kCommandInput, name + " is run by the program " +
                                                  solana::to_base58(program) +
                                                  ", which is not on this cluster; deploy that one "
                                                  "first");
    }
    LATCHKEY_TRY(const auto wallet, chain->run(solana::fetch_wallet(chain->rpc(), file.wallet)));
    const auto& rules = wallet.configuration().rules;
    const bool may_upgrade = std::any_of(rules.begin(), rules.end(), [](const core::Rule& rule) {
        return (rule.actions & core::kActionUpgrade) != 0;
    });
    if (!may_upgrade) {
        return fail(ErrorCode::kCommandInput,
                    name +
                        " is a wallet without a rule for upgrades, so nobody could ever replace "
                        "the code; make one that can with `latchkey governor create`");
    }
    return {};
}

/// An address, or a wallet that can use the authority.
Result<solana::Address> find_authority(Context& context, const std::string& text) {
    if (!solana::parse_address(text)) {
        if (const auto file = read_wallet_file(text)) {
            LATCHKEY_CHECK(check_governor(context, text, *file));
        }
    }
    auto found = find_recipient(text);
    if (!found) {
        return fail(ErrorCode::kCommandInput,
                    "--authority must be a Solana address in base58, a wallet's genesis file or an "
                    "ed25519 key file, not " +
                        solana::quote_text(text.substr(0, kShownText)));
    }
    return found;
}

/// `account`: what is handed over.
Result<void> refuse_itself(const std::optional<solana::Address>& authority,
                           const solana::Address& account) {
    if (authority == account) {
        return fail(ErrorCode::kCommandInput,
                    "--authority is the program or buffer itself, which approves nothing; name a "
                    "governor, a key, or --final");
    }
    return {};
}

Result<std::optional<solana::Address>> next_authority(Context& context,
                                                      const ProgramOptions& options) {
    if (options.is_final != options.authority.empty()) {
        return fail(ErrorCode::kCommandInput,
                    "say who may replace it, with --authority ADDRESS or --final");
    }
    if (options.is_final) {
        return std::nullopt;
    }
    LATCHKEY_TRY(const solana::Address out, find_authority(context, options.authority));
    return out;
}

std::string authority_text(const std::optional<solana::Address>& authority) {
    return authority ? solana::to_base58(*authority) : std::string("nobody");
}

json::value authority_value(const std::optional<solana::Address>& authority) {
    return authority ? json::value(solana::to_base58(*authority)) : json::value(nullptr);
}

std::string hash_text(core::ByteView code) {
    return core::encode_hex(loader::code_hash(code).view());
}

Result<Key> authority_key(const ProgramOptions& options, const std::string& payer) {
    LATCHKEY_TRY(Key key, load_key(options.key.empty() ? payer : options.key));
    if (key.transaction_signer == nullptr) {
        return fail(ErrorCode::kCommandInput, "--key must be an ed25519 key");
    }
    return key;
}

/// A program's data account, or the buffer itself.
Result<solana::Address> replaceable_account(Chain& chain, const solana::Address& address) {
    LATCHKEY_TRY(const auto account, chain.run(chain.rpc().get_account(address)));
    if (!account || account->owner != solana::kUpgradeableLoader) {
        return fail(ErrorCode::kCommandInput,
                    solana::to_base58(address) + " is neither a program of loader-v3 nor a buffer");
    }
    const auto data = solana::decode_program_account(account->data);
    return data ? *data : address;
}

Result<loader::Buffer> read_buffer(Chain& chain, const solana::Address& address) {
    LATCHKEY_TRY(const auto account, chain.run(chain.rpc().get_account(address)));
    if (!account || account->owner != solana::kUpgradeableLoader) {
        return fail(ErrorCode::kCommandInput,
                    "there is no buffer at " + solana::to_base58(address));
    }
    auto buffer = loader::decode_buffer(account->data);
    if (!buffer) {
        return fail(ErrorCode::kCommandInput, solana::to_base58(address) + " is not a buffer");
    }
    return buffer;
}

Result<core::Hash32> wanted_hash(const ScheduleOptions& options) {
    if (options.file.empty() == options.code_hash.empty()) {
        return fail(ErrorCode::kCommandInput,
                    "say which code is meant, with --file ELF or --code-hash HEX");
    }
    if (!options.file.empty()) {
        LATCHKEY_TRY(const core::Bytes elf, read_elf(options.file));
        return loader::code_hash(elf);
    }
    auto hash = core::decode_hex_as<core::Hash32>(options.code_hash);
    if (!hash) {
        return fail(ErrorCode::kCommandInput, "--code-hash has 64 hexadecimal digits");
    }
    return hash;
}

/// Everything that the chain would refuse in 30 days, and what only people notice.
Result<void> check_upgrade(Chain& chain, const solana::WalletHandle& governor,
                           const solana::UpgradeAction& action) {
    const std::string vault = solana::to_base58(governor.vault());
    LATCHKEY_TRY(const loader::Buffer buffer, read_buffer(chain, action.buffer));
    if (loader::code_hash(buffer.code) != action.code_hash) {
        return fail(ErrorCode::kProgramDiffers, "the buffer " + solana::to_base58(action.buffer) +
                                                    " holds other code: its keccak is " +
                                                    hash_text(buffer.code));
    }
    if (buffer.authority != governor.vault()) {
        return fail(ErrorCode::kCommandInput,
                    "the buffer's authority is " + authority_text(buffer.authority) +
                        ", who could change the code; hand it to the governor first: `latchkey "
                        "program authority " +
                        solana::to_base58(action.buffer) + " --authority " + vault + "`");
    }
    LATCHKEY_TRY(const solana::DeployedProgram present,
                 chain.run(solana::fetch_program(chain.rpc(), action.program)));
    if (present.upgrade_authority != governor.vault()) {
        return fail(ErrorCode::kCommandInput, "the program may be replaced by " +
                                                  authority_text(present.upgrade_authority) +
                                                  ", not by the governor " + vault);
    }
    if (buffer.code.size() > present.data.size()) {
        return fail(ErrorCode::kCommandInput, "the new code has " +
                                                  format_count(buffer.code.size()) +
                                                  " bytes, and the program has room for " +
                                                  format_count(present.data.size()) +
                                                  "; make more with `latchkey program extend`");
    }
    return {};
}

Result<std::uint32_t> parse_delay(const std::string& text, const std::string& option,
                                  std::uint64_t least) {
    LATCHKEY_TRY(const std::uint64_t seconds, parse_duration(text));
    if (seconds < least || seconds > core::kMaximumDelay) {
        return fail(ErrorCode::kCommandInput,
                    option + " is between " + core::describe_duration(least) + " and 365d");
    }
    return static_cast<std::uint32_t>(seconds);
}

core::Rule governor_rule(std::uint8_t action, std::size_t signers, unsigned threshold,
                         std::uint32_t delay) {
    core::Rule out;
    out.actions = static_cast<std::uint8_t>(action | core::kActionCancel);
    out.mask = static_cast<std::uint16_t>((1U << signers) - 1U);
    out.threshold = static_cast<std::uint8_t>(threshold);
    out.wait = core::Wait{delay, core::Tie::kOwner};
    return out;
}

Result<core::Configuration> governor_configuration(const GovernorCreateOptions& options,
                                                   core::Names& names) {
    core::Configuration out;
    LATCHKEY_TRY(out.signers, parse_parties(options.signers, "--signer", names));
    for (core::Signer& signer : out.signers) {
        // Who proposes may pay for it.
        signer.option = signer.option || signer.kind == core::kSignerEd25519;
    }
    const std::size_t count = out.signers.size();
    if (count == 0 || options.threshold < 1 || options.threshold > count) {
        return fail(
            ErrorCode::kCommandInput,
            "name the governor's signers with --signer; --threshold is at most their number");
    }
    LATCHKEY_TRY(const std::uint32_t delay,
                 parse_delay(options.delay, "--delay", kGovernorDelayMin));
    out.rules.push_back(governor_rule(core::kActionUpgrade, count, options.threshold, delay));
    out.lockdown = options.is_locked;
    if (options.is_locked) {
        return out;
    }
    const std::uint64_t least = delay + core::kMargin;
    std::uint64_t policy_delay = least;
    if (!options.policy_delay.empty()) {
        LATCHKEY_TRY(policy_delay, parse_delay(options.policy_delay, "--policy-delay", least));
    }
    if (policy_delay > core::kMaximumPolicyDelay) {
        return fail(ErrorCode::kCommandInput,
                    "a change of the governor would wait more than 90 days, which is a lockout; "
                    "shorten --delay or say --locked");
    }
    out.rules.push_back(governor_rule(core::kActionPolicy, count, options.threshold,
                                      static_cast<std::uint32_t>(policy_delay)));
    return out;
}

}  // namespace

Result<Report> program_deploy(Context& context, const ProgramOptions& options) {
    LATCHKEY_TRY(const auto authority, next_authority(context, options));
    LATCHKEY_TRY(const core::Bytes elf, read_elf(options.file));
    LATCHKEY_TRY(const Key payer, load_fee_payer(context, options.fee_payer));
    LATCHKEY_TRY(const Key program, load_key(options.program_key));
    if (program.transaction_signer == nullptr) {
        return fail(ErrorCode::kCommandInput, "--program-key must be an ed25519 key");
    }
    LATCHKEY_CHECK(refuse_itself(authority, program.address()));
    const std::size_t room = options.room == 0 ? elf.size() : options.room;
    if (room < elf.size() || room > kRoomMax) {
        return fail(ErrorCode::kCommandInput, "--room is between the code's size, " +
                                                  format_count(elf.size()) + " bytes, and " +
                                                  format_count(kRoomMax));
    }
    LATCHKEY_TRY(Chain* const chain, any_chain(context));
    LATCHKEY_TRY(const Receipt deployed,
                 deploy_program(*chain, context.output(), elf, payer, program, room));
    if (authority != payer.address()) {
        LATCHKEY_TRY(const solana::Address data, loader::program_data_address(program.address()));
        auto handed = hand_over(*chain, context.output(), data, payer, payer, authority);
        if (!handed) {
            return fail(
                "the program " + solana::to_base58(program.address()) +
                    " is deployed, and the fee payer can still replace it; `latchkey program "
                    "authority` hands it over",
                handed.error());
        }
    }
    Report report;
    report.fields = receipt_fields(deployed);
    report.fields["program"] = solana::to_base58(program.address());
    report.fields["code_hash"] = hash_text(elf);
    report.fields["code_bytes"] = elf.size();
    report.fields["authority"] = authority_value(authority);
    report.lines = {"deployed " + format_count(elf.size()) + " bytes at " +
                        context.output().paint(Style::kKey, solana::to_base58(program.address())),
                    "code keccak " + hash_text(elf),
                    "may be replaced by " + authority_text(authority)};
    return report;
}

Result<Report> program_buffer(Context& context, const ProgramOptions& options) {
    if (options.authority.empty()) {
        return fail(ErrorCode::kCommandInput,
                    "say who decides about the code, with --authority GOVERNOR");
    }
    LATCHKEY_TRY(const solana::Address authority, find_authority(context, options.authority));
    LATCHKEY_TRY(const core::Bytes elf, read_elf(options.file));
    LATCHKEY_TRY(const Key payer, load_fee_payer(context, options.fee_payer));
    LATCHKEY_TRY(Chain* const chain, any_chain(context));
    LATCHKEY_TRY(const solana::Address buffer, write_buffer(*chain, context.output(), elf, payer));
    if (authority != payer.address()) {
        LATCHKEY_CHECK(hand_over(*chain, context.output(), buffer, payer, payer, authority));
    }
    Report report;
    report.fields = {{"buffer", solana::to_base58(buffer)},
                     {"code_hash", hash_text(elf)},
                     {"code_bytes", elf.size()},
                     {"authority", solana::to_base58(authority)}};
    report.lines = {"buffer " + context.output().paint(Style::kKey, solana::to_base58(buffer)) +
                        " holds " + format_count(elf.size()) + " bytes of code",
                    "code keccak " + hash_text(elf), "belongs to " + solana::to_base58(authority)};
    return report;
}

Result<Report> program_authority(Context& context, const ProgramOptions& options) {
    LATCHKEY_TRY(const auto next, next_authority(context, options));
    LATCHKEY_TRY(const solana::Address address,
                 parse_address_argument(options.account, "the program or buffer"));
    LATCHKEY_CHECK(refuse_itself(next, address));
    LATCHKEY_TRY(const Key payer, load_fee_payer(context, options.fee_payer));
    const std::string payer_text =
        options.fee_payer.empty() ? context.config().fee_payer : options.fee_payer;
    LATCHKEY_TRY(const Key present, authority_key(options, payer_text));
    LATCHKEY_TRY(Chain* const chain, any_chain(context));
    LATCHKEY_TRY(const solana::Address account, replaceable_account(*chain, address));
    LATCHKEY_CHECK(refuse_itself(next, account));
    LATCHKEY_TRY(const Receipt receipt,
                 hand_over(*chain, context.output(), account, payer, present, next));
    Report report;
    report.fields = receipt_fields(receipt);
    report.fields["authority"] = authority_value(next);
    report.lines = {
        solana::to_base58(address) + " may be replaced by " + authority_text(next) + " from now on",
        receipt_line(context.output(), receipt)};
    return report;
}

Result<Report> program_close(Context& context, const ProgramOptions& options) {
    LATCHKEY_TRY(const solana::Address buffer,
                 parse_address_argument(options.account, "the buffer"));
    LATCHKEY_TRY(const Key payer, load_fee_payer(context, options.fee_payer));
    const std::string payer_text =
        options.fee_payer.empty() ? context.config().fee_payer : options.fee_payer;
    LATCHKEY_TRY(const Key present, authority_key(options, payer_text));
    LATCHKEY_TRY(Chain* const chain, any_chain(context));
    LATCHKEY_CHECK(read_buffer(*chain, buffer));
    const Submission submission{&payer, {&present}, {}, {}, {}};
    LATCHKEY_TRY(
        const Receipt receipt,
        send_instructions(*chain, context.output(),
                          {loader::close_buffer(buffer, payer.address(), present.address())},
                          submission));
    Report report;
    report.fields = receipt_fields(receipt);
    report.lines = {
        "the buffer is closed; its lamports went to " + solana::to_base58(payer.address()),
        receipt_line(context.output(), receipt)};
    return report;
}

Result<Report> program_extend(Context& context, const ProgramOptions& options) {
    LATCHKEY_TRY(const solana::Address program,
                 parse_address_argument(options.account, "the program"));
    if (options.room < kRoomMin || options.room > kRoomMax) {
        return fail(ErrorCode::kCommandInput, "--room is the number of bytes to add, " +
                                                  format_count(kRoomMin) + " to " +
                                                  format_count(kRoomMax));
    }
    LATCHKEY_TRY(const Key payer, load_fee_payer(context, options.fee_payer));
    LATCHKEY_TRY(Chain* const chain, any_chain(context));
    LATCHKEY_CHECK(chain->run(solana::fetch_program(chain->rpc(), program)));
    LATCHKEY_TRY(
        const solana::Instruction extend,
        loader::extend(program, payer.address(), static_cast<std::uint32_t>(options.room)));
    const Submission submission{&payer, {}, {}, {}, {}};
    LATCHKEY_TRY(const Receipt receipt,
                 send_instructions(*chain, context.output(), {extend}, submission));
    LATCHKEY_TRY(const solana::DeployedProgram now,
                 chain->run(solana::fetch_program(chain->rpc(), program)));
    Report report;
    report.fields = receipt_fields(receipt);
    report.fields["room"] = now.data.size();
    report.lines = {
        "the program has room for " + format_count(now.data.size()) + " bytes of code now",
        receipt_line(context.output(), receipt)};
    return report;
}

Result<Report> program_hash(Context& /*context*/, const std::string& file) {
    LATCHKEY_TRY(const core::Bytes elf, read_elf(file));
    Report report;
    report.fields = {{"code_hash", hash_text(elf)}, {"code_bytes", elf.size()}};
    report.lines = {hash_text(elf)};
    return report;
}

Result<Report> program_cluster(Context& context) {
    LATCHKEY_TRY(Chain* const chain, any_chain(context));
    LATCHKEY_TRY(const solana::Blockhash hash, chain->run(chain->rpc().get_genesis_hash()));
    Report report;
    report.fields = {{"genesis_hash", solana::to_base58(hash)},
                     {"hex", core::encode_hex(hash.view())}};
    report.lines = {solana::to_base58(hash),
                    "for the build: -DLATCHKEY_CLUSTER=" + core::encode_hex(hash.view())};
    return report;
}

Result<Report> governor_create(Context& context, const GovernorCreateOptions& options) {
    LATCHKEY_TRY(const solana::Deployment deployment,
                 context.deployment(options.program, options.cluster));
    core::Names names;
    LATCHKEY_TRY(const core::Configuration configuration, governor_configuration(options, names));
    LATCHKEY_TRY(solana::WalletHandle wallet,
                 solana::WalletHandle::create(configuration, deployment));
    const WalletFile file{std::move(wallet), "governor", std::move(names)};
    LATCHKEY_CHECK(write_wallet_file(options.file, file, options.replaces_files));
    const std::string vault = solana::to_base58(file.wallet.vault());
    Report report;
    report.fields = {{"file", options.file},
                     {"address", vault},
                     {"wallet_id", core::encode_hex(file.wallet.id().view())},
                     {"program", solana::to_base58(deployment.program)}};
    report.lines = {"governor " + context.output().paint(Style::kKey, vault) + ", run by " +
                    solana::to_base58(deployment.program)};
    for (const std::string& line : description_lines(configuration, file.names)) {
        report.lines.push_back("  " + line);
    }
    report.lines.push_back(
        "It is as safe as the program that runs it: `latchkey verify-program --program " +
        solana::to_base58(deployment.program) + "` says whether anybody can replace that.");
    report.lines.push_back(
        "Make it the upgrade authority: `latchkey program authority PROGRAM "
        "--authority " +
        options.file + "`");
    return report;
}

Result<Report> governor_schedule(Context& context, const OperationOptions& operation,
                                 const ScheduleOptions& options) {
    LATCHKEY_CHECK(context.require_solana("governors are"));
    solana::UpgradeAction action;
    LATCHKEY_TRY(action.code_hash, wanted_hash(options));
    LATCHKEY_TRY(action.program, parse_address_argument(options.program, "--program"));
    LATCHKEY_TRY(action.buffer, parse_address_argument(options.buffer, "--buffer"));
    if (!options.spill.empty()) {
        LATCHKEY_TRY(action.spill, find_recipient(options.spill));
    }
    const ActionMaker make = [&](Chain& chain, const solana::WalletSnapshot& wallet,
                                 const solana::RuleReference& rule) -> Result<solana::ActionBody> {
        solana::UpgradeAction out = action;
        out.rule = rule;
        if (options.spill.empty()) {
            out.spill = wallet.wallet().vault();
        }
        LATCHKEY_CHECK(check_upgrade(chain, wallet.wallet(), out));
        return solana::ActionBody(std::move(out));
    };
    return run_operation(context, operation, core::kActionUpgrade, make);
}

Result<Report> governor_show(Context& context, const std::string& wallet,
                             const std::string& program) {
    LATCHKEY_CHECK(context.require_solana("governors are"));
    LATCHKEY_TRY(const WalletFile file, context.wallet(wallet));
    LATCHKEY_TRY(const solana::Address address, parse_address_argument(program, "--program"));
    LATCHKEY_TRY(Chain* const chain, context.chain_of(file.wallet));
    LATCHKEY_TRY(const solana::DeployedProgram governed,
                 chain->run(solana::fetch_program(chain->rpc(), address)));
    LATCHKEY_TRY(const solana::DeployedProgram own,
                 chain->run(solana::fetch_program(chain->rpc(), file.wallet.deployment().program)));
    const bool is_governed = governed.upgrade_authority == file.wallet.vault();
    const bool is_final = !own.upgrade_authority.has_value();
    LATCHKEY_TRY(const auto snapshot, chain->run(solana::fetch_wallet(chain->rpc(), file.wallet)));
    LATCHKEY_TRY(Report report, list_pending(context, wallet));
    std::vector<std::string> lines{
        "program    " + program + "; `latchkey verify-program --program " + program +
            " --file ELF` compares its code",
        "authority  " + authority_text(governed.upgrade_authority) +
            (is_governed ? ", this governor" : ", NOT this governor"),
        "governor   runs on " + solana::to_base58(file.wallet.deployment().program) +
            (is_final ? ", which nobody can replace"
                      : ", which " + authority_text(own.upgrade_authority) + " CAN replace")};
    lines.push_back("rules      of configuration " + std::to_string(snapshot.sequence()));
    const std::vector<std::string> rules = description_lines(snapshot.configuration(), file.names);
    for (const std::string& line : rules) {
        lines.push_back("  " + line);
    }
    report.lines.insert(report.lines.begin(), lines.begin(), lines.end());
    report.fields["program"] = program;
    report.fields["authority"] = authority_value(governed.upgrade_authority);
    report.fields["is_governed"] = is_governed;
    report.fields["governor_is_final"] = is_final;
    report.fields["sequence"] = snapshot.sequence();
    report.fields["description"] = json::array(rules.begin(), rules.end());
    return report;
}

}  // namespace latchkey::cli
