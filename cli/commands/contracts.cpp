// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/contracts.hpp"

#include "chains/evm/wallet/release.hpp"
#include "cli/evm/operation.hpp"
#include "cli/text.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

using evm::wallet::ReleasedContract;

Result<core::Hash32> program_of(const Context& context, const ContractsOptions& options) {
    LATCHKEY_TRY(const solana::Deployment deployment, context.deployment(options.program, ""));
    return solana::to_hash(deployment.program);
}

Result<bool> is_there(on_evm::Node& node, const evm::Address& address) {
    LATCHKEY_TRY(const core::Bytes code, node.run(node.rpc().get_code(address)));
    return !code.empty();
}

json::object fields_of(std::string_view name, const evm::Address& address) {
    return {{"name", name}, {"address", evm::to_string(address)}};
}

/// With the wallets' own code, which the factory makes.
std::vector<std::pair<std::string, evm::Address>> all_addresses(const core::Hash32& program) {
    std::vector<std::pair<std::string, evm::Address>> out;
    for (const ReleasedContract& one : evm::wallet::released_contracts(program)) {
        out.emplace_back(one.name, one.address);
    }
    out.emplace_back("Wallet", evm::wallet::released_deployment(program).wallet);
    return out;
}

}  // namespace

Result<Report> contracts_show(Context& context, const ContractsOptions& options) {
    LATCHKEY_TRY(const core::Hash32 program, program_of(context, options));
    on_evm::Node* node = nullptr;
    if (!context.is_on_solana()) {
        LATCHKEY_TRY(const std::string chain, context.chain_name());
        LATCHKEY_TRY(node, context.node(chain));
    }
    std::vector<std::vector<std::string>> rows{{"contract", "address", ""}};
    json::array list;
    for (const auto& [name, address] : all_addresses(program)) {
        json::object fields = fields_of(name, address);
        std::string state;
        if (node != nullptr) {
            LATCHKEY_TRY(const bool found, is_there(*node, address));
            fields["is_there"] = found;
            state = found ? "on " + node->chain().name : "missing on " + node->chain().name;
        }
        rows.push_back({name, evm::to_string(address), state});
        list.emplace_back(std::move(fields));
    }
    Report report;
    report.lines = format_table(rows, {false, false, false});
    report.fields = {{"contracts", std::move(list)}};
    return report;
}

Result<Report> contracts_deploy(Context& context, const ContractsOptions& options) {
    LATCHKEY_TRY(const core::Hash32 program, program_of(context, options));
    LATCHKEY_TRY(const std::string chain, context.chain_name());
    if (chain == kSolana) {
        return fail(ErrorCode::kCommandInput, "name the EVM chain with --chain");
    }
    LATCHKEY_TRY(on_evm::Node* const node, context.node(chain));
    const evm::Address deployer = evm::wallet::kDeterministicDeployer;
    LATCHKEY_TRY(const bool has_deployer, is_there(*node, deployer));
    if (!has_deployer) {
        return fail(ErrorCode::kUnsupported, chain + " has no deterministic deployer at " +
                                                 evm::to_string(deployer) +
                                                 "; docs/deploying.md says how it gets there");
    }
    std::unique_ptr<Key> own;
    LATCHKEY_TRY(const Key* const payer,
                 on_evm::find_gas_payer(context, options.gas_payer, {}, own));
    Report report;
    json::array list;
    for (const ReleasedContract& one : evm::wallet::released_contracts(program)) {
        const std::string place = std::string(one.name) + " " + evm::to_string(one.address);
        json::object fields = fields_of(one.name, one.address);
        LATCHKEY_TRY(const bool found, is_there(*node, one.address));
        fields["was_there"] = found;
        if (found) {
            report.lines.push_back(place + " is there");
        } else {
            const on_evm::Outgoing making{
                deployer, {}, evm::wallet::deployer_calldata(one.init_code)};
            if (options.is_dry_run) {
                LATCHKEY_CHECK(node->simulate(payer->account_signer->address(), making));
                report.lines.push_back(place + " would be made");
            } else {
                LATCHKEY_TRY(const auto receipt, node->send(context.output(), *payer, making));
                report.lines.push_back(place + " was made");
                report.lines.push_back(
                    on_evm::receipt_line(context.output(), node->chain(), receipt));
                fields["transaction"] = on_evm::receipt_fields(node->chain(), receipt);
            }
        }
        list.emplace_back(std::move(fields));
    }
    report.fields = {{"chain", node->chain().name}, {"contracts", std::move(list)}};
    return report;
}

}  // namespace latchkey::cli
