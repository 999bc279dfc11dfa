# A service by its own scripts: a unit of ours that starts it with its host, and a cgroup of its own.
# Started at boot it is in the cgroup of that unit; started by us, in that of a scope beside it.
# shellcheck shell=sh

put_boot_unit() { # and what was put there, into $boot_text
    if ! has_systemd; then
        tell_no_boot 'systemd does not run here' "Let the host's own boot scripts start it."
        return
    elif is_foreign_unit "$unit"; then
        name_foreign_unit "$unit"
        tell_no_boot "$whose" "$remedy"
        return
    fi
    decode "$unit_text"
    know_uid
    case $decoded in
        # By number: names of users of a directory need not be what systemd takes for one.
        *"${nl}User=$nl"*) decoded="${decoded%%"${nl}User=$nl"*}${nl}User=$my_uid$nl${decoded#*"${nl}User=$nl"}" ;;
    esac
    if [ "$my_uid" -ne 0 ] && [ -z "$sudo" ]; then
        tell_no_boot 'our user is not root, nor has it sudo'
    elif ! put_unit; then
        tell_no_boot 'our user may not write a unit'
    else
        boot_text=$decoded
    fi
}

tell_no_boot() { # WHY [REMEDY]
    say "$service $instance will not start by itself when this host is restarted: $1. \
${2:-Let our user be root, or have sudo without password.}"
}

has_boot_unit() { # of this very folder
    [ -f "$units/$unit" ] && is_own_unit "$unit"
}

has_own_groups() { # whatever became of the file of the unit that was written
    if [ -f "$units/$unit" ]; then is_own_unit "$unit"; else was_written; fi
}

know_uid() {
    read_uid self
    my_uid=${uid:-$(id -u)}
}

enable_boot() { # with what starts it
    ! has_boot_unit || enable_unit ||
        tell_no_boot "its unit $unit cannot be enabled"
}

disable_boot() {
    [ ! -L "$units/multi-user.target.wants/$unit" ] || ! has_boot_unit || manage --quiet disable "$unit"
}

rest_boot() { # systemd, too, is to know that what it started at boot runs no more
    has_boot_unit || return 0
    case $(systemctl show -p ActiveState "$unit" 2>/dev/null) in
        *=inactive | *=failed | '') ;;
        *) manage --quiet stop "$unit" ;;
    esac
    return 0
}

hold_apart() { # this process, and so all that it starts: a cgroup that no end of a login ends
    is_unit "$unit" && has_boot_unit && read_self || return 0
    _scope=${unit%.service}.scope
    find_groups "$_scope"
    heard=$(enter_scope 2>&1 </dev/null) && return 0
    echo "It runs in the cgroup of this login: $_scope cannot be made. ${heard##*"$nl"}"
}

enter_scope() {
    if [ -n "$groups" ]; then # something of it runs already
        # shellcheck disable=SC2086
        $sudo sh -c "$enter_groups" sh "$self" $groups
        return
    fi
    as_seconds "${stop_timeout_ms:-0}"
    [ "${stop_timeout_ms:-0}" -gt 0 ] && make_scope -p "TimeoutStopSec=$seconds" 2>/dev/null && return
    # An older systemd knows fewer words, and remembers how the last one ended.
    $sudo systemctl --no-ask-password reset-failed "$_scope" >/dev/null 2>&1
    make_scope
}

make_scope() { # [PROPERTY…]
    $sudo systemd-run --scope --quiet --unit="$_scope" "$@" -- sh -c "$enter_own" sh "$self"
}

# Done by root, in the new scope: whoever is to be the script comes in, and then it is left alone.
# shellcheck disable=SC2016
enter_own='
entered=1
while IFS=: read -r _ kind path; do
    case $kind in
        "" | name=systemd) ;;
        *) continue ;;
    esac
    for base in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
        [ ! -f "$base$path/cgroup.procs" ] || { echo "$1" >"$base$path/cgroup.procs" && entered=0; }
    done
done </proc/self/cgroup
exit "$entered"
'
# shellcheck disable=SC2016
enter_groups='
pid=$1
shift
for group; do echo "$pid" >"$group/cgroup.procs" || exit; done
'

find_groups() { # UNIT…: their cgroups that are there, into $groups
    groups=''
    find_slices
    for _unit in "$@"; do
        for _slice in $slices; do
            [ ! -d "$_slice/$_unit" ] || groups="${groups:+$groups }$_slice/$_unit"
        done
    done
}

find_slices() { # once: where the cgroups of units are, into $slices; in a container not at the top
    [ -z "$slices" ] || return 0
    slices=' ' _within=''
    while IFS=: read -r _ _kind _path; do
        case $_kind in
            '' | name=systemd) _within=${_path%/init.scope} ;;
        esac
    done </proc/1/cgroup
    [ "$_within" != / ] || _within=''
    for _base in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
        if [ -d "$_base$_within/system.slice" ]; then
            slices="$slices$_base$_within/system.slice "
        elif [ -d "$_base/system.slice" ]; then
            slices="$slices$_base/system.slice "
        fi
    done
} 2>/dev/null

find_grouped() { # whatever is in these cgroups is of the instance, whatever it calls itself: $grouped
    grouped=''
    [ -n "$unit" ] && has_own_groups || return 0
    find_groups "$unit" "${unit%.service}.scope"
    for _group in $groups; do
        for _file in "$_group"/cgroup.procs "$_group"/*/cgroup.procs; do
            [ ! -f "$_file" ] || take_grouped "$_file"
        done
    done
}

take_grouped() { # FILE
    while read -r _pid; do
        # Those of another tree of processes have no number here.
        [ "$_pid" = 0 ] || grouped="${grouped:+$grouped }$_pid"
    done <"$1"
} 2>/dev/null

add_grouped() { # to $pids, whose marks were looked for
    find_grouped
    for _pid in $grouped; do
        case " $pids " in
            *" $_pid "*) continue ;;
        esac
        read_birth "$_pid" || continue
        pids="${pids:+$pids }$_pid" born=${born:-$birth}
    done
    [ -z "$running" ] && [ -n "$pids" ] && [ -n "$grouped" ] || return 0
    read_running "${pids%% *}"
    # It shows nothing; but what is in there was started from `current`.
    [ -n "$running" ] || { read_link && running=$link; }
}

end_unstarted() { # PIDS that were there before: what a start script that took too long has left
    find_grouped
    for _pid in $grouped; do
        case " $1 " in
            *" $_pid "*) ;;
            *) signal -KILL "$_pid" ;;
        esac
    done
}
