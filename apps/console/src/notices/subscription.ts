import { subscribableKinds, usualKinds } from '@pstream/api/client';
import type { ArgsOf } from '../api/answers.js';
import { shellWord } from '../parts/shell-word.js';
import type { Channel, Subscription } from './queries.js';

export type Kind = (typeof subscribableKinds)[number];
/** Kinds are judged together; what is wrong with them stands at this one. */
export const KINDS_FIELD: Kind = 'pass.started';
export const CHANNELS = ['mail', 'webhook', 'teams'] as const satisfies readonly Channel[];

export type SubscriptionField = 'name' | 'channel' | 'to' | 'url' | 'projectId' | Kind;
export type SubscriptionValues = Readonly<Record<SubscriptionField, string>>;

/** The values of the form: of a new subscription, or of one that is changed. Its sealed address is never shown, so it is blank. */
export const valuesOf = (subscription?: Subscription): SubscriptionValues => {
  const kinds: readonly string[] = subscription?.kinds ?? usualKinds;
  return {
    name: subscription?.name ?? '',
    channel: subscription?.channel ?? 'mail',
    to: subscription?.to.join('\n') ?? '',
    url: '',
    projectId: subscription?.projectId ?? '',
    ...(Object.fromEntries(subscribableKinds.map((kind) => [kind, kinds.includes(kind) ? 'yes' : ''])) as Record<Kind, string>),
  };
};

export const kindsIn = (values: SubscriptionValues): Kind[] => subscribableKinds.filter((kind) => values[kind] === 'yes');

/** Mail addresses, each on its own line or with commas or spaces between them. */
export const addressesIn = (text: string): string[] => text.split(/[\s,;]+/).filter((each) => each !== '');

/** What must not be blank; an address that is kept may. */
export const requiredIn = ({ channel }: SubscriptionValues, isNew: boolean): readonly SubscriptionField[] => [
  'name',
  ...(channel === 'mail' ? (['to'] as const) : isNew ? (['url'] as const) : []),
];

/** The field of the form for a place in the body; kinds are judged together, at the first. */
export const fieldOf = (column: string): string => {
  const place = column.replace(/^channel\./, '').replace(/\..*$/, '');
  return place === 'kinds' ? KINDS_FIELD : place;
};

/** A new subscription as the API takes it. */
export const bodyOf = (values: SubscriptionValues): ArgsOf<'addSubscription'>['body'] => {
  const { name, channel, to, url, projectId } = values;
  return {
    name,
    kinds: kindsIn(values),
    ...(projectId === '' ? {} : { projectId }),
    channel:
      channel === 'mail' ? { kind: 'mail', to: addressesIn(to) } : { kind: channel === 'teams' ? 'teams' : 'webhook', url: url.trim() },
  };
};

/** What of the form differs from the subscription; undefined if nothing does. */
export const changeOf = (before: Subscription, values: SubscriptionValues): ArgsOf<'editSubscription'>['body'] | undefined => {
  const { name, to, url, projectId } = values;
  const kinds = kindsIn(values);
  const addresses = addressesIn(to);
  const change = {
    ...(name === before.name ? {} : { name }),
    ...(kinds.join() === before.kinds.join() ? {} : { kinds }),
    ...(projectId === (before.projectId ?? '') ? {} : { projectId: projectId === '' ? null : projectId }),
    ...(before.channel !== 'mail' || addresses.join() === before.to.join() ? {} : { to: addresses }),
    ...(url.trim() === '' ? {} : { url: url.trim() }),
  };
  return Object.keys(change).length === 0 ? undefined : change;
};

const FLAG: Readonly<Record<Channel, string>> = { mail: '--mail', webhook: '--webhook-file', teams: '--teams-file' };

/** The command that adds one. The address of a webhook stays out of it, since commands are kept in a history. */
export const addCommand = (values: SubscriptionValues): string => {
  const { name, channel, to, projectId } = values;
  const kinds = kindsIn(values);
  const where =
    channel === 'mail' ? `--mail ${addressesIn(to).map(shellWord).join(' ') || 'ADDRESS'}` : `${FLAG[channel as Channel]} address.txt`;
  const about = kinds.join() === usualKinds.join() ? '' : ` --about ${kinds.join(',') || 'KINDS'}`;
  return `pstream notice add ${shellWord(name || 'NAME')} ${where}${about}${projectId === '' ? '' : ` --project ${projectId}`}`;
};

/** The command that changes one. */
export const editCommand = (before: Subscription, values: SubscriptionValues): string => {
  const { name, kinds, projectId, to, url } = changeOf(before, values) ?? {};
  const flags = [
    name === undefined ? '' : ` --name ${shellWord(name)}`,
    to === undefined ? '' : ` --mail ${to.map(shellWord).join(' ')}`,
    url === undefined ? '' : ' --address-file address.txt',
    kinds === undefined ? '' : ` --about ${kinds.join(',')}`,
    projectId === undefined ? '' : ` --project ${projectId ?? 'all'}`,
  ];
  return `pstream notice edit ${before.subscriptionId}${flags.join('')}`;
};
