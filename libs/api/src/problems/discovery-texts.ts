import type { ProblemText } from './problem-text.js';

/** Codes about Discovery projects. */
export const DISCOVERY_TEXTS = {
  'project.is-discovery': {
    title: 'It is a Discovery project',
    detail:
      'A Discovery project has no mailboxes and no source: it keeps what is reported of PSTs that were found and uploaded. `pstream discover runs PROJECT` and `pstream discover files PROJECT` show it. For mailboxes, create another project.',
  },
  'project.not-discovery': {
    title: 'It is not a Discovery project',
    detail:
      'Only a Discovery project keeps what is reported of PSTs that were found and uploaded. Create one with `pstream project create CUSTOMER NAME --type discovery --destination ENDPOINT`.',
  },
  'project.has-runs': {
    title: 'The project has runs on record',
    detail:
      'It keeps the record of these runs, which would be lost with it. Close it with `pstream project close PROJECT --yes`: then no run begins in it any more.',
  },
  'project.keeps-uploads': {
    title: 'Uploads are kept',
    detail:
      'What was uploaded by a Discovery project is there to be imported, so closing it deletes nothing. Close it without `--delete-blobs`, and delete at the destination what nobody needs: `pstream discover files PROJECT --state uploaded` lists it.',
  },
  'discovery-run.unknown': {
    title: 'No such run',
    detail: 'The project has no run with this id. `pstream discover runs PROJECT` shows them.',
  },
  'discovery-run.ended': {
    title: 'The run has ended',
    detail: 'Nothing more is taken for it. Run the upload again: that is another run.',
  },
  'discovery-run.other-files': {
    title: 'Reported before with other files',
    detail: 'Another report is on record under this number of the run. Number the reports of a run one after the other.',
  },
} as const satisfies Readonly<Record<string, ProblemText>>;
