import { Controller, Inject } from '@nestjs/common';
import type { RebuildState } from '@pstream/api';
import { VIEWS } from '@pstream/contracts';
import type { Clock } from '@pstream/kernel';
import { requestRebuild, type ProjectionReader, type RebuildRecord } from '@pstream/projections';
import { CLOCK, PROJECTION_STORE } from '@pstream/wiring';
import { problem } from '../door/problem.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';

/** What an operator does with the read models. */
@Controller()
export class AdminController {
  constructor(
    @Inject(PROJECTION_STORE) private readonly reader: ProjectionReader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Handles('listViews')
  async list(@Request() _asked: Asked<'listViews'>): Promise<Answered<'listViews'>> {
    const rebuilds = await this.reader.rebuilds();
    const items = Object.values(VIEWS).map(async (name) => {
      const [{ total }, generation] = await Promise.all([this.reader.find(name, { limit: 0 }), this.reader.liveGeneration(name)]);
      return { name, documents: total, generation, rebuild: shown(rebuilds.get(name)) };
    });
    return { items: await Promise.all(items) };
  }

  @Handles('rebuildView')
  async rebuild(@Request() { params: { name } }: Asked<'rebuildView'>): Promise<Answered<'rebuildView'>> {
    if (!Object.values(VIEWS).some((known) => known === name)) throw problem('view.unknown', 404);
    return stateOf(await requestRebuild(this.reader, this.clock, name));
  }
}

const shown = (record: RebuildRecord | undefined): RebuildState | null => (record === undefined ? null : stateOf(record));

const stateOf = ({ state, events, requestedAt, updatedAt, code }: RebuildRecord): RebuildState => ({
  state,
  events,
  requestedAt,
  updatedAt,
  code,
});
