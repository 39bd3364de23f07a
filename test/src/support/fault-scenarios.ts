import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@pstream/testing';
import { generatedTenant, parseFaultScript, startTenant, type Exchange, type FaultRule, type RunningTenant } from '@pstream/tenant-sim';
import type { Clock } from '@pstream/kernel';
import { accessOf, type Access } from './fleet.js';

/** What a scenario must end in. `cause` may end in `*`; `hurt` counts items that failed or came as MIME. */
export type Expectation = {
  readonly status?: 'Completed' | 'Completed with errors' | 'Failed';
  readonly cause?: string;
  readonly failed?: number;
  readonly skipped?: number;
  readonly hurt?: number;
  readonly codes?: readonly string[];
  /** Some folders cannot be listed, for this cause: what they hold is not discovered. */
  readonly notListed?: string;
  /** Some contents differ on purpose from what the source would give without the rules. */
  readonly changed?: boolean;
};

/** A line of the specification as a fault script: what goes wrong, and what must come out. */
export type Scenario = {
  readonly name: string;
  readonly line: string;
  readonly what: string;
  readonly type?: 'mailbox' | 'archive';
  /** Whose mailbox, where it is not one of the generated users. */
  readonly user?: string;
  readonly tenant?: { readonly wellKnownNames?: boolean };
  readonly credential?: {
    readonly error?: number;
    readonly roles?: readonly string[];
    readonly exchangeRoles?: readonly string[];
    readonly expiresInSeconds?: number;
  };
  readonly rules: readonly FaultRule[];
  readonly expect: Expectation;
};

/** A scenario with the user it plays on and the way to sign in. */
export type Cast = { readonly scenario: Scenario; readonly user: string; readonly access: Access; readonly sim: RunningTenant };

/** Items of each mailbox and each archive. */
export const ITEMS = 12;

const ONLY = process.env['PSTREAM_FAULTS']?.split(',');
const FOLDER = join(repositoryRoot, 'test', 'scenarios', 'graph-faults');

/** The scenarios, in the order of the specification's lines; PSTREAM_FAULTS names those to play alone. */
export const readScenarios = (): readonly Scenario[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json') && (ONLY === undefined || ONLY.includes(file.replace('.json', ''))))
    .map((file): Scenario => {
      const scenario = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Omit<Scenario, 'name'>;
      return { ...scenario, name: file.replace('.json', ''), rules: parseFaultScript(scenario.rules).rules };
    })
    .toSorted((a, b) => order(a.name) - order(b.name) || a.name.length - b.name.length || (a.name < b.name ? -1 : 1));

const order = (name: string): number => Number(/^(\d+)-?(\d*)/.exec(name)![1]) * 100 + Number(/^\d+-(\d+)/.exec(name)?.[1] ?? 0);

/** Starts as few tenants as the scenarios need: each scenario has a user of its own, and rules that touch nobody else. */
export const castScenarios = async (
  scenarios: readonly Scenario[],
  clock: Clock,
  observe?: (exchange: Exchange) => void,
): Promise<readonly Cast[]> => {
  // Sign-in knows no user, so a rule on it takes a tenant of its own.
  const groups = Map.groupBy(scenarios, ({ name, tenant, rules }) =>
    JSON.stringify([tenant ?? {}, rules.some(({ on }) => on === 'token') ? name : '']),
  );
  const cast: Cast[] = [];
  for (const group of groups.values()) {
    const users = group.map(({ user }, n) => user ?? `user${String(n + 1)}@fabrikam.test`);
    const credentials = group.map(({ name, credential }) => ({ secret: `secret-of-${name}`, ...credential }));
    const rules = group.flatMap((scenario, n) =>
      scenario.rules.map((rule) => (rule.on === 'token' ? rule : { ...rule, mailbox: users[n]! })),
    );
    const sim = await startTenant({
      tenant: generatedTenant({
        seed: 17,
        mailboxes: group.length,
        archives: group.length,
        itemsPerMailbox: ITEMS,
        itemsPerArchive: ITEMS,
        sizeProfile: 'tiny',
      }),
      archives: { auxiliaries: 2 },
      usersWithoutMailbox: ['onprem@fabrikam.test'],
      clock,
      credentials,
      faults: { rules },
      ...group[0]!.tenant,
      ...(observe === undefined ? {} : { observe }),
    });
    for (const [n, scenario] of group.entries()) {
      cast.push({ scenario, user: users[n]!, sim, access: { ...accessOf(sim), secret: credentials[n]!.secret } });
    }
  }
  return cast;
};
