// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/identity.hpp"

#include "tools/vectors/examples.hpp"
#include "tools/vectors/subject.hpp"

namespace latchkey::vectors {

namespace {

using core::Configuration;
using core::Signer;

Configuration example(std::size_t number) {
    switch (number % 4) {
        case 0:
            return single_configuration(passkey("phone " + std::to_string(number)));
        case 1:
            return single_configuration(
                Signer::ed25519(ed25519_key("laptop " + std::to_string(number))));
        case 2:
            return single_configuration(
                Signer::secp256k1_eip191(ethereum_key("browser " + std::to_string(number))));
        default: {
            Configuration full = full_configuration();
            full.recovery = core::commitment_of(hash_of("recovery " + std::to_string(number)),
                                                static_cast<std::uint16_t>(number));
            return full;
        }
    }
}

json::object identity_vector(std::string name, ByteView genesis, const Hash32& program) {
    json::object vector{{"name", name},
                        {"type", "identity"},
                        {"genesis", hex(genesis)},
                        {"programId", hex(program)}};
    const core::WalletId wallet_id = core::wallet_id_of(genesis, program);
    vector["hash"] = hex(wallet_id);
    vector["vaultHash"] = hex(core::vault_of(wallet_id, program));
    vector["offCurve"] = core::identity_of(genesis, program).has_value();
    return vector;
}

void add_identities(json::array& out) {
    for (std::size_t i = 0; i < 12; ++i) {
        const Bytes genesis =
            core::encode(core::Genesis{example(i), {static_cast<std::uint8_t>(i)}}).value();
        out.push_back(identity_vector("identity " + std::to_string(i), genesis, program_id()));
    }
    // Every field of one genesis changed, and the program.
    const core::Genesis genesis{example(0), {3}};
    const Bytes bytes = core::encode(genesis).value();
    const std::pair<std::string_view, std::size_t> fields[] = {
        {"signer head", 2}, {"rpIdHash", 67}, {"actions", 68}, {"salt", 70}};
    for (const auto& [name, offset] : fields) {
        Bytes changed = bytes;
        changed[offset] ^= name == "signer head" ? 0x20 : 0x04;
        if (core::judge_genesis(changed) == Verdict::kAccepted) {
            out.push_back(identity_vector("identity with another " + std::string(name), changed,
                                          program_id()));
        }
    }
    out.push_back(identity_vector("identity under another program", bytes, address(0x12)));
}

json::object salt_vector(std::string name, const Configuration& configuration,
                         const core::NewWallet& wallet) {
    return json::object{{"name", name},
                        {"type", "salt"},
                        {"shared", hex(core::encode(configuration).value())},
                        {"programId", hex(program_id())},
                        {"genesis", hex(wallet.genesis)},
                        {"walletId", hex(wallet.identity.wallet_id)},
                        {"vault", hex(wallet.identity.vault)}};
}

void add_salts(json::array& out) {
    for (std::size_t i = 0; i < 16; ++i) {
        const Configuration configuration = example(i);
        out.push_back(salt_vector("smallest salt " + std::to_string(i), configuration,
                                  core::find_salt(configuration, program_id()).value()));
    }
    for (std::size_t i = 0; i < 6; ++i) {
        const Configuration configuration = example(i);
        const Hash32 random = hash_of("entropy " + std::to_string(i));
        const auto entropy = random.view().first<15>();
        json::object vector =
            salt_vector("long salt " + std::to_string(i), configuration,
                        core::find_salt(configuration, program_id(), entropy).value());
        vector["entropy"] = hex(entropy);
        out.push_back(std::move(vector));
    }
}

void add_chains(json::array& out) {
    for (std::size_t i = 0; i < 4; ++i) {
        const core::WalletId wallet_id =
            core::find_salt(example(i), program_id()).value().identity.wallet_id;
        core::ConfigId config_id = core::first_config_id(wallet_id);
        json::array steps;
        for (std::uint32_t sequence = 1; sequence <= 3; ++sequence) {
            const Bytes shared = core::encode(example(i + sequence)).value();
            config_id = core::next_config_id(wallet_id, config_id, shared);
            steps.push_back(json::object{{"sequence", decimal(sequence)},
                                         {"shared", hex(shared)},
                                         {"configId", hex(config_id)}});
        }
        out.push_back(json::object{{"name", "chain " + std::to_string(i)},
                                   {"type", "chain"},
                                   {"walletId", hex(wallet_id)},
                                   {"steps", steps}});
    }
}

void run_salt(const json::object& vector, Findings& findings) {
    const Configuration configuration = core::decode_shared(bytes_at(vector, "shared")).value();
    const Hash32 program = fixed_at<Hash32>(vector, "programId");
    const core::Result<core::NewWallet> wallet =
        has(vector, "entropy") ? core::find_salt(configuration, program,
                                                 ByteView(bytes_at(vector, "entropy")).first<15>())
                               : core::find_salt(configuration, program);
    findings.that("a salt is found", wallet.has_value());
    if (wallet) {
        findings.equal("genesis", vector.at("genesis"), hex(wallet->genesis));
        findings.equal("walletId", vector.at("walletId"), hex(wallet->identity.wallet_id));
        findings.equal("vault", vector.at("vault"), hex(wallet->identity.vault));
    }
}

void run_chain(const json::object& vector, Findings& findings) {
    const auto wallet_id = fixed_at<core::WalletId>(vector, "walletId");
    core::ConfigId config_id = core::first_config_id(wallet_id);
    for (const json::value& value : array_at(vector, "steps")) {
        const json::object& step = value.as_object();
        config_id = core::next_config_id(wallet_id, config_id, bytes_at(step, "shared"));
        findings.equal("configId", step.at("configId"), hex(config_id));
    }
}

}  // namespace

json::array generate_identities() {
    json::array out;
    add_identities(out);
    add_salts(out);
    add_chains(out);
    return out;
}

void run_identity(const json::object& vector, Findings& findings) {
    const std::string type = text_at(vector, "type");
    if (type == "salt") {
        return run_salt(vector, findings);
    }
    if (type == "chain") {
        return run_chain(vector, findings);
    }
    const Bytes genesis = bytes_at(vector, "genesis");
    const Hash32 program = fixed_at<Hash32>(vector, "programId");
    const core::WalletId wallet_id = core::wallet_id_of(genesis, program);
    findings.equal("hash", vector.at("hash"), hex(wallet_id));
    findings.equal("vaultHash", vector.at("vaultHash"), hex(core::vault_of(wallet_id, program)));
    findings.equal("offCurve", vector.at("offCurve"),
                   core::identity_of(genesis, program).has_value());
}

}  // namespace latchkey::vectors
