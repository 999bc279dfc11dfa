# Becoming a package's own script: as whom, with which environment, in which cgroup.
# shellcheck shell=sh

export_list() { # LIST of `NAME value`; names with _slipway_ are ours, so that none can be overwritten
    by_lines
    for _slipway_line in $1; do
        _slipway_value=${_slipway_line#* }
        case $_slipway_value in
            *\\*)
                _slipway_value=$(printf '%b.' "$_slipway_value")
                _slipway_value=${_slipway_value%.}
                ;;
        esac
        export "${_slipway_line%% *}=$_slipway_value"
    done
    by_words
}

load_environment() { # for a ticket that brings none: the instance's own, from its last switch
    [ -z "$environment_list" ] && [ -f "$home/environment" ] || return 0
    while IFS= read -r line; do
        case $line in
            '#='*)
                line=${line#'#='}
                environment_list="$environment_list${line%.}$nl"
                ;;
        esac
    done <"$home/environment"
}

find_account() { # USER: into $account_uid, $account_group and $account_home
    [ "$account" != "$1" ] || return 0
    _entry=$(getent passwd "$1") || return 1
    account_home=${_entry%:*}
    account_home=${account_home##*:}
    _entry=${_entry#*:*:}
    account_uid=${_entry%%:*}
    _entry=${_entry#*:}
    account_group=${_entry%%:*} account=$1
}

find_timeout() { # looked up before the service's own PATH takes over
    [ -n "$timeout_path" ] || timeout_path=$(command -v timeout)
}

launch() { # FOLDER SECONDS MARK ARGV…: become the script; called in a process of its own
    cd -P "$1" || exit 126
    _slipway_seconds=$2
    keep_locale
    [ -z "$user" ] || know_me
    # Before anything is exported: what we start here is none of the instance's.
    [ -z "$3" ] || enters_by_sudo || hold_apart
    [ -z "$3" ] || export SLIPWAY_RUNNING="$3"
    export SLIPWAY_TICKET="$tickets/$id" # of this root: another may have one of the same name
    shift 3
    _slipway_timeout=$timeout_path
    if [ -z "$user" ] || [ "$user" = "$me" ]; then
        set -- "$_slipway_timeout" -k 10 "$_slipway_seconds" "$@"
    elif [ "$me" = root ]; then
        launch_by_root "$@"
    else
        launch_by_sudo "$@"
    fi
    export_list "$environment_list"
    exec "$@"
}

keep_locale() { # of who logged in; ours is for our own eyes
    if [ -n "$host_locale" ]; then LC_ALL=$host_locale; else unset LC_ALL; fi
}

# A release's environment decides what the loader puts into a process: nothing of root's is started with
# it. So rights are dropped first, and it goes by standard input (never by argv) to the other side.

launch_by_root() { # ARGV…
    find_account "$user" || {
        echo "There is no user $user on this host."
        exit 126
    }
    export HOME="$account_home" USER="$user" LOGNAME="$user"
    exec "$_slipway_timeout" -k 10 "$_slipway_seconds" "$(command -v setpriv)" \
        --reuid "$user" --regid "$account_group" --init-groups -- \
        sh "$program" "$root" "$become" run-script "$PWD" "$@" <<ENVIRONMENT
${environment_list}end
ENVIRONMENT
}

launch_by_sudo() { # ARGV…: sudo forgets the environment
    if [ -n "${SLIPWAY_RUNNING-}" ] && enters_by_sudo && may_run_shell; then
        set -- sh "$program" "$root" none run-apart "$home" "$unit" "$user" "$PWD" "$_slipway_seconds" \
            "${stop_timeout_ms:-0}" "$@"
    else
        set -- -u "$user" -- "$_slipway_timeout" -k 10 "$_slipway_seconds" \
            sh "$program" "$root" "$become" run-script "$PWD" "$@"
    fi
    exec sudo -n "$@" <<ENVIRONMENT
SLIPWAY_TICKET $SLIPWAY_TICKET
${SLIPWAY_RUNNING:+SLIPWAY_RUNNING $SLIPWAY_RUNNING$nl}${environment_list}end
ENVIRONMENT
}

enters_by_sudo() { # a sudo in a cgroup of its own may be given a session, and be moved there
    [ -n "$sudo" ] && [ -n "$user" ] && [ "$user" != "$me" ] && has_boot_unit
}

may_run_shell() {
    sudo -n sh -c : 2>/dev/null || {
        echo 'It runs in the cgroup of this login: sudo does not let our user run sh as root.'
        return 1
    }
}

run_apart() { # HOME UNIT USER FOLDER SECONDS STOP_MS ARGV…: the other side, as root
    take_environment
    home=$1 unit=$2 user=$3 _slipway_seconds=$5 stop_timeout_ms=$6
    cd -P "$4" || exit 126
    shift 6
    find_timeout
    _slipway_timeout=$timeout_path
    keep_locale
    hold_apart
    launch_by_root "$@"
}

run_script_as_user() { # FOLDER ARGV…: the other side
    take_environment
    cd -P "$1" || exit 126
    shift
    keep_locale
    exec </dev/null
    export_list "$environment_list"
    exec "$@"
}

take_environment() {
    environment_list=$(cat)
    case $environment_list in
        *"${nl}end" | end) environment_list=${environment_list%end} ;;
        *) exit 98 ;;
    esac
}
