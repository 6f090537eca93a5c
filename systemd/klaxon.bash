# Completion for klaxon: asks the program's own --help, so it knows whatever this version knows.
_klaxon() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} word help at
  local -a path=("${COMP_WORDS[0]}")

  # Words that the help so far calls subcommands lead on; an option's value or a number ends nothing.
  help=$("${path[@]}" --help 2>/dev/null) || return
  for ((at = 1; at < COMP_CWORD; ++at)); do
    word=${COMP_WORDS[at]}
    [[ $word == -* ]] && continue
    if _klaxon_offers Subcommands "$help" | grep -qxF -e "$word"; then
      path+=("$word")
      help=$("${path[@]}" --help 2>/dev/null) || return
    fi
  done

  case $previous in
    --lane) COMPREPLY=($(compgen -W 'alert urgent normal bulk' -- "$current")); return ;;
    --encoding) COMPREPLY=($(compgen -W 'auto gsm7 ucs2' -- "$current")); return ;;
    --in-doubt) COMPREPLY=($(compgen -W 'repeat hold' -- "$current")); return ;;
    --token-file | --ca) compopt -o filenames; COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  if [[ $current == -* ]]; then
    # The global options hold after a subcommand as well, whose help does not show them.
    [[ ${#path[@]} -eq 1 ]] || help+=$'\n'$("${path[0]}" --help 2>/dev/null)
    COMPREPLY=($(compgen -W "$(_klaxon_offers Options "$help" | sort -u)" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$(_klaxon_offers Subcommands "$help")" -- "$current"))
    [[ ${#COMPREPLY[@]} -gt 0 || ! ${path[-1]} =~ ^(apply|backup)$ ]] || { compopt -o filenames; COMPREPLY=($(compgen -f -- "$current")); }
  fi
}

# The names in one section of a help text, one a line.
_klaxon_offers() {
  awk -v wanted="$1:" '
    /^[^ ]/ { on = $0 == wanted; next }
    on && /^  [^ ]/ { name = $1; sub(/^-[a-zA-Z],/, "", name); sub(/[^-a-z0-9].*/, "", name); print name }' <<<"$2"
}

complete -F _klaxon klaxon
