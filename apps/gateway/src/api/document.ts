import type { INestApplication, Type } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { apiSchemas } from './registry.js';

/** The OpenAPI 3.1 document of the routes of some controllers, with every schema made from the one that checks. */
export const apiDocument = (controllers: readonly Type[], version: string): OpenAPIObject => {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('pstream')
    .setDescription('Exports Exchange Online mailboxes and in-place archives to PST files.')
    .setVersion(version)
    .addBearerAuth()
    .build();
  const document = SwaggerModule.createDocument(applicationOf(controllers), config);
  return { ...document, components: { ...document.components, schemas: { ...document.components?.schemas, ...schemas() } } };
};

/** The sides of an application that the document is made from: it needs no running one, only classes. */
const applicationOf = (controllers: readonly Type[]): INestApplication => {
  const wrappers = new Map(
    controllers.map((metatype) => [metatype, { metatype, instance: Object.create(metatype.prototype as object) as unknown }]),
  );
  const modules = new Map([['gateway', { metatype: class {}, controllers: wrappers, imports: new Map() }]]);
  return {
    container: { getModules: () => modules },
    config: new ApplicationConfig(),
    getHttpAdapter: () => ({ getType: () => 'express' }),
  } as unknown as INestApplication;
};

const schemas = (): NonNullable<NonNullable<OpenAPIObject['components']>['schemas']> => {
  const made = z.toJSONSchema(apiSchemas, { uri: (id) => `#/components/schemas/${id}`, io: 'input' }).schemas;
  return Object.fromEntries(
    Object.entries(made).map(([id, schema]) => {
      const { $id: _id, $schema: _schema, ...plain } = schema as Record<string, unknown>;
      return [id, plain];
    }),
  );
};
