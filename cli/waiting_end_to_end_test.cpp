// SPDX-License-Identifier: Apache-2.0
// What waits, as a person or a script uses it: the real program against a local chain on the real
// VM.
#include <signal.h>
#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <sstream>
#include <thread>

#include "chains/solana/layout/state.hpp"
#include "cli/command_testing.hpp"
#include "cli/keys.hpp"
#include "core/encoding/base64.hpp"

namespace latchkey::cli::testing {
namespace {

constexpr std::uint64_t kSol = 1'000'000'000;

class Waiting : public CommandTest {
  protected:
    Waiting() { environment_["LATCHKEY_FEE_PAYER"] = "payer.json"; }

    /// Passkeys phone.json, laptop.json and guardian.json, payer.json with 9 SOL.
    void make_keys() const {
        for (const char* name : {"phone", "laptop", "guardian", "new-phone", "new-laptop"}) {
            done(std::string("passkey new ") + name + ".json");
        }
        done("key new payer.json");
        done("wallet fund 9 --to payer.json");
    }
    /// my.json of three parties with 2 SOL and its state on chain.
    void make_three_parties() const {
        make_keys();
        done(
            "wallet create my.json --preset three-parties -s phone.json -s laptop.json --guardian "
            "guardian.json");
        done("wallet fund 2 --wallet my.json");
        done("wallet send --to payer.json --amount 0.1 --create-state -w my.json -k phone.json");
    }
    json::array pending(const std::string& wallet = "my.json") const {
        return done("pending --wallet " + wallet).at("pending").as_array();
    }
    std::string status(const std::string& wallet = "my.json") const {
        const json::array all = pending(wallet);
        return all.size() == 1 ? text_of(all[0].as_object(), "status")
                               : std::to_string(all.size()) + " pending";
    }
    int sequence() const { return done("rules -w my.json").at("sequence").to_number<int>(); }
    std::string address_of(const std::string& key) const {
        return text_of(done("key show " + key), "address");
    }
    /// Wallets that could not use an authority get none.
    void check_authorities(const std::string& command) const {
        done("wallet create plain.json -s a.json");
        done("governor create far.json -s a.json --cluster " +
             std::string("5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"));
        done("governor create lost.json -s a.json --program " + address_of("c.json"));
        const std::pair<std::string, std::string> kTable[] = {
            {"plain.json", "without a rule for upgrades"},
            {"far.json", "cluster"},
            {"lost.json", "deploy that one first"}};
        for (const auto& [file, part] : kTable) {
            refused(command + " --authority " + file, part);
            refused("program buffer --authority " + file, part);
            refused("program deploy --program-key b.json --authority " + file, part);
        }
        refused("program deploy --program-key b.json --authority b.json", "itself");
    }
    static std::uint64_t number(const json::object& fields, const char* name) {
        return fields.at(name).to_number<std::uint64_t>();
    }
};

const std::string kRecover =
    "recover propose -w my.json --recovery my.recovery.json -s new-phone.json -s new-laptop.json "
    "-k guardian.json";

TEST_F(Waiting, a_guardian_recovers_a_wallet) {
    make_three_parties();
    struct stat info{};
    ASSERT_EQ(::stat(path("my.recovery.json").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
    EXPECT_TRUE(done("recovery show my.recovery.json -w my.json").at("is_wallets").as_bool());
    const json::object dry = done(kRecover + " --dry-run");
    EXPECT_GT(number(dry, "wait_seconds"), 86'400U);
    EXPECT_EQ(pending().size(), 0U);
    const json::object proposed = done(kRecover);
    EXPECT_TRUE(proposed.at("waits").as_bool());
    EXPECT_EQ(text_of(proposed, "proposal"), "recovery:0.1");
    refused(kRecover, "AlreadyWaits");
    EXPECT_EQ(status(), "waiting");
    const json::object one = pending()[0].as_object();
    EXPECT_EQ(text_of(one, "action"), "recover");
    EXPECT_EQ(one.at("description").as_array().size(), 3U);
    EXPECT_EQ(number(one, "latest") - number(one, "earliest"), 14U * 86'400);
    refused("apply recovery:0 -w my.json", "TooEarly");
    done("warp 9d");
    EXPECT_EQ(status(), "due");
    refused("apply recovery:0.2 -w my.json", "does not wait");
    // Nobody approves: any fee payer will do.
    done("key new anybody.json");
    done("wallet fund 1 --to anybody.json");
    done("apply recovery:0.1 -w my.json --fee-payer anybody.json");
    EXPECT_EQ(sequence(), 1);
    done("wallet send --to payer.json --amount 0.1 -w my.json -k new-phone.json");
    refused("wallet send --to payer.json --amount 0.1 -w my.json -k phone.json", "no rule");
    const json::object history = done("history -w my.json");
    EXPECT_TRUE(history.at("verified").as_bool());
    const json::array& all = history.at("configurations").as_array();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(text_of(all[0].as_object(), "kind"), "genesis");
    EXPECT_EQ(text_of(all[1].as_object(), "kind"), "recover");
    EXPECT_TRUE(all[1].as_object().at("was_proposed").as_bool());
}

TEST_F(Waiting, guardians_far_away_approve_by_file) {
    make_three_parties();
    done(kRecover + " --request ask.json");
    const Finished read = run("decode @ask.json");
    EXPECT_NE(read.out.find("recover the wallet"), std::string::npos) << read.out;
    EXPECT_NE(read.out.find("waits 9 days"), std::string::npos) << read.out;
    refused("sign ask.json --key phone.json --out no.json", "none of the keys");
    done("sign ask.json --key guardian.json --out yes.json");
    EXPECT_TRUE(done("send ask.json --approvals yes.json").at("waits").as_bool());
    // The approval names the epoch, which has moved on.
    done("cancel recovery:0 -w my.json -k phone.json -k laptop.json");
    refused("send ask.json --approvals yes.json", "Epoch");
}

TEST_F(Waiting, proposals_are_cancelled_by_those_who_may) {
    make_three_parties();
    done("rotate 0 new-phone.json -w my.json -k laptop.json");
    EXPECT_EQ(status(), "waiting");
    refused("cancel 2.2 -w my.json -k phone.json", "does not wait");
    refused("cancel 2 -w my.json -k guardian.json --recovery my.recovery.json", "CancelNotAllowed");
    done("cancel 2.1 -w my.json -k phone.json");
    EXPECT_EQ(pending().size(), 0U);
    refused("apply 2 -w my.json", "NothingWaits");
    // One party alone twice, then only two.
    for (int i = 0; i < 2; ++i) {
        done(kRecover);
        done("cancel recovery:0 -w my.json -k phone.json");
    }
    done(kRecover);
    const json::array ways = pending()[0].as_object().at("cancel").as_array();
    EXPECT_EQ(number(ways[1].as_object(), "left"), 0U);
    refused("cancel recovery:0 -w my.json -k phone.json", "CancelBudget");
    done("cancel recovery:0 -w my.json -k phone.json -k laptop.json");
    // Guardians take their own back, and two parties end what is not proposed yet.
    done(kRecover);
    done("cancel recovery:0 -w my.json -k guardian.json --recovery my.recovery.json");
    const std::string two = " --ahead -w my.json -k phone.json -k laptop.json";
    refused("cancel 3" + two, "there is no rule 3; the last one is 2");
    refused("cancel recovery:7 --recovery my.recovery.json" + two, "there is no rule recovery:7");
    refused("cancel recovery:0.9 --ahead -w my.json -k phone.json -k laptop.json", "is number 5");
    done(kRecover + " --request ask.json");
    done("sign ask.json --key guardian.json --out yes.json");
    done("cancel recovery:0 --ahead -w my.json -k phone.json -k laptop.json");
    refused("send ask.json --approvals yes.json", "Epoch");
}

TEST_F(Waiting, a_freeze_and_its_end) {
    make_three_parties();
    const json::object frozen =
        done("freeze -w my.json -k guardian.json --recovery my.recovery.json");
    EXPECT_EQ(frozen.at("frozen_until"), done("wallet show -w my.json").at("frozen_until"));
    // The state keeps what a record needs.
    EXPECT_GT(number(frozen, "rent"), 100'000U);
    EXPECT_GT(done("pending -w my.json").at("frozen_until").to_number<std::uint64_t>(), 0U);
    refused("wallet send --to payer.json --amount 0.1 -w my.json -k phone.json", "Frozen");
    refused("freeze -w my.json -k guardian.json --recovery my.recovery.json", "FreezeBudget");
    refused("wallet send --to payer.json --amount 0.1 -w my.json -k phone.json", "freeze --lift");
    refused("freeze --lift -w my.json -k guardian.json", "guardians add --recovery");
    refused("freeze --lift -w my.json -k phone.json", "TwoParties");
    done("freeze --lift -w my.json -k phone.json -k laptop.json");
    EXPECT_TRUE(done("pending -w my.json").at("frozen_until").is_null());
    done("wallet send --to payer.json --amount 0.1 -w my.json -k phone.json");
}

TEST_F(Waiting, two_parties_rotate_at_once_and_one_waits) {
    make_three_parties();
    refused("rotate 7 new-phone.json -w my.json -k phone.json", "there is no signer 7");
    refused("rotate 0 laptop.json -w my.json -k phone.json", "has this signer already");
    const json::object at_once =
        done("rotate 0 new-phone.json -w my.json -k phone.json -k laptop.json");
    EXPECT_FALSE(at_once.contains("waits"));
    EXPECT_EQ(sequence(), 1);
    // A guard of 7 days and 2 where there were 11.
    done("recovery create weak.json -w my.json --guardian guardian.json --delay 7d");
    const Finished weak =
        run("recovery set weak.json -w my.json -k new-phone.json -k laptop.json --dry-run");
    EXPECT_NE(weak.out.find("weaker than before"), std::string::npos) << weak.out << weak.err;
    const json::object later = done("rotate 0 phone.json -w my.json -k laptop.json");
    EXPECT_TRUE(later.at("waits").as_bool());
    EXPECT_EQ(sequence(), 1);
    done("warp 11d");
    done("apply 2 -w my.json");
    EXPECT_EQ(sequence(), 2);
    EXPECT_EQ(done("history -w my.json").at("configurations").as_array().size(), 3U);
}

TEST_F(Waiting, a_large_payment_waits_a_day) {
    make_keys();
    done(
        "wallet create my.json --preset guarded -s phone.json -s laptop.json --guardian "
        "guardian.json --limit SOL=0.1/0.2/1d");
    done("wallet fund 2 --wallet my.json");
    const std::string send = "wallet send --to payer.json -w my.json -k phone.json --amount ";
    done(send + "0.1 --create-state");
    refused(send + "0.5", "LimitPerCall");
    const json::object large = done(send + "0.5 --rule 2");
    EXPECT_TRUE(large.at("waits").as_bool());
    EXPECT_EQ(lamports("my.json"), 2 * kSol - kSol / 10);
    done("warp 25h");
    done("apply 2 -w my.json");
    EXPECT_EQ(lamports("my.json"), 2 * kSol - 6 * kSol / 10);
    done(send + "1 -k laptop.json");
    EXPECT_EQ(lamports("my.json"), 4 * kSol / 10);
    // What nobody applies in 14 days is worth nothing.
    done(send + "0.3 --rule 2");
    done("warp 16d");
    EXPECT_EQ(status(), "expired");
    refused("apply 2 -w my.json", "ProposalExpired");
    done(send + "0.2 --rule 2");
    EXPECT_EQ(text_of(pending()[0].as_object(), "proposal"), "2.3");
}

TEST_F(Waiting, recovery_for_a_wallet_that_had_none) {
    make_wallet();
    for (const char* name : {"one", "two", "three", "heir"}) {
        done(std::string("passkey new ") + name + ".json");
    }
    done("passkey new next.json");
    const std::string owner = " -w my.json -k phone.json";
    done("wallet send --to payer.json --amount 0.1 --create-state" + owner);
    done(
        "recovery create way.json -w my.json --guardian one.json --guardian two.json --guardian "
        "three.json --threshold 2 --delay 5d --may-freeze --heir heir.json");
    refused("recovery create way.json -w my.json --guardian one.json", "never replaced");
    EXPECT_FALSE(done("recovery show way.json -w my.json").at("is_wallets").as_bool());
    refused("recover propose -w my.json --recovery way.json -s next.json -k one.json",
            "is not the wallet's recovery");
    refused("recovery create no.json -w my.json --guardian one.json --tie recovery --delay 31d",
            "at most 30d with --tie recovery");
    done("recovery set way.json" + owner);
    refused("recovery set way.json" + owner, "already");
    EXPECT_TRUE(done("recovery show way.json -w my.json").at("is_wallets").as_bool());
    const std::string propose = "recover propose -w my.json --recovery way.json -s next.json";
    refused(propose + " -k one.json", "ThresholdNotMet");
    done(propose + " -k one.json -k three.json");
    // The heir's rule is another one.
    done("recover propose -w my.json --recovery way.json -s heir.json -k heir.json");
    EXPECT_EQ(pending().size(), 2U);
    done("cancel recovery:2" + owner);
    done("warp 5d");
    done("apply recovery:0 -w my.json");
    done("wallet send --to payer.json --amount 0.1 -w my.json -k next.json");
    // Its owner alone waits for the guard; then the wallet has no recovery.
    EXPECT_TRUE(done("recovery remove -w my.json -k next.json").at("waits").as_bool());
    done("warp 8d");
    done("apply 0 -w my.json");
    refused("recovery remove -w my.json -k next.json", "has no recovery");
    refused("recover propose -w my.json --recovery way.json -s phone.json -k one.json -k two.json",
            "is not the wallet's recovery");
}

TEST_F(Waiting, a_file_without_recovery_keeps_it) {
    make_three_parties();
    const std::string signers = R"("signers": ["phone.json", "laptop.json"])";
    const std::string rules =
        R"("rules": [{"actions": "execute,cancel", "wait": "1d"},
            {"actions": "policy,cancel,freeze", "threshold": 2}])";
    write("rules.json", "{" + signers + ", " + rules + "}");
    const std::string two = " -w my.json -k phone.json -k laptop.json";
    done("rules set rules.json" + two);
    EXPECT_TRUE(done("recovery show my.recovery.json -w my.json").at("is_wallets").as_bool());
    EXPECT_TRUE(done("wallet send --to payer.json --amount 0.1 -w my.json -k phone.json")
                    .at("waits")
                    .as_bool());
    write("none.json", "{" + signers + ", " + rules + R"(, "recovery": null})");
    done("rules set none.json" + two);
    EXPECT_FALSE(done("recovery show my.recovery.json -w my.json").at("is_wallets").as_bool());
}

TEST_F(Waiting, presets_make_wallets) {
    make_keys();
    done("wallet create one.json --preset one-party -s phone.json -s +laptop.json");
    EXPECT_FALSE(fs::exists(path("one.recovery.json")));
    done(
        "wallet create two.json --preset two-parties -s phone.json --guardian guardian.json "
        "--recovery-file private.json");
    EXPECT_TRUE(fs::exists(path("private.json")));
    done("wallet create heir.json --preset one-party -s phone.json --heir guardian.json");
    EXPECT_TRUE(fs::exists(path("heir.recovery.json")));
    done(
        "wallet create bank.json --preset treasury -s phone.json -s laptop.json -s guardian.json "
        "--threshold 2 --limit SOL=1/1/1d");
    done(
        "wallet create bot.json --preset agent -s phone.json -s payer.json --limit SOL=1/1/1d "
        "--expires 30d");
    const std::vector<std::pair<std::string, std::string>> mistakes{
        {"--preset four-parties -s phone.json", "presets are three-parties"},
        {"--preset three-parties -s phone.json", "two parties in use"},
        {"--preset three-parties -s phone.json -s laptop.json", "--guardian"},
        {"--preset one-party -s phone.json --guardian laptop.json", "has no guardian"},
        {"--preset treasury -s phone.json", "--limit"},
        {"--preset one-party -s phone.json --limit SOL=1/1/1d", "has no limits"},
        {"--preset one-party -s phone.json --threshold 2", "--threshold is for"},
        {"--preset one-party -s phone.json --expires 3d", "--expires is for"},
        {"--preset one-party -s phone.json --recovery-file r.json", "leave out --recovery-file"},
        {"-s phone.json --heir laptop.json", "for a --preset"},
        {"-s phone.json --recovery-file r.json", "for a --preset"},
        {"-s phone.json --expires 3d", "--expires is for"}};
    for (const auto& [line, part] : mistakes) {
        refused("wallet create n.json " + line, part);
    }
    // The wallet's file is there, so nothing is written, the recovery file neither.
    refused("wallet create two.json --preset two-parties -s phone.json --guardian guardian.json",
            "exists already");
}

TEST_F(Waiting, whoever_recovers_is_no_signer) {
    make_keys();
    const std::string text = text_of(done("key show phone.json"), "signer");
    const std::string same_key = "p256:" + text.substr(9, 66);
    const std::vector<std::pair<std::string, std::string>> mistakes{
        {"--preset three-parties -s phone.json -s laptop.json --guardian phone.json", "--guardian"},
        {"--preset two-parties -s phone.json --guardian phone.json", "--guardian"},
        {"--preset two-parties -s phone.json --guardian laptop.json --guardian +phone.json",
         "--guardian"},
        {"--preset two-parties -s phone.json --guardian " + same_key, "--guardian"},
        {"--preset guarded --limit SOL=1/1/1d -s phone.json -s laptop.json --guardian laptop.json",
         "--guardian"},
        {"--preset one-party -s phone.json --heir phone.json", "--heir"}};
    for (const auto& [line, option] : mistakes) {
        refused("wallet create n.json " + line, option + " names a signer of the wallet");
    }
    done("wallet create n.json --preset one-party -s phone.json --heir laptop.json");
}

TEST_F(Waiting, a_wallet_and_its_recovery_are_two_files) {
    make_keys();
    fs::create_directory_symlink(".", path("here"));
    const std::string parties = " --preset two-parties -s phone.json --guardian guardian.json";
    for (const char* other : {"same.json", "./same.json", "here/same.json"}) {
        const std::string line =
            "wallet create same.json" + parties + " --recovery-file " + std::string(other);
        refused(line, "two files");
        refused(line + " --force", "two files");
    }
    // Neither file is written when one cannot be, so nothing is in the way of the next try.
    refused("wallet create none/x.json" + parties + " --recovery-file r.json", "none/x.json");
    refused("wallet create phone.json" + parties + " --recovery-file r.json --force",
            "another kind");
    done("wallet create x.json" + parties + " --recovery-file r.json");
    refused("wallet create x.json" + parties + " --recovery-file r.json --force", "never replaced");
}

TEST_F(Waiting, force_replaces_files_of_the_same_kind_only) {
    make_three_parties();
    refused("wallet create phone.json -s laptop.json --force", "another kind");
    refused("wallet create payer.json -s laptop.json --force", "another kind");
    refused("governor create phone.json -s payer.json --force", "another kind");
    refused("export -w my.json --out my.recovery.json --force", "another kind");
    refused("message sign -w my.json -k phone.json --text x --out phone.json --force",
            "another kind");
    refused(kRecover + " --request my.recovery.json --force", "another kind");
    done(kRecover + " --request ask.json");
    refused("sign ask.json -k guardian.json --out guardian.json --force", "another kind");
    done("export -w my.json --out copy.json");
    refused("export -w my.json --out copy.json", "--force");
    done("export -w my.json --out copy.json --force");
    done(kRecover + " --request ask.json --force");
}

TEST_F(Waiting, a_file_says_everything) {
    make_keys();
    write("rules.json", R"({"signers": ["phone.json"], "rules": [{"actions": "execute,policy"}]})");
    const std::string create = "wallet create n.json --config rules.json";
    for (const char* useless :
         {"--signer laptop.json", "--threshold 2", "--preset one-party", "--guardian guardian.json",
          "--heir laptop.json", "--recovery-file r.json", "--expires 3d", "--limit SOL=1/1/1d",
          "--allow SOL", "--no-self-paid"}) {
        const std::string option(useless);
        refused(create + " " + option, "leave out " + option.substr(0, option.find(' ')));
    }
    refused(create + " --heir laptop.json --expires 3d", "leave out --heir, --expires");
    done(create);
}

TEST_F(Waiting, a_change_of_the_recovery_says_what_it_costs) {
    make_keys();
    done("wallet create my.json --preset two-parties -s phone.json --guardian guardian.json");
    done("wallet fund 1 --wallet my.json");
    done("wallet send --to payer.json --amount 0.1 --create-state -w my.json -k phone.json");
    const auto warnings = [&](const std::string& line) {
        return json::serialize(done(line).at("warnings"));
    };
    const auto has = [&](const std::string& line, const std::vector<std::string>& parts) {
        const std::string found = warnings(line);
        for (const std::string& part : parts) {
            EXPECT_NE(found.find(part), std::string::npos) << line << ": " << found;
        }
    };
    const std::string create = "recovery create ";
    const std::string by_guardian = " -w my.json --guardian guardian.json";
    has(create + "heir.json -w my.json --heir laptop.json",
        {"in its place", "can change everything at once"});
    has(create + "fast.json --delay 1s --guard 0 --tie recovery" + by_guardian,
        {"after 1 second already", "it takes a guard of"});
    has(create + "low.json --guard 1s --delay 9d" + by_guardian, {"it takes a guard of 11 days"});
    has(create + "mine.json -w my.json --guardian guardian.json --guardian phone.json",
        {"is a signer of the wallet and recovers it as well"});
    const std::string fine = warnings(create + "fine.json" + by_guardian);
    EXPECT_EQ(fine.find("guard of"), std::string::npos) << fine;
    EXPECT_EQ(fine.find("already"), std::string::npos) << fine;
    // What is set or removed says it again, when it is only simulated too.
    const std::string phone = " -w my.json -k phone.json";
    has("recovery set mine.json --dry-run" + phone, {"recovers it as well"});
    has("recovery remove --dry-run" + phone,
        {"nobody recovers the wallet any more", "weaker than before", "nothing takes its place"});
    const Finished shown = run("recovery remove --dry-run" + phone);
    EXPECT_NE(shown.out.find("Warning: nobody recovers"), std::string::npos) << shown.out;
    for (const char* option : {" --dry-run", " --request ask.json", ""}) {
        has("recovery set heir.json" + phone + option,
            {"only guardians and heirs of the new file", "held a change by one party back for 11",
             "nothing takes its place"});
    }
}

/// The state with another signer in its configuration.
void add_signer(json::value& result, const core::Signer& signer) {
    json::value* const value = result.as_object().if_contains("value");
    if (value == nullptr || !value->is_object()) {
        return;
    }
    json::value& text = value->as_object().at("data").as_array().at(0);
    auto state =
        solana::decode_state(core::decode_base64(std::string_view(text.as_string())).value());
    if (!state) {
        return;
    }
    core::Configuration configuration = core::decode_shared(state->shared).value();
    configuration.signers.push_back(signer);
    configuration.rules[1].mask |=
        static_cast<std::uint16_t>(1U << (configuration.signers.size() - 1));
    state->shared = core::encode(configuration).value();
    text = core::encode_base64(solana::encode_state(*state).value());
}

TEST_F(Waiting, a_node_cannot_slip_a_signer_into_a_change) {
    make_three_parties();
    done("passkey new thief.json");
    core::Names names;
    const core::Signer thief = parse_signer(path("thief.json"), names).value();
    const LyingNode lying(node().url(), [&](const std::string& method, json::value& result) {
        if (method == "getAccountInfo") {
            add_signer(result, thief);
        }
    });
    const std::map<std::string, std::string> asks{{"LATCHKEY_RPC", lying.url()}};
    const std::string rotate = "rotate 1 new-laptop.json -w my.json -k phone.json -k laptop.json";
    // The first configuration is known.
    refused(rotate, "not the one that the wallet begins with", asks);
    done(rotate);
    const std::string again = "rotate 1 laptop.json -w my.json -k phone.json -k new-laptop.json";
    refused(again, "another configuration than its transactions made", asks);
    refused("recovery create r.json -w my.json --guardian guardian.json",
            "another configuration than its transactions made", asks);
    // Nor whoever passes a request on.
    done(again + " --request ask.json");
    json::object request = json::parse(read("ask.json")).as_object();
    request.erase("origin");
    write("bad.json", json::serialize(request));
    refused("sign bad.json --key phone.json --out no.json", "does not prove");
    done("sign ask.json --key phone.json --out one.json");
    done("sign ask.json --key new-laptop.json --out two.json");
    done("send ask.json --approvals one.json two.json");
    EXPECT_EQ(sequence(), 2);
}

/// `watch` while something happens.
class Watching : public Waiting {
  protected:
    Process watch(const std::string& options) const {
        std::vector<std::string> words{LATCHKEY_PROGRAM_PATH, "--json", "watch", "-w", "my.json"};
        std::istringstream text(options);
        for (std::string word; text >> word;) {
            words.push_back(word);
        }
        return Process(words, folder_, environment_);
    }
    static std::vector<std::string> alarms(const std::string& out) {
        std::vector<std::string> kinds;
        std::istringstream lines(out);
        for (std::string line; std::getline(lines, line);) {
            const json::object fields = json::parse(line).as_object();
            if (fields.contains("alarm")) {
                kinds.push_back(text_of(fields, "alarm"));
            }
        }
        return kinds;
    }
};

using Kinds = std::vector<std::string>;

/// What is on its standard output once nothing is missed any more.
constexpr const char* kIsWatching = "{\"watching\":1}";

TEST_F(Watching, tells_everything_that_matters) {
    make_three_parties();
    for (const char* options :
         {"--interval 1h --resume heard.json", "--poll --interval 1s --resume asked.json"}) {
        Process process = watch(options);
        process.wait_for(kIsWatching);
        done(kRecover);
        done("wallet send --to payer.json --amount 0.01 -w my.json -k phone.json");
        done("cancel recovery:0 -w my.json -k phone.json -k laptop.json");
        process.wait_for("\"cancel\"");
        process.signal(SIGINT);
        const Finished finished = process.wait();
        EXPECT_EQ(finished.code, 0) << finished.err;
        EXPECT_EQ(alarms(finished.out), (Kinds{"proposal", "cancel"})) << options << finished.out;
        EXPECT_NE(finished.out.find("{\"ended\":true,\"alarms\":2}"), std::string::npos);
    }
}

TEST_F(Watching, goes_on_where_it_ended_and_runs_a_command) {
    make_three_parties();
    const Finished first = run("--json watch -w my.json --timeout 1s --resume seen.json");
    EXPECT_EQ(first.code, 0) << first.err;
    done("freeze -w my.json -k phone.json");
    done(kRecover);
    write("tell.sh", "cat >> told.txt\n");
    const std::vector<std::string> words{"--json",    "watch",     "-w",       "my.json",
                                         "--timeout", "2s",        "--resume", "seen.json",
                                         "--exec",    "sh tell.sh"};
    const Finished second = run(words);
    EXPECT_EQ(second.code, 0) << second.err;
    EXPECT_EQ(alarms(second.out), (Kinds{"frozen", "pending", "freeze", "proposal"})) << second.out;
    done("freeze --lift -w my.json -k phone.json -k laptop.json");
    done("wallet send --to payer.json --amount 0.01 -w my.json -k phone.json");
    auto all = words;
    all.emplace_back("--all");
    const Finished third = run(all);
    EXPECT_EQ(alarms(third.out), (Kinds{"pending", "lift", "execute"})) << third.out;
    const std::string told = read("told.txt");
    EXPECT_NE(told.find("\"alarm\":\"lift\""), std::string::npos) << told;
    EXPECT_NE(told.find("\"alarm\":\"execute\""), std::string::npos) << told;
}

TEST_F(Watching, once_is_for_scripts) {
    make_three_parties();
    const Finished nothing = run("watch -w my.json --once --timeout 1s");
    EXPECT_EQ(nothing.code, 1);
    EXPECT_NE(nothing.err.find("LK-5012"), std::string::npos) << nothing.err;
    Process process = watch("--once --timeout 60s");
    process.wait_for(kIsWatching);
    done("freeze -w my.json -k phone.json");
    const Finished finished = process.wait();
    EXPECT_EQ(finished.code, 0) << finished.err;
    EXPECT_EQ(alarms(finished.out), Kinds{"freeze"});
}

void hide_history(const std::string& method, json::value& result) {
    if (method == "getSignaturesForAddress") {
        result = json::array();
    }
}

TEST_F(Watching, a_node_that_hides_a_transaction_is_an_alarm) {
    make_three_parties();
    const LyingNode hiding(node().url(), hide_history);
    environment_["LATCHKEY_RPC"] = hiding.url();
    Process process = watch("--poll --interval 1s --blind-after 2s");
    process.wait_for(kIsWatching);
    environment_["LATCHKEY_RPC"] = node().url();
    done("freeze -w my.json -k phone.json");
    process.wait_for("unexplained");
    process.signal(SIGINT);
    const Finished finished = process.wait();
    EXPECT_EQ(finished.code, 0) << finished.err;
    EXPECT_EQ(alarms(finished.out), Kinds{"unexplained"}) << finished.out << finished.err;
}

TEST_F(Watching, a_node_that_hides_a_proposal_still_shows_that_it_waits) {
    make_three_parties();
    const LyingNode hiding(node().url(), hide_history);
    environment_["LATCHKEY_RPC"] = hiding.url();
    Process process = watch("--poll --interval 1s --blind-after 2s");
    process.wait_for(kIsWatching);
    environment_["LATCHKEY_RPC"] = node().url();
    done(kRecover);
    process.wait_for("\"proposal\":\"recovery:0.1\"");
    process.signal(SIGINT);
    EXPECT_EQ(alarms(process.wait().out), Kinds{"proposal"});
}

TEST_F(Watching, slow_news_do_not_delay_what_the_state_tells) {
    make_three_parties();
    const LyingNode slow(node().url(), [](const std::string& method, json::value& /*result*/) {
        if (method == "getTransaction") {
            std::this_thread::sleep_for(std::chrono::seconds(3));
        }
    });
    environment_["LATCHKEY_RPC"] = slow.url();
    Process process = watch("--poll --interval 1s --blind-after 2s");
    process.wait_for(kIsWatching);
    environment_["LATCHKEY_RPC"] = node().url();
    done(kRecover);
    process.wait_for("\"transaction\"");
    process.signal(SIGINT);
    const Finished finished = process.wait();
    // At once from the state, and with all details when the transaction is there.
    EXPECT_EQ(alarms(finished.out), (Kinds{"proposal", "proposal"})) << finished.out;
    EXPECT_LT(finished.out.find("no transaction tells"), finished.out.find("\"transaction\""));
}

TEST_F(Watching, a_transaction_of_an_unknown_form_hides_nothing) {
    make_three_parties();
    // Its bytes are spoilt as if they were of a version that this program does not know.
    const LyingNode odd(node().url(), [](const std::string& method, json::value& result) {
        if (method == "getTransaction" && result.is_object()) {
            result.as_object()["transaction"] = json::array{"AAAA", "base64"};
        }
    });
    const std::map<std::string, std::string> asks_odd{{"LATCHKEY_RPC", odd.url()}};
    environment_["LATCHKEY_RPC"] = odd.url();
    Process process = watch("--poll --interval 1s --blind-after 2s");
    process.wait_for(kIsWatching);
    environment_["LATCHKEY_RPC"] = node().url();
    done(kRecover);
    process.wait_for("\"proposal\":\"recovery:0.1\"");
    process.signal(SIGINT);
    EXPECT_EQ(alarms(process.wait().out), (Kinds{"unreadable", "proposal"}));
    EXPECT_EQ(run("--json pending -w my.json", asks_odd).code, 0);
}

TEST_F(Watching, one_wallet_that_cannot_be_read_does_not_silence_the_others) {
    make_three_parties();
    done("wallet create broken.json -s laptop.json");
    std::atomic<bool> is_broken{false};
    const LyingNode lying(node().url(), [&](const std::string& method, json::value& result) {
        // Every wallet but the one with a state is unreadable.
        if (is_broken && method == "getAccountInfo" && result.at("value").is_null()) {
            result = "rubbish";
        }
    });
    environment_["LATCHKEY_RPC"] = lying.url();
    Process process = watch("-w broken.json --poll --interval 1s --blind-after 1s");
    process.wait_for("{\"watching\":2}");
    is_broken = true;
    environment_["LATCHKEY_RPC"] = node().url();
    process.wait_for("blind");
    done(kRecover);
    process.wait_for("\"proposal\":\"recovery:0.1\"");
    is_broken = false;
    process.wait_for("seen-again");
    process.signal(SIGINT);
    EXPECT_EQ(process.wait().code, 0);
}

TEST_F(Watching, a_node_that_falls_silent_is_an_alarm) {
    make_three_parties();
    auto mine = std::make_unique<LocalNode>();
    environment_["LATCHKEY_RPC"] = mine->url();
    Process process = watch("--interval 1s --blind-after 1s");
    process.wait_for(kIsWatching);
    mine->stop();
    process.wait_for("blind");
    process.signal(SIGINT);
    const Finished finished = process.wait();
    EXPECT_EQ(finished.code, 0) << finished.err;
    EXPECT_EQ(alarms(finished.out), Kinds{"blind"}) << finished.out << finished.err;
}

TEST_F(Waiting, a_program_and_its_governor) {
    make_keys();
    for (const char* name : {"a", "b", "c", "gp", "wp"}) {
        done(std::string("key new ") + name + ".json");
    }
    const std::string elf = text_of(node().ready(), "program_file");
    const json::object cluster = done("program cluster");
    EXPECT_EQ(text_of(cluster, "hex").size(), 64U);
    refused("program deploy --program-key gp.json", "--final");
    refused("program deploy --program-key gp.json --final --room 10", "--room");
    done("program deploy --program-key gp.json --final --file " + elf);
    const std::string governor_program = address_of("gp.json");
    const std::string create =
        "governor create gov.json -s a.json -s b.json -s c.json "
        "--threshold 2 --program " +
        governor_program;
    refused(create + " --delay 29d", "--delay is between 30 days");
    refused(create + " --policy-delay 31d", "--policy-delay is between 32 days");
    refused(create + " --delay 89d", "lockout");
    done(create);
    const std::string program = address_of("wp.json");
    const std::string deploy = "program deploy --program-key wp.json --authority gov.json --file ";
    done(deploy + elf);
    // Nothing is paid for where a program is already.
    const auto balance = [&] {
        return number(done("wallet fund 0.001 --to payer.json"), "lamports");
    };
    const std::uint64_t held_before = balance();
    refused(deploy + elf, "a new program needs a new key");
    refused("program authority " + program + " --authority " + program, "itself");
    check_authorities("program authority " + program);
    EXPECT_EQ(balance(), held_before + 1'000'000);
    EXPECT_TRUE(
        done("verify-program --program " + program + " --file " + elf).at("matches").as_bool());
    write("next.so", read(elf) + "x");
    fs::copy_file(elf, path("old.so"));
    std::ifstream source(elf, std::ios::binary);
    const std::string code((std::istreambuf_iterator<char>(source)),
                           std::istreambuf_iterator<char>());
    write("next.so", code + "x");
    const json::object held = done("program buffer --file next.so --authority payer.json");
    const std::string mine = text_of(held, "buffer");
    const std::string governor = " -w gov.json -k a.json -k b.json --create-state";
    const std::string schedule = "governor schedule --program " + program + " --buffer ";
    refused(schedule + mine + " --file next.so" + governor, "who could change the code");
    refused(schedule + mine + " --file old.so" + governor, "holds other code");
    refused(schedule + mine + governor, "--file ELF or --code-hash");
    refused(schedule + program + " --file next.so" + governor, "is not a buffer");
    done("program authority " + mine + " --authority gov.json");
    refused(schedule + mine + " --file next.so" + governor, "program extend");
    refused("program extend " + program + " --room 0", "number of bytes to add");
    EXPECT_EQ(number(done("program extend " + program + " --room 10240"), "room"),
              code.size() + 10240);
    const json::object scheduled = done(schedule + mine + " --file next.so" + governor);
    EXPECT_EQ(text_of(scheduled, "proposal"), "0.1");
    const json::object shown = done("governor show -w gov.json --program " + program);
    EXPECT_TRUE(shown.at("is_governed").as_bool());
    EXPECT_TRUE(shown.at("governor_is_final").as_bool());
    EXPECT_EQ(shown.at("pending").as_array().size(), 1U);
    EXPECT_EQ(number(shown, "sequence"), 0U);
    refused("apply 0 -w gov.json", "TooEarly");
    done("cancel 0 -w gov.json -k b.json -k c.json");
    refused("apply 0 -w gov.json", "NothingWaits");
    done(schedule + mine + " --code-hash " + text_of(held, "code_hash") + governor);
    // Nobody but the governor can touch the buffer now, and it cannot either.
    refused("program close " + mine, "would fail");
    done("warp 31d");
    done("apply 0 -w gov.json");
    EXPECT_TRUE(
        done("verify-program --program " + program + " --file next.so").at("matches").as_bool());
    refused("verify-program --program " + program + " --file old.so", "is not the local build");
    // What is shown are the rules of now.
    done("key new d.json");
    done("rotate 0 d.json -w gov.json -k b.json -k c.json");
    done("warp 33d");
    done("apply 1 -w gov.json");
    const json::object later = done("governor show -w gov.json --program " + program);
    EXPECT_EQ(number(later, "sequence"), 1U);
    const std::string rules = json::serialize(later.at("description"));
    EXPECT_NE(rules.find(address_of("d.json")), std::string::npos) << rules;
    EXPECT_EQ(rules.find(address_of("a.json")), std::string::npos) << rules;
    // The governor's own program is final.
    refused("program authority " + governor_program + " --authority payer.json", "would fail");
}

TEST_F(Waiting, buffers_are_closed_by_their_owner) {
    make_keys();
    const json::object held = done("program buffer --authority payer.json");
    done("program close " + text_of(held, "buffer"));
    refused("program close " + text_of(held, "buffer"), "there is no buffer");
    EXPECT_EQ(text_of(done("program hash"), "code_hash"), text_of(held, "code_hash"));
}

TEST_F(Waiting, advice) {
    const json::object guarded =
        done("advise --controls person --value fortune --devices 2 --recovery guardian --heir no");
    EXPECT_EQ(text_of(guarded, "preset"), "guarded");
    // What is advised can be typed.
    make_keys();
    const std::string command(guarded.at("commands").as_array()[0].as_string());
    ASSERT_TRUE(command.starts_with("latchkey "));
    done(command.substr(9));
    EXPECT_TRUE(fs::exists(path("my.recovery.json")));
    EXPECT_EQ(text_of(done("advise --controls agent"), "preset"), "agent");
    const json::object company = done("advise --controls company --members 3 --threshold 2");
    EXPECT_EQ(text_of(company, "preset"), "treasury");
    const json::object two =
        done("advise --controls person --value small --devices 1 --recovery guardian --heir no");
    EXPECT_NE(json::serialize(two.at("dangers")).find("Nobody can lift a freeze"),
              std::string::npos);
}

/// Types the commands of an advice, all but the first with a state to pay for.
class Advice : public Waiting {
  protected:
    void type(const json::object& advice, const std::string& wallet) const {
        const json::array& commands = advice.at("commands").as_array();
        for (const json::value& one : commands) {
            const std::string command(one.as_string());
            if (command.starts_with("latchkey watch")) {
                continue;
            }
            done(command.substr(9));
        }
        EXPECT_EQ(done("signers list -w " + wallet).at("signers").as_array().size(), 16U);
    }
};

TEST_F(Advice, is_good_for_the_largest_company) {
    done("key new payer.json");
    done("wallet fund 9 --to payer.json");
    for (int i = 1; i <= 16; ++i) {
        done("passkey new member" + std::to_string(i) + ".json");
    }
    type(done("advise --controls company --members 16 --threshold 3"), "treasury.json");
    const json::object many = done("advise --controls company --members 9 --threshold 8");
    EXPECT_NE(json::serialize(many.at("warnings")).find("latchkey rules set"), std::string::npos);
}

TEST_F(Advice, is_good_for_the_most_devices) {
    done("key new payer.json");
    done("wallet fund 9 --to payer.json");
    done("passkey new phone.json");
    done("passkey new laptop.json");
    done("passkey new heir.json");
    for (int i = 3; i <= 16; ++i) {
        done("passkey new device" + std::to_string(i) + ".json");
    }
    type(done("advise --controls person --value small --devices 16 --recovery nobody --heir yes"),
         "my.json");
    const json::array signers = done("signers list -w my.json").at("signers").as_array();
    EXPECT_TRUE(signers[15].as_object().at("same_party").as_bool());
}

}  // namespace
}  // namespace latchkey::cli::testing
