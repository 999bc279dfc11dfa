# Why a program does not run: what a person would look at first, in one sentence.
# shellcheck shell=sh

find_cause() { # PROGRAM [BEGAN], as it was to be started: why it cannot be, into $cause; BEGAN: it has begun
    cause=''
    if [ ! -e "$1" ]; then
        cause="$1 is not there"
    elif [ ! -x "$1" ]; then
        cause="$1 has no x, or its disk is mounted noexec"
    else
        find_cause_within "$1" "${2:-}"
    fi
    [ -n "$cause" ]
}

find_cause_within() { # PROGRAM BEGAN
    IFS= read -r _line <"$1" 2>/dev/null
    case $_line in
        '#!'*) ;;
        ?ELF*)
            # One of this machine has begun, and ended so by itself: it says why.
            [ -n "$2" ] ||
                cause="$1 cannot be run here ($(uname -m)): it is built for another machine, or its loader is missing"
            return
            ;;
        *)
            cause="$1 is no program: it begins with neither ELF nor #!"
            return
            ;;
    esac
    _interpreter=${_line#'#!'}
    # shellcheck disable=SC2086
    set -- "$1" $_interpreter
    case ${2:-} in
        */env*) ! command -v "${3:-}" >/dev/null 2>&1 || return ;;
        *) [ ! -x "${2:-}" ] || return ;;
    esac
    case $_line in
        *"$(printf '\r')") cause="The first line of $1 ends with CR LF: write it with LF alone" ;;
        *env\ *) cause="$1 needs ${3:-}, which is not on this host" ;;
        *) cause="$1 needs ${2:-}, which is not on this host" ;;
    esac
}

find_cause_of_exit() { # PROGRAM WORD: began, and ended with 126 or 127; its first argument. Why, into $cause
    case $1 in
        */env)
            _program=$(command -v "$2" 2>/dev/null) || _program=''
            case $_program in
                /*) set -- "$_program" ;;
                *) cause="$2 is not there" && return ;;
            esac
            ;;
    esac
    find_cause "$1" began
}

tell_unstarted() { # WORDS FOLDER: of a script that could not even begin
    case $_code in
        126 | 127) ;;
        *) return 0 ;;
    esac
    decode "${1%%"$nl"*}"
    decoded=${decoded#:}
    case $decoded in
        /*) ;;
        */*) decoded=$2/$decoded ;;
        *) return 0 ;;
    esac
    ! find_cause "$decoded" || say "$cause."
}

say_exit() { # STATUS: what it means
    case $1 in
        124 | 137) reason="the check did not end within $seconds s" ;;
        126) reason='the command of the check cannot be run' ;;
        127) reason='the command of the check was not found' ;;
        129 | 1[3-5]? | 16[0-5]) reason="the check was ended by signal $(($1 - 128))" ;;
        *) reason="the check ended with $1" ;;
    esac
}
