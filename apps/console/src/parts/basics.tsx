import { Button, Popover, PopoverSurface, PopoverTrigger, Link as FluentLink } from '@fluentui/react-components';
import { createLink } from '@tanstack/react-router';
import { useEffect, useRef, useState, type ReactElement, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { clock, every } from '../browser.js';
import { duration, plain } from './format.js';

/** A link of the router in the looks of Fluent. */
export const Link = createLink(FluentLink);

/** The time, as often as what shows it should change. */
export const useNowMs = (everyMs: number): number => {
  const [now, setNow] = useState(clock.nowMs);
  useEffect(() => every(everyMs, () => setNow(clock.nowMs())), [everyMs]);
  return now;
};

/** How old something is. */
export const Age = ({ sinceMs }: { readonly sinceMs: number }): ReactElement => {
  const { t } = useTranslation();
  const age = useNowMs(1_000) - sinceMs;
  return <span>{age < 1_500 ? t('live.now') : t('live.ago', { age: duration(age) })}</span>;
};

/** When the numbers of a page were read. */
const Fresh = ({ sinceMs }: { readonly sinceMs: number }): ReactElement => {
  const { t } = useTranslation();
  const age = useNowMs(1_000) - sinceMs;
  return <span>{age < 1_500 ? t('live.fresh') : t('live.asOf', { age: duration(age) })}</span>;
};

/** Writes text to the clipboard, and says so. */
export const CopyButton = ({ text, label }: { readonly text: string; readonly label: string }): ReactElement => {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <Button
      size="small"
      appearance="subtle"
      aria-label={`${t('copy')}: ${label}`}
      onClick={() => void copy().catch(() => setCopied(false))}
      onBlur={() => setCopied(false)}
    >
      {copied ? t('copied') : t('copy')}
    </Button>
  );
};

/** An id or a hash, whole, with a button that copies it. */
export const Copyable = ({
  text,
  label,
  short,
}: {
  readonly text: string;
  readonly label: string;
  readonly short?: boolean;
}): ReactElement => (
  <span className="copyable">
    <code title={plain(text)}>{plain(short === true ? `${text.slice(0, 12)}…` : text)}</code>
    <CopyButton text={text} label={label} />
  </span>
);

/** The command that does the same as the page or button beside it. */
export const CliButton = ({ command }: { readonly command: string }): ReactElement => {
  const { t } = useTranslation();
  return (
    <Popover withArrow trapFocus>
      <PopoverTrigger disableButtonEnhancement>
        <Button size="small">{t('cli.show')}</Button>
      </PopoverTrigger>
      <PopoverSurface aria-label={t('cli.show')}>
        <Command command={command} />
      </PopoverSurface>
    </Popover>
  );
};

/** A command to copy. Names stand in it, so that it is shown like them; what is copied is the command itself. */
export const Command = ({ command }: { readonly command: string }): ReactElement => {
  const { t } = useTranslation();
  return (
    <span className="command">
      <code>{plain(command)}</code>
      <CopyButton text={command} label={t('cli.command')} />
    </span>
  );
};

/** A name from outside: never markup, never able to turn the text around it. */
export const Name = ({ children }: { readonly children: string }): ReactElement => (
  <bdi className="name" title={plain(children)}>
    {plain(children)}
  </bdi>
);

/** A part of a page under a heading. */
export const Section = ({
  title,
  action,
  command,
  children,
  id,
}: {
  readonly title: string;
  readonly action?: ReactNode;
  /** The command that shows the same. */
  readonly command?: string;
  readonly children: ReactNode;
  readonly id: string;
}): ReactElement => (
  <section className="card" aria-labelledby={id}>
    <header>
      <h2 id={id}>{title}</h2>
      {action === undefined && command === undefined ? null : (
        <span className="row-actions">
          {action}
          {command === undefined ? null : <CliButton command={command} />}
        </span>
      )}
    </header>
    {children}
  </section>
);

/** The head of a page: where one is, its name, and what can be done. */
export const PageHead = ({
  title,
  over,
  updatedAtMs = 0,
  children,
}: {
  readonly title: ReactNode;
  readonly over?: ReactNode;
  /** When the numbers of the page were read. */
  readonly updatedAtMs?: number;
  readonly children?: ReactNode;
}): ReactElement => {
  const heading = useRef<HTMLHeadingElement>(null);
  // Readers of screens begin at the head of a new page.
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    document.title = `${heading.current?.textContent ?? ''} · pstream`;
  });
  return (
    <header className="page-head">
      <div>
        {over === undefined ? null : <div className="over">{over}</div>}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
      </div>
      <div className="quiet">{updatedAtMs === 0 ? null : <Fresh sinceMs={updatedAtMs} />}</div>
      <div className="page-actions">{children}</div>
    </header>
  );
};
