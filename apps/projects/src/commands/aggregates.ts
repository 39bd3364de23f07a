import * as customer from '../domain/customer/decide.js';
import * as endpoint from '../domain/endpoint/decide.js';
import * as job from '../domain/mailbox-job/decide.js';
import { evolve as evolveJob } from '../domain/mailbox-job/evolve.js';
import { newMailboxJob } from '../domain/mailbox-job/state.js';
import * as name from '../domain/name/decide.js';
import * as project from '../domain/project/decide.js';

// Each aggregate with its three functions, as the handlers use them.

export const customers = { decide: customer.decide, evolve: customer.evolve, initial: customer.noCustomer };
export const endpoints = { decide: endpoint.decide, evolve: endpoint.evolve, initial: endpoint.noEndpoint };
export const names = { decide: name.decide, evolve: name.evolve, initial: name.freeName };
export const projects = { decide: project.decide, evolve: project.evolve, initial: project.noProject };
export const mailboxJobs = { decide: job.decide, evolve: evolveJob, initial: newMailboxJob };
export { nameStream } from '../domain/name/decide.js';
