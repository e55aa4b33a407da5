// SPDX-License-Identifier: Apache-2.0
#pragma once

// Internal to core/webauthn.
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace latchkey::core::webauthn {

/// Walks over compact JSON (RFC 8259 without white space between tokens) from left to right. Every
/// error is kMalformedClientData, but for nesting beyond the bound, which is kUnsupported.
class JsonScanner {
  public:
    explicit JsonScanner(std::string_view json) : json_(json) {}

    std::size_t position() const { return position_; }
    bool at_end() const { return position_ == json_.size(); }

    /// Consumes the text if it comes next.
    bool skip(std::string_view text);

    /// The characters up to the next quote, and the quote. All must be visible ASCII other than a
    /// backslash, so that no character has two spellings.
    Result<std::string_view> read_plain_string_rest();

    /// A string of any characters, unescaped to UTF-8.
    Result<std::string> read_string();

    /// Any value, checked and dropped.
    Result<void> skip_value(unsigned depth_max);

  private:
    Result<void> skip_number();
    Result<void> skip_members(unsigned depth_max);
    Result<void> skip_elements(unsigned depth_max);
    Result<void> read_escape(std::string& out);
    Result<std::uint32_t> read_hex_unit();
    std::size_t skip_digits();

    std::string_view json_;
    std::size_t position_ = 0;
};

}  // namespace latchkey::core::webauthn
