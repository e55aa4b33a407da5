// SPDX-License-Identifier: Apache-2.0
// Changes one comparison, connective or constant of C++ sources at a time. Comments, preprocessor
// lines, static_asserts and tables of bytes are left alone.

const kChanges = [
    [/ == /g, ' != '], [/ != /g, ' == '], [/ < /g, ' <= '], [/ <= /g, ' < '], [/ > /g, ' >= '],
    [/ >= /g, ' > '], [/ && /g, ' || '], [/ \|\| /g, ' && '], [/ \+ /g, ' - '], [/ - /g, ' + '],
    [/ & /g, ' | '], [/\+\+/g, '--'], [/ >> /g, ' << '], [/ \+= /g, ' -= '],
    // A number that is not part of a name, a byte of a table or a hex constant.
    [/(?<![\w.x'])\d+(?![\w.'x])/g, (number) => String(Number(number) + 1)],
];

function is_code(line) {
    return !/^\s*(\/\/|#|static_assert|0x|template|using|inline constexpr uint8_t)/.test(line) &&
        !/LATCHKEY_\w+\(|operator|asm|0x[0-9a-f]{2}, 0x/.test(line);
}

// operator_mutants_of(path, text): every mutant, as {path, line, check, text}.
export function operator_mutants_of(path, text) {
    const found = [];
    let offset = 0;
    for (const [index, line] of text.split('\n').entries()) {
        const code = line.replace(/\/\/.*$/, '');
        for (const [pattern, replacement] of is_code(line) ? kChanges : []) {
            for (const match of code.matchAll(pattern)) {
                const by = typeof replacement === 'string' ? replacement : replacement(match[0]);
                const at = offset + match.index;
                found.push({
                    path,
                    line: index + 1,
                    check: `${line.trim()}  [${match[0].trim()} becomes ${by.trim()}]`,
                    text: text.slice(0, at) + by + text.slice(at + match[0].length),
                });
            }
        }
        offset += line.length + 1;
    }
    return found;
}
