import { join } from 'node:path';
import { program } from './setup/program.mjs';

/** `npm run check:docker`: Dockerfile, compose file and manifests, against their schemas and our promises. */
await program(async () => {
  const { ensureSetup, root } = await import('./setup/index.mjs');
  const { run } = await import('./setup/command.mjs');
  const needs = { python: true, pythonTools: true, dockerTools: true };
  const { python, pythonTools, dockerTools } = await ensureSetup({
    command: 'npm run check:docker',
    ...needs,
  });
  const docker = join(root, 'docker');
  const compose = ['-m', 'check_jsonschema', '--builtin-schema', 'vendor.compose-spec'];
  const steps = [
    [join(dockerTools, 'bin', 'hadolint'), join(docker, 'Dockerfile')],
    [python, ...compose, join(docker, 'compose.yaml')],
    [python, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--rootdir', docker, join(docker, 'checks')],
  ];
  const env = { ...process.env, PYTHONPATH: `${pythonTools}:${dockerTools}`, PYTHONDONTWRITEBYTECODE: '1' };
  for (const [tool = '', ...args] of steps) {
    const { ok } = await run(tool, args, { cwd: root, env, minutes: 2, shown: true });
    if (!ok) process.exitCode = 1;
  }
});
