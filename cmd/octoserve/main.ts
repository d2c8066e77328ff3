#!/usr/bin/env node
import { readDotEnv } from './dot-env.ts';
import { createOctoserve } from './octoserve.ts';

// `octoserve config show | head -1`: a reader that has seen enough is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const cwd = process.cwd();
process.exitCode = await createOctoserve().run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: { ...readDotEnv(cwd), ...process.env },
  cwd,
});
