# The fence of an instance: who may still ask something of it. It is one line of receipts/fence:
# EPOCH SEQUENCE INSTALLATION, the highest that were heard, then EPOCH SEQUENCE of the last chain among
# them. A question raises the first ones and not the last: what has begun goes on.
# shellcheck shell=sh

is_count() { # a number that every shell can reckon with
    is_number "$1" && [ ${#1} -le 18 ]
}

read_fence() { # into $seen, $fenced_by, $chained and $fence; what is empty or broken is none
    fence='' seen='0 0' fenced_by=- chained='0 0'
    [ -f "$home/receipts/fence" ] || return 0
    read -r fence <"$home/receipts/fence"
    read -r _epoch _sequence _whose _chain_epoch _chain_sequence <"$home/receipts/fence"
    is_count "$_epoch" && is_count "$_sequence" || return 0
    seen="$_epoch $_sequence" chained=$seen
    ! is_name "$_whose" || fenced_by=$_whose
    ! is_count "$_chain_epoch" || ! is_count "$_chain_sequence" || chained="$_chain_epoch $_chain_sequence"
}

is_later() { # EPOCH SEQUENCE THAN: not lower than "EPOCH SEQUENCE"
    [ "$1" -gt "${3% *}" ] || { [ "$1" -eq "${3% *}" ] && [ "$2" -ge "${3#* }" ]; }
}

is_foreign() { # another installation takes care of this instance
    [ "$installation" != - ] && [ "$fenced_by" != - ] && [ "$installation" != "$fenced_by" ]
}

is_late() { # something later was heard; $late says what
    read_fence
    if is_foreign; then
        late="foreign $seen $fenced_by$nl"
    else
        late="stale $seen$nl"
        ! is_later "$epoch" "$sequence" "$seen"
    fi
}

is_overtaken() { # a later chain has come while this one was working; $late says which
    read_fence
    late="stale $chained$nl"
    is_foreign || ! is_later "$epoch" "$sequence" "$chained"
}

raise_fence() { # [CHAIN]: under the claim lock; fails when the asker is late
    ! is_late || return 1
    [ -z "$1" ] || chained="$epoch $sequence"
    [ "$installation" = - ] || fenced_by=$installation
    set -- "$epoch $sequence $fenced_by $chained"
    [ "$fence" != "$1" ] || return 0
    write_fence "$1" || fail unwritable "$home"
}

write_fence() { # LINE: at no moment is there none, or a lower one
    if [ ${#fence} -eq ${#1} ]; then
        # Over the old one, byte for byte: that takes no room, and no process to rename it.
        { printf '%s\n' "$1" 1<>"$home/receipts/fence"; } 2>/dev/null
    else
        { printf '%s\n' "$1" >"$home/receipts/.fence.part"; } 2>/dev/null &&
            put_over "$home/receipts/.fence.part" "$home/receipts/fence" || {
            rm -f "$home/receipts/.fence.part"
            return 1
        }
    fi
}

claim() { # no question is answered while we hold this; a runner keeps it until its chain has begun
    [ -z "$claimed" ] || return 0
    # Both locks are on folders that are there anyway, so that no lock file is left over for ever.
    exec 8<"$home"
    flock 8
    claimed=1
}

unclaim() {
    [ -z "$claimed" ] || exec 8<&-
    claimed=''
}
