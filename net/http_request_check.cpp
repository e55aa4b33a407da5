// SPDX-License-Identifier: Apache-2.0
#include "net/http_request_check.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "core/encoding/utf8.hpp"

namespace latchkey::net {

namespace {

tl::unexpected<HttpRefusal> refuse(unsigned status, std::string_view reason) {
    return tl::unexpected<HttpRefusal>(HttpRefusal{status, reason});
}

constexpr std::string_view kHeadTooLarge = "the header fields are too large";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
    return out;
}

int hex_value(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    const char l = lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/// RFC 9110 section 5.6.2.
bool is_token_character(char c) {
    constexpr std::string_view kExtra = "!#$%&'*+-.^_`|~";
    return is_digit(c) || is_letter(c) || kExtra.find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

/// RFC 3986: what a path or query holds, with the '%' of an encoded byte.
bool is_target_character(char c) {
    constexpr std::string_view kExtra = "-._~!$&'()*+,;=:@/?%";
    return is_digit(c) || is_letter(c) || kExtra.find(c) != std::string_view::npos;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

/// Up to the separator, which is removed from `rest` with it; all of it if there is none.
std::string_view take(std::string_view& rest, std::string_view separator) {
    const std::size_t end = rest.find(separator);
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + separator.size());
    return part;
}

HttpChecked<HttpMethod> check_method(std::string_view name) {
    struct Row {
        std::string_view name;
        HttpMethod method;
    };
    constexpr Row kMethods[] = {
        {"GET", HttpMethod::kGet},         {"HEAD", HttpMethod::kHead},
        {"POST", HttpMethod::kPost},       {"PUT", HttpMethod::kPut},
        {"PATCH", HttpMethod::kPatch},     {"DELETE", HttpMethod::kDelete},
        {"OPTIONS", HttpMethod::kOptions},
    };
    if (!is_token(name)) {
        return refuse(400, "the method is not a token");
    }
    for (const Row& row : kMethods) {
        if (row.name == name) {
            return row.method;
        }
    }
    return refuse(501, "the method is not supported");
}

/// Returns the minor version.
HttpChecked<unsigned> check_version(std::string_view version) {
    if (version == "HTTP/1.1") {
        return 1U;
    }
    if (version == "HTTP/1.0") {
        return 0U;
    }
    if (version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
        version[6] == '.' && is_digit(version[7])) {
        return refuse(505, "the version is not HTTP/1.0 or HTTP/1.1");
    }
    return refuse(400, "the request line is malformed");
}

enum class Plus : std::uint8_t { kIsItself, kIsSpace };

HttpChecked<std::string> percent_decode(std::string_view text, Plus plus) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return refuse(400, "the target has a '%' without two hexadecimal digits");
            }
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        } else {
            out.push_back(text[i] == '+' && plus == Plus::kIsSpace ? ' ' : text[i]);
        }
    }
    if (!core::is_valid_utf8(out)) {
        return refuse(400, "the target does not decode to UTF-8");
    }
    return out;
}

HttpChecked<std::string> check_path(std::string_view encoded) {
    LATCHKEY_TRY(std::string path, percent_decode(encoded, Plus::kIsItself));
    if (std::count(path.begin(), path.end(), '/') !=
            std::count(encoded.begin(), encoded.end(), '/') ||
        path.find('\\') != std::string::npos) {
        return refuse(400, "the path has an encoded slash or a backslash");
    }
    if (std::any_of(path.begin(), path.end(), is_control)) {
        return refuse(400, "the path has control characters");
    }
    std::string_view rest(path);
    while (!rest.empty()) {
        const std::string_view segment = take(rest, "/");
        if (segment == "." || segment == "..") {
            return refuse(400, "the path has a segment '.' or '..'");
        }
    }
    return path;
}

HttpChecked<void> check_query(std::string_view encoded, HttpRequestHead& head) {
    while (!encoded.empty()) {
        std::string_view value = take(encoded, "&");
        if (value.empty()) {
            continue;
        }
        const std::string_view name = take(value, "=");
        LATCHKEY_TRY(std::string decoded_name, percent_decode(name, Plus::kIsSpace));
        LATCHKEY_TRY(std::string decoded_value, percent_decode(value, Plus::kIsSpace));
        if (decoded_name.find('\0') != std::string::npos ||
            decoded_value.find('\0') != std::string::npos) {
            return refuse(400, "the query has a NUL");
        }
        head.query.emplace_back(std::move(decoded_name), std::move(decoded_value));
    }
    return {};
}

/// A name or IPv4 address, or an IPv6 address in brackets, and a port (RFC 9112 section 3.2).
bool is_authority(std::string_view text) {
    std::string_view port = text;
    if (text.starts_with('[')) {
        const std::string_view address = take(port, "]").substr(1);
        if (address.empty() || !std::all_of(address.begin(), address.end(), [](char c) {
                return hex_value(c) >= 0 || c == ':' || c == '.';
            })) {
            return false;
        }
        if (text.size() == address.size() + 1) {
            return false;  // no closing bracket
        }
        if (port.empty()) {
            return true;
        }
        if (port.front() != ':') {
            return false;
        }
        port.remove_prefix(1);
    } else {
        const std::string_view name = take(port, ":");
        if (name.empty() || !std::all_of(name.begin(), name.end(), [](char c) {
                return is_digit(c) || is_letter(c) || c == '-' || c == '.' || c == '_';
            })) {
            return false;
        }
        if (name.size() == text.size()) {
            return true;
        }
    }
    return !port.empty() && port.size() <= 5 && std::all_of(port.begin(), port.end(), is_digit);
}

/// Returns the authority of an absolute target, else an empty text.
HttpChecked<std::string> check_target(std::string_view target, HttpRequestHead& head) {
    if (!std::all_of(target.begin(), target.end(), is_target_character)) {
        return refuse(400, "the target has a character that must be percent-encoded");
    }
    std::string authority;
    if (target == "*" && head.method == HttpMethod::kOptions) {
        head.target = head.path = "*";
        return authority;
    }
    if (!target.starts_with('/')) {
        std::string_view rest = target;
        const std::string scheme = lower(take(rest, "://"));
        authority = lower(rest.substr(0, rest.find_first_of("/?")));
        if ((scheme != "http" && scheme != "https") || !is_authority(authority)) {
            return refuse(400, "the target is neither a path nor an http or https URL");
        }
        rest.remove_prefix(authority.size());
        head.target = rest.starts_with('/') ? "" : "/";
        head.target += rest;
    } else {
        head.target = target;
    }
    std::string_view query = head.target;
    const std::string_view path = take(query, "?");
    LATCHKEY_TRY(head.path, check_path(path));
    LATCHKEY_CHECK(check_query(query, head));
    return authority;
}

HttpChecked<HttpHeader> check_header_line(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t') {
        return refuse(400, "a header field is folded over two lines");
    }
    std::string_view value = line;
    const std::string_view name = take(value, ":");
    if (name.size() == line.size()) {
        return refuse(400, "a header field has no colon");
    }
    if (!is_token(name)) {
        return refuse(400, "the name of a header field is not a token");
    }
    value = trim(value);
    if (std::any_of(value.begin(), value.end(),
                    [](char c) { return c != '\t' && is_control(c); })) {
        return refuse(400, "a header field has control characters");
    }
    return HttpHeader{std::string(name), std::string(value)};
}

/// Fields that say where a request ends or who sent it; of which two would let two readers differ.
enum Single : std::size_t {
    kHost,
    kContentLength,
    kTransferEncoding,
    kExpect,
    kContentType,
    kAuthorization,
    kSingleCount,
};
constexpr std::array<std::string_view, kSingleCount> kSingleNames = {
    "Host", "Content-Length", "Transfer-Encoding", "Expect", "Content-Type", "Authorization"};

using Singles = std::array<const std::string*, kSingleCount>;

HttpChecked<Singles> find_singles(const std::vector<HttpHeader>& headers) {
    Singles found = {};
    for (const HttpHeader& header : headers) {
        for (std::size_t i = 0; i < kSingleCount; ++i) {
            if (!is_same_header_name(header.name, kSingleNames[i])) {
                continue;
            }
            if (found[i] != nullptr) {
                return refuse(400, "a header field that may occur once occurs twice");
            }
            found[i] = &header.value;
        }
    }
    return found;
}

HttpChecked<std::uint64_t> check_content_length(std::string_view text) {
    constexpr std::size_t kDigitsMax = 18;
    if (text.empty() || text.size() > kDigitsMax || (text.size() > 1 && text.front() == '0') ||
        !std::all_of(text.begin(), text.end(), is_digit)) {
        return refuse(400, "Content-Length is not one plain number");
    }
    std::uint64_t value = 0;
    for (const char c : text) {
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
}

HttpChecked<void> check_framing(const Singles& singles, unsigned version, HttpRequestHead& head) {
    const std::string* const length = singles[kContentLength];
    const std::string* const coding = singles[kTransferEncoding];
    if (coding != nullptr) {
        if (length != nullptr) {
            return refuse(400, "both Content-Length and Transfer-Encoding are there");
        }
        if (version == 0) {
            return refuse(400, "HTTP/1.0 has no Transfer-Encoding");
        }
        if (lower(*coding) != "chunked") {
            return refuse(501, "the transfer coding is not supported, only chunked");
        }
        head.is_chunked = true;
    }
    if (length != nullptr) {
        LATCHKEY_TRY(head.content_length, check_content_length(*length));
    }
    if (singles[kExpect] != nullptr && version == 1) {
        if (lower(*singles[kExpect]) != "100-continue") {
            return refuse(417, "the expectation is not supported, only 100-continue");
        }
        head.expects_continue = true;
    }
    return {};
}

HttpChecked<void> check_host(const Singles& singles, unsigned version, const std::string& authority,
                             HttpRequestHead& head) {
    if (singles[kHost] == nullptr) {
        if (version == 1) {
            return refuse(400, "the header field Host is missing");
        }
        head.host = authority;
        return {};
    }
    head.host = lower(*singles[kHost]);
    if (!is_authority(head.host)) {
        return refuse(400, "the header field Host is not a host");
    }
    if (!authority.empty() && authority != head.host) {
        return refuse(400, "the target and the header field Host name two hosts");
    }
    return {};
}

bool wants_close(const std::vector<HttpHeader>& headers) {
    for (const HttpHeader& header : headers) {
        if (!is_same_header_name(header.name, "Connection")) {
            continue;
        }
        std::string_view rest = header.value;
        while (!rest.empty()) {
            if (is_same_header_name(trim(take(rest, ",")), "close")) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace

HttpChecked<std::size_t> find_head_end(std::string_view bytes, std::size_t seen,
                                       const HttpRequestLimits& limits) {
    if (!bytes.empty() && !is_token_character(bytes.front())) {
        return refuse(400, "this is not an HTTP request");
    }
    const std::size_t end = std::min(bytes.size(), limits.head_bytes_max);
    for (std::size_t i = seen; i < end; ++i) {
        const char before = i == 0 ? '\0' : bytes[i - 1];
        if (bytes[i] == '\0') {
            return refuse(400, "the header has a NUL");
        }
        if ((before == '\r') != (bytes[i] == '\n')) {
            return refuse(400, "a line does not end with CR and LF");
        }
        if (bytes[i] == '\n' && i >= 3 && bytes[i - 2] == '\n') {
            return i + 1;
        }
    }
    // A method and two spaces are short: without a line's end the rest is target.
    constexpr std::size_t kLineBytesBesideTarget = 32;
    const std::size_t line_max = limits.target_bytes_max + kLineBytesBesideTarget;
    if (end > line_max && bytes.substr(0, line_max).find('\n') == std::string_view::npos) {
        return refuse(414, "the target is too long");
    }
    if (end == limits.head_bytes_max) {
        return refuse(431, kHeadTooLarge);
    }
    return 0U;
}

HttpChecked<HttpRequestHead> check_request_head(std::string_view head_bytes,
                                                const HttpRequestLimits& limits) {
    LATCHKEY_TRY(const std::size_t length, find_head_end(head_bytes, 0, limits));
    if (length == 0 || length != head_bytes.size()) {
        return refuse(400, "the header is not complete");
    }
    std::string_view lines = head_bytes;
    std::string_view request_line = take(lines, "\r\n");
    HttpRequestHead head;
    const std::string_view method = take(request_line, " ");
    const std::string_view target = take(request_line, " ");
    LATCHKEY_TRY(const unsigned version, check_version(request_line));
    LATCHKEY_TRY(head.method, check_method(method));
    if (target.empty()) {
        return refuse(400, "the request line is malformed");
    }
    if (target.size() > limits.target_bytes_max) {
        return refuse(414, "the target is too long");
    }
    LATCHKEY_TRY(const std::string authority, check_target(target, head));
    while (lines != "\r\n") {
        if (head.headers.size() == limits.headers_max) {
            return refuse(431, kHeadTooLarge);
        }
        LATCHKEY_TRY(HttpHeader header, check_header_line(take(lines, "\r\n")));
        head.headers.push_back(std::move(header));
    }
    LATCHKEY_TRY(const Singles singles, find_singles(head.headers));
    LATCHKEY_CHECK(check_framing(singles, version, head));
    LATCHKEY_CHECK(check_host(singles, version, authority, head));
    head.keep_alive = version == 1 && !wants_close(head.headers);
    return head;
}

HttpChecked<void> HttpChunkedBody::feed_size(char c) {
    // Eight digits hold any chunk that a limit lets in.
    constexpr unsigned kDigitsMax = 8;
    if (c == '\r' && digits_ > 0) {
        if (left_ > body_bytes_max_ - total_) {
            return refuse(413, "the body is too large");
        }
        state_ = State::kSizeLf;
        return {};
    }
    const int value = hex_value(c);
    if (value < 0 || digits_ == kDigitsMax) {
        return refuse(400, "the size of a chunk is malformed");
    }
    left_ = left_ * 16 + static_cast<unsigned>(value);
    ++digits_;
    return {};
}

HttpChecked<void> HttpChunkedBody::expect(char c, char expected, State next) {
    if (c != expected) {
        return refuse(400, "a chunk does not end where its size says");
    }
    state_ = next;
    return {};
}

HttpChecked<std::size_t> HttpChunkedBody::feed(std::string_view bytes, std::string& body) {
    std::size_t at = 0;
    while (at < bytes.size() && state_ != State::kComplete) {
        if (state_ == State::kData) {
            const std::string_view part = bytes.substr(at, left_);
            body += part;
            at += part.size();
            total_ += part.size();
            left_ -= part.size();
            state_ = left_ == 0 ? State::kDataCr : State::kData;
            continue;
        }
        const char c = bytes[at++];
        HttpChecked<void> checked;
        switch (state_) {
            case State::kSize:
                checked = feed_size(c);
                break;
            case State::kSizeLf:
                checked = expect(c, '\n', left_ == 0 ? State::kEndCr : State::kData);
                break;
            case State::kDataCr:
                checked = expect(c, '\r', State::kDataLf);
                break;
            case State::kDataLf:
                checked = expect(c, '\n', State::kSize);
                digits_ = 0;
                break;
            case State::kEndCr:
                checked = c == '\r' ? expect(c, '\r', State::kEndLf)
                                    : refuse(400, "trailer fields are not supported");
                break;
            case State::kEndLf:
                checked = expect(c, '\n', State::kComplete);
                break;
            case State::kData:
            case State::kComplete:
                break;
        }
        LATCHKEY_CHECK(std::move(checked));
    }
    return at;
}

bool is_request_id(std::string_view text) {
    constexpr std::size_t kBytesMax = 64;
    return !text.empty() && text.size() <= kBytesMax &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_digit(c) || is_letter(c) || c == '-' || c == '_' || c == '.';
           });
}

}  // namespace latchkey::net
