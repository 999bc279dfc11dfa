#compdef slipway
# Completes slipway in zsh: eval "$(slipway completion zsh)"
_slipway() {
    local line
    local -a names shown
    while IFS= read -r line; do
        names+=("${line%%$'\t'*}")
        shown+=("${line/$'\t'/  }")
    done < <("${words[1]}" complete "${(@)words[2,CURRENT]}" 2>/dev/null)
    if (( $#names )); then
        compadd -l -d shown -a names
    else
        _files
    fi
}
if [[ $funcstack[1] == _slipway ]]; then
    _slipway "$@" # found in fpath, at the first Tab
else
    compdef _slipway slipway
fi
