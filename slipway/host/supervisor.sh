# Who keeps an instance running: systemd with a unit of ours, or the package's own scripts.
# shellcheck shell=sh

units=/etc/systemd/system

manage() { # systemctl, as root
    # shellcheck disable=SC2086
    bounded $sudo systemctl --no-ask-password "$@"
}

is_unit() {
    case $1 in
        slipway-*.service) is_name "$1" ;;
        *) return 1 ;;
    esac
}

write_unit() {
    [ "$supervisor" = systemd ] || return 0
    is_unit "$unit" || return 64
    [ -d /run/systemd/system ] || {
        say "systemd does not run on this host: use supervisor: script."
        return 69
    }
    decode "$unit_text"
    if [ -n "$decoded" ] && [ "$(cat "$units/$unit" 2>/dev/null)" != "${decoded%"$nl"}" ]; then
        write_file "$home/.unit" 644 "$decoded" || return
        bounded $sudo cp "$home/.unit" "$units/.$unit.part" &&
            bounded $sudo chmod 644 "$units/.$unit.part" &&
            bounded $sudo mv -f "$units/.$unit.part" "$units/$unit" || {
            say "Cannot write $units/$unit: our user must be root or have sudo without password."
            return 77
        }
        rm -f "$home/.unit"
        manage daemon-reload || return
    fi
}

enable_unit() { # with what starts it: what is stopped on purpose stays so over a restart of the host
    [ -L "$units/multi-user.target.wants/$unit" ] || manage --quiet enable "$unit"
}

remove_unit() {
    [ "$supervisor" = systemd ] || return 0
    is_unit "$unit" || return 64
    [ -f "$units/$unit" ] || return 0
    manage --quiet disable --now "$unit" || return
    bounded $sudo rm -f "$units/$unit" && manage daemon-reload || return
    manage --quiet reset-failed "$unit" >/dev/null 2>&1
    return 0
}

leave_old_supervisor() { # what runs now is stopped in the way it was started
    read_kept
    if [ "$old_supervisor" = systemd ] && [ "$old_unit" != "$unit" ] && is_unit "$old_unit"; then
        [ ! -f "$units/$old_unit" ] || {
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
    stop_scripted "$home/current"
    _stopped=$?
    stop=$_new_stop stop_ms=$_new_stop_ms user=$_new_user environment_list=$_new_list
    return "$_stopped"
}

restart() {
    if [ "$supervisor" = systemd ]; then
        is_unit "$unit" || return 64
        enable_unit || return
        manage restart "$unit" && return 0
        # It may have failed too often before; that was another release's doing.
        manage --quiet reset-failed "$unit" && manage restart "$unit" || tell_unit
        return
    fi
    stop_scripted "$home/current" && start_scripted
}

start_instance() {
    if [ "$supervisor" = systemd ]; then
        is_unit "$unit" || return 64
        enable_unit || return
        manage start "$unit" || tell_unit
        return
    fi
    start_scripted
}

stop_instance() { # it stays stopped over a restart of the host
    if [ "$supervisor" = systemd ]; then
        is_unit "$unit" || return 64
        [ -f "$units/$unit" ] || return 0
        manage --quiet disable "$unit" && manage stop "$unit"
        return
    fi
    [ -L "$home/current" ] || return 0
    stop_scripted "$home/current"
}

tell_unit() {
    say "$(systemctl show -p ActiveState,SubState,Result,ExecMainStatus "$unit" 2>&1)"
    return 1
}

find_running() { # processes of this instance by their mark: $pids, the first one's $born and version
    # A daemon keeps the environment it was started with, wherever it goes and whatever it forks.
    pids='' running='' born=''
    _mark=SLIPWAY_RUNNING=$home/
    _elevate=''
    [ -z "$user" ] || know_me
    [ -z "$user" ] || [ "$user" = "$me" ] || _elevate=$sudo
    if [ -z "$_elevate" ] && hand marked "$_mark"; then
        # shellcheck disable=SC2086
        take_marked $heard
        return
    fi
    # shellcheck disable=SC2086
    { _marked=$($_elevate grep -z -s -o -e "^$_mark.*" /proc/[0-9]*/environ); } 2>/dev/null
    # A shell drops the NUL behind each: /proc/7/environ:SLIPWAY_RUNNING=…/1.0/proc/8/environ:…
    while :; do
        case $_marked in
            */environ:"$_mark"*) ;;
            *) break ;;
        esac
        _pid=${_marked#/proc/}
        _pid=${_pid%%/*}
        _marked=${_marked#*/environ:"$_mark"}
        _version=${_marked%%/*}
        _marked=${_marked#"$_version"}
        read_birth "$_pid" || continue
        pids="${pids:+$pids }$_pid" born=${born:-$birth}
        [ -n "$running" ] || running=$_version
    done
}

take_marked() { # PID BIRTH VERSION…, as hands tell them
    while [ $# -gt 0 ]; do
        pids="${pids:+$pids }$1" born=${born:-$2} running=${running:-$3}
        shift 3
    done
}

note_running() { # PID BIRTH VERSION: looked for once, it need not be looked for again
    # Cut off it is no note at all, and looked for again.
    { printf '%s %s %s %s\n' "$1" "$2" "$boot" "$3" >"$home/.running"; } 2>/dev/null
}

note_hidden() { # it runs, and no look at processes will ever show it
    { printf 'hidden %s\n' "$running" >"$home/.running"; } 2>/dev/null
}

is_hidden() { # whether a process that cannot be seen was well when it was last asked for
    [ -f "$home/.running" ] && read -r _noted _version <"$home/.running" && [ "$_noted" = hidden ]
}

find_noted() { # like find_running, where the process that was found well is still the same one
    pids='' running=''
    [ -f "$home/.running" ] &&
        read -r _noted birth_then boot_then _version <"$home/.running" && is_number "$_noted" &&
        is_name "$_version" && is_alive "$_noted" "$birth_then" "$boot_then" || return 1
    pids=$_noted running=$_version born=$birth_then
}

says_running() { # its status script, where it has one
    [ -n "$status" ] && run_script "$status" "$home/current" "$status_ms" "$status_idle_ms" ''
}

start_scripted() {
    [ -L "$home/current" ] || {
        say "Nothing is installed here: deploy $service first."
        return 66
    }
    read_link
    is_down=''
    run_script "$start" "$home/current" "$start_ms" "$start_idle_ms" "$home/$link"
}

stop_scripted() { # FOLDER: afterwards nothing of the instance runs
    # Under the instance's lock, what this chain has stopped stays so until it starts something.
    [ -z "$is_down" ] || return 0
    ! is_hidden || rm -f "$home/.running"
    find_noted || find_running
    _were=$pids
    [ -n "$_were" ] || says_running || return 0
    run_script "$stop" "$1" "$stop_ms" "$stop_idle_ms" ''
    _stop_code=$?
    read_uptime
    _stop_end=$((uptime + stop_timeout_ms))
    # The one that was noted need not be all of it.
    while await_gone $((_stop_end - uptime)) "$pids" && find_running && [ -n "$pids" ]; do :; done
    if [ -n "$pids" ]; then
        say "Still running after the stop script: $pids; ending it."
        end_processes TERM
        await_gone 3000 "$pids" || end_processes KILL
        await_gone 3000 "$pids" || {
            say "Process $pids does not end."
            return 75
        }
        return 0
    fi
    # A stop script may fail because what it looks for had died; what counts is that nothing runs.
    [ -n "$_were" ] || return "$_stop_code"
    is_down=1
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
