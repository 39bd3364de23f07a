import { Button, Switch } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { queries } from '../api/queries.js';
import { Name, Section } from '../parts/basics.js';
import { FormDialog, FormField, useForm } from '../parts/form.js';
import { useMay } from '../parts/rights.js';
import { shellWord } from '../parts/shell-word.js';
import { Read } from '../parts/states.js';
import { ReadToEdit, type Seen } from '../parts/tagged.js';
import { LimitDialog } from '../plans/limit-dialog.js';
import { workgroupQuery } from './queries.js';

/** The workgroup: its name, and whether everybody in it sees every project. */
export const WorkgroupSection = (): ReactElement => {
  const { t } = useTranslation();
  const workgroup = useQuery(workgroupQuery);
  const mayManage = useMay('workgroup.manage');
  const [asked, setAsked] = useState<'rename' | 'share' | 'limit' | undefined>();
  return (
    <Section id="workgroup" title={t('people.workgroup')} command="pstream workgroup show">
      <Read query={workgroup} lines={2}>
        {(data) => (
          <>
            <p>
              <span className="quiet">{t('setup.name')}:</span>{' '}
              <strong>
                <Name>{data.name}</Name>
              </strong>
            </p>
            <Switch checked={data.shareProjects} disabled={!mayManage} label={t('people.share')} onChange={() => setAsked('share')} />
            <p className="quiet">{t(data.shareProjects ? 'people.shareOn' : 'people.shareOff')}</p>
            {mayManage ? (
              <div className="row-actions">
                <Button size="small" onClick={() => setAsked('rename')}>
                  {t('people.rename')}…
                </Button>
                <Button size="small" onClick={() => setAsked('limit')}>
                  {t('people.limit')}…
                </Button>
              </div>
            ) : null}
            {asked === 'rename' ? <RenameDialog onClose={() => setAsked(undefined)} /> : null}
            {asked === 'share' ? <ShareDialog onClose={() => setAsked(undefined)} /> : null}
            {asked === 'limit' ? (
              <LimitDialog
                title={t('people.limit')}
                about={t('people.limitAbout')}
                command={(limit) => `pstream workgroup limit ${limit}`}
                send={(maxMailboxes) => client.planWorkgroup({ body: { maxMailboxes } })}
                onClose={() => setAsked(undefined)}
              />
            ) : null}
          </>
        )}
      </Read>
    </Section>
  );
};

type Props = { readonly onClose: () => void };
const readAgain = (): Promise<void> => queries.invalidateQueries({ queryKey: ['workgroup'] });

const RenameDialog = ({ onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  return (
    <ReadToEdit id="getWorkgroup" args={{}} title={t('people.rename')} onClose={onClose}>
      {({ name }, seen) => <RenameForm name={name} seen={seen} onClose={onClose} />}
    </ReadToEdit>
  );
};

type RenameProps = Props & { readonly name: string; readonly seen: Seen };

const RenameForm = ({ name: before, seen: { ifMatch, again }, onClose }: RenameProps): ReactElement => {
  const { t } = useTranslation();
  const form = useForm({
    initial: { name: before },
    required: ['name'],
    send: async ({ name }) => {
      await client.editWorkgroup({ body: { name }, ifMatch });
      await readAgain();
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('people.rename')}
      form={form}
      submit={t('people.rename')}
      command={`pstream workgroup rename ${shellWord(form.values.name || 'NAME')}`}
      again={again}
      onClose={onClose}
    >
      <FormField form={form} name="name" label={t('setup.name')} required />
    </FormDialog>
  );
};

const ShareDialog = ({ onClose }: Props): ReactElement => {
  const { t } = useTranslation();
  return (
    <ReadToEdit id="getWorkgroup" args={{}} title={t('people.share')} onClose={onClose}>
      {({ shareProjects }, seen) => <ShareForm shareProjects={shareProjects} seen={seen} onClose={onClose} />}
    </ReadToEdit>
  );
};

type ShareProps = Props & { readonly shareProjects: boolean; readonly seen: Seen };

const ShareForm = ({ shareProjects, seen: { ifMatch, again }, onClose }: ShareProps): ReactElement => {
  const { t } = useTranslation();
  const form = useForm({
    initial: {},
    required: [],
    send: async () => {
      await client.editWorkgroup({ body: { shareProjects: !shareProjects }, ifMatch });
      await readAgain();
      onClose();
    },
  });
  const what = t(shareProjects ? 'people.unshare' : 'people.doShare');
  return (
    <FormDialog
      title={what}
      form={form}
      submit={what}
      command={`pstream workgroup share ${shareProjects ? 'off' : 'on'}`}
      again={again}
      onClose={onClose}
    >
      <p>{t(shareProjects ? 'people.unshareAbout' : 'people.doShareAbout')}</p>
    </FormDialog>
  );
};
