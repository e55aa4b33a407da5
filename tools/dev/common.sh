# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the commands and steps of ./dev share. Sourced from the repository root, never executed.

LOG_DIR=build/logs
JOBS=${JOBS:-$(nproc)}
export JOBS

# shellcheck disable=SC2034  # not every user of this file uses every colour
if [[ -t 2 ]]; then
    BOLD=$'\e[1m' RED=$'\e[31m' GREEN=$'\e[32m' DIM=$'\e[2m' PLAIN=$'\e[0m' CLEAR=$'\r\e[K'
else
    # shellcheck disable=SC2034
    BOLD='' RED='' GREEN='' DIM='' PLAIN='' CLEAR=''
fi

# say <text>: one line of progress. Always on stderr, so that stdout can carry results.
say() { printf '%s\n' "$*" >&2; }

# die <text>: say what is wrong and what to do, and stop.
die() {
    say "${RED}error:${PLAIN} $*"
    exit 1
}

# elapsed <start>: seconds since <start> (a value of $SECONDS), as "1m05s".
elapsed() {
    local seconds=$((SECONDS - $1))
    if ((seconds < 60)); then printf '%ds' "$seconds"; else
        printf '%dm%02ds' $((seconds / 60)) $((seconds % 60))
    fi
}

# watch_step <pid> <name> <log> <start>: show that a step is alive: in a terminal a line that
# moves, otherwise one line a minute.
watch_step() {
    local pid=$1 name=$2 log=$3 start=$4 said=$SECONDS
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.2
        if [[ -t 2 ]]; then
            printf '%s  %-24s %7s  %s%s%s' "$CLEAR" "$name" "$(elapsed "$start")" "$DIM" \
                "$(tail -n 1 "$log" 2>/dev/null | tr -cd '[:print:]' | cut -c1-60)" "$PLAIN" >&2
        elif ((SECONDS - said >= 60)); then
            said=$SECONDS
            say "  $name: still running after $(elapsed "$start"):" \
                "$(tail -n 1 "$log" | tr -cd '[:print:]' | cut -c1-80)"
        fi
    done
}

# run_step <name> <command...>: run one step with its output in a log and a line of progress
# around it. On failure the end of the log is shown. Returns the step's status.
run_step() {
    local name=$1 start=$SECONDS status=0 log=$LOG_DIR/$1.log pid
    shift
    mkdir -p "$LOG_DIR"
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    # shellcheck disable=SC2064
    trap "kill $pid 2>/dev/null; exit 130" INT TERM
    watch_step "$pid" "$name" "$log" "$start"
    wait "$pid" || status=$?
    trap - INT TERM
    if ((status == 0)); then
        say "${CLEAR}${GREEN}ok${PLAIN}    $(printf '%-24s %7s' "$name" "$(elapsed "$start")")"
    else
        say "${CLEAR}${RED}FAIL${PLAIN}  $(printf '%-24s %7s' "$name" "$(elapsed "$start")")"
        tail -n "${FAILURE_LINES:-40}" "$log" | sed 's/^/      | /' >&2
        say "      whole log: $log"
    fi
    return "$status"
}

# steps_in <folder>: the step scripts of a folder, in order. A step is any executable file named
# NN-name; adding a file adds the step.
steps_in() {
    find "$1" -maxdepth 1 -type f -name '[0-9][0-9]-*' -perm -u+x | sort
}

# step_name <path>: "tools/dev/test.d/20-native" -> "native".
step_name() {
    local name=${1##*/}
    printf '%s' "${name#[0-9][0-9]-}"
}

# choose_steps <folder> <name...>: the named steps of a folder, or all of them, one path a line.
choose_steps() {
    local folder=$1 name path
    shift
    if (($# == 0)); then
        steps_in "$folder"
        return
    fi
    for name in "$@"; do
        path=$(steps_in "$folder" | grep -E "/[0-9][0-9]-${name//[^a-z0-9-]/}\$") ||
            die "no step '$name' in $folder. Steps: $(list_steps "$folder" | tr '\n' ' ')"
        printf '%s\n' "$path"
    done
}

list_steps() {
    local path
    for path in $(steps_in "$1"); do
        step_name "$path"
        echo
    done
}

# report_counts <passed> <failed> [<skipped>]: called by a step that ran many tests, so that the
# closing line counts them; a step that does not call it counts as one.
report_counts() {
    printf '%d %d %d\n' "$1" "$2" "${3:-0}" >>"${STEP_COUNTS:-/dev/null}"
}

# npm_projects: the folders with an npm lockfile, one a line.
npm_projects() {
    find . -name package-lock.json -not -path '*/node_modules/*' -not -path './build/*' \
        -printf '%h\n' | sort
}

# pinned_node: the node that devnet's lockfile pins; Debian's own is too old for its packages.
pinned_node() {
    local node
    for node in devnet/node_modules/.bin/node devnet/node_modules/node-linux-*/bin/node; do
        if [[ -x $node ]] && "$node" --version >/dev/null 2>&1; then
            readlink -f "$node"
            return
        fi
    done
    die "the pinned node is not installed; run ./dev setup"
}

# source_files: every file of the repository, tracked or new, that git does not ignore.
source_files() { git ls-files --cached --others --exclude-standard -- "$@"; }
