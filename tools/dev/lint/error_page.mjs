// SPDX-License-Identifier: Apache-2.0
// docs/errors.md, rendered from the X-macro tables of the libraries' error codes. Run as a program
// it writes the page.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

export const kErrorTables = 'core/base/error_codes/';
export const kErrorPage = 'docs/errors.md';

// Rows of one table: X(kName, number, "sentence").
export function library_errors(text) {
    return [...text.matchAll(/^X\(k(\w+),\s*(\d+),\s*((?:"[^"]*"\s*)+)\)/gm)].map((match) => ({
        name: match[1],
        number: Number(match[2]),
        message: [...match[3].matchAll(/"([^"]*)"/g)].map((part) => part[1]).join(''),
    }));
}

function render_table(text) {
    const [, numbers, library] = text.match(/^\/\/ (\d+-\d+): (.*?)\. X\(/m);
    const rows = library_errors(text)
        .sort((a, b) => a.number - b.number)
        .map(({ name, number, message }) => `| ${number} | \`${name}\` | ${message} |`);
    return ['', `## ${numbers}: ${library}`, '', '| number | name | meaning |', '|---:|---|---|',
        ...rows, ''].join('\n');
}

// render_error_page(tables): the page for the texts of all tables, in the order of their numbers.
export function render_error_page(tables) {
    const sections = tables
        .filter((text) => library_errors(text).length > 0)
        .sort((a, b) => library_errors(a)[0].number - library_errors(b)[0].number)
        .map(render_table);
    return `# Errors of the libraries and the command line

Numbers and names are stable for ever. What the Solana program answers is a list of its own:
[spec/errors.md](spec/errors.md). This page is written by \`tools/dev/error-page\` from the tables
in \`${kErrorTables}\`.
${sections.join('')}`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
    const paths = readdirSync(kErrorTables).map((name) => kErrorTables + name);
    writeFileSync(kErrorPage, render_error_page(paths.map((path) => readFileSync(path, 'utf8'))));
}
