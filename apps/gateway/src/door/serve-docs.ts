import type { INestApplication } from '@nestjs/common';
import { SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { ApiDocument } from '@pstream/api';

/** The side of Nest's express adapter that serves files. */
export type DocsAdapter = { useStaticAssets(path: string, options: object): void };

/** Serves an API document at /docs (pages, from our own files only) and /docs-json. It is made when it is first requested. */
export const serveDocs = (adapter: DocsAdapter, document: () => ApiDocument): void => {
  const app = {
    config: { getGlobalPrefix: () => '' },
    getHttpAdapter: () => adapter,
    useStaticAssets: (path: string, options: object) => adapter.useStaticAssets(path, options),
  };
  // Both types describe the same JSON, and the pages need no more of an application than this.
  SwaggerModule.setup('docs', app as unknown as INestApplication, () => document() as unknown as OpenAPIObject, {
    raw: ['json'],
    customSiteTitle: 'pstream API',
  });
};
