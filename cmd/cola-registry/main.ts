#!/usr/bin/env node
import { runAsProcess } from '../../internal/cli/index.ts';
import { createColaRegistry } from './cola-registry.ts';

await runAsProcess(createColaRegistry(), process);
