# Slipway's host program: carries out steps on this host, each of them once.
# shellcheck shell=sh
#
# Called as `sh PROGRAM ROOT BECOME VERB ARGUMENT…`, all of them checked tokens; data comes on standard
# input. Exit status 97: no such program here (said by the caller's test), 98: cut off or not understood.

host_locale=${LC_ALL:-}
export LC_ALL=C
umask 022
plain_ifs=' 	
'
IFS=$plain_ifs
stopped='' is_down='' user='' environment_list='' pids='' seen='' found='' is_resident='' pipe='' runner='' _end=''
untold='' claimed='' is_look='' health='' reason='' held_by='' probed_pid='' born=''
account='' group='' group_of='' slices='' unit='' uids='' uids_of='' resolved='' held='' listed='' changed_files=''
look_until='' unit_user='' deadline='' timeout_path='' hands='' heard='' handed=0 turn=0 hello='' is_served=''
program=$0
root=$1
become=$2
shift 2

know_me() { # asked for only where it matters: each process started costs a millisecond
    [ -n "$me" ] || me=$(id -un)
}

me='' sudo=''
if [ "$become" = sudo ]; then
    know_me
    [ "$me" = root ] || sudo='sudo -n'
fi
