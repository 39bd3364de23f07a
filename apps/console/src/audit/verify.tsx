import { Button, Field, Input, MessageBar, MessageBarBody, MessageBarTitle, Spinner } from '@fluentui/react-components';
import type { ChainReport } from '@pstream/api/client';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { open } from '../api/client.js';
import { canHash, sha256 } from '../browser.js';
import { Copyable, Section } from '../parts/basics.js';
import { count } from '../parts/format.js';
import { Failure } from '../parts/states.js';
import type { AuditSearch } from '../search.js';
import { checkChain } from './check-chain.js';
import { recordsAddress, verifyCommand } from './filter.js';

type State =
  | { readonly is: 'idle' }
  | { readonly is: 'checking'; readonly records: number }
  | { readonly is: 'checked'; readonly report: ChainReport }
  | { readonly is: 'failed'; readonly error: unknown };

const HEAD = /^[1-9]\d{0,15}:[0-9a-f]{64}$/;
const MOST_SHOWN = 20;

/** Reads a body as it comes; not every browser lets it be read in a loop by itself. */
async function* piecesOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

/** Checks in the browser that no record was removed, altered or moved, and downloads the records as they are stored. */
export const Verify = ({ search }: { readonly search: AuditSearch }): ReactElement => {
  const { t } = useTranslation();
  const [state, setState] = useState<State>({ is: 'idle' });
  const [head, setHead] = useState('');
  const wanted = head.trim();
  const isHead = wanted === '' || HEAD.test(wanted);
  const reading = useRef<AbortController>(undefined);
  // All records may be gigabytes: none is read for somebody who has left.
  useEffect(() => () => reading.current?.abort(), []);
  const verify = async (): Promise<void> => {
    reading.current = new AbortController();
    const { signal } = reading.current;
    setState({ is: 'checking', records: 0 });
    try {
      const query = search.of === undefined ? {} : { of: search.of };
      const progress = (records: number): void => setState({ is: 'checking', records });
      const pieces = piecesOf(await open('downloadAuditRecords', { query, signal }));
      setState({ is: 'checked', report: await checkChain(pieces, sha256, wanted === '' ? undefined : wanted, progress) });
    } catch (error) {
      setState({ is: 'failed', error });
    }
  };
  return (
    <Section
      id="chain"
      title={t('audit.chain')}
      action={
        <Button size="small" as="a" href={recordsAddress(search)} download="audit.jsonl">
          {t('audit.download')}
        </Button>
      }
      command={verifyCommand(search, isHead ? wanted : '')}
    >
      <p className="quiet">{t('audit.chainAbout')}</p>
      {canHash() ? (
        <>
          <Field
            label={t('audit.head')}
            hint={t('audit.headHint')}
            {...(isHead ? {} : { validationMessage: t('audit.noHead'), validationState: 'error' as const })}
          >
            <Input value={head} autoComplete="off" spellCheck={false} onChange={(_event, { value }) => setHead(value)} />
          </Field>
          <div className="row-actions">
            <Button appearance="primary" disabled={!isHead || state.is === 'checking'} onClick={() => void verify()}>
              {t('audit.verify')}
            </Button>
            {state.is === 'checking' ? <Spinner size="tiny" label={t('audit.checking', { records: count(state.records) })} /> : null}
          </div>
        </>
      ) : (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{t('audit.noHashes')}</MessageBarBody>
        </MessageBar>
      )}
      {state.is === 'failed' ? <Failure error={state.error} again={() => void verify()} /> : null}
      {state.is === 'checked' ? <Result report={state.report} /> : null}
    </Section>
  );
};

const Result = ({ report: { records, head, breaks } }: { readonly report: ChainReport }): ReactElement => {
  const { t } = useTranslation();
  const isWhole = breaks.length === 0;
  return (
    <MessageBar intent={isWhole ? 'success' : 'error'} layout="multiline" role={isWhole ? 'status' : 'alert'}>
      <MessageBarBody>
        <MessageBarTitle>
          {isWhole
            ? t('audit.whole', { count: records, records: count(records) })
            : t('audit.broken', { count: breaks.length, breaks: count(breaks.length) })}
        </MessageBarTitle>
        {isWhole ? (
          <p>
            {t('audit.noteHead')} {head === null ? null : <Copyable text={head} label={t('audit.newHead')} short />}
          </p>
        ) : (
          <ul>
            {breaks.slice(0, MOST_SHOWN).map(({ seq, what }, at) => (
              <li key={at}>{t(`audit.break.${what}`, { seq: count(seq) })}</li>
            ))}
            {breaks.length > MOST_SHOWN ? <li>{t('act.more', { count: breaks.length - MOST_SHOWN })}</li> : null}
          </ul>
        )}
      </MessageBarBody>
    </MessageBar>
  );
};
