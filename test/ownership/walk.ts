import type { OpenAPIObject } from '@nestjs/swagger';
import type { Answer, Credentials, Decision, Decisions, Expected, Sending } from './decision.js';
import { operationsOf, type Operation } from './operations.js';

export interface Walk {
  /** Where the application listens, without a slash at the end. */
  url: string;
  document: OpenAPIObject;
  decisions: Decisions;
  /** Credentials that no closed operation may take. */
  impostors: Readonly<Record<string, Credentials>>;
  /** Credentials of those who may do something. */
  callers: Readonly<Record<'owner' | 'foreigner' | 'admin' | 'service', Credentials>>;
  /** The owner's id; a service that names its own user so is somebody else. */
  ownerId: string;
}

type Attempt = [who: string, credentials: Credentials, expected: Expected];

const deadlineMs = 30_000;

/** Operations nobody decided about, and decisions about operations that are not there. */
export function undecided({ document, decisions }: Pick<Walk, 'document' | 'decisions'>): string[] {
  const operations = operationsOf(document);
  const names = new Set(operations.map(({ name }) => name));
  return [
    ...operations.filter(({ name }) => !(name in decisions)).map(({ name }) => `${name}: no decision`),
    ...Object.keys(decisions)
      .filter((name) => !names.has(name))
      .map((name) => `${name}: a decision about an operation that is not there`),
    ...operations
      .filter(({ name, access }) =>
        decisionsOn(decisions, name).some((decision) => decision.access !== access),
      )
      .map(({ name, access }) => `${name}: declared for ${String(access)}, decided otherwise`),
  ];
}

/** Sends every request that must fail; gives a sentence for each that did not. */
export async function attack(walk: Walk): Promise<string[]> {
  const complaints: string[] = [];
  for (const [operation, decision] of decided(walk)) {
    const attempts = decision.access === 'public' ? [] : refusalsOf(walk, decision);
    for (const [who, credentials, expected] of attempts) {
      const answer = await send(walk.url, operation, decision.send, credentials);
      const complaint = judge(answer, expected);
      if (complaint !== null) complaints.push(`${operation.name} as ${who}: ${complaint}`);
    }
  }
  return complaints;
}

/** Sends every request as somebody who may: what is there is still there. Removals come last. */
export async function allow(walk: Walk): Promise<string[]> {
  const complaints: string[] = [];
  const inOrder = decided(walk).sort(([, a], [, b]) => (a.removes ?? 0) - (b.removes ?? 0));
  for (const [operation, decision] of inOrder) {
    const answer = await send(walk.url, operation, decision.send, permitted(walk, decision));
    const complaint = judge(answer, decision.allowed);
    if (complaint !== null) complaints.push(`${operation.name} as who may: ${complaint}`);
  }
  return complaints;
}

function decided({ document, decisions }: Walk): [Operation, Decision][] {
  return operationsOf(document).flatMap((operation) =>
    decisionsOn(decisions, operation.name).map((decision): [Operation, Decision] => [operation, decision]),
  );
}

function decisionsOn(decisions: Decisions, name: string): readonly Decision[] {
  return [decisions[name] ?? []].flat();
}

function refusalsOf({ callers, impostors, ownerId }: Walk, { access, foreigner }: Decision): Attempt[] {
  const unauthenticated = Object.entries(impostors).map(([who, credentials]): Attempt => [
    who,
    credentials,
    challenged,
  ]);
  if (access === 'caller') {
    const expected = foreigner ?? undecidedForeigner;
    return [
      ...unauthenticated,
      ['a foreign user', callers.foreigner, expected],
      ['an admin', callers.admin, expected],
      ["a service's user of the same name", { ...callers.service, 'X-User-Id': ownerId }, expected],
    ];
  }
  const others = (['owner', 'foreigner', 'admin', 'service'] as const).filter((who) => who !== access);
  return [...unauthenticated, ...others.map((who): Attempt => [`the ${who}`, callers[who], forbidden])];
}

function permitted({ callers }: Walk, { access }: Decision): Credentials {
  if (access === 'public') return {};
  return access === 'caller' ? callers.owner : callers[access];
}

function judge(answer: Answer, expected: Expected): string | null {
  if (typeof expected === 'function') return expected(answer);
  return answer.status === expected
    ? null
    : `${answer.status} instead of ${expected}: ${answer.text.slice(0, 300)}`;
}

function challenged(answer: Answer): string | null {
  if (answer.status !== 401) return `${answer.status} instead of 401: ${answer.text.slice(0, 300)}`;
  if (!answer.headers.get('WWW-Authenticate')?.startsWith('Bearer ')) return '401 without a challenge';
  return isProblem(answer) ? null : '401 that is no problem document';
}

function forbidden(answer: Answer): string | null {
  if (answer.status !== 403) return `${answer.status} instead of 403: ${answer.text.slice(0, 300)}`;
  return isProblem(answer) ? null : '403 that is no problem document';
}

function undecidedForeigner(): string {
  return 'the decision does not say what a foreign user gets';
}

function isProblem({ headers }: Answer): boolean {
  return headers.get('Content-Type')?.startsWith('application/problem+json') === true;
}

async function send(
  url: string,
  { method, path }: Operation,
  { params = {}, query = {}, headers = {}, body }: Sending,
  credentials: Credentials,
): Promise<Answer> {
  const filled = path.replaceAll(/\{([^}]+)\}/g, (_match, name: string) => {
    const value = params[name];
    if (value === undefined)
      throw new Error(`The decision about ${method} ${path} lacks the parameter ${name}.`);
    return encodeURIComponent(value);
  });
  const isForm = body instanceof FormData;
  const response = await fetch(`${url}${filled}?${new URLSearchParams(query).toString()}`, {
    method,
    headers: {
      ...headers,
      ...(body === undefined || isForm ? {} : { 'Content-Type': 'application/json' }),
      ...credentials,
    },
    ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    redirect: 'manual',
    signal: AbortSignal.timeout(deadlineMs),
  });
  return { status: response.status, headers: response.headers, text: await textOf(response) };
}

/** A stream of events may go on for ever; that it began is enough. */
async function textOf(response: Response): Promise<string> {
  if (response.headers.get('Content-Type')?.startsWith('text/event-stream') !== true)
    return await response.text();
  await response.body?.cancel();
  return '';
}
