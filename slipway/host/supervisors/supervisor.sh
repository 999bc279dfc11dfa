# Who keeps an instance running: one of $supervisors, a file for each kind. It has all of these verbs under its
# own name, as systemd_restart; they are called as "${supervisor}_restart", and nobody else asks which it is.
# They are of the instance at $home, with the $unit and $user of the ticket, or of what a look has taken up.
#
#   write             put in place what keeps it running, and what starts it with its host
#   mark              add to its environment, $decoded, what its processes are known by
#   leave             stop it as $old_unit, $old_stop … say, unless what is switched to goes on with it
#   restart start stop
#   remove            take away what was written
#   find_processes    all of it that runs, into $pids
#   find_first         the process that is to be well, into $known_pid, $known_birth, $known_state and $running,
#                     or the $reason why there is none
#   see               the same for a look: $its_pid, $its_birth, $its_state, $running
#   quote             say its last words; fails where nobody has kept them
#   owns PID          who holds its port is of it
#   may_own PID       it is not known whether he is
#   names_users       of all that is its own the user is known
#   check_as          the $user that its check runs as
#   has_unit          a unit of ours is to be there
#   starts_with_host  when its host is restarted
# shellcheck shell=sh

is_supervisor() { # WORD: one that we have the verbs of
    is_name "$1" || return 1
    case " $supervisors " in
        *" $1 "*) return 0 ;;
        *) return 1 ;;
    esac
}

leave_old_supervisor() { # what runs now is stopped in the way it was started
    read_kept
    [ -z "$old_supervisor" ] || "${old_supervisor}_leave"
}

see_gone() { # that nothing of the instance is left, by what keeps it and by who listens on its port
    "${supervisor}_find_processes"
    # What has been killed may be a moment about its end.
    await_gone 1000 "$pids" && ! find_left && return 0
    name_processes "$pids"
    say "$service $instance still runs: $named."
    return 75
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
