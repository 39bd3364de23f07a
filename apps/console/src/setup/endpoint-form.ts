import type { ArgsOf } from '../api/answers.js';
import { shellWord } from '../parts/shell-word.js';

type Body = ArgsOf<'addEndpoint'>['body'];

/** Everything that a form for an endpoint may ask for. */
export const NO_ENDPOINT = {
  kind: 'microsoft-365',
  name: '',
  tenantId: '',
  clientId: '',
  credential: 'secret',
  thumbprint: '',
  secret: '',
  graphUrl: '',
  authorityUrl: '',
  account: '',
  region: '',
  auth: 'sas',
  endpoint: '',
  path: '',
};
export type EndpointField = keyof typeof NO_ENDPOINT;
type Values = Readonly<Record<EndpointField, string>>;

const given = (values: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ''));

/** The endpoint as the API takes it; the gateway says what is wrong with it. */
export const endpointOf = (values: Values): Body => {
  const { name, secret: value } = values;
  switch (values.kind) {
    case 'folder':
      return { kind: 'folder', name, path: values.path };
    case 'azure-blob': {
      const credential = values.auth === 'identity' ? { kind: 'identity' } : { kind: values.auth, value };
      return {
        kind: 'azure-blob',
        name,
        account: values.account,
        region: values.region,
        credential,
        ...given({ endpoint: values.endpoint }),
      } as Body;
    }
    default: {
      const credential =
        values.credential === 'certificate'
          ? { kind: 'certificate', thumbprintSha256: values.thumbprint, value }
          : { kind: 'secret', value };
      const { tenantId, clientId, graphUrl, authorityUrl } = values;
      return { kind: 'microsoft-365', name, tenantId, clientId, credential, ...given({ graphUrl, authorityUrl }) } as Body;
    }
  }
};

/** What must not be blank for the kind of endpoint. */
export const requiredOf = (values: Values): readonly EndpointField[] => {
  switch (values.kind) {
    case 'folder':
      return ['name', 'path'];
    case 'azure-blob':
      return ['name', 'account', 'region', ...(values.auth === 'identity' ? [] : (['secret'] as const))];
    default:
      return ['name', 'tenantId', 'clientId', 'secret', ...(values.credential === 'certificate' ? (['thumbprint'] as const) : [])];
  }
};

/** The field of the form for a place in the body, whether the endpoint is the body or within it. */
export const endpointFieldOf = (column: string): string => {
  const place = column.replace(/^endpoint\./, '');
  if (place === 'credential.value') return 'secret';
  if (place === 'credential.thumbprintSha256') return 'thumbprint';
  return place;
};

/** The command that adds the same endpoint; its secret comes from a file and never stands in a command. */
export const endpointCommand = (customerId: string, values: Values): string => {
  const option = (name: string, value: string): string => (value === '' ? '' : ` --${name} ${shellWord(value)}`);
  const name = shellWord(values.name === '' ? 'NAME' : values.name);
  if (values.kind === 'microsoft-365')
    return `pstream endpoint add-source ${customerId} ${name}${option('tenant-id', values.tenantId)}${option('client-id', values.clientId)}${values.credential === 'certificate' ? option('certificate-sha256', values.thumbprint) : ''}${option('graph-url', values.graphUrl)}${option('authority-url', values.authorityUrl)} --secret-file secret.txt`;
  const head = `pstream endpoint add-destination ${customerId} ${name}`;
  if (values.kind === 'folder') return `${head}${option('folder', values.path)}`;
  return `${head}${option('account', values.account)}${option('region', values.region)} --auth ${values.auth}${option('endpoint', values.endpoint)}${values.auth === 'identity' ? '' : ' --secret-file secret.txt'}`;
};
