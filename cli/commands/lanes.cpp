// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/lanes.hpp"

#include "chains/solana/client/wallet_instructions.hpp"
#include "chains/solana/client/wallet_reader.hpp"
#include "cli/submit.hpp"
#include "cli/text.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

constexpr std::uint8_t kListedLanes = 16;

/// Who owns which lane on which chain.
struct Place {
    solana::Deployment deployment;
    Chain* chain = nullptr;
    Key owner;
    solana::Address lane;
};

std::uint8_t lane_index(const LaneOptions& options) {
    return static_cast<std::uint8_t>(options.index);
}

Result<Key> owner_key(const Context& context, const LaneOptions& options) {
    const std::string& text = options.owner.empty() ? context.config().fee_payer : options.owner;
    if (text.empty()) {
        return fail(ErrorCode::kCommandInput, "name the lane's owner with --owner KEY");
    }
    LATCHKEY_TRY(Key key, load_key(text));
    if (key.transaction_signer == nullptr) {
        return fail(ErrorCode::kCommandInput, "a lane's owner must be an ed25519 key");
    }
    return key;
}

Result<Place> find_place(Context& context, const LaneOptions& options) {
    Place out;
    LATCHKEY_TRY(out.deployment, context.deployment(options.program, options.cluster));
    LATCHKEY_TRY(out.owner, owner_key(context, options));
    LATCHKEY_TRY(const auto place,
                 solana::lane_address(out.deployment, out.owner.address(), lane_index(options)));
    out.lane = place.address;
    LATCHKEY_TRY(out.chain, context.chain(out.deployment.program));
    LATCHKEY_CHECK(out.chain->check_cluster(out.deployment));
    return out;
}

/// The same for a lane that must be open.
Result<Place> find_open_lane(Context& context, const LaneOptions& options) {
    LATCHKEY_TRY(Place out, find_place(context, options));
    Chain& chain = *out.chain;
    LATCHKEY_TRY(const auto account,
                 chain.run(solana::fetch_lane(chain.rpc(), out.deployment, out.lane)));
    if (!account) {
        return fail(ErrorCode::kCommandInput,
                    "lane " + std::to_string(options.index) + " of " +
                        solana::to_base58(out.owner.address()) +
                        " is not open; `latchkey lanes list` shows those that are");
    }
    return out;
}

Result<Report> send(Context& context, const Place& place,
                    const std::vector<solana::Instruction>& instructions, const std::string& done) {
    Submission submission;
    submission.fee_payer = &place.owner;
    LATCHKEY_TRY(const Receipt receipt,
                 send_instructions(*place.chain, context.output(), instructions, submission));
    Report report;
    report.fields = receipt_fields(receipt);
    report.fields["lane"] = solana::to_base58(place.lane);
    report.lines = {done, receipt_line(context.output(), receipt)};
    return report;
}

Result<solana::Address> operator_of(const LaneOptions& options, const Place& place) {
    if (options.operator_address.empty()) {
        return place.owner.address();
    }
    return parse_address_argument(options.operator_address, "the lane's operator");
}

}  // namespace

Result<Report> open_lane(Context& context, const LaneOptions& options) {
    LATCHKEY_CHECK(context.require_solana("lanes are kept"));
    LATCHKEY_TRY(const Place place, find_place(context, options));
    LATCHKEY_TRY(const solana::Address operator_address, operator_of(options, place));
    Chain& chain = *place.chain;
    LATCHKEY_TRY(const solana::Rent rent, chain.run(solana::fetch_rent(chain.rpc())));
    LATCHKEY_TRY(const std::uint64_t present, chain.run(chain.rpc().get_balance(place.lane)));
    const solana::Address owner = place.owner.address();
    LATCHKEY_TRY(const auto instructions,
                 solana::open_funded_lane(place.deployment, owner, lane_index(options),
                                          operator_address, owner, rent, present));
    return send(context, place, instructions,
                "lane " + std::to_string(options.index) + " is open at " +
                    solana::to_base58(place.lane) +
                    "; it takes approvals in 256 to 512 seconds, and its rent comes back when it "
                    "is closed");
}

Result<Report> close_lane(Context& context, const LaneOptions& options) {
    LATCHKEY_CHECK(context.require_solana("lanes are kept"));
    LATCHKEY_TRY(const Place place, find_open_lane(context, options));
    const solana::Address owner = place.owner.address();
    LATCHKEY_TRY(const auto instruction,
                 solana::close_lane(place.deployment, place.lane, owner, owner));
    return send(context, place, {instruction},
                "lane " + std::to_string(options.index) + " is closed; its rent went back to " +
                    solana::to_base58(owner));
}

Result<Report> set_lane_operator(Context& context, const LaneOptions& options) {
    LATCHKEY_CHECK(context.require_solana("lanes are kept"));
    LATCHKEY_TRY(const Place place, find_open_lane(context, options));
    LATCHKEY_TRY(const solana::Address operator_address, operator_of(options, place));
    LATCHKEY_TRY(const auto instruction,
                 solana::set_lane_operator(place.deployment, place.lane, place.owner.address(),
                                           operator_address));
    return send(context, place, {instruction},
                solana::to_base58(operator_address) + " operates the lane from now on");
}

Result<Report> list_lanes(Context& context, const LaneOptions& options) {
    LATCHKEY_CHECK(context.require_solana("lanes are kept"));
    LATCHKEY_TRY(const solana::Deployment deployment,
                 context.deployment(options.program, options.cluster));
    solana::Address owner;
    if (const auto parsed = solana::parse_address(options.owner)) {
        owner = *parsed;
    } else {
        LATCHKEY_TRY(const Key key, owner_key(context, options));
        owner = key.address();
    }
    LATCHKEY_TRY(Chain* const chain, context.chain(deployment.program));
    LATCHKEY_CHECK(chain->check_cluster(deployment));
    LATCHKEY_TRY(const std::uint64_t now, chain->run(solana::fetch_time(chain->rpc())));
    std::vector<std::vector<std::string>> rows{{"index", "lane", "operator", "usable"}};
    json::array lanes;
    for (std::uint8_t index = 0; index < kListedLanes; ++index) {
        LATCHKEY_TRY(const auto place, solana::lane_address(deployment, owner, index));
        LATCHKEY_TRY(const auto account,
                     chain->run(solana::fetch_lane(chain->rpc(), deployment, place.address)));
        if (!account) {
            continue;
        }
        const std::uint64_t from = solana::LaneAllocator(place.address, *account).usable_from();
        const std::string usable =
            from <= now ? std::string("now") : "in " + std::to_string(from - now) + " s";
        rows.push_back({std::to_string(index), solana::to_base58(place.address),
                        solana::to_base58(account->operator_address), usable});
        lanes.emplace_back(json::object{{"index", index},
                                        {"lane", solana::to_base58(place.address)},
                                        {"operator", solana::to_base58(account->operator_address)},
                                        {"usable_from", from}});
    }
    Report report;
    report.lines = rows.size() > 1 ? format_table(rows, {true, false, false, false})
                                   : std::vector<std::string>{"no lanes are open"};
    report.fields = {{"lanes", std::move(lanes)}};
    return report;
}

}  // namespace latchkey::cli
