import { odataText, powershellText, shellText } from './quote.js';
import { shellStart } from './shell.js';

/** What the app is to be like. */
export type EntraPlan = {
  readonly tenantId: string;
  readonly name: string;
  /** Also the rights for items that Exchange cannot export as a stream. */
  readonly fallback: boolean;
  readonly secretDays: number;
  /** The last day of the secret, for the script that cannot work it out. */
  readonly secretUntil: string;
  readonly secretFile: string;
  /** Only the mailboxes of this group; without it those of the whole tenant. */
  readonly group?: string;
};

const GRAPH = '00000003-0000-0000-c000-000000000000';
const DIRECTORY = ['User.Read.All'];
const MAILBOXES = ['MailboxFolder.Read.All', 'MailboxItem.Read.All', 'MailboxItem.Export.All'];
const FALLBACK = ['Mail.Read', 'Contacts.Read', 'Calendars.Read', 'Tasks.Read.All'];
/** Exchange has a role of its own for each but the tasks. */
const roleOf = (permission: string): string => `Application ${permission.replace(/\.All$/, '')}`;
const SCOPED = new Set([...MAILBOXES, 'Mail.Read', 'Contacts.Read', 'Calendars.Read']);

const mailboxRights = ({ fallback }: EntraPlan): readonly string[] => [...MAILBOXES, ...(fallback ? FALLBACK : [])];
const inEntra = (plan: EntraPlan): readonly string[] => [...DIRECTORY, ...(plan.group === undefined ? mailboxRights(plan) : [])];

/** A script of `az` commands for bash. Only for the whole tenant: az cannot manage Exchange. */
export const entraScript = (plan: EntraPlan): string => `${shellStart(
  'The app that pstream signs in as, with application permissions that only read. Run it where az is signed in to the tenant as somebody who',
  'may grant admin consent, for instance a Privileged Role Administrator.',
)}
tenant=${shellText(plan.tenantId)}
name=${shellText(plan.name)}
secret_file=${shellText(plan.secretFile)}
expiry=${shellText(plan.secretUntil)}
graph_app=${GRAPH}
permissions=(${inEntra(plan).join(' ')})

# What was just made is not known everywhere at once.
again() {
  for _ in 1 2 3 4 5; do
    if "$@"; then return 0; fi
    sleep 10
  done
  "$@"
}

[ ! -e "$secret_file" ] || fail "There is already a file $secret_file. Nothing was changed."
[ "$(az account show --query tenantId --output tsv)" = "$tenant" ] ||
  fail "az is signed in to another tenant. Run: az login --tenant $tenant --allow-no-subscriptions"
[ "$(az ad app list --filter ${shellText(`displayName eq ${odataText(plan.name)}`)} --query 'length(@)' --output tsv)" = 0 ] ||
  fail "There is already an app of this name. Nothing was changed. Delete it, or choose another name with --name."
role_ids=()
for permission in "\${permissions[@]}"; do
  role_id=$(az ad sp show --id "$graph_app" --query "appRoles[?value=='$permission' && contains(allowedMemberTypes, 'Application')].id | [0]" --output tsv)
  [ -n "$role_id" ] || fail "Microsoft Graph has no application permission $permission in this tenant. Nothing was changed."
  role_ids+=("$role_id")
done
graph=$(az ad sp show --id "$graph_app" --query id --output tsv)

app=$(az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg --query appId --output tsv)
principal=$(again az ad sp create --id "$app" --query id --output tsv)
for role_id in "\${role_ids[@]}"; do
  again az ad app permission add --id "$app" --api "$graph_app" --api-permissions "$role_id=Role" --output none
  again az rest --method post --url "https://graph.microsoft.com/v1.0/servicePrincipals/$principal/appRoleAssignments" \\
    --body "{\\"principalId\\":\\"$principal\\",\\"resourceId\\":\\"$graph\\",\\"appRoleId\\":\\"$role_id\\"}" --output none
done
secret=$(again az ad app credential reset --id "$app" --append --display-name pstream --end-date "$expiry" --query password --output tsv)
keep_secret "$secret_file" "$secret"
printf 'Ready. Next:\\n  pstream endpoint add-source CUSTOMER NAME --tenant-id %s --client-id %s --secret-file %q\\n' "$tenant" "$app" "$secret_file"
`;

/** A script for PowerShell 7, with the modules of Microsoft Graph and, for a group, of Exchange Online. */
export const entraPowershell = (plan: EntraPlan): string => {
  const { tenantId, name, secretFile, secretDays, group } = plan;
  return `#Requires -Version 7
#Requires -Modules Microsoft.Graph.Authentication, Microsoft.Graph.Applications${group === undefined ? '' : ', ExchangeOnlineManagement'}
# The app that pstream signs in as, with application permissions that only read. Run it as somebody who may grant admin consent, for
# instance a Privileged Role Administrator${group === undefined ? '' : ', and who may manage roles in Exchange Online (Organization Management)'}.
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$tenantId = ${powershellText(tenantId)}
$appName = ${powershellText(name)}
$secretFile = ${powershellText(secretFile)}
$secretDays = ${secretDays}
$permissions = @(${inEntra(plan).map(powershellText).join(', ')})
${group === undefined ? '' : exchangeValues(plan, group)}
# What was just made is not known everywhere at once.
function Invoke-Again([scriptblock] $Work) {
  for ($try = 1; $try -le 5; $try++) {
    try { return & $Work } catch { Start-Sleep -Seconds 10 }
  }
  & $Work
}

if (Test-Path -LiteralPath $secretFile) { throw "There is already a file $secretFile. Nothing was changed." }
Connect-MgGraph -TenantId $tenantId -Environment Global -Scopes 'Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All' -NoWelcome
${group === undefined ? '' : EXCHANGE_CHECKS}$quotedName = $appName.Replace("'", "''")
if (@(Get-MgApplication -Filter "displayName eq '$quotedName'").Count -gt 0) {
  throw 'There is already an app of this name. Nothing was changed. Delete it, or choose another name with --name.'
}
$graph = Get-MgServicePrincipal -Filter "appId eq '${GRAPH}'"
$roles = foreach ($permission in $permissions) {
  $role = $graph.AppRoles | Where-Object { $_.Value -ceq $permission -and $_.AllowedMemberTypes -contains 'Application' }
  if ($null -eq $role) { throw "Microsoft Graph has no application permission $permission in this tenant. Nothing was changed." }
  $role
}

$access = @{ ResourceAppId = $graph.AppId; ResourceAccess = @($roles | ForEach-Object { @{ Id = $_.Id; Type = 'Role' } }) }
$app = New-MgApplication -DisplayName $appName -SignInAudience AzureADMyOrg -RequiredResourceAccess @($access)
$principal = Invoke-Again { New-MgServicePrincipal -AppId $app.AppId }
foreach ($role in $roles) {
  $null = Invoke-Again {
    New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $principal.Id -PrincipalId $principal.Id -ResourceId $graph.Id -AppRoleId $role.Id
  }
}
${group === undefined ? '' : EXCHANGE_ROLES}$lastDay = (Get-Date).ToUniversalTime().AddDays($secretDays)
$secret = Add-MgApplicationPassword -ApplicationId $app.Id -PasswordCredential @{ DisplayName = 'pstream'; EndDateTime = $lastDay }
$secret.SecretText | Out-File -LiteralPath $secretFile -NoClobber -NoNewline -Encoding ascii
Write-Output 'Ready. Move the secret to where only you can read it. Next:'
Write-Output "  pstream endpoint add-source CUSTOMER NAME --tenant-id $tenantId --client-id $($app.AppId) --secret-file FILE"
`;
};

const exchangeValues = (
  plan: EntraPlan,
  group: string,
): string => `# Exchange grants these for the direct members of one group. The same rights in Entra would be for every mailbox.
$groupName = ${powershellText(group)}
$exchangeRoles = @(${mailboxRights(plan)
  .filter((permission) => SCOPED.has(permission))
  .map((permission) => powershellText(roleOf(permission)))
  .join(', ')})
`;

const EXCHANGE_CHECKS = `Connect-ExchangeOnline -ShowBanner:$false
if ((Get-ConnectionInformation).TenantID -notcontains $tenantId) { throw 'Exchange Online is connected to another tenant. Nothing was changed.' }
$group = @(Get-Group -Identity $groupName)
if ($group.Count -ne 1) { throw "There must be one group $groupName, and $($group.Count) were found. Nothing was changed." }
`;

const EXCHANGE_ROLES = `
$scopeName = "pstream $($app.AppId)"
$member = $group[0].DistinguishedName.Replace("'", "''")
$null = Invoke-Again { New-ServicePrincipal -AppId $app.AppId -ObjectId $principal.Id -DisplayName $appName }
$null = New-ManagementScope -Name $scopeName -RecipientRestrictionFilter "MemberOfGroup -eq '$member'"
foreach ($role in $exchangeRoles) {
  $null = Invoke-Again { New-ManagementRoleAssignment -App $principal.Id -Role $role -CustomResourceScope $scopeName }
}
Write-Output 'Roles of Exchange take effect after 30 minutes to 2 hours.'

`;
