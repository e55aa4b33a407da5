// SPDX-License-Identifier: Apache-2.0
#include "database/server_testing.hpp"

#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

namespace latchkey::database::testing {

namespace {

std::optional<std::string> find_programs() {
    std::error_code none;
    const std::filesystem::path root = "/usr/lib/postgresql";
    for (const auto& version : std::filesystem::directory_iterator(root, none)) {
        if (std::filesystem::exists(version.path() / "bin/initdb", none)) {
            return (version.path() / "bin").string();
        }
    }
    return std::nullopt;
}

pid_t start(std::vector<std::string> command, const std::string& log) {
    // PostgreSQL refuses to run as root; and it must end with the test, however that ends.
    std::vector<std::string> whole = {"setpriv", "--pdeathsig", "INT"};
    if (::geteuid() == 0) {
        whole.insert(whole.end(), {"--reuid", "postgres", "--regid", "postgres", "--clear-groups"});
    }
    whole.insert(whole.end(), command.begin(), command.end());
    std::vector<char*> arguments;
    for (std::string& word : whole) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    const pid_t child = fork_or_die();
    if (child == 0) {
        if (std::freopen(log.c_str(), "a", stdout) == nullptr ||
            ::dup2(STDOUT_FILENO, STDERR_FILENO) < 0 || ::chdir("/") != 0) {
            leave(126);
        }
        ::execvp(arguments[0], arguments.data());
        leave(127);
    }
    return child;
}

class Server {
  public:
    Server(const std::string& programs, bool durable) : data_(folder_.path() + "/data") {
        if (::geteuid() == 0) {
            const passwd* user = ::getpwnam("postgres");
            if (user == nullptr ||
                ::chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
                return;
            }
        }
        const std::string log = folder_.path() + "/log";
        const int made = wait_for(start({programs + "/initdb", "-D", data_, "-U", "postgres", "-A",
                                         "trust", "-E", "UTF8", "--locale=C", "--no-sync"},
                                        log));
        if (made != 0) {
            return;
        }
        process_ = start({programs + "/postgres", "-D", data_, "-k", folder_.path(), "-c",
                          "listen_addresses=", "-c", "max_connections=50", "-c",
                          durable ? "fsync=on" : "fsync=off"},
                         log);
        const std::string url = "postgresql:///postgres?user=postgres&host=" + folder_.path();
        for (int i = 0; i < 300 && !ready_; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            ready_ = PQping(url.c_str()) == PQPING_OK;
        }
        url_ = url;
    }
    ~Server() {
        if (process_ > 0) {
            ::kill(process_, SIGINT);
            wait_for(process_);
        }
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::optional<std::string> url() const { return ready_ ? std::optional(url_) : std::nullopt; }

  private:
    TemporaryFolder folder_;
    std::string data_;
    std::string url_;
    pid_t process_ = 0;
    bool ready_ = false;
};

}  // namespace

TemporaryFolder::TemporaryFolder() {
    path_ = (std::filesystem::temp_directory_path() / "latchkey-database-XXXXXX").string();
    if (::mkdtemp(path_.data()) == nullptr) {
        std::perror("mkdtemp");
        std::abort();
    }
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::optional<std::string> postgresql_url(bool durable) {
    static const std::unique_ptr<Server> server = [&] {
        const auto programs = find_programs();
        if (!programs.has_value()) {
            std::fprintf(stderr, "PostgreSQL is not installed: apt-get install postgresql\n");
        }
        return programs.has_value() ? std::make_unique<Server>(*programs, durable) : nullptr;
    }();
    return server == nullptr ? std::nullopt : server->url();
}

pid_t fork_or_die() {
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child < 0) {
        std::perror("fork");
        std::abort();
    }
    return child;
}

void leave(int status) {
    // Without destructors: what they would end is the parent's.
    ::_exit(status);
}

int wait_for(pid_t child) {
    int status = 0;
    if (::waitpid(child, &status, 0) != child) {
        return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace latchkey::database::testing
