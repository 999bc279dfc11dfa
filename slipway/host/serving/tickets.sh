# Tickets: a step asked for twice runs once, and its result stays until it was read.
#
# For each ticket: ID.result (how it ended, exactly as it is told; before that, that it was begun, by
# whom, and whom to signal), ID.log (what it printed).
# For each chain: FIRST-ID.EPOCH.SEQUENCE.events, the story for those who join it later; beside it who
# writes it (.runner), and there that it is complete. Few files: making one costs more than writing it.
# shellcheck shell=sh

tickets=$root/.slipway/tickets

is_ticket() {
    case $1 in
        '' | -* | *[!0-9a-z-]*) return 1 ;;
    esac
}

read_birth() { # PID: into $birth, which with the pid is one process for ever; fails when it is gone
    birth=
    { read -r _stat <"/proc/$1/stat"; } 2>/dev/null || read_hidden "$1" || return 1
    # The name in brackets may hold anything; the state and the other fields come after the last ')'.
    # shellcheck disable=SC2086
    set -- ${_stat##*)}
    [ "$1" != Z ] || return 1
    shift 19
    birth=$1
}

read_hidden() { # PID: where /proc is mounted with hidepid, only root knows of others' processes
    [ -n "$sudo" ] && [ ! -e /proc/1/stat ] && _stat=$($sudo cat "/proc/$1/stat" 2>/dev/null)
}

read_self() { # our own number, into $self; $$ is our parent's in a subshell
    read_birth self && self=${_stat%% *} self_birth=$birth
}

is_alive() { # PID BIRTH BOOT
    [ "$3" = "$boot" ] && read_birth "$1" && [ "$birth" = "$2" ]
}

read_boot() {
    read -r boot </proc/sys/kernel/random/boot_id
}

make_root() { # as it is made where the program is kept: a question may come before that
    [ -d "$root" ] || mkdir -p "$root" 2>/dev/null || {
        [ -n "$sudo" ] && $sudo mkdir -p "$root" && $sudo chown "$(id -u):$(id -g)" "$root"
    }
}

make_folders() {
    # What scripts print is nobody's but ours to read.
    [ -d "$tickets" ] && [ -d "$home/receipts" ] ||
        { make_root && mkdir -p "$root/.slipway" "$home/receipts" &&
            { mkdir -m 700 "$tickets" || [ -d "$tickets" ]; }; } 2>/dev/null || {
            guard
            fail unmakable "$root"
        }
    guard
}

chain() { # start what is asked, or join it where it runs, and tell how it goes
    read_request
    read_head
    first=${request#*"${nl}ticket "}
    first=${first%%"$nl"*}
    is_ticket "$first" || exit 98
    make_folders
    read_boot
    claim
    events=$tickets/$first.$epoch.$sequence.events
    # It runs, or has ended with all its results: its story is told again from the start. A question
    # that came meanwhile does not end it.
    if is_overtaken || ! is_begun; then
        raise_fence chain || conclude "$late"
        begin_story
        [ -z "$is_resident" ] || {
            run_here
            return
        }
        start_runner
    fi
    exec 7>&-
    unclaim
    greet
    # What the instance was at its end is no news any more.
    [ "$_end" != end ] || echo again
    # tail wakes at once where there is inotify; --pid ends it should the runner be killed.
    exec tail -c +1 -s 0.1 -f --pid="$runner" "$events"
}

is_begun() { # by a runner that lives, or has ended with all its results
    [ -f "$events.runner" ] && {
        read -r runner birth_then boot_then
        read -r _end
    } <"$events.runner"
    is_number "$runner" && { [ "$_end" = end ] || is_alive "$runner" "$birth_then" "$boot_then"; }
}

begin_story() {
    # Another runner of the same claim may have died: its followers keep the old file.
    [ ! -e "$events" ] && [ ! -e "$events.runner" ] || drop "$events" "$events.runner"
    # `:` and exec are special: a failing redirection would end the shell without a word.
    true >"$events" || fail unwritable "$root"
    exec 7>>"$events"
}

note_runner() { # PID, of which $birth was read
    printf '%s %s %s\n' "$1" "${birth:-0}" "$boot" >"$events.runner" ||
        fail unwritable "$root"
}

start_runner() {
    # Not our own child: tail is to take our place, and would keep a killed runner as a zombie,
    # which looks alive.
    runner=$(
        setsid sh "$program" "$root" "$become" run-chain "$events" >/dev/null 2>&1 8<&- <<REQUEST &
${request}end
REQUEST
        echo $!
    )
    read_birth "$runner" || birth=0
    note_runner "$runner"
}

has_ended() { # TICKET: then also $code, and the $length of its output
    [ -s "$tickets/$1.result" ] &&
        read -r _word _ code _ _ _interrupted _ length <"$tickets/$1.result" && [ "$_word" = result ]
}

is_body_alive() { # TICKET: $pid is to be signalled
    boot_then=''
    [ -f "$tickets/$1.result" ] &&
        read -r _word pid birth_then boot_then runner_then runner_birth <"$tickets/$1.result" &&
        [ "$_word" = begun ] && is_alive "$pid" "$birth_then" "$boot_then"
}

end_group() { # SIGNAL PID: the script and what it has started; by sudo it leads no group of its own
    # Without `--`, which the kill of some shells does not know.
    signal "-$1" "-$2" || signal "-$1" "$2"
}

signal() { # as kill; what another user runs for us only root may end
    kill "$@" 2>/dev/null || { [ -n "$sudo" ] && $sudo kill "$@" 2>/dev/null; }
}

output() { # TICKET RUNNER: what it prints, as it prints it; no more than the first piece that is kept
    is_ticket "$1" && is_number "$2" || exit 98
    # It is made by the first that is printed.
    [ ! -f "$tickets/$1.result" ] || true >>"$tickets/$1.log"
    exec tail -c +1 -s 0.1 -f --pid="$2" "$tickets/$1.log"
}

forget() { # the results were written down; tickets come one a line
    read_request
    [ -d "$tickets" ] || conclude ''
    set --
    by_lines
    for id in $request; do
        by_words
        is_ticket "$id" || exit 98
        set -- "$@" "$id"
    done
    hand forget "$tickets" "$@" || forget_without "$@"
    leave_if_last
    conclude ''
}

forget_without() { # TICKET…
    for id in "$@"; do
        shift
        set -- "$@" "$tickets/$id".*
    done
    rm -f -- "$@"
}

leave_if_last() { # no service, no ticket and no package is left here: nor is anything else of ours
    for left in "$tickets"/* "$incoming"/* "$root"/*/releases "$root"/*/*/current; do
        [ ! -e "$left" ] && [ ! -L "$left" ] || return 0
    done
    # What comes at this moment makes a folder stay, and all the rest with it.
    for left in "$tickets" "$incoming"; do
        [ ! -d "$left" ] || rmdir "$left" 2>/dev/null || return 0
    done
    rm -f "$root/.slipway"/*.sh "$root/.slipway"/*.sh.*
    rmdir "$root/.slipway" 2>/dev/null
}
