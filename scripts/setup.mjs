// Brings node_modules in line with package-lock.json. Runs on any Node that npm runs on; what it installs includes the
// Node that everything else runs on. Does nothing when the lock file is the one installed last.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = `${root}node_modules/.azimuth-setup`;
const wanted = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .digest('hex');
const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';

if (installed !== wanted) {
  process.stderr.write('azimuth: installing dependencies (once, about 15 s)\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['ci', '--ignore-scripts', '--silent', '--no-audit', '--no-fund'];
  const ran = spawnSync(npm, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (ran.status !== 0) {
    process.stderr.write('azimuth: "npm ci" failed. Run "npm ci --ignore-scripts" to see why.\n');
    process.exit(ran.status ?? 1);
  }
  writeFileSync(stamp, wanted);
}
