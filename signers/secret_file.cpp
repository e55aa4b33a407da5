// SPDX-License-Identifier: Apache-2.0
#include "signers/secret_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace latchkey::signers {

namespace {

using core::ByteView;
using core::ErrorCode;
using core::fail;
using core::Result;
using core::SecretBytes;

class Descriptor {
  public:
    explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
    ~Descriptor() {
        if (descriptor_ >= 0) {
            close(descriptor_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return descriptor_; }
    bool is_open() const { return descriptor_ >= 0; }

  private:
    int descriptor_;
};

std::string because(const std::string& path) {
    return path + ": " + std::strerror(errno);
}

/// Reads to the end through a buffer that is wiped.
Result<SecretBytes> read_to_end(int descriptor, const std::string& name) {
    SecretBytes buffer(kSecretFileSizeMax + 1);
    std::size_t size = 0;
    while (size < buffer.size()) {
        const ssize_t got =
            read(descriptor, buffer.expose_mutable().data() + size, buffer.size() - size);
        if (got == 0) {
            buffer.truncate(size);
            return buffer;
        }
        if (got > 0) {
            size += static_cast<std::size_t>(got);
        } else if (errno != EINTR) {
            return fail(ErrorCode::kKeyFileUnreadable, because(name));
        }
    }
    return fail(ErrorCode::kInputTooLong, name + " is longer than 256 KiB and no key");
}

/// Checked on the open file, so that nobody can swap it in between.
Result<void> check_permissions(int descriptor, const std::string& path) {
    struct stat status{};
    if (fstat(descriptor, &status) != 0) {
        return fail(ErrorCode::kKeyFileUnreadable, because(path));
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(ErrorCode::kKeyFileUnreadable, path + " is not a regular file");
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return fail(ErrorCode::kKeyFilePermissions, "run: chmod 600 " + path);
    }
    if (status.st_uid != geteuid() && status.st_uid != 0) {
        return fail(ErrorCode::kKeyFilePermissions,
                    path + " belongs to another user; run: chown $USER " + path);
    }
    return {};
}

Result<SecretBytes> read_source(const EnvironmentSource& source) {
    const char* const value = std::getenv(source.name.c_str());
    if (value == nullptr || *value == '\0') {
        return fail(ErrorCode::kKeyMissing, source.name);
    }
    const std::string_view text(value);
    if (text.size() > kSecretFileSizeMax) {
        return fail(ErrorCode::kInputTooLong, source.name);
    }
    return SecretBytes::copy_of(core::as_bytes(text));
}

Result<SecretBytes> read_source(const FileSource& source) {
    // Non-blocking, so that a named pipe is refused below instead of waited for.
    const Descriptor file(open(source.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file.is_open()) {
        return fail(ErrorCode::kKeyFileUnreadable, because(source.path));
    }
    LATCHKEY_CHECK(check_permissions(file.get(), source.path));
    return read_to_end(file.get(), source.path);
}

Result<SecretBytes> read_source(const DescriptorSource& source) {
    const Descriptor descriptor(source.descriptor);
    return read_to_end(descriptor.get(), "fd:" + std::to_string(source.descriptor));
}

Result<void> write_and_sync(int descriptor, ByteView text, const std::string& path) {
    while (!text.empty()) {
        const ssize_t written = write(descriptor, text.data(), text.size());
        if (written >= 0) {
            text = text.subspan(static_cast<std::size_t>(written));
        } else if (errno != EINTR) {
            return fail(ErrorCode::kKeyFileUnwritable, because(path));
        }
    }
    if (fsync(descriptor) != 0) {
        return fail(ErrorCode::kKeyFileUnwritable, because(path));
    }
    return {};
}

/// A new name is durable only once its folder is.
Result<void> sync_folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const Descriptor descriptor(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor.is_open() || fsync(descriptor.get()) != 0) {
        return fail(ErrorCode::kKeyFileUnwritable, because(folder));
    }
    return {};
}

}  // namespace

Result<SecretSource> parse_secret_source(std::string_view text) {
    const auto after = [text](std::string_view prefix) { return text.substr(prefix.size()); };
    if (text.starts_with("env:") && text.size() > 4) {
        return EnvironmentSource{std::string(after("env:"))};
    }
    if (text.starts_with("file:") && text.size() > 5) {
        return FileSource{std::string(after("file:"))};
    }
    if (text.starts_with("fd:")) {
        const std::string_view digits = after("fd:");
        int number = -1;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (error == std::errc() && end == digits.data() + digits.size() && number >= 0) {
            return DescriptorSource{number};
        }
    }
    return fail(ErrorCode::kKeySourceSyntax);
}

Result<SecretBytes> read_secret(const SecretSource& source) {
    return std::visit([](const auto& one) { return read_source(one); }, source);
}

Result<void> create_secret_file(const std::string& path, ByteView text) {
    const Descriptor file(
        open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!file.is_open()) {
        return fail(errno == EEXIST ? ErrorCode::kKeyFileExists : ErrorCode::kKeyFileUnwritable,
                    because(path));
    }
    auto written = write_and_sync(file.get(), text, path);
    if (!written.has_value()) {
        // Half a key would stand in the way of the next attempt.
        unlink(path.c_str());
        return written;
    }
    return sync_folder_of(path);
}

Result<void> replace_secret_file(const std::string& path, ByteView text) {
    const std::string temporary = path + ".new";
    unlink(temporary.c_str());
    LATCHKEY_CHECK(create_secret_file(temporary, text));
    if (rename(temporary.c_str(), path.c_str()) != 0) {
        return fail(ErrorCode::kKeyFileUnwritable, because(path));
    }
    return sync_folder_of(path);
}

}  // namespace latchkey::signers
