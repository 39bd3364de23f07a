import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { ActionMenu } from '../parts/action-menu.js';
import { CliButton, Link, Name, PageHead, Section } from '../parts/basics.js';
import { NoRight, useLacks } from '../parts/no-right.js';
import { Read, StaleBar } from '../parts/states.js';
import { Text } from '../parts/text.js';
import { kindName } from './kind.js';
import { templatesQuery, type Template } from './queries.js';
import { EditTemplateDialog, ResetTemplateDialog, TestTemplateDialog } from './template-dialogs.js';
import { Table } from '../parts/table.js';

type Step = 'edit' | 'test' | 'reset';
type Asked = { readonly step: Step; readonly kind: Template['kind'] };

/** What notices say, by what they are about. */
export const TemplatesPage = (): ReactElement => {
  const { t } = useTranslation();
  const lacks = useLacks('notices.manage');
  const templates = useQuery({ ...templatesQuery, enabled: !lacks });
  const [asked, setAsked] = useState<Asked | undefined>();
  const close = (): void => setAsked(undefined);
  if (lacks) return <NoRight title={t('template.title')} />;
  return (
    <>
      <PageHead title={t('template.title')} over={<Link to="/notices">{t('notice.title')}</Link>} updatedAtMs={templates.dataUpdatedAt}>
        <CliButton command="pstream notice templates" />
      </PageHead>
      <StaleBar updatedAtMs={templates.dataUpdatedAt} />
      <p>{t('template.intro')}</p>
      <Section id="templates" title={t('template.words')}>
        <Read query={templates} lines={9}>
          {({ items }) => <Templates items={items} onAsk={setAsked} />}
        </Read>
      </Section>
      {asked?.step === 'edit' ? <EditTemplateDialog kind={asked.kind} onClose={close} /> : null}
      {asked?.step === 'test' ? <TestTemplateDialog kind={asked.kind} onClose={close} /> : null}
      {asked?.step === 'reset' ? <ResetTemplateDialog kind={asked.kind} onClose={close} /> : null}
    </>
  );
};

type ListProps = { readonly items: readonly Template[]; readonly onAsk: (asked: Asked) => void };

const Templates = ({ items, onAsk }: ListProps): ReactElement => {
  const { t } = useTranslation();
  const usual = <span className="quiet">{t('template.usual')}</span>;
  return (
    <Table label={t('template.words')} heads={[t('notice.about'), t('template.subject'), t('template.body'), t('people.actions')]} stack>
      {items.map(({ kind, subject, body }) => (
        <tr key={kind}>
          <th scope="row">{kindName(t, kind)}</th>
          <td data-label={t('template.subject')}>{subject === null ? usual : <Name>{subject}</Name>}</td>
          <td data-label={t('template.body')}>{body === null ? usual : <Text>{body}</Text>}</td>
          <td>
            <ActionMenu
              label={t('people.actions')}
              of={`${t('people.actions')}: ${kindName(t, kind)}`}
              steps={subject === null && body === null ? (['edit', 'test'] as const) : (['edit', 'test', 'reset'] as const)}
              word={(step) => t(`template.step.${step}`)}
              onStep={(step: Step) => onAsk({ step, kind })}
            />
          </td>
        </tr>
      ))}
    </Table>
  );
};
