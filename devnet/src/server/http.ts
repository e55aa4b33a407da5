// SPDX-License-Identifier: Apache-2.0
//
// JSON-RPC over HTTP POST, and `GET /health` as a real node has it.

import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';

import type { Dispatcher } from '../rpc/dispatch.ts';
import type { Guard } from './guard.ts';

/** Room for an account of 3 MiB in base64; a transaction needs 6 KB. */
export const kBodySizeMax = 4 * 1024 * 1024;
const kConnectionsMax = 1024;
const kRequestTimeoutMilliseconds = 30_000;
const kHeadersTimeoutMilliseconds = 10_000;

class HttpError extends Error {
    readonly status: number;

    constructor(status: number, message: string) {
        super(message);
        this.status = status;
    }
}

async function read_body(request: IncomingMessage): Promise<string> {
    const too_large = new HttpError(413, `a request may have at most ${kBodySizeMax} bytes`);
    if (Number(request.headers['content-length'] ?? 0) > kBodySizeMax) {
        throw too_large;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of request) {
        const bytes = chunk as Buffer;
        size += bytes.length;
        if (size > kBodySizeMax) {
            throw too_large;
        }
        chunks.push(bytes);
    }
    return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
    response.end(body);
}

function allow_origin(request: IncomingMessage, response: ServerResponse): void {
    const { origin } = request.headers;
    if (origin !== undefined) {
        response.setHeader('access-control-allow-origin', origin);
        response.setHeader('vary', 'origin');
    }
}

async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    dispatcher: Dispatcher,
    guard: Guard,
): Promise<void> {
    const refusal = guard.refusal(request);
    if (refusal !== null) {
        throw new HttpError(403, refusal);
    }
    allow_origin(request, response);
    if (request.method === 'OPTIONS') {
        response.writeHead(204, {
            'access-control-allow-methods': 'POST, GET',
            'access-control-allow-headers':
                request.headers['access-control-request-headers'] ?? 'content-type',
            'access-control-max-age': '600',
        });
        response.end();
        return;
    }
    if (request.method === 'GET' && request.url === '/health') {
        send(response, 200, 'text/plain', 'ok');
        return;
    }
    if (request.method !== 'POST') {
        response.setHeader('allow', 'POST, OPTIONS');
        throw new HttpError(405, 'Used HTTP Method is not allowed. POST or OPTIONS is required');
    }
    // A page may send text/plain to anywhere without asking; JSON makes its browser ask first.
    if (!/^application\/json(;|$)/i.test(request.headers['content-type'] ?? '')) {
        throw new HttpError(
            415,
            'Supplied content type is not allowed. Content-Type: application/json is required',
        );
    }
    const answer = await dispatcher.answer(await read_body(request));
    send(response, 200, 'application/json; charset=utf-8', answer);
}

export function create_http_server(dispatcher: Dispatcher, guard: Guard): Server {
    const server = createServer((request, response) => {
        handle(request, response, dispatcher, guard).catch((error: unknown) => {
            const status = error instanceof HttpError ? error.status : 500;
            const message = error instanceof HttpError ? error.message : 'internal error';
            if (response.headersSent) {
                response.destroy();
                return;
            }
            // The rest of a refused body is not read: the connection ends with the answer.
            response.setHeader('connection', 'close');
            send(response, status, 'text/plain; charset=utf-8', `${message}\n`);
        });
    });
    server.maxConnections = kConnectionsMax;
    server.requestTimeout = kRequestTimeoutMilliseconds;
    server.headersTimeout = kHeadersTimeoutMilliseconds;
    return server;
}
