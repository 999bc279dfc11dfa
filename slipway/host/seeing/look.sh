# A question about single instances: who asks is heard by their fences, whether they answer is tried,
# and what became of tickets is said. Nothing that runs is ended by it.
# shellcheck shell=sh

WHY=300 # bytes of what a check says

look() { # SERVICE; lines of a request, blocks of them begin with `asked INSTANCE`
    is_name "$1" || exit 98
    service=$1 releases=$root/$1/releases
    # Without a program on this host it comes together with the question.
    if [ -n "${_slipway_asked-}" ]; then request=$nl$_slipway_asked$nl; else read_request; fi
    is_look=1
    find_timeout
    read_boot
    read_asked ''
    observe "$service"
}

read_asked() { # NAME: the block about that instance, into what a chain's request is; '': raise all fences
    forget_asked ''
    by_lines
    # shellcheck disable=SC2086
    set -- "$1" $request "asked "
    by_words
    _name=$1
    shift
    for line in "$@"; do
        value=${line#* }
        case $line in
            "asked "*)
                if [ -n "$_name" ]; then
                    [ "$asked_about" != "$_name" ] || return 0
                elif [ -n "$epoch" ]; then
                    raise_asked
                fi
                forget_asked "$value"
                ;;
            "epoch "*) epoch=$value ;;
            "sequence "*) sequence=$value ;;
            "installation "*) ! is_name "$value" || installation=$value ;;
            "ticket "*) asked_tickets="$asked_tickets$value$nl" ;;
            "run_as "*) asked_user=$value ;;
            checked\ *) is_checked=1 ;;
            *) take_check "$line" ;;
        esac
    done
    return 1
}

forget_asked() { # INSTANCE: begin anew, about that one
    asked_about=$1 epoch='' sequence='' installation=- asked_tickets='' asked_user='' is_checked=''
    http='' tcp='' check='' expect='' statuses=200-399 check_ms=2000
}

raise_asked() { # what was sent before this question and has not begun never begins
    is_name "$asked_about" && is_count "$epoch" && is_count "$sequence" || exit 98
    instance=$asked_about home=$root/$service/$asked_about
    make_folders
    claim
    raise_fence '' || conclude "$late"
    unclaim
}

answer_asked() { # about $instance, as it was found just now
    read_asked "$instance" || return 0
    find_drift
    [ -z "$asked_user" ] || is_user "$asked_user" || found="${found}nouser $instance$nl"
    [ -z "$is_checked" ] || check_found
    tell_health
    by_lines
    for id in $asked_tickets; do
        by_words
        is_ticket "$id" || exit 98
        report
    done
    by_words
}

check_found() { # once, of the process that is ours
    reason='' held_by=''
    if [ -z "$its_pid" ] && [ -z "$running" ]; then
        reason="no process of $service $instance runs"
        [ -z "$its_state" ] || reason="unit $unit is $its_state"
        health=0
        return
    fi
    # Nobody is waited for, and the check runs as the instance's own hooks do.
    _since=0 environment_list='' id=look
    [ -z "$check" ] || load_environment
    known_pid=$its_pid health=0
    ! check_answer || health=1
}

tell_health() { # $health, $reason, $held_by: into $found
    [ -n "$health" ] || return 0
    _why=$reason
    case $_why in
        *[![:print:]]*) _why=$(printf '%s' "$_why" | tr -s '\000-\037\177' ' ' | head -c "$WHY") ;;
    esac
    while [ ${#_why} -gt "$WHY" ]; do _why=${_why%?}; done
    [ "$health" = 0 ] || _why=''
    found="${found}healthy $instance $health $_why$nl"
    [ -z "$held_by" ] || found="${found}held $instance $held_by$nl"
    health='' held_by=''
}

report() { # on ticket $id, into $found; of one that it does not know it says nothing
    [ -f "$tickets/$id.result" ] || return 0
    _outcome=interrupted _code=0
    if has_ended "$id"; then
        _code=$code
        case $_interrupted$code in
            1*) _code=0 ;; # it says nothing
            00) _outcome='done' ;;
            *) _outcome=failed ;;
        esac
    elif is_begun_alive "$id" || { [ -n "$was_empty" ] && is_any_runner_alive; }; then
        _outcome=running
    elif has_ended "$id" || { [ -n "$was_empty" ] && [ -s "$tickets/$id.result" ]; }; then # just now
        report
        return
    fi
    found="${found}report $instance $id $_outcome $_code$nl"
}

is_begun_alive() { # TICKET: what runs in it, or who runs it; $was_empty where it says nothing
    was_empty=''
    is_body_alive "$1" && return
    [ -n "$_word" ] || was_empty=yes
    is_alive "$runner_then" "$runner_birth" "$boot_then"
}

is_any_runner_alive() { # a note is empty for a moment, while it is written: whose it is, it does not say
    for _noted in "$tickets"/*.runner; do
        { read -r pid birth_then boot_then <"$_noted"; } 2>/dev/null &&
            is_alive "$pid" "$birth_then" "$boot_then" && return 0
    done
    return 1
}

find_instance() { # at $home: its process, and how it was last switched
    read_link
    take_kept
    read_state
    its_pid='' its_birth='' its_state='' running=''
    [ -z "$supervisor" ] || "${supervisor}_see"
}

describe() { # what find_instance has found, as a line of $found
    read_fence
    find_drained
    origin=-
    [ -z "$its_pid" ] && [ -z "$running" ] || find_origin "$its_birth"
    _enabled=0
    [ -z "$supervisor" ] || ! "${supervisor}_starts_with_host" || _enabled=1
    # Anybody may call his process anything.
    [ -z "$running" ] || is_name "$running" || running='?'
    [ -z "$link" ] || is_name "$link" || link='?'
    _line="$instance $seen $fenced_by ${its_pid:--} ${its_birth:--} ${its_state:--} $_enabled"
    _line="$_line ${link:--} ${running:--} ${old_fingerprint:--} $origin $owed $drained_by"
    found="${found}instance $_line$nl"
}

tell_seen() { # at a chain's end; the process that a probe has just found well is not looked for again
    found=''
    if [ -n "$probed_pid" ] && read_birth "$probed_pid" && [ "$birth" = "$probed_birth" ]; then
        read_link
        take_kept
        read_state
        its_pid=$probed_pid its_birth=$birth its_state=$probed_state running=$probed_version
    else
        find_instance
    fi
    describe
    tell_health
    tell "boot $boot$nl$found"
}
