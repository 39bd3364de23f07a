// The page of a Discovery project: what its runs have found, uploaded and left out.
import { Field, MessageBar, MessageBarBody, Select } from '@fluentui/react-components';
import { atItsEnd, WAIT_SECONDS } from '@pstream/api/client';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactElement, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../api/answers.js';
import { client } from '../api/client.js';
import { meQuery, queries } from '../api/queries.js';
import { ActionMenu } from '../parts/action-menu.js';
import { CliButton, Copyable, Name, PageHead } from '../parts/basics.js';
import { count, moment, plain, size } from '../parts/format.js';
import { More } from '../parts/more.js';
import { Empty, Read, StaleBar } from '../parts/states.js';
import { Chip } from '../parts/status.js';
import type { Tone } from '../parts/statuses.js';
import { Table } from '../parts/table.js';
import { EditProjectDialog, RemoveDialog } from '../setup/edit-dialogs.js';
import { filesQuery, runsQuery, type File, type Run } from './queries.js';

type Project = AnswerOf<'getProject'>;
type Sums = Run['sums'];
type Props = { readonly project: Project; readonly over: ReactNode; readonly updatedAtMs: number };

const STATES = ['uploaded', 'skipped', 'failed'] as const satisfies readonly File['state'][];
const FILE_LOOKS: Readonly<Record<File['state'], readonly [sign: string, tone: Tone]>> = {
  uploaded: ['✓', 'good'],
  skipped: ['○', 'quiet'],
  failed: ['✕', 'bad'],
};
const RUN_LOOKS: Readonly<Record<Run['state'], readonly [sign: string, tone: Tone]>> = {
  running: ['⟳', 'busy'],
  finished: ['✓', 'good'],
  stopped: ['◼', 'warn'],
};
const STEP_WORDS = { edit: 'edit.project', close: 'closing.title', remove: 'edit.removeProject' } as const;

/** Runs and files of a Discovery project. It has no mailboxes, so nothing of them is here. */
export const DiscoveryScreen = ({ project, over, updatedAtMs }: Props): ReactElement => {
  const { t } = useTranslation();
  const { projectId, name, closedAt, discovery } = project;
  const me = useQuery(meQuery);
  const [editing, setEditing] = useState<keyof typeof STEP_WORDS | undefined>();
  const navigate = useNavigate();
  const hasRight = me.data?.rights.includes('exports.run') ?? false;
  const end = (): void => setEditing(undefined);
  const reread = async (): Promise<void> => queries.invalidateQueries();
  return (
    <>
      <PageHead title={<Name>{name}</Name>} over={over} updatedAtMs={updatedAtMs}>
        {hasRight ? (
          <ActionMenu
            label={t('edit.more')}
            steps={closedAt === null ? (['edit', 'close', 'remove'] as const) : (['remove'] as const)}
            word={(step) => t(STEP_WORDS[step])}
            onStep={setEditing}
          />
        ) : null}
        <CliButton command={`pstream discover runs ${projectId}`} />
        <Copyable text={projectId} label={t('project.id')} short />
      </PageHead>
      <StaleBar updatedAtMs={updatedAtMs} />
      {closedAt === null ? null : (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{t('discovery.closed')}</MessageBarBody>
        </MessageBar>
      )}
      {me.data !== undefined && !hasRight ? (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{t('state.viewOnly', { role: t(`role.${me.data.role}`) })}</MessageBarBody>
        </MessageBar>
      ) : null}
      <p>{t('discovery.about')}</p>
      {discovery === null ? null : (
        <p className="sum">
          <SumsText sums={discovery.sums} />
        </p>
      )}
      <Runs projectId={projectId} />
      <Files projectId={projectId} />
      {editing === 'edit' ? <EditProjectDialog projectId={projectId} onClose={end} /> : null}
      {editing === 'close' ? (
        <RemoveDialog
          title={t('closing.titleOf', { name: plain(name) })}
          about={t('discovery.closing')}
          submit={t('closing.title')}
          command={`pstream project close ${projectId} --yes`}
          remove={async () => {
            const body = { parts: 'keep', dryRun: false } as const;
            await atItsEnd(client, await client.closeProject({ params: { projectId }, body, waitSeconds: WAIT_SECONDS }));
            await reread();
          }}
          onClose={end}
        />
      ) : null}
      {editing === 'remove' ? (
        <RemoveDialog
          title={t('edit.removeOf', { name: plain(name) })}
          about={t('discovery.removing')}
          command={`pstream project remove ${projectId} --yes`}
          remove={async () => {
            await client.removeProject({ params: { projectId } });
            await queries.invalidateQueries({ queryKey: ['projects'] });
            await navigate({ to: '/projects' });
          }}
          onClose={end}
        />
      ) : null}
    </>
  );
};

const SumsText = ({ sums }: { readonly sums: Sums }): ReactElement => {
  const { t } = useTranslation();
  const { found, uploaded, skipped, failed, bytes } = sums;
  const numbers = { found: count(found), uploaded: count(uploaded), skipped: count(skipped), failed: count(failed) };
  return (
    <span>
      {t('discovery.sum', numbers)}{' '}
      <span className="quiet">{t('discovery.bytes', { uploaded: size(bytes.uploaded), found: size(bytes.found) })}</span>
    </span>
  );
};

const Runs = ({ projectId }: { readonly projectId: string }): ReactElement => {
  const { t } = useTranslation();
  const runs = useInfiniteQuery(runsQuery(projectId));
  return (
    <section aria-labelledby="runs">
      <h2 id="runs">{t('discovery.runs')}</h2>
      <Read query={runs}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) return <Empty title={t('discovery.noRuns')} />;
          return (
            <>
              <Table
                label={t('discovery.runs')}
                heads={[t('discovery.begun'), t('discovery.computer'), t('setup.destination'), t('parts.state'), t('discovery.files')]}
                stack
              >
                {items.map(({ runId, computer, destination, state, stoppedBy, startedAt, sums }) => (
                  <tr key={runId}>
                    <th scope="row">{moment(startedAt)}</th>
                    <td data-label={t('discovery.computer')}>
                      <Name>{computer}</Name>
                    </td>
                    <td data-label={t('setup.destination')}>
                      <Name>{destination}</Name>
                    </td>
                    <td>
                      <Chip sign={RUN_LOOKS[state][0]} tone={RUN_LOOKS[state][1]} word={t(`discovery.run.${state}`)} />
                      {stoppedBy === null ? null : <code> {plain(stoppedBy)}</code>}
                    </td>
                    <td data-label={t('discovery.files')}>
                      <SumsText sums={sums} />
                    </td>
                  </tr>
                ))}
              </Table>
              <More list={runs} shown={items.length} total={pages.at(-1)?.total ?? 0} />
            </>
          );
        }}
      </Read>
    </section>
  );
};

const isState = (value: string): value is File['state'] => STATES.some((state) => state === value);

const Files = ({ projectId }: { readonly projectId: string }): ReactElement => {
  const { t } = useTranslation();
  const [state, setState] = useState<File['state'] | ''>('');
  const files = useInfiniteQuery(filesQuery(projectId, state));
  return (
    <section aria-labelledby="files">
      <h2 id="files">{t('discovery.files')}</h2>
      <Field label={t('parts.state')} className="narrow">
        <Select value={state} onChange={(_event, { value }) => setState(isState(value) ? value : '')}>
          <option value="">{t('discovery.every')}</option>
          {STATES.map((each) => (
            <option key={each} value={each}>
              {t(`discovery.file.${each}`)}
            </option>
          ))}
        </Select>
      </Field>
      <Read query={files}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) return <Empty title={t('discovery.noFiles')} />;
          return (
            <>
              <FileTable files={items} />
              <More list={files} shown={items.length} total={pages.at(-1)?.total ?? 0} />
            </>
          );
        }}
      </Read>
    </section>
  );
};

const FileTable = ({ files }: { readonly files: readonly File[] }): ReactElement => {
  const { t } = useTranslation();
  return (
    <Table
      label={t('discovery.files')}
      heads={[t('discovery.path'), t('discovery.owner'), t('parts.size'), t('parts.state'), t('discovery.name')]}
      stack
    >
      {files.map(({ fileId, path, computer, owner, bytes, state, reason, name }) => (
        <tr key={fileId}>
          <th scope="row">
            <Name>{path}</Name>
            <div className="quiet">
              <Name>{computer}</Name>
            </div>
          </th>
          <td data-label={t('discovery.owner')}>{owner === '' ? '–' : <Name>{owner}</Name>}</td>
          <td data-label={t('parts.size')}>{bytes === null ? '–' : size(bytes)}</td>
          <td>
            <Chip sign={FILE_LOOKS[state][0]} tone={FILE_LOOKS[state][1]} word={t(`discovery.file.${state}`)} />
            {reason === '' ? null : (
              <div className="quiet">
                <Name>{reason}</Name>
              </div>
            )}
          </td>
          <td data-label={t('discovery.name')}>{name === '' ? '–' : <Name>{name}</Name>}</td>
        </tr>
      ))}
    </Table>
  );
};
