#!/bin/sh
# SPDX-License-Identifier: MIT
# words.sh - fails if a file names a workplace, a private path or the host of a package registry.
# A bracket in each pattern keeps this file from matching itself.
cd "$(dirname "$0")/../.." || exit 2
pattern='(^|[^A-Za-z0-9_./])(/wor[k]/|/tmp/w[t]/|/hom[e]/)|BRIEF[.]md|DESIGN[.]m[d]'
pattern="$pattern|(deb|ftp|security|snapshot|archive)[.](debian|ubuntu)[.](org|com)"
pattern="$pattern|(registry|proxy|index|files)[.](npmjs|golang|crates|pypi|pythonhosted)[.]|pypi[.]org"
pattern="$pattern|[Cc]lau[d]e|[Aa]nthropi[c]|[Ss]ubagen[t]|language mode[l]"
! { git ls-files --cached --others --exclude-standard 2>/dev/null ||
    find . -type f -not -path './build/*'; } | xargs grep -InE "$pattern" /dev/null
