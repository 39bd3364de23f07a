import { serviceController } from '@pstream/transport';
import { OpenParts } from './open-parts.js';
import { readPart } from './read-part.js';

/** Reads finished parts for whoever looks at them. */
export const ContentController = serviceController<'content', OpenParts>('content', OpenParts.TOKEN, {
  commands: {},
  queries: { ReadPart: readPart },
});
