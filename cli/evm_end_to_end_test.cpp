// SPDX-License-Identifier: Apache-2.0
// Wallets on EVM chains, as a person or a script uses them: the real program against anvil, and
// against the Solana chain where one approval is for both.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>

#include "chains/evm/client/abi.hpp"
#include "chains/evm/wallet/release.hpp"
#include "cli/command_testing.hpp"
#include "cli/evm/amounts.hpp"
#include "cli/evm/node.hpp"
#include "cli/source_tree.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::cli::testing {
namespace {

using on_evm::Node;

const std::string kStranger = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045";
/// Of anvil, as it is written in the table of chains.
const std::string kLocal = " --chain local";
const std::string kPhone = " -k phone.json";

bool has_anvil() {
    return std::getenv("LATCHKEY_ANVIL") != nullptr ||
           fs::exists("chains/evm/contracts/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");
}

evm::Uint256 wei_of(const json::object& fields, const char* name) {
    return evm::Uint256::parse_decimal(text_of(fields, name)).value();
}

evm::Uint256 finney(std::uint64_t count) {
    return evm::multiply(evm::Uint256(count), evm::Uint256(1'000'000'000'000'000)).value();
}

class EvmEndToEnd : public CommandTest {
  protected:
    static void SetUpTestSuite() {
        start_node(has_anvil() ? std::vector<std::string>{"--evm-port", "0"}
                               : std::vector<std::string>{});
    }

    EvmEndToEnd() {
        for (const json::value& one : chains()) {
            environment_["LATCHKEY_RPC"] +=
                "," + text_of(one.as_object(), "name") + "=" + text_of(one.as_object(), "rpc");
        }
        environment_["LATCHKEY_WALLET"] = "my.json";
        environment_["LATCHKEY_GAS_PAYER"] = "gas.json";
        environment_["LATCHKEY_FEE_PAYER"] = "payer.json";
    }

    void SetUp() override {
        if (!has_anvil()) {
            GTEST_SKIP() << "anvil is not installed: ./dev setup";
        }
    }

    static const json::array& chains() { return node().ready().at("evm_chains").as_array(); }
    static std::string url_of(const std::string& name) {
        for (const json::value& one : chains()) {
            if (text_of(one.as_object(), "name") == name) {
                return text_of(one.as_object(), "rpc");
            }
        }
        return {};
    }
    /// The node itself, past the program under test.
    static std::unique_ptr<Node> direct(const std::string& name) {
        evm::Chain chain = evm::ChainRegistry::builtin().find(name).value();
        chain.endpoints = {net::parse_url(url_of(name)).value()};
        return Node::connect(std::move(chain)).value();
    }
    static evm::Uint256 balance(const std::string& address, const std::string& chain = "local") {
        const auto node = direct(chain);
        return node->run(node->rpc().get_balance(evm::parse_address(address).value())).value();
    }
    static evm::Uint256 token_balance(const std::string& address) {
        const auto node = direct("local");
        const auto token = on_evm::fetch_token(*node, token_address()).value();
        return on_evm::fetch_token_balance(*node, token, evm::parse_address(address).value())
            .value();
    }
    static std::string token_address() { return evm::to_string(evm::wallet::test_token().address); }

    /// Passkeys phone.json and laptop.json, gas.json with 9 coins on both EVM chains.
    void make_keys() const {
        done("passkey new phone.json");
        done("passkey new laptop.json");
        done("key new gas.json --kind secp256k1");
        done("wallet fund 9 --to gas.json --chain local");
        done("wallet fund 9 --to gas.json --chain local-2");
    }
    /// my.json with one coin on the chain local; its address on EVM chains.
    std::string make(const std::string& signers = "-s phone.json -s laptop.json") const {
        make_keys();
        const std::string address =
            text_of(done("wallet create my.json " + signers), "evm_address");
        done("wallet fund 1 --chain local");
        return address;
    }
    std::string gas_address() const {
        const std::string text = text_of(done("key show gas.json"), "signer");
        return text.substr(text.find("0x"));
    }
    /// A fresh address.
    std::string friend_address() const {
        done("key new friend.json --kind secp256k1 ");
        const std::string text = text_of(done("key show friend.json"), "signer");
        return text.substr(text.find("0x"));
    }
    void mint(const std::string& to, const evm::Uint256& amount) const {
        const auto function = evm::abi::parse_signature("mint(address,uint256)").value();
        const auto data = evm::abi::encode_call(
            function, evm::abi::Values{evm::parse_address(to).value(), amount});
        const json::object call{{"to", token_address()},
                                {"data", core::encode_hex_prefixed(data.value())}};
        write("mint.json", json::serialize(json::object{{"calls", json::array{call}}}));
        done("wallet batch mint.json" + kLocal + kPhone);
    }
    std::string configuration(const std::string& chain) const {
        return text_of(done("wallet show --chain " + chain), "configuration");
    }
    /// A file like `from` with another value of one member.
    void change(const std::string& from, const std::string& to, const std::string& member,
                const json::value& value) const {
        json::object file = json::parse(read(from)).as_object();
        file[member] = value;
        write(to, json::serialize(file));
    }
};

TEST_F(EvmEndToEnd, the_address_is_the_chains_and_holds_coin_before_any_contract) {
    const std::string address = make();
    const std::string to = friend_address();
    for (const char* chain : {"local", "local-2", "31337"}) {
        EXPECT_EQ(text_of(done(std::string("wallet show --chain ") + chain), "address"), address);
    }
    EXPECT_EQ(balance(address), finney(1000));
    EXPECT_EQ(balance(address, "local-2"), evm::Uint256());
    const json::object before = done("wallet show" + kLocal);
    EXPECT_FALSE(before.at("is_made").as_bool());
    EXPECT_EQ(wei_of(before, "wei"), finney(1000));
    const std::string send = "wallet send --amount 0.25 --to friend.json" + kLocal + kPhone;
    const evm::Uint256 gas_before = balance(gas_address());
    EXPECT_FALSE(done(send + " --dry-run").at("simulated").as_bool());
    EXPECT_EQ(balance(gas_address()), gas_before);
    const json::object sent = done(send);
    EXPECT_EQ(balance(to), finney(250));
    EXPECT_EQ(balance(address), finney(750));
    // The gas payer paid for the contract and for the transaction, and nothing else.
    const evm::Uint256 fees =
        evm::add(wei_of(sent, "fee_wei"), wei_of(sent.at("made").as_object(), "fee_wei")).value();
    EXPECT_EQ(evm::add(balance(gas_address()), fees), gas_before);
    EXPECT_TRUE(done("wallet show" + kLocal).at("is_made").as_bool());
    EXPECT_TRUE(done(send + " --dry-run").at("simulated").as_bool());
    EXPECT_EQ(balance(to), finney(250));
    EXPECT_FALSE(done(send).contains("made"));
    refused("wallet send --amount 0.6 --to friend.json" + kLocal + kPhone,
            "holds 0.5 ETH on local, not the 0.6 ETH");
    refused("wallet send --amount 0.3 --pay-sponsor " + kStranger + "=0.21 --to friend.json" +
                kLocal + kPhone,
            "not the 0.51 ETH");
}

TEST_F(EvmEndToEnd, tokens_and_a_sponsors_share) {
    const std::string address = make();
    const std::string to = friend_address();
    const evm::Uint256 before = token_balance(kStranger);
    mint(address, finney(2000));
    EXPECT_EQ(token_balance(address), finney(2000));
    const std::string token = " --token " + token_address();
    const json::object held = done("wallet tokens" + kLocal + token);
    EXPECT_EQ(text_of(held, "amount"), "2");
    EXPECT_EQ(wei_of(held, "units"), finney(2000));
    done("wallet send --amount 0.5 --to friend.json --pay-sponsor " + kStranger + "=0.01" + token +
         kLocal + kPhone);
    EXPECT_EQ(token_balance(to), finney(500));
    EXPECT_EQ(token_balance(address), finney(1490));
    EXPECT_EQ(evm::add(before, finney(10)), token_balance(kStranger));
    refused("wallet send --amount 1.5 --to friend.json" + token + kLocal + kPhone,
            "holds 1.49 of the token");
    refused("wallet send --amount 1 --to friend.json --token " + kStranger + kLocal + kPhone,
            "is no token on local");
    refused("wallet tokens" + kLocal, "name the token with --token");
}

TEST_F(EvmEndToEnd, a_batch_is_done_whole_or_not_at_all) {
    const std::string address = make();
    const std::string to = friend_address();
    const std::string pay = R"({"to": "friend.json", "amount": "0.1"})";
    // The token has no such function.
    write("bad.json", R"({"calls": [)" + pay + R"(, {"to": ")" + token_address() +
                          R"(", "data": "0xdeadbeef"}]})");
    refused("wallet batch bad.json" + kLocal + kPhone, "LK-6204");
    EXPECT_EQ(balance(to), evm::Uint256());
    EXPECT_EQ(balance(address), finney(1000));
    write("good.json",
          R"({"calls": [)" + pay + R"(, {"to": ")" + kStranger + R"(", "value": "1000 wei"}]})");
    const evm::Uint256 before = balance(kStranger);
    done("wallet batch good.json" + kLocal + kPhone);
    EXPECT_EQ(balance(to), finney(100));
    EXPECT_EQ(evm::add(before, evm::Uint256(1000)), balance(kStranger));
    const std::pair<const char*, const char*> kWrong[] = {
        {R"({"calls": []})", "is empty"},
        {R"({"calls": [1]})", "must be an object"},
        {R"({"calls": [{"to": "friend.json", "amount": "x"}]})", "call 0: an amount is written"},
        {R"({"calls": [{"to": "friend.json", "amount": "1", "value": "1"}]})", "no member \"value"},
        {R"({"calls": [{"to": "0x00000000000000000000000000000000000000aa", "val": "1"}]})",
         "no member \"val"},
        {R"({"calls": [{"to": "0x00000000000000000000000000000000000000aa", "data": "0x1"}]})",
         "call 0"},
        {R"({"calls": [{"to": "friend.json", "data": "0x11"}]})", "call 0"},
    };
    for (const auto& [text, part] : kWrong) {
        write("wrong.json", text);
        refused("wallet batch wrong.json" + kLocal + kPhone, part);
    }
}

TEST_F(EvmEndToEnd, limits_of_one_call_and_of_a_period) {
    const std::string address = make(
        "-s phone.json -s laptop.json --threshold 2 --limit "
        "ETH=0.1/0.15/1d --allow " +
        kStranger);
    const auto left = [&] {
        const json::object first =
            done("limits" + kLocal).at("limits").as_array().at(0).as_object();
        EXPECT_EQ(text_of(first, "asset"), "ETH");
        return first.at("left").to_number<std::uint64_t>();
    };
    EXPECT_EQ(left(), 150'000'000U);
    const std::string send = "wallet send --to " + kStranger + kLocal + kPhone + " --amount ";
    const evm::Uint256 before = balance(kStranger);
    // Only a wallet that is there can say why.
    done(send + "0.01 -k laptop.json");
    refused(send + "0.11", "LimitPerCall");
    done(send + "0.1");
    EXPECT_EQ(left(), 50'000'000U);
    refused(send + "0.06", "LimitPerPeriod");
    refused("wallet send --amount 0.01 --to gas.json" + kLocal + kPhone, "TargetNotAllowed");
    EXPECT_EQ(evm::add(before, finney(110)), balance(kStranger));
    done("warp 1d" + kLocal);
    EXPECT_EQ(left(), 150'000'000U);
    done(send + "0.06");
    EXPECT_EQ(left(), 90'000'000U);
    EXPECT_EQ(balance(address), finney(830));
    refused("session grant --to gas.json --limit ETH=1/1/1d --expires 1d" + kLocal + kPhone,
            "--allow 0xADDRESS");
}

TEST_F(EvmEndToEnd, a_session_spends_until_it_is_revoked) {
    make();
    done("key new agent.json --kind secp256k1");
    const evm::Uint256 before = balance(kStranger);
    done("session grant --to agent.json --limit ETH=0.05/0.08/1h --expires 1d --allow " +
         kStranger + kLocal + kPhone);
    const json::object session =
        done("session list" + kLocal).at("sessions").as_array().at(0).as_object();
    EXPECT_NE(text_of(session, "description").find("until"), std::string::npos);
    const std::string send =
        "wallet send --to " + kStranger + kLocal + " -k agent.json --rule session:0 --amount ";
    done(send + "0.05");
    refused(send + "0.06", "LimitPerCall");
    refused(send + "0.04", "LimitPerPeriod");
    done("wallet send --to " + kStranger + kLocal + " -k agent.json --amount 0.03");
    EXPECT_EQ(evm::add(before, finney(80)), balance(kStranger));
    refused(send + "0.01 --nonce lane", "leave --nonce out");
    refused("session revoke 1" + kLocal + kPhone, "there is no session 1");
    done("session revoke " + text_of(session, "id") + kLocal + kPhone);
    EXPECT_TRUE(done("session list" + kLocal).at("sessions").as_array().empty());
    refused(send + "0.01", "no rule");
}

TEST_F(EvmEndToEnd, two_of_three_sign_a_file_each) {
    done("passkey new tablet.json");
    const std::string address = make("-s phone.json -s laptop.json -s tablet.json --threshold 2");
    const std::string to = friend_address();
    const std::string ask = "wallet send --to friend.json --amount 0.1 --request ";
    done(ask + "r.json" + kLocal);
    done("sign r.json -k phone.json --out a.json");
    done("sign r.json -k tablet.json --out b.json");
    refused("sign r.json -k gas.json --out c.json", "none of the keys");
    refused("send r.json --approvals a.json", "ThresholdNotMet");
    refused("send r.json --approvals a.json a.json", "ApprovalOrder");
    EXPECT_EQ(text_of(done("decode @r.json"), "kind"), "request");
    // Another request, whose approvals are not for this one.
    done(ask + "other.json --chain local-2");
    done("sign other.json -k phone.json --out other-a.json");
    refused("send r.json --approvals other-a.json b.json", "approves another request");
    refused("send other.json --approvals a.json b.json", "approves another request");
    EXPECT_EQ(balance(to), evm::Uint256());
    const json::object sent = done("send r.json --approvals b.json a.json");
    EXPECT_EQ(text_of(sent, "chain"), "local");
    EXPECT_EQ(balance(to), finney(100));
    refused("send r.json --approvals a.json b.json", "it was done already");
    EXPECT_EQ(balance(address), finney(900));
    // Approved in any order.
    for (const char* name : {"1", "2"}) {
        const std::string file = name;
        done(ask + file + ".json --nonce lane" + kLocal);
        done("sign " + file + ".json -k phone.json -k laptop.json --out " + file + "a.json");
    }
    done("send 2.json --approvals 2a.json");
    done("send 1.json --approvals 1a.json");
    refused("send 2.json --approvals 2a.json", "it was done already");
    EXPECT_EQ(balance(to), finney(300));
}

TEST_F(EvmEndToEnd, a_request_that_was_changed_is_refused) {
    make();
    done("wallet send --to gas.json --amount 0.1 --request r.json" + kLocal);
    done("sign r.json -k phone.json --out a.json");
    const json::object whole = json::parse(read("r.json")).as_object();
    for (const auto& member : whole) {
        const std::string name(member.key());
        json::value other = member.value();
        if (name == "description" || name == "relying_parties") {
            continue;
        }
        if (other.is_string() && !name.starts_with("chain")) {
            json::string& text = other.as_string();
            text.back() = text.back() == '0' ? '1' : '0';
        } else if (!other.is_string()) {
            other = other.to_number<std::uint64_t>() + 1;
        }
        if (name == "chain") {
            continue;
        }
        change("r.json", "changed.json", name, other);
        if (name == "sender") {
            // Nobody is bound: it is not part of what is signed, and means nothing.
            continue;
        }
        refused("sign changed.json -k phone.json --out b.json", "");
        refused("send changed.json --approvals a.json", "");
        change("r.json", "changed.json", name, nullptr);
        refused("sign changed.json -k phone.json --out b.json", "");
    }
    // What is not signed is not shown either.
    change("r.json", "changed.json", "description", json::array{"give a coin to charity"});
    change("changed.json", "changed.json", "chain", "sepolia");
    const json::object signed_one = done("sign changed.json -k phone.json --out b.json");
    EXPECT_EQ(signed_one.at("description"), whole.at("description"));
    EXPECT_EQ(read("a.json").substr(0, 60), read("b.json").substr(0, 60));
    // A chain that is not known may call itself anything but what is.
    change("r.json", "changed.json", "chain_id", 424242);
    change("changed.json", "changed.json", "chain", "ethereum");
    refused("sign changed.json -k phone.json --out c.json", "424242 ethereum");
}

TEST_F(EvmEndToEnd, an_approval_ends_in_time_and_on_its_chain) {
    make();
    done("wallet fund 1 --chain local-2");
    const std::string ask = "wallet send --to gas.json --amount 0.1 --valid-for 10m --request ";
    done("wallet send --to gas.json --amount 0.1" + kLocal + kPhone);
    done(ask + "r.json" + kLocal);
    done("sign r.json -k phone.json --out a.json");
    done("warp 20m" + kLocal);
    refused("send r.json --approvals a.json", "Deadline");
    // The digest tells the chain, so the file cannot be pointed elsewhere.
    change("r.json", "elsewhere.json", "chain_id", 31338);
    refused("send elsewhere.json --approvals a.json", "its digest is not that of its action");
}

TEST_F(EvmEndToEnd, one_approval_for_actions_on_three_chains) {
    const std::string address = make("-s phone.json -s laptop.json --threshold 2");
    done("key new payer.json");
    done("wallet fund 5 --to payer.json");
    done("wallet fund 2");
    done("wallet fund 1 --chain local-2");
    const std::string to = friend_address();
    done("wallet send --to payer.json --amount 0.5 --create-state --request s.json");
    done("wallet send --to friend.json --amount 0.1 --request e.json --chain local");
    done("wallet send --to friend.json --amount 0.2 --request f.json --chain local-2");
    for (const char* key : {"phone", "laptop"}) {
        const std::string name = key;
        const json::object approved =
            done("sign s.json e.json f.json -k " + name + ".json --out " + name + ".a.json");
        EXPECT_EQ(approved.at("count").to_number<int>(), 1);
    }
    const std::string approvals = " --approvals phone.a.json laptop.a.json";
    done("sign e.json -k laptop.json --out alone.json");
    refused("send e.json --approvals phone.a.json alone.json", "together with other requests");
    done("send f.json" + approvals);
    done("send s.json" + approvals);
    done("send e.json" + approvals);
    EXPECT_EQ(balance(to, "local"), finney(100));
    EXPECT_EQ(balance(to, "local-2"), finney(200));
    EXPECT_EQ(lamports("my.json"), 1'500'000'000U);
    EXPECT_EQ(balance(address), finney(900));
}

TEST_F(EvmEndToEnd, a_rotation_reaches_all_chains_and_lagging_ones_are_named) {
    make();
    done("key new payer.json");
    done("wallet fund 5 --to payer.json");
    done("wallet fund 2");
    done("passkey new second.json");
    done("passkey new third.json");
    const std::string everywhere = " --chain solana,local,local-2";
    const json::object rotated = done("rotate 0 second.json --create-state" + everywhere + kPhone);
    EXPECT_EQ(rotated.at("chains").as_array().size(), 3U);
    const json::object places = done("wallet show" + everywhere);
    EXPECT_TRUE(places.at("is_same").as_bool());
    for (const json::value& one : places.at("chains").as_array()) {
        EXPECT_EQ(one.as_object().at("number").to_number<int>(), 1);
    }
    refused("wallet send --to gas.json --amount 0.1" + kLocal + kPhone, "no rule");
    done("wallet send --to gas.json --amount 0.1 -k second.json" + kLocal);
    EXPECT_EQ(done("history" + kLocal).at("configurations").as_array().size(), 2U);
    // One chain goes on alone.
    const std::string old_id = configuration("local-2");
    done("rotate 0 third.json -k second.json" + kLocal);
    const std::string new_id = configuration("local");
    EXPECT_NE(old_id, new_id);
    const Finished differ = run("rotate 0 phone.json -k third.json --chain local,local-2");
    EXPECT_EQ(differ.code, 1);
    for (const std::string& part :
         {std::string("LK-5013"), std::string("--chain local-2 --from local"), old_id.substr(0, 16),
          new_id.substr(0, 16)}) {
        EXPECT_NE(differ.err.find(part), std::string::npos) << part << differ.err;
    }
    done("catch-up --chain local-2 --from local");
    EXPECT_EQ(configuration("local-2"), new_id);
    done("rotate 0 phone.json -k third.json --chain local,local-2");
    EXPECT_EQ(configuration("local"), configuration("local-2"));
    // The same change asked for by file has one digest, and each approval goes to one place once.
    done("rotate 0 third.json --chain local,local-2 --request c.json");
    done("sign c.local.json c.local-2.json -k phone.json --out c.a.json");
    done("send c.local.json --approvals c.a.json");
    refused("send c.local.json --approvals c.a.json", "LK-");
    done("send c.local-2.json --approvals c.a.json");
    EXPECT_EQ(configuration("local"), configuration("local-2"));
    refused("rotate 0 phone.json -k third.json --chain local,31337", "names local twice");
}

TEST_F(EvmEndToEnd, a_guardian_recovers_and_owners_cancel_and_freeze) {
    make_keys();
    for (const char* name : {"guardian", "new-phone", "new-laptop"}) {
        done(std::string("passkey new ") + name + ".json");
    }
    done(
        "wallet create my.json --preset three-parties -s phone.json -s laptop.json --guardian "
        "guardian.json");
    done("wallet fund 1" + kLocal);
    const std::string propose =
        "recover propose --recovery my.recovery.json -s new-phone.json -s new-laptop.json "
        "-k guardian.json" +
        kLocal;
    const auto pending = [&] { return done("pending" + kLocal).at("pending").as_array(); };
    const auto both = kLocal + " -k phone.json -k laptop.json";
    const json::object proposed = done(propose);
    EXPECT_TRUE(proposed.at("waits").as_bool());
    EXPECT_EQ(text_of(proposed, "proposal"), "recovery:0.1");
    ASSERT_EQ(pending().size(), 1U);
    EXPECT_EQ(text_of(pending()[0].as_object(), "status"), "waiting");
    refused("apply recovery:0 --recovery my.recovery.json" + kLocal, "TooEarly");
    done("cancel recovery:0.1" + both);
    EXPECT_TRUE(pending().empty());
    refused("apply recovery:0 --recovery my.recovery.json" + kLocal, "does not wait");
    done("freeze" + both);
    EXPECT_FALSE(done("pending" + kLocal).at("frozen_until").is_null());
    refused("wallet send --to gas.json --amount 0.1" + both, "Frozen");
    done("freeze --lift" + both);
    done("wallet send --to gas.json --amount 0.1" + both);
    EXPECT_EQ(text_of(done(propose), "proposal"), "recovery:0.2");
    done("warp 9d" + kLocal);
    EXPECT_EQ(text_of(pending()[0].as_object(), "status"), "due");
    refused("apply recovery:0" + kLocal, "--recovery");
    done("apply recovery:0.2 --recovery my.recovery.json" + kLocal);
    done("wallet send --to gas.json --amount 0.1 -k new-phone.json -k new-laptop.json" + kLocal);
    refused("wallet send --to gas.json --amount 0.1" + both, "no rule");
    EXPECT_EQ(done("history" + kLocal).at("configurations").as_array().size(), 2U);
}

TEST_F(EvmEndToEnd, mistakes) {
    make();
    done("key new ed.json");
    done("key new poor.json --kind secp256k1");
    done("wallet create sol.json -s ed.json");
    done(
        "wallet create far.json -s phone.json --program "
        "So11111111111111111111111111111111111111112");
    write("gone.json", "{}");
    const std::string send = "wallet send" + kLocal + kPhone + " --to gas.json --amount ";
    const std::string to = "wallet send --amount 0.1" + kLocal + kPhone + " --to ";
    const std::pair<std::string, std::string> kTable[] = {
        {send + "0", "more than nothing"},
        {send + "-1", "an amount is written like"},
        {send + "1e18", "an amount is written like"},
        {send + "0x10", "an amount is written like"},
        {send + "1,5", "an amount is written like"},
        {send + "0.0000000000000000001", "more than 18 decimal places"},
        {send + "999999999999999999999999999999999999999999999999999999999999999999", "amount"},
        {send + "5", "holds 1 ETH"},
        {send + "0.1wie", "an amount is written like"},
        {to + "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96046", "checksum"},
        {to + "0xd8dA", "20"},
        {to + "nobody.json", "the recipient must be"},
        {to + "gone.json", "the recipient must be"},
        {to + "ed.json", "the recipient must be"},
        {to + "far.json", "of another program"},
        {send + "0.1 --pay-sponsor 5", "ADDRESS=AMOUNT"},
        {send + "0.1 --nonce lane:x", "the lane in --nonce"},
        {send + "0.1 --nonce transaction", "on an EVM chain --nonce is"},
        {send + "0.1 --valid-for 1y", "a duration is"},
        {send + "0.1 --rule 7", "no rule"},
        {"rotate 0 gas.json --valid-for 10m" + kLocal + kPhone, "leave --valid-for out"},
        {send + "0.1 --gas-payer ed.json", "must be a secp256k1 key"},
        {send + "0.1 --gas-payer poor.json", "gas"},
        {send + "0.1 --chain local-2", "one chain"},
        {"wallet send --wallet sol.json --to gas.json --amount 0.1 -k ed.json" + kLocal,
         "ed25519 keys approve on Solana only"},
        {"wallet show --chain nowhere", "\"nowhere\": chains are ethereum"},
        {"wallet show --chain local --rpc locla=http://127.0.0.1:1/SECRET", "\"locla\""},
        {"wallet show --chain local --rpc Local=http://127.0.0.1:1/SECRET", "\"Local\""},
        {"wallet show --chain local --rpc local=http://127.0.0.1:x/SECRET", "is written like"},
        {"wallet show --chain local --rpc local=" + url_of("local-2"),
         "the node of local has chain id 31338"},
        {"wallet show --chain local --rpc 31337=" + url_of("local-2"), "chain id 31338"},
        {"wallet show --chain local --rpc local=http://127.0.0.1:1/SECRET", "LK-3102"},
        {"wallet show --chain local --rpc local=http://secret.invalid/SECRET", "LK-3101"},
        {"watch --chain local", "on Solana only"},
        {"program cluster --chain local", "on Solana only"},
        {"verify-program --chain local", "on Solana only"},
        {"lanes list --chain local", "on Solana only"},
        {"message sign --text x --out m.json --valid-for 1d" + kLocal + kPhone,
         "ERC-1271 has no deadline"},
        {"sign gone.json -k phone.json --out a.json", "gone.json"},
        {"send gone.json --approvals gone.json", "gone.json"},
    };
    for (const auto& [line, part] : kTable) {
        refused(line, part);
        if (line.find("SECRET") != std::string::npos) {
            EXPECT_EQ(run(line).err.find("SECRET"), std::string::npos) << line;
        }
    }
    environment_.erase("LATCHKEY_GAS_PAYER");
    refused(send + "0.1", "nobody pays for gas");
    // When an agent's time ends is told by the chain that the command is about.
    done(
        "wallet create agent.json --preset agent -s phone.json -s gas.json --expires 30d --limit "
        "ETH=1/1/1d --allow " +
        kStranger + " --chain local --rpc http://127.0.0.1:1 --rpc local=" + url_of("local"));
    // Amounts that people write.
    environment_["LATCHKEY_GAS_PAYER"] = "gas.json";
    const evm::Uint256 before = balance(kStranger);
    for (const char* amount : {"0.1 ETH", "7 wei"}) {
        EXPECT_EQ(run({"wallet", "send", "--chain", "local", "-k", "phone.json", "--to", kStranger,
                       "--amount", amount})
                      .code,
                  0);
    }
    EXPECT_EQ(evm::add(before, evm::add(finney(100), evm::Uint256(7)).value()), balance(kStranger));
}

TEST_F(EvmEndToEnd, a_node_that_talks_nonsense_keeps_its_secret) {
    make();
    const std::string head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";
    const auto answer = [&](const std::string& body) {
        return head + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
    };
    for (const std::string& text :
         {std::string("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
          std::string("nonsense\r\n\r\n"), answer("{}"), answer("[]"), answer("no json"),
          answer(R"({"jsonrpc":"2.0","id":1,"result":"0x7a69"})"),
          answer(R"({"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"\u001b[2J no"}})")}) {
        const RubbishServer server(text);
        const Finished finished =
            run("--json wallet show --chain local --rpc local=" + server.url() + "/SECRET");
        EXPECT_EQ(finished.code, 1) << text;
        EXPECT_TRUE(finished.fields().contains("error"));
        EXPECT_EQ((finished.out + finished.err).find("SECRET"), std::string::npos) << finished.err;
        EXPECT_EQ((finished.out + finished.err).find('\x1b'), std::string::npos) << finished.err;
    }
}

TEST_F(EvmEndToEnd, a_port_that_is_taken_is_not_somebody_elses_chain) {
    const std::string url = url_of("local");
    refused("dev --port 0 --evm-port " + url.substr(url.rfind(':') + 1), "is taken");
}

TEST_F(EvmEndToEnd, a_wallet_vouches_for_texts_before_and_after_it_has_a_contract) {
    make();
    for (const bool has_contract : {false, true}) {
        if (has_contract) {
            done("wallet send --to gas.json --amount 0.1" + kLocal + kPhone);
        }
        done("message sign --text hello --out hello.json --force" + kLocal + kPhone);
        const json::object verified =
            done("message verify --text hello --approval hello.json" + kLocal);
        EXPECT_EQ(verified.at("valid"), true);
        refused("message verify --text hallo --approval hello.json" + kLocal, "another message");
        const std::string signature =
            text_of(json::parse(read("hello.json")).as_object(), "signature");
        // ERC-6492 ends so, and says how to make the contract.
        EXPECT_EQ(signature.ends_with("6492649264926492"), !has_contract);
        change("hello.json", "other.json", "hash", json::string(std::string(64, '1')));
        refused("message verify --hash " + std::string(64, '1') + " --approval other.json" + kLocal,
                "LK-");
    }
}

TEST_F(EvmEndToEnd, chains_of_ones_own) {
    make();
    write("chains.json",
          R"([{"name": "mine", "chain_id": 31337, "endpoints": [")" + url_of("local") + R"("]}])");
    refused("wallet show --chain mine", "\"mine\"");
    write("own.json", R"([{"name": "local", "chain_id": 31337, "native_symbol": "PLAY"}])");
    environment_["LATCHKEY_CHAINS_FILE"] = "own.json";
    const Finished shown = run("wallet show --chain local");
    EXPECT_NE(shown.out.find("balance    1 PLAY"), std::string::npos) << shown.out << shown.err;
    // A name for a chain that is known already would be a second one.
    environment_["LATCHKEY_CHAINS_FILE"] = "chains.json";
    refused("wallet show --chain mine", "whose chain_id this is");
    environment_["LATCHKEY_CHAINS_FILE"] = "none.json";
    refused("wallet show --chain local", "none.json");
}

}  // namespace
}  // namespace latchkey::cli::testing
