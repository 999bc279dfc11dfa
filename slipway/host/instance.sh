# An instance: the link to its release, its environment, its shared folders, its receipts.
# shellcheck shell=sh

write_file() { # PATH MODE TEXT: whole or not at all
    write_new "$1.part" "$2" "$3" && put_over "$1.part" "$1"
}

write_new() { # PATH MODE TEXT
    # What was cut off may lie there with another mode.
    [ ! -e "$1" ] || drop "$1"
    case $2 in
        600) umask 077 ;;
    esac
    { printf '%s' "$3" >"$1"; } 2>/dev/null
    _written=$?
    umask 022
    [ "$_written" -eq 0 ] || {
        say "Cannot write $1: the disk is full or read-only."
        return 73
    }
}

write_receipt() {
    _receipt="rollout $rollout${nl}action $action${nl}from $from_version${nl}to $to_version$nl"
    _receipt="${_receipt}epoch $epoch${nl}sequence $sequence${nl}at $((started / 1000))$nl"
    # Short, and a name of its own: written at once it need not be renamed.
    { printf '%s' "$_receipt" >"$home/receipts/$id"; } 2>/dev/null || {
        say "Cannot write $home/receipts/$id: the disk is full or read-only."
        return 73
    }
}

switch() {
    is_name "$version" && [ -f "$releases/$version/.slipway-package" ] || {
        say "Release $version is not on this host: send and unpack its package first."
        return 66
    }
    leave_old_supervisor &&
        note_switched &&
        open_release "$owner" &&
        make_shared "$owner" &&
        link_shared &&
        write_environment &&
        write_unit &&
        make_current
}

make_current() { # by renames, so that there is no moment without an environment or a release
    if [ -L "$home/current" ] && [ "$home/current" -ef "$releases/$version" ]; then
        put_over "$home/.new/environment" "$home/environment"
    elif hand link "../releases/$version" "$home/.new/current" &&
        hand rename "$home/.new/environment" "$home/environment" "$home/.new/current" "$home/current"; then
        :
    else
        [ ! -L "$home/.new/current" ] || rm -f "$home/.new/current"
        ln -s "../releases/$version" "$home/.new/current" &&
            mv -f -t "$home" "$home/.new/environment" "$home/.new/current"
    fi || {
        say "Cannot switch $home/current to $version."
        return 73
    }
}

write_environment() { # once for systemd, and in comments once as we were told it: for scripts
    decode "$environment_file"
    [ "$supervisor" = systemd ] || [ -z "$decoded" ] ||
        decoded="SLIPWAY_RUNNING=$home/$version$nl$decoded"
    _text="# Written by Slipway.$nl#supervisor $supervisor $unit$nl#user $user$nl#version $version$nl"
    [ -z "$fingerprint" ] || _text="$_text#fingerprint $fingerprint$nl"
    by_lines
    for line in $stop; do
        _text="$_text#stop $line.$nl"
    done
    [ -z "$stop" ] || _text="$_text#stop_ms $stop_ms$nl"
    for line in $environment_list; do
        # The dot ends the comment: after a backslash systemd would read on into the next line.
        _text="$_text#=$line.$nl"
    done
    by_words
    [ -d "$home/.new" ] || mkdir -p "$home/.new"
    write_new "$home/.new/environment" 600 "$_text$decoded"
}

read_kept() { # how the instance was last switched: $old_supervisor, $old_unit, …
    old_supervisor='' old_unit='' old_user='' old_version='' old_stop='' old_stop_ms=0 old_fingerprint=''
    [ -f "$home/environment" ] || return 0
    while IFS= read -r line; do
        case $line in
            '#supervisor '*)
                line=${line#* }
                old_supervisor=${line%% *} old_unit=${line#* }
                ;;
            '#user '*) old_user=${line#* } ;;
            '#version '*) old_version=${line#* } ;;
            '#fingerprint '*) old_fingerprint=${line#* } ;;
            '#stop '*)
                line=${line#* }
                old_stop="$old_stop${line%.}$nl"
                ;;
            '#stop_ms '*) old_stop_ms=${line#* } ;;
            '#='*) break ;;
        esac
    done <"$home/environment"
}

make_shared() { # USER: the folder that stays, of whoever the instance runs as
    [ -d "$home/shared" ] || mkdir "$home/shared" || {
        tell_unmade "$home/shared"
        return 73
    }
    # Where a link leads is of whoever has made it lead there.
    [ -n "$1" ] && [ ! -L "$home/shared" ] && know_me && [ "$1" != "$me" ] || return 0
    [ -z "$(find "$home/shared" -maxdepth 0 -user "$1" 2>/dev/null)" ] || return 0
    # What is in it may be somebody else's on purpose, and may be much.
    # shellcheck disable=SC2086
    $sudo chown -h "$1:" "$home/shared" 2>/dev/null || {
        say "Cannot give $home/shared to $1."
        return 77
    }
    [ -z "$(find "$home/shared" -maxdepth 1 -mindepth 1 -print -quit 2>/dev/null)" ] ||
        say "$home/shared is now of $1; what it holds stays of whoever it was."
}

tell_unmade() { # PATH: why the owner could make no folder there
    _within=$1
    while [ ! -d "$_within" ] && [ ! -L "$_within" ]; do _within=${_within%/*}; done
    know_me
    if [ ! -d "$_within" ]; then
        _why="$_within is a link that leads nowhere"
    elif [ "$_within" != "$home" ] && $sudo test -w "$_within" && ! as_owner test -w "$_within"; then
        _why="${owner:-$me} cannot write in $_within"
    else
        _why="the disk is full or read-only"
    fi
    say "Cannot make $1: $_why."
}

as_owner() { # COMMAND…: in a folder of his, where root would go wherever his links lead
    [ -z "$owner" ] || know_me
    if [ -z "$owner" ] || [ "$owner" = "$me" ]; then
        "$@"
    elif [ "$me" = root ]; then
        find_account "$owner" &&
            setpriv --reuid "$account_uid" --regid "$account_group" --init-groups -- "$@"
    else
        sudo -n -u "$owner" -- "$@"
    fi
}

link_shared() { # the same folders for every release of this instance
    by_lines
    for line in $shared; do
        by_words
        decode "$line"
        link_shared_folder "$decoded" || return
    done
    by_words
}

link_shared_folder() { # NAME, which may have slashes
    _kept=$home/shared/$1 _link=$releases/$version/$1
    [ -d "$_kept" ] || make_shared_folder "$1" || return
    [ -L "$_link" ] && [ "$_link" -ef "$_kept" ] && return 0
    _up=''
    _rest=$1
    while :; do
        case $_rest in
            */*) _rest=${_rest#*/} _up=../$_up ;;
            *) break ;;
        esac
    done
    _folder=${_link%/*}
    alone_with "$releases/$version" put_link "$_up../../$instance/shared/$1"
    case $? in
        0) return 0 ;;
        124) tell_overdue "$version" && return 124 ;;
        65) say "$_link belongs to another instance of $service on this host. With several instances on \
one host, take $1 out of shared: and use \${SHARED} instead." && return 65 ;;
    esac
    say "Cannot link $_link to the shared folder."
    return 73
}

put_link() { # TARGET: at $_link, in $_folder
    [ ! -L "$_link" ] || [ ! -e "$_link" ] || return 65
    _listed=''
    if [ -f "$releases/$version/.slipway-files" ]; then
        is_intact "$releases/$version"
        case $? in
            0) _listed=1 ;;
            124) return 124 ;;
        esac
    fi
    chmod u+w "$releases/$version" && mkdir -p "$_folder" && chmod u+w "$_folder" &&
        { [ ! -e "$_link" ] && [ ! -L "$_link" ] || { chmod -R u+w "$_link" && rm -rf "$_link"; }; } &&
        ln -s "$1" "$_link" &&
        { [ "$_folder" = "$releases/$version" ] || chmod a-w "$_folder"; } &&
        { [ -z "$_listed" ] || keep_list "$releases/$version"; } &&
        chmod a-w "$releases/$version"
}

make_shared_folder() { # NAME: what the package brings there is its first content, whole or not at all
    _made=$home/shared/$1 _seed=$home/shared/.seed _brought=$releases/$version/$1
    # One that was left half-way is of nobody's use; no name of a shared folder begins with a dot.
    [ ! -d "$_seed" ] || as_owner chmod -R u+w "$_seed"
    as_owner mkdir -p "${_made%/*}" && as_owner rm -rf "$_seed" && as_owner mkdir "$_seed" &&
        { [ ! -d "$_brought" ] || [ -L "$_brought" ] || as_owner cp -R "$_brought/." "$_seed/"; } &&
        as_owner chmod -R u+w "$_seed" && as_owner mv -T "$_seed" "$_made" && return
    tell_unmade "$_made"
    return 73
}

prune() {
    _needed="$nl$keep" _asked=''
    for _release in "$releases"/* "$releases"/.[!.]*; do
        [ -d "$_release" ] && ! is_needed "${_release##*/}" || continue
        is_being_unpacked "$_release" || is_run_from "$_release" || remove_release "$_release"
    done
    return 0
}

is_needed() { # VERSION: to be kept, an instance points at it, or it has drained one
    case $_needed in
        *"$nl$1$nl"*) return 0 ;;
    esac
    [ -z "$_asked" ] || return 1
    # The links are looked at only where something might have to go.
    _asked=1
    for _link in "$root/$service"/*/current; do
        [ -L "$_link" ] || continue
        _target=$(readlink "$_link")
        _needed="$_needed${_target##*/}$nl"
    done
    for _kept in "$root/$service"/*/.drained.*; do
        [ ! -f "$_kept" ] || _needed="$_needed${_kept##*/.drained.}$nl"
    done
    is_needed "$1"
}

is_run_from() { # FOLDER that was put aside: by one that was not started anew yet
    case ${1##*/} in
        .*.gone) [ -n "$($sudo find /proc/[0-9]*/exe /proc/[0-9]*/cwd -maxdepth 0 \
            \( -lname "$1" -o -lname "$1/*" \) -print -quit 2>/dev/null)" ] ;;
        *) return 1 ;;
    esac
}

is_being_unpacked() { # PATH: a fresh folder, filled by another instance's runner
    case ${1##*/} in
        .*.gone) return 1 ;; # half removed, by us or by another runner that does the same
        .*) [ -z "$(find "$1" -maxdepth 0 -mmin +60)" ] ;;
        *) return 1 ;;
    esac
}

remove_release() { # PATH: first out of its name, so that one half removed is never taken for whole
    _gone=$1
    case ${1##*/} in
        .*) ;;
        *)
            _gone=${1%/*}/.${1##*/}.gone
            [ ! -e "$_gone" ] || rm -rf "$_gone" 2>/dev/null
            chmod u+w "$1" 2>/dev/null
            heard=$(mv -T "$1" "$_gone" 2>&1) || {
                tell_left "$1"
                return
            }
            ;;
    esac
    chmod -R u+w "$_gone" 2>/dev/null
    tell_now
    left_seconds
    heard=$(exec timeout -k 5 "$seconds" rm -rf "$_gone" 2>&1 3>&- 4<&- 6>&- 7>&- 9>&-) || {
        tell_left "$_gone"
        return
    }
    [ "$_gone" = "$1" ] || say "Removed release ${1##*/}."
}

tell_left() { # PATH: tidying up ends no step; who reads the output knows it by these words
    read_last_line "$heard"
    say "Left behind: $1: ${last_line:-it took too long}"
}

remove_instance() {
    remove_unit && see_gone || return
    rm -f "$home/current" "$home/environment" "$home/.written" "$home"/.*.part "$home/.next" "$home/.running" \
        "$home/.started" "$home"/.drained.* || return 73
    rm -rf "$home/.new"
    if [ -d "$home/shared" ]; then
        $sudo find "$home/shared" -depth -type d -empty -delete
        [ ! -d "$home/shared" ] || say "Kept $home/shared: it is not empty."
    fi
    for _link in "$root/$service"/*/current; do
        [ ! -L "$_link" ] || return 0
    done
    [ ! -d "$root/$service/.releases.gone" ] || remove_release "$root/$service/.releases.gone"
    [ ! -d "$releases" ] || remove_release "$releases"
}
