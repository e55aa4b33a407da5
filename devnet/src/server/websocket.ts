// SPDX-License-Identifier: Apache-2.0
//
// Subscriptions over WebSocket. A connection speaks JSON-RPC; what it subscribed to ends with it.

import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';

import {
    type Dispatcher,
    type RpcRequest,
    error_answer,
    read_request,
    result_json,
} from '../rpc/dispatch.ts';
import {
    RpcError,
    invalid_params,
    kInvalidRequest,
    kMethodNotFound,
    kParseError,
} from '../rpc/errors.ts';
import { Args, to_count } from '../rpc/params.ts';
import type { Hub } from '../subscriptions/hub.ts';
import { kSubscribe, kUnsubscribe } from '../subscriptions/methods.ts';
import { type Json, parse_json, serialize_json } from '../wire/json.ts';
import type { Guard } from './guard.ts';

const kMessageSizeMax = 64 * 1024;
const kConnectionsMax = 256;
const kSubscriptionsPerConnectionMax = 1000;
const kSubscriptionsMax = 10_000;
/** A client that does not read is cut off rather than buffered for. */
const kUnsentBytesMax = 16 * 1024 * 1024;

/** As soon as a real node would notify of what it already knows. */
const kSettleMilliseconds = 20;

class Connection {
    readonly #socket: WebSocket;
    readonly #hub: Hub;
    readonly #dispatcher: Dispatcher;
    readonly #subscriptions = new Set<number>();

    constructor(socket: WebSocket, hub: Hub, dispatcher: Dispatcher) {
        this.#socket = socket;
        this.#hub = hub;
        this.#dispatcher = dispatcher;
        socket.on('message', (data, is_binary) => this.#receive(data as Buffer, is_binary));
        socket.on('close', () => this.#close());
        // A broken connection ends with 'close'; its reason interests nobody.
        socket.on('error', () => socket.terminate());
    }

    #send(value: Json): void {
        if (this.#socket.readyState !== WebSocket.OPEN) {
            return;
        }
        if (this.#socket.bufferedAmount > kUnsentBytesMax) {
            this.#socket.close(1013, 'the client does not read fast enough');
            return;
        }
        this.#socket.send(serialize_json(value));
    }

    #receive(data: Buffer, is_binary: boolean): void {
        let value: Json;
        try {
            if (is_binary) {
                throw new RpcError(kParseError, 'Parse error: expected text');
            }
            value = parse_json(data.toString('utf8'));
        } catch {
            this.#send(error_answer(null, new RpcError(kParseError, 'Parse error')));
            return;
        }
        if (Array.isArray(value)) {
            this.#batch(value as readonly Json[]);
        } else {
            this.#one(value);
        }
    }

    #batch(values: readonly Json[]): void {
        if (values.length === 0) {
            this.#send(
                error_answer(null, new RpcError(kInvalidRequest, 'Invalid request: empty batch')),
            );
        }
        for (const value of values) {
            this.#one(value);
        }
    }

    #one(value: Json): void {
        let request: RpcRequest;
        try {
            request = read_request(value);
        } catch (error) {
            this.#send(error_answer(null, this.#dispatcher.to_rpc_error(error, '?')));
            return;
        }
        try {
            this.#handle(request);
        } catch (error) {
            this.#send(
                error_answer(request.id, this.#dispatcher.to_rpc_error(error, request.method)),
            );
        }
    }

    #handle(request: RpcRequest): void {
        const { method } = request;
        const args = new Args(request.params);
        if (Object.hasOwn(kSubscribe, method)) {
            this.#subscribe(request, args);
            return;
        }
        if (Object.hasOwn(kUnsubscribe, method)) {
            args.at_most(1);
            const id = to_count(args.required(0, 'subscription'), 'subscription');
            const known =
                this.#subscriptions.has(id) && this.#hub.remove(id, kUnsubscribe[method]!);
            this.#subscriptions.delete(id);
            if (!known) {
                throw invalid_params('Invalid subscription id.');
            }
            this.#send(result_json(request.id, true));
            return;
        }
        throw new RpcError(kMethodNotFound, 'Method not found');
    }

    #subscribe(request: RpcRequest, args: Args): void {
        const interest = kSubscribe[request.method]!(args);
        if (
            this.#subscriptions.size >= kSubscriptionsPerConnectionMax ||
            this.#hub.size >= kSubscriptionsMax
        ) {
            throw new RpcError(
                kInvalidRequest,
                `Too many subscriptions: at most ${kSubscriptionsPerConnectionMax} for a connection`,
            );
        }
        const id = this.#hub.add(interest, (method, subscription, result) => {
            this.#send({ jsonrpc: '2.0', method, params: { result, subscription } });
            const { kind } = interest;
            if (kind === 'signature' && (result as { value: Json }).value !== 'receivedSignature') {
                this.#subscriptions.delete(subscription);
            }
        });
        this.#subscriptions.add(id);
        this.#send(result_json(request.id, id));
        // The outcome of a known signature must not share a packet with the answer: clients start
        // to listen for a subscription only once they have its number.
        setTimeout(() => this.#hub.settle(id), kSettleMilliseconds);
    }

    #close(): void {
        for (const id of this.#subscriptions) {
            this.#hub.forget(id);
        }
        this.#subscriptions.clear();
    }
}

export class SubscriptionServer {
    readonly #server = new WebSocketServer({
        noServer: true,
        maxPayload: kMessageSizeMax,
        perMessageDeflate: false,
    });
    readonly #guard: Guard;

    constructor(hub: Hub, dispatcher: Dispatcher, guard: Guard) {
        this.#guard = guard;
        this.#server.on('connection', (socket) => new Connection(socket, hub, dispatcher));
    }

    /** Takes over the upgrades of an HTTP server. */
    attach(server: Server): void {
        server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    }

    #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
        const refusal = this.#guard.refusal(request);
        const full = this.#server.clients.size >= kConnectionsMax;
        if (refusal !== null || full) {
            const status = full ? '503 Service Unavailable' : '403 Forbidden';
            socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
            return;
        }
        this.#server.handleUpgrade(request, socket, head, (client) => {
            this.#server.emit('connection', client, request);
        });
    }

    /** Ends every connection: the chain goes away. */
    close(): void {
        for (const client of this.#server.clients) {
            client.close(1001, 'the chain is shutting down');
        }
        this.#server.close();
    }

    /** Does not wait for clients that do not answer. */
    terminate(): void {
        for (const client of this.#server.clients) {
            client.terminate();
        }
    }
}
