// SPDX-License-Identifier: Apache-2.0
//
// JSON-RPC 2.0: one request or a batch, each answered or refused on its own.

import type { Logger } from '../log.ts';
import type { LocalNode } from '../node.ts';
import { type Json, type JsonObject, is_object, parse_json, serialize_json } from '../wire/json.ts';
import { kAccountMethods } from './accounts.ts';
import { kBlockMethods } from './blocks.ts';
import { kClusterMethods } from './cluster.ts';
import type { Methods } from './context.ts';
import { kDevnetMethods } from './devnet.ts';
import {
    RpcError,
    kInternalError,
    kInvalidRequest,
    kMethodNotFound,
    kParseError,
} from './errors.ts';
import { kHistoryMethods } from './history.ts';
import { Args } from './params.ts';
import { kTokenMethods } from './tokens.ts';
import { kTransactionMethods } from './transactions.ts';

const kBatchMax = 1000;

export const kMethods: Methods = {
    ...kAccountMethods,
    ...kTokenMethods,
    ...kBlockMethods,
    ...kClusterMethods,
    ...kHistoryMethods,
    ...kTransactionMethods,
    ...kDevnetMethods,
};

export type RequestId = string | number | bigint | null;

export interface RpcRequest {
    readonly id: RequestId;
    /** A notification gets no answer. */
    readonly notification: boolean;
    readonly method: string;
    readonly params: Json | undefined;
}

export function result_json(id: RequestId, result: Json): JsonObject {
    return { jsonrpc: '2.0', result, id };
}

export function error_answer(id: RequestId, error: RpcError): JsonObject {
    const data = error.data === undefined ? {} : { data: error.data };
    return { jsonrpc: '2.0', error: { code: error.code, message: error.message, ...data }, id };
}

/** Throws RpcError with -32600. */
export function read_request(value: Json): RpcRequest {
    if (!is_object(value)) {
        throw new RpcError(kInvalidRequest, 'Invalid request: expected an object');
    }
    const { id, method, params, jsonrpc } = value;
    if (jsonrpc !== '2.0') {
        throw new RpcError(kInvalidRequest, 'Invalid request: "jsonrpc" must be "2.0"');
    }
    if (typeof method !== 'string') {
        throw new RpcError(kInvalidRequest, 'Invalid request: "method" must be a string');
    }
    const known = ['string', 'number', 'bigint', 'undefined'].includes(typeof id) || id === null;
    if (!known) {
        throw new RpcError(kInvalidRequest, 'Invalid request: "id" must be a string or a number');
    }
    return { id: (id ?? null) as RequestId, notification: id === undefined, method, params };
}

function id_of(value: Json): RequestId {
    const id = is_object(value) ? value['id'] : null;
    return typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint' ? id : null;
}

export class Dispatcher {
    readonly #node: LocalNode;
    readonly #log: Logger;

    constructor(node: LocalNode, log: Logger) {
        this.#node = node;
        this.#log = log;
    }

    /** The error a client sees. Anything unexpected is logged and answered as an internal error. */
    to_rpc_error(error: unknown, method: string): RpcError {
        if (error instanceof RpcError) {
            return error;
        }
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        this.#log.error('request failed', { method, reason });
        return new RpcError(kInternalError, 'Internal error');
    }

    async #answer_one(value: Json): Promise<JsonObject | null> {
        let request: RpcRequest;
        try {
            request = read_request(value);
        } catch (error) {
            return error_answer(id_of(value), this.to_rpc_error(error, '?'));
        }
        try {
            const method = Object.hasOwn(kMethods, request.method)
                ? kMethods[request.method]
                : undefined;
            if (method === undefined) {
                throw new RpcError(kMethodNotFound, 'Method not found');
            }
            const result = await method(this.#node, new Args(request.params));
            return request.notification ? null : result_json(request.id, result);
        } catch (error) {
            const answer = error_answer(request.id, this.to_rpc_error(error, request.method));
            return request.notification ? null : answer;
        }
    }

    /** The body of the answer; empty when everything was a notification. */
    async answer(body: string): Promise<string> {
        let value: Json;
        try {
            value = parse_json(body);
        } catch {
            return serialize_json(error_answer(null, new RpcError(kParseError, 'Parse error')));
        }
        if (!Array.isArray(value)) {
            const answer = await this.#answer_one(value);
            return answer === null ? '' : serialize_json(answer);
        }
        if (value.length === 0 || value.length > kBatchMax) {
            const message = `Invalid request: a batch holds 1 to ${kBatchMax} requests`;
            return serialize_json(error_answer(null, new RpcError(kInvalidRequest, message)));
        }
        const answers: JsonObject[] = [];
        for (const entry of value as readonly Json[]) {
            const answer = await this.#answer_one(entry);
            if (answer !== null) {
                answers.push(answer);
            }
        }
        return answers.length === 0 ? '' : serialize_json(answers);
    }
}
