import { Param, type PipeTransform } from '@nestjs/common';
import { validate as isUuid } from 'uuid';
import { NotFoundError } from '../errors/index.js';
import { describeParameter } from './external-id.js';

const longestEcho = 64;

/** An id of ours. What is no UUID names nothing: 404, as for one that is absent or foreign. */
export class ResourceIdPipe implements PipeTransform<unknown, string> {
  constructor(private readonly what: string) {}

  transform(value: unknown): string {
    if (typeof value === 'string' && isUuid(value)) return value.toLowerCase();
    throw new NotFoundError(this.what, String(value).slice(0, longestEcho));
  }
}

/** A path parameter that is an id of ours, e.g. `@ResourceIdParam('file_id', 'file') fileId: string`; else 404. */
export function ResourceIdParam(name: string, what: string): ParameterDecorator {
  return (target, method, index) => {
    Param(name, new ResourceIdPipe(what))(target, method, index);
    describeParameter(target, method, { name, schema: { type: 'string', format: 'uuid' } });
  };
}
