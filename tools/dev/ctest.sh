# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0

# run_ctest <build folder> [ctest option...]: run the tests of one build folder and report how many
# passed and failed. No tests at all is a failure: a build that lost its tests must not look green.
run_ctest() {
    local folder=$1 report status=0 total failed skipped
    shift
    report=$PWD/$LOG_DIR/ctest-${folder//\//-}.xml
    mkdir -p "$LOG_DIR"
    rm -f "$report"
    ctest --test-dir "$folder" --parallel "$JOBS" --output-on-failure --no-tests=error \
        --output-junit "$report" "$@" || status=$?
    if [[ -f $report ]]; then
        total=$(grep -oPm1 '<testsuite [^>]*?tests="\K[0-9]+' "$report" || true)
        failed=$(tr '\n' ' ' <"$report" | grep -oP '<testsuite [^>]*?failures="\K[0-9]+' || true)
        skipped=$(tr '\n' ' ' <"$report" | grep -oP '<testsuite [^>]*?skipped="\K[0-9]+' || true)
        total=${total:-$(tr '\n' ' ' <"$report" | grep -oP '<testsuite [^>]*?tests="\K[0-9]+')}
        report_counts $((total - failed - skipped)) "$failed" "$skipped"
    fi
    return "$status"
}
