export { Projector, ProjectorModule } from './projector.module.js';
export { allProjections } from './projections/index.js';
