#!/usr/bin/env bash
# The step of action.yml: install dedup from the action's own folder, run the check, tell what it found.
set -euo pipefail

program=$DEDUP_REPORTS/dedup-venv/bin
if [[ ! -x $program/dedup ]]; then
  python -m venv "$DEDUP_REPORTS/dedup-venv"
  "$program/pip" install -q "$DEDUP_ACTION"
fi

sarif="$DEDUP_REPORTS/dedup.sarif" json="$DEDUP_REPORTS/dedup.json" markdown="$DEDUP_REPORTS/dedup.md"
arguments=(--report "sarif=$sarif" --report "json=$json" --report "markdown=$markdown" --report github=-)
while IFS= read -r report; do
  [[ -z $report ]] || arguments+=(--report "$report")
done <<<"$DEDUP_CHECK_REPORTS"
[[ -z $DEDUP_CHECK_MAX_NEW ]] || arguments+=(--max-new "$DEDUP_CHECK_MAX_NEW")
since=$DEDUP_CHECK_SINCE
if [[ -n $since && ! $since =~ ^0+$ ]]; then # a branch that is pushed for the first time was nothing before
  git cat-file -e "$since^{commit}" 2>/dev/null || git fetch -q --depth=1 origin "$since"
  arguments+=(--since "$since")
fi
while IFS= read -r path; do
  [[ -z $path ]] || arguments+=("$path")
done <<<"$DEDUP_CHECK_PATHS"

code=0
"$program/dedup" check "${arguments[@]}" || code=$?
if [[ $code -le 1 ]]; then
  {
    python - "$json" <<'EOF'
import json, sys

counts = json.load(open(sys.argv[1], encoding="utf-8"))["counts"]
print(f"new={counts['new']}\nedited={counts['edited-known']}\nknown={counts['known']}")
EOF
    printf 'sarif=%s\njson=%s\nmarkdown=%s\n' "$sarif" "$json" "$markdown"
  } >>"$GITHUB_OUTPUT"
fi
exit "$code"
