// SPDX-License-Identifier: Apache-2.0
// The program itself: arguments, files and exit codes.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/sbf-link/testing/compile.hpp"
#include "tools/sbf-link/testing/strict_loader.hpp"

namespace latchkey::sbf_link {
namespace {

using ::testing::HasSubstr;
using namespace sbf_link::testing;
namespace fs = std::filesystem;

struct Outcome {
    int exit_code;
    std::string output;
};

class Cli : public ::testing::Test {
  protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / fmt::format("sbf-link-cli-{}", ::getpid());
        fs::create_directories(folder_);
        const Bytes object = compile(
            "extern \"C\" { extern const unsigned char kSlot[32];"
            "  const unsigned char kSlot[32] = {1}; }"
            "extern \"C\" unsigned long entrypoint(unsigned long* in) {"
            "    const volatile unsigned char* slot = kSlot; return slot[in[0]]; }");
        std::ofstream(path("program.o"), std::ios::binary)
            .write(reinterpret_cast<const char*>(object.data()),
                   static_cast<std::streamsize>(object.size()));
    }
    void TearDown() override { fs::remove_all(folder_); }

    std::string path(std::string_view name) const { return (folder_ / name).string(); }

    // The arguments may name files of the test's folder as @file.
    Outcome run(std::string arguments) const {
        for (std::size_t at = 0; (at = arguments.find('@', at)) != std::string::npos;) {
            arguments.replace(at, 1, folder_.string() + "/");
        }
        const std::string command = fmt::format("{} {} 2>&1", SBF_LINK_PROGRAM, arguments);
        FILE* const pipe = ::popen(command.c_str(), "r");
        Outcome result{.exit_code = -1, .output = {}};
        std::array<char, 4096> buffer;
        while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
            result.output.append(buffer.data(), count);
        }
        const int status = ::pclose(pipe);
        result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        return result;
    }

    std::optional<Bytes> read(std::string_view name) const {
        std::ifstream stream(path(name), std::ios::binary);
        if (!stream) {
            return std::nullopt;
        }
        return Bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    }

    void expect_refused(const std::string& arguments, int exit_code, std::string_view message) {
        const Outcome result = run(arguments);
        EXPECT_EQ(result.exit_code, exit_code) << result.output;
        EXPECT_THAT(result.output, HasSubstr(message));
        EXPECT_FALSE(read("out.so").has_value()) << arguments;
        EXPECT_FALSE(read("out.so.tmp").has_value()) << arguments;
    }

  private:
    fs::path folder_;
};

TEST_F(Cli, Links) {
    const Outcome result = run("-o @out.so --map @out.map @program.o");
    EXPECT_EQ(result.exit_code, 0) << result.output;
    EXPECT_EQ(result.output, "");
    const auto program = read("out.so");
    ASSERT_TRUE(program);
    EXPECT_EQ(find_violation(*program), std::nullopt);
    const auto map = read("out.map");
    ASSERT_TRUE(map);
    EXPECT_THAT(std::string(map->begin(), map->end()),
                ::testing::StartsWith("0x000000010 0x20 data kSlot\n0x100000000 "));
    EXPECT_EQ(run("-o @again.so @program.o").exit_code, 0);
    EXPECT_EQ(read("again.so"), program);
}

TEST_F(Cli, PatchesASlot) {
    const std::string digits = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";
    // The object may follow the option: its value takes one argument only.
    EXPECT_EQ(run("-o @out.so --patch-slot kSlot=" + digits + " @program.o").exit_code, 0);
    const auto program = read("out.so");
    ASSERT_TRUE(program);
    for (std::size_t index = 0; index < 32; ++index) {
        EXPECT_EQ(program->at(176 + 16 + index), index);
    }
}

TEST_F(Cli, RefusesPatches) {
    const std::string link = "-o @out.so @program.o --patch-slot ";
    expect_refused(link + "kSlot", 50, "write NAME=HEX");
    expect_refused(link + "=00", 50, "write NAME=HEX");
    expect_refused(link + "kSlot=000", 50, "32 bytes in hexadecimal");
    expect_refused(link + "kSlot=0g", 50, "32 bytes in hexadecimal");
    expect_refused(link + "kSlot=00", 50, "1 bytes were given, a slot has 32");
    expect_refused(link + "kOther=" + std::string(64, '0'), 50, "no constant of that name");
}

TEST_F(Cli, RefusesArguments) {
    expect_refused("", 2, "required");
    expect_refused("-o @out.so", 2, "objects");
    expect_refused("@program.o", 2, "--output");
    expect_refused("-o @out.so --optimise @program.o", 2, "--optimise");
    expect_refused("-o @out.so --max-size 0 @program.o", 2, "--max-size");
    expect_refused("-o @out.so --max-size many @program.o", 2, "--max-size");
    expect_refused("-o @out.so @missing.o", 2, "missing.o: cannot be opened");
    expect_refused("-o @out.so @", 2, "is no file of at most");
    expect_refused("-o @nowhere/out.so @program.o", 2, "nowhere/out.so: cannot be written");
}

TEST_F(Cli, ExitCodeNamesTheReason) {
    expect_refused("-o @out.so --max-size 100 @program.o", 51, "more than its budget of 100");
    expect_refused("-o @out.so --entry main @program.o", 22, "entry function main");
    expect_refused("-o @out.so @program.o @program.o", 21, "already defined");
    std::ofstream{path("empty.o")}.close();
    expect_refused("-o @out.so @empty.o", 10, "empty.o: malformed object");
}

TEST_F(Cli, HelpAndVersion) {
    const Outcome help = run("--help");
    EXPECT_EQ(help.exit_code, 0);
    for (const char* const option :
         {"--output", "--entry", "--symbols", "--no-gc-sections", "--patch-slot", "--map",
          "--max-size", "--allow-gated-syscalls", "--version"}) {
        EXPECT_THAT(help.output, HasSubstr(option));
    }
    const Outcome version = run("--version");
    EXPECT_EQ(version.exit_code, 0);
    EXPECT_THAT(version.output, ::testing::MatchesRegex("sbf-link [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

}  // namespace
}  // namespace latchkey::sbf_link
