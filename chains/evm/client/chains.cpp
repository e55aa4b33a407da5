// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/chains.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdlib>
#include <set>

#include "chains/evm/client/builtin_chains.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::evm {

namespace json = boost::json;
using core::ErrorCode;
using core::fail;

namespace {

constexpr std::size_t kTextBytesMax = 1 << 20;
constexpr std::size_t kChainsMax = 1000;
constexpr std::size_t kNameMax = 32;
constexpr std::size_t kSymbolMax = 12;
constexpr std::size_t kEndpointsMax = 16;
constexpr std::uint64_t kConfirmationsMax = 10'000;
constexpr std::uint64_t kBlockMillisecondsMax = 3'600'000;
constexpr std::uint64_t kWeiPerGwei = 1'000'000'000;
/// One whole coin for a unit of gas.
constexpr std::uint64_t kGasPriceGweiMax = 1'000'000'000;
/// What JSON numbers hold exactly everywhere.
constexpr std::uint64_t kChainIdMax = (std::uint64_t{1} << 53) - 1;
constexpr std::string_view kMembers[] = {
    "name",          "chain_id",           "native_symbol",      "is_testnet",
    "confirmations", "block_milliseconds", "gas_price_gwei_max", "endpoints",
    "explorer"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_name(std::string_view text) {
    const auto belongs = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; };
    return !text.empty() && text.size() <= kNameMax &&
           std::all_of(text.begin(), text.end(), belongs) &&
           !std::all_of(text.begin(), text.end(), is_digit);
}

bool is_symbol(std::string_view text) {
    const auto belongs = [](char c) { return c > ' ' && c <= '~'; };
    return !text.empty() && text.size() <= kSymbolMax &&
           std::all_of(text.begin(), text.end(), belongs);
}

/// Another one than those is a typing error that would otherwise go unseen.
Result<void> check_members(const json::object& entry, const std::string& where) {
    for (const auto& member : entry) {
        const std::string_view name(member.key().data(), member.key().size());
        if (std::find(std::begin(kMembers), std::end(kMembers), name) != std::end(kMembers)) {
            continue;
        }
        std::string context = where;
        context += ": there is no member \"";
        context += name.substr(0, kNameMax);
        context += "\"; members are";
        for (const std::string_view one : kMembers) {
            context += one == kMembers[0] ? " " : ", ";
            context += one;
        }
        return fail(ErrorCode::kInvalidChainFile, std::move(context));
    }
    return {};
}

/// One chain's members, and how to speak of it.
class Entry {
  public:
    Entry(const json::object& members, std::string where)
        : members_(members), where_(std::move(where)) {}

    [[nodiscard]] tl::unexpected<core::Error> wrong(std::string_view name,
                                                    std::string_view should_be) const {
        return fail(ErrorCode::kInvalidChainFile,
                    where_ + ": " + std::string(name) + " must be " + std::string(should_be));
    }

    [[nodiscard]] const json::value* find(std::string_view name) const {
        return members_.if_contains({name.data(), name.size()});
    }

    /// Stays what it is if the member is absent.
    Result<void> read_text(std::string_view name, std::string& out,
                           bool (*is_valid)(std::string_view), std::string_view should_be) const {
        const json::value* found = find(name);
        if (found == nullptr) {
            return {};
        }
        const json::string* text = found->if_string();
        if (text == nullptr || !is_valid({text->data(), text->size()})) {
            return wrong(name, should_be);
        }
        out.assign(text->data(), text->size());
        return {};
    }

    Result<void> read_number(std::string_view name, std::uint64_t& out, std::uint64_t max) const {
        const json::value* found = find(name);
        if (found == nullptr) {
            return {};
        }
        boost::system::error_code error;
        const bool is_whole = found->is_int64() || found->is_uint64();
        const auto number = is_whole ? found->to_number<std::uint64_t>(error) : 0;
        if (!is_whole || error || number == 0 || number > max) {
            return wrong(name, "a whole number from 1 to " + std::to_string(max));
        }
        out = number;
        return {};
    }

    Result<void> read_flag(std::string_view name, bool& out) const {
        const json::value* found = find(name);
        if (found == nullptr) {
            return {};
        }
        if (!found->is_bool()) {
            return wrong(name, "true or false");
        }
        out = found->get_bool();
        return {};
    }

    Result<void> read_endpoints(std::vector<net::Url>& out) const {
        const json::value* found = find("endpoints");
        if (found == nullptr) {
            return {};
        }
        const json::array* list = found->if_array();
        if (list == nullptr || list->empty() || list->size() > kEndpointsMax) {
            return wrong("endpoints", "a list of 1 to " + std::to_string(kEndpointsMax) + " URLs");
        }
        out.clear();
        for (const json::value& one : *list) {
            const json::string* text = one.if_string();
            const auto url =
                net::parse_url(text == nullptr ? std::string_view()
                                               : std::string_view(text->data(), text->size()));
            if (!url || url->is_websocket()) {
                return wrong("endpoints",
                             "http or https URLs such as https://rpc.example.org; entry " +
                                 std::to_string(out.size() + 1) + " is not one");
            }
            out.push_back(*url);
        }
        return {};
    }

    Result<void> read_explorer(std::optional<std::string>& out) const {
        const auto is_site = [](std::string_view text) {
            const auto url = net::parse_url(text);
            return url && !url->is_websocket() && !text.ends_with('/');
        };
        std::string text;
        LATCHKEY_CHECK(read_text("explorer", text, is_site,
                                 "an http or https URL without a slash at its end"));
        if (!text.empty()) {
            out = std::move(text);
        }
        return {};
    }

  private:
    const json::object& members_;
    std::string where_;
};

/// The members that are there take the place of those in `chain`.
Result<void> read_chain(const Entry& entry, Chain& chain) {
    LATCHKEY_CHECK(entry.read_text("native_symbol", chain.native_symbol, is_symbol,
                                   "1 to 12 printable characters"));
    LATCHKEY_CHECK(entry.read_flag("is_testnet", chain.is_testnet));
    LATCHKEY_CHECK(entry.read_number("confirmations", chain.confirmations, kConfirmationsMax));
    auto block_milliseconds = static_cast<std::uint64_t>(chain.block_time.count());
    LATCHKEY_CHECK(
        entry.read_number("block_milliseconds", block_milliseconds, kBlockMillisecondsMax));
    chain.block_time = net::Milliseconds(block_milliseconds);
    LATCHKEY_CHECK(
        entry.read_number("gas_price_gwei_max", chain.gas_price_gwei_max, kGasPriceGweiMax));
    LATCHKEY_CHECK(entry.read_endpoints(chain.endpoints));
    LATCHKEY_CHECK(entry.read_explorer(chain.explorer));
    if (chain.endpoints.empty()) {
        return entry.wrong("endpoints", "given: at least one URL");
    }
    return {};
}

/// Name and chain id belong together: neither may mean another chain than before.
Result<Chain*> place_for(std::vector<Chain>& chains, const Entry& entry) {
    std::string name;
    LATCHKEY_CHECK(
        entry.read_text("name", name, is_name, "at most 32 of a-z, 0-9 and -, and not a number"));
    std::uint64_t chain_id = 0;
    LATCHKEY_CHECK(entry.read_number("chain_id", chain_id, kChainIdMax));
    if (name.empty() || chain_id == 0) {
        return entry.wrong("name and chain_id", "given");
    }
    for (Chain& known : chains) {
        if (known.name == name && known.chain_id == chain_id) {
            return &known;
        }
        if (known.name == name) {
            return entry.wrong("chain_id", std::to_string(known.chain_id) + ", which is " + name +
                                               "'s; or take another name");
        }
        if (known.chain_id == chain_id) {
            return entry.wrong("name", '"' + known.name + "\", whose chain_id this is");
        }
    }
    Chain& added = chains.emplace_back();
    added.name = std::move(name);
    added.chain_id = chain_id;
    return &added;
}

std::string describe(std::size_t position, const json::object& entry) {
    std::string out = "chain " + std::to_string(position + 1);
    const json::value* name = entry.if_contains("name");
    if (name != nullptr && name->is_string()) {
        const std::string_view text(name->get_string().data(), name->get_string().size());
        if (is_name(text)) {
            out += " (" + std::string(text) + ")";
        }
    }
    return out;
}

}  // namespace

ChainRegistry ChainRegistry::builtin() {
    ChainRegistry out;
    // A mistake in our own file, which the tests read.
    if (!out.read(builtin_chains_text())) {
        std::abort();
    }
    return out;
}

Result<void> ChainRegistry::read(std::string_view text) {
    if (text.size() > kTextBytesMax) {
        return fail(ErrorCode::kInvalidChainFile, "the text is longer than 1 MiB");
    }
    LATCHKEY_TRY(json::value root, net::parse_json(text));
    json::array entries;
    if (root.is_array()) {
        entries = std::move(root.get_array());
    } else {
        entries.push_back(std::move(root));
    }
    if (entries.size() > kChainsMax) {
        return fail(ErrorCode::kInvalidChainFile,
                    "at most " + std::to_string(kChainsMax) + " chains");
    }
    std::vector<Chain> chains = chains_;
    std::set<std::uint64_t> seen;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const json::object* members = entries[i].if_object();
        if (members == nullptr) {
            return fail(ErrorCode::kInvalidChainFile,
                        "chain " + std::to_string(i + 1) + " must be an object: {\"name\": ...}");
        }
        const Entry entry(*members, describe(i, *members));
        LATCHKEY_CHECK(check_members(*members, describe(i, *members)));
        LATCHKEY_TRY(Chain * chain, place_for(chains, entry));
        if (!seen.insert(chain->chain_id).second) {
            return entry.wrong("chain_id", "there once only");
        }
        LATCHKEY_CHECK(read_chain(entry, *chain));
    }
    chains_ = std::move(chains);
    return {};
}

Result<Chain> ChainRegistry::find(std::string_view name_or_chain_id) const {
    std::string known;
    for (const Chain& one : all()) {
        if (one.name == name_or_chain_id || std::to_string(one.chain_id) == name_or_chain_id) {
            return one;
        }
        known += (known.empty() ? "" : ", ") + one.name;
    }
    return fail(ErrorCode::kUnknownChain, "chains are " + known);
}

std::vector<Chain> ChainRegistry::all() const {
    std::vector<Chain> out = chains_;
    std::sort(out.begin(), out.end(),
              [](const Chain& a, const Chain& b) { return a.chain_id < b.chain_id; });
    return out;
}

net::JsonRpcOptions rpc_transport_options(const Chain& chain) {
    std::vector<net::JsonRpcEndpoint> endpoints;
    for (const net::Url& url : chain.endpoints) {
        endpoints.emplace_back().url = url;
    }
    return rpc_transport_options(std::move(endpoints));
}

SubmitOptions submit_options(const Chain& chain) {
    constexpr net::Milliseconds kPollMin{200};
    constexpr net::Milliseconds kPollMax{4000};
    constexpr net::Milliseconds kResendMin{10000};
    constexpr net::Milliseconds kPatience{180000};
    SubmitOptions out;
    out.confirmations = chain.confirmations;
    out.poll_interval = std::clamp(chain.block_time / 2, kPollMin, kPollMax);
    out.resend_interval = std::max(kResendMin, 3 * chain.block_time);
    out.timeout = kPatience + 2 * static_cast<std::int64_t>(chain.confirmations) * chain.block_time;
    return out;
}

FeeOptions fee_options(const Chain& chain) {
    FeeOptions out;
    // Both factors are below 2^30.
    out.max_fee_cap = Uint256(chain.gas_price_gwei_max * kWeiPerGwei);
    return out;
}

std::optional<std::string> transaction_link(const Chain& chain, const Hash32& hash) {
    if (!chain.explorer) {
        return std::nullopt;
    }
    return *chain.explorer + "/tx/" + core::encode_hex_prefixed(hash);
}

}  // namespace latchkey::evm
