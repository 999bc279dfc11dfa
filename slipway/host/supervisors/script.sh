# Kept running by the package's own scripts. What the verbs are for is said in supervisor.sh; what starts it
# with its host, and holds it apart from logins, is in boot.sh.
# shellcheck shell=sh

script_write() { # where we may: without it the service runs all the same, until the host is restarted
    boot_text=''
    ! { [ -n "$unit_text" ] && is_unit "$unit"; } || put_boot_unit
    keep_written "$boot_text"
}

script_mark() {
    [ -z "$decoded" ] || decoded="SLIPWAY_RUNNING=$home/$version$nl$decoded"
}

script_leave() { # by its own stop script, in the release it was started from
    [ "$supervisor" != script ] || [ "$old_version" != "$version" ] || return 0
    user=$old_user environment_list=''
    load_environment
    add_told
    stop_scripted "$old_stop" "$old_stop_ms" && rest_boot
}

script_restart() {
    stop_scripted "$stop" "$stop_ms" && rest_boot && script_start
}

script_start() {
    refuse_held_port && enable_boot && start_scripted
}

script_stop() { # who has lost sudo can stop it all the same
    stop_scripted "$stop" "$stop_ms" && rest_boot && disable_boot
}

script_remove() {
    [ -n "$unit" ] || return 0
    is_unit "$unit" || return 64
    has_boot_unit || return 0
    # What runs by scripts is told by name, not ended: a stop comes before.
    see_gone && take_unit_away
}

script_find_processes() {
    find_running
}

script_find_first() {
    known_state=''
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

script_see() {
    find_noted || find_running
    its_pid=${pids%% *} its_birth=$born
    # What cannot be seen is not called dead: its status script has said that it runs.
    [ -n "$running" ] || ! is_hidden || [ "$_version" != "$link" ] || running=$link
}

script_quote() { # they are in the output of its own step
    return 1
}

script_owns() { # PID
    is_descendant "$1" || { is_own "$1" && comes_from_release "$1"; }
}

script_may_own() { # PID: a service that hides its environment may be any process of its user's
    [ -z "$pids" ] && is_hidden && is_own "$1"
}

script_names_users() { :; }

script_check_as() { :; } # as its own hooks

script_has_unit() { # where none could be written, none is missing
    was_written
}

script_starts_with_host() {
    is_enabled "$unit" && has_boot_unit
}

start_scripted() {
    [ -L "$home/current" ] || {
        say "Nothing is installed here: deploy $service first."
        return 66
    }
    read_link
    is_down=''
    find_grouped
    _before=$grouped
    run_script "$start" "$home/current" "$start_ms" "$start_idle_ms" "$home/$link"
    _started=$?
    [ "$_started" -ne 124 ] || end_unstarted "$_before"
    return "$_started"
}

says_running() { # its status script, where it has one
    [ -n "$status" ] && [ -d "$home/current" ] && run_script "$status" "$home/current" "$status_ms" "$status_idle_ms" ''
}

stop_scripted() { # WORDS MS, of a stop script: afterwards nothing of the instance runs
    # Under the instance's lock, what this chain has stopped stays so until it starts something.
    [ -z "$is_down" ] || return 0
    ! is_hidden || drop "$home/.running"
    find_noted || find_left
    _were=$pids _stop_code=0 _unseen=''
    [ -n "$_were" ] || says_running || may_run_unseen || return 0
    [ ! -d "$home/current" ] || run_script "$1" "$home/current" "$2" "$stop_idle_ms" '' || _stop_code=$?
    read_uptime
    _stop_end=$((uptime + stop_timeout_ms))
    # The one that was noted need not be all of it.
    while await_gone $((_stop_end - uptime)) "$pids" && find_left; do :; done
    if [ -n "$pids" ]; then
        end_what_is_left
        return
    fi
    # A stop script may fail because what it looks for had died; what counts is that nothing runs.
    if [ -z "$_were" ]; then
        await_silence || return
        [ -n "$_unseen" ] || return "$_stop_code"
        [ "$_stop_code" -eq 0 ] ||
            say "The stop script ended with $_stop_code; nothing shows whether $service $instance still runs."
    fi
    is_down=1
}

may_run_unseen() { # started in this boot and not stopped since: it need neither listen on its port nor be in our cgroup
    [ -z "$status" ] || return 1
    _boot=-
    read_state
    [ "$_boot" = "$boot" ] && _unseen=1
}

end_what_is_left() { # of a service that its stop script has left alone
    # Who was ours a while ago may be somebody else's by now: numbers are given again.
    find_left || return 0
    name_processes "$pids"
    say "Still running after the stop script: $named; ending it."
    end_processes TERM
    await_gone 3000 "$pids" || ! find_left || end_processes KILL
    await_gone 3000 "$pids" && ! find_left && return 0
    name_processes "$pids"
    say "Still running: $named."
    return 75
}

end_processes() { # SIGNAL
    for _pid in $pids; do
        signal "-$1" "$_pid"
    done
}

await_silence() { # of its status script: nothing else shows whether it is gone
    while says_running; do
        read_uptime
        [ "$uptime" -lt "$_stop_end" ] || {
            say "Its status script says that it still runs."
            return 75
        }
        nap 200
    done
}
