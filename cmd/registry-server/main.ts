#!/usr/bin/env node
import { runAsProcess } from '../../internal/cli/index.ts';
import { createRegistryServer } from './registry-server.ts';

await runAsProcess(createRegistryServer(), process);
