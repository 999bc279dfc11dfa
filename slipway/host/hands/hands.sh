# The hands of a resident: one process that stays, for what would cost one each time (hands.py).
# Where this host has no Python of its own, or they are lost, we start programs: slower, and the same.
# Descriptors: 3 asks them, 4 hears them.
# shellcheck shell=sh

tab='	'
BY_HAND=3500 # bytes in a request: every pipe takes them at once, or not at all

start_hands() { # in the resident itself, so that they stay; those that were lost are replaced
    [ -z "$hands" ] || [ ! -e "/proc/$hands/exe" ] || return 0
    hands=''
    for _python in /usr/bin/python3 /usr/libexec/platform-python ''; do
        [ ! -x "$_python" ] || break
    done
    [ -n "$_python" ] && make_pipe || return 0
    # Open for both: nobody is ever killed for writing to hands that are gone.
    exec 3<>/proc/self/fd/8
    make_pipe || return 0
    exec 4</proc/self/fd/8 5>/proc/self/fd/8 8<&-
    # shellcheck disable=SC2154
    "$_python" -I -S -c "$hands_program" </proc/self/fd/3 >&5 2>/dev/null 3>&- 4<&- 5>&- &
    hands=$!
    exec 5>&-
    # A Python that cannot do it is told by its end.
    read -r _hello <&4 && [ "$_hello" = hands ] || hands=''
}

make_pipe() { # its other end is descriptor 8
    # Shells pass a short text by a pipe: one that needs no process to make it, and has no name.
    exec 8<<PIPE

PIPE
    [ -p /proc/self/fd/8 ] && { true 5>/proc/self/fd/8; } 2>/dev/null && read -r _ <&8
}

hand() { # VERB WORD…: let them do it; what they say is in $heard
    # Fails where there are none, and where they could not: then a program is to try.
    heard=''
    [ -n "$hands" ] || return 1
    _request=''
    for _word in "$@"; do _request=$_request$tab$_word; done
    [ ${#_request} -le "$BY_HAND" ] || return 1
    handed=$((handed + 1))
    printf '%s%s\n' "$turn.$handed" "$_request" >&3
    while IFS=' ' read -r _number _verdict heard <&4; do
        # To one that was killed in the middle nobody has listened.
        [ "$_number" = "$turn.$handed" ] || continue
        [ "$_verdict" = ok ]
        return
    done
    hands=''
    return 1
}

put_over() { # FROM TO
    hand rename "$1" "$2" || mv -f "$1" "$2"
}

drop() { # FILE…: whether it is there or not
    hand drop "$@" || rm -f "$@"
}

nap() { # MILLISECONDS
    hand pause "$1" || {
        as_seconds "$1"
        sleep "$seconds"
    }
}
