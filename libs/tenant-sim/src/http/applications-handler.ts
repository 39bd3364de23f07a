import { deriveGuid } from '../ids.js';
import type { GrantedCall, Reply } from './call.js';
import type { Context } from './context.js';
import { listOptions, project } from './odata.js';
import { parseFilter } from './odata-filter.js';

const PROPERTIES = ['id', 'appId', 'displayName', 'passwordCredentials'];
const TWO_YEARS_MS = 2 * 365 * 24 * 3_600_000;
/** Of a secret, the directory shows its beginning. */
const HINT_LENGTH = 3;

type App = { readonly id: string; readonly appId: string; readonly displayName: string; readonly passwordCredentials: readonly object[] };

/** `GET /applications`: the registered apps with their secrets, of which only the beginning is shown. */
export const listApplications = (context: Context, call: GrantedCall): Reply => {
  const spec = { options: ['$select', '$filter'], properties: PROPERTIES, sortable: [] };
  const { filter, select } = listOptions(call.query, spec, context.strict);
  const wanted =
    filter === undefined ? () => true : parseFilter<App>(filter, PROPERTIES, (app, name) => (name === 'appId' ? app.appId : null));
  return {
    status: 200,
    json: {
      '@odata.context': `${context.origin}/${call.version}/$metadata#applications`,
      value: appsOf(context)
        .filter(wanted)
        .map((app) => project(app, select)),
    },
  };
};

const appsOf = ({ credentials, clock }: Context): App[] => {
  const ids = [...new Set(credentials.map(({ clientId }) => clientId))];
  const later = new Date(Date.parse(clock.now()) + TWO_YEARS_MS).toISOString();
  return ids.map((appId) => ({
    id: deriveGuid('application', appId),
    appId,
    displayName: 'pstream',
    passwordCredentials: credentials.flatMap(({ clientId, secret, secretEndsAt = later }) =>
      clientId !== appId || secret === undefined
        ? []
        : [
            {
              customKeyIdentifier: null,
              displayName: 'export',
              endDateTime: secretEndsAt,
              hint: secret.slice(0, HINT_LENGTH),
              keyId: deriveGuid('secret', secret),
              secretText: null,
              startDateTime: clock.now(),
            },
          ],
    ),
  }));
};
