// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdlib>

#include "database/migrations.hpp"
#include "database/server_testing.hpp"

namespace latchkey::database {
namespace {

constexpr std::size_t kRowBytes = 400;
constexpr Migration kTables[] = {
    {1, "rows", "CREATE TABLE bench_rows (id {integer} PRIMARY KEY, data {bytes}) {table};"}};

std::unique_ptr<Database> open(Engine engine) {
    static const testing::TemporaryFolder folder;
    const std::string url = engine == Engine::kSqlite ? "sqlite:" + folder.path() + "/bench.db"
                                                      : testing::postgresql_url(true).value_or("");
    auto database = Database::open(url);
    if (!database.has_value() || !migrate(**database, "bench", kTables).has_value()) {
        return nullptr;
    }
    return *std::move(database);
}

/// Opened once and kept: Google Benchmark calls the functions many times.
Database* opened(Engine engine) {
    static const std::unique_ptr<Database> sqlite = open(Engine::kSqlite);
    static const std::unique_ptr<Database> postgresql = open(Engine::kPostgresql);
    return engine == Engine::kSqlite ? sqlite.get() : postgresql.get();
}

std::int64_t next_id() {
    static std::atomic<std::int64_t> last = 0;
    return ++last;
}

template <Engine kEngine>
void transactions(benchmark::State& state) {
    Database* database = opened(kEngine);
    if (database == nullptr) {
        state.SkipWithError("no database");
        return;
    }
    const Bytes data(kRowBytes, 1);
    for (auto unused : state) {
        const auto done = in_transaction(*database, [&](Transaction& t) -> Result<void> {
            for (std::int64_t i = 0; i < state.range(0); ++i) {
                LATCHKEY_CHECK(t.execute("INSERT INTO bench_rows (id, data) VALUES ($1, $2)",
                                         {next_id(), data}));
            }
            return {};
        });
        if (!done.has_value()) {
            state.SkipWithError(done.error().to_string().c_str());
            return;
        }
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

template <Engine kEngine>
void point_reads(benchmark::State& state) {
    Database* database = opened(kEngine);
    if (database == nullptr) {
        state.SkipWithError("no database");
        return;
    }
    for (auto unused : state) {
        benchmark::DoNotOptimize(database->query("SELECT data FROM bench_rows WHERE id = $1", {1}));
    }
    state.SetItemsProcessed(state.iterations());
}

// Rows per transaction, and how many clients at once.
BENCHMARK(transactions<Engine::kSqlite>)->Arg(1)->Arg(100)->UseRealTime();
BENCHMARK(transactions<Engine::kSqlite>)->Arg(1)->Threads(8)->UseRealTime();
BENCHMARK(transactions<Engine::kPostgresql>)->Arg(1)->Arg(100)->UseRealTime();
BENCHMARK(transactions<Engine::kPostgresql>)->Arg(1)->Threads(8)->UseRealTime();
BENCHMARK(point_reads<Engine::kSqlite>)->UseRealTime();
BENCHMARK(point_reads<Engine::kPostgresql>)->UseRealTime();

}  // namespace
}  // namespace latchkey::database

BENCHMARK_MAIN();
