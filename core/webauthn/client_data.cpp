// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/client_data.hpp"

#include <algorithm>
#include <vector>

#include "core/encoding/base64.hpp"
#include "core/webauthn/json_scanner.hpp"

namespace latchkey::core::webauthn {

namespace {

constexpr unsigned kDepthMax = 8;
constexpr std::string_view kCreatePrefix = R"({"type":"webauthn.create","challenge":")";
constexpr std::string_view kGetPrefix = R"({"type":"webauthn.get","challenge":")";
constexpr std::string_view kStandardRestBegin = R"(","origin":"https://)";
constexpr std::string_view kStandardRestEnd = R"(","crossOrigin":false})";

// Names that the fixed part owns: whoever repeats one hopes that somebody reads the other.
constexpr std::string_view kReservedNames[] = {"type", "challenge", "origin", "crossOrigin",
                                               "topOrigin"};

tl::unexpected<Error> malformed(const char* why) {
    return fail(ErrorCode::kMalformedClientData, why);
}

Result<void> scan_origins(JsonScanner& scanner, ClientData& data) {
    if (!scanner.skip(R"(,"origin":")")) {
        return malformed("origin must follow the challenge");
    }
    LATCHKEY_TRY(data.origin, scanner.read_plain_string_rest());
    if (data.origin.empty()) {
        return malformed("the origin is empty");
    }
    if (scanner.skip(R"(,"crossOrigin":true)")) {
        data.cross_origin = CrossOrigin::kTrue;
        if (scanner.skip(R"(,"topOrigin":")")) {
            LATCHKEY_TRY(data.top_origin, scanner.read_plain_string_rest());
            if (data.top_origin->empty()) {
                return malformed("the topOrigin is empty");
            }
        }
    } else if (scanner.skip(R"(,"crossOrigin":false)")) {
        data.cross_origin = CrossOrigin::kFalse;
    }
    return {};
}

/// From the comma before the first further member to the closing brace.
Result<void> scan_more_members(JsonScanner& scanner) {
    std::vector<std::string> names(std::begin(kReservedNames), std::end(kReservedNames));
    while (scanner.skip(",")) {
        LATCHKEY_TRY(std::string name, scanner.read_string());
        if (std::find(names.begin(), names.end(), name) != names.end()) {
            return malformed("a member twice or out of order");
        }
        names.push_back(std::move(name));
        if (!scanner.skip(":")) {
            return malformed("a member without a value");
        }
        LATCHKEY_CHECK(scanner.skip_value(kDepthMax));
    }
    return {};
}

bool is_plain(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c <= '~' && c != '"' && c != '\\';
    });
}

std::string_view prefix_of(Ceremony ceremony) {
    return ceremony == Ceremony::kCreate ? kCreatePrefix : kGetPrefix;
}

}  // namespace

Result<ClientData> parse_client_data(std::string_view json) {
    if (json.size() > kClientDataSizeMax) {
        return fail(ErrorCode::kInputTooLong, "clientDataJSON");
    }
    JsonScanner scanner(json);
    ClientData data;
    if (scanner.skip(kCreatePrefix)) {
        data.ceremony = Ceremony::kCreate;
    } else if (!scanner.skip(kGetPrefix)) {
        if (scanner.skip(R"({"type":")")) {
            return fail(ErrorCode::kWrongClientDataType,
                        "expected webauthn.create or webauthn.get and then the challenge");
        }
        return malformed("it must begin with type and challenge");
    }
    LATCHKEY_TRY(data.challenge, scanner.read_plain_string_rest());
    if (!decode_base64url(data.challenge).has_value()) {
        return malformed("the challenge is not base64url");
    }
    LATCHKEY_CHECK(scan_origins(scanner, data));
    const std::size_t fixed_end = scanner.position();
    LATCHKEY_CHECK(scan_more_members(scanner));
    data.has_more_members = scanner.position() != fixed_end;
    if (!scanner.skip("}") || !scanner.at_end()) {
        return malformed("it must end with the brace that closes it");
    }
    return data;
}

Result<ClientDataParts> split_client_data(std::string_view json) {
    LATCHKEY_TRY(const ClientData data, parse_client_data(json));
    const std::size_t prefix_size = prefix_of(data.ceremony).size();
    return ClientDataParts{json.substr(0, prefix_size),
                           json.substr(prefix_size, data.challenge.size()),
                           json.substr(prefix_size + data.challenge.size())};
}

std::optional<std::string_view> host_of_standard_rest(std::string_view rest) {
    if (rest.size() <= kStandardRestBegin.size() + kStandardRestEnd.size() ||
        !rest.starts_with(kStandardRestBegin) || !rest.ends_with(kStandardRestEnd)) {
        return std::nullopt;
    }
    rest.remove_prefix(kStandardRestBegin.size());
    rest.remove_suffix(kStandardRestEnd.size());
    return is_plain(rest) ? std::optional(rest) : std::nullopt;
}

std::string standard_rest(std::string_view host) {
    std::string rest(kStandardRestBegin);
    rest += host;
    rest += kStandardRestEnd;
    return rest;
}

Result<std::string> build_client_data(const ClientData& data) {
    if (!decode_base64url(data.challenge).has_value() || !is_plain(data.origin) ||
        (data.top_origin.has_value() && !is_plain(*data.top_origin))) {
        return fail(ErrorCode::kInvalidArgument,
                    "the challenge must be base64url and origins visible ASCII");
    }
    if (data.top_origin.has_value() && data.cross_origin != CrossOrigin::kTrue) {
        return fail(ErrorCode::kInvalidArgument, "topOrigin is only for cross-origin frames");
    }
    std::string json(prefix_of(data.ceremony));
    json += data.challenge + R"(","origin":")" + data.origin + '"';
    if (data.cross_origin != CrossOrigin::kAbsent) {
        json += data.cross_origin == CrossOrigin::kTrue ? R"(,"crossOrigin":true)"
                                                        : R"(,"crossOrigin":false)";
    }
    if (data.top_origin.has_value()) {
        json += R"(,"topOrigin":")" + *data.top_origin + '"';
    }
    json += '}';
    return json;
}

Result<void> check_client_data(const ClientData& data, const ClientDataExpectation& expectation) {
    const auto is_one_of = [](std::span<const std::string> allowed, std::string_view origin) {
        return std::find(allowed.begin(), allowed.end(), origin) != allowed.end();
    };
    if (data.ceremony != expectation.ceremony) {
        return fail(ErrorCode::kWrongClientDataType, expectation.ceremony == Ceremony::kGet
                                                         ? "expected webauthn.get"
                                                         : "expected webauthn.create");
    }
    if (data.challenge != expectation.challenge) {
        return fail(ErrorCode::kChallengeMismatch);
    }
    if (!is_one_of(expectation.origins, data.origin)) {
        return fail(ErrorCode::kOriginNotAllowed, data.origin);
    }
    if (data.cross_origin == CrossOrigin::kTrue) {
        if (!expectation.allows_cross_origin || !data.top_origin.has_value() ||
            !is_one_of(expectation.top_origins, *data.top_origin)) {
            return fail(ErrorCode::kCrossOriginNotAllowed,
                        data.top_origin.value_or("no topOrigin"));
        }
    }
    return {};
}

}  // namespace latchkey::core::webauthn
