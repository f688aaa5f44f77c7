import type { OpenAPIObject } from '@nestjs/swagger';

const methods = ['get', 'put', 'post', 'delete', 'patch', 'options', 'head', 'trace'] as const;

export interface Operation {
  /** As decisions name it: `GET /api/v1/files/{file_id}`. */
  name: string;
  method: string;
  path: string;
  /** `x-access` of the document. */
  access: unknown;
}

/** Every operation of an OpenAPI document. */
export function operationsOf(document: OpenAPIObject): Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method] as Record<string, unknown> | undefined;
      const verb = method.toUpperCase();
      return operation === undefined
        ? []
        : [{ name: `${verb} ${path}`, method: verb, path, access: operation['x-access'] }];
    }),
  );
}
