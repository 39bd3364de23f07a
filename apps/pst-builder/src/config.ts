import { Size, type ConfigKeys } from '@pstream/wiring';
import { z } from 'zod';

/** Keys of the pst-builder, with default, range and unit. */
export const builderKeys = {
  checkpointBytes: {
    env: 'PSTREAM_BUILDER_CHECKPOINT_BYTES',
    schema: Size.default(64 * 1024 ** 2).describe(
      'Bytes of items after which a checkpoint is written: the most that a crash makes a builder repeat.',
    ),
  },
  checkpointMs: {
    env: 'PSTREAM_BUILDER_CHECKPOINT_MS',
    schema: z.coerce.number().int().min(100).default(10_000).describe('Milliseconds after which a checkpoint is written, 100 and more.'),
  },
  keepDays: {
    env: 'PSTREAM_BUILDER_KEEP_DAYS',
    schema: z.coerce
      .number()
      .int()
      .min(1)
      .max(3650)
      .default(30)
      .describe(
        'Days after which the large items on their way of a pass that stopped or failed, and was not resumed, are removed from working storage, 1 to 3650. Those that it had not built are then listed as failed, and Retry Errors exports them again.',
      ),
  },
} satisfies ConfigKeys;
