// SPDX-License-Identifier: Apache-2.0
//
// The chain with its two ports: started, and stopped, as one.

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Logger } from './log.ts';
import { LocalNode } from './node.ts';
import type { Options } from './options.ts';
import { Dispatcher } from './rpc/dispatch.ts';
import { Guard } from './server/guard.ts';
import { create_http_server } from './server/http.ts';
import { SubscriptionServer } from './server/websocket.ts';
import { Hub } from './subscriptions/hub.ts';
import { address_text } from './wire/addresses.ts';
import { Keypair } from './wire/builder.ts';

const kFreePairAttempts = 50;
/** How long a stop waits for clients to end their connections. */
const kCloseGraceMilliseconds = 500;

function listen(server: Server, port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
            server.removeListener('error', reject);
            resolve((server.address() as AddressInfo).port);
        });
    });
}

function close(server: Server): Promise<void> {
    return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
    });
}

export interface Ready {
    readonly rpc_url: string;
    readonly ws_url: string;
    readonly programs: readonly { readonly address: string; readonly state: string }[];
}

export class Service {
    readonly node: LocalNode;
    readonly #options: Options;
    readonly #log: Logger;
    readonly #http: Server;
    readonly #ws: Server;
    readonly #subscriptions: SubscriptionServer;

    /** Opens the ledger. Throws with a reason for a person. */
    constructor(options: Options, log: Logger, on_fatal: (error: unknown) => void) {
        this.#options = options;
        this.#log = log;
        this.node = new LocalNode(
            {
                ledger: options.ledger,
                reset: options.reset,
                features: options.features,
                slot_milliseconds: options.slot_milliseconds,
                finality_slots: options.finality_slots,
                history_max: options.history_max,
                on_fatal,
            },
            log,
        );
        const guard = new Guard({ hosts: options.hosts, origins: options.origins });
        const dispatcher = new Dispatcher(this.node, log);
        this.#http = create_http_server(dispatcher, guard);
        this.#ws = create_http_server(dispatcher, guard);
        this.#subscriptions = new SubscriptionServer(new Hub(this.node.chain), dispatcher, guard);
        this.#subscriptions.attach(this.#http);
        this.#subscriptions.attach(this.#ws);
    }

    async #listen_on_pair(): Promise<{ port: number; ws_port: number }> {
        const { bind } = this.#options;
        for (let attempt = 1; ; attempt++) {
            const port = await listen(this.#http, this.#options.port, bind);
            try {
                const ws_port = await listen(this.#ws, this.#options.ws_port ?? port + 1, bind);
                return { port, ws_port };
            } catch (error) {
                await close(this.#http);
                // With --port 0 the system picked a port whose neighbour is taken: pick again.
                const retry = this.#options.port === 0 && this.#options.ws_port === null;
                if (!retry || attempt >= kFreePairAttempts) {
                    throw error;
                }
            }
        }
    }

    async #deploy(): Promise<Ready['programs']> {
        const authority = this.#options.upgrade_authority ?? this.node.chain.faucet.address;
        const programs: { address: string; state: string }[] = [];
        for (const option of this.#options.programs) {
            const state = await this.node.ensure_program(option, authority);
            const key = option.program instanceof Keypair ? option.program.address : option.program;
            programs.push({ address: address_text(key), state });
            this.#log.info('program', {
                address: address_text(key),
                state,
                bytes: option.elf.length,
            });
        }
        return programs;
    }

    /** Deploys the programs, opens the ports, starts the slots. */
    async start(): Promise<Ready> {
        try {
            const programs = await this.#deploy();
            const { port, ws_port } = await this.#listen_on_pair();
            this.node.start();
            const host = this.#options.bind.includes(':')
                ? `[${this.#options.bind}]`
                : this.#options.bind;
            return {
                rpc_url: `http://${host}:${port}`,
                ws_url: `ws://${host}:${ws_port}`,
                programs,
            };
        } catch (error) {
            this.node.stop();
            throw error;
        }
    }

    /** Answers what has arrived, ends the connections, writes the state down. */
    async stop(): Promise<void> {
        this.#subscriptions.close();
        const closed = Promise.all([close(this.#http), close(this.#ws)]);
        const grace = setTimeout(() => {
            this.#subscriptions.terminate();
            this.#http.closeAllConnections();
            this.#ws.closeAllConnections();
        }, kCloseGraceMilliseconds);
        await closed;
        clearTimeout(grace);
        this.node.stop();
    }
}
