// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/transaction_error.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/vectors/vectors.hpp"

namespace latchkey::solana {
namespace {

namespace json = boost::json;
using core::ErrorCode;

TransactionError decode(std::string_view text) {
    return decode_transaction_error(json::parse(text)).value().value();
}

TEST(transaction_error, forms) {
    EXPECT_FALSE(decode_transaction_error(json::value()).value());
    EXPECT_EQ(decode(R"("BlockhashNotFound")").name, "BlockhashNotFound");
    const auto custom = decode(R"({"InstructionError":[2,{"Custom":6001}]})");
    EXPECT_EQ(custom.name, "InstructionError");
    EXPECT_EQ(custom.instruction_index, 2);
    EXPECT_EQ(custom.instruction_error, "Custom");
    EXPECT_EQ(custom.custom_code, 6001U);
    EXPECT_EQ(decode(R"({"InstructionError":[0,"InvalidSeeds"]})").instruction_error,
              "InvalidSeeds");
    EXPECT_EQ(decode(R"({"InstructionError":[0,{"BorshIoError":"x"}]})").instruction_error,
              "BorshIoError");
    EXPECT_EQ(decode(R"({"InsufficientFundsForRent":{"account_index":3}})").account_index, 3);
    EXPECT_EQ(decode(R"({"DuplicateInstruction":4})").instruction_index, 4);
    EXPECT_EQ(decode(R"("SomethingOfTheFuture")").name, "SomethingOfTheFuture");
    EXPECT_EQ(decode(R"({"SomethingOfTheFuture":{"x":1}})").name, "SomethingOfTheFuture");
}

TEST(transaction_error, refusals) {
    for (const std::string_view text :
         {"5", "[]", "{}", "true", R"("")", R"("two words")", R"("<b>")",
          R"({"InstructionError":5})", R"({"InstructionError":[1]})",
          R"({"InstructionError":[256,"X"]})", R"({"InstructionError":[-1,"X"]})",
          R"({"InstructionError":["0","X"]})", R"({"InstructionError":[0,{"Custom":-1}]})",
          R"({"InstructionError":[0,{"Custom":4294967296}]})",
          R"({"InstructionError":[0,{"Custom":"1"}]})", R"({"InstructionError":[0,5]})",
          R"({"InstructionError":[0,{"Custom":1,"Other":2}]})", R"({"A":1,"B":2})",
          R"({"InsufficientFundsForRent":{"account_index":300}})"}) {
        const auto decoded = decode_transaction_error(json::parse(text));
        ASSERT_FALSE(decoded) << text;
        EXPECT_EQ(decoded.error().code, ErrorCode::kRpcMalformed);
    }
}

TEST(transaction_error, sentences) {
    MessageDraft draft;
    draft.fee_payer = vectors::named("payer");
    draft.instructions = {system::transfer(draft.fee_payer, vectors::named("to"), 1),
                          token::transfer(kTokenProgram, vectors::named("a"), vectors::named("b"),
                                          draft.fee_payer, 1),
                          {vectors::named("program"), {}, {}}};
    const Message message = compile_message(draft).value();
    EXPECT_EQ(explain(decode(R"("InsufficientFundsForFee")")),
              "the fee payer has not enough lamports for the fee");
    EXPECT_EQ(explain(decode(R"({"InstructionError":[0,{"Custom":1}]})"), &message),
              "instruction 0 (the System program): not enough lamports (error 1)");
    EXPECT_EQ(explain(decode(R"({"InstructionError":[1,{"Custom":1}]})"), &message),
              "instruction 1 (the Token program): not enough tokens (error 1)");
    EXPECT_EQ(explain(decode(R"({"InstructionError":[2,{"Custom":6001}]})"), &message),
              "instruction 2 (" + to_base58(vectors::named("program")) +
                  "): the program's own error 6001");
    const CustomErrorText ours = [](const Address& program, std::uint32_t code) {
        EXPECT_EQ(program, vectors::named("program"));
        return std::optional<std::string>("the wallet is frozen, " + std::to_string(code));
    };
    EXPECT_EQ(explain(decode(R"({"InstructionError":[2,{"Custom":6001}]})"), &message, ours),
              "instruction 2 (" + to_base58(vectors::named("program")) +
                  "): the wallet is frozen, 6001 (error 6001)");
    EXPECT_EQ(explain(decode(R"({"InstructionError":[0,"ComputationalBudgetExceeded"]})")),
              "instruction 0: the compute-unit limit is used up; raise it");
    EXPECT_EQ(explain(decode(R"({"InsufficientFundsForRent":{"account_index":0}})"), &message),
              "an account would be left below its rent-exempt minimum (" +
                  to_base58(draft.fee_payer) + ")");
    EXPECT_EQ(explain(decode(R"({"InstructionError":[200,{"Custom":1}]})"), &message),
              "instruction 200: the program's own error 1");
    EXPECT_EQ(explain(decode(R"("New")")), "New");
}

}  // namespace
}  // namespace latchkey::solana
