import { METHODS } from 'node:http';
import type { Request } from 'express';

/** What express keeps per route. */
interface RouteLayer {
  route?: { methods: Readonly<Record<string, boolean>> };
  match(path: string): unknown;
}

/** The methods that the application declares for the path of a request, as `Allow` lists them; empty when none. */
export function allowedMethods(request: Request): string[] {
  const layers = request.app.router.stack as unknown as RouteLayer[];
  const path = pathOf(request);
  const methods = new Set<string>();
  for (const layer of layers) {
    if (layer.route === undefined || isCatchAll(layer.route.methods) || !layer.match(path)) continue;
    for (const method of Object.keys(layer.route.methods)) methods.add(method.toUpperCase());
  }
  // Express answers HEAD with the handler of GET.
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].sort();
}

/** Nest puts such handlers behind its routes, to answer what they do not take; they declare nothing. */
function isCatchAll(methods: Readonly<Record<string, boolean>>): boolean {
  return METHODS.every((method) => methods[method.toLowerCase()]);
}

/** The path as it was sent, without the query: inside a mounted router `request.path` lacks the mount's part. */
export function pathOf(request: Request): string {
  return request.originalUrl.split('?', 1)[0] ?? '/';
}
