# Running a package's own scripts: bounded in time and output, holding nothing of ours.
# shellcheck shell=sh

pump() { # LOG: keep the last pieces of what comes, and never stop reading
    # A daemon may have kept its end of the pipe: were nobody to read, it would hang or be killed.
    _kept=0
    true >>"$1"
    # Not created again by what comes when it was forgotten.
    while _story=$(dd bs=16k count=64 oflag=append conv=notrunc,nocreat of="$1" 2>&1); do
        count_records "$_story"
        [ "$_records" -eq 64 ] || exit 0
        [ "$_kept" -ge 1048576 ] || continue
        [ ! -e "$1.1" ] || mv -f "$1.1" "$1.2" || break
        mv -f "$1" "$1.1" && true >>"$1" || break
        _kept=0
    done
    exec cat >/dev/null
}

count_records() { # what dd tells: `3+14 records in`, the same `out`, `123456 bytes … copied`
    case $1 in
        dd:*) set -- "${1#*"$nl"}" ;; # a warning that a pipe gives little at once
    esac
    _records=${1%% *}
    _records=$((${_records%+*} + ${_records#*+}))
    _bytes=${1##*"$nl"}
    _kept=$((_kept + ${_bytes%% *}))
}

open_pipe() { # what the scripts of this ticket print goes there: descriptor 5
    [ -z "$pipe" ] || return 0
    if make_pipe; then
        exec 5>/proc/self/fd/8
    else # by a file, then
        [ -p "$log.pipe" ] || mkfifo -m 600 "$log.pipe" || return 73
        exec 8<>"$log.pipe" 5>"$log.pipe" 8<"$log.pipe"
    fi
    if hand pump "$self" "$log"; then
        pipe=hands
    else
        # By exec: what a shell closes for one command only, it keeps under another number meanwhile.
        (exec 3>&- 4<&- 5>&- 6>&- 7>&- 9>&- && pump "$log") <&8 >/dev/null 2>&1 8<&- &
        pipe=$!
    fi
    exec 8<&-
}

close_pipe() { # all that was printed is in the log; but a daemon that holds the pipe is not waited for
    [ -n "$pipe" ] || return 0
    exec 5>&-
    if [ "$pipe" = hands ]; then
        hand drain
        pipe=''
        return
    fi
    for _try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
        # A zombie has none either, and that is seen without reading how it is.
        [ -e "/proc/$pipe/exe" ] || break
        # Mostly it lacks but a moment on the CPU: let it have ours, before a process is started to sleep.
        if [ "$_try" -le 3 ]; then (:); else sleep 0.01; fi
    done
    pipe=''
}

run_script() { # WORDS FOLDER MS IDLE_MS MARK: returns its exit status, 124 when it took too long
    tell_now
    [ ! -e "$log.silent" ] || drop "$log.silent"
    read_uptime
    _ms=$3
    [ "$_ms" -gt 0 ] && [ "$_ms" -le $((deadline - uptime)) ] || _ms=$((deadline - uptime))
    _last=$((uptime + _ms))
    if start_by_hand "$1" "$2" "$5"; then
        body=$heard _wait=finish_by_hand
    else
        open_pipe || return
        as_seconds "$_ms"
        with_words "$1" launch "$2" "$seconds" "$5" \
            >&5 2>&1 </dev/null 3>&- 4<&- 5>&- 6>&- 7>&- 9>&- &
        body=$! _wait=wait
    fi
    ! read_birth "$body" || printf 'begun %s %s %s %s %s\n' "$body" "$birth" "$boot" "$self" "$self_birth" \
        >"$tickets/$id.result"
    start_watch "$body" "$4"
    "$_wait" "$body"
    _code=$?
    # It may not lead a group of its own yet.
    [ -z "$watch" ] || kill -TERM "-$watch" 2>/dev/null || kill -TERM "$watch" 2>/dev/null
    judge_script "$3" "$4" "$1" "$2"
}

start_by_hand() { # WORDS FOLDER MARK: in $_ms at most; its pid is in $heard
    [ -n "$hands" ] || return 1
    # Who is to be held apart has to go there before it is the script.
    [ -z "$3" ] || ! has_boot_unit || return 1
    [ -z "$user" ] || know_me
    [ -z "$user" ] || [ "$user" = "$me" ] || return 1
    case $1$environment_list in
        *"$tab"*) return 1 ;;
    esac
    _lines=$1${host_locale:+LC_ALL $host_locale$nl}${3:+SLIPWAY_RUNNING $3$nl}
    _lines="${_lines}SLIPWAY_TICKET $tickets/$id$nl$environment_list"
    set -- start "$2" "$log" "$_ms"
    by_lines
    for _word in $_lines; do set -- "$@" "$_word"; done
    by_words
    hand "$@"
}

finish_by_hand() { # PID: returns its exit status
    if hand finish "$1"; then return "$heard"; fi
    # They are lost, and with them how it ends; but not the time that it may take.
    while read_birth "$1"; do
        read_uptime
        if [ "$uptime" -ge "$_last" ]; then
            end_group TERM "$1"
            nap 10000
            end_group KILL "$1"
        fi
        nap 200
    done
    say "How it ended is not known."
    return 1
}

start_watch() { # PID IDLE_MS: end a script that has gone silent
    watch=''
    [ "$2" -gt 0 ] && [ "$2" -lt "$_ms" ] || return 0
    setsid sh "$program" "$root" "$become" watch-silence "$log" "$1" "$2" </dev/null >/dev/null 2>&1 \
        3>&- 4<&- 5>&- 6>&- 7>&- 9>&- &
    watch=$!
}

watch_silence() { # LOG PID IDLE_MS
    _tick=$(($3 / 8))
    [ "$_tick" -ge 50 ] || _tick=50
    [ "$_tick" -le 5000 ] || _tick=5000
    as_seconds "$_tick"
    _size='' _silent=0
    while sleep "$seconds"; do
        _before=$_size
        _size=$(wc -c "$1" "$1.1" 2>/dev/null)
        _silent=$((_silent + _tick))
        [ "$_size" = "$_before" ] || _silent=0
        [ "$_silent" -ge "$3" ] || continue
        true >"$1.silent"
        end_group TERM "$2"
        # Who leads the group passes that on; we are ended with the script.
        sleep 10
        end_group KILL "$2"
        return
    done
}

judge_script() { # MS IDLE_MS WORDS FOLDER
    read_uptime
    if [ -e "$log.silent" ]; then
        as_seconds "$2"
        say "It was ended: it printed nothing for $seconds s."
        _code=124
    elif [ "$_code" -eq 124 ] || { [ "$_code" -eq 137 ] && [ "$uptime" -ge "$_last" ]; }; then
        say "It was ended: it took longer than allowed."
        _code=124
    else
        tell_unstarted "$3" "$4"
        return "$_code"
    fi
    # What left the process group, by setsid, is found by its environment.
    kill_marked "SLIPWAY_TICKET=$tickets/$id"
    return "$_code"
}

run_hook() {
    [ "$hook" != drain ] || keep_undrain || return
    run_in_release || return
    case $hook in
        before_activate) keep_list_anew "$releases/$version" ;;
        after_activate) note_activated ;;
        undrain) drop "$home/.drained.$version" ;;
    esac
}

run_in_release() { # $words, in releases/$version
    is_name "$version" && [ -d "$releases/$version" ] || {
        say "There is no release $version here."
        return 66
    }
    is_down=''
    open_release "$user" && make_shared "$user" || return
    run_script "$words" "$releases/$version" "$hook_ms" "$idle_ms" ''
}
