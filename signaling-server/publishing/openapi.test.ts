import { describe, expect, it } from 'vitest';
import { PUBLISH_OPERATIONS } from '#protocol/publishing';
import { openApiDocument } from './openapi.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly in?: string; readonly name?: string; readonly $ref?: string }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: { readonly properties?: object } }> };
  readonly responses: Record<string, { readonly $ref?: string }>;
}

const document = JSON.parse(JSON.stringify(openApiDocument('A server'))) as {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: Record<string, Record<string, object>>;
};

describe('the OpenAPI description', () => {
  it('U-1: has every operation of the table under its method and path, with the parameters of the path', () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
    expect(operations.map(({ operation }) => operation.operationId).sort()).toEqual(Object.keys(PUBLISH_OPERATIONS).sort());
    for (const { path, method, operation } of operations) {
      const row = PUBLISH_OPERATIONS[operation.operationId as keyof typeof PUBLISH_OPERATIONS];
      expect([method.toUpperCase(), path]).toEqual([row.method, row.path.replace(/:(\w+)/g, '{$1}')]);
      const inPath = operation.parameters.filter((one) => one.in === 'path').map(({ name }) => `{${name ?? ''}}`);
      expect(inPath).toEqual(path.match(/\{\w+\}/g));
    }
  });

  it('points to nothing that is not there, and says what JSON bodies consist of', () => {
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/(\w+)\/(\w+)"/g)];
    expect(references.length).toBeGreaterThan(0);
    for (const [, kind, name] of references) expect(document.components[kind!]?.[name!], `${kind!}/${name!}`).toBeDefined();
    const describeBody = document.paths['/api/publish/{channel}/description']!.put!.requestBody!.content['application/json']!.schema;
    expect(Object.keys(describeBody.properties ?? {})).toEqual(['signed', 'floor', 'isListed']);
    expect(JSON.stringify(describeBody)).toContain('"signature"');
  });
});
