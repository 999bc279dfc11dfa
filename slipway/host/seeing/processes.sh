# Which processes are an instance's own: its unit's cgroup, or our mark on those of the right user.
# shellcheck shell=sh

is_version() { # TEXT: the name of a release that is here
    is_name "$1" && [ ${#1} -le 128 ] && [ -d "$releases/$1" ]
}

read_uid() { # PID: of whoever started it, into $uid
    while read -r _key uid _; do
        [ "$_key" != Uid: ] || return 0
    done <"/proc/$1/status"
    uid=''
    return 1
} 2>/dev/null

find_uids() { # whose processes may be ours: root's, our own, and those of the user it runs as
    [ "$uids_of" != "of $user" ] || return 0
    read_uid self
    uids="0 $uid" uids_of="of $user"
    [ -z "$user" ] || ! find_account "$user" || uids="$uids $account_uid"
}

is_own() { # PID: what belongs to somebody else may call itself anything
    find_uids
    read_uid "$1" || return 1
    case " $uids " in
        *" $uid "*) ! is_lent "$1" ;;
        *) return 1 ;;
    esac
}

is_lent() { # PID of $uid: a sudo of somebody else's is wholly root's, with the environment he gave it
    [ ! -u "/proc/$1/exe" ] || return 0
    # A login that is not root sees no program of others; what cannot be asked is not taken for ours.
    [ ! -e "/proc/$1/exe" ] || return 1
    # shellcheck disable=SC2086
    if [ -n "$sudo" ]; then ! $sudo test ! -u "/proc/$1/exe" 2>/dev/null; else [ "$uid" = 0 ]; fi
}

find_running() { # processes of this instance: $pids, the first one's $born and version
    find_marked
    add_grouped
}

find_marked() { # by their mark
    # A daemon keeps the environment it was started with, wherever it goes and whatever it forks.
    pids='' running='' born=''
    _mark=SLIPWAY_RUNNING=$home/
    as_pattern "$_mark"
    _elevate=''
    [ -z "$user" ] || know_me
    [ -z "$user" ] || [ "$user" = "$me" ] || _elevate=$sudo
    if [ -z "$_elevate" ] && hand marked "$_mark" "$releases" "$user"; then
        # shellcheck disable=SC2086
        take_marked $heard
        return
    fi
    # shellcheck disable=SC2086
    for _file in $($_elevate grep -l -z -s -e "^$pattern" /proc/[0-9]*/environ 2>/dev/null); do
        _pid=${_file#/proc/}
        _pid=${_pid%/environ}
        is_own "$_pid" && read_birth "$_pid" || continue
        pids="${pids:+$pids }$_pid" born=${born:-$birth}
        [ -n "$running" ] || read_marked_version "$_file"
    done
}

as_pattern() { # TEXT: as grep finds it and nothing else, into $pattern
    pattern='' _rest=$1
    while :; do
        case $_rest in
            *.*) pattern=$pattern${_rest%%.*}'[.]' _rest=${_rest#*.} ;;
            *) break ;;
        esac
    done
    pattern=$pattern$_rest
}

read_marked_version() { # FILE
    _version=$($_elevate grep -z -s -m 1 -o -e "^$pattern.*" "$1" 2>/dev/null | tr -d '\0')
    _version=${_version#"$_mark"}
    _version=${_version%%/*}
    ! is_version "$_version" || running=$_version
}

take_marked() { # PID BIRTH VERSION…, as hands tell them
    while [ $# -gt 0 ]; do
        pids="${pids:+$pids }$1" born=${born:-$2}
        [ -n "$running" ] || [ "$3" = '?' ] || running=$3
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
        is_version "$_version" && is_alive "$_noted" "$birth_then" "$boot_then" || return 1
    pids=$_noted running=$_version born=$birth_then
}

find_left() { # what still is of this instance, also where it hides its mark but listens on the port
    find_running
    [ -z "$pids" ] || return 0
    is_number "$instance" || return 1
    find_holder "$instance"
    # That systemd waits for connections in its place is nothing that runs.
    [ "$holder_is_ours" = 1 ] && [ "$holder_pid" != 1 ] || return 1
    pids=$holder_pid
}

name_processes() { # PIDS: into $named, as people look for them
    named=''
    for _pid in $1; do
        _name=''
        { read -r _name <"/proc/$_pid/comm"; } 2>/dev/null
        case $_name in
            '' | *[!0-9A-Za-z._+:/@-]*) _name=process ;; # it may call itself anything
        esac
        named="${named:+$named, }$_name (pid $_pid)"
    done
}

kill_marked() { # NAME=VALUE: every process of ours that was started with it; they are gone then
    _marked=''
    # As root where we may: what runs as the service's user hides its environment from others.
    # shellcheck disable=SC2013,SC2086
    for _file in $($sudo grep -l -z -s -x -F -e "$1" /proc/[0-9]*/environ 2>/dev/null); do
        _pid=${_file#/proc/}
        _pid=${_pid%/environ}
        ! is_own "$_pid" || {
            signal -KILL "$_pid"
            _marked="$_marked $_pid"
        }
    done
    # What has been killed may be a moment about its end.
    await_gone 1000 "$_marked"
}
