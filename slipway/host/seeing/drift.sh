# What is otherwise on this host than it was left: the files of a release, an instance's unit and settings.
# An instance keeps the unit as it was written (.written), later than its settings.
# shellcheck shell=sh

NAMED=3            # files that are named
LEAST_MS=200       # that each of them is given
LOOKED_MS=5000     # that a question may take to look through releases, all of them together
KEPT_FROM_MS=1000  # what took so long is said again until it has been a twentieth of the time
KEPT_TIMES=20
# Where `systemctl edit`, `systemctl set-property` and people add to a single unit. What is said of all of
# them at once, in service.d or slipway-.service.d, is a rule of the host's owner.
drop_in_folders="/etc/systemd/system.control /run/systemd/system.control $units /run/systemd/system \
/usr/local/lib/systemd/system /usr/lib/systemd/system"

keep_written() { # TEXT of the unit, where there is one: as it is now, neither it nor the settings are edited
    drop "$home/.written" # of whoever logged in here before
    { printf '%s\n' "$1" >"$home/.written"; } 2>/dev/null || rm -f "$home/.written"
}

find_drift() { # of $instance, as it was found just now: lines of $found
    [ -n "$link" ] || return 0
    ! is_unit "$unit" || ! has_systemd || find_unit_drift
    if [ -f "$home/.written" ]; then
        if [ ! -f "$home/environment" ] || [ "$home/environment" -nt "$home/.written" ]; then
            tell_drift settings
        fi
    fi
    # Of several instances that run the same release it is looked through once.
    [ "$link" = "$listed" ] || find_changed_files
    [ -z "$changed_files" ] || tell_drift "$changed_files"
}

find_unit_drift() { # of what runs the instance, or starts its scripts with the host
    if [ -L "$units/$unit" ] && [ ! -f "$units/$unit" ]; then
        tell_drift unit-masked
    elif [ ! -f "$units/$unit" ]; then
        ! "${supervisor}_has_unit" || tell_drift unit-gone
    elif is_foreign_unit "$unit"; then
        ! "${supervisor}_has_unit" || tell_drift unit
    else
        ! is_other_unit || tell_drift unit
        [ -z "$its_pid$running" ] || is_enabled "$unit" || tell_drift unit-off
        find_drop_ins
    fi
}

is_other_unit() { # than was written; where nothing was, nobody knows
    [ -f "$home/.written" ] || return 1
    _text=$(cat "$home/.written")
    [ -n "$_text" ] && [ "$_text" != "$(cat "$units/$unit")" ]
}

find_drop_ins() { # what is added to the unit
    _count=0 _paths=''
    for _folder in $drop_in_folders; do
        for _file in "$_folder/$unit.d"/*.conf; do
            [ -f "$_file" ] || [ -L "$_file" ] || continue
            _count=$((_count + 1))
            [ "$_count" -gt "$NAMED" ] || _paths="${_paths:+$_paths, }$_file"
        done
    done
    [ "$_count" -eq 0 ] ||
        tell_drift "drop-in $_count $(printf '%s' "$_paths" | tr -s '\000-\037\177' ' ' | head -c 300)"
}

find_changed_files() { # of release $link, into $changed_files
    listed=$link changed_files=''
    is_name "$link" || return 0
    [ -d "$releases/$link" ] || {
        changed_files=release-gone
        return
    }
    read_looked || look_through
}

read_looked() { # what was found a moment ago, where it took its time; whoever lists anew forgets it
    [ -s "$releases/$link/.slipway-looked" ] || return 1
    read_uptime
    read -r _boot _until changed_files <"$releases/$link/.slipway-looked" && [ "$_boot" = "$boot" ] &&
        is_count "$_until" && [ "$uptime" -lt "$_until" ] && return
    changed_files=''
    return 1
}

look_through() { # which is to keep nobody waiting: whoever gets no answer takes the host for lost
    ! hand unchanged "$releases/$link" || return 0
    read_uptime
    _began=$uptime
    [ -n "$look_until" ] || look_until=$((_began + LOOKED_MS))
    # What others have used up is no reason to say of this one that it is not known.
    [ $((look_until - _began)) -ge "$LEAST_MS" ] || look_until=$((_began + LEAST_MS))
    as_seconds $((look_until - _began))
    _changed=$(list_changes "$releases/$link" timeout -k 1 "$seconds")
    case $_changed in
        '') ;;
        "$tab" | "$tab$nl"*) changed_files=unread ;;
        *) name_changes ;;
    esac
    read_uptime
    _took=$((uptime - _began))
    [ "$_took" -lt "$KEPT_FROM_MS" ] || keep_looked $((uptime + KEPT_TIMES * _took)) 2>/dev/null
}

keep_looked() { # UPTIME, until which it is said again
    _looked=$releases/$link/.slipway-looked
    # Nobody may write in a release, nor do we for longer than this.
    chmod u+w "$_looked" && { printf '%s %s %s\n' "$boot" "$1" "$changed_files" >"$_looked"; }
    chmod a-w "$_looked"
}

name_changes() { # $_changed, into $changed_files
    _changed=$(printf '%s\n' "$_changed" | sed -e "s/${tab}[^$tab]*\$//" | sort -u)
    _named=$(printf '%s\n' "$_changed" | head -n "$NAMED" | tr -s '\000-\011\013-\037\177' ' ' |
        sed -e '1!s/^/, /' | tr -d '\n' | head -c 300)
    changed_files="files $(printf '%s\n' "$_changed" | wc -l) $_named"
}

tell_drift() { # WORDS
    found="${found}drift $instance $1$nl"
}
