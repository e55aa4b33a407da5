// SPDX-License-Identifier: Apache-2.0
//
// The real Solana VM behind a pipe, for native test programs: reads requests from standard input,
// answers each in order on standard output, ends when the input does. README.md has the protocol.

import { answer, create_host } from './host/dispatch.ts';
import { read_frame, write_frame } from './host/framing.ts';
import type { Json } from './wire/json.ts';

const kStandardInput = 0;
const kStandardOutput = 1;

const host = create_host();
for (;;) {
    const body = read_frame(kStandardInput);
    if (body === null) {
        break;
    }
    let request: Json;
    try {
        request = JSON.parse(body) as Json;
    } catch (error) {
        write_frame(
            kStandardOutput,
            JSON.stringify({ error: `not JSON: ${(error as Error).message}` }),
        );
        continue;
    }
    write_frame(kStandardOutput, JSON.stringify(await answer(host, request)));
}
