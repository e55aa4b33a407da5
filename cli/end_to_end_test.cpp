// SPDX-License-Identifier: Apache-2.0
// The real program against a local chain on the real VM, as a person or a script uses it.
#include <signal.h>
#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <sstream>

#include "cli/chain.hpp"
#include "cli/command_testing.hpp"
#include "cli/local_chain.hpp"
#include "core/encoding/base64.hpp"

namespace latchkey::cli::testing {
namespace {

constexpr std::uint64_t kSol = 1'000'000'000;

class EndToEnd : public CommandTest {
  protected:
    /// The node itself, past the program under test.
    static std::unique_ptr<Chain> chain() {
        return Chain::connect({node().url()}, kLocalProgram).value();
    }
    std::string address_of(const std::string& key) const {
        return text_of(done("key show " + key), "address");
    }
    mode_t mode_of(const std::string& name) const {
        struct stat info{};
        return ::stat(path(name).c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
    }
    static std::uint64_t number(const json::object& fields, const char* name) {
        return fields.at(name).to_number<std::uint64_t>();
    }
};

const std::string kPaid = " --key phone.json --fee-payer payer.json";
const std::string kMine = " --wallet my.json" + kPaid;

TEST_F(EndToEnd, demonstration_reports_what_the_chain_says) {
    const json::object report = done("demo --rpc " + node().url());
    EXPECT_TRUE(report.at("ok").as_bool());
    EXPECT_EQ(number(report, "refusals"), 45U);
    const json::array& actions = report.at("actions").as_array();
    ASSERT_EQ(actions.size(), 25U);
    const json::object& creation = actions[0].as_object();
    EXPECT_EQ(number(creation, "rent_lamports"), 0U);
    EXPECT_FALSE(creation.contains("transaction"));
    const auto direct = chain();
    for (std::size_t i = 1; i < actions.size(); ++i) {
        const json::object& action = actions[i].as_object();
        const auto id = solana::parse_signature(text_of(action, "transaction"));
        ASSERT_TRUE(id);
        const auto receipt = direct->receipt(*id);
        ASSERT_TRUE(receipt) << receipt.error().to_string();
        EXPECT_EQ(receipt->compute_units, number(action, "compute_units"));
        EXPECT_EQ(receipt->bytes, number(action, "bytes"));
        EXPECT_EQ(receipt->fee, number(action, "fee_lamports"));
    }
    const json::array& on_evm = report.at("evm_actions").as_array();
    ASSERT_EQ(on_evm.size(), 23U);
    for (const json::value& one : on_evm) {
        const json::object& action = one.as_object();
        EXPECT_EQ(text_of(action, "chain"), "local");
        EXPECT_GT(number(action, "gas"), 21'000U) << text_of(action, "action");
        const json::object& peer = action.at("peer").as_object();
        if (!peer.at("gas").is_null()) {
            EXPECT_LT(number(action, "gas"), number(peer, "gas")) << text_of(action, "action");
        }
    }
}

void expect_plain(const Finished& finished, std::initializer_list<const char*> parts) {
    EXPECT_EQ(finished.code, 0);
    EXPECT_EQ(finished.err, "");
    for (const char* part : parts) {
        EXPECT_NE(finished.out.find(part), std::string::npos) << part;
    }
    EXPECT_EQ(finished.out.find_first_of("\033\r"), std::string::npos);
}

TEST_F(EndToEnd, demonstration_without_a_terminal_is_plain_text) {
    environment_.erase("LATCHKEY_RPC");
    expect_plain(run("demo --only solana"),
                 {"creating it costs 0 lamports", "two passkeys sent 1 SOL", "(LimitPerPeriod)",
                  "(NonceUsed)", "(ClientData)", "Try next"});
}

TEST_F(EndToEnd, demonstration_on_evm_chains_needs_no_solana) {
    environment_["LATCHKEY_RPC"] = "http://127.0.0.1:1";
    expect_plain(run("demo --only evm"),
                 {"creating the wallet took no transaction", "two passkeys sent 1 ETH",
                  "(TargetNotAllowed)", "(KeyMismatch)", "(RecoveryUnderWay)", "Try next"});
    refused("demo --only bitcoin", "bitcoin");
}

TEST_F(EndToEnd, create_fund_and_send) {
    make_wallet();
    EXPECT_EQ(mode_of("phone.json"), 0600U);
    EXPECT_EQ(mode_of("payer.json"), 0600U);
    const json::object before = done("wallet show --wallet my.json");
    EXPECT_FALSE(before.at("has_state").as_bool());
    done("key new friend.json");
    const json::object dry =
        done("wallet send --to friend.json --amount 0.5 --create-state --dry-run" + kMine);
    EXPECT_TRUE(dry.at("simulated").as_bool());
    EXPECT_EQ(lamports("my.json"), 2 * kSol);
    const json::object sent =
        done("wallet send --to friend.json --amount 0.5 --create-state" + kMine);
    EXPECT_EQ(lamports("my.json"), 2 * kSol - kSol / 2);
    EXPECT_GT(number(sent, "compute_units"), 0U);
    EXPECT_EQ(number(sent, "fee_lamports"), 10'000U);
    const auto direct = chain();
    const auto friend_address = solana::parse_address(address_of("friend.json")).value();
    EXPECT_EQ(direct->run(direct->rpc().get_balance(friend_address)), kSol / 2);
    EXPECT_TRUE(done("wallet show --wallet my.json").at("has_state").as_bool());
    const json::object offline =
        done("wallet show --wallet my.json --offline --rpc http://127.0.0.1:1");
    EXPECT_EQ(offline.at("address"), before.at("address"));
}

TEST_F(EndToEnd, a_lane_spares_the_state) {
    make_wallet();
    refused("wallet send --to payer.json --amount 0.1" + kMine, "--create-state");
    done("lanes open --owner payer.json --index 3");
    done("warp 520s");
    done("wallet send --to payer.json --amount 0.1 --nonce lane:3" + kMine);
    EXPECT_FALSE(done("wallet show --wallet my.json").at("has_state").as_bool());
    EXPECT_EQ(done("lanes list --owner payer.json").at("lanes").as_array().size(), 1U);
    done("lanes close --owner payer.json --index 3");
    EXPECT_EQ(done("lanes list --owner payer.json").at("lanes").as_array().size(), 0U);
}

TEST_F(EndToEnd, session_within_and_beyond_its_limits) {
    make_wallet();
    done("key new agent.json");
    done("session grant --to agent.json --limit SOL=0.05/0.1/1h --expires 1d --create-state" +
         kMine);
    const std::string agent =
        " --wallet my.json --key agent.json --fee-payer payer.json --rule session:0 --to "
        "payer.json";
    done("wallet send --amount 0.05" + agent);
    refused("wallet send --amount 0.06" + agent, "LimitPerCall");
    done("wallet send --amount 0.04" + agent);
    refused("wallet send --amount 0.02" + agent, "LimitPerPeriod");
    const json::array limits = done("limits --wallet my.json").at("limits").as_array();
    ASSERT_EQ(limits.size(), 1U);
    EXPECT_EQ(number(limits[0].as_object(), "left"), kSol / 100);
    done("warp 1h");
    done("wallet send --amount 0.02" + agent);
    EXPECT_EQ(done("session list --wallet my.json").at("sessions").as_array().size(), 1U);
    done("session revoke 0" + kMine);
    refused("wallet send --amount 0.01" + agent, "UnknownRule");
    EXPECT_EQ(lamports("my.json"), 2 * kSol - 11 * kSol / 100);
}

TEST_F(EndToEnd, two_of_three_approve_offline) {
    make_wallet();
    done("passkey new laptop.json");
    done("key new auditor.json --kind p256");
    done(
        "wallet create team.json -s phone.json -s laptop.json -s auditor.json --threshold 2 "
        "--no-self-paid");
    done("wallet fund 3 --wallet team.json");
    const std::string request =
        "wallet send --wallet team.json --fee-payer payer.json --to payer.json --amount 1 "
        "--create-state --request ask.json";
    done(request);
    refused(request, "--force");
    const std::map<std::string, std::string> no_network{{"LATCHKEY_RPC", "http://127.0.0.1:1"}};
    for (const char* line : {"sign ask.json --key phone.json --out phone-yes.json",
                             "sign ask.json --key auditor.json --out auditor-yes.json"}) {
        const Finished approved = run(line, no_network);
        ASSERT_EQ(approved.code, 0) << approved.err;
        EXPECT_NE(approved.out.find("transfer 1 SOL"), std::string::npos) << approved.out;
    }
    refused("sign ask.json --key payer.json --out no.json", "none of the keys");
    const std::string send = "send ask.json --fee-payer payer.json --approvals phone-yes.json";
    refused(send, "ThresholdNotMet");
    std::string changed = read("ask.json");
    done("key new thief.json");
    const std::string payer = address_of("payer.json");
    changed.replace(changed.rfind(payer), payer.size(), address_of("thief.json"));
    write("changed.json", changed);
    refused("sign changed.json --key phone.json --out no.json", "do not sign it");
    refused("send changed.json --fee-payer payer.json --approvals phone-yes.json", "do not sign");
    done(send + " auditor-yes.json");
    EXPECT_EQ(lamports("team.json"), 2 * kSol);
    refused(send + " auditor-yes.json", "[StateNonce]");
    EXPECT_EQ(lamports("team.json"), 2 * kSol);
}

TEST_F(EndToEnd, a_late_approval_is_worth_nothing) {
    make_wallet();
    done("wallet send --to payer.json --amount 0.1 --create-state" + kMine);
    done("wallet send --to payer.json --amount 0.1 --valid-for 60s --request ask.json" + kMine);
    done("sign ask.json --key phone.json --out yes.json");
    done("warp 2m");
    refused("send ask.json --approvals yes.json --fee-payer payer.json", "DeadlinePassed");
}

TEST_F(EndToEnd, genesis_file_key_and_any_node_are_enough) {
    done("key new mine.json");
    done("wallet create my.json --signer mine.json --unlinkable");
    done("wallet fund 1 --wallet my.json");
    done("wallet fund 1 --to mine.json");
    done("export --wallet my.json --out backup.json");
    EXPECT_EQ(read("backup.json"), read("my.json"));
    // Another machine: nothing but the two files and a URL.
    const fs::path elsewhere = folder_ / "elsewhere";
    fs::create_directory(elsewhere);
    fs::rename(folder_ / "backup.json", elsewhere / "wallet.json");
    fs::rename(folder_ / "mine.json", elsewhere / "key.json");
    const Finished spent =
        Process({LATCHKEY_PROGRAM_PATH, "wallet", "send", "--wallet", "wallet.json", "--key",
                 "key.json", "--to", "key.json", "--amount", "1", "--rpc", node().url()},
                elsewhere, {})
            .wait();
    EXPECT_EQ(spent.code, 0) << spent.err;
    EXPECT_EQ(lamports("elsewhere/wallet.json"), 0U);
}

TEST_F(EndToEnd, policy_changes) {
    make_wallet();
    done("passkey new laptop.json");
    done("signers add laptop.json --create-state" + kMine);
    EXPECT_EQ(done("signers list --wallet my.json").at("signers").as_array().size(), 2U);
    done(
        "wallet send --to payer.json --amount 0.1 --wallet my.json --key laptop.json --fee-payer "
        "payer.json");
    refused("signers remove 7" + kMine, "there is no signer 7");
    done("signers remove 0 --wallet my.json --key laptop.json --fee-payer payer.json");
    refused("wallet send --to payer.json --amount 0.1" + kMine, "no rule that allows this");
    EXPECT_EQ(done("rules --wallet my.json").at("sequence").to_number<int>(), 2);
}

TEST_F(EndToEnd, three_calls_or_none) {
    make_wallet();
    for (const char* name : {"a.json", "b.json", "c.json"}) {
        done(std::string("key new ") + name);
    }
    write("calls.json", R"({"calls": [{"to": "a.json", "amount": "0.1"},
        {"to": "b.json", "amount": "0.2"}, {"to": "c.json", "amount": "0.3"}]})");
    done("wallet batch calls.json --create-state" + kMine);
    EXPECT_EQ(lamports("my.json"), 2 * kSol - 6 * kSol / 10);
    write("more.json", R"({"calls": [{"to": "a.json", "amount": "0.1"},
        {"to": "b.json", "amount": "100"}]})");
    refused("wallet batch more.json" + kMine, "holds too little SOL");
    // More than one packet holds: a version 1 transaction.
    write("long.json", R"({"calls": [{"program": "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr",
        "accounts": [], "data": ")" +
                           std::string(3000, '4') + "\"}]}");
    EXPECT_GT(number(done("wallet batch long.json" + kMine), "bytes"), 1500U);
    EXPECT_EQ(lamports("my.json"), 2 * kSol - 6 * kSol / 10);
}

/// A mint with 6 decimals and the wallet's token account with `amount`, by the chain's own method.
void put_token(Chain& chain, const solana::Address& mint, const solana::Address& vault,
               std::uint8_t amount) {
    std::string mint_data(82, '\0');
    // Decimals, and initialised.
    mint_data[44] = 6;
    mint_data[45] = 1;
    std::string account(165, '\0');
    account.replace(0, 32, core::as_text(mint.view()));
    account.replace(32, 32, core::as_text(vault.view()));
    account[67] = static_cast<char>(amount);
    account[108] = 1;
    const solana::Address holding =
        solana::associated_token_address(vault, mint, solana::kTokenProgram);
    for (const auto& [address, data] : {std::pair(mint, mint_data), std::pair(holding, account)}) {
        const json::object fields{{"lamports", 10'000'000},
                                  {"owner", solana::to_base58(solana::kTokenProgram)},
                                  {"data", core::encode_base64(core::as_bytes(data))},
                                  {"executable", false}};
        const auto put = chain.call("devnet_setAccount",
                                    json::array{solana::to_base58(address), json::value(fields)});
        ASSERT_TRUE(put) << put.error().to_string();
    }
}

TEST_F(EndToEnd, tokens_and_a_fee_in_them) {
    make_wallet();
    const auto vault =
        solana::parse_address(text_of(done("wallet show --wallet my.json --offline"), "address"));
    const solana::Address mint({77, 1});
    // The fourth byte of the amount.
    constexpr std::uint64_t kUnits = std::uint64_t{100} << 24U;
    put_token(*chain(), mint, *vault, 100);
    const std::string token = " --token " + solana::to_base58(mint);
    const json::array held = done("wallet tokens --wallet my.json").at("tokens").as_array();
    ASSERT_EQ(held.size(), 1U);
    EXPECT_EQ(number(held[0].as_object(), "units"), kUnits);
    done("key new shop.json");
    // The recipient's account is made in the same approval, the sponsor's was made before.
    done("wallet send --to payer.json --amount 1 --create-state" + token + kMine);
    done("wallet send --to shop.json --amount 25.5 --pay-sponsor payer.json=0.02" + token + kMine);
    const json::array left = done("wallet tokens --wallet my.json").at("tokens").as_array();
    EXPECT_EQ(number(left[0].as_object(), "units"), kUnits - 26'520'000);
    refused("wallet send --to shop.json --amount 100000" + token + kMine, "too few tokens");
    refused("wallet send --to shop.json --amount 1.0000001" + token + kMine, "decimal places");
    refused("wallet send --to shop.json --amount 1 --token " + address_of("shop.json") + kMine,
            "is not a mint");
}

TEST_F(EndToEnd, decode_says_what_bytes_are) {
    make_wallet();
    const json::object sent =
        done("wallet send --to payer.json --amount 0.25 --create-state" + kMine);
    const auto direct = chain();
    const auto executed = direct->run(
        direct->rpc().get_transaction(*solana::parse_signature(text_of(sent, "transaction"))));
    ASSERT_TRUE(executed && executed->has_value());
    const json::object words =
        done("decode --wallet my.json " + (*executed)->transaction.encode_base64());
    EXPECT_EQ(text_of(words, "kind"), "transaction");
    EXPECT_NE(json::serialize(words).find("transfer 0.25 SOL"), std::string::npos)
        << json::serialize(words);
    EXPECT_EQ(text_of(done("decode @my.json"), "kind"), "genesis");
}

TEST_F(EndToEnd, verify_program_tells_builds_apart) {
    const json::object same = done("verify-program");
    EXPECT_TRUE(same.at("matches").as_bool());
    const std::string elf = text_of(node().ready(), "program_file");
    fs::copy_file(elf, path("wrong.so"));
    std::string bytes = read("wrong.so");
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    write("wrong.so", bytes);
    refused("verify-program --file wrong.so", "is not the local build");
    write("short.so", bytes.substr(0, bytes.size() - 1));
    refused("verify-program --file short.so", "is not the local build");
    refused("verify-program --program 11111111111111111111111111111111", "no program");
}

TEST_F(EndToEnd, messages) {
    make_wallet();
    done("message sign --wallet my.json --key phone.json --text hello --out signed.json");
    EXPECT_TRUE(done("message verify --text hello --approval signed.json").at("valid").as_bool());
    refused("message verify --text hullo --approval signed.json", "another message");
    std::string forged = read("signed.json");
    const std::size_t at = forged.find("\"webauthn\": \"") + 13;
    forged[at] = forged[at] == '0' ? '1' : '0';
    write("forged.json", forged);
    refused("message verify --text hello --approval forged.json", "does not verify");
}

TEST_F(EndToEnd, dev_keeps_its_ledger_and_stops_on_ctrl_c) {
    done("key new a.json");
    const std::string ledger = path("ledger");
    for (std::uint64_t round = 1; round <= 2; ++round) {
        LocalNode mine({"--ledger", ledger});
        EXPECT_EQ(text_of(mine.ready(), "program_state"), round == 1 ? "deployed" : "unchanged");
        const Finished funded = run("--json wallet fund 1 --to a.json --rpc " + mine.url());
        ASSERT_EQ(funded.code, 0) << funded.err;
        EXPECT_EQ(number(funded.fields(), "lamports"), round * kSol);
        const std::string port = mine.url().substr(mine.url().rfind(':') + 1);
        const Finished second = run("dev --port " + port);
        EXPECT_EQ(second.code, 1);
        EXPECT_NE(second.err.find("did not start"), std::string::npos) << second.err;
        const Finished stopped = mine.stop();
        EXPECT_EQ(stopped.code, 0) << stopped.err;
        EXPECT_NE(stopped.out.find("{\"stopped\":true}\n"), std::string::npos);
    }
}

TEST_F(EndToEnd, flags_beat_the_environment_which_beats_the_file) {
    make_wallet();
    done("wallet create file.json --signer payer.json");
    done("wallet create environment.json --signer phone.json --signer payer.json");
    fs::create_directories(folder_ / ".config/latchkey");
    write(".config/latchkey/config.toml", "wallet = \"file.json\"\nfee_payer = \"payer.json\"\n");
    const auto shown = [&](const std::string& flags,
                           const std::map<std::string, std::string>& further) {
        return text_of(run("--json wallet show" + flags, further).fields(), "wallet_id");
    };
    const auto id_of = [&](const std::string& file) {
        return text_of(done("wallet show --wallet " + file), "wallet_id");
    };
    const std::map<std::string, std::string> set{{"LATCHKEY_WALLET", "environment.json"}};
    EXPECT_EQ(shown("", {}), id_of("file.json"));
    EXPECT_EQ(shown("", set), id_of("environment.json"));
    EXPECT_EQ(shown(" --wallet my.json", set), id_of("my.json"));
    write("other.toml", "wallet = \"my.json\"\n");
    EXPECT_EQ(shown(" --config-file other.toml", {}), id_of("my.json"));
}

TEST_F(EndToEnd, completion_in_bash) {
    const Finished script = run("completion bash");
    ASSERT_EQ(script.code, 0);
    write("completion.bash", script.out);
    const auto complete = [&](const std::string& words) {
        const std::string text = "source completion.bash; COMP_WORDS=(" + words +
                                 "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _latchkey; "
                                 "echo \"${COMPREPLY[*]}\"";
        const Finished out = Process({"/bin/bash", "-uc", text}, folder_, environment_).wait();
        EXPECT_EQ(out.err, "");
        return out.out;
    };
    EXPECT_EQ(complete("latchkey wal"), "wallet\n");
    EXPECT_EQ(complete("latchkey wallet cr"), "create\n");
    EXPECT_EQ(complete("latchkey wallet send --nonce lane --amo"), "--amount\n");
    EXPECT_EQ(complete("latchkey session grant --exp"), "--expires\n");
    EXPECT_EQ(complete("latchkey wallet show --wallet comp"), "completion.bash\n");
    EXPECT_EQ(complete("latchkey wallet comp"), "\n");
    for (const char* shell : {"zsh", "fish"}) {
        write("script", text_of(done(std::string("completion ") + shell), "script"));
        EXPECT_NE(read("script").find("make a wallet"), std::string::npos);
        // Debian need not have them.
        const std::string program = std::string("/usr/bin/").append(shell);
        if (fs::exists(program)) {
            const Finished parsed =
                Process({program, "-n", "script"}, folder_, environment_).wait();
            EXPECT_EQ(parsed.code, 0) << parsed.err;
        }
    }
}

/// The commands of README.md's tour in their order; the chain is there already.
std::vector<std::string> tour() {
    std::ifstream file("README.md");
    std::vector<std::string> out;
    bool is_in_section = false;
    bool is_code = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("## ")) {
            is_in_section = line == "## Five minutes";
        }
        if (line.starts_with("```")) {
            is_code = line == "```sh";
        } else if (is_in_section && is_code && line != "latchkey dev" &&
                   !line.starts_with("export PATH")) {
            out.push_back(line);
        }
    }
    return out;
}

TEST_F(EndToEnd, the_tour_of_the_readme_works_as_printed) {
    const std::string refused_mark = " # refused: ";
    std::string script = "set -euo pipefail\n";
    for (const std::string& line : tour()) {
        const std::size_t mark = line.find(refused_mark);
        if (mark == std::string::npos) {
            script += line + "\n";
        } else {
            script += "if " + line.substr(0, mark) + " 2>refused; then exit 99; fi\n" + "grep -q " +
                      line.substr(mark + refused_mark.size()) + " refused\n";
        }
    }
    auto environment = environment_;
    environment["PATH"] =
        fs::path(LATCHKEY_PROGRAM_PATH).parent_path().string() + ":" + environment["PATH"];
    environment["TMPDIR"] = folder_.string();
    const Finished finished = Process({"/bin/bash", "-c", script}, folder_, environment).wait();
    EXPECT_EQ(finished.code, 0) << script << finished.out << finished.err;
    EXPECT_EQ(finished.err, "");
    EXPECT_GE(tour().size(), 30U);
}

TEST_F(EndToEnd, every_command_explains_itself) {
    std::vector<std::string> paths{""};
    for (std::size_t i = 0; i < paths.size(); ++i) {
        const std::string path = paths[i];
        const Finished help = run(path + " --help");
        EXPECT_EQ(help.code, 0) << path;
        EXPECT_EQ(help.err, "") << path;
        EXPECT_NE(help.out.find("--json"), std::string::npos) << path;
        const std::size_t list = help.out.find("Subcommands:\n");
        std::istringstream lines(list == std::string::npos ? "" : help.out.substr(list));
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with("  ") && line.size() > 2 && line[2] != ' ') {
                paths.push_back(path.empty() ? "" : path + " ");
                paths.back() += line.substr(2, line.find(' ', 2) - 2);
            }
        }
    }
    EXPECT_EQ(paths.size(), 72U);
}

}  // namespace
}  // namespace latchkey::cli::testing
