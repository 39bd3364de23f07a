import type { SecretShape } from '@pstream/contracts';
import type { Facts } from '@pstream/kernel';
import { ACCESS_TEXTS } from './access-texts.js';
import { CLOSING_TEXTS } from './closing-texts.js';
import { CONTENT_TEXTS } from './content-texts.js';
import { DISCOVERY_TEXTS } from './discovery-texts.js';
import { LICENCE_TEXTS } from './licence-texts.js';
import { NOTICE_TEXTS } from './notice-texts.js';
import { PLAN_TEXTS } from './plan-texts.js';
import { alsoHidden, amount, count, day, type ProblemText } from './problem-text.js';

/** The mailbox that holds a PST name, by its address and project where these are known. */
const holderOf = ({ holderSource, holderProject }: Facts): string =>
  typeof holderSource === 'string' && typeof holderProject === 'string'
    ? `The mailbox ${holderSource} of the project "${holderProject}"`
    : 'A mailbox of another project';

const SECRETS: Readonly<Record<SecretShape, string>> = {
  sas: 'a shared access signature',
  'account-key': 'the key of a storage account',
  jwt: 'an access token',
  'client-secret': 'a client secret',
  'private-key': 'a private key',
  'api-token': 'an API token of pstream',
};
const secret = (facts: Facts): string => SECRETS[facts['shape'] as SecretShape] ?? 'a secret';

const unknownColumns = ({ columns }: Facts): string =>
  !Array.isArray(columns) || columns.length === 0
    ? ''
    : `${columns.length === 1 ? 'Column' : 'Columns'} ${columns.join(', ')} of the header ${columns.length === 1 ? 'is' : 'are'} not known or given twice. `;

/** Every code that a door or a domain answers with. */
export const PROBLEM_TEXTS = {
  // The process itself.
  'process.failed': {
    title: 'pstream is ending',
    detail: (facts) =>
      `A part of this process has ended with ${String(facts['cause'] ?? 'an error')}, and the process ends too. Its log says more. Start it again.`,
  },
  ...ACCESS_TEXTS,
  ...PLAN_TEXTS,
  ...DISCOVERY_TEXTS,
  ...NOTICE_TEXTS,
  // The request itself.
  'request.unauthenticated': {
    title: 'Sign-in needed',
    detail:
      'Send a valid API token as "Authorization: Bearer <token>", or sign in with a browser. `pstream token create` makes a token, `pstream session link` a sign-in address.',
  },
  'request.csrf-header-missing': {
    title: 'A header is missing',
    detail: 'A request that changes something and carries the cookie of a session needs the header "X-PStream-CSRF: 1".',
  },
  'request.foreign-host': {
    title: 'Unknown host name',
    detail: 'The gateway does not answer under this host name. Use 127.0.0.1 or localhost, or add the name to the configuration.',
  },
  'request.foreign-origin': {
    title: 'Foreign origin',
    detail: 'Requests from pages of another site are refused. Call the gateway from a program, or from its own pages.',
  },
  'request.not-found': { title: 'No such address', detail: 'There is nothing at this address. /docs lists every route.' },
  'request.invalid': { title: 'Some fields are not right', detail: 'Correct the fields listed under "errors" and send the request again.' },
  'field.secret': {
    title: 'A secret where none belongs',
    detail: (facts) =>
      `This text holds ${secret(facts)}, and everybody who may read the project could read it here. Give a secret only as the secret of an endpoint. Nothing of the request was kept.`,
  },
  'request.malformed': {
    title: 'The body cannot be read',
    detail: 'Send the body as valid JSON in UTF-8, or as CSV where the route takes it.',
  },
  'request.too-large': { title: 'The body is too large', detail: 'Split the request: a bulk add takes at most 100,000 rows and 32 MiB.' },
  'request.unsupported-type': { title: 'Unsupported content type', detail: 'Send application/json, or text/csv where the route takes it.' },
  'request.at-least': {
    title: 'atLeast cannot be used here',
    detail: 'Give it as <stream>:<version> from the answer of a command, on a route that shows what this command changes.',
  },
  'request.method-not-allowed': {
    title: 'This method is not taken here',
    detail: 'Use one of the methods that the header Allow lists. /docs shows every operation.',
  },
  'request.not-acceptable': {
    title: 'No such media type',
    detail:
      'The operation answers in another media type than the header Accept allows. Leave the header out, or allow the one that /docs shows.',
  },
  'request.idempotency-mismatch': {
    title: 'The Idempotency-Key was used for another request',
    detail: 'A key stands for one request with one body. Send this one under a new key.',
  },
  'stream.version-mismatch': {
    title: 'It has been changed meanwhile',
    detail: 'Read it again, and send the change with the ETag of that answer in If-Match.',
  },
  'request.bad-cursor': {
    title: 'The cursor cannot be used here',
    detail: 'Take the cursor from "next" of the page before, with the same filters and order, or begin again without one.',
  },
  'command.malformed': {
    title: 'Some fields are not right',
    detail: 'Correct the fields listed under "errors" and send the request again.',
  },

  // Read models.
  'view.unknown': { title: 'No such read model', detail: 'There is no read model with this name. `pstream admin views list` shows them.' },

  // Dead letters.
  'dead-letter.unknown': {
    title: 'No such dead letter',
    detail: 'There is no dead letter with this id. `pstream admin dead-letters list --state all` shows them.',
  },
  'dead-letter.not-whole': {
    title: 'The record is not kept whole',
    detail:
      'The record was damaged, or too large for a letter, so there is nothing to put back. Resume the pass or retry the errors of the mailbox instead, then drop the letter.',
  },
  'dead-letter.dropped': { title: 'The dead letter was dropped', detail: 'Somebody gave this record up; it cannot be replayed any more.' },
  'dead-letter.topic-gone': {
    title: 'The topic is gone',
    detail: 'The topic that the record came from no longer exists, so nobody waits for it. Drop the letter.',
  },

  // Customers, endpoints, projects.
  'customer.unknown': { title: 'No such customer', detail: 'There is no customer with this id. `pstream customer list` shows them.' },
  'customer.name-taken': {
    title: 'Name already in use',
    detail: 'There is a customer with this name already. Use it, or choose another name.',
  },
  'customer.not-empty': {
    title: 'The customer is not empty',
    detail: (facts) =>
      `It has ${amount(facts, 'projects', 'project')} and ${amount(facts, 'endpoints', 'endpoint')}. It must have neither: use \`pstream project remove\` and \`pstream endpoint remove\` first.${alsoHidden(facts)}`,
  },
  'endpoint.in-use': {
    title: 'The endpoint is in use',
    detail: (facts) =>
      `It is used by ${amount(facts, 'projects', 'project')}. No project may use it: give each another endpoint with \`pstream project edit\`, or remove it with \`pstream project remove\`.${alsoHidden(facts)}`,
  },
  'endpoint.other-kind': {
    title: 'This kind of endpoint has no such setting',
    detail:
      'Give only settings that fit: those of a tenant, of a storage account, or of a folder. `pstream endpoint edit --help` shows them.',
  },
  'endpoint.unknown': {
    title: 'No such endpoint',
    detail: 'The customer has no endpoint with this id. `pstream endpoint list` shows them.',
  },
  'endpoint.name-taken': {
    title: 'Name already in use',
    detail: 'The customer has an endpoint with this name already. Use it, or choose another name.',
  },
  'endpoint.not-a-source': {
    title: 'Not a source',
    detail:
      'A source must be a Microsoft 365 endpoint; this one is a destination. Give an endpoint made with `pstream endpoint add-source`.',
  },
  'endpoint.not-a-destination': {
    title: 'Not a destination',
    detail:
      'A destination must be Azure Blob or a folder; this one is a source. Give an endpoint made with `pstream endpoint add-destination`.',
  },
  'endpoint.has-no-secret': {
    title: 'There is no secret to rotate',
    detail: 'This endpoint signs in without a secret, so there is nothing to replace.',
  },
  'endpoint.certificate-is-fixed': {
    title: 'A certificate cannot be replaced in place',
    detail: 'A new certificate has a new thumbprint. Add a new source with it and use that for new projects.',
  },
  'project.unknown': { title: 'No such project', detail: 'There is no project with this id. `pstream project list` shows them.' },
  'project.not-empty': {
    title: 'The project has mailboxes',
    detail: (facts) =>
      `It holds ${amount(facts, 'mailboxes', 'mailbox', 'mailboxes')}. Empty it first with \`pstream mailbox remove PROJECT --all --yes\`.`,
  },
  'project.other-customer': {
    title: 'A project of another customer',
    detail:
      'Mailboxes move between projects of one customer. Add these to the other project with `pstream mailbox import`, and remove them here.',
  },
  'project.name-taken': {
    title: 'Name already in use',
    detail: 'The customer has a project with this name already. Use it, or choose another name.',
  },
  'filter.too-slow': {
    title: 'An expression takes too long',
    detail: 'Simplify the folder filter or mapping: nested repetitions such as (a+)+ never end on some names.',
  },
  'project.line-items-conflict': {
    title: 'Some rows cannot be added',
    detail: 'Nothing was added. Correct the rows listed under "errors", or send the file again with partial=true to add the good ones.',
  },

  // Bulk add.
  'bulk-add.rows-at-fault': {
    title: 'Some rows cannot be added',
    detail: (facts) =>
      `Nothing was added: ${amount(facts, 'faults', 'fault')} in ${amount(facts, 'rows', 'row')}. Correct the file, or send it again with partial=true to add the good rows.`,
  },
  'bulk-add.no-good-row': {
    title: 'No row can be added',
    detail: 'Every row has a fault; nothing was added. Correct the rows listed under "errors".',
  },
  'csv.empty': { title: 'The file is empty', detail: 'Give at least one row with a source and a destination.' },
  'csv.not-utf8': {
    title: 'The file is neither in UTF-8 nor in UTF-16',
    detail: 'Save the file as "CSV UTF-8" or "Unicode text" and send it again.',
  },
  'csv.unreadable': {
    title: 'The file cannot be read as CSV',
    detail: 'Check the quotation marks from this row on: each one that opens must be closed in the same row.',
  },
  'csv.header-unknown': {
    title: 'The header is not known',
    detail: (facts) =>
      `${unknownColumns(facts)}Begin with "Source Email,Source Login Name,Source Password,Destination Email,Destination Login Name,Destination Password,Flags", or with "Source Email,Destination Email", or with two columns and no header. Case and order do not matter.`,
  },
  'csv.too-many-rows': {
    title: 'Too many rows',
    detail: (facts) => `The file has ${amount(facts, 'rows', 'row')}; at most ${count(facts, 'most')} are taken at once. Split it.`,
  },
  'row.columns': { title: 'Wrong number of columns', detail: 'Give this row as many cells as the header has.' },
  'row.password-present': {
    title: 'A password is not taken',
    detail: 'Leave the cell empty: pstream signs in as an app, and the value has not been kept.',
  },
  'row.flags-present': { title: 'Flags are not supported', detail: 'Leave the cell empty, or write 0.' },
  'source.missing': { title: 'This field cannot be left blank.', detail: 'This field cannot be left blank.' },
  'source.not-an-address': { title: 'Not an SMTP address', detail: 'Give an SMTP address such as user@contoso.com.' },
  'source.repeated': { title: 'The same source twice', detail: 'Another row above has the same source. Keep one of them.' },
  'destination.repeated': {
    title: 'The same destination twice',
    detail: 'Another row above has the same destination. Give each mailbox a PST name of its own.',
  },
  'line-item.source-exists': {
    title: 'Already in the project',
    detail: 'The project has a mailbox with this source already. Leave the row out.',
  },
  'line-item.destination-exists': {
    title: 'PST name already in use',
    detail: 'Another mailbox of the project writes to this PST name. Choose another name.',
  },
  'mailbox.name-taken': {
    title: 'PST name in use at the destination',
    detail: (facts) =>
      `${holderOf(facts)} writes to this PST name in the same container. Choose another name${typeof facts['offer'] === 'string' ? `, such as ${facts['offer']},` : ''} with \`pstream mailbox edit --destination\`, import or start with --rename, or give the project another container with \`pstream project edit --container\`.`,
  },
  'part-name.missing': { title: 'This field cannot be left blank.', detail: 'This field cannot be left blank.' },
  'part-name.not-pst': { title: 'Not a PST name', detail: 'End the destination with .pst, for example user1.pst.' },
  'part-name.too-long': { title: 'The PST name is too long', detail: 'Use at most 120 characters.' },
  'part-name.not-normalised': { title: 'The PST name is not normalised', detail: 'Write the name with composed characters (Unicode NFC).' },
  'part-name.character': { title: 'Character not allowed in a PST name', detail: 'Leave out / \\ : * ? " < > | and control characters.' },
  'part-name.edge': {
    title: 'The PST name begins or ends wrongly',
    detail: 'Begin and end the name with a letter or digit, not with a dot or a space.',
  },
  'part-name.device': { title: 'Windows keeps this name', detail: 'Choose another name: Windows keeps this one for a device.' },
  'part-name.number': {
    title: 'The PST name has a part number',
    detail: 'Leave out the number before .pst: further parts get .002, .003 and so on.',
  },

  ...CONTENT_TEXTS,

  // Mailboxes and their passes.
  'mailbox-job.unknown': { title: 'No such mailbox', detail: 'The project has no such mailbox. `pstream mailbox list` shows them.' },
  'mailbox-job.nothing-exported': {
    title: 'Nothing has been exported yet',
    detail: 'No pass has exported this mailbox, so there is nothing to compare it with. Start one with `pstream export start`.',
  },
  'mailbox-job.not-readable': {
    title: 'The mailbox cannot be read now',
    detail: (facts) =>
      `The tenant refuses it with ${String(facts['cause'] ?? 'an error')}. ${typeof facts['advice'] === 'string' ? facts['advice'] : 'Verify the mailbox to see why.'}`,
  },
  'mailbox-job.not-running': { title: 'Nothing is running', detail: 'No pass of this mailbox is running, so there is nothing to stop.' },
  'mailbox-job.not-stopped': {
    title: 'Nothing to resume',
    detail: 'Only a stopped or failed pass can be resumed. See the status with `pstream mailbox show`.',
  },
  'mailbox-job.pass-open': { title: 'A pass is under way', detail: 'Wait until the pass has ended, or stop it first.' },
  'mailbox-job.already-read': {
    title: 'The mailbox has been read',
    detail:
      'Its items are in PSTs, or on their way there, so it can no longer become another mailbox. Remove it with `pstream mailbox remove` and add the right one.',
  },
  'mailbox-job.name-exists-there': {
    title: 'Address or PST name already in use there',
    detail:
      'The other project has a mailbox with this address, or one that writes to this PST name. Change one with `pstream mailbox edit`.',
  },
  'mailbox-job.resume-instead': {
    title: 'Resume the failed pass instead',
    detail: 'The last pass failed and can go on where it was: use `pstream export resume`.',
  },
  'mailbox-job.resume-first': {
    title: 'Resume the failed pass first',
    detail: 'The last pass failed. Bring it to its end with `pstream export resume`; then this mailbox can be verified again.',
  },
  'mailbox-job.built-to-its-end': {
    title: 'The pass is at its end',
    detail:
      'Everything that arrived was built, but items are not accounted for, and no further pass would take them. Report it with the pass id; a new project exports the mailbox again.',
  },
  'mailbox-job.verification-ends-by-itself': {
    title: 'A verification cannot be stopped',
    detail: 'It ends by itself within a minute or two.',
  },
  'mailbox-job.nothing-in-range': {
    title: 'Nothing to pre-stage',
    detail: (facts) =>
      `This Pre-Stage takes mail from before ${day(facts, 'before')}, and the options of the project take none that old. Choose a later day, or another \`itemsFrom\`.`,
  },
  'mailbox-job.already-exported': {
    title: 'Too late for a Trial',
    detail: 'A Trial comes before every other export, and once. Start a Full pass: it takes only what is new.',
  },
  'mailbox-job.nothing-to-retry': {
    title: 'No errors to retry',
    detail: 'Retry Errors needs a finished export with failed items or folders that could not be listed; this mailbox has neither.',
  },
  'mailbox-job.nothing-to-start-over': {
    title: 'Nothing to start over',
    detail: 'Nothing of this mailbox has been exported yet. Start a pass, or resume the one that was stopped.',
  },
  'item-error.unknown': {
    title: 'No such error',
    detail: 'The mailbox has no error with one of these item keys. `pstream mailbox errors` shows them.',
  },
  'operation.unknown': { title: 'No such operation', detail: 'There is no operation with this id. GET /v1/operations lists them.' },
  'selection.empty': {
    title: 'No mailbox selected',
    detail: 'The project has no mailbox yet, or none with this status. Add some with `pstream mailbox import`.',
  },

  ...LICENCE_TEXTS,

  // Parts: what one builder answers another; here so that no code is without words.
  ...CLOSING_TEXTS,
  'part.not-open': {
    title: 'The part is not open',
    detail: 'Another builder has sealed or given up this part; the pass goes on by itself.',
  },
  'part.not-intended': {
    title: 'The part has not been announced',
    detail: 'The builder must announce a part before it seals it; the pass goes on by itself.',
  },
  'part.not-sealed': {
    title: 'The part is not sealed',
    detail: 'A part is verified after it has been sealed; the pass goes on by itself.',
  },
  'part.taken-over': {
    title: 'Another builder has taken over',
    detail: 'The other builder goes on with this part; nothing is to be done.',
  },

  // Faults.
  'gateway.unavailable': {
    title: 'Not available just now',
    detail: 'A part of the system does not answer. Try again in a moment; sending the request twice does no harm with an Idempotency-Key.',
  },
  'gateway.failed': {
    title: 'Something went wrong',
    detail: 'The request could not be carried out; the log of the gateway says more under the X-Request-Id of this answer.',
  },
  'projection.behind': { title: 'Not caught up yet', detail: 'The read model has not caught up yet; ask again in a moment.' },
} as const satisfies Readonly<Record<string, ProblemText>>;

/** A code that has words. */
export type ProblemCode = keyof typeof PROBLEM_TEXTS;

/** Title and detail of a code; a code without words gets those of `gateway.failed`, which a test prevents. */
export const textOf = (code: string, facts: Facts): { readonly title: string; readonly detail: string } => {
  const { title, detail }: ProblemText = (PROBLEM_TEXTS as Readonly<Record<string, ProblemText>>)[code] ?? PROBLEM_TEXTS['gateway.failed'];
  return { title, detail: typeof detail === 'string' ? detail : detail(facts) };
};
