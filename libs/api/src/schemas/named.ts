import { z } from 'zod';

/** Schemas with a name of their own in the API document. */
export const namedSchemas = z.registry<{ readonly id: string }>();

/** Gives a schema its name in the API document. */
export const named = <S extends z.ZodType>(id: string, schema: S): S => {
  namedSchemas.add(schema, { id });
  return schema;
};
