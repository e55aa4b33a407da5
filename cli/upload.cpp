// SPDX-License-Identifier: Apache-2.0
#include "cli/upload.hpp"

#include <algorithm>

#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/loader.hpp"
#include "cli/submit.hpp"
#include "cli/text.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;
namespace loader = solana::loader;

namespace {

/// Bytes of code in one transaction of at most 1,232.
constexpr std::size_t kChunkBytes = 960;
/// Transactions that are on their way at the same time.
constexpr std::size_t kWave = 16;
constexpr unsigned kRounds = 12;
constexpr unsigned kPolls = 60;
constexpr net::Milliseconds kPollInterval{150};

/// Offsets of the chunks that the chain does not have yet.
std::vector<std::size_t> missing_chunks(core::ByteView present, core::ByteView code) {
    std::vector<std::size_t> out;
    for (std::size_t at = 0; at < code.size(); at += kChunkBytes) {
        const std::size_t size = std::min(kChunkBytes, code.size() - at);
        const bool is_there = present.size() == code.size() &&
                              core::equal(present.subspan(at, size), code.subspan(at, size));
        if (!is_there) {
            out.push_back(at);
        }
    }
    return out;
}

/// Sends without waiting; what gets lost is sent again in the next round.
Result<void> send_wave(Chain& chain, const Submission& submission, const solana::Address& buffer,
                       core::ByteView code, std::span<const std::size_t> offsets) {
    std::vector<solana::Signature> ids;
    const solana::Address payer = submission.fee_payer->address();
    for (const std::size_t at : offsets) {
        const std::size_t size = std::min(kChunkBytes, code.size() - at);
        LATCHKEY_TRY(const ReadyTransaction ready,
                     make_transaction(chain,
                                      {loader::write(buffer, payer, static_cast<std::uint32_t>(at),
                                                     code.subspan(at, size))},
                                      submission));
        const auto sent = chain.run(chain.rpc().send(ready.transaction, /*preflight=*/false));
        if (sent) {
            ids.push_back(*sent);
        }
    }
    for (unsigned i = 0; i < kPolls && !ids.empty(); ++i) {
        LATCHKEY_TRY(const auto statuses,
                     chain.run(chain.rpc().get_signature_statuses(ids, false)));
        const bool are_all_known =
            std::all_of(statuses.begin(), statuses.end(), [](const auto& one) {
                return one && one->commitment != solana::Commitment::kProcessed;
            });
        if (are_all_known) {
            return {};
        }
        net::SystemClock clock;
        chain.run(clock.sleep_until(clock.now() + kPollInterval));
    }
    return {};
}

Result<core::Bytes> read_code(Chain& chain, const solana::Address& buffer) {
    LATCHKEY_TRY(const auto account, chain.run(chain.rpc().get_account(buffer)));
    if (!account || account->owner != solana::kUpgradeableLoader) {
        return fail(ErrorCode::kRpcMalformed, "the new buffer is not there");
    }
    LATCHKEY_TRY(loader::Buffer found, loader::decode_buffer(account->data));
    return std::move(found.code);
}

/// What was paid for is told, so that it is not lost.
core::Error with_buffer(core::Error error, const solana::Address& buffer) {
    const std::string address = solana::to_base58(buffer);
    error.context += "; what was paid for is in the buffer " + address +
                     ": `latchkey program close " + address +
                     "` takes the lamports back, if it is there";
    return error;
}

Result<void> fill_buffer(Chain& chain, const Output& output, core::ByteView code, const Key& payer,
                         const Key& buffer) {
    const std::size_t size = loader::kBufferHead + code.size();
    LATCHKEY_TRY(const std::uint64_t rent, chain.run(chain.rpc().get_minimum_balance(size)));
    const Submission opening{&payer, {&buffer}, {}, {}, {}};
    output.progress("opening a buffer …");
    LATCHKEY_CHECK(
        send_instructions(chain, output,
                          {solana::system::create_account(payer.address(), buffer.address(), rent,
                                                          size, solana::kUpgradeableLoader),
                           loader::initialize_buffer(buffer.address(), payer.address())},
                          opening));
    const Submission writing{&payer, {}, {}, {}, {}};
    const std::size_t chunks = (code.size() + kChunkBytes - 1) / kChunkBytes;
    std::vector<std::size_t> missing = missing_chunks({}, code);
    for (unsigned round = 0; round < kRounds; ++round) {
        for (std::size_t at = 0; at < missing.size(); at += kWave) {
            output.progress("writing the code, " + std::to_string(chunks - missing.size() + at) +
                            " of " + std::to_string(chunks) + " parts …");
            const std::span<const std::size_t> rest = std::span(missing).subspan(at);
            LATCHKEY_CHECK(send_wave(chain, writing, buffer.address(), code,
                                     rest.first(std::min(kWave, rest.size()))));
        }
        LATCHKEY_TRY(const core::Bytes present, read_code(chain, buffer.address()));
        missing = missing_chunks(present, code);
        if (missing.empty()) {
            return {};
        }
    }
    return fail(ErrorCode::kConfirmationUnknown,
                "the code's buffer still lacks " + std::to_string(missing.size()) + " parts");
}

}  // namespace

Result<solana::Address> write_buffer(Chain& chain, const Output& output, core::ByteView code,
                                     const Key& payer) {
    LATCHKEY_TRY(const Key buffer, make_transaction_key("buffer"));
    auto written = fill_buffer(chain, output, code, payer, buffer);
    output.end_progress();
    if (!written) {
        return tl::unexpected(with_buffer(std::move(written).error(), buffer.address()));
    }
    return buffer.address();
}

Result<Receipt> deploy_program(Chain& chain, const Output& output, core::ByteView code,
                               const Key& payer, const Key& program, std::size_t room) {
    // Before anything is paid for.
    LATCHKEY_TRY(const auto present, chain.run(chain.rpc().get_account(program.address())));
    if (present) {
        return fail(ErrorCode::kCommandInput, "there is an account at " +
                                                  solana::to_base58(program.address()) +
                                                  " already; a new program needs a new key");
    }
    LATCHKEY_TRY(const std::uint64_t rent,
                 chain.run(chain.rpc().get_minimum_balance(loader::kProgramBytes)));
    LATCHKEY_TRY(const solana::Address buffer, write_buffer(chain, output, code, payer));
    const solana::Address owner = payer.address();
    LATCHKEY_TRY(const solana::Instruction deploy,
                 loader::deploy(owner, program.address(), buffer, owner, room));
    const Submission submission{&payer, {&program}, {}, {}, {}};
    auto deployed = send_instructions(
        chain, output,
        {solana::system::create_account(owner, program.address(), rent, loader::kProgramBytes,
                                        solana::kUpgradeableLoader),
         deploy},
        submission);
    return deployed ? std::move(deployed)
                    : tl::unexpected(with_buffer(std::move(deployed).error(), buffer));
}

Result<Receipt> hand_over(Chain& chain, const Output& output, const solana::Address& account,
                          const Key& payer, const Key& authority,
                          const std::optional<solana::Address>& next) {
    const Submission submission{&payer, {&authority}, {}, {}, {}};
    return send_instructions(
        chain, output, {loader::set_authority(account, authority.address(), next)}, submission);
}

}  // namespace latchkey::cli
