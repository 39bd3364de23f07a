import type { DiscoveryRun } from '@pstream/api';
import { csvLine } from '@pstream/kernel';

export const DISCOVERY_HEADER = [
  'Run Id,Computer,Destination,State,Stopped By,Started,Ended,Planned Count,Planned Size (bytes)',
  ...['Found', 'Uploaded', 'Skipped', 'Failed'].map((of) => `${of} Count,${of} Size (bytes)`),
].join(',');

/** A line under `DISCOVERY_HEADER`. */
export const discoveryLine = ({ sums, plan, ...run }: DiscoveryRun): string =>
  csvLine([
    run.runId,
    run.computer,
    run.destination,
    run.state,
    run.stoppedBy ?? '',
    run.startedAt,
    run.endedAt ?? '',
    plan.toUpload,
    plan.bytes,
    ...(['found', 'uploaded', 'skipped', 'failed'] as const).flatMap((of) => [sums[of], sums.bytes[of]]),
  ]);
