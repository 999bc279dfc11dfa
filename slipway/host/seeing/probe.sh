# Is the instance well: the right release runs, stays up, and answers.
# shellcheck shell=sh

probe() {
    read_uptime
    _end=$((uptime + deadline_ms)) _since='' known_pid='' known_birth='' known_state='' lost_at='' was=''
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
    health=1 probed_pid=$known_pid probed_birth=$known_birth probed_version=$version probed_state=$known_state
}

tell_last_words() { # of what has died they are the reason; what runs has its own, said once more
    "${supervisor}_quote" || return 0
    [ -z "$known_pid" ] || [ -z "$reason" ] || say "Not healthy: $reason."
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
    "${supervisor}_find_first" || return 1
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
