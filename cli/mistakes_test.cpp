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
}

}  // namespace
}  // namespace latchkey::cli::testing
