// SPDX-License-Identifier: Apache-2.0
#include "cli/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/encoding/hex.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;
namespace json = boost::json;

namespace {

constexpr std::size_t kJsonDepthMax = 16;

/// Closes what it holds.
class Descriptor {
  public:
    explicit Descriptor(int value) : value_(value) {}
    ~Descriptor() {
        if (value_ >= 0) {
            ::close(value_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return value_; }

  private:
    int value_;
};

std::string reason() {
    return std::strerror(errno);
}

bool write_all(int to, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(to, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return ::fsync(to) == 0;
}

void format_json(const json::value& value, const std::string& indent, std::string& out) {
    const std::string inner = indent + "  ";
    if (const json::object* object = value.if_object(); object != nullptr && !object->empty()) {
        out += "{\n";
        const char* separator = "";
        for (const auto& [name, member] : *object) {
            out += separator + inner + json::serialize(json::value(name)) + ": ";
            format_json(member, inner, out);
            separator = ",\n";
        }
        out += "\n" + indent + "}";
    } else if (const json::array* array = value.if_array(); array != nullptr && !array->empty()) {
        out += "[\n";
        const char* separator = "";
        for (const json::value& member : *array) {
            out += separator + inner;
            format_json(member, inner, out);
            separator = ",\n";
        }
        out += "\n" + indent + "]";
    } else {
        out += json::serialize(value);
    }
}

/// What stands there may be a key or a recovery file, of which there is no other copy.
Result<void> refuse_other_format(const std::string& path, const json::object& value) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
        return {};
    }
    const auto present = read_json_file(path);
    const json::value* const before = present ? present->if_contains("format") : nullptr;
    const json::value* const next = value.if_contains("format");
    if (before != nullptr && next != nullptr && *before == *next) {
        return {};
    }
    return fail(ErrorCode::kFileExists,
                path +
                    " is a file of another kind, which --force does not replace; take another "
                    "name, or move that file away first");
}

tl::unexpected<core::Error> wrong_member(std::string_view what, std::string_view name,
                                         std::string_view expected) {
    return fail(ErrorCode::kCommandInput, std::string(what) + ": \"" + std::string(name) +
                                              "\" must be " + std::string(expected));
}

}  // namespace

Result<Bytes> read_file(const std::string& path, std::size_t bytes_max) {
    // Without O_NONBLOCK, opening a pipe would wait for somebody to write.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat info{};
    if (file.get() < 0 || ::fstat(file.get(), &info) != 0) {
        return fail(ErrorCode::kFileUnreadable, "cannot read " + path + ": " + reason());
    }
    if (!S_ISREG(info.st_mode)) {
        return fail(ErrorCode::kFileUnreadable, path + " is not a regular file");
    }
    Bytes out;
    std::array<std::uint8_t, 65536> buffer{};
    for (;;) {
        const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
        if (count < 0) {
            return fail(ErrorCode::kFileUnreadable, "cannot read " + path + ": " + reason());
        }
        if (count == 0) {
            return out;
        }
        if (out.size() + static_cast<std::size_t>(count) > bytes_max) {
            return fail(ErrorCode::kFileUnreadable, path + " is longer than " +
                                                        std::to_string(bytes_max) +
                                                        " bytes, so it is not the file meant here");
        }
        out.insert(out.end(), buffer.begin(), buffer.begin() + count);
    }
}

Result<json::object> read_json_file(const std::string& path) {
    LATCHKEY_TRY(const Bytes bytes, read_file(path));
    json::parse_options options;
    options.max_depth = kJsonDepthMax;
    json::error_code error;
    const json::value value = json::parse(core::as_text(bytes), error, {}, options);
    if (error || !value.is_object()) {
        return fail(ErrorCode::kCommandInput, path + " does not hold a JSON object");
    }
    return value.as_object();
}

Result<void> write_file(const std::string& path, std::string_view text, bool replaces) {
    std::string temporary = path + ".XXXXXX";
    const auto fail_writing = [&](const std::string& why) {
        ::unlink(temporary.c_str());
        return fail(ErrorCode::kFileUnwritable, "cannot write " + path + ": " + why);
    };
    {
        const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
        if (file.get() < 0) {
            return fail(ErrorCode::kFileUnwritable, "cannot write " + path + ": " + reason());
        }
        if (!write_all(file.get(), text)) {
            return fail_writing(reason());
        }
    }
    // link() refuses an existing name in the same step; rename() replaces it.
    const int done = replaces ? ::rename(temporary.c_str(), path.c_str())
                              : ::link(temporary.c_str(), path.c_str());
    if (done != 0 && errno == EEXIST) {
        ::unlink(temporary.c_str());
        return fail(ErrorCode::kFileExists, path + " exists already; --force replaces it");
    }
    if (done != 0) {
        return fail_writing(reason());
    }
    ::unlink(temporary.c_str());
    return {};
}

std::string format_json(const json::value& value) {
    std::string out;
    format_json(value, "", out);
    return out;
}

Result<void> check_replaceable(const std::string& path, const json::object& value, bool replaces) {
    std::error_code error;
    if (!replaces && std::filesystem::exists(path, error)) {
        return fail(ErrorCode::kFileExists, path + " exists already; --force replaces it");
    }
    return replaces ? refuse_other_format(path, value) : Result<void>();
}

Result<void> write_json_file(const std::string& path, const json::object& value, bool replaces) {
    LATCHKEY_CHECK(check_replaceable(path, value, replaces));
    return write_file(path, format_json(value) + "\n", replaces);
}

Result<std::string> text_member(const json::object& object, std::string_view name,
                                std::string_view what) {
    const json::value* const found = object.if_contains(name);
    if (found == nullptr || !found->is_string()) {
        return wrong_member(what, name, "a text");
    }
    return std::string(found->as_string());
}

Result<std::uint64_t> number_member(const json::object& object, std::string_view name,
                                    std::string_view what) {
    const json::value* const found = object.if_contains(name);
    if (found != nullptr && found->is_uint64()) {
        return found->as_uint64();
    }
    if (found == nullptr || !found->is_int64() || found->as_int64() < 0) {
        return wrong_member(what, name, "a whole number");
    }
    return static_cast<std::uint64_t>(found->as_int64());
}

Result<json::array> array_member(const json::object& object, std::string_view name,
                                 std::string_view what) {
    const json::value* const found = object.if_contains(name);
    if (found == nullptr || !found->is_array()) {
        return wrong_member(what, name, "a list");
    }
    return found->as_array();
}

Result<Bytes> hex_member(const json::object& object, std::string_view name, std::string_view what) {
    LATCHKEY_TRY(const std::string text, text_member(object, name, what));
    auto bytes = core::decode_hex(text);
    if (!bytes) {
        return wrong_member(what, name, "hexadecimal");
    }
    return bytes;
}

}  // namespace latchkey::cli
