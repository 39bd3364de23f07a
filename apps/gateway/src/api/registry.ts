import { z } from 'zod';

/** Schemas with a name of their own in the API document. */
export const apiSchemas = z.registry<{ readonly id: string }>();

/** Gives a schema its name in the API document. */
export const named = <S extends z.ZodType>(id: string, schema: S): S => {
  apiSchemas.add(schema, { id });
  return schema;
};

/** Where the document keeps a named schema. */
export const refTo = (schema: z.ZodType): { readonly $ref: string } | undefined => {
  const id = apiSchemas.get(schema)?.id;
  return id === undefined ? undefined : { $ref: `#/components/schemas/${id}` };
};
