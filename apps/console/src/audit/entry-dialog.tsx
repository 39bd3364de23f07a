import { Button } from '@fluentui/react-components';
import { useNavigate } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeLink } from '../help/code-link.js';
import { Command, Copyable, Name } from '../parts/basics.js';
import { DialogFrame, OpenDialog } from '../parts/dialog-frame.js';
import { count, exactMoment, plain } from '../parts/format.js';
import { Chip } from '../parts/status.js';
import type { Tone } from '../parts/statuses.js';
import type { AuditSearch } from '../search.js';
import { inWords, listCommand } from './filter.js';
import type { Entry } from './queries.js';

type Props = {
  readonly entry: Entry;
  readonly search: AuditSearch;
  readonly looks: readonly [sign: string, tone: Tone];
  readonly onClose: () => void;
};

/** One entry of the record: who, from where, what, and each value before and after. */
export const EntryDialog = ({ entry, search: { of }, looks: [sign, tone], onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { action, at, endedAt, who, person, from, object, objectId, outcome, status, code, count: times, seq, chain } = entry;
  const here = of === undefined ? {} : { of };
  const only = (search: AuditSearch): void => {
    onClose();
    void navigate({ to: '/audit', search: { ...here, ...search } });
  };
  const command = listCommand({ ...here, ...(objectId === null ? { action } : { object: objectId }) });
  return (
    <OpenDialog onClose={onClose}>
      <DialogFrame
        title={inWords(action)}
        buttons={
          <Button appearance="primary" onClick={onClose}>
            {t('close')}
          </Button>
        }
      >
        <dl className="facts">
          <Fact name={t('audit.at')}>
            {exactMoment(at)}
            {endedAt === null ? null : <div className="quiet">{t('audit.ended', { at: exactMoment(endedAt) })}</div>}
          </Fact>
          <Fact name={t('audit.who')}>
            {who === null ? (
              t('audit.nobody')
            ) : (
              <>
                <Name>{who.name}</Name> <span className="quiet">{t(`role.${who.role}`)}</span>
                <div>
                  <Copyable text={who.by} label={t('audit.who')} short />
                </div>
                <div className="quiet">{t(`audit.by.${who.signedInBy}`)}</div>
              </>
            )}
            {person === null ? null : (
              <Button size="small" onClick={() => only({ person })}>
                {t('audit.onlyPerson')}
              </Button>
            )}
          </Fact>
          <Fact name={t('audit.fromWhere')}>
            <code>{plain(from.address)}</code>
            {from.forwardedFor === null ? null : (
              <div className="quiet">
                {t('audit.forwarded')} <code>{plain(from.forwardedFor)}</code>
              </div>
            )}
            {from.userAgent === null ? null : (
              <div className="quiet">
                <Name>{from.userAgent}</Name>
              </div>
            )}
          </Fact>
          <Fact name={t('audit.object')}>
            {object === null ? null : (
              <div>
                {inWords(object.kind)} {object.name === null ? null : <Name>{object.name}</Name>}
              </div>
            )}
            {objectId === null ? (
              <span>{object === null ? '–' : ''}</span>
            ) : (
              <>
                <div>
                  <Copyable text={objectId} label={t('audit.objectId')} short />
                </div>
                <Button size="small" onClick={() => only({ object: objectId })}>
                  {t('audit.onlyObject')}
                </Button>
              </>
            )}
          </Fact>
          <Fact name={t('audit.outcome')}>
            <Chip sign={sign} tone={tone} word={t(`audit.is.${outcome}`)} />{' '}
            <span className="quiet">
              {status ?? ''} {code === null ? null : <CodeLink code={code} />}
            </span>
            {times > 1 ? <div className="quiet">{t('audit.times', { times: count(times) })}</div> : null}
            {outcome === 'unknown' ? <div className="quiet">{t('audit.unknownAbout')}</div> : null}
          </Fact>
          <Fact name={t('audit.record')}>
            <Name>{chain}</Name> {count(seq)}
            <div>
              <Copyable text={from.requestId} label={t('audit.request')} short />
            </div>
          </Fact>
        </dl>
        <Changes changes={entry.changes} />
        <Command command={command} />
      </DialogFrame>
    </OpenDialog>
  );
};

const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const Changes = ({ changes }: { readonly changes: Entry['changes'] }): ReactElement => {
  const { t } = useTranslation();
  if (changes.length === 0) return <p className="quiet">{t('audit.noChanges')}</p>;
  return (
    <div className="scrolls" role="region" aria-label={t('audit.changes')} tabIndex={0}>
      <table className="list values">
        <thead>
          <tr>
            <th scope="col">{t('audit.field')}</th>
            <th scope="col">{t('audit.old')}</th>
            <th scope="col">{t('audit.new')}</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ field, old, new: now, secret }) => (
            <tr key={field}>
              <th scope="row">
                <Name>{field}</Name>
              </th>
              {secret === true ? (
                <td colSpan={2} className="quiet">
                  {t('audit.secret')}
                </td>
              ) : (
                <>
                  <td>{value(old)}</td>
                  <td>{value(now)}</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};

const value = (given: Entry['changes'][number]['old']): ReactElement => (given === null ? <span>–</span> : <Name>{String(given)}</Name>);
