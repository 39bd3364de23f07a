import { field, idField, textField, timeField } from '@pstream/contracts';
import { z } from 'zod';
import { named } from './named.js';

const MOST_DAYS = 90;

export const ReportLinkBody = named(
  'NewReportLink',
  z.strictObject({ days: field(z.int().min(1).max(MOST_DAYS).default(7), 'Days until the link shows nothing any more; at most 90.', 7) }),
);

const link = {
  linkId: idField('pass', 'Id of the link, to revoke it by.'),
  createdAt: timeField('When it was made.'),
  expiresAt: timeField('From when on it shows nothing.'),
  madeBy: textField('Who made it.', 'Ada'),
};

export const ReportLinks = named(
  'ReportLinks',
  z.object({ items: z.array(z.object(link)).meta({ description: 'Open links, the newest first.' }) }),
);

export const ReportLink = named(
  'ReportLink',
  z.object({
    ...link,
    path: textField(
      'Path to open at the address of the gateway; it is in this answer and nowhere else.',
      '/v1/shared-reports/psr_0m4vQe0r2m5YkqX3v5hJ1tV7bN9cZ2aLdKfGhSjPwRt',
    ),
  }),
);
