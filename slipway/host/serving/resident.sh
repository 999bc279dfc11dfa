# The resident: one shell for a connection that is kept, which answers one request after the other.
# Our program is read once and not for each of them, and none of them needs a channel of its own.
#
# A request is a line `VERB ARGUMENT…` and what that verb reads; an answer ends with `served CODE`.
# shellcheck shell=sh

SERVED=96 # exit status: the end of the answer was told with the rest of it
served="served 0$nl"
ROOM=32768 # bytes that a pipe to the connection takes at least, though nobody reads it

serve() {
    unset TMOUT # a bash that has it would not wait for ever
    is_resident=1
    find_timeout
    while IFS= read -r asked; do
        [ "$asked" != chain ] || start_hands
        turn=$((turn + 1))
        # In a process of its own: nothing is left over for the next one, and it outlives us.
        (answer "$asked")
        _code=$?
        [ "$_code" -eq "$SERVED" ] || echo "served $_code"
    done
}

conclude() { # TEXT: the whole answer, or its end; to write it at once spares everybody work
    [ -n "$is_resident" ] || {
        printf '%s' "$hello$1"
        exit 0
    }
    printf '%s' "$hello$1$served"
    exit "$SERVED"
}

answer() { # VERB ARGUMENT…, in one line
    set -f
    # shellcheck disable=SC2086
    set -- $1
    by_words
    # What a removal has taken away is sent again: there are scripts of ours that need it.
    [ -f "$program" ] || exit 97
    case $1 in
        facts | observe | look | chain | forget) main "$@" ;;
        *) exit 98 ;;
    esac
}

run_here() { # be the runner: whatever becomes of the connection, or of our parent, this goes on
    read_self
    note_runner "$self"
    exec 6>&1 </dev/null >/dev/null 2>&1
    direct=$ROOM
    run_tickets
}

tell() { # TEXT: with what comes next, at the latest when something takes its time
    untold=$untold$1
}

tell_now() { # [END]: to the file for those who join, and to who has asked while nothing keeps us waiting
    [ -n "$untold" ] || return 0
    _told=$untold untold=''
    printf '%s' "$_told" >&7 || return
    has_room ${#_told} || return 0
    # Nobody may be there any more. What we start is to know nothing of that.
    trap '' PIPE
    if { printf '%s' "$hello$_told$1" >&6; } 2>/dev/null; then is_served=$1; else direct=''; fi
    hello=''
    trap - PIPE
}

tell_file() { # PATH SIZE
    tell_now
    cat "$1" >&7 || return
    has_room "$2" || return 0
    trap '' PIPE
    { greet && cat "$1"; } >&6 2>/dev/null || direct=''
    trap - PIPE
}

has_room() { # BYTES: to who has asked; who gets no more of the story here joins it elsewhere
    [ -n "$direct" ] || return 1
    direct=$((direct - $1))
    [ "$direct" -lt 0 ] || return 0
    direct=''
    trap '' PIPE
    { greet && echo elsewhere; } >&6 2>/dev/null
    trap - PIPE
    return 1
}
