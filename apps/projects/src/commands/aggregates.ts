import * as customer from '../domain/customer/decide.js';
import * as dependent from '../domain/dependents/decide.js';
import * as report from '../domain/discovery/report.js';
import * as discoveryRun from '../domain/discovery/run.js';
import * as endpoint from '../domain/endpoint/decide.js';
import * as itemError from '../domain/item-errors/decide.js';
import * as job from '../domain/mailbox-job/decide.js';
import { evolve as evolveJob } from '../domain/mailbox-job/evolve.js';
import { newMailboxJob } from '../domain/mailbox-job/state.js';
import * as name from '../domain/name/decide.js';
import * as operation from '../domain/operation/decide.js';
import { evolve as evolveOperation, noOperation } from '../domain/operation/state.js';
import * as project from '../domain/project/decide.js';
import * as roster from '../domain/roster/decide.js';
import { emptyRoster, evolve as evolveRoster, type Roster } from '../domain/roster/state.js';
import type { ProjectsPorts } from './ports.js';

// Each aggregate with its three functions, as the handlers use them.

export const customers = { decide: customer.decide, evolve: customer.evolve, initial: () => customer.noCustomer };
export const dependents = { decide: dependent.decide, evolve: dependent.evolve, initial: () => dependent.noDependents };
export const endpoints = { decide: endpoint.decide, evolve: endpoint.evolve, initial: () => endpoint.noEndpoint };
export const names = { decide: name.decide, evolve: name.evolve, initial: () => name.freeName };
export const projects = { decide: project.decide, evolve: project.evolve, initial: () => project.noProject };
export const discoveryRuns = { decide: discoveryRun.decide, evolve: discoveryRun.evolve, initial: () => discoveryRun.noRun };
export const discoveryReports = { decide: report.decide, evolve: report.evolve, initial: () => report.noReport };
export const itemErrors = { decide: itemError.decide, evolve: itemError.evolve, initial: itemError.noItemErrors };
export const mailboxJobs = { decide: job.decide, evolve: evolveJob, initial: () => newMailboxJob };
export const operations = ({ kept }: ProjectsPorts) => ({
  decide: operation.decide,
  evolve: evolveOperation,
  initial: () => noOperation,
  kept: kept.operations,
});
/** A roster, given the line items that are on the project's own stream. */
export const rosters = ({ kept }: ProjectsPorts, earlier: Roster) => ({
  decide: (command: roster.RosterCommand, state: Roster) => roster.decide(command, state, earlier),
  evolve: evolveRoster,
  initial: emptyRoster,
  kept: kept.rosters,
});
export { nameStream } from '../domain/name/decide.js';
