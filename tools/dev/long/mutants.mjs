// SPDX-License-Identifier: Apache-2.0
// Finds the checks in C++ sources and removes them one at a time. A check is
//   if (...) { return <refusal>; }                        the return is removed
//   return <condition> ? Verdict::kAccepted : <refusal>;  the refusal becomes kAccepted
// where <refusal> is a Verdict other than kAccepted, `bad`, nullptr or false.

const kRefusal = 'Verdict::k(?!Accepted\\b)\\w+|bad|nullptr|false';
const kGuardedReturn = new RegExp(`\\{\\s*(return (?:${kRefusal});)\\s*\\}`, 'g');
const kChoice = /\breturn\b[^;{}]*\?\s*Verdict::kAccepted\s*:\s*(Verdict::k(?!Accepted\b)\w+);/g;
const kChoiceReversed =
    /\breturn\b[^;{}]*\?\s*(Verdict::k(?!Accepted\b)\w+)\s*:\s*Verdict::kAccepted;/g;

function line_at(text, index) {
    return text.slice(0, index).split('\n').length;
}

// What stands on the line of the check's condition, to recognise the check by.
function description(text, index) {
    const before = text.slice(0, index);
    const start = Math.max(before.lastIndexOf('if ('), before.lastIndexOf('return '));
    return text.slice(start, index).replace(/\s+/g, ' ').trim();
}

// mutants_of(path, text): every mutant, as {path, line, check, text}.
export function mutants_of(path, text) {
    const found = [];
    const add = (match, replacement) => {
        const from = match.index + match[0].lastIndexOf(match[1]);
        found.push({
            path,
            line: line_at(text, from),
            check: `${description(text, from)} ${match[1]}`.replace(/^return (.*) return/, '$1'),
            text: text.slice(0, from) + replacement + text.slice(from + match[1].length),
        });
    };
    for (const match of text.matchAll(kGuardedReturn)) add(match, '');
    for (const match of text.matchAll(kChoice)) add(match, 'Verdict::kAccepted');
    for (const match of text.matchAll(kChoiceReversed)) add(match, 'Verdict::kAccepted');
    return found.sort((a, b) => a.line - b.line);
}
