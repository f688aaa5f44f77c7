import type { Benchmark } from '../bench.js';
import { archive } from './archive.js';
import { cleanUp } from './clean-up.js';
import { compare } from './compare.js';
import { cpu } from './cpu.js';
import { download } from './download.js';
import { kernelMemory } from './kernel-memory.js';
import { kernelsAlive } from './kernels-alive.js';
import { knownExecutions } from './known-executions.js';
import { knownWorkspaces } from './known-workspaces.js';
import { listingTenMillion } from './listing-ten-million.js';
import { listing } from './listing.js';
import { livePrint } from './live-print.js';
import { memoryAfter } from './memory-after.js';
import { newMessage } from './new-message.js';
import { oldMessage } from './old-message.js';
import { processes } from './processes.js';
import { rateLive } from './rate-live.js';
import { rateNew } from './rate-new.js';
import { register } from './register.js';
import { upload } from './upload.js';
import { workspaceFiles } from './workspace-files.js';

/** In the order of the table. */
export const BENCHMARKS: readonly Benchmark[] = [
  livePrint,
  ...newMessage,
  ...oldMessage,
  rateLive,
  ...rateNew,
  processes,
  cpu,
  kernelMemory,
  memoryAfter,
  compare,
  register,
  upload,
  download,
  archive,
  cleanUp,
  listing,
  listingTenMillion,
  knownWorkspaces,
  knownExecutions,
  workspaceFiles,
  kernelsAlive,
];
