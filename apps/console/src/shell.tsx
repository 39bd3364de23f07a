import {
  Button,
  Dialog,
  DialogSurface,
  FluentProvider,
  Menu,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  MenuItem,
  MenuDivider,
  webDarkTheme,
  webLightTheme,
} from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { Link as RouterLink, Outlet, useNavigate } from '@tanstack/react-router';
import { useEffect, useState, useSyncExternalStore, type ReactElement, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { client } from './api/client.js';
import { connection, listen, onNews, pausedView, pauseView } from './api/live.js';
import { meQuery, queries, refresh } from './api/queries.js';
import { session, sessionEnded, sessionOpened } from './api/session.js';
import { Age, Name } from './parts/basics.js';
import { count } from './parts/format.js';
import { useEnforced } from './licences/queries.js';
import { useMay } from './parts/rights.js';
import { Failure, Loading } from './parts/states.js';
import { useStore } from './parts/store.js';
import { SignIn } from './pages/sign-in.js';
import { chooseLanguage, LANGUAGES, type Language } from './words/i18n.js';

const DARK = matchMedia('(prefers-color-scheme: dark)');
const THEME_KEPT_AS = 'pstream.theme';
const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const listenToScheme = (listener: () => void): (() => void) => {
  DARK.addEventListener('change', listener);
  return () => DARK.removeEventListener('change', listener);
};

type Look = { readonly theme: Theme; readonly choose: (theme: Theme) => void };

/** The console around every page: its theme, its language, who is signed in, and whether what is shown is live. */
export const Shell = ({ failure }: { readonly failure: unknown }): ReactElement => {
  const systemDark = useSyncExternalStore(listenToScheme, () => DARK.matches);
  const [theme, setTheme] = useState<Theme>(() => THEMES.find((each) => each === localStorage.getItem(THEME_KEPT_AS)) ?? 'system');
  const dark = theme === 'dark' || (theme === 'system' && systemDark);
  useEffect(() => {
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
  }, [dark]);
  const choose = (chosen: Theme): void => {
    localStorage.setItem(THEME_KEPT_AS, chosen);
    setTheme(chosen);
  };
  return (
    <FluentProvider theme={dark ? webDarkTheme : webLightTheme} className="provider">
      <Guarded failure={failure} look={{ theme, choose }} />
    </FluentProvider>
  );
};

/** The pages, for whoever is signed in. A session that ends under an open page leaves the page where it is. */
const Guarded = ({ failure, look }: { readonly failure: unknown; readonly look: Look }): ReactElement => {
  const state = useStore(session);
  const me = useQuery({ ...meQuery, enabled: state !== 'ended' });
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (me.data === undefined) return;
    sessionOpened();
    setSeen(true);
  }, [me.data]);
  if (state === 'ended' && !seen) return <SignIn failure={failure} />;
  if (me.data === undefined && !seen) return me.isError ? <Failure error={me.error} again={() => void me.refetch()} /> : <Loading />;
  return (
    <>
      <Frame name={me.data?.name ?? ''} look={look} />
      <Dialog open={state === 'ended'} modalType="alert">
        <DialogSurface aria-labelledby="sign-in-again">
          <SignIn again />
        </DialogSurface>
      </Dialog>
    </>
  );
};

const Frame = ({ name, look }: { readonly name: string; readonly look: Look }): ReactElement => {
  const { t } = useTranslation();
  const follows = useMay('exports.view');
  const notifies = useMay('notices.manage');
  const seesAudit = useMay('audit.view');
  const isEnforced = useEnforced();
  useEffect(() => listen(), []);
  useEffect(() => onNews(refresh), []);
  return (
    <>
      <a className="skip" href="#main">
        {t('nav.skip')}
      </a>
      <header className="top">
        <RouterLink to="/" className="brand">
          pstream
        </RouterLink>
        <nav aria-label={t('nav.label')}>
          <NavLink to="/">{t('nav.overview')}</NavLink>
          {follows ? <NavLink to="/projects">{t('nav.projects')}</NavLink> : null}
          {follows ? <NavLink to="/plans">{t('plan.title')}</NavLink> : null}
          <NavLink to="/customers">{t('nav.customers')}</NavLink>
          {isEnforced ? <NavLink to="/licences">{t('licence.title')}</NavLink> : null}
          <NavLink to="/people">{t('people.title')}</NavLink>
          {notifies ? <NavLink to="/notices">{t('notice.title')}</NavLink> : null}
          {seesAudit ? <NavLink to="/audit">{t('audit.title')}</NavLink> : null}
        </nav>
        <LiveState />
        <RouterLink to="/help/$" params={{ _splat: '' }} className="to-help" activeProps={{ 'aria-current': 'page' }}>
          {t('help.title')}
        </RouterLink>
        <Account name={name} look={look} />
      </header>
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
    </>
  );
};

type Place = '/' | '/projects' | '/plans' | '/customers' | '/licences' | '/people' | '/notices' | '/audit';

const NavLink = ({ to, children }: { readonly to: Place; readonly children: ReactNode }): ReactElement => (
  <RouterLink to={to} activeOptions={{ exact: to === '/' }} activeProps={{ className: 'active', 'aria-current': 'page' }}>
    {children}
  </RouterLink>
);

const LiveState = (): ReactElement => {
  const { t } = useTranslation();
  const link = useStore(connection);
  const { on, missed } = useStore(pausedView);
  return (
    <div className="live">
      <span className={`dot ${on ? 'paused' : link.is}`} aria-hidden="true" />
      <span role="status">{on ? t('live.paused') : link.is === 'lost' ? t('live.lost') : t(`live.${link.is}`)}</span>
      <span className="quiet">
        {on ? t('live.missed', { count: missed, changes: count(missed) }) : link.is === 'lost' ? <Age sinceMs={link.sinceMs} /> : null}
      </span>
      <Button size="small" aria-pressed={on} onClick={() => pauseView(!on)}>
        {on ? t('live.resume') : t('live.pause')}
      </Button>
    </div>
  );
};

const Account = ({ name, look }: { readonly name: string; readonly look: Look }): ReactElement => {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const leave = async (): Promise<void> => {
    await client.endSession().catch(() => undefined);
    sessionEnded();
    queries.clear();
    location.assign('/');
  };
  return (
    <Menu
      checkedValues={{ language: [i18n.language], theme: [look.theme] }}
      onCheckedValueChange={(_event, { name: what, checkedItems: [value] }) => {
        if (what === 'language') void chooseLanguage(value as Language);
        else look.choose(value as Theme);
      }}
    >
      <MenuTrigger disableButtonEnhancement>
        <Button size="small" appearance="subtle">
          <Name>{name}</Name>
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {THEMES.map((theme) => (
            <MenuItemRadio key={theme} name="theme" value={theme}>
              {t(`theme.${theme}`)}
            </MenuItemRadio>
          ))}
          <MenuDivider />
          {Object.entries(LANGUAGES).map(([language, own]) => (
            <MenuItemRadio key={language} name="language" value={language} lang={language}>
              {own}
            </MenuItemRadio>
          ))}
          <MenuDivider />
          <MenuItem onClick={() => void navigate({ to: '/account' })}>{t('people.account')}</MenuItem>
          <MenuItem onClick={() => window.open('/docs', '_blank', 'noopener')}>{t('nav.api')}</MenuItem>
          <MenuItem onClick={() => void leave()}>{t('signIn.out')}</MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
};
