// SPDX-License-Identifier: Apache-2.0
// The committed vectors are those that the generator writes, every one passes, and every one can
// fail. Runs from the repository's root.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "tools/vectors/subject.hpp"

namespace latchkey::vectors {
namespace {

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string committed(const Subject& subject) {
    return read_file("vectors/" + std::string(subject.name) + ".json");
}

class VectorFile : public ::testing::TestWithParam<Subject> {};

TEST_P(VectorFile, IsWhatTheGeneratorWrites) {
    EXPECT_EQ(committed(GetParam()), file_text(GetParam()))
        << "latchkey-vectors --write vectors, if the change is meant";
}

TEST_P(VectorFile, EveryVectorPasses) {
    for (const std::string& message : run_file(GetParam(), committed(GetParam()))) {
        ADD_FAILURE() << message;
    }
}

/// The vector with one expectation changed.
json::object spoilt(json::object vector) {
    if (vector.contains("verdict")) {
        vector["verdict"] = vector["verdict"] == 0 ? 801 : 0;
        return vector;
    }
    if (vector.contains("steps") && vector["steps"].as_array()[0].as_object().contains("verdict")) {
        json::object& step = vector["steps"].as_array().back().as_object();
        step["verdict"] = step["verdict"] == 0 ? 801 : 0;
        return vector;
    }
    if (vector.contains("steps")) {
        json::object& step = vector["steps"].as_array().back().as_object();
        step["configId"] = hex(Bytes(32));
        return vector;
    }
    for (const std::string_view name : {"walletId", "hash", "ruleId", "localRuleId", "base", "leaf",
                                        "root", "digest", "commitment", "configId"}) {
        if (vector.contains(name)) {
            vector[name] = name == "base" ? json::value(1U << 30) : json::value(hex(Bytes(32)));
        }
    }
    return vector;
}

TEST_P(VectorFile, EveryVectorCanFail) {
    const json::value file = json::parse(committed(GetParam()));
    for (const json::value& value : array_at(file.as_object(), "vectors")) {
        const std::string name = text_at(value.as_object(), "name");
        json::object vector = spoilt(value.as_object());
        // The runner compares what the libraries say, of which the verdict is not a part here.
        if (GetParam().name == "evidence") {
            vector["valid"] = !bool_at(vector, "valid");
            vector["libraryError"] = "";
        }
        Findings findings(name);
        try {
            GetParam().run(vector, findings);
        } catch (const std::exception&) {
            continue;
        }
        EXPECT_FALSE(findings.messages().empty()) << name;
    }
}

INSTANTIATE_TEST_SUITE_P(All, VectorFile, ::testing::ValuesIn(subjects()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Vectors, MalformedFilesAreFound) {
    const Subject& subject = subjects().front();
    EXPECT_FALSE(run_file(subject, "").empty());
    EXPECT_FALSE(run_file(subject, "{}").empty());
    std::string text = committed(subject);
    text.replace(text.find("\"bytes\":\"") + 9, 1, "G");
    EXPECT_FALSE(run_file(subject, text).empty());
    text = committed(subject);
    text.replace(text.find("vectors 1"), 9, "vectors 2");
    EXPECT_FALSE(run_file(subject, text).empty());
}

void count_verdicts(const json::object& vector, std::map<Verdict, int>& counts) {
    std::set<Verdict> seen;
    if (has(vector, "verdict")) {
        seen.insert(verdict_at(vector));
    }
    if (has(vector, "steps")) {
        for (const json::value& step : array_at(vector, "steps")) {
            if (has(step.as_object(), "verdict")) {
                seen.insert(verdict_at(step.as_object()));
            }
        }
    }
    for (const Verdict verdict : seen) {
        ++counts[verdict];
    }
}

TEST(Vectors, EveryVerdictHasThree) {
    // These are about the bytes of an instruction and the accounts passed with it, which only the
    // program reads.
    const std::set<Verdict> of_instructions = {Verdict::kDataTooShort, Verdict::kTrailingBytes,
                                               Verdict::kUnknownAction, Verdict::kAccountIndex,
                                               Verdict::kTooManyAccounts};
    std::map<Verdict, int> counts;
    std::size_t total = 0;
    for (const Subject& subject : subjects()) {
        const json::value file = json::parse(committed(subject));
        for (const json::value& vector : array_at(file.as_object(), "vectors")) {
            count_verdicts(vector.as_object(), counts);
            ++total;
        }
    }
    EXPECT_GE(total, 900U);
#define LATCHKEY_COUNT(name, number, sentence)           \
    if (!of_instructions.contains(Verdict::k##name)) {   \
        EXPECT_GE(counts[Verdict::k##name], 3) << #name; \
    }
    LATCHKEY_VERDICTS(LATCHKEY_COUNT)
#undef LATCHKEY_COUNT
}

/// "| 101 | `DataTooShort` | the instruction ends ... |" of docs/spec/errors.md.
struct Row {
    std::string number;
    std::string name;
    std::string sentence;
};

std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    std::size_t begin = 2;
    for (std::size_t end = line.find(" |", begin); end != std::string::npos;
         end = line.find(" |", begin)) {
        cells.push_back(line.substr(begin, end - begin));
        begin = std::min(end + 3, line.size());
    }
    return cells;
}

std::vector<Row> rows_of_page() {
    std::vector<Row> rows;
    std::istringstream page(read_file("docs/spec/errors.md"));
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("| ") && line.find('`') != std::string::npos) {
            const std::vector<std::string> cells = cells_of(line);
            EXPECT_EQ(cells.size(), 5U) << line;
            for (const std::string& cell : cells) {
                EXPECT_FALSE(cell.empty()) << line;
            }
            rows.push_back({cells.at(0), cells.at(1), cells.at(2)});
        }
    }
    return rows;
}

TEST(ErrorPage, ListsExactlyTheVerdicts) {
    std::vector<Row> expected;
#define LATCHKEY_ROW(name, number, sentence) \
    expected.push_back({std::to_string(number), "`" #name "`", sentence});
    LATCHKEY_VERDICTS(LATCHKEY_ROW)
    LATCHKEY_EVM_VERDICTS(LATCHKEY_ROW)
#undef LATCHKEY_ROW
    const std::vector<Row> actual = rows_of_page();
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(actual[i].number, expected[i].number);
        EXPECT_EQ(actual[i].name, expected[i].name);
        EXPECT_EQ(actual[i].sentence, expected[i].sentence);
    }
}

}  // namespace
}  // namespace latchkey::vectors
