// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/wallet.hpp"

#include <filesystem>

#include "chains/evm/wallet/release.hpp"
#include "chains/solana/client/decode.hpp"
#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/tokens.hpp"
#include "chains/solana/client/waiting.hpp"
#include "chains/solana/client/wallet_reader.hpp"
#include "cli/commands/recovery.hpp"
#include "cli/evm/wallet_commands.hpp"
#include "cli/files.hpp"
#include "cli/keys.hpp"
#include "cli/local_chain.hpp"
#include "cli/places.hpp"
#include "cli/presets.hpp"
#include "cli/rule_text.hpp"
#include "cli/text.hpp"
#include "core/encoding/hex.hpp"
#include "signers/entropy.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

constexpr std::uint8_t kEverything = core::kActionExecute | core::kActionGrant |
                                     core::kActionPolicy | core::kActionMessage |
                                     core::kActionCancel | core::kActionFreeze;
constexpr std::size_t kSaltEntropy = 15;

std::uint16_t everybody(std::size_t signers) {
    return static_cast<std::uint16_t>((1U << signers) - 1U);
}

/// A configuration, and who recovers it.
struct Plan {
    core::Configuration configuration;
    std::optional<core::RecoveryPart> recovery;
};

Result<std::vector<core::Signer>> parse_signers(const WalletCreateOptions& options,
                                                core::Names& names) {
    std::vector<core::Signer> out;
    for (const std::string& text : options.signers) {
        LATCHKEY_TRY(core::Signer signer, parse_signer(text, names));
        if (signer.kind == core::kSignerEd25519 && options.is_self_paid) {
            signer.option = true;
        }
        out.push_back(std::move(signer));
    }
    if (out.empty() || out.size() > core::kMaximumSigners) {
        return fail(ErrorCode::kCommandInput,
                    "a wallet has 1 to 16 signers; name each with --signer");
    }
    return out;
}

Result<core::Spending> parse_spending(const WalletCreateOptions& options) {
    core::Spending out;
    for (const std::string& text : options.limits) {
        LATCHKEY_TRY(const core::Limit limit, parse_limit(text));
        out.limits.push_back(limit);
    }
    if (out.limits.empty()) {
        if (!options.targets.empty()) {
            return fail(ErrorCode::kCommandInput, "--allow says what --limit is for; give both");
        }
        return out;
    }
    LATCHKEY_TRY(out.targets, parse_scope(options.targets, out.limits));
    return out;
}

/// One rule for everything, and one for small amounts.
Result<Plan> plain_plan(const WalletCreateOptions& options, core::Names& names) {
    Plan out;
    LATCHKEY_TRY(out.configuration.signers, parse_signers(options, names));
    const std::size_t signers = out.configuration.signers.size();
    if (options.threshold < 1 || options.threshold > signers) {
        return fail(ErrorCode::kCommandInput, "--threshold is between 1 and the number of signers");
    }
    if (!options.guardians.empty() || !options.heir.empty() || !options.recovery_file.empty()) {
        return fail(ErrorCode::kCommandInput,
                    "--guardian, --heir and --recovery-file are for a --preset; or add guardian "
                    "and heir later, both in one file, with `latchkey recovery create`");
    }
    if (!options.expires_in.empty()) {
        return fail(ErrorCode::kCommandInput, "--expires is for the preset agent");
    }
    core::Rule all;
    all.actions = kEverything;
    all.mask = everybody(signers);
    all.threshold = static_cast<std::uint8_t>(options.threshold);
    out.configuration.rules.push_back(all);
    LATCHKEY_TRY(core::Spending small, parse_spending(options));
    if (!small.limits.empty()) {
        core::Rule limited;
        limited.actions = core::kActionExecute;
        limited.mask = all.mask;
        limited.limits = std::move(small.limits);
        limited.scope = std::move(small.targets);
        core::normalize(limited);
        out.configuration.rules.push_back(limited);
    }
    return out;
}

/// Of the chain that the command is about; of the first one when there are several.
Result<std::uint64_t> present_time(Context& context) {
    const std::string name = context.chains().front();
    if (name != kSolana) {
        LATCHKEY_TRY(on_evm::Node* const node, context.node(name));
        return node->time();
    }
    LATCHKEY_TRY(Chain* const chain, context.chain(kLocalProgram));
    return chain->run(solana::fetch_time(chain->rpc()));
}

Result<Plan> preset_plan(Context& context, const WalletCreateOptions& options, core::Names& names) {
    PresetParts parts;
    LATCHKEY_TRY(parts.kind, parse_preset_name(options.preset));
    LATCHKEY_TRY(parts.signers, parse_signers(options, names));
    LATCHKEY_TRY(parts.guardians, parse_parties(options.guardians, "--guardian", names));
    if (!options.heir.empty()) {
        LATCHKEY_TRY(parts.heir, parse_signer(options.heir, names));
        parts.heir->same_party = false;
    }
    if (options.threshold != 1 && parts.kind != PresetKind::kTreasury) {
        return fail(ErrorCode::kCommandInput, "--threshold is for the preset treasury");
    }
    parts.threshold = options.threshold;
    LATCHKEY_TRY(parts.spending, parse_spending(options));
    if (!options.expires_in.empty()) {
        if (parts.kind != PresetKind::kAgent) {
            return fail(ErrorCode::kCommandInput, "--expires is for the preset agent");
        }
        LATCHKEY_TRY(const std::uint64_t seconds, parse_duration(options.expires_in));
        LATCHKEY_TRY(const std::uint64_t now, present_time(context));
        parts.expires_at = now + seconds;
    }
    LATCHKEY_TRY(const auto salt, fresh_salt());
    LATCHKEY_TRY(core::Preset preset, make_preset(parts, salt));
    if (!preset.recovery && !options.recovery_file.empty()) {
        return fail(ErrorCode::kCommandInput, "nobody recovers in the preset " + options.preset +
                                                  "; leave out --recovery-file, or add --heir");
    }
    return Plan{std::move(preset.configuration), std::move(preset.recovery)};
}

/// What --config makes useless, as it was typed.
std::string options_beside_config(const WalletCreateOptions& options) {
    const std::pair<bool, std::string_view> kGiven[] = {
        {!options.signers.empty(), "--signer"},
        {options.threshold != 1, "--threshold"},
        {!options.preset.empty(), "--preset"},
        {!options.guardians.empty(), "--guardian"},
        {!options.heir.empty(), "--heir"},
        {!options.recovery_file.empty(), "--recovery-file"},
        {!options.expires_in.empty(), "--expires"},
        {!options.limits.empty(), "--limit"},
        {!options.targets.empty(), "--allow"},
        {!options.is_self_paid, "--no-self-paid"}};
    std::string out;
    for (const auto& [is_given, name] : kGiven) {
        if (is_given) {
            out += (out.empty() ? "" : ", ") + std::string(name);
        }
    }
    return out;
}

Result<Plan> read_plan(Context& context, const WalletCreateOptions& options, core::Names& names) {
    if (options.config_file.empty()) {
        return options.preset.empty() ? plain_plan(options, names)
                                      : preset_plan(context, options, names);
    }
    if (const std::string useless = options_beside_config(options); !useless.empty()) {
        return fail(ErrorCode::kCommandInput, "--config says everything; leave out " + useless);
    }
    LATCHKEY_TRY(const json::object value, read_json_file(options.config_file));
    LATCHKEY_TRY(core::Configuration configuration,
                 parse_configuration(value, options.config_file, names));
    return Plan{std::move(configuration), std::nullopt};
}

/// "my.json" is recovered with "my.recovery.json".
std::string recovery_path(const WalletCreateOptions& options) {
    constexpr std::string_view kSuffix = ".json";
    if (!options.recovery_file.empty()) {
        return options.recovery_file;
    }
    const bool has_suffix = options.file.ends_with(kSuffix);
    return options.file.substr(0, options.file.size() - (has_suffix ? kSuffix.size() : 0)) +
           ".recovery.json";
}

/// Whether both names lead to one file, which need not exist.
bool is_same_place(const std::string& one, const std::string& other) {
    namespace fs = std::filesystem;
    std::error_code error;
    return fs::weakly_canonical(fs::absolute(one, error), error) ==
           fs::weakly_canonical(fs::absolute(other, error), error);
}

Result<void> write_recovery(const Plan& plan, const core::Names& names,
                            const WalletCreateOptions& options) {
    if (is_same_place(recovery_path(options), options.file)) {
        return fail(ErrorCode::kCommandInput,
                    "the wallet and its recovery are two files; name another one with "
                    "--recovery-file");
    }
    std::error_code error;
    if (!options.replaces_files && std::filesystem::exists(options.file, error)) {
        return fail(ErrorCode::kFileExists, options.file + " exists already; --force replaces it");
    }
    LATCHKEY_TRY(
        const RecoveryFile file,
        make_recovery_file(*plan.recovery, plan.configuration.recovery->guard_hours, names));
    return write_recovery_file(recovery_path(options), file);
}

/// Both files or none. The recovery first: a wallet without it could never be recovered.
Result<void> write_files(const Plan& plan, const WalletFile& file,
                         const WalletCreateOptions& options) {
    if (!plan.recovery) {
        return write_wallet_file(options.file, file, options.replaces_files);
    }
    LATCHKEY_CHECK(write_recovery(plan, file.names, options));
    auto written = write_wallet_file(options.file, file, options.replaces_files);
    if (!written) {
        // It belongs to no wallet, and would stand in the way of the next try.
        std::error_code error;
        std::filesystem::remove(recovery_path(options), error);
    }
    return written;
}

Result<solana::WalletHandle> make_wallet(const core::Configuration& configuration,
                                         const solana::Deployment& deployment, bool is_unlinkable) {
    if (!is_unlinkable) {
        return solana::WalletHandle::create(configuration, deployment);
    }
    signers::SystemEntropy entropy;
    std::array<std::uint8_t, kSaltEntropy> salt{};
    LATCHKEY_CHECK(entropy.fill(salt));
    LATCHKEY_TRY(const core::NewWallet made,
                 core::find_salt(configuration, solana::to_hash(deployment.program), salt));
    return solana::WalletHandle::from_genesis(made.genesis, deployment);
}

/// The same on every EVM chain.
evm::Address evm_address(const solana::WalletHandle& wallet) {
    const auto deployment =
        evm::wallet::released_deployment(solana::to_hash(wallet.deployment().program));
    return evm::wallet::wallet_address(deployment, wallet.id());
}

json::object wallet_fields(const WalletFile& file) {
    const solana::WalletHandle& wallet = file.wallet;
    return {{"name", file.name},
            {"address", solana::to_base58(wallet.vault())},
            {"wallet_id", core::encode_hex(wallet.id().view())},
            {"state", solana::to_base58(wallet.state())},
            {"program", solana::to_base58(wallet.deployment().program)},
            {"genesis_bytes", wallet.genesis().size()},
            {"evm_address", evm::to_string(evm_address(wallet))}};
}

std::vector<std::string> wallet_lines(const Output& output, const WalletFile& file) {
    std::vector<std::string> out;
    if (!file.name.empty()) {
        out.push_back(output.paint(Style::kHeading, printable(file.name)));
    }
    out.push_back("address    " +
                  output.paint(Style::kKey, solana::to_base58(file.wallet.vault())));
    out.push_back("on EVM     " +
                  output.paint(Style::kKey, evm::to_string(evm_address(file.wallet))));
    out.push_back("wallet id  " + core::encode_hex(file.wallet.id().view()));
    return out;
}

Result<void> refuse_nothing(std::uint64_t amount) {
    if (amount == 0) {
        return fail(ErrorCode::kCommandInput, "the amount must be more than nothing");
    }
    return {};
}

Result<std::uint64_t> parse_sol_to_send(const std::string& text) {
    LATCHKEY_TRY(const std::uint64_t lamports, parse_sol(text));
    LATCHKEY_CHECK(refuse_nothing(lamports));
    return lamports;
}

Result<solana::TokenMint> find_mint(Chain& chain, const std::string& text) {
    LATCHKEY_TRY(const solana::Address address, parse_address_argument(text, "the token's mint"));
    LATCHKEY_TRY(const auto mint, chain.run(solana::fetch_mint(chain.rpc(), address)));
    return solana::TokenMint{mint.mint, mint.program, mint.decimals};
}

/// The calls of one transfer, with the recipient's token account where it is missing.
Result<std::vector<solana::Instruction>> transfer_calls(Chain& chain,
                                                        const solana::WalletHandle& wallet,
                                                        const std::string& to,
                                                        const std::string& amount,
                                                        const std::string& token) {
    const solana::Deployment sender = wallet.deployment();
    LATCHKEY_TRY(const solana::Address recipient, find_recipient(to, &sender));
    if (token.empty()) {
        LATCHKEY_TRY(const std::uint64_t lamports, parse_sol_to_send(amount));
        return std::vector{solana::system::transfer(wallet.vault(), recipient, lamports)};
    }
    solana::TokenTransfer transfer;
    LATCHKEY_TRY(transfer.mint, find_mint(chain, token));
    LATCHKEY_TRY(transfer.amount, parse_amount(amount, transfer.mint.decimals));
    LATCHKEY_CHECK(refuse_nothing(transfer.amount));
    transfer.recipient = recipient;
    const solana::Address account =
        solana::associated_token_address(recipient, transfer.mint.mint, transfer.mint.program);
    LATCHKEY_TRY(const auto present, chain.run(chain.rpc().get_account(account)));
    transfer.recipient_account =
        present ? solana::RecipientAccount::kExists : solana::RecipientAccount::kPaidByVault;
    return solana::token_transfer_calls(wallet, transfer);
}

solana::ActionBody execute(const solana::RuleReference& rule,
                           std::vector<solana::Instruction> calls) {
    solana::ExecuteAction out;
    out.rule = rule;
    out.calls = std::move(calls);
    return out;
}

Result<std::vector<solana::Instruction>> batch_calls(Chain& chain,
                                                     const solana::WalletHandle& wallet,
                                                     const json::array& entries,
                                                     const std::string& file) {
    std::vector<solana::Instruction> out;
    for (const json::value& entry : entries) {
        const std::string what = file + ": call " + std::to_string(out.size());
        const json::object* const fields = entry.if_object();
        if (fields == nullptr) {
            return fail(ErrorCode::kCommandInput, what + " must be an object");
        }
        if (!fields->contains("to")) {
            LATCHKEY_TRY(solana::Instruction call, decode_call(*fields, what));
            out.push_back(std::move(call));
            continue;
        }
        LATCHKEY_TRY(const std::string to, text_member(*fields, "to", what));
        LATCHKEY_TRY(const std::string amount, text_member(*fields, "amount", what));
        std::string token;
        if (fields->contains("token")) {
            LATCHKEY_TRY(token, text_member(*fields, "token", what));
        }
        const auto calls = transfer_calls(chain, wallet, to, amount, token);
        if (!calls) {
            return calls.error().code == ErrorCode::kCommandInput ? fail(what, calls.error())
                                                                  : calls;
        }
        out.insert(out.end(), calls->begin(), calls->end());
    }
    if (out.empty()) {
        return fail(ErrorCode::kCommandInput, file + ": \"calls\" is empty");
    }
    return out;
}

}  // namespace

Result<Report> wallet_create(Context& context, const WalletCreateOptions& options) {
    LATCHKEY_TRY(const solana::Deployment deployment,
                 context.deployment(options.program, options.cluster));
    core::Names names;
    LATCHKEY_TRY(const Plan plan, read_plan(context, options, names));
    const core::Configuration& configuration = plan.configuration;
    LATCHKEY_TRY(solana::WalletHandle wallet,
                 make_wallet(configuration, deployment, options.is_unlinkable));
    if (printable(options.name) != options.name) {
        return fail(ErrorCode::kCommandInput, "--name must be text without control characters");
    }
    const WalletFile file{std::move(wallet), options.name, std::move(names)};
    LATCHKEY_CHECK(write_files(plan, file, options));
    Report report;
    report.fields = wallet_fields(file);
    report.fields["file"] = options.file;
    report.lines = wallet_lines(context.output(), file);
    for (const std::string& line : description_lines(configuration, file.names)) {
        report.lines.push_back("  " + line);
    }
    report.lines.push_back("It exists now: it cost nothing on chain and can receive at once.");
    report.lines.push_back("Back up " + options.file +
                           ": with it and a key the wallet can always be used. It holds no secret, "
                           "but shows who may sign.");
    if (plan.recovery) {
        report.fields["recovery_file"] = recovery_path(options);
        report.lines.push_back("Who recovers needs " + recovery_path(options) +
                               ": give each of them a copy, and keep one. Others need not see it.");
    }
    return report;
}

Result<Report> wallet_show(Context& context, const std::string& wallet, bool is_offline) {
    if (!is_offline && context.chains().size() > 1) {
        return show_places(context, wallet);
    }
    if (!is_offline && !context.is_on_solana()) {
        return on_evm::wallet_show(context, wallet);
    }
    LATCHKEY_TRY(const WalletFile file, context.wallet(wallet));
    Report report;
    report.fields = wallet_fields(file);
    report.lines = wallet_lines(context.output(), file);
    solana::WalletSnapshot snapshot = solana::WalletSnapshot::in_genesis(file.wallet);
    std::optional<std::uint64_t> frozen;
    if (!is_offline) {
        LATCHKEY_TRY(Chain* const chain, context.chain_of(file.wallet));
        LATCHKEY_TRY(const std::uint64_t lamports,
                     chain->run(chain->rpc().get_balance(file.wallet.vault())));
        LATCHKEY_TRY(snapshot, chain->run(solana::fetch_wallet(chain->rpc(), file.wallet)));
        LATCHKEY_TRY(const std::uint64_t now, chain->run(solana::fetch_time(chain->rpc())));
        frozen = solana::frozen_until(snapshot, now);
        report.fields["lamports"] = lamports;
        report.lines.push_back("balance    " + format_sol(lamports));
    }
    if (const auto until = frozen) {
        report.fields["frozen_until"] = *until;
        report.lines.push_back(context.output().paint(Style::kBad, "frozen") + "     until " +
                               core::describe_time(*until));
    }
    report.fields["has_state"] = snapshot.state().has_value();
    report.fields["sequence"] = snapshot.sequence();
    report.lines.push_back(
        snapshot.state() ? "state      on chain at " + solana::to_base58(file.wallet.state()) +
                               ", configuration " + std::to_string(snapshot.sequence())
                         : std::string("state      none needed so far"));
    json::array description;
    for (const std::string& line : description_lines(snapshot.configuration(), file.names)) {
        report.lines.push_back("  " + line);
        description.emplace_back(line);
    }
    report.fields["description"] = std::move(description);
    return report;
}

Result<Report> wallet_fund(Context& context, const FundOptions& options) {
    if (!context.is_on_solana()) {
        return on_evm::wallet_fund(context, options);
    }
    LATCHKEY_TRY(const std::uint64_t lamports, parse_sol_to_send(options.amount));
    solana::Address to;
    Chain* chain = nullptr;
    if (options.address.empty()) {
        LATCHKEY_TRY(const WalletFile file, context.wallet(options.wallet));
        to = file.wallet.vault();
        LATCHKEY_TRY(chain, context.chain_of(file.wallet));
    } else {
        LATCHKEY_TRY(to, find_recipient(options.address));
        LATCHKEY_TRY(chain, context.chain(kLocalProgram));
    }
    LATCHKEY_TRY(const Receipt receipt, chain->airdrop(to, lamports));
    LATCHKEY_TRY(const std::uint64_t balance, chain->run(chain->rpc().get_balance(to)));
    Report report;
    report.fields = receipt_fields(receipt);
    report.fields["lamports"] = balance;
    report.lines = {"the faucet sent " + format_sol(lamports) + "; " + solana::to_base58(to) +
                    " holds " + format_sol(balance)};
    return report;
}

Result<Report> wallet_tokens(Context& context, const std::string& wallet,
                             const std::string& token) {
    if (!context.is_on_solana()) {
        return on_evm::wallet_token(context, wallet, token);
    }
    LATCHKEY_TRY(const WalletFile file, context.wallet(wallet));
    LATCHKEY_TRY(Chain* const chain, context.chain_of(file.wallet));
    std::vector<std::vector<std::string>> rows{{"mint", "amount", "account"}};
    json::array tokens;
    for (const solana::Address& program : {solana::kTokenProgram, solana::kToken2022Program}) {
        LATCHKEY_TRY(const auto accounts, chain->run(chain->rpc().get_token_accounts_by_owner(
                                              file.wallet.vault(), program)));
        for (const solana::TokenAccount& one : accounts) {
            LATCHKEY_TRY(const auto mint,
                         chain->run(solana::fetch_mint(chain->rpc(), one.state.mint)));
            const std::string amount = solana::format_amount(one.state.amount, mint.decimals);
            rows.push_back(
                {solana::to_base58(one.state.mint), amount, solana::to_base58(one.address)});
            tokens.emplace_back(json::object{{"mint", solana::to_base58(one.state.mint)},
                                             {"amount", amount},
                                             {"units", one.state.amount},
                                             {"account", solana::to_base58(one.address)}});
        }
    }
    Report report;
    report.lines = rows.size() > 1 ? format_table(rows, {false, true, false})
                                   : std::vector<std::string>{"the wallet holds no tokens"};
    report.fields = {{"tokens", std::move(tokens)}};
    return report;
}

namespace {

/// Wrong input is told before anything is asked of the chain.
Result<void> check_transfer(const TransferOptions& transfer) {
    LATCHKEY_CHECK(find_recipient(transfer.to));
    if (transfer.token.empty()) {
        LATCHKEY_CHECK(parse_sol_to_send(transfer.amount));
    } else {
        LATCHKEY_CHECK(parse_address_argument(transfer.token, "the token's mint"));
    }
    if (!transfer.fee_share.empty() && transfer.fee_share.find('=') == std::string::npos) {
        return fail(ErrorCode::kCommandInput, "--pay-sponsor is ADDRESS=AMOUNT");
    }
    return {};
}

}  // namespace

Result<Report> wallet_send(Context& context, const OperationOptions& operation,
                           const TransferOptions& transfer) {
    if (!context.is_on_solana()) {
        return on_evm::wallet_send(context, operation, transfer);
    }
    const ActionMaker make = [&](Chain& chain, const solana::WalletSnapshot& wallet,
                                 const solana::RuleReference& rule) -> Result<solana::ActionBody> {
        LATCHKEY_TRY(auto calls, transfer_calls(chain, wallet.wallet(), transfer.to,
                                                transfer.amount, transfer.token));
        if (!transfer.fee_share.empty()) {
            const std::size_t equals = transfer.fee_share.find('=');
            LATCHKEY_TRY(
                const auto share,
                transfer_calls(chain, wallet.wallet(), transfer.fee_share.substr(0, equals),
                               transfer.fee_share.substr(equals + 1), transfer.token));
            calls.insert(calls.end(), share.begin(), share.end());
        }
        return execute(rule, std::move(calls));
    };
    LATCHKEY_CHECK(check_transfer(transfer));
    return run_operation(context, operation, core::kActionExecute, make);
}

Result<Report> wallet_batch(Context& context, const OperationOptions& operation,
                            const std::string& path) {
    if (!context.is_on_solana()) {
        return on_evm::wallet_batch(context, operation, path);
    }
    LATCHKEY_TRY(const json::object value, read_json_file(path));
    LATCHKEY_TRY(const json::array entries, array_member(value, "calls", path));
    const ActionMaker make = [&](Chain& chain, const solana::WalletSnapshot& wallet,
                                 const solana::RuleReference& rule) -> Result<solana::ActionBody> {
        LATCHKEY_TRY(auto calls, batch_calls(chain, wallet.wallet(), entries, path));
        return execute(rule, std::move(calls));
    };
    return run_operation(context, operation, core::kActionExecute, make);
}

Result<Report> export_wallet(Context& context, const ExportOptions& options) {
    LATCHKEY_TRY(const WalletFile file, context.wallet(options.wallet));
    LATCHKEY_CHECK(write_wallet_file(options.file, file, options.replaces_files));
    Report report;
    report.fields = wallet_fields(file);
    report.fields["file"] = options.file;
    report.lines = {
        "wrote " + options.file + ", all that is needed besides a key and any node:",
        "  latchkey wallet send --wallet " + options.file +
            " --key KEY --fee-payer PAYER --to ADDRESS --amount 0.1 --rpc URL",
        "with an ed25519 signer that may pay its own fees, --fee-payer is not needed;",
        "with any other, add --create-state or open a lane first; on an EVM chain it is",
        "--chain NAME --gas-payer PAYER instead of --fee-payer. Signers elsewhere use --request,",
        "`latchkey sign` and `latchkey send`. No service of anybody is asked."};
    return report;
}

}  // namespace latchkey::cli
