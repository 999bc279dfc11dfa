# A package: received beside the releases, verified, unpacked where nothing hostile can hurt.
# shellcheck shell=sh

incoming=$root/.slipway/incoming

is_sha256() {
    case $1 in
        *[!0-9a-f]*) return 1 ;;
    esac
    [ ${#1} -eq 64 ]
}

receive() { # SERVICE SHA256 SIZE UNPACKED-SIZE; the bytes come when they were asked for
    { is_name "$1" && is_sha256 "$2" && is_number "$3" && is_number "$4"; } || exit 98
    greet
    releases=$root/$1/releases
    if has_bytes "$incoming/$2" "$3" || find_release "$2"; then
        echo have
        exit 0
    fi
    mkdir -p "$incoming" 2>/dev/null ||
        fail full "cannot make $incoming: the disk is full or read-only, or it belongs to someone else"
    check_room "$3" "$4"
    find "$incoming" -name '*.part' -mmin +60 -delete
    _part=$incoming/$2.$$.part
    trap 'rm -f "$_part"' EXIT
    trap 'exit 98' HUP INT PIPE TERM
    echo send
    cat 2>/dev/null >"$_part" || fail full "no room left for the package in $incoming"
    has_bytes "$_part" "$3" || exit 98 # the connection ended before the package did
    [ "$(sha256sum <"$_part")" = "$2  -" ] ||
        fail damaged "the package is not what it should be: its sha256 is not $2"
    sync "$_part" && mv -f "$_part" "$incoming/$2" || fail full "no room left in $incoming"
    echo received
}

has_bytes() { # PATH SIZE
    [ -f "$1" ] && [ "$(($(wc -c <"$1")))" -eq "$2" ]
}

find_release() { # SHA256: one that was unpacked from this package, into $found
    for _marker in "$releases"/*/.slipway-package; do
        [ -f "$_marker" ] && read -r _sha256 <"$_marker" && [ "$_sha256" = "$1" ] || continue
        found=${_marker%/*}
        return 0
    done
    return 1
}

check_room() { # SIZE UNPACKED-SIZE, in bytes: said before anything is moved
    [ -w "$incoming" ] || fail readonly "$incoming is read-only"
    read_space "$incoming"
    [ "$space_free" -ge $(($1 + $2 + 1048576)) ] ||
        fail full "the disk below $root has $space_free bytes free, and $(($1 + $2)) are needed"
    [ "$inodes_free" -ge 100 ] || fail full "the disk below $root has no inodes left"
}

unpack() {
    is_name "$version" && is_sha256 "$sha256" || return 64
    if [ -f "$releases/$version/.slipway-package" ]; then
        read -r _sha256 <"$releases/$version/.slipway-package"
        [ "$_sha256" = "$sha256" ] && return 0
        say "Release $version is on this host with other content (sha256 $_sha256)."
        return 65
    fi
    mkdir -p "$releases" 2>/dev/null && fresh=$(mktemp -d "$releases/.$version.XXXXXX") || {
        say "Cannot make a folder in $releases: the disk is full or read-only."
        return 73
    }
    # A process of its own, so that the time limit can end all of it at once.
    bounded sh "$program" "$root" "$become" unpack-into "$fresh" "$incoming/$sha256" "$sha256" "$format" "$limit" \
        "$filename" && finish_release
    _unpacked=$?
    [ -d "$fresh" ] && chmod -R u+w "$fresh" 2>/dev/null && rm -rf "$fresh"
    [ "$_unpacked" -ne 0 ] || rm -f "$incoming/$sha256"
    return "$_unpacked"
}

finish_release() { # named only when it is whole
    chmod 755 "$fresh" && mv -T "$fresh" "$releases/$version" 2>/dev/null && return 0
    # Another instance's runner was faster.
    [ -f "$releases/$version/.slipway-package" ] && read -r _sha256 <"$releases/$version/.slipway-package" &&
        [ "$_sha256" = "$sha256" ]
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
    elif find_release "$3"; then
        # The same bytes under another version's name: already verified, so the files are shared.
        cp -al "$found/." "$fresh/" && chmod u+w "$fresh" && rm -f "$fresh/.slipway-package"
    else
        echo "The package was not received; send it first."
        return 66
    fi && seal "$3"
}

seal() { # SHA256: everybody may read it, nobody may write
    printf '%s\n' "$1" >"$fresh/.slipway-package" && chmod -R a+rX,a-w "$fresh" && chmod u+w "$fresh"
}

extract() { # FORMAT FILENAME
    case $1 in
        tar | tar.gz | tar.xz | tar.zst) extract_tar "$1" ;;
        zip) extract_zip ;;
        file)
            is_name "$2" || return 64
            cp "$package" "$fresh/$2" && chmod 755 "$fresh/$2"
            ;;
        *) echo "This host program does not know the format $1." && return 64 ;;
    esac
}

extract_tar() { # FORMAT
    case $1 in
        tar) set -- cat ;;
        tar.gz) set -- gzip -dc ;;
        tar.xz) set -- xz -dc ;;
        tar.zst) set -- zstd -dcq ;;
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
    read -r _status <"$fresh.status"
    read -r _tar <"$fresh.tar"
    _warning=$(head -c 300 "$fresh.warning")
    rm -f "$fresh.status" "$fresh.tar" "$fresh.warning" "$fresh.error"
    case $_status in
        0) ;;
        141) echo "The package unpacks to more than $limit bytes." && return 65 ;;
        *) echo "The package cannot be decompressed: it is damaged, or this host has no $1." && return 65 ;;
    esac
    [ "$_tar" -eq 0 ] && [ -z "$_warning" ] || {
        echo "The package is refused: $_warning"
        case $_warning in
            *"No space left"*) return 73 ;;
        esac
        return 65
    }
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
        ! -type l -perm /6000 -printf 'a setuid or setgid file: %P' -quit -o \
        -name '*[[:cntrl:]]*' -printf 'a name with control characters' -quit -o \
        -lname '*[[:cntrl:]]*' -printf 'a link with control characters' -quit -o \
        -name '*\\*' -printf 'a name with a backslash: %P' -quit -o \
        -path ./.slipway-package -printf 'a name that is ours: %P' -quit \)) || {
        echo "The package is refused: what it became cannot be looked through"
        return 65
    }
    [ -z "$_bad" ] || {
        echo "The package is refused: it has $_bad"
        return 65
    }
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
