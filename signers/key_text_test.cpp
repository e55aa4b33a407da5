// SPDX-License-Identifier: Apache-2.0
#include "signers/key_text.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/base/result_testing.hpp"
#include "core/encoding/base58.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::signers {
namespace {

using core::Bytes;
using core::ErrorCode;

// RFC 8032 section 7.1 test 1 as a key pair.
constexpr std::string_view kSeed =
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
constexpr std::string_view kPublic =
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

std::string keypair_hex() {
    return std::string(kSeed) + std::string(kPublic);
}

std::string keypair_json(std::string_view hex) {
    const Bytes bytes = core::decode_hex(hex).value();
    std::string json = "[";
    for (const std::uint8_t byte : bytes) {
        json += (json.size() > 1 ? "," : "") + std::to_string(byte);
    }
    return json + "]";
}

core::Result<PrivateKey> parse(KeyAlgorithm algorithm, std::string_view text) {
    SystemEntropy entropy;
    return parse_private_key(algorithm, core::as_bytes(text), entropy);
}

/// A folder of its own for each test, removed behind it.
class KeyFile : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "latchkey-XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string path(std::string_view name) const { return (folder_ / name).string(); }

    static void write(const std::string& path, std::string_view text, mode_t mode) {
        std::ofstream(path) << text;
        ASSERT_EQ(chmod(path.c_str(), mode), 0);
    }

    SystemEntropy entropy_;
    std::filesystem::path folder_;
};

TEST(KeyText, ed25519_formats_mean_the_same_key) {
    const std::string base58 =
        core::encode_base58(core::ByteView(core::decode_hex(keypair_hex()).value())).value();
    const std::string expected =
        core::encode_base58(core::decode_hex_as<core::Hash32>(kPublic).value());
    for (const std::string& text :
         {keypair_json(keypair_hex()), "  " + keypair_json(keypair_hex()) + "\n", base58,
          base58 + "\n", keypair_hex(), "0x" + keypair_hex(), std::string(kSeed),
          std::string(kSeed) + "\r\n"}) {
        const auto key = parse(KeyAlgorithm::kEd25519, text);
        ASSERT_OK(key) << text;
        EXPECT_EQ(public_text(*key), expected);
    }
}

TEST(KeyText, ed25519_exact_errors) {
    const std::string public_base58 =
        core::encode_base58(core::decode_hex_as<core::Hash32>(kPublic).value());
    std::string wrong_half = keypair_hex();
    wrong_half.back() = wrong_half.back() == 'a' ? 'b' : 'a';
    const std::pair<std::string, ErrorCode> rows[] = {
        {"", ErrorCode::kKeyFormat},
        {"   \n", ErrorCode::kKeyFormat},
        {public_base58, ErrorCode::kKeyFormat},
        {keypair_json(kSeed), ErrorCode::kKeyFormat},
        {keypair_json(keypair_hex()) + "]", ErrorCode::kKeyFormat},
        {wrong_half, ErrorCode::kInvalidPrivateKey},
        {keypair_json(wrong_half), ErrorCode::kInvalidPrivateKey},
        {keypair_hex().substr(2), ErrorCode::kKeyFormat},
        {"-----BEGIN PRIVATE KEY-----", ErrorCode::kKeyFormat}};
    for (const auto& [text, code] : rows) {
        const auto key = parse(KeyAlgorithm::kEd25519, text);
        EXPECT_ERROR(code, key) << text;
    }
}

TEST(KeyText, a_public_key_is_recognised) {
    const std::string public_base58 =
        core::encode_base58(core::decode_hex_as<core::Hash32>(kPublic).value());
    const auto key = parse(KeyAlgorithm::kEd25519, public_base58);
    EXPECT_NE(key.error().context.find("public key"), std::string::npos);
}

// Whatever goes wrong, the message must not repeat the key.
TEST(KeyText, errors_do_not_quote_the_text) {
    for (const auto algorithm :
         {KeyAlgorithm::kEd25519, KeyAlgorithm::kP256, KeyAlgorithm::kSecp256k1}) {
        const std::string almost = std::string(kSeed.substr(0, 63)) + "z";
        const auto key = parse(algorithm, almost);
        ASSERT_FALSE(key.has_value());
        EXPECT_EQ(key.error().to_string().find(kSeed.substr(0, 8)), std::string::npos);
    }
    const auto source = parse_secret_source(kSeed);
    EXPECT_EQ(source.error().to_string().find(kSeed.substr(0, 8)), std::string::npos);
}

TEST(KeyText, scalars) {
    EXPECT_EQ(
        public_text(parse(KeyAlgorithm::kSecp256k1,
                          "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80\n")
                        .value()),
        "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    EXPECT_EQ(public_text(parse(KeyAlgorithm::kP256,
                                "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721")
                              .value()),
              "0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6");
    for (const auto algorithm : {KeyAlgorithm::kP256, KeyAlgorithm::kSecp256k1}) {
        EXPECT_ERROR(ErrorCode::kInvalidPrivateKey, parse(algorithm, std::string(64, '0')));
        EXPECT_ERROR(ErrorCode::kInvalidPrivateKey, parse(algorithm, std::string(64, 'f')));
        EXPECT_ERROR(ErrorCode::kKeyFormat, parse(algorithm, std::string(62, '1')));
        EXPECT_ERROR(ErrorCode::kKeyFormat, parse(algorithm, std::string(66, '1')));
        EXPECT_ERROR(ErrorCode::kKeyFormat, parse(algorithm, ""));
    }
    EXPECT_ERROR(ErrorCode::kInvalidPrivateKey, parse(KeyAlgorithm::kP256, "-----BEGIN X-----"));
}

TEST(SecretSource, syntax) {
    EXPECT_EQ(std::get<EnvironmentSource>(parse_secret_source("env:KEY").value()).name, "KEY");
    EXPECT_EQ(std::get<FileSource>(parse_secret_source("file:/a:b").value()).path, "/a:b");
    EXPECT_EQ(std::get<DescriptorSource>(parse_secret_source("fd:3").value()).descriptor, 3);
    for (const std::string_view text : {"", "env:", "file:", "fd:", "fd:-1", "fd:3x", "fd: 3",
                                        "fd:99999999999", "/path", "ENV:KEY"}) {
        EXPECT_ERROR(ErrorCode::kKeySourceSyntax, parse_secret_source(text)) << text;
    }
}

TEST(SecretSource, environment) {
    ASSERT_EQ(setenv("LATCHKEY_TEST_KEY", "abc", 1), 0);
    EXPECT_EQ(core::as_text(read_secret(EnvironmentSource{"LATCHKEY_TEST_KEY"})->expose()), "abc");
    ASSERT_EQ(setenv("LATCHKEY_TEST_KEY", "", 1), 0);
    EXPECT_ERROR(ErrorCode::kKeyMissing, read_secret(EnvironmentSource{"LATCHKEY_TEST_KEY"}));
    const std::string long_text(kSecretFileSizeMax + 1, 'a');
    ASSERT_EQ(setenv("LATCHKEY_TEST_KEY", long_text.c_str(), 1), 0);
    EXPECT_ERROR(ErrorCode::kInputTooLong, read_secret(EnvironmentSource{"LATCHKEY_TEST_KEY"}));
    ASSERT_EQ(unsetenv("LATCHKEY_TEST_KEY"), 0);
    EXPECT_ERROR(ErrorCode::kKeyMissing, read_secret(EnvironmentSource{"LATCHKEY_TEST_KEY"}));
}

TEST(SecretSource, descriptor_is_read_to_its_end_and_closed) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    ASSERT_EQ(::write(ends[1], "abc", 3), 3);
    close(ends[1]);
    EXPECT_EQ(core::as_text(read_secret(DescriptorSource{ends[0]})->expose()), "abc");
    EXPECT_ERROR(ErrorCode::kKeyFileUnreadable, read_secret(DescriptorSource{ends[0]}));
}

TEST_F(KeyFile, must_be_closed_to_others) {
    write(path("key"), "abc", 0600);
    EXPECT_EQ(core::as_text(read_secret(FileSource{path("key")})->expose()), "abc");
    ASSERT_EQ(chmod(path("key").c_str(), 0400), 0);
    EXPECT_OK(read_secret(FileSource{path("key")}));
    for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0601U, 0644U, 0777U}) {
        ASSERT_EQ(chmod(path("key").c_str(), mode), 0);
        const auto secret = read_secret(FileSource{path("key")});
        EXPECT_ERROR(ErrorCode::kKeyFilePermissions, secret) << mode;
        EXPECT_NE(secret.error().context.find("chmod 600 " + path("key")), std::string::npos);
    }
    // The permissions of a link's target count.
    write(path("open"), "abc", 0644);
    std::filesystem::create_symlink(path("open"), path("link"));
    EXPECT_ERROR(ErrorCode::kKeyFilePermissions, read_secret(FileSource{path("link")}));
}

TEST_F(KeyFile, must_belong_to_this_user) {
    if (geteuid() != 0) {
        GTEST_SKIP() << "only root can give a file away";
    }
    write(path("key"), "abc", 0600);
    ASSERT_EQ(chown(path("key").c_str(), 12345, 12345), 0);
    EXPECT_ERROR(ErrorCode::kKeyFilePermissions, read_secret(FileSource{path("key")}));
}

TEST_F(KeyFile, is_removed_if_it_cannot_be_written_whole) {
    // No file of this process may grow beyond two bytes for a moment.
    struct rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto old_handler = signal(SIGXFSZ, SIG_IGN);
    const struct rlimit two_bytes = {2, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &two_bytes), 0);
    const auto created = create_secret_file(path("key"), core::as_bytes("abcdef"));
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, old_handler);
    EXPECT_ERROR(ErrorCode::kKeyFileUnwritable, created);
    EXPECT_FALSE(std::filesystem::exists(path("key")));
    EXPECT_OK(create_secret_file(path("key"), core::as_bytes("abcdef")));
}

TEST_F(KeyFile, must_be_a_file_of_sensible_size) {
    const auto missing = read_secret(FileSource{path("missing")});
    EXPECT_ERROR(ErrorCode::kKeyFileUnreadable, missing);
    EXPECT_NE(missing.error().context.find("No such file"), std::string::npos);
    EXPECT_ERROR(ErrorCode::kKeyFileUnreadable, read_secret(FileSource{folder_.string()}));
    ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
    EXPECT_ERROR(ErrorCode::kKeyFileUnreadable, read_secret(FileSource{path("pipe")}));
    write(path("largest"), std::string(kSecretFileSizeMax, 'a'), 0600);
    EXPECT_EQ(read_secret(FileSource{path("largest")})->size(), kSecretFileSizeMax);
    write(path("large"), std::string(kSecretFileSizeMax + 1, 'a'), 0600);
    EXPECT_ERROR(ErrorCode::kInputTooLong, read_secret(FileSource{path("large")}));
}

TEST_F(KeyFile, is_created_private_and_never_overwritten) {
    ASSERT_OK(create_secret_file(path("new"), core::as_bytes("abc")));
    struct stat status{};
    ASSERT_EQ(stat(path("new").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_ERROR(ErrorCode::kKeyFileExists, create_secret_file(path("new"), core::as_bytes("x")));
    EXPECT_EQ(core::as_text(read_secret(FileSource{path("new")})->expose()), "abc");
    EXPECT_ERROR(ErrorCode::kKeyFileUnwritable,
                 create_secret_file(path("no/folder"), core::as_bytes("x")));
    ASSERT_OK(replace_secret_file(path("new"), core::as_bytes("def")));
    EXPECT_EQ(core::as_text(read_secret(FileSource{path("new")})->expose()), "def");
    ASSERT_EQ(stat(path("new").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(KeyFile, generated_keys_load_again) {
    for (const auto algorithm :
         {KeyAlgorithm::kEd25519, KeyAlgorithm::kP256, KeyAlgorithm::kSecp256k1}) {
        const std::string name = path("key" + std::to_string(static_cast<int>(algorithm)));
        const auto key = generate_key_file(algorithm, name, entropy_);
        ASSERT_OK(key);
        const auto signer = load_server_signer(algorithm, FileSource{name}, entropy_);
        ASSERT_OK(signer);
        const auto text = read_secret(FileSource{name});
        const auto again = parse_private_key(algorithm, text->expose(), entropy_);
        ASSERT_OK(again);
        EXPECT_EQ(public_text(*again), public_text(*key));
        EXPECT_EQ(core::to_bytes(format_private_key(*again)->expose()),
                  core::to_bytes(text->expose()));
        EXPECT_ERROR(ErrorCode::kKeyFileExists, generate_key_file(algorithm, name, entropy_));
        const core::ApprovalHash hash;
        const auto evidence = (*signer)->approve(hash);
        ASSERT_OK(evidence);
        EXPECT_OK(verify_evidence((*signer)->entry(), hash, *evidence));
    }
}

}  // namespace
}  // namespace latchkey::signers
