#!/usr/bin/env node
import { createWriter } from '../../internal/cli/index.ts';
import { readDotEnv } from './dot-env.ts';
import { createOctoserve } from './octoserve.ts';

const cwd = process.cwd();
const exitCode = await createOctoserve().run(process.argv.slice(2), {
  stdout: createWriter(process.stdout, (error) => {
    process.exitCode = 1;
    process.stderr.write(`The output could not be written: ${error.message}\n`);
  }),
  stderr: createWriter(process.stderr, () => undefined),
  env: { ...readDotEnv(cwd), ...process.env },
  cwd,
});
if (exitCode !== 0) process.exitCode = exitCode;
