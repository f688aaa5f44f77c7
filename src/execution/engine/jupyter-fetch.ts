/**
 * `fetch` for a server whose connections are kept open. One that the server closed just when it is used again
 * fails without the server's fault, so a request without a body is sent once more; those with one are not safe to
 * repeat. Errors say why: `@jupyterlab/services` keeps nothing of them but the message.
 */
export const jupyterFetch: typeof fetch = async (input, init) => {
  const request = new Request(input, init);
  try {
    return await fetch(request.clone());
  } catch (error) {
    if (request.body !== null || !isStaleConnection(error)) throw withReason(error);
  }
  try {
    return await fetch(request);
  } catch (error) {
    throw withReason(error);
  }
};

function isStaleConnection(error: unknown): boolean {
  const { code } = causeOf(error);
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}

function withReason(error: unknown): unknown {
  const { code, message } = causeOf(error);
  if (!(error instanceof Error) || !message) return error;
  return new TypeError(`${error.message}: ${typeof code === 'string' ? `${code} ` : ''}${message}`, {
    cause: error,
  });
}

function causeOf(error: unknown): { code?: unknown; message?: string } {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause : {};
}
