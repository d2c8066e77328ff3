#!/usr/bin/env node
import { runAsProcess } from '../../internal/cli/index.ts';
import { createRegctl } from './cola-regctl.ts';

await runAsProcess(createRegctl(), process);
