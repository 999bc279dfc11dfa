# The runner of one chain: away from the connection that asked for it, one ticket after the other.
# Descriptors: 3 and 4 the hands, 6 who has asked, 7 the story for those who join, 9 the instance's lock,
# and 8 the claim, until something has begun.
# No body of a package inherits them.
# shellcheck shell=sh

IN_ONE_WRITE=2000 # bytes that every shell writes at once, and every file system keeps in one block

run_chain() { # EVENTS
    events=$1
    read_request
    read_head
    read_boot
    read_self
    direct=''
    run_tickets
}

run_tickets() {
    find_timeout
    # One runner per instance; the kernel frees the lock whatever becomes of us.
    exec 9<"$home/receipts"
    # Who waits for another does not keep questions waiting.
    [ -n "$claimed" ] && flock -n 9 || {
        unclaim
        flock 9
    }
    is_unbegun=is_late late=''
    forget_supervisor
    by_lines
    # shellcheck disable=SC2086
    set -- $request
    by_words
    while [ $# -gt 0 ]; do
        case $1 in
            "ticket "*) forget_step && id=${1#* } ;;
            run) perform || break ;;
            *) take_line "$1" ;;
        esac
        shift
    done
    unclaim
    [ -n "$late" ] || tell_seen
    # A story cut off by a full disk has no end: asked again, another runner tells it anew.
    tell "end$nl"
    tell_now "$served" && echo end >>"$events.runner"
    [ -z "$is_served" ] || exit "$SERVED"
}

perform() { # the current ticket; fails where the chain ends
    is_ticket "$id" || return 1
    log=$tickets/$id.log told=''
    if ! has_ended "$id"; then
        [ -z "$is_unbegun" ] || claim
        if "${is_unbegun:-is_overtaken}"; then
            tell "$late"
            return 1
        fi
        late=''
        run_ticket || return 1
    fi
    if [ -n "$told" ]; then
        tell "$told"
    else
        has_ended "$id" && tell_file "$tickets/$id.result" $((length + 200))
    fi
    [ "$code" -eq 0 ]
}

run_ticket() {
    said='' code=1 interrupted=0 stopped=${stopped:-}
    read_now
    started=$now
    if [ -f "$tickets/$id.result" ]; then
        # Begun, no result, and the lock was free: whoever ran it was lost half-way.
        is_unbegun=''
        unclaim
        end_leftovers
        interrupted=1 code=255
        say "The host lost this step half-way: it was restarted, or the runner was killed."
    elif ! note_begun 2>/dev/null; then
        tell_trouble "unwritable $root"
        return 1
    else
        begin
        deadline=$((uptime + timeout_ms))
        run_step
        code=$?
    fi
    read_now
    write_result || tell_trouble "unwritten $id $root"
}

tell_trouble() { # the chain cannot go on, and what it knows could not be written down
    tell "refused $1$nl"
    return 1
}

run_step() {
    case $step in
        hook | restart | start | stop | probe)
            load_environment
            add_told
            ;;
    esac
    case $step in
        receipt | switch | prune | undrain) ;; # over in a moment, or telling by themselves when they are not
        *) tell_now ;;
    esac
    case $step in
        switch | restart | start | stop | probe | remove)
            is_supervisor "$supervisor" || {
                say "This host program does not know the supervisor $supervisor."
                return 64
            }
            ;;
    esac
    case $step in
        unpack) unpack ;;
        hook) run_hook ;;
        switch) switch ;;
        restart) note_owed && "${supervisor}_restart" && note_started ;;
        start) note_owed && "${supervisor}_start" && note_started ;;
        stop) "${supervisor}_stop" && note_stopped ;;
        undrain) undrain ;;
        probe) probe_and_note ;;
        receipt) write_receipt ;;
        prune) prune ;;
        remove) remove_instance ;;
        *) say "This host program does not know the step $step." && return 64 ;;
    esac
}

add_told() { # what is done, by names that the release whose script runs has none of
    _own=$nl$environment_list
    by_lines
    for _told_line in $told_all; do
        case $_own in
            *"$nl${_told_line%% *} "*) ;;
            *) environment_list=$environment_list$_told_line$nl ;;
        esac
    done
    by_words
}

note_begun() { # by us; a script's own process takes that place
    printf 'by - - %s %s %s\n' "$boot" "$self" "$self_birth" >"$tickets/$id.result"
}

begin() { # the claim is free: from here on no question is in time to prevent it
    is_unbegun=''
    unclaim
    tell "begin $id $self$nl"
    case $step in
        switch | restart | start | stop | probe | remove) probed_pid='' health='' ;;
    esac
}

say() { # a sentence for the ticket's output
    said="$said$*$nl"
}

end_leftovers() { # of a body whose runner was killed
    if is_body_alive "$id"; then
        end_group TERM "$pid"
        await_gone 15000 "$pid"
        ! is_alive "$pid" "$birth_then" "$boot_then" || end_group KILL "$pid"
        await_gone 1000 "$pid"
    elif [ "$_word" != by ]; then
        return 0
    fi
    # What heard no TERM, and the script of one that was killed before it noted who that is.
    kill_marked "SLIPWAY_TICKET=$tickets/$id"
}

write_result() { # result ID CODE STARTED FINISHED INTERRUPTED TOTAL LENGTH, then that many bytes
    _part=$tickets/$id.part
    close_pipe
    if [ -s "$log" ] || [ -s "$log.1" ]; then
        write_long_result && secure "$_part" && put_over "$_part" "$tickets/$id.result"
        return
    fi
    told="result $id $code $started $now $interrupted ${#said} ${#said}$nl$said$nl"
    if [ ${#told} -le "$IN_ONE_WRITE" ]; then
        # Whole or empty, whatever becomes of us meanwhile: it need not be renamed.
        printf '%s' "$told" >"$tickets/$id.result" && secure "$tickets/$id.result" || {
            true >"$tickets/$id.result"
            return 1
        }
    else
        printf '%s' "$told" >"$_part" && secure "$_part" && put_over "$_part" "$tickets/$id.result"
    fi
} 2>/dev/null

secure() { # PATH: against a loss of power, where a second run would do harm
    # The rename alone outlives the death of any process. Our own steps may be done again; what the
    # package's scripts do may not, and one sync takes along what was written before it.
    case $step in
        hook | restart | start | stop) hand sync "$1" || sync "$1" ;;
        undrain) [ -z "$is_paid" ] || hand sync "$1" || sync "$1" ;;
    esac
}

write_long_result() { # what a script printed: its end, and how much there was
    _tail=$tickets/$id.tail
    _total=-1 # unknown: the beginning was left out
    [ -e "$log.1" ] || _total=$(($(wc -c <"$log") + ${#said}))
    if [ "$_total" -ge 0 ] && [ "$_total" -le 65000 ]; then
        {
            printf 'result %s %s %s %s %s %s %s\n' "$id" "$code" "$started" "$now" "$interrupted" \
                "$_total" "$_total" && head -c $((_total - ${#said})) "$log" && printf '%s\n' "$said"
        } >"$_part"
        return
    fi
    {
        [ "$_total" -ge 0 ] || printf '[… more than 1 MiB of output: only its end was kept …]\n'
        cat "$log.2" "$log.1" "$log" 2>/dev/null | tail -c 65000
        printf '%s' "$said"
    } >"$_tail" &&
        {
            printf 'result %s %s %s %s %s %s %s\n' "$id" "$code" "$started" "$now" \
                "$interrupted" "$_total" "$(($(wc -c <"$_tail")))" &&
                cat "$_tail" && printf '\n'
        } >"$_part"
}

left_seconds() { # until the ticket's deadline, into $seconds
    read_uptime
    as_seconds $((deadline - uptime))
}

bounded() { # COMMAND…: run one of our own commands, no longer than the ticket may take
    tell_now
    left_seconds
    heard=$(exec timeout -k 5 "$seconds" "$@" 2>&1 3>&- 4<&- 6>&- 7>&- 9>&-)
    _code=$?
    [ -z "$heard" ] || say "$heard"
    return "$_code"
}
