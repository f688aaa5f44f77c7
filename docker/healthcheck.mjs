/** Exits with 0 when the URL of the first argument answers with success; without one, the API of this container. */
const [url = `http://127.0.0.1:${process.env.PORT ?? '3000'}/health/live`] = process.argv.slice(2);
try {
  const { ok } = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  process.exitCode = ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
