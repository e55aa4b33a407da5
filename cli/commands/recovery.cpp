// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/recovery.hpp"

#include "chains/solana/client/configuration_change.hpp"
#include "chains/solana/client/waiting.hpp"
#include "chains/solana/client/wallet_reader.hpp"
#include "cli/change.hpp"
#include "cli/evm/operation.hpp"
#include "cli/files.hpp"
#include "cli/keys.hpp"
#include "cli/presets.hpp"
#include "cli/rule_text.hpp"
#include "cli/text.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

/// Whoever looks once a week sees a recovery of this length before it is done.
constexpr std::uint64_t kDelayAdvised = 7 * core::kDay;

std::uint16_t mask_of(std::size_t first, std::size_t count) {
    return static_cast<std::uint16_t>(((1U << count) - 1U) << first);
}

Result<core::Wait> parse_wait(const std::string& delay, const std::string& what, core::Tie tie) {
    LATCHKEY_TRY(const std::uint64_t seconds, parse_duration(delay));
    if (seconds > core::kMaximumDelay) {
        return fail(ErrorCode::kCommandInput, what + " is at most 365d");
    }
    if (tie == core::Tie::kRecovery && seconds > core::kMaximumTieDelay) {
        return fail(ErrorCode::kCommandInput, what + " is at most 30d with --tie recovery");
    }
    return core::Wait{static_cast<std::uint32_t>(seconds), tie};
}

Result<core::Tie> parse_tie(const std::string& text) {
    if (text != "owner" && text != "recovery") {
        return fail(ErrorCode::kCommandInput,
                    "--tie is owner (who cancels wins) or recovery (who recovers wins)");
    }
    return text == "owner" ? core::Tie::kOwner : core::Tie::kRecovery;
}

Result<std::uint16_t> parse_guard(const std::string& text, std::uint64_t delay_seconds) {
    std::uint64_t seconds = delay_seconds + core::kMargin;
    if (!text.empty() && text != "0") {
        LATCHKEY_TRY(seconds, parse_duration(text));
    } else if (text == "0") {
        seconds = 0;
    }
    const std::uint64_t hours = (seconds + core::kHour - 1) / core::kHour;
    if (hours > core::kMaximumGuardHours) {
        return fail(ErrorCode::kCommandInput,
                    text.empty() ? "--delay is at most 88d, because changes by one party wait two "
                                   "days longer, and at most 90d; or give --guard"
                                 : "--guard is at most 90d, and 0 for none");
    }
    return static_cast<std::uint16_t>(hours);
}

/// As the chain has it that the command is about.
Result<core::Configuration> present_configuration(Context& context, const std::string& path,
                                                  const WalletFile& file) {
    if (!context.is_on_solana()) {
        LATCHKEY_TRY(const std::string name, context.chain_name());
        LATCHKEY_TRY(const auto open, on_evm::open_wallet(context, path, name));
        return open.snapshot.configuration;
    }
    LATCHKEY_TRY(Chain* const chain, context.chain_of(file.wallet));
    LATCHKEY_TRY(const auto wallet, chain->run(solana::fetch_wallet(chain->rpc(), file.wallet)));
    LATCHKEY_CHECK(prove_configuration(*chain, context.output(), wallet));
    return wallet.configuration();
}

/// With the rules that a recovery restores: the wallet's own, or a file's.
Result<core::Configuration> configuration_after(Context& context,
                                                const RecoveryCreateOptions& options) {
    core::Configuration configuration;
    if (!options.after_file.empty()) {
        core::Names names;
        LATCHKEY_TRY(const json::object value, read_json_file(options.after_file));
        LATCHKEY_TRY(configuration, parse_configuration(value, options.after_file, names));
    } else {
        LATCHKEY_TRY(const WalletFile file, context.wallet(options.wallet));
        configuration = file.wallet.genesis_configuration();
        if (!options.is_offline) {
            LATCHKEY_TRY(configuration, present_configuration(context, options.wallet, file));
        }
    }
    return configuration;
}

Result<core::RecoveryPart> make_part(const RecoveryCreateOptions& options,
                                     core::RecoveryPart::After after, core::Names& names) {
    core::RecoveryPart part;
    LATCHKEY_TRY(part.signers, parse_parties(options.guardians, "--guardian", names));
    if (part.signers.empty() && options.heir.empty()) {
        return fail(ErrorCode::kCommandInput,
                    "name who may recover the wallet with --guardian or --heir");
    }
    LATCHKEY_TRY(const core::Tie tie, parse_tie(options.tie));
    if (!part.signers.empty()) {
        core::Rule recover;
        recover.actions = core::kActionRecover | core::kActionCancel;
        recover.mask = mask_of(0, part.signers.size());
        if (options.threshold < 1 || options.threshold > part.signers.size()) {
            return fail(ErrorCode::kCommandInput,
                        "--threshold is between 1 and the number of guardians");
        }
        recover.threshold = static_cast<std::uint8_t>(options.threshold);
        LATCHKEY_TRY(recover.wait, parse_wait(options.delay, "--delay", tie));
        part.rules.push_back(recover);
        if (options.may_freeze) {
            recover.actions = core::kActionFreeze;
            recover.wait.reset();
            part.rules.push_back(recover);
        }
    }
    if (!options.heir.empty()) {
        LATCHKEY_TRY(core::Signer heir, parse_signer(options.heir, names));
        heir.same_party = false;
        core::Rule inherit;
        inherit.actions = core::kActionRecover | core::kActionCancel;
        inherit.mask = mask_of(part.signers.size(), 1);
        LATCHKEY_TRY(inherit.wait,
                     parse_wait(options.heir_delay, "--heir-delay", core::Tie::kOwner));
        part.signers.push_back(std::move(heir));
        part.rules.push_back(inherit);
    }
    part.after = std::move(after);
    LATCHKEY_TRY(part.salt, fresh_salt());
    return part;
}

json::object recovery_fields(const RecoveryFile& file, const std::string& path) {
    const auto lines = description_lines(file);
    return {{"file", path},
            {"commitment", core::encode_hex(file.commitment.bytes().view())},
            {"guard_hours", file.commitment.guard_hours},
            {"signers_needed", file.part.after.signers},
            {"description", json::array(lines.begin(), lines.end())}};
}

/// What the part means for a wallet with this configuration.
std::vector<std::string> weaknesses(core::Configuration configuration, const RecoveryFile& file) {
    configuration.recovery = file.commitment;
    std::vector<std::string> out = core::warnings_of(configuration, file.part);
    for (const core::Rule& rule : file.part.rules) {
        const bool recovers = (rule.actions & core::kActionRecover) != 0;
        if (recovers && rule.wait && rule.wait->delay_seconds < kDelayAdvised) {
            out.push_back(
                "a recovery is done after " + core::describe_duration(rule.wait->delay_seconds) +
                " already: whoever looks less often cannot cancel it; take 7 days or more");
        }
    }
    if (const auto key = shared_key(configuration.signers, file.part.signers)) {
        out.push_back(core::describe(*key, file.names) +
                      " is a signer of the wallet and recovers it as well: whoever takes that key "
                      "has both");
    }
    return out;
}

/// What a change takes away.
std::vector<std::string> losses(const std::optional<core::RecoveryCommitment>& before,
                                const std::optional<core::RecoveryCommitment>& next) {
    std::vector<std::string> out;
    if (!before) {
        return out;
    }
    out.emplace_back(next ? "the recovery before ends with this: only guardians and heirs of the "
                            "new file recover the wallet"
                          : "nobody recovers the wallet any more, neither guardian nor heir");
    const std::uint64_t hours = next ? next->guard_hours : 0;
    if (before->guard_hours > hours) {
        out.push_back("weaker than before: the guard held a change by one party back for " +
                      core::describe_duration(before->guard_hours * core::kHour) +
                      (hours == 0 ? ", and nothing takes its place"
                                  : ", now it is " + core::describe_duration(hours * core::kHour)));
    }
    return out;
}

void add_warnings(Report& report, const Output& output, const std::vector<std::string>& warnings) {
    for (const std::string& warning : warnings) {
        report.lines.push_back(output.paint(Style::kBad, "Warning") + ": " + warning);
    }
    report.fields["warnings"] = json::array(warnings.begin(), warnings.end());
}

/// `file`: null for none any more.
Result<Report> change_recovery(Context& context, const OperationOptions& operation,
                               const RecoveryFile* file) {
    const std::optional<core::RecoveryCommitment> recovery =
        file == nullptr ? std::nullopt : std::optional(file->commitment);
    std::vector<std::string> warnings;
    const ChangeMaker make = [&](const ChangeBasis& basis) -> Result<Change> {
        core::Configuration next = basis.configuration;
        warnings = losses(next.recovery, recovery);
        if (file != nullptr) {
            const auto more = weaknesses(next, *file);
            warnings.insert(warnings.end(), more.begin(), more.end());
        }
        if (next.recovery == recovery) {
            return fail(ErrorCode::kCommandInput, recovery ? "the wallet has this recovery already"
                                                           : "the wallet has no recovery");
        }
        next.recovery = recovery;
        return NewConfiguration{std::move(next)};
    };
    LATCHKEY_TRY(Report report, run_change(context, operation, {core::kActionPolicy}, make));
    add_warnings(report, context.output(), warnings);
    return report;
}

}  // namespace

Result<std::vector<core::Signer>> parse_parties(const std::vector<std::string>& texts,
                                                const std::string& what, core::Names& names) {
    std::vector<core::Signer> out;
    for (const std::string& text : texts) {
        LATCHKEY_TRY(core::Signer signer, parse_signer(text, names));
        if (out.empty() && signer.same_party) {
            return fail(ErrorCode::kCommandInput,
                        "the first " + what + " has nobody before it to share a party with");
        }
        out.push_back(std::move(signer));
    }
    if (out.size() > core::kMaximumSigners) {
        return fail(ErrorCode::kCommandInput, what + " is given at most 16 times");
    }
    return out;
}

Result<Report> recovery_create(Context& context, const RecoveryCreateOptions& options) {
    core::Names names;
    // What is wrong by itself is told before a node is asked.
    LATCHKEY_CHECK(make_part(options, {}, names));
    const std::string& first = options.guardians.empty() ? options.heir_delay : options.delay;
    LATCHKEY_TRY(const std::uint64_t delay, parse_duration(first));
    const bool has_guardians = !options.guardians.empty();
    LATCHKEY_TRY(const std::uint16_t guard_hours,
                 parse_guard(has_guardians || !options.guard.empty() ? options.guard : "0", delay));
    LATCHKEY_TRY(const core::Configuration after, configuration_after(context, options));
    names = {};
    LATCHKEY_TRY(core::RecoveryPart part,
                 make_part(options, {after.signers.size(), after.rules}, names));
    LATCHKEY_TRY(const RecoveryFile file,
                 make_recovery_file(std::move(part), guard_hours, std::move(names)));
    LATCHKEY_CHECK(write_recovery_file(options.file, file));
    Report report;
    report.fields = recovery_fields(file, options.file);
    report.lines = description_lines(file);
    report.lines.push_back("commitment " + core::encode_hex(file.commitment.bytes().view()));
    report.lines.push_back("wrote " + options.file +
                           "; nothing has changed on chain: `latchkey recovery set " +
                           options.file + "` makes it the wallet's");
    std::vector<std::string> warnings = weaknesses(after, file);
    if (after.recovery) {
        warnings.emplace_back(
            "the wallet has a recovery, and `recovery set` puts this file in its place: name "
            "everybody who shall recover, guardians and heir, in this one");
    }
    add_warnings(report, context.output(), warnings);
    report.lines.emplace_back(
        "Each guardian keeps a copy: without the file nobody can recover. Others need not know who "
        "they are.");
    return report;
}

Result<Report> recovery_show(Context& context, const std::string& path, const std::string& wallet,
                             bool is_offline) {
    LATCHKEY_TRY(const RecoveryFile file, read_recovery_file(path));
    Report report;
    report.fields = recovery_fields(file, path);
    report.lines = description_lines(file);
    report.lines.push_back("commitment " + core::encode_hex(file.commitment.bytes().view()));
    if (wallet.empty() && context.config().wallet.empty()) {
        return report;
    }
    LATCHKEY_TRY(const WalletFile owner, context.wallet(wallet));
    std::optional<core::RecoveryCommitment> present = owner.wallet.genesis_configuration().recovery;
    if (!is_offline) {
        LATCHKEY_TRY(const core::Configuration now, present_configuration(context, wallet, owner));
        present = now.recovery;
    }
    const bool is_present = present == file.commitment;
    report.fields["is_wallets"] = is_present;
    report.lines.emplace_back(is_present ? "this is the wallet's recovery"
                                         : "this is NOT the wallet's recovery at present");
    return report;
}

Result<Report> recovery_set(Context& context, const OperationOptions& operation,
                            const std::string& path) {
    LATCHKEY_TRY(const RecoveryFile file, read_recovery_file(path));
    return change_recovery(context, operation, &file);
}

Result<Report> recovery_remove(Context& context, const OperationOptions& operation) {
    return change_recovery(context, operation, nullptr);
}

Result<Report> recover_propose(Context& context, const OperationOptions& operation,
                               const std::vector<std::string>& texts) {
    core::Names names;
    LATCHKEY_TRY(const std::vector<core::Signer> signers, parse_parties(texts, "--signer", names));
    LATCHKEY_TRY(const RecoveryFile file, read_recovery_file(operation.recovery_file));
    if (signers.size() != file.part.after.signers) {
        return fail(ErrorCode::kCommandInput, "this recovery names " +
                                                  std::to_string(file.part.after.signers) +
                                                  " new signers; give --signer that often, not " +
                                                  std::to_string(signers.size()) + " times");
    }
    const ChangeMaker make = [&](const ChangeBasis& /*basis*/) -> Result<Change> {
        return NewSigners{signers};
    };
    return run_change(context, operation, {core::kActionRecover}, make);
}

Result<Report> rotate_key(Context& context, const OperationOptions& operation, unsigned index,
                          const std::string& text) {
    core::Names names;
    LATCHKEY_TRY(const core::Signer signer, parse_signer(text, names));
    const ChangeMaker make = [&](const ChangeBasis& basis) -> Result<Change> {
        const std::size_t count = basis.configuration.signers.size();
        if (index >= count) {
            return fail(ErrorCode::kCommandInput,
                        "there is no signer " + std::to_string(index) + "; they are 0 to " +
                            std::to_string(count - 1) + ", as `latchkey signers list` shows them");
        }
        LATCHKEY_TRY(core::Configuration next,
                     solana::with_other_key(basis.configuration, index, signer));
        return NewConfiguration{std::move(next)};
    };
    return run_change(context, operation, {core::kActionPolicy}, make);
}

}  // namespace latchkey::cli
