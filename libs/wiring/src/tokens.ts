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
/** Takes records that nobody understands. */
export const DEAD_LETTERS = Symbol('DeadLetters');
/** The health of this process. */
export const HEALTH = Symbol('ProcessHealth');
/** Takes the error by which something that must not end has ended (a consumer, a projection, a thread): the process ends with it. Every
 *  process has it, and whatever runs for as long as the process does must ask for it. */
export const FAILED = Symbol('Failed');
/** What is behind FAILED. */
export type Failed = (error: unknown) => void;
