# Completion for bash: edgectl itself is asked what may stand at the cursor. Installed as /usr/share/bash-completion/completions/edgectl.
_edgectl() {
  local word=${COMP_WORDS[COMP_CWORD]} said
  said=$(edgectl "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)
  # What takes a file or folder suggests nothing of its own: bash's files come then (-o default).
  mapfile -t COMPREPLY < <(compgen -W "$said" -- "$word")
}
complete -o default -F _edgectl edgectl
