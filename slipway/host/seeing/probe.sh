# Is the instance well: the right release runs, stays up, and answers.
# shellcheck shell=sh

LAST_LINES=20
LAST_BYTES=4000

probe() {
    read_uptime
    _end=$((uptime + deadline_ms)) _since='' known_pid='' known_birth='' lost_at='' was=''
    [ "$_end" -lt "$deadline" ] || _end=$deadline
    while :; do
        reason='' held=''
        if check_process && check_answer; then
            read_uptime
            _since=${_since:-$uptime}
            [ $((uptime - _since)) -lt "$healthy_ms" ] || {
                say "Healthy: process ${known_pid:-unknown} runs $version."
                return 0
            }
        else
            _since=''
            read_uptime
            [ "$reason" = "$was" ] || say "Not healthy: $reason."
            was=$reason
        fi
        ! is_cancelled || return 143
        if [ "$uptime" -ge "$_end" ] || has_given_up; then
            as_seconds "$deadline_ms"
            [ -n "$reason" ] || say "It was not healthy for long enough within $seconds s."
            tell_last_words
            tell_stranger && return "$PORT_HELD"
            return 70
        fi
        pause_before "$_end"
    done
}

probe_and_note() { # who was found well needs no second look at the chain's end
    health=0
    probe || return
    health=1 probed_pid=$known_pid probed_birth=$known_birth probed_version=$version probed_state=''
    [ "$supervisor" != systemd ] || probed_state=${_state:-active}
}

tell_last_words() { # of what has died they are the reason; what runs has its own, said once more
    quote_journal || return 0
    [ -z "$known_pid" ] || [ -z "$reason" ] || say "Not healthy: $reason."
}

quote_journal() { # the last lines of the unit's last process, for whoever cannot log in here
    [ "$supervisor" = systemd ] && command -v journalctl >/dev/null || return 1
    _run='' _main=''
    for line in $(systemctl show -p InvocationID -p ExecMainPID "$unit" 2>/dev/null); do
        case $line in
            InvocationID=*) _run=${line#*=} ;;
            ExecMainPID=*) _main=${line#*=} ;;
        esac
    done
    is_name "$_run" || return 1
    # What a program said is read by another door than what systemd says of it, and may still wait there.
    # shellcheck disable=SC2086
    $sudo timeout -k 1 2 journalctl --sync >/dev/null 2>&1
    # A program that was gone before its words were read has no run in them, only unit and process.
    read_journal "_SYSTEMD_INVOCATION_ID=$_run" + "_SYSTEMD_UNIT=$unit" "_PID=$_main" ||
        read_journal "INVOCATION_ID=$_run" || return 1
    say "Last words of $unit:"
    say "$_words"
}

read_journal() { # MATCH…: into $_words, without control characters and with an end
    # shellcheck disable=SC2086
    _words=$($sudo timeout -k 1 5 journalctl -q -b --no-pager -o cat -n "$LAST_LINES" "$@" 2>/dev/null |
        tr -d '\000-\010\013-\037\177' | tail -c "$LAST_BYTES")
    [ -n "$_words" ]
}

tell_stranger() { # it may have died of him
    [ -z "$held" ] || return 0
    ! check_holder && say "Not healthy: $reason."
}

pause_before() { # MILLISECOND: the interval, or less
    _wait=$interval_ms
    [ $((uptime + _wait)) -le "$1" ] || _wait=$(($1 - uptime))
    # The window may end between two looks.
    [ -z "$_since" ] || [ $((_since + healthy_ms - uptime)) -ge "$_wait" ] ||
        _wait=$((_since + healthy_ms - uptime))
    nap "$_wait"
}

has_given_up() { # nobody will start it again
    [ -n "$lost_at" ] && [ $((uptime - lost_at)) -ge 3000 ]
}

check_process() { # one process of the right release, the same one all the time
    if [ -n "$known_pid" ]; then
        read_birth "$known_pid" && [ "$birth" = "$known_birth" ] && return 0
        reason="process $known_pid has died"
        known_pid=''
        return 1
    fi
    if [ "$supervisor" = systemd ]; then find_unit_process; else find_script_process; fi || return 1
    lost_at=''
    [ "$running" = "$version" ] || {
        reason="process $known_pid is of release ${running:-unknown}, not of $version"
        known_pid=''
        return 1
    }
}

miss_process() { # REASON
    reason=$1
    read_uptime
    lost_at=${lost_at:-$uptime}
    return 1
}

find_unit_process() {
    _state='' known_pid=0 running='' unit_user=''
    by_lines
    for line in $(systemctl show -p ActiveState -p MainPID -p User "$unit" 2>/dev/null); do
        case $line in
            User=*) unit_user=${line#*=} ;;
            ActiveState=*) _state=${line#*=} ;;
            MainPID=*) known_pid=${line#*=} ;;
        esac
    done
    by_words
    if [ "$known_pid" -eq 0 ] || ! read_birth "$known_pid"; then
        known_pid=''
        case $_state in
            failed | inactive)
                find_end_of_unit
                miss_process "${ended:-unit $unit is $_state}"
                ;;
            *)
                find_end_of_unit
                reason=${ended:-unit $unit is $_state and has no process}
                return 1
                ;;
        esac
        return
    fi
    known_birth=$birth
    read_running "$known_pid"
}

find_script_process() {
    find_running
    if [ -n "$pids" ]; then
        known_pid=${pids%% *} known_birth=$born
        [ -z "$running" ] || note_running "$known_pid" "$known_birth" "$running"
        return 0
    fi
    if says_running; then
        # It hides its environment: all there is to know is what it says itself.
        read_link
        running=$link
        note_hidden
        return 0
    fi
    miss_process "no process of $service $instance runs"
}
