/** Names under which Nest hands the ports to whoever asks for them. */
export const CLOCK = Symbol('Clock');
export const IDS = Symbol('Ids');
export const RANDOM = Symbol('Random');
export const EVENT_STORE = Symbol('EventStore');
export const TRANSPORT = Symbol('Transport');
export const PROJECTION_STORE = Symbol('ProjectionStore');
/** Claims, page manifests and checkpoints. */
export const WORK_BLOBS = Symbol('WorkBlobs');
export const SECRETS = Symbol('SecretStore');
export const LOG = Symbol('Log');
/** Client that sends commands to the services. */
export const COMMANDS = Symbol('Commands');
/** Told of the error by which a consumer of the process has ended, so that the process can stop; absent where nobody wants to know. */
export const FAILED = Symbol('Failed');
/** What is behind FAILED. */
export type Failed = (error: unknown) => void;
