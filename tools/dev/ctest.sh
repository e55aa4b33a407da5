# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0

# run_ctest <build folder> [ctest option...]: run the tests of one build folder and report how many
# passed, failed and were skipped.
run_ctest() {
    local folder=$1 report status=0 total failed skipped
    shift
    report=$PWD/$LOG_DIR/ctest-${folder//\//-}.xml
    mkdir -p "$LOG_DIR"
    rm -f "$report"
    ctest --test-dir "$folder" --parallel "$JOBS" --output-on-failure \
        --output-junit "$report" "$@" | grep -vE '^ +Start +[0-9]|  Passed  ' || status=$?
    [[ -f $report ]] || return 1
    total=$(junit_count "$report" tests)
    failed=$(junit_count "$report" failures)
    skipped=$(junit_count "$report" skipped)
    report_counts $((total - failed - skipped)) "$failed" "$skipped"
    return "$status"
}

# junit_count <report> <attribute>: a count of the report's <testsuite>, whose attributes stand on
# lines of their own.
junit_count() {
    tr '\n' ' ' <"$1" | grep -oP "<testsuite [^>]*?\b$2=\"\K[0-9]+"
}
