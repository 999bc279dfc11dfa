# Whose the folders are in which we work: whoever else can write in one chooses what is started there,
# by whom, and how it is stopped.
# shellcheck shell=sh

guard() { # of the instance at $home, and of its service: nobody's but ours
    guard_folders "$tickets" "${home%/*}" "$releases" "$home" "$home/receipts"
    # What was put there while the folder was somebody else's is believed like our own.
    for _own in "$home/environment" "$home/.running" "$home/.started" "$home/.new" "$home"/.drained.*; do
        guard_owner "$_own"
    done
}

guard_folders() { # FOLDER…, those that are there; the root folder may be a link, and a group's
    set -- "$root/." "$root/.slipway" "$@"
    for _own in "$@"; do guard_owner "$_own"; done
    hand open_to_others "$@" || heard=$(find "$@" -maxdepth 0 -perm /022 2>/dev/null)
    for _open in $heard; do
        is_shared_well "$_open" || fail open-folder "${_open%/.}"
    done
}

guard_owner() { # PATH: no link, and of us or root
    [ ! -L "$1" ] || fail linked-folder "$1"
    [ ! -e "$1" ] || [ -O "$1" ] || {
        _owner=$(find "$1" -maxdepth 0 ! -uid 0 -printf '%u' 2>/dev/null)
        [ -z "$_owner" ] || fail foreign-folder "${1%/.} $_owner $(id -un):$(id -gn)"
    }
}

is_shared_well() { # FOLDER: with a group of ours, which is our own doing; in a root folder many deploy
    if [ "$1" = "$root/." ]; then
        [ -z "$(find "$1" -maxdepth 0 -perm -002 ! -perm -1000)" ]
        return
    fi
    [ -z "$(find "$1" -maxdepth 0 -perm -002)" ] || return 1
    [ ! -G "$1" ] || return 0
    case " $(id -G) " in
        *" $(find "$1" -maxdepth 0 -printf '%G') "*) return 0 ;;
        *) return 1 ;;
    esac
}
