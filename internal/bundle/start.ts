/**
 * What `dist/cmd/<name>/main.js` says. What V8 compiled is kept in `bundle/compiled`, from which the next start is a
 * third quicker; not where the package is somebody else's: that one is to find nothing of ours there, nor we of his. A
 * folder that cannot be written to is no failure, and `NODE_COMPILE_CACHE` names another.
 */
export function startText(name: string): string {
  return `#!/usr/bin/env node
const { statSync } = process.getBuiltinModule('node:fs');
const bundle = \`\${import.meta.dirname}/../../bundle\`;
if (process.env.NODE_COMPILE_CACHE === undefined && statSync(bundle).uid === process.getuid?.()) {
  const { directory } = process.getBuiltinModule('node:module').enableCompileCache(\`\${bundle}/compiled\`);
  if (directory !== undefined) process.env.NODE_COMPILE_CACHE = \`\${bundle}/compiled\`; // for threads
}
await import('../../bundle/${name}.js');
`;
}
