import { mailboxJobStream, type CommandReply, type DomainEvent, type LineItem } from '@pstream/contracts';
import { deriveId } from '@pstream/kernel';
import { customerId, item, projectId, Scene, sourceId, targetId } from '../operations/operations.fixture.js';
import { addLineItems, createProject } from './catalogue.js';
import { editMailbox, removeMailbox } from './mailboxes.js';
import type { ProjectsPorts } from './ports.js';
import { lineItemsOf, takenNames } from './rosters.js';

const at = '2026-03-01T00:00:00.000Z';
const meta = (name: string) => ({ commandId: deriveId('command', name), by: 'token', at });
const codeOf = (reply: CommandReply): string => (reply.accepted ? 'accepted' : reply.rejection.code);
const { mailboxJobId } = item(0);
const twinId = deriveId('test', 'twin');

let scene: Scene;
beforeEach(async () => {
  scene = await new Scene().prepare(1);
  // Writes to the same place.
  await createProject(scene.ports, meta('twin'), {
    workgroupId: 'default',
    customerId,
    projectId: twinId,
    name: 'Archives',
    type: 'archive',
    sourceEndpointId: sourceId,
    destinationEndpointId: targetId,
    container: 'mailboxes',
    partBytes: 2 ** 20,
  });
});

const edit = (name: string, change: Partial<LineItem>, ports: ProjectsPorts = scene.ports): Promise<CommandReply> =>
  editMailbox(ports, meta(name), { mailboxJobId, projectId, ...change });
const onRoster = async (): Promise<LineItem | undefined> => (await lineItemsOf(scene.ports, projectId)).find(mailboxJobId);
const addToTwin = (name: string, ...items: LineItem[]): Promise<CommandReply> =>
  addLineItems(scene.ports, meta(name), { projectId: twinId, items });
/** The ports of somebody for whom others are quicker: before the first event of this type is appended, they do all of their work. */
const outrun = (type: DomainEvent['type'], others: () => Promise<unknown>): ProjectsPorts => {
  let isFirst = true;
  const { store } = scene.ports;
  const append: typeof store.append = async (commit) => {
    if (isFirst && commit.events.some((event) => event.type === type)) {
      isFirst = false;
      await others();
    }
    return store.append(commit);
  };
  return { ...scene.ports, store: { ...store, append } };
};

describe('two edits of a mailbox at the same time', () => {
  const bea = { source: 'bea@contoso.com', destination: 'bea.pst' };
  const cat = { source: 'cat@contoso.com', destination: 'cat.pst' };
  const held = async (source: string): Promise<string> => codeOf(await scene.add(`add ${source}`, { ...item(7), source }));

  it.each(['LineItemClaimed', 'LineItemClaimsReleased'] as const)(
    'leave the roster with what the mailbox is, when one has a name that is taken and the other comes before its %s',
    async (type) => {
      await addToTwin('cat', { ...item(5), destination: cat.destination });
      const late = await edit(
        'late',
        cat,
        outrun(type, () => edit('quick', bea)),
      );
      expect(codeOf(late)).toBe('mailbox.name-taken');
      expect(await onRoster()).toEqual({ mailboxJobId, ...bea });
      expect([await held(bea.source), await held(item(0).source)]).toEqual(['project.line-items-conflict', 'accepted']);
    },
  );

  it.each([
    ['LineItemClaimed', cat],
    ['MailboxEdited', cat],
    ['LineItemChanged', bea],
  ] as const)('leave the roster with the last of them, when one comes before the %s of the other', async (type, last) => {
    expect(
      codeOf(
        await edit(
          'late',
          cat,
          outrun(type, () => edit('quick', bea)),
        ),
      ),
    ).toBe('accepted');
    expect((await scene.read(mailboxJobStream(mailboxJobId))).at(-1)).toMatchObject({ data: last });
    expect(await onRoster()).toEqual({ mailboxJobId, ...last });
    expect(await held(last.source)).toBe('project.line-items-conflict');
  });

  it('are answered alike when they are sent again, and leave the roster alone', async () => {
    const late = await edit(
      'late',
      cat,
      outrun('LineItemChanged', () => edit('quick', bea)),
    );
    expect(codeOf(await addToTwin('cat', { ...item(5), destination: cat.destination }))).toBe('accepted');
    expect(await edit('late', cat)).toEqual(late);
    expect(await onRoster()).toEqual({ mailboxJobId, ...bea });
  });
});

describe('mailboxes that are added', () => {
  it('are answered alike when they are sent again, whoever has their names since', async () => {
    const first = await scene.add('two', item(1), item(2));
    await editMailbox(scene.ports, meta('rename'), { mailboxJobId: item(1).mailboxJobId, projectId, destination: 'ada.pst' });
    await removeMailbox(scene.ports, meta('remove'), { mailboxJobId: item(2).mailboxJobId, projectId, stop: false });
    expect(
      codeOf(
        await addToTwin(
          'names',
          item(11),
          { ...item(12), destination: item(1).destination },
          { ...item(13), destination: item(2).destination },
        ),
      ),
    ).toBe('accepted');
    expect(await scene.add('two', item(1), item(2))).toEqual(first);
  });
});

describe('the names of a project', () => {
  it('are found, whatever their case, with the mailbox that has each', async () => {
    await scene.add('two', item(1), item(2));
    await scene.addEarlier({
      type: 'LineItemsAdded',
      data: { workgroupId: 'default', customerId, projectId, at, items: [item(3), item(4)] },
    });
    await edit('renamed', { source: 'bea@contoso.com', destination: 'bea.pst' });
    await removeMailbox(scene.ports, meta('gone'), { mailboxJobId: item(3).mailboxJobId, projectId, stop: false });
    const names = [item(0), item(1), item(3), item(4), { source: 'bea@contoso.com', destination: 'BEA.pst' }];
    expect(
      await takenNames(scene.ports, {
        projectId,
        sources: names.map(({ source }) => source.toUpperCase()),
        destinations: names.map(({ destination }) => destination),
      }),
    ).toEqual({
      sources: [
        [1, item(1).mailboxJobId],
        [3, item(4).mailboxJobId],
        [4, mailboxJobId],
      ],
      destinations: [
        [1, item(1).mailboxJobId],
        [3, item(4).mailboxJobId],
        [4, mailboxJobId],
      ],
    });
    expect(await takenNames(scene.ports, { projectId: deriveId('no', 'project'), sources: ['a@b.cc'], destinations: [] })).toEqual({
      sources: [],
      destinations: [],
    });
  });
});
