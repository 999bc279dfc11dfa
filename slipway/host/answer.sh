# Does the instance answer: by HTTP, by TCP, or by a command of its own.
# shellcheck shell=sh

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

check_http() { # any answer from 200 to 399, with the expected text
    as_seconds "$check_ms"
    case $http in
        http://*@* | https://*) _by_shell=0 ;;
        *) _by_shell=1 && split_address ;;
    esac
    # A bash is there nearly everywhere and costs a fifth of a curl: 2 ms of CPU, not 10.
    if [ "$_by_shell" -eq 1 ] && ask_by_hand; then
        judge_answer
    elif [ "$_by_shell" -eq 1 ] && command -v bash >/dev/null; then
        ask_by_bash
    elif command -v curl >/dev/null; then
        ask_by_curl
    elif command -v wget >/dev/null; then
        _answer=$(timeout -k 1 "$seconds" wget -q -t 1 --no-proxy -O - -- "$http" 2>&1 | head -c 1048576)
        [ -n "$_answer" ] || _answer='000 no good answer'
        expect_text "$_answer"
    elif command -v python3 >/dev/null; then
        ask_by_python
    else
        reason='this host has no bash, curl, wget or python3 to ask with'
        return 1
    fi
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
    hand ask "$_name" "$_port" "$_path" "$_address" "$_tries" "$check_ms" "$expect" || return 1
    _answer=${heard% *}$nl
    [ "${heard#* }" = no ] || _answer=$_answer$expect
}

ask_by_bash() {
    # Without an expected text there is one number to come: no content, no NUL.
    if [ -n "$expect" ]; then
        _answer=$(exec_bash timeout -k 1 "$seconds" | tr -d '\000')
    else
        _answer=$(exec_bash)
    fi
    judge_answer
}

exec_bash() { # [timeout …]: to bound the wait for one number a bash needs no other program
    # shellcheck disable=SC2016
    exec "$@" bash -c '
        talk() {
            # Nothing is sent there, and nothing ever comes from it: made to wait by.
            exec 4<>/dev/udp/127.0.0.1/9
            until exec 3<>"/dev/tcp/$1/$2"; do
                (($6 > ++tried)) || exit
                read -r -t "$7" -u 4
            done
            printf "GET %s HTTP/1.0\r\nHost: %s\r\nUser-Agent: slipway\r\nConnection: close\r\n\r\n" \
                "$3" "$4" >&3 || exit
            read -r _ code _ <&3 || { echo "closed without an answer"; exit 1; }
            echo "$code"
            [ -z "$5" ] || head -c 1048576 <&3
        }
        exec 2>/dev/null
        [ -z "$5" ] || { talk "$@"; exit; }
        exec 5< <(talk "$@")
        read -r -t "$8" -u 5 said || kill -KILL $!
        echo "$said"
    ' bash "$_name" "$_port" "$_path" "$_address" "$expect" "$_tries" "0.0$LISTENING_MS" "$seconds" \
        3>&- 4<&- 6>&- 7>&- 9>&-
}

ask_by_curl() {
    _answer=$(exec curl -sS -m "$seconds" --noproxy '*' -o - -w '\n%{http_code}' -- "$http" 2>&1 3>&- 4<&- 6>&- 7>&- 9>&- |
        tail -c 1048576 | tr -d '\000')
    _answer="${_answer##*"$nl"}$nl${_answer%"$nl"*}"
    judge_answer
}

ask_by_python() {
    _answer=$(exec timeout -k 1 "$seconds" python3 -I -c '
import sys, urllib.error, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
try:
    answer = opener.open(sys.argv[1])
except urllib.error.HTTPError as error:
    answer = error
except Exception as error:
    sys.exit(f"000\n{error}")
print(answer.status)
sys.stdout.flush()
sys.stdout.buffer.write(answer.read(1 << 20))
' "$http" 2>&1 3>&- 4<&- 6>&- 7>&- 9>&- | tr -d '\000')
    judge_answer
}

judge_answer() { # $_answer is the status, a newline and the content
    case ${_answer%%"$nl"*} in
        [23][0-9][0-9]) expect_text "${_answer#*"$nl"}" ;;
        [0-9][0-9][0-9])
            if [ "${_answer%%"$nl"*}" = 000 ]; then
                reason="$http does not answer"
            else
                reason="$http answered ${_answer%%"$nl"*}"
            fi
            return 1
            ;;
        *)
            reason="$http does not answer"
            return 1
            ;;
    esac
}

expect_text() { # CONTENT
    [ -n "$expect" ] || [ "${1%% *}" != 000 ] || {
        reason="$http does not answer"
        return 1
    }
    case $1 in
        *"$expect"*) return 0 ;;
    esac
    reason="$http answered without the expected text $expect"
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

check_command() {
    as_seconds "$check_ms"
    _answer=$({
        (with_words "$check" launch "$home/current" "$seconds" '') 2>&1 </dev/null
        printf '\nexit %s' "$?"
    } 3>&- 4<&- 6>&- 7>&- 9>&- | tail -c 2000 | tr -d '\000')
    _code=${_answer##*"${nl}exit "}
    [ "$_code" -ne 0 ] || return 0
    read_last_line "${_answer%"${nl}exit "*}"
    reason="the check ended with $_code: ${last_line:-it said nothing}"
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
