import type { FactoryProvider } from '@nestjs/common';
import { PROJECTS_PORTS, type ProjectsPorts } from '../commands/ports.js';
import type { AdmissionLimits } from '../domain/admission/decide.js';
import { Admissions } from './admission.js';

/** Name under which the module hands out what gives passes their places. */
export const ADMISSIONS = Symbol('Admissions');

/** One for all who hear of passes in this process: what they hear at the same time is settled together. */
export const admissionsProvider = (limits: AdmissionLimits): FactoryProvider<Admissions> => ({
  provide: ADMISSIONS,
  useFactory: (ports: ProjectsPorts) => new Admissions(ports, limits),
  inject: [PROJECTS_PORTS],
});
