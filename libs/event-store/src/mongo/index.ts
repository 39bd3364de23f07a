// `@pstream/event-store/mongo`: apart, so that processes without MongoDB do not load its driver.
export { mongoEventStore, type MongoEventStoreOptions } from './mongo-event-store.js';
