// SPDX-License-Identifier: Apache-2.0
// Covers: core/webauthn/client_data.cpp core/webauthn/json_scanner.cpp core/encoding/utf8.cpp
#include "core/webauthn/client_data.hpp"

#include "core/base/fuzz_testing.hpp"
#include "core/encoding/utf8.hpp"
#include "core/webauthn/challenge.hpp"

using namespace latchkey::core;

namespace {

/// What parsed without further members is exactly what the builder writes.
void check_parsed(const webauthn::ClientData& data, std::string_view json) {
    testing::require(is_valid_utf8(json));
    const auto built = webauthn::build_client_data(data);
    testing::require(built.has_value());
    if (!data.has_more_members) {
        testing::require(*built == json);
    } else {
        const std::string_view fixed = std::string_view(*built).substr(0, built->size() - 1);
        testing::require(json.starts_with(fixed) && json.size() > built->size());
    }
    const std::vector<std::string> origins = {data.origin};
    const std::vector<std::string> top_origins = {"https://b.example"};
    webauthn::ClientDataExpectation expected = {data.ceremony, data.challenge, origins, true,
                                                top_origins};
    const bool is_framed = data.cross_origin == webauthn::CrossOrigin::kTrue;
    testing::require(webauthn::check_client_data(data, expected).has_value() ==
                     (!is_framed || data.top_origin == top_origins[0]));
    expected.challenge = "another challenge";
    testing::require(!webauthn::check_client_data(data, expected).has_value());
    const auto parts = webauthn::split_client_data(json);
    testing::require(parts.has_value());
    testing::require(std::string(parts->prefix) + std::string(parts->challenge) +
                         std::string(parts->rest) ==
                     json);
    testing::require(parts->challenge == data.challenge);
    if (const auto host = webauthn::host_of_standard_rest(parts->rest); host.has_value()) {
        testing::require(webauthn::standard_rest(*host) == parts->rest);
        testing::require(data.origin == "https://" + std::string(*host));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = as_text(testing::fuzz_input(data, size));
    if (const auto parsed = webauthn::parse_client_data(input); parsed.has_value()) {
        check_parsed(*parsed, input);
    }
    if (const auto digest = webauthn::digest_of_challenge_text(input); digest.has_value()) {
        testing::require(webauthn::challenge_text_of_digest(*digest) == input);
    }
    return 0;
}
