# What a release holds: it keeps a list of what was unpacked (.slipway-files). What Python puts beside its
# files is no change. To look through a release is to ask for each of its files; that nothing changed is
# seen by nothing that costs less.
# shellcheck shell=sh

MOST_CHANGES=65536 # bytes of a list of changes that are read

list_files() { # RELEASE [COMMAND…]: what it holds, sorted; of folders not the time, which our links change
    # By COMMAND it may be ended half-way: to descriptor 5 goes a line that is of no file.
    (
        cd "$1" 2>/dev/null || exit 0
        shift
        {
            "$@" find . -mindepth 1 \( -path ./.slipway-package -o -path ./.slipway-readers -o \
                -path ./.slipway-files -o -path ./.slipway-looked -o -name __pycache__ -prune \) -o \
                -type d -printf '%P\t%m\0' -o -type l -printf '%P\t%l\0' -o -printf '%P\t%m %s %T@ %y\0' \
                2>/dev/null
            [ $? -lt 124 ] || [ $# -eq 0 ] || printf '%s\n' "$tab" >&5
        } | tr '\n\0' '?\n' | sort
    )
}

keep_list() { # RELEASE: 124 where that took too long, 73 where it could not be written
    rm -f "$1/.slipway-files" "$1/.slipway-looked"
    _cut=$(in_time list_files "$1" 5>&1 >"$1/.slipway-files")
    _ended=$?
    [ -z "$_cut" ] || _ended=124
    [ "$_ended" -eq 0 ] || {
        # Half a list would say less than none.
        rm -f "$1/.slipway-files"
        [ "$_ended" -eq 124 ] || _ended=73
        return "$_ended"
    }
    [ -f "$1/.slipway-files" ] && true >"$1/.slipway-looked" && chmod a-w "$1/.slipway-files" "$1/.slipway-looked"
}

keep_list_anew() { # RELEASE, after its own hook has prepared what is there
    [ ! -f "$1/.slipway-files" ] || alone_with "$1" relist "$1" 2>/dev/null ||
        say "What release $version holds could not be listed: what is edited there later is not seen."
}

relist() { # RELEASE
    _was_closed=''
    [ -w "$1" ] || _was_closed=1
    chmod u+w "$1" && keep_list "$1"
    _listing=$?
    [ -z "$_was_closed" ] || chmod a-w "$1" || return
    return "$_listing"
}

alone_with() { # RELEASE COMMAND…: of the instances that run the same one, each has a runner of its own
    handed=$((handed + 1)) # what is asked in there bears no number of a later request
    (
        turn=$turn.$handed handed=0
        flock 8
        shift
        "$@"
    ) 8<"$1"
}

list_changes() { # RELEASE [COMMAND…]: what was edited or taken away; what a service writes beside its files is its own
    # Of one without a list nothing is known.
    [ ! -f "$1/.slipway-files" ] || {
        list_files "$@" | comm -13 - "$1/.slipway-files" | head -c "$MOST_CHANGES"
    } 5>&1
}

is_intact() { # RELEASE: 124 where that was not seen in the time that is left
    ! hand unchanged "$1" || return 0
    _changed=$(in_time list_changes "$1")
    case $_changed in
        '') return 0 ;;
        "$tab" | "$tab$nl"*) return 124 ;;
        *) return 1 ;;
    esac
}

in_time() { # COMMAND…: for no longer than its step may take, where it is in one
    if [ -z "$deadline" ]; then
        "$@"
        return
    fi
    left_seconds
    case $1 in
        # One of our own is told what ends what it runs.
        list_*) "$@" timeout -k 1 "$seconds" ;;
        *) timeout -k 1 "$seconds" "$@" ;;
    esac
}

tell_overdue() { # VERSION
    say "Release $1 could not be looked through in the time that this step may take."
}
