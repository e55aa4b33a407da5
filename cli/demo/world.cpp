// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/world.hpp"

#include "chains/solana/client/history.hpp"
#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/wallet_instructions.hpp"
#include "chains/solana/client/wallet_reader.hpp"
#include "cli/text.hpp"
#include "core/authorization/lane.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::cli::demo {

using core::ErrorCode;
using core::fail;

namespace {

constexpr std::uint64_t kLamportsPerSol = 1'000'000'000;
constexpr unsigned kSlotMilliseconds = 50;
constexpr unsigned kTablePolls = 100;
constexpr std::string_view kRelyingParty = "wallet.example";

}  // namespace

Result<std::unique_ptr<World>> World::make(const Output& output,
                                           const std::vector<std::string>& rpc_urls,
                                           const std::string& program_file) {
    std::unique_ptr<World> out(new World(output));
    out->program_file_ = program_file;
    if (out->program_file_.empty()) {
        LATCHKEY_TRY(out->program_file_, find_program_file());
    }
    std::vector<std::string> urls = rpc_urls;
    if (urls.empty()) {
        LocalChainOptions options;
        options.program_file = program_file;
        options.slot_milliseconds = kSlotMilliseconds;
        output.progress("starting a local chain …");
        LATCHKEY_TRY(LocalChain local, LocalChain::start(options));
        output.end_progress();
        urls = {local.rpc_url()};
        out->local_ = std::move(local);
    }
    LATCHKEY_TRY(out->chain_, Chain::connect(urls, kLocalProgram));
    LATCHKEY_CHECK(out->chain_->check_cluster(out->deployment_));
    out->say("A Solana chain on this machine at " + urls.front() + ": the real VM.");
    out->say("The wallet program is at " + solana::to_base58(kLocalProgram) + ".");
    LATCHKEY_CHECK(out->prepare());
    return out;
}

std::unique_ptr<World> World::without_chain(const Output& output) {
    return std::unique_ptr<World>(new World(output));
}

Result<void> World::prepare() {
    LATCHKEY_TRY(sponsor_, key("sponsor"));
    LATCHKEY_CHECK(fund(sponsor_->address(), 20 * kLamportsPerSol));
    LATCHKEY_TRY(rent_, chain_->run(solana::fetch_rent(chain_->rpc())));
    const solana::Address owner = sponsor_->address();
    LATCHKEY_TRY(const auto place, solana::lane_address(deployment_, owner, 0));
    lane_ = place.address;
    LATCHKEY_TRY(const auto opening,
                 solana::open_funded_lane(deployment_, owner, 0, owner, owner, rent_));
    LATCHKEY_TRY(const std::uint64_t before, balance(owner));
    LATCHKEY_TRY(const Receipt opened, send_own(opening));
    LATCHKEY_TRY(const std::uint64_t after, balance(owner));
    say("A sponsor pays all fees. It opened a nonce lane once, for " +
        format_sol(before - after - opened.fee) + " that it gets back when it closes it.");
    // What every sponsored transfer names: one byte each instead of 32.
    LATCHKEY_TRY(auto table, make_table({lane_, solana::kSystemProgram, solana::kTokenProgram,
                                         solana::kMemoProgram}));
    tables_.push_back(std::move(table));
    LATCHKEY_CHECK(warp(2 * core::kLaneWindowSeconds));
    say("A lane takes approvals 256 to 512 seconds after it was opened: the chain's clock was "
        "moved forward by 512 s.");
    return {};
}

Result<solana::AddressLookupTable> World::make_table(
    const std::vector<solana::Address>& addresses) {
    LATCHKEY_TRY(const std::uint64_t slot,
                 chain_->run(chain_->rpc().get_slot({solana::Commitment::kFinalized, 0})));
    const solana::Address owner = sponsor_->address();
    const auto created = solana::lookup_table::create(owner, owner, slot);
    LATCHKEY_TRY(const Receipt extended,
                 send_own({created.instruction,
                           solana::lookup_table::extend(created.table, owner, owner, addresses)}));
    // New entries count from the next slot on.
    for (unsigned i = 0; i < kTablePolls; ++i) {
        LATCHKEY_TRY(const std::uint64_t now, chain_->run(chain_->rpc().get_slot()));
        if (now > extended.slot + 1) {
            return chain_->run(chain_->rpc().get_lookup_table(created.table));
        }
    }
    return fail(ErrorCode::kDemonstration, "the chain makes no new slots");
}

void World::title(const std::string& text) {
    ++titles_;
    output_.line();
    output_.line(output_.paint(Style::kHeading, std::to_string(titles_) + ". " + text));
}

void World::say(const std::string& text) {
    output_.line("   " + text);
}

Result<void> World::expect(bool holds, const std::string& what) {
    if (!holds) {
        return fail(ErrorCode::kDemonstration, "the demonstration expected that " + what);
    }
    say(output_.paint(Style::kGood, "✓ ") + what);
    return {};
}

Result<std::unique_ptr<Key>> World::passkey(const std::string& label) {
    LATCHKEY_TRY(NewPasskey made, make_passkey(label, std::string(kRelyingParty),
                                               "https://" + std::string(kRelyingParty), true));
    return std::make_unique<Key>(std::move(made.key));
}

Result<std::unique_ptr<Key>> World::key(const std::string& label) {
    LATCHKEY_TRY(Key made, make_transaction_key(label));
    return std::make_unique<Key>(std::move(made));
}

solana::Address World::somebody(const std::string& name) const {
    const core::Bytes seed = core::concat(sponsor_->address().view(), core::as_bytes(name));
    return solana::to_address(core::crypto::sha256(seed));
}

Result<std::uint64_t> World::balance(const solana::Address& address) {
    return chain_->run(chain_->rpc().get_balance(address));
}

Result<std::uint64_t> World::tokens(const solana::Address& token_account) {
    LATCHKEY_TRY(const auto account, chain_->run(chain_->rpc().get_account(token_account)));
    if (!account) {
        return 0;
    }
    LATCHKEY_TRY(const auto state, solana::decode_token_account(account->data));
    return state.amount;
}

Result<void> World::fund(const solana::Address& address, std::uint64_t lamports) {
    LATCHKEY_CHECK(chain_->airdrop(address, lamports));
    return {};
}

Result<std::uint64_t> World::now() {
    return chain_->run(solana::fetch_time(chain_->rpc()));
}

Result<void> World::warp(std::uint64_t seconds) {
    LATCHKEY_CHECK(chain_->call("devnet_warp", json::array{json::object{{"seconds", seconds}}}));
    return {};
}

Result<solana::WalletSnapshot> World::read(const solana::WalletHandle& wallet) {
    return chain_->run(solana::fetch_wallet(chain_->rpc(), wallet));
}

Result<solana::NonceChoice> World::lane(std::uint64_t seconds) {
    LATCHKEY_TRY(auto account, chain_->run(solana::fetch_lane(chain_->rpc(), deployment_, lane_)));
    if (!account) {
        return fail(ErrorCode::kDemonstration, "the sponsor's lane is gone");
    }
    if (allocator_) {
        allocator_->refresh(*account);
    } else {
        allocator_.emplace(lane_, *account);
    }
    LATCHKEY_TRY(const std::uint64_t time, now());
    LATCHKEY_TRY(const solana::UseLane use, allocator_->take(time, time + seconds));
    return solana::NonceChoice(use);
}

Result<Approved> World::plan(const solana::WalletSnapshot& wallet, const solana::ActionBody& body,
                             const Using& with) {
    const solana::Action action{body, with.nonce, with.deadline};
    LATCHKEY_TRY(solana::ActionPlan plan, solana::plan_action(wallet, action, with.approvers));
    return Approved{std::move(plan), {}};
}

Result<Approved> World::approve(const solana::WalletSnapshot& wallet,
                                const solana::ActionBody& body, const Using& with) {
    LATCHKEY_TRY(Approved out, plan(wallet, body, with));
    LATCHKEY_TRY(out.approvals,
                 collect_approvals(out.plan, core::approval_hash_of(out.plan.leaf), with.keys));
    return out;
}

Result<Receipt> World::send(const Approved& approved, const Using& with,
                            std::vector<solana::Instruction> before) {
    Submission submission{sponsor_.get(), with.keys, std::move(before), {}, tables_};
    LATCHKEY_TRY(const auto instructions,
                 build_instructions(approved.plan, approved.approvals, submission, approved.tree));
    return send_instructions(*chain_, output_, instructions, submission);
}

Result<Receipt> World::act(const solana::WalletSnapshot& wallet, const solana::ActionBody& body,
                           const Using& with, std::vector<solana::Instruction> before) {
    LATCHKEY_TRY(const Approved approved, approve(wallet, body, with));
    return send(approved, with, std::move(before));
}

Result<std::string> World::refused(const Approved& approved, const Using& with,
                                   core::Verdict verdict) {
    const Submission submission{sponsor_.get(), with.keys, {}, {}, tables_};
    LATCHKEY_TRY(const auto instructions,
                 build_instructions(approved.plan, approved.approvals, submission, approved.tree,
                                    /*verifies=*/false));
    LATCHKEY_TRY(const ReadyTransaction ready, make_transaction(*chain_, instructions, submission));
    return expect_refusal(ready, verdict);
}

Result<std::string> World::refused(const solana::Instruction& instruction, core::Verdict verdict) {
    const Submission submission{sponsor_.get(), {}, {}, {}, tables_};
    LATCHKEY_TRY(const ReadyTransaction ready,
                 make_transaction(*chain_, {instruction}, submission));
    return expect_refusal(ready, verdict);
}

Result<std::string> World::expect_refusal(const ReadyTransaction& ready, core::Verdict verdict) {
    LATCHKEY_TRY(const Refusal refusal,
                 chain_->submit_to_fail(ready.transaction, ready.last_valid_block_height));
    const std::string name(core::verdict_name(verdict));
    if (refusal.code != static_cast<std::uint32_t>(verdict)) {
        return fail(ErrorCode::kDemonstration, "the demonstration expected the refusal " + name +
                                                   ", not number " + std::to_string(refusal.code));
    }
    ++refusals_;
    return std::string(core::verdict_sentence(verdict)) + " (" + name + ")";
}

Result<Receipt> World::send_own(const std::vector<solana::Instruction>& instructions,
                                std::vector<const Key*> signers) {
    const Submission submission{sponsor_.get(), std::move(signers), {}, {}, {}};
    return send_instructions(*chain_, output_, instructions, submission);
}

Result<Receipt> World::act_with_rent(const solana::WalletHandle& wallet,
                                     const solana::ActionBody& body, const Using& with,
                                     std::uint64_t* rent) {
    LATCHKEY_TRY(const solana::WalletSnapshot snapshot, read(wallet));
    LATCHKEY_TRY(const Approved approved, approve(snapshot, body, with));
    return send_with_rent(snapshot, approved, with, rent);
}

Result<Receipt> World::send_with_rent(const solana::WalletSnapshot& snapshot,
                                      const Approved& approved, const Using& with,
                                      std::uint64_t* rent) {
    const solana::Address state = snapshot.wallet().state();
    const bool waits = solana::wait_seconds(snapshot, approved.plan) != 0;
    LATCHKEY_TRY(const std::size_t size,
                 solana::state_size_after(snapshot, approved.plan.action.body, waits));
    LATCHKEY_TRY(const std::uint64_t present, balance(state));
    LATCHKEY_TRY(const std::uint64_t missing,
                 size == 0 ? Result<std::uint64_t>(0) : solana::missing_rent(rent_, size, present));
    std::vector<solana::Instruction> before;
    if (missing > 0) {
        before = {solana::system::transfer(sponsor_->address(), state, missing)};
    }
    if (rent != nullptr) {
        *rent = missing;
    }
    return send(approved, with, std::move(before));
}

Result<std::vector<solana::Instruction>> World::make_apply(const solana::WalletHandle& wallet,
                                                           std::uint8_t record) {
    LATCHKEY_TRY(const solana::WalletSnapshot snapshot, read(wallet));
    const solana::RuleRecord* const found = snapshot.record(record);
    if (found == nullptr) {
        return fail(ErrorCode::kDemonstration, "the rule never proposed anything");
    }
    LATCHKEY_TRY(const auto proposal,
                 chain_->run(solana::find_proposal(chain_->rpc(), wallet, *found)));
    if (!proposal) {
        return fail(ErrorCode::kDemonstration, "the proposal is not in the chain's history");
    }
    LATCHKEY_TRY(const solana::Instruction instruction,
                 solana::apply_instruction(wallet, proposal->proposal));
    std::vector<solana::Instruction> out;
    const auto size =
        solana::state_size_after_apply(snapshot, proposal->proposal.rule, proposal->proposal.body);
    // What was proposed under another configuration cannot be measured; it is refused anyhow.
    if (size && *size != 0) {
        LATCHKEY_TRY(const std::uint64_t present, balance(wallet.state()));
        LATCHKEY_TRY(const std::uint64_t missing, solana::missing_rent(rent_, *size, present));
        if (missing > 0) {
            out.push_back(solana::system::transfer(sponsor_->address(), wallet.state(), missing));
        }
    }
    out.push_back(instruction);
    return out;
}

Result<Receipt> World::apply(const solana::WalletHandle& wallet, std::uint8_t record) {
    LATCHKEY_TRY(const auto instructions, make_apply(wallet, record));
    return send_own(instructions);
}

Result<std::string> World::apply_refused(const solana::WalletHandle& wallet, std::uint8_t record,
                                         core::Verdict verdict) {
    LATCHKEY_TRY(const auto instructions, make_apply(wallet, record));
    return refused(instructions.back(), verdict);
}

Result<std::uint64_t> World::create_state(const solana::WalletHandle& wallet) {
    LATCHKEY_TRY(const auto creation,
                 solana::create_funded_state(wallet, sponsor_->address(), rent_));
    LATCHKEY_CHECK(send_own(creation));
    return balance(wallet.state());
}

Result<solana::TokenMint> World::make_token(std::uint8_t decimals) {
    LATCHKEY_TRY(const auto mint, key("mint"));
    LATCHKEY_TRY(const std::uint64_t lamports, rent_.minimum_balance(solana::kMintBytes));
    const solana::Address payer = sponsor_->address();
    LATCHKEY_CHECK(send_own(
        {solana::system::create_account(payer, mint->address(), lamports, solana::kMintBytes,
                                        solana::kTokenProgram),
         solana::token::initialize_mint2(solana::kTokenProgram, mint->address(), decimals, payer,
                                         std::nullopt),
         solana::associated_token::create(payer, payer, mint->address(), solana::kTokenProgram)},
        {mint.get()}));
    return solana::TokenMint{mint->address(), solana::kTokenProgram, decimals};
}

}  // namespace latchkey::cli::demo
