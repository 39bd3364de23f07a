import { Button, MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { queries } from '../api/queries.js';
import { here } from '../browser.js';
import { Command, CliButton, Copyable, Name, Section } from '../parts/basics.js';
import { FormDialog, FormField, useForm } from '../parts/form.js';
import { moment } from '../parts/format.js';
import { Failure, Read } from '../parts/states.js';
import { Table } from '../parts/table.js';

const linksQuery = (projectId: string) =>
  queryOptions({ queryKey: ['report-links', projectId], queryFn: () => client.listReportLinks({ params: { projectId } }) });

const DAYS = ['1', '7', '30', '90'] as const;

/** Links that show the report to somebody without an account: made, listed and revoked. */
export const Links = ({ projectId }: { readonly projectId: string }): ReactElement => {
  const { t } = useTranslation();
  const links = useQuery(linksQuery(projectId));
  const [making, setMaking] = useState(false);
  const [address, setAddress] = useState<string | undefined>();
  const [failure, setFailure] = useState<unknown>();
  const revoke = async (linkId: string): Promise<void> => {
    setFailure(undefined);
    await client.revokeReportLink({ params: { projectId, linkId } }).catch(setFailure);
    await queries.invalidateQueries({ queryKey: ['report-links', projectId] });
  };
  return (
    <Section
      id="links"
      title={t('report.links')}
      action={
        <Button size="small" onClick={() => setMaking(true)}>
          {t('report.share')}
        </Button>
      }
    >
      <p className="quiet">{t('report.linksAbout')}</p>
      {address === undefined ? null : (
        <MessageBar intent="success" layout="multiline" role="status">
          <MessageBarBody>
            <MessageBarTitle>{t('report.shownOnce')}</MessageBarTitle>
            <Copyable text={address} label={t('report.link')} />
          </MessageBarBody>
        </MessageBar>
      )}
      {failure === undefined ? null : <Failure error={failure} />}
      <Read query={links} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p>{t('report.noLinks')}</p>
          ) : (
            <Table
              label={t('report.links')}
              heads={[t('report.madeBy'), t('report.made'), t('report.expires'), t('report.id'), t('people.actions')]}
              stack
            >
              {items.map(({ linkId, madeBy, createdAt, expiresAt }) => (
                <tr key={linkId}>
                  <th scope="row">
                    <Name>{madeBy}</Name>
                  </th>
                  <td data-label={t('report.made')}>{moment(createdAt)}</td>
                  <td data-label={t('report.expires')}>{moment(expiresAt)}</td>
                  <td data-label={t('report.id')}>
                    <Copyable text={linkId} label={t('report.id')} short />
                  </td>
                  <td className="row-actions">
                    <Button size="small" onClick={() => void revoke(linkId)}>
                      {t('report.revoke')}
                    </Button>
                    <CliButton command={`pstream project unshare ${projectId} ${linkId}`} />
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Read>
      <Command command={`pstream project links ${projectId}`} />
      {making ? (
        <ShareDialog
          projectId={projectId}
          onMade={(path) => {
            setAddress(`${here()}${path}`);
            setMaking(false);
          }}
          onClose={() => setMaking(false)}
        />
      ) : null}
    </Section>
  );
};

const ShareDialog = ({
  projectId,
  onMade,
  onClose,
}: {
  readonly projectId: string;
  readonly onMade: (path: string) => void;
  readonly onClose: () => void;
}): ReactElement => {
  const { t } = useTranslation();
  const form = useForm({
    initial: { days: '7' },
    required: ['days'],
    send: async ({ days }) => {
      const { path } = await client.createReportLink({ params: { projectId }, body: { days: Number(days) } });
      await queries.invalidateQueries({ queryKey: ['report-links', projectId] });
      onMade(path);
    },
  });
  return (
    <FormDialog
      title={t('report.shareTitle')}
      form={form}
      submit={t('report.shareGo')}
      command={`pstream project share ${projectId} --days ${form.values.days}`}
      onClose={onClose}
    >
      <p>{t('report.shareAbout')}</p>
      <FormField
        form={form}
        name="days"
        label={t('report.for')}
        options={DAYS.map((days) => [days, t('report.days', { count: Number(days) })] as const)}
      />
    </FormDialog>
  );
};
