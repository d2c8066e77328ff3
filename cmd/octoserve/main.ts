#!/usr/bin/env node
import { runAsProcess } from '../../internal/cli/index.ts';
import { readDotEnv } from './dot-env.ts';
import { createOctoserve } from './octoserve.ts';

await runAsProcess(createOctoserve(), process, { ...readDotEnv(process.cwd()), ...process.env });
