// SPDX-License-Identifier: Apache-2.0
#include "cli/places.hpp"

#include <algorithm>

#include "chains/solana/client/wallet_reader.hpp"
#include "cli/evm/operation.hpp"
#include "cli/text.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

std::string short_id(const core::ConfigId& id) {
    constexpr std::size_t kShownDigits = 16;
    return core::encode_hex(id.view()).substr(0, kShownDigits) + "…";
}

std::uint32_t newest_of(const std::vector<WalletPlace>& places) {
    std::uint32_t out = 0;
    for (const WalletPlace& one : places) {
        out = std::max(out, one.number);
    }
    return out;
}

bool is_same(const std::vector<WalletPlace>& places) {
    return std::all_of(places.begin(), places.end(),
                       [&](const WalletPlace& one) { return one.id == places.front().id; });
}

/// The chains that are behind, separated by commas.
std::string names_of_lagging(const std::vector<WalletPlace>& places) {
    std::string out;
    for (const WalletPlace& one : places) {
        if (one.number < newest_of(places)) {
            out += (out.empty() ? "" : ",") + one.chain;
        }
    }
    return out;
}

/// What to do about chains that differ.
std::string advice(const std::vector<WalletPlace>& places) {
    const std::string lagging = names_of_lagging(places);
    if (lagging.empty()) {
        return "They went different ways: change each by itself";
    }
    // Approvals are read from an EVM chain's transactions.
    const auto newest = std::find_if(places.begin(), places.end(), [&](const WalletPlace& one) {
        return one.chain != kSolana && one.number == newest_of(places);
    });
    return newest == places.end() ? "Repeat there what was changed on Solana, with its request and "
                                    "approvals: latchkey "
                                    "send"
                                  : "Repeat there what they lack: latchkey catch-up --chain " +
                                        lagging + " --from " + newest->chain;
}

}  // namespace

Result<WalletPlace> fetch_place(Context& context, const std::string& chain,
                                const std::string& wallet) {
    if (chain == kSolana) {
        LATCHKEY_TRY(const WalletFile file, context.wallet(wallet));
        LATCHKEY_TRY(Chain* const solana, context.chain_of(file.wallet));
        LATCHKEY_TRY(const auto now, solana->run(solana::fetch_wallet(solana->rpc(), file.wallet)));
        return WalletPlace{chain, now.sequence(), now.config_id()};
    }
    LATCHKEY_TRY(const on_evm::OpenWallet open, on_evm::open_wallet(context, wallet, chain));
    return WalletPlace{open.node->chain().name, open.snapshot.hot.number, open.snapshot.config_id};
}

Result<std::vector<WalletPlace>> fetch_places(Context& context, const std::string& wallet) {
    std::vector<WalletPlace> out;
    for (const std::string& chain : context.chains()) {
        LATCHKEY_TRY(WalletPlace place, fetch_place(context, chain, wallet));
        const bool is_there = std::any_of(
            out.begin(), out.end(), [&](const auto& one) { return one.chain == place.chain; });
        if (is_there) {
            return fail(ErrorCode::kCommandInput, "--chain names " + place.chain + " twice");
        }
        out.push_back(std::move(place));
    }
    return out;
}

Result<void> check_same_place(const std::vector<WalletPlace>& places) {
    if (is_same(places)) {
        return {};
    }
    std::string text;
    for (const WalletPlace& one : places) {
        text += one.chain + " is at configuration " + std::to_string(one.number) + " (" +
                short_id(one.id) + "). ";
    }
    return fail(ErrorCode::kChainsDiffer, text + advice(places));
}

Result<Report> show_places(Context& context, const std::string& wallet) {
    LATCHKEY_TRY(const auto places, fetch_places(context, wallet));
    Report report;
    json::array list;
    std::vector<std::vector<std::string>> rows{{"chain", "configuration", "id", ""}};
    for (const WalletPlace& one : places) {
        const std::uint32_t behind = newest_of(places) - one.number;
        rows.push_back({one.chain, std::to_string(one.number), core::encode_hex(one.id.view()),
                        behind == 0 ? "" : std::to_string(behind) + " behind"});
        list.emplace_back(json::object{{"chain", one.chain},
                                       {"number", one.number},
                                       {"configuration", core::encode_hex(one.id.view())},
                                       {"behind", behind}});
    }
    report.lines = format_table(rows, {false, true, false, false});
    if (!is_same(places)) {
        report.lines.push_back(advice(places));
    }
    report.fields = {{"chains", std::move(list)}, {"is_same", is_same(places)}};
    return report;
}

}  // namespace latchkey::cli
