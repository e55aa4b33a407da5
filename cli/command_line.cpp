// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/catch_up.hpp"
#include "cli/commands/advise.hpp"
#include "cli/commands/contracts.hpp"
#include "cli/commands/keys.hpp"
#include "cli/commands/lanes.hpp"
#include "cli/commands/message.hpp"
#include "cli/commands/programs.hpp"
#include "cli/commands/recovery.hpp"
#include "cli/commands/rules.hpp"
#include "cli/commands/tools.hpp"
#include "cli/commands/waiting.hpp"
#include "cli/commands/wallet.hpp"
#include "cli/commands/watch.hpp"
#include "cli/completion.hpp"
#include "cli/demo/demo.hpp"
#include "cli/requests.hpp"
#include "core/encoding/utf8.hpp"

namespace latchkey::cli {

namespace {

constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;

using Command = std::function<Result<Report>(Context&)>;

/// Options of every command.
struct Globals {
    bool is_json = false;
    bool is_quiet = false;
    std::vector<std::string> rpc;
    std::vector<std::string> chains;
    std::string config;
};

/// The whole tree of commands; whichever is named sets `chosen`.
class Tree {
  public:
    Tree();
    CLI::App& app() { return app_; }
    const Globals& globals() const { return globals_; }
    const Command& chosen() const { return chosen_; }

  private:
    CLI::App* group(CLI::App& parent, const std::string& name, const std::string& text);
    CLI::App* command(CLI::App& parent, const std::string& name, const std::string& text,
                      Command run);
    void add_wallet_option(CLI::App& to, std::string& wallet);
    void add_operation(CLI::App& to, OperationOptions& options);
    void add_keys();
    void add_wallet();
    void add_transfers(CLI::App& wallet);
    void add_rules();
    void add_sessions();
    void add_lanes();
    void add_offline();
    void add_messages();
    void add_waiting();
    void add_recovery();
    void add_programs();
    void add_contracts();
    void add_governor();
    void add_watch();
    void add_advise();
    void add_tools();
    void add_local_chain();

    CLI::App app_{
        "Wallets that obey rules, on Solana and EVM chains. Everything works without any service."};
    Globals globals_;
    Command chosen_;
    KeyNewOptions key_new_;
    std::string key_show_;
    PasskeyNewOptions passkey_new_;
    WalletCreateOptions wallet_create_;
    std::string wallet_;
    bool is_offline_ = false;
    FundOptions fund_;
    std::string duration_;
    OperationOptions operation_;
    TransferOptions transfer_;
    std::string file_;
    std::string token_;
    ExportOptions export_;
    std::string signer_;
    unsigned signer_index_ = 0;
    std::vector<unsigned> rule_indexes_;
    SessionGrantOptions session_;
    std::string session_name_;
    LaneOptions lane_;
    SignOptions sign_;
    SendOptions send_;
    MessageOptions message_;
    std::string proposal_;
    bool is_ahead_ = false;
    bool lifts_ = false;
    ApplyOptions apply_;
    CatchUpOptions catch_up_;
    ContractsOptions contracts_;
    RecoveryCreateOptions recovery_create_;
    std::vector<std::string> new_signers_;
    ProgramOptions program_;
    GovernorCreateOptions governor_;
    ScheduleOptions schedule_;
    WatchOptions watch_;
    AdviseOptions advise_;
    DecodeOptions decode_;
    VerifyProgramOptions verify_;
    LocalChainOptions dev_;
    demo::DemoOptions demo_;
    std::string shell_;
};

/// The words that may follow each command, by the command's path.
void collect_words(const CLI::App& app, const std::string& path, std::vector<WordList>& out) {
    WordList list{path, {}};
    for (const CLI::App* command : app.get_subcommands({})) {
        list.words.push_back({command->get_name(), command->get_description()});
        collect_words(*command,
                      path.empty() ? command->get_name() : path + " " + command->get_name(), out);
    }
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            list.words.push_back({"--" + name, option->get_description()});
        }
    }
    out.push_back(std::move(list));
}

CLI::App* Tree::group(CLI::App& parent, const std::string& name, const std::string& text) {
    CLI::App* const out = parent.add_subcommand(name, text);
    out->require_subcommand(1);
    return out;
}

CLI::App* Tree::command(CLI::App& parent, const std::string& name, const std::string& text,
                        Command run) {
    CLI::App* const out = parent.add_subcommand(name, text);
    out->callback([this, run = std::move(run)] { chosen_ = run; });
    return out;
}

void Tree::add_wallet_option(CLI::App& to, std::string& wallet) {
    to.add_option("-w,--wallet", wallet, "genesis file of the wallet (LATCHKEY_WALLET)");
}

void Tree::add_operation(CLI::App& to, OperationOptions& options) {
    add_wallet_option(to, options.wallet);
    to.add_option("-k,--key", options.keys,
                  "key or passkey file, or KIND:env:NAME; may be given several times "
                  "(LATCHKEY_KEYS)");
    to.add_option("--fee-payer", options.fee_payer,
                  "on Solana: ed25519 key that pays the fee and approves nothing "
                  "(LATCHKEY_FEE_PAYER)");
    to.add_option("--gas-payer", options.gas_payer,
                  "on EVM chains: secp256k1 key that pays for gas and approves nothing "
                  "(LATCHKEY_GAS_PAYER)");
    to.add_option("--rule", options.rule, "number of the rule, session:NUMBER or recovery:NUMBER");
    to.add_option("--nonce", options.nonce,
                  "auto; on Solana also transaction, lane, lane:INDEX, state or state:KEY; on EVM "
                  "chains lane (approvals in any order) or lane:NUMBER");
    to.add_option("--valid-for", options.valid_for, "how long the approval may be used, as 10m");
    to.add_flag("--create-state", options.creates_state,
                "on Solana: put the wallet's state on chain if it is needed; the fee payer pays "
                "its rent");
    to.add_option("--request", options.request_file,
                  "write a request for signers elsewhere, send nothing");
    to.add_flag("--dry-run", options.is_dry_run, "simulate, send nothing");
    to.add_flag("--force", options.replaces_files, "replace files");
}

void Tree::add_keys() {
    CLI::App* const keys = group(app_, "key", "server keys");
    CLI::App* one = command(*keys, "new", "make a key in a file that only you can read",
                            [this](Context& context) { return key_new(context, key_new_); });
    one->add_option("file", key_new_.file, "new file")->required();
    one->add_option("--kind", key_new_.kind,
                    "ed25519 (without it; approves and pays on Solana), p256 or secp256k1 (pays on "
                    "EVM chains); both of these approve everywhere");
    one = command(*keys, "show", "what is public about a key",
                  [this](Context& context) { return key_show(context, key_show_); });
    one->add_option("key", key_show_, "key or passkey file, or KIND:env:NAME")->required();
    CLI::App* const passkeys = group(app_, "passkey", "passkeys in software, for development only");
    one = command(*passkeys, "new", "make a software passkey",
                  [this](Context& context) { return passkey_new(context, passkey_new_); });
    one->add_option("file", passkey_new_.file, "new file")->required();
    one->add_option("--relying-party", passkey_new_.relying_party, "domain that it is for");
    one->add_option("--origin", passkey_new_.origin, "page that uses it");
    one->add_flag("--user-verification", passkey_new_.requires_user_verification,
                  "approvals must verify the user");
}

void Tree::add_wallet() {
    CLI::App* const wallet = group(app_, "wallet", "make, look at, fund and use a wallet");
    CLI::App* one =
        command(*wallet, "create", "make a wallet; costs nothing on chain",
                [this](Context& context) { return wallet_create(context, wallet_create_); });
    one->add_option("file", wallet_create_.file, "new genesis file")->required();
    one->add_option("-s,--signer", wallet_create_.signers,
                    "key or passkey file, ed25519:ADDRESS, p256:HEX, secp256k1:0xADDRESS, "
                    "webauthn:HEX@DOMAIN, program:ID/ADDRESS; + in front: same party as before");
    one->add_option("--threshold", wallet_create_.threshold, "how many must approve");
    one->add_option("--preset", wallet_create_.preset,
                    "three-parties, two-parties, guarded, treasury, agent or one-party; see "
                    "`latchkey advise`");
    one->add_option("--guardian", wallet_create_.guardians,
                    "of a preset: who recovers; several keys of one party with + in front");
    one->add_option("--heir", wallet_create_.heir,
                    "of a preset: who takes over half a year after asking for it");
    one->add_option("--recovery-file", wallet_create_.recovery_file,
                    "of a preset: what guardian and heir need; without it FILE.recovery.json");
    one->add_option("--expires", wallet_create_.expires_in,
                    "of the preset agent: how long it may act, as 30d; without it for ever");
    one->add_option("--limit", wallet_create_.limits,
                    "what any single signer may spend: ASSET=PER-CALL/PER-PERIOD/PERIOD, as "
                    "SOL=0.1/1/1d; on EVM chains ETH for the chain's own coin, or 0xTOKEN");
    one->add_option(
        "--allow", wallet_create_.targets,
        "what --limit is for: SOL, PROGRAM or PROGRAM:HEX; on EVM chains 0xADDRESS of a "
        "recipient or contract, or 0xADDRESS:HEX");
    one->add_option("--config", wallet_create_.config_file, "JSON file with signers and rules");
    one->add_option("--name", wallet_create_.name, "for you only");
    one->add_option("--program", wallet_create_.program, "the wallet program");
    one->add_option("--cluster", wallet_create_.cluster, "genesis hash of the cluster, or local");
    one->add_flag("--self-paid,!--no-self-paid", wallet_create_.is_self_paid,
                  "ed25519 signers may pay their own fees (default)");
    one->add_flag("--unlinkable", wallet_create_.is_unlinkable,
                  "a random salt: nobody finds the wallet from its signers");
    one->add_flag("--force", wallet_create_.replaces_files, "replace the file of a wallet");
    one =
        command(*wallet, "show", "address, balance, rules; with several chains, which of them lag",
                [this](Context& context) { return wallet_show(context, wallet_, is_offline_); });
    add_wallet_option(*one, wallet_);
    one->add_flag("--offline", is_offline_, "ask no node");
    one = command(*wallet, "fund", "take coins from a test chain's faucet",
                  [this](Context& context) { return wallet_fund(context, fund_); });
    add_wallet_option(*one, fund_.wallet);
    one->add_option("--to", fund_.address,
                    "an address, wallet file or key file instead of the wallet");
    one->add_option("amount", fund_.amount, "as 2: of SOL, or of the EVM chain's coin")->required();
    one = command(*wallet, "tokens", "what tokens the wallet holds",
                  [this](Context& context) { return wallet_tokens(context, wallet_, token_); });
    add_wallet_option(*one, wallet_);
    one->add_option("--token", token_, "on an EVM chain: the token's address");
    add_transfers(*wallet);
}

void Tree::add_transfers(CLI::App& wallet) {
    CLI::App* one =
        command(wallet, "send", "send a chain's coin or a token",
                [this](Context& context) { return wallet_send(context, operation_, transfer_); });
    one->add_option("--to", transfer_.to, "recipient: address, wallet file or key file")
        ->required();
    one->add_option("--amount", transfer_.amount, "as 0.5, or 1000 units")->required();
    one->add_option("--token", transfer_.token,
                    "mint, or on EVM chains 0xTOKEN; without it the chain's coin");
    one->add_option("--pay-sponsor", transfer_.fee_share,
                    "ADDRESS=AMOUNT of the same asset for the sponsor, in the same approval");
    add_operation(*one, operation_);
    one = command(wallet, "batch", "several calls, all or none",
                  [this](Context& context) { return wallet_batch(context, operation_, file_); });
    one->add_option("file", file_, "JSON file with \"calls\"")->required();
    add_operation(*one, operation_);
}

void Tree::add_rules() {
    CLI::App* const rules = app_.add_subcommand("rules", "who may do what");
    rules->require_subcommand(0, 1);
    add_wallet_option(*rules, wallet_);
    rules->callback([this, rules] {
        if (rules->get_subcommands().empty()) {
            chosen_ = [this](Context& context) { return list_rules(context, wallet_); };
        }
    });
    CLI::App* one = command(*rules, "set", "replace the whole configuration",
                            [this](Context& c) { return set_rules(c, operation_, file_); });
    one->add_option("file", file_, "JSON file with signers and rules")->required();
    add_operation(*one, operation_);
    one = command(app_, "limits", "what is left of every budget",
                  [this](Context& context) { return list_limits(context, wallet_); });
    add_wallet_option(*one, wallet_);
    CLI::App* const signers = group(app_, "signers", "list, add and remove signers");
    one = command(*signers, "list", "the wallet's signers",
                  [this](Context& context) { return list_signers(context, wallet_); });
    add_wallet_option(*one, wallet_);
    one = command(*signers, "add", "one more signer, by a policy change",
                  [this](Context& c) { return add_signer(c, operation_, signer_, rule_indexes_); });
    one->add_option("signer", signer_, "as for wallet create")->required();
    one->add_option("--in-rule", rule_indexes_, "rules it counts in; without it all");
    add_operation(*one, operation_);
    one = command(*signers, "remove", "one signer less; old approvals end",
                  [this](Context& c) { return remove_signer(c, operation_, signer_index_); });
    one->add_option("number", signer_index_, "as signers list shows it")->required();
    add_operation(*one, operation_);
    one = command(app_, "rotate", "another key in the place of a signer, by a policy change",
                  [this](Context& c) { return rotate_key(c, operation_, signer_index_, signer_); });
    one->add_option("number", signer_index_, "as signers list shows it")->required();
    one->add_option("signer", signer_, "the new key, as for wallet create")->required();
    add_operation(*one, operation_);
}

void Tree::add_waiting() {
    CLI::App* one = command(app_, "pending", "what waits, since when, and who can cancel it",
                            [this](Context& context) { return list_pending(context, wallet_); });
    add_wallet_option(*one, wallet_);
    const std::string names =
        "as pending shows it: 2.1, or 2 or recovery:0 for whatever waits there";
    one = command(app_, "apply", "do what has waited long enough; nobody needs to approve",
                  [this](Context& context) { return apply_proposal(context, apply_); });
    one->add_option("proposal", apply_.proposal, names)->required();
    add_wallet_option(*one, apply_.wallet);
    one->add_option("--fee-payer", apply_.fee_payer, "ed25519 key (LATCHKEY_FEE_PAYER)");
    one->add_option("--gas-payer", apply_.gas_payer,
                    "on an EVM chain: secp256k1 key (LATCHKEY_GAS_PAYER)");
    one->add_option("--recovery", apply_.recovery_file,
                    "of a recovery on an EVM chain: its recovery file");
    one->add_option("-k,--key", apply_.keys,
                    "keys whose signatures the action passes on, such as a new account's");
    one->add_flag("--dry-run", apply_.is_dry_run, "simulate, send nothing");
    one =
        command(app_, "catch-up", "repeat on --chain what another chain has of a wallet's changes",
                [this](Context& context) { return catch_up(context, catch_up_); });
    one->add_option("--from", catch_up_.from, "the EVM chain that has them")->required();
    add_wallet_option(*one, catch_up_.wallet);
    one->add_option("--fee-payer", catch_up_.fee_payer, "ed25519 key (LATCHKEY_FEE_PAYER)");
    one->add_option("--gas-payer", catch_up_.gas_payer,
                    "on EVM chains: secp256k1 key (LATCHKEY_GAS_PAYER)");
    one->add_flag("--dry-run", catch_up_.is_dry_run, "simulate the next one, send nothing");
    one = command(app_, "cancel", "end what waits", [this](Context& context) {
        return cancel_proposal(context, operation_, proposal_, is_ahead_);
    });
    one->add_option("proposal", proposal_, names)->required();
    one->add_flag("--ahead", is_ahead_,
                  "end the rule's next proposal before it is made here; two parties or the rule's "
                  "own signers");
    add_operation(*one, operation_);
    one->add_option("--recovery", operation_.recovery_file,
                    "recovery file, for guardians who take their proposal back");
    one = command(app_, "freeze", "stop everything but recovery for 7 days",
                  [this](Context& c) { return freeze_wallet(c, operation_, lifts_); });
    one->add_flag("--lift", lifts_, "end the freeze; needs two parties");
    add_operation(*one, operation_);
    one->add_option("--recovery", operation_.recovery_file,
                    "recovery file, for guardians who may freeze");
    one = command(app_, "history", "all configurations of the wallet, each proved by the next",
                  [this](Context& context) { return list_history(context, wallet_); });
    one->footer(
        "On Solana it asks the node for every transaction of the wallet, one request each.\n" +
        app_.get_footer());
    add_wallet_option(*one, wallet_);
}

void Tree::add_recovery() {
    CLI::App* const recovery = group(app_, "recovery", "who may recover the wallet, kept private");
    CLI::App* one = command(*recovery, "create", "write a recovery file; nothing happens on chain",
                            [this](Context& c) { return recovery_create(c, recovery_create_); });
    RecoveryCreateOptions& create = recovery_create_;
    one->add_option("file", create.file, "new file that only you can read")->required();
    add_wallet_option(*one, create.wallet);
    one->add_option("--guardian", create.guardians,
                    "who recovers, as --signer of wallet create; may be given several times");
    one->add_option("--threshold", create.threshold, "how many guardians must agree");
    one->add_option("--delay", create.delay, "how long a recovery waits (9d)");
    one->add_option("--guard", create.guard,
                    "how long a change by one party alone waits; without it --delay and 2 days, 0 "
                    "for none");
    one->add_option("--tie", create.tie,
                    "who wins when one party cancels again and again: owner or recovery");
    one->add_flag("--may-freeze", create.may_freeze, "guardians may freeze the wallet for 7 days");
    one->add_option("--heir", create.heir, "recovers alone, but much later");
    one->add_option("--heir-delay", create.heir_delay, "how much later (180d)");
    one->add_option(
        "--after", create.after_file,
        "JSON file with the rules that a recovery restores; without it the present ones");
    one->add_flag("--offline", create.is_offline, "ask no node: the rules of the genesis");
    one = command(*recovery, "show", "a recovery file in words", [this](Context& context) {
        return recovery_show(context, file_, wallet_, is_offline_);
    });
    one->add_option("file", file_, "recovery file")->required();
    add_wallet_option(*one, wallet_);
    one->add_flag("--offline", is_offline_, "ask no node");
    one = command(*recovery, "set",
                  "make it the wallet's recovery instead of any before, by a policy change",
                  [this](Context& c) { return recovery_set(c, operation_, file_); });
    one->add_option("file", file_, "recovery file")->required();
    add_operation(*one, operation_);
    one = command(*recovery, "remove", "no recovery any more, by a policy change",
                  [this](Context& c) { return recovery_remove(c, operation_); });
    add_operation(*one, operation_);
    CLI::App* const recover = group(app_, "recover", "new keys for a wallet whose keys are lost");
    one = command(*recover, "propose", "name the new signers; then `pending`, `apply`, `cancel`",
                  [this](Context& c) { return recover_propose(c, operation_, new_signers_); });
    one->add_option("-s,--signer", new_signers_,
                    "the new signers in order, as for wallet create; as many as the file says")
        ->required();
    one->add_option("--recovery", operation_.recovery_file, "recovery file")->required();
    add_operation(*one, operation_);
}

void Tree::add_programs() {
    CLI::App* const programs = group(app_, "program", "put the wallet program on a Solana cluster");
    const auto add = [&](const std::string& name, const std::string& text,
                         Result<Report> (*run)(Context&, const ProgramOptions&)) {
        CLI::App* const one =
            command(*programs, name, text, [this, run](Context& c) { return run(c, program_); });
        one->add_option("--fee-payer", program_.fee_payer, "ed25519 key (LATCHKEY_FEE_PAYER)");
        return one;
    };
    const std::string authority = "address, or file of a wallet, whose vault it is then";
    CLI::App* one = add("deploy", "deploy it at a new address", program_deploy);
    one->add_option("--file", program_.file, "ELF; without it that of this build");
    one->add_option("--program-key", program_.program_key,
                    "key of the new address; of no use later")
        ->required();
    one->add_option("--authority", program_.authority, "who may replace it: " + authority);
    one->add_flag("--final", program_.is_final, "nobody may ever replace it");
    one->add_option("--room", program_.room, "bytes that later code may have");
    one = add("buffer", "put new code into a buffer, for somebody to decide about", program_buffer);
    one->add_option("--file", program_.file, "ELF; without it that of this build");
    one->add_option("--authority", program_.authority, "who decides: " + authority);
    one = add("authority", "hand a program or buffer over", program_authority);
    one->add_option("account", program_.account, "the program or buffer")->required();
    one->add_option("--authority", program_.authority, "whoever gets it: " + authority);
    one->add_flag("--final", program_.is_final, "nobody may ever replace it");
    one->add_option("-k,--key", program_.key, "the present authority; without it the fee payer");
    one = add("close", "take a buffer's lamports back", program_close);
    one->add_option("account", program_.account, "the buffer")->required();
    one->add_option("-k,--key", program_.key, "the buffer's authority; without it the fee payer");
    one = add("extend", "make room for longer code; anybody may pay for it", program_extend);
    one->add_option("program", program_.account, "the program")->required();
    one->add_option("--room", program_.room, "bytes to add; at least 10240")->required();
    one = command(*programs, "hash", "the keccak of code, as an upgrade names it",
                  [this](Context& c) { return program_hash(c, program_.file); });
    one->add_option("file", program_.file, "ELF; without it that of this build");
    command(*programs, "cluster", "the cluster's genesis hash, for which an ELF is built",
            [](Context& context) { return program_cluster(context); });
}

void Tree::add_governor() {
    CLI::App* const governor =
        group(app_, "governor", "upgrades that everybody sees coming; on Solana");
    CLI::App* one = command(*governor, "create", "a wallet that can only upgrade, after 30 days",
                            [this](Context& c) { return governor_create(c, governor_); });
    one->add_option("file", governor_.file, "new genesis file")->required();
    one->add_option("-s,--signer", governor_.signers, "as for wallet create");
    one->add_option("--threshold", governor_.threshold, "how many must approve");
    one->add_option("--delay", governor_.delay, "how long an upgrade waits; at least 30d");
    one->add_option("--policy-delay", governor_.policy_delay,
                    "how long a change of the governor waits; at least 2 days longer");
    one->add_flag("--locked", governor_.is_locked, "nobody can ever change the governor");
    one->add_option("--program", governor_.program,
                    "a second wallet program, which nobody can replace");
    one->add_option("--cluster", governor_.cluster, "genesis hash of the cluster, or local");
    one->add_flag("--force", governor_.replaces_files, "replace the file");
    one = command(*governor, "schedule", "propose an upgrade; then `pending`, `cancel`, `apply`",
                  [this](Context& c) { return governor_schedule(c, operation_, schedule_); });
    one->add_option("--program", schedule_.program, "the program to be replaced")->required();
    one->add_option("--buffer", schedule_.buffer, "buffer with the new code")->required();
    one->add_option("--file", schedule_.file, "the code that is meant");
    one->add_option("--code-hash", schedule_.code_hash, "or its keccak");
    one->add_option("--spill", schedule_.spill, "gets the buffer's lamports; without it the vault");
    add_operation(*one, operation_);
    one = command(*governor, "show", "program, authority, code and what is scheduled",
                  [this](Context& c) { return governor_show(c, wallet_, schedule_.program); });
    one->add_option("--program", schedule_.program, "the program that it governs")->required();
    add_wallet_option(*one, wallet_);
}

void Tree::add_watch() {
    CLI::App* const one =
        command(app_, "watch", "tell what happens to wallets as it happens; on Solana",
                [this](Context& c) { return watch_wallets(c, watch_); });
    one->add_option("-w,--wallet", watch_.wallets,
                    "genesis file; may be given several times (LATCHKEY_WALLET)");
    one->add_option("--ws", watch_.websocket_url,
                    "the node's WebSocket URL; without it the port after --rpc");
    one->add_flag("--poll", watch_.only_polls, "no WebSocket: ask again and again");
    one->add_option("--interval", watch_.interval, "how often to ask when nothing is heard (10s)");
    one->add_option("--blind-after", watch_.blind_after,
                    "how long the node may be silent before that is an alarm (5m)");
    one->add_flag("--all", watch_.reads_all, "payments, sessions and messages too");
    one->add_option("--exec", watch_.command,
                    "shell command for each alarm, which it gets as JSON on standard input");
    one->add_option("--resume", watch_.resume_file,
                    "file that remembers what was told, so that a later run misses nothing");
    one->add_flag("--once", watch_.is_once, "end after the first alarm");
    one->add_option("--timeout", watch_.timeout,
                    "end after so long; with --once that is a failure");
}

void Tree::add_advise() {
    CLI::App* const one =
        command(app_, "advise", "which wallet fits you: asks, or takes the answers as options",
                [this](Context& context) { return give_advice(context, advise_); });
    one->add_option("--controls", advise_.controls, "person, company or agent");
    one->add_option("--value", advise_.value, "of a person: small, savings or fortune");
    one->add_option("--devices", advise_.devices, "how many devices or keys can approve");
    one->add_option("--recovery", advise_.recovery, "nobody or guardian");
    one->add_option("--heir", advise_.heir, "yes or no");
    one->add_option("--members", advise_.members, "of a company");
    one->add_option("--threshold", advise_.threshold, "how many members must agree");
}

void Tree::add_contracts() {
    CLI::App* const contracts =
        group(app_, "contracts", "put ours on EVM chains: their code is in this program");
    CLI::App* one =
        command(*contracts, "show", "where they are; with --chain whether they are there",
                [this](Context& c) { return contracts_show(c, contracts_); });
    one->add_option("--program", contracts_.program, "the wallet program on Solana");
    one = command(*contracts, "deploy", "put on --chain what is missing there; anybody may",
                  [this](Context& c) { return contracts_deploy(c, contracts_); });
    one->add_option("--program", contracts_.program, "the wallet program on Solana");
    one->add_option("--gas-payer", contracts_.gas_payer,
                    "secp256k1 key, without any rights afterwards (LATCHKEY_GAS_PAYER)");
    one->add_flag("--dry-run", contracts_.is_dry_run, "simulate, send nothing");
}

void Tree::add_sessions() {
    CLI::App* const sessions = group(app_, "session", "keys with a budget and an end");
    CLI::App* one = command(*sessions, "grant", "let a key spend within limits",
                            [this](Context& c) { return grant_session(c, operation_, session_); });
    one->add_option("--to", session_.signer, "the session's signer, as for wallet create")
        ->required();
    one->add_option("--limit", session_.limits,
                    "ASSET=PER-CALL/PER-PERIOD/PERIOD; an asset is SOL or a mint; on EVM chains "
                    "ETH, or 0xTOKEN, or 0xTOKEN:SCALE for units of 10^SCALE");
    one->add_option("--allow", session_.targets,
                    "SOL, PROGRAM or PROGRAM:HEX; on EVM chains 0xADDRESS or 0xADDRESS:HEX");
    one->add_option("--expires", session_.expires_in, "as 12h or 7d");
    add_operation(*one, operation_);
    one = command(*sessions, "list", "sessions as they are on chain",
                  [this](Context& context) { return list_sessions(context, wallet_); });
    add_wallet_option(*one, wallet_);
    one = command(*sessions, "revoke", "end a session at once", [this](Context& context) {
        return revoke_session(context, operation_, session_name_);
    });
    one->add_option("session", session_name_, "its number or id")->required();
    add_operation(*one, operation_);
}

void Tree::add_lanes() {
    CLI::App* const lanes =
        group(app_, "lanes", "nonces for passkeys, kept by a fee payer; on Solana");
    const auto add = [&](const std::string& name, const std::string& text,
                         Result<Report> (*run)(Context&, const LaneOptions&)) {
        CLI::App* const one =
            command(*lanes, name, text, [this, run](Context& c) { return run(c, lane_); });
        one->add_option("--owner", lane_.owner, "ed25519 key of the owner (LATCHKEY_FEE_PAYER)");
        one->add_option("--program", lane_.program, "the wallet program");
        one->add_option("--cluster", lane_.cluster, "genesis hash of the cluster, or local");
        return one;
    };
    CLI::App* one = add("open", "open a lane", open_lane);
    one->add_option("--index", lane_.index, "0 to 255")->check(CLI::Range(0, 255));
    one->add_option("--operator", lane_.operator_address, "address that signs every use");
    add("list", "the owner's lanes 0 to 15", list_lanes);
    one = add("close", "close a lane; its rent comes back", close_lane);
    one->add_option("--index", lane_.index, "0 to 255")->check(CLI::Range(0, 255));
    one = add("operator", "name another operator", set_lane_operator);
    one->add_option("--index", lane_.index, "0 to 255")->check(CLI::Range(0, 255));
    one->add_option("address", lane_.operator_address, "the new operator")->required();
}

void Tree::add_offline() {
    CLI::App* one = command(app_, "export", "write the genesis file and say how to use it alone",
                            [this](Context& context) { return export_wallet(context, export_); });
    add_wallet_option(*one, export_.wallet);
    one->add_option("--out", export_.file, "new file")->required();
    one->add_flag("--force", export_.replaces_files, "replace the file");
    one = command(app_, "sign", "approve a request; needs no network",
                  [this](Context& context) { return sign_request(context, sign_); });
    one->add_option("request", sign_.request_files,
                    "files of --request; several, of any chains, are approved at once")
        ->required();
    one->add_option("-k,--key", sign_.keys, "key or passkey file (LATCHKEY_KEYS)");
    one->add_option("--out", sign_.output_file, "new approval file")->required();
    one->add_flag("--force", sign_.replaces_files, "replace the file");
    one = command(app_, "send", "send a request with its approvals",
                  [this](Context& context) { return send_request(context, send_); });
    one->add_option("request", send_.request_file, "file of --request")->required();
    one->add_option("--approvals", send_.approval_files, "approval files")->required();
    one->add_option("--fee-payer", send_.fee_payer, "ed25519 key (LATCHKEY_FEE_PAYER)");
    one->add_option("--gas-payer", send_.gas_payer,
                    "of an EVM chain: secp256k1 key (LATCHKEY_GAS_PAYER)");
    one->add_flag("--dry-run", send_.is_dry_run, "simulate, send nothing");
}

void Tree::add_messages() {
    CLI::App* const messages = group(app_, "message", "text that a wallet vouches for");
    const auto add_text = [this](CLI::App& to) {
        to.add_option("--text", message_.text, "the text");
        to.add_option("--file", message_.file, "a file's bytes");
        to.add_option("--hash", message_.hash, "a hash of 64 hexadecimal digits");
    };
    CLI::App* one = command(*messages, "sign", "vouch for a text, off chain",
                            [this](Context& context) { return sign_message(context, message_); });
    add_wallet_option(*one, message_.wallet);
    add_text(*one);
    one->add_option("-k,--key", message_.keys, "key or passkey file (LATCHKEY_KEYS)");
    one->add_option("--rule", message_.rule, "number of the rule");
    one->add_option("--valid-for", message_.valid_for, "as 30d; without it for ever");
    one->add_option("--out", message_.approval_file, "new file")->required();
    one->add_flag("--force", message_.replaces_files, "replace the file");
    one = command(*messages, "verify", "check it against the chain",
                  [this](Context& context) { return verify_message(context, message_); });
    add_text(*one);
    one->add_option("--approval", message_.approval_file, "file of message sign")->required();
}

void Tree::add_tools() {
    CLI::App* one = command(app_, "decode", "bytes in words",
                            [this](Context& context) { return decode(context, decode_); });
    one->add_option("input", decode_.input, "hex, base64, base58, or @FILE")->required();
    add_wallet_option(*one, decode_.wallet);
    one->add_option("--account", decode_.accounts, "accounts of a wallet instruction, in order");
    one->add_option("--program", decode_.program, "the wallet program");
    one = command(app_, "verify-program", "compare the program on Solana with a local build",
                  [this](Context& context) { return verify_program(context, verify_); });
    one->add_option("--program", verify_.program, "the wallet program");
    one->add_option("--file", verify_.file, "ELF; without it that of this build");
    one = command(app_, "completion", "words for your shell: bash, zsh or fish", [this](Context&) {
        std::vector<WordList> words;
        collect_words(app_, "", words);
        return completion(words, shell_);
    });
    one->add_option("shell", shell_, "bash, zsh or fish")->required();
}

void Tree::add_local_chain() {
    CLI::App* one = command(app_, "dev", "run a Solana chain and two EVM chains on this machine",
                            [this](Context& context) { return run_dev(context, dev_); });
    dev_.port = 8899;
    one->add_option("--port", dev_.port,
                    "JSON-RPC port; WebSocket is the next one; 0 picks a free pair")
        ->check(CLI::Range(0, 65534));
    one->add_option("--ledger", dev_.ledger, "keep the chain in this folder");
    one->add_flag("--reset", dev_.resets_ledger, "start the ledger over");
    one->add_option("--program-file", dev_.program_file, "ELF to deploy");
    one->add_option("--slot-ms", dev_.slot_milliseconds, "length of a slot")
        ->check(CLI::Range(10, 60000));
    dev_.evm_port = 8545;
    one->add_option("--evm-port", dev_.evm_port,
                    "JSON-RPC port of the EVM chain local; local-2 has the next one; 0 picks free "
                    "ones")
        ->check(CLI::Range(0, 65534));
    one->add_flag("--solana-only", dev_.is_solana_only, "no EVM chains");
    one->add_flag("--log", dev_.shows_log, "show the nodes' log");
    one = command(app_, "warp", "move the local chain's clock forward",
                  [this](Context& context) { return warp(context, duration_); });
    one->add_option("duration", duration_, "as 520s or 30d")->required();
    one = command(app_, "demo", "see what a wallet can do, with real transactions",
                  [this](Context& context) {
                      demo_.rpc_urls = globals_.rpc;
                      return demo::run_demo(context.output(), demo_);
                  });
    one->add_option("--program-file", demo_.program_file, "ELF to deploy");
    one->add_option("--only", demo_.only, "solana or evm: the steps of one kind of chain")
        ->check(CLI::IsMember({"solana", "evm"}));
}

Tree::Tree() {
    app_.name("latchkey");
    app_.set_version_flag("--version", "latchkey " LATCHKEY_VERSION);
    app_.require_subcommand(1);
    app_.fallthrough();
    // Commands inherit it.
    app_.footer(
        "Every command also takes --chain, --json, --quiet, --rpc URL and --config-file FILE.\n"
        "Without --chain a command is about Solana.\n"
        "A flag beats the environment (LATCHKEY_...), which beats the config file.");
    app_.add_flag("--json", globals_.is_json, "one JSON object on standard output");
    app_.add_flag("-q,--quiet", globals_.is_quiet, "no progress");
    app_.add_option(
        "--rpc", globals_.rpc,
        "URL of a Solana node, or CHAIN=URL of an EVM chain; may be given several times "
        "(LATCHKEY_RPC)");
    app_.add_option("--chain", globals_.chains,
                    "solana (without it), or the name or number of an EVM chain, as ethereum or "
                    "local; several, with commas, for a change that is approved once "
                    "(LATCHKEY_CHAIN)")
        ->delimiter(',');
    app_.add_option("--config-file", globals_.config,
                    "settings (LATCHKEY_CONFIG, ~/.config/latchkey/config.toml)");
    add_keys();
    add_wallet();
    add_rules();
    add_sessions();
    add_lanes();
    add_offline();
    add_messages();
    add_waiting();
    add_recovery();
    add_watch();
    add_advise();
    add_programs();
    add_contracts();
    add_governor();
    add_tools();
    add_local_chain();
}

bool has_json_flag(int argc, char** argv) {
    return std::any_of(argv + 1, argv + argc,
                       [](const char* word) { return std::string_view(word) == "--json"; });
}

/// What no command takes in any place: nothing, as a variable leaves it that is not set, and bytes
/// that no JSON could repeat.
std::string wrong_word(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        const std::string place = "argument " + std::to_string(i);
        if (word.empty() || (word.starts_with("--") && word.find('=') == word.size() - 1)) {
            return place + " is empty; leave the option out, or give it a value";
        }
        if (!core::is_valid_utf8(word)) {
            return place + " is not UTF-8";
        }
    }
    return "";
}

/// A descriptor that the caller closed would be given to the next file or socket, and results would
/// be written there. Writing to the ones opened here fails.
void hold_standard_streams() {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(descriptor, F_GETFD) < 0) {
            static_cast<void>(::open("/dev/null", O_RDONLY));
        }
    }
}

std::string no_such_command(const std::string& path, const std::string& word) {
    constexpr std::size_t kShown = 40;
    return "there is no command \"" + path + " " + word.substr(0, kShown) + "\"; " + path +
           " --help lists them";
}

/// The parser's own sentence, unless it is about a command that does not exist.
std::string usage_sentence(Tree& tree, int argc, char** argv, const std::string& fallback) {
    const CLI::App* app = &tree.app();
    std::string path = "latchkey";
    const auto takes_value = [](const std::string& word) {
        return word == "--rpc" || word == "--chain" || word == "--config-file";
    };
    for (int i = 1; i < argc && !app->get_subcommands({}).empty(); ++i) {
        const std::string word = argv[i];
        if (word.starts_with("-")) {
            i += takes_value(word) ? 1 : 0;
            continue;
        }
        const auto commands = app->get_subcommands({});
        const auto found = std::find_if(commands.begin(), commands.end(),
                                        [&](const auto* one) { return one->get_name() == word; });
        if (found == commands.end()) {
            return no_such_command(path, word);
        }
        app = *found;
        path += " " + word;
    }
    // `rules` works alone as well.
    if (!app->get_subcommands({}).empty() && app->get_require_subcommand_min() > 0) {
        return path + " needs a command after it; " + path + " --help lists them";
    }
    return fallback + "; " + path + " --help tells more";
}

int run(Tree& tree) {
    const Globals& globals = tree.globals();
    const Output output(Output::Options{globals.is_json, globals.is_quiet});
    auto config =
        load_config(globals.config.empty() ? std::nullopt : std::optional(globals.config));
    if (!config) {
        output.print(config.error());
        return kExitFailure;
    }
    if (!globals.rpc.empty()) {
        config->rpc = globals.rpc;
    }
    if (!globals.chains.empty()) {
        config->chains = globals.chains;
    }
    Context context(output, *std::move(config));
    const auto report = tree.chosen()(context);
    if (!report) {
        output.print(report.error());
        return kExitFailure;
    }
    output.print(*report);
    return 0;
}

int parse_and_run(int argc, char** argv) {
    if (const std::string wrong = wrong_word(argc, argv); !wrong.empty()) {
        const Output output(Output::Options{has_json_flag(argc, argv)});
        output.print(core::Error{core::ErrorCode::kCommandInput, wrong});
        return kExitUsage;
    }
    const auto tree = std::make_unique<Tree>();
    try {
        tree->app().parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            return tree->app().exit(error);
        }
        const Output output(Output::Options{has_json_flag(argc, argv)});
        output.print(core::Error{core::ErrorCode::kCommandInput,
                                 usage_sentence(*tree, argc, argv, error.what())});
        return kExitUsage;
    }
    return run(*tree);
}

}  // namespace

int run_command_line(int argc, char** argv) {
    hold_standard_streams();
    // A file that may not grow is an error of writing, not the end before anything was cleaned up.
    ::signal(SIGXFSZ, SIG_IGN);
    int code = kExitFailure;
    try {
        code = parse_and_run(argc, argv);
    } catch (const std::exception& error) {
        // Too few descriptors, no memory, no threads: what the machine refuses.
        const Output output(Output::Options{has_json_flag(argc, argv)});
        output.print(core::Error{
            core::ErrorCode::kUnexpected,
            "the machine refused what the command needs: " + std::string(error.what())});
    }
    if (code == 0 && (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)) {
        Output(Output::Options{})
            .print(core::Error{core::ErrorCode::kFileUnwritable,
                               "standard output cannot be written; what the command does is done, "
                               "only its result was not told"});
        return kExitFailure;
    }
    return code;
}

}  // namespace latchkey::cli
