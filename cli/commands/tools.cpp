// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/tools.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <iostream>

#include "chains/evm/wallet/describe.hpp"
#include "chains/evm/wallet/short_form.hpp"
#include "chains/solana/client/decode.hpp"
#include "chains/solana/client/deployed_program.hpp"
#include "cli/action_file.hpp"
#include "cli/evm/request_file.hpp"
#include "cli/files.hpp"
#include "cli/local_evm_chain.hpp"
#include "cli/operation.hpp"
#include "cli/text.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/base58.hpp"
#include "core/encoding/base64.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/describe.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

/// What the bytes turned out to be.
struct Decoded {
    std::string kind;
    std::vector<std::string> lines;
};

/// A file that this program writes: a genesis file or a request.
Result<Decoded> decode_json_file(const std::string& path) {
    LATCHKEY_TRY(const json::object value, read_json_file(path));
    LATCHKEY_TRY(const std::string format, text_member(value, "format", path));
    // Its format begins like that of a request on Solana.
    if (on_evm::is_request(value)) {
        LATCHKEY_TRY(const on_evm::ApprovalRequest request, on_evm::decode_request(value, path));
        return Decoded{"request", request.description()};
    }
    if (format.starts_with("latchkey request")) {
        LATCHKEY_TRY(const ApprovalRequest request, decode_request(value, path));
        return Decoded{"request", describe_action(request.wallet, request.action, request.names)};
    }
    LATCHKEY_TRY(const WalletFile file, read_wallet_file(path));
    return Decoded{"genesis", description_lines(file.wallet.genesis_configuration(), file.names)};
}

bool is_json_file(const std::string& input) {
    if (!input.starts_with("@")) {
        return false;
    }
    const auto bytes = read_file(input.substr(1));
    return bytes && trimmed(core::as_text(*bytes)).starts_with("{");
}

Report decoded_report(const Output& output, const Decoded& found) {
    Report report;
    report.lines = {output.paint(Style::kHeading, found.kind)};
    report.lines.insert(report.lines.end(), found.lines.begin(), found.lines.end());
    report.fields = {{"kind", found.kind},
                     {"description", json::array(found.lines.begin(), found.lines.end())}};
    return report;
}

Result<core::Bytes> read_input(const std::string& input) {
    std::string text = input;
    if (input.starts_with("@")) {
        LATCHKEY_TRY(const core::Bytes file, read_file(input.substr(1)));
        text = core::as_text(file);
    }
    const std::string_view word = trimmed(text);
    if (auto hex = core::decode_hex(word); hex && !hex->empty()) {
        return hex;
    }
    if (auto base64 = core::decode_base64(word); base64 && !base64->empty()) {
        return base64;
    }
    if (auto base58 = core::decode_base58(word); base58 && !base58->empty()) {
        return base58;
    }
    return fail(ErrorCode::kCommandInput, "the input is neither hexadecimal, base64 nor base58");
}

std::optional<Decoded> decode_transaction(core::ByteView bytes,
                                          const solana::ExplainContext& names) {
    const auto transaction = solana::Transaction::decode(bytes);
    if (!transaction) {
        return std::nullopt;
    }
    Decoded out{"transaction", {}};
    const solana::Message& message = transaction->message();
    out.lines.push_back(std::string(solana::to_string(message.version)) + " transaction of " +
                        std::to_string(bytes.size()) + " bytes, fee payer " +
                        solana::to_base58(message.fee_payer()));
    const auto lines = solana::explain(message, {}, names);
    if (lines) {
        out.lines.insert(out.lines.end(), lines->begin(), lines->end());
    } else {
        out.lines.emplace_back("it names addresses through lookup tables, which are on chain only");
    }
    for (const solana::Address& missing : transaction->missing_signers()) {
        out.lines.push_back("not signed yet by " + solana::to_base58(missing));
    }
    return out;
}

std::optional<Decoded> decode_configuration(core::ByteView bytes) {
    if (const auto genesis = core::decode_genesis(bytes)) {
        return Decoded{"genesis", description_lines(genesis->configuration)};
    }
    if (const auto shared = core::decode_shared(bytes)) {
        return Decoded{"configuration", description_lines(*shared)};
    }
    if (const auto session = core::decode_local_rule(bytes)) {
        return Decoded{"session", {core::describe(*session)}};
    }
    return std::nullopt;
}

Result<std::optional<Decoded>> decode_wallet_instruction(core::ByteView bytes,
                                                         const DecodeOptions& options,
                                                         const solana::ExplainContext& names) {
    if (!solana::decode_instruction(bytes)) {
        return std::nullopt;
    }
    solana::Instruction instruction;
    instruction.program = *names.wallet_program;
    instruction.data = core::to_bytes(bytes);
    for (const std::string& text : options.accounts) {
        LATCHKEY_TRY(const auto address, parse_address_argument(text, "--account"));
        instruction.accounts.push_back(solana::readonly(address));
    }
    return Decoded{"wallet instruction", solana::explain(instruction, names)};
}

/// Calldata of a wallet.
std::vector<std::string> describe_calldata(const evm::wallet::Action& action,
                                           const core::Names& names) {
    if (const auto* const approved = std::get_if<evm::wallet::ApprovedAction>(&action)) {
        return evm::wallet::describe(*approved, names);
    }
    if (const auto* const applied = std::get_if<evm::wallet::ApplyAction>(&action)) {
        auto out = evm::wallet::describe(applied->body, names);
        out.insert(out.begin(), "do what waited:");
        return out;
    }
    if (const auto* const run = std::get_if<evm::wallet::RunAction>(&action)) {
        return evm::wallet::describe(evm::wallet::Body(evm::wallet::Execute{run->calls, {}}),
                                     names);
    }
    return {"an account becomes a wallet (EIP-7702)"};
}

/// A raw transaction or calldata of a wallet.
Result<Decoded> decode_on_evm(core::ByteView bytes, const core::Names& names) {
    if (const auto signed_one = evm::SignedTransaction::decode(bytes)) {
        const evm::Transaction& transaction = signed_one->transaction();
        Decoded out{"transaction",
                    {"from " + evm::to_string(signed_one->sender()) + " on chain " +
                     std::to_string(transaction.chain_id) + ", nonce " +
                     std::to_string(transaction.nonce)}};
        const evm::wallet::Call call{transaction.to.value_or(evm::Address()), transaction.value,
                                     transaction.data};
        const auto action = evm::wallet::decode_calldata(transaction.data, signed_one->sender());
        const auto lines =
            action ? describe_calldata(*action, names) : std::vector{evm::wallet::describe(call)};
        out.lines.insert(out.lines.end(), lines.begin(), lines.end());
        return out;
    }
    const auto action = evm::wallet::decode_calldata(bytes, {});
    if (!action) {
        return fail(ErrorCode::kCommandInput,
                    "the input (" + std::to_string(bytes.size()) +
                        " bytes) is no transaction of an EVM chain and no calldata of a wallet");
    }
    return Decoded{"calldata", describe_calldata(*action, names)};
}

std::string sha256_text(core::ByteView bytes) {
    return core::encode_hex(core::crypto::sha256(bytes).view());
}

}  // namespace

Result<Report> decode(Context& context, const DecodeOptions& options) {
    if (is_json_file(options.input)) {
        LATCHKEY_TRY(const Decoded file, decode_json_file(options.input.substr(1)));
        return decoded_report(context.output(), file);
    }
    LATCHKEY_TRY(const core::Bytes bytes, read_input(options.input));
    if (!context.is_on_solana()) {
        LATCHKEY_TRY(const Decoded found, decode_on_evm(bytes, {}));
        return decoded_report(context.output(), found);
    }
    LATCHKEY_TRY(const solana::Deployment deployment, context.deployment(options.program, ""));
    solana::ExplainContext names;
    names.wallet_program = deployment.program;
    std::optional<solana::WalletSnapshot> snapshot;
    if (!options.wallet.empty() || !context.config().wallet.empty()) {
        LATCHKEY_TRY(const WalletFile file, context.wallet(options.wallet));
        names.wallet_program = file.wallet.deployment().program;
        snapshot = solana::WalletSnapshot::in_genesis(file.wallet);
        names.wallet = &*snapshot;
        names.signer_names = file.names;
    }
    std::optional<Decoded> found = decode_transaction(bytes, names);
    if (!found) {
        found = decode_configuration(bytes);
    }
    if (!found) {
        LATCHKEY_TRY(found, decode_wallet_instruction(bytes, options, names));
    }
    if (!found) {
        return fail(ErrorCode::kCommandInput,
                    "the input (" + std::to_string(bytes.size()) +
                        " bytes) is no transaction, genesis, configuration, session or wallet "
                        "instruction");
    }
    return decoded_report(context.output(), *found);
}

Result<Report> verify_program(Context& context, const VerifyProgramOptions& options) {
    if (!context.is_on_solana()) {
        return fail(ErrorCode::kCommandInput,
                    "the wallet program is on Solana only; `latchkey contracts show --chain NAME` "
                    "looks at an EVM chain");
    }
    std::string path = options.file;
    if (path.empty()) {
        LATCHKEY_TRY(path, find_program_file());
    }
    LATCHKEY_TRY(const core::Bytes local, read_file(path, kProgramFileBytesMax));
    LATCHKEY_TRY(const solana::Deployment deployment, context.deployment(options.program, ""));
    LATCHKEY_TRY(Chain* const chain, context.chain(deployment.program));
    LATCHKEY_TRY(const solana::DeployedProgram deployed,
                 chain->run(solana::fetch_program(chain->rpc(), deployment.program)));
    const core::ByteView data(deployed.data);
    const core::ByteView elf = data.first(std::min(data.size(), local.size()));
    // Room that was paid for and is not used must be empty.
    const core::ByteView rest = data.subspan(elf.size());
    const bool is_same =
        core::equal(elf, local) &&
        std::all_of(rest.begin(), rest.end(), [](std::uint8_t byte) { return byte == 0; });
    const std::string authority = deployed.upgrade_authority
                                      ? solana::to_base58(*deployed.upgrade_authority)
                                      : std::string("nobody");
    if (!is_same) {
        return fail(ErrorCode::kProgramDiffers,
                    "the program at " + solana::to_base58(deployment.program) +
                        " is not the local build: sha256 " + sha256_text(elf) + " on chain, " +
                        sha256_text(local) + " in " + path);
    }
    Report report;
    report.fields = {{"matches", true},
                     {"program", solana::to_base58(deployment.program)},
                     {"sha256", sha256_text(local)},
                     {"bytes", local.size()},
                     {"slot", deployed.slot},
                     {"upgrade_authority",
                      deployed.upgrade_authority ? json::value(authority) : json::value(nullptr)}};
    report.lines = {
        context.output().paint(Style::kGood, "the same bytes") + ": " +
            solana::to_base58(deployment.program) + " and " + path,
        "sha256     " + sha256_text(local) + " (" + format_count(local.size()) + " bytes)",
        "may be replaced by " + authority};
    return report;
}

Result<Report> warp(Context& context, const std::string& duration) {
    LATCHKEY_TRY(const std::uint64_t seconds, parse_duration(duration));
    Report report;
    report.fields = {{"seconds", seconds}};
    for (const std::string& name : context.chains()) {
        if (name == kSolana) {
            LATCHKEY_TRY(Chain* const chain, context.chain(kLocalProgram));
            LATCHKEY_CHECK(
                chain->call("devnet_warp", json::array{json::object{{"seconds", seconds}}}));
        } else {
            LATCHKEY_TRY(on_evm::Node* const node, context.node(name));
            LATCHKEY_CHECK(node->warp(seconds));
        }
        std::string line = "the clock of " + name;
        line += " was moved forward by " + duration;
        report.lines.push_back(std::move(line));
    }
    return report;
}

namespace {

Result<std::vector<LocalEvmChain>> start_evm_chains(const Output& output,
                                                    const LocalChainOptions& options) {
    std::vector<LocalEvmChain> out;
    if (options.is_solana_only) {
        return out;
    }
    std::uint16_t port = options.evm_port;
    for (const std::string name : {"local", "local-2"}) {
        output.progress("starting the EVM chain " + name + " …");
        LocalEvmOptions wanted{name, port, "", options.shows_log};
        if (!options.ledger.empty()) {
            wanted.state_file = options.ledger + "/evm-" + name + ".json";
        }
        if (options.resets_ledger && !wanted.state_file.empty()) {
            std::error_code error;
            std::filesystem::remove(wanted.state_file, error);
        }
        LATCHKEY_TRY(LocalEvmChain chain, LocalEvmChain::start(wanted));
        out.push_back(std::move(chain));
        port = port == 0 ? 0 : static_cast<std::uint16_t>(port + 1);
    }
    return out;
}

}  // namespace

Result<Report> run_dev(Context& context, const LocalChainOptions& options) {
    const Output& output = context.output();
    output.progress("starting the local chain …");
    LATCHKEY_TRY(LocalChain chain, LocalChain::start(options));
    LATCHKEY_TRY(const std::vector<LocalEvmChain> others, start_evm_chains(output, options));
    output.end_progress();
    LATCHKEY_TRY(const auto client, Chain::connect({chain.rpc_url()}, kLocalProgram));
    LATCHKEY_CHECK(client->check_cluster({kLocalProgram, local_cluster()}));
    Report ready;
    ready.fields = {{"rpc", chain.rpc_url()},
                    {"websocket", chain.ws_url()},
                    {"program", solana::to_base58(kLocalProgram)},
                    {"program_file", chain.program_file()},
                    {"program_state", chain.program_state()}};
    ready.lines = {
        output.paint(Style::kGood, "A Solana chain runs on this machine."),
        "  RPC        " + output.paint(Style::kKey, chain.rpc_url()),
        "  WebSocket  " + chain.ws_url(),
        "  program    " + solana::to_base58(kLocalProgram) + " (" + chain.program_state() + ")",
        "  ledger     " + (options.ledger.empty() ? std::string("in memory") : options.ledger),
    };
    std::string urls = chain.rpc_url();
    json::array evm_chains;
    for (const LocalEvmChain& one : others) {
        ready.lines.push_back("and the EVM chain " + one.name());
        ready.lines.push_back("  RPC        " + output.paint(Style::kKey, one.url()));
        urls += "," + one.name() + "=" + one.url();
        evm_chains.emplace_back(json::object{{"name", one.name()}, {"rpc", one.url()}});
    }
    ready.fields["evm_chains"] = std::move(evm_chains);
    const std::vector<std::string> next{
        "",
        output.paint(Style::kHeading, "Try next, in another terminal"),
        "  export LATCHKEY_RPC=" + urls,
        "  latchkey passkey new phone.json",
        "  latchkey wallet create my.json --signer phone.json",
        "  latchkey wallet fund 1 --wallet my.json",
        "  latchkey key new payer.json",
        "  latchkey wallet fund 5 --to payer.json",
        "  latchkey wallet send --to payer.json --amount 0.1 --wallet my.json --key phone.json "
        "--fee-payer payer.json --create-state",
        "  latchkey wallet fund 1 --wallet my.json --chain local     the same wallet on an EVM "
        "chain",
        "  latchkey demo",
        "",
        "Ctrl-C ends it."};
    ready.lines.insert(ready.lines.end(), next.begin(), next.end());
    output.print(ready);
    const int code = chain.wait();
    if (code != 0) {
        const std::string words = chain.last_words();
        return fail(ErrorCode::kLocalChain,
                    words.empty() ? "the local chain ended with code " + std::to_string(code)
                                  : "the local chain ended: " + words);
    }
    Report report;
    report.fields = {{"stopped", true}};
    report.lines = {"stopped"};
    return report;
}

}  // namespace latchkey::cli
