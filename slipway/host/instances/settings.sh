# An instance's settings: the environment it was switched to, and by whom it is kept running.
# shellcheck shell=sh

write_environment() { # once for systemd, and in comments once as we were told it: for scripts
    decode "$environment_file"
    "${supervisor}_mark"
    _text="# Written by Slipway.$nl#supervisor $supervisor $unit$nl#user $run_user$nl#version $version$nl"
    [ -z "$fingerprint" ] || _text="$_text#fingerprint $fingerprint$nl"
    by_lines
    for line in $stop; do
        _text="$_text#stop $line.$nl"
    done
    [ -z "$stop" ] || _text="$_text#stop_ms $stop_ms$nl"
    for line in $common; do
        # The dot ends the comment: after a backslash systemd would read on into the next line.
        _text="$_text#=$line.$nl"
    done
    by_words
    [ -d "$home/.new" ] || mkdir -p "$home/.new"
    write_new "$home/.new/environment" 600 "$_text$decoded"
}

take_kept() { # what is asked from here on is asked about what was last switched to
    read_kept
    supervisor=$old_supervisor unit=$old_unit user=$old_user
}

read_kept() { # how the instance was last switched: $old_supervisor, $old_unit, …
    old_supervisor='' old_unit='' old_user='' old_version='' old_stop='' old_stop_ms=0 old_fingerprint=''
    [ -f "$home/environment" ] || return 0
    while IFS= read -r line; do
        case $line in
            '#supervisor '*)
                line=${line#* }
                old_supervisor=${line%% *} old_unit=${line#* }
                ;;
            '#user '*) old_user=${line#* } ;;
            '#version '*) old_version=${line#* } ;;
            '#fingerprint '*) old_fingerprint=${line#* } ;;
            '#stop '*)
                line=${line#* }
                old_stop="$old_stop${line%.}$nl"
                ;;
            '#stop_ms '*) old_stop_ms=${line#* } ;;
            '#='*) break ;;
        esac
    done <"$home/environment"
    # What another program has written may be kept running by what only that one knows.
    is_supervisor "$old_supervisor" || old_supervisor='' old_unit=''
}
