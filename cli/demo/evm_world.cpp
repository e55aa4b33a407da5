// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/evm_world.hpp"

#include "chains/evm/client/abi.hpp"
#include "chains/evm/wallet/release.hpp"
#include "chains/evm/wallet/short_form.hpp"
#include "chains/evm/wallet/wallet_reader.hpp"
#include "core/crypto/hash.hpp"
#include "core/wallet/verdict_text.hpp"

namespace latchkey::cli::demo {

using core::ErrorCode;
using core::fail;
namespace abi = evm::abi;

namespace {

constexpr std::uint64_t kMilliether = 1'000'000'000'000'000;

}  // namespace

evm::Uint256 milliether(std::uint64_t count) {
    // Below 2^64 * 2^50.
    return evm::multiply(evm::Uint256(count), evm::Uint256(kMilliether)).value();
}

Approving alone(const Key& key, std::uint8_t signer, evm_wallet::RuleReference rule) {
    return {std::move(rule), {{signer, &key}}, {}};
}

evm_wallet::Body execute(std::vector<evm_wallet::Call> calls) {
    return evm_wallet::Execute{std::move(calls), {}};
}

evm_wallet::Body pay(const evm::Address& to, const evm::Uint256& wei) {
    return execute({{to, wei, {}}});
}

Result<std::unique_ptr<EvmWorld>> EvmWorld::make(World& world) {
    std::unique_ptr<EvmWorld> out(new EvmWorld(world));
    LATCHKEY_CHECK(out->prepare());
    return out;
}

Result<void> EvmWorld::prepare() {
    const evm::ChainRegistry registry = evm::ChainRegistry::builtin();
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        LocalEvmOptions options;
        options.name = i == 0 ? "local" : "local-2";
        world_.output().progress("starting the EVM chain " + options.name + " …");
        LATCHKEY_TRY(LocalEvmChain chain, LocalEvmChain::start(options));
        LATCHKEY_TRY(evm::Chain described, registry.find(options.name));
        LATCHKEY_TRY(auto url, net::parse_url(chain.url()));
        described.endpoints = {std::move(url)};
        LATCHKEY_TRY(nodes_.at(i), on_evm::Node::connect(std::move(described)));
        local_.push_back(std::move(chain));
    }
    world_.output().end_progress();
    LATCHKEY_TRY(relayer_, key("relayer"));
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        LATCHKEY_CHECK(fund(relayer_address(), milliether(50'000), i));
    }
    const evm::Address token = evm_wallet::test_token().address;
    LATCHKEY_TRY(token_, on_evm::fetch_token(node(), evm::to_string(token)));
    world_.say("Two EVM chains on this machine, " + local_[0].url() + " and " + local_[1].url() +
               ": anvil, with our contracts at the same addresses on both.");
    return {};
}

Result<std::unique_ptr<Key>> EvmWorld::key(const std::string& label) {
    LATCHKEY_TRY(Key made, make_account_key(label));
    return std::make_unique<Key>(std::move(made));
}

evm::Address EvmWorld::somebody(const std::string& name) const {
    const auto hash = core::crypto::keccak256(
        core::concat(core::as_bytes(name), core::to_bytes(relayer_address())));
    return *evm::Address::from(core::ByteView(hash).subspan(hash.size() - evm::Address::size()));
}

Result<evm_wallet::WalletHandle> EvmWorld::new_wallet(const core::Configuration& configuration) {
    LATCHKEY_TRY(const auto made, solana::WalletHandle::create(configuration, world_.deployment()));
    LATCHKEY_TRY(auto out, same_wallet(made));
    world_.say("wallet " + world_.output().paint(Style::kKey, evm::to_string(out.address())));
    return out;
}

Result<evm_wallet::WalletHandle> EvmWorld::same_wallet(const solana::WalletHandle& wallet) {
    return evm_wallet::WalletHandle::from_genesis(
        wallet.genesis(),
        evm_wallet::released_deployment(solana::to_hash(wallet.deployment().program)),
        node().chain().chain_id);
}

Result<evm_wallet::WalletHandle> EvmWorld::on_chain(const evm_wallet::WalletHandle& wallet,
                                                    std::size_t chain) {
    return evm_wallet::WalletHandle::from_genesis(wallet.genesis(), wallet.deployment(),
                                                  node(chain).chain().chain_id);
}

Result<void> EvmWorld::fund(const evm::Address& address, const evm::Uint256& wei,
                            std::size_t chain) {
    LATCHKEY_CHECK(node(chain).send_from_node({address, wei, {}}));
    return {};
}

Result<evm::Uint256> EvmWorld::balance(const evm::Address& address, std::size_t chain) {
    return node(chain).run(node(chain).rpc().get_balance(address));
}

Result<bool> EvmWorld::has(const evm::Address& address, const evm::Uint256& wei,
                           std::size_t chain) {
    LATCHKEY_TRY(const evm::Uint256 found, balance(address, chain));
    return found == wei;
}

Result<evm::Uint256> EvmWorld::tokens(const evm::Address& address) {
    return on_evm::fetch_token_balance(node(), token_, address);
}

Result<void> EvmWorld::give_tokens(const evm::Address& address, const evm::Uint256& amount) {
    LATCHKEY_TRY(const auto mint, abi::parse_signature("mint(address,uint256)"));
    LATCHKEY_TRY(core::Bytes data, abi::encode_call(mint, abi::Values{address, amount}));
    LATCHKEY_CHECK(node().send_from_node({token_.address, {}, std::move(data)}));
    return {};
}

Result<std::uint64_t> EvmWorld::now(std::size_t chain) {
    return node(chain).time();
}

Result<void> EvmWorld::warp(std::uint64_t seconds) {
    for (const auto& one : nodes_) {
        LATCHKEY_CHECK(one->warp(seconds));
    }
    return {};
}

std::size_t EvmWorld::place_of(const evm_wallet::WalletHandle& wallet) const {
    return wallet.chain() == nodes_[0]->chain().chain_id ? 0 : 1;
}

Result<evm_wallet::WalletSnapshot> EvmWorld::read(const evm_wallet::WalletHandle& wallet) {
    on_evm::Node& at = node(place_of(wallet));
    return at.run(evm_wallet::fetch_wallet(at.rpc(), wallet));
}

Result<EvmApproved> EvmWorld::plan(const evm_wallet::WalletSnapshot& wallet, evm_wallet::Body body,
                                   const evm_wallet::RuleReference& rule,
                                   const evm_wallet::Terms& terms) {
    on_evm::Node& at = node(place_of(wallet.wallet));
    std::uint64_t sequence = 0;
    if (terms.lane) {
        LATCHKEY_TRY(sequence,
                     at.run(evm_wallet::fetch_sequence(at.rpc(), wallet.wallet, *terms.lane)));
    }
    EvmApproved out{wallet.wallet, {}, {}};
    LATCHKEY_TRY(out.plan, evm_wallet::plan_action(wallet, rule, std::move(body), terms, sequence));
    return out;
}

Result<EvmApproved> EvmWorld::approve(const evm_wallet::WalletSnapshot& wallet,
                                      evm_wallet::Body body, const Approving& with) {
    LATCHKEY_TRY(EvmApproved out, plan(wallet, std::move(body), with.rule, with.terms));
    for (const auto& [signer, key] : with.by) {
        LATCHKEY_TRY(core::Evidence evidence,
                     key->signer->approve(core::approval_hash_of(out.plan.leaf)));
        out.approvals.push_back({signer, std::move(evidence)});
    }
    return out;
}

Result<std::optional<on_evm::Receipt>> EvmWorld::make_contract(
    const evm_wallet::WalletHandle& wallet) {
    on_evm::Node& at = node(place_of(wallet));
    LATCHKEY_TRY(const core::Bytes code, at.run(at.rpc().get_code(wallet.address())));
    if (!code.empty()) {
        return std::nullopt;
    }
    LATCHKEY_TRY(on_evm::Receipt made,
                 at.send(world_.output(), *relayer_,
                         {wallet.deployment().factory, {}, core::to_bytes(wallet.id())}));
    return made;
}

Result<on_evm::Receipt> EvmWorld::send(const EvmApproved& approved) {
    LATCHKEY_CHECK(make_contract(approved.wallet));
    LATCHKEY_TRY(const auto action,
                 evm_wallet::assemble(approved.plan, approved.approvals, approved.tree));
    LATCHKEY_TRY(core::Bytes calldata,
                 evm_wallet::encode_calldata(evm_wallet::Action(action), relayer_address()));
    return node(place_of(approved.wallet))
        .send(world_.output(), *relayer_, {approved.wallet.address(), {}, std::move(calldata)});
}

Result<on_evm::Receipt> EvmWorld::act(const evm_wallet::WalletHandle& wallet, evm_wallet::Body body,
                                      const Approving& with) {
    LATCHKEY_TRY(const auto snapshot, read(wallet));
    LATCHKEY_TRY(const EvmApproved approved, approve(snapshot, std::move(body), with));
    return send(approved);
}

Result<core::Bytes> EvmWorld::calldata_of(const EvmApproved& approved) {
    evm_wallet::ApprovedAction action{
        approved.plan.authority, approved.plan.terms, approved.plan.body, {}};
    action.approvals.tree = approved.tree;
    for (const core::CollectedApproval& one : approved.approvals) {
        LATCHKEY_TRY(auto evidence, evm_wallet::approval_of(
                                        approved.plan.rule.signers.at(one.signer), one.evidence));
        action.approvals.approvers =
            static_cast<std::uint16_t>(action.approvals.approvers | (1U << one.signer));
        action.approvals.evidence.push_back(std::move(evidence));
    }
    return evm_wallet::encode_calldata(evm_wallet::Action(action));
}

Result<std::string> EvmWorld::expect_refusal(const evm_wallet::WalletHandle& wallet,
                                             core::Bytes calldata, core::Verdict verdict) {
    LATCHKEY_CHECK(make_contract(wallet));
    LATCHKEY_TRY(
        const core::Verdict found,
        node(place_of(wallet))
            .send_to_fail(world_.output(), *relayer_, {wallet.address(), {}, std::move(calldata)}));
    std::string sentence = std::string(core::verdict_sentence(found)) + " (" +
                           std::string(core::verdict_name(found)) + ")";
    if (found != verdict) {
        return fail(ErrorCode::kDemonstration, "it was refused for another reason: " + sentence);
    }
    ++refusals_;
    return sentence;
}

Result<std::string> EvmWorld::refused(const EvmApproved& approved, core::Verdict verdict) {
    LATCHKEY_TRY(core::Bytes calldata, calldata_of(approved));
    return expect_refusal(approved.wallet, std::move(calldata), verdict);
}

Result<std::string> EvmWorld::act_refused(const evm_wallet::WalletHandle& wallet,
                                          evm_wallet::Body body, const Approving& with,
                                          core::Verdict verdict) {
    LATCHKEY_TRY(const auto snapshot, read(wallet));
    LATCHKEY_TRY(const EvmApproved approved, approve(snapshot, std::move(body), with));
    return refused(approved, verdict);
}

Result<on_evm::Receipt> EvmWorld::apply(const evm_wallet::WalletHandle& wallet,
                                        const evm_wallet::RuleReference& rule,
                                        const evm_wallet::Body& body) {
    LATCHKEY_TRY(const auto snapshot, read(wallet));
    LATCHKEY_TRY(const auto authority, evm_wallet::authority_of(snapshot, rule));
    LATCHKEY_TRY(
        core::Bytes calldata,
        evm_wallet::encode_calldata(evm_wallet::Action(evm_wallet::ApplyAction{authority, body})));
    return node(place_of(wallet))
        .send(world_.output(), *relayer_, {wallet.address(), {}, std::move(calldata)});
}

Result<std::string> EvmWorld::apply_refused(const evm_wallet::WalletHandle& wallet,
                                            const evm_wallet::RuleReference& rule,
                                            const evm_wallet::Body& body, core::Verdict verdict) {
    LATCHKEY_TRY(const auto snapshot, read(wallet));
    LATCHKEY_TRY(const auto authority, evm_wallet::authority_of(snapshot, rule));
    LATCHKEY_TRY(
        core::Bytes calldata,
        evm_wallet::encode_calldata(evm_wallet::Action(evm_wallet::ApplyAction{authority, body})));
    return expect_refusal(wallet, std::move(calldata), verdict);
}

}  // namespace latchkey::cli::demo
