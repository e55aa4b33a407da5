// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/watch.hpp"

#include <signal.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>

#include "chains/solana/client/pubsub.hpp"
#include "chains/solana/client/wallet_reader.hpp"
#include "cli/alarms.hpp"
#include "cli/files.hpp"
#include "cli/shell_command.hpp"
#include "cli/text.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::cli {

namespace asio = boost::asio;
using core::ErrorCode;
using core::fail;
using net::Task;

namespace {

constexpr std::string_view kResumeFormat = "latchkey watch 1";
constexpr net::Milliseconds kConnectTimeout{10'000};
constexpr net::Milliseconds kRetryMin{1'000};
constexpr net::Milliseconds kRetryMax{60'000};
constexpr std::chrono::hours kNoticeSlice{1};
/// So long may a node show a new state before it lists the transaction.
constexpr std::chrono::seconds kListingTime{30};
constexpr std::chrono::seconds kListingPoll{1};

/// Wakes the loop: a notice, a signal, a lost connection.
struct Bell {
    explicit Bell(const net::Executor& executor) : timer(executor) {}

    void ring() {
        is_rung = true;
        timer.cancel();
    }
    /// Until then, or until it rings.
    Task<void> wait(net::Deadline until) {
        if (!is_rung) {
            timer.expires_at(until);
            co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        }
        is_rung = false;
    }

    asio::steady_timer timer;
    bool is_rung = false;
    bool is_stopped = false;
    bool is_deaf = false;
};

/// Rings for every change of the account, until the connection is gone.
Task<void> listen(std::shared_ptr<Bell> bell,
                  solana::Subscription<solana::AccountNotice> subscription) {
    for (;;) {
        const auto notice = co_await subscription.next(net::SteadyClock::now() + kNoticeSlice);
        if (!notice && notice.error().code == ErrorCode::kTimedOut) {
            continue;
        }
        bell->is_deaf = bell->is_deaf || !notice;
        bell->ring();
        if (!notice) {
            co_return;
        }
    }
}

/// Where nodes listen for WebSockets: on the port after their own, if they name one.
Result<net::Url> websocket_url(const WatchOptions& options, const std::string& rpc) {
    auto parsed = net::parse_url(options.websocket_url.empty() ? rpc : options.websocket_url);
    if (!parsed || (!options.websocket_url.empty() && !parsed->is_websocket())) {
        return fail(ErrorCode::kCommandInput,
                    "--ws is the node's WebSocket URL, such as ws://127.0.0.1:8900");
    }
    if (!parsed->is_websocket()) {
        const bool is_tls = parsed->is_tls();
        const bool has_own_port = parsed->port != (is_tls ? 443 : 80);
        parsed->scheme = is_tls ? net::Scheme::kWss : net::Scheme::kWs;
        parsed->port = static_cast<std::uint16_t>(parsed->port + (has_own_port ? 1 : 0));
    }
    return parsed;
}

/// One wallet that is followed.
struct Followed {
    std::string name;
    WalletFile file;
    std::optional<AlarmReader> reader{};
    std::optional<solana::Signature> seen{};
    /// Since when its state cannot be explained.
    std::optional<net::TimePoint> unexplained{};
    net::TimePoint last_success = net::SteadyClock::now();
    bool was_heard = false;
    bool has_failed = false;
    bool is_blind = false;
};

class Watch {
  public:
    Watch(Context& context, const WatchOptions& options, Chain& chain)
        : output_(context.output()),
          options_(options),
          chain_(chain),
          bell_(std::make_shared<Bell>(chain.executor())) {}

    Result<void> prepare(Context& context);
    Task<Result<void>> run(net::Url url);
    std::uint64_t alarms() const { return alarms_; }

  private:
    Task<Result<void>> begin(Followed& wallet);
    Task<Result<void>> refresh(Followed& wallet);
    Task<bool> refresh_all();
    Task<Result<std::vector<solana::WalletTransaction>>> read_news(Followed& wallet,
                                                                   solana::HistoryReader& reader);
    void explain(Followed& wallet, const solana::WalletSnapshot& now);
    Task<void> connect(const net::Url& url);
    Task<void> step();
    void tell(const Followed& wallet, const Alarm& alarm);
    void note_failure(Followed& wallet, const core::Error& error);
    void note_success(Followed& wallet);
    void remember();
    [[nodiscard]] net::Duration listing_time() const {
        return std::min<net::Duration>(kListingTime, blind_after_);
    }
    [[nodiscard]] bool is_over() const {
        return bell_->is_stopped || (options_.is_once && alarms_ > 0) ||
               (ends_at_ && net::SteadyClock::now() >= *ends_at_);
    }

    const Output& output_;
    const WatchOptions& options_;
    Chain& chain_;
    std::shared_ptr<Bell> bell_;
    std::unique_ptr<solana::PubSub> pubsub_;
    std::vector<Followed> wallets_;
    std::uint64_t alarms_ = 0;
    net::Duration interval_{};
    net::Duration blind_after_{};
    std::optional<net::Deadline> ends_at_;
    net::TimePoint next_connect_ = net::SteadyClock::now();
    net::Milliseconds retry_ = kRetryMin;
    net::Milliseconds reconnect_ = kRetryMin;
    bool is_watching_ = false;
};

Result<void> Watch::prepare(Context& context) {
    LATCHKEY_TRY(const std::uint64_t interval, parse_duration(options_.interval));
    LATCHKEY_TRY(const std::uint64_t blind, parse_duration(options_.blind_after));
    interval_ = std::chrono::seconds(interval);
    blind_after_ = std::chrono::seconds(blind);
    if (!options_.timeout.empty()) {
        LATCHKEY_TRY(const std::uint64_t timeout, parse_duration(options_.timeout));
        ends_at_ = net::SteadyClock::now() + std::chrono::seconds(timeout);
    }
    std::vector<std::string> paths = options_.wallets;
    if (paths.empty()) {
        paths = {""};
    }
    json::object resumed;
    std::error_code error;
    const auto folder = std::filesystem::absolute(options_.resume_file, error).parent_path();
    if (!options_.resume_file.empty() && !std::filesystem::is_directory(folder, error)) {
        return fail(ErrorCode::kCommandInput,
                    "the folder of --resume " + options_.resume_file + " is not there");
    }
    if (!options_.resume_file.empty() && std::filesystem::exists(options_.resume_file, error)) {
        LATCHKEY_TRY(const json::object value, read_json_file(options_.resume_file));
        LATCHKEY_TRY(const std::string format, text_member(value, "format", options_.resume_file));
        const json::value* const seen = value.if_contains("seen");
        if (format != kResumeFormat || seen == nullptr || !seen->is_object()) {
            return fail(ErrorCode::kCommandInput,
                        options_.resume_file + " is not a file of --resume");
        }
        resumed = seen->as_object();
    }
    for (const std::string& path : paths) {
        LATCHKEY_TRY(WalletFile file, context.wallet(path));
        Followed one{path.empty() ? context.config().wallet : path, std::move(file)};
        LATCHKEY_CHECK(context.chain_of(one.file.wallet));
        const std::string id = core::encode_hex(one.file.wallet.id().view());
        if (const json::value* const seen = resumed.if_contains(id)) {
            const auto signature =
                seen->is_string() ? solana::parse_signature(std::string_view(seen->as_string()))
                                  : core::Result<solana::Signature>(fail(ErrorCode::kCommandInput));
            if (!signature) {
                return fail(ErrorCode::kCommandInput,
                            options_.resume_file + " is not a file of --resume");
            }
            one.seen = *signature;
        }
        wallets_.push_back(std::move(one));
    }
    return {};
}

void Watch::tell(const Followed& wallet, const Alarm& alarm) {
    if (options_.is_once && alarms_ > 0) {
        return;
    }
    // What stood already when the watch began is told, and is no event.
    const bool is_event = alarm.kind != "pending" && alarm.kind != "frozen";
    alarms_ += is_event ? 1 : 0;
    json::object fields = to_json(alarm);
    fields["wallet"] = wallet.name;
    fields["address"] = solana::to_base58(wallet.file.wallet.vault());
    Report report;
    const std::string when =
        alarm.time ? core::describe_time(static_cast<std::uint64_t>(*alarm.time)) + "  " : "";
    report.lines = {when + printable(wallet.name) + "  " +
                    output_.paint(is_event ? Style::kBad : Style::kHeading, alarm.kind) + "  " +
                    alarm.text};
    for (const std::string& line : alarm.details) {
        report.lines.push_back("    " + line);
    }
    if (alarm.transaction) {
        report.lines.push_back("    transaction " + solana::to_base58(*alarm.transaction));
    }
    report.fields = fields;
    output_.print(report);
    if (!options_.command.empty() &&
        !run_shell_command(options_.command, {"LATCHKEY_ALARM", alarm.kind},
                           json::serialize(fields) + "\n")) {
        output_.note("the command of --exec failed");
    }
}

void Watch::remember() {
    if (options_.resume_file.empty()) {
        return;
    }
    json::object seen;
    for (const Followed& wallet : wallets_) {
        if (wallet.seen) {
            seen[core::encode_hex(wallet.file.wallet.id().view())] =
                solana::to_base58(*wallet.seen);
        }
    }
    const auto written = write_json_file(
        options_.resume_file, {{"format", kResumeFormat}, {"seen", std::move(seen)}}, true);
    if (!written) {
        output_.note(sentence(written.error()));
    }
}

/// What stands already, and the place from which on everything is told.
Task<Result<void>> Watch::begin(Followed& wallet) {
    solana::RpcClient& rpc = chain_.rpc();
    solana::ReadAt at;
    if (!wallet.seen) {
        // First the place, then the state: what happens between them is told.
        LATCHKEY_CO_TRY(const auto newest,
                        co_await rpc.get_signatures_for_address(wallet.file.wallet.state(), 1));
        if (!newest.empty()) {
            wallet.seen = newest.front().signature;
            at.min_slot = newest.front().slot;
            remember();
        }
    }
    LATCHKEY_CO_TRY(const auto snapshot,
                    co_await solana::fetch_wallet(rpc, wallet.file.wallet, at));
    LATCHKEY_CO_TRY(const std::uint64_t now, co_await solana::fetch_time(rpc));
    wallet.reader.emplace(snapshot, wallet.file.names, options_.reads_all);
    for (const Alarm& alarm : wallet.reader->standing(snapshot, now)) {
        tell(wallet, alarm);
    }
    co_return Result<void>();
}

void Watch::explain(Followed& wallet, const solana::WalletSnapshot& now) {
    const std::vector<Alarm> alarms = wallet.reader->unexplained(now);
    if (!alarms.empty()) {
        const net::TimePoint since = wallet.unexplained.value_or(net::SteadyClock::now());
        wallet.unexplained = since;
        if (net::SteadyClock::now() - since < listing_time()) {
            return;
        }
        for (const Alarm& alarm : alarms) {
            wallet.reader->skip(alarm);
            tell(wallet, alarm);
        }
    }
    wallet.unexplained.reset();
    wallet.reader->accept(now);
}

/// The transactions since the last time, newest first. Whoever sends very many of them only delays
/// the details: what waits now is told after kListingTime.
Task<Result<std::vector<solana::WalletTransaction>>> Watch::read_news(
    Followed& wallet, solana::HistoryReader& reader) {
    const net::TimePoint begin = net::SteadyClock::now();
    bool has_looked_ahead = false;
    std::vector<solana::WalletTransaction> out;
    for (;;) {
        LATCHKEY_CO_TRY(auto one, co_await reader.next());
        if (!one) {
            co_return out;
        }
        out.push_back(*std::move(one));
        if (has_looked_ahead || net::SteadyClock::now() - begin < listing_time()) {
            continue;
        }
        LATCHKEY_CO_TRY(const auto ahead,
                        co_await solana::fetch_wallet(chain_.rpc(), wallet.file.wallet));
        has_looked_ahead = true;
        for (const Alarm& alarm : wallet.reader->unexplained(ahead)) {
            if (!alarm.proposal.empty()) {
                wallet.reader->skip(alarm);
                tell(wallet, alarm);
            }
        }
    }
}

Task<Result<void>> Watch::refresh(Followed& wallet) {
    if (!wallet.reader) {
        LATCHKEY_CO_CHECK(co_await begin(wallet));
    }
    solana::HistoryReader reader(chain_.rpc(), wallet.file.wallet, wallet.seen);
    LATCHKEY_CO_TRY(auto news, co_await read_news(wallet, reader));
    std::reverse(news.begin(), news.end());
    // Not from a node that is behind the one that told the news.
    solana::ReadAt at;
    at.min_slot = news.empty() ? 0 : news.back().slot;
    LATCHKEY_CO_TRY(const auto snapshot,
                    co_await solana::fetch_wallet(chain_.rpc(), wallet.file.wallet, at));
    for (const solana::WalletTransaction& one : news) {
        for (const Alarm& alarm : wallet.reader->read(one, snapshot)) {
            tell(wallet, alarm);
        }
    }
    explain(wallet, snapshot);
    if (reader.newest()) {
        wallet.seen = reader.newest();
        remember();
    }
    co_return Result<void>();
}

/// Whether all were heard. What is wrong with one wallet does not hide the others.
Task<bool> Watch::refresh_all() {
    bool are_all_heard = true;
    for (Followed& wallet : wallets_) {
        const auto refreshed = co_await refresh(wallet);
        if (refreshed) {
            note_success(wallet);
        } else {
            note_failure(wallet, refreshed.error());
            are_all_heard = false;
        }
        if (bell_->is_stopped || (options_.is_once && alarms_ > 0)) {
            break;
        }
    }
    co_return are_all_heard;
}

void Watch::note_failure(Followed& wallet, const core::Error& error) {
    if (!wallet.has_failed) {
        output_.note(printable(wallet.name) + ": " + sentence(error) + "; trying again");
    }
    wallet.has_failed = true;
    if (!wallet.is_blind && net::SteadyClock::now() - wallet.last_success >= blind_after_) {
        wallet.is_blind = true;
        tell(wallet, Alarm{"blind", "nothing was heard of the wallet: " + sentence(error)});
    }
}

void Watch::note_success(Followed& wallet) {
    if (wallet.is_blind) {
        tell(wallet,
             Alarm{"seen-again", "the node answers again; nothing that happened was missed"});
    }
    wallet.was_heard = true;
    wallet.last_success = net::SteadyClock::now();
    wallet.has_failed = false;
    wallet.is_blind = false;
    const bool are_all_heard = std::all_of(wallets_.begin(), wallets_.end(),
                                           [](const Followed& one) { return one.was_heard; });
    if (!is_watching_ && are_all_heard) {
        // From here on nothing is missed: programs wait for this line.
        is_watching_ = true;
        Report report;
        report.fields = {{"watching", wallets_.size()}};
        report.lines = {"watching; Ctrl-C ends it"};
        output_.print(report);
    }
}

Task<void> Watch::connect(const net::Url& url) {
    const net::TimePoint now = net::SteadyClock::now();
    if (options_.only_polls || now < next_connect_ ||
        (pubsub_ && pubsub_->is_open() && !bell_->is_deaf)) {
        co_return;
    }
    pubsub_.reset();
    reconnect_ = std::min(reconnect_ * 2, kRetryMax);
    next_connect_ = now + reconnect_;
    solana::PubSubOptions options;
    auto connected =
        co_await solana::PubSub::connect(chain_.executor(), url, options, now + kConnectTimeout);
    if (!connected) {
        co_return;
    }
    pubsub_ = *std::move(connected);
    bell_->is_deaf = false;
    for (const Followed& wallet : wallets_) {
        auto subscription = co_await pubsub_->account_subscribe(wallet.file.wallet.state(),
                                                                solana::Commitment::kConfirmed);
        if (!subscription) {
            pubsub_.reset();
            co_return;
        }
        asio::co_spawn(chain_.executor(), listen(bell_, *std::move(subscription)), asio::detached);
    }
    reconnect_ = kRetryMin;
}

/// Looks once, and waits for a reason to look again.
Task<void> Watch::step() {
    const bool are_all_heard = co_await refresh_all();
    retry_ = are_all_heard ? kRetryMin : std::min(retry_ * 2, kRetryMax);
    if (is_over()) {
        co_return;
    }
    net::Deadline until =
        net::SteadyClock::now() + (are_all_heard ? interval_ : net::Duration(retry_));
    if (std::any_of(wallets_.begin(), wallets_.end(),
                    [](const Followed& wallet) { return wallet.unexplained.has_value(); })) {
        until = std::min(until, net::SteadyClock::now() + kListingPoll);
    }
    if (ends_at_) {
        until = std::min(until, *ends_at_);
    }
    co_await bell_->wait(until);
}

Task<Result<void>> Watch::run(net::Url url) {
    asio::signal_set signals(chain_.executor(), SIGINT, SIGTERM);
    signals.async_wait([bell = bell_](const boost::system::error_code& error, int /*number*/) {
        if (!error) {
            bell->is_stopped = true;
            bell->ring();
        }
    });
    while (!is_over()) {
        co_await connect(url);
        co_await step();
    }
    pubsub_.reset();
    co_return Result<void>();
}

}  // namespace

Result<Report> watch_wallets(Context& context, const WatchOptions& options) {
    LATCHKEY_CHECK(context.require_solana("wallets are watched"));
    const std::string first = options.wallets.empty() ? "" : options.wallets.front();
    LATCHKEY_TRY(const WalletFile file, context.wallet(first));
    LATCHKEY_TRY(Chain* const chain, context.chain(file.wallet.deployment().program));
    const std::vector<std::string> urls = solana_urls(context.config());
    const std::string rpc = urls.empty() ? std::string(kDefaultRpc) : urls.front();
    LATCHKEY_TRY(net::Url url, websocket_url(options, rpc));
    Watch watch(context, options, *chain);
    LATCHKEY_CHECK(watch.prepare(context));
    // A command of --exec that does not read its input must not end this one.
    ::signal(SIGPIPE, SIG_IGN);
    LATCHKEY_CHECK(chain->run(watch.run(std::move(url))));
    if (options.is_once && watch.alarms() == 0) {
        return fail(ErrorCode::kNoAlarm, "nothing happened in the time given");
    }
    Report report;
    report.fields = {{"ended", true}, {"alarms", watch.alarms()}};
    report.lines = {"ended; " + std::to_string(watch.alarms()) + " alarms"};
    return report;
}

}  // namespace latchkey::cli
