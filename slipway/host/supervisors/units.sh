# An instance's unit file: whose it is, and how it is put there.
# Under two root folders of one host units may have one name, and a person may have one of that name.
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

has_systemd() { # of its own: a host that is but a folder shares one with others
    [ -d /run/systemd/system ] && [ -z "${SLIPWAY_FOLDER_HOST-}" ]
}

was_written() { # a unit file, by us, when this instance was last switched
    [ -f "$home/.written" ] && read -r _line <"$home/.written" && [ -n "$_line" ]
}

read_unit_home() { # NAME: the folder of the instance whose settings it takes, into $unit_home
    unit_home=''
    while IFS= read -r _line; do
        case $_line in
            EnvironmentFile=/*/environment)
                unit_home=${_line#*=}
                unit_home=${unit_home%/environment}
                ;;
        esac
    done <"$units/$1"
} 2>/dev/null

is_own_unit() { # NAME of one that is there: of this very instance, also where somebody has edited it
    read_unit_home "$1"
    [ "$unit_home" != "$home" ] || return 0
    if [ -n "$unit_home" ] && ! [ "$unit_home" -ef "$home" ]; then
        # A root folder that is gone needs it no more.
        # shellcheck disable=SC2086
        ! $sudo test -d "$unit_home/receipts" || return 1
        unit_home=''
    fi
    was_written
}

is_foreign_unit() { # NAME: it is there, and is not ours
    [ -f "$units/$1" ] && ! is_own_unit "$1"
}

name_foreign_unit() { # NAME: into $whose and $remedy, of what is_foreign_unit has found
    if [ -n "$unit_home" ]; then
        whose="$1 is of another root folder on this host"
        remedy="Give one of them another port, or remove the one below ${unit_home%/*/*}."
    else
        whose="$units/$1 is there, and Slipway has not written it"
        remedy="Move it away, or give $service $instance another port."
    fi
}

refuse_foreign_unit() { # NAME
    is_foreign_unit "$1" || return 0
    name_foreign_unit "$1"
    say "$whose: it is left as it is. $remedy"
    return 77
}

put_unit() { # $decoded, in its place
    if [ "$(cat "$units/$unit" 2>/dev/null)" = "${decoded%"$nl"}" ]; then
        is_loaded || manage daemon-reload
        return
    fi
    refuse_foreign_unit "$unit" && write_file "$home/.unit" 644 "$decoded" || return
    bounded $sudo cp "$home/.unit" "$units/.$unit.part" &&
        bounded $sudo chmod 644 "$units/.$unit.part" &&
        bounded $sudo mv -f "$units/.$unit.part" "$units/$unit" || {
        say "Cannot write $units/$unit: our user must be root or have sudo without password."
        return 77
    }
    drop "$home/.unit"
    manage daemon-reload
}

take_unit_away() { # of what runs by it nothing is left
    manage --quiet disable --now "$unit" && see_gone || return
    bounded $sudo rm -f "$units/$unit" && manage daemon-reload || return
    manage --quiet reset-failed "$unit" >/dev/null 2>&1
    return 0
}

is_loaded() { # as it lies there: of what was edited and put back systemd may not have heard
    case $(systemctl show -p NeedDaemonReload "$unit" 2>/dev/null) in
        *=yes) return 1 ;;
    esac
}

is_enabled() { # NAME: its host starts it; a link to what is gone or masked starts nothing
    [ -L "$units/multi-user.target.wants/$1" ] && [ -f "$units/multi-user.target.wants/$1" ]
}

enable_unit() { # with what starts it: what is stopped on purpose stays so over a restart of the host
    is_enabled "$unit" || manage --quiet enable "$unit"
}
