/**
 * The publishing API as an OpenAPI 3.1 document, made from the table that routes its requests: what stands here is what
 * the server does, for programs that want to be hosts.
 */
import * as z from 'zod/mini';
import { MAX_CLOCK_SKEW_MS, PUBLISH_HEADERS, PUBLISH_OPERATIONS, publishFailureSchema, SERVER_TIME_HEADER, type PublishOperation } from '#protocol/publishing';

const PARAMETERS: Readonly<Record<string, object>> = {
  channel: { description: 'The channel\'s id: base32 of the head of its key\'s hash.', schema: { type: 'string', pattern: '^[a-z2-7]{32}$' } },
  stream: { description: 'Number of the stream in the description.', schema: { type: 'integer', minimum: 0, maximum: 255 } },
  hash: { description: 'SHA-256 of the picture, hex.', schema: { type: 'string', pattern: '^[0-9a-f]{64}$' } },
  index: { description: 'Number of the chunk in its stream.', schema: { type: 'integer', minimum: 0, maximum: 0xffff_ffff } },
};

const FAILURES: Readonly<Record<number, string>> = {
  401: `Not signed as it must be, more than ${MAX_CLOCK_SKEW_MS / 1000} s from the server's time (which ${SERVER_TIME_HEADER} then tells), or seen before.`,
  403: 'Signed with another channel\'s key.',
  404: 'The server does not have this channel, or the channel this stream.',
  409: 'Out of order, or not what is known already.',
  413: 'The body is too long.',
  422: 'The body is not what it should be.',
  429: 'Too many requests; Retry-After tells when to go on.',
  503: 'Too many uploads at the same time; Retry-After tells when to go on.',
  507: 'There is no room for this.',
};

export function openApiDocument(serverTitle: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, operation] of Object.entries(PUBLISH_OPERATIONS) as [string, PublishOperation][]) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(name, operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: serverTitle, version: '1',
      description:
        'Publishes channels of hosts elsewhere. Every request is signed with the channel\'s Ed25519 key, over ' +
        '"tributary publish 1", method, path, time and the SHA-256 of the body in hex, joined by line feeds.',
    },
    paths,
    components: {
      parameters: {
        key: header(PUBLISH_HEADERS.key, 'Raw public key, base64. Its hash must be the channel\'s id.'),
        time: header(PUBLISH_HEADERS.time, 'Milliseconds since 1970.'),
        signature: header(PUBLISH_HEADERS.signature, 'Ed25519 signature, base64. Accepted once.'),
      },
      responses: Object.fromEntries(Object.entries(FAILURES).map(([status, description]) => [`e${status}`, { description, content: jsonContent(publishFailureSchema) }])),
    },
  };
}

function describe(name: string, { path, body, maxBodyBytes, request, reply, summary }: PublishOperation): object {
  const named = [...path.matchAll(/:(\w+)/g)].map(([, parameter]) => ({ in: 'path', name: parameter, required: true, ...PARAMETERS[parameter!] }));
  const content = request ? jsonContent(request) : { 'application/octet-stream': { schema: { type: 'string', format: 'binary', maxLength: maxBodyBytes } } };
  return {
    operationId: name,
    summary,
    parameters: [...named, ...['key', 'time', 'signature'].map((one) => ({ $ref: `#/components/parameters/${one}` }))],
    ...(body === 'none' ? {} : { requestBody: { required: true, description: `At most ${maxBodyBytes} bytes.`, content } }),
    responses: {
      200: { description: 'Done.', content: reply ? jsonContent(reply) : { 'application/json': { schema: { type: 'object' } } } },
      ...Object.fromEntries(Object.keys(FAILURES).map((status) => [status, { $ref: `#/components/responses/e${status}` }])),
    },
  };
}

const header = (name: string, description: string): object => ({ in: 'header', name, required: true, description, schema: { type: 'string' } });

const jsonContent = (schema: z.ZodMiniType): object => ({ 'application/json': { schema: z.toJSONSchema(schema) } });
