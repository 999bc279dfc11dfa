# Time without starting a process: what counts is uptime, which nobody sets back.
# shellcheck shell=sh

read_uptime() { # milliseconds, into $uptime
    read -r uptime _ </proc/uptime
    uptime=${uptime%.*}${uptime#*.}0
}

start_clock() { # MILLISECONDS since 1970: who asks says what time it is, for all hosts the same
    read_uptime
    wall_offset=$(($1 - uptime))
}

read_now() { # milliseconds since 1970, into $now
    read_uptime
    now=$((wall_offset + uptime))
}

as_seconds() { # MILLISECONDS: into $seconds, as sleep and timeout want them; never 0, which is "for ever"
    [ "$1" -gt 0 ] || set -- 1
    _rest=$(($1 % 1000))
    case $_rest in
        ?) _rest=00$_rest ;;
        ??) _rest=0$_rest ;;
    esac
    seconds=$(($1 / 1000)).$_rest
}
