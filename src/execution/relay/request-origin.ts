import type { IncomingHttpHeaders } from 'node:http';

/** Says that another process asks for its client: whoever gets it answers by itself. */
export const PASSED_ON = 'x-mntdata-passed-on';

/** Who asks, as it is told to the process that has the execution. */
export interface RequestOrigin {
  /** The client's own credentials: that process decides again whether they are good. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly passedOn: boolean;
}

export function originOf(headers: IncomingHttpHeaders): RequestOrigin {
  const credentials = Object.fromEntries(
    ['authorization', 'x-user-id'].flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
  return { credentials, passedOn: headers[PASSED_ON] !== undefined };
}
