#!/usr/bin/env bash
# commentPreview.sh FILE: puts a preview's text under the pull request, one comment a stack, and replaces it at the next push.
# Reads STACK, OUTCOME, PULL_REQUEST, GITHUB_REPOSITORY and, for gh, GH_TOKEN.
set -euo pipefail

# A comment may have 65,536 characters.
LONGEST=60000

marker="<!-- preview of $STACK -->"
body=$(mktemp)
trap 'rm -f "$body"' EXIT
{
  printf '%s\n### Preview of `%s`: %s\n\n' "$marker" "$STACK" "$OUTCOME"
  if [ "$(wc -c <"$1")" -gt "$LONGEST" ]; then echo "The last $LONGEST bytes; the job's log has all."; fi
  # Four backticks: the text may have three of its own.
  printf '````diff\n%s\n````\n' "$(tail -c "$LONGEST" "$1")"
} >"$body"

comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments"
ids=$(gh api --paginate "$comments" --jq ".[] | select(.body | startswith(\"$marker\")) | .id")
id=${ids%%$'\n'*}
if [ -n "$id" ]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" --field "body=@$body" --silent
else
  gh api --method POST "$comments" --field "body=@$body" --silent
fi
