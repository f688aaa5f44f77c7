import { program } from './setup/program.mjs';

/**
 * `npm test [-- suite ...] [-- part of a path ...]`: sets up what the tests need, runs the suites, and tells the sum
 * in its last line.
 */
await program(async () => {
  const { ensureSetup, root } = await import('./setup/index.mjs');
  const { allSuites, choose, runSuite } = await import('./testing/suites.mjs');
  const { isGood, sum } = await import('./testing/outcome.mjs');
  process.chdir(root);
  const { chosen, filters } = choose(process.argv.slice(2), allSuites(process.env));
  const tools = await ensureSetup({ command: 'npm test', python: true, rooms: true, pythonTools: true });
  const lines = [];
  const outcomes = [];
  for (const suite of chosen) {
    console.log(`\n== ${suite.name}`);
    const began = performance.now();
    const outcome = await runSuite(suite, filters, tools);
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    lines.push(
      `${suite.name}: ${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped (${seconds} s)`,
    );
    outcomes.push(outcome);
  }
  const total = sum(outcomes);
  console.log(`\n${lines.join('\n')}\n\n${total.passed} passed, ${total.failed} failed`);
  if (!isGood(total)) process.exitCode = 1;
});
