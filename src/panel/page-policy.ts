/**
 * For our own pages: only files of ours run and style them. Images may be bytes that the page fetched with its token
 * (`blob:`), and SVG as an image, which runs nothing (`data:`).
 */
export const pagePolicy = policy({
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' blob: data:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'worker-src': "'self'",
  'frame-src': "'self'",
  'frame-ancestors': "'none'",
  'base-uri': "'none'",
  'form-action': "'none'",
});

/**
 * For the frame that shows what code made: it has no origin, whoever opens it, runs our script only, and can load
 * and send nothing. Styles are those of the shown content.
 * @param corsOrigins whose pages may hold the panel, and with it the frame
 */
export function framePolicy(corsOrigins: readonly string[]): string {
  return policy({
    sandbox: 'allow-scripts',
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'unsafe-inline'",
    'img-src': 'data:',
    'font-src': 'data:',
    'frame-ancestors': ["'self'", ...corsOrigins].join(' '),
    'base-uri': "'none'",
    'form-action': "'none'",
  });
}

function policy(directives: Readonly<Record<string, string>>): string {
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ');
}
