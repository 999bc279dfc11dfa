# The folders that stay when releases change, and what leads to them.
# shellcheck shell=sh

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
