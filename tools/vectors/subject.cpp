// SPDX-License-Identifier: Apache-2.0
#include "tools/vectors/subject.hpp"

#include <array>
#include <set>
#include <stdexcept>

namespace latchkey::vectors {

namespace {

constexpr std::array kSubjects = {
    Subject{"configurations",
            "Shared parts, genesis bytes and local rules: the verdict on bytes, and their value.",
            generate_configurations, run_configuration},
    Subject{"identities", "Wallet ids, vaults, salts and chains of configurations.",
            generate_identities, run_identity},
    Subject{"recoveries", "Recovery parts, their commitments and what a recovery leads to.",
            generate_recoveries, run_recovery},
    Subject{"rules", "Ids of shared and local rules.", generate_rules, run_rule},
    Subject{"grants", "Whether a rule may grant a local rule.", generate_grants, run_grant},
    Subject{"conditions", "Times, scopes and limits of a rule against a clock and calls.",
            generate_conditions, run_condition},
    Subject{"lanes", "Uses of nonce lanes.", generate_lanes, run_lane},
    Subject{"leaves", "What one action hashes to.", generate_leaves, run_leaf},
    Subject{"trees", "Several actions under one approval.", generate_trees, run_tree},
    Subject{"digests", "From leaves and roots to what each kind of signer signs.", generate_digests,
            run_digest},
    Subject{"evidence", "Signatures and assertions over a digest, good and bad.", generate_evidence,
            run_evidence},
    Subject{"wallets", "Sequences of actions on one wallet and the verdict on each.",
            generate_wallets, run_wallet},
};

constexpr std::string_view kFormat = "Latchkey vectors 1";

}  // namespace

std::span<const Subject> subjects() {
    return kSubjects;
}

void Findings::equal(std::string_view what, const json::value& expected,
                     const json::value& actual) {
    if (expected != actual) {
        messages_.push_back(vector_ + ": " + std::string(what) + " is " + json::serialize(actual) +
                            ", expected " + json::serialize(expected));
    }
}

void Findings::verdict(Verdict expected, Verdict actual) {
    if (expected != actual) {
        messages_.push_back(vector_ + ": verdict " + std::string(core::verdict_name(actual)) +
                            ", expected " + std::string(core::verdict_name(expected)));
    }
}

void Findings::that(std::string_view what, bool holds) {
    if (!holds) {
        messages_.push_back(vector_ + ": not so: " + std::string(what));
    }
}

std::string file_text(const Subject& subject) {
    std::string out = "{\n\"format\": \"" + std::string(kFormat) + "\",\n\"subject\": \"" +
                      std::string(subject.name) + "\",\n\"about\": \"" +
                      std::string(subject.about) + "\",\n\"vectors\": [";
    std::string_view separator = "\n";
    std::set<std::string> names;
    for (const json::value& vector : subject.generate()) {
        const std::string name = text_at(vector.as_object(), "name");
        require(names.insert(name).second, "two vectors have the name " + name);
        out += separator;
        out += json::serialize(vector);
        separator = ",\n";
    }
    return out + "\n]\n}\n";
}

std::vector<std::string> run_file(const Subject& subject, std::string_view text) {
    std::vector<std::string> messages;
    try {
        const json::value file = json::parse(text);
        const json::object& head = file.as_object();
        if (text_at(head, "format") != kFormat || text_at(head, "subject") != subject.name) {
            return {std::string(subject.name) + ": another format or subject"};
        }
        for (const json::value& value : array_at(head, "vectors")) {
            const json::object& vector = value.as_object();
            Findings findings(std::string(subject.name) + "/" + text_at(vector, "name"));
            subject.run(vector, findings);
            messages.insert(messages.end(), findings.messages().begin(), findings.messages().end());
        }
    } catch (const std::exception& error) {
        messages.push_back(std::string(subject.name) + ": malformed file: " + error.what());
    }
    return messages;
}

void require(bool holds, std::string_view what) {
    if (!holds) {
        throw std::logic_error(std::string(what));
    }
}

}  // namespace latchkey::vectors
