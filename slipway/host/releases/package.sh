# A package: received beside the releases, verified, unpacked where nothing hostile can hurt.
# shellcheck shell=sh

incoming=$root/.slipway/incoming
HAVE_MS=10000 # that it may take to find out that a package is here

is_sha256() {
    case $1 in
        *[!0-9a-f]*) return 1 ;;
    esac
    [ ${#1} -eq 64 ]
}

receive() { # SERVICE SHA256 SIZE UNPACKED-SIZE FORMAT; the bytes come when they were asked for
    { is_name "$1" && is_sha256 "$2" && is_number "$3" && is_number "$4"; } || exit 98
    greet
    releases=$root/$1/releases
    # Who waits for this word is not kept waiting by releases: what is not looked through is sent.
    read_uptime
    deadline=$((uptime + HAVE_MS))
    if has_bytes "$incoming/$1.$2" "$3" || find_release "$2" "$5" "$3"; then
        echo have
        exit 0
    fi
    { mkdir -p "$root/.slipway" && { mkdir -m 700 "$incoming" || [ -d "$incoming" ]; }; } 2>/dev/null ||
        fail unmakable "$incoming"
    guard_folders "$incoming"
    check_room "$3" "$4"
    find "$incoming" \( -name '*.part' -o ! -name '*.*' \) -type f -mmin +60 -delete # or of a program before us
    _part=$incoming/$1.$2.$$.part
    trap 'rm -f "$_part"' EXIT
    trap 'exit 98' HUP INT PIPE TERM
    echo send
    cat 2>/dev/null >"$_part" || fail no-room "$incoming"
    has_bytes "$_part" "$3" || exit 98 # the connection ended before the package did
    [ "$(sha256sum <"$_part")" = "$2  -" ] ||
        fail damaged "$2"
    sync "$_part" && mv -f "$_part" "$incoming/$1.$2" || fail no-room "$incoming"
    echo received
}

has_bytes() { # PATH SIZE
    [ -f "$1" ] && [ "$(($(wc -c <"$1")))" -eq "$2" ]
}

find_release() { # SHA256 FORMAT [SIZE]: one that this package became and still is, into $found
    for _marker in "$releases"/*/.slipway-package; do
        # Of one that was unpacked before it was asked nobody knows what its package kept from others.
        [ -s "${_marker%/*}/.slipway-readers" ] && read -r _sha256 <"$_marker" && [ "$_sha256" = "$1" ] &&
            is_intact "${_marker%/*}" && is_alike "${_marker%/*}" "$@" || continue
        found=${_marker%/*}
        return 0
    done
    return 1
}

is_alike() { # RELEASE SHA256 FORMAT [SIZE]: the same bytes may be unpacked there, or kept whole as $whole
    # Of another size it is not: to read all of a large release takes its time.
    whole=$(in_time find "$1" -maxdepth 1 -type f ! -name '.slipway-*' ${4:+-size "$4"c} \
        -exec sha256sum {} + 2>/dev/null) || return
    whole=$(printf '%s\n' "$whole" | sed -n "s/^$2  //p" | head -n 1)
    if [ "$3" = file ]; then [ -n "$whole" ]; else [ -z "$whole" ]; fi
}

check_room() { # SIZE UNPACKED-SIZE, in bytes: said before anything is moved
    [ -w "$incoming" ] || fail read-only "$incoming"
    read_space "$incoming"
    [ "$space_free" -ge $(($1 + $2 + 1048576)) ] ||
        fail too-full "$root $space_free $(($1 + $2))"
    [ "$inodes_free" -ge 100 ] || fail no-inodes "$root"
}

unpack() {
    is_name "$version" && is_sha256 "$sha256" || return 64
    if [ -f "$releases/$version/.slipway-package" ]; then
        read -r _sha256 <"$releases/$version/.slipway-package"
        [ "$_sha256" = "$sha256" ] || {
            say "Release $version is on this host with other content (sha256 $_sha256)."
            return 65
        }
        is_intact "$releases/$version"
        case $? in
            0) return 0 ;;
            124) tell_overdue "$version" && return 124 ;;
        esac
        say "Release $version is not as it was unpacked here: it is unpacked anew."
    fi
    mkdir -p "$releases" 2>/dev/null && fresh=$(mktemp -d "$releases/.$version.XXXXXX") || {
        say "Cannot make a folder in $releases: the disk is full or read-only."
        return 73
    }
    # A process of its own, so that the time limit can end all of it at once.
    bounded sh "$program" "$root" "$become" unpack-into "$fresh" "$incoming/$service.$sha256" \
        "$sha256" "$format" "$limit" "$filename" && finish_release
    _unpacked=$?
    [ -d "$fresh" ] && chmod -R u+w "$fresh" 2>/dev/null && rm -rf "$fresh"
    [ "$_unpacked" -ne 0 ] || rm -f "$incoming/$service.$sha256"
    return "$_unpacked"
}

finish_release() { # named only when it is whole
    chmod 700 "$fresh" || return
    if [ -d "$releases/$version" ]; then
        is_intact "$releases/$version"
        case $? in
            0) ;;
            124) tell_overdue "$version" && return 124 ;;
            *) put_aside "$releases/$version" ;;
        esac
    fi
    mv -T "$fresh" "$releases/$version" 2>/dev/null && return 0
    # Another instance's runner was faster.
    [ -f "$releases/$version/.slipway-package" ] && read -r _sha256 <"$releases/$version/.slipway-package" &&
        [ "$_sha256" = "$sha256" ]
}

put_aside() { # RELEASE that was changed: what runs from it keeps its files until prune finds it still
    _gone=${1%/*}/.${1##*/}.$$.gone
    # Who reads it now reads what comes in its place.
    if read_closed "$1" && [ "$_given" != - ]; then
        _group=$_given
        ! read_closed "$fresh" || give_closed "$fresh" "$_group" everybody
    fi
    $sudo chgrp --reference="$1" "$fresh" 2>/dev/null
    chmod --reference="$1" "$fresh" 2>/dev/null
    chmod u+w "$1" "$fresh" 2>/dev/null
    mv -T "$1" "$_gone" 2>/dev/null
}

unpack_into() { # FRESH PACKAGE SHA256 FORMAT LIMIT FILENAME
    fresh=$1 package=$2 limit=$5
    releases=${fresh%/*}
    if [ -f "$package" ]; then
        [ "$(sha256sum <"$package")" = "$3  -" ] || {
            rm -f "$package"
            echo "The received package is damaged; send it again."
            return 66
        }
        extract "$4" "$6" && check_tree && check_size
    elif find_release "$3" "$4"; then
        # The same bytes under another version's name: already verified, so the files are shared.
        share_files "$4" "$6"
    else
        echo "The package was not received; send it first."
        return 66
    fi && seal "$3"
}

share_files() { # FORMAT FILENAME: of $found, by the name that is asked for now
    if [ "$1" = file ]; then
        is_file_name "$2" && ln "$whole" "$fresh/$2"
    else
        # What is kept from others is of a group, which the other version may not have.
        _links=--link
        ! read_closed "$found" || _links=''
        cp -dR --preserve=mode,timestamps,links $_links "$found/." "$fresh/" && chmod u+w "$fresh" &&
            rm -f "$fresh/.slipway-package" "$fresh/.slipway-files" "$fresh/.slipway-looked"
    fi
}

is_file_name() {
    case $1 in
        '' | .* | -* | */*) return 64 ;;
    esac
}

extract() { # FORMAT FILENAME
    case $1 in
        tar | tar.gz | tar.xz | tar.zst | tar.bz2) extract_tar "$1" ;;
        zip) extract_zip ;;
        file) is_file_name "$2" && cp "$package" "$fresh/$2" && chmod 755 "$fresh/$2" ;;
        *) echo "This host program does not know the format $1." && return 64 ;;
    esac
}

extract_tar() { # FORMAT
    case $1 in
        tar) set -- cat ;;
        tar.gz) set -- gzip -dc ;;
        tar.xz) set -- xz -dc ;;
        tar.zst) set -- zstd -dcq ;;
        tar.bz2) set -- bzip2 -dc ;;
    esac
    # A pipe has one status, so the others are written down; head bounds what a bomb can become.
    # tar's own headers and padding come on top.
    {
        "$@" <"$package" 2>"$fresh.error"
        echo $? >"$fresh.status"
    } | head -c $((limit + 67108864)) | {
        tar -x -f - -C "$fresh" --no-same-owner --preserve-permissions --delay-directory-restore \
            --warning=no-timestamp --warning=no-unknown-keyword 2>"$fresh.warning"
        echo $? >"$fresh.tar"
        cat >/dev/null
    }
    # Where not even a number can be written, nothing else was either.
    { read -r _status <"$fresh.status" && read -r _tar <"$fresh.tar"; } 2>/dev/null || {
        rm -f "$fresh.status" "$fresh.tar" "$fresh.warning" "$fresh.error"
        tell_no_room
        return 73
    }
    _warning=$(head -c 300 "$fresh.warning")
    rm -f "$fresh.status" "$fresh.tar" "$fresh.warning" "$fresh.error"
    case $_status in
        0) ;;
        141) echo "The package unpacks to more than $limit bytes." && return 65 ;;
        *) echo "The package cannot be decompressed: it is damaged, or this host has no $1." && return 65 ;;
    esac
    case $_warning in
        *"No space left"*) tell_no_room && return 73 ;;
    esac
    [ "$_tar" -eq 0 ] && [ -z "$_warning" ] || {
        echo "The package is refused: $_warning"
        return 65
    }
}

tell_no_room() { # what is lacking below the releases
    read_space "$releases"
    if [ "$inodes_free" -lt 100 ]; then
        echo "The disk below $releases has no inodes left: remove small files there."
    else
        echo "The disk below $releases is full: $space_free bytes are free."
    fi
}

extract_zip() {
    if command -v python3 >/dev/null; then
        # shellcheck disable=SC2154
        python3 -I -c "$zip_program" "$package" "$fresh" "$limit"
    else
        ulimit -f $((limit / 512 + 1))
        _said=$(unzip -q -K -o "$package" -d "$fresh" 2>&1) || {
            echo "The package is refused: $_said"
            return 65
        }
    fi
}

check_tree() { # what tar let through and must not stay
    _bad=$(cd "$fresh" && find . -mindepth 1 \( \
        \( -type b -o -type c \) -printf 'a device: %P' -quit -o \
        -type p -printf 'a fifo: %P' -quit -o \
        -type s -printf 'a socket: %P' -quit -o \
        -type l -lname '/*' -printf 'a link to an absolute path: %P' -quit -o \
        -type f -perm /6000 -printf 'a setuid or setgid file: %P' -quit -o \
        -name '*[[:cntrl:]]*' -printf 'a name with control characters' -quit -o \
        -lname '*[[:cntrl:]]*' -printf 'a link with control characters' -quit -o \
        -name '*\\*' -printf 'a name with a backslash: %P' -quit -o \
        \( -path ./.slipway-package -o -path ./.slipway-readers -o -path ./.slipway-files -o \
        -path ./.slipway-looked \) -printf 'a name that is ours: %P' -quit \)) || {
        echo "The package is refused: what it became cannot be looked through"
        return 65
    }
    [ -z "$_bad" ] || {
        echo "The package is refused: it has $_bad"
        return 65
    }
    # A folder has it from the one it was made in, or from where it was packed.
    find "$fresh" -type d -perm /6000 -exec chmod ug-s {} +
    _real=$(cd -P "$fresh" && pwd)
    {
        # Links that lead through one another keep realpath busy for years.
        find "$fresh" -type l -exec timeout 10 realpath -m -- {} + 2>/dev/null ||
            printf '\ncircle\n' # on a line of its own: realpath may have been ended within one
    } | while IFS= read -r _target; do
        case $_target/ in
            / | "$_real"/*) ;;
            circle/) echo "The package is refused: its links go round in circles" && exit 65 ;;
            *) echo "The package is refused: a link leaves the release, to $_target" && exit 65 ;;
        esac
    done
}

check_size() {
    _size=$(find "$fresh" -type f -printf '%s\n' | {
        _sum=0
        while read -r _bytes; do _sum=$((_sum + _bytes)); done
        echo "$_sum"
    })
    [ "$_size" -le "$limit" ] || {
        echo "The package unpacks to more than $limit bytes."
        return 65
    }
}
