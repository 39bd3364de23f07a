import type { LineItem } from '@pstream/contracts';
import { csvLine } from '@pstream/kernel';

/** A line under `BULK_ADD_HEADER`: a mailbox as Bulk Add takes it again, here or in MigrationWiz. Login names and passwords are not kept, so
 *  these cells are empty. */
export const bulkAddLine = ({ source, destination }: Pick<LineItem, 'source' | 'destination'>): string =>
  csvLine([source, '', '', destination, '', '', '']);
