export { admissionKeys } from './config.js';
export { ProjectsModule } from './projects.module.js';
