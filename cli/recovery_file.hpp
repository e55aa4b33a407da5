// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "core/wallet/describe.hpp"

/// The recovery file: who may take a wallet over, kept private until it is used.
namespace latchkey::cli {

using core::Result;

/// A recovery part and the guard beside its commitment.
struct RecoveryFile {
    core::RecoveryPart part;
    /// Canonical, as an instruction carries them.
    core::Bytes bytes;
    core::RecoveryCommitment commitment;
    /// Relying parties of its passkeys.
    core::Names names;
};

/// Judges the part. Errors: kRefusedByModel.
Result<RecoveryFile> make_recovery_file(core::RecoveryPart part, std::uint16_t guard_hours,
                                        core::Names names);
/// 16 fresh random bytes. Errors: those of the operating system.
Result<core::RecoveryPart::Salt> fresh_salt();

/// A new file that only its owner can read; never replaces one, because whoever recovers needs it.
/// Errors: kFileExists, kFileUnwritable.
Result<void> write_recovery_file(const std::string& path, const RecoveryFile& file);
/// Refuses parts that do not belong to the commitment beside them. Errors: kCommandInput,
/// kRefusedByModel.
Result<RecoveryFile> parse_recovery_file(const boost::json::object& value, const std::string& what);
/// Errors: those of read_json_file and as above.
Result<RecoveryFile> read_recovery_file(const std::string& path);

/// In words: who, how many, after how long, and what a recovery restores.
std::vector<std::string> description_lines(const RecoveryFile& file);

}  // namespace latchkey::cli
