import { Button } from '@fluentui/react-components';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from '../api/client.js';
import { queries } from '../api/queries.js';
import { Command } from '../parts/basics.js';
import { ActionFrame } from '../parts/dialog-frame.js';
import { useMay } from '../parts/rights.js';
import { Failure } from '../parts/states.js';

/** Whether the PSTs of a project may be looked into, and the button that changes it for whoever may. */
export const Viewing = ({ projectId, allowed }: { readonly projectId: string; readonly allowed: boolean }): ReactElement => {
  const { t } = useTranslation();
  const mayPermit = useMay('content.permit');
  const [asking, setAsking] = useState(false);
  return (
    <div className="viewing">
      <span className="quiet">{allowed ? t('viewer.isAllowed') : t('viewer.isOff')}</span>
      {mayPermit ? (
        <Button size="small" onClick={() => setAsking(true)}>
          {allowed ? t('viewer.forbid') : t('viewer.allow')}
        </Button>
      ) : (
        <span className="quiet">{allowed ? '' : t('viewer.askFor')}</span>
      )}
      {asking ? <ViewingDialog projectId={projectId} allow={!allowed} onClose={() => setAsking(false)} /> : null}
    </div>
  );
};

const ViewingDialog = ({
  projectId,
  allow,
  onClose,
}: {
  readonly projectId: string;
  readonly allow: boolean;
  readonly onClose: () => void;
}): ReactElement => {
  const { t } = useTranslation();
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>();
  const send = async (): Promise<void> => {
    setSending(true);
    try {
      const { stream, version } = await client.permitViewing({ params: { projectId }, body: { allowed: allow } });
      await client.getProject({ params: { projectId }, query: { atLeast: `${stream}:${version}` } });
      queries.removeQueries({ queryKey: ['content'] });
      await queries.invalidateQueries({ queryKey: ['project', projectId] });
      onClose();
    } catch (failure) {
      setError(failure);
      setSending(false);
    }
  };
  return (
    <ActionFrame
      title={allow ? t('viewer.allowTitle') : t('viewer.forbidTitle')}
      asks
      action={allow ? t('viewer.allowGo') : t('viewer.forbidGo')}
      disabled={sending}
      go={send}
      onClose={onClose}
    >
      <p>{allow ? t('viewer.allowAbout') : t('viewer.forbidAbout')}</p>
      {error === undefined ? null : <Failure error={error} />}
      <Command command={`pstream project viewing ${projectId} ${allow ? 'on' : 'off'}`} />
    </ActionFrame>
  );
};
