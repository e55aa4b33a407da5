// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/output.hpp"
#include "core/wallet/describe.hpp"

/// Rules and signers as tables, whichever chain they were read from.
namespace latchkey::cli {

/// What is left of every budget.
class LimitTable {
  public:
    /// `now`: unix seconds.
    explicit LimitTable(std::uint64_t now) : now_(now) {}

    /// A row for each limit of the rule. `counters`: window and what is spent in it; those of the
    /// rule begin at `first`, and may be missing.
    template <typename Counter>
    void add(const std::string& name, const core::Rule& rule, const std::vector<Counter>& counters,
             std::size_t first = 0) {
        for (std::size_t i = 0; i < rule.limits.size(); ++i) {
            const bool is_there = first + i < counters.size();
            add_row(name, rule, i, is_there ? counters[first + i].window : 0,
                    is_there ? counters[first + i].spent : 0);
        }
    }
    Report report() const;

  private:
    void add_row(const std::string& name, const core::Rule& rule, std::size_t limit,
                 std::uint64_t window, std::uint64_t spent);

    std::uint64_t now_;
    std::vector<std::vector<std::string>> rows_;
    json::array fields_;
};

/// "session:0": how --rule names it.
std::string session_name(std::size_t place);

/// One line for each signer of the configuration.
Report signers_report(const core::Configuration& configuration, const core::Names& names);

}  // namespace latchkey::cli
