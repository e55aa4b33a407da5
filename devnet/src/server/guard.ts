// SPDX-License-Identifier: Apache-2.0
//
// Who may talk to the chain. A web page anywhere can send requests to localhost, and with a DNS
// name it controls (rebinding) even read the answers. So a request must name this machine in its
// Host header, and one that comes from a page must come from a page of this machine or an allowed
// one.

import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

export interface GuardOptions {
    /** Further host names (without port) to answer to. */
    readonly hosts: readonly string[];
    /** Further origins (scheme://host[:port]) whose pages may connect; `*` for all. */
    readonly origins: readonly string[];
}

function is_loopback(host: string): boolean {
    return (
        host === 'localhost' ||
        host.endsWith('.localhost') ||
        host === '::1' ||
        /^127\.[0-9]+\.[0-9]+\.[0-9]+$/.test(host)
    );
}

/** The host of `host[:port]` or `[v6][:port]`, lower case; null when malformed. */
export function host_name(header: string): string | null {
    const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9_.-]+))(?::[0-9]{1,5})?$/.exec(header);
    const name = match?.[1] ?? match?.[2];
    return name === undefined ? null : name.toLowerCase().replace(/\.$/, '');
}

export class Guard {
    readonly #options: GuardOptions;

    constructor(options: GuardOptions) {
        this.#options = options;
    }

    /** An address cannot be rebound, so every literal one is fine. */
    #host_is_allowed(host: string): boolean {
        return is_loopback(host) || isIP(host) !== 0 || this.#options.hosts.includes(host);
    }

    #origin_is_allowed(origin: string): boolean {
        if (this.#options.origins.includes('*') || this.#options.origins.includes(origin)) {
            return true;
        }
        try {
            const url = new URL(origin);
            const name = host_name(url.host);
            return /^https?:$/.test(url.protocol) && name !== null && is_loopback(name);
        } catch {
            return false;
        }
    }

    /** Why a request is refused; null when it is fine. */
    refusal(request: IncomingMessage): string | null {
        const host = host_name(request.headers.host ?? '');
        if (host === null || !this.#host_is_allowed(host)) {
            return 'this host name is not allowed: use localhost or an address, or start with --allow-host';
        }
        const origin = request.headers.origin;
        if (origin !== undefined && !this.#origin_is_allowed(origin)) {
            return 'this origin is not allowed: start with --allow-origin';
        }
        return null;
    }
}
