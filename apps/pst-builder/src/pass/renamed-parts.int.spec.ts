import { memoryBlobStore } from '@pstream/blob';
import { buildStream, mailboxJobStream, partStream, type PassSettings } from '@pstream/contracts';
import { deriveId } from '@pstream/kernel';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { PassScene } from '../pass-scene.fixture.js';
import { PassBuilder } from './pass-builder.js';

/** A pass of three mails whose second and third part have names that somebody else may take meanwhile. */
class Renamed {
  readonly scene = new PassScene(memoryBlobStore());
  records: Awaited<ReturnType<PassScene['published']>>[] = [];

  async begin(): Promise<void> {
    await this.scene.begin();
    await this.scene.list([1, 2, 3]);
    this.records = [await this.scene.published(1), await this.scene.published(2), await this.scene.published(3)];
  }

  /** A builder whose parts take one mail each. */
  async open(): Promise<PassBuilder> {
    const control = await this.scene.control();
    const settings: PassSettings = { ...control.settings, partBytes: 1 };
    return PassBuilder.open(await this.scene.ports(), { ...control, settings });
  }

  async pathOf(name: string): Promise<string> {
    return (await this.scene.parts()).locate(name);
  }

  async foreign(name: string): Promise<void> {
    const path = await this.pathOf(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'somebody else');
  }

  async resume(attempt: number, destination?: string): Promise<void> {
    const { scene } = this;
    const at = scene.clock.now();
    const job = mailboxJobStream(scene.refs.mailboxJobId);
    const cause = { code: 'part.foreign-blob', facts: { name: 'ada.002.pst' } };
    await scene.append('projects', job, { type: 'PassFailed', data: { ...scene.refs, kind: 'full', cause, at } });
    await scene.append('projects', job, {
      type: 'PassResumed',
      data: { ...scene.refs, attempt, ...(destination === undefined ? {} : { destination }), at },
    });
  }

  /** What is at the destination, pieces included. */
  async files(): Promise<string[]> {
    return readdirSync(dirname(await this.pathOf('ada.pst')))
      .filter((name) => !name.includes('pstream'))
      .toSorted();
  }
}

const take = async (builder: PassBuilder, records: Renamed['records']): Promise<void> => {
  for (const record of records) {
    await builder.take(record, new Uint8Array());
    await builder.checkpoint();
  }
};

const all = async (builder: PassBuilder, { records, scene }: Renamed): Promise<void> => {
  await take(builder, records);
  await builder.end(scene.end(records.length));
};

/** A pass that has published its first part and begun the second. */
const begun = async (): Promise<{ readonly pass: Renamed; readonly first: PassBuilder }> => {
  const pass = new Renamed();
  await pass.begin();
  const first = await pass.open();
  await take(first, pass.records.slice(0, 2));
  return { pass, first };
};

describe('a foreign file under the name of a later part', () => {
  it('stays as it is; the parts on record keep their names, and the others take the new one', async () => {
    const pass = new Renamed();
    await pass.begin();
    await pass.foreign('ada.002.pst');
    const first = await pass.open();
    await expect(all(first, pass)).rejects.toMatchObject({ code: 'part.foreign-blob', facts: { name: 'ada.002.pst' } });
    await first.release();
    await pass.resume(2, 'ada-2.pst');
    await all(await pass.open(), pass);
    expect(await pass.files()).toEqual(['ada-2.002.pst', 'ada-2.003.pst', 'ada.002.pst', 'ada.pst']);
    expect(readFileSync(await pass.pathOf('ada.002.pst'), 'utf8')).toBe('somebody else');
    expect((await pass.scene.built()).at(-1)).toMatchObject({
      type: 'BuildFinished',
      data: { parts: 3, totals: { discovered: 3, exported: 3, skipped: 0, failed: 0 } },
    });
    await pass.scene.store.close();
  });

  it('that came while the part was written costs its mails no more than Retry Errors, and leaves no pieces', async () => {
    const { pass, first } = await begun();
    await pass.foreign('ada.002.pst');
    await expect(first.end(pass.scene.end(2))).rejects.toMatchObject({ code: 'part.foreign-blob' });
    await first.release();
    await pass.resume(2, 'ada-2.pst');
    await all(await pass.open(), pass);
    expect(await pass.files()).toEqual(['ada-2.002.pst', 'ada.002.pst', 'ada.pst']);
    const events = await pass.scene.built();
    expect(events.filter(({ type }) => type === 'ItemUnbuilt')).toMatchObject([
      { data: { itemId: 'item-2', code: 'part.foreign-blob', advice: expect.stringContaining('Retry Errors') } },
    ]);
    expect(events.at(-1)).toMatchObject({ data: { totals: { discovered: 3, exported: 2, skipped: 0, failed: 1 } } });
    await pass.scene.store.close();
  });

  it('that was moved away meanwhile is nothing to write off: what is begun goes on under its name', async () => {
    const { pass, first } = await begun();
    await first.release();
    await pass.resume(2, 'ada-2.pst');
    await all(await pass.open(), pass);
    expect(await pass.files()).toEqual(['ada-2.003.pst', 'ada.002.pst', 'ada.pst']);
    expect((await pass.scene.store.read(buildStream(pass.scene.refs.passId))).filter(({ type }) => type === 'ItemUnbuilt')).toEqual([]);
    const second = await pass.scene.store.read(partStream(deriveId('part', pass.scene.refs.passId, 2)));
    expect(second.map(({ type }) => type)).toEqual([
      'PartOpened',
      'BuilderTookOver',
      'BuilderTookOver',
      'PartSealIntended',
      'PartSealed',
      'PartVerified',
    ]);
    await pass.scene.store.close();
  });
});
