# What an instance owes, and what its process was started with. $home/.started is one line:
# FINGERPRINT BOOT SWITCHED OWED: of the release that was started, in which boot of the host, at which
# uptime another was switched to since, and whether after_activate has still to run. - is none.
# $home/.drained.VERSION is how that version takes back its drain.
# shellcheck shell=sh

read_state() {
    started_with=- started_boot=- switched_at=- owed=-
    [ -f "$home/.started" ] || return 0
    read -r _fingerprint _boot _switched _owed <"$home/.started"
    [ "$_owed" != 1 ] || owed=1
    is_name "$_fingerprint" && is_name "$_boot" || return 0
    started_with=$_fingerprint started_boot=$_boot
    # Cut off or broken it proves nothing: anything may have been switched to.
    [ "$_switched" = - ] && [ -n "$_owed" ] || switched_at=0
    ! is_count "$_switched" || switched_at=$_switched
}

write_state() {
    { printf '%s %s %s %s\n' "$started_with" "$started_boot" "$switched_at" "$owed" >"$home/.started"; } \
        2>/dev/null || {
        say "Cannot write $home/.started: the disk is full or read-only."
        return 73
    }
}

note_switched() { # before anything of another release is in its place
    [ "$fingerprint" != "$old_fingerprint" ] || return 0
    read_state
    [ "$started_with" != - ] && [ "$switched_at" = - ] || return 0
    read_uptime
    switched_at=$uptime
    write_state
}

note_owed() { # what is started now has after_activate still to run, or has none
    [ -n "$owes" ] || return 0
    read_state
    owed=-
    [ "$owes" = 0 ] || owed=1
    write_state
}

note_started() {
    read_kept
    read_state
    started_with=${old_fingerprint:--} started_boot=$boot switched_at=-
    write_state
}

note_stopped() {
    [ -f "$home/.started" ] || return 0
    read_state
    started_with=- started_boot=- switched_at=-
    write_state
}

note_activated() {
    read_state
    [ "$owed" = - ] || {
        owed=-
        write_state
    }
}

find_origin() { # BIRTH of the process that runs: what it was started with, as far as that is known
    origin=-
    if [ "$started_boot" = "$boot" ]; then
        # Who was born after a switch was started by the unit itself: then with what is not known.
        [ "$switched_at" = - ] || {
            is_count "$1" && [ $((($1 + 1) * 10)) -le "$switched_at" ]
        } || return 0
    else
        [ "$switched_at" = - ] && [ "$started_with" = "$old_fingerprint" ] || return 0
    fi
    origin=$started_with
}

keep_undrain() { # how this release takes back its drain, before it drains
    [ -n "$undo" ] || return 0
    _text="user $user${nl}readers $readers${nl}ms $undo_ms${nl}idle_ms $undo_idle_ms$nl"
    by_lines
    for line in $undo; do _text="${_text}word $line$nl"; done
    for line in $environment_list; do _text="${_text}env $line$nl"; done
    by_words
    write_new "$home/.drain.part" 600 "$_text" || return
    { hand sync "$home/.drain.part" || sync "$home/.drain.part"; } &&
        put_over "$home/.drain.part" "$home/.drained.$version"
}

find_drained() { # the version whose drain is to be taken back
    drained_by=-
    for _kept in "$home"/.drained.*; do
        [ ! -f "$_kept" ] || drained_by=${_kept##*/.drained.}
    done
}

undrain() { # by every release that has drained
    for kept in "$home"/.drained.*; do
        [ ! -f "$kept" ] || pay_undrain "$kept" || return
    done
}

pay_undrain() { # PATH
    version=${1##*/.drained.} user='' words='' hook_ms=0 idle_ms=0 environment_list='' is_paid=1
    readers=kept # where it was not written down, the release stays open to whom it is
    while IFS= read -r line; do
        value=${line#* }
        case $line in
            "user "*) user=$value ;;
            "readers "*) readers=$value ;;
            "ms "*) hook_ms=$value ;;
            "idle_ms "*) idle_ms=$value ;;
            "word "*) words="$words$value$nl" ;;
            "env "*) environment_list="$environment_list$value$nl" ;;
        esac
    done <"$1"
    run_in_release || return
    drop "$1"
}
