// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace latchkey::core::webauthn {

/// No browser writes more than a few hundred bytes.
inline constexpr std::size_t kClientDataSizeMax = 2048;

enum class Ceremony {
    /// "webauthn.create": a registration.
    kCreate,
    /// "webauthn.get": an assertion.
    kGet,
};

/// The crossOrigin member. Browsers that predate it leave it out.
enum class CrossOrigin { kAbsent, kFalse, kTrue };

/// A parsed clientDataJSON.
struct ClientData {
    Ceremony ceremony = Ceremony::kGet;
    /// The base64url text as it stands there; valid base64url.
    std::string challenge;
    /// Such as "https://example.com" or "android:apk-key-hash:...": visible ASCII.
    std::string origin;
    CrossOrigin cross_origin = CrossOrigin::kAbsent;
    /// Only beside crossOrigin true.
    std::optional<std::string> top_origin;
    /// Members this version does not know follow, such as Chrome's "other_keys_can_be_added_here".
    bool has_more_members = false;
};

/// Parses exactly what WebAuthn Level 3 section 5.8.1.2 (Serialization) writes: type, challenge,
/// origin, crossOrigin (some browsers leave it out) and topOrigin in this order, without white
/// space or needless escapes, then any further members as valid JSON of bounded depth that repeat
/// none of these names. Never searches: every byte is accounted for. Errors: kInputTooLong,
/// kMalformedClientData, kWrongClientDataType (neither create nor get), kUnsupported (members
/// nested deeper than 8).
Result<ClientData> parse_client_data(std::string_view json);

/// The three pieces around the challenge, as views into the input. Joined they are the input.
struct ClientDataParts {
    /// `{"type":"webauthn.get","challenge":"` or the same with create.
    std::string_view prefix;
    std::string_view challenge;
    /// Begins with the quote that ends the challenge.
    std::string_view rest;
};

/// Parses as above, then splits.
Result<ClientDataParts> split_client_data(std::string_view json);

/// The host, if the rest is exactly `","origin":"https://` host `","crossOrigin":false}`, which is
/// what nearly every assertion has: then a transaction needs to carry only the host.
std::optional<std::string_view> host_of_standard_rest(std::string_view rest);

/// `","origin":"https://` host `","crossOrigin":false}`.
std::string standard_rest(std::string_view host);

/// The serialisation of the given members. Errors: kInvalidArgument if the challenge or an origin
/// could not be parsed again, or if topOrigin stands without crossOrigin true.
Result<std::string> build_client_data(const ClientData& data);

/// What a relying party insists on.
struct ClientDataExpectation {
    Ceremony ceremony = Ceremony::kGet;
    /// base64url, as in ClientData.
    std::string_view challenge;
    /// One of these must be the origin, byte by byte.
    std::span<const std::string> origins;
    /// Frames of other sites may ask; then topOrigin must be one of these.
    bool allows_cross_origin = false;
    std::span<const std::string> top_origins = {};
};

/// Errors: kWrongClientDataType, kChallengeMismatch, kOriginNotAllowed, kCrossOriginNotAllowed.
Result<void> check_client_data(const ClientData& data, const ClientDataExpectation& expectation);

}  // namespace latchkey::core::webauthn
