import { ApiKeysService } from '../../src/auth/index.js';
import { aToken, bearer, impostors } from './attackers.js';
import type { Decision, Decisions } from './decision.js';
import { CarelessModule, NotesModule } from './notes.js';
import { appOf, startApp, type StartedApp } from './start-app.js';
import { allow, attack, undecided, type Walk } from './walk.js';

const secret = 's'.repeat(32);
const owner = 'olivia';

async function aWalk(
  { app, url, document }: StartedApp,
  decisions: (noteId: string) => Decisions,
): Promise<Walk> {
  const service = await app
    .get(ApiKeysService)
    .create(
      { name: 'chat', kind: 'service', namespace: 'chat', userId: null, role: 'user', expiresAt: null },
      'test',
    );
  const callers = {
    owner: bearer(await aToken(owner, secret)),
    foreigner: bearer(await aToken('mallory', secret)),
    admin: bearer(await aToken('ada', secret, { role: 'admin' })),
    service: bearer(service.key),
  };
  const answer = await fetch(`${url}/notes`, {
    method: 'POST',
    headers: { ...callers.owner, 'Content-Type': 'application/json' },
    body: JSON.stringify({ text: 'mine' }),
  });
  const { id } = (await answer.json()) as { id: string };
  return {
    url,
    document,
    callers,
    ownerId: owner,
    impostors: await impostors(owner, secret),
    decisions: decisions(id),
  };
}

const common = (noteId: string): Record<string, Decision> => ({
  'POST /notes': { access: 'caller', send: { body: { text: 'x' } }, foreigner: 201, allowed: 201 },
  'GET /notes/{note_id}': {
    access: 'caller',
    send: { params: { note_id: noteId } },
    foreigner: 404,
    allowed: 200,
  },
  'DELETE /notes/{note_id}': {
    access: 'caller',
    send: { params: { note_id: noteId } },
    foreigner: 404,
    allowed: 204,
    removes: 1,
  },
  'GET /admin/api-keys': { access: 'admin', send: {}, allowed: 200 },
  'POST /admin/api-keys': {
    access: 'admin',
    send: { body: { name: 'k', kind: 'user', user_id: owner } },
    allowed: 201,
  },
  'DELETE /admin/api-keys/{api_key_id}': {
    access: 'admin',
    send: { params: { api_key_id: noteId } },
    allowed: 404,
  },
  'POST /auth/tokens': { access: 'service', send: { body: { user_id: 'x' } }, allowed: 201 },
});

describe('the walk over an application', () => {
  let started: StartedApp;
  let walk: Walk;

  describe('that is careful', () => {
    beforeAll(async () => {
      started = await startApp(appOf(NotesModule), { AUTH_JWT_SECRET: secret });
      walk = await aWalk(started, (noteId) => ({
        ...common(noteId),
        'GET /hello': { access: 'public', send: {}, allowed: 200 },
        'GET /admin/notes': { access: 'admin', send: {}, allowed: 200 },
      }));
    }, 60_000);
    afterAll(async () => await started.stop());

    it('finds nothing', async () => {
      expect(undecided(walk)).toEqual([]);
      expect(await attack(walk)).toEqual([]);
      expect(await allow(walk)).toEqual([]);
    });
  });

  describe('that is careless', () => {
    beforeAll(async () => {
      started = await startApp(appOf(CarelessModule), { AUTH_JWT_SECRET: secret });
      walk = await aWalk(started, (noteId) => ({
        ...common(noteId),
        'GET /careless/shows-any/{note_id}': {
          access: 'caller',
          send: { params: { note_id: noteId } },
          foreigner: 404,
          allowed: 200,
        },
        'DELETE /careless/removes-before-it-checks/{note_id}': {
          access: 'caller',
          send: { params: { note_id: noteId } },
          foreigner: 404,
          allowed: 200,
          removes: 1,
        },
        'GET /careless/admin/forgot-the-decorator': { access: 'admin', send: {}, allowed: 200 },
        'GET /careless/open-by-mistake': { access: 'caller', send: {}, foreigner: 200, allowed: 200 },
        'GET /gone': { access: 'public', send: {}, allowed: 200 },
      }));
    }, 60_000);
    afterAll(async () => await started.stop());

    it('finds each mistake', async () => {
      expect(undecided(walk)).toEqual([
        'GET /careless/nobody-thought-of: no decision',
        'GET /gone: a decision about an operation that is not there',
        'GET /careless/admin/forgot-the-decorator: declared for caller, decided otherwise',
        'GET /careless/open-by-mistake: declared for public, decided otherwise',
      ]);
      const complaints = await attack(walk);
      const about = (text: string) => complaints.filter((complaint) => complaint.startsWith(text));
      expect(about('GET /careless/shows-any/{note_id} as a foreign user: 200 instead of 404')).toHaveLength(
        1,
      );
      expect(about("GET /careless/shows-any/{note_id} as a service's user")).toHaveLength(1);
      expect(about('GET /careless/admin/forgot-the-decorator as the owner: 200 instead of 403')).toHaveLength(
        1,
      );
      expect(about('GET /careless/open-by-mistake as nobody: 200 instead of 401')).toHaveLength(1);
      expect(about('GET /notes')).toEqual([]);
      // The attack was answered with 404, as it should be; only looking afterwards shows that it did its harm.
      const missing = 'GET /notes/{note_id} as who may: 404 instead of 200';
      expect(await allow(walk)).toEqual(expect.arrayContaining([expect.stringContaining(missing)]));
    });
  });
});
