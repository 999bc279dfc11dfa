# Looking, changing nothing: what is there of a service, and what this host is.
# shellcheck shell=sh

SUDO_MS=8000   # that sudo may take
MOST_TOLD=2000 # bytes of what is said of folders

find_nearest() { # FOLDER, or the nearest one above that is there: into $_folder
    _folder=$1
    while [ -n "$_folder" ] && [ ! -d "$_folder" ]; do _folder=${_folder%/*}; done
    _folder=${_folder:-/}
}

read_space() { # FOLDER: $space_free and $inodes_free, there or above
    find_nearest "$1"
    # Three words of headings come first.
    # shellcheck disable=SC2046
    if hand space "$_folder"; then set -- - - - $heard; else
        set -- $(df --output=avail,iavail,size -B1 "$_folder")
    fi
    space_free=${4:-0} inodes_free=${5:-0} space_total=${6:-0}
    # Some file systems have no fixed number of inodes.
    is_number "$inodes_free" || inodes_free=1000000
    [ "$inodes_free" -gt 0 ] || has_inodes "$_folder" || inodes_free=1000000
}

has_inodes() { # FOLDER: it counts them
    [ "$(df --output=itotal "$1" | tail -n 1)" -gt 0 ] 2>/dev/null
}

is_root_writable() { # or can be made so
    if [ -d "$root" ]; then
        [ -w "$root" ]
        return
    fi
    find_nearest "$root"
    [ -w "$_folder" ] || { [ -n "$sudo" ] && $sudo test -w "$_folder"; }
}

observe() { # SERVICE…; of several each has its name said before
    read_boot
    found="boot $boot$nl"
    for _service in "$@"; do
        is_name "$_service" || exit 98
        [ $# -eq 1 ] || found="${found}service $_service$nl"
        find_service "$_service"
    done
    read_space "$root"
    is_root_writable && _writable=1 || _writable=0
    found="${found}space $space_free $inodes_free $_writable$nl"
    has_systemd || found="${found}systemd 0$nl"
    conclude "${found}end$nl"
}

find_service() { # SERVICE: what is there of it, into $found
    service=$1 releases=$root/$1/releases user='' listed=''
    for _marker in "$releases"/*/.slipway-package; do
        [ -f "$_marker" ] && read -r _sha256 <"$_marker" || continue
        _release=${_marker%/.slipway-package}
        _release=${_release##*/}
        ! is_name "$_release" || ! is_sha256 "$_sha256" || found="${found}release $_release $_sha256$nl"
    done
    for home in "$root/$service"/*; do
        instance=${home##*/}
        [ "$instance" != releases ] && is_name "$instance" || continue
        [ -L "$home/current" ] || [ -d "$home/receipts" ] || continue
        find_instance
        describe
        if [ -n "$is_look" ]; then answer_asked; else find_drift; fi
    done
}

read_running() { # PID: the version whose release it comes from, into $running
    running=''
    [ -d "$releases" ] || return 0
    _real=$(cd -P "$releases" && pwd)
    _seen=$(readlink "/proc/$1/exe" "/proc/$1/cwd" 2>/dev/null)
    # Of another user's process only root may know; a unit's own user is another one.
    [ -n "$_seen" ] || [ -z "$sudo" ] || _seen=$($sudo readlink "/proc/$1/exe" "/proc/$1/cwd" 2>/dev/null)
    _seen="$_seen$nl$(tr '\0' '\n' <"/proc/$1/cmdline" 2>/dev/null)"
    by_lines
    for line in $_seen; do
        case $line in
            "$_real"/*) line=${line#"$_real"/} ;;
            "$releases"/*) line=${line#"$releases"/} ;;
            *) continue ;;
        esac
        line=${line%%/*}
        is_version "${line%% *}" && running=${line%% *} && break
    done
    by_words
    [ -n "$running" ] || read_running_version "$1"
}

read_running_version() { # PID: an interpreter that went elsewhere still has what we started it with
    _seen=$($sudo grep -z -s -e '^VERSION=' "/proc/$1/environ" | tr -d '\0')
    is_version "${_seen#VERSION=}" || return 0
    running=${_seen#VERSION=}
}

is_user() { # NAME; where a directory does not answer, nobody knows otherwise
    timeout -k 1 2 getent passwd "$1" >/dev/null 2>&1
    user_code=$?
    [ "$user_code" -ne 2 ]
}

facts() { # USER…, of whom is told who is not there
    greet
    _name=unknown
    if [ -f /etc/os-release ]; then
        _name=$(sed -n 's/^PRETTY_NAME="\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' /etc/os-release)
    fi
    echo "os ${_name:-unknown}"
    echo "arch $(uname -m)"
    echo "cpus $(nproc 2>/dev/null || echo 1)"
    while read -r _key _value _; do
        [ "$_key" != MemTotal: ] || echo "memory $((_value * 1024))"
    done </proc/meminfo
    read_space "$root"
    echo "space $space_free $inodes_free $space_total"
    if is_root_writable; then echo 'writable 1'; else echo 'writable 0'; fi
    if has_systemd; then echo 'systemd 1'; else echo 'systemd 0'; fi
    if can_become_root; then echo 'root 1'; else echo 'root 0'; fi
    echo "sudo $sudo_ms"
    is_run_from_root || echo 'noexec 1'
    for _tool in tar gzip sha256sum flock setsid find timeout systemctl sudo curl wget zstd xz bzip2 unzip \
        python3 bash perl rsync; do
        ! command -v "$_tool" >/dev/null || echo "tool $_tool"
    done
    for _user in "$@"; do
        is_user "$_user" || echo "nouser $_user"
        [ "$user_code" -lt 124 ] || break
    done
    tell_lacking
    tell_barred
    echo end
}

can_become_root() { # and how long sudo takes, into $sudo_ms: it may look for a name that nobody knows
    sudo_ms=0
    know_me
    [ "$me" != root ] || return 0
    command -v sudo >/dev/null || return 1
    read_uptime
    _began=$uptime
    # In a process of ours: root's own we could not see everywhere, nor end.
    (
        sudo -n true
        exit
    ) </dev/null >/dev/null 2>&1 &
    _sudo=$!
    # A zombie has no program any more.
    while [ -e "/proc/$_sudo/exe" ] && [ "$sudo_ms" -lt "$SUDO_MS" ]; do
        sleep 0.02
        read_uptime
        sudo_ms=$((uptime - _began))
    done
    [ ! -e "/proc/$_sudo/exe" ] && wait "$_sudo"
}

is_run_from_root() { # programs can be started below the root folder
    find_nearest "$root"
    _mounted=$(df --output=target "$_folder" 2>/dev/null | tail -n 1)
    _options=''
    # What was mounted last there lies on top.
    while read -r _ _target _ _with _; do
        [ "$_target" != "$_mounted" ] || _options=,$_with,
    done </proc/self/mounts
    case $_options in
        *,noexec,*) return 1 ;;
    esac
}

tell_barred() { # the folders in which no chain would work, as guard says it; of many the first
    _told=$nl
    for home in '' "$root"/*/*; do
        if [ -z "$home" ]; then
            _barred=$(guard_folders "$tickets" "$incoming")
        else
            is_name "${home##*/}" && [ "${home##*/}" != releases ] || continue
            [ -L "$home/current" ] || [ -d "$home/receipts" ] || continue
            releases=${home%/*}/releases
            _barred=$(guard)
        fi
        case $_told in
            *"$nl$_barred$nl"*) continue ;;
        esac
        [ -z "$_barred" ] || echo "barred ${_barred#refused }"
        _told=$_told$_barred$nl
        [ ${#_told} -le "$MOST_TOLD" ] || break
    done
}

tell_lacking() { # what no release goes without, by the name of what brings it
    for _tool in gzip sha256sum flock setsid timeout find; do
        command -v "$_tool" >/dev/null || echo "lacking $_tool"
    done
    case $(tar --version 2>/dev/null) in
        *GNU*) ;;
        *) echo 'lacking GNU-tar' ;;
    esac
    find / -maxdepth 0 -printf '' 2>/dev/null || echo 'lacking GNU-findutils'
    df --output=avail -B1 / >/dev/null 2>&1 || echo 'lacking GNU-coreutils'
}
