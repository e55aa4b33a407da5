# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Building and running libFuzzer targets. A fuzzer is declared with latchkey_fuzzer(<name> SOURCES
# x_fuzz.cpp) and keeps its corpus in <folder>/corpus/<name>, <folder> being where it is declared.

# build_fuzzers <build folder> [cmake option...]: those that LONG_FUZZERS names, or all.
build_fuzzers() {
    local folder=$1
    shift
    cmake --preset fuzz -B "$folder" "$@"
    # shellcheck disable=SC2086  # a list of targets
    cmake --build "$folder" --parallel "$JOBS" --target ${LONG_FUZZERS:-fuzzers}
}

fuzzers_in() { find "$1/fuzz" -maxdepth 1 -type f -perm -u+x -printf '%f\n' 2>/dev/null | sort; }

# fuzzer_list_file <name>: the CMakeLists.txt that declares a fuzzer.
fuzzer_list_file() {
    grep -rlE --include=CMakeLists.txt --exclude-dir=build --exclude-dir=node_modules \
        "latchkey_fuzzer\\($1\\b" . | head -n 1 | sed 's|^\./||'
}

corpus_of() { printf '%s/corpus/%s' "$(dirname "$(fuzzer_list_file "$1")")" "$1"; }

# fuzz_one <name>: fuzzes for LONG_SECONDS in a working copy of the corpus, then keeps what adds
# coverage. Appends its row to RESULT_FILE and adds to FUZZ_EXECUTIONS. A crash leaves its input in
# build/fuzz/crashes and returns 1.
fuzz_one() {
    local name=$1 corpus work log executions coverage status=0
    corpus=$(corpus_of "$name")
    work=build/fuzz/work/$name
    log=$LOG_DIR/fuzz-$name.log
    mkdir -p "$corpus" "$work" build/fuzz/crashes "$LOG_DIR"
    echo "fuzzing $name for ${LONG_SECONDS}s"
    # All cores share the working corpus; -fork keeps going when one input is slow.
    "build/fuzz/fuzz/$name" -fork="$JOBS" -max_total_time="$LONG_SECONDS" -rss_limit_mb=4096 \
        -timeout=20 -artifact_prefix="build/fuzz/crashes/$name-" -print_final_stats=1 \
        "$work" "$corpus" >"$log" 2>&1 || status=1
    executions=$(grep -oP '^#\K[0-9]+(?=:)' "$log" | tail -n 1)
    executions=${executions:-0}
    FUZZ_EXECUTIONS=$((${FUZZ_EXECUTIONS:-0} + executions))
    "build/fuzz/fuzz/$name" -merge=1 -rss_limit_mb=4096 "$corpus" "$work" >>"$log" 2>&1 || status=1
    coverage=$(fuzz_coverage "$name") || status=1
    printf '| %s | %d | %d | %d | %s |\n' "$name" "$executions" $((executions / LONG_SECONDS)) \
        "$(find "$corpus" -type f | wc -l)" "$coverage" >>"$RESULT_FILE"
    ((status == 0)) || tail -n 30 "$log"
    return "$status"
}

# fuzz_coverage <name>: the share of lines that the corpus reaches in the code under test, as
# "97.1 % of 412". The code under test is named by the fuzzer's lines `// Covers: <path> ...` (a
# folder ends in '/'), or by default x.cpp and x.hpp for x_fuzz.cpp.
fuzz_coverage() {
    local name=$1 source raw covers
    source=$(fuzz_source "$name")
    raw=build/fuzz-coverage/$name
    covers=$(sed -n 's|^// Covers: ||p' "$source")
    covers=${covers:-${source%_fuzz.cpp}.cpp ${source%_fuzz.cpp}.hpp}
    LLVM_PROFILE_FILE=$raw.profraw "build/fuzz-coverage/fuzz/$name" -runs=0 "$(corpus_of "$name")" \
        >/dev/null 2>&1
    llvm-profdata-19 merge -sparse "$raw.profraw" -o "$raw.profdata"
    # shellcheck disable=SC2086  # a list of paths
    llvm-cov-19 export -summary-only -instr-profile="$raw.profdata" \
        "build/fuzz-coverage/fuzz/$name" | node tools/dev/long/coverage.mjs $covers
}

# fuzz_source <name>: the x_fuzz.cpp of a fuzzer, read from its declaration.
fuzz_source() {
    local list
    list=$(fuzzer_list_file "$1")
    printf '%s/%s' "$(dirname "$list")" \
        "$(tr '\n' ' ' <"$list" | grep -oP "latchkey_fuzzer\\($1\\b[^)]*?\\K[\\w/]+_fuzz\\.cpp" |
            head -n 1)"
}
