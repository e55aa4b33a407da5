// SPDX-License-Identifier: Apache-2.0
//
// JSON-RPC errors with Agave's numbers (rpc-client-api, custom_error.rs).

import type { Json } from '../wire/json.ts';

export const kParseError = -32700;
export const kInvalidRequest = -32600;
export const kMethodNotFound = -32601;
export const kInvalidParams = -32602;
export const kInternalError = -32603;
export const kBlockCleanedUp = -32001;
export const kPreflightFailure = -32002;
export const kSignatureVerificationFailure = -32003;
export const kBlockNotAvailable = -32004;
export const kSlotSkipped = -32007;
export const kUnsupportedTransactionVersion = -32015;
export const kMinContextSlotNotReached = -32016;

export class RpcError extends Error {
    readonly code: number;
    readonly data: Json | undefined;

    constructor(code: number, message: string, data?: Json) {
        super(message);
        this.code = code;
        this.data = data;
    }
}

export function invalid_params(message: string): RpcError {
    return new RpcError(kInvalidParams, message);
}
