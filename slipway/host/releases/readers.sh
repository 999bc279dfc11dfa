# Who reads a release: by its folder whoever the service runs as, by his group, or everybody. What its package
# keeps from others, as a file of mode 0600 or 0640, is never everybody's, whatever is said of the folder.
# .slipway-readers is `open`, where there is nothing of that kind, or `private GID`: the group that reads it.
# shellcheck shell=sh

find_closed() { # RELEASE ACTION…: what is kept from others
    _in=$1
    shift
    find "$_in" -mindepth 1 \( -type f ! -perm -004 -o -type d ! -perm /005 \) "$@"
}

seal() { # SHA256: nobody may write
    rm -f "$fresh/.slipway-readers" # with the same bytes comes the same file
    _sort=open
    [ -z "$(find_closed "$fresh" -print -quit)" ] || _sort='private -'
    printf '%s\n' "$1" >"$fresh/.slipway-package" && printf '%s\n' "$_sort" >"$fresh/.slipway-readers" &&
        set_modes && chmod u+w "$fresh" && keep_list "$fresh"
}

set_modes() { # of what was unpacked just now
    if [ "$_sort" = open ]; then
        chmod -R a+rX,a-w "$fresh"
    else
        find_closed "$fresh" -exec chmod u+rX,a-w,go= {} + &&
            find "$fresh" \( -type f -perm -004 -o -type d -perm /005 \) -exec chmod a+rX,a-w {} +
    fi
}

open_release() { # USER
    _release=$releases/$version
    open_folder "$1" && open_closed "$1"
}

open_folder() { # USER: to whoever it runs as, by his group, or to everybody where its service says so
    read_rights "$_release"
    if [ "$readers" = everybody ]; then
        open_to_all
        return
    fi
    # One that was brought before releases were closed stays as it is until it is brought again.
    [ $((mode & 07)) -eq 0 ] || { [ "$readers" != kept ] && [ -f "$_release/.slipway-readers" ]; } || return 0
    if ! find_reader "$1"; then
        [ $((mode & 07)) -eq 0 ] || chmod go= "$_release"
        return
    fi
    [ -n "$account_group" ] || return 0
    [ "$gid" != "$account_group" ] || [ $((mode & 077)) -ne $((050)) ] || return 0
    # Whether it can be written to is another matter: what is linked into it has closed it.
    # shellcheck disable=SC2086
    if $sudo chgrp "$account_group" "$_release" 2>/dev/null; then chmod g=rx,o= "$_release"; else
        say "Everybody on this host can read release $version: it cannot be given to the group of $1."
        open_to_all
    fi
}

open_to_all() { # $_release, of which the rights were read
    [ $((mode & 05)) -eq $((05)) ] || chmod a+rx "$_release"
}

find_reader() { # USER, who is neither root nor us: into $account_group, where there is such a user
    [ -n "$1" ] && [ "$1" != root ] || return 1
    know_me
    [ "$1" != "$me" ] || return 1
    find_account "$1" || account='' account_group=''
}

read_rights() { # FOLDER: its $mode, as a number, and whose $gid it is
    hand rights "$1" || heard=$(find "$1" -maxdepth 0 -printf '0%m %G')
    mode=$((${heard% *})) gid=${heard#* }
}

open_closed() { # USER: to him what its package keeps from others
    [ "$readers" != kept ] && read_closed "$_release" || return 0
    _wanted=-
    ! find_reader "$1" || _wanted=${account_group:--}
    [ "$_wanted" != "$_given" ] || return 0
    alone_with "$_release" give_closed "$_release" "$_wanted" "$readers"
    case $? in
        0) ;;
        124) tell_overdue "$version" && return 124 ;;
        77)
            tell_ungiven "$1"
            return
            ;;
        *) say "Cannot say who reads release $version: the disk is full or read-only." && return 73 ;;
    esac
    [ "$readers" != everybody ] ||
        say "What the package of $version keeps from others stays so: of its service's users only ${1:-root} reads it."
}

tell_ungiven() { # USER: fails where it stays closed to him
    [ "$readers" = everybody ] || {
        say "Everybody on this host can read all of release $version: it cannot be given to the group of $1."
        return
    }
    say "$1 cannot read what the package of $version keeps from others, as it cannot be given to that group by \
Slipway's login: with \`readable_by: everybody\` it would be everybody's. Give the login sudo, or the group of $1; \
or take readable_by out of the service; or let those files be read by others in the package."
    return 77
}

read_closed() { # RELEASE: fails where it keeps nothing from others; $_given is the group that reads it
    [ -f "$1/.slipway-readers" ] && read -r _sort _given <"$1/.slipway-readers" && [ "$_sort" = private ]
}

give_closed() { # RELEASE GROUP, or - for nobody but its owner, READERS; 77 where it could not be given
    _listed=''
    if [ -f "$1/.slipway-files" ]; then
        is_intact "$1"
        case $? in
            0) _listed=1 ;;
            124) return 124 ;;
        esac
    fi
    _rights=go= _sort="private $2" _code=0
    if [ "$2" != - ]; then
        _rights=g+rX,o=
        # shellcheck disable=SC2086
        find_closed "$1" -exec $sudo chgrp -h "$2" {} + 2>/dev/null || {
            [ "$3" != everybody ] || return 77
            # As the folder is that cannot be given to him: a service that ran goes on running.
            _rights=a+rX _sort=open _code=77
        }
    fi
    find_closed "$1" -exec chmod "$_rights" {} + && chmod u+w "$1/.slipway-readers" &&
        printf '%s\n' "$_sort" >"$1/.slipway-readers" && chmod a-w "$1/.slipway-readers" || return 73
    [ -z "$_listed" ] || relist "$1" || return
    return "$_code"
}
