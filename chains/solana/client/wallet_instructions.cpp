// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/wallet_instructions.hpp"

#include "chains/solana/client/instructions.hpp"

namespace latchkey::solana {

namespace {

Result<Instruction> build(const Address& program, std::vector<AccountMeta> accounts,
                          const WalletInstruction& instruction) {
    LATCHKEY_TRY(Bytes data, encode_instruction(instruction));
    return Instruction{program, std::move(accounts), std::move(data)};
}

std::vector<Instruction> funded(const Address& payer, const Address& account,
                                std::uint64_t lamports, Instruction instruction) {
    std::vector<Instruction> out;
    if (lamports != 0) {
        out.push_back(system::transfer(payer, account, lamports));
    }
    out.push_back(std::move(instruction));
    return out;
}

}  // namespace

Result<Instruction> create_state(const WalletHandle& wallet) {
    return build(wallet.deployment().program, {writable(wallet.state()), readonly(kSystemProgram)},
                 CreateState{core::to_bytes(wallet.genesis())});
}

Result<std::vector<Instruction>> create_funded_state(const WalletHandle& wallet,
                                                     const Address& payer, const Rent& rent,
                                                     std::uint64_t present) {
    LATCHKEY_TRY(const std::size_t size, state_size(wallet));
    LATCHKEY_TRY(const std::uint64_t lamports, missing_rent(rent, size, present));
    LATCHKEY_TRY(Instruction instruction, create_state(wallet));
    return funded(payer, wallet.state(), lamports, std::move(instruction));
}

Result<ProgramAddress> lane_address(const Deployment& deployment, const Address& owner,
                                    std::uint8_t index) {
    const std::array<std::uint8_t, 1> index_seed = {index};
    const std::array<ByteView, 3> seeds = {core::as_bytes("lane"), owner.view(), index_seed};
    return find_program_address(seeds, deployment.program);
}

Result<Instruction> open_lane(const Deployment& deployment, const Address& owner,
                              std::uint8_t index, const Address& operator_address) {
    LATCHKEY_TRY(const ProgramAddress lane, lane_address(deployment, owner, index));
    return build(deployment.program,
                 {writable(lane.address), readonly_signer(owner), readonly(operator_address),
                  readonly(kSystemProgram)},
                 OpenLane{index, lane.bump});
}

Result<std::vector<Instruction>> open_funded_lane(const Deployment& deployment,
                                                  const Address& owner, std::uint8_t index,
                                                  const Address& operator_address,
                                                  const Address& payer, const Rent& rent,
                                                  std::uint64_t present) {
    LATCHKEY_TRY(const ProgramAddress lane, lane_address(deployment, owner, index));
    LATCHKEY_TRY(const std::uint64_t lamports, missing_rent(rent, core::kLaneSize, present));
    LATCHKEY_TRY(Instruction instruction, open_lane(deployment, owner, index, operator_address));
    return funded(payer, lane.address, lamports, std::move(instruction));
}

Result<Instruction> close_lane(const Deployment& deployment, const Address& lane,
                               const Address& owner, const Address& destination) {
    return build(deployment.program,
                 {writable(lane), readonly_signer(owner), writable(destination)}, CloseLane{});
}

Result<Instruction> set_lane_operator(const Deployment& deployment, const Address& lane,
                                      const Address& owner, const Address& operator_address) {
    return build(deployment.program,
                 {writable(lane), readonly_signer(owner), readonly(operator_address)},
                 SetLaneOperator{});
}

}  // namespace latchkey::solana
