// SPDX-License-Identifier: Apache-2.0
// Everything that people type wrong, files that were damaged, nodes that lie: one sentence on
// standard error, an exit code, and no file touched.
#include <boost/json/serialize.hpp>

#include "cli/command_testing.hpp"

namespace latchkey::cli::testing {
namespace {

struct Mistake {
    const char* line;
    /// What the sentence must hold.
    const char* part;
};

class Mistakes : public CommandTest {
  protected:
    Mistakes() {
        done("passkey new phone.json");
        done("key new payer.json");
        done("key new sealed.json --kind p256");
        done("wallet create my.json --signer phone.json");
    }

    void check(const std::vector<Mistake>& mistakes) const {
        for (const Mistake& one : mistakes) {
            refused(one.line, one.part);
        }
    }

    /// `file` cut after `size` bytes, as `to`.
    void cut(const std::string& file, std::size_t size, const std::string& to) const {
        write(to, read(file).substr(0, size));
    }
};

const std::string kAddress = "7EdeuB1iFv7rVojjkWnQggJ2EmuMtaXRWhRmbBCnw3Cc";
const std::string kSend = "wallet send --wallet my.json --key phone.json --fee-payer payer.json";

TEST_F(Mistakes, commands_and_options) {
    check({
        {"", "latchkey needs a command after it"},
        {"frob", "there is no command \"latchkey frob\""},
        {"wallet", "latchkey wallet needs a command after it"},
        {"wallet frob", "there is no command \"latchkey wallet frob\""},
        {"--rpc http://127.0.0.1:1 frob", "there is no command \"latchkey frob\""},
        {"wallet send", "--to is required; latchkey wallet send --help"},
        {"wallet show --frob", "--frob"},
        {"key new", "file is required"},
        {"key new a.json b.json", "b.json"},
        {"wallet create n.json --signer phone.json --threshold x", "--threshold"},
        {"lanes open --owner payer.json --index 256", "--index"},
        {"dev --port 99999", "--port"},
        {"dev --slot-ms 0", "--slot-ms"},
        {"completion tcsh", "bash, zsh or fish"},
        {"wallet show --config-file none.toml", "none.toml"},
    });
    EXPECT_EQ(run("frob").code, 2);
    EXPECT_EQ(run("wallet show --wallet none.json").code, 1);
}

TEST_F(Mistakes, are_told_in_json_as_well) {
    for (const char* line : {"--json frob", "wallet show --wallet none.json --json"}) {
        const Finished finished = run(line);
        EXPECT_GT(finished.code, 0);
        const json::object error = finished.fields().at("error").as_object();
        EXPECT_EQ("error: " + text_of(error, "message") + "\n", finished.err);
        EXPECT_NE(text_of(error, "name"), "");
        EXPECT_GT(error.at("code").to_number<int>(), 1000);
    }
}

TEST_F(Mistakes, words_that_are_none) {
    const std::vector<std::pair<std::vector<std::string>, std::string>> table{
        {{"wallet", "show", "--wallet", ""}, "argument 4 is empty"},
        {{"wallet", "show", "--wallet="}, "argument 3 is empty"},
        {{"key", "show", "\xff.json"}, "argument 3 is not UTF-8"},
        {{"key", "show", "\x1b[2J.json"}, R"(\x1b[2J.json)"},
        {{"wallet", "create", "n.json", "--signer", "phone.json", "--name", "a\x1b[2J"}, "--name"},
    };
    for (const auto& [words, part] : table) {
        const auto before = files();
        const Finished finished = run(words);
        EXPECT_GT(finished.code, 0) << part;
        EXPECT_EQ(finished.out, "") << part;
        EXPECT_TRUE(finished.err.starts_with("error: ")) << finished.err;
        EXPECT_NE(finished.err.find(part), std::string::npos) << finished.err;
        EXPECT_EQ(finished.err.find('\x1b'), std::string::npos) << finished.err;
        EXPECT_EQ(files(), before) << part;
    }
}

TEST_F(Mistakes, a_name_in_a_file_moves_no_terminal) {
    std::string text = read("my.json");
    text.replace(text.find("\"name\": \"\""), 10, R"("name": "\u001b[2Jx\nbalance")");
    write("named.json", text);
    const Finished finished = run("wallet show --wallet named.json");
    EXPECT_EQ(finished.code, 0) << finished.err;
    EXPECT_TRUE(finished.out.starts_with(R"(\x1b[2Jx\x0abalance)"
                                         "\n"))
        << finished.out;
}

TEST_F(Mistakes, results_that_nobody_can_read) {
    const std::string program = LATCHKEY_PROGRAM_PATH;
    for (const char* lost : {">/dev/full", ">&-"}) {
        for (const char* line :
             {" --version", " key show payer.json", " --json key show payer.json"}) {
            const Finished finished =
                Process({"/bin/sh", "-c", program + line + lost}, folder_, environment_).wait();
            EXPECT_EQ(finished.code, 1) << line << lost;
            EXPECT_NE(finished.err.find("standard output cannot be written"), std::string::npos)
                << line << lost << finished.err;
        }
    }
}

TEST_F(Mistakes, values) {
    check({
        {"key new a.json --kind rsa", "ed25519, p256 or secp256k1"},
        {"wallet create n.json", "name each with --signer"},
        {"wallet create n.json --signer phone.json --threshold 2", "--threshold"},
        {"wallet create n.json --signer phone.json --signer phone.json", "SignerDuplicate"},
        {"wallet create n.json --signer p256:00", "neither a key file nor a signer"},
        {"wallet create n.json --signer phone.json --limit SOL=x", "SOL=0.1/1/1d"},
        {"wallet create n.json --signer phone.json --allow SOL", "--limit"},
        {"wallet create n.json --signer phone.json --cluster x", "genesis hash"},
        {"wallet create n.json --signer phone.json --program x", "the wallet program"},
        {"wallet fund x --wallet my.json", "an amount is written like"},
        {"wallet fund 0 --wallet my.json", "more than nothing"},
        {"wallet fund 99999999999999 --wallet my.json", "too large"},
        {"wallet fund 1", "no wallet is named"},
        {"warp 1y", "a duration is"},
        {"decode zz!", "neither hexadecimal, base64 nor base58"},
        {"decode 00", "(1 bytes) is no transaction"},
        {"message sign --wallet my.json --key phone.json --out m.json", "one of --text"},
        {"message verify --hash 00 --approval none.json", "64 hexadecimal digits"},
    });
}

TEST_F(Mistakes, transfers) {
    done("wallet fund 1 --to payer.json");
    const std::vector<std::pair<std::string, std::string>> table{
        {kSend + " --to x --amount 1", "the recipient must be a Solana address"},
        {kSend + " --to phone.json --amount 1", "the recipient must be a Solana address"},
        {kSend + " --to " + kAddress + "0 --amount 1", "the recipient must be"},
        {kSend + " --to my.json --amount -1", "an amount is written like"},
        {kSend + " --to my.json --amount 1e9", "an amount is written like"},
        {kSend + " --to my.json --amount 0", "more than nothing"},
        {kSend + " --to my.json --amount 0.0000000001", "decimal places"},
        {kSend + " --to my.json --amount 1 --rule x", "a rule's number"},
        {kSend + " --to my.json --amount 1 --rule 7", "UnknownRule"},
        {kSend + " --to my.json --amount 1 --nonce x", "--nonce is auto"},
        {kSend + " --to my.json --amount 1 --nonce lane:256", "up to 255"},
        {kSend + " --to my.json --amount 1 --nonce lane:9", "latchkey lanes open"},
        {kSend + " --to my.json --amount 1 --valid-for 9", "a duration is"},
        {kSend + " --to my.json --amount 1 --token x", "the token's mint"},
        {kSend + " --to my.json --amount 1 --create-state", "too little SOL"},
        {kSend + " --to my.json --amount 1 --pay-sponsor x", "ADDRESS=AMOUNT"},
        {"wallet send --wallet my.json --fee-payer payer.json --to my.json --amount 1",
         "give --key FILE"},
        {"wallet send --wallet my.json --key phone.json --to my.json --amount 1", "--fee-payer"},
        {"wallet send --wallet my.json --key phone.json --fee-payer phone.json --to my.json "
         "--amount 1",
         "must be an ed25519 key"},
        {"wallet send --wallet my.json --key sealed.json --fee-payer payer.json --to my.json "
         "--amount 1",
         "no rule that allows this"},
        {"session grant --wallet my.json --key phone.json --fee-payer payer.json --to payer.json",
         "--limit"},
        {"session grant --wallet my.json --key phone.json --fee-payer payer.json --to payer.json "
         "--limit SOL=1/1/1d --expires soon",
         "a duration is"},
        {"session revoke 4 --wallet my.json --key phone.json --fee-payer payer.json --create-state",
         "there is no session 4"},
        {"lanes close --owner payer.json --index 9", "is not open"},
        {"lanes open --owner phone.json", "must be an ed25519 key"},
    };
    for (const auto& [line, part] : table) {
        refused(line, part);
    }
}

TEST_F(Mistakes, files) {
    write("garbage.json", "garbage");
    write("empty.json", "");
    cut("phone.json", 100, "cut-phone.json");
    cut("payer.json", 40, "cut-payer.json");
    cut("sealed.json", 60, "cut-sealed.json");
    cut("my.json", 300, "cut-wallet.json");
    std::string changed = read("my.json");
    const std::size_t at = changed.find("\"genesis\": \"") + 60;
    changed[at] = changed[at] == '0' ? '1' : '0';
    write("changed.json", changed);
    write("open.json", read("payer.json"));
    fs::permissions(path("open.json"), fs::perms::others_read, fs::perm_options::add);
    write("not.so", "MZ");
    check({
        {"key show none.json", "none.json"},
        {"key show garbage.json", "garbage.json: "},
        {"key show empty.json", "empty.json"},
        {"key show cut-phone.json", "cut-phone.json"},
        {"key show cut-payer.json", "cut-payer.json"},
        {"key show cut-sealed.json", "cut-sealed.json"},
        {"key show my.json", "my.json"},
        {"key show open.json", "chmod 600 open.json"},
        {"key show ed25519:env:NOT_SET", "NOT_SET"},
        {"key new payer.json", "payer.json"},
        {"key new none/a.json", "none/a.json"},
        {"passkey new phone.json", "phone.json"},
        {"wallet create my.json --signer phone.json", "--force replaces it"},
        {"wallet create none/n.json --signer phone.json", "none/n.json"},
        {"wallet create n.json --signer none.json", "none.json"},
        {"wallet create n.json --config garbage.json", "garbage.json"},
        {"wallet show --wallet none.json", "none.json"},
        {"wallet show --wallet .", "not a regular file"},
        {"wallet show --wallet garbage.json", "garbage.json"},
        {"wallet show --wallet cut-wallet.json", "cut-wallet.json"},
        {"wallet show --wallet changed.json", "changed.json"},
        {"wallet show --wallet phone.json", "is not a wallet's genesis file"},
        {"sign garbage.json --key phone.json --out yes.json", "garbage.json"},
        {"send none.json --approvals yes.json --fee-payer payer.json", "none.json"},
        {"decode @none", "none"},
        {"verify-program --file none.so", "none.so"},
        {"verify-program --file not.so", "is not the local build"},
        {"dev --port 0 --program-file none.so", "none.so"},
        {"dev --port 0 --program-file not.so", "is not a program"},
        {"dev --port 0 --ledger my.json", "my.json"},
    });
    refused("wallet show", "garbage.json", {{"LATCHKEY_CONFIG", path("garbage.json")}});
}

const std::string kPaid = " --wallet my.json --fee-payer payer.json";
const std::string kSigned = kPaid + " --key phone.json";

TEST_F(Mistakes, what_waits) {
    const std::string name = "a proposal is RULE or RULE.NUMBER, such as 2, 2.1 or recovery:0.1";
    const std::vector<std::pair<std::string, std::string>> table{
        {"pending", "no wallet is named"},
        {"pending 2 --wallet my.json", "not expected: 2; latchkey pending --help"},
        {"pending --wallet none.json", "none.json"},
        {"history", "no wallet is named"},
        {"history 2 --wallet my.json", "not expected: 2; latchkey history --help"},
        {"apply" + kPaid, "proposal is required; latchkey apply --help"},
        {"apply two" + kPaid, name},
        {"apply 16" + kPaid, "up to 15, not \"16\""},
        {"apply recovery:16" + kPaid, name},
        {"apply 2." + kPaid, "a proposal's number must be a whole number"},
        {"apply 2 --wallet my.json", "name a key with --fee-payer"},
        {"apply 2 --wallet my.json --fee-payer phone.json", "must be an ed25519 key"},
        {"apply 2 --key none.json" + kPaid, "none.json"},
        {"apply 2" + kPaid, "2 does not wait; `latchkey pending` shows what does"},
        {"apply recovery:0.7" + kPaid, "recovery:0.7 does not wait"},
        {"cancel" + kSigned, "proposal is required; latchkey cancel --help"},
        {"cancel session:0" + kSigned, name},
        {"cancel 0" + kPaid, "give --key FILE"},
        {"cancel 0 --create-state" + kSigned,
         "0 does not wait; `latchkey pending` shows what does"},
        {"cancel 0.2 --ahead --create-state" + kSigned,
         "the next proposal of that rule is number 1"},
        {"cancel 0 --recovery none.json" + kSigned, "none.json"},
        {"freeze" + kPaid, "give --key FILE"},
        {"freeze --key sealed.json" + kPaid, "no rule that allows this"},
        {"freeze --recovery my.json" + kSigned, "my.json is not a recovery file"},
        {"freeze" + kSigned, "add --create-state"},
        {"cancel 0" + kSigned, "add --create-state"},
        {"rotate" + kSigned, "number is required"},
        {"rotate x sealed.json" + kSigned, "number = x"},
        {"rotate 0" + kSigned, "signer is required"},
        {"rotate 0 none.json" + kSigned, "none.json"},
        {"rotate 1 sealed.json --create-state" + kSigned, "there is no signer 1"},
        {"rotate 0 phone.json --create-state" + kSigned, "has this signer already"},
    };
    done("wallet fund 1 --to payer.json");
    for (const auto& [line, part] : table) {
        refused(line, part);
    }
}

TEST_F(Mistakes, recoveries) {
    done("passkey new guardian.json");
    done("wallet create two.json --preset two-parties -s phone.json --guardian guardian.json");
    const std::string create = "recovery create r.json --wallet my.json";
    const std::string one = create + " --guardian guardian.json";
    const std::string propose = "recover propose --signer sealed.json --key guardian.json";
    const std::vector<std::pair<std::string, std::string>> table{
        {"recovery", "latchkey recovery needs a command after it"},
        {"recovery create --wallet my.json --guardian guardian.json", "file is required"},
        {create, "name who may recover the wallet with --guardian or --heir"},
        {create + " --guardian +guardian.json", "nobody before it to share a party with"},
        {create + " --guardian none.json", "none.json"},
        {create + " --heir none.json", "none.json"},
        {one + " --threshold 2", "--threshold is between 1 and the number of guardians"},
        {one + " --threshold 0", "--threshold is between 1 and the number of guardians"},
        {one + " --tie thief", "--tie is owner (who cancels wins) or recovery"},
        {one + " --delay 9", "a duration is a number and"},
        {one + " --delay 366d", "--delay is at most 365d"},
        {one + " --delay 31d --tie recovery", "--delay is at most 30d with --tie recovery"},
        {one + " --delay 89d", "--delay is at most 88d, because"},
        {one + " --guard 91d", "--guard is at most 90d, and 0 for none"},
        {one + " --heir sealed.json --heir-delay 53w", "--heir-delay is at most 365d"},
        {one + " --after none.json", "none.json"},
        {one + " --guardian guardian.json", "SignerDuplicate"},
        {"recovery create my.json --offline --wallet my.json --guardian guardian.json",
         "my.json exists already; a recovery file is never replaced"},
        {"recovery create none/r.json --offline --wallet my.json --guardian guardian.json",
         "cannot write none/r.json"},
        {"recovery show", "file is required"},
        {"recovery show none.json", "none.json"},
        {"recovery show my.json", "my.json is not a recovery file"},
        {"recovery set my.json" + kSigned, "my.json is not a recovery file"},
        {"recovery set two.recovery.json" + kPaid, "give --key FILE"},
        {"recovery remove --create-state" + kSigned, "the wallet has no recovery"},
        {"recover", "latchkey recover needs a command after it"},
        {propose + kPaid, "--recovery is required"},
        {"recover propose --recovery two.recovery.json --key guardian.json" + kPaid,
         "--signer is required"},
        {propose + " --recovery my.json" + kPaid, "my.json is not a recovery file"},
        {propose + " --signer phone.json --recovery two.recovery.json" + kPaid,
         "this recovery names 1 new signers; give --signer that often, not 2 times"},
        {"recover propose --signer +sealed.json --recovery two.recovery.json --key guardian.json" +
             kPaid,
         "the first --signer has nobody before it"},
        // Another wallet's recovery.
        {propose + " --recovery two.recovery.json" + kPaid, "is not the wallet's recovery"},
    };
    done("wallet fund 1 --to payer.json");
    for (const auto& [line, part] : table) {
        refused(line, part);
    }
    std::string changed = read("two.recovery.json");
    const std::size_t at = changed.find("\"recovery_part\": \"") + 60;
    changed[at] = changed[at] == '0' ? '1' : '0';
    write("changed.json", changed);
    cut("two.recovery.json", 200, "cut.json");
    refused("recovery show changed.json", "changed.json");
    refused("recovery show cut.json", "cut.json does not hold a JSON object");
}

TEST_F(Mistakes, watching) {
    const std::string watch = "watch --wallet my.json";
    check({
        {"watch", "no wallet is named"},
        {"watch --wallet none.json", "none.json"},
        {"watch --wallet phone.json", "is not a wallet's genesis file"},
    });
    refused(watch + " --interval 0s", "a duration is");
    refused(watch + " --blind-after x", "a duration is");
    refused(watch + " --timeout 10", "a duration is");
    refused(watch + " --ws http://127.0.0.1:1", "--ws is the node's WebSocket URL");
    refused(watch + " --ws x", "--ws is the node's WebSocket URL");
    refused(watch + " --resume my.json", "my.json is not a file of --resume");
    write("garbage.json", "garbage");
    refused(watch + " --resume garbage.json", "garbage.json");
    write("resume.json", R"({"format": "latchkey watch 1", "seen": {")" +
                             text_of(done("wallet show --offline --wallet my.json"), "wallet_id") +
                             R"(": "x"}})");
    refused(watch + " --resume resume.json", "resume.json is not a file of --resume");
}

TEST_F(Mistakes, programs_and_governors) {
    const std::string paid = " --fee-payer payer.json";
    const std::string hash(64, '0');
    const std::string schedule = "governor schedule --wallet my.json --key phone.json" + paid;
    write("not.so", "MZ");
    const std::vector<std::pair<std::string, std::string>> table{
        {"program", "latchkey program needs a command after it"},
        {"program deploy --final" + paid, "--program-key is required"},
        {"program deploy --program-key payer.json --final --authority my.json" + paid,
         "--authority ADDRESS or --final"},
        {"program deploy --program-key phone.json --final" + paid,
         "--program-key must be an ed25519 key"},
        {"program deploy --program-key payer.json --final --file not.so" + paid, "it is no ELF"},
        {"program deploy --program-key payer.json --final --file none.so" + paid, "none.so"},
        {"program deploy --program-key payer.json --final", "name a key with --fee-payer"},
        {"program buffer" + paid, "say who decides about the code, with --authority"},
        {"program buffer --authority x" + paid, "--authority must be a Solana address in base58"},
        {"program authority --final" + paid, "account is required"},
        {"program authority x --final" + paid, "the program or buffer must be a Solana address"},
        {"program authority " + kAddress + paid, "--authority ADDRESS or --final"},
        {"program authority " + kAddress + " --final --key phone.json" + paid,
         "--key must be an ed25519 key"},
        {"program authority " + kAddress + " --final" + paid,
         "is neither a program of loader-v3 nor a buffer"},
        {"program close x" + paid, "the buffer must be a Solana address"},
        {"program close " + kAddress + paid, "there is no buffer at " + kAddress},
        {"program hash not.so", "it is no ELF"},
        {"program hash none.so", "none.so"},
        {"governor", "latchkey governor needs a command after it"},
        {"governor create", "file is required"},
        {"governor create g.json", "name the governor's signers with --signer"},
        {"governor create g.json -s payer.json --threshold 2", "--threshold is at most"},
        {"governor create g.json -s payer.json --threshold 0", "--threshold is at most"},
        {"governor create g.json -s none.json", "none.json"},
        {"governor create g.json -s payer.json --delay x", "a duration is"},
        {"governor create g.json -s payer.json --delay 366d",
         "--delay is between 30 days and 365d"},
        {"governor create my.json -s payer.json", "--force replaces it"},
        {schedule + " --program " + kAddress, "--buffer is required"},
        {schedule + " --program " + kAddress + " --buffer " + kAddress + " --code-hash 00",
         "--code-hash has 64 hexadecimal digits"},
        {schedule + " --program " + kAddress + " --buffer " + kAddress + " --file not.so",
         "it is no ELF"},
        {schedule + " --program " + kAddress + " --buffer " + kAddress + " --file not.so" +
             " --code-hash " + hash,
         "--file ELF or --code-hash HEX"},
        {schedule + " --program x --buffer " + kAddress + " --code-hash " + hash,
         "--program must be a Solana address"},
        {schedule + " --program " + kAddress + " --buffer x --code-hash " + hash,
         "--buffer must be a Solana address"},
        {schedule + " --program " + kAddress + " --buffer " + kAddress + " --code-hash " + hash,
         "no rule that allows this"},
        {"governor show --wallet my.json", "--program is required"},
        {"governor show --wallet my.json --program x", "--program must be a Solana address"},
        {"governor show --wallet my.json --program " + kAddress, kAddress},
    };
    done("wallet fund 1 --to payer.json");
    for (const auto& [line, part] : table) {
        refused(line, part);
    }
}

TEST_F(Mistakes, advice_without_a_terminal) {
    check({
        {"advise", "--controls is missing (Who controls the wallet?); give it"},
        {"advise --controls robot", "--controls is person, company or agent, not \"robot\""},
        {"advise --controls person", "--value is missing"},
        {"advise --controls person --value 4", "--value is small, savings or fortune"},
        {"advise --controls person --value small --devices 0", "a number from 1 to 16"},
        {"advise --controls person --value small --devices 1", "--recovery is missing"},
        {"advise --controls person --value 1 --devices 1 --recovery no", "nobody or guardian"},
        {"advise --controls person --value 1 --devices 1 --recovery 1", "--heir is missing"},
        {"advise --controls agent --value small", "are for --controls person"},
        {"advise --controls person --members 2", "are for --controls company"},
        {"advise --controls company", "--members is missing"},
        {"advise --controls company --members 2", "--threshold is missing"},
        {"advise --controls company --members 2 --threshold 3", "at most the number of members, 2"},
        {"advise --colour red", "--colour"},
    });
}

TEST_F(Mistakes, batches) {
    const std::string batch =
        "wallet batch calls.json --wallet my.json --key phone.json "
        "--fee-payer payer.json --create-state";
    done("wallet fund 5 --to payer.json");
    done("wallet fund 1 --wallet my.json");
    const auto with = [&](const std::string& calls, const std::string& part) {
        write("calls.json", calls);
        refused(batch, part);
    };
    with("[]", "does not hold a JSON object");
    with("{}", "\"calls\" must be a list");
    with(R"({"calls": []})", "\"calls\" is empty");
    with(R"({"calls": [7]})", "call 0 must be an object");
    with(R"({"calls": [{"to": "my.json"}]})", "\"amount\"");
    with(R"({"calls": [{"to": "my.json", "amount": "1"}, {"to": "x", "amount": "1"}]})", "call 1");
    with(R"({"calls": [{"program": "x", "accounts": [], "data": ""}]})", "\"program\"");
    std::string many = R"({"to": "my.json", "amount": "0.01"})";
    for (int i = 0; i < 16; ++i) {
        many += R"(, {"to": "my.json", "amount": "0.01"})";
    }
    with(R"({"calls": [)" + many + "]}", "16 calls");
    const std::string data(2 * 6000, '0');
    with(R"({"calls": [{"program": "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr", "accounts": [],
         "data": ")" +
             data + "\"}]}",
         "exceeds a size limit");
}

TEST_F(Mistakes, nodes) {
    const std::string ask = "wallet show --wallet my.json --rpc ";
    refused(ask + "http://127.0.0.1:1", "start `latchkey dev`");
    refused(ask + "x", "the URL of a node is written like");
    refused(ask + "ws://127.0.0.1:8900", "the URL of a node is written like");
    refused(ask + "http://no-such-host.invalid", "--rpc");
    const auto answer = [](const std::string& body) {
        return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body;
    };
    const std::string error = R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no)";
    const std::vector<std::pair<std::string, std::string>> rubbish{
        {"", "--rpc"},
        {"hello\r\n\r\n", "--rpc"},
        {answer(""), "--rpc"},
        {answer("hello"), "--rpc"},
        {answer("[]"), "--rpc"},
        {answer(R"({"jsonrpc":"2.0","id":99,"result":"x"})"), "--rpc"},
        {answer(R"({"jsonrpc":"2.0","id":1,"result":7})"), "not what the method promises"},
        {answer(error + "\\n\\u001b[31mred\"}}"), "error -32601"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{", "--rpc"},
        {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "--rpc"},
        {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:2/\r\nContent-Length: 0\r\n\r\n",
         "--rpc"},
    };
    for (const auto& [bytes, part] : rubbish) {
        const RubbishServer server(bytes);
        refused(ask + server.url(), part);
        refused("wallet fund 1 --to payer.json --rpc " + server.url(), part);
    }
}

TEST_F(Mistakes, another_cluster) {
    done(
        "wallet create far.json --signer phone.json --cluster "
        "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d");
    refused("wallet show --wallet far.json", "cluster");
    refused("wallet fund 1 --wallet far.json", "cluster");
    refused(kSend + " --create-state --to far.json --amount 1", "another cluster or program");
    for (const std::string& line :
         {"program authority " + kAddress, std::string("program deploy --program-key payer.json"),
          std::string("program buffer")}) {
        refused(line + " --authority far.json --fee-payer payer.json", "LK-2207");
    }
    for (const char* command : {"pending", "history", "apply 0 --fee-payer payer.json",
                                "cancel 0 --key phone.json --fee-payer payer.json",
                                "freeze --key phone.json --fee-payer payer.json"}) {
        refused(std::string(command) + " --wallet far.json", "cluster");
    }
}

}  // namespace
}  // namespace latchkey::cli::testing
