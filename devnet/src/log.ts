// SPDX-License-Identifier: Apache-2.0
//
// One line for each event, for people or (--json-log) for programs; on standard error, so that
// standard output holds nothing but the line that says the chain is ready.

import type { Json } from './wire/json.ts';
import { serialize_json } from './wire/json.ts';

export type LogFields = { readonly [name: string]: Json };

export interface Logger {
    info(event: string, fields?: LogFields): void;
    error(event: string, fields?: LogFields): void;
}

export type LogStyle = 'quiet' | 'text' | 'json';

function text_line(level: string, event: string, fields: LogFields): string {
    const details = Object.entries(fields).map(
        ([name, value]) => `${name}=${serialize_json(value)}`,
    );
    return [new Date().toISOString(), level, event, ...details].join(' ');
}

function json_line(level: string, event: string, fields: LogFields): string {
    return serialize_json({ time: new Date().toISOString(), level, event, ...fields });
}

/** `quiet` still reports errors. */
export function create_logger(
    style: LogStyle,
    write: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Logger {
    const format = style === 'json' ? json_line : text_line;
    return {
        info: (event, fields = {}) => {
            if (style !== 'quiet') {
                write(format('info', event, fields));
            }
        },
        error: (event, fields = {}) => write(format('error', event, fields)),
    };
}
