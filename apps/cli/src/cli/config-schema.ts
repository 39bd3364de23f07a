import { z } from 'zod';

/** What `pstream login` saves. */
export const SavedConfig = z.object({ url: z.string().optional(), token: z.string().optional() });
export type SavedConfig = z.infer<typeof SavedConfig>;

/** Address of a gateway: http or https, without a user name, no path. */
export const GatewayUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).username === '', {
    error: 'Give an address such as http://127.0.0.1:4321.',
  })
  .transform((text) => text.replace(/\/+$/, ''));
