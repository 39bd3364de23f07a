import { Fault } from '@pstream/kernel';
import { closesExactly, folderWorld, Scene } from './settle-parts.fixture.js';

describe('the PSTs of a closed project', () => {
  it('are deleted exactly, in a folder, whatever went before and whatever fails in between', () => closesExactly(folderWorld, 150));

  it('stay while a mailbox may still be exported, and where that is asked for', async () => {
    const scene = new Scene(await folderWorld());
    await scene.pass(0, 'a.pst', 'sealed');
    expect(await scene.settle(0, 0, 'delete')).toMatchObject([{ name: 'a.pst', is: 'kept', why: 'mailbox-job.pass-open' }]);
    expect(await scene.settle(0, 0, 'keep')).toMatchObject([{ name: 'a.pst', bytes: 64, is: 'kept', why: null }]);
    expect(await scene.settle(0, 0, 'look')).toMatchObject([{ name: 'a.pst', is: 'would-delete', why: null }]);
    expect(Object.keys(await scene.there())).toEqual(['a.pst']);
  });

  it('are kept where the destination cannot be asked, with the cause, and go when it can be', async () => {
    const scene = new Scene(await folderWorld());
    await scene.pass(0, 'a.pst', 'sealed');
    await scene.pass(0, 'b.pst', 'sealed');
    await scene.leave(0, 'MailboxClosed');
    scene.unreachable = new Fault('secret.not-found', { retry: 'never' });
    const kept = { is: 'kept', why: 'part.unreachable', cause: 'secret.not-found' };
    expect(await scene.settle(0, 0, 'delete', 'none')).toMatchObject([kept, kept]);
    scene.unreachable = undefined;
    expect(await scene.settle(0, 0, 'delete', 'first')).toMatchObject([{ is: 'deleted' }, { is: 'deleted' }]);
    // Another closing finds them gone; the one that deleted them says so for good.
    expect(await scene.settle(0, 0, 'delete', 'second')).toMatchObject([{ is: 'gone' }, { is: 'gone' }]);
    expect(await scene.settle(0, 0, 'delete', 'first')).toMatchObject([{ is: 'deleted' }, { is: 'deleted' }]);
  });
});
