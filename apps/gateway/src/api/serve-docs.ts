import type { INestApplication } from '@nestjs/common';
import { SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

/** The side of Nest's express adapter that serves files. */
export type DocsAdapter = { useStaticAssets(path: string, options: object): void };

/** Serves an API document at /docs (pages, from our own files only) and /docs-json. It is made when it is first asked for. */
export const serveDocs = (adapter: DocsAdapter, document: () => OpenAPIObject): void => {
  const app = {
    config: { getGlobalPrefix: () => '' },
    getHttpAdapter: () => adapter,
    useStaticAssets: (path: string, options: object) => adapter.useStaticAssets(path, options),
  };
  SwaggerModule.setup('docs', app as unknown as INestApplication, document, { raw: ['json'], customSiteTitle: 'pstream API' });
};
