// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "core/base/secret.hpp"

namespace latchkey::signers {

/// A key file is a few hundred bytes; anything much longer is the wrong file.
inline constexpr std::size_t kSecretFileSizeMax = 256 * 1024;

/// A variable of the environment. Files and descriptors are better than the environment, which
/// child processes inherit and /proc shows.
struct EnvironmentSource {
    std::string name;
};
/// A file of this user, closed to others.
struct FileSource {
    std::string path;
};
/// An open file descriptor, as a supervisor passes it.
struct DescriptorSource {
    int descriptor = -1;
};
using SecretSource = std::variant<EnvironmentSource, FileSource, DescriptorSource>;

/// "env:NAME", "file:PATH" or "fd:NUMBER"; else kKeySourceSyntax. A plain path is refused: it could
/// be a key that somebody pasted, and must not end up in a log.
core::Result<SecretSource> parse_secret_source(std::string_view text);

/// The whole text. A file must be regular, belong to this user or root, and be closed to group and
/// others (mode 0600 or less). A descriptor is read to its end and closed. Errors: kKeyMissing,
/// kKeyFileUnreadable, kKeyFilePermissions, kInputTooLong.
core::Result<core::SecretBytes> read_secret(const SecretSource& source);

/// Creates the file with mode 0600 and syncs it and its folder. Never overwrites: kKeyFileExists,
/// kKeyFileUnwritable.
core::Result<void> create_secret_file(const std::string& path, core::ByteView text);

/// Replaces the file, if there is one, by a new one with mode 0600 in one step. Error:
/// kKeyFileUnwritable.
core::Result<void> replace_secret_file(const std::string& path, core::ByteView text);

}  // namespace latchkey::signers
