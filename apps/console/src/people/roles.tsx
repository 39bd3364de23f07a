import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Right } from '../parts/rights.js';
import { Table } from '../parts/table.js';
import type { Role } from './queries.js';

/** Roles, from the one that may do most. */
const ROLES = ['owner', 'admin', 'agent', 'viewer', 'finance'] as const;

/** Whom each role may make: nobody hands out what they lack. */
const GIVES: Readonly<Record<Role, readonly Role[]>> = {
  owner: ROLES,
  admin: ['admin', 'agent', 'viewer', 'finance'],
  agent: ['agent', 'viewer'],
  viewer: ['viewer'],
  finance: ['finance'],
};

/** Roles that somebody may give, to people and to tokens; the gateway decides again. */
export const givenBy = (role: Role | undefined): readonly Role[] => (role === undefined ? [] : GIVES[role]);

/** What the roles may do, in the words of whoever hands them out. */
const MAY = [
  ['customers.view', ROLES],
  ['exports.view', ['owner', 'admin', 'agent', 'viewer']],
  ['exports.run', ['owner', 'admin', 'agent']],
  ['licences.view', ROLES],
  ['licences.buy', ['owner', 'admin', 'finance']],
  ['payments.record', ['owner', 'admin', 'finance']],
  ['people.view', ROLES],
  ['people.manage', ['owner', 'admin']],
  ['audit.view', ['owner', 'admin']],
  ['notices.manage', ['owner', 'admin']],
  ['workgroup.manage', ['owner']],
  ['system', ['owner', 'admin']],
] as const satisfies readonly (readonly [Right, readonly Role[]])[];

/** What each role may do, as a table. */
export const RolesTable = (): ReactElement => {
  const { t } = useTranslation();
  return (
    <details>
      <summary>{t('people.roles')}</summary>
      <Table label={t('people.roles')} heads={[t('people.may'), ...ROLES.map((role) => t(`role.${role}`))]}>
        {MAY.map(([right, roles]) => (
          <tr key={right}>
            <th scope="row">{t(`people.right.${right.replace('.', '-') as 'system'}`)}</th>
            {ROLES.map((role) => (
              <td key={role}>{(roles as readonly Role[]).includes(role) ? t('people.yes') : '–'}</td>
            ))}
          </tr>
        ))}
      </Table>
    </details>
  );
};
