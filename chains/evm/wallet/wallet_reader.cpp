// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/wallet_reader.hpp"

#include <algorithm>
#include <functional>
#include <iterator>

#include "chains/evm/wallet/history.hpp"

namespace latchkey::evm::wallet {

using core::ErrorCode;
using core::fail;
using core::to_result;

namespace {

constexpr std::size_t kRecoveryRulesMax = 16;

tl::unexpected<core::Error> malformed(const std::string& what) {
    return fail(ErrorCode::kNodeMalformed, what + "; ask another node");
}

/// Whether the node may have refused because it was asked for too many blocks. Each says that in
/// its own way.
bool may_be_too_much(ErrorCode code) {
    return code == ErrorCode::kNodeRejected || code == ErrorCode::kHttpStatus ||
           code == ErrorCode::kHttpTooLarge || code == ErrorCode::kServerUnavailable ||
           code == ErrorCode::kTimedOut;
}

/// One wallet at one block.
class Reader {
  public:
    Reader(RpcClient& rpc, const WalletHandle& wallet, const ReaderOptions& options)
        : rpc_(rpc), options_(options), out_(in_genesis(wallet)) {}

    Task<Result<WalletSnapshot>> run() {
        LATCHKEY_CO_CHECK(co_await find_block());
        LATCHKEY_CO_TRY(const Bytes code, co_await rpc_.get_code(address(), out_.block_hash));
        if (code.empty()) {
            co_return std::move(out_);
        }
        if (code != clone_code(out_.wallet.deployment().wallet)) {
            co_return malformed("the node has code at the wallet's address that cannot be there");
        }
        out_.is_made = true;
        LATCHKEY_CO_CHECK(co_await read_head());
        LATCHKEY_CO_CHECK(co_await read_recovery_records());
        if (out_.hot.number != 0 || out_.hot.local_rules != 0) {
            LATCHKEY_CO_CHECK(co_await read_history());
        } else if (out_.config_id != core::first_config_id(out_.wallet.id())) {
            co_return malformed("the node shows a configuration that nothing led to");
        }
        LATCHKEY_CO_CHECK(co_await read_rules());
        LATCHKEY_CO_CHECK(co_await read_sessions());
        LATCHKEY_CO_CHECK(co_await read_proposals());
        co_return std::move(out_);
    }

  private:
    const Address& address() const { return out_.wallet.address(); }
    Task<Result<std::vector<Hash32>>> load(std::vector<Hash32> slots) {
        return rpc_.get_storage(address(), std::move(slots), out_.block_hash);
    }

    Task<Result<void>> find_block() {
        LATCHKEY_CO_TRY(const auto block, co_await rpc_.get_block(options_.at));
        if (!block) {
            co_return fail(ErrorCode::kNodeMalformed, "the node does not have the block");
        }
        out_.block_number = block->number;
        out_.block_hash = block->hash;
        out_.time = block->timestamp;
        co_return Result<void>();
    }

    Task<Result<void>> read_head() {
        std::vector<Hash32> slots{hot_slot(), configuration_slot()};
        LATCHKEY_CO_TRY(const auto words, co_await load(std::move(slots)));
        LATCHKEY_CO_TRY(out_.hot, decode_hot_word(words[0]));
        if (out_.hot.is_upgraded || out_.hot.is_adopted) {
            co_return fail(ErrorCode::kUnsupported,
                           out_.hot.is_upgraded
                               ? "the wallet has been upgraded: its own code says what it stores"
                               : "the wallet is an account that adopted its genesis");
        }
        if (out_.hot.is_configured != (out_.hot.number != 0)) {
            co_return malformed("the wallet's first word contradicts itself");
        }
        if (out_.hot.is_configured) {
            out_.config_id = core::ConfigId(words[1].array());
        }
        co_return Result<void>();
    }

    /// `word` and `digest`: a record and what follows it. Zero is none.
    static Result<void> add_record(std::vector<core::model::Record>& out, std::uint8_t rule,
                                   const Hash32& word, const Hash32& digest) {
        if (!word.is_zero()) {
            LATCHKEY_TRY(core::model::Record record, decode_record(word));
            record.rule = rule;
            record.digest = digest;
            out.push_back(record);
        }
        return {};
    }

    Task<Result<void>> read_recovery_records() {
        std::vector<std::uint8_t> rules;
        std::vector<Hash32> slots;
        for (std::uint8_t i = 0; i < kRecoveryRulesMax; ++i) {
            if ((out_.hot.recovery_records >> i & 1U) != 0) {
                const Hash32 slot = recovery_record_slot(i);
                rules.push_back(static_cast<std::uint8_t>(i | core::kRecoveryRule));
                slots.insert(slots.end(), {slot, digest_slot(slot)});
            }
        }
        LATCHKEY_CO_TRY(const auto words, co_await load(std::move(slots)));
        for (std::size_t i = 0; i < rules.size(); ++i) {
            LATCHKEY_CO_CHECK(
                add_record(recovery_records_, rules[i], words[2 * i], words[2 * i + 1]));
        }
        co_return Result<void>();
    }

    /// Configuration and sessions, when they are not those of the genesis.
    Task<Result<void>> read_history() {
        const StoredState stored{out_.hot, out_.config_id, recovery_records_};
        Result<History> made = fail(ErrorCode::kNodeMalformed);
        const auto is_whole = [&]() {
            made = replay(out_.wallet, events_, stored);
            return made.has_value();
        };
        LATCHKEY_CO_CHECK(co_await walk(is_whole));
        LATCHKEY_CO_TRY(history_, std::move(made));
        const PastConfiguration& present = history_->past.back();
        out_.source = present.source;
        out_.configuration = present.configuration;
        out_.shared = history_->shared;
        out_.past = history_->past;
        co_return Result<void>();
    }

    Task<Result<void>> read_rules() {
        std::vector<Hash32> slots;
        for (std::size_t i = 0; i < out_.configuration.rules.size(); ++i) {
            LATCHKEY_CO_TRY(const core::RuleId id, to_result(core::rule_id_of(out_.shared, i)));
            const Hash32 record = record_slot(id);
            slots.insert(slots.end(), {record, digest_slot(record), local_list_slot(id)});
            for (std::size_t j = 0; j < out_.configuration.rules[i].limits.size(); ++j) {
                slots.push_back(counter_slot(id, j));
            }
        }
        LATCHKEY_CO_TRY(const auto words, co_await load(std::move(slots)));
        out_.counters.clear();
        auto word = words.begin();
        for (std::size_t i = 0; i < out_.configuration.rules.size(); ++i) {
            const auto rule = static_cast<std::uint8_t>(i);
            LATCHKEY_CO_CHECK(add_record(out_.records, rule, word[0], word[1]));
            LATCHKEY_CO_CHECK(add_sessions(rule, word[2]));
            word += 3;
            auto& counters = out_.counters.emplace_back();
            for (std::size_t j = 0; j < out_.configuration.rules[i].limits.size(); ++j) {
                LATCHKEY_CO_TRY(const auto counter, decode_counter(*word++));
                counters.push_back(counter);
            }
        }
        std::copy(recovery_records_.begin(), recovery_records_.end(),
                  std::back_inserter(out_.records));
        co_return Result<void>();
    }

    Result<void> add_sessions(std::uint8_t rule, const Hash32& word) {
        if (!history_) {
            return word.is_zero() ? Result<void>()
                                  : malformed("the wallet's first word does not count a session");
        }
        LATCHKEY_TRY(auto sessions, sessions_of(out_.wallet, *history_, rule, word));
        std::move(sessions.begin(), sessions.end(), std::back_inserter(out_.sessions));
        return {};
    }

    /// Sequences and counters.
    Task<Result<void>> read_sessions() {
        std::vector<Hash32> slots;
        for (const Session& session : out_.sessions) {
            const std::size_t words = std::max<std::size_t>(session.counters.size(), 1);
            for (std::size_t i = 0; i < words; ++i) {
                slots.push_back(counter_slot(session.id, i));
            }
        }
        LATCHKEY_CO_TRY(const auto words, co_await load(std::move(slots)));
        auto word = words.begin();
        for (Session& session : out_.sessions) {
            LATCHKEY_CO_TRY(const SessionWord first, decode_session_word(*word++));
            session.sequence = first.sequence;
            for (std::size_t i = 0; i < session.counters.size(); ++i) {
                if (i == 0) {
                    session.counters[0] = first.counter;
                    continue;
                }
                LATCHKEY_CO_TRY(session.counters[i], decode_counter(*word++));
            }
        }
        co_return Result<void>();
    }

    Task<Result<void>> read_proposals() {
        for (const core::model::Record& record : out_.records) {
            if (record.action != 0) {
                out_.proposals.push_back({record, std::nullopt});
            }
        }
        const auto are_found = [this]() {
            for (Proposal& one : out_.proposals) {
                if (!one.body) {
                    one.body = find_proposed(out_.wallet, events_, one.record);
                }
            }
            return std::all_of(out_.proposals.begin(), out_.proposals.end(),
                               [](const Proposal& one) { return one.body.has_value(); });
        };
        co_return co_await walk(are_found);
    }

    /// Reads events, newest first, until they are enough or there are no more.
    Task<Result<void>> walk(std::function<bool()> is_enough) {
        while (!is_enough() && !is_walked()) {
            LATCHKEY_CO_CHECK(co_await read_older());
        }
        co_return Result<void>();
    }
    bool is_walked() const {
        return next_end_ && (*next_end_ == 0 || *next_end_ <= options_.first_block);
    }

    /// The events before those that are there; at least one unless there are none.
    Task<Result<void>> read_older() {
        const std::size_t before = events_.size();
        while (!is_walked() && events_.size() == before) {
            LATCHKEY_CO_CHECK(co_await read_range());
        }
        co_return Result<void>();
    }

    /// The logs of as many blocks as the node gives at once, up to `next_end_`.
    Task<Result<void>> read_range() {
        if (!next_end_) {
            next_end_ = out_.block_number + 1;
            range_ = std::max<std::uint64_t>(options_.largest_range, 1);
        }
        const std::uint64_t end = *next_end_;
        const std::uint64_t first = std::min(options_.first_block, end - 1);
        const std::uint64_t blocks = std::min(range_, end - first);
        LogFilter filter;
        filter.from = end - blocks;
        filter.to = end - 1;
        filter.addresses = {address()};
        filter.topics = {topics_of<Configured, Granted, Revoked, Proposed>()};
        auto logs = co_await rpc_.get_logs(filter);
        if (!logs) {
            if (!may_be_too_much(logs.error().code) || blocks <= options_.smallest_range ||
                blocks == 1) {
                co_return tl::unexpected(std::move(logs).error());
            }
            range_ = std::max(blocks / 2, std::max<std::uint64_t>(options_.smallest_range, 1));
            co_return Result<void>();
        }
        LATCHKEY_CO_CHECK(put_before(*std::move(logs), end - blocks, end));
        next_end_ = end - blocks;
        co_return Result<void>();
    }

    Result<void> put_before(std::vector<Log> logs, std::uint64_t from, std::uint64_t end) {
        std::sort(logs.begin(), logs.end(), [](const Log& a, const Log& b) {
            return std::pair(a.block_number, a.log_index) < std::pair(b.block_number, b.log_index);
        });
        std::vector<WalletEvent> found;
        for (const Log& log : logs) {
            if (log.address != address() || log.is_removed || log.block_number < from ||
                log.block_number >= end) {
                return malformed("the node has sent a log that was not asked for");
            }
            LATCHKEY_TRY(auto event, decode_event(log));
            if (event) {
                found.push_back({*std::move(event), log.transaction_hash});
            }
        }
        std::move(events_.begin(), events_.end(), std::back_inserter(found));
        events_ = std::move(found);
        return {};
    }

    RpcClient& rpc_;
    ReaderOptions options_;
    WalletSnapshot out_;
    std::vector<core::model::Record> recovery_records_;
    /// Present with another configuration than the genesis, and with sessions.
    std::optional<History> history_;
    /// Oldest first, from the block `next_end_` on.
    std::vector<WalletEvent> events_;
    /// Absent until logs are asked for.
    std::optional<std::uint64_t> next_end_;
    std::uint64_t range_ = 0;
};

}  // namespace

Task<Result<WalletSnapshot>> fetch_wallet(RpcClient& rpc, WalletHandle wallet,
                                          ReaderOptions options) {
    Reader reader(rpc, wallet, options);
    co_return co_await reader.run();
}

Task<Result<std::uint64_t>> fetch_sequence(RpcClient& rpc, WalletHandle wallet, std::uint64_t lane,
                                           BlockId at) {
    const Hash32 slot = lane == 0 ? hot_slot() : nonce_slot(lane);
    LATCHKEY_CO_TRY(const Hash32 word,
                    co_await rpc.get_storage_at(wallet.address(), Uint256::from_word(slot), at));
    if (lane == 0) {
        LATCHKEY_CO_TRY(const HotWord hot, decode_hot_word(word));
        co_return hot.sequence;
    }
    const auto sequence = Uint256::from_word(word).to_u64();
    if (!sequence) {
        co_return malformed("the node shows a nonce lane with an impossible number");
    }
    co_return *sequence;
}

}  // namespace latchkey::evm::wallet
