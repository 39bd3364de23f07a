import { endpointCommand, endpointFieldOf, endpointOf, NO_ENDPOINT, requiredOf } from './endpoint-form.js';

const source = { ...NO_ENDPOINT, name: 'Our tenant', tenantId: 'contoso.example', clientId: 'app', secret: 's3cret' };
const azure = { ...NO_ENDPOINT, kind: 'azure-blob', name: 'Blob', account: 'contosopst', region: 'westeurope', secret: 'sig' };
const folder = { ...NO_ENDPOINT, kind: 'folder', name: 'Folder', path: '/srv/exports' };

describe('the form of an endpoint', () => {
  it('becomes what the API takes, with nothing of another kind in it', () => {
    expect(endpointOf(source)).toEqual({
      kind: 'microsoft-365',
      name: 'Our tenant',
      tenantId: 'contoso.example',
      clientId: 'app',
      credential: { kind: 'secret', value: 's3cret' },
    });
    expect(endpointOf({ ...source, credential: 'certificate', thumbprint: 'AB' })).toMatchObject({
      credential: { kind: 'certificate', thumbprintSha256: 'AB', value: 's3cret' },
    });
    expect(endpointOf(azure)).toMatchObject({ account: 'contosopst', credential: { kind: 'sas', value: 'sig' } });
    expect(endpointOf({ ...azure, auth: 'identity' })).toMatchObject({ credential: { kind: 'identity' } });
    expect(endpointOf(folder)).toEqual({ kind: 'folder', name: 'Folder', path: '/srv/exports' });
  });

  it('asks for what its kind needs', () => {
    expect(requiredOf(source)).toEqual(['name', 'tenantId', 'clientId', 'secret']);
    expect(requiredOf({ ...azure, auth: 'identity' })).toEqual(['name', 'account', 'region']);
    expect(requiredOf(folder)).toEqual(['name', 'path']);
  });

  it('shows faults of the gateway where they belong', () => {
    expect(['name', 'credential.value', 'endpoint.credential.value', 'credential.thumbprintSha256'].map(endpointFieldOf)).toEqual([
      'name',
      'secret',
      'secret',
      'thumbprint',
    ]);
  });

  it('has a command without the secret', () => {
    expect(endpointCommand('C', source)).toBe(
      "pstream endpoint add-source C 'Our tenant' --tenant-id contoso.example --client-id app --secret-file secret.txt",
    );
    expect(endpointCommand('C', folder)).toBe('pstream endpoint add-destination C Folder --folder /srv/exports');
    for (const values of [source, azure, folder]) expect(endpointCommand('C', { ...values, secret: 's3cret' })).not.toContain('s3cret');
  });
});
