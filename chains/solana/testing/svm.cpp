// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/testing/svm.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace latchkey::solana::testing {
namespace {

namespace json = boost::json;

constexpr std::size_t kFrameSizeMax = std::size_t{64} * 1024 * 1024;

std::string to_base64(ByteSpan bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                       static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

Bytes from_base64(std::string_view text) {
    Bytes bytes(3 * (text.size() / 4));
    const int length =
        EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                        static_cast<int>(text.size()));
    if (length < 0) {
        throw std::runtime_error("the VM host answered with malformed base64");
    }
    // EVP_DecodeBlock counts the padding as data.
    std::size_t size = static_cast<std::size_t>(length);
    for (std::size_t i = text.size(); size > 0 && i > 0 && text[i - 1] == '='; --i) {
        --size;
    }
    bytes.resize(size);
    return bytes;
}

Key key_from(const json::value& value) {
    const Bytes bytes = from_base64(value.as_string());
    Key key{};
    if (bytes.size() != key.size()) {
        throw std::runtime_error("the VM host answered with an address that is not 32 bytes");
    }
    std::memcpy(key.data(), bytes.data(), key.size());
    return key;
}

std::uint64_t u64_from(const json::value& value) {
    return std::stoull(std::string(value.as_string()));
}

std::int64_t i64_from(const json::value& value) {
    return std::stoll(std::string(value.as_string()));
}

json::array keys_to(std::span<const Key> keys) {
    json::array array;
    for (const Key& key : keys) {
        array.emplace_back(to_base64(key));
    }
    return array;
}

Account account_from(const json::object& object) {
    return {.lamports = u64_from(object.at("lamports")),
            .owner = key_from(object.at("owner")),
            .data = from_base64(object.at("data").as_string()),
            .executable = object.at("executable").as_bool()};
}

std::optional<Account> optional_account_from(const json::value& value) {
    if (value.is_null()) {
        return std::nullopt;
    }
    return account_from(value.as_object());
}

std::vector<AddressedAccount> addressed_accounts_from(const json::value& value) {
    std::vector<AddressedAccount> accounts;
    for (const json::value& entry : value.as_array()) {
        accounts.push_back({key_from(entry.at("address")), account_from(entry.as_object())});
    }
    return accounts;
}

Clock clock_from(const json::value& value) {
    return {.slot = u64_from(value.at("slot")),
            .epoch_start_timestamp = i64_from(value.at("epoch_start_timestamp")),
            .epoch = u64_from(value.at("epoch")),
            .leader_schedule_epoch = u64_from(value.at("leader_schedule_epoch")),
            .unix_timestamp = i64_from(value.at("unix_timestamp"))};
}

void read_error(const json::value& error, SendResult& result) {
    result.error = json::serialize(error);
    if (error.is_string()) {
        result.error_name = error.as_string();
        return;
    }
    const json::value* instruction = error.as_object().if_contains("InstructionError");
    if (instruction == nullptr) {
        return;
    }
    result.instruction_index = static_cast<int>(instruction->as_array().at(0).to_number<int>());
    const json::value& cause = instruction->as_array().at(1);
    if (cause.is_string()) {
        result.error_name = cause.as_string();
    } else if (const json::value* code = cause.as_object().if_contains("Custom")) {
        result.custom_code = code->to_number<std::uint32_t>();
    }
}

std::vector<InnerInstruction> inner_instructions_from(const json::value& list) {
    std::vector<InnerInstruction> instructions;
    for (const json::value& entry : list.as_array()) {
        instructions.push_back(
            {.program_index = entry.at("program_index").to_number<std::uint8_t>(),
             .account_indexes = from_base64(entry.at("accounts").as_string()),
             .data = from_base64(entry.at("data").as_string()),
             .stack_height = entry.at("stack_height").to_number<std::uint8_t>()});
    }
    return instructions;
}

SendResult send_result_from(const json::value& value) {
    const json::object& object = value.as_object();
    SendResult result;
    result.ok = object.at("ok").as_bool();
    if (!result.ok) {
        read_error(object.at("error"), result);
    }
    result.compute_units = u64_from(object.at("compute_units"));
    result.fee = u64_from(object.at("fee"));
    for (const json::value& line : object.at("logs").as_array()) {
        result.logs.emplace_back(line.as_string());
    }
    if (const json::value& data = object.at("return_data"); !data.is_null()) {
        result.return_data =
            ReturnData{key_from(data.at("program")), from_base64(data.at("data").as_string())};
    }
    for (const json::value& list : object.at("inner_instructions").as_array()) {
        result.inner_instructions.push_back(inner_instructions_from(list));
    }
    if (const json::value* accounts = object.if_contains("post_accounts")) {
        result.post_accounts = addressed_accounts_from(*accounts);
    }
    return result;
}

/// The result of an answer; throws the host's error.
json::value result_of(json::value answer) {
    json::object& object = answer.as_object();
    if (const json::value* error = object.if_contains("error")) {
        throw std::runtime_error("VM host: " + std::string(error->as_string()));
    }
    return std::move(object.at("result"));
}

json::object create_request(const SvmOptions& options) {
    json::object request{
        {"op", "create"},
        {"features", options.features == SvmOptions::Features::kAll ? "all" : "mainnet"},
        {"activate", keys_to(options.activate)},
        {"deactivate", keys_to(options.deactivate)},
        {"lamports_per_byte", std::to_string(options.lamports_per_byte)},
        {"signature_check", options.signature_check},
        {"blockhash_check", options.blockhash_check}};
    if (options.history_capacity) {
        request["history_capacity"] = std::to_string(*options.history_capacity);
    }
    if (options.log_bytes_limit) {
        if (*options.log_bytes_limit == 0) {
            request["log_bytes_limit"] = nullptr;
        } else {
            request["log_bytes_limit"] = std::to_string(*options.log_bytes_limit);
        }
    }
    return request;
}

json::object account_request(std::string_view op, const Key& address) {
    return {{"op", op}, {"address", to_base64(address)}};
}

json::object transaction_request(std::string_view op, ByteSpan transaction) {
    return {{"op", op}, {"transaction", to_base64(transaction)}};
}

}  // namespace

std::string devnet_directory() {
    if (const char* configured = std::getenv("LATCHKEY_DEVNET")) {
        return configured;
    }
    return LATCHKEY_DEVNET_DIRECTORY;
}

bool devnet_is_installed() {
    const std::filesystem::path directory = devnet_directory();
    return std::filesystem::exists(directory / "node_modules/.bin/node") &&
           std::filesystem::exists(directory / "node_modules/litesvm");
}

Svm::Svm(const SvmOptions& options) {
    start();
    try {
        reset(options);
    } catch (...) {
        stop();
        throw;
    }
}

Svm::~Svm() {
    stop();
}

void Svm::start() {
    if (!devnet_is_installed()) {
        throw std::runtime_error(
            "devnet/node_modules is missing: run `./dev setup` (or `npm ci` in " +
            devnet_directory() + ")");
    }
    // A host that died must show as an error of the write, not end the test program.
    std::signal(SIGPIPE, SIG_IGN);
    int input[2] = {-1, -1};
    int output[2] = {-1, -1};
    if (pipe2(input, O_CLOEXEC) != 0) {
        throw std::system_error(errno, std::generic_category(), "pipe2");
    }
    if (pipe2(output, O_CLOEXEC) != 0) {
        const int error = errno;
        close(input[0]);
        close(input[1]);
        throw std::system_error(error, std::generic_category(), "pipe2");
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    std::string node = devnet_directory() + "/node_modules/.bin/node";
    std::string script = devnet_directory() + "/src/vm-host.ts";
    std::string quiet = "--disable-warning=ExperimentalWarning";
    char* arguments[] = {node.data(), quiet.data(), script.data(), nullptr};
    const int error = posix_spawn(&process_, node.c_str(), &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(input[0]);
    close(output[1]);
    to_host_ = input[1];
    from_host_ = output[0];
    if (error != 0) {
        process_ = -1;
        stop();
        throw std::system_error(error, std::generic_category(), "posix_spawn " + node);
    }
}

void Svm::stop() noexcept {
    // The end of its input ends the host.
    for (int* descriptor : {&to_host_, &from_host_}) {
        if (*descriptor >= 0) {
            close(*descriptor);
            *descriptor = -1;
        }
    }
    if (process_ > 0) {
        while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
        }
        process_ = -1;
    }
}

void Svm::host_died(std::string_view what) {
    const int error = errno;
    int status = 0;
    std::string message = "the VM host ended while " + std::string(what);
    if (process_ > 0 && waitpid(process_, &status, WNOHANG) == process_) {
        process_ = -1;
        message += WIFSIGNALED(status) ? " (signal " + std::to_string(WTERMSIG(status)) + ")"
                                       : " (exit code " + std::to_string(WEXITSTATUS(status)) + ")";
    } else if (error != 0) {
        message += ": " + std::generic_category().message(error);
    }
    throw std::runtime_error(message + "; its own message is on standard error");
}

void Svm::write_all(const void* data, std::size_t size) {
    const auto* cursor = static_cast<const std::uint8_t*>(data);
    while (size > 0) {
        const ssize_t written = write(to_host_, cursor, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            host_died("it was asked something");
        }
        cursor += written;
        size -= static_cast<std::size_t>(written);
    }
}

void Svm::read_all(void* data, std::size_t size) {
    auto* cursor = static_cast<std::uint8_t*>(data);
    while (size > 0) {
        const ssize_t count = read(from_host_, cursor, size);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            errno = count == 0 ? 0 : errno;
            host_died("it was answering");
        }
        cursor += count;
        size -= static_cast<std::size_t>(count);
    }
}

json::value Svm::call(const json::object& request) {
    const std::string body = json::serialize(request);
    if (body.size() > kFrameSizeMax) {
        throw std::runtime_error("a request to the VM host is larger than 64 MiB");
    }
    std::string frame(4, '\0');
    for (unsigned i = 0; i < 4; ++i) {
        frame[i] = static_cast<char>(static_cast<std::uint8_t>(body.size() >> (8 * i)));
    }
    frame += body;
    write_all(frame.data(), frame.size());
    std::array<std::uint8_t, 4> head{};
    read_all(head.data(), head.size());
    std::size_t length = 0;
    for (unsigned i = 0; i < 4; ++i) {
        length |= std::size_t{head[i]} << (8 * i);
    }
    std::string answer(length, '\0');
    read_all(answer.data(), answer.size());
    return result_of(json::parse(answer));
}

void Svm::reset(const SvmOptions& options) {
    call(create_request(options));
}

void Svm::set_checks(bool signature_check, bool blockhash_check) {
    call({{"op", "set_checks"},
          {"signature_check", signature_check},
          {"blockhash_check", blockhash_check}});
}

void Svm::set_account(const Key& address, const Account& account) {
    call({{"op", "set_account"},
          {"address", to_base64(address)},
          {"lamports", std::to_string(account.lamports)},
          {"owner", to_base64(account.owner)},
          {"data", to_base64(account.data)},
          {"executable", account.executable}});
}

std::optional<Account> Svm::get_account(const Key& address) {
    return optional_account_from(call(account_request("get_account", address)));
}

std::vector<std::optional<Account>> Svm::get_accounts(std::span<const Key> addresses) {
    const json::value answer = call({{"op", "get_accounts"}, {"addresses", keys_to(addresses)}});
    std::vector<std::optional<Account>> accounts;
    for (const json::value& entry : answer.as_array()) {
        accounts.push_back(optional_account_from(entry));
    }
    return accounts;
}

std::uint64_t Svm::get_balance(const Key& address) {
    return u64_from(call(account_request("get_balance", address)));
}

std::vector<AddressedAccount> Svm::get_program_accounts(const Key& program) {
    return addressed_accounts_from(
        call({{"op", "get_program_accounts"}, {"program", to_base64(program)}}));
}

void Svm::load_program(const Key& program, ByteSpan elf) {
    call({{"op", "load_program"}, {"program", to_base64(program)}, {"elf", to_base64(elf)}});
}

DeployResult Svm::deploy_program(const Key& program, ByteSpan elf,
                                 const std::optional<Key>& upgrade_authority) {
    json::object request{
        {"op", "deploy_program"}, {"program", to_base64(program)}, {"elf", to_base64(elf)}};
    if (upgrade_authority) {
        request["upgrade_authority"] = to_base64(*upgrade_authority);
    }
    const json::value answer = call(request);
    return {.program_data = key_from(answer.at("program_data")),
            .transactions = answer.at("transactions").to_number<std::uint64_t>(),
            .compute_units = u64_from(answer.at("compute_units")),
            .fees = u64_from(answer.at("fees"))};
}

SendResult Svm::airdrop(const Key& address, std::uint64_t lamports) {
    return send_result_from(call({{"op", "airdrop"},
                                  {"address", to_base64(address)},
                                  {"lamports", std::to_string(lamports)}}));
}

Key Svm::latest_blockhash() {
    return key_from(call({{"op", "latest_blockhash"}}));
}

Key Svm::expire_blockhash() {
    return key_from(call({{"op", "expire_blockhash"}}));
}

Clock Svm::get_clock() {
    return clock_from(call({{"op", "get_clock"}}));
}

void Svm::set_clock(const Clock& clock) {
    call({{"op", "set_clock"},
          {"slot", std::to_string(clock.slot)},
          {"epoch_start_timestamp", std::to_string(clock.epoch_start_timestamp)},
          {"epoch", std::to_string(clock.epoch)},
          {"leader_schedule_epoch", std::to_string(clock.leader_schedule_epoch)},
          {"unix_timestamp", std::to_string(clock.unix_timestamp)}});
}

Clock Svm::advance(std::uint64_t slots, std::int64_t seconds) {
    Clock clock = get_clock();
    clock.slot += slots;
    clock.unix_timestamp += seconds;
    set_clock(clock);
    return clock;
}

std::uint64_t Svm::get_rent() {
    return u64_from(call({{"op", "get_rent"}}));
}

void Svm::set_rent(std::uint64_t lamports_per_byte) {
    call({{"op", "set_rent"}, {"lamports_per_byte", std::to_string(lamports_per_byte)}});
}

std::uint64_t Svm::minimum_balance(std::uint64_t data_length) {
    return u64_from(
        call({{"op", "minimum_balance"}, {"data_length", std::to_string(data_length)}}));
}

SendResult Svm::send(ByteSpan transaction) {
    return send_result_from(call(transaction_request("send", transaction)));
}

SendResult Svm::simulate(ByteSpan transaction) {
    return send_result_from(call(transaction_request("simulate", transaction)));
}

std::vector<SendResult> Svm::send_all(std::span<const Bytes> transactions) {
    json::array requests;
    for (const Bytes& transaction : transactions) {
        requests.emplace_back(transaction_request("send", transaction));
    }
    json::value answers = call({{"op", "batch"}, {"requests", std::move(requests)}});
    std::vector<SendResult> results;
    for (json::value& answer : answers.as_array()) {
        results.push_back(send_result_from(result_of(std::move(answer))));
    }
    return results;
}

std::string Svm::snapshot() {
    return std::string(call({{"op", "snapshot"}}).at("id").as_string());
}

void Svm::restore(std::string_view snapshot) {
    call({{"op", "restore"}, {"id", snapshot}});
}

void Svm::drop_snapshot(std::string_view snapshot) {
    call({{"op", "drop_snapshot"}, {"id", snapshot}});
}

void Svm::save(std::string_view path) {
    call({{"op", "save"}, {"path", path}});
}

void Svm::load(std::string_view path) {
    call({{"op", "load"}, {"path", path}});
}

}  // namespace latchkey::solana::testing
