// `@pstream/secrets/mongo`: apart, so that processes without MongoDB do not load its driver.
export { mongoSecretStore } from './mongo-secret-store.js';
