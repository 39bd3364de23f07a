import { Button, Input } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState, type FormEvent, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { mailboxQuery, partsQuery, projectQuery } from '../api/queries.js';
import { CliButton, Link, Name, PageHead } from '../parts/basics.js';
import { count, size } from '../parts/format.js';
import { useMay } from '../parts/rights.js';
import { shellWord } from '../parts/shell-word.js';
import { Empty, Read } from '../parts/states.js';
import { Message } from './message.js';
import { Messages } from './messages.js';
import { partFoldersQuery, type Place } from './queries.js';
import { Viewing } from './viewing.js';

const route = getRouteApi('/mailboxes/$mailboxId/parts/$partId');

/** A finished PST, looked into: folders, messages, one message. What is chosen is in the address. */
export const ViewerPage = (): ReactElement => {
  const { t } = useTranslation();
  const { mailboxId, partId } = route.useParams();
  const place = { mailboxJobId: mailboxId, partId };
  const { folder, q, message } = route.useSearch();
  const mailbox = useQuery(mailboxQuery(mailboxId));
  const projectId = mailbox.data?.projectId;
  const project = useQuery({ ...projectQuery(projectId ?? ''), enabled: projectId !== undefined });
  const parts = useQuery(partsQuery(mailboxId));
  const part = parts.data?.items.find((each) => each.partId === partId);
  const mayView = useMay('content.view');
  const file = `${projectId ?? 'PROJECT'} ${shellWord(part?.name ?? 'PST')}`;
  const command =
    message !== undefined
      ? `pstream part show ${file} ${message}`
      : q !== undefined
        ? `pstream part messages ${file}${folder === undefined ? '' : ` ${folder}`} --subject ${shellWord(q)}`
        : folder === undefined
          ? `pstream part folders ${file}`
          : `pstream part messages ${file} ${folder}`;
  return (
    <>
      <PageHead
        title={part === undefined ? t('viewer.title') : <Name>{part.name}</Name>}
        over={
          <Link to="/mailboxes/$mailboxId" params={{ mailboxId }} search={{ tab: 'parts' }}>
            <Name>{mailbox.data?.source ?? '…'}</Name>
          </Link>
        }
      >
        {part === undefined ? null : (
          <span className="quiet">{t('viewer.sizes', { count: part.items, items: count(part.items), size: size(part.bytes) })}</span>
        )}
        <CliButton command={command} />
      </PageHead>
      {!mayView ? (
        <Empty title={t('viewer.noRight')} />
      ) : (
        <Read query={project}>
          {({ viewing, projectId: id }) =>
            viewing ? (
              <Panes place={place} chosen={{ folder, q, message }} />
            ) : (
              <Empty title={t('viewer.off')}>
                <Viewing projectId={id} allowed={false} />
              </Empty>
            )
          }
        </Read>
      )}
    </>
  );
};

type Chosen = { readonly folder: string | undefined; readonly q: string | undefined; readonly message: string | undefined };

const Panes = ({ place, chosen: { folder, q, message } }: { readonly place: Place; readonly chosen: Chosen }): ReactElement => {
  const { t } = useTranslation();
  const folders = useQuery(partFoldersQuery(place));
  // Whoever comes for a look begins where most of the mail is.
  const [full] = [...(folders.data?.items ?? [])].sort((a, b) => b.messages - a.messages).filter(({ messages }) => messages > 0);
  const shown = q === undefined ? (folder ?? full?.folderId) : folder;
  return (
    <div className={message === undefined ? 'viewer' : 'viewer reading'}>
      <nav className="card" aria-label={t('viewer.folders')}>
        <Read query={folders} lines={6}>
          {({ items, whole }) => (
            <>
              <Search key={q ?? ''} place={place} folder={folder} given={q} />
              <ul className="plain tree">
                {items.map(({ folderId, path, messages }) => (
                  <li key={folderId} data-depth={Math.min(path.length, 8)}>
                    <Link
                      to="/mailboxes/$mailboxId/parts/$partId"
                      params={{ mailboxId: place.mailboxJobId, partId: place.partId }}
                      search={{ folder: folderId }}
                      aria-current={folderId === shown ? 'true' : undefined}
                    >
                      {path.length === 0 ? t('viewer.top') : <Name>{path.at(-1) ?? ''}</Name>}
                    </Link>{' '}
                    <span className="quiet">{messages === 0 ? '' : count(messages)}</span>
                  </li>
                ))}
              </ul>
              {whole ? null : <p className="quiet">{t('viewer.moreFolders')}</p>}
            </>
          )}
        </Read>
      </nav>
      <section className="card list" aria-label={t('viewer.messages')}>
        {shown === undefined && q === undefined ? (
          folders.data === undefined ? null : (
            <Empty title={t('viewer.nothing')} />
          )
        ) : (
          <Messages key={`${shown ?? ''} ${q ?? ''}`} place={place} looked={{ folder: shown, subject: q }} message={message} />
        )}
      </section>
      <section className="card letter" aria-label={t('viewer.message')}>
        {message === undefined ? (
          <p className="quiet">{t('viewer.choose')}</p>
        ) : (
          <Message key={message} place={place} messageId={message} back={{ folder, q }} />
        )}
      </section>
    </div>
  );
};

const Search = ({
  place,
  folder,
  given,
}: {
  readonly place: Place;
  readonly folder: string | undefined;
  readonly given: string | undefined;
}): ReactElement => {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const [text, setText] = useState(given ?? '');
  const go = (event: FormEvent): void => {
    event.preventDefault();
    const q = text.trim();
    void navigate({
      params: { mailboxId: place.mailboxJobId, partId: place.partId },
      search: { ...(q === '' ? {} : { q }), ...(folder === undefined ? {} : { folder }) },
    });
  };
  return (
    <form role="search" onSubmit={go} className="find">
      <Input
        type="search"
        size="small"
        value={text}
        maxLength={200}
        aria-label={t('viewer.search')}
        placeholder={folder === undefined ? t('viewer.search') : t('viewer.searchHere')}
        onChange={(_event, { value }) => setText(value)}
      />
      <Button size="small" type="submit">
        {t('viewer.find')}
      </Button>
    </form>
  );
};
