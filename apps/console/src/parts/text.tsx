import type { ReactElement } from 'react';
import { plain } from './format.js';

/** Text of several lines from outside: never markup, never able to turn the text around it. */
export const Text = ({ children }: { readonly children: string }): ReactElement => (
  <pre className="text" dir="auto">
    {children.split('\n').map(plain).join('\n')}
  </pre>
);
