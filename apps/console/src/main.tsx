import { createDOMRenderer, RendererProvider } from '@fluentui/react-components';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queries } from './api/queries.js';
import { takeCode } from './api/session.js';
import { signIn } from './pages/sign-in.js';
import { makeRouter } from './router.js';
import { startWords } from './words/i18n.js';

const code = takeCode();
await startWords();
let failure: unknown;
if (code !== undefined)
  try {
    await signIn(code);
  } catch (error) {
    // Whoever is signed in already needs no code; everybody else is shown why this one did not do.
    failure = error;
  }

const nonce = document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? '';
// Styles that are written at run time pass the policy of the page by its nonce.
const renderer = createDOMRenderer(document, { styleElementAttributes: { nonce } });
const place = document.getElementById('console');
if (place !== null)
  createRoot(place).render(
    <StrictMode>
      <RendererProvider renderer={renderer} targetDocument={document}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={makeRouter(failure)} />
        </QueryClientProvider>
      </RendererProvider>
    </StrictMode>,
  );
