// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

/// Files of the command line: read with a bound, written whole or not at all.
namespace latchkey::cli {

using core::Bytes;
using core::ByteView;
using core::Result;

/// Larger files are the wrong files.
inline constexpr std::size_t kTextFileBytesMax = 1024 * 1024;
inline constexpr std::size_t kProgramFileBytesMax = 10 * 1024 * 1024;

/// Error: kFileUnreadable.
Result<Bytes> read_file(const std::string& path, std::size_t bytes_max = kTextFileBytesMax);
/// A JSON object. Errors: kFileUnreadable, kCommandInput.
Result<boost::json::object> read_json_file(const std::string& path);
/// A new file that replaces what was there in one step, and only with `replaces`.
/// Errors: kFileExists, kFileUnwritable.
Result<void> write_file(const std::string& path, std::string_view text, bool replaces);
/// Indented JSON with a newline at the end; replaces only a file with the same "format". Errors as
/// above.
Result<void> write_json_file(const std::string& path, const boost::json::object& value,
                             bool replaces);
/// What write_json_file would refuse because of what is there already, for commands that ask a key
/// before they write. Error: kFileExists.
Result<void> check_replaceable(const std::string& path, const boost::json::object& value,
                               bool replaces);
/// Two spaces a level; keys in their order.
std::string format_json(const boost::json::value& value);

/// Members of a JSON object from outside. `what` names the object in errors, all kCommandInput.
Result<std::string> text_member(const boost::json::object& object, std::string_view name,
                                std::string_view what);
Result<std::uint64_t> number_member(const boost::json::object& object, std::string_view name,
                                    std::string_view what);
Result<boost::json::array> array_member(const boost::json::object& object, std::string_view name,
                                        std::string_view what);
Result<Bytes> hex_member(const boost::json::object& object, std::string_view name,
                         std::string_view what);

}  // namespace latchkey::cli
