/** How every script for bash begins: what it is for, that it ends with its first failure, and in which cloud it may run. */
export const shellStart = (...about: readonly string[]): string => `#!/usr/bin/env bash
${about.map((line) => `# ${line}`).join('\n')}
set -euo pipefail
export MSYS_NO_PATHCONV=1
fail() { printf 'Error: %s\\n' "$1" >&2; exit 1; }
# Writes a secret to a new file that only its owner can read.
keep_secret() { (umask 077 && set -o noclobber && printf '%s\\n' "$2" > "$1"); }

cloud=$(az cloud show --query name --output tsv)
[ "$cloud" = AzureCloud ] || fail "az is set to $cloud, and Exchange Online exports mailboxes in the global cloud only. Run: az cloud set --name AzureCloud"
`;
