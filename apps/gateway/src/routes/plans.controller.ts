import { Controller, Inject } from '@nestjs/common';
import { Project } from '@pstream/api';
import { projectTypes, VIEWS, type PlansReply } from '@pstream/contracts';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { QueuePlaces } from '../read/places.js';
import { Views } from '../read/views.js';
import { Scope } from '../scope/scope.js';
import { Sender } from '../send/sender.js';

/** What keeps mailboxes from being begun, and when they will be. */
@Controller()
export class PlansController {
  constructor(
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Views) private readonly views: Views,
    @Inject(Scope) private readonly scope: Scope,
    @Inject(QueuePlaces) private readonly places: QueuePlaces,
  ) {}

  @Handles('listPlans')
  async list(@Request() { caller, query: { atLeast, ...page } }: Asked<'listPlans'>): Promise<Answered<'listPlans'>> {
    await this.views.atLeast(atLeast, [VIEWS.projects]);
    const { principal } = caller;
    const filter = {
      created: true,
      type: { in: projectTypes },
      ...(await this.scope.within(principal)),
      ...(await this.scope.own(principal)),
    };
    const found = await this.views.page(VIEWS.projects, Project, filter, page, 'name');
    const { paused, projects } = await this.places.plans(found.items.map(({ projectId }) => projectId));
    return { ...found, items: found.items.map((project, at) => shown(project, projects[at]!)), paused };
  }

  @Handles('getProjectPlan')
  async show(@Request() { params: { projectId }, setVersion }: Asked<'getProjectPlan'>): Promise<Answered<'getProjectPlan'>> {
    const project = await this.views.need(VIEWS.projects, Project, projectId, 'project.unknown');
    const { projects, version } = await this.places.plans([projectId]);
    if (version !== null) setVersion(version);
    return shown(project, projects[0]!);
  }

  @Handles('planProject')
  async project(@Request() { caller, params: { projectId }, body }: Asked<'planProject'>): Promise<Answered<'planProject'>> {
    return { id: projectId, ...(await this.sender.send(this.sender.intent(caller), 'projects', 'ChangePlan', { projectId, ...body })) };
  }

  @Handles('planAll')
  async all(@Request() { caller, body }: Asked<'planAll'>): Promise<Answered<'planAll'>> {
    return { id: 'all', ...(await this.sender.send(this.sender.intent(caller), 'projects', 'ChangePlan', body)) };
  }

  @Handles('planWorkgroup')
  async workgroup(@Request() { caller, body }: Asked<'planWorkgroup'>): Promise<Answered<'planWorkgroup'>> {
    const { workgroupId } = caller.principal;
    return { id: workgroupId, ...(await this.sender.send(this.sender.intent(caller), 'projects', 'ChangePlan', { workgroupId, ...body })) };
  }
}

const shown = (
  { projectId, name }: Pick<Project, 'projectId' | 'name'>,
  { held, ...plan }: PlansReply['projects'][number],
): Answered<'getProjectPlan'> => ({ projectId, name, heldBy: held?.code ?? null, opensAt: held?.until ?? null, ...plan });
