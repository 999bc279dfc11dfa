# An instance: the link to its release, its receipts, its end.
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
        "${supervisor}_write" &&
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

remove_instance() {
    "${supervisor}_remove" && see_gone || return
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
    [ -d "$releases" ] || return 0
    _versions=''
    for _release in "$releases"/*; do
        [ ! -d "$_release" ] || _versions="$_versions ${_release##*/}"
    done
    remove_release "$releases" "$_versions"
}
