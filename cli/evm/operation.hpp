// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "chains/evm/wallet/plan.hpp"
#include "chains/evm/wallet/wallet.hpp"
#include "cli/context.hpp"
#include "cli/operation.hpp"

/// What every command that needs the wallet's approval does around its own action on an EVM chain.
namespace latchkey::cli::on_evm {

namespace wallet = evm::wallet;

/// Where a wallet is on a chain. Errors: those of WalletHandle::from_genesis.
Result<wallet::WalletHandle> handle_of(const WalletFile& file, const evm::Chain& chain);

/// A wallet as a chain has it, with what its owner calls it.
struct OpenWallet {
    WalletFile file;
    Node* node = nullptr;
    wallet::WalletSnapshot snapshot;
};
/// `path`: of the genesis file; `chain`: its name. Errors: those of Context and fetch_wallet.
Result<OpenWallet> open_wallet(Context& context, const std::string& path, const std::string& chain);
/// On the only chain that the command names. Errors: as above, kCommandInput when there are
/// several.
Result<OpenWallet> open_wallet(Context& context, const std::string& path);

/// Who pays for gas: `named`, else the setting, else the first secp256k1 key of `keys`. Points into
/// `keys` or `own`. Error: kCommandInput.
Result<const Key*> find_gas_payer(const Context& context, const std::string& named,
                                  const std::vector<Key>& keys, std::unique_ptr<Key>& own);

/// An action that is ready to be approved.
struct ReadyAction {
    OpenWallet open;
    std::vector<Key> keys;
    std::unique_ptr<Key> own_payer;
    /// Null for a request.
    const Key* payer = nullptr;
    wallet::RuleChoice choice;
    wallet::ActionPlan plan;
    std::vector<std::string> description;
};

/// Makes the action once the wallet and the rule are known.
using BodyMaker = std::function<Result<wallet::Body>(
    Node& node, const wallet::WalletSnapshot& wallet, const wallet::RuleReference& rule)>;

/// Reads the wallet, chooses rule, nonce and payer, plans and explains. `chain`: its name. Errors:
/// kCommandInput (no key, no payer, options that do not fit), kNoUsableRule,
/// those of all parts.
Result<ReadyAction> prepare_action(Context& context, const std::string& chain,
                                   const OperationOptions& options, const OperationNeeds& needs,
                                   const BodyMaker& make);
/// Makes the wallet if it is not there, simulates, sends, confirms; says until when the action
/// waits, if it does. Errors: those of assemble and Node.
Result<Report> send_action(Context& context, Node& node, const wallet::WalletHandle& handle,
                           const wallet::ActionPlan& plan, const Key& payer,
                           const std::vector<core::CollectedApproval>& approvals,
                           const std::optional<core::TreeProof>& tree, bool is_dry_run);

/// prepare_action, the approvals of the keys at hand, send_action; or a request for signers
/// elsewhere.
Result<Report> run_operation(Context& context, const OperationOptions& options,
                             const OperationNeeds& needs, const BodyMaker& make);

/// The answers of `keys` for the chosen approvers. Errors: those of the signers.
Result<std::vector<core::CollectedApproval>> collect_approvals(
    const std::vector<core::Signer>& signers, const std::vector<std::uint8_t>& approvers,
    const core::ApprovalHash& hash, const std::vector<Key>& keys);

/// Calldata for the wallet, sent by the payer. The wallet is made first if it is not there. Errors:
/// those of Node.
Result<Report> submit(Context& context, Node& node, const wallet::WalletHandle& handle,
                      const Key& payer, core::Bytes calldata, bool is_dry_run);

}  // namespace latchkey::cli::on_evm
