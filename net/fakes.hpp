// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tests only: time, chance and the network as a test wants them.
#include <functional>
#include <vector>

#include "net/http.hpp"

namespace latchkey::net {

/// Time passes only when somebody sleeps.
class FakeClock final : public Clock {
  public:
    [[nodiscard]] TimePoint now() const override { return now_; }
    Task<void> sleep_until(TimePoint until) override {
        if (until > now_) {
            sleeps.push_back(std::chrono::duration_cast<Milliseconds>(until - now_));
            now_ = until;
        }
        co_return;
    }
    void advance(Duration duration) { now_ += duration; }

    std::vector<Milliseconds> sleeps;

  private:
    TimePoint now_{std::chrono::hours(1)};
};

/// Always the longest wait.
class LongestJitter final : public Jitter {
  public:
    std::uint64_t below(std::uint64_t bound) override { return bound == 0 ? 0 : bound - 1; }
};

using Answer = std::function<Result<HttpResponse>(const HttpRequest&)>;

/// Answers by script and remembers what was asked.
class ScriptedTransport final : public HttpTransport {
  public:
    Task<Result<HttpResponse>> send(HttpRequest request, Deadline deadline) override {
        requests.push_back(request);
        deadlines.push_back(deadline);
        const Answer answer = script.size() > 1 ? script.front() : script.at(0);
        if (script.size() > 1) {
            script.erase(script.begin());
        }
        co_return answer(request);
    }

    /// The last one answers everything that follows.
    std::vector<Answer> script;
    std::vector<HttpRequest> requests;
    std::vector<Deadline> deadlines;
};

}  // namespace latchkey::net
