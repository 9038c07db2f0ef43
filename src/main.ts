#!/usr/bin/env node
import { keepCompiledCode } from './cli/compile-cache.ts';

keepCompiledCode();
// Loaded behind it, so that it is kept.
const { runCommand } = await import('./cli/cli.ts');
process.exitCode = await runCommand(process.argv.slice(2));
