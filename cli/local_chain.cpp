// SPDX-License-Identifier: Apache-2.0
#include "cli/local_chain.hpp"

#include <boost/json/parse.hpp>
#include <chrono>
#include <cstdlib>

#include "cli/files.hpp"
#include "cli/source_tree.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;
namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::milliseconds kStartPatience{60'000};

Result<fs::path> find_devnet() {
    const char* const named = std::getenv("LATCHKEY_DEVNET");
    if (named != nullptr) {
        if (!fs::exists(fs::path(named) / "src/main.ts")) {
            return fail(ErrorCode::kLocalChain,
                        "LATCHKEY_DEVNET is " + std::string(named) +
                            ", where there is no src/main.ts; name the devnet folder of the source "
                            "tree");
        }
        return fs::path(named);
    }
    const auto found = find_upwards("devnet/src/main.ts");
    if (!found) {
        return fail(ErrorCode::kLocalChain,
                    "the local chain's folder devnet/ is not above this program; set "
                    "LATCHKEY_DEVNET to it");
    }
    return found->parent_path().parent_path();
}

/// The Node.js that the lock file pins, else the system's.
Result<std::string> find_node(const fs::path& devnet) {
    const fs::path modules = devnet / "node_modules";
    if (!fs::exists(modules)) {
        return fail(ErrorCode::kLocalChain,
                    modules.string() + " is missing; run ./dev setup (or npm ci in devnet/)");
    }
    const fs::path pinned = modules / ".bin/node";
    return fs::exists(pinned) ? pinned.string() : std::string("node");
}

/// The last line that the node wrote before it ended, without its name.
std::string words_in(std::string_view text) {
    constexpr std::string_view kName = "latchkey-devnet: ";
    while (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    const std::size_t start = text.rfind(kName);
    if (start == std::string_view::npos) {
        return {};
    }
    text.remove_prefix(start + kName.size());
    return std::string(text.substr(0, text.find('\n')));
}

tl::unexpected<core::Error> not_started(const std::string& words) {
    return fail(ErrorCode::kLocalChain,
                "the local chain did not start: " +
                    (words.empty() ? std::string("`latchkey dev --log` shows the node's own words")
                                   : words));
}

std::vector<std::string> arguments(const std::string& node, const fs::path& devnet,
                                   const LocalChainOptions& options, const std::string& program) {
    std::vector<std::string> words{node,
                                   "--disable-warning=ExperimentalWarning",
                                   (devnet / "src/main.ts").string(),
                                   "--json-log",
                                   "--port",
                                   std::to_string(options.port),
                                   "--slot-ms",
                                   std::to_string(options.slot_milliseconds),
                                   "--program",
                                   solana::to_base58(kLocalProgram) + "=" + program};
    if (!options.ledger.empty()) {
        words.insert(words.end(), {"--ledger", options.ledger});
    }
    if (options.resets_ledger) {
        words.emplace_back("--reset");
    }
    return words;
}

}  // namespace

core::Hash32 local_cluster() {
    return core::crypto::sha256(core::as_bytes("Latchkey local chain"));
}

Result<std::string> find_program_file() {
    const char* const named = std::getenv("LATCHKEY_PROGRAM_FILE");
    if (named != nullptr) {
        return std::string(named);
    }
    const auto found = find_upwards("sbf/solana_program.so");
    if (!found) {
        return fail(ErrorCode::kLocalChain,
                    "the wallet program is not built; run ./dev build release solana_program_elf, "
                    "or name the file with --program-file");
    }
    return found->string();
}

Result<LocalChain> LocalChain::start(const LocalChainOptions& options) {
    LATCHKEY_TRY(const fs::path devnet, find_devnet());
    LATCHKEY_TRY(const std::string node, find_node(devnet));
    LocalChain out;
    out.program_file_ = options.program_file;
    if (out.program_file_.empty()) {
        LATCHKEY_TRY(out.program_file_, find_program_file());
    }
    LATCHKEY_TRY(const core::Bytes elf, read_file(out.program_file_, kProgramFileBytesMax));
    if (!core::as_text(elf).starts_with("\x7f"
                                        "ELF")) {
        return fail(ErrorCode::kLocalChain, out.program_file_ +
                                                " is not a program: --program-file names the ELF "
                                                "that `./dev build` makes");
    }
    if (!options.ledger.empty()) {
        // Node.js never returns when it shall make a folder where none can be, as in /proc.
        std::error_code error;
        fs::create_directories(options.ledger, error);
        if (error) {
            return fail(ErrorCode::kLocalChain, "the ledger's folder " + options.ledger +
                                                    " cannot be made: " + error.message());
        }
    }
    LATCHKEY_TRY(out.process_,
                 ChildProcess::start(arguments(node, devnet, options, out.program_file_),
                                     options.shows_log));
    json::error_code error;
    const json::value ready = json::parse(out.process_.read_line(kStartPatience), error);
    const json::object* const fields = error ? nullptr : ready.if_object();
    if (fields == nullptr || !fields->contains("rpc_url")) {
        return not_started(out.last_words());
    }
    out.rpc_url_ = std::string(fields->at("rpc_url").as_string());
    out.ws_url_ = std::string(fields->at("ws_url").as_string());
    for (const json::value& program : fields->at("programs").as_array()) {
        out.program_state_ = std::string(program.at("state").as_string());
    }
    return out;
}

int LocalChain::wait() {
    return process_.wait();
}

std::string LocalChain::last_words() const {
    return words_in(process_.log_tail());
}

}  // namespace latchkey::cli
