# Who listens on a port of this host, and whether that is the instance's own process.
# What cannot be known of a socket is nothing against it: only who was seen is called a stranger.
# shellcheck shell=sh

PORT_HELD=78 # exit status: somebody else holds the instance's port
_any6=00000000000000000000000000000000

find_holder() { # PORT [ADDRESS…]: who listens there, or at any address; $pids are known to be ours
    # $holder in words and its $holder_pid; $holder_is_ours is 1, 0, or empty: nobody, or not known.
    holder='' holder_pid='' holder_is_ours='' held_port=$1
    shift
    take_addresses "$@" || return 0
    find_listeners
    case $listeners in
        free) return 0 ;;
        '') holder_pid=${pids%% *} ;;
        *) judge_listeners || return 0 ;;
    esac
    name_processes "$holder_pid"
    holder=$named holder_is_ours=1
}

judge_listeners() { # fails where one of them is a stranger's or nobody's that we know
    "${supervisor}_find_processes"
    find_listeners # those of ours may be more by now
    for _listener in $listeners; do
        [ "$_listener" != free ] || return 1
        read_holders "${_listener%:*}"
        if [ -z "$holders" ]; then
            judge_unseen "${_listener#*:}"
            return 1
        fi
        find_ours_among "$holders" && continue
        [ -z "$is_unknown" ] || return 1
        holder_pid=${holders%% *} holder_is_ours=0
        name_processes "$holder_pid"
        holder=$named
        return 1
    done
}

judge_unseen() { # UID: whose process it is cannot be seen; whom it belongs to can
    [ -z "$sudo" ] && "${supervisor}_names_users" || return 0
    find_uids
    case "$uids" in
        '0 0'*) return 0 ;; # root sees all: it has just ended
    esac
    case " $uids " in
        *" $1 "*) ;;
        *) holder="a process of another user (uid $1)" holder_is_ours=0 ;;
    esac
}

find_ours_among() { # PIDS: $holder_pid, or whether it is $is_unknown
    is_unknown=''
    for _holding in $1; do
        if "${supervisor}_owns" "$_holding"; then
            holder_pid=$_holding
            return 0
        fi
        ! is_unknowable "$_holding" || is_unknown=1
    done
    return 1
}

is_unknowable() { # PID: who is behind it cannot be told
    # It passes on to a container: whoever runs in there has another tree of processes.
    [ "$(readlink_as_root "/proc/$1/exe")" != /usr/bin/docker-proxy ] || return 0
    "${supervisor}_may_own" "$1"
}

is_descendant() { # PID: of one that is known to be ours
    _each=$1
    while [ "${_each:-0}" -gt 1 ]; do
        case " $pids " in
            *" $_each "*) return 0 ;;
        esac
        read_parent "$_each" || return 1
        _each=$parent
    done
    return 1
}

read_parent() { # PID: into $parent
    { read -r _stat <"/proc/$1/stat"; } 2>/dev/null || return 1
    _stat=${_stat##*) ? }
    parent=${_stat%% *}
}

comes_from_release() { # PID: started in a release of ours, and not as another instance
    [ -d "$releases" ] || return 1
    _real=$(cd -P "$releases" && pwd)
    case $(readlink_as_root "/proc/$1/exe" "/proc/$1/cwd") in
        "$_real"/* | *"$nl$_real"/*) ;;
        *) return 1 ;;
    esac
    as_pattern "SLIPWAY_RUNNING=$home/"
    ! $sudo grep -q -z -s -e '^SLIPWAY_RUNNING=' "/proc/$1/environ" 2>/dev/null ||
        $sudo grep -q -z -s -e "^$pattern" "/proc/$1/environ" 2>/dev/null
}

readlink_as_root() { # PATH…
    readlink "$@" 2>/dev/null || { [ -n "$sudo" ] && $sudo readlink "$@" 2>/dev/null; }
}

find_listeners() { # INODE:UID of each socket that none of $pids holds, into $listeners; or `free`
    # shellcheck disable=SC2086
    if hand held "$held_port" "$addresses" $pids; then
        listeners=$heard
        [ -n "$sudo" ] || return 0
    else
        listeners=''
        _hex=$(printf '%04X' "$held_port")
        read_table /proc/net/tcp
        read_table /proc/net/tcp6
        listeners=${listeners:-free}
    fi
    case $listeners in
        '' | free) ;;
        *) [ -z "$pids" ] || drop_ours ;;
    esac
}

drop_ours() { # from $listeners: what one of $pids holds
    set --
    for _pid in $pids; do set -- "$@" "/proc/$_pid/fd"; done
    _held=" $($sudo find "$@" -maxdepth 1 -lname 'socket:*' -printf '%l ' 2>/dev/null)"
    # shellcheck disable=SC2086
    set -- $listeners
    listeners=''
    for _listener in "$@"; do
        case $_held in
            *" socket:[${_listener%:*}] "*) ;;
            *) listeners="${listeners:+$listeners }$_listener" ;;
        esac
    done
}

read_table() { # PATH
    while read -r _ _local _ _socket _ _ _ _uid _ _inode _; do
        case $_socket in
            0A) ;;
            st | 03) continue ;;
            *) break ;; # those that listen come first
        esac
        [ "${_local##*:}" = "$_hex" ] || continue
        case " ${addresses:-"${_local%:*}"} " in
            *" ${_local%:*} "*) listeners="${listeners:+$listeners }$_inode:$_uid" ;;
        esac
    done <"$1"
} 2>/dev/null

read_holders() { # INODE: into $holders the pids that have it open, as far as they can be seen
    if [ -z "$sudo" ] && hand holders "$1"; then
        holders=$heard
        return
    fi
    holders=''
    for _fd in $($sudo find /proc/[0-9]*/fd -maxdepth 1 -lname "socket:\[$1\]" 2>/dev/null); do
        _fd=${_fd#/proc/}
        holders="${holders:+$holders }${_fd%%/*}"
    done
}

take_addresses() { # [ADDRESS…]: as the kernel lists them, into $addresses; fails for another host's
    addresses=''
    [ $# -gt 0 ] || return 0
    for _address in "$@"; do
        take_address "$_address"
    done
    [ -n "$addresses" ]
}

take_address() { # ADDRESS or a name, with every socket that answers there
    case $1 in
        localhost) take_address 127.0.0.1 && take_address ::1 ;;
        127.0.0.1 | 0.0.0.0) take_hex 0100007F 7F000001 ;;
        ::1 | ::)
            addresses="$addresses $_any6 00000000000000000000000001000000"
            addresses="$addresses 00000000000000000000000000000001"
            ;;
        127.*) take_ip4 "$1" ;;
        *[!0-9.]*) take_name "$1" ;;
        *.*.*.*) ! is_local "$1" || take_ip4 "$1" ;;
    esac
}

take_hex() { # HEX, in the order of either kind of machine
    addresses="$addresses 00000000 $_any6"
    for _hex in "$@"; do
        addresses="$addresses $_hex 0000000000000000FFFF0000$_hex 00000000000000000000FFFF$_hex"
    done
}

take_ip4() { # ADDRESS
    IFS=.
    # shellcheck disable=SC2086
    set -- $1
    by_words
    [ $# -eq 4 ] || return 1
    # shellcheck disable=SC2046
    take_hex $(printf '%02X%02X%02X%02X %02X%02X%02X%02X' "$4" "$3" "$2" "$1" "$1" "$2" "$3" "$4" 2>/dev/null)
}

take_name() { # NAME: asked for once
    [ "$resolved" = "$1" ] || {
        resolved=$1
        resolved_to=$(timeout -k 1 2 getent ahostsv4 "$1" 2>/dev/null | head -n 1)
        resolved_to=${resolved_to%% *}
    }
    case $resolved_to in
        *.*.*.*) take_address "$resolved_to" ;;
    esac
}

is_local() { # ADDRESS: one of this host's own
    _last=''
    while read -r _sign _word _kind; do
        case $_sign in
            '|--') _last=$_word ;;
            /32) [ "$_last $_word $_kind" != "$1 host LOCAL" ] || return 0 ;;
        esac
    done </proc/net/fib_trie
    return 1
} 2>/dev/null

refuse_held_port() { # what starts on it now would not be who answers there
    is_number "$instance" || return 0
    pids='' _at=localhost
    by_lines
    for line in $environment_list; do
        case $line in
            # With an address of its own on the loopback, it shares its port number with others.
            'ADDRESS 127.'*) _at=${line#* } ;;
            'ADDRESS '*) _at="localhost ${line#* }" ;;
        esac
    done
    by_words
    # shellcheck disable=SC2086
    find_holder "$instance" $_at
    [ "$holder_is_ours" = 0 ] || return 0
    say "Port $instance is held by $holder, which is not ours."
    return "$PORT_HELD"
}

check_holder() { # whether the socket that the check asks is ours
    read_endpoint || return 0
    # Another port than its own is somebody's in front of it, whose answer is asked for on purpose.
    ! is_number "$instance" || [ "$instance" -eq "$_port" ] || return 0
    pids=$known_pid
    find_holder "$_port" "$_name"
    [ "$holder_is_ours" = 0 ] || return 0
    reason="port $_port is held by $holder, which is not ours"
    held=1
    return 1
}

read_endpoint() { # of the check: $_name and $_port
    case $http in
        '') _name=$tcp _port='' ;;
        https://*) _name=${http#https://} _port=443 ;;
        *) _name=${http#*://} _port=80 ;;
    esac
    _name=${_name%%[/?#]*}
    _name=${_name##*@}
    case $_name in
        \[*\]:* | *[!:]:[0-9]*) _port=${_name##*:} _name=${_name%:*} ;;
    esac
    _name=${_name#\[}
    _name=${_name%\]}
    [ -n "$_name" ] && is_number "$_port"
}
