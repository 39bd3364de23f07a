import { Input } from '@fluentui/react-components';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useDeferredValue, useEffect, useMemo, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton, Link, PageHead } from '../parts/basics.js';
import { Empty } from '../parts/states.js';
import { openIndex } from './find.js';
import { manual, type Element, type ManualPage, type Node } from './manual.js';

/** Most hits that are listed. */
const MOST_HITS = 30;

/** The first page, which lists the others. */
const CONTENTS = 'README';

const route = getRouteApi('/help/$');

/** The manual: its list of pages, a search, and one page. A code in the address leads to where it is explained. */
export const HelpPage = (): ReactElement => {
  const { t } = useTranslation();
  const { _splat: wanted = '' } = route.useParams();
  const { q, code } = route.useSearch();
  const navigate = useNavigate();
  const explained = useMemo(() => (code === undefined ? undefined : placeOf(code)), [code]);
  useEffect(() => {
    if (explained === undefined) return;
    const [page = '', anchor] = explained.split('#');
    void navigate({ to: '/help/$', params: { _splat: page }, replace: true, ...(anchor === undefined ? {} : { hash: anchor }) });
  }, [explained, navigate]);
  const page = manual.pages.find(({ id }) => id === (wanted === '' ? CONTENTS : wanted));
  const searched = q ?? (explained === undefined ? code : undefined);
  return (
    <>
      <PageHead
        key={page?.id ?? ''}
        title={page === undefined || page.id === CONTENTS ? t('help.title') : page.title}
        over={
          <Link to="/help/$" params={{ _splat: '' }}>
            {t('help.title')}
          </Link>
        }
      />
      <div className="help">
        <nav className="card" aria-label={t('help.pages')}>
          <Input
            type="search"
            value={searched ?? ''}
            aria-label={t('help.search')}
            placeholder={t('help.search')}
            onChange={(_event, { value }) =>
              void navigate({ to: '/help/$', params: { _splat: wanted }, search: value === '' ? {} : { q: value }, replace: true })
            }
          />
          {searched === undefined ? (
            <ul className="plain">
              {manual.pages
                .filter(({ id }) => id !== CONTENTS)
                .map(({ id, title }) => (
                  <li key={id}>
                    <Link to="/help/$" params={{ _splat: id }} aria-current={id === page?.id ? 'page' : undefined}>
                      {title}
                    </Link>
                  </li>
                ))}
            </ul>
          ) : (
            <Hits wanted={searched} />
          )}
        </nav>
        <article className="card manual" lang="en">
          {page === undefined ? <Empty title={t('help.noPage')} /> : <Page page={page} />}
        </article>
      </div>
    </>
  );
};

/** Where a code is explained: the place of its name, or of what covers all of its kind. */
const placeOf = (code: string): string | undefined =>
  manual.places.find(({ title }) => title === code)?.id ?? manual.places.find(({ title }) => title === `${code.split('.')[0]}.*`)?.id;

const Hits = ({ wanted }: { readonly wanted: string }): ReactElement => {
  const { t } = useTranslation();
  const find = useMemo(() => openIndex(manual.index), []);
  const late = useDeferredValue(wanted);
  const hits = useMemo(() => find(late).slice(0, MOST_HITS), [find, late]);
  const places = hits.flatMap((hit) => manual.places.find(({ id }) => id === hit) ?? []);
  return (
    <>
      <p role="status" className="quiet">
        {t('help.found', { count: places.length })}
      </p>
      <ul className="plain">
        {places.map(({ id, title, page }) => {
          const [splat = '', hash] = id.split('#');
          return (
            <li key={id} lang="en">
              <Link to="/help/$" params={{ _splat: splat }} search={{ q: wanted }} {...(hash === undefined ? {} : { hash })}>
                {title}
              </Link>
              {title === page ? null : <div className="quiet">{page}</div>}
            </li>
          );
        })}
      </ul>
    </>
  );
};

const Page = ({ page: { blocks } }: { readonly page: ManualPage }): ReactElement => {
  // The page was not there yet when the browser looked for the place in the address.
  useEffect(() => {
    const id = decodeURIComponent(location.hash.slice(1));
    if (id !== '') document.getElementById(id)?.scrollIntoView();
  });
  return <>{blocks.filter(({ is }) => is !== 'h1').map(show)}</>;
};

/** The text of an element that has nothing else in it. */
const textIn = ({ in: [first] = [] }: Element): string => (typeof first === 'string' ? first : '');

const all = (nodes: readonly Node[] = []): (ReactElement | string)[] => nodes.map(show);

const TAGS = { p: 'p', ul: 'ul', ol: 'ol', li: 'li', strong: 'strong', em: 'em', code: 'code', blockquote: 'blockquote' } as const;

/** An element of the manual, with a key of its place: a page never changes while it is shown. */
const show = (node: Node, at: number): ReactElement | string => {
  if (typeof node === 'string') return node;
  const { is, id, to, in: inner } = node;
  if (is === 'a')
    return (
      <Away key={at} to={to ?? ''}>
        {all(inner)}
      </Away>
    );
  if (is === 'table') return <Table key={at} table={node} />;
  if (is === 'pre') return <Sample key={at} text={textIn(node)} />;
  if (is === 'h2' || is === 'h3' || is === 'h4') {
    const Heading = is;
    return (
      <Heading key={at} id={id}>
        {all(inner)}
      </Heading>
    );
  }
  const Tag = TAGS[is as keyof typeof TAGS] ?? 'span';
  return <Tag key={at}>{all(inner)}</Tag>;
};

const Away = ({ to, children }: { readonly to: string; readonly children: (ReactElement | string)[] }): ReactElement => {
  if (!to.startsWith('/help/'))
    return (
      <a href={to} target="_blank" rel="noreferrer noopener">
        {children}
      </a>
    );
  const [splat = '', hash] = to.slice('/help/'.length).split('#');
  return (
    <Link to="/help/$" params={{ _splat: splat }} {...(hash === undefined ? {} : { hash })}>
      {children}
    </Link>
  );
};

const Sample = ({ text }: { readonly text: string }): ReactElement => {
  const { t } = useTranslation();
  return (
    <div className="sample">
      <pre tabIndex={0} role="region" aria-label={t('help.sample')}>
        {text}
      </pre>
      <CopyButton text={text} label={t('help.sample')} />
    </div>
  );
};

/** A table; a row that explains a code can be linked to by it. */
const Table = ({ table: { head = [], rows = [] } }: { readonly table: Element }): ReactElement => {
  const { t } = useTranslation();
  return (
    <div className="scrolls" role="region" aria-label={t('help.table')} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((cell, at) => (
              <th key={at} scope="col">
                {all(cell)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, column) => (
                <td key={column}>{column === 0 ? cell.map((node, place) => <Anchored key={place} node={node} />) : all(cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};

const Anchored = ({ node }: { readonly node: Node }): ReactElement => {
  if (typeof node === 'string') return <>{node}</>;
  const code = node.is === 'code' ? textIn(node) : '';
  return code.includes('.') ? <span id={code}>{show(node, 0)}</span> : <>{show(node, 0)}</>;
};
