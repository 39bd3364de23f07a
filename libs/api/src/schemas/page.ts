import { countField, field } from '@pstream/contracts';
import { z } from 'zod';
import { named } from './named.js';

/** A page of a list, as part of an answer that says more. */
export const pageOf = <S extends z.ZodType>(item: S, what: string) =>
  z.object({
    items: z.array(item).meta({ description: `${what} of this page.` }),
    total: countField('Number of all that match, on every page together.', 250),
    limit: countField('Most items of a page.', 100),
    next: field(z.string().nullable(), 'The `cursor` of the next page; null on the last one.', 'WyJzb3VyY2UiLCJhbm4iXQ'),
  });

/** A page of a list. */
export const page = <S extends z.ZodType>(id: string, item: S, what: string) => named(id, pageOf(item, what));
