import type { ReactElement } from 'react';
import { Link } from '../parts/basics.js';

/** A code of a problem or a cause, which leads to where the manual explains it. */
export const CodeLink = ({ code }: { readonly code: string }): ReactElement => (
  <Link to="/help/$" params={{ _splat: '' }} search={{ code }}>
    <code>{code}</code>
  </Link>
);
