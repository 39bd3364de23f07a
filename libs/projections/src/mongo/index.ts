// `@pstream/projections/mongo`: apart, so that processes without MongoDB do not load its driver.
export { mongoProjectionStore, type MongoProjectionStoreOptions } from './mongo-projection-store.js';
