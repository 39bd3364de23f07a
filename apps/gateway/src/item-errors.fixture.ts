import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import {
  AcknowledgeItemErrors,
  itemErrorsStream,
  pattern,
  VIEWS,
  type CommandReply,
  type FolderSumsView,
  type ItemErrorView,
} from '@pstream/contracts';
import { Answer } from '@pstream/transport';
import { handle, world } from './fakes.fixture.js';

export const AT = '2026-01-01T00:00:00.000Z';

/** A failed item in the folder `f` that nobody has mended or accepted. */
export const itemError = (
  projectId: string,
  mailboxJobId: string,
  itemKey: string,
  change: Partial<ItemErrorView> = {},
): ItemErrorView => ({
  projectId,
  mailboxJobId,
  passId: 'p',
  itemKey,
  itemId: 'AAMk=',
  folderKey: 'f',
  outcome: 'failed',
  state: 'open',
  itemType: 'IPM.Note',
  itemDate: '2019-04-01T08:15:00Z',
  sizeBytes: 9,
  code: 'graph.item-corrupt',
  advice: null,
  fallback: null,
  doubts: [],
  attempts: 3,
  firstSeenAt: AT,
  lastSeenAt: AT,
  mended: null,
  acknowledged: null,
  ...change,
});

/** Puts errors where the projector would. */
export const putErrors = (...errors: readonly ItemErrorView[]): void => {
  for (const error of errors) world.views.put(VIEWS.errors, `${error.mailboxJobId}/${error.itemKey}`, { customerId: 'c', ...error });
};

/** The folders of a mailbox: one, with this name. */
export const putFolder = (projectId: string, mailboxJobId: string, name: string): void => {
  const totals = { discovered: 2, exported: 1, skipped: 0, failed: 1 };
  const folders: FolderSumsView = {
    mailboxJobId,
    projectId,
    folders: {
      f: {
        name,
        parent: null,
        containerClass: 'IPF.Note',
        left: null,
        wellKnownName: 'inbox',
        expected: 2,
        totals,
        mime: 1,
        doubts: 1,
        notListed: null,
      },
    },
  };
  world.views.put(VIEWS.folders, mailboxJobId, folders);
};

/** Acknowledges errors as the real service and projector would together. */
@Controller()
export class FakeItemErrors {
  @Answer(pattern('projects', 'AcknowledgeItemErrors'))
  acknowledge(@Payload() message: unknown): CommandReply {
    return handle(
      AcknowledgeItemErrors,
      message,
      ({ mailboxJobId }) => itemErrorsStream(mailboxJobId),
      ({ mailboxJobId, itemKeys, reason }) => {
        for (const key of itemKeys) {
          const known = world.views.documents.get(VIEWS.errors)?.get(`${mailboxJobId}/${key}`) as unknown as ItemErrorView;
          putErrors({ ...known, state: 'acknowledged', acknowledged: { by: 'T', reason, at: AT } });
        }
        return undefined;
      },
    );
  }
}
