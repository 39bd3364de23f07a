import type { INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { ApiDocument } from '@pstream/api';
import type { Middleware } from './http.js';

const DOCS = /^\/docs(?:-json|\/.*)?$/;

/** Whether a path is that of the description of the API, or of one of its pages. */
export const isDocs = (path: string): boolean => DOCS.test(path);

/** Serves an API document at /docs (pages, from our own files only) and /docs-json. Both are made, and the module that makes them is loaded, when one of
 *  them is first requested: it takes as long to load as a third of the gateway. */
export const serveDocs = (document: () => ApiDocument): Middleware => {
  let pages: Promise<Middleware> | undefined;
  return (request, response, next) => {
    if (!isDocs(request.path)) return next();
    pages ??= pagesOf(document);
    return void pages
      .then((serve) => serve(request, response, next))
      .catch((error: unknown) => {
        // What could not be loaded is tried again with the next request.
        pages = undefined;
        next(error);
      });
  };
};

/** An express of its own, which leaves to the gateway what it has no page for. */
const pagesOf = async (document: () => ApiDocument): Promise<Middleware> => {
  const [{ SwaggerModule }, { ExpressAdapter }] = await Promise.all([import('@nestjs/swagger'), import('@nestjs/platform-express')]);
  const adapter = new ExpressAdapter();
  adapter.disable('x-powered-by').disable('etag');
  const app = {
    config: { getGlobalPrefix: () => '' },
    getHttpAdapter: () => adapter,
    useStaticAssets: (path: string, options: { readonly prefix: string }) => adapter.useStaticAssets(path, options),
  };
  // Both types describe the same JSON, and the pages need no more of an application than this.
  SwaggerModule.setup('docs', app as unknown as INestApplication, () => document() as unknown as OpenAPIObject, {
    raw: ['json'],
    customSiteTitle: 'pstream API',
  });
  return adapter.getInstance<Middleware>();
};
