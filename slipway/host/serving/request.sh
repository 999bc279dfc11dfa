# What was asked, read from standard input: lines of `key value`, ended by a line `end`.
# A value holds no newline: it comes as \n, and a backslash as \\. Nothing of it is ever evaluated.
# shellcheck shell=sh

nl='
'

by_lines() { # split what is unquoted at newlines, and expand no * in it
    IFS=$nl
    set -f
}

by_words() {
    IFS=$plain_ifs
    set +f
}

fail() { # KIND VALUES: answer why it cannot be done, and end; the sentence is said over there
    greet
    printf 'refused %s %s\n' "$1" "$2"
    exit 0
}

greet() { # whoever has asked, before anything else
    printf '%s' "$hello"
    hello=''
}

is_name() { # TEXT: one plain part of a path
    case $1 in
        '' | .* | -* | *[!0-9A-Za-z._+-]*) return 1 ;;
    esac
}

is_number() {
    case $1 in
        '' | *[!0-9]*) return 1 ;;
    esac
}

decode() { # VALUE: into $decoded
    case $1 in
        *\\\\*)
            # %b knows more escapes, but every backslash was doubled: only \\ and \n can be here.
            # The dot keeps newlines at the end, which a command substitution cuts off.
            decoded=$(printf '%b.' "$1")
            decoded=${decoded%.}
            ;;
        *\\*) # newlines alone, as in nearly every environment: no process is needed for those
            decoded='' _rest=$1
            while :; do
                case $_rest in
                    *\\n*) decoded=$decoded${_rest%%\\n*}$nl _rest=${_rest#*\\n} ;;
                    *) break ;;
                esac
            done
            decoded=$decoded$_rest
            ;;
        *) decoded=$1 ;;
    esac
}

with_words() { # LIST COMMAND…: run COMMAND with the list's words as further arguments
    _slipway_words=$1
    shift
    by_lines
    for _slipway_word in $_slipway_words; do
        decode "${_slipway_word#:}"
        set -- "$@" "$decoded"
    done
    by_words
    "$@"
}

read_request() { # into $request; cut off in the middle, it is none
    request=$nl
    while IFS= read -r line; do
        [ "$line" != end ] || return 0
        request=$request$line$nl
    done
    exit 98
}

read_head() { # who asks, for which instance, with which environment
    service='' instance='' epoch='' sequence='' installation=- common='' told_all='' at=''
    by_lines
    for line in $request; do
        value=${line#* }
        case $line in
            "service "*) service=$value ;;
            "instance "*) instance=$value ;;
            "epoch "*) epoch=$value ;;
            "sequence "*) sequence=$value ;;
            "installation "*) ! is_name "$value" || installation=$value ;;
            "at "*) at=$value ;;
            "env "*) common=$common$value$nl ;;
            "told "*) told_all=$told_all$value$nl ;;
            "ticket "*) break ;;
        esac
    done
    by_words
    is_name "$service" && is_name "$instance" && is_count "$epoch" && is_count "$sequence" &&
        is_number "$at" || exit 98
    start_clock "$at"
    home=$root/$service/$instance
    releases=$root/$service/releases
}

forget_step() { # nothing of the last ticket may leak into the next one
    step='' timeout_ms=0 version='' sha256='' format='' filename='' limit=0
    user=$run_user words='' hook_ms=0 idle_ms=0 environment_file='' environment_list=$common
    shared='' owner='' readers='' stop_timeout_ms=0 http='' tcp='' check='' expect='' statuses=200-399 interval_ms=1000
    check_ms=2000 healthy_ms=0 deadline_ms=0 rollout='' action='' from_version='' to_version=''
    keep='' fingerprint='' owes='' hook='' undo='' undo_ms=0 undo_idle_ms=0 is_paid=''
}

forget_supervisor() { # told for one ticket, it holds for those behind it
    supervisor='' run_user='' unit='' unit_text='' start='' start_ms=0 start_idle_ms=0 stop=''
    stop_ms=0 stop_idle_ms=0 status='' status_ms=0 status_idle_ms=0
}

take_line() { # LINE: one fact about the current ticket
    value=${1#* }
    case $1 in
        "step hook") step=hook user='' ;;
        "step "*) step=$value ;;
        "timeout_ms "*) timeout_ms=$value ;;
        "version "*) version=$value ;;
        "sha256 "*) sha256=$value ;;
        "format "*) format=$value ;;
        "filename "*) filename=$value ;;
        "limit "*) limit=$value ;;
        "word "*) words="$words:$value$nl" ;;
        "hook_ms "*) hook_ms=$value ;;
        "idle_ms "*) idle_ms=$value ;;
        "hook "*) hook=$value ;;
        "undo "*) undo="$undo:$value$nl" ;;
        "undo_ms "*) undo_ms=$value ;;
        "undo_idle_ms "*) undo_idle_ms=$value ;;
        "fingerprint "*) fingerprint=$value ;;
        "owes "*) owes=$value ;;
        "keep "*) keep="$keep$value$nl" ;;
        "rollout "*) rollout=$value ;;
        "action "*) action=$value ;;
        "from_version "*) from_version=$value ;;
        "to_version "*) to_version=$value ;;
        "shared "*) shared="$shared$value$nl" ;;
        "owner "*) owner=$value ;;
        "readers "*) readers=$value ;;
        *) take_supervision "$1" || take_check "$1" ;;
    esac
}

take_supervision() {
    case $1 in
        "environment_file "*) environment_file=$value ;;
        "supervisor "*) forget_supervisor && supervisor=$value ;;
        "unit "*) unit=$value ;;
        "unit_text "*) unit_text=$value ;;
        "user "*) user=$value ;;
        "run_user "*) run_user=$value user=$value ;;
        "start "*) start="$start:$value$nl" ;;
        "start_ms "*) start_ms=$value ;;
        "start_idle_ms "*) start_idle_ms=$value ;;
        "stop "*) stop="$stop:$value$nl" ;;
        "stop_ms "*) stop_ms=$value ;;
        "stop_idle_ms "*) stop_idle_ms=$value ;;
        "status "*) status="$status:$value$nl" ;;
        "status_ms "*) status_ms=$value ;;
        "status_idle_ms "*) status_idle_ms=$value ;;
        "stop_timeout_ms "*) stop_timeout_ms=$value ;;
        *) return 1 ;;
    esac
}

take_check() {
    case $1 in
        "http "*) decode "$value" && http=$decoded ;;
        "tcp "*) decode "$value" && tcp=$decoded ;;
        "check "*) check="$check:$value$nl" ;;
        "statuses "*) statuses=$value ;;
        "expect "*) decode "$value" && expect=$decoded ;;
        "interval_ms "*) interval_ms=$value ;;
        "check_ms "*) check_ms=$value ;;
        "healthy_ms "*) healthy_ms=$value ;;
        "deadline_ms "*) deadline_ms=$value ;;
    esac
}
