// SPDX-License-Identifier: Apache-2.0
#include "cli/local_chain.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <utility>

#include "cli/files.hpp"
#include "core/base/exec_pointers.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;
namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kReadyLineMax = 64 * 1024;
constexpr int kStartMillisecondsMax = 60'000;
constexpr std::chrono::milliseconds kStopPoll{10};
constexpr unsigned kStopPolls = 300;
constexpr int kExecFailed = 127;

fs::path executable_folder() {
    std::error_code error;
    const fs::path path = fs::read_symlink("/proc/self/exe", error);
    return error ? fs::current_path() : path.parent_path();
}

/// The first folder above this program, or above the current one, that holds `relative`.
std::optional<fs::path> find_upwards(const fs::path& relative) {
    for (fs::path folder : {executable_folder(), fs::current_path()}) {
        for (;;) {
            std::error_code error;
            if (fs::exists(folder / relative, error)) {
                return folder / relative;
            }
            if (folder == folder.root_path()) {
                break;
            }
            folder = folder.parent_path();
        }
    }
    return std::nullopt;
}

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

struct Pipe {
    int reading = -1;
    int writing = -1;
};

void run_child(std::vector<std::string> words, const Pipe& pipe, int log) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    // Ctrl-C reaches this program only, which then ends the node in order.
    ::setpgid(0, 0);
    ::dup2(pipe.writing, STDOUT_FILENO);
    if (log >= 0) {
        ::dup2(log, STDERR_FILENO);
    }
    const std::vector<char*> pointers = core::exec_pointers(words);
    ::execvp(pointers[0], pointers.data());
    ::_exit(kExecFailed);
}

/// One line, without its end; empty when the child ended or did not answer in time.
std::string read_ready_line(int from) {
    std::string line;
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(kStartMillisecondsMax);
    while (line.size() < kReadyLineMax) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        pollfd waiting{from, POLLIN, 0};
        char c = 0;
        if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0 ||
            ::read(from, &c, 1) != 1) {
            return {};
        }
        if (c == '\n') {
            break;
        }
        line += c;
    }
    return line;
}

/// The last line that the node wrote before it ended, without its name.
std::string words_in(int log) {
    constexpr std::string_view kName = "latchkey-devnet: ";
    std::array<char, 4096> buffer{};
    const off_t size = log >= 0 ? ::lseek(log, 0, SEEK_END) : 0;
    const off_t from = std::max<off_t>(0, size - static_cast<off_t>(buffer.size()));
    const ssize_t count = size > 0 ? ::pread(log, buffer.data(), buffer.size(), from) : 0;
    std::string_view text(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
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

volatile sig_atomic_t child_to_stop = 0;

void pass_signal_on(int /*number*/) {
    if (child_to_stop > 0) {
        ::kill(child_to_stop, SIGTERM);
    }
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
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return fail(ErrorCode::kLocalChain, "no pipe for the local chain's process");
    }
    const Pipe pipe{ends[0], ends[1]};
    const int log = options.shows_log ? -1 : ::memfd_create("latchkey-dev-log", MFD_CLOEXEC);
    out.log_ = log;
    out.process_ = ::fork();
    if (out.process_ == 0) {
        run_child(arguments(node, devnet, options, out.program_file_), pipe, log);
    }
    ::close(pipe.writing);
    out.output_ = pipe.reading;
    json::error_code error;
    const json::value ready = json::parse(read_ready_line(pipe.reading), error);
    const json::object* const fields = error ? nullptr : ready.if_object();
    if (out.process_ < 0 || fields == nullptr || !fields->contains("rpc_url")) {
        return not_started(words_in(log));
    }
    out.rpc_url_ = std::string(fields->at("rpc_url").as_string());
    out.ws_url_ = std::string(fields->at("ws_url").as_string());
    for (const json::value& program : fields->at("programs").as_array()) {
        out.program_state_ = std::string(program.at("state").as_string());
    }
    return out;
}

int LocalChain::wait() {
    child_to_stop = process_;
    struct sigaction action{};
    action.sa_handler = pass_signal_on;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    child_to_stop = 0;
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

std::string LocalChain::last_words() const {
    return words_in(log_);
}

void LocalChain::stop() {
    if (process_ > 0) {
        ::kill(process_, SIGTERM);
        for (unsigned i = 0; i < kStopPolls; ++i) {
            if (::waitpid(process_, nullptr, WNOHANG) != 0) {
                process_ = -1;
                break;
            }
            std::this_thread::sleep_for(kStopPoll);
        }
    }
    if (process_ > 0) {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    for (int* descriptor : {&output_, &log_}) {
        if (*descriptor >= 0) {
            ::close(*descriptor);
        }
        *descriptor = -1;
    }
    process_ = -1;
}

LocalChain::~LocalChain() {
    stop();
}

LocalChain::LocalChain(LocalChain&& other) noexcept {
    *this = std::move(other);
}

LocalChain& LocalChain::operator=(LocalChain&& other) noexcept {
    if (this != &other) {
        stop();
        process_ = std::exchange(other.process_, -1);
        output_ = std::exchange(other.output_, -1);
        log_ = std::exchange(other.log_, -1);
        rpc_url_ = std::move(other.rpc_url_);
        ws_url_ = std::move(other.ws_url_);
        program_state_ = std::move(other.program_state_);
        program_file_ = std::move(other.program_file_);
    }
    return *this;
}

}  // namespace latchkey::cli
