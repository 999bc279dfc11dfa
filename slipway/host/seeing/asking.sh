# Asks a service by HTTP with bash alone, where there are no hands: the same as asking.py.
# shellcheck shell=sh

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
    # A query may hold a token, and everybody on this host reads the words of a command.
    export _slipway_path="$_path"
    # shellcheck disable=SC2016
    exec "$@" bash -c '
        is_wanted() { # STATUS RANGE…
            [[ $1 == [0-9][0-9][0-9] ]] || return
            for range in $2; do
                ((10#$1 < ${range%-*} || 10#$1 > ${range#*-})) || return 0
            done
            return 1
        }
        talk() {
            # Nothing is sent there, and nothing ever comes from it: made to wait by.
            exec 4<>/dev/udp/127.0.0.1/9
            until exec 3<>"/dev/tcp/$1/$2"; do
                (($6 > ++tried)) || exit
                read -r -t "$7" -u 4
            done
            printf "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: slipway\r\nConnection: close\r\n\r\n" \
                "$_slipway_path" "$4" >&3 || exit
            code=100
            while [[ $code == 1?? ]]; do
                read -r _ code _ <&3 || { echo "closed without an answer"; exit 1; }
                code=${code%$cr} size=all
                [[ -n $5 ]] || ! is_wanted "$code" "$9" || break
                while IFS=: read -r name value <&3 && [[ $name != "$cr" && -n $name ]]; do
                    case ${name,,} in
                        transfer-encoding) [[ ${value,,} != *chunked* ]] || size=chunks ;;
                        content-length) value=${value//[!0-9]/} && [[ $size != all ]] || size=${value::9} ;;
                    esac
                done
            done
            echo "$code"
            left=1000
            if [[ -n $5 ]]; then left=1048576; elif is_wanted "$code" "$9"; then exit; fi
            # Not everybody closes the connection behind an answer.
            [[ $code != 204 && $code != 304 ]] || left=0
            [[ $size != [0-9]* ]] || { ((10#$size >= left)) || left=$((10#$size)); size=all; }
            [ "$size" = chunks ] || { head -c "$left" <&3; exit; }
            while read -r size _ <&3 && size=${size%%[;$cr]*} && ((size = 16#$size, size > 0 && left > 0)); do
                head -c "$((size < left ? size : left))" <&3
                ((left -= size))
                read -r _ <&3
            done
        }
        exec 2>/dev/null
        cr=$(printf "\r")
        [ -z "$5" ] || { talk "$@"; exit; }
        exec 5< <(talk "$@")
        read -r -t "$8" -u 5 said || kill -KILL $!
        echo "$said"
        is_wanted "$said" "$9" || {
            read -r -t "$8" -N 1000 -u 5 said || kill -KILL $!
            echo "$said"
        }
    ' bash "$_name" "$_port" '' "$_address" "$expect" "$_tries" "0.0$LISTENING_MS" "$seconds" \
        "$statuses" 3>&- 4<&- 6>&- 7>&- 9>&-
}
