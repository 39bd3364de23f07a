import { z } from 'zod';

// Building blocks of documents that people and programs outside read: every field has a sentence and an example.

/** The schema with a sentence and an example of its value, which the description of the API shows. */
export const field = <S extends z.ZodType>(schema: S, description: string, example: z.output<S>): S =>
  schema.meta({ description, examples: [example] });

/** Ids in examples. */
export const EXAMPLE_ID = {
  customer: '01J8ZQ4N5W9K7C1B2D3E4F5G6A',
  project: '01J8ZQ4N5W9K7C1B2D3E4F5G6B',
  mailbox: '01J8ZQ4N5W9K7C1B2D3E4F5G6C',
  source: '01J8ZQ4N5W9K7C1B2D3E4F5G6D',
  destination: '01J8ZQ4N5W9K7C1B2D3E4F5G6E',
  pass: '01J8ZQ4N5W9K7C1B2D3E4F5G6F',
  part: '01J8ZQ4N5W9K7C1B2D3E4F5G6G',
  order: '01J8ZQ4N5W9K7C1B2D3E4F5G6H',
  run: '01J8ZQ4N5W9K7C1B2D3E4F5G6J',
} as const;

/** A point in time in examples. */
export const EXAMPLE_TIME = '2026-01-31T12:00:00.000Z';

export const idField = (of: keyof typeof EXAMPLE_ID, description: string): z.ZodString => field(z.string(), description, EXAMPLE_ID[of]);
export const textField = (description: string, example: string): z.ZodString => field(z.string(), description, example);
export const timeField = (description: string): z.ZodString => field(z.string(), `${description} ISO 8601 in UTC.`, EXAMPLE_TIME);
/** A time that may be missing. */
export const timeOrNullField = (description: string): z.ZodNullable<z.ZodString> =>
  field(z.string().nullable(), `${description} ISO 8601 in UTC.`, EXAMPLE_TIME);
export const countField = (description: string, example = 3): z.ZodInt => field(z.int(), description, example);
export const bytesField = (description: string, example = 1_048_576): z.ZodNumber => field(z.number(), description, example);
