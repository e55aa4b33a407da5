// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "net/http.hpp"

/// What an HTTP/1.1 server lets in (RFC 9112), as pure functions over bytes. Two readers of one
/// connection that disagree where a request ends is how requests are smuggled past a proxy, so
/// whatever the RFC lets a recipient repair or guess is refused here.
namespace latchkey::net {

/// Why a request is not let in: a status from 400 to 599 and one fixed sentence, which quotes
/// nothing of the request.
struct HttpRefusal {
    unsigned status = 400;
    std::string_view reason;

    friend bool operator==(const HttpRefusal&, const HttpRefusal&) = default;
};

template <typename T>
using HttpChecked = tl::expected<T, HttpRefusal>;

struct HttpRequestLimits {
    /// Request line and header fields together, with the empty line; beyond it 431.
    std::size_t head_bytes_max = 16 * 1024;
    /// Beyond it 414.
    std::size_t target_bytes_max = 4096;
    /// Beyond it 431.
    std::size_t headers_max = 100;
};

struct HttpRequestHead {
    HttpMethod method = HttpMethod::kGet;
    /// As it came, without scheme and authority.
    std::string target;
    /// Decoded; begins with '/', or is "*" for OPTIONS. UTF-8 without control characters and
    /// without segments "." and "..".
    std::string path;
    /// Decoded names and values in order, as HTML forms and URLSearchParams write them: '+' is a
    /// space. UTF-8 without NUL.
    std::vector<std::pair<std::string, std::string>> query;
    /// Lower case, with the port if it was given. Empty with HTTP/1.0 if there was no Host.
    std::string host;
    std::vector<HttpHeader> headers;
    bool is_chunked = false;
    std::uint64_t content_length = 0;
    /// The client wants to send another request on this connection.
    bool keep_alive = true;
    bool expects_continue = false;
};

/// Looks for the empty line that ends a head. `seen` bytes of `bytes` were looked at before, by
/// calls that returned 0. Returns the length of the head, or 0 if its end is not there yet.
/// Refused as soon as seen: 400 for CR or LF alone, NUL, and a first byte that begins no method;
/// 414 and 431 for what outgrows the limits.
HttpChecked<std::size_t> find_head_end(std::string_view bytes, std::size_t seen,
                                       const HttpRequestLimits& limits);

/// `head` is a request line, header fields and the empty line. Refused with
/// 400: what is not exactly the grammar of RFC 9112; folded lines; a space before a colon; two of
///      Host, Content-Length, Transfer-Encoding, Content-Type, Authorization or Expect; both
///      Content-Length and Transfer-Encoding; a Content-Length that is not one plain number; a
///      missing Host; an absolute target that contradicts Host; paths that decode to something
///      ambiguous (encoded slashes, dots as segments, controls, no UTF-8);
/// 414, 431: over the limits; 417: an unknown expectation; 501: an unknown method or transfer
///      coding; 505: a version that is not 1.0 or 1.1.
HttpChecked<HttpRequestHead> check_request_head(std::string_view head,
                                                const HttpRequestLimits& limits);

/// Decodes a chunked body (RFC 9112 section 7.1). Chunk extensions and trailer fields are refused:
/// no client of ours sends them, and proxies disagree about them.
class HttpChunkedBody {
  public:
    /// A body over `body_bytes_max` is refused with 413, before its bytes arrive.
    explicit HttpChunkedBody(std::size_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

    /// Appends what the bytes hold to `body` and returns how many bytes belong to it: all of them
    /// until the body is complete.
    HttpChecked<std::size_t> feed(std::string_view bytes, std::string& body);
    [[nodiscard]] bool is_complete() const { return state_ == State::kComplete; }

  private:
    enum class State : std::uint8_t {
        kSize,
        kSizeLf,
        kData,
        kDataCr,
        kDataLf,
        kEndCr,
        kEndLf,
        kComplete,
    };
    HttpChecked<void> feed_size(char c);
    HttpChecked<void> expect(char c, char expected, State next);

    std::size_t body_bytes_max_;
    State state_ = State::kSize;
    unsigned digits_ = 0;
    std::uint64_t left_ = 0;
    std::uint64_t total_ = 0;
};

/// A text that is safe in logs and headers: 1 to 64 letters, digits, '-', '_' or '.'.
bool is_request_id(std::string_view text);

}  // namespace latchkey::net
