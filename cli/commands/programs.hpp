// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/operation.hpp"

/// `latchkey program` and `governor`: the wallet program on a cluster, and who may replace it.
namespace latchkey::cli {

/// Code that goes to a cluster.
struct ProgramOptions {
    /// ELF; empty: that of this build.
    std::string file;
    /// Of deploy: key of the new program's address, as load_key reads it.
    std::string program_key;
    /// Of authority and close: the program or buffer.
    std::string account;
    /// Whoever gets the authority: an address, a wallet file (its vault) or a key file.
    std::string authority;
    /// Nobody may ever replace the program.
    bool is_final = false;
    /// Bytes that later code may have; 0: as many as the code has now.
    std::uint64_t room = 0;
    /// As load_key reads it; empty: the setting. Pays, and is the authority while the code is
    /// written.
    std::string fee_payer;
    /// Of authority and close: the present authority, if it is not the fee payer.
    std::string key;
};
/// Errors: kCommandInput, kFileUnreadable, kWrongCluster (the new authority is a wallet of another
/// one), those of the node.
Result<Report> program_deploy(Context& context, const ProgramOptions& options);
/// New code in a buffer, handed to whoever shall decide about it. Errors as above.
Result<Report> program_buffer(Context& context, const ProgramOptions& options);
/// Errors as above.
Result<Report> program_authority(Context& context, const ProgramOptions& options);
/// A buffer's lamports come back. Errors as above.
Result<Report> program_close(Context& context, const ProgramOptions& options);
/// More room for a program's later code; `room` is what is added. Errors as above.
Result<Report> program_extend(Context& context, const ProgramOptions& options);
/// What an upgrade names: keccak of a file. Errors: kFileUnreadable.
Result<Report> program_hash(Context& context, const std::string& file);

/// The node's genesis hash, as base58 and as the build wants it. Errors: those of the node.
Result<Report> program_cluster(Context& context);

/// A wallet whose only rules are an upgrade that waits and a change that waits longer.
struct GovernorCreateOptions {
    std::string file;
    std::vector<std::string> signers;
    unsigned threshold = 1;
    std::string delay = "30d";
    /// Of changes of the governor itself; empty: two days more than `delay`.
    std::string policy_delay;
    /// Nobody can change the governor.
    bool is_locked = false;
    std::string program;
    std::string cluster;
    bool replaces_files = false;
};
/// Errors: kCommandInput, those of the model.
Result<Report> governor_create(Context& context, const GovernorCreateOptions& options);

/// An upgrade that is proposed.
struct ScheduleOptions {
    /// The program that the governor's vault may replace.
    std::string program;
    std::string buffer;
    /// The code that is meant: an ELF, or its hash in hex. One of the two.
    std::string file;
    std::string code_hash;
    /// Gets the buffer's spare lamports; empty: the governor's vault.
    std::string spill;
};
/// Reads the buffer first: its code must have the hash, and the vault its authority. Errors:
/// kCommandInput, kProgramDiffers, those of run_operation.
Result<Report> governor_schedule(Context& context, const OperationOptions& operation,
                                 const ScheduleOptions& options);
/// Program, authority, code and what is scheduled. Errors: those of the node.
Result<Report> governor_show(Context& context, const std::string& wallet,
                             const std::string& program);

}  // namespace latchkey::cli
