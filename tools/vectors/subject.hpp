// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/vectors/vector_json.hpp"

/// Each subject of the specification is one file of vectors: how it is made, and how an
/// implementation runs it.
namespace latchkey::vectors {

/// Collects what a vector got wrong.
class Findings {
  public:
    explicit Findings(std::string vector) : vector_(std::move(vector)) {}

    /// Both sides as they are written in vectors.
    void equal(std::string_view what, const json::value& expected, const json::value& actual);
    void verdict(Verdict expected, Verdict actual);
    void that(std::string_view what, bool holds);

    const std::vector<std::string>& messages() const { return messages_; }

  private:
    std::string vector_;
    std::vector<std::string> messages_;
};

struct Subject {
    /// File name without its suffix.
    std::string_view name;
    /// One sentence for the file's head.
    std::string_view about;
    json::array (*generate)();
    /// Runs one vector through the public API.
    void (*run)(const json::object& vector, Findings& findings);
};

/// All of them, in the order of the specification.
std::span<const Subject> subjects();

// One pair of functions for each; see the file of that name.
json::array generate_configurations();
void run_configuration(const json::object& vector, Findings& findings);
json::array generate_identities();
void run_identity(const json::object& vector, Findings& findings);
json::array generate_recoveries();
void run_recovery(const json::object& vector, Findings& findings);
json::array generate_rules();
void run_rule(const json::object& vector, Findings& findings);
json::array generate_grants();
void run_grant(const json::object& vector, Findings& findings);
json::array generate_conditions();
void run_condition(const json::object& vector, Findings& findings);
json::array generate_lanes();
void run_lane(const json::object& vector, Findings& findings);
json::array generate_leaves();
void run_leaf(const json::object& vector, Findings& findings);
json::array generate_trees();
void run_tree(const json::object& vector, Findings& findings);
json::array generate_digests();
void run_digest(const json::object& vector, Findings& findings);
json::array generate_evidence();
void run_evidence(const json::object& vector, Findings& findings);
json::array generate_wallets();
void run_wallet(const json::object& vector, Findings& findings);
/// The part of `wallets` that is about waiting.
json::array generate_waiting_wallets();

/// The file's text: one vector a line, so that a change of one shows as one.
std::string file_text(const Subject& subject);
/// Everything wrong with the text of a subject's file; empty if its vectors all pass.
std::vector<std::string> run_file(const Subject& subject, std::string_view text);

/// Stops the generator: an expectation written down by hand does not hold.
void require(bool holds, std::string_view what);

}  // namespace latchkey::vectors
