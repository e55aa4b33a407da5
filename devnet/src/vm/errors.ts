// SPDX-License-Identifier: Apache-2.0
//
// The VM reports errors as numbers and objects of its binding; the chain's JSON-RPC names them. The
// two lists below are in the order of the binding's enums (litesvm/dist/internal.d.ts); errors_test
// checks that against the declaration file, so an upgrade that reorders them fails.

import internal from 'litesvm/dist/internal.js';

/** An instruction's failure as JSON-RPC spells it. */
export type InstructionError =
    string | { readonly Custom: number } | { readonly BorshIoError: string };

/** A transaction's failure as JSON-RPC spells it. */
export type TransactionError =
    | string
    | { readonly InstructionError: readonly [number, InstructionError] }
    | { readonly DuplicateInstruction: number }
    | { readonly InsufficientFundsForRent: { readonly account_index: number } }
    | { readonly ProgramExecutionTemporarilyRestricted: { readonly account_index: number } };

export const kTransactionErrorNames: readonly string[] = [
    'AccountInUse',
    'AccountLoadedTwice',
    'AccountNotFound',
    'ProgramAccountNotFound',
    'InsufficientFundsForFee',
    'InvalidAccountForFee',
    'AlreadyProcessed',
    'BlockhashNotFound',
    'CallChainTooDeep',
    'MissingSignatureForFee',
    'InvalidAccountIndex',
    'SignatureFailure',
    'InvalidProgramForExecution',
    'SanitizeFailure',
    'ClusterMaintenance',
    'AccountBorrowOutstanding',
    'WouldExceedMaxBlockCostLimit',
    'UnsupportedVersion',
    'InvalidWritableAccount',
    'WouldExceedMaxAccountCostLimit',
    'WouldExceedAccountDataBlockLimit',
    'TooManyAccountLocks',
    'AddressLookupTableNotFound',
    'InvalidAddressLookupTableOwner',
    'InvalidAddressLookupTableData',
    'InvalidAddressLookupTableIndex',
    'InvalidRentPayingAccount',
    'WouldExceedMaxVoteCostLimit',
    'WouldExceedAccountDataTotalLimit',
    'MaxLoadedAccountsDataSizeExceeded',
    'ResanitizationNeeded',
    'InvalidLoadedAccountsDataSizeLimit',
    'UnbalancedTransaction',
    'ProgramCacheHitMaxLimit',
    'CommitCancelled',
];

export const kInstructionErrorNames: readonly string[] = [
    'GenericError',
    'InvalidArgument',
    'InvalidInstructionData',
    'InvalidAccountData',
    'AccountDataTooSmall',
    'InsufficientFunds',
    'IncorrectProgramId',
    'MissingRequiredSignature',
    'AccountAlreadyInitialized',
    'UninitializedAccount',
    'UnbalancedInstruction',
    'ModifiedProgramId',
    'ExternalAccountLamportSpend',
    'ExternalAccountDataModified',
    'ReadonlyLamportChange',
    'ReadonlyDataModified',
    'DuplicateAccountIndex',
    'ExecutableModified',
    'RentEpochModified',
    'NotEnoughAccountKeys',
    'AccountDataSizeChanged',
    'AccountNotExecutable',
    'AccountBorrowFailed',
    'AccountBorrowOutstanding',
    'DuplicateAccountOutOfSync',
    'InvalidError',
    'ExecutableDataModified',
    'ExecutableLamportChange',
    'ExecutableAccountNotRentExempt',
    'UnsupportedProgramId',
    'CallDepth',
    'MissingAccount',
    'ReentrancyNotAllowed',
    'MaxSeedLengthExceeded',
    'InvalidSeeds',
    'InvalidRealloc',
    'ComputationalBudgetExceeded',
    'PrivilegeEscalation',
    'ProgramEnvironmentSetupFailure',
    'ProgramFailedToComplete',
    'ProgramFailedToCompile',
    'Immutable',
    'IncorrectAuthority',
    'AccountNotRentExempt',
    'InvalidAccountOwner',
    'ArithmeticOverflow',
    'UnsupportedSysvar',
    'IllegalOwner',
    'MaxAccountsDataAllocationsExceeded',
    'MaxAccountsExceeded',
    'MaxInstructionTraceLengthExceeded',
    'BuiltinProgramsMustConsumeComputeUnits',
    'BorshIoError',
];

function name_at(names: readonly string[], index: number): string {
    const name = names[index];
    if (name === undefined) {
        throw new Error(`the VM reported error number ${index}, which this version does not know`);
    }
    return name;
}

type VmInstructionError = ReturnType<internal.TransactionErrorInstructionError['err']>;
type VmTransactionError = ReturnType<internal.FailedTransactionMetadata['err']>;

function instruction_error(error: VmInstructionError): InstructionError {
    if (typeof error === 'number') {
        return name_at(kInstructionErrorNames, error);
    }
    if (error instanceof internal.InstructionErrorCustom) {
        return { Custom: error.code };
    }
    return { BorshIoError: error.msg };
}

/** Translates the binding's error into the JSON-RPC form. */
export function transaction_error(error: VmTransactionError): TransactionError {
    if (typeof error === 'number') {
        return name_at(kTransactionErrorNames, error);
    }
    if (error instanceof internal.TransactionErrorInstructionError) {
        return { InstructionError: [error.index, instruction_error(error.err())] };
    }
    if (error instanceof internal.TransactionErrorDuplicateInstruction) {
        return { DuplicateInstruction: error.index };
    }
    if (error instanceof internal.TransactionErrorInsufficientFundsForRent) {
        return { InsufficientFundsForRent: { account_index: error.accountIndex } };
    }
    return { ProgramExecutionTemporarilyRestricted: { account_index: error.accountIndex } };
}
