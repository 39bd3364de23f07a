import { instantOf, localOf } from '../parts/local-time.js';
import { shellWord } from '../parts/shell-word.js';
import { OUTCOMES, type AuditSearch } from '../search.js';
import type { Entry } from './queries.js';

/** The fields of the filter, as they are typed; times are of the browser's own zone. */
export type FilterField = 'of' | 'person' | 'action' | 'object' | 'outcome' | 'from' | 'before';
export type FilterValues = Readonly<Record<FilterField, string>>;

const FIELDS = ['of', 'person', 'action', 'object', 'outcome', 'from', 'before'] as const satisfies readonly FilterField[];

export const valuesOf = (search: AuditSearch): FilterValues => {
  const { from, before } = search;
  return {
    ...(Object.fromEntries(FIELDS.map((field) => [field, search[field] ?? ''])) as FilterValues),
    from: from === undefined ? '' : localOf(from),
    before: before === undefined ? '' : localOf(before),
  };
};

/** Times of the filter that the browser's clocks never show. */
export const wrongTimes = (values: FilterValues): readonly FilterField[] =>
  (['from', 'before'] as const).filter((field) => values[field] !== '' && instantOf(values[field]) === undefined);

/** What the filter asks for; what is blank is left out. */
export const searchOf = ({ of, person, action, object, outcome, from, before }: FilterValues): AuditSearch => {
  const [begin, end] = [instantOf(from), instantOf(before)];
  const result = OUTCOMES.find((each) => each === outcome);
  return {
    ...(of === 'installation' ? { of } : {}),
    ...(person.trim() === '' ? {} : { person: person.trim() }),
    ...(action.trim() === '' ? {} : { action: action.trim() }),
    ...(object.trim() === '' ? {} : { object: object.trim() }),
    ...(result === undefined ? {} : { outcome: result }),
    ...(begin === undefined ? {} : { from: begin }),
    ...(end === undefined ? {} : { before: end }),
  };
};

const options = ({ of, ...filter }: AuditSearch): string =>
  `${Object.entries(filter)
    .map(([name, value]) => ` --${name} ${shellWord(value)}`)
    .join('')}${of === undefined ? '' : ' --installation'}`;

/** The commands that do the same. */
export const listCommand = (search: AuditSearch): string => `pstream audit list${options(search)}`;
export const verifyCommand = ({ of }: AuditSearch, head: string): string =>
  `pstream audit verify${head === '' ? '' : ` --head ${head}`}${of === undefined ? '' : ' --installation'}`;

/** Where the record is downloaded from: for spreadsheets, as it is filtered, or as it is stored. */
export const csvAddress = (search: AuditSearch): string => `/v1/audit.csv${queryText(search)}`;
export const recordsAddress = ({ of }: AuditSearch): string => `/v1/audit.jsonl${queryText(of === undefined ? {} : { of })}`;

const queryText = (search: AuditSearch): string => {
  const text = new URLSearchParams(search).toString();
  return text === '' ? '' : `?${text}`;
};

/** What something that is on record is called: by its name of then, by the name that it was given when it was made, or by its id. */
export const nameOf = ({ object, objectId, changes }: Pick<Entry, 'object' | 'objectId' | 'changes'>): string | undefined => {
  const given = changes.find(({ field, new: now }) => field === 'name' && typeof now === 'string')?.new;
  return object?.name ?? (object === null && given !== undefined ? String(given) : undefined) ?? objectId ?? object?.id;
};

/** An operation of the API in words: `renameCustomer` is `Rename customer`. */
export const inWords = (action: string): string =>
  `${action.slice(0, 1).toUpperCase()}${action.slice(1).replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`;
