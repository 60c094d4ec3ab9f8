// Bundles the islands with esbuild and writes the licence notices of everything that ended up inside.
//
//   node build.mjs <output folder>
//
// One entry per island, shared chunks, no inline script and no eval in the result (the pages run under a strict
// content security policy).

import { createHash } from 'node:crypto';
import { build } from 'esbuild';
import { access, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(here, '../static/dist'));

// One line per island, each a page of its own or a part of one.
const ISLANDS = [
  'app',
  'compare',
  'dmn',
  'flow',
  'form',
  'form-editor',
  'list',
  'modeler',
  'task',
  'viewer'
];

// Libraries that say something in English without asking anybody for a translation: each file of `literals/` names one of
// them (or several files of it, as `patches`) and what is said instead. The build stops when such a text has moved.
const LITERALS = (await Promise.all(
  (await readdir(path.join(here, 'literals'))).sort().map((name) => import(`./literals/${name}`))
)).flatMap((one) => one.patches ?? [one]);

const literals = {
  name: 'untranslated-literals',
  setup(build) {
    for (const { file, unless, texts } of LITERALS) {
      build.onLoad({ filter: file }, async ({ path: name }) => {
        if (unless?.test(name)) return undefined;
        let contents = (await readFile(name, 'utf8')).replaceAll('\r\n', '\n');
        for (const [from, to] of texts) {
          if (contents.split(from).length !== 2) {
            throw new Error(`${name}: expected exactly one ${from}; the library has changed, adapt literals/`);
          }
          contents = contents.replace(from, () => to);
        }
        return { contents, loader: 'js' };
      });
    }
  }
};

// Two versions of one library on one page: a style sheet imported with `?within=name` holds inside `.name` only, and weighs what
// it weighed before.
const scoped = {
  name: 'scoped-styles',
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path: name, suffix }) => {
      const within = /^\?within=([\w-]+)$/.exec(suffix)?.[1];
      if (!within) return undefined;
      const contents = await readFile(name, 'utf8');
      return { contents: contents.replace(/\.fjs-container(?![\w-])/g, `:where(.${within}) .fjs-container`), loader: 'css' };
    });
  }
};

// Pictures that a library's style sheet carries inside itself become files: the policy of the pages lets pictures come from
// this site alone.
const pictures = {
  name: 'pictures-as-files',
  setup(build) {
    build.onResolve({ filter: /^data:image\// }, ({ path: url, kind }) => {
      if (kind !== 'url-token') return undefined;
      const [, type, base64, body] = /^data:image\/([a-z]+)[^;,]*(?:;(?!base64)[^;,]*)*(;base64)?,(.*)$/s.exec(url);
      const contents = base64 ? Buffer.from(body, 'base64') : Buffer.from(decodeURIComponent(body));
      const name = createHash('sha256').update(contents).digest('hex').slice(0, 16);
      return { path: `${name}.${type}`, namespace: 'picture', pluginData: { contents } };
    });
    build.onLoad({ filter: /./, namespace: 'picture' }, ({ pluginData }) => ({ ...pluginData, loader: 'file' }));
  }
};

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });

const result = await build({
  absWorkingDir: here,
  entryPoints: Object.fromEntries(ISLANDS.map((name) => [name, `src/${name}.js`])),
  outdir: out,
  bundle: true,
  format: 'esm',
  splitting: true,
  minify: true,
  metafile: true,
  target: ['chrome90', 'firefox90', 'safari15'],
  charset: 'utf8',
  legalComments: 'none',
  chunkNames: 'chunk-[hash]',
  assetNames: 'asset-[hash]',
  loader: { '.svg': 'file', '.woff': 'file', '.woff2': 'file', '.ttf': 'file', '.eot': 'file' },
  define: { 'process.env.NODE_ENV': '"production"' },
  plugins: [literals, scoped, pictures],
  logLevel: 'warning'
});

await writeFile(path.join(out, 'THIRD_PARTY_NOTICES.txt'), await notices(Object.keys(result.metafile.inputs)));

for (const [name, { bytes }] of Object.entries(result.metafile.outputs)) {
  console.log(`${path.basename(name).padEnd(24)} ${(bytes / 1024).toFixed(0).padStart(6)} KB`);
}

/** The name, version, licence name and licence text of every package some input file belongs to. */
async function notices(inputs) {
  const folders = new Set();
  for (const input of inputs) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input.replaceAll('\\', '/'));
    if (found) folders.add(found[1]);
  }
  const parts = [];
  for (const folder of [...folders].sort()) {
    const root = path.join(here, folder);
    const about = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
    const names = (await readdir(root)).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort();
    const texts = await Promise.all(names.map((name) => readText(path.join(root, name))));
    const text = texts.filter(Boolean).join('\n\n') || '(the package ships no licence file; see its home page)';
    parts.push(`${'='.repeat(80)}\n${about.name} ${about.version} (${about.license ?? 'no licence field'})\n` +
      `${about.homepage ?? ''}\n\n${text.trim()}\n`);
  }
  return `Third-party software inside these bundles: ${parts.length} packages.\n\n${parts.join('\n')}`;
}

async function readText(name) {
  try {
    await access(name);
    return await readFile(name, 'utf8');
  } catch {
    return '';
  }
}
