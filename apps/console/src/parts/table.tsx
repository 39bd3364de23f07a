import { Input } from '@fluentui/react-components';
import type { ReactElement, ReactNode } from 'react';

type TableProps = {
  readonly label: string;
  readonly heads: readonly string[];
  /** On a narrow screen each row becomes a list of what its columns are called. */
  readonly stack?: boolean;
  readonly children: ReactNode;
};

/** A table that scrolls within the page, also by the keyboard. */
export const Table = ({ label, heads, stack = false, children }: TableProps): ReactElement => (
  <div className="scrolls" role="region" aria-label={label} tabIndex={0}>
    <table className={stack ? 'list stack' : 'list'}>
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </div>
);

/** A short list is read faster than it is searched. */
const SEARCH_FROM = 10;

type SearchProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** How long the list is; one that is short has no search. */
  readonly of?: number;
};

/** Searches a list as it is typed. */
export const Search = ({ label, value, onChange, of = Infinity }: SearchProps): ReactElement | null =>
  of <= SEARCH_FROM ? null : (
    <Input type="search" value={value} placeholder={label} aria-label={label} onChange={(_event, { value: typed }) => onChange(typed)} />
  );
