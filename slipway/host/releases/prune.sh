# Releases that nothing needs any more.
# shellcheck shell=sh

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

remove_release() { # PATH [VERSIONS in it]: first out of its name, so that one half removed is never taken for whole
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
    [ "$_gone" != "$1" ] || return 0
    for _version in ${2-"${1##*/}"}; do
        say "Removed release $_version."
    done
}

tell_left() { # PATH: tidying up ends no step; who reads the output knows it by these words
    read_last_line "$heard"
    say "Left behind: $1: ${last_line:-it took too long}"
}
