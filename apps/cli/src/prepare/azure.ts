import { bicepText, shellText } from './quote.js';
import { shellStart } from './shell.js';

/** What the account is to be like. Every name is checked already. */
export type AzurePlan = {
  readonly account: string;
  readonly resourceGroup: string;
  readonly region: string;
  readonly redundancy: string;
  readonly softDeleteDays: number;
  readonly container: string;
  /** Who may write: whoever has a SAS of the container until `until`, or one identity. */
  readonly access:
    | { readonly is: 'sas'; readonly until: string; readonly file: string }
    | { readonly is: 'identity'; readonly principalId: string };
};

/** The built-in role that can write, read and delete blobs: the least one that can write. */
const ROLE = { name: 'Storage Blob Data Contributor', id: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe' };
const TAG = { name: 'purpose', value: 'pstream' };

/** A Bicep file for a resource group. */
export const azureBicep = ({ account, resourceGroup, region, redundancy, softDeleteDays, container, access }: AzurePlan): string => {
  const group = shellText(resourceGroup);
  const retention = `{
      enabled: true
      days: ${softDeleteDays}
    }`;
  return `// The destination of pstream: a storage account with one private container. Save as destination.bicep, look at what would change, then deploy:
//   az group create --name ${group} --location ${region}
//   az deployment group what-if --resource-group ${group} --template-file destination.bicep
//   az deployment group create --resource-group ${group} --template-file destination.bicep
${
  access.is === 'sas'
    ? '// A SAS is a secret, which a template must not print. The script of `pstream prepare azure --as az` with the same options makes it afterwards.\n'
    : ''
}
targetScope = 'resourceGroup'

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: ${bicepText(account)}
  location: ${bicepText(region)}
  kind: 'StorageV2'
  sku: {
    name: ${bicepText(`Standard_${redundancy}`)}
  }
  tags: {
    ${TAG.name}: ${bicepText(TAG.value)}
  }
  properties: {
    accessTier: 'Hot'
    supportsHttpsTrafficOnly: true
    minimumTlsVersion: 'TLS1_2'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: ${access.is === 'sas'}
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: ${retention}
    containerDeleteRetentionPolicy: ${retention}
  }
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobs
  name: ${bicepText(container)}
  properties: {
    publicAccess: 'None'
  }
}
${access.is === 'identity' ? bicepRole(access.principalId) : ''}`;
};

const bicepRole = (principalId: string): string => `
// ${ROLE.name}, on this container only.
var roleId = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', ${bicepText(ROLE.id)})

resource mayWrite 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(container.id, ${bicepText(principalId)}, roleId)
  scope: container
  properties: {
    roleDefinitionId: roleId
    principalId: ${bicepText(principalId)}
    principalType: 'ServicePrincipal'
  }
}
`;

/** The same as a script of `az` commands for bash. */
export const azureScript = ({
  account,
  resourceGroup,
  region,
  redundancy,
  softDeleteDays,
  container,
  access,
}: AzurePlan): string => `${shellStart(
  'The destination of pstream: a storage account with one private container. Run it where az is signed in to the subscription that pays,',
  'for instance in Azure Cloud Shell. If it stops half-way, run it again.',
)}
account=${shellText(account)}
group=${shellText(resourceGroup)}
region=${shellText(region)}
container=${shellText(container)}
${
  access.is === 'sas'
    ? `expiry=${shellText(access.until)}
sas_file=${shellText(access.file)}

[ ! -e "$sas_file" ] || fail "There is already a file $sas_file. Nothing was changed."`
    : `principal=${shellText(access.principalId)}`
}

if [ "$(az group exists --name "$group")" != true ]; then
  az group create --name "$group" --location "$region" --output none
fi

# The settings of an account that something else uses must not change.
foreign=$(az storage account list --resource-group "$group" --query "length([?name=='$account' && tags.${TAG.name}!='${TAG.value}'])" --output tsv)
[ "$foreign" = 0 ] || fail "The account $account exists and has no tag ${TAG.name}=${TAG.value}. Use another name, or add the tag to let this script change it."

az storage account create --name "$account" --resource-group "$group" --location "$region" \\
  --kind StorageV2 --sku Standard_${redundancy} --access-tier Hot --tags ${TAG.name}=${TAG.value} \\
  --https-only true --min-tls-version TLS1_2 --allow-blob-public-access false --allow-cross-tenant-replication false \\
  --allow-shared-key-access ${access.is === 'sas'} --output none
az storage account blob-service-properties update --account-name "$account" --resource-group "$group" \\
  --enable-delete-retention true --delete-retention-days ${softDeleteDays} \\
  --enable-container-delete-retention true --container-delete-retention-days ${softDeleteDays} --output none
az storage container-rm create --storage-account "$account" --resource-group "$group" --name "$container" --public-access off --output none
${access.is === 'sas' ? SAS : IDENTITY}
printf 'Ready. Next:\\n  pstream endpoint add-destination CUSTOMER NAME --account %s --region %s --auth ${access.is}${access.is === 'sas' ? ' --secret-file %q' : ''}\\n' "$account" "$region"${access.is === 'sas' ? ' "$sas_file"' : ''}
printf 'and --container %s when you create the project.\\n' "$container"
`;

const SAS = `
# A SAS of this container only. It depends on the stored policy "pstream": deleting the policy revokes it at once.
AZURE_STORAGE_KEY=$(az storage account keys list --account-name "$account" --resource-group "$group" --query '[0].value' --output tsv)
export AZURE_STORAGE_KEY
az storage container policy create --account-name "$account" --container-name "$container" --name pstream \\
  --permissions acdlrw --expiry "$expiry" --output none
secret=$(az storage container generate-sas --account-name "$account" --name "$container" --policy-name pstream --https-only --output tsv)
keep_secret "$sas_file" "$secret"
`;

const IDENTITY = `
# ${ROLE.name}, on this container only.
scope=$(az storage account show --name "$account" --resource-group "$group" --query id --output tsv)/blobServices/default/containers/$container
az role assignment create --role '${ROLE.name}' --assignee-object-id "$principal" --assignee-principal-type ServicePrincipal \\
  --scope "$scope" --output none
`;
