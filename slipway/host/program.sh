# The verbs. Read-only ones may also run from standard input, on a host that has no program yet.
# shellcheck shell=sh

main() { # VERB ARGUMENT…
    verb=$1
    shift
    # Whatever a login script has printed before, from here on it is us.
    case $verb in
        facts | observe | look | receive | chain | forget) hello=slipway$nl ;;
    esac
    case $verb in
        facts) facts "$@" ;;
        observe) observe "$@" ;;
        look) look "$1" ;;
        receive) receive "$@" ;;
        chain) chain ;;
        output) output "$1" "$2" ;;
        forget) forget ;;
        serve) serve ;;
        run-chain) run_chain "$1" ;;
        run-script) run_script_as_user "$@" ;;
        run-apart) run_apart "$@" ;;
        unpack-into) unpack_into "$@" ;;
        watch-silence) watch_silence "$@" ;;
        *) exit 98 ;;
    esac
}
