# Kept running by systemd, with a unit of ours. What the verbs are for is said in supervisor.sh.
# shellcheck shell=sh

LAST_LINES=20
LAST_BYTES=4000

systemd_write() {
    is_unit "$unit" || return 64
    [ -d /run/systemd/system ] || {
        say "systemd does not run on this host: use supervisor: script."
        return 69
    }
    decode "$unit_text"
    [ -z "$decoded" ] || put_unit || return
    keep_written "$decoded"
}

systemd_mark() { :; } # its cgroup is enough

systemd_leave() {
    is_unit "$old_unit" || return 0
    [ "$supervisor" != systemd ] || [ "$old_unit" != "$unit" ] || return 0
    [ ! -f "$units/$old_unit" ] || is_foreign_unit "$old_unit" || {
        manage --quiet disable --now "$old_unit" && bounded $sudo rm -f "$units/$old_unit" &&
            manage daemon-reload
    }
}

systemd_restart() {
    prepare_unit || return
    manage restart "$unit" && return 0
    # It may have failed too often before; that was another release's doing.
    manage --quiet reset-failed "$unit" && manage restart "$unit" || tell_unit
}

systemd_start() {
    prepare_unit || return
    manage start "$unit" || tell_unit
}

prepare_unit() {
    is_unit "$unit" || return 64
    refuse_foreign_unit "$unit" && refuse_held_port && enable_unit
}

tell_unit() { # why it does not run; the cause comes last, where we know it
    find_end_of_unit
    [ -n "$ended" ] || say "$(systemctl show -p ActiveState,SubState,Result,ExecMainStatus "$unit" 2>&1)"
    systemd_quote
    [ -z "$ended" ] || say "$ended"
    return 1
}

systemd_stop() { # it stays stopped over a restart of the host
    is_unit "$unit" || return 64
    refuse_foreign_unit "$unit" || return 0 # nor does anything of ours run by it
    read_group
    [ ! -f "$units/$unit" ] || manage --quiet disable "$unit" || return
    # Without its file it may run all the same.
    [ ! -f "$units/$unit" ] && [ -z "$group" ] || manage stop "$unit" || return
    see_gone
}

systemd_remove() {
    is_unit "$unit" || return 64
    [ -f "$units/$unit" ] && refuse_foreign_unit "$unit" || return 0
    read_group
    take_unit_away
}

systemd_find_processes() { # all that its cgroup holds; $group where it was read before
    pids=''
    read_group
    [ -n "$group" ] || return 0
    for _folder in /sys/fs/cgroup /sys/fs/cgroup/systemd; do
        [ ! -d "$_folder$group" ] || break
        _folder=''
    done
    if [ -n "$_folder" ]; then
        for _file in "$_folder$group"/cgroup.procs "$_folder$group"/*/cgroup.procs; do
            [ ! -f "$_file" ] || take_group "$_file"
        done
        return
    fi
    # It is gone; or mounted elsewhere, and then each process knows it.
    for _file in $(grep -l -s -e ":$group\$" -e ":$group/" /proc/[0-9]*/cgroup); do
        _file=${_file#/proc/}
        pids="${pids:+$pids }${_file%/cgroup}"
    done
}

read_group() { # the unit's cgroup, into $group: to be asked while it runs
    [ -z "$group" ] || [ "$group_of" != "$unit" ] || return 0
    group=''
    ! is_foreign_unit "$unit" || return 0
    group=$(systemctl show -p ControlGroup "$unit" 2>/dev/null)
    group=${group#ControlGroup=} group_of=$unit
}

take_group() { # FILE
    while read -r _pid; do pids="${pids:+$pids }$_pid"; done <"$1"
} 2>/dev/null

systemd_find_first() {
    known_state='' known_pid=0 running='' unit_user=''
    by_lines
    for line in $(systemctl show -p ActiveState -p MainPID -p User "$unit" 2>/dev/null); do
        case $line in
            User=*) unit_user=${line#*=} ;;
            ActiveState=*) known_state=${line#*=} ;;
            MainPID=*) known_pid=${line#*=} ;;
        esac
    done
    by_words
    if [ "$known_pid" -eq 0 ] || ! read_birth "$known_pid"; then
        known_pid=''
        case $known_state in
            failed | inactive)
                find_end_of_unit
                miss_process "${ended:-unit $unit is $known_state}"
                ;;
            *)
                find_end_of_unit
                reason=${ended:-unit $unit is $known_state and has no process}
                return 1
                ;;
        esac
        return
    fi
    known_birth=$birth known_state=${known_state:-active}
    read_running "$known_pid"
}

systemd_see() {
    unit_user=''
    [ -d /run/systemd/system ] && ! is_foreign_unit "$unit" || return 0
    by_lines
    for line in $(systemctl show -p LoadState -p ActiveState -p MainPID -p User "$unit" 2>/dev/null); do
        case $line in
            User=*) unit_user=${line#*=} ;;
            ActiveState=*) its_state=${line#*=} ;;
            MainPID=*) its_pid=${line#*=} ;;
            LoadState=not-found) its_state='' ;;
        esac
    done
    by_words
    [ "$its_pid" != 0 ] || its_pid=''
    [ -z "$its_pid" ] || {
        read_birth "$its_pid"
        its_birth=$birth
        read_running "$its_pid"
    }
}

systemd_owns() { # PID
    is_in_group "$1" || is_held_for_unit "$1"
}

is_in_group() { # PID
    read_group
    [ -n "$group" ] || return 1
    while read -r line; do
        case $line in
            *:"$group" | *:"$group"/*) return 0 ;;
        esac
    done <"/proc/$1/cgroup"
    return 1
} 2>/dev/null

is_held_for_unit() { # PID: systemd itself, for a socket that starts the unit
    [ "$1" -eq 1 ] || return 1
    case $(systemctl show -p TriggeredBy "$unit" 2>/dev/null) in
        *.socket*) return 0 ;;
    esac
    return 1
}

systemd_may_own() { # PID: its cgroup says it
    return 1
}

systemd_names_users() { # a unit may name any in its own text
    return 1
}

systemd_check_as() {
    user=$unit_user
}

systemd_has_unit() { :; }

systemd_starts_with_host() {
    is_enabled "$unit" && ! is_foreign_unit "$unit"
}

systemd_quote() { # the last lines of the unit's last process, for whoever cannot log in here
    command -v journalctl >/dev/null || return 1
    _run='' _main=''
    for line in $(systemctl show -p InvocationID -p ExecMainPID "$unit" 2>/dev/null); do
        case $line in
            InvocationID=*) _run=${line#*=} ;;
            ExecMainPID=*) _main=${line#*=} ;;
        esac
    done
    is_name "$_run" || return 1
    # What a program said is read by another door than what systemd says of it, and may still wait there:
    # on a host that is short of everything for seconds, and its words are wanted then most of all.
    # shellcheck disable=SC2086
    $sudo timeout -k 1 10 journalctl --sync >/dev/null 2>&1
    # A program that was gone before its words were read has no run in them, only unit and process.
    read_journal "_SYSTEMD_INVOCATION_ID=$_run" + "_SYSTEMD_UNIT=$unit" "_PID=$_main" ||
        read_journal "INVOCATION_ID=$_run" || return 1
    say "Last words of $unit:"
    say "$_words"
}

read_journal() { # MATCH…: into $_words, without control characters and with an end
    # shellcheck disable=SC2086
    _words=$($sudo timeout -k 1 5 journalctl -q -b --no-pager -o cat -n "$LAST_LINES" "$@" 2>/dev/null |
        tr -d '\000-\010\013-\037\177' | tail -c "$LAST_BYTES")
    [ -n "$_words" ]
}

find_end_of_unit() { # how the first process of $unit ended, into $ended; nothing where nobody can say
    ended='' _status='' _starts='' _word='' _user='' _code=''
    by_lines
    for line in $(systemctl show -p ExecMainCode -p ExecMainStatus -p ExecStart -p User "$unit" 2>/dev/null); do
        case $line in
            ExecMainCode=*) _code=${line#*=} ;;
            ExecMainStatus=*) _status=${line#*=} ;;
            ExecStart=*)
                _starts=${line#*path=} _word=${line#*argv\[\]=}
                _starts=${_starts%% ;*} _word=${_word#* }
                _word=${_word%% *}
                ;;
            User=*) _user=${line#*=} ;;
        esac
    done
    by_words
    case $_code:$_status in
        1:0) ended='Its first process has ended with 0: keep it in the foreground (no daemon)' ;;
        1:217) ended="There is no user $_user on this host" ;;
        1:203) find_cause "$_starts" && ended=$cause ;;
        1:126 | 1:127) find_cause_of_exit "$_starts" "$_word" && ended=$cause ;;
    esac
}
