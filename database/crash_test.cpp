// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "database/fixture_testing.hpp"

namespace latchkey::database::testing {
namespace {

using Crash = OnBothEngines;
INSTANTIATE_TEST_SUITE_P(Engines, Crash, ::testing::Values(Engine::kSqlite, Engine::kPostgresql),
                         engine_name);

/// Writes two rows per transaction, the next numbers, and says so on the pipe once committed.
int write_for_ever(Database& database, int pipe) {
    for (;;) {
        const auto last =
            in_transaction(database, [](Transaction& transaction) -> Result<std::int64_t> {
                LATCHKEY_TRY(const Rows rows,
                             transaction.execute("SELECT coalesce(max(id), 0) FROM things"));
                LATCHKEY_TRY(const Row row, rows.only());
                LATCHKEY_TRY(const auto id, row.integer(0));
                for (const std::int64_t next : {id + 1, id + 2}) {
                    LATCHKEY_CHECK(transaction.execute(
                        "INSERT INTO things (id, data) VALUES ($1, $2)", {next, Bytes(3000, 5)}));
                }
                return id + 2;
            });
        if (!last.has_value() || ::write(pipe, &*last, sizeof(*last)) != sizeof(*last)) {
            return 1;
        }
    }
}

/// The last number that was acknowledged before the writer was killed; -1 if none.
std::int64_t kill_a_writer(const std::function<std::unique_ptr<Database>()>& open,
                           std::chrono::microseconds after) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t child = in_child([&] {
        ::close(ends[0]);
        const auto own = open();
        return own == nullptr ? 1 : write_for_ever(*own, ends[1]);
    });
    ::close(ends[1]);
    std::int64_t last = -1;
    // The time counts from the first commit: connecting is not what is tested.
    EXPECT_EQ(::read(ends[0], &last, sizeof(last)), static_cast<ssize_t>(sizeof(last)));
    std::this_thread::sleep_for(after);
    ::kill(child, SIGKILL);
    while (::read(ends[0], &last, sizeof(last)) == static_cast<ssize_t>(sizeof(last))) {
    }
    ::close(ends[0]);
    EXPECT_EQ(wait_for(child), 128 + SIGKILL);
    return last;
}

TEST_P(Crash, whatever_was_acknowledged_is_there_and_nothing_half_done) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::minstd_rand random(seed);
    std::uniform_int_distribution<int> microseconds(0, 40000);
    database_.reset();
    for (int round = 0; round < 12; ++round) {
        const auto last =
            kill_a_writer([&] { return open(); }, std::chrono::microseconds(microseconds(random)));
        const auto after = open();
        ASSERT_NE(after, nullptr);
        // On a server the killed client's last transaction may still be ending; it is behind this
        // one's lock or not there.
        const auto rows = after->query("SELECT count(*), coalesce(max(id), 0) FROM things");
        ASSERT_OK(rows);
        const auto count = *rows->rows[0].integer(0);
        EXPECT_EQ(count, *rows->rows[0].integer(1)) << "a number is missing";
        EXPECT_EQ(count % 2, 0) << "half of a transaction";
        EXPECT_GE(count, last) << "an acknowledged row is missing";
        EXPECT_LE(count, last + 2) << "more than the one transaction in flight";
        if (is_sqlite()) {
            EXPECT_OK(after->check_integrity());
        }
    }
}

}  // namespace
}  // namespace latchkey::database::testing
