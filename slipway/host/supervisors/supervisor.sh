# Who keeps an instance running: systemd with a unit of ours, or the package's own scripts.
# shellcheck shell=sh

manage() { # systemctl, as root
    # shellcheck disable=SC2086
    bounded $sudo systemctl --no-ask-password "$@"
}

write_unit() {
    [ "$supervisor" = systemd ] || {
        write_boot_unit
        return
    }
    is_unit "$unit" || return 64
    [ -d /run/systemd/system ] || {
        say "systemd does not run on this host: use supervisor: script."
        return 69
    }
    decode "$unit_text"
    [ -z "$decoded" ] || put_unit || return
    keep_written "$decoded"
}

remove_unit() {
    [ "$supervisor" = systemd ] || [ -n "$unit" ] || return 0
    is_unit "$unit" || return 64
    [ -f "$units/$unit" ] || return 0
    if is_foreign_unit "$unit"; then
        [ "$supervisor" != systemd ] || refuse_foreign_unit "$unit"
        return 0
    fi
    # What runs by scripts is told by name, not ended: a stop comes before.
    if [ "$supervisor" = systemd ]; then read_group; else see_gone || return; fi
    manage --quiet disable --now "$unit" && see_gone || return
    bounded $sudo rm -f "$units/$unit" && manage daemon-reload || return
    manage --quiet reset-failed "$unit" >/dev/null 2>&1
    return 0
}

leave_old_supervisor() { # what runs now is stopped in the way it was started
    read_kept
    if [ "$old_supervisor" = systemd ] && is_unit "$old_unit" &&
        { [ "$old_unit" != "$unit" ] || [ "$supervisor" = script ]; }; then
        [ ! -f "$units/$old_unit" ] || is_foreign_unit "$old_unit" || {
            manage --quiet disable --now "$old_unit" && bounded $sudo rm -f "$units/$old_unit" &&
                manage daemon-reload
        } || return
    fi
    if [ "$old_supervisor" = script ] &&
        { [ "$supervisor" != script ] || [ "$old_version" != "$version" ]; }; then
        stop_kept
    fi
}

stop_kept() { # by its own stop script, in the release it was started from
    _new_stop=$stop _new_stop_ms=$stop_ms _new_user=$user _new_list=$environment_list
    stop=$old_stop stop_ms=$old_stop_ms user=$old_user environment_list=''
    load_environment
    add_told
    stop_scripted "$home/current" && rest_boot
    _stopped=$?
    stop=$_new_stop stop_ms=$_new_stop_ms user=$_new_user environment_list=$_new_list
    return "$_stopped"
}

restart() {
    if [ "$supervisor" = systemd ]; then
        is_unit "$unit" || return 64
        refuse_foreign_unit "$unit" && refuse_held_port && enable_unit || return
        manage restart "$unit" && return 0
        # It may have failed too often before; that was another release's doing.
        manage --quiet reset-failed "$unit" && manage restart "$unit" || tell_unit
        return
    fi
    stop_scripted "$home/current" && rest_boot && refuse_held_port && enable_boot && start_scripted
}

start_instance() {
    if [ "$supervisor" = systemd ]; then
        is_unit "$unit" || return 64
        refuse_foreign_unit "$unit" && refuse_held_port && enable_unit || return
        manage start "$unit" || tell_unit
        return
    fi
    refuse_held_port && enable_boot && start_scripted
}

stop_instance() { # it stays stopped over a restart of the host
    if [ "$supervisor" = systemd ]; then
        is_unit "$unit" || return 64
        refuse_foreign_unit "$unit" || return 0 # nor does anything of ours run by it
        read_group
        [ ! -f "$units/$unit" ] || manage --quiet disable "$unit" || return
        # Without its file it may run all the same.
        [ ! -f "$units/$unit" ] && [ -z "$group" ] || manage stop "$unit" || return
        see_gone
        return
    fi
    # Who has lost sudo can stop it all the same.
    stop_scripted "$home/current" && rest_boot && disable_boot
}

see_gone() { # that nothing of the instance is left, by what keeps it and by who listens on its port
    find_processes
    # What has been killed may be a moment about its end.
    await_gone 1000 "$pids" && ! find_left && return 0
    name_processes "$pids"
    say "$service $instance still runs: $named."
    return 75
}

tell_unit() { # why it does not run; the cause comes last, where we know it
    find_end_of_unit
    [ -n "$ended" ] || say "$(systemctl show -p ActiveState,SubState,Result,ExecMainStatus "$unit" 2>&1)"
    quote_journal
    [ -z "$ended" ] || say "$ended"
    return 1
}

says_running() { # its status script, where it has one
    [ -n "$status" ] && [ -d "$home/current" ] && run_script "$status" "$home/current" "$status_ms" "$status_idle_ms" ''
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
    [ "$_started" -ne 124 ] && ! is_cancelled || end_unstarted "$_before"
    return "$_started"
}

stop_scripted() { # FOLDER: afterwards nothing of the instance runs
    # Under the instance's lock, what this chain has stopped stays so until it starts something.
    [ -z "$is_down" ] || return 0
    ! is_hidden || drop "$home/.running"
    find_noted || find_left
    _were=$pids _stop_code=0 _unseen=''
    [ -n "$_were" ] || says_running || may_run_unseen || return 0
    [ ! -d "$1" ] || run_script "$stop" "$1" "$stop_ms" "$stop_idle_ms" '' || _stop_code=$?
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

end_processes() { # SIGNAL
    for _pid in $pids; do
        signal "-$1" "$_pid"
    done
}

await_gone() { # MS PIDS
    read_uptime
    _until=$((uptime + $1))
    while any_alive "$2"; do
        read_uptime
        [ "$uptime" -lt "$_until" ] || return 1
        nap 20
    done
}

any_alive() { # PIDS
    for _pid in $1; do
        ! read_birth "$_pid" || return 0
    done
    return 1
}

read_link() { # the version that `current` points at, into $link
    link=''
    [ -L "$home/current" ] || return 0
    # Asked of the shell itself, which need not fork for that: a readlink is for a link that leads nowhere.
    if cd -P "$home/current" 2>/dev/null; then
        link=$PWD
        cd /
    else
        link=$(readlink "$home/current")
    fi
    link=${link##*/}
}
