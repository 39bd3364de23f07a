import { Size, type ConfigKeys } from '@pstream/nest';
import { z } from 'zod';

/** Keys of the pst-builder, with default, range and unit. */
export const builderKeys = {
  checkpointBytes: { env: 'PSTREAM_BUILDER_CHECKPOINT_BYTES', schema: Size.default(64 * 1024 ** 2).describe('Bytes of items after which a checkpoint is written: the most that a crash makes a builder repeat.') },
  checkpointMs: { env: 'PSTREAM_BUILDER_CHECKPOINT_MS', schema: z.coerce.number().int().min(100).default(10_000).describe('Milliseconds after which a checkpoint is written, 100 and more.') },
} satisfies ConfigKeys;
