import type { Projection } from '@pstream/projections';
import { audit } from './audit/projection.js';
import { customers, endpoints, projects } from './catalogue/projection.js';
import { discoveryFiles, discoveryRuns } from './discovery/projection.js';
import { flow } from './flow/projection.js';
import { folderSums } from './folder-sums/projection.js';
import { itemErrors } from './item-errors/projection.js';
import { bundles, coupons, licences } from './licences/projection.js';
import { mailboxes } from './mailboxes/projection.js';
import { notices, noticeTemplates, subscriptions } from './notices/projection.js';
import { operationRows, operations } from './operations/projection.js';
import { parts } from './parts/projection.js';
import { plans } from './plans/projection.js';
import { agents, workgroups } from './people/projection.js';
import { statistics } from './statistics/projection.js';

/** Every read model of the system. */
export const allProjections: readonly Projection[] = [
  customers,
  endpoints,
  projects,
  licences,
  bundles,
  coupons,
  mailboxes,
  parts,
  itemErrors,
  folderSums,
  statistics,
  operations,
  operationRows,
  flow,
  agents,
  workgroups,
  audit,
  plans,
  subscriptions,
  notices,
  noticeTemplates,
  discoveryRuns,
  discoveryFiles,
];
