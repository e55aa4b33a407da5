// SPDX-License-Identifier: Apache-2.0
#pragma once

// For tests only: reads core/crypto/testdata/wycheproof_*.txt. Tests run from the repository's
// root.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::core::crypto::testing {

struct WycheproofTest {
    std::string id;
    Bytes public_key;
    Bytes message;
    Bytes signature;
    bool valid = false;
    std::string flags;
    std::string comment;

    std::string name() const { return "tcId " + id + " " + flags + " " + comment; }
};

/// Empty if the file is missing or malformed; every caller asserts a count.
inline std::vector<WycheproofTest> load_wycheproof(const std::string& name) {
    std::ifstream file("core/crypto/testdata/wycheproof_" + name + ".txt");
    std::vector<WycheproofTest> tests;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) {
            continue;
        }
        std::istringstream fields(line);
        WycheproofTest test;
        std::string key, message, signature, result;
        std::getline(fields, test.id, '|');
        std::getline(fields, key, '|');
        std::getline(fields, message, '|');
        std::getline(fields, signature, '|');
        std::getline(fields, result, '|');
        std::getline(fields, test.flags, '|');
        std::getline(fields, test.comment);
        auto key_bytes = decode_hex(key);
        auto message_bytes = decode_hex(message);
        auto signature_bytes = decode_hex(signature);
        if (!key_bytes || !message_bytes || !signature_bytes ||
            (result != "valid" && result != "invalid")) {
            return {};
        }
        test.public_key = *key_bytes;
        test.message = *message_bytes;
        test.signature = *signature_bytes;
        test.valid = result == "valid";
        tests.push_back(std::move(test));
    }
    return tests;
}

}  // namespace latchkey::core::crypto::testing
