import { ACCOUNT_SIGN_IN_PATH, type Problem } from '@pstream/api';
import { Markup, markup } from '../report/markup.js';
import type { Choice } from './account-sign-in.js';

const STYLE = new Markup(
  'body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem;color-scheme:light dark}li{margin:.5rem 0}',
);

const page = (title: string, style: string, body: Markup): string =>
  markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · pstream</title><style nonce="${style}">${STYLE}</style></head>
<body><main><h1>${title}</h1>
${body}</main></body></html>
`.text;

/** Says why somebody was not signed in, and what they can do. */
export const refusalPage = ({ title, detail, code }: Problem, style: string): string =>
  page(
    title,
    style,
    markup`<p>${detail}</p>
<p>Code: <code>${code}</code></p>
<p><a href="${ACCOUNT_SIGN_IN_PATH}">Try again</a> or <a href="/">sign in another way</a>.</p>
`,
  );

/** Lets somebody choose whose customers they want to see. */
export const choicePage = (choices: readonly Choice[], style: string): string =>
  page(
    'Choose a workgroup',
    style,
    markup`<p>Your address is known in several workgroups. Each link works once, within 5 minutes.</p>
<ul>${choices.map(({ workgroup, path }) => markup`<li><a href="${path}">${workgroup}</a></li>`)}</ul>
`,
  );
