// The steps of a first migration that work on its mailbox: verify credentials, apply a licence, export, and see the PST.
import { Button, Spinner } from '@fluentui/react-components';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { CauseBar } from '../mailbox/cause-bar.js';
import { Checks } from '../mailbox/checks.js';
import { TotalsBar, TotalsText } from '../parts/bar.js';
import { Command, Copyable, Link, Name } from '../parts/basics.js';
import { useMay } from '../parts/rights.js';
import { StatusChip } from '../parts/status.js';
import { MailboxActionDialog } from '../project/action-dialog.js';
import { reasonAgainst, type Action } from '../project/actions.js';
import { isOpen } from '../project/views.js';
import { BundlesDialog } from '../setup/bundles-dialog.js';
import type { Facts } from './where.js';

type PassProps = { readonly facts: Facts; readonly mayRun: boolean; readonly actions: readonly Action[] };

/** Starts a pass over the mailbox, and shows how far it is. */
export const PassStep = ({ facts: { row, project, enforced, licensed }, mayRun, actions }: PassProps): ReactElement | null => {
  const { t } = useTranslation();
  const [acting, setActing] = useState<Action | undefined>();
  if (row === undefined || project === undefined) return null;
  const isVerify = actions[0] === 'verify';
  const offered = actions.filter((action) => reasonAgainst(action, row) === undefined);
  const main = isVerify ? 'verify' : licensed || !enforced ? 'full' : 'trial';
  return (
    <>
      {isVerify ? (
        <Checks row={row} />
      ) : row.totals.discovered === 0 && !isOpen(row) ? null : (
        <>
          <StatusChip status={row.status} />
          <TotalsBar totals={row.totals} counting={row.listing === 'going-on' && isOpen(row)} />
          <TotalsText totals={row.totals} counting={row.listing === 'going-on' && isOpen(row)} />
        </>
      )}
      <CauseBar cause={row.cause} />
      {!isVerify && enforced && !licensed ? <p className="quiet">{t('start.trialFree')}</p> : null}
      {mayRun ? (
        <div className="row-actions">
          {offered.map((action) => (
            <Button
              key={action}
              appearance={action === main ? 'primary' : 'secondary'}
              disabled={action === 'full' && enforced && !licensed}
              onClick={() => setActing(action)}
            >
              {t(`action.${action}`)}…
            </Button>
          ))}
        </div>
      ) : null}
      {acting === undefined ? null : <MailboxActionDialog action={acting} row={row} onClose={() => setActing(undefined)} />}
    </>
  );
};

export const LicenceStep = ({
  facts: { customer, row, licensed },
  mayRun,
}: {
  readonly facts: Facts;
  readonly mayRun: boolean;
}): ReactElement | null => {
  const { t } = useTranslation();
  const mayBuy = useMay('licences.buy');
  const [applying, setApplying] = useState(false);
  if (customer === undefined || row === undefined) return null;
  return (
    <>
      {licensed ? (
        <p>
          {t('start.licensed')} <Name>{row.source}</Name>
        </p>
      ) : (
        <div className="row-actions">
          {mayRun ? <Button onClick={() => setApplying(true)}>{t('setup.bundles.apply')}…</Button> : null}
          {mayBuy ? <Link to="/licences/buy">{t('licence.buy')}</Link> : null}
        </div>
      )}
      {applying ? <BundlesDialog customerId={customer.customerId} users={[row.source]} onClose={() => setApplying(false)} /> : null}
    </>
  );
};

/** The PSTs, and how anybody can check them again. */
export const PstStep = ({ facts: { parts } }: { readonly facts: Facts }): ReactElement => {
  const { t } = useTranslation();
  const verified = parts.filter(({ state }) => state === 'verified');
  if (verified.length === 0) return <Spinner size="tiny" labelPosition="after" label={t('start.verifying')} />;
  return (
    <ul className="plain">
      {verified.map(({ partId, name, location, sha256 }) => (
        <li key={partId}>
          <strong>
            <Name>{name}</Name>
          </strong>{' '}
          {location === null ? null : <Copyable text={location} label={t('start.location')} />}
          {sha256 === null ? null : (
            <div>
              SHA-256 <Copyable text={sha256} label="SHA-256" />
            </div>
          )}
          {location === null || /^https?:/.test(location) ? null : <Command command={`pstream pst verify ${location}`} />}
        </li>
      ))}
    </ul>
  );
};
