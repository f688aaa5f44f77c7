import { lookupOrder, workspaceOf } from './workspace-reference.js';

const both = { messageId: 'm', chatId: 'c' };
const message = { messageId: 'm', chatId: null };
const chat = { messageId: null, chatId: 'c' };
const neither = { messageId: null, chatId: null };

describe('workspaceOf', () => {
  it.each([
    ['message', both, { kind: 'message', externalId: 'm' }],
    ['message', chat, { kind: 'chat', externalId: 'c' }],
    ['chat', both, { kind: 'chat', externalId: 'c' }],
    ['chat', message, { kind: 'message', externalId: 'm' }],
    ['message', neither, { kind: 'own', externalId: 'fallback' }],
    ['chat', neither, { kind: 'own', externalId: 'fallback' }],
  ] as const)('with scope %s and %j is %j', (scope, ids, reference) => {
    expect(workspaceOf(ids, scope, 'fallback')).toEqual(reference);
  });
});

describe('lookupOrder', () => {
  it('begins with the kind of the scope', () => {
    expect(lookupOrder('message')[0]).toBe('message');
    expect(lookupOrder('chat')[0]).toBe('chat');
    expect(lookupOrder('chat')).toHaveLength(3);
  });
});
