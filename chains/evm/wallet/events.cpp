// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/events.hpp"

#include <algorithm>
#include <array>

#include "chains/evm/client/abi.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::evm::wallet {

namespace {

using core::ErrorCode;
using core::fail;

/// What an event is made of; the indexed values are the first ones.
struct Shape {
    std::string_view signature;
    std::size_t indexed;
};
/// By their places in Event.
constexpr std::array kShapes = {
    Shape{"Configured(bytes32,bytes32,uint32,bytes)", 2},
    Shape{"Granted(bytes32,bytes32,uint32,bytes)", 1},
    Shape{"Revoked(bytes32,bytes32)", 1},
    Shape{"Proposed(uint8,uint8,uint32,uint40,bytes32,bytes)", 2},
    Shape{"Applied(uint8,uint8,uint32)", 2},
    Shape{"Cancelled(uint8,uint32)", 1},
    Shape{"Frozen(uint8,uint32,uint40)", 1},
    Shape{"Unfrozen(uint8,uint32)", 1},
    Shape{"Upgraded(address)", 1},
    Shape{"Adopted(bytes32,bytes)", 1},
};
static_assert(kShapes.size() == std::variant_size_v<Event>);

/// The values of a log, one after the other; of the kinds that its signature says.
class Values {
  public:
    explicit Values(abi::Values values) : values_(std::move(values)) {}

    /// A field as wide as its type in the signature, which decoding has enforced.
    template <typename T>
    T number() {
        return static_cast<T>(std::get<Uint256>(next()).to_u64().value_or(0));
    }
    template <typename T>
    T hash() {
        return T::from(std::get<Bytes>(next())).value_or(T());
    }
    Bytes bytes() { return std::move(std::get<Bytes>(next())); }
    Address address() { return std::get<Address>(next()); }

  private:
    abi::Value& next() { return values_[at_++]; }

    abi::Values values_;
    std::size_t at_ = 0;
};

// Braces evaluate from left to right.

void read(Values& in, Configured& out) {
    out = {in.hash<core::ConfigId>(), in.hash<core::WalletId>(), in.number<std::uint32_t>(),
           in.bytes()};
}
void read(Values& in, Granted& out) {
    out = {in.hash<core::LocalRuleId>(), in.hash<core::RuleId>(), in.number<std::uint32_t>(),
           in.bytes()};
}
void read(Values& in, Revoked& out) {
    out = {in.hash<core::LocalRuleId>(), in.hash<core::RuleId>()};
}
void read(Values& in, Proposed& out) {
    out = {in.number<std::uint8_t>(),  in.number<std::uint8_t>(), in.number<std::uint32_t>(),
           in.number<std::uint64_t>(), in.hash<Hash32>(),         in.bytes()};
}
void read(Values& in, Applied& out) {
    out = {in.number<std::uint8_t>(), in.number<std::uint8_t>(), in.number<std::uint32_t>()};
}
void read(Values& in, Cancelled& out) {
    out = {in.number<std::uint8_t>(), in.number<std::uint32_t>()};
}
void read(Values& in, Frozen& out) {
    out = {in.number<std::uint8_t>(), in.number<std::uint32_t>(), in.number<std::uint64_t>()};
}
void read(Values& in, Unfrozen& out) {
    out = {in.number<std::uint8_t>(), in.number<std::uint32_t>()};
}
void read(Values& in, Upgraded& out) {
    out = {in.address()};
}
void read(Values& in, Adopted& out) {
    out = {in.hash<core::WalletId>(), in.bytes()};
}

/// The variant's alternative at `index`.
template <std::size_t I = 0>
Event event_at(std::size_t index, Values& in) {
    if constexpr (I + 1 < std::variant_size_v<Event>) {
        if (index != I) {
            return event_at<I + 1>(index, in);
        }
    }
    std::variant_alternative_t<I, Event> out;
    read(in, out);
    return out;
}

}  // namespace

const std::vector<Hash32>& event_topics() {
    static const std::vector<Hash32> kTopics = [] {
        std::vector<Hash32> out;
        for (const Shape& shape : kShapes) {
            out.push_back(core::crypto::keccak256(core::as_bytes(shape.signature)));
        }
        return out;
    }();
    return kTopics;
}

Result<std::optional<Event>> decode_event(const Log& log) {
    const std::vector<Hash32>& topics = event_topics();
    const auto found =
        log.topics.empty() ? topics.end() : std::find(topics.begin(), topics.end(), log.topics[0]);
    if (found == topics.end()) {
        return std::optional<Event>();
    }
    const auto index = static_cast<std::size_t>(found - topics.begin());
    const Shape& shape = kShapes[index];
    if (log.topics.size() != shape.indexed + 1) {
        return fail(ErrorCode::kNodeMalformed,
                    "a log with another number of topics than " + std::string(shape.signature));
    }
    LATCHKEY_TRY(const abi::Function function, abi::parse_signature(shape.signature));
    const std::span<const abi::Type> types(function.inputs);
    Bytes words;
    for (std::size_t i = 1; i < log.topics.size(); ++i) {
        core::append(words, log.topics[i]);
    }
    LATCHKEY_TRY(abi::Values values, abi::decode(types.first(shape.indexed), words));
    LATCHKEY_TRY(abi::Values rest, abi::decode(types.subspan(shape.indexed), log.data));
    std::move(rest.begin(), rest.end(), std::back_inserter(values));
    Values in(std::move(values));
    return std::optional(event_at(index, in));
}

}  // namespace latchkey::evm::wallet
