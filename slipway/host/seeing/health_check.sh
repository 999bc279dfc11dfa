# Does the instance answer: by HTTP, by TCP, or by a command of its own.
# shellcheck shell=sh

SAID=200        # bytes of what an answer said, where it is no good one
LISTENING_MS=20 # between two looks whether somebody listens yet

check_answer() {
    if [ -n "$http$tcp" ]; then
        if [ -n "$http" ]; then check_http; else check_tcp; fi
        _answered=$?
        check_holder && return "$_answered"
    elif [ -n "$check" ]; then
        check_command
    fi
}

check_http() { # an answer of the wanted status, with the expected text
    as_seconds "$check_ms"
    name_address
    case $http in
        http://*@* | https://*) _by_shell=0 ;;
        *) _by_shell=1 && split_address ;;
    esac
    # A bash is there nearly everywhere and costs a fifth of a curl: 2 ms of CPU, not 10.
    if [ "$_by_shell" -eq 1 ] && ask_by_hand; then
        judge_hand
    elif [ "$_by_shell" -eq 1 ] && command -v bash >/dev/null; then
        ask_by_bash
    elif command -v curl >/dev/null; then
        ask_by_curl
    elif ! has_secret && command -v wget >/dev/null; then
        ask_by_wget
    elif command -v python3 >/dev/null; then
        ask_by_python
    elif command -v wget >/dev/null; then
        reason='this host has only wget to ask with, whose words everybody there reads'
        return 1
    else
        reason='this host has no bash, curl, wget or python3 to ask with'
        return 1
    fi
}

name_address() { # $http as others may read it: without a password, and what may hold a token
    _rest=${http#*://}
    _where=${_rest%%/*}
    http_shown=${http%%://*}://${_where##*@}${_rest#"$_where"}
    http_shown=${http_shown%%\?*}
}

has_secret() { # a password or a query: wget could be told of it in the words of a command alone
    case $http in
        *://*@* | *\?*) ;;
        *) return 1 ;;
    esac
}

split_address() { # $http: into $_name, $_port and $_path
    _address=${http#http://}
    case $_address in
        */*) _path=/${_address#*/} _address=${_address%%/*} ;;
        *) _path=/ ;;
    esac
    _path=${_path%%#*}
    case $_address in
        \[*\]:*) _port=${_address##*:} _name=${_address%:*} ;;
        \[*) _port=80 _name=$_address ;;
        *:*) _port=${_address##*:} _name=${_address%:*} ;;
        *) _port=80 _name=$_address ;;
    esac
    _name=${_name#\[}
    _name=${_name%\]}
    # Who starts takes a moment to listen: waited for in there, that costs no process at each look.
    _tries=1
    [ -n "$_since" ] || _tries=$((check_ms / 2 / LISTENING_MS + 1))
    [ "$_tries" -le 40 ] || _tries=40
}

ask_by_hand() {
    case $http$expect in
        *"$tab"* | *"$nl"*) return 1 ;;
    esac
    hand ask "$_name" "$_port" "$_path" "$_address" "$_tries" "$check_ms" "$expect" "$statuses"
}

judge_hand() { # $heard: the status, whether that is all we want, and else what was said
    _words=${heard#* }
    [ "${_words%% *}" = no ] || return 0
    _words=${_words#no}
    if is_wanted "${heard%% *}"; then blame_text "$_words"; else blame_status "${heard%% *}" "$_words"; fi
}

ask_by_curl() {
    # On standard input: everybody on the host reads the words of a command.
    _answer=$(printf '%s\n' "$http" | sed 's/[\\"]/\\&/g; s/.*/url = "&"/' |
        curl -q -sS -m "$seconds" --noproxy '*' -o - -w '\n%{http_code}' -K - 2>&1 3>&- 4<&- 6>&- 7>&- 9>&- |
        tail -c 1048576 | tr -d '\000')
    _answer="${_answer##*"$nl"}$nl${_answer%"$nl"*}"
    judge_answer
}

ask_by_python() {
    # Not by argv, which everybody on the host can read.
    _answer=$(printf '%s\n' "$http" | timeout -k 1 "$seconds" python3 -I -c '
import sys, urllib.error, urllib.request
class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *words):
        return None
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay)
try:
    answer = opener.open(sys.stdin.readline().strip())
except urllib.error.HTTPError as error:
    answer = error
except Exception as error:
    sys.exit(f"000\n{error}")
print(answer.status)
sys.stdout.flush()
sys.stdout.buffer.write(answer.read(1 << 20))
' 2>&1 3>&- 4<&- 6>&- 7>&- 9>&- | tr -d '\000')
    judge_answer
}

ask_by_wget() { # the one of busybox has other options, and says why not where the content is to come
    case $(wget --help 2>&1) in
        *BusyBox*) set -- -Y off ;;
        # Without a length this one asks on where a redirect leads over a connection that is closing.
        *) set -- -t 1 --no-proxy --no-http-keep-alive ;;
    esac
    _answer=$({
        timeout -k 1 "$seconds" wget -q "$@" -O - -- "$http" 2>&1
        printf '\nexit %s' "$?"
    } | tail -c 1048576 | tr -d '\000')
    _code=${_answer##*"${nl}exit "} _answer=${_answer%"${nl}exit "*}
    if [ "$_code" -eq 0 ]; then
        expect_text "$_answer"
        return
    fi
    read_last_line "$_answer"
    reason="$http_shown gives no good answer: ${last_line:-it said nothing}"
    return 1
}

judge_answer() { # $_answer is the status, a newline and the content
    _answer=$_answer$nl
    if is_wanted "${_answer%%"$nl"*}"; then
        expect_text "${_answer#*"$nl"}"
    else
        blame_status "${_answer%%"$nl"*}" "${_answer#*"$nl"}"
    fi
}

is_wanted() { # STATUS
    case $1 in
        [0-9][0-9][0-9]) ;;
        *) return 1 ;;
    esac
    for _range in $statuses; do
        [ "$1" -lt "${_range%-*}" ] || [ "$1" -gt "${_range#*-}" ] || return 0
    done
    return 1
}

expect_text() { # CONTENT
    case $1 in
        *"$expect"*) return 0 ;;
    esac
    blame_text "$1"
}

blame_text() { # CONTENT
    blame_answer "$http_shown answered without the expected text $expect" "$1"
}

blame_status() { # STATUS CONTENT
    case $1 in
        [1-9][0-9][0-9]) blame_answer "$http_shown answered $1" "$2" ;;
        *) reason="$http_shown does not answer" && return 1 ;;
    esac
}

blame_answer() { # WORDS CONTENT: what it said itself is why
    _words=$(printf '%s' "$2" | tr -s '\000-\040\177' ' ' | head -c "$SAID")
    _words=${_words# }
    _words=${_words% }
    reason="$1${_words:+: $_words}"
    [ -n "$_words" ] || reason="$reason and said nothing"
    return 1
}

check_tcp() { # HOST:PORT
    as_seconds "$check_ms"
    _name=${tcp%:*}
    _name=${_name#\[}
    _name=${_name%\]}
    if command -v bash >/dev/null; then
        # shellcheck disable=SC2016
        timeout -k 1 "$seconds" bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$_name" "${tcp##*:}"
    elif command -v python3 >/dev/null; then
        timeout -k 1 "$seconds" python3 -I -c \
            'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])))' \
            "$_name" "${tcp##*:}"
    else
        timeout -k 1 "$seconds" curl -s --noproxy '*' "telnet://$tcp"
    fi </dev/null >/dev/null 2>&1 3>&- 4<&- 6>&- 7>&- 9>&- && return 0
    reason="$tcp does not take connections"
    return 1
}

check_command() { # the package's own: as whoever the unit runs as
    as_seconds "$check_ms"
    _answer=$({
        "${supervisor}_check_as"
        (with_words "$check" launch "$home/current" "$seconds" '') 2>&1 </dev/null
        printf '\nexit %s' "$?"
    } 3>&- 4<&- 6>&- 7>&- 9>&- | tail -c 2000 | tr -d '\000')
    _code=${_answer##*"${nl}exit "}
    [ "$_code" -ne 0 ] || return 0
    read_last_line "${_answer%"${nl}exit "*}"
    say_exit "$_code"
    reason="$reason: ${last_line:-it said nothing}"
    return 1
}

read_last_line() { # TEXT: the last one that says anything, into $last_line
    last_line=''
    by_lines
    for line in $1; do
        case $line in
            *[!\ "$tab"]*) last_line=$line ;;
        esac
    done
    by_words
}
