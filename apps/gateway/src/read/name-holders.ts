import { Inject, Injectable } from '@nestjs/common';
import { problemOfRejection, Project, textOf } from '@pstream/api';
import { MailboxView, VIEWS } from '@pstream/contracts';
import type { Facts, Rejection } from '@pstream/kernel';
import type { Caller, Principal } from '../door/http.js';
import { ProblemError } from '../door/problem.js';
import { Scope } from '../scope/scope.js';
import { Views } from './views.js';

/** What is said of a refusal: its facts, and what its sentence may name besides. */
export type Told = { readonly facts: Facts; readonly words: Facts };

/** Says what somebody may know of a refusal: one because of a PST name names its holder where the caller may see that mailbox. */
export type Tell = (rejection: Rejection) => Promise<Told>;

/** Finds the mailboxes that hold PST names. */
@Injectable()
export class NameHolders {
  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(Scope) private readonly scope: Scope,
  ) {}

  /** For one request: projects are read once. */
  tellFor({ principal }: Pick<Caller, 'principal'>): Tell {
    const maySee = principal.rights.includes('exports.view');
    const projects = new Map<string, Promise<string | undefined>>();
    return async ({ facts: { holder, ...facts } }) => {
      const mailbox = typeof holder === 'string' && maySee ? await this.views.get(VIEWS.mailboxes, MailboxView, holder) : undefined;
      if (mailbox === undefined) return { facts, words: facts };
      const { projectId, source } = mailbox;
      const found = projects.get(projectId) ?? this.#nameOf(projectId, principal);
      projects.set(projectId, found);
      const project = await found;
      if (project === undefined) return { facts, words: facts };
      return { facts: { ...facts, holder: mailbox.mailboxJobId }, words: { ...facts, holderSource: source, holderProject: project } };
    };
  }

  /** The problem of a refusal, for the one who gets it. */
  async problemFor(caller: Caller, rejection: Rejection): Promise<ProblemError> {
    const { facts, words } = await this.tellFor(caller)(rejection);
    return new ProblemError({ ...problemOfRejection({ ...rejection, facts }), ...textOf(rejection.code, words) });
  }

  /** The name of a project, if it is one of the caller's workgroup. */
  async #nameOf(projectId: string, principal: Principal): Promise<string | undefined> {
    if ((await this.scope.refusal(principal, { projectId })) !== undefined) return undefined;
    return (await this.views.get(VIEWS.projects, Project, projectId))?.name;
  }
}
